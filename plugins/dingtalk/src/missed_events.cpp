#include "plugins/dingtalk/src/missed_events.hpp"

#include <array>
#include <chrono>
#include <utility>

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

constexpr int kPagesMax = 100;  // a list that does not empty must not use up the month

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNames{
    std::pair{"call_back_tag", "eventType"}, std::pair{"corpid", "corpId"}, std::pair{"userid", "userId"},
    std::pair{"deptid", "deptId"}};

// Approvals stand in objects of their own, one or two levels down.
void flatten(const json::object& from, json::object& into) {
  for (const auto& part : from) {
    if (part.value().is_object()) {
      flatten(part.value().get_object(), into);
      continue;
    }
    std::string_view name = part.key();
    for (const auto& [listed, usual] : kNames)
      if (name == listed) name = usual;
    into.insert_or_assign(name, part.value());
  }
}

void pull(huiliu::Call& call, const Settings& settings, const Client& client, huiliu::RecordSink& out) {
  for (int page = 0; page < kPagesMax; ++page) {
    call.stop_if_cancelled();
    const Answer answer = client.oapi_get(call, "/call_back/get_call_back_failed_result");
    for (const json::value* entry : items_of(field(answer.body, "failed_list")))
      if (const Event event = missed_event(*entry, settings); !event.hints.empty()) emit_hints(event, out);
    if (scalar_text(field(answer.body, "has_more") == nullptr ? json::value(false)
                                                              : *field(answer.body, "has_more")) != "true")
      return;
  }
  call.warn("DingTalk's list of missed events does not empty: the rest is left to the next time");
}

}  // namespace

Event missed_event(const json::value& entry, const Settings& settings) {
  if (!entry.is_object()) return {};
  json::object event;
  flatten(entry.get_object(), event);
  const std::string id = "missed/" + text_at(event, "eventType") + "/" + text_at(event, "event_time");
  event["eventId"] = id;
  return parse_event(json::serialize(event), settings);
}

void hear_missed_events(huiliu::Call& call, const Settings& settings, const Client& client,
                        huiliu::RecordSink& out) {
  while (true) {
    try {
      pull(call, settings, client, out);
    } catch (const huiliu::Failure& failure) {
      if (failure.status != HUILIU_RETRY && failure.status != HUILIU_THROTTLED) throw;
      call.warn("DingTalk's list of missed events could not be read; it is asked for again later",
                {{"reason", failure.message}});
    }
    call.sleep(std::chrono::minutes(settings.missed_events_minutes));
  }
}

}  // namespace dingtalk
