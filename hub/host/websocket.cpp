#include "hub/host/websocket.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <chrono>
#include <deque>

namespace huiliu::host {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using model::ErrorClass;
using model::Status;
using tcp = asio::ip::tcp;
using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds goodbye_time{1};

struct Target {
  bool tls = false;
  std::string host, port, path;
};

model::Result<Target> target_of(const std::string& url) {
  const auto parsed = boost::urls::parse_absolute_uri(url);
  const auto wrong = [](std::string why) { return model::make_error(ErrorClass::config, std::move(why)); };
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

// Runs a context in slices that a stop can cut short.
class Loop {
 public:
  asio::io_context& context() { return context_; }

  // Until done() or the moment; false: neither stopped nor done in time.
  template <class Done>
  bool run(SteadyClock::time_point until, const std::stop_token& stop, const Done& done) {
    // A posted handler, unlike context.stop(), is not lost when it comes before the wait.
    const std::stop_callback wake(stop, [this] { asio::post(context_, [] {}); });
    while (!done()) {
      if (stop.stop_requested()) return false;
      if (SteadyClock::now() >= until) return false;
      context_.restart();
      context_.run_one_until(until);
    }
    return true;
  }

 private:
  asio::io_context context_{1};
};

// Next: a plain TCP stream, or TLS over one.
template <class Next>
class Socket final : public WebSocket {
 public:
  template <class... Arguments>
  explicit Socket(std::unique_ptr<asio::ssl::context> tls, Arguments&... arguments)
      : tls_(std::move(tls)), resolver_(loop_.context()), stream_(loop_.context(), arguments...) {}

  ~Socket() override {
    if (open_ && !error_) {
      bool closed = false;
      stream_.async_close(websocket::close_code::normal, [&](beast::error_code) { closed = true; });
      loop_.run(SteadyClock::now() + goodbye_time, {}, [&] { return closed; });
    }
    beast::error_code ignored;  // the peer may have gone first: nothing is left to do
    beast::get_lowest_layer(stream_).socket().close(ignored);
    // What is still pending refers to this object: let it end.
    loop_.run(SteadyClock::now() + goodbye_time, {}, [&] { return !reading_ && !writing_; });
  }

  Status open(const Target& target, const WebSocketOptions& options, const std::stop_token& stop) {
    const auto until = SteadyClock::now() + std::chrono::microseconds(options.connect_timeout);
    bool done = false;
    const auto finish = [&](beast::error_code error) {
      error_ = error;
      done = true;
    };
    prepare(options);
    resolver_.async_resolve(target.host, target.port,
                            [&](beast::error_code error, const tcp::resolver::results_type& found) {
                              if (error) return finish(error);
                              beast::get_lowest_layer(stream_).async_connect(
                                  found, [&](beast::error_code connect_error, const tcp::endpoint&) {
                                    if (connect_error) return finish(connect_error);
                                    secure(target, [&](beast::error_code tls_error) {
                                      if (tls_error) return finish(tls_error);
                                      beast::get_lowest_layer(stream_).expires_never();
                                      const std::string host = target.host + ":" + target.port;
                                      stream_.async_handshake(answer_, host, target.path, finish);
                                    });
                                  });
                            });
    if (!loop_.run(until, stop, [&] { return done; })) {
      resolver_.cancel();
      beast::get_lowest_layer(stream_).cancel();
      loop_.run(SteadyClock::now() + goodbye_time, {}, [&] { return done; });
      if (stop.stop_requested()) return model::make_error(ErrorClass::cancelled, "stopped");
      return model::make_error(ErrorClass::retry, "no WebSocket within the time-out");
    }
    if (error_) return refusal();
    open_ = true;
    return {};
  }

  model::Result<std::optional<WebSocketMessage>> receive(model::Micros within,
                                                         const std::stop_token& stop) override {
    read();
    const auto until = SteadyClock::now() + std::chrono::microseconds(within);
    loop_.run(until, stop, [&] { return !inbox_.empty() || error_; });
    if (!inbox_.empty()) {
      WebSocketMessage message = std::move(inbox_.front());
      inbox_.pop_front();
      return std::optional(std::move(message));
    }
    if (error_) return ended();
    if (stop.stop_requested()) return model::make_error(ErrorClass::cancelled, "stopped");
    return std::optional<WebSocketMessage>();
  }

  Status send(bool text, std::string_view data, const std::stop_token& stop) override {
    if (error_) return ended();
    outgoing_ = data;
    stream_.text(text);
    writing_ = true;
    stream_.async_write(asio::buffer(outgoing_), [this](beast::error_code error, std::size_t) {
      writing_ = false;
      if (error) error_ = error;
    });
    const auto until = SteadyClock::now() + std::chrono::seconds(30);
    if (loop_.run(until, stop, [&] { return !writing_; })) return error_ ? Status(ended()) : Status();
    if (stop.stop_requested()) return model::make_error(ErrorClass::cancelled, "stopped");
    error_ = beast::error::timeout;
    return ended();
  }

 private:
  void prepare(const WebSocketOptions& options) {
    websocket::stream_base::timeout times;
    times.handshake_timeout = std::chrono::microseconds(options.connect_timeout);
    times.idle_timeout = std::chrono::microseconds(options.ping_after * 2);
    times.keep_alive_pings = true;  // at half of the idle time
    stream_.set_option(times);
    stream_.set_option(
        websocket::stream_base::decorator([headers = options.headers](websocket::request_type& request) {
          for (const auto& [name, value] : headers) request.set(name, value);
        }));
    stream_.read_message_max(options.message_bytes);
  }

  template <class Then>
  void secure(const Target& target, Then then) {
    if constexpr (std::is_same_v<Next, beast::tcp_stream>) {
      then(beast::error_code());
    } else {
      auto& tls = stream_.next_layer();
      // SSL_set_tlsext_host_name is this call behind a cast of the old style.
      if (SSL_ctrl(tls.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                   const_cast<char*>(target.host.c_str())) != 1)
        return then(beast::error_code(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category()));
      tls.set_verify_callback(asio::ssl::host_name_verification(target.host));
      tls.async_handshake(asio::ssl::stream_base::client, std::move(then));
    }
  }

  void read() {
    if (reading_ || error_) return;
    reading_ = true;
    stream_.async_read(buffer_, [this](beast::error_code error, std::size_t) {
      reading_ = false;
      if (error) {
        error_ = error;
        return;
      }
      inbox_.push_back({stream_.got_text(), beast::buffers_to_string(buffer_.data())});
      buffer_.consume(buffer_.size());
    });
  }

  model::Error refusal() const {
    const bool certificate = error_.category() == asio::error::get_ssl_category();
    std::string why = error_.message();
    if (error_ == websocket::error::upgrade_declined)
      why += " (HTTP " + std::to_string(answer_.result_int()) + ")";
    return model::make_error(certificate ? ErrorClass::config : ErrorClass::retry, "no WebSocket: " + why);
  }

  model::Error ended() const {
    if (error_ == websocket::error::message_too_big)
      return model::make_error(ErrorClass::data, "a WebSocket message is larger than the limit");
    std::string why = error_ == websocket::error::closed ? "closed by the remote" : error_.message();
    if (error_ == websocket::error::closed && !stream_.reason().reason.empty())
      why += ": " + std::string(stream_.reason().reason.c_str());
    return model::make_error(ErrorClass::retry, "the WebSocket has ended: " + why);
  }

  Loop loop_;  // first: all below stands on it
  std::unique_ptr<asio::ssl::context> tls_;
  tcp::resolver resolver_;
  websocket::stream<Next> stream_;
  websocket::response_type answer_;
  beast::flat_buffer buffer_;
  std::deque<WebSocketMessage> inbox_;
  std::string outgoing_;
  beast::error_code error_;
  bool open_ = false, reading_ = false, writing_ = false;
};

model::Result<std::unique_ptr<asio::ssl::context>> tls_context(const std::string& ca_file) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  beast::error_code error;
  context->set_options(
      asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1,
      error);
  context->set_verify_mode(asio::ssl::verify_peer, error);
  if (ca_file.empty())
    context->set_default_verify_paths(error);
  else
    context->load_verify_file(ca_file, error);
  if (error)
    return model::make_error(ErrorClass::config,
                             "the certificate authorities cannot be read: " + error.message());
  return context;
}

template <class Next, class... Arguments>
model::Result<std::unique_ptr<WebSocket>> opened(const Target& target, const WebSocketOptions& options,
                                                 const std::stop_token& stop,
                                                 std::unique_ptr<asio::ssl::context> tls,
                                                 Arguments&... arguments) {
  auto socket = std::make_unique<Socket<Next>>(std::move(tls), arguments...);
  HUILIU_TRY(socket->open(target, options, stop));
  return std::unique_ptr<WebSocket>(std::move(socket));
}

}  // namespace

model::Result<std::unique_ptr<WebSocket>> open_web_socket(const WebSocketOptions& options,
                                                          const std::stop_token& stop) {
  HUILIU_ASSIGN(const Target target, target_of(options.url));
  if (!target.tls) return opened<beast::tcp_stream>(target, options, stop, nullptr);
  HUILIU_ASSIGN(std::unique_ptr<asio::ssl::context> tls, tls_context(options.ca_file));
  asio::ssl::context& context = *tls;
  return opened<beast::ssl_stream<beast::tcp_stream>>(target, options, stop, std::move(tls), context);
}

}  // namespace huiliu::host
