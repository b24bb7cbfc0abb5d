// huiliu connection …, config …
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>

#include "hub/cli/app.hpp"
#include "hub/run/brakes.hpp"
#include "hub/run/connection_list.hpp"
#include "hub/run/connection_view.hpp"
#include "hub/run/probe.hpp"
#include "hub/run/views.hpp"

namespace huiliu::cli {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Status;
using model::Value;

struct ConnectionArguments {
  std::string name, stream, stage, reason = "paused by a person";
  std::uint64_t limit = 0;
  bool write = false;
};

int list_connections(Session& session, const ConnectionArguments&) {
  auto opened = open_beside(session.options());
  if (!opened.ok()) return session.fail(opened.error());
  run::Hub& hub = **opened;
  model::Array rows;
  const Status read = hub.store().read([&](store::Snapshot& snapshot) -> Status {
    rows = run::connection_list(snapshot, hub);
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{say("系统连接", "NAME"), "name"},
              {say("连接器", "CONNECTOR"), "connector"},
              {say("角色", "ROLE"), "role"},
              {say("上线阶段", "STAGE"), "stage"},
              {say("状态", "STATE"), "state"},
              {say("能力等级", "GRADE"), "grade"},
              {say("滞后秒", "LAG S"), "lag_seconds"},
              {say("差异", "DRIFT"), "drift"}},
             std::move(rows));
  return done;
}

// How it stands with a connection: lag, drift, an open gate; the grade as declared, as measured, and as it
// holds.
model::Result<model::Object> standing(run::Hub& hub, const config::ConnectionConfig& connection) {
  const auto connector = hub.registry().connector(connection.connector);
  const Value declared = connector == nullptr ? Value{} : connector->manifest.json["grade"];
  model::Object out;
  HUILIU_TRY(hub.store().read([&](store::Snapshot& snapshot) -> Status {
    out = {{"lag_seconds", run::lag_seconds(snapshot, hub, connection.name)},
           {"drift", run::drift_of(snapshot, connection.name)},
           {"stopped", run::closed_gate(snapshot, connection.name)},
           {"grade", run::grade_of(snapshot, connection.name, declared)},
           {"declared", declared},
           {"probed", run::probed(snapshot, connection.name)}};
    return {};
  }));
  return out;
}

// Measures; without --write by evidence only.
int probe_connection(Session& session, const ConnectionArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  session.io().err
      << (arguments.write
              ? say("将创建一条探测记录，修改两次，再创建一次同名记录，最后停用或删除\n",
                    "makes a record of its own, changes it twice, makes it once more, and removes both\n")
              : say("只读；--write 会创建并删除一条探测记录\n",
                    "reads only; --write makes a record of its own and removes it\n"));
  const auto report = (*hub)->probe(arguments.name, arguments.write, session.stop());
  if (!report.ok()) return session.fail(report.error());
  print_json(session, *report);
  return (*report)["left"].as_array().empty() ? done : failed;
}

// Opens the connection's system beside whoever owns the store.
model::Result<std::pair<std::unique_ptr<run::Hub>, run::System*>> open_system(Session& session,
                                                                              const std::string& name) {
  HUILIU_ASSIGN(std::unique_ptr<run::Hub> hub, open_beside(session.options()));
  HUILIU_ASSIGN(run::System * system, hub->system(name));
  return std::pair(std::move(hub), system);
}

int check_connection(Session& session, const ConnectionArguments& arguments) {
  auto opened = open_system(session, arguments.name);
  if (!opened.ok()) return session.fail(opened.error());
  const Status checked = opened->second->check();
  if (!checked.ok()) {
    if (session.json())
      print_json(session, model::Object{{"name", arguments.name},
                                        {"ok", false},
                                        {"class", model::to_string(checked.error().error_class)},
                                        {"message", checked.error().text()}});
    return session.fail(checked.error());
  }
  if (session.json())
    print_json(session, model::Object{{"name", arguments.name}, {"ok", true}});
  else
    session.io().out << arguments.name << say("：连接正常\n", ": works\n");
  return done;
}

int discover_connection(Session& session, const ConnectionArguments& arguments) {
  auto opened = open_system(session, arguments.name);
  if (!opened.ok()) return session.fail(opened.error());
  const auto streams = opened->second->discover();
  if (!streams.ok()) return session.fail(streams.error());
  print_json(session, *streams);
  return done;
}

void print_promises(Session& session, const Value& view) {
  std::ostream& out = session.io().out;
  out << view["name"].to_text() << "  " << view["connector"].to_text() << "  " << view["role"].to_text()
      << " (" << view["column"].to_text() << ")  " << view["stage"].to_text()
      << "  create: " << view["create"].to_text() << "\n\n";
  print_table(
      session,
      {{say("承诺", "PROMISE"), "promise"}, {say("成立", "HOLDS"), "holds"}, {say("原因", "WHY"), "why"}},
      view["promises"].as_array());
}

int show_connection(Session& session, const ConnectionArguments& arguments) {
  auto hub = open_beside(session.options());
  if (!hub.ok()) return session.fail(hub.error());
  auto view = run::connection_view(**hub, arguments.name, chinese());
  if (!view.ok()) return session.fail(view.error());
  const auto stands = standing(**hub, *(*hub)->connection(arguments.name));
  if (!stands.ok()) return session.fail(stands.error());
  for (const model::Member& member : *stands) view->as_object().set(member.key, member.value);
  if (session.json()) {
    print_json(session, *view);
    return done;
  }
  print_promises(session, *view);
  for (const Value& stream : (*view)["streams"].as_array()) {
    session.io().out << '\n' << stream["stream"].to_text() << " (" << stream["entity"].to_text() << ")\n";
    print_table(session,
                {{say("字段", "FIELD"), "field"},
                 {say("位置", "PATH"), "path"},
                 {say("新建", "CREATE"), "create"},
                 {say("修改", "UPDATE"), "update"},
                 {say("清空", "CLEAR"), "clear"},
                 {say("长度", "LENGTH"), "length"},
                 {say("唯一", "UNIQUE"), "unique"},
                 {say("权利", "RIGHT"), "right"},
                 {say("出处", "LINE"), "line"}},
                stream["fields"].as_array());
  }
  return done;
}

class Printer final : public run::RecordReceiver {
 public:
  Printer(Session& session, std::uint64_t limit) : session_(session), limit_(limit) {}
  Status records(const std::string&, std::vector<run::ReceivedRecord> records,
                 std::vector<run::BadRecord> bad) override {
    for (const run::BadRecord& record : bad)
      session_.io().err << "huiliu: bad record " << record.key << ": " << record.message << '\n';
    for (const run::ReceivedRecord& record : records) {
      if (limit_ > 0 && printed_ >= limit_) return make_error(ErrorClass::cancelled, "enough");
      print_line(session_,
                 record.deleted ? Value(model::Object{{"key", record.key}, {"deleted", true}}) : record.body);
      ++printed_;
    }
    return limit_ > 0 && printed_ >= limit_ ? Status(make_error(ErrorClass::cancelled, "enough")) : Status{};
  }
  Status checkpoint(const std::string&, const run::StateChanges&) override { return {}; }

