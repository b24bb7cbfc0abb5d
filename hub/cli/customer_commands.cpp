// huiliu customer list, show, search, set, merge, split
#include <CLI/CLI.hpp>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/expr/expr.hpp"
#include "hub/run/customers.hpp"
#include "hub/run/views.hpp"

namespace huiliu::cli {
namespace {

using model::Status;
using model::Value;

struct CustomerArguments {
  std::string entity = "customer", filter, text, id, field, value, other, as;
  std::vector<std::string> replicas;
  std::size_t limit = 1'000'000;
};

const std::vector<Column>& customer_columns() {
  static const std::vector<Column> columns = {{"ID", "id"},
                                              {say("名称", "NAME"), "name"},
                                              {say("信用代码", "CREDIT CODE"), "uscc"},
                                              {say("主编码", "NUMBER"), "number"},
                                              {say("系统", "SYSTEMS"), "in"}};
  return columns;
}

// The row with the few members that a table shows.
Value with_summary(Value row) {
  const auto text = [&](const char* first, const char* second) {
    const Value* value = row["fields"].find(first);
    if (value == nullptr) value = row["fields"].find(second);
    return value == nullptr ? std::string{} : value->to_text();
  };
  std::string systems;
  for (const Value& system : row["systems"].as_array()) {
    const std::string name = system["connection"].to_text();
    if (systems.find(name) == std::string::npos) systems += (systems.empty() ? "" : " ") + name;
  }
  model::Object& object = row.as_object();
  object.set("name", text("names.legal", "name"));
  object.set("uscc", text("identifiers.uscc", "job_number"));
  object.set("number", text("identifiers.main_number", "phones[mobile]"));
  object.set("in", systems);
  return row;
}

int list_customers(Session& session, const CustomerArguments& arguments) {
  if (!arguments.filter.empty())
    if (const auto compiled = expr::compile(arguments.filter); !compiled.ok()) {
      session.fail(compiled.error());
      return usage;
    }
  run::CustomerPage page;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema& schema) -> Status {
    run::CustomerList list;
    list.query.entity = arguments.entity;
    list.filter = arguments.filter;
    list.limit = arguments.limit;
    HUILIU_ASSIGN(page, run::list_customers(snapshot, schema, list));
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  for (Value& row : page.rows) row = with_summary(std::move(row));
  print_list(session, customer_columns(), std::move(page.rows));
  return done;
}

int search_customers(Session& session, const CustomerArguments& arguments) {
  model::Array rows;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema& schema) -> Status {
    rows = run::search_customers(snapshot, schema, arguments.entity, arguments.text,
                                 std::min<std::size_t>(arguments.limit, 50));
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  for (Value& row : rows) row = with_summary(std::move(row));
  print_list(session, customer_columns(), std::move(rows));
  return done;
}

// For people: each field with where it comes from, then the records and the open differences.
void print_customer(Session& session, const Value& view) {
  std::ostream& out = session.io().out;
  out << view["id"].to_text() << "  " << view["kind"].to_text() << '\n';
  std::vector<Value> rows;
  for (const model::Member& field : view["fields"].as_object()) {
    Value row = field.value;
    row.as_object().set("field", field.key);
    row.as_object().set("losers_count", static_cast<std::int64_t>(field.value["losers"].as_array().size()));
    rows.push_back(std::move(row));
  }
  print_table(session,
              {{say("字段", "FIELD"), "field"},
               {say("值", "VALUE"), "value"},
               {say("来源", "FROM"), "connection"},
               {say("时间", "CHANGED"), "changed_at"},
               {say("规则", "RULE"), "policy"},
               {say("落选", "LOSERS"), "losers_count"}},
              rows);
  out << '\n';
  print_table(session,
              {{say("系统连接", "CONNECTION"), "connection"},
               {say("数据对象", "STREAM"), "stream"},
               {say("编号", "KEY"), "key"},
               {say("已删", "GONE"), "gone"},
               {say("待写入", "INTENTS"), "intents"}},
              view["replicas"].as_array());
  if (!view["parts"].as_array().empty()) {
    out << '\n';
    print_table(session,
                {{say("系统连接", "CONNECTION"), "connection"},
                 {say("组织", "ORGANISATION"), "organisation"},
                 {say("组织级资料", "PART"), "fields"}},
                view["parts"].as_array());
  }
  if (!view["account_numbers"].as_array().empty()) {
    out << '\n';
    print_table(session,
                {{say("系统连接", "CONNECTION"), "connection"},
                 {say("组织", "ORGANISATION"), "organisation"},
                 {say("客户编码", "ACCOUNT NUMBER"), "number"},
                 {say("编号", "KEY"), "record"}},
                view["account_numbers"].as_array());
  }
  if (!view["relations"].as_array().empty()) {
    out << '\n';
    print_table(session,
                {{say("关系", "RELATION"), "relation"}, {say("客户", "CUSTOMER"), "to"}, {"", "name"}},
                view["relations"].as_array());
  }
  if (!view["contacts"].as_array().empty()) {
    out << '\n';
    print_table(session, {{say("联系人", "CONTACT"), "id"}, {"", "fields"}}, view["contacts"].as_array());
  }
}

int show_customer(Session& session, const CustomerArguments& arguments) {
  std::optional<Value> view;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema& schema) -> Status {
    view = run::golden_view(snapshot, schema, arguments.id);
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  if (!view)
    return session.fail(
        model::make_error(model::ErrorClass::not_found, "there is no golden record " + arguments.id));
  if (session.json())
    print_json(session, *view);
  else
    print_customer(session, *view);
  return done;
}

model::Result<config::User> who(run::Hub& hub, const CustomerArguments& arguments) {
  return config::acting_user(hub.config().hub.users, arguments.as);
}

// Runs a change as the user of --as, then shows the record.
template <class Change>
int change_and_show(Session& session, const CustomerArguments& arguments, Change change) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto user = who(**hub, arguments);
  if (!user.ok()) return session.fail(user.error());
  CustomerArguments shown = arguments;
  const Status changed = change(**hub, *user, shown.id);
  if (!changed.ok()) return session.fail(changed.error());
  return show_customer(session, shown);
}

int set_field(Session& session, const CustomerArguments& arguments) {
  return change_and_show(session, arguments, [&](run::Hub& hub, const config::User& user, std::string& id) {
    return run::edit_customer(hub, id, {{arguments.field, Value(arguments.value)}}, user);
  });
}

// Moves the home ERP; "" (or "auto") gives it back to the rule: approved first.
int set_home(Session& session, const CustomerArguments& arguments) {
  return change_and_show(session, arguments, [&](run::Hub& hub, const config::User& user, std::string& id) {
    return run::set_home(hub, id, arguments.other == "auto" ? std::string() : arguments.other, user);
  });
}

int merge_customers(Session& session, const CustomerArguments& arguments) {
  return change_and_show(session, arguments, [&](run::Hub& hub, const config::User& user, std::string& id) {
    return run::merge_customers(hub, id, arguments.other, user);
  });
}

int split_customer(Session& session, const CustomerArguments& arguments) {
  std::vector<model::RecordRef> refs;
  for (const std::string& text : arguments.replicas) {
    auto ref = run::record_named(text);
    if (!ref.ok()) {
      session.io().err << "huiliu: " << ref.error().text() << '\n';
      return usage;
    }
    refs.push_back(std::move(*ref));
  }
  return change_and_show(session, arguments,
                         [&](run::Hub& hub, const config::User& user, std::string& id) -> Status {
                           HUILIU_ASSIGN(id, run::split_customer(hub, id, refs, user));
                           return {};
                         });
}

}  // namespace

