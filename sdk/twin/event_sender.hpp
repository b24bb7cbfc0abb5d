// Sends the events of a vendor (webhooks, callbacks) from a twin to the hub, in order, with the vendor's
// retries.
//
// Ownership: owns its thread and its queue; what is still queued when it is destroyed is dropped, as by a
// vendor that is switched off.
// Threads: all members may be called from any thread; the builder runs on the sender's thread and must not
// need the twin's lock.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "sdk/twin/http_client.hpp"

namespace huiliu::twin {

class EventSender {
 public:
  // Makes the request of one attempt: timestamps and signatures are fresh each time, ids are not.
  using Builder = std::function<ClientRequest()>;
  // Whether an answer counts as delivered. Default: any 2xx.
  using Accepted = std::function<bool(const HttpAnswer&)>;

  struct Totals {
    std::uint64_t delivered = 0, given_up = 0, attempts = 0, pending = 0;
  };

  // `delays`: before the second, third, … attempt; their number is the number of retries.
  explicit EventSender(std::vector<std::chrono::milliseconds> delays = default_delays(),
                       Accepted accepted = {});
  ~EventSender();
  EventSender(const EventSender&) = delete;
  EventSender& operator=(const EventSender&) = delete;

  void post(Builder builder);
  // From now on: every event twice; pairs of events in the wrong order (one waits for the next, or for a
  // moment).
  void disturb(bool twice, bool disordered);
  Totals totals() const;
  // Waits until nothing is pending; false when the time is over first.
  bool wait_idle(std::chrono::milliseconds limit) const;

  static std::vector<std::chrono::milliseconds> default_delays();

 private:
  void run();
  void queue(Builder builder);
  bool deliver(const Builder& builder);

  const std::vector<std::chrono::milliseconds> delays_;
  const Accepted accepted_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<Builder> queue_;
  Builder held_;  // when disordered: goes after the next one
  bool twice_ = false, disordered_ = false;
  Totals totals_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace huiliu::twin
