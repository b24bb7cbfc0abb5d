#include "hub/run/cron.hpp"

#include <gtest/gtest.h>

namespace huiliu::run {
namespace {

std::vector<std::string> fires(const std::string& cron, const std::string& zone, const std::string& from,
                               int count, DstPolicy policy = DstPolicy::once) {
  const auto parsed = Cron::parse(cron);
  if (!parsed.ok()) return {parsed.error().message};
  model::Micros at = *model::parse_rfc3339(from);
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) {
    const auto next = parsed->next(at, zone, policy);
    if (!next.ok() || !*next) break;
    at = **next;
    out.push_back(*to_zoned(at, zone));
  }
  return out;
}
using Times = std::vector<std::string>;

TEST(Cron, FiresStrictlyAfter) {
  EXPECT_EQ(fires("*/10 * * * *", "Asia/Shanghai", "2026-03-01T08:00:00+08:00", 2),
            (Times{"2026-03-01T08:10:00+08:00", "2026-03-01T08:20:00+08:00"}));
  EXPECT_EQ(fires("30 5 10 * * *", "UTC", "2026-03-01T10:05:29Z", 1), (Times{"2026-03-01T10:05:30+00:00"}));
}

TEST(Cron, EitherDayFieldFitsWhenBothAreSet) {
  EXPECT_EQ(fires("0 0 13 * FRI", "UTC", "2026-03-01T00:00:00Z", 3),
            (Times{"2026-03-06T00:00:00+00:00", "2026-03-13T00:00:00+00:00", "2026-03-20T00:00:00+00:00"}));
  EXPECT_EQ(fires("0 0 * * 7", "UTC", "2026-03-02T00:00:00Z", 1), (Times{"2026-03-08T00:00:00+00:00"}));
}

TEST(Cron, LastNearestAndNth) {
  EXPECT_EQ(fires("0 0 L 2 *", "UTC", "2027-03-01T00:00:00Z", 1), (Times{"2028-02-29T00:00:00+00:00"}));
  EXPECT_EQ(fires("0 0 LW * ?", "UTC", "2026-05-01T00:00:00Z", 1), (Times{"2026-05-29T00:00:00+00:00"}));
  EXPECT_EQ(fires("0 0 1W 8 *", "UTC", "2026-07-01T00:00:00Z", 1), (Times{"2026-08-03T00:00:00+00:00"}));
  EXPECT_EQ(fires("0 9 * * MON#2", "UTC", "2026-03-01T00:00:00Z", 1), (Times{"2026-03-09T09:00:00+00:00"}));
  EXPECT_EQ(fires("0 9 ? * 5L", "UTC", "2026-03-01T00:00:00Z", 1), (Times{"2026-03-27T09:00:00+00:00"}));
  EXPECT_EQ(fires("0 0 * * FRI-MON", "UTC", "2026-03-03T00:00:00Z", 2),
            (Times{"2026-03-06T00:00:00+00:00", "2026-03-07T00:00:00+00:00"}));
}

TEST(Cron, SettlesClockChanges) {
  const std::string spring = "2026-03-07T12:00:00-05:00";  // New York skips 02:00-03:00 on 8 March
  EXPECT_EQ(fires("30 2 * * *", "America/New_York", spring, 2),
            (Times{"2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"}));
  EXPECT_EQ(fires("30 2 * * *", "America/New_York", spring, 1, DstPolicy::skip),
            (Times{"2026-03-09T02:30:00-04:00"}));
  EXPECT_EQ(fires("30 2 * * *", "America/New_York", spring, 1, DstPolicy::shift),
            (Times{"2026-03-08T03:30:00-04:00"}));
  const std::string autumn = "2026-10-31T12:00:00-04:00";  // and doubles 01:00-02:00 on 1 November
  EXPECT_EQ(fires("30 1 * * *", "America/New_York", autumn, 2),
            (Times{"2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"}));
  EXPECT_EQ(fires("*/30 1 * * *", "America/New_York", autumn, 4, DstPolicy::twice),
            (Times{"2026-11-01T01:00:00-04:00", "2026-11-01T01:30:00-04:00", "2026-11-01T01:00:00-05:00",
                   "2026-11-01T01:30:00-05:00"}));
}

TEST(Cron, RefusesWithAReason) {
  for (const char* text : {"", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
                           "*/0 * * * *", "5-1 * * * *", "a * * * *", "* * 32W * *", "* * * * 1#6"})
    EXPECT_FALSE(Cron::parse(text).ok()) << text;
  EXPECT_NE(Cron::parse("61 * * * *").error().message.find("minute"), std::string::npos);
  EXPECT_FALSE(Cron::parse("* * * * *")->next(0, "Mars/Olympus").ok());
  EXPECT_FALSE(Cron::parse("0 0 30 2 *")->next(0, "UTC")->has_value());
}

}  // namespace
}  // namespace huiliu::run
