// The one translation unit that includes Beast: server and client.
#include <algorithm>
#include <array>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "sdk/twin/http_client.hpp"
#include "sdk/twin/http_server.hpp"

namespace huiliu::twin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using tcp = asio::ip::tcp;

Fields fields_of(const http::fields& headers) {
  Fields fields;
  for (const auto& header : headers) fields.emplace_back(header.name_string(), header.value());
  return fields;
}

HttpRequest request_of(http::request<http::string_body>&& message) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  const std::string_view target = request.target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = percent_decode(target.substr(0, mark));
  if (mark < target.size()) request.query = parse_form(target.substr(mark + 1));
  request.headers = fields_of(message.base());
  request.body = std::move(message.body());
  return request;
}

bool carries_no_body(int status) { return status < 200 || status == 204 || status == 304; }

std::string head_of(const HttpResponse& response, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head += http::obsolete_reason(static_cast<http::status>(response.status));
  head += "\r\n";
  for (const auto& [name, value] : response.headers) head += name + ": " + value + "\r\n";
  if (!carries_no_body(response.status))
    head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

class Channel;

// What a twin holds of a channel: goes on to exist when the channel has ended, and then does nothing.
class Peer final : public WebSocketPeer {
 public:
  void attach(Channel& channel) {
    const std::lock_guard<std::mutex> guard(mutex_);
    channel_ = &channel;
  }
  void send(std::string text) override;
  void close() override;
  void drop() override;
  void detach() {
    const std::lock_guard<std::mutex> guard(mutex_);
    channel_ = nullptr;
  }

 private:
  template <class Action>
  void on_channel(Action action);

  std::mutex mutex_;
  Channel* channel_ = nullptr;
};

// One WebSocket connection. Lives by shared_ptr in its pending operations, as Session does.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(tcp::socket socket, std::shared_ptr<Peer> peer, WebSocketHandler handler)
      : stream_(std::move(socket)), peer_(std::move(peer)), handler_(std::move(handler)) {
    peer_->attach(*this);
  }
  ~Channel() { peer_->detach(); }

  auto executor() { return stream_.get_executor(); }

  void start(const http::request<http::string_body>& request) {
    beast::get_lowest_layer(stream_).expires_never();
    stream_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
    // Waits for nothing: the request is here, and its answer fits into any socket's buffer.
    beast::error_code error;
    stream_.accept(request, error);
    if (error) return end();
    open_ = true;
    write();
    read();
    if (handler_.opened) handler_.opened();
  }
  void push(std::string text) {
    queue_.push_back(std::move(text));
    if (queue_.size() == 1) write();
  }
  void say_goodbye() {
    if (!open_) return;
    stream_.async_close(websocket::close_code::going_away,
                        [self = shared_from_this()](beast::error_code) { self->end(); });
  }
  void drop() {
    beast::error_code ignored;  // the peer may have gone first
    beast::get_lowest_layer(stream_).socket().close(ignored);
  }

 private:
  void read() {
    stream_.async_read(buffer_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (error) return self->end();
      const std::string text = beast::buffers_to_string(self->buffer_.data());
      self->buffer_.consume(self->buffer_.size());
      if (self->handler_.message) self->handler_.message(text);
      self->read();
    });
  }
  void write() {
    if (!open_ || queue_.empty()) return;
    stream_.text(true);
    stream_.async_write(asio::buffer(queue_.front()),
                        [self = shared_from_this()](beast::error_code error, std::size_t) {
                          if (error) return self->end();
                          self->queue_.pop_front();
                          self->write();
                        });
  }
  void end() {
    if (ended_) return;
    ended_ = true;
    peer_->detach();
    if (handler_.closed) handler_.closed();
  }

  websocket::stream<beast::tcp_stream, /*deflateSupported=*/false> stream_;  // no vendor compresses
  std::shared_ptr<Peer> peer_;
  WebSocketHandler handler_;
  beast::flat_buffer buffer_;
  std::deque<std::string> queue_;
  bool open_ = false, ended_ = false;
};

// Under the lock the channel is alive: its end takes the lock first.
template <class Action>
void Peer::on_channel(Action action) {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (channel_ == nullptr) return;
  const std::shared_ptr<Channel> channel = channel_->weak_from_this().lock();
  if (channel)
    asio::post(channel->executor(), [channel, action = std::move(action)]() mutable { action(*channel); });
}
void Peer::send(std::string text) {
  on_channel([text = std::move(text)](Channel& channel) mutable { channel.push(std::move(text)); });
}
void Peer::close() {
  on_channel([](Channel& channel) { channel.say_goodbye(); });
}
void Peer::drop() {
  on_channel([](Channel& channel) { channel.drop(); });
}

