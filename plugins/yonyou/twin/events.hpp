// events.hpp - events that the twin pushes: encrypted, signed, to one address; repeated until they are
// acknowledged.
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

#include "plugins/yonyou/twin/rules.hpp"
#include "sdk/twin/event_sender.hpp"

namespace yonyou_twin {

class Events {
 public:
  using Clock = std::function<std::int64_t()>;  // milliseconds
  Events(Clock clock, std::uint64_t seed);

  /// Saving an address sends CHECK_URL there; without a right answer it is refused. Empty: no more events.
  void set_target(const std::string& url, const Rules& rules);
  /// `content`: the event's JSON.
  void push(std::string type, const boost::json::object& content, const Rules& rules);
  boost::json::object to_json() const;

 private:
  huiliu::twin::ClientRequest request_for(const std::string& url, const std::string& text,
                                          bool old_signature);
  void post(const std::string& url, std::string text, bool old_signature);

  Clock clock_;
  std::uint64_t seed_;
  mutable std::mutex mutex_;
  std::string url_, reply_ = "plain";
  std::uint64_t pushed_ = 0, nonces_ = 0;
  std::optional<std::string> held_;                    // waits to be sent after the next one
  std::unique_ptr<huiliu::twin::EventSender> sender_;  // last: it uses everything above
};

}  // namespace yonyou_twin
