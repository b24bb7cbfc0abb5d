#include "hub/host/quota_bucket.hpp"

#include <algorithm>
#include <cmath>

namespace huiliu::host {
namespace {

using model::Micros;

constexpr std::size_t paced_periods = 2;  // seconds and minutes
constexpr double backfill_share = 0.96;   // of longer periods
constexpr double pace_share = 0.97;       // of seconds and minutes: so the window is never quite full
// A back-fill that is late hurries by one call, or by what it may be late for being woken: the gap that a
// larger leap leaves in the window is one that a person's next call would wait for.
constexpr double catch_up = 1;
constexpr Micros wake_delay = 20'000;
constexpr Micros yield_time = 5'000;                  // how often who yields looks again
constexpr double doubt_windows = 5, doubt_by = 1.25;  // a limit seen once is tried again
constexpr Micros remembered = 10 * model::second;     // an interactive use: others may follow it
// A refusal far below the written limit is more likely a storm, or somebody else's burst, than a limit.
// Believed in error it slows the connection down until the doubt has raised it again, by a quarter every five
// windows: from a twentieth that takes 14 raises, 70 windows, for a limit per minute little more than an
// hour. What would take longer is believed only when it is met there so often in a row.
constexpr double believable_share = 1.0 / 20;  // of the written limit
constexpr int sure_sightings = 3, confirmed_sightings = 2;
constexpr double raise_by = 0.02,
                 raise_growth = 2;    // a place that is not met again is left behind ever faster
constexpr double quiet_windows = 60;  // between raises: windows, or as many as
constexpr double quiet_units = 400;   // uses take
constexpr Micros long_wait = 3'000 * model::second;  // a wish beyond this is about a day or month

std::array<double, 5> periods_of(const QuotaLimits& limits) {
  return {limits.per_second, limits.per_minute, limits.per_hour, limits.per_day, limits.per_month};
}

std::size_t rank(Priority priority) { return static_cast<std::size_t>(priority); }

}  // namespace

QuotaWindow::QuotaWindow(Micros period)
    : slot_length_(std::max<Micros>(period / static_cast<Micros>(slots), 1)) {}

std::size_t QuotaWindow::index(std::int64_t number) {
  constexpr auto size = static_cast<std::int64_t>(slots + 1);
  return static_cast<std::size_t>(((number % size) + size) % size);
}

bool QuotaWindow::counts(const Slot& slot, std::int64_t now_slot) {
  return slot.number >= 0 && slot.number >= now_slot - static_cast<std::int64_t>(slots) &&
         slot.number <= now_slot;
}

double QuotaWindow::used(Micros now) const {
  double units = 0;
  for (const Slot& slot : ring_)
    if (counts(slot, now / slot_length_)) units += slot.units;
  return units;
}

Micros QuotaWindow::earliest(Micros from, double limit, double cost) const {
  // A single use larger than the limit is let through once the window is empty: it could never pass
  // otherwise.
  const double room = std::max(limit - cost, 0.0);
  const std::int64_t now_slot = from / slot_length_;
  constexpr auto window = static_cast<std::int64_t>(slots);
  double units = used(from);
  if (units <= room) return from;
  // Oldest first, slots leave the window until there is room.
  for (std::int64_t number = now_slot - window; number <= now_slot; ++number) {
    const Slot& slot = ring_[index(number)];
    if (slot.number != number) continue;
    units -= slot.units;
    if (units <= room) return (number + window + 1) * slot_length_;
  }
  return from;
}

void QuotaWindow::use(Micros at, double cost) {
  const std::int64_t number = at / slot_length_;
  Slot& slot = ring_[index(number)];
  if (slot.number != number) slot = {number, 0};
  slot.units += cost;
}

QuotaBucket::Visit::~Visit() {
  if (!waits_) return;
  const std::lock_guard lock(bucket_.mutex_);
  --bucket_.waiting_[rank(priority_)];
}

std::optional<Micros> QuotaBucket::Visit::try_take(Environment& environment, const QuotaLimits& limits,
                                                   std::uint32_t cost, const std::stop_token& stop) {
  std::unique_lock lock(bucket_.mutex_);
  const bool backfill = priority_ == Priority::backfill;
  const std::uint32_t places =
      limits.concurrency > 1 && backfill ? limits.concurrency - 1 : limits.concurrency;
  if (places > 0 && !bucket_.left_.wait(lock, stop, [&] { return bucket_.inside_ < places; }))
    return environment.steady();
  const Micros now = environment.steady();
  const Limits now_limits = bucket_.effective(limits, now);
  Micros at = bucket_.earliest(now_limits, priority_, cost, now);
  const bool somebody_first = std::any_of(
      bucket_.waiting_.begin(), bucket_.waiting_.begin() + static_cast<std::ptrdiff_t>(rank(priority_)),
      [](std::uint32_t waiting) { return waiting > 0; });
  if (somebody_first) at = std::max(at, now + yield_time);
  if (at > now) {
    if (!waits_) ++bucket_.waiting_[rank(priority_)];
    waits_ = true;
    return at;
  }
  for (QuotaWindow& window : bucket_.windows_) window.use(now, cost);
  if (backfill)
    for (std::size_t i = 0; i < paced_periods; ++i)
      if (now_limits[i] > 0) {
        const double unit = static_cast<double>(bucket_.windows_[i].period()) / (now_limits[i] * pace_share);
        const auto late = std::max(static_cast<Micros>(catch_up * unit), wake_delay);
        bucket_.paced_[i] = std::max(bucket_.paced_[i], now - late) + static_cast<Micros>(unit * cost);
      }
  if (priority_ == Priority::interactive) bucket_.interactive_at_ = now;
  bucket_.used_ += cost;
  ++bucket_.inside_;
  return std::nullopt;
}

void QuotaBucket::leave() {
  {
    const std::lock_guard lock(mutex_);
    --inside_;
  }
  left_.notify_all();  // not every waiter may take the place that became free
}

QuotaBucket::Limits QuotaBucket::effective(const QuotaLimits& limits, Micros now) {
  wanted_ = periods_of(limits);
  Limits out = wanted_;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (learned_[i] > 0) raise(i, wanted_[i], now);
    if (learned_[i] > 0 && (out[i] <= 0 || learned_[i] < out[i])) out[i] = learned_[i];
  }
  return out;
}

