#include "hub/run/hook_pool.hpp"

namespace huiliu::run {

model::Result<HookPool::Lease> HookPool::take(const std::string& connection) {
  {
    std::unique_lock lock(mutex_);
    Instances& instances = connections_[connection];
    returned_.wait(lock, [&] { return !instances.idle.empty() || instances.open < most_; });
    if (!instances.idle.empty()) {
      // The one that was used last: while little comes, the others stay untouched.
      std::unique_ptr<System> system = std::move(instances.idle.back());
      instances.idle.pop_back();
      return Lease(*this, connection, std::move(system));
    }
    ++instances.open;
  }
  auto opened = open_(connection);
  if (opened.ok()) return Lease(*this, connection, std::move(*opened));
  {
    const std::lock_guard lock(mutex_);
    --connections_[connection].open;
  }
  returned_.notify_all();
  return opened.error();
}

void HookPool::give_back(const std::string& connection, std::unique_ptr<System> system) {
  {
    const std::lock_guard lock(mutex_);
    connections_[connection].idle.push_back(std::move(system));
  }
  returned_.notify_all();
}

}  // namespace huiliu::run
