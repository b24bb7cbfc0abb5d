// huiliu run
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/run/views.hpp"

namespace huiliu::cli {
namespace {

using model::Status;
using model::Value;

struct RunArguments {
  std::string id, job;
  std::size_t limit = 100;
  std::string as;
  bool plan_only = false;
};

Status unknown(const char* what, const std::string& id) {
  return model::make_error(model::ErrorClass::not_found, std::string("there is no ") + what + " " + id);
}

int list_runs(Session& session, const RunArguments& arguments) {
  model::Array rows;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    for (const store::Run& run : snapshot.list_runs(arguments.job, {{}, arguments.limit}))
      rows.push_back(run::run_view(snapshot, run));
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{"ID", "id"},
              {say("任务", "JOB"), "job"},
              {say("状态", "STATE"), "state"},
              {say("开始", "STARTED"), "started"},
              {say("结束", "ENDED"), "ended"},
              {say("错误", "ERROR"), "error"}},
             std::move(rows));
  return done;
}

int show_run(Session& session, const RunArguments& arguments) {
  Value view;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    const auto run = snapshot.load_run(arguments.id);
    if (!run) return unknown("run", arguments.id);
    view = run::run_view(snapshot, *run);
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  if (session.json()) {
    print_json(session, view);
    return done;
  }
  session.io().out << view["id"].to_text() << "  " << view["job"].to_text() << "  " << view["state"].to_text()
                   << "  " << view["started"].to_text() << " – " << view["ended"].to_text() << '\n';
  if (!view["error"].to_text().empty()) session.io().out << view["error"].to_text() << '\n';
  for (const Value& error : view["errors"].as_array())
    session.io().out << "  " << error["connection"].to_text() << " [" << error["code"].to_text() << "] "
                     << error["message"].to_text() << "\n    → " << error["fix"][say("zh", "en")].to_text()
                     << '\n';
  if (const model::Array* progress = view["progress"].if_array())
    for (const Value& row : *progress)
      session.io().out << "  " << row["connection"].to_text() << ": " << row["phase"].to_text() << ' '
                       << row["read"].to_text() << " / "
                       << (row["total"].is_null() ? say("总数未知", "total unknown") : row["total"].to_text())
                       << ", " << row["rate"].to_text() << say(" 条/秒", " records/s")
                       << (row["eta_seconds"].is_null()
                               ? std::string()
                               : say("，剩余秒 ", ", seconds left ") + row["eta_seconds"].to_text())
                       << '\n';
  print_table(session,
              {{"CONNECTION", "connection"},
               {"STREAM", "stream"},
               {"READ", "read"},
               {"CHANGED", "changed"},
               {"UNCHANGED", "unchanged"},
               {"PARKED", "parked"},
               {"DEAD", "dead"},
               {"DUE", "due"},
               {"APPLIED", "applied"},
               {"STALE", "stale"},
               {"REJECTED", "rejected"},
               {"IN DOUBT", "in_doubt"},
               {"BALANCED", "balanced"},
               {"DRIFT", "drift"}},
              view["streams"].as_array());
  return done;
}

int show_log(Session& session, const RunArguments& arguments) {
  model::Array lines;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    if (!snapshot.load_run(arguments.id)) return unknown("run", arguments.id);
    std::int64_t after = 0;
    while (true) {
      const auto page = snapshot.run_log(arguments.id, after, 1000);
      for (const store::LogLine& line : page)
        lines.push_back(
            model::Object{{"at", run::time_text(line.at)}, {"level", line.level}, {"message", line.message}});
      if (page.size() < 1000) return {};
      after = page.back().sequence;
    }
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session, {{"AT", "at"}, {"LEVEL", "level"}, {"MESSAGE", "message"}}, std::move(lines));
  return done;
}

