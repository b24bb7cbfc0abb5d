// Quota buckets: how often a vendor account may be called. One QuotaBook serves the whole process, so that
// all jobs, instances and threads that use one account share its buckets.
//
// A limit of N in a period holds for every window of that length, not only for calendar minutes: the period
// is cut into slots and a slot counts until all of it has left the window. A wait longer than `longest_wait`
// is refused as throttled, with the time to come back, so that no worker sleeps away a used-up day.
//
// Priorities. Work that somebody waits for goes before routine, routine before a back-fill. A back-fill is
// spread evenly over seconds and minutes, leaves the last place among concurrent requests and a little of the
// longer periods free, and yields while anybody above it waits: so it uses the whole rate when it is alone
// and holds nobody up for longer than one of its own requests.
//
// Learning. A vendor's real limit may be lower than the one that was written down, or shared with others, or
// nothing is written down. A refusal tells what was used when it came: that becomes the bucket's limit for the
// period. Seen once it is soon tried again; met twice at the same place it is raised a little at a time, after
// long quiet. What looks like a storm rather than a limit is believed when it is met three times in a row.
//
// Threads: all members from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "hub/host/environment.hpp"
#include "hub/model/result.hpp"

namespace huiliu::host {

// Zero: no such limit. Units for the periods, requests at once for concurrency.
struct QuotaLimits {
  double per_second = 0, per_minute = 0, per_hour = 0, per_day = 0, per_month = 0;
  std::uint32_t concurrency = 0;

  // Every limit times the factor, none below one.
  QuotaLimits scaled(double factor) const;
  // The limits of `other` where it has one, else these.
  QuotaLimits overridden(const QuotaLimits& other) const;
};

// Who waits for a call: a person or a write; routine; nobody.
enum class Priority { interactive, normal, backfill };

class QuotaBucket;

// A place among the concurrent requests of a bucket, given back by destruction.
class QuotaLease {
 public:
  QuotaLease() = default;
  explicit QuotaLease(std::shared_ptr<QuotaBucket> bucket) : bucket_(std::move(bucket)) {}
  QuotaLease(QuotaLease&&) = default;
  QuotaLease& operator=(QuotaLease&& other) noexcept;
  ~QuotaLease();

 private:
  std::shared_ptr<QuotaBucket> bucket_;
};

class QuotaBook {
 public:
  explicit QuotaBook(Environment& environment, model::Micros longest_wait = 60 * model::second)
      : environment_(environment), longest_wait_(longest_wait) {}

  // Waits until `cost` units of the bucket `name` may be used, and takes them. The limits of the latest
  // caller hold. Errors: throttled (with retry_after_ms) when the wait would be too long; cancelled.
  model::Result<QuotaLease> acquire(const std::string& name, const QuotaLimits& limits, std::uint32_t cost,
                                    const std::stop_token& stop, Priority priority = Priority::normal);
  // The vendor refused a request of this bucket for its rate. retry_after_ms: its wish; -1: none.
  void refused(const std::string& name, std::int64_t retry_after_ms);
  // The vendor says that nothing is left until then.
  void hold(const std::string& name, std::int64_t for_ms);

  // For views and tests: the limits that were learned (0: none) and how often the bucket was refused.
  struct Learned {
    QuotaLimits limits;
    std::uint64_t used = 0, refused = 0;
  };
  Learned learned(const std::string& name);

 private:
  std::shared_ptr<QuotaBucket> bucket(const std::string& name);

  Environment& environment_;
  const model::Micros longest_wait_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<QuotaBucket>> buckets_;
};

}  // namespace huiliu::host
