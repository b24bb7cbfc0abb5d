#include "hub/host/child/link.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace huiliu::host::child {
namespace {

constexpr int host_is_gone = 3;

bool read_all(int socket, char* into, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(socket, into, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

std::optional<wire::Frame> Link::take() {
  wire::Frame frame;
  const std::uint32_t mark = frame.header.mark;
  if (!read_all(socket_, reinterpret_cast<char*>(&frame.header), sizeof frame.header) ||
      frame.header.mark != mark || frame.header.size > wire::max_frame_bytes)
    return std::nullopt;
  frame.payload.resize(frame.header.size);
  if (!read_all(socket_, frame.payload.data(), frame.payload.size())) return std::nullopt;
  return frame;
}

void Link::start() {
  std::thread([this] { receive(); }).detach();
}

void Link::receive() {
  for (;;) {
    std::optional<wire::Frame> frame = take();
    if (!frame) ::_exit(host_is_gone);
    switch (frame->kind()) {
      case wire::Kind::cancel:
        wake_(frame->header.call);
        continue;
      case wire::Kind::credit: {
        wire::Reader in(frame->payload);
        const std::lock_guard lock(mutex_);
        credit_ += static_cast<std::int64_t>(in.u64());
        break;
      }
      case wire::Kind::reply: {
        const std::lock_guard lock(mutex_);
        replies_.emplace(frame->header.request, std::move(*frame));
        break;
      }
      default: {
        const std::lock_guard lock(mutex_);
        calls_.push_back(std::move(*frame));
        break;
      }
    }
    changed_.notify_all();
  }
}

template <class Ready>
void Link::wait(std::unique_lock<std::mutex>& lock, Ready ready) {
  while (!ready()) {
    changed_.wait(lock, [&] { return ready() || !calls_.empty(); });
    if (ready()) return;
    wire::Frame call = std::move(calls_.front());
    calls_.pop_front();
    lock.unlock();
    run_(std::move(call));
    lock.lock();
  }
}

void Link::serve() {
  std::unique_lock lock(mutex_);
  wait(lock, [] { return false; });
  ::_exit(0);  // wait never ends
}

void Link::send(wire::Kind kind, std::uint32_t call, std::uint32_t request, const std::string& payload) {
  wire::Header header;
  header.kind = static_cast<std::uint32_t>(kind);
  header.call = call;
  header.request = request;
  header.size = payload.size();
  iovec parts[2] = {{&header, sizeof header}, {const_cast<char*>(payload.data()), payload.size()}};
  msghdr message = {};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  const std::lock_guard lock(sending_);
  while (message.msg_iovlen > 0) {
    ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) ::_exit(host_is_gone);
    while (message.msg_iovlen > 0 && static_cast<std::size_t>(sent) >= message.msg_iov->iov_len) {
      sent -= static_cast<ssize_t>(message.msg_iov->iov_len);
      ++message.msg_iov;
      --message.msg_iovlen;
    }
    if (message.msg_iovlen > 0) {
      message.msg_iov->iov_base = static_cast<char*>(message.msg_iov->iov_base) + sent;
      message.msg_iov->iov_len -= static_cast<std::size_t>(sent);
    }
  }
}

void Link::note(std::uint32_t call, wire::Service service, const wire::Writer& payload) {
  {
    std::unique_lock lock(mutex_);
    wait(lock, [&] { return credit_ > 0; });
    credit_ -= static_cast<std::int64_t>(payload.bytes().size() + sizeof(wire::Header));
  }
  send(wire::Kind::note, call, static_cast<std::uint32_t>(service), payload.bytes());
}

wire::Frame Link::ask(std::uint32_t call, wire::Service service, const wire::Writer& payload) {
  std::uint32_t request = 0;
  {
    const std::lock_guard lock(mutex_);
    request = ++last_request_;
  }
  wire::Writer framed;
  framed.reserve(payload.bytes().size() + 4);
  framed.u32(static_cast<std::uint32_t>(service));
  std::string bytes = framed.take() + payload.bytes();
  send(wire::Kind::service, call, request, bytes);
  std::unique_lock lock(mutex_);
  wait(lock, [&] { return replies_.contains(request); });
  auto answer = replies_.extract(request);
  return std::move(answer.mapped());
}

}  // namespace huiliu::host::child
