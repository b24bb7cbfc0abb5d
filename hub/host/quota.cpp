#include "hub/host/quota.hpp"

#include <algorithm>

#include "hub/host/quota_bucket.hpp"

namespace huiliu::host {

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

std::shared_ptr<QuotaBucket> QuotaBook::bucket(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto& held = buckets_[name];
  if (!held) held = std::make_shared<QuotaBucket>();
  return held;
}

model::Result<QuotaLease> QuotaBook::acquire(const std::string& name, const QuotaLimits& limits,
                                             std::uint32_t cost, const std::stop_token& stop,
                                             Priority priority) {
  const std::shared_ptr<QuotaBucket> found = bucket(name);
  QuotaBucket::Visit visit(*found, priority);
  const model::Micros arrived = environment_.steady();
  while (true) {
    const auto again = visit.try_take(environment_, limits, cost, stop);
    if (!again) return QuotaLease(found);
    const model::Micros wait = *again - environment_.steady();
    if (*again - arrived > longest_wait_) {
      model::Error error = model::make_error(model::ErrorClass::throttled, "the quota is used up", name);
      error.retry_after_ms = std::max<model::Micros>(wait + 999, 0) / 1000;
      return error;
    }
    if (stop.stop_requested() || (wait > 0 && !environment_.sleep(wait, stop)))
      return model::make_error(model::ErrorClass::cancelled, "stopped while waiting for a quota");
  }
}

void QuotaBook::refused(const std::string& name, std::int64_t retry_after_ms) {
  bucket(name)->refused(environment_.steady(), retry_after_ms < 0 ? -1 : retry_after_ms * 1000);
}

void QuotaBook::hold(const std::string& name, std::int64_t for_ms) {
  bucket(name)->hold(environment_.steady() + for_ms * 1000);
}

QuotaBook::Learned QuotaBook::learned(const std::string& name) { return bucket(name)->learned(); }

}  // namespace huiliu::host
