// The versions of one connector in a running host, one after the other. An upgrade puts a new one in front;
// an instance that follows them (InstanceOptions::generations) takes it up between two operations, or at the
// next checkpoint of a read, which then goes on from that cursor in the new version. A channel that listens,
// which may be silent for hours, is stopped and opened again at once. Nothing waits for it.
//
// Threads: any. Every version stays valid for ever (see plugin.hpp).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

namespace huiliu::host {

struct Connector;

class Generations {
 public:
  explicit Generations(std::shared_ptr<const Connector> first) : all_{std::move(first)} {}

  // The newest and its number, from 1.
  std::pair<std::shared_ptr<const Connector>, std::uint64_t> current() const {
    const std::lock_guard lock(mutex_);
    return {all_.back(), all_.size()};
  }
  std::uint64_t number() const {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }
  // Stopped once there is a newer version than this one.
  std::stop_token outdated(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    if (all_.size() == number) return newest_.get_token();
    std::stop_source past;
    past.request_stop();
    return past.get_token();
  }
  void replace(std::shared_ptr<const Connector> next) {
    std::stop_source before;
    {
      const std::lock_guard lock(mutex_);
      all_.push_back(std::move(next));
      before = std::exchange(newest_, std::stop_source());
    }
    before.request_stop();  // runs others' callbacks: without the lock
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const Connector>> all_;
  std::stop_source newest_;  // asked to stop when the newest is replaced
};

}  // namespace huiliu::host
