// The `huiliu` command: parses arguments, finds out who runs the command (this process, or the `huiliu serve`
// that owns the store), runs it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hub/cli/session.hpp"

namespace CLI {
class App;
}

namespace huiliu::cli {

// What a parsed command will do.
struct Action {
  std::function<int(Session&)> run;
  bool changes = false;  // goes to whoever serves the store
  bool local = false;    // needs no store at all
  // Of the arguments: file names. Whoever carries the command out may stand in another directory.
  std::vector<std::string> files = {};
};

// Each adds its commands to the app; their callbacks set `action`.
void add_mapping_commands(CLI::App& app, Action& action);
void add_quality_commands(CLI::App& app, Action& action);
void add_customer_commands(CLI::App& app, Action& action);
void add_table_commands(CLI::App& app,
                        Action& action);  // customer export, import; after the customer commands
// The edits of an import, put back as a whole where nobody changed them since (`run undo` of such a run).
int undo_import(Session& session, const std::string& run, bool plan_only, const std::string& as);
void add_match_commands(CLI::App& app, Action& action);  // match, reconcile
void add_freeze_commands(CLI::App& app, Action& action);
void add_run_commands(CLI::App& app, Action& action);
void add_dead_letter_commands(CLI::App& app, Action& action);
void add_review_commands(CLI::App& app, Action& action);
void add_policy_commands(CLI::App& app, Action& action);
void add_code_commands(CLI::App& app, Action& action);
void add_employee_commands(CLI::App& app, Action& action);
void add_contact_commands(CLI::App& app, Action& action);
void add_message_commands(CLI::App& app, Action& action);
void add_connection_commands(CLI::App& app, Action& action);
void add_config_commands(CLI::App& app, Action& action);
void add_access_commands(CLI::App& app, Action& action);  // user, token, secret, privacy
void add_audit_commands(CLI::App& app, Action& action);
void add_plugin_commands(CLI::App& app, Action& action);
void add_package_commands(CLI::App& app,
                          Action& action);  // plugin pack, install, …; after the plugin commands
void add_store_commands(CLI::App& app, Action& action);
void add_text_commands(CLI::App& app, Action& action);  // normalize, expr
void add_schedule_commands(CLI::App& app, Action& action);
void add_identity_commands(CLI::App& app, Action& action);  // identity evaluate, explain
void add_sync_commands(CLI::App& app, Action& action);      // sync, plan, apply
void add_serve_commands(CLI::App& app, Action& action);     // serve, demo

// The run of a cycle as JSON, or a few lines for a person; 1 when a connection failed.
int report_cycle(Session& session, run::Hub& hub, const run::CycleReport& cycle);
// The writes of a plan as lines, and what they come to as the last one.
void print_plan(Session& session, const run::Hub& hub, const run::Hub::Planned& planned);

// Runs the command of these arguments (without the program's name). `served`: inside the hub that owns the
// store.
int run_command(const std::vector<std::string>& arguments, Io& io, run::Hub* served,
                const std::atomic<bool>& stop);

}  // namespace huiliu::cli