 private:
  Session& session_;
  std::uint64_t limit_, printed_ = 0;
};

int read_connection(Session& session, const ConnectionArguments& arguments) {
  auto opened = open_system(session, arguments.name);
  if (!opened.ok()) return session.fail(opened.error());
  Printer printer(session, arguments.limit);
  const Status read =
      opened->second->read(arguments.stream, run::ReadKind::full, "", arguments.limit, printer);
  if (!read.ok() && read.error().error_class != ErrorClass::cancelled) return session.fail(read.error());
  return done;
}

// When a stage may be left (docs/business.md), and whether that is so now; null: only people can know.
struct LeaveCondition {
  sync::Stage stage;
  const char* words;
  Value met;
};

model::Result<std::vector<LeaveCondition>> leave_conditions(run::Hub& hub, const std::string& connection) {
  bool read = false;
  std::int64_t questions = 0;
  HUILIU_TRY(hub.store().read([&](store::Snapshot& snapshot) -> Status {
    read = !run::lag_seconds(snapshot, hub, connection).is_null();
    questions = snapshot.count_reviews("open")[sync::ReviewKind::duplicate];
    return {};
  }));
  return std::vector<LeaveCondition>{
      {sync::Stage::observe, say("首次完整读取完成，盘点报告已确认", "first full read done, report accepted"),
       read},
      {sync::Stage::match,
       say("交易客户没有未决的歧义匹配", "no open ambiguous pair among trading customers"), questions == 0},
      {sync::Stage::link, say("差异报表已确认", "difference report agreed"), {}},
      {sync::Stage::fill, say("一周内没有异议", "one week without complaint"), {}},
      {sync::Stage::one_way, say("经过一次月结", "one month-end passed"), {}}};
}

// A person moves a connection on, and sees what each stage that is left asks for; back is free.
Status show_stage_change(Session& session, const ConnectionArguments& arguments, sync::Stage from,
                         sync::Stage to) {
  HUILIU_ASSIGN(const std::unique_ptr<run::Hub> hub, open_beside(session.options()));
  HUILIU_ASSIGN(const auto conditions, leave_conditions(*hub, arguments.name));
  model::Array left;
  for (const LeaveCondition& condition : conditions)
    if (condition.stage >= from && condition.stage < to)
      left.push_back(model::Object{{"stage", config::to_string(condition.stage)},
                                   {"leave_when", condition.words},
                                   {"met", condition.met}});
  if (session.json()) {
    print_line(session, model::Object{{"connection", arguments.name},
                                      {"from", config::to_string(from)},
                                      {"stage", config::to_string(to)},
                                      {"left", std::move(left)}});
    return {};
  }
  for (const Value& each : left)
    session.io().out << each["stage"].to_text() << say("：离开条件 ", ": left when ")
                     << each["leave_when"].to_text()
                     << (each["met"].is_null()   ? say("（由人确认）", " (for people to say)")
                         : each["met"].as_bool() ? say("（已满足）", " (it is so)")
                                                 : say("（尚未满足！）", " (not so yet!)"))
                     << '\n';
  session.io().out << arguments.name << ": " << config::to_string(from) << " → " << config::to_string(to)
                   << '\n';
  return {};
}

// The stage stands in the connection's file, which stays the truth: exactly that line changes.
int set_stage(Session& session, const ConnectionArguments& arguments) {
  const auto to = config::stage_from(arguments.stage);
  if (!to) {
    session.io().err << "huiliu: a stage is observe, match, link, fill, one_way or two_way, not \""
                     << arguments.stage << "\"\n";
    return usage;
  }
  const std::filesystem::path path =
      std::filesystem::path(session.options().config) / "connections" / (arguments.name + ".yaml");
  std::ifstream in(path);
  if (!in)
    return session.fail(make_error(
        ErrorClass::not_found, "there is no connection \"" + arguments.name + "\" (" + path.string() + ")"));
  const config::Loaded before = config::load({session.options().config, Installation::find().shipped});
  const config::ConnectionConfig* known =
      before.config == nullptr ? nullptr : before.config->connection(arguments.name);
  const sync::Stage from = known == nullptr ? sync::Stage::observe : known->stage;
  std::string text;
  std::string line;
  bool replaced = false;
  while (std::getline(in, line)) {
    if (line.starts_with("stage:")) {
      const std::size_t comment = line.find(" #");
      line =
          "stage: " + arguments.stage + (comment == std::string::npos ? "" : "  " + line.substr(comment + 1));
      replaced = true;
    }
    text += line + '\n';
  }
  if (!replaced) text += "stage: " + arguments.stage + '\n';
  const std::filesystem::path fresh = path.string() + ".new";
  {
    std::ofstream out(fresh);
    out << text;
    if (!out.flush())
      return session.fail(make_error(ErrorClass::config, "cannot be written", fresh.string()));
  }
  std::error_code error;
  std::filesystem::rename(fresh, path, error);
  if (error) return session.fail(make_error(ErrorClass::config, error.message(), path.string()));
  const config::Loaded loaded = config::load({session.options().config, Installation::find().shipped});
  for (const model::Error& wrong : loaded.errors) session.fail(wrong);
  if (loaded.errors.empty())
    if (const Status shown = show_stage_change(session, arguments, from, *to); !shown.ok())
      return session.fail(shown.error());
  session.io().err << say("已修改；正在运行的 huiliu serve 在 huiliu config apply 后采用\n",
                          "changed; a huiliu serve that runs takes it over by huiliu config apply\n");
  return loaded.errors.empty() ? done : failed;
}

int pause_connection(Session& session, const ConnectionArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const Status paused = (*hub)->pause(arguments.name, arguments.reason);
  return paused.ok() ? done : session.fail(paused.error());
}

int resume_connection(Session& session, const ConnectionArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const Status resumed = (*hub)->resume(arguments.name);
  return resumed.ok() ? done : session.fail(resumed.error());
}

}  // namespace

