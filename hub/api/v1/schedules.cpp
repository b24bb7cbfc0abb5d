// When work is done: each connection's schedule, jobs beside them, the next fires of anything, and those that
// did not happen. What is changed here is a file of the configuration, and counts once it is in force.
#include "hub/api/v1/files.hpp"
#include "hub/config/yaml_edit.hpp"
#include "hub/run/clock.hpp"
#include "hub/run/config_change.hpp"
#include "hub/run/job_list.hpp"
#include "hub/run/scheduler.hpp"
#include "hub/run/skipped.hpp"

namespace huiliu::api {
namespace {

using model::Array;
using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

constexpr int fires_shown = 5;

// Keys of a connection's file that say when it works.
constexpr const char* schedule_keys[] = {"schedule", "off_times", "priority", "share"};

std::string connection_file(const std::string& name) { return "connections/" + name + ".yaml"; }

// --- connections

// As its file says, next to what the hub makes of it now.
Result<Object> schedule_view(Call& call, const config::ConnectionConfig& connection) {
  Object view{{"connection", connection.name}};
  for (const char* key : schedule_keys) {
    const Value* written = connection.document == nullptr ? nullptr : connection.document->value.find(key);
    view.set(key, written == nullptr ? Value() : *written);
  }
  HUILIU_ASSIGN(Array jobs, run::job_list(call.hub.config(), call.now, fires_shown, connection.name));
  view.set("next", jobs.empty() ? Value() : jobs.front()["next_at"]);
  view.set("next_fires", jobs.empty() ? Value(Array{}) : jobs.front()["next"]);
  view.set("time_zone_database", run::zone_database_version());
  return view;
}

Result<Answer> list_schedules(Call& call) {
  Array items;
  for (const config::ConnectionConfig& connection : call.hub.config().connections) {
    if (!connection.schedule) continue;
    HUILIU_ASSIGN(Object view, schedule_view(call, connection));
    items.emplace_back(std::move(view));
  }
  return page_of(std::move(items), {});
}

Result<std::string> connection_text(Call& call) {
  HUILIU_ASSIGN(const config::Texts texts, config::read_texts(call.hub.options().config));
  const auto found = texts.find(connection_file(call.at("name")));
  if (found == texts.end()) return not_there(call.at("name"));
  return found->second;
}

// What the file says now, and whether that is in force.
Result<Answer> connection_schedule_shown(Call& call) {
  HUILIU_ASSIGN(const std::string text, connection_text(call));
  HUILIU_ASSIGN(const config::Document document, config::parse_yaml(text, connection_file(call.at("name"))));
  const config::ConnectionConfig* connection = call.hub.config().connection(call.at("name"));
  Object view{{"connection", call.at("name")}};
  if (connection != nullptr) {
    HUILIU_ASSIGN(view, schedule_view(call, *connection));
  }
  bool in_force = connection != nullptr;
  for (const char* key : schedule_keys) {
    const Value *written = document.value.find(key), *counts = view.find(key);
    const Value shown = written == nullptr ? Value() : *written;
    in_force = in_force && counts != nullptr && model::to_json(*counts) == model::to_json(shown);
    view.set(key, shown);
  }
  if (view.find("next") == nullptr) view.set("next", Value());
  view.set("in_force", in_force);
  Answer answer{200, std::move(view), {}, {}, {}};
  answer.etag = run::file_fingerprint(text);
  return answer;
}

// After a change: with the tag that the next change names. Reading adds its own.
Result<Answer> changed_schedule(Call& call) {
  HUILIU_ASSIGN(Answer answer, connection_schedule_shown(call));
  answer.headers.emplace_back("ETag", "\"" + answer.etag + "\"");
  return answer;
}

// Sets these keys of connections/NAME.yaml; one that `wanted` does not have is removed. Nothing else of the
// file changes, not even its comments.
Status write_schedule(Call& call, const Value& wanted) {
  HUILIU_ASSIGN(std::string text, connection_text(call));
  for (const char* key : schedule_keys) {
    HUILIU_ASSIGN(text, config::with_member(text, key, wanted.find(key)));
  }
  return run::write_file(call.hub, connection_file(call.at("name")), text, file_expected(call),
                         call.who.actor());
}

Result<Answer> put_connection_schedule(Call& call) {
  if (const Value* schedule = call.body.find("schedule")) {
    HUILIU_ASSIGN(const config::ScheduleConfig read, config::read_schedule(*schedule, "/schedule"));
    const auto calendar = call.hub.config().calendars.find(read.calendar);
    if (!read.calendar.empty() && calendar == call.hub.config().calendars.end())
      return make_error(ErrorClass::data, "there is no calendar \"" + read.calendar + "\"",
                        "/schedule/calendar");
    const auto table =
        run::Timetable::compile(read, read.calendar.empty() ? nullptr : &calendar->second, call.at("name"));
    if (!table.ok()) return make_error(ErrorClass::data, table.error().message, "/schedule");
  }
  if (const Value* times = call.body.find("off_times")) {
    HUILIU_ASSIGN(const auto read, config::read_off_times(*times, "/off_times"));
    HUILIU_TRY(run::check_off_times(read));
  }
  HUILIU_TRY(write_schedule(call, call.body));
  return changed_schedule(call);
}

// Events and people still start it.
Result<Answer> delete_connection_schedule(Call& call) {
  HUILIU_TRY(write_schedule(call, Object{}));
  return done();
}

// --- any schedule, looked at before it is written

Result<Answer> next_fires(Call& call) {
  Object schedule;
  for (const char* key : {"cron", "every", "dst", "calendar", "on", "jitter"})
    if (const std::string text = call.text(key); !text.empty()) schedule.set(key, text);
  const std::string zone = call.text("tz");
  schedule.set("time_zone", zone.empty() ? "Asia/Shanghai" : zone);
  if (schedule.find("cron") == nullptr && schedule.find("every") == nullptr)
    return make_error(ErrorClass::data, "cron or every is wanted", "?cron");
  auto preview =
      run::preview_of(Value(schedule), "", [&](const std::string& name) -> Result<config::Calendar> {
        const auto found = call.hub.config().calendars.find(name);
        if (found == call.hub.config().calendars.end())
          return make_error(ErrorClass::data, "there is no calendar \"" + name + "\"", "?calendar");
        return found->second;
      });
  if (!preview.ok()) return preview.error();
  model::Micros from = call.now;
  if (const std::string text = call.text("from"); !text.empty()) {
    HUILIU_ASSIGN(from, model::parse_rfc3339(text));
  }
  const int count = static_cast<int>(call.number("count", 10));
  HUILIU_ASSIGN(Array times, run::fires(*preview, from, count, false));
  HUILIU_ASSIGN(Array marked, run::fires(*preview, from, count, true));
  return Answer{200,
                Object{{"fires", std::move(times)},
                       {"marked", std::move(marked)},
                       {"time_zone_database", run::zone_database_version()}},
                {},
                {},
                {}};
}

// --- jobs

std::string job_file(const std::string& name) { return "jobs/" + name + ".yaml"; }

Result<Answer> list_jobs(Call& call) {
  HUILIU_ASSIGN(Array items,
                run::job_list(call.hub.config(), call.now, static_cast<int>(call.number("count", 3))));
  for (Value& item : items)
    for (const config::JobConfig& job : call.hub.config().jobs)
      if (job.name == item["name"].to_text()) item.as_object().set("file", job_file(job.name));
  return page_of(std::move(items), {});
}

// jobs/NAME.yaml from its members; checked by the reader of the files.
Result<Answer> put_job(Call& call) {
  const std::string name = call.at("name");
  HUILIU_TRY(config::read_job(name, call.body));
  HUILIU_TRY(run::write_file(call.hub, job_file(name), config::to_yaml(call.body), file_expected(call),
                             call.who.actor()));
  return file_shown(call, job_file(name));
}

Result<Answer> delete_job(Call& call) {
  HUILIU_TRY(run::remove_file(call.hub, job_file(call.at("name")), file_expected(call), call.who.actor()));
  return done();
}

Result<Answer> run_job(Call& call) {
  HUILIU_ASSIGN(const std::vector<run::JobSpec> specs, run::job_specs(call.hub.config()));
  for (const run::JobSpec& spec : specs) {
    if (spec.name != call.at("name")) continue;
    run::Hub& hub = call.hub;
    const run::Start start{0, spec.name, run::Trigger::person, true, call.now, call.now, spec.systems};
    HUILIU_TRY(call.api.begin([&hub, start](const std::atomic<bool>& stop) {
      // How it ended stands in its run.
      run::perform(hub, start, stop,
                   {[](const Result<run::CycleReport>&) {}, [](const std::string&, const Status&) {}});
    }));
    return Answer{202, Object{{"accepted", true}, {"look_at", "/api/v1/runs"}}, {}, {}, {}};
  }
  return not_there(call.at("name"));
}

Result<Answer> list_skipped(Call& call) {
  Array items;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    items = run::skipped_fires(snapshot, call.text("job"));
    return {};
  }));
  return page_of(std::move(items), {});
}

