#include "hub/run/employees.hpp"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>

#include "hub/mapping/mapping.hpp"
#include "hub/model/id.hpp"
#include "hub/run/audit.hpp"
#include "hub/run/message_texts.hpp"
#include "hub/run/messages.hpp"
#include "hub/run/recipients.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::run {
namespace {

namespace fs = std::filesystem;
using model::Array;
using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

constexpr const char* handover_space = "handovers";
constexpr std::size_t all_of_them = 100'000;

std::string text_of(const model::Entity& entity, const sync::Golden& golden, const char* name) {
  const auto found = golden.fields.find(entity.index_of(name));
  return found == golden.fields.end() ? std::string() : found->second.value.value.to_text();
}

std::string key_of(const model::Entity& entity, const sync::Golden& golden, const char* name) {
  const auto found = golden.fields.find(entity.index_of(name));
  return found == golden.fields.end() || !found->second.value.has_value() ? std::string()
                                                                          : found->second.value.key;
}

std::vector<sync::Golden> all_employees(store::Snapshot& snapshot) {
  return snapshot.list_goldens({"employee", {}, {}, model::unknown_time}, {{}, all_of_them});
}

// Does one of the customer's own records name him as salesperson?
bool sells_there(const model::Entity& entity, store::Snapshot& snapshot, const std::string& customer,
                 const std::string& employee) {
  const model::FieldIndex owner = entity.index_of("owner");
  const auto cluster = snapshot.load_cluster(customer);
  return cluster &&
         std::any_of(cluster->replicas.begin(), cluster->replicas.end(), [&](const sync::Replica& replica) {
           const auto shown = replica.fields.find(owner);
           return !replica.gone && shown != replica.fields.end() &&
                  snapshot.resolve(shown->second.base.value.to_text()) == employee;
         });
}

// Customers whose agreed owner is this employee; where nobody owns them, those whose record names him as
// salesperson. Ascending.
std::vector<std::string> customers_of(const config::Config& config, store::Snapshot& snapshot,
                                      const std::string& employee) {
  std::vector<std::string> customers;
  const model::Entity* entity = config.schema.find("customer");
  if (entity == nullptr) return customers;
  std::set<std::string> seen;
  for (const model::RecordRef& ref : snapshot.find_by_key("customer", {"reference", employee}, all_of_them)) {
    const std::string id = snapshot.golden_of(ref);
    if (id.empty() || !seen.insert(id).second) continue;
    const auto golden = snapshot.load_golden(id);
    if (!golden) continue;
    const std::string owner = snapshot.resolve(text_of(*entity, *golden, "owner"));
    if (owner == employee || (owner.empty() && sells_there(*entity, snapshot, id, employee)))
      customers.push_back(id);
  }
  std::sort(customers.begin(), customers.end());
  return customers;
}

std::string described(const model::Entity& entity, const sync::Golden& golden) {
  std::string text = golden.id;
  for (const char* field : {"name", "job_number", "department"})
    if (const std::string value = text_of(entity, golden, field); !value.empty()) text += " " + value;
  return text;
}

Handover handover_from(const std::string& id, const Value& kept) {
  const model::Number* customers = kept["customers"].if_number();
  return {id,
          kept["from"].to_text(),
          kept["to"].to_text(),
          kept["effective"].to_text(),
          kept["actor"].to_text(),
          kept["state"].to_text(),
          customers == nullptr ? 0 : customers->to_int64().value_or(0)};
}

void save_handover(store::Transaction& transaction, const Handover& handover) {
  transaction.save_value(handover_space, handover.id, model::to_json(handover_view(handover)));
}

bool is_day(const std::string& text) {
  return text.size() == 10 && text[4] == '-' && text[7] == '-' &&
         model::parse_rfc3339(text + "T00:00:00Z").ok();
}

// The connections that know employees at all.
std::vector<std::string> employee_connections(const sync::Rules& rules) {
  std::vector<std::string> names;
  for (const auto& [name, connection] : rules.connections)
    if (connection.for_entity("employee") != nullptr) names.push_back(name);
  return names;
}

// His own system says so, or every system that knew him has him no more.
bool has_left(const model::Entity& entity, store::Snapshot& snapshot, const sync::Golden& employee) {
  if (text_of(entity, employee, "state") == "left") return true;
  const auto cluster = snapshot.load_cluster(employee.id);
  if (!cluster || cluster->replicas.empty()) return false;
  return std::all_of(cluster->replicas.begin(), cluster->replicas.end(), [](const sync::Replica& replica) {
    return replica.gone || replica.ref.connection == "hub";
  });
}

void tell_managers(const Workspace& workspace, store::Transaction& transaction, const sync::Golden& employee,
                   const std::vector<std::string>& customers) {
  const model::Entity& customer = *workspace.config->schema.find("customer");
  const model::Entity& entity = *workspace.config->schema.find("employee");
  std::vector<std::string> names;
  for (const std::string& id : customers)
    if (const auto golden = transaction.load_golden(id)) names.push_back(sync::title_of(customer, *golden));
  const Wording words = words_for_leaver(sync::title_of(entity, employee), employee.id, names);
  for (const Person& manager : managers_of(workspace, transaction, employee.id)) {
    OutboxMessage message;
    message.kind = "handover";
    message.employee = manager.employee;
    message.to = manager.shown;
    message.title = words.title;
    message.text = words.text;
    queue_message(workspace, transaction, "handover/" + employee.id, std::move(message));
  }
}

Array problems_of(const std::string& state, std::int64_t customers, const Array& missing,
                  const Array& same_name) {
  Array problems;
  if (!same_name.empty())
    problems.emplace_back(
        "重名，只按工号、手机或对照表对应 (name exists twice: matched by number, mobile or table only)");
  if (state == "left" && customers > 0)
    problems.emplace_back("已离职，仍有客户：huiliu employee handover (left, still has customers)");
  if (!missing.empty() && customers > 0) {
    std::string list;
    for (const Value& each : missing) list += (list.empty() ? "" : ", ") + each.to_text();
    problems.emplace_back("业务员未对应：" + list + " (no account there: huiliu employee map)");
  }
  return problems;
}

}  // namespace

