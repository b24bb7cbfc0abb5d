#include "hub/access/throttle.hpp"

#include <algorithm>

namespace huiliu::access {
namespace {

// Failures that cost nothing; after them each doubles the wait.
constexpr int free_together = 5, free_of_address = 50, free_of_account = 100;
constexpr model::Micros first_wait = 2 * model::second, longest_wait = 15 * 60 * model::second;
constexpr model::Micros forgotten_after = 60LL * 60 * model::second;
constexpr std::size_t most_counts = 20'000;

std::string together(const std::string& account, const std::string& address) {
  return "b\n" + account + "\n" + address;
}

}  // namespace

model::Micros Throttle::wait_of(const std::string& key, int free, model::Micros now) {
  const auto found = counts_.find(key);
  if (found == counts_.end() || found->second.failures < free) return 0;
  const int doubled = std::min(found->second.failures - free, 20);
  const model::Micros length = std::min(longest_wait, first_wait << doubled);
  return std::max<model::Micros>(0, found->second.last + length - now);
}

model::Micros Throttle::wait(const std::string& account, const std::string& address, model::Micros now) {
  const std::lock_guard lock(mutex_);
  return std::max({wait_of(together(account, address), free_together, now),
                   wait_of("i\n" + address, free_of_address, now),
                   wait_of("a\n" + account, free_of_account, now)});
}

void Throttle::count(const std::string& key, model::Micros now) {
  Count& count = counts_[key];
  if (count.last + forgotten_after < now) count.failures = 0;
  ++count.failures;
  count.last = now;
}

void Throttle::failed(const std::string& account, const std::string& address, model::Micros now) {
  const std::lock_guard lock(mutex_);
  if (counts_.size() >= most_counts)
    std::erase_if(counts_, [&](const auto& entry) { return entry.second.last + longest_wait < now; });
  if (counts_.size() >= most_counts) counts_.clear();
  count(together(account, address), now);
  count("i\n" + address, now);
  count("a\n" + account, now);
}

void Throttle::succeeded(const std::string& account, const std::string& address) {
  const std::lock_guard lock(mutex_);
  counts_.erase(together(account, address));
}

}  // namespace huiliu::access
