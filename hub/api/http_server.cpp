#include "hub/api/http_server.hpp"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <thread>

namespace huiliu::api {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

struct Shared {
  HttpServerOptions options;
  HttpServer::Handler handler;
  asio::io_context io{1};
  asio::thread_pool workers;
  std::atomic<std::size_t> connections{0};
  explicit Shared(const HttpServerOptions& chosen, HttpServer::Handler handle)
      : options(chosen), handler(std::move(handle)), workers(chosen.threads) {}
};

HttpRequest plain(http::request<http::string_body>&& message) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message)
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  request.body = std::move(message.body());
  return request;
}

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(tcp::socket socket, Shared& shared) : stream_(std::move(socket)), shared_(shared) {
    ++shared_.connections;
  }
  ~HttpConnection() { --shared_.connections; }

  void read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_.options.header_bytes_max));
    parser_->body_limit(shared_.options.body_bytes_max);
    stream_.expires_after(shared_.options.read_timeout);
    http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](const beast::error_code& error, std::size_t) { self->on_read(error); });
  }

 private:
  void on_read(const beast::error_code& error) {
    if (error == http::error::body_limit) return refuse(http::status::payload_too_large);
    if (error == http::error::header_limit) return refuse(http::status::request_header_fields_too_large);
    const bool peer_gone = error && error.category() == asio::error::get_system_category();
    if (peer_gone || error == http::error::end_of_stream || error == beast::error::timeout) return close();
    if (error) return refuse(http::status::bad_request);
    http::request<http::string_body> message = parser_->release();
    keep_alive_ = message.keep_alive();
    // Two lengths for one body are how requests are smuggled past a proxy.
    if (message.count(http::field::content_length) > 1 ||
        (message.count(http::field::content_length) > 0 && message.count(http::field::transfer_encoding) > 0))
      return refuse(http::status::bad_request);
    asio::post(shared_.workers, [self = shared_from_this(), request = plain(std::move(message))] {
      HttpResponse response = self->answer(request);
      asio::post(self->stream_.get_executor(),
                 [self, response = std::move(response)]() mutable { self->write(std::move(response)); });
    });
  }

  HttpResponse answer(const HttpRequest& request) {
    try {
      return shared_.handler(request);
    } catch (
        const std::exception&) {  // a bug in a handler must not end the server; the caller learns no details
      return {500, {}, ""};
    }
  }

  void refuse(http::status status) {
    keep_alive_ = false;
    write({static_cast<int>(status), {}, ""});
  }

  void write(HttpResponse response) {
    message_ = {};
    message_.version(11);
    message_.result(static_cast<unsigned>(response.status));
    for (const auto& [name, value] : response.headers) message_.insert(name, value);
    message_.set("X-Content-Type-Options", "nosniff");
    message_.body() = std::move(response.body);
    message_.keep_alive(keep_alive_);
    message_.prepare_payload();
    stream_.expires_after(shared_.options.read_timeout);
    http::async_write(stream_, message_,
                      [self = shared_from_this()](const beast::error_code& error, std::size_t) {
                        if (error || !self->keep_alive_) return self->close();
                        self->read();
                      });
  }

  void close() {
    beast::error_code ignored;  // the peer may be gone already
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  beast::tcp_stream stream_;
  Shared& shared_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> message_;
  bool keep_alive_ = false;
};

}  // namespace

struct HttpServer::Impl {
  Shared shared;
  tcp::acceptor acceptor;
  std::thread thread;

  Impl(const HttpServerOptions& options, Handler handler)
      : shared(options, std::move(handler)), acceptor(shared.io) {}

  void accept() {
    acceptor.async_accept([this](const beast::error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error && shared.connections < shared.options.connections_max)
        std::make_shared<HttpConnection>(std::move(socket), shared)->read();
      accept();
    });
  }
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

model::Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpServerOptions& options,
                                                             Handler handler) {
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  const std::string where = options.address + ":" + std::to_string(options.port);
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
