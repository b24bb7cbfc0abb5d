// huiliu run, dead-letter
#include <CLI/CLI.hpp>
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
               {"BALANCED", "balanced"}},
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
