// rules.hpp - what may differ from tenant to tenant, or go wrong: POST /rules changes each by its name.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace yonyou_twin {

struct Rules {
  std::string code_style = "text";  ///< of success: text "200", number 200, quoted "\"200\"", blank
  std::string totals = "text";      ///< paging figures: text, number, empty
  bool text_token_error = true;     ///< 非法token as text/plain instead of JSON
  bool new_token_each_time = false;
  bool shuffled_lists = false;  ///< newlist in another order on every call
  bool child_moves_pubts = true;
  bool allocation_moves_pubts = false;
  bool approval = false;   ///< created customers wait (审批中) and must not be edited
  bool auto_code = false;  ///< the tenant numbers customers itself
  bool unique_names = false;
  bool empty_text_clears = true;         ///< "" empties a field; else it is ignored without a word
  bool missing_fails_batch = false;      ///< newBatchDetail refuses all when one id is unknown
  std::int64_t slow_page = 0;            ///< a list with a larger pageSize answers 310504; 0: none
  std::int64_t commit_then_timeout = 0;  ///< so many writes are done and answered 310504
  std::int64_t still_running = 0;        ///< so many idempotent calls are answered 202 first
  std::int64_t service_failures = 0;     ///< so many calls are answered 999 服务端逻辑异常
  std::int64_t token_life_seconds = 7200;
  std::int64_t clock_window_ms = 600'000;
  std::int64_t calls_per_minute = 600, order_calls_per_minute = 60, finance_calls_per_minute = 40,
               token_calls_per_minute = 20;
  std::set<std::string> not_granted;  ///< paths
  // Events.
  bool events_twice = false, events_disordered = false, events_wrapped = false, events_old_signature = false;
  std::string event_reply = "plain";  ///< what counts as an acknowledgement: plain, encrypted, any
  std::vector<std::int64_t> event_delays_ms = {200, 1000, 5000};

  /// Throws TwinError 400 for an unknown name or a wrong value, and then changes nothing.
  void configure(const boost::json::object& wanted);
  boost::json::object to_json() const;
};

}  // namespace yonyou_twin
