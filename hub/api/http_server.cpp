#include "hub/api/http_server.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <filesystem>
#include <map>
#include <thread>
#include <type_traits>

namespace huiliu::api {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace fs = std::filesystem;
namespace http = beast::http;
namespace ssl = asio::ssl;
using tcp = asio::ip::tcp;

bool same_name(std::string_view a, std::string_view b) {
  return beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

model::Result<std::shared_ptr<ssl::context>> tls_context(const HttpServerOptions& options) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  beast::error_code error;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                           ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 |
                           SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION,
                       error);
  const bool ciphers =
      !error && SSL_CTX_set_cipher_list(context->native_handle(),
                                        "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!SHA1:!kRSA") == 1;
  if (ciphers) context->use_certificate_chain_file(options.tls_certificate, error);
  if (ciphers && !error) context->use_private_key_file(options.tls_key, ssl::context::pem, error);
  if (!ciphers || error || SSL_CTX_check_private_key(context->native_handle()) != 1)
    return model::make_error(model::ErrorClass::config,
                             "the certificate or its key cannot be used: " + error.message(),
                             options.tls_certificate);
  return context;
}

struct Shared {
  HttpServerOptions options;
  HttpServer::Handler handler;
  std::atomic<bool> stopping{false};
  // The rest only on io's thread.
  std::size_t connections = 0, event_streams = 0;
  std::map<std::string, std::size_t> of_peer;
  std::shared_ptr<ssl::context> tls;
  fs::file_time_type tls_written{};
  std::chrono::steady_clock::time_point tls_looked{};
  // Last, so that they go first: connections that are still open count down above.
  asio::io_context io{1};
  asio::thread_pool workers;

  explicit Shared(const HttpServerOptions& chosen, HttpServer::Handler handle)
      : options(chosen), handler(std::move(handle)), workers(chosen.threads) {}

  bool has_tls() const { return !options.tls_certificate.empty(); }

  fs::file_time_type written() const {
    std::error_code missing;  // counts as unchanged
    const auto certificate = fs::last_write_time(options.tls_certificate, missing);
    const auto key = fs::last_write_time(options.tls_key, missing);
    return std::max(certificate, key);
  }

  // The certificate in use; a changed one is taken, at most a look a second.
  const std::shared_ptr<ssl::context>& present_tls() {
    const auto now = std::chrono::steady_clock::now();
    if (now - tls_looked < std::chrono::seconds(1)) return tls;
    tls_looked = now;
    if (const auto changed = written(); changed != tls_written)
      if (auto fresh = tls_context(options); fresh.ok()) {
        tls = std::move(*fresh);
        tls_written = changed;
      }
    return tls;
  }
};

// Counts one connection as long as it lives.
class Admission {
 public:
  Admission(Shared& shared, std::string peer) : shared_(shared), peer_(std::move(peer)) {
    ++shared_.connections;
    ++shared_.of_peer[peer_];
  }
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;
  ~Admission() {
    --shared_.connections;
    if (--shared_.of_peer[peer_] == 0) shared_.of_peer.erase(peer_);
  }
  const std::string& peer() const { return peer_; }

 private:
  Shared& shared_;
  std::string peer_;
};

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 16 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Two lengths for one body, or two hosts, are how requests are smuggled past a proxy.
bool ambiguous(const http::request<http::string_body>& message, std::size_t headers_max) {
  std::size_t count = 0;
  for (const auto& field : message) {
    ++count;
    for (const char c : field.value())
      if (static_cast<unsigned char>(c) < 0x20 && c != '\t') return true;
  }
  const std::string_view target(message.target().data(), message.target().size());
  for (const char c : target)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) == 0x7f) return true;
  const bool chunked = message.count(http::field::transfer_encoding) > 0;
  const auto length = message.find(http::field::content_length);
  return count > headers_max || (length != message.end() && !is_number(length->value())) ||
         message.count(http::field::content_length) > 1 ||
         message.count(http::field::transfer_encoding) > 1 ||
         (chunked && message.count(http::field::content_length) > 0) ||
         (chunked && !beast::iequals(message[http::field::transfer_encoding], "chunked")) ||
         message.version() != 11 || message.count(http::field::host) != 1 ||
         message[http::field::host].empty() || !target.starts_with('/');
}