void add_connection_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ConnectionArguments>();
  const auto set = [&action, arguments](int (*run)(Session&, const ConnectionArguments&), bool changes) {
    return [&action, arguments, run, changes] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, changes, false};
    };
  };
  CLI::App* connection = app.add_subcommand("connection", say("系统连接", "connections to systems"));
  connection->require_subcommand(1);
  connection->add_subcommand("list", say("列表", "list"))->callback(set(list_connections, false));
  const auto named = [&](const char* name, const char* zh, const char* en,
                         int (*run)(Session&, const ConnectionArguments&), bool changes) {
    CLI::App* command = connection->add_subcommand(name, say(zh, en));
    command->add_option("name", arguments->name, "connection")->required();
    command->callback(set(run, changes));
    return command;
  };
  named("show", "能力、权利与承诺", "what it can do, may do, and which promises hold", show_connection,
        false);
  named("check", "检查地址、凭据与权限", "do address, credentials and rights work?", check_connection, false);
  named("discover", "数据对象与字段", "streams and fields as this account has them", discover_connection,
        false);
  CLI::App* read = named("read", "读取原始记录", "raw records of a stream", read_connection, false);
  read->add_option("stream", arguments->stream, "stream")->required();
  read->add_option("--limit", arguments->limit, "at most so many");
  named("stage", "设置上线阶段", "set the stage", set_stage, false)
      ->add_option("stage", arguments->stage, "stage")
      ->required();
  named("pause", "暂停", "pause", pause_connection, true)->add_option("--reason", arguments->reason, "why");
  named("probe", "测量系统能力", "measure what the system can do", probe_connection, true)
      ->add_flag("--write", arguments->write, "with a record that the probe makes and removes");
  named("resume", "恢复", "resume", resume_connection, true);
}

}  // namespace huiliu::cli
