#include "plugins/kingdee/src/groups.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <set>
#include <vector>

#include "plugins/kingdee/src/errors.hpp"

namespace kingdee {
namespace {

namespace json = boost::json;

constexpr std::size_t ids_per_request = 200;
constexpr std::string_view whole_cursor = "whole";  // there are no changes to go on with

struct Member {
  std::string_view name;
  Kind kind;
};
constexpr Member members[] = {
    {"FID", Kind::id},       {"FNUMBER", Kind::text},       {"FNAME", Kind::text},
    {"FPARENTID", Kind::id}, {"FFULLPARENTID", Kind::text}, {"FDESCRIPTION", Kind::text}};

std::int64_t id_in(const json::object& group, std::string_view name) {
  const json::value* value = group.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

template <class Ids>
std::vector<std::string> comma_lists(const Ids& ids) {
  std::vector<std::string> lists;
  std::size_t count = 0;
  for (const std::int64_t id : ids) {
    if (count++ % ids_per_request == 0) lists.emplace_back();
    if (!lists.back().empty()) lists.back() += ',';
    lists.back() += std::to_string(id);
  }
  return lists;
}

}  // namespace

GroupReader::Groups GroupReader::ask(huiliu::Call& call, const std::string& groups,
                                     const std::string& customers) {
  const json::object body{{"data", json::object{{"FormId", "BD_Customer"},
                                                {"GroupFieldKey", "FGroup"},
                                                {"GroupPkIds", groups},
                                                {"Ids", customers}}}};
  const Answer answer = client_.read(call, "QueryGroupInfo", body);
  boost::system::error_code error;
  const json::value* rows = answer.body.find_pointer("/Result/NeedReturnData", error);
  if (error || rows == nullptr || !rows->is_array())
    throw huiliu::DataError("the answer to QueryGroupInfo has no groups");
  Groups found;
  for (const json::value& row : rows->get_array()) {
    const json::object* given = row.if_object();
    if (given == nullptr) continue;
    json::object group;
    for (const Member& member : members) {
      const json::value* value = given->if_contains(member.name);
      group[member.name] = decode(member.kind, value == nullptr ? json::value() : *value);
    }
    if (const std::int64_t id = id_in(group, "FID"); id > 0) found.emplace(id, std::move(group));
  }
  return found;
}

GroupReader::Groups GroupReader::of_customers(huiliu::Call& call) {
  Groups found;
  std::int64_t after = 0;
  while (true) {
    call.stop_if_cancelled();
    const Rows rows = customers_.query(call, [&] {
      return Query{{{"FCUSTID", Kind::id}},
                   after > 0 ? "FCUSTID>" + std::to_string(after) : "",
                   "FCUSTID ASC",
                   settings_.page_size};
    });
    std::vector<std::int64_t> ids;
    for (std::size_t row = 0; row < rows.size(); ++row) ids.push_back(rows.id(row, "FCUSTID"));
    for (const std::string& list : comma_lists(ids)) found.merge(ask(call, {}, list));
    if (rows.size() < static_cast<std::size_t>(settings_.page_size)) return found;
    after = ids.back();
  }
}

// A customer names the group that he is in; that group may be in another one.
void GroupReader::add_parents(huiliu::Call& call, Groups& known) {
  while (true) {
    std::set<std::int64_t> wanted;
    for (const auto& [id, group] : known)
      if (const std::int64_t parent = id_in(group, "FPARENTID"); parent > 0 && !known.contains(parent))
        wanted.insert(parent);
    const std::size_t before = known.size();
    for (const std::string& list : comma_lists(wanted)) known.merge(ask(call, list, {}));
    if (known.size() == before) return;  // nothing new, or parents that nobody shows
  }
}

GroupReader::Groups GroupReader::all(huiliu::Call& call) {
  try {
    return ask(call, {}, {});
  } catch (const huiliu::Failure& failure) {
    if (failure.status != HUILIU_DATA) throw;
    call.info("the site wants to be told which groups: asking for those of its customers");
  }
  try {
    Groups known = of_customers(call);
    add_parents(call, known);
    return known;
  } catch (const huiliu::Failure& failure) {
    if (failure.status != HUILIU_DATA) throw;
    throw huiliu::Unsupported("该站点不提供客户分组 (this site does not tell its groups): " +
                              failure.message);
  }
}

void GroupReader::read(huiliu::Call& call, bool keys_only, std::uint64_t limit, huiliu::RecordSink& out) {
  huiliu::Batch batch(group_stream);
  for (const auto& [id, group] : all(call)) {
    if (limit > 0 && batch.size() >= limit) break;
    batch.upsert(std::to_string(id), keys_only ? "{}" : json::serialize(group));
  }
  out.emit(batch);
  out.checkpoint(keys_only ? std::string_view() : whole_cursor);
}

void GroupReader::lookup(huiliu::Call& call, std::span<const std::string> keys, huiliu::RecordSink& out) {
  std::set<std::int64_t> ids;
  for (const std::string& key : keys) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (error == std::errc() && end == key.data() + key.size() && id > 0) ids.insert(id);
  }
  Groups found;
  for (const std::string& list : comma_lists(ids)) found.merge(ask(call, list, {}));
  huiliu::Batch batch(group_stream);
  for (const std::string& key : keys) {
    const auto group = std::find_if(found.begin(), found.end(),
                                    [&](const auto& one) { return std::to_string(one.first) == key; });
    if (group == found.end())
      batch.remove(key);
    else
      batch.upsert(key, json::serialize(group->second));
  }
  out.emit(batch);
  out.checkpoint();
}

}  // namespace kingdee
