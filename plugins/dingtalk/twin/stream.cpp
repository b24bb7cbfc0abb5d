#include "plugins/dingtalk/twin/stream.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "plugins/dingtalk/src/json_read.hpp"
#include "plugins/dingtalk/twin/dice.hpp"
#include "plugins/dingtalk/twin/events.hpp"
#include "plugins/dingtalk/twin/gate.hpp"
#include "sdk/twin/record_store.hpp"

namespace dingtalk::twin {
namespace {

using huiliu::twin::HttpRequest;
using huiliu::twin::HttpResponse;
using huiliu::twin::TwinError;
using huiliu::twin::WebSocketHandler;
using huiliu::twin::WebSocketPeer;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kMostDisorderMs = 40;

}  // namespace

Stream::Stream(Clock clock, std::uint64_t seed)
    : clock_(std::move(clock)), dice_(seed ^ 0x57e4aULL), thread_([this] { run(); }) {}

Stream::~Stream() {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::string Stream::next_id() { return hex_of(next_random(dice_)) + hex_of(next_random(dice_)); }

HttpResponse Stream::open(const HttpRequest& request) {
  const std::optional<json::value> body = parse_json(request.body);
  if (!body || !body->is_object()) return api_refusal(400, "Missingbody", "缺少请求体");
  if (text_at(*body, "clientId") != account().app_key ||
      text_at(*body, "clientSecret") != account().app_secret)
    return api_refusal(401, "authFailed", "鉴权失败");
  const json::value* subscriptions = field(*body, "subscriptions");
  if (subscriptions == nullptr || items_of(subscriptions).empty())
    return api_refusal(400, "param.error", "subscriptions 不能为空");
  const std::string_view accept = request.header("Accept");
  const std::lock_guard<std::mutex> guard(mutex_);
  const std::string ticket = next_id() + "+/=";  // must be percent-encoded in the address
  tickets_[ticket] = clock_() + ticket_ms_;
  ++totals_.tickets;
  const std::string endpoint = "ws://" + std::string(request.header("Host")) + std::string(kChannel);
  if (accept.find("json") == std::string_view::npos && accept != "*/*" && !accept.empty())
    return huiliu::twin::text_response("<result><endpoint>" + endpoint + "</endpoint></result>");
  return huiliu::twin::json_response(
      json::serialize(json::object{{"endpoint", endpoint}, {"ticket", ticket}}));
}

std::optional<WebSocketHandler> Stream::upgrade(const HttpRequest& request,
                                                std::shared_ptr<WebSocketPeer> peer) {
  if (request.path != kChannel) return std::nullopt;
  // '+' in a query stands for itself only when it is encoded.
  const std::string ticket(request.parameter("ticket"));
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto known = tickets_.find(ticket);
  const bool good = known != tickets_.end() && clock_() <= known->second;
  if (known != tickets_.end()) tickets_.erase(known);  // for one connection only
  if (!good) return std::nullopt;
  const std::uint64_t number = ++last_connection_;
  connections_[number] = {next_id(), std::move(peer), false};
  WebSocketHandler handler;
  handler.opened = [this, number] {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++totals_.opened;
      connections_[number].open = true;
      for (Pending& event : pending_) event.due = steady_clock::now();  // what waits comes to the new one
      if (ping_.count() > 0) next_ping_ = steady_clock::now() + ping_;
    }
    changed_.notify_all();
  };
  handler.message = [this, number](const std::string& text) { take_ack(number, text); };
  handler.closed = [this, number] {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      connections_.erase(number);
    }
    changed_.notify_all();
  };
  return handler;
}

void Stream::push(json::object event) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (totals_.tickets == 0) return;  // nobody has ever subscribed
    Pending pending;
    pending.event_id = next_id();
    pending.event_type = text_at(event, "EventType");
    event.erase("EventType");
    // What a callback spells DataId is dataId here.
    json::object data;
    for (auto& member : event) {
      std::string name(member.key());
      if (name.front() >= 'A' && name.front() <= 'Z') name.front() = static_cast<char>(name.front() + 32);
      data[name] = std::move(member.value());
    }
    pending.data = json::serialize(data);
    pending.born_ms = clock_();
    pending.due = steady_clock::now();
    if (disorder_) pending.due += milliseconds(next_random(dice_) % kMostDisorderMs);
    pending_.push_back(std::move(pending));
  }
  changed_.notify_all();
}

Stream::Connection* Stream::next_connection() {
  std::vector<Connection*> open;
  for (auto& [number, connection] : connections_)
    if (connection.open) open.push_back(&connection);
  return open.empty() ? nullptr : open[turn_++ % open.size()];  // several share the load
}

void Stream::send_event(Pending& event) {
  for (int copy = 0; copy < (duplicate_ ? 2 : 1); ++copy) {
    Connection* to = next_connection();
    if (to == nullptr) return;
    const std::string message_id = next_id();
    sent_[message_id] = event.event_id;
    ++event.attempts;
    ++totals_.attempts;
    to->peer->send(json::serialize(json::object{{"specVersion", "1.0"},
                                                {"type", "EVENT"},
                                                {"headers",
                                                 {{"appId", "twin"},
                                                  {"connectionId", to->id},
                                                  {"contentType", "application/json"},
                                                  {"messageId", message_id},
                                                  {"time", std::to_string(clock_())},
                                                  {"topic", "*"},
                                                  {"eventId", event.event_id},
                                                  {"eventType", event.event_type},
                                                  {"eventBornTime", std::to_string(event.born_ms)},
                                                  {"eventCorpId", account().corp_id},
                                                  {"eventUnifiedAppId", "twin"}}},
                                                {"data", event.data}}));
  }
}

