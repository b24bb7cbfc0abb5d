// Slows guessing down without locking anybody else out: failures count per account and address together, per
// address, and (much more patiently) per account. Names that do not exist count as those that do. In memory,
// bounded; any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "hub/model/time.hpp"

namespace huiliu::access {

class Throttle {
 public:
  // How long the caller must wait before he may try; 0: now.
  model::Micros wait(const std::string& account, const std::string& address, model::Micros now);
  void failed(const std::string& account, const std::string& address, model::Micros now);
  void succeeded(const std::string& account, const std::string& address);

 private:
  struct Count {
    int failures = 0;
    model::Micros last = 0;
  };
  model::Micros wait_of(const std::string& key, int free, model::Micros now);
  void count(const std::string& key, model::Micros now);

  std::mutex mutex_;
  std::map<std::string, Count> counts_;
};

}  // namespace huiliu::access
