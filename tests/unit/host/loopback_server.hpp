// A server for the tests of the host, on plain sockets: one thread per connection, the handler writes the raw
// bytes of the answer and so can hang, reset or lie. Port chosen by the kernel.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace huiliu::loopback {

struct ServedRequest {
  std::string head;  // request line and headers
  std::string body;
  std::string line() const { return head.substr(0, head.find("\r\n")); }
  bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

// The sending side of one connection.
class Peer {
 public:
  Peer(int socket, const std::atomic<bool>& stopping) : socket_(socket), stopping_(stopping) {}
  // False: the client has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void answer(int code, std::string_view body, const std::string& headers = {}) {
    send("HTTP/1.1 " + std::to_string(code) + " X\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  }
  // Waits until the client closes, or the test ends.
  void hang() {
    pollfd poller = {socket_, POLLRDHUP, 0};
    while (!stopping_ && ::poll(&poller, 1, 50) == 0) {
    }
  }
  // Ends the connection with a reset instead of an orderly close.
  void reset() {
    const linger now = {1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    closed_ = true;
  }
  void close() { closed_ = true; }
  bool closed() const { return closed_; }

 private:
  int socket_;
  const std::atomic<bool>& stopping_;
  bool closed_ = false;
};

class LoopbackServer {
 public:
  using Handler = std::function<void(const ServedRequest&, Peer&)>;

  explicit LoopbackServer(Handler handler)
      : handler_(std::move(handler)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 64);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  ~LoopbackServer() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    {
      const std::lock_guard lock(mutex_);
      for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    }
    for (std::thread& worker : workers_) worker.join();
  }

  std::string url(const std::string& path = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  int connections() const { return connections_; }
  int requests() const { return requests_; }
  std::vector<ServedRequest> served() const {
    const std::lock_guard lock(mutex_);
    return served_;
  }

 private:
  void accept_all() {
    for (;;) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      ++connections_;
      const std::lock_guard lock(mutex_);
      sockets_.push_back(socket);
      workers_.emplace_back([this, socket] { serve(socket); });
    }
  }

  void serve(int socket) {
    Peer peer(socket, stopping_);
    std::string buffer;
    ServedRequest request;
    while (!stopping_ && !peer.closed() && read_request(socket, buffer, request)) {
      ++requests_;
      {
        const std::lock_guard lock(mutex_);
        served_.push_back(request);
      }
      handler_(request, peer);
    }
    const std::lock_guard lock(mutex_);
    std::erase(sockets_, socket);
    ::close(socket);
  }

  static bool read_more(int socket, std::string& buffer) {
    char chunk[16384];
    const ssize_t got = ::recv(socket, chunk, sizeof chunk, 0);
    if (got <= 0) return false;
    buffer.append(chunk, static_cast<std::size_t>(got));
    return true;
  }

  static bool read_request(int socket, std::string& buffer, ServedRequest& request) {
    std::size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos)
      if (!read_more(socket, buffer)) return false;
    request.head = buffer.substr(0, end + 2);
    buffer.erase(0, end + 4);
    std::size_t length = 0;
    if (const std::size_t at = request.head.find("Content-Length: "); at != std::string::npos)
      length = std::stoul(request.head.substr(at + 16));
    while (buffer.size() < length)
      if (!read_more(socket, buffer)) return false;
    request.body = buffer.substr(0, length);
    buffer.erase(0, length);
    return true;
  }

  Handler handler_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0, requests_ = 0;
  mutable std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<ServedRequest> served_;
  std::vector<std::thread> workers_;
  std::thread acceptor_;
};

}  // namespace huiliu::loopback