// One connection: reads a request, has it handled, writes the answer, and again. Lives by shared_ptr in its
// own pending operations, so it ends when none is pending. Everything of it runs on its strand.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const HttpServer::Handler& handler, const ServerOptions& options)
      : stream_(std::move(socket)), timer_(stream_.get_executor()), handler_(handler), options_(options) {}

  void start() {
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->read_head(); });
  }

 private:
  void read_head() {
    parser_.emplace();
    parser_->header_limit(64 * 1024);  // some vendors put much into the query
    parser_->body_limit(options_.max_body);
    stream_.expires_after(options_.idle_timeout);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](beast::error_code error, std::size_t) {
                              if (error) return self->fail_read(error);
                              self->read_body();
                            });
  }

  // A client that sends "Expect: 100-continue" holds its body back until it is asked for.
  void read_body() {
    if (beast::iequals(parser_->get()[http::field::expect], "100-continue") && !parser_->is_done()) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      asio::async_write(stream_, asio::buffer(kContinue),
                        [self = shared_from_this()](beast::error_code error, std::size_t) {
                          if (!error) self->read_rest();
                        });
    } else {
      read_rest();
    }
  }

  void read_rest() {
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (error) return self->fail_read(error);
                       self->answer();
                     });
  }

  void fail_read(beast::error_code error) {
    keep_alive_ = false;
    if (error == http::error::body_limit) {
      response_ = text_response("request body too large\n", 413);
      write();
    } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
               error != http::error::end_of_stream && error != http::error::partial_message) {
      response_ = text_response("malformed request: " + error.message() + "\n", 400);
      write();
    } else {
      close();  // the peer went away, or was silent for too long
    }
  }

  void answer() {
    auto message = parser_->release();
    if (options_.upgrade && websocket::is_upgrade(message)) {
      const auto peer = std::make_shared<Peer>();
      const http::request<http::string_body> handshake = message;
      if (auto handler = options_.upgrade(request_of(std::move(message)), peer))
        return std::make_shared<Channel>(stream_.release_socket(), peer, std::move(*handler))
            ->start(handshake);
      message = handshake;
    }
    keep_alive_ = message.keep_alive();
    head_only_ = message.method() == http::verb::head;
    try {
      response_ = handler_(request_of(std::move(message)));
    } catch (const std::exception& error) {
      response_ = text_response(std::string("the handler failed: ") + error.what() + "\n", 500);
    }
    if (response_.delay.count() > 0) return wait();
    write();
  }

  void wait() {
    stream_.expires_never();
    timer_.expires_after(response_.delay);
    timer_.async_wait([self = shared_from_this()](beast::error_code error) {
      if (!error) self->write();
    });
  }

  void write() {
    using Delivery = HttpResponse::Delivery;
    if (response_.delivery == Delivery::close) return close();
    if (response_.delivery == Delivery::cut_json) response_.body.resize(response_.body.size() / 2);
    head_ = head_of(response_, keep_alive_ && response_.delivery != Delivery::truncate);
    std::size_t size = head_only_ || carries_no_body(response_.status) ? 0 : response_.body.size();
    if (response_.delivery == Delivery::truncate) {
      size /= 2;
      keep_alive_ = false;
    }
    stream_.expires_after(options_.idle_timeout);
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head_),
                                                    asio::buffer(response_.body.data(), size)};
    asio::async_write(stream_, buffers, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (error || !self->keep_alive_) return self->close();
      self->read_head();
    });
  }

  void close() {
    beast::error_code ignored;  // the peer may have closed first: then there is nothing left to do
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
  }

  beast::tcp_stream stream_;
  asio::steady_timer timer_;
  const HttpServer::Handler& handler_;
  const ServerOptions& options_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  HttpResponse response_;
  std::string head_;
  bool keep_alive_ = true;
  bool head_only_ = false;
};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(Handler handler, ServerOptions options)
      : handler_(std::move(handler)), options_(std::move(options)), acceptor_(context_) {
    const tcp::endpoint endpoint(asio::ip::make_address(options_.address), options_.port);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
    accept();
    for (unsigned i = 0; i < std::max(1U, options_.threads); ++i)
      threads_.emplace_back([this] { context_.run(); });
  }

  ~Impl() { stop(); }

  // Pending operations are dropped with the context, and with them the sessions and their sockets.
  void stop() {
    context_.stop();
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
    threads_.clear();
    beast::error_code ignored;
    acceptor_.close(ignored);
  }

  std::uint16_t port() const { return port_; }
  const ServerOptions& options() const { return options_; }

 private:
  void accept() {
    acceptor_.async_accept(asio::make_strand(context_), [this](beast::error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) {
        beast::error_code ignored;  // without it the connection is only slower
        socket.set_option(tcp::no_delay(true), ignored);
        std::make_shared<Session>(std::move(socket), handler_, options_)->start();
      }
      accept();
    });
  }

  Handler handler_;
  ServerOptions options_;
  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::vector<std::thread> threads_;
};

