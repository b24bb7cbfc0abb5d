#include "hub/run/messages.hpp"

#include <gtest/gtest.h>

namespace huiliu::run {
namespace {

std::string due(const config::MessageSettings& settings, const std::string& now,
                const std::string& kind = "x") {
  const auto at = due_time(settings, kind, *model::parse_rfc3339(now));
  return at.ok() ? model::to_rfc3339(*at) : at.error().text();
}

model::Micros utc(const std::string& text) { return *model::parse_rfc3339(text); }

// 09:00 and 16:00 in Shanghai are 01:00 and 08:00 UTC.
TEST(MessageTimes, DigestsGoOutAtTheirTimesOfTheLocalDay) {
  const config::MessageSettings settings;
  EXPECT_EQ(utc(due(settings, "2026-03-02T00:30:00Z")), utc("2026-03-02T01:00:00Z"));
  EXPECT_EQ(utc(due(settings, "2026-03-02T01:00:00Z")), utc("2026-03-02T08:00:00Z"));
  EXPECT_EQ(utc(due(settings, "2026-03-02T09:00:00Z")), utc("2026-03-03T01:00:00Z"));
}

TEST(MessageTimes, KindsThatDoNotWaitKeepTheQuietHours) {
  config::MessageSettings settings;
  settings.at_once = {"change_request"};
  EXPECT_EQ(utc(due(settings, "2026-03-02T03:00:00Z", "change_request")), utc("2026-03-02T03:00:00Z"));
  EXPECT_EQ(utc(due(settings, "2026-03-02T13:00:00Z", "change_request")), utc("2026-03-03T00:00:00Z"));
  settings.quiet_from = settings.quiet_to = 0;
  EXPECT_EQ(utc(due(settings, "2026-03-02T13:00:00Z", "change_request")), utc("2026-03-02T13:00:00Z"));
}

TEST(MessageTimes, ADigestInsideTheQuietHoursIsLeftOut) {
  config::MessageSettings settings;
  settings.digest = {6 * 60, 12 * 60};
  EXPECT_EQ(utc(due(settings, "2026-03-01T20:00:00Z")), utc("2026-03-02T04:00:00Z"));
  settings.digest = {6 * 60};
  EXPECT_EQ(utc(due(settings, "2026-03-01T20:00:00Z")), utc("2026-03-02T00:00:00Z"));
}

TEST(MessageTimes, AnUnknownTimeZoneIsAnError) {
  config::MessageSettings settings;
  settings.time_zone = "Mars/Base";
  EXPECT_NE(due(settings, "2026-03-02T00:30:00Z").find("Mars/Base"), std::string::npos);
}

}  // namespace
}  // namespace huiliu::run
