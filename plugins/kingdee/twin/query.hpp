// query.hpp - ExecuteBillQuery and BillQuery over the rows of a site.
//
// A page is found through an index and costs what it holds: keyset filters on the id or the master, windows
// over the dates, equality on numbers and names. Only a query with none of these looks at every row.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "plugins/kingdee/twin/site.hpp"

namespace kingdee_twin {

/// A query that the product refuses; the text is its own.
struct QueryRefused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct QueryLimits {
  std::int64_t ceiling = 10'000;   ///< more than this is refused; older sites: 2000
  std::int64_t otherwise = 2'000;  ///< for Limit 0
};

/// How rows are printed: ExecuteBillQuery [[…]], or BillQuery [{…}].
enum class Print { arrays, objects };

/// `data` as sent: FormId, FieldKeys, FilterString, OrderString, TopRowCount, StartRow, Limit. Throws
/// QueryRefused.
boost::json::array run_query(const Site& site, const boost::json::object& data, const QueryLimits& limits,
                             Print print);

}  // namespace kingdee_twin