HttpServer::HttpServer(Handler handler, ServerOptions options)
    : impl_(std::make_unique<Impl>(std::move(handler), std::move(options))) {}
HttpServer::~HttpServer() = default;
std::uint16_t HttpServer::port() const { return impl_->port(); }
std::string HttpServer::url() const {
  return "http://" + impl_->options().address + ":" + std::to_string(impl_->port());
}
void HttpServer::stop() { impl_->stop(); }

namespace {

struct UrlParts {
  std::string host, port, target;
};

std::optional<UrlParts> split_url(std::string_view url) {
  static constexpr std::string_view kScheme = "http://";
  if (url.substr(0, kScheme.size()) != kScheme) return std::nullopt;
  url.remove_prefix(kScheme.size());
  const std::size_t slash = std::min(url.find_first_of("/?"), url.size());
  const std::string_view authority = url.substr(0, slash);
  UrlParts parts;
  parts.target = std::string(url.substr(slash));
  if (parts.target.empty() || parts.target.front() != '/') parts.target.insert(0, "/");
  const std::size_t colon = authority.rfind(':');
  parts.host = std::string(authority.substr(0, colon));
  parts.port = colon == std::string_view::npos ? "80" : std::string(authority.substr(colon + 1));
  return parts;
}

// Runs the context until its work is done or the time is over; a timed-out exchange is cancelled with the
// stream.
HttpAnswer exchange(const ClientRequest& wanted, const UrlParts& parts) {
  asio::io_context context;
  beast::tcp_stream stream(context);
  http::request<http::string_body> message(http::string_to_verb(wanted.method), parts.target, 11);
  if (message.method() == http::verb::unknown) message.method_string(wanted.method);
  message.set(http::field::host, parts.host + ":" + parts.port);
  message.set(http::field::connection, "close");
  for (const auto& [name, value] : wanted.headers) message.insert(name, value);
  message.body() = wanted.body;
  message.prepare_payload();

  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(64U << 20U);
  if (wanted.method == "HEAD") parser.skip(true);
  HttpAnswer answer;
  const auto fail = [&](beast::error_code error) { answer.error = error.message(); };

  beast::error_code unknown;
  const auto found =
      tcp::resolver(context).resolve(parts.host, parts.port, unknown);  // twins call this machine
  if (unknown) {
    fail(unknown);
    return answer;
  }
  stream.expires_after(wanted.timeout);
  stream.async_connect(found, [&](beast::error_code connect_error, const tcp::endpoint&) {
    if (connect_error) return fail(connect_error);
    http::async_write(stream, message, [&](beast::error_code write_error, std::size_t) {
      if (write_error) return fail(write_error);
      http::async_read(stream, buffer, parser, [&](beast::error_code read_error, std::size_t) {
        if (read_error) return fail(read_error);
        answer.status = static_cast<int>(parser.get().result_int());
      });
    });
  });
  context.run();
  if (answer.status != 0) {
    answer.headers = fields_of(parser.get().base());
    answer.body = parser.get().body();
  }
  return answer;
}

}  // namespace

HttpAnswer http_send(const ClientRequest& request) {
  HttpAnswer answer;
  const std::optional<UrlParts> parts = split_url(request.url);
  if (!parts) {
    answer.error = "not an http:// address: " + request.url;
    return answer;
  }
  try {
    return exchange(request, *parts);
  } catch (const std::exception& error) {
    answer.error = error.what();
    return answer;
  }
}

}  // namespace huiliu::twin
