// Events that the twin pushes: encrypted, signed, to one configured address; repeated when they are not
// answered with an encrypted `success`.
//
// Threads: from any; sending happens on the sender's own thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "sdk/twin/event_sender.hpp"

namespace dingtalk::twin {

// The invented corporation's account. Fixed, so that settings can be printed.
struct Account {
  std::string app_key = "dingtwinappkey000001";
  std::string app_secret = "twin-app-secret-0000000000000000000000000000000000000001";
  std::string corp_id = "dingtwincorp0001";
  std::int64_t agent_id = 1000001;
  std::string process_code = "PROC-TWIN-CUSTOMER";
  std::string suite_ticket = "twin-suite-ticket";
  std::string callback_token = "twinCallbackToken";
  std::string callback_aes_key = "twinAesKey0123456789abcdefghijklmnopqrstuvw";
  std::string robot_token = "twinrobot0000000000000000000000000000000000000000000000000001";
  std::string robot_secret = "SEC0000000000000000000000000000000000000000000000000000000twin1";
};
const Account& account();

class Events {
 public:
  using Clock = std::function<std::int64_t()>;  // milliseconds; called where push and set_target are
  Events(Clock clock, std::uint64_t seed);

  // Sends check_url there and takes the address when it was answered rightly; "" takes none. Throws TwinError
  // 400 with the vendor's code (71012 not reachable, 71009 wrong answer).
  void set_target(const std::string& url);
  // `event` gets EventTime, CorpId, BizId, eventId and timeStamp besides. Nothing happens without a target.
  void push(boost::json::object event);
  // Every event twice; in another order than they happened.
  void disturb(bool twice, bool disordered) { sender_->disturb(twice, disordered); }
  // Up to 200 events, of the kinds that the older interface delivers, that nobody answered rightly in
  // `missed_after` attempts (default: all of them); they are forgotten as they are shown. Second: whether
  // there are more.
  std::pair<boost::json::array, bool> take_missed();
  void set_missed_after(std::int64_t attempts);
  std::int64_t missed_after() const;
  boost::json::object to_json() const;
  bool wait_idle(std::chrono::milliseconds limit) const { return sender_->wait_idle(limit); }

 private:
  huiliu::twin::ClientRequest request_for(const std::string& url, const std::string& text,
                                          std::int64_t at_ms);

  struct Open {  // not answered rightly so far
    boost::json::object event;
    std::size_t attempts = 0;
  };
  bool is_answered(const huiliu::twin::HttpAnswer& answer);

  Clock clock_;
  mutable std::mutex mutex_;
  std::string url_;
  std::uint64_t dice_;
  std::uint64_t pushed_ = 0;
  std::map<std::uint64_t, Open> open_;  // by number
  std::size_t missed_after_;
  std::uint64_t sending_ = 0;  // the number of the event under way
  std::unique_ptr<huiliu::twin::EventSender> sender_;
};

}  // namespace dingtalk::twin
