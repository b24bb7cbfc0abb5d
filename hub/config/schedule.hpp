// When work is done, as text: schedules of connections and jobs, times in which a system is left alone, jobs
// that are more than the reading of one connection (DIR/jobs/NAME.yaml).
//
//   schedule:
//     cron: "*/10 8-18 * * *"        # or every: 10m; or neither: only events and people
//     time_zone: Asia/Shanghai
//     dst: once                      # once skip twice shift: what a clock change does to a time
//     anchor: 2026-01-01T00:00:00Z   # of every; or `end`: that long after the last run ended
//     calendar: china                # a file of calendars/
//     on: workdays                   # workdays holidays any: on which of its days
//     jitter: 2m                     # later by up to that much, the same for the same fire
//     overlap: buffer_one            # skip buffer_one buffer_all cancel_other allow
//     catch_up: {window: 1h, collapse: true}   # fires that nobody was there for; or off
//     webhook: true                  # an event of the system does it too
//     after: [nightly]               # and that job, when it ended well
//     fresh: {stream: erp/customers, within: 30m}   # and data that are older than that
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/config/yaml.hpp"
#include "hub/model/result.hpp"
#include "hub/model/time.hpp"
#include "hub/model/value.hpp"

namespace huiliu::config {

enum class Overlap { skip, buffer_one, buffer_all, cancel_other, allow };
enum class OnDays { any, workdays, holidays };

struct Freshness {
  std::string connection, stream;
  std::int64_t within_seconds = 0;
};

struct ScheduleConfig {
  std::string cron;  // empty: interval, or none
  std::int64_t every_seconds = 0;
  std::string time_zone = "Asia/Shanghai";
  std::string dst = "once";
  model::Micros anchor = 0;  // of an interval
  bool from_end = false;     // an interval begins when the last run ended
  std::string calendar;
  OnDays on = OnDays::any;
  std::int64_t jitter_seconds = 0;
  Overlap overlap = Overlap::buffer_one;
  std::int64_t catch_up_seconds = 3600;  // 0: what was missed is missed
  bool collapse = true;                  // of several missed fires, one
  bool webhook = true;
  std::vector<std::string> after;
  std::optional<Freshness> fresh;

  bool fires_by_time() const { return !cron.empty() || every_seconds > 0; }
};

// A time in which a system is left alone: weekly (days, from, to; over midnight when to ≤ from), or once.
struct OffTime {
  unsigned days = 0x7F;  // bit 0: Sunday
  int from_minute = 0, to_minute = 0;
  std::string time_zone = "Asia/Shanghai";
  model::Micros from = 0, until = 0;  // of a blackout; 0 both: weekly
  std::string reason;
  bool skip = false;  // fires in it are left out, instead of waiting for its end
};

enum class Priority { high, normal, low };

struct BackupConfig {
  std::string directory;
  int keep = 14;        // newest ones that stay
  bool sealed = false;  // under a key of its own, which an erasure destroys
  bool verify = true;   // by restoring it into a scratch store and checking that
};

struct JobConfig {
  std::string name;
  enum class Work { sync, full, sweep, backup, check, retain } work = Work::sync;
  std::vector<std::string> connections;  // empty: all
  ScheduleConfig schedule;
  Priority priority = Priority::normal;
  double share = 1;  // of the time, against others of its priority
  bool enabled = true;
  BackupConfig backup;
  std::int64_t gone_seconds = 0;  // of retain: persons whom no system holds for longer are forgotten
  // Is it about the store itself, not about systems?
  bool keeps_house() const { return work == Work::backup || work == Work::check || work == Work::retain; }
  std::shared_ptr<const Document> document;
};
const char* to_string(JobConfig::Work work) noexcept;
const char* to_string(Overlap overlap) noexcept;

// Errors: class config, `where` = the JSON Pointer of the wrong place.
model::Result<ScheduleConfig> read_schedule(const model::Value& node, const std::string& pointer);
model::Result<std::vector<OffTime>> read_off_times(const model::Value& node, const std::string& pointer);
model::Result<JobConfig> read_job(const std::string& name, const model::Value& node);
model::Result<Priority> read_priority(const model::Value& node, const std::string& pointer);

}  // namespace huiliu::config
