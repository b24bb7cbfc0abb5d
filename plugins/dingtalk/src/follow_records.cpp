#include "plugins/dingtalk/src/follow_records.hpp"

#include <algorithm>
#include <exception>

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

using huiliu::Outcome;

constexpr std::string_view kFollowRecords = "/v1.0/crm/followRecords/batch";
constexpr std::size_t kFollowItemsMax = 40, kFollowFieldsMax = 256;

std::string follow_up_text(const json::value& value) {
  return value.is_array() || value.is_object() ? json::serialize(value) : scalar_text(value);
}

json::object follow_up_of(const huiliu::Record& record) {
  const std::optional<json::value> body = parse_json(record.body);
  const json::value* data = body ? field(*body, "data") : nullptr;
  if (data == nullptr || !data->is_object() || data->get_object().empty())
    throw huiliu::DataError("跟进记录需要 data (a follow-up needs its data)", {}, "/data");
  if (data->get_object().size() > kFollowFieldsMax)
    throw huiliu::DataError("a follow-up has at most 256 fields", {}, "/data");
  json::array fields;
  for (const auto& member : data->get_object()) {
    const json::value* inner = field(member.value(), "value");
    json::object entry{{"key", member.key()},
                       {"value", follow_up_text(inner != nullptr ? *inner : member.value())}};
    if (const json::value* extended = field(member.value(), "extendValue");
        inner != nullptr && extended != nullptr)
      entry["extendValue"] = follow_up_text(*extended);
    fields.push_back(std::move(entry));
  }
  json::object instance{{"dataArray", std::move(fields)}};
  if (!record.key.empty()) instance["instanceId"] = record.key;
  return instance;
}

Outcome judged_follow_up(const json::value& result, std::string_view key, std::int64_t now_s) {
  if (true_at(result, "success")) {
    std::string id = text_at(result, "instanceId");
    if (id.empty()) id = key;
    return id.empty() ? Outcome::in_doubt("DingTalk made a follow-up and did not say which")
                      : Outcome::applied(id);
  }
  if (field(result, "success") == nullptr)
    return Outcome::in_doubt("DingTalk did not say what became of the record");
  const Refusal refusal = item_refusal(text_at(result, "errorCode"), text_at(result, "errorMsg"), now_s);
  return {outcome_of(refusal.kind), {}, {}, {}, Refused(refusal)};
}

}  // namespace

void write_follow_records(huiliu::Call& call, const Settings& settings, const Client& client,
                          const huiliu::Records& records, huiliu::ResultSink& out) {
  if (settings.operator_user_id.empty())
    throw huiliu::ConfigError("a follow-up needs a person in whose name it is made", {}, "/operator_user_id");
  std::vector<std::optional<Outcome>> outcomes(records.size());
  std::exception_ptr ended;
  const auto send = [&](bool creates) {
    for (std::size_t at = 0; at < records.size();) {
      json::array items;
      std::vector<std::size_t> places;
      for (; at < records.size() && items.size() < kFollowItemsMax; ++at) {
        const huiliu::Record record = records[at];
        if (outcomes[at] || record.key.empty() != creates) continue;
        if (record.deletes()) {
          outcomes[at] = Outcome::rejected("this connector deletes nothing in DingTalk");
          continue;
        }
        try {
          items.push_back(follow_up_of(record));
          places.push_back(at);
        } catch (const huiliu::DataError& wrong) {
          outcomes[at] = Outcome{HUILIU_REJECTED, {}, {}, {}, wrong};
        }
      }
      if (items.empty()) continue;
      const auto all = [&](const Outcome& outcome) {
        for (const std::size_t place : places) outcomes[place] = outcome;
      };
      try {
        const Answer answer =
            client.api(call, {.method = creates ? "POST" : "PUT",
                              .path = std::string(kFollowRecords),
                              .body = json::object{{"operatorUserId", settings.operator_user_id},
                                                   {"instanceList", std::move(items)}},
                              .repeat = ApiRequest::Repeat::once});
        const auto results = items_of(field(answer.body, "results"));
        for (std::size_t i = 0; i < places.size(); ++i)
          outcomes[places[i]] = i < results.size()
                                    ? judged_follow_up(*results[i], records[places[i]].key, answer.at_s)
                                    : Outcome::in_doubt("DingTalk did not say what became of the record");
      } catch (const huiliu::NoAnswer& none) {
        all({none.maybe_delivered ? HUILIU_IN_DOUBT : HUILIU_DEFERRED, {}, {}, {}, none});
        throw;
      } catch (const Refused& refused) {
        all({outcome_of(refused.kind), {}, {}, {}, refused});
        if (outcome_of(refused.kind) == HUILIU_DEFERRED || outcome_of(refused.kind) == HUILIU_IN_DOUBT) throw;
      }
    }
  };
  try {
    send(true);
    send(false);
  } catch (const huiliu::Cancelled&) {
    ended = std::current_exception();
  } catch (const huiliu::Failure&) {
    ended = std::current_exception();
  }
  for (std::size_t i = 0; i < records.size(); ++i)
    out.report(i, outcomes[i] ? *outcomes[i] : Outcome::deferred("not tried"));
  if (ended) std::rethrow_exception(ended);
}

}  // namespace dingtalk
