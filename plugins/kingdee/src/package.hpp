// package.hpp - what a write asks for, checked and put into the form of a save package. Pure: no I/O.
//
// The hub hands over the fields to change in the shape in which a read shows them. Here that becomes, for
// each row of the product, the fields that really differ, in the order in which the product wants them, and a
// judgement on what may be written in which state.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "huiliu/plugin.hpp"
#include "plugins/kingdee/src/table.hpp"

namespace kingdee {

/// The change of one row (one customer in one organisation).
struct RowChange {
  std::int64_t row = 0;        ///< 0: create
  std::string status;          ///< FDocumentStatus as last seen
  boost::json::object fields;  ///< save keys and values, in save order; what does not differ is left out
  std::string organisation;    ///< number of the row's using organisation
  std::string
      allocate;  ///< number of an organisation for which the customer has no row yet; `fields`: of that row
  std::string forbid;          ///< wanted FForbidStatus: "A", "B", or empty: as it is
  bool listed = true;          ///< every field may be edited on an approved record
  std::string first_unlisted;  ///< the first that may not

  bool empty() const { return fields.empty() && forbid.empty() && allocate.empty(); }
};

/// The package of a create. Throws huiliu::DataError with a pointer to the member that cannot be written.
RowChange create_package(const Table& table, const Settings& settings, const boost::json::object& body,
                         std::string_view operation_id);

/// The changes that turn `current` (a record as read) into what `body` asks: the head row first, then those
/// of "organisations". An element for an organisation without a row is an allocation, with the fields
/// that go into the new row. Rows without a difference are left out. Throws as create_package.
std::vector<RowChange> update_packages(const Table& table, const Settings& settings,
                                       const boost::json::object& current, const boost::json::object& body);

/// {"NeedUpDateFields":…,"IsDeleteEntry":"false","Model":…} around one or several models. `need` empty: a
/// create.
boost::json::object save_data(const std::vector<std::string>& need, boost::json::value model);

/// The names of NeedUpDateFields: the head's keys, each entry and its keys.
std::vector<std::string> needed_fields(const boost::json::object& fields);

/// Model of a change: the key first, then the fields.
boost::json::object model_of(const Table& table, const RowChange& change);

/// The member whose text the input firewall is likely to refuse; empty when none looks so.
std::string suspicious_member(const boost::json::object& fields);

}  // namespace kingdee
