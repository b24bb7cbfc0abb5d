#include "hub/run/alert_book.hpp"

#include <gtest/gtest.h>

#include "hub/config/yaml.hpp"
#include "hub/run/cycle_guard.hpp"
#include "hub/run/estimate.hpp"
#include "hub/run/watchman.hpp"

namespace huiliu::run {
namespace alert_book_test {

using model::Micros;
using model::second;

constexpr Micros t0 = 1'800'000'000 * second, minutes = 60 * second;

config::AlertSettings settings(const std::string& yaml = "{people: [admin], group: 5m, repeat: 4h}") {
  const auto read = config::read_alerts(config::parse_yaml(yaml, "hub.yaml")->value, "/alerts");
  EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().text());
  return *read;
}

TEST(AlertBook, GroupsTellsOnceAndTellsTheEnd) {
  const auto how = settings();
  AlertBook book(how);
  book.raise({"failed", "erp", "zh", "en"}, t0);
  EXPECT_TRUE(book.due(t0 + minutes, false).empty()) << "others may come";
  book.raise({"dead_letters", "crm", "zh", "en"}, t0 + 2 * minutes);
  book.raise({"failed", "erp", "zh", "en"}, t0 + 3 * minutes);
  const auto together = book.due(t0 + 5 * minutes, false);
  ASSERT_EQ(together.size(), 2U);
  EXPECT_EQ(together[1].count, 2);
  book.raise({"failed", "erp", "zh", "en"}, t0 + 20 * minutes);
  EXPECT_TRUE(book.due(t0 + 30 * minutes, false).empty()) << "told already";
  book.raise({"failed", "erp", "zh", "en"}, t0 + 5 * 60 * minutes);
  const auto again = book.due(t0 + 5 * 60 * minutes + 5 * minutes, false);
  ASSERT_EQ(again.size(), 1U) << "it lasts";
  book.over("failed", "erp", t0 + 6 * 60 * minutes);
  const auto end = book.due(t0 + 6 * 60 * minutes + 5 * minutes, false);
  ASSERT_EQ(end.size(), 1U);
  EXPECT_TRUE(end[0].over);
  EXPECT_TRUE(book.due(t0 + 12 * 60 * minutes, false).empty());
}

TEST(AlertBook, WhatNobodyHeardOfEndsSilently) {
  const auto how = settings();
  AlertBook book(how);
  book.raise({"failed", "erp", "zh", "en"}, t0);
  book.over("failed", "erp", t0 + minutes);
  EXPECT_TRUE(book.due(t0 + 10 * minutes, false).empty());
  EXPECT_TRUE(book.open().empty());
}

TEST(AlertBook, QuietHoursHoldAllButTheUrgentOnes) {
  const auto how = settings("{people: [admin], quiet: {from: \"22:00\", to: \"07:00\"}, urgent: [paused]}");
  const auto at = [](const char* text) { return *model::parse_rfc3339(text); };
  EXPECT_TRUE(is_quiet(how, at("2026-03-01T22:00:00+08:00")));
  EXPECT_TRUE(is_quiet(how, at("2026-03-01T06:59:00+08:00")));
  EXPECT_FALSE(is_quiet(how, at("2026-03-01T07:00:00+08:00")));
  EXPECT_FALSE(is_quiet(settings(), at("2026-03-01T23:00:00+08:00")));
  AlertBook book(how);
  book.raise({"failed", "erp", "zh", "en"}, t0);
  EXPECT_TRUE(book.due(t0 + 60 * minutes, true).empty());
  book.raise({"paused", "crm", "zh", "en"}, t0 + 60 * minutes);
  const auto urgent = book.due(t0 + 60 * minutes, true);
  ASSERT_EQ(urgent.size(), 1U);
  EXPECT_EQ(urgent[0].alert.kind, "paused");
  EXPECT_EQ(book.due(t0 + 480 * minutes, false).size(), 1U) << "the other one in the morning";
}

TEST(AlertBook, SurvivesARestartAndAFailedDelivery) {
  const auto how = settings();
  AlertBook book(how);
  book.raise({"failed", "erp", "中文", "english"}, t0);
  const auto lost = book.due(t0 + 5 * minutes, false);
  book.undo(lost);
  AlertBook after(how);
  after.load(*model::parse_json(model::to_json(book.stored())));
  // As if it had never left.
  EXPECT_EQ(after.due(t0 + 6 * minutes, false).size(), 1U);
  EXPECT_EQ(after.open().at(0).alert.zh, "中文");
  const AlertWords words = words_of(after.open());
  EXPECT_NE(words.subject.find("failed erp"), std::string::npos);
  EXPECT_NE(words.text.find("中文"), std::string::npos);
}

TEST(Alerts, SettingsAreReadWithDistrust) {
  for (const char* wrong :
       {"{mail: {server: \"http://x\", from: a@b, to: [c@d]}}",
        "{mail: {server: \"smtp://x\", from: a@b, to: [cd]}}",
        "{mail: {server: \"smtp://x\", from: a@b, to: [\"c@d\\r\\nBcc: e@f\"]}}",
        "{mail: {server: \"smtp://x\", from: a@b, to: [c@d], password: clear}}",
        "{webhook: {url: \"ftp://x\"}}", "{people: [boss]}", "{streams: [robot]}", "{streams: [/robot]}",
        "{people: [admin], urgent: [weather]}", "{people: [admin], group: soon}"})
    EXPECT_FALSE(config::read_alerts(config::parse_yaml(wrong, "hub.yaml")->value, "/alerts").ok()) << wrong;
}

TEST(Estimate, TotalsAreBelievedOrHonestlyUnknown) {
  const Estimate early = estimate(10, 1000, true, second);
  EXPECT_EQ(early.total, 1000U);
  EXPECT_FALSE(early.seconds_left) << "too early for a rate";
  const Estimate half = estimate(500, 1000, true, 10 * second);
  EXPECT_DOUBLE_EQ(half.rate, 50);
  EXPECT_DOUBLE_EQ(*half.seconds_left, 10);
  EXPECT_FALSE(estimate(500, 1000, false, 10 * second).total) << "it speaks of one stream only";
  EXPECT_FALSE(estimate(500, 0, true, 10 * second).total);
  const Estimate past = estimate(1001, 1000, true, 10 * second);
  EXPECT_FALSE(past.total) << "there is more than anyone said";
  EXPECT_FALSE(past.seconds_left);
}

TEST(ProgressWatch, StopsWhatDoesNotMove) {
  ProgressWatch watch(10 * minutes, t0);
  EXPECT_FALSE(watch.stalled(1, t0 + 9 * minutes));
  EXPECT_FALSE(watch.stalled(1, t0 + 18 * minutes)) << "it moved nine minutes ago";
  EXPECT_TRUE(watch.stalled(1, t0 + 19 * minutes));
  EXPECT_FALSE(watch.stalled(2, t0 + 30 * minutes));
  EXPECT_FALSE(watch.stalled(2, t0)) << "the clock was set back";
  ProgressWatch never(0, t0);
  EXPECT_FALSE(never.stalled(0, t0 + 1000 * minutes));
}

}  // namespace alert_book_test
}  // namespace huiliu::run
