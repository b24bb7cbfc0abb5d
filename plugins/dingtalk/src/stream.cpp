#include "plugins/dingtalk/src/stream.hpp"

#include <algorithm>
#include <huiliu/websocket.hpp>

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPingAfter{60'000};  // as the vendor's SDKs do
constexpr milliseconds kQuietWait{60'000};
constexpr milliseconds kLeastPause{1'000}, kMostPause{60'000};
constexpr std::string_view kStored = R"({"status":"SUCCESS","message":"success"})";
constexpr std::string_view kNotStored = R"({"status":"LATER","message":"not stored"})";

// Where the channel is, with its one-time ticket.
std::string channel_url(huiliu::Call& call, const Client& client) {
  const json::value answer = client.open_stream(call).body;
  const std::string endpoint = text_at(answer, "endpoint"), ticket = text_at(answer, "ticket");
  if (endpoint.empty() || ticket.empty())
    throw huiliu::RetryLater("DingTalk opened a stream without an endpoint or ticket");
  return endpoint + (endpoint.find('?') == std::string::npos ? "?ticket=" : "&ticket=") +
         percent_encoded(ticket);
}

enum class AfterFrame { stay, reconnect };

// The hub itself cannot take events: nothing that another connection would mend.
struct NotStored : huiliu::Failure {
  using Failure::Failure;
};

class Channel {
 public:
  Channel(huiliu::Call& call, const Settings& settings, const std::string& url, huiliu::RecordSink& out)
      : call_(call), settings_(settings), out_(out), socket_(call, {.url = url, .ping_after = kPingAfter}) {}

  // Until the vendor wants another connection. `heard` becomes true with the first frame.
  void run(bool& heard) {
    while (true) {
      const std::optional<std::string> text = socket_.receive(call_, kQuietWait);
      if (!text) continue;  // quiet; the host's pings tell whether it still stands
      heard = true;
      const std::optional<Frame> frame = parse_frame(*text);
      if (!frame) {
        call_.warn("DingTalk's stream sent something that is no frame");
        continue;
      }
      if (take(*frame) == AfterFrame::reconnect) return;
    }
  }

 private:
  AfterFrame take(const Frame& frame) {
    if (frame.type == "SYSTEM" && frame.topic == "ping") {
      answer(frame, 200, "OK", frame.data);
    } else if (frame.type == "SYSTEM" && frame.topic == "disconnect") {
      answer(frame, 200, "OK", frame.data);
      return AfterFrame::reconnect;
    } else if (frame.type == "EVENT") {
      take_event(frame);
    } else {
      answer(frame, 404, "not subscribed", "{}");
    }
    return AfterFrame::stay;
  }

  void take_event(const Frame& frame) {
    const Event event = event_of(frame, settings_);
    if (event.hints.empty()) {
      call_.info("an event of DingTalk that changes no record here", {{"type", frame.event_type}});
    } else {
      try {
        emit_hints(event, out_);
      } catch (const huiliu::Failure& failure) {
        answer(frame, 500, "LATER", kNotStored);  // have it sent again
        throw NotStored(failure.status, failure.message, failure.remote_code, failure.pointer,
                        failure.retry_after_ms);
      }
    }
    answer(frame, 200, "OK", kStored);
  }

  void answer(const Frame& frame, int code, std::string_view message, std::string_view data) {
    socket_.send(call_, ack_of(frame, code, message, data));
  }

  huiliu::Call& call_;
  const Settings& settings_;
  huiliu::RecordSink& out_;
  huiliu::WebSocket socket_;
};

// Half of the pause and up to the whole: several hubs do not come back together.
milliseconds jittered(const huiliu::Call& call, milliseconds pause) {
  std::array<std::uint8_t, 2> dice{};
  call.random(dice);
  return pause / 2 + pause * (dice[0] * 256 + dice[1]) / (2 * 65'536);
}

}  // namespace

std::optional<Frame> parse_frame(std::string_view text) {
  const std::optional<json::value> parsed = parse_json(text);
  const json::value* headers = parsed ? field(*parsed, "headers") : nullptr;
  if (headers == nullptr || !headers->is_object()) return std::nullopt;
  Frame frame;
  frame.type = text_at(*parsed, "type");
  const json::value* data = field(*parsed, "data");
  if (data != nullptr) frame.data = data->is_object() ? json::serialize(*data) : scalar_text(*data);
  frame.topic = text_at(*headers, "topic");
  frame.message_id = text_at(*headers, "messageId");
  frame.event_id = text_at(*headers, "eventId");
  frame.event_type = text_at(*headers, "eventType");
  frame.corp_id = text_at(*headers, "eventCorpId");
  return frame.type.empty() || frame.message_id.empty() ? std::nullopt : std::optional(std::move(frame));
}

std::string ack_of(const Frame& frame, int code, std::string_view message, std::string_view data) {
  return json::serialize(
      json::object{{"code", code},
                   {"headers", {{"messageId", frame.message_id}, {"contentType", "application/json"}}},
                   {"message", message},
                   {"data", data}});
}

Event event_of(const Frame& frame, const Settings& settings) {
  // The stream carries what a callback does, with the rest in the headers.
  std::optional<json::value> data = parse_json(frame.data);
  json::object event;
  if (data && data->is_object()) event = std::move(data->get_object());
  if (!frame.event_type.empty()) event["eventType"] = frame.event_type;
  if (!frame.corp_id.empty()) event["corpId"] = frame.corp_id;
  event["eventId"] = frame.event_id.empty() ? frame.message_id : frame.event_id;
  return parse_event(json::serialize(event), settings);
}

void listen(huiliu::Call& call, const Settings& settings, const Client& client, huiliu::RecordSink& out) {
  if (!settings.stream) throw huiliu::Unsupported("stream mode is switched off (setting stream)");
  milliseconds pause = kLeastPause;
  while (true) {
    call.stop_if_cancelled();
    bool heard = false;
    try {
      Channel(call, settings, channel_url(call, client), out).run(heard);
      pause = kLeastPause;
      continue;  // asked to reconnect: at once
    } catch (const NotStored&) {
      throw;
    } catch (const huiliu::Failure& failure) {
      const bool passes = failure.status == HUILIU_RETRY || failure.status == HUILIU_THROTTLED;
      if (!passes) throw;
      if (heard) pause = kLeastPause;
      call.warn("DingTalk's stream ended; it is opened again", {{"reason", failure.message}});
      call.sleep(
          std::max(jittered(call, pause), milliseconds(std::max<std::int64_t>(failure.retry_after_ms, 0))));
    }
    pause = std::min(pause * 2, kMostPause);
  }
}

}  // namespace dingtalk
