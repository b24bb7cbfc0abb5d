#include "plugins/dingtalk/twin/query.hpp"

#include <algorithm>

#include "plugins/dingtalk/src/beijing_time.hpp"
#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk::twin {
namespace {

using huiliu::twin::Record;
using huiliu::twin::RecordStore;
using huiliu::twin::TwinError;

TwinError invalid_query(const char* why) { return {400, "queryDsl.invalid.json", why}; }

bool is_time(std::string_view name) { return name == "gmt_modified" || name == "gmt_create"; }
bool is_people(std::string_view name) { return name == "principal" || name == "participant"; }

Condition parse_condition(const json::value& from, const Form& form, IdQuery ids) {
  Condition condition;
  condition.field = text_at(from, "fieldId");
  const std::string filter = text_at(from, "filterType");
  using enum Condition::Filter;
  if (filter == "EQ")
    condition.filter = equal;
  else if (filter == "SEARCH")
    condition.filter = search;
  else if (filter == "IN")
    condition.filter = in;
  else if (filter == "BETWEEN")
    condition.filter = between;
  else
    throw invalid_query("filterType");
  const bool system = is_time(condition.field) || is_people(condition.field) ||
                      (ids == IdQuery::accepted && condition.field == "instanceId");
  if (!system && form.find(condition.field) == nullptr)
    throw TwinError(400, "fieldId.not.exists", "fieldId不存在: " + condition.field);
  const json::value* value = field(from, "value");
  if (value == nullptr) throw invalid_query("value");
  const bool list = condition.filter == in || condition.filter == between;
  if (list != value->is_array()) throw invalid_query("value");
  condition.values = texts_of(value);
  if (condition.filter == between && condition.values.size() != 2) throw invalid_query("BETWEEN");
  if (is_time(condition.field))
    for (const std::string& text : condition.values)
      if (!parse_beijing(text)) throw invalid_query("time");
  return condition;
}

std::vector<std::string> shown_values(const Condition& condition, const json::object& body) {
  if (condition.field == "principal") return owners_of(body);
  if (condition.field == "participant") return participants_of(body);
  const char* member = condition.field == "gmt_modified" ? "gmtModified"
                       : condition.field == "gmt_create" ? "gmtCreate"
                       : condition.field == "instanceId" ? "instanceId"
                                                         : nullptr;
  if (member == nullptr) return {field_text(body, condition.field)};
  const json::value* value = body.if_contains(member);
  return {value == nullptr ? std::string() : scalar_text(*value)};
}

bool holds(const Condition& condition, const json::object& body) {
  const std::vector<std::string> shown = shown_values(condition, body);
  const auto& wanted = condition.values;
  return std::any_of(shown.begin(), shown.end(), [&](const std::string& text) {
    switch (condition.filter) {
      case Condition::Filter::equal:
        return text == wanted.front();
      case Condition::Filter::search:
        return text.find(wanted.front()) != std::string::npos;
      case Condition::Filter::in:
        return std::find(wanted.begin(), wanted.end(), text) != wanted.end();
      case Condition::Filter::between:
        return text >= wanted[0] && text <= wanted[1];
    }
    return false;
  });
}

// The condition that every match meets and that an index answers; null: none.
const Condition* indexed(const Query& query, const CrmIndex& index) {
  for (const Group& group : query.groups) {
    if (!group.all && group.conditions.size() > 1) continue;
    for (const Condition& condition : group.conditions) {
      const bool by_value =
          condition.filter == Condition::Filter::equal || condition.filter == Condition::Filter::in;
      if (by_value && (condition.field == "instanceId" || index.has(condition.field))) return &condition;
    }
  }
  return nullptr;
}

const Condition* time_window(const Query& query) {
  for (const Group& group : query.groups) {
    if (!group.all && group.conditions.size() > 1) continue;
    for (const Condition& condition : group.conditions)
      if (condition.field == "gmt_modified" && condition.filter == Condition::Filter::between)
        return &condition;
  }
  return nullptr;
}

using Candidates = std::vector<CrmIndex::TimeKey>;

Candidates by_value(const Condition& condition, const CrmIndex& index, const RecordStore& store,
                    std::string_view stream) {
  Candidates found;
  const auto add = [&](const std::string& key) {
    if (const Record record = store.find(stream, key))
      found.emplace_back(scalar_text(record->at("gmtModified")), key);
  };
  for (const std::string& value : condition.values) {
    if (condition.field == "instanceId")
      add(value);
    else
      for (const std::string& key : index.equal(condition.field, value)) add(key);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

class Collector {
 public:
  Collector(const Query& query, const RecordStore& store, std::string_view stream, std::size_t skip,
            std::size_t limit)
      : query_(query), store_(store), stream_(stream), skip_(skip), limit_(limit) {}

  // Rows that are known to match and were stepped over.
  void passed(std::size_t rows) { selection_.total += rows; }
  void take(const CrmIndex::TimeKey& key) {
    const Record record = store_.find(stream_, key.second);
    if (!record || !matches(query_, *record)) return;
    ++selection_.total;
    if (selection_.total <= skip_) return;
    if (selection_.records.size() < limit_)
      selection_.records.push_back(record);
    else
      selection_.more = true;
  }
  // One more than the page is known: that suffices to say that there is more.
  bool enough() const { return selection_.more; }
  Selection result() { return std::move(selection_); }

 private:
  const Query& query_;
  const RecordStore& store_;
  std::string_view stream_;
  std::size_t skip_, limit_;
  Selection selection_;
};

template <class Iterator>
void take_all(Iterator from, Iterator to, bool descending, Collector& collector) {
  if (descending) {
    for (Iterator at = to; at != from && !collector.enough();) collector.take(*--at);
  } else {
    for (Iterator at = from; at != to && !collector.enough(); ++at) collector.take(*at);
  }
}

}  // namespace

Query parse_query(std::string_view dsl, const Form& form, IdQuery ids) {
  Query query;
  if (dsl.empty()) return query;
  const std::optional<json::value> parsed = parse_json(dsl);
  if (!parsed || !parsed->is_object()) throw invalid_query("queryDsl is no JSON object");
  const json::value* groups = field(*parsed, "queryGroupList");
  if (groups != nullptr && !groups->is_array()) throw invalid_query("queryGroupList");
  for (const json::value* from : items_of(groups)) {
    Group group;
    const std::string logic = text_at(*from, "logicType");
    if (logic != "AND" && logic != "OR") throw invalid_query("logicType");
    group.all = logic == "AND";
    const json::value* list = field(*from, "queryObjectList");
    if (list == nullptr || !list->is_array()) throw invalid_query("queryObjectList");
    for (const json::value* condition : items_of(list))
      group.conditions.push_back(parse_condition(*condition, form, ids));
    query.groups.push_back(std::move(group));
  }
  const std::string order_field = text_at(*parsed, "orderFieldId");
  if (!order_field.empty() && !is_time(order_field)) throw invalid_query("orderFieldId");
  const std::string order = text_at(*parsed, "order");
  if (!order.empty() && order != "asc" && order != "desc") throw invalid_query("order");
  query.descending = order == "desc";
  return query;
}

bool matches(const Query& query, const json::object& body) {
  return std::all_of(query.groups.begin(), query.groups.end(), [&](const Group& group) {
    const auto meets = [&](const Condition& condition) { return holds(condition, body); };
    return group.all ? std::all_of(group.conditions.begin(), group.conditions.end(), meets)
                     : std::any_of(group.conditions.begin(), group.conditions.end(), meets);
  });
}

Selection select(const Query& query, const CrmIndex& index, const RecordStore& store, std::string_view stream,
                 std::size_t skip, std::size_t limit) {
  Collector collector(query, store, stream, skip, limit);
  if (const Condition* condition = indexed(query, index)) {
    const Candidates found = by_value(*condition, index, store, stream);
    take_all(found.begin(), found.end(), query.descending, collector);
    return collector.result();
  }
  const auto& times = index.by_time();
  auto from = times.begin();
  auto to = times.end();
  if (const Condition* window = time_window(query)) {
    from = times.lower_bound({window->values[0], ""});
    to = times.upper_bound({window->values[1], "\x7f"});
    if (window->values[1] < window->values[0]) to = from;
  }
  const bool all_match =
      query.groups.empty() ||
      (query.groups.size() == 1 && query.groups[0].conditions.size() == 1 && time_window(query) != nullptr);
  if (all_match && !query.descending) {
    std::size_t rows = 0;
    for (; from != to && rows < skip; ++from) ++rows;
    collector.passed(rows);
  }
  take_all(from, to, query.descending, collector);
  return collector.result();
}

}  // namespace dingtalk::twin
