// The event channels of a serving hub: one thread for each connection whose connector can listen.
//
// A channel that ends by something that passes is opened again after a while, longer each time; one that only
// a person can mend (credentials, settings) is told to `report` once and tried again every few minutes, for a
// changed secret needs no restart. A connection whose settings want no channel is left alone.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "hub/run/hub.hpp"

namespace huiliu::run {

class Listeners {
 public:
  // Starts at once. `report`: what operators should see; from the listeners' threads.
  Listeners(Hub& hub, std::function<void(const std::string& connection, const model::Error&)> report);
  ~Listeners() = default;  // stops and joins all

 private:
  void run(const std::string& connection, const std::stop_token& stop);

  Hub& hub_;
  std::function<void(const std::string&, const model::Error&)> report_;
  std::vector<std::jthread> threads_;  // last: they use everything above
};

}  // namespace huiliu::run
