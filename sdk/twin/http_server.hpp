// A small HTTP/1.1 server for twins and tests.
//
// Idea: one handler, called with a whole request, answers with a whole response, or with a way of failing
// that a test wants to see (no answer, a late answer, half an answer). Boost.Beast stays inside
// http_beast.cpp.
// Ownership: the server owns its threads and sockets; the handler is kept until the server is destroyed.
// Threads: the handler runs on the server's worker threads, several at once. It may block for short times
// only.
// Errors: the constructor throws std::system_error when the address cannot be bound; an exception that
// escapes the handler becomes a 500 answer whose body is the exception's text.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiliu::twin {

// Name and value in the order of the wire. Header names are compared without regard to case.
using Fields = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;       // "GET", "POST", as received
  std::string target;       // as received: path and query, still percent-encoded
  std::string path;         // decoded, without the query
  Fields query;             // decoded names and values; '+' is a space
  Fields headers;           // as received
  std::string body;         // raw bytes
  std::string host;         // which of a twin's hosts received it (Twin::hosts); set by TwinServer
  bool empty_list = false;  // the fault "empty_list" hit: a list endpoint answers as if it had no records

  // First value under this name, compared without case; "" when there is none.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
  // First query value under this exact name; "" when there is none.
  std::string_view parameter(std::string_view name) const;
  bool has_parameter(std::string_view name) const;
};

struct HttpResponse {
  // What reaches the client. `close`: the connection ends without an answer. `truncate`: the announced length
  // is that of the body, but only half of it is sent. `cut_json`: half of the body under an honest length.
  enum class Delivery { send, close, truncate, cut_json };

  int status = 200;
  Fields headers;  // Content-Length and Connection are added by the server
  std::string body;
  Delivery delivery = Delivery::send;
  std::chrono::milliseconds delay{
      0};  // waited before sending or closing; other requests are served meanwhile
};

// 200 (or `status`) with Content-Type application/json; charset=utf-8.
HttpResponse json_response(std::string body, int status = 200);
HttpResponse text_response(std::string body, int status = 200);

// Decodes %XX and, when asked, '+' as a space. A malformed escape is kept as it stands.
std::string percent_decode(std::string_view text, bool plus_is_space = false);
// Encodes everything but unreserved characters (RFC 3986).
std::string percent_encode(std::string_view text);
// Decodes "a=1&b=2", as a query or a form body.
Fields parse_form(std::string_view text);

// The server's side of one WebSocket connection. Any thread; what is asked of a connection that has ended is
// without effect.
class WebSocketPeer {
 public:
  virtual ~WebSocketPeer() = default;
  virtual void send(std::string text) = 0;  // in order
  virtual void close() = 0;                 // says goodbye
  virtual void drop() = 0;                  // goes without a word
};

struct WebSocketHandler {
  std::function<void()> opened;
  std::function<void(const std::string& text)> message;
  std::function<void()> closed;  // once, however it ended; not when the server stops
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: the kernel chooses
  unsigned threads = 2;
  std::size_t max_body = 64U << 20U;       // larger: 413
  std::chrono::seconds idle_timeout{120};  // of a kept-alive connection
  // Asked whenever a client wants a WebSocket. nullopt, and without it: the HTTP handler answers. The
  // handler is called on the server's worker threads.
  std::function<std::optional<WebSocketHandler>(const HttpRequest&, std::shared_ptr<WebSocketPeer>)> upgrade =
      {};
};

class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // Binds, listens and serves at once.
  explicit HttpServer(Handler handler, ServerOptions options = {});
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  std::string url() const;  // "http://127.0.0.1:PORT", no slash at the end

  // Closes every connection, waits for running handlers, joins the threads. Safe to call twice; not from a
  // handler.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace huiliu::twin
