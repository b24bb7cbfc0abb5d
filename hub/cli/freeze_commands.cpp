// huiliu freeze list, start, end, release, calendar
#include <CLI/CLI.hpp>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/run/cron.hpp"
#include "hub/run/views.hpp"

namespace huiliu::cli {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Status;
using model::Value;

struct FreezeArguments {
  std::vector<std::string> connections;
  std::string organisation, until, by, note, customer, hash, from;
  int count = 3;
  bool apply = false;
};

// What waits, one line a record: its fields with what they are and what they would become.
struct Waiting {
  std::vector<Value> lines;
  std::vector<std::string> connections;  // that have something to release
  std::string hash;
};

model::Result<Waiting> waiting_in(run::Hub& hub, const FreezeArguments& arguments) {
  for (const std::string& name : arguments.connections)
    if (hub.connection(name) == nullptr)
      return make_error(ErrorClass::not_found, "there is no connection \"" + name + "\"");
  HUILIU_ASSIGN(const run::Hub::Planned planned, hub.plan(arguments.connections));
  std::map<model::RecordRef, model::Object> records;
  for (const sync::Held& held : planned.held) {
    if (held.why != sync::Held::Why::frozen || !held.write) continue;
    if (!arguments.customer.empty() && held.golden != arguments.customer) continue;
    auto [found, fresh] = records.try_emplace(held.ref);
    if (fresh)
      found->second = model::Object{
          {"connection", held.ref.connection}, {"stream", held.ref.stream}, {"key", held.ref.key},
          {"customer", held.golden},           {"fields", model::Object{}}, {"reason", held.reason}};
    found->second.find("fields")->as_object().set(
        held.field, model::Object{{"from", run::field_value_view(held.write->from)},
                                  {"to", run::field_value_view(held.write->to)}});
  }
  Waiting waiting;
  std::uint64_t hash = model::hash64("");
  for (auto& [ref, line] : records) {
    hash = model::hash64(model::to_canonical_json(line), hash);
    if (waiting.connections.empty() || waiting.connections.back() != ref.connection)
      waiting.connections.push_back(ref.connection);
    waiting.lines.emplace_back(std::move(line));
  }
  waiting.hash = std::to_string(hash);
  return waiting;
}

const std::vector<Column>& waiting_columns() {
  static const std::vector<Column> columns = {{say("系统连接", "CONNECTION"), "connection"},
                                              {say("编号", "KEY"), "key"},
                                              {say("统一客户编号", "CUSTOMER"), "customer"},
                                              {say("待写入", "WOULD WRITE"), "fields"},
                                              {say("原因", "REASON"), "reason"}};
  return columns;
}

int list_waiting(Session& session, const FreezeArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  auto waiting = waiting_in(**hub, arguments);
  if (!waiting.ok()) return session.fail(waiting.error());
  print_list(session, waiting_columns(), std::move(waiting->lines));
  return done;
}

int start_stop(Session& session, const FreezeArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto until = model::parse_rfc3339(arguments.until);
  if (!until.ok() || arguments.by.empty()) {
    session.io().err << "huiliu: a stop needs --by NAME and --until TIME such as 2026-12-03T09:00:00+08:00\n";
    return usage;
  }
  for (const std::string& name : arguments.connections)
    if ((*hub)->connection(name) == nullptr)
      return session.fail(make_error(ErrorClass::not_found, "there is no connection \"" + name + "\""));
  const Status changed = (*hub)->change_freezes([&](store::Transaction& transaction) -> Status {
    for (const std::string& name : arguments.connections)
      run::FreezeBook::order_stop(transaction,
                                  {name, arguments.organisation, arguments.note, arguments.by, *until});
    return {};
  });
  return changed.ok() ? done : session.fail(changed.error());
}

int end_stop(Session& session, const FreezeArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const Status changed = (*hub)->change_freezes([&](store::Transaction& transaction) -> Status {
    for (const std::string& name : arguments.connections)
      if (!run::FreezeBook::end_stop(transaction, name, arguments.organisation))
        return make_error(ErrorClass::not_found, "no stop was ordered for " + name);
    return {};
  });
  return changed.ok() ? done : session.fail(changed.error());
}

Status let_go(run::Hub& hub, const Waiting& waiting, const FreezeArguments& arguments) {
  const model::Micros now = hub.clock().now();
  return hub.change_freezes([&](store::Transaction& transaction) -> Status {
    for (const std::string& name : waiting.connections) {
      const auto until = hub.freezes().frozen_until(name, now);
      if (!until) continue;  // it has just ended by itself
      if (arguments.customer.empty())
        run::FreezeBook::release(transaction, name, *until, arguments.by, arguments.note);
      else
        run::FreezeBook::let_pass(transaction, name, arguments.customer, *until, arguments.by,
                                  arguments.note);
    }
    return {};
  });
}

// First what would be written; with --apply, in a person's name, it is.
int release(Session& session, const FreezeArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  if (arguments.apply && arguments.by.empty()) {
    session.io().err << "huiliu: writes are let go in the name of a person: --by NAME\n";
    return usage;
  }
  auto waiting = waiting_in(**hub, arguments);
  if (!waiting.ok()) return session.fail(waiting.error());
  if (!arguments.hash.empty() && arguments.hash != waiting->hash)
    return session.fail(make_error(
        ErrorClass::stale, "what waits is another list now: " + waiting->hash + "; look at it again"));
  std::string run;
  if (arguments.apply && !waiting->lines.empty()) {
    if (const Status gone = let_go(**hub, *waiting, arguments); !gone.ok()) return session.fail(gone.error());
    run::CycleOptions options;
    options.connections = waiting->connections;
    options.read = false;
    options.job = "freeze release";
    const auto cycle = (*hub)->sync(options, nullptr, session.stop());
    if (!cycle.ok()) return session.fail(cycle.error());
    run = cycle->run;
    for (const run::ConnectionReport& connection : cycle->connections)
      if (!connection.error.empty())
        return session.fail(make_error(ErrorClass::retry, connection.error, connection.name));
  }
  if (session.json()) {
    for (const Value& line : waiting->lines) print_line(session, line);
    print_line(session, model::Object{{"hash", waiting->hash},
                                      {"writes", static_cast<std::int64_t>(waiting->lines.size())},
                                      {"released", arguments.apply},
                                      {"run", run}});
    return done;
  }
  print_table(session, waiting_columns(), waiting->lines);
  if (!arguments.apply && !waiting->lines.empty())
    session.io().out << say("确认后放行：加 --apply --by 姓名 --plan ",
                            "To let them go: --apply --by NAME --plan ")
                     << waiting->hash << '\n';
  if (!run.empty()) session.io().out << say("已放行，执行记录 ", "released in run ") << run << '\n';
  return done;
}

// The next windows of a connection's calendar, for each organisation with one of its own.
int show_calendar(Session& session, const FreezeArguments& arguments) {
  auto hub = open_beside(session.options());
  if (!hub.ok()) return session.fail(hub.error());
  model::Micros from = (*hub)->clock().now();
  if (!arguments.from.empty()) {
    const auto given = model::parse_rfc3339(arguments.from);
    if (!given.ok()) return session.fail(given.error());
    from = *given;
  }
  model::Array rows;
  for (const config::ConnectionConfig& connection : (*hub)->config().connections) {
    const auto found = (*hub)->config().calendars.find(connection.calendar);
    const bool wanted = arguments.connections.empty() || connection.name == arguments.connections.front();
    if (!wanted || found == (*hub)->config().calendars.end()) continue;
    std::map<std::string, std::optional<config::FreezeRule>> rules = found->second.organisations;
    rules.emplace("", found->second.freeze);
    for (const auto& [organisation, rule] : rules) {
      model::Micros at = from;
      for (int i = 0; i < arguments.count && rule; ++i) {
        const auto window = run::month_end_window(found->second, *rule, at);
        if (!window.ok()) return session.fail(window.error());
        const auto begin = run::to_zoned(window->from, found->second.time_zone);
        const auto end = run::to_zoned(window->until, found->second.time_zone);
        rows.push_back(model::Object{{"connection", connection.name},
                                     {"organisation", organisation},
                                     {"from", begin.ok() ? *begin : ""},
                                     {"until", end.ok() ? *end : ""}});
        at = window->until;
      }
    }
  }
  print_list(session,
             {{say("系统连接", "CONNECTION"), "connection"},
              {say("组织", "ORGANISATION"), "organisation"},
              {say("开始", "FROM"), "from"},
              {say("结束", "UNTIL"), "until"}},
             std::move(rows));
  return done;
}

}  // namespace

