// OA approvals (审批): instances of one template, read with what became of them, and started by the hub.
//
// The vendor lists ids by the time an instance was started, in windows of at most 120 days, and shows each
// one by itself. What still runs is kept in the cursor, so that a reading of changes sees its end however old
// it is. Times are milliseconds by the host's clock, since the vendor compares with start times. Threads and
// errors: as the Call.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <huiliu/plugin.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/dingtalk/src/client.hpp"

namespace dingtalk {

class Approvals {
 public:
  Approvals(const Settings& settings, const Client& client) : settings_(settings), client_(client) {}

  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) const;
  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) const;
  // Starts an instance: {form: {name: value}, originator?, department?, approvers?, all_must_agree?, cc?}.
  huiliu::Outcome write_one(huiliu::Call& call, const huiliu::Record& record) const;

 private:
  std::vector<std::string> started(huiliu::Call& call, std::int64_t from_ms, std::int64_t now_ms) const;
  // to_ms 0: open.
  void add_window(huiliu::Call& call, std::int64_t from_ms, std::int64_t to_ms,
                  std::vector<std::string>& ids) const;
  boost::json::object shown(huiliu::Call& call, const std::string& id) const;
  const std::string& process_code() const;

  const Settings& settings_;
  const Client& client_;
};

// "2022-08-31T11:52Z", with or without seconds, as microseconds since 1970; HUILIU_TIME_UNKNOWN for other
// text.
std::int64_t approval_time_us(std::string_view text);

}  // namespace dingtalk
