// huiliu schedule: what fires when, and by hand
#include <CLI/CLI.hpp>
#include <fstream>
#include <istream>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/config/yaml.hpp"
#include "hub/run/clock.hpp"
#include "hub/run/job_list.hpp"
#include "hub/run/scheduler.hpp"
#include "hub/run/skipped.hpp"
#include "hub/run/views.hpp"

namespace huiliu::cli {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Result;
using model::Value;

struct ScheduleArguments {
  std::string cron, every, zone = "Asia/Shanghai", from, dst = "once", calendar, on, batch, name;
  int count = 10;
  bool effects = false;
};

// A calendar of one's own, or a shipped one by its name.
Result<config::Calendar> calendar_from(const std::string& file) {
  std::string path = file;
  if (!std::ifstream(path)) path = Installation::find().shipped + "/calendars/" + file + ".yaml";
  HUILIU_ASSIGN(const config::Document document, config::read_yaml(path, file));
  static const model::Schema none;
  auto calendar = config::read_calendar(file, document.value, none, false);
  if (!calendar.ok()) return document.locate(calendar.error());
  return calendar;
}

Result<run::Preview> preview_of(const ScheduleArguments& arguments, const std::string& cron,
                                const std::string& zone, const std::string& dst) {
  model::Object node;
  if (!cron.empty()) node.set("cron", cron);
  if (!arguments.every.empty()) node.set("every", arguments.every);
  node.set("time_zone", zone);
  node.set("dst", dst);
  if (!arguments.calendar.empty()) node.set("calendar", arguments.calendar);
  if (!arguments.on.empty()) node.set("on", arguments.on);
  return run::preview_of(node, "", calendar_from);
}

Result<Micros> start_from(const std::string& text) {
  return text.empty() ? Result<Micros>(run::SystemClock().now()) : model::parse_rfc3339(text);
}

Result<model::Array> batch_line(const ScheduleArguments& arguments, const std::string& line) {
  HUILIU_ASSIGN(const Value request, model::parse_json(line));
  const model::Number* count = request["count"].if_number();
  const std::string zone = request.find("tz") == nullptr ? arguments.zone : request["tz"].to_text();
  const std::string dst = request.find("dst") == nullptr ? arguments.dst : request["dst"].to_text();
  if (request["cron"].to_text().empty()) HUILIU_TRY(run::Cron::parse(""));
  HUILIU_ASSIGN(const run::Preview preview, preview_of(arguments, request["cron"].to_text(), zone, dst));
  HUILIU_ASSIGN(const Micros from, start_from(request["from"].to_text()));
  return run::fires(preview, from,
                    count == nullptr ? arguments.count : static_cast<int>(count->to_int64().value_or(0)),
                    false);
}

int schedule_batch(Session& session, const ScheduleArguments& arguments) {
  std::ifstream file;
  if (arguments.batch != "-") {
    file.open(arguments.batch, std::ios::binary);
    if (!file) return session.fail(make_error(ErrorClass::config, "cannot be read", arguments.batch));
  }
  std::istream& in = arguments.batch == "-" ? session.io().in : file;
  std::string line;
  while (std::getline(in, line)) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto times = batch_line(arguments, line);
    print_line(session, times.ok() ? Value(model::Object{{"fires", *times}})
                                   : Value(model::Object{{"error", times.error().message}}));
  }
  return done;
}

int refuse_usage(Session& session, const std::string& message) {
  session.io().err << "huiliu: " << message << '\n';
  return usage;
}

int schedule_next(Session& session, const ScheduleArguments& arguments) {
  if (!run::dst_policy_from(arguments.dst))
    return refuse_usage(session, "a DST policy is once, skip, twice or shift, not \"" + arguments.dst + "\"");
  if (!arguments.batch.empty()) return schedule_batch(session, arguments);
  if (arguments.cron.empty() && arguments.every.empty())
    return refuse_usage(session, "--cron, --every or --batch is wanted");
  const auto preview = preview_of(arguments, arguments.cron, arguments.zone, arguments.dst);
  if (!preview.ok()) return session.fail(preview.error());
  const auto from = start_from(arguments.from);
  if (!from.ok()) return session.fail(from.error());
  const auto times = run::fires(*preview, *from, arguments.count, arguments.effects || !session.json());
  if (!times.ok()) return session.fail(times.error());
  if (session.json()) {
    print_json(session, *times);
    return done;
  }
  for (const Value& fire : *times) {
    session.io().out << fire["at"].to_text();
    for (const Value& effect : fire["effects"].as_array()) session.io().out << "  " << effect.to_text();
    session.io().out << (fire["fires"].as_bool() ? "" : say("  （不执行）", "  (left out)")) << '\n';
  }
  return done;
}