template <class Stream>
class HttpConnection : public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  static constexpr bool is_tls = !std::is_same_v<Stream, beast::tcp_stream>;

  HttpConnection(Stream stream, Shared& shared, std::string peer, std::shared_ptr<ssl::context> context)
      : context_(std::move(context)),
        stream_(std::move(stream)),
        shared_(shared),
        admission_(shared, std::move(peer)),
        timer_(shared.io) {}
  ~HttpConnection() {
    if (source_) --shared_.event_streams;
  }

  void start() {
    if constexpr (is_tls) {
      beast::get_lowest_layer(stream_).expires_after(shared_.options.header_timeout);
      stream_.async_handshake(ssl::stream_base::server,
                              [self = this->shared_from_this()](const beast::error_code& error) {
                                if (!error) self->read(self->shared_.options.header_timeout);
                              });
    } else {
      read(shared_.options.header_timeout);
    }
  }

 private:
  void read(std::chrono::milliseconds patience) {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_.options.header_bytes_max));
    parser_->body_limit(shared_.options.body_bytes_max);
    beast::get_lowest_layer(stream_).expires_after(patience);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](const beast::error_code& error, std::size_t) {
                              if (!self->failed(error)) self->read_body();
                            });
  }

  void read_body() {
    if (parser_->is_done()) return take();
    beast::get_lowest_layer(stream_).expires_after(shared_.options.body_timeout);
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](const beast::error_code& error, std::size_t) {
                       if (!self->failed(error)) self->take();
                     });
  }

  bool failed(const beast::error_code& error) {
    if (!error) return false;
    const bool peer_gone = error.category() == asio::error::get_system_category() ||
                           error.category() == asio::error::get_ssl_category() ||
                           error == ssl::error::stream_truncated;
    if (error == http::error::body_limit)
      refuse(http::status::payload_too_large);
    else if (error == http::error::header_limit)
      refuse(http::status::request_header_fields_too_large);
    else if (peer_gone || error == http::error::end_of_stream || error == beast::error::timeout)
      close();
    else
      refuse(http::status::bad_request);
    return true;
  }

  void take() {
    http::request<http::string_body> message = parser_->release();
    keep_alive_ = message.keep_alive();
    head_ = message.method() == http::verb::head;
    if (ambiguous(message, shared_.options.headers_max)) return refuse(http::status::bad_request);
    // The connection goes back to io's thread whole: only there it may end.
    asio::post(shared_.workers,
               [self = this->shared_from_this(), request = plain(std::move(message))]() mutable {
                 HttpResponse response = self->answer(request);
                 const auto executor = self->stream_.get_executor();
                 asio::post(executor, [self = std::move(self), response = std::move(response)]() mutable {
                   self->write(std::move(response));
                 });
               });
  }

  HttpRequest plain(http::request<http::string_body>&& message) const {
    HttpRequest request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message)
      request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    request.body = std::move(message.body());
    request.peer = admission_.peer();
    request.secure = is_tls;
    return request;
  }

  HttpResponse answer(const HttpRequest& request) {
    try {
      return shared_.handler(request);
    } catch (
        const std::exception&) {  // a bug in a handler must not end the server; the caller learns no details
      return {500, {}, "", {}};
    }
  }

  void refuse(http::status status) {
    keep_alive_ = false;
    write({static_cast<int>(status), {}, "", {}});
  }

  void write(HttpResponse response) {
    if (response.events) return begin_events(std::move(response));
    message_ = {};
    message_.version(11);
    message_.result(static_cast<unsigned>(response.status));
    for (const auto& [name, value] : response.headers) message_.insert(name, value);
    message_.set("X-Content-Type-Options", "nosniff");
    if constexpr (is_tls) message_.set("Strict-Transport-Security", "max-age=31536000");
    message_.keep_alive(keep_alive_);
    const bool bodyless = response.status == 204 || response.status == 304;
    if (!bodyless) message_.content_length(response.body.size());
    if (!bodyless && !head_) message_.body() = std::move(response.body);
    beast::get_lowest_layer(stream_).expires_after(shared_.options.idle_timeout);
    http::async_write(stream_, message_,
                      [self = this->shared_from_this()](const beast::error_code& error, std::size_t) {
                        if (error || !self->keep_alive_) return self->close();
                        self->read(self->shared_.options.idle_timeout);
                      });
  }

  void begin_events(HttpResponse response) {
    if (shared_.event_streams >= shared_.options.event_streams_max)
      return write({503, {{"Retry-After", "5"}}, "", {}});
    ++shared_.event_streams;
    source_ = std::move(response.events);
    text_ =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n";
    for (const auto& [name, value] : response.headers) text_ += name + ": " + value + "\r\n";
    text_ += "\r\n";
    send_events();
  }

  void send_events() {
    beast::get_lowest_layer(stream_).expires_after(shared_.options.idle_timeout);
    asio::async_write(stream_, asio::buffer(text_),
                      [self = this->shared_from_this()](const beast::error_code& error, std::size_t) {
                        if (!error) self->wait_for_events();
                      });
  }

  void wait_for_events() {
    if (shared_.stopping) return close();
    beast::get_lowest_layer(stream_).expires_never();
    timer_.expires_after(shared_.options.event_interval);
    timer_.async_wait([self = this->shared_from_this()](const beast::error_code& error) {
      if (!error) self->look_for_events();
    });
  }

  void look_for_events() {
    if (shared_.stopping) return close();
    asio::post(shared_.workers, [self = this->shared_from_this()]() mutable {
      std::optional<std::string> more;
      try {
        more = self->source_->next();
      } catch (const std::exception&) {  // the stream ends; the client opens a new one
        more.reset();
      }
      const auto executor = self->stream_.get_executor();
      asio::post(executor, [self = std::move(self), more = std::move(more)]() mutable {
        if (!more) return self->close();
        // A comment now and then finds out that the peer went away.
        if (more->empty() && ++self->quiet_ < 20) return self->wait_for_events();
        self->quiet_ = 0;
        self->text_ = more->empty() ? ": still here\n\n" : std::move(*more);
        self->send_events();
      });
    });
  }

  void close() {
    beast::error_code ignored;  // the peer may be gone already
    beast::get_lowest_layer(stream_).socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  std::shared_ptr<ssl::context> context_;  // outlives the stream
  Stream stream_;
  Shared& shared_;
  Admission admission_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> message_;
  std::shared_ptr<EventSource> source_;
  std::string text_;
  int quiet_ = 0;
  bool keep_alive_ = false, head_ = false;
};

}  // namespace

