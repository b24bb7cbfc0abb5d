#include "hub/run/freeze.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace huiliu::run {
namespace {

using model::Micros;
using testing::HasSubstr;

model::Schema schema() {
  return *model::Schema::load({*model::parse_json(
      R"({"entity": "customer", "id_prefix": "cus", "fields": {"names.legal": {"type": "company_name"}}})")});
}

model::Result<config::Calendar> calendar(const std::string& json, bool strict = true) {
  return config::read_calendar("month_end", *model::parse_json(json), schema(), strict);
}

std::string window_at(const config::Calendar& of, const std::string& moment) {
  const auto window = month_end_window(of, *of.freeze, *model::parse_rfc3339(moment));
  return window.ok() ? model::to_rfc3339(window->from) + " " + model::to_rfc3339(window->until)
                     : window.error().text();
}

constexpr const char* usual =
    R"({"freeze": {"from": {"workday": -1, "at": "18:00"}, "to": {"workday": 3, "at": "09:00"}}, "fields": {"customer": ["names.legal"]}})";

TEST(MonthEnd, RunsFromTheLastWorkdayToTheThird) {
  const auto of = calendar(usual);
  ASSERT_TRUE(of.ok()) << of.error().text();
  // November 2026 ends on a Monday; the 30th 18:00 in Shanghai is 10:00 in UTC.
  EXPECT_EQ(window_at(*of, "2026-11-28T12:00:00Z"), "2026-11-30T10:00:00Z 2026-12-03T01:00:00Z");
  EXPECT_EQ(window_at(*of, "2026-12-03T00:59:59Z"), "2026-11-30T10:00:00Z 2026-12-03T01:00:00Z");
  EXPECT_EQ(window_at(*of, "2026-12-03T01:00:00Z"), "2026-12-31T10:00:00Z 2027-01-05T01:00:00Z");
  // October 2026 ends on a Saturday.
  EXPECT_EQ(window_at(*of, "2026-10-20T00:00:00Z"), "2026-10-30T10:00:00Z 2026-11-04T01:00:00Z");
}

TEST(MonthEnd, HolidaysAndWorkedWeekendsCount) {
  auto of = calendar(usual);
  of->holidays = {"2026-11-30", "2026-12-01"};
  of->workdays = {"2026-11-28"};
  EXPECT_EQ(window_at(*of, "2026-11-20T00:00:00Z"), "2026-11-28T10:00:00Z 2026-12-04T01:00:00Z");
}

TEST(MonthEnd, AMonthOfHolidaysStillHasAnEnd) {
  auto of = calendar(usual);
  for (int day = 1; day <= 31; ++day)
    of->holidays.insert("2026-11-" + std::string(day < 10 ? "0" : "") + std::to_string(day));
  EXPECT_THAT(window_at(*of, "2026-11-15T00:00:00Z"), HasSubstr("2026-11-30T10:00:00Z"));
}

TEST(MonthEnd, WrongCalendarsAreRefusedWithTheirPlace) {
  const auto error = [](const std::string& json) {
    const auto read = calendar(json);
    return read.ok() ? std::string() : read.error().text();
  };
  EXPECT_THAT(error(R"({"freez": 1})"), HasSubstr("freez"));
  EXPECT_THAT(
      error(R"({"freeze": {"from": {"workday": 0, "at": "18:00"}, "to": {"workday": 3, "at": "09:00"}}})"),
      HasSubstr("/freeze/from/workday"));
  EXPECT_THAT(
      error(R"({"freeze": {"from": {"workday": -1, "at": "25:00"}, "to": {"workday": 3, "at": "09:00"}}})"),
      HasSubstr("/freeze/from/at"));
  EXPECT_THAT(
      error(R"({"freeze": {"from": {"workday": -1, "at": "18:00"}, "to": {"workday": -3, "at": "09:00"}}})"),
      HasSubstr("/freeze/to/workday"));
  EXPECT_THAT(error(R"({"fields": {"customer": ["nonsense"]}})"), HasSubstr("nonsense"));
  EXPECT_THAT(error(R"({"fields": {}, "holidays": ["1 October"]})"), HasSubstr("/holidays/0"));
  EXPECT_TRUE(calendar(R"({"fields": {"customer": ["nonsense"]}})", false).ok());
  auto nowhere = calendar(usual);
  nowhere->time_zone = "Asia/Nowhere";
  EXPECT_THAT(window_at(*nowhere, "2026-11-20T00:00:00Z"), HasSubstr("Asia/Nowhere"));
}

class Book : public ::testing::Test {
 protected:
  Book() {
    config.schema = schema();
    config.calendars["month_end"] = *calendar(
        R"({"freeze": {"from": {"workday": -1, "at": "18:00"}, "to": {"workday": 3, "at": "09:00"}},
            "fields": {"customer": ["names.legal"]},
            "organisations": {"200": {"freeze": "none"}, "300": {"freeze": {"from": {"workday": -3, "at": "12:00"}, "to": {"workday": 5, "at": "09:00"}}}}})");
    config::ConnectionConfig erp;
    erp.name = "erp";
    erp.calendar = "month_end";
    config.connections.push_back(std::move(erp));
    config::ConnectionConfig crm;
    crm.name = "crm";
    config.connections.push_back(std::move(crm));
    cluster.golden.id = "cus_1";
    replica.entity = "customer";
  }
  std::string why(const std::string& connection, const std::string& moment,
                  const std::vector<std::string>& organisations = {},
                  const std::string& field = "names.legal") {
    replica.parts.clear();
    for (const std::string& each : organisations) replica.parts.push_back({each, {}, {}});
    return FreezeBook(config).why(connection, cluster, replica, field, *model::parse_rfc3339(moment));
  }

  config::Config config;
  sync::Cluster cluster;
  sync::Replica replica;
};

TEST_F(Book, SpeaksByOrganisationAndFieldClass) {
  const std::string inside = "2026-12-01T00:00:00Z";
  EXPECT_THAT(why("erp", inside), HasSubstr("until 2026-12-03T01:00:00Z"));
  EXPECT_THAT(why("erp", inside, {"100"}), HasSubstr("organisation 100"));
  EXPECT_EQ(why("erp", inside, {"200"}), "");
  EXPECT_THAT(why("erp", inside, {"200", "100"}), HasSubstr("organisation 100"));
  EXPECT_EQ(why("erp", "2026-11-26T05:00:00Z", {"100"}), "");
  EXPECT_THAT(why("erp", "2026-11-26T05:00:00Z", {"300"}), HasSubstr("organisation 300"));
  EXPECT_EQ(why("erp", inside, {}, "phones[switchboard]"), "");
  EXPECT_EQ(why("crm", inside), "");  // takes part in no calendar
  EXPECT_EQ(why("erp", "2026-11-20T00:00:00Z"), "");
}

}  // namespace
}  // namespace huiliu::run
