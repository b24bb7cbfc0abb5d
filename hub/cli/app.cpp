#include "hub/cli/app.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <ostream>

#include "hub/api/control.hpp"
#include "hub/cli/version.hpp"

namespace huiliu::cli {
namespace {

std::string from_environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

std::vector<std::string> with_absolute_files(std::vector<std::string> arguments,
                                             const std::vector<std::string>& files) {
  for (std::string& argument : arguments)
    for (const std::string& file : files)
      if (argument == file) argument = std::filesystem::absolute(file).string();
  return arguments;
}

int show_version(Session& session) {
  const model::Value view = version_view();
  if (session.json()) {
    print_json(session, view);
    return done;
  }
  session.io().out << version_text() << '\n';
  for (const model::Member& member : view.as_object())
    session.io().out << "  " << member.key << ": "
                     << (member.value.is_object() ? model::to_json(member.value) : member.value.to_text())
                     << '\n';
  return done;
}

}  // namespace

int run_command(const std::vector<std::string>& arguments, Io& io, run::Hub* served,
                const std::atomic<bool>& stop) {
  CLI::App app(say("汇流：客户主数据集成枢纽", "Huiliu: a customer-master integration hub"), "huiliu");
  app.require_subcommand(1);
  app.set_version_flag("--version", version_text());
  app.fallthrough();
  GlobalOptions options;
  options.store = from_environment("HUILIU_STORE", "sqlite:huiliu.db");
  options.config = from_environment("HUILIU_CONFIG", "config");
  app.add_option("--store", options.store, "sqlite:PATH (default: HUILIU_STORE, sqlite:huiliu.db)");
  app.add_option("--config", options.config, "configuration directory (default: HUILIU_CONFIG, config)");
  app.add_flag("--json", options.json, "machine-readable output");
  Action action;
  app.add_subcommand("version", say("版本与构建信息", "version and build"))->callback([&action] {
    action = {show_version, false, true};
  });
  add_sync_commands(app, action);
  add_serve_commands(app, action);
  add_config_commands(app, action);
  add_connection_commands(app, action);
  add_mapping_commands(app, action);
  add_quality_commands(app, action);
  add_customer_commands(app, action);
  add_table_commands(app, action);
  add_match_commands(app, action);
  add_freeze_commands(app, action);
  add_run_commands(app, action);
  add_dead_letter_commands(app, action);
  add_review_commands(app, action);
  add_policy_commands(app, action);
  add_message_commands(app, action);
  add_code_commands(app, action);
  add_employee_commands(app, action);
  add_contact_commands(app, action);
  add_access_commands(app, action);
  add_audit_commands(app, action);
  add_plugin_commands(app, action);
  add_package_commands(app, action);
  add_text_commands(app, action);
  add_schedule_commands(app, action);
  add_identity_commands(app, action);
  add_store_commands(app, action);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, io.out, io.err) == 0 ? done : usage;
  }
  if (!action.run) {
    io.err << "huiliu: this command needs a subcommand; see --help\n";
    return usage;
  }
  if (action.changes && served == nullptr)
    if (const auto exit_code =
            api::run_in_server(options.store, with_absolute_files(arguments, action.files), io.out, io.err))
      return *exit_code;
  Session session(options, io, served, stop);
  return action.run(session);
}

}  // namespace huiliu::cli
