#include "hub/host/quota.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace huiliu::host {
namespace {

constexpr std::size_t quota_slots = 64;
constexpr model::Micros quota_day = 86'400 * model::second;

std::array<double, 5> periods_of(const QuotaLimits& limits) {
  return {limits.per_second, limits.per_minute, limits.per_hour, limits.per_day, limits.per_month};
}

}  // namespace

// Counts uses in the last period: a ring of slots, each with the number of its slot on the time line.
class QuotaWindow {
 public:
  explicit QuotaWindow(model::Micros period)
      : slot_length_(std::max<model::Micros>(period / quota_slots, 1)) {}

  // The earliest moment, not before `from`, at which `cost` more units fit under `limit`.
  model::Micros earliest(model::Micros from, double limit, double cost) const {
    // A single use larger than the limit is let through once the window is empty: it could never pass
    // otherwise.
    const double room = std::max(limit - cost, 0.0);
    std::int64_t now_slot = from / slot_length_;
    double used = 0;
    for (const Slot& slot : ring_)
      if (counts(slot, now_slot)) used += slot.units;
    if (used <= room) return from;
    // Oldest first, slots leave the window until there is room.
    for (std::int64_t number = now_slot - window_slots(); number <= now_slot; ++number) {
      const Slot& slot = ring_[index(number)];
      if (slot.number != number) continue;
      used -= slot.units;
      if (used <= room) return (number + window_slots() + 1) * slot_length_;
    }
    return from;
  }

  void use(model::Micros at, double cost) {
    const std::int64_t number = at / slot_length_;
    Slot& slot = ring_[index(number)];
    if (slot.number != number) slot = {number, 0};
    slot.units += cost;
  }

 private:
  struct Slot {
    std::int64_t number = -1;
    double units = 0;
  };
  static constexpr std::int64_t window_slots() { return static_cast<std::int64_t>(quota_slots); }
  static std::size_t index(std::int64_t number) {
    const auto size = static_cast<std::int64_t>(quota_slots + 1);
    return static_cast<std::size_t>(((number % size) + size) % size);
  }
  static bool counts(const Slot& slot, std::int64_t now_slot) {
    return slot.number >= 0 && slot.number >= now_slot - window_slots() && slot.number <= now_slot;
  }

  model::Micros slot_length_;
  std::array<Slot, quota_slots + 1> ring_ = {};
};

class QuotaBucket {
 public:
  // Reserves a moment for this use; the caller sleeps until then. -1: it lies beyond `latest`, which then
  // tells how long to wait.
  model::Micros reserve(const QuotaLimits& limits, std::uint32_t cost, model::Micros now,
                        model::Micros longest, model::Micros& wait) {
    const std::lock_guard lock(mutex_);
    const auto wanted = periods_of(limits);
    // Uses are reserved in order, so that waiters are served as they came.
    model::Micros at = std::max(now, last_);
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t i = 0; i < windows_.size(); ++i) {
        if (wanted[i] <= 0) continue;
        const model::Micros free = windows_[i].earliest(at, wanted[i], cost);
        moved = moved || free > at;
        at = std::max(at, free);
      }
    }
    wait = at - now;
    if (wait > longest) return -1;
    for (QuotaWindow& window : windows_) window.use(at, cost);
    last_ = at;
    return at;
  }

  bool enter(std::uint32_t concurrency, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (concurrency > 0 && !left_.wait(lock, stop, [&] { return inside_ < concurrency; })) return false;
    ++inside_;
    return true;
  }

  void leave() {
    {
      const std::lock_guard lock(mutex_);
      --inside_;
    }
    left_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any left_;
  std::uint32_t inside_ = 0;
  model::Micros last_ = 0;
  std::array<QuotaWindow, 5> windows_ = {QuotaWindow(model::second), QuotaWindow(60 * model::second),
                                         QuotaWindow(3600 * model::second), QuotaWindow(quota_day),
                                         QuotaWindow(31 * quota_day)};
};

QuotaLimits QuotaLimits::scaled(double factor) const {
  const auto scale = [factor](double limit) { return limit <= 0 ? 0 : std::max(1.0, limit * factor); };
  QuotaLimits out = {scale(per_second), scale(per_minute), scale(per_hour),
                     scale(per_day),    scale(per_month),  0};
  if (concurrency > 0)
    out.concurrency = static_cast<std::uint32_t>(std::clamp(concurrency * factor, 1.0, 1e6));
  return out;
}

QuotaLimits QuotaLimits::overridden(const QuotaLimits& other) const {
  const auto pick = [](auto ours, auto theirs) { return theirs > 0 ? theirs : ours; };
  return {pick(per_second, other.per_second), pick(per_minute, other.per_minute),
          pick(per_hour, other.per_hour),     pick(per_day, other.per_day),
          pick(per_month, other.per_month),   pick(concurrency, other.concurrency)};
}

QuotaLease& QuotaLease::operator=(QuotaLease&& other) noexcept {
  if (this != &other) {
    if (bucket_) bucket_->leave();
    bucket_ = std::move(other.bucket_);
  }
  return *this;
}

QuotaLease::~QuotaLease() {
  if (bucket_) bucket_->leave();
}

model::Result<QuotaLease> QuotaBook::acquire(const std::string& name, const QuotaLimits& limits,
                                             std::uint32_t cost, const std::stop_token& stop) {
  std::shared_ptr<QuotaBucket> bucket;
  {
    const std::lock_guard lock(mutex_);
    auto& held = buckets_[name];
    if (!held) held = std::make_shared<QuotaBucket>();
    bucket = held;
  }
  const auto stopped = [] {
    return model::make_error(model::ErrorClass::cancelled, "stopped while waiting for a quota");
  };
  // First among the concurrent, then the moment: a moment reserved earlier would be used later than it
  // counts.
  if (!bucket->enter(limits.concurrency, stop)) return stopped();
  QuotaLease lease(bucket);
  model::Micros wait = 0;
  const model::Micros at = bucket->reserve(limits, cost, environment_.steady(), longest_wait_, wait);
  if (at < 0) {
    model::Error error = model::make_error(model::ErrorClass::throttled, "the quota is used up", name);
    error.retry_after_ms = (wait + 999) / 1000;
    return error;
  }
  while (environment_.steady() < at)
    if (!environment_.sleep(at - environment_.steady(), stop)) return stopped();
  return lease;
}

}  // namespace huiliu::host
