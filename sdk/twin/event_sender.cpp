#include "sdk/twin/event_sender.hpp"

#include <utility>

namespace huiliu::twin {
namespace {

constexpr std::chrono::milliseconds kHoldTime{100};

}  // namespace

EventSender::EventSender(std::vector<std::chrono::milliseconds> delays, Accepted accepted)
    : delays_(std::move(delays)), accepted_(std::move(accepted)), thread_([this] { run(); }) {}

EventSender::~EventSender() {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::vector<std::chrono::milliseconds> EventSender::default_delays() {
  using std::chrono::milliseconds;
  return {milliseconds(200), milliseconds(1000), milliseconds(5000), milliseconds(30'000)};
}

void EventSender::disturb(bool twice, bool disordered) {
  const std::lock_guard<std::mutex> guard(mutex_);
  twice_ = twice;
  disordered_ = disordered;
}

void EventSender::queue(Builder builder) {
  for (int copy = 0; copy < (twice_ ? 2 : 1); ++copy) {
    queue_.push_back(builder);
    ++totals_.pending;
  }
}

void EventSender::post(Builder builder) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (disordered_ && !held_) {
      held_ = std::move(builder);
      ++totals_.pending;
    } else {
      queue(std::move(builder));
      if (held_) {
        --totals_.pending;
        queue(std::exchange(held_, nullptr));
      }
    }
  }
  changed_.notify_all();
}

EventSender::Totals EventSender::totals() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return totals_;
}

bool EventSender::wait_idle(std::chrono::milliseconds limit) const {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return totals_.pending == 0; });
}

void EventSender::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    const auto ready = [this] { return stopping_ || !queue_.empty(); };
    if (!held_)
      changed_.wait(lock, [&] { return ready() || held_; });
    else if (!changed_.wait_for(lock, kHoldTime, ready) && held_) {  // nothing came to go before it
      --totals_.pending;
      queue(std::exchange(held_, nullptr));
    }
    if (stopping_) return;
    if (queue_.empty()) continue;
    const Builder builder = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    const bool delivered = deliver(builder);
    lock.lock();
    ++(delivered ? totals_.delivered : totals_.given_up);
    --totals_.pending;
    changed_.notify_all();
  }
}

bool EventSender::deliver(const Builder& builder) {
  for (std::size_t attempt = 0;; ++attempt) {
    const HttpAnswer answer = http_send(builder());
    std::unique_lock<std::mutex> lock(mutex_);
    ++totals_.attempts;
    if (accepted_ ? accepted_(answer) : answer.status >= 200 && answer.status < 300) return true;
    if (attempt >= delays_.size()) return false;
    if (changed_.wait_for(lock, delays_[attempt], [this] { return stopping_; })) return false;
  }
}

}  // namespace huiliu::twin
