// huiliu run, dead-letter
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
  std::string id, job, connection;
  std::vector<std::string> ids;
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

int list_dead(Session& session, const RunArguments& arguments) {
  model::Array rows;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    store::ParkedQuery query;
    query.connection = arguments.connection;
    for (const store::Parked& parked : snapshot.list_parked(query, {{}, 100'000}))
      rows.push_back(run::dead_letter_view(parked));
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{"ID", "id"},
              {say("系统连接", "CONNECTION"), "connection"},
              {say("数据对象", "STREAM"), "stream"},
              {"KEY", "key"},
              {say("原因", "CAUSE"), "cause"},
              {say("说明", "MESSAGE"), "message"}},
             std::move(rows));
  return done;
}

int show_dead(Session& session, const RunArguments& arguments) {
  Value view;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    const auto parked = snapshot.load_parked(arguments.id);
    if (!parked) return unknown("dead letter", arguments.id);
    view = run::dead_letter_view(*parked);
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_json(session, view);
  return done;
}

int replay_dead(Session& session, const RunArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  auto replayed = (*hub)->replay(arguments.ids);
  if (!replayed.ok()) return session.fail(replayed.error());
  if (session.json())
    print_json(session, model::Object{{"replayed", replayed->replayed}, {"failed", replayed->failed}});
  else
    session.io().out << say("重新处理 ", "replayed ") << replayed->replayed
                     << say("，仍失败 ", ", failed again ") << replayed->failed << '\n';
  return replayed->failed == 0 ? done : failed;
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

  CLI::App* dead = app.add_subcommand("dead-letter", say("异常数据", "records that need a person"));
  dead->require_subcommand(1);
  CLI::App* dead_list = dead->add_subcommand("list", say("列表", "open ones"));
  dead_list->add_option("--connection", arguments->connection, "only of this connection");
  dead_list->callback(set(list_dead, false));
  CLI::App* dead_show = dead->add_subcommand("show", say("查看", "with its raw payload"));
  dead_show->add_option("id", arguments->id, "id")->required();
  dead_show->callback(set(show_dead, false));
  CLI::App* replay = dead->add_subcommand("replay", say("重新处理", "process again; all when none is named"));
  replay->add_option("ids", arguments->ids, "ids");
  replay->callback(set(replay_dead, true));
}

}  // namespace huiliu::cli
