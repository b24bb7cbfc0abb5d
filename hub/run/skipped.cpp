#include "hub/run/skipped.hpp"

#include <algorithm>
#include <map>

namespace huiliu::run {
namespace {

using model::Array;
using model::Object;
using model::Value;

constexpr const char* skipped_space = "skipped";

struct ReasonWords {
  const char *reason, *zh, *en;
};
constexpr ReasonWords reason_words[] = {
    {"overlap", "上一次还没结束", "the one before was still under way"},
    {"collapsed", "与已在等待的一次合并", "one that waits already does its work too"},
    {"missed", "当时没有运行，已超出补做范围", "nobody was there, and it is too late to catch up"},
    {"off_time", "停用时段内", "within a time in which the system is left alone"},
    {"paused", "系统已暂停", "its systems are paused"},
    {"buffer_full", "等待的太多", "too many wait already"}};

Array fires_kept(store::Snapshot& snapshot, const std::string& job) {
  const auto text = snapshot.load_value(skipped_space, job);
  if (!text) return {};
  auto value = model::parse_json(*text);
  Array* list = value.ok() ? value->if_array() : nullptr;
  return list == nullptr ? Array{} : std::move(*list);  // a value that cannot be read is written anew
}

}  // namespace

void note_skipped(store::Transaction& transaction, const std::vector<Skipped>& skipped, model::Micros now) {
  std::map<std::string, std::vector<const Skipped*>> jobs;
  for (const Skipped& one : skipped) jobs[one.job].push_back(&one);
  for (auto& [job, fires] : jobs) {
    Array list = fires_kept(transaction, job);
    // Of a long gap only the newest.
    for (std::size_t i = fires.size() - std::min(fires.size(), skipped_kept); i < fires.size(); ++i)
      list.push_back(Object{{"written", model::to_rfc3339(fires[i]->written)},
                            {"reason", fires[i]->reason},
                            {"at", model::to_rfc3339(now)}});
    if (list.size() > skipped_kept)
      list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(skipped_kept));
    transaction.save_value(skipped_space, job, model::to_json(Value(std::move(list))));
  }
}

Array skipped_fires(store::Snapshot& snapshot, const std::string& job) {
  Array rows;
  for (const auto& [name, text] : snapshot.list_values(skipped_space)) {
    if (!job.empty() && name != job) continue;
    for (const Value& fire : fires_kept(snapshot, name)) {
      Object row{{"job", name}, {"written", fire["written"]}, {"reason", fire["reason"]}};
      for (const ReasonWords& each : reason_words)
        if (fire["reason"].to_text() == each.reason) row.set("zh", each.zh), row.set("en", each.en);
      row.set("at", fire["at"]);
      rows.push_back(std::move(row));
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Value& a, const Value& b) {
    return b["written"].to_text() < a["written"].to_text();
  });
  return rows;
}

}  // namespace huiliu::run
