#include "plugins/yonyou/twin/events.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "plugins/yonyou/src/json_read.hpp"
#include "plugins/yonyou/src/signature.hpp"
#include "plugins/yonyou/twin/account.hpp"
#include "sdk/twin/crypto.hpp"
#include "sdk/twin/record_store.hpp"

namespace yonyou_twin {
namespace {

namespace json = boost::json;
using huiliu::twin::ClientRequest;
using huiliu::twin::EventSender;
using huiliu::twin::HttpAnswer;

constexpr std::chrono::seconds answer_limit{5};

const yonyou::AesKey& aes_key() {
  static const yonyou::AesKey key = yonyou::event_key(account().app_secret).value();
  return key;
}

bool is_encrypted_success(const std::string& body) {
  const auto parsed = yonyou::parse_exact(body);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  if (object == nullptr) return false;
  const std::string encrypted = yonyou::text_at(*object, "encrypt");
  const auto envelope = yonyou::open_envelope(aes_key(), encrypted);
  const std::string expected = yonyou::base64_of(yonyou::hmac_sha256(
      account().app_secret, yonyou::event_string_to_sign(yonyou::text_at(*object, "timestamp"),
                                                         yonyou::text_at(*object, "nonce"), encrypted)));
  return envelope && envelope->message == "success" && envelope->owner == account().app_key &&
         expected == yonyou::text_at(*object, "signature");
}

bool acknowledged(const HttpAnswer& answer, const std::string& form) {
  if (answer.status != 200) return false;
  if (form != "encrypted" && answer.body == "success") return true;
  return form != "plain" && is_encrypted_success(answer.body);
}

std::vector<std::chrono::milliseconds> delays_of(const Rules& rules) {
  std::vector<std::chrono::milliseconds> delays;
  for (const std::int64_t delay : rules.event_delays_ms) delays.emplace_back(delay);
  return delays;
}

}  // namespace

Events::Events(Clock clock, std::uint64_t seed) : clock_(std::move(clock)), seed_(seed) {}

ClientRequest Events::request_for(const std::string& url, const std::string& text, bool old_signature) {
  std::string random;
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    random = huiliu::twin::sha256(std::to_string(seed_) + "." + std::to_string(++nonces_));
  }
  yonyou::Random16 block{};
  std::copy_n(random.begin(), block.size(), block.begin());
  const std::string nonce = huiliu::twin::to_hex(random.substr(16, 8));
  const std::string encrypted = yonyou::seal_envelope(aes_key(), block, text, account().app_key);
  const std::int64_t now = clock_();
  const std::string timestamp = std::to_string(now);
  json::object body{{"timestamp", now}, {"nonce", nonce}, {"encrypt", encrypted}};
  if (old_signature)
    body["msgSignature"] = yonyou::old_event_signature(account().app_secret, timestamp, nonce, encrypted);
  else
    body["signature"] = yonyou::base64_of(
        yonyou::hmac_sha256(account().app_secret, yonyou::event_string_to_sign(timestamp, nonce, encrypted)));
  ClientRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = {{"Content-Type", "text/plain"}};  // do not rely on it
  request.body = json::serialize(body);
  request.timeout = answer_limit;
  return request;
}

void Events::set_target(const std::string& url, const Rules& rules) {
  if (!url.empty()) {
    const json::object check{{"type", "CHECK_URL"},
                             {"eventId", "check-" + std::to_string(clock_())},
                             {"timestamp", clock_()},
                             {"tenantId", account().tenant_id}};
    const HttpAnswer answer =
        huiliu::twin::http_send(request_for(url, json::serialize(check), rules.events_old_signature));
    if (!acknowledged(answer, rules.event_reply))
      throw huiliu::twin::TwinError(400, "check_url",
                                    "CHECK_URL was not answered with success, but with HTTP " +
                                        std::to_string(answer.status) +
                                        (answer.error.empty() ? "" : " (" + answer.error + ")"));
  }
  std::unique_ptr<EventSender> old;  // ends outside the lock: its thread may want it
  const std::lock_guard<std::mutex> guard(mutex_);
  url_ = url;
  reply_ = rules.event_reply;
  old = std::move(sender_);
  if (!url.empty())
    sender_ = std::make_unique<EventSender>(
        delays_of(rules),
        [form = rules.event_reply](const HttpAnswer& answer) { return acknowledged(answer, form); });
}

void Events::post(const std::string& url, std::string text, bool old_signature) {
  sender_->post(
      [this, url, text = std::move(text), old_signature] { return request_for(url, text, old_signature); });
}

void Events::push(std::string type, const json::object& content, const Rules& rules) {
  std::string url;
  std::uint64_t number = 0;
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (url_.empty()) return;
    url = url_;
    number = ++pushed_;
  }
  const std::int64_t now = clock_();
  json::object event{{"type", std::move(type)},
                     {"eventId", huiliu::twin::to_hex(huiliu::twin::md5(std::to_string(seed_) + "e" +
                                                                        std::to_string(number)))},
                     {"timestamp", now},
                     {"tenantId", account().tenant_id}};
  if (rules.events_wrapped)
    event["content"] = json::object{{"archive", content}};
  else
    event["content"] = json::serialize(content);
  std::vector<std::string> out{json::serialize(event)};
  if (rules.events_twice) out.push_back(out.front());
  if (rules.events_disordered && !held_) {
    held_ = out.back();
    out.pop_back();
  } else if (held_) {
    out.push_back(*std::exchange(held_, std::nullopt));
  }
  for (std::string& text : out) post(url, std::move(text), rules.events_old_signature);
}

json::object Events::to_json() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  const EventSender::Totals totals = sender_ ? sender_->totals() : EventSender::Totals{};
  return {{"url", url_},
          {"pushed", pushed_},
          {"delivered", totals.delivered},
          {"given_up", totals.given_up},
          {"attempts", totals.attempts},
          {"pending", totals.pending}};
}

}  // namespace yonyou_twin
