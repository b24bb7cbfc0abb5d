// Configuration over the API: the files are the objects, nothing counts before it was planned and put in
// force.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "hub/run/skipped.hpp"
#include "hub/run/watchman.hpp"
#include "tests/unit/api/desk.hpp"

namespace huiliu::api {
namespace {

using model::Object;
using model::Value;
using testing::HasSubstr;

class Configuration : public testing::Test {
 protected:
  HttpResponse call(const std::string& method, const std::string& path, const Value& body = {},
                    const std::string& match = {}, const std::string& role = "integrator") {
    std::vector<std::pair<std::string, std::string>> headers;
    if (!match.empty()) headers.emplace_back("If-Match", match);
    return desk.call(method, "/api/v1" + path, desk.token(role), body.is_null() ? "" : model::to_json(body),
                     headers);
  }
  std::string on_disk(const std::string& path) const {
    std::ifstream file(desk.directory() / "config" / path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string plan(const Value& body = Object{}) {
    const HttpResponse planned = call("POST", "/config/plans", body);
    EXPECT_EQ(planned.status, 200) << planned.body;
    return json_of(planned)["hash"].to_text();
  }
  HttpResponse apply(const std::string& hash) {
    return call("POST", "/config/revisions", Object{{"plan", hash}, {"reason", "a test of it"}});
  }
  Desk desk;
};

const std::string calendar = "holidays: [2026-01-01]\ncovers: [2026]\n";

TEST_F(Configuration, AFileIsWrittenPlannedPutInForceAndTakenBack) {
  bool reloaded = false;
  desk.hub().on_reload([&] { reloaded = true; });
  const HttpResponse written =
      call("PUT", "/config/files/calendars%2Fplant.yaml", Object{{"text", calendar}}, "*");
  ASSERT_EQ(written.status, 200) << written.body;
  EXPECT_EQ(on_disk("calendars/plant.yaml"), calendar) << "the API's files are the directory's";
  EXPECT_FALSE(json_of(written)["in_force"].as_bool());
  EXPECT_FALSE(reloaded) << "nothing counts yet";

  const HttpResponse planned = call("POST", "/config/plans", Object{});
  ASSERT_EQ(planned.status, 200) << planned.body;
  EXPECT_EQ(json_of(planned)["files"].as_array()[0]["file"].to_text(), "calendars/plant.yaml");
  EXPECT_EQ(apply("12345").status, 409) << "exactly what was looked at";
  const HttpResponse applied = apply(json_of(planned)["hash"].to_text());
  ASSERT_EQ(applied.status, 200) << applied.body;
  EXPECT_EQ(json_of(applied)["author"].to_text(), "u-integrator (token test)");
  EXPECT_TRUE(reloaded);
  const std::string number = json_of(applied)["revision"].to_text();
  EXPECT_EQ(json_of(call("GET", "/config/revisions/current"))["texts"]["calendars/plant.yaml"].to_text(),
            calendar)
      << "an export is byte for byte";

  const std::string first = std::to_string(std::stoi(number) - 1);
  const std::string back = plan(Object{{"revision", first}});
  const HttpResponse rolled = call("POST", "/config/revisions/" + first + "/rollback",
                                   Object{{"plan", back}, {"reason", "was wrong"}});
  ASSERT_EQ(rolled.status, 200) << rolled.body;
  EXPECT_EQ(on_disk("calendars/plant.yaml"), "");
  EXPECT_THAT(json_of(rolled)["reason"].to_text(), HasSubstr("rollback to revision " + first));
  EXPECT_EQ(json_of(call("GET", "/config/revisions"))["items"].as_array().size(), 3U);
}

TEST_F(Configuration, AnEditDoesNotOverwriteAnotherUnseen) {
  const HttpResponse read = call("GET", "/config/files/hub.yaml");
  ASSERT_EQ(read.status, 200) << read.body;
  ASSERT_EQ(call("PUT", "/config/files/calendars%2Fa.yaml", Object{{"text", calendar}}, "*").status, 200);
  const std::string tag = Desk::header(call("GET", "/config/files/calendars%2Fa.yaml"), "ETag");
  std::ofstream(desk.directory() / "config/calendars/a.yaml") << "holidays: []\n";  // an editor, meanwhile
  EXPECT_EQ(call("PUT", "/config/files/calendars%2Fa.yaml", Object{{"text", calendar}}, tag).status, 412);
  EXPECT_EQ(call("DELETE", "/config/files/calendars%2Fa.yaml", {}, tag).status, 412);
  EXPECT_EQ(on_disk("calendars/a.yaml"), "holidays: []\n");
  const std::string now = Desk::header(call("GET", "/config/files/calendars%2Fa.yaml"), "ETag");
  EXPECT_EQ(call("DELETE", "/config/files/calendars%2Fa.yaml", {}, now).status, 200);
  EXPECT_EQ(call("GET", "/config/files/calendars%2Fa.yaml").status, 404);
}

TEST_F(Configuration, OnlyFilesOfAConfigurationAndOnlyByWhoMay) {
  const Value text = Object{{"text", "x: 1\n"}};
  for (const char* path :
       {"..%2Fhub.yaml", "jobs%2F..%2F..%2Fx.yaml", "%2Fetc%2Fpasswd", "notes.txt", "jobs%2F.x.yaml"})
    EXPECT_EQ(call("PUT", std::string("/config/files/") + path, text, "*").status, 422) << path;
  EXPECT_EQ(call("PUT", "/config/files/jobs%2Fx.yaml", text, "*", "steward").status, 403);
  EXPECT_EQ(call("PUT", "/config/files/jobs%2Fx.yaml", text, "*", "admin").status, 403);
  for (const char* path : {"roles%2Fmine.yaml", "hub.yaml", "trust%2Fkey.pem"})
    EXPECT_EQ(call("PUT", std::string("/config/files/") + path, text, "*").status, 403)
        << path << " decides who may do what";
}

TEST_F(Configuration, WhatIsWrongIsSaidWithItsPlace) {
  ASSERT_EQ(call("PUT", "/config/files/jobs%2Fx.yaml",
                 Object{{"text", "do: sync\nschedule: {cron: nonsense}\n"}}, "*")
                .status,
            200);
  const Value found = json_of(call("GET", "/config/validation"));
  EXPECT_FALSE(found["valid"].as_bool());
  EXPECT_THAT(found["errors"].as_array()[0]["where"].to_text(), HasSubstr("jobs/x.yaml:2"));
  EXPECT_EQ(call("POST", "/config/plans", Object{}).status, 422);
}

TEST_F(Configuration, AJobIsAFile) {
  const Value job = Object{{"do", "check"}, {"schedule", Object{{"cron", "0 3 * * *"}}}};
  ASSERT_EQ(call("PUT", "/jobs/nightly", job, "*").status, 200);
  EXPECT_THAT(on_disk("jobs/nightly.yaml"), HasSubstr("do: check"));
  EXPECT_EQ(
      call("PUT", "/jobs/bad", Object{{"schedule", Object{{"cron", "61 * * * *"}, {"no", 1}}}}, "*").status,
      422);
  EXPECT_EQ(apply(plan()).status, 200);
  EXPECT_EQ(call("POST", "/jobs/nightly/run").status, 404) << "not before the hub took it over";
  EXPECT_EQ(call("DELETE", "/jobs/nightly", {}, "*").status, 200);
  EXPECT_EQ(call("DELETE", "/jobs/nightly", {}, "*").status, 404);
}

TEST_F(Configuration, AConnectionsScheduleIsChangedAndTheRestOfItsFileIsNot) {
  std::filesystem::create_directories(desk.directory() / "config/connections");
  std::ofstream(desk.directory() / "config/connections/erp.yaml")
      << "# who to call: 8600\nconnector: webhook\nschedule:  # by hand\n  every: 1h\n\nrole: site  # for "
         "now\n";
  const HttpResponse read = call("GET", "/connections/erp/schedule");
  ASSERT_EQ(read.status, 200) << read.body;
  EXPECT_EQ(json_of(read)["schedule"]["every"].to_text(), "1h");
  EXPECT_FALSE(json_of(read)["in_force"].as_bool());
  const std::string tag = Desk::header(read, "ETag");

  const Value wanted =
      Object{{"schedule", Object{{"cron", "30 2 * * MON-FRI"}, {"overlap", "skip"}}},
             {"off_times", model::Array{Object{{"days", "SUN"}, {"from", "02:00"}, {"to", "06:00"}}}},
             {"priority", "high"}};
  EXPECT_EQ(call("PUT", "/connections/erp/schedule", wanted).status, 428) << "read it first";
  EXPECT_EQ(call("PUT", "/connections/erp/schedule", wanted, tag, "steward").status, 403);
  for (const Value& wrong : {Value(Object{{"cron", "61 * * * *"}}), Value(Object{{"overlap", "maybe"}}),
                             Value(Object{{"cron", "0 9 * * *"}, {"time_zone", "Moon/Sea"}}),
                             Value(Object{{"cron", "0 9 * * *"}, {"calendar", "mars"}})})
    EXPECT_EQ(call("PUT", "/connections/erp/schedule", Object{{"schedule", wrong}}, tag).status, 422);
  const HttpResponse written = call("PUT", "/connections/erp/schedule", wanted, tag);
  ASSERT_EQ(written.status, 200) << written.body;
  EXPECT_EQ(json_of(written)["schedule"]["cron"].to_text(), "30 2 * * MON-FRI");
  const std::string text = on_disk("connections/erp.yaml");
  EXPECT_THAT(text, HasSubstr("# who to call: 8600\nconnector: webhook\n"));
  EXPECT_THAT(text, HasSubstr("\n\nrole: site  # for now\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("every")));
  EXPECT_EQ(call("PUT", "/connections/erp/schedule", wanted, tag).status, 412) << "changed since";

  EXPECT_EQ(call("DELETE", "/connections/erp/schedule", {}, Desk::header(written, "ETag")).status, 200);
  EXPECT_EQ(on_disk("connections/erp.yaml"),
            "# who to call: 8600\nconnector: webhook\n\nrole: site  # for now\n");
  EXPECT_EQ(call("GET", "/connections/ghost/schedule").status, 404);
}

TEST_F(Configuration, TheNextFiresShowWhatClocksAndCalendarsDo) {
  const Value spring = json_of(
      call("GET",
           "/schedules/"
           "next?cron=30%202%20*%20*%20*&tz=America%2FNew_York&from=2026-03-07T12:00:00-05:00&count=2"));
  EXPECT_EQ(spring["fires"].as_array()[0].to_text(), "2026-03-08T03:00:00-04:00");
  EXPECT_EQ(spring["marked"].as_array()[0]["effects"].as_array()[0].to_text(), "clock_skipped");
  EXPECT_FALSE(spring["time_zone_database"].to_text().empty());
  const Value skipped = json_of(call("GET",
                                     "/schedules/next?cron=30%202%20*%20*%20*&tz=America%2FNew_York&dst=skip"
                                     "&from=2026-03-07T12:00:00-05:00&count=1"));
  EXPECT_EQ(skipped["fires"].as_array()[0].to_text(), "2026-03-09T02:30:00-04:00");
  const Value holiday = json_of(
      call("GET",
           "/schedules/next?cron=0%209%20*%20*%20*&calendar=china&from=2026-09-30T12:00:00%2B08:00&count=1"));
  EXPECT_GT(holiday["marked"].as_array().size(), 1U) << "the days off are shown as left out";
  EXPECT_FALSE(holiday["marked"].as_array()[0]["fires"].as_bool());
  EXPECT_EQ(json_of(call("GET", "/schedules/next?every=10m&count=2"))["fires"].as_array().size(), 2U);
  EXPECT_EQ(call("GET", "/schedules/next?cron=nonsense").status, 422);
  EXPECT_EQ(call("GET", "/schedules/next?tz=Asia%2FShanghai").status, 422) << "of what?";
  EXPECT_EQ(call("GET", "/schedules/next?cron=0%209%20*%20*%20*&calendar=mars").status, 422);
}

TEST_F(Configuration, FiresThatDidNotHappenAreListedWithTheirReason) {
  const model::Micros at = *model::parse_rfc3339("2026-03-01T02:00:00Z");
  const model::Status noted = desk.hub().store().write([&](store::Transaction& transaction) -> model::Status {
    run::note_skipped(transaction, {{"erp", "off_time", at}, {"erp", "overlap", at + 60 * model::second}},
                      at);
    std::vector<run::Skipped> many;
    for (int i = 0; i < 200; ++i) many.push_back({"site", "missed", at + i * model::second});
    run::note_skipped(transaction, many, at);
    return {};
  });
  ASSERT_TRUE(noted.ok());
  const Value all = json_of(call("GET", "/schedules/skipped?job=erp"));
  ASSERT_EQ(all["items"].as_array().size(), 2U);
  EXPECT_EQ(all["items"].as_array()[0]["reason"].to_text(), "overlap") << "newest first";
  EXPECT_EQ(all["items"].as_array()[1]["written"].to_text(), "2026-03-01T02:00:00Z");
  EXPECT_EQ(json_of(call("GET", "/schedules/skipped"))["items"].as_array().size(), 2 + run::skipped_kept);
}

TEST_F(Configuration, OpenAlertsAreShown) {
  run::AlertBook book(desk.hub().config().hub.alerts);
  book.raise({"paused", "erp", "凭证被拒绝", "the credential was refused"}, desk.now());
  const model::Status kept = desk.hub().store().write([&](store::Transaction& transaction) -> model::Status {
    transaction.save_value("watch", "book", model::to_json(book.stored()));
    return {};
  });
  ASSERT_TRUE(kept.ok());
  const Value alerts = json_of(call("GET", "/alerts"));
  ASSERT_EQ(alerts["items"].as_array().size(), 1U);
  EXPECT_EQ(alerts["items"].as_array()[0]["about"].to_text(), "erp");
}

}  // namespace
}  // namespace huiliu::api