Value handover_view(const Handover& handover) {
  return Object{{"id", handover.id},
                {"from", handover.from},
                {"to", handover.to},
                {"effective", handover.effective},
                {"actor", handover.actor},
                {"state", handover.state},
                {"customers", handover.customers}};
}

Result<std::string> local_day(const std::string& time_zone, model::Micros now, int days_later) {
  try {
    const date::sys_time<std::chrono::microseconds> moment{std::chrono::microseconds{now}};
    const auto local =
        date::zoned_time<std::chrono::microseconds>(date::locate_zone(time_zone), moment).get_local_time();
    return date::format("%F", date::floor<date::days>(local) + date::days{days_later});
  } catch (const std::runtime_error&) {
    return make_error(ErrorClass::config, "there is no time zone \"" + time_zone + "\"");
  }
}

Result<Array> employee_view(Hub& hub) {
  Array rows;
  const model::Entity* entity = hub.config().schema.find("employee");
  if (entity == nullptr) return rows;
  HUILIU_TRY(hub.store().read([&](store::Snapshot& snapshot) -> Status {
    const auto employees = all_employees(snapshot);
    std::map<std::string, std::vector<std::string>> by_name;
    for (const sync::Golden& golden : employees)
      if (const std::string key = key_of(*entity, golden, "name"); !key.empty())
        by_name[key].push_back(golden.id);
    for (const sync::Golden& golden : employees) {
      Array accounts, missing, same_name;
      std::set<std::string> there;
      if (const auto cluster = snapshot.load_cluster(golden.id))
        for (const sync::Replica& replica : cluster->replicas) {
          if (replica.gone || replica.ref.connection == "hub") continue;
          there.insert(replica.ref.connection);
          accounts.push_back(Object{{"connection", replica.ref.connection}, {"key", replica.ref.key}});
        }
      for (const std::string& name : employee_connections(hub.rules()))
        if (!there.contains(name)) missing.emplace_back(name);
      for (const std::string& other : by_name[key_of(*entity, golden, "name")])
        if (other != golden.id) same_name.emplace_back(other);
      const auto customers =
          static_cast<std::int64_t>(customers_of(hub.config(), snapshot, golden.id).size());
      const std::string state = text_of(*entity, golden, "state");
      Array problems = problems_of(state, customers, missing, same_name);
      rows.push_back(Object{{"id", golden.id},
                            {"name", text_of(*entity, golden, "name")},
                            {"job_number", text_of(*entity, golden, "job_number")},
                            {"department", text_of(*entity, golden, "department")},
                            {"state", state},
                            {"accounts", std::move(accounts)},
                            {"missing", std::move(missing)},
                            {"same_name", std::move(same_name)},
                            {"customers", customers},
                            {"problems", std::move(problems)}});
    }
    return {};
  }));
  return rows;
}

Result<std::string> find_employee(const config::Config& config, store::Snapshot& snapshot,
                                  const std::string& spec) {
  const model::Entity* entity = config.schema.find("employee");
  if (entity == nullptr) return make_error(ErrorClass::config, "the model has no employees");
  if (const std::string id = snapshot.resolve(spec); !id.empty()) return id;
  std::vector<const sync::Golden*> named;
  const auto employees = all_employees(snapshot);
  for (const sync::Golden& golden : employees) {
    if (text_of(*entity, golden, "job_number") == spec) return golden.id;
    if (text_of(*entity, golden, "name") == spec) named.push_back(&golden);
  }
  if (named.size() == 1) return named.front()->id;
  if (named.empty())
    return make_error(ErrorClass::not_found,
                      "there is no employee \"" + spec + "\"; see huiliu employee list");
  std::string all;
  for (const sync::Golden* golden : named) all += (all.empty() ? "" : "; ") + described(*entity, *golden);
  return make_error(ErrorClass::config, "重名 (\"" + spec + "\" exists " + std::to_string(named.size()) +
                                            " times): say which by job number or id: " + all);
}

