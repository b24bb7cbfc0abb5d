// huiliu employee list, map, handover, handovers
#include <CLI/CLI.hpp>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/run/employees.hpp"

namespace huiliu::cli {
namespace {

using model::Status;
using model::Value;

struct EmployeeArguments {
  std::string connection, key, employee, from, to, effective, as;
  bool problems = false;
};

std::string listed(const Value& accounts) {
  std::string text;
  for (const Value& account : accounts.as_array())
    text += (text.empty() ? "" : " ") + account["connection"].to_text() + "=" + account["key"].to_text();
  return text;
}

int list_employees(Session& session, const EmployeeArguments& arguments) {
  auto hub = open_beside(session.options());
  if (!hub.ok()) return session.fail(hub.error());
  auto rows = run::employee_view(**hub);
  if (!rows.ok()) return session.fail(rows.error());
  if (arguments.problems)
    std::erase_if(*rows, [](const Value& row) { return row["problems"].as_array().empty(); });
  if (!session.json())
    for (Value& row : *rows) row.as_object().set("in", listed(row["accounts"]));
  print_list(session,
             {{"ID", "id"},
              {say("姓名", "NAME"), "name"},
              {say("工号", "JOB NUMBER"), "job_number"},
              {say("部门", "DEPARTMENT"), "department"},
              {say("客户数", "CUSTOMERS"), "customers"},
              {say("账号", "ACCOUNTS"), "in"},
              {say("问题", "PROBLEMS"), "problems"}},
             std::move(*rows));
  return done;
}

int map_account(Session& session, const EmployeeArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto user = config::acting_user((*hub)->config().hub.users, arguments.as);
  if (!user.ok()) return session.fail(user.error());
  const sync::ConnectionRules* connection = (*hub)->rules().connection(arguments.connection);
  const sync::StreamRules* stream = connection == nullptr ? nullptr : connection->for_entity("employee");
  if (stream == nullptr)
    return session.fail(model::make_error(model::ErrorClass::not_found,
                                          "no connection with employees is called \"" + arguments.connection +
                                              "\"; see huiliu connection list"));
  const Status mapped = run::map_employee(**hub, {arguments.connection, stream->stream, arguments.key},
                                          arguments.employee, user->name);
  if (!mapped.ok()) return session.fail(mapped.error());
  return done;
}

int hand_over(Session& session, const EmployeeArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto user = config::acting_user((*hub)->config().hub.users, arguments.as);
  if (!user.ok()) return session.fail(user.error());
  const auto handover =
      run::plan_handover(**hub, arguments.from, arguments.to, arguments.effective, user->name);
  if (!handover.ok()) return session.fail(handover.error());
  print_json(session, run::handover_view(*handover));
  return done;
}

int list_handovers(Session& session, const EmployeeArguments&) {
  model::Array rows;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    for (const run::Handover& handover : run::list_handovers(snapshot))
      rows.push_back(run::handover_view(handover));
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{"ID", "id"},
              {say("交出", "FROM"), "from"},
              {say("接收", "TO"), "to"},
              {say("生效日期", "EFFECTIVE"), "effective"},
              {say("状态", "STATE"), "state"},
              {say("客户数", "CUSTOMERS"), "customers"},
              {say("经办", "BY"), "actor"}},
             std::move(rows));
  return done;
}

}  // namespace

void add_employee_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<EmployeeArguments>();
  const auto set = [&action, arguments](int (*run)(Session&, const EmployeeArguments&), bool changes) {
    return [&action, arguments, run, changes] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, changes, false};
    };
  };
  CLI::App* employee = app.add_subcommand("employee", say("员工对应与离职交接", "our people across systems"));
  employee->require_subcommand(1);
  CLI::App* list = employee->add_subcommand("list", say("列表", "who has which account, and what is wrong"));
  list->add_flag("--problems", arguments->problems, "only those with a problem");
  list->callback(set(list_employees, false));
  CLI::App* map = employee->add_subcommand("map", say("对应", "this account is that employee"));
  map->add_option("connection", arguments->connection, "connection")->required();
  map->add_option("key", arguments->key, "the account's key there")->required();
  map->add_option("employee", arguments->employee, "job number, id, or a name that only one has")->required();
  map->add_option("--as", arguments->as, "who says so: a user of hub.yaml");
  map->callback(set(map_account, true));
  CLI::App* handover =
      employee->add_subcommand("handover", say("离职交接", "all customers of one to another"));
  handover->add_option("from", arguments->from, "job number, id or name")->required();
  handover->add_option("to", arguments->to, "job number, id or name")->required();
  handover->add_option("--effective", arguments->effective, "YYYY-MM-DD; default: the next day");
  handover->add_option("--as", arguments->as, "who says so: a user of hub.yaml");
  handover->callback(set(hand_over, true));
  employee->add_subcommand("handovers", say("交接列表", "planned and done handovers"))
      ->callback(set(list_handovers, false));
}

}  // namespace huiliu::cli
