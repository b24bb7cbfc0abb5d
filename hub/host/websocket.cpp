#include "hub/host/websocket.hpp"

#include <openssl/rand.h>
#include <openssl/sha.h>
#include <wslay/wslay.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <chrono>
#include <deque>
#include <new>

#include "hub/host/curl_channel.hpp"
#include "hub/host/redactor.hpp"

namespace huiliu::host {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Status;
using SteadyClock = std::chrono::steady_clock;
using Moment = SteadyClock::time_point;

constexpr std::chrono::seconds goodbye_time{1};
constexpr std::chrono::seconds send_time{30};
constexpr std::size_t most_answer_bytes = 64 * 1024;

struct Target {
  bool tls = false;
  std::string host, port, path;
  std::string origin() const { return (tls ? "https://" : "http://") + host + ":" + port; }
};

model::Result<Target> target_of(const std::string& url) {
  const auto parsed = boost::urls::parse_absolute_uri(url);
  const auto wrong = [](std::string why) { return make_error(ErrorClass::config, std::move(why)); };
  if (parsed.has_error() || !parsed->has_authority()) return wrong("not an absolute WebSocket address");
  Target out;
  const std::string scheme(parsed->scheme());
  if (scheme != "ws" && scheme != "wss") return wrong("a WebSocket address of scheme " + scheme);
  if (parsed->has_userinfo()) return wrong("a WebSocket address with user information");
  out.tls = scheme == "wss";
  out.host = std::string(parsed->encoded_host());
  out.port = std::string(parsed->port());
  if (out.port.empty()) out.port = out.tls ? "443" : "80";
  out.path = std::string(parsed->encoded_target());
  if (out.path.empty() || out.path.front() != '/') out.path.insert(0, "/");
  return out;
}

std::string random_bytes(std::size_t size) {
  std::string out(size, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(size)) != 1)
    throw std::runtime_error("no randomness");
  return out;
}

// What a server must answer to a key (RFC 6455, 4.2.2).
std::string acceptance_of(const std::string& key) {
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return base64_encode({reinterpret_cast<const char*>(digest), sizeof digest});
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The value of a header in an answer's head; "" without it.
std::string_view header_of(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    const std::string_view line = head.substr(at, head.find("\r\n", at) - at);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && same_header_name(line.substr(0, colon), name))
      return trimmed(line.substr(colon + 1));
  }
  return {};
}

