#include "plugins/dingtalk/twin/events.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "plugins/dingtalk/src/callback_crypto.hpp"
#include "plugins/dingtalk/src/json_read.hpp"
#include "plugins/dingtalk/twin/dice.hpp"
#include "sdk/twin/record_store.hpp"

namespace dingtalk::twin {
namespace {

using huiliu::twin::ClientRequest;
using huiliu::twin::EventSender;
using huiliu::twin::HttpAnswer;
using huiliu::twin::TwinError;

constexpr std::chrono::milliseconds kAnswerLimit{1500};
constexpr std::size_t kMissedMax = 200;

const AesKey& aes_key() {
  static const AesKey kKey = parse_aes_key(account().callback_aes_key);
  return kKey;
}

bool is_of_older_interface(std::string_view type) {
  return type.starts_with("user_") || type.starts_with("org_dept_") || type.starts_with("bpms_");
}

// As the list of the older interface shows it: other names, approvals in an object of their own.
json::object missed_entry(const json::object& event) {
  const std::string type = text_at(event, "EventType");
  json::object entry{{"call_back_tag", type}, {"event_time", event.at("EventTime")}};
  if (type.starts_with("bpms_")) {
    json::object data;
    for (const auto& part : event)
      if (part.key() != "EventType" && part.key() != "CorpId") data[part.key()] = part.value();
    entry[type] = json::object{{"corpid", event.at("CorpId")}, {"bpmsCallBackData", std::move(data)}};
    return entry;
  }
  entry["corpid"] = event.at("CorpId");
  for (const auto& [pushed, listed] : {std::pair{"userId", "userid"}, std::pair{"deptId", "deptid"}})
    if (const json::value* ids = event.if_contains(pushed)) entry[listed] = *ids;
  return entry;
}

// The one right answer: HTTP 200 with `success`, encrypted and signed over the answer's own time and nonce.
bool is_success(const HttpAnswer& answer) {
  if (answer.status != 200) return false;
  const std::optional<json::value> body = parse_json(answer.body);
  if (!body) return false;
  const std::string encrypted = text_at(*body, "encrypt");
  const std::string expected = callback_signature(account().callback_token, text_at(*body, "timeStamp"),
                                                  text_at(*body, "nonce"), encrypted);
  const auto envelope = open_envelope(aes_key(), encrypted);
  return expected == text_at(*body, "msg_signature") && envelope && envelope->message == "success" &&
         envelope->owner == account().app_key;
}

}  // namespace

const Account& account() {
  static const Account kAccount;
  return kAccount;
}

Events::Events(Clock clock, std::uint64_t seed)
    : clock_(std::move(clock)),
      dice_(seed ^ 0xe7e27ULL),
      missed_after_(EventSender::default_delays().size() + 1),
      sender_(std::make_unique<EventSender>(
          EventSender::default_delays(), [this](const HttpAnswer& answer) { return is_answered(answer); })) {}

bool Events::is_answered(const HttpAnswer& answer) {
  if (!is_success(answer)) return false;
  const std::lock_guard<std::mutex> guard(mutex_);
  open_.erase(sending_);
  return true;
}

void Events::set_missed_after(std::int64_t attempts) {
  const std::lock_guard<std::mutex> guard(mutex_);
  missed_after_ = static_cast<std::size_t>(std::max<std::int64_t>(attempts, 1));
}

std::int64_t Events::missed_after() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return static_cast<std::int64_t>(missed_after_);
}

std::pair<json::array, bool> Events::take_missed() {
  json::array missed;
  const std::lock_guard<std::mutex> guard(mutex_);
  for (auto at = open_.begin(); at != open_.end();) {
    if (at->second.attempts < missed_after_) {
      ++at;
      continue;
    }
    if (missed.size() == kMissedMax) return {std::move(missed), true};
    missed.push_back(missed_entry(at->second.event));
    at = open_.erase(at);
  }
  return {std::move(missed), false};
}

ClientRequest Events::request_for(const std::string& url, const std::string& text, std::int64_t at_ms) {
  Random16 random{};
  std::string nonce;
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    const std::string digits = hex_of(next_random(dice_));
    std::copy_n(digits.begin(), random.size(), random.begin());
    nonce = hex_of(next_random(dice_)).substr(0, 8);
  }
  const std::string encrypted = seal_envelope(aes_key(), random, text, account().app_key);
  const std::string timestamp = std::to_string(at_ms);
  ClientRequest request;
  request.method = "POST";
  // Both names are present at times.
  const std::string signature = callback_signature(account().callback_token, timestamp, nonce, encrypted);
  request.url = url + (url.find('?') == std::string::npos ? "?" : "&") + "msg_signature=" + signature +
                "&signature=" + signature + "&timestamp=" + timestamp + "&nonce=" + nonce;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = json::serialize(json::object{{"encrypt", encrypted}});
  request.timeout = kAnswerLimit;
  return request;
}

void Events::set_target(const std::string& url) {
  if (!url.empty()) {
    const HttpAnswer answer =
        huiliu::twin::http_send(request_for(url, R"({"EventType":"check_url"})", clock_()));
    if (answer.status == 0) throw TwinError(400, "71012", "the address is not reachable: " + answer.error);
    if (!is_success(answer))
      throw TwinError(400, "71009",
                      "check_url was not answered with an encrypted success, but with HTTP " +
                          std::to_string(answer.status));
  }
  const std::lock_guard<std::mutex> guard(mutex_);
  url_ = url;
}

void Events::push(json::object event) {
  std::string url;
  const std::int64_t now = clock_();
  std::uint64_t number = 0;
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (url_.empty()) return;
    url = url_;
    number = ++pushed_;
    event["EventTime"] = now;
    event["CorpId"] = account().corp_id;
    event["BizId"] = std::to_string(number);
    event["eventId"] = hex_of(mixed(number));
    event["timeStamp"] = std::to_string(now);
    if (is_of_older_interface(text_at(event, "EventType"))) open_[number].event = event;
  }
  sender_->post([this, url, now, number, text = json::serialize(event)] {
    {
      const std::lock_guard<std::mutex> guard(mutex_);
      sending_ = number;
      if (const auto known = open_.find(number); known != open_.end()) ++known->second.attempts;
    }
    return request_for(url, text, now);
  });
}

json::object Events::to_json() const {
  const EventSender::Totals totals = sender_->totals();
  const std::lock_guard<std::mutex> guard(mutex_);
  return {{"url", url_},
          {"delivered", totals.delivered},
          {"given_up", totals.given_up},
          {"attempts", totals.attempts},
          {"pending", totals.pending}};
}

}  // namespace dingtalk::twin
