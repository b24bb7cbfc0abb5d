// Stream mode of the twin: connections opened with one-time tickets, events sent over them until they are
// acknowledged, pings, requests to reconnect.
//
// Threads: any; redelivery runs on a thread of its own. Times of redelivery are those of the machine, tickets
// age by the twin's clock.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "sdk/twin/http_server.hpp"

namespace dingtalk::twin {

class Stream {
 public:
  using Clock = std::function<std::int64_t()>;  // milliseconds
  Stream(Clock clock, std::uint64_t seed);
  ~Stream();

  static constexpr std::string_view kOpen = "/v1.0/gateway/connections/open";
  static constexpr std::string_view kChannel = "/connect";

  // POST …/connections/open.
  huiliu::twin::HttpResponse open(const huiliu::twin::HttpRequest& request);
  std::optional<huiliu::twin::WebSocketHandler> upgrade(const huiliu::twin::HttpRequest& request,
                                                        std::shared_ptr<huiliu::twin::WebSocketPeer> peer);
  // An event for one of the connections; waits for one when there is none. `event`: as a callback has it.
  void push(boost::json::object event);

  // {"redeliver_ms":60000,"ping_ms":0 (off),"ticket_ms":90000,"duplicate":bool,"disorder":bool} set; one of
  // {"ping":true},{"disconnect":"why"},{"drop":true} acts at once. Throws TwinError 400.
  void control(const boost::json::object& wanted);
  boost::json::object to_json() const;
  // Until every event was acknowledged with SUCCESS.
  bool wait_idle(std::chrono::milliseconds limit) const;

 private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Connection {
    std::string id;
    std::shared_ptr<huiliu::twin::WebSocketPeer> peer;
    bool open = false;
  };
  struct Pending {
    std::string event_id, event_type, data;
    std::int64_t born_ms = 0;
    Moment due = {};
    std::uint64_t attempts = 0;
  };
  struct Totals {
    std::uint64_t opened = 0, tickets = 0, delivered = 0, later = 0, refused = 0, attempts = 0, pings = 0,
                  pongs = 0, bad_acks = 0;
  };

  void run();
  void send_due(Moment now);
  void send_event(Pending& event);
  void send_system(Connection& to, std::string_view topic, boost::json::object data);
  void take_ack(std::uint64_t connection, const std::string& text);
  Connection* next_connection();
  std::string next_id();

  Clock clock_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::uint64_t dice_;
  std::map<std::string, std::int64_t> tickets_;  // until when each is good
  std::map<std::uint64_t, Connection> connections_;
  std::list<Pending> pending_;
  std::map<std::string, std::string> sent_;  // message id → event id; "": a ping
  std::uint64_t last_connection_ = 0, turn_ = 0;
  std::chrono::milliseconds redeliver_{60'000}, ping_{0};
  std::int64_t ticket_ms_ = 90'000;
  bool duplicate_ = false, disorder_ = false, stopping_ = false;
  Moment next_ping_ = Moment::max();
  Totals totals_;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace dingtalk::twin
