// queryDsl of the CRM: parsed strictly, answered in pages from the index.
//
// Threads: none of its own. Errors: TwinError 400 with the vendor's code (queryDsl.invalid.json,
// fieldId.not.exists).
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/dingtalk/twin/crm_index.hpp"
#include "plugins/dingtalk/twin/form.hpp"
#include "sdk/twin/record_store.hpp"

namespace dingtalk::twin {

struct Condition {
  enum class Filter { equal, search, in, between };
  std::string field;
  Filter filter = Filter::equal;
  std::vector<std::string> values;  // between: two
};

struct Group {
  bool all = true;  // AND, else OR
  std::vector<Condition> conditions;
};

struct Query {
  std::vector<Group> groups;  // all of them hold
  bool descending = false;
};

enum class IdQuery { accepted, refused };  // may instanceId be asked for

// "" is a query without conditions.
Query parse_query(std::string_view dsl, const Form& form, IdQuery ids);

bool matches(const Query& query, const boost::json::object& body);

struct Selection {
  std::vector<huiliu::twin::Record> records;
  bool more = false;
  std::size_t total = 0;
};

// `skip` matches are left out, at most `limit` returned, in order of gmtModified.
Selection select(const Query& query, const CrmIndex& index, const huiliu::twin::RecordStore& store,
                 std::string_view stream, std::size_t skip, std::size_t limit);

}  // namespace dingtalk::twin
