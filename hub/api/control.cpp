#include "hub/api/control.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <list>
#include <mutex>
#include <ostream>
#include <sstream>
#include <streambuf>
#include <thread>

#include "hub/model/value.hpp"

namespace huiliu::api {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Value;

constexpr std::size_t request_bytes_max = std::size_t{1} << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

bool fill_address(const std::string& path, sockaddr_un& address) {
  std::memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.data(), path.size());
  return true;
}

Descriptor connect_to(const std::string& path) {
  sockaddr_un address;
  if (!fill_address(path, address)) return Descriptor();
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0 ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return Descriptor();
  return socket;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Reads lines from a socket. False: the end, or too long a line.
class LineReader {
 public:
  explicit LineReader(int fd) : fd_(fd) {}
  bool next(std::string& line, std::size_t limit) {
    while (true) {
      if (const std::size_t end = buffer_.find('\n', scanned_); end != std::string::npos) {
        line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        scanned_ = 0;
        return true;
      }
      scanned_ = buffer_.size();
      if (buffer_.size() > limit) return false;
      char chunk[16384];
      const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      buffer_.append(chunk, static_cast<std::size_t>(got));
    }
  }

 private:
  int fd_;
  std::string buffer_;
  std::size_t scanned_ = 0;
};

// A stream whose text travels as {"out": text} lines, at every line's end.
class FrameBuffer final : public std::streambuf {
 public:
  FrameBuffer(int fd, std::mutex& mutex, const char* name) : fd_(fd), mutex_(mutex), name_(name) {}
  ~FrameBuffer() override { sync(); }

 protected:
  int overflow(int c) override {
    if (c == traits_type::eof()) return 0;
    text_ += static_cast<char>(c);
    if (c == '\n' && text_.size() > 4096) sync();
    return c;
  }
  std::streamsize xsputn(const char* data, std::streamsize size) override {
    text_.append(data, static_cast<std::size_t>(size));
    if (text_.size() > 4096 || (size > 0 && data[size - 1] == '\n')) sync();
    return size;
  }
  int sync() override {
    if (text_.empty()) return 0;
    const std::lock_guard lock(mutex_);
    const bool sent = send_all(fd_, model::to_json(model::Object{{name_, std::exchange(text_, {})}}) + "\n");
    return sent ? 0 : -1;
  }

 private:
  int fd_;
  std::mutex& mutex_;
  const char* name_;
  std::string text_;
};

}  // namespace

std::string control_socket_path(const std::string& store) {
  if (!store.starts_with("sqlite:")) return {};
  std::string path = store.substr(7);
  if (const std::size_t options = path.find('?'); options != std::string::npos) path.resize(options);
  return path + ".sock";
}

std::optional<int> run_in_server(const std::string& store, const std::vector<std::string>& arguments,
                                 std::ostream& out, std::ostream& err) {
  const std::string path = control_socket_path(store);
  if (path.empty()) return std::nullopt;
  const Descriptor socket = connect_to(path);
  if (socket.get() < 0) return std::nullopt;
  model::Array words;
  for (const std::string& argument : arguments) words.emplace_back(argument);
  if (!send_all(socket.get(), model::to_json(model::Object{{"args", std::move(words)}}) + "\n"))
    return std::nullopt;
  LineReader reader(socket.get());
  std::string line;
  while (reader.next(line, std::size_t{256} << 20)) {
    const auto frame = model::parse_json(line, {.depth = 8, .bytes = std::size_t{256} << 20});
    if (!frame.ok()) break;
    if (const Value* text = frame->find("out")) out << text->to_text() << std::flush;
    if (const Value* text = frame->find("err")) err << text->to_text() << std::flush;
    if (const Value* code = frame->find("exit"))
      return static_cast<int>(code->is_number() ? code->as_number().to_int64().value_or(1) : 1);
  }
  err << "huiliu: the serving process went away before the command ended; look at `huiliu run list`\n";
  return 1;
}

struct ControlServer::Impl {
  std::string path;
  Descriptor listener;
  Handler handler;
  std::atomic<bool> stop{false};
  struct Client {
    std::thread thread;
    std::atomic<bool> done{false};
  };
  std::list<Client> clients;
  std::thread acceptor;

  void accept_loop() {
    while (!stop) {
      pollfd waiting{listener.get(), POLLIN, 0};
      const int ready = ::poll(&waiting, 1, 200);
      if (ready <= 0) continue;
      const int fd = ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      forget_finished();
      Client& client = clients.emplace_back();
      client.thread = std::thread([this, fd, &client] {
        serve(Descriptor(fd));
        client.done = true;
      });
    }
  }

  // Only the acceptor touches the list while it runs.
  void forget_finished() {
    for (auto client = clients.begin(); client != clients.end();) {
      if (!client->done) {
        ++client;
        continue;
      }
      client->thread.join();
      client = clients.erase(client);
    }
  }

  void serve(const Descriptor& socket) {
    LineReader reader(socket.get());
    std::string line;
    if (!reader.next(line, request_bytes_max)) return;
    const auto request = model::parse_json(line);
    std::vector<std::string> arguments;
    if (request.ok() && (*request)["args"].is_array())
      for (const Value& word : (*request)["args"].as_array()) arguments.push_back(word.to_text());
    std::mutex writing;
    int code = 2;
    {
      FrameBuffer out_buffer(socket.get(), writing, "out");
      FrameBuffer err_buffer(socket.get(), writing, "err");
      std::ostream out(&out_buffer);
      std::ostream err(&err_buffer);
      if (arguments.empty())
        err << "huiliu: the control socket got no command\n";
      else
        code = handler(arguments, out, err, stop);
      out.flush();
      err.flush();
    }
    send_all(socket.get(), model::to_json(model::Object{{"exit", code}}) + "\n");
  }
};

ControlServer::ControlServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

model::Result<std::unique_ptr<ControlServer>> ControlServer::start(const std::string& store,
                                                                   Handler handler) {
  auto impl = std::make_unique<Impl>();
  impl->path = control_socket_path(store);
  impl->handler = std::move(handler);
  sockaddr_un address;
  if (impl->path.empty() || !fill_address(impl->path, address))
    return make_error(ErrorClass::config,
                      "no control socket can be made beside this store (the path is longer than 107 bytes?)",
                      impl->path);
  // The caller owns the store's lock, so a socket that is already there was left behind.
  ::unlink(impl->path.c_str());
  impl->listener = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const mode_t before = ::umask(0177);
  const int bound = ::bind(impl->listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(before);
  if (bound != 0 || ::listen(impl->listener.get(), 16) != 0)
    return make_error(ErrorClass::config,
                      std::string("cannot listen on the control socket: ") + std::strerror(errno),
                      impl->path);
  impl->acceptor = std::thread([raw = impl.get()] { raw->accept_loop(); });
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(impl)));
}

ControlServer::~ControlServer() {
  impl_->stop = true;
  impl_->acceptor.join();
  for (Impl::Client& client : impl_->clients) client.thread.join();
  ::unlink(impl_->path.c_str());
}

}  // namespace huiliu::api