// Ends a run that another process of this program performs for itself (`sync --once`): as Ctrl-C there would.
Status stop_other_process(const store::Run& run) {
  std::error_code error;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto there = std::filesystem::read_symlink("/proc/" + std::to_string(run.pid) + "/exe", error);
  if (error || run.state != store::RunState::running || here != there || run.pid == ::getpid() ||
      ::kill(static_cast<pid_t>(run.pid), SIGTERM) != 0)
    return model::make_error(model::ErrorClass::stale, "the run " + run.id + " is not under way");
  return {};
}

int stop_run(Session& session, const RunArguments& arguments) {
  std::optional<store::Run> run;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    run = snapshot.load_run(arguments.id);
    return run ? Status{} : Status(unknown("run", arguments.id));
  });
  if (!read.ok()) return session.fail(read.error());
  Status stopped;
  if (session.served()) {
    auto hub = session.hub();
    stopped = hub.ok() ? (*hub)->stop_run(arguments.id) : Status(hub.error());
  } else {
    stopped = stop_other_process(*run);
  }
  if (!stopped.ok()) return session.fail(stopped.error());
  if (session.json())
    print_json(session, model::Object{{"id", arguments.id}, {"stopping", true}});
  else
    session.io().out << say("正在停止；已完成的部分保留\n", "stopping; what it did stays\n");
  return done;
}

int retry_run(Session& session, const RunArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto cycle = (*hub)->retry(arguments.id, session.stop());
  return cycle.ok() ? report_cycle(session, **hub, *cycle) : session.fail(cycle.error());
}

int undo_run(Session& session, const RunArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  std::optional<store::Run> run;
  const Status known = (*hub)->store().read([&](store::Snapshot& snapshot) -> Status {
    run = snapshot.load_run(arguments.id);
    return {};
  });
  if (!known.ok()) return session.fail(known.error());
  if (run && (run->job == "import" || run->job == "undo import"))
    return undo_import(session, arguments.id, arguments.plan_only, arguments.as);
  if (!arguments.plan_only) {
    const auto cycle = (*hub)->undo(arguments.id, session.stop());
    return cycle.ok() ? report_cycle(session, **hub, *cycle) : session.fail(cycle.error());
  }
  const auto planned = (*hub)->plan_undo(arguments.id);
  if (!planned.ok()) return session.fail(planned.error());
  print_plan(session, **hub, *planned);
  for (const sync::Held& held : planned->held)
    session.io().err << held.ref.text() << ": " << held.reason << '\n';
  return done;
}

}  // namespace

void add_run_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<RunArguments>();
  const auto set = [&action, arguments](int (*run)(Session&, const RunArguments&), bool changes) {
    return [&action, arguments, run, changes] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, changes, false};
    };
  };
  CLI::App* run = app.add_subcommand("run", say("执行记录", "executions of jobs"));
  run->require_subcommand(1);
  CLI::App* list = run->add_subcommand("list", say("列表", "newest first"));
  list->add_option("--job", arguments->job, "only of this job");
  list->add_option("--limit", arguments->limit, "at most so many");
  list->callback(set(list_runs, false));
  CLI::App* show = run->add_subcommand("show", say("查看", "with its ledger"));
  show->add_option("id", arguments->id, "run")->required();
  show->callback(set(show_run, false));
  CLI::App* logs = run->add_subcommand("logs", say("日志", "what it said"));
  logs->add_option("id", arguments->id, "run")->required();
  logs->callback(set(show_log, false));

  const auto of_run = [&](const char* name, const char* zh, const char* en,
                          int (*what)(Session&, const RunArguments&)) {
    CLI::App* command = run->add_subcommand(name, say(zh, en));
    command->add_option("id", arguments->id, "run")->required();
    command->callback(set(what, true));
    return command;
  };
  of_run("stop", "停止", "end it at its next batch", stop_run);
  of_run("retry", "重试", "the same connections once more", retry_run);
  CLI::App* undo = of_run("undo", "撤销", "put back what it wrote, where nothing else came since", undo_run);
  undo->add_flag("--plan", arguments->plan_only, "only show what would be put back");
  undo->add_option("--as", arguments->as, "who says so, of an import: a user of hub.yaml");
}

}  // namespace huiliu::cli
