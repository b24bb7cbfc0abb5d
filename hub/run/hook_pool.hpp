// Instances of a connection's connector that answer its webhooks: operations of one instance wait for one
// another, so as many are opened as requests come at once, and their deliveries share a commit of the store.
//
// Threads: any.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hub/run/system.hpp"

namespace huiliu::run {

class HookPool {
 public:
  using Open = std::function<model::Result<std::unique_ptr<System>>(const std::string& connection)>;
  // `most`: instances of one connection.
  HookPool(Open open, std::size_t most) : open_(std::move(open)), most_(most) {}

  // An instance of one's own until it goes. The pool must outlive it.
  class Lease {
   public:
    Lease(HookPool& pool, std::string connection, std::unique_ptr<System> system)
        : pool_(&pool), connection_(std::move(connection)), system_(std::move(system)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (system_ != nullptr) pool_->give_back(connection_, std::move(system_));
    }
    System& system() const { return *system_; }

   private:
    HookPool* pool_;
    std::string connection_;
    std::unique_ptr<System> system_;
  };
  // Waits while all are in use. Errors: as opening the connection's system.
  model::Result<Lease> take(const std::string& connection);

 private:
  struct Instances {
    std::vector<std::unique_ptr<System>> idle;
    std::size_t open = 0;
  };
  void give_back(const std::string& connection, std::unique_ptr<System> system);

  const Open open_;
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::map<std::string, Instances> connections_;  // guarded by mutex_
};

}  // namespace huiliu::run
