#include "plugins/wecom/twin/events.hpp"

#include <boost/json.hpp>

#include "plugins/wecom/src/callback_crypto.hpp"
#include "plugins/wecom/twin/dice.hpp"
#include "plugins/wecom/twin/gate.hpp"
#include "sdk/twin/record_store.hpp"

namespace wecom::twin {
namespace {

namespace json = boost::json;
using huiliu::twin::ClientRequest;
using huiliu::twin::EventSender;
using huiliu::twin::HttpAnswer;
using huiliu::twin::percent_encode;
using huiliu::twin::TwinError;

constexpr std::chrono::milliseconds kAnswerLimit{5000};
constexpr std::chrono::milliseconds kEchoLimit{1000};
constexpr std::size_t kRetries = 3;

const AesKey& aes_key() {
  static const AesKey kKey = parse_aes_key(account().callback_aes_key);
  return kKey;
}

// An empty body, `success`, or a passive reply.
bool is_accepted(const HttpAnswer& answer) {
  return answer.status == 200 &&
         (answer.body.empty() || answer.body == "success" || answer.body.starts_with("<xml>"));
}

std::string cdata(std::string_view name, std::string_view text) {
  std::string element;
  element.append("<").append(name).append("><![CDATA[").append(text).append("]]></").append(name).append(">");
  return element;
}

std::string separator_of(const std::string& url) { return url.find('?') == std::string::npos ? "?" : "&"; }

}  // namespace

Events::Events(Clock clock, std::uint64_t seed) : clock_(std::move(clock)), dice_(seed ^ 0xe7e27ULL) {
  sender_ = std::make_unique<EventSender>(
      std::vector<std::chrono::milliseconds>(kRetries, std::chrono::milliseconds(5000)), &is_accepted);
}

// The random bytes are any octets, as in real traffic; they and the nonce are fresh for each attempt.
std::string Events::sealed(const std::string& message, std::string& nonce) {
  const std::lock_guard<std::mutex> guard(mutex_);
  Random16 random{};
  for (unsigned char& byte : random) {
    dice_ = mixed(dice_);
    byte = static_cast<unsigned char>(dice_ >> 11U);
  }
  dice_ = mixed(dice_);
  nonce = std::to_string(dice_ % 1'000'000'000);
  return seal_envelope(aes_key(), random, message, account().corp_id);
}

ClientRequest Events::request_for(const std::string& url, const std::string& message, std::int64_t at_ms) {
  std::string nonce;
  const std::string encrypted = sealed(message, nonce);
  const std::string timestamp = std::to_string(at_ms / 1000);
  ClientRequest request;
  request.method = "POST";
  request.url = url + separator_of(url) +
                "msg_signature=" + callback_signature(account().callback_token, timestamp, nonce, encrypted) +
                "&timestamp=" + timestamp + "&nonce=" + nonce;
  request.headers = {{"Content-Type", "text/xml"}};
  request.body = "<xml>" + cdata("ToUserName", account().corp_id) + cdata("Encrypt", encrypted) +
                 cdata("AgentID", "") + "</xml>";
  request.timeout = kAnswerLimit;
  return request;
}

void Events::set_target(const std::string& url, std::int64_t retry_ms) {
  if (!url.empty()) {
    std::string nonce;
    const std::string echo = std::to_string(clock_() * 1'000'003);
    const std::string encrypted = sealed(echo, nonce);
    const std::string timestamp = std::to_string(clock_() / 1000);
    // A plus goes raw and the rest encoded: who takes it for a blank breaks the base64.
    std::string encoded;
    for (const char c : encrypted) encoded += c == '+' ? std::string("+") : percent_encode(std::string(1, c));
    ClientRequest request;
    request.url = url + separator_of(url) + "msg_signature=" +
                  callback_signature(account().callback_token, timestamp, nonce, encrypted) +
                  "&timestamp=" + timestamp + "&nonce=" + nonce + "&echostr=" + encoded;
    request.timeout = kEchoLimit;
    const HttpAnswer answer = huiliu::twin::http_send(request);
    if (answer.status == 0)
      throw TwinError(400, "unreachable", "the address does not answer: " + answer.error);
    if (answer.status != 200 || answer.body != echo)
      throw TwinError(
          400, "wrong_echo",
          "echostr was not answered with its plaintext, but with HTTP " + std::to_string(answer.status));
  }
  auto sender = std::make_unique<EventSender>(
      std::vector<std::chrono::milliseconds>(kRetries, std::chrono::milliseconds(retry_ms)), &is_accepted);
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    url_ = url;
    held_.reset();
    std::swap(sender_, sender);
  }
}

void Events::configure(bool duplicates, bool disorder) {
  const std::lock_guard<std::mutex> guard(mutex_);
  duplicates_ = duplicates;
  disorder_ = disorder;
}

void Events::post(const std::string& url, const std::string& message) {
  for (int i = 0; i < (duplicates_ ? 2 : 1); ++i)
    sender_->post([this, url, message, now = clock_()] { return request_for(url, message, now); });
}

void Events::push(const Elements& elements) {
  std::string message = "<xml>" + cdata("ToUserName", account().corp_id) + cdata("FromUserName", "sys") +
                        "<CreateTime>" + std::to_string(clock_() / 1000) + "</CreateTime>" +
                        cdata("MsgType", "event");
  for (const auto& [name, text] : elements)
    if (!text.empty()) message += cdata(name, text);
  message += "</xml>";
  const std::lock_guard<std::mutex> guard(mutex_);
  if (url_.empty()) return;
  if (disorder_ && !held_) {
    held_ = std::move(message);  // overtaken by the next one
    return;
  }
  post(url_, message);
  if (held_) post(url_, *std::exchange(held_, std::nullopt));
}

bool Events::wait_idle(std::chrono::milliseconds limit) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (held_) post(url_, *std::exchange(held_, std::nullopt));
  }
  return sender_->wait_idle(limit);
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

}  // namespace wecom::twin