constexpr const char* schedule_body = R"({"type":"object","additionalProperties":false,"properties":{
  "schedule":{"type":"object"},"off_times":{"type":"array","maxItems":100,"items":{"type":"object"}},
  "priority":{"type":"string","enum":["high","normal","low"]},"share":{"type":"integer","minimum":1,"maximum":1000}}})";
constexpr const char* job_body = R"({"type":"object","additionalProperties":false,"properties":{
  "do":{"type":"string","enum":["sync","full","sweep","backup","check","retain"]},
  "connections":{"type":"array","maxItems":100,"items":{"type":"string","minLength":1,"maxLength":100}},
  "schedule":{"type":"object"},"priority":{"type":"string","enum":["high","normal","low"]},"share":{"type":"integer"},
  "retain":{"type":"object"},"enabled":{"type":"boolean"},"description":{"type":"string","maxLength":300},"backup":{"type":"object"}}})";

}  // namespace

std::vector<Route> schedule_routes() {
  std::vector<Route> list = {
      {"GET", "/schedules", "listSchedules", "When each connection runs", with("schedules.read"),
       list_schedules, 200, "[]Schedule"},
      {"GET", "/connections/{name}/schedule", "showConnectionSchedule",
       "Schedule, off-times, priority and share as its file says, and the next fires", with("schedules.read"),
       connection_schedule_shown, 200, "Schedule"},
      {"PUT", "/connections/{name}/schedule", "writeConnectionSchedule",
       "Write them into connections/NAME.yaml; they count once they are put in force", with("config.write"),
       put_connection_schedule, 200, "Schedule", schedule_body},
      {"DELETE", "/connections/{name}/schedule", "removeConnectionSchedule",
       "Only events and people start it then", with("config.write"), delete_connection_schedule, 200, "Done"},
      {"GET", "/schedules/next", "nextFires",
       "The next fires of a schedule, and what clock changes and calendars do to them",
       with("schedules.read"), next_fires, 200, "Fires", "",
       R"({"cron":{"schema":{"type":"string","minLength":1,"maxLength":200}},
           "every":{"schema":{"type":"string","minLength":1,"maxLength":20}},
           "tz":{"schema":{"type":"string","maxLength":60}},"from":{"schema":{"type":"string","maxLength":40}},
           "dst":{"schema":{"type":"string","enum":["once","skip","twice","shift"]}},
           "calendar":{"schema":{"type":"string","maxLength":100}},
           "on":{"schema":{"type":"string","enum":["workdays","holidays","any"]}},
           "jitter":{"schema":{"type":"string","maxLength":20}},
           "count":{"schema":{"type":"integer","minimum":1,"maximum":100}}})"},
      {"GET", "/schedules/skipped", "listSkippedFires", "Fires that did not happen, and why, newest first",
       with("schedules.read"), list_skipped, 200, "[]SkippedFire", "",
       R"({"job":{"schema":{"type":"string","maxLength":100}}})"},
      {"GET", "/jobs", "listJobs", "Every job, and its next fires", with("schedules.read"), list_jobs, 200,
       "[]Job", "", R"({"count":{"schema":{"type":"integer","minimum":0,"maximum":100}}})"},
      {"PUT", "/jobs/{name}", "writeJob", "Write jobs/NAME.yaml; it counts once it is put in force",
       with("config.write"), put_job, 200, "ConfigFile", job_body},
      {"DELETE", "/jobs/{name}", "removeJob", "Remove jobs/NAME.yaml", with("config.write"), delete_job, 200,
       "Done"},
      {"POST", "/jobs/{name}/run", "runJob", "Now", with("runs.operate"), run_job, 202, "Accepted"},
  };
  for (Route& route : list) {
    const std::string method = route.method;
    route.matched = method == "PUT" || method == "DELETE";
  }
  return list;
}

}  // namespace huiliu::api