Status map_employee(Hub& hub, const model::RecordRef& account, const std::string& spec,
                    const std::string& actor) {
  std::string number;
  const Status linked = hub.store().write([&](store::Transaction& transaction) -> Status {
    HUILIU_ASSIGN(const std::string employee, find_employee(hub.config(), transaction, spec));
    std::string has = transaction.golden_of(account);
    if (has.empty())
      return make_error(ErrorClass::not_found, "there is no such account; read the connection first",
                        account.text());
    const model::Entity& entity = *hub.config().schema.find("employee");
    number = text_of(entity, *transaction.load_golden(employee), "job_number");
    if (has == employee) return {};
    const auto cluster = transaction.load_cluster(has);
    const auto others =
        std::count_if(cluster->replicas.begin(), cluster->replicas.end(), [&](const sync::Replica& replica) {
          return replica.ref != account && replica.ref.connection != "hub";
        });
    if (others > 0) {
      HUILIU_ASSIGN(has, hub.engine().split(transaction, has, {account}, actor, hub.clock().now()));
    }
    audit(transaction, actor, "decision", employee,
          model::Object{{"kind", "employee"}, {"account", account.text()}}, hub.clock().now());
    return hub.engine().merge(transaction, employee, has, actor, hub.clock().now());
  });
  if (!linked.ok()) return linked;
  if (number.empty()) number = spec;
  const fs::path path = fs::path(hub.options().config) / "tables" / "employees.csv";
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::string text = config::csv_line({"employee", "connection", "key"}) + "\n";
  for (const config::EmployeeRow& row : hub.config().employees)
    if (row.connection != account.connection || row.key != account.key)
      text += config::csv_line({row.employee, row.connection, row.key}) + "\n";
  text += config::csv_line({number, account.connection, account.key}) + "\n";
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  if (!out.flush()) return make_error(ErrorClass::config, "cannot be written", path.string());
  return {};
}

std::vector<Handover> list_handovers(store::Snapshot& snapshot) {
  std::vector<Handover> handovers;
  for (const auto& [id, text] : snapshot.list_values(handover_space))
    if (const auto kept = model::parse_json(text); kept.ok()) handovers.push_back(handover_from(id, *kept));
  return handovers;
}

Result<Handover> plan_handover(Hub& hub, const std::string& from, const std::string& to,
                               const std::string& effective, const std::string& actor) {
  Handover handover;
  handover.effective = effective;
  if (handover.effective.empty()) {
    HUILIU_ASSIGN(handover.effective, local_day(hub.config().hub.messages.time_zone, hub.clock().now(), 1));
  }
  if (!is_day(handover.effective))
    return make_error(ErrorClass::config, "a date such as 2026-12-01 is wanted, not \"" + effective + "\"");
  const Status planned = hub.store().write([&](store::Transaction& transaction) -> Status {
    HUILIU_ASSIGN(handover.from, find_employee(hub.config(), transaction, from));
    HUILIU_ASSIGN(handover.to, find_employee(hub.config(), transaction, to));
    if (handover.from == handover.to)
      return make_error(ErrorClass::config, "both are the same employee: " + handover.from);
    handover.id = model::make_id("hnd", hub.clock().now(), *hub.workspace().random);
    handover.actor = actor;
    handover.state = "planned";
    handover.customers =
        static_cast<std::int64_t>(customers_of(hub.config(), transaction, handover.from).size());
    save_handover(transaction, handover);
    return {};
  });
  if (!planned.ok()) return planned.error();
  HUILIU_TRY(perform_handovers(hub.workspace()));
  return handover;
}

Status tell_leavers(Workspace& workspace) {
  const model::Entity* entity = workspace.config->schema.find("employee");
  if (entity == nullptr) return {};
  return workspace.store->write([&](store::Transaction& transaction) -> Status {
    for (const sync::Golden& employee : all_employees(transaction)) {
      if (!has_left(*entity, transaction, employee)) continue;
      const auto customers = customers_of(*workspace.config, transaction, employee.id);
      if (!customers.empty()) tell_managers(workspace, transaction, employee, customers);
    }
    return {};
  });
}

Status perform_handovers(Workspace& workspace) {
  std::vector<Handover> due;
  HUILIU_ASSIGN(const std::string today,
                local_day(workspace.config->hub.messages.time_zone, workspace.clock->now(), 0));
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    for (Handover& handover : list_handovers(snapshot))
      if (handover.state == "planned" && handover.effective <= today) due.push_back(std::move(handover));
    return {};
  }));
  for (Handover& handover : due) {
    const Status done = workspace.store->write([&](store::Transaction& transaction) -> Status {
      const auto customers = customers_of(*workspace.config, transaction, handover.from);
      const std::string to = transaction.resolve(handover.to);
      for (const std::string& customer : customers)
        HUILIU_TRY(workspace.engine->edit(transaction, customer, "owner",
                                          {model::Presence::value, Value(to), to}, handover.actor,
                                          workspace.clock->now()));
      handover.state = "done";
      handover.customers = static_cast<std::int64_t>(customers.size());
      save_handover(transaction, handover);
      return {};
    });
    if (!done.ok()) return done;
  }
  return {};
}

}  // namespace huiliu::run