// A limit that was seen once may have been somebody else's burst: it is tried again soon. One that was met
// again at the same place is real; it may have grown, and is tried a little above, so seldom that the
// refusals it may cost do not count.
void QuotaBucket::raise(std::size_t period, double wanted, Micros now) {
  const bool confirmed = sightings_[period] >= confirmed_sightings;
  const bool left_behind = raises_[period] > 0;  // raised once, and not met there
  const double windows =
      confirmed && !left_behind ? std::max(quiet_windows, quiet_units / learned_[period]) : doubt_windows;
  if (static_cast<double>(now - changed_[period]) < windows * static_cast<double>(windows_[period].period()))
    return;
  const double by =
      confirmed ? std::min(1 + raise_by * std::pow(raise_growth, raises_[period]++), doubt_by) : doubt_by;
  learned_[period] = std::max(learned_[period] + 1, std::floor(learned_[period] * by));
  changed_[period] = now;
  if (wanted > 0 && learned_[period] >= wanted) learned_[period] = 0;
}

Micros QuotaBucket::earliest(const Limits& limits, Priority priority, std::uint32_t cost, Micros now) const {
  const bool backfill = priority == Priority::backfill;
  Micros at = std::max(now, blocked_until_);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t i = 0; i < windows_.size(); ++i) {
      if (limits[i] <= 0) continue;
      double limit = limits[i];
      if (backfill && i >= paced_periods && limit > 1) limit = std::min(limit * backfill_share, limit - 1);
      // While a person works, the next call finds a place free; when nobody does, the whole limit is used.
      if (backfill && i < paced_periods && limit > 2 && now - interactive_at_ < remembered) limit -= 1;
      Micros free = windows_[i].earliest(at, limit, cost);
      if (backfill && i < paced_periods) free = std::max(free, paced_[i]);
      moved = moved || free > at;
      at = std::max(at, free);
    }
  }
  return at;
}

// Which limit was it? The one that was nearest to being used up; when the vendor speaks of days, a long one.
// None is written down: the vendor's wish tells how long its window is; without one, only a rest is taken.
std::size_t QuotaBucket::exceeded_period(Micros now, Micros retry_after) const {
  // A call that is refused after a rest, with none before it, has not used up that window but is still barred
  // by a longer one.
  const auto used_in = [&](std::size_t i) { return windows_[i].used(now) > 1; };
  std::size_t nearest = windows_.size();
  double most = -1;
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const double limit = learned_[i] > 0 ? learned_[i] : wanted_[i];
    if (limit <= 0 || !used_in(i) || (retry_after > long_wait && windows_[i].period() < retry_after / 2))
      continue;
    const double share = windows_[i].used(now) / limit;
    if (share > most) {
      most = share;
      nearest = i;
    }
  }
  for (std::size_t i = 0; most < 0 && retry_after > 0 && i < windows_.size(); ++i)
    if (windows_[i].period() >= retry_after && used_in(i)) return i;
  return nearest;
}

void QuotaBucket::refused(Micros now, Micros retry_after) {
  const std::lock_guard lock(mutex_);
  ++refusals_;
  const bool known = now < blocked_until_;  // sent before the first refusal came
  const std::size_t period = known ? windows_.size() : exceeded_period(now, retry_after);
  if (period < windows_.size()) {
    // What had been accepted in the window; the refused one does not count there.
    const double level = std::max(1.0, windows_[period].used(now) - 1);
    const bool same = met_[period] > 0 && std::abs(level - met_[period]) <= std::max(1.0, met_[period] / 8);
    sightings_[period] = same ? sightings_[period] + 1 : 1;
    if (!same) met_[period] = level;  // else a place could creep down, a little each time
    // Below what was learned, and at another place: that limit cannot have refused it.
    const bool likely = level >= wanted_[period] * believable_share && wanted_[period] > 0 &&
                        (same || learned_[period] <= 0 || level >= learned_[period]);
    if (retry_after > long_wait || likely || sightings_[period] >= sure_sightings) {
      learned_[period] = level;
      changed_[period] = now;
      raises_[period] = 0;
    }
  }
  const Micros rest = retry_after >= 0 ? retry_after : model::second;
  blocked_until_ = std::max(blocked_until_, now + rest);
}

void QuotaBucket::hold(Micros until) {
  const std::lock_guard lock(mutex_);
  blocked_until_ = std::max(blocked_until_, until);
}

QuotaBook::Learned QuotaBucket::learned() {
  const std::lock_guard lock(mutex_);
  return {{learned_[0], learned_[1], learned_[2], learned_[3], learned_[4], 0},
          static_cast<std::uint64_t>(used_),
          refusals_};
}

}  // namespace huiliu::host
