// huiliu policy table, explain
#include <CLI/CLI.hpp>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/run/policy_view.hpp"

namespace huiliu::cli {
namespace {

using model::Value;

struct PolicyArguments {
  std::string field, connection, language;
  bool page = false;
};

bool in_chinese(const PolicyArguments& arguments) {
  return arguments.language.empty() ? chinese() : arguments.language == "zh";
}

int show_table(Session& session, const PolicyArguments& arguments) {
  const config::Loaded loaded = config::load({session.options().config, Installation::find().shipped});
  if (loaded.config == nullptr) {
    for (const model::Error& error : loaded.errors) session.fail(error);
    return failed;
  }
  if (arguments.page) {
    session.io().out << run::policy_table_page(*loaded.config, in_chinese(arguments));
    return done;
  }
  const bool zh = in_chinese(arguments);
  print_list(session,
             {{say("对象", "ENTITY"), "entity"},
              {say("字段", "FIELD"), "field"},
              {say("名称", "LABEL"), zh ? "label.zh" : "label.en"},
              {say("主ERP", "HOME"), "home"},
              {say("其他ERP", "OTHER"), "other"},
              {"CRM", "crm"},
              {say("外部联系人", "ADDRESS BOOK"), "address_book"},
              {say("聊天", "CHAT"), "chat"},
              {say("网站", "SITE"), "site"},
              {say("枢纽", "HUB"), "hub"}},
             run::policy_table_view(*loaded.config));
  return done;
}

// "customer.names.legal", or a field's name alone.
run::ExplainQuery query_from(const model::Schema& schema, const PolicyArguments& arguments) {
  run::ExplainQuery query{{}, arguments.field, arguments.connection};
  const std::size_t dot = arguments.field.find('.');
  const std::string first = arguments.field.substr(0, dot);
  if (schema.find(first) == nullptr) return query;
  query.entity = first;
  query.field = dot == std::string::npos ? std::string() : arguments.field.substr(dot + 1);
  return query;
}

int explain(Session& session, const PolicyArguments& arguments) {
  auto hub = open_beside(session.options());
  if (!hub.ok()) return session.fail(hub.error());
  const config::Config& config = (*hub)->config();
  const run::ExplainQuery query = query_from(config.schema, arguments);
  if (!query.connection.empty() && config.connection(query.connection) == nullptr)
    return session.fail(
        model::make_error(model::ErrorClass::not_found,
                          "there is no connection \"" + query.connection + "\"; see huiliu connection list"));
  bool known = query.field.empty();
  for (const model::Entity& entity : config.schema.entities())
    known = known || ((query.entity.empty() || entity.name == query.entity) &&
                      entity.index_of(query.field) != model::no_field);
  if (!known)
    return session.fail(model::make_error(model::ErrorClass::not_found,
                                          "the model has no field \"" + arguments.field + "\""));
  model::Array rows = run::explain_view(config, (*hub)->rules(), (*hub)->right_reasons(), query, chinese());
  if (rows.empty())
    session.io().err << say("没有连接的映射包含它；字段映射见 docs/zh/mapping.md\n",
                            "no connection's mapping has it; see docs/mapping.md\n");
  print_list(session,
             {{say("连接", "CONNECTION"), "connection"},
              {say("对象", "ENTITY"), "entity"},
              {say("字段", "FIELD"), "field"},
              {say("权利", "RIGHT"), "right"},
              {say("含义", "MEANING"), "meaning"},
              {say("依据", "WHY"), "why"},
              {say("出处", "LINE"), "line"}},
             std::move(rows));
  return done;
}

}  // namespace

void add_policy_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<PolicyArguments>();
  const auto set = [&action, arguments](int (*run)(Session&, const PolicyArguments&)) {
    return [&action, arguments, run] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, false, false};
    };
  };
  CLI::App* policy =
      app.add_subcommand("policy", say("策略包：谁对哪个字段有什么权利", "who owns which field"));
  policy->require_subcommand(1);
  CLI::App* table = policy->add_subcommand("table", say("整张表", "the whole table"));
  table->add_flag("--page", arguments->page, "as the page docs/policy-table.md");
  table->add_option("--lang", arguments->language, "zh or en")->check(CLI::IsMember({"zh", "en"}));
  table->callback(set(show_table));
  CLI::App* why = policy->add_subcommand("explain", say("为什么", "which right, from which line, why"));
  why->add_option("field", arguments->field, "[ENTITY.]FIELD, e.g. customer.names.legal");
  why->add_option("connection", arguments->connection, "only this connection");
  why->callback(set(explain));
}

}  // namespace huiliu::cli