class Socket final : public WebSocket {
 public:
  Socket(std::unique_ptr<CurlChannel> channel, const WebSocketOptions& options)
      : channel_(std::move(channel)), ping_after_(std::chrono::microseconds(options.ping_after)) {
    static constexpr wslay_event_callbacks callbacks = {&on_recv, &on_send, &on_mask,   nullptr,
                                                        nullptr,  nullptr,  &on_message};
    if (wslay_event_context_client_init(&frames_, &callbacks, this) != 0) throw std::bad_alloc();
    wslay_event_config_set_max_recv_msg_length(frames_, options.message_bytes);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  ~Socket() override {
    if (open_ && alive()) {
      wslay_event_queue_close(frames_, WSLAY_CODE_NORMAL_CLOSURE, nullptr, 0);
      const Moment until = SteadyClock::now() + goodbye_time;
      while (pump() && wslay_event_get_close_received(frames_) == 0 && SteadyClock::now() < until)
        channel_->wait(CurlChannel::For::reading, until, {});
    }
    wslay_event_context_free(frames_);
  }

  Status shake_hands(const Target& target, const WebSocketOptions& options, const std::stop_token& stop) {
    const Moment until = SteadyClock::now() + std::chrono::microseconds(options.connect_timeout);
    const std::string key = base64_encode(random_bytes(16));
    std::string request = "GET " + target.path + " HTTP/1.1\r\nHost: " + target.host + ":" + target.port +
                          "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
                          "Sec-WebSocket-Key: " + key + "\r\n";
    for (const auto& [name, value] : options.headers) request += name + ": " + value + "\r\n";
    HUILIU_TRY(send_all(request + "\r\n", until, stop));
    HUILIU_ASSIGN(const std::string head, answer_head(until, stop));
    HUILIU_TRY(judge(head, key));
    open_ = true;
    heard_ = SteadyClock::now();
    return {};
  }

  model::Result<std::optional<WebSocketMessage>> receive(model::Micros within,
                                                         const std::stop_token& stop) override {
    const Moment until = SteadyClock::now() + std::chrono::microseconds(within);
    while (true) {
      pump();
      if (!inbox_.empty()) {
        WebSocketMessage message = std::move(inbox_.front());
        inbox_.pop_front();
        return std::optional(std::move(message));
      }
      keep_alive();
      if (!alive()) return ended();
      if (stop.stop_requested()) return make_error(ErrorClass::cancelled, "stopped");
      if (SteadyClock::now() >= until) return std::optional<WebSocketMessage>();
      channel_->wait(CurlChannel::For::reading, std::min(until, next_check()), stop);
    }
  }

  Status send(bool text, std::string_view data, const std::stop_token& stop) override {
    if (!alive()) return ended();
    const wslay_event_msg message = {static_cast<std::uint8_t>(text ? WSLAY_TEXT_FRAME : WSLAY_BINARY_FRAME),
                                     reinterpret_cast<const std::uint8_t*>(data.data()), data.size()};
    if (wslay_event_queue_msg(frames_, &message) != 0) return ended();
    const Moment until = SteadyClock::now() + send_time;
    while (flush() && wslay_event_want_write(frames_) != 0) {
      if (stop.stop_requested()) return make_error(ErrorClass::cancelled, "stopped");
      if (SteadyClock::now() >= until) {
        broken_ = "the remote takes nothing";
        break;
      }
      channel_->wait(CurlChannel::For::writing, until, stop);
    }
    return alive() ? Status() : Status(ended());
  }

 private:
  // ---- what wslay asks for ----
  static Socket& self(void* user) { return *static_cast<Socket*>(user); }

  static ssize_t on_recv(wslay_event_context_ptr frames, std::uint8_t* out, std::size_t size, int,
                         void* user) {
    Socket& socket = self(user);
    if (!socket.early_.empty()) {  // came with the handshake
      const std::size_t count = std::min(size, socket.early_.size());
      std::copy_n(socket.early_.begin(), count, out);
      socket.early_.erase(0, count);
      return static_cast<ssize_t>(count);
    }
    return socket.moved(frames, socket.channel_->read(reinterpret_cast<char*>(out), size));
  }
  static ssize_t on_send(wslay_event_context_ptr frames, const std::uint8_t* data, std::size_t size, int,
                         void* user) {
    Socket& socket = self(user);
    return socket.moved(frames, socket.channel_->write(reinterpret_cast<const char*>(data), size));
  }
  static int on_mask(wslay_event_context_ptr, std::uint8_t* out, std::size_t size, void*) {
    return RAND_bytes(out, static_cast<int>(size)) == 1 ? 0 : -1;
  }
  static void on_message(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* message, void* user) {
    if (wslay_is_ctrl_frame(message->opcode)) return;  // pings and the end are wslay's business
    self(user).inbox_.push_back({message->opcode == WSLAY_TEXT_FRAME,
                                 {reinterpret_cast<const char*>(message->msg), message->msg_length}});
  }

  ssize_t moved(wslay_event_context_ptr frames, const model::Result<std::size_t>& count) {
    if (count.ok() && *count > 0) {
      heard_ = SteadyClock::now();
      pinged_.reset();
      return static_cast<ssize_t>(*count);
    }
    if (!count.ok()) broken_ = count.error().message;
    wslay_event_set_error(frames, count.ok() ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
  }

  // ---- the connection ----
  // Takes what is there and gives what is due; false: it has ended.
  bool pump() {
    if (alive() && wslay_event_recv(frames_) != 0 && broken_.empty()) broken_ = "no WebSocket any more";
    return flush();
  }
  bool flush() {
    if (broken_.empty() && wslay_event_send(frames_) != 0 && broken_.empty())
      broken_ = "no WebSocket any more";
    return alive();
  }
  bool alive() const { return broken_.empty() && wslay_event_want_read(frames_) != 0; }

  // A ping after silence; no sign of life for as long again is the end.
  void keep_alive() {
    const Moment now = SteadyClock::now();
    if (!alive() || now < next_check()) return;
    if (pinged_) {
      broken_ = "no sign of life";
      return;
    }
    const wslay_event_msg ping = {WSLAY_PING, nullptr, 0};
    wslay_event_queue_msg(frames_, &ping);
    if (flush()) pinged_ = now;
  }
  Moment next_check() const { return (pinged_ ? *pinged_ : heard_) + ping_after_; }

  // ---- the handshake ----
  Status send_all(std::string_view data, Moment until, const std::stop_token& stop) {
    while (!data.empty()) {
      HUILIU_ASSIGN(const std::size_t count, channel_->write(data.data(), data.size()));
      data.remove_prefix(count);
      if (count > 0) continue;
      HUILIU_TRY(in_time(until, stop));
      channel_->wait(CurlChannel::For::writing, until, stop);
    }
    return {};
  }

  model::Result<std::string> answer_head(Moment until, const std::stop_token& stop) {
    std::string answer;
    char block[4096];
    while (true) {
      HUILIU_ASSIGN(const std::size_t count, channel_->read(block, sizeof block));
      answer.append(block, count);
      if (const std::size_t end = answer.find("\r\n\r\n"); end != std::string::npos) {
        early_ = answer.substr(end + 4);
        answer.resize(end);
        return answer;
      }
      if (answer.size() > most_answer_bytes)
        return make_error(ErrorClass::data, "no WebSocket: the answer's headers are larger than the limit");
      if (count > 0) continue;
      HUILIU_TRY(in_time(until, stop));
      channel_->wait(CurlChannel::For::reading, until, stop);
    }
  }

  static Status in_time(Moment until, const std::stop_token& stop) {
    if (stop.stop_requested()) return make_error(ErrorClass::cancelled, "stopped");
    if (SteadyClock::now() >= until) return make_error(ErrorClass::retry, "no WebSocket within the time-out");
    return {};
  }

  static Status judge(std::string_view head, const std::string& key) {
    const auto refused = [](std::string why) {
      return make_error(ErrorClass::retry, "no WebSocket: " + why);
    };
    if (!head.starts_with("HTTP/1.1 ") || head.size() < 12) return refused("the answer is not HTTP/1.1");
    const std::string_view code = head.substr(9, 3);
    if (code != "101") return refused("the server declined it (HTTP " + std::string(code) + ")");
    if (!same_header_name(header_of(head, "Upgrade"), "websocket"))
      return refused("the server changed to another protocol");
    if (header_of(head, "Sec-WebSocket-Accept") != acceptance_of(key))
      return refused("the server's answer is for another handshake");
    // Neither was asked for (RFC 6455, 4.1).
    if (!header_of(head, "Sec-WebSocket-Extensions").empty() ||
        !header_of(head, "Sec-WebSocket-Protocol").empty())
      return refused("the server wants what was not offered");
    return {};
  }

  // ---- why it ended ----
  model::Error ended() const {
    const bool closed = wslay_event_get_close_received(frames_) != 0;
    if (!closed && wslay_event_get_status_code_sent(frames_) == WSLAY_CODE_MESSAGE_TOO_BIG)
      return make_error(ErrorClass::data, "a WebSocket message is larger than the limit");
    std::string why = broken_;
    if (closed)
      why =
          "closed by the remote (code " + std::to_string(wslay_event_get_status_code_received(frames_)) + ")";
    if (why.empty()) why = "the remote broke the protocol";
    return make_error(ErrorClass::retry, "the WebSocket has ended: " + why);
  }

  std::unique_ptr<CurlChannel> channel_;
  const SteadyClock::duration ping_after_;
  wslay_event_context_ptr frames_ = nullptr;
  std::string early_;  // bytes that came behind the handshake's answer
  std::deque<WebSocketMessage> inbox_;
  std::string broken_;  // why nothing more can come; empty: it can
  Moment heard_ = SteadyClock::now();
  std::optional<Moment> pinged_;
  bool open_ = false;
};

}  // namespace

model::Result<std::unique_ptr<WebSocket>> open_web_socket(const WebSocketOptions& options,
                                                          const std::stop_token& stop) {
  HUILIU_ASSIGN(const Target target, target_of(options.url));
  HttpLimits limits = options.http;
  limits.connect_timeout = options.connect_timeout;
  HUILIU_ASSIGN(auto channel, CurlChannel::open(target.origin(), limits, options.network, stop));
  auto socket = std::make_unique<Socket>(std::move(channel), options);
  HUILIU_TRY(socket->shake_hands(target, options, stop));
  return std::unique_ptr<WebSocket>(std::move(socket));
}

}  // namespace huiliu::host
