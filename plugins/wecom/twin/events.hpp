// Events that the twin pushes: encrypted, signed, to one configured address; up to three repetitions when no
// answer comes in time; on demand twice, or in another order than they happened.
//
// Threads: from any; sending happens on the sender's own thread.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sdk/twin/event_sender.hpp"

namespace wecom::twin {

class Events {
 public:
  using Clock = std::function<std::int64_t()>;  // milliseconds; called where push and set_target are
  using Elements =
      std::vector<std::pair<std::string, std::string>>;  // name and text, in order; empty ones are left out
  Events(Clock clock, std::uint64_t seed);

  // Checks the address with an echostr and takes it when the plaintext comes back; "" takes none. Throws
  // TwinError 400. retry_ms: between attempts, the vendor's 5 s by default.
  void set_target(const std::string& url, std::int64_t retry_ms = 5000);
  void configure(bool duplicates, bool disorder);
  // `elements` between MsgType and the end; ToUserName, FromUserName, CreateTime and MsgType come before.
  void push(const Elements& elements);
  boost::json::object to_json() const;
  bool wait_idle(std::chrono::milliseconds limit);

 private:
  huiliu::twin::ClientRequest request_for(const std::string& url, const std::string& message,
                                          std::int64_t at_ms);
  std::string sealed(const std::string& message, std::string& nonce);
  void post(const std::string& url, const std::string& message);

  Clock clock_;
  mutable std::mutex mutex_;
  std::string url_;
  std::uint64_t dice_;
  bool duplicates_ = false, disorder_ = false;
  std::optional<std::string> held_;
  std::unique_ptr<huiliu::twin::EventSender> sender_;
};

}  // namespace wecom::twin