// The jobs of the configuration, with their next fires: what the calendar, clock changes and off-times do.
int list_schedules(Session& session, const ScheduleArguments& arguments) {
  const auto loaded = config::load({session.options().config, Installation::find().shipped});
  if (loaded.config == nullptr) {
    for (const model::Error& error : loaded.errors) session.fail(error);
    return failed;
  }
  const auto from = start_from(arguments.from);
  if (!from.ok()) return session.fail(from.error());
  auto rows = run::job_list(*loaded.config, *from, arguments.count);
  if (!rows.ok()) return session.fail(rows.error());
  if (!session.json())
    session.io().out << say("时区数据库 ", "time zone database ") << run::zone_database_version() << '\n';
  print_list(session,
             {{say("任务", "JOB"), "name"},
              {say("系统", "SYSTEMS"), "systems"},
              {say("重叠", "OVERLAP"), "overlap"},
              {say("下次", "NEXT"), "next_at"}},
             std::move(*rows));
  return done;
}

// Fires that did not happen, and why.
int list_skipped(Session& session, const ScheduleArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  model::Array rows;
  const model::Status read = (*hub)->store().read([&](store::Snapshot& snapshot) -> model::Status {
    rows = run::skipped_fires(snapshot, arguments.name);
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{say("时刻", "FIRE"), "written"},
              {say("任务", "JOB"), "job"},
              {say("原因", "REASON"), "reason"},
              {say("说明", "MEANS"), say("zh", "en")}},
             std::move(rows));
  return done;
}

int run_by_hand(Session& session, const ScheduleArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto specs = run::job_specs((*hub)->config());
  if (!specs.ok()) return session.fail(specs.error());
  for (const run::JobSpec& spec : *specs) {
    if (spec.name != arguments.name) continue;
    const Micros now = (*hub)->clock().now();
    const run::Start start{0, spec.name, run::Trigger::person, true, now, now, spec.systems};
    int code = done;
    run::JobListener listener;
    listener.cycle = [&](const Result<run::CycleReport>& cycle) {
      code = cycle.ok() ? report_cycle(session, **hub, *cycle) : session.fail(cycle.error());
    };
    listener.house = [&](const std::string& job, const model::Status& ended) {
      if (!ended.ok()) code = session.fail(ended.error());
      if (ended.ok() && session.json())
        print_json(session, model::Object{{"job", job}, {"state", "succeeded"}});
      if (ended.ok() && !session.json()) session.io().out << job << say("：完成\n", ": done\n");
    };
    run::perform(**hub, start, session.stop(), listener);
    return code;
  }
  return session.fail(make_error(ErrorClass::not_found,
                                 "there is no job \"" + arguments.name + "\"; see huiliu schedule list"));
}

}  // namespace

void add_schedule_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ScheduleArguments>();
  CLI::App* schedule = app.add_subcommand("schedule", say("定时", "schedules"));
  schedule->require_subcommand(1);
  const auto add = [&](const char* name, const char* zh, const char* en,
                       int (*run)(Session&, const ScheduleArguments&), bool changes, bool local) {
    CLI::App* command = schedule->add_subcommand(name, say(zh, en));
    command->callback([&action, arguments, run, changes, local] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, changes, local};
    });
    return command;
  };
  CLI::App* next = add("next", "接下来的执行时间", "next fires", schedule_next, false, true);
  next->add_option("--cron", arguments->cron, "cron expression");
  next->add_option("--every", arguments->every, "interval: 30s, 10m, 2h");
  next->add_option("--tz", arguments->zone, "time zone (default: Asia/Shanghai)");
  next->add_option("--from", arguments->from, "strictly after (default: now)");
  next->add_option("--count", arguments->count, "how many (default: 10)")->check(CLI::Range(0, 100000));
  next->add_option("--dst", arguments->dst, "once (default), skip, twice, shift");
  next->add_option("--calendar", arguments->calendar,
                   "file of a calendar, or the name of a shipped one: china");
  next->add_option("--on", arguments->on, "with a calendar: workdays (default), holidays, any");
  next->add_flag("--effects", arguments->effects, "objects with what clock changes and calendars do");
  next->add_option("--batch", arguments->batch, "file of lines {cron, tz, from, count}, - for stdin");
  CLI::App* list = add("list", "任务与下次执行", "jobs and their next fires", list_schedules, false, true);
  list->add_option("--from", arguments->from, "strictly after (default: now)");
  list->add_option("--count", arguments->count, "fires of each (default: 10)")->check(CLI::Range(0, 1000));
  add("skipped", "没有执行的时刻及原因", "fires that did not happen, and why", list_skipped, false, false)
      ->add_option("name", arguments->name, "of this job, or connection");
  add("run", "立即执行", "a job, now", run_by_hand, true, false)
      ->add_option("name", arguments->name, "job, or connection")
      ->required();
}

}  // namespace huiliu::cli
