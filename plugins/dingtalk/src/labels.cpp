#include "plugins/dingtalk/src/labels.hpp"

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

constexpr std::int64_t kGroupsPage = 100;
constexpr std::string_view kListed = R"({"v":1,"phase":"done"})";

}  // namespace

// Pages count groups; as with the contacts neither a total nor has_more tells the end.
std::map<std::string, json::object, std::less<>> Labels::all(huiliu::Call& call) const {
  std::map<std::string, json::object, std::less<>> labels;
  for (std::int64_t offset = 0;; offset += kGroupsPage) {
    call.stop_if_cancelled();
    const Answer answer = client_.oapi(call, "/topapi/extcontact/listlabelgroups",
                                       json::object{{"size", kGroupsPage}, {"offset", offset}});
    const std::vector<const json::value*> groups = items_of(field(answer.body, "results"));
    for (const json::value* group : groups)
      for (const json::value* label : items_of(field(*group, "labels")))
        if (const std::string id = text_at(*label, "id"); !id.empty())
          labels.insert_or_assign(id, json::object{{"id", id},
                                                   {"name", text_at(*label, "name")},
                                                   {"group_name", text_at(*group, "name")}});
    if (static_cast<std::int64_t>(groups.size()) < kGroupsPage) return labels;
  }
}

void Labels::read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) const {
  huiliu::Batch batch(request.stream);
  for (const auto& [id, body] : all(call)) {
    if (request.limit > 0 && batch.size() >= request.limit) break;
    batch.upsert(id, request.mode == HUILIU_READ_KEYS ? "{}" : json::serialize(body));
  }
  out.emit(batch);
  out.checkpoint(kListed);
}

void Labels::lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) const {
  const auto labels = all(call);
  huiliu::Batch batch(request.stream);
  for (const std::string_view key : request.keys) {
    const auto known = labels.find(key);
    if (known == labels.end())
      batch.remove(key);
    else
      batch.upsert(key, json::serialize(known->second));
  }
  out.emit(batch);
}

}  // namespace dingtalk
