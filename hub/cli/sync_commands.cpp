// huiliu sync, plan, apply
#include <CLI/CLI.hpp>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/run/views.hpp"

namespace huiliu::cli {
namespace {

using model::Value;

struct SyncArguments {
  std::vector<std::string> connections;
  bool once = false, full = false, sweep = false;
  std::string hash;
};

Value run_by_id(Session& session, run::Hub& hub, const std::string& id) {
  Value view;
  const model::Status read = hub.store().read([&](store::Snapshot& snapshot) -> model::Status {
    if (const auto run = snapshot.load_run(id)) view = run::run_view(snapshot, *run);
    return {};
  });
  if (!read.ok()) session.fail(read.error());
  return view;
}

}  // namespace

int report_cycle(Session& session, run::Hub& hub, const run::CycleReport& cycle) {
  bool good = true;
  for (const run::ConnectionReport& connection : cycle.connections) {
    if (connection.error.empty()) continue;
    good = false;
    session.io().err << "huiliu: " << connection.name << ": " << connection.error << '\n';
  }
  if (session.json()) {
    print_json(session, model::Array{run_by_id(session, hub, cycle.run)});
  } else {
    for (const run::ConnectionReport& connection : cycle.connections) {
      session.io().out << connection.name << ": " << connection.records
                       << say(" 条记录，创建 ", " records, created ") << connection.created
                       << say("，写入字段 ", ", fields written ") << connection.fields_written
                       << say("，仍有差异 ", ", still different ") << connection.differing << '\n';
    }
    session.io().out << say("执行记录 ", "run ") << cycle.run << '\n';
  }
  return good ? done : failed;
}

namespace {

void print_planned(Session& session, const Value& line) {
  if (session.json()) return print_line(session, line);
  session.io().out << line["connection"].to_text() << '/' << line["stream"].to_text() << ' '
                   << (line["key"].to_text().empty() ? "+" : line["key"].to_text()) << ' '
                   << line["op"].to_text() << ' ' << line["customer"].to_text() << "  "
                   << model::to_json(line["fields"]) << "  " << line["reason"].to_text() << '\n';
}

}  // namespace

void print_plan(Session& session, const run::Hub& hub, const run::Hub::Planned& planned) {
  for (const sync::PlannedWrite& write : planned.writes)
    print_planned(session, run::planned_write_view(hub.config().schema, write));
  for (const run::Allocation& allocation : planned.allocations)
    print_planned(session, run::allocation_line(allocation));
  const std::size_t writes = planned.writes.size() + planned.allocations.size();
  model::Object calls;
  for (const auto& [quota, count] : planned.calls) calls.set(quota, count);
  const Value last = model::Object{{"hash", planned.hash},
                                   {"revision", planned.revision},
                                   {"writes", static_cast<std::int64_t>(writes)},
                                   {"calls", std::move(calls)},
                                   {"days", planned.days},
                                   {"held", static_cast<std::int64_t>(planned.held.size())}};
  if (session.json()) return print_line(session, last);
  session.io().out << writes << say(" 项待写入；等待中 ", " writes; waiting ") << planned.held.size()
                   << say("；调用次数 ", "; calls ") << model::to_json(last["calls"])
                   << say("，天数 ", ", days ") << planned.days << '\n';
}

namespace {

int run_sync(Session& session, const SyncArguments& arguments) {
  if (!arguments.once) {
    session.io().err << "huiliu: use sync --once for one cycle now; huiliu serve runs the schedules\n";
    return usage;
  }
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  run::CycleOptions options;
  options.connections = arguments.connections;
  options.full = arguments.full;
  options.sweep = arguments.sweep;
  auto cycle = (*hub)->sync(options, nullptr, session.stop());
  if (!cycle.ok()) return session.fail(cycle.error());
  return report_cycle(session, **hub, *cycle);
}

int run_plan(Session& session, const SyncArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  auto planned = (*hub)->plan(arguments.connections);
  if (!planned.ok()) return session.fail(planned.error());
  print_plan(session, **hub, *planned);
  if (!session.json())
    session.io().out << say("执行：huiliu apply --plan ", "perform: huiliu apply --plan ") << planned->hash
                     << '\n';
  return done;
}

int run_apply(Session& session, const SyncArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  auto cycle = (*hub)->apply(arguments.hash, session.stop());
  if (!cycle.ok()) return session.fail(cycle.error());
  return report_cycle(session, **hub, *cycle);
}

}  // namespace

void add_sync_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<SyncArguments>();
  CLI::App* sync = app.add_subcommand("sync", say("同步一轮", "one full cycle now"));
  sync->add_option("connections", arguments->connections, "connections; default: all");
  sync->add_flag("--once", arguments->once, "one cycle, then exit");
  sync->add_flag("--full", arguments->full, "read everything again instead of changes");
  sync->add_flag("--sweep", arguments->sweep, "look for deleted records now");
  sync->callback([&action, arguments] {
    action = {[arguments](Session& session) { return run_sync(session, *arguments); }, true, false};
  });

  CLI::App* plan =
      app.add_subcommand("plan", say("变更预览：将要写入什么", "the exact writes that would happen"));
  plan->add_option("connections", arguments->connections, "connections; default: all");
  plan->callback([&action, arguments] {
    action = {[arguments](Session& session) { return run_plan(session, *arguments); }, true, false};
  });

  CLI::App* apply =
      app.add_subcommand("apply", say("执行变更预览", "perform a plan; refused when the world moved"));
  apply->add_option("--plan", arguments->hash, "hash of the plan")->required();
  apply->callback([&action, arguments] {
    action = {[arguments](Session& session) { return run_apply(session, *arguments); }, true, false};
  });
}

}  // namespace huiliu::cli