void add_freeze_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<FreezeArguments>();
  CLI::App* freeze =
      app.add_subcommand("freeze", say("月结冻结与停写期", "month-end freeze and ordered stops"));
  freeze->require_subcommand(1);
  const auto command = [&](const char* name, const char* zh, const char* en,
                           int (*run)(Session&, const FreezeArguments&), bool changes,
                           bool needs_connection) {
    CLI::App* sub = freeze->add_subcommand(name, say(zh, en));
    CLI::Option* option = sub->add_option("connections", arguments->connections, "connections");
    if (needs_connection) option->required();
    sub->callback([&action, arguments, run, changes] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, changes, false};
    });
    return sub;
  };
  command("list", "等待中的写入", "the writes that wait", list_waiting, true, false);
  CLI::App* start = command("start", "下令停写", "order a stop until a time", start_stop, true, true);
  start->add_option("--organisation", arguments->organisation, "only records of this organisation");
  start->add_option("--until", arguments->until, "its end, e.g. 2026-12-03T09:00:00+08:00");
  start->add_option("--by", arguments->by, "who orders it");
  start->add_option("--reason", arguments->note, "why");
  command("end", "结束停写", "end an ordered stop", end_stop, true, true)
      ->add_option("--organisation", arguments->organisation, "the organisation it was ordered for");
  CLI::App* go =
      command("release", "放行：先预览，再执行", "let waiting writes go: shown first", release, true, false);
  go->add_option("--customer", arguments->customer, "only this customer");
  go->add_option("--by", arguments->by, "who lets them go");
  go->add_option("--note", arguments->note, "why");
  go->add_option("--plan", arguments->hash, "hash of the list that was shown: refuse when it is another now");
  go->add_flag("--apply", arguments->apply, "write them now");
  CLI::App* calendar = command("calendar", "日历：接下来的冻结期", "the next windows of the calendars",
                               show_calendar, false, false);
  calendar->add_option("--from", arguments->from, "a time; default: now");
  calendar->add_option("--count", arguments->count, "windows for each organisation")
      ->check(CLI::Range(1, 60));
}

}  // namespace huiliu::cli