void add_customer_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<CustomerArguments>();
  CLI::App* customer = app.add_subcommand("customer", say("统一客户档案", "golden records"));
  customer->require_subcommand(1);
  const auto set = [&action, arguments](int (*run)(Session&, const CustomerArguments&), bool changes) {
    return [&action, arguments, run, changes] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, changes, false};
    };
  };
  CLI::App* list = customer->add_subcommand("list", say("列表", "list"));
  list->add_option("--filter", arguments->filter,
                   "JSONata over the golden fields, e.g. \"lifecycle = 'customer'\"");
  list->add_option("--entity", arguments->entity, "entity of the model (default: customer)");
  list->add_option("--limit", arguments->limit, "at most so many");
  list->callback(set(list_customers, false));
  CLI::App* search =
      customer->add_subcommand("search", say("查找", "find by part of a name, number, phone, e-mail"));
  search->add_option("text", arguments->text, "what to look for")->required();
  search->add_option("--entity", arguments->entity, "entity of the model (default: customer)");
  search->callback(set(search_customers, false));
  CLI::App* show = customer->add_subcommand("show", say("查看", "everything about one"));
  show->add_option("id", arguments->id, "id")->required();
  show->callback(set(show_customer, false));
  CLI::App* edit =
      customer->add_subcommand("set", say("修改一个字段", "set one field; an empty value clears it"));
  edit->add_option("id", arguments->id, "id")->required();
  edit->add_option("field", arguments->field, "field, e.g. names.legal")->required();
  edit->add_option("value", arguments->value, "value")->required();
  edit->callback(set(set_field, true));
  edit->add_option("--as", arguments->as, "who edits: a user of hub.yaml");
  CLI::App* home = customer->add_subcommand("home", say("指定主ERP", "move the home ERP; auto: by the rule"));
  home->add_option("id", arguments->id, "id")->required();
  home->add_option("connection", arguments->other, "a connection of role erp, or auto")->required();
  home->add_option("--as", arguments->as, "who says so: a user of hub.yaml");
  home->callback(set(set_home, true));
  CLI::App* merge = customer->add_subcommand("merge", say("合并", "the second becomes part of the first"));
  merge->add_option("id", arguments->id, "stays")->required();
  merge->add_option("other", arguments->other, "redirects to it")->required();
  merge->add_option("--as", arguments->as, "who says so: a user of hub.yaml");
  merge->callback(set(merge_customers, true));
  CLI::App* split = customer->add_subcommand(
      "split", say("取消合并", "take records out into a golden record of their own"));
  split->add_option("id", arguments->id, "id")->required();
  split->add_option("replicas", arguments->replicas, "connection/stream/key …")->required();
  split->add_option("--as", arguments->as, "who says so: a user of hub.yaml");
  split->callback(set(split_customer, true));
}

}  // namespace huiliu::cli
