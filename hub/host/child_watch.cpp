#include "hub/host/child_watch.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

namespace huiliu::host {
namespace {

constexpr std::uint64_t the_end = 0;  // the number of our own event descriptor

bool add(int epoll, int descriptor, std::uint32_t events, std::uint64_t number) {
  epoll_event event = {};
  event.events = events;
  event.data.u64 = number;
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

}  // namespace

ChildWatch::ChildWatch() = default;

ChildWatch::~ChildWatch() {
  if (thread_.joinable()) {
    const std::uint64_t one = 1;
    while (::write(end_, &one, sizeof one) < 0 && errno == EINTR) continue;
    thread_.join();
  }
  if (epoll_ >= 0) ::close(epoll_);
  if (end_ >= 0) ::close(end_);
}

std::uint64_t ChildWatch::watch(int socket, std::stop_source gone) {
  const std::lock_guard lock(mutex_);
  if (epoll_ < 0) epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (end_ < 0) end_ = ::eventfd(0, EFD_CLOEXEC);
  if (epoll_ < 0 || end_ < 0) return 0;
  if (!thread_.joinable()) {
    if (!add(epoll_, end_, EPOLLIN, the_end)) return 0;
    thread_ = std::thread([this] { run(); });
  }
  const std::uint64_t number = ++last_;
  // No events are asked for: the end of the far side is always told, and what it sends concerns others. Once
  // is enough.
  if (!add(epoll_, socket, EPOLLONESHOT, number)) return 0;
  watched_.emplace(number, std::move(gone));
  return number;
}

void ChildWatch::forget(std::uint64_t number, int socket) {
  const std::lock_guard lock(mutex_);
  // Nothing to find: it was told already.
  if (watched_.erase(number) > 0) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
}

void ChildWatch::run() {
  for (;;) {
    std::array<epoll_event, 16> events = {};
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    if (count < 0 && errno != EINTR) return;
    for (int i = 0; i < count; ++i) {
      const std::uint64_t number = events[static_cast<std::size_t>(i)].data.u64;
      if (number == the_end) return;
      std::optional<std::stop_source> gone;
      {
        const std::lock_guard lock(mutex_);
        if (const auto found = watched_.find(number); found != watched_.end()) gone = found->second;
      }
      if (gone) gone->request_stop();
    }
  }
}

}  // namespace huiliu::host
