// One cycle per connection at a time: who works with a connection holds its lane. Several lanes are taken
// together or not at all, so that two who want some of the same never wait for each other for ever. First
// come, first served, lane by lane: who waits for all of them is not passed over and over by those who want
// one.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace huiliu::run {

class Lanes {
 public:
  // The lanes, until it goes. Any thread may let go.
  class Held {
   public:
    Held(Lanes& lanes, std::vector<std::string> names) : lanes_(&lanes), names_(std::move(names)) {}
    Held(Held&& other) noexcept
        : lanes_(std::exchange(other.lanes_, nullptr)), names_(std::move(other.names_)) {}
    Held& operator=(Held&&) = delete;
    ~Held() {
      if (lanes_ != nullptr) lanes_->release(names_);
    }

   private:
    Lanes* lanes_;
    std::vector<std::string> names_;
  };

  // Waits until all are free.
  Held take(const std::vector<std::string>& names) {
    std::unique_lock lock(mutex_);
    const auto mine = waiting_.insert(waiting_.end(), {names.begin(), names.end()});
    freed_.wait(lock, [&] {
      for (const std::string& name : names)
        if (busy_.contains(name)) return false;
      return std::none_of(waiting_.begin(), mine, [&](const std::set<std::string>& earlier) {
        return std::any_of(names.begin(), names.end(),
                           [&](const std::string& name) { return earlier.contains(name); });
      });
    });
    waiting_.erase(mine);
    busy_.insert(names.begin(), names.end());
    return {*this, names};
  }

 private:
  void release(const std::vector<std::string>& names) {
    {
      const std::lock_guard lock(mutex_);
      for (const std::string& name : names) busy_.erase(name);
    }
    freed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable freed_;
  std::set<std::string> busy_;
  std::list<std::set<std::string>> waiting_;  // in the order in which they came
};

}  // namespace huiliu::run
