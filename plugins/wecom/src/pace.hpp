// How fast each API may be called, learned from the vendor's refusals.
//
// The vendor counts per API and corporation, shares the count with the corporation's other apps, publishes
// numbers that it does not keep to, and bars an API for the length of the window that was exceeded: one
// refusal costs a minute. So: after a refusal the API rests for its window, and from then on keeps to what
// had been accepted when the refusal came; only an hour without a refusal lets that ceiling rise, by a
// little. Pure: time comes in. One instance, one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace wecom {

class Pace {
 public:
  static constexpr std::int64_t kWindowMs = 60'000;
  static constexpr std::int64_t kQuietWindows = 60;  // before a ceiling rises

  // Milliseconds to wait before the next call of this API; 0: go.
  std::int64_t wait_ms(std::string_view api, std::int64_t now_ms) {
    Lane& lane = lane_of(api);
    forget(lane, now_ms);
    if (now_ms < lane.barred_until) return lane.barred_until - now_ms;
    if (lane.ceiling == 0 || lane.calls.size() < lane.ceiling) return 0;
    return lane.calls[lane.calls.size() - lane.ceiling] + kWindowMs - now_ms;
  }
  void called(std::string_view api, std::int64_t now_ms) { lane_of(api).calls.push_back(now_ms); }
  void refused(std::string_view api, std::int64_t now_ms) {
    Lane& lane = lane_of(api);
    forget(lane, now_ms);
    // The refused call itself is not among the accepted ones; one in a hundred is left for differing clocks.
    const std::size_t accepted = lane.calls.empty() ? 0 : lane.calls.size() - 1;
    lane.ceiling = std::max<std::size_t>(1, accepted - accepted / 100);
    lane.barred_until = now_ms + kWindowMs;
    lane.raised = lane.barred_until;
  }
  // Calls a minute that this API is held to; 0: it was never refused.
  std::size_t ceiling(std::string_view api) { return lane_of(api).ceiling; }

 private:
  struct Lane {
    std::deque<std::int64_t> calls;  // of the last window
    std::size_t ceiling = 0;
    std::int64_t barred_until = 0, raised = 0;
  };
  Lane& lane_of(std::string_view api) {
    const auto found = lanes_.find(api);
    return found == lanes_.end() ? lanes_[std::string(api)] : found->second;
  }
  static void forget(Lane& lane, std::int64_t now_ms) {
    while (!lane.calls.empty() && lane.calls.front() <= now_ms - kWindowMs) lane.calls.pop_front();
    if (lane.ceiling > 0 && now_ms >= lane.raised + kQuietWindows * kWindowMs) {
      lane.ceiling += lane.ceiling / 50 + 1;
      lane.raised = now_ms;
    }
  }

  std::map<std::string, Lane, std::less<>> lanes_;
};

}  // namespace wecom