void Stream::send_system(Connection& to, std::string_view topic, json::object data) {
  const std::string message_id = next_id();
  sent_[message_id] = "";
  to.peer->send(json::serialize(json::object{{"specVersion", "1.0"},
                                             {"type", "SYSTEM"},
                                             {"headers",
                                              {{"appId", "twin"},
                                               {"connectionId", to.id},
                                               {"contentType", "application/json"},
                                               {"messageId", message_id},
                                               {"time", std::to_string(clock_())},
                                               {"topic", topic}}},
                                             {"data", json::serialize(data)}}));
}

void Stream::take_ack(std::uint64_t number, const std::string& text) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    const std::optional<json::value> ack = parse_json(text);
    const json::value* headers = ack ? field(*ack, "headers") : nullptr;
    const std::string message_id = headers != nullptr ? text_at(*headers, "messageId") : std::string();
    const auto sent = sent_.find(message_id);
    const json::value* data = ack ? field(*ack, "data") : nullptr;
    if (sent == sent_.end() || data == nullptr || !data->is_string() ||
        text_at(*headers, "contentType") != "application/json") {
      ++totals_.bad_acks;
      return;
    }
    const std::string event_id = sent->second;
    sent_.erase(sent);
    const auto said = parse_json(data->get_string());
    if (event_id.empty()) {
      if (said && field(*said, "opaque") != nullptr) ++totals_.pongs;
      // Having answered the request to go, the connection is of no more use.
      if (said && field(*said, "reason") != nullptr && connections_.contains(number))
        connections_[number].peer->close();
    } else {
      const bool success = text_at(*ack, "code") == "200" && said && text_at(*said, "status") == "SUCCESS";
      const auto event = std::find_if(pending_.begin(), pending_.end(),
                                      [&](const Pending& p) { return p.event_id == event_id; });
      if (success)
        ++totals_.delivered;
      else
        ++(text_at(*ack, "code") == "404" ? totals_.refused : totals_.later);
      if (event != pending_.end()) {
        if (success || text_at(*ack, "code") == "404")
          pending_.erase(event);
        else
          event->due = steady_clock::now() + redeliver_;
      }
    }
  }
  changed_.notify_all();
}

void Stream::send_due(Moment now) {
  const bool anybody = std::any_of(connections_.begin(), connections_.end(),
                                   [](const auto& entry) { return entry.second.open; });
  if (!anybody) return;
  for (Pending& event : pending_)
    if (event.due <= now) {
      send_event(event);
      event.due = now + redeliver_;
    }
  if (ping_.count() > 0 && next_ping_ <= now) {
    for (auto& [number, connection] : connections_)
      if (connection.open) {
        ++totals_.pings;
        send_system(connection, "ping", {{"opaque", hex_of(next_random(dice_))}});
      }
    next_ping_ = now + ping_;
  }
}

void Stream::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    const Moment now = steady_clock::now();
    send_due(now);
    Moment next = now + milliseconds(60'000);
    const bool anybody = std::any_of(connections_.begin(), connections_.end(),
                                     [](const auto& entry) { return entry.second.open; });
    if (anybody) {
      for (const Pending& event : pending_) next = std::min(next, event.due);
      next = std::min(next, next_ping_);
    }
    changed_.wait_until(lock, next);
  }
}

void Stream::control(const json::object& wanted) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    for (const auto& member : wanted) {
      const std::string_view name = member.key();
      const json::value& value = member.value();
      const std::int64_t number = value.is_int64() ? value.get_int64() : -1;
      if (name == "redeliver_ms" && number > 0) {
        redeliver_ = milliseconds(number);
      } else if (name == "ping_ms" && number >= 0) {
        ping_ = milliseconds(number);
        next_ping_ = number > 0 ? steady_clock::now() + ping_ : Moment::max();
      } else if (name == "ticket_ms" && number >= 0) {
        ticket_ms_ = number;
      } else if (name == "duplicate" && value.is_bool()) {
        duplicate_ = value.get_bool();
      } else if (name == "disorder" && value.is_bool()) {
        disorder_ = value.get_bool();
      } else if (name == "ping" || name == "disconnect" || name == "drop") {
        for (auto& [id, connection] : connections_) {
          if (!connection.open) continue;
          if (name == "ping") {
            ++totals_.pings;
            send_system(connection, "ping", {{"opaque", hex_of(next_random(dice_))}});
          } else if (name == "disconnect") {
            send_system(connection, "disconnect", {{"reason", scalar_text(value)}});
          } else {
            connection.peer->drop();
          }
        }
      } else {
        throw TwinError(400, "bad_request", "no such switch, or not of that value: " + std::string(name));
      }
    }
  }
  changed_.notify_all();
}

json::object Stream::to_json() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto open = std::count_if(connections_.begin(), connections_.end(),
                                  [](const auto& entry) { return entry.second.open; });
  return {
      {"connections", open},          {"opened", totals_.opened},       {"tickets", totals_.tickets},
      {"attempts", totals_.attempts}, {"delivered", totals_.delivered}, {"later", totals_.later},
      {"refused", totals_.refused},   {"bad_acks", totals_.bad_acks},   {"pending", pending_.size()},
      {"pings", totals_.pings},       {"pongs", totals_.pongs},         {"redeliver_ms", redeliver_.count()},
      {"ping_ms", ping_.count()},     {"ticket_ms", ticket_ms_},        {"duplicate", duplicate_},
      {"disorder", disorder_}};
}

bool Stream::wait_idle(milliseconds limit) const {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return pending_.empty(); });
}

}  // namespace dingtalk::twin