std::string HttpRequest::header(std::string_view name) const {
  for (const auto& [found, value] : headers)
    if (same_name(found, name)) return value;
  return {};
}

std::string HttpRequest::cookie(std::string_view name) const {
  const std::string all = header("Cookie");
  std::string_view rest = all;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return std::string(pair.substr(name.size() + 1));
  }
  return {};
}

struct HttpServer::Impl {
  Shared shared;
  tcp::acceptor acceptor;
  std::thread thread;

  Impl(const HttpServerOptions& options, Handler handler)
      : shared(options, std::move(handler)), acceptor(shared.io) {}

  void accept() {
    acceptor.async_accept([this](const beast::error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) take(std::move(socket));
      accept();
    });
  }

  void take(tcp::socket socket) {
    beast::error_code gone;
    const auto endpoint = socket.remote_endpoint(gone);
    if (gone || shared.connections >= shared.options.connections_max) return;
    const std::string peer = endpoint.address().to_string();
    if (const auto known = shared.of_peer.find(peer);
        known != shared.of_peer.end() && known->second >= shared.options.connections_of_peer_max)
      return;
    if (shared.has_tls()) {
      const auto context = shared.present_tls();
      using Tls = beast::ssl_stream<beast::tcp_stream>;
      std::make_shared<HttpConnection<Tls>>(Tls(beast::tcp_stream(std::move(socket)), *context), shared, peer,
                                            context)
          ->start();
    } else {
      std::make_shared<HttpConnection<beast::tcp_stream>>(beast::tcp_stream(std::move(socket)), shared, peer,
                                                          nullptr)
          ->start();
    }
  }
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

model::Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpServerOptions& options,
                                                             Handler handler) {
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  const std::string where = options.address + ":" + std::to_string(options.port);
  if (impl->shared.has_tls()) {
    HUILIU_ASSIGN(impl->shared.tls, tls_context(options));
    impl->shared.tls_written = impl->shared.written();
  }
  beast::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return model::make_error(model::ErrorClass::config, "not an IP address to listen on", where);
  const tcp::endpoint endpoint(address, options.port);
  impl->acceptor.open(endpoint.protocol(), error);
  if (!error) impl->acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) impl->acceptor.bind(endpoint, error);
  if (!error) impl->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return model::make_error(model::ErrorClass::config, "cannot listen: " + error.message(), where);
  impl->accept();
  impl->thread = std::thread([raw = impl.get()] { raw->shared.io.run(); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() {
  impl_->shared.stopping = true;
  asio::post(impl_->shared.io, [this] {
    beast::error_code ignored;
    impl_->acceptor.close(ignored);
  });
  impl_->shared.workers.join();
  impl_->shared.io.stop();
  impl_->thread.join();
}

std::uint16_t HttpServer::port() const { return impl_->acceptor.local_endpoint().port(); }

}  // namespace huiliu::api
