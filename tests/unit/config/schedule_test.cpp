#include "hub/config/schedule.hpp"

#include <gtest/gtest.h>

#include "hub/config/yaml.hpp"

namespace huiliu::config {
namespace schedule_test {

model::Result<ScheduleConfig> schedule(const std::string& yaml) {
  const auto document = parse_yaml(yaml, "schedule.yaml");
  EXPECT_TRUE(document.ok());
  return read_schedule(document->value, "/schedule");
}

TEST(Schedule, SaysWhenAndWhat) {
  const auto cron =
      schedule("{cron: \"0 2 * * *\", calendar: china, jitter: 5m, overlap: cancel_other, dst: twice}");
  ASSERT_TRUE(cron.ok()) << cron.error().text();
  EXPECT_EQ(cron->cron, "0 2 * * *");
  EXPECT_EQ(cron->on, OnDays::workdays) << "who names a calendar means its workdays";
  EXPECT_EQ(cron->jitter_seconds, 300);
  EXPECT_EQ(cron->overlap, Overlap::cancel_other);
  EXPECT_EQ(cron->catch_up_seconds, 3600);
  EXPECT_TRUE(schedule("{every: 10m, anchor: end}")->from_end);
  EXPECT_EQ(schedule("{every: 10m, catch_up: off}")->catch_up_seconds, 0);
  const auto fresh = schedule("{fresh: {stream: erp/customers, within: 30m}, after: [nightly]}");
  ASSERT_TRUE(fresh.ok()) << fresh.error().text();
  EXPECT_EQ(fresh->fresh->connection, "erp");
  EXPECT_EQ(fresh->fresh->stream, "customers");
  EXPECT_FALSE(fresh->fires_by_time());
}

TEST(Schedule, RefusesWithAReason) {
  const std::pair<const char*, const char*> wrong[] = {
      {"{cron: \"* * * * *\", every: 1m}", "either"},
      {"{time_zone: UTC}", "what starts it"},
      {"{every: 10m, overlap: queue}", "buffer_one"},
      {"{cron: \"* * * * *\", anchor: end}", "anchor goes with every"},
      {"{every: 10m, on: workdays}", "calendar"},
      {"{every: 10m, on: mondays, calendar: china}", "workdays"},
      {"{every: soon}", "duration"},
      {"{fresh: {stream: customers, within: 1h}}", "CONNECTION/STREAM"},
      {"{every: 10m, jitters: 1m}", "unknown key"}};
  for (const auto& [text, reason] : wrong) {
    const auto read = schedule(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_NE(read.error().message.find(reason), std::string::npos) << text << ": " << read.error().message;
    EXPECT_EQ(read.error().where.substr(0, 9), "/schedule") << text;
  }
}

TEST(Schedule, AJobSaysItsWork) {
  const auto job = [](const std::string& yaml) { return read_job("j", parse_yaml(yaml, "j.yaml")->value); };
  const auto backup =
      job("do: backup\nbackup: {directory: /b, keep: 3}\nschedule: {cron: \"0 3 * * *\"}\npriority: low\n");
  ASSERT_TRUE(backup.ok()) << backup.error().text();
  EXPECT_EQ(backup->work, JobConfig::Work::backup);
  EXPECT_EQ(backup->backup.keep, 3);
  EXPECT_TRUE(backup->backup.verify);
  EXPECT_EQ(backup->priority, Priority::low);
  for (const char* wrong : {"do: backup\n", "do: dance\n", "do: sync\nshare: 0\n",
                            "do: backup\nbackup: {directory: /b, keep: 0}\n"})
    EXPECT_FALSE(job(wrong).ok()) << wrong;
}

}  // namespace schedule_test
}  // namespace huiliu::config
