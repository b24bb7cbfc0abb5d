// huiliu customer export, import
#include <CLI/CLI.hpp>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/cli/customer_sheet.hpp"
#include "hub/run/decisions.hpp"

namespace huiliu::cli {
namespace {

using model::Status;
using model::Value;

struct TableArguments {
  std::string entity = "customer", file, hash, as;
  bool apply = false;
};

int export_customers(Session& session, const TableArguments& arguments) {
  SheetTotals totals;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema& schema) -> Status {
    HUILIU_ASSIGN(totals, export_goldens(snapshot, schema, arguments.entity, arguments.file));
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  if (session.json())
    print_line(session,
               model::Object{{"file", arguments.file}, {"rows", totals.rows}, {"columns", totals.columns}});
  else
    session.io().out << arguments.file << say("：", ": ") << totals.rows << say(" 行\n", " rows\n");
  return done;
}

void print_change(Session& session, const CellChange& change) {
  if (session.json()) {
    print_line(session, model::Object{{"row", change.row},
                                      {"customer", change.golden},
                                      {"field", change.field},
                                      {"from", change.from},
                                      {"to", change.to},
                                      {"refused", change.refused.empty() ? Value() : Value(change.refused)}});
    return;
  }
  session.io().out << say("第 ", "row ") << change.row << say(" 行  ", "  ") << change.golden << "  "
                   << change.title;
  if (change.refused.empty())
    session.io().out << say("：", ": ") << change.from << " → " << change.to << '\n';
  else
    session.io().out << say("  拒绝：", "  refused: ") << change.refused << '\n';
}

// Cells of fields that the user may not change are refused like any other.
void refuse_without_right(const config::Config& config, const config::User& user, ImportPlan& plan) {
  for (CellChange& change : plan.changes) {
    if (!change.refused.empty()) continue;
    const Status allowed = run::may_edit(config, user, change.field);
    if (allowed.ok()) continue;
    change.refused = allowed.error().message;
    ++plan.refused;
    std::erase_if(plan.edits, [&](const run::Edit& edit) {
      return edit.golden == change.golden &&
             (edit.field == change.field || change.field.starts_with(edit.field + "."));
    });
  }
}

// Shows the plan, cell by cell; with --apply the cells that may change do, in one transaction with the look
// at them.
int import_customers(Session& session, const TableArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto user = config::acting_user((*hub)->config().hub.users, arguments.as);
  if (!user.ok()) return session.fail(user.error());
  const model::Schema& schema = (*hub)->config().schema;
  ImportPlan plan;
  std::string run;
  const auto work = [&](store::Snapshot& snapshot, store::Transaction* transaction) -> Status {
    HUILIU_ASSIGN(plan, plan_import(snapshot, schema, arguments.entity, arguments.file));
    if (!arguments.hash.empty() && arguments.hash != plan.hash)
      return model::make_error(model::ErrorClass::stale, "the customers moved since that plan: it is now " +
                                                             plan.hash + "; look at it again");
    refuse_without_right((*hub)->config(), *user, plan);
    if (transaction == nullptr || plan.edits.empty()) return {};
    const model::Micros now = (*hub)->clock().now();
    run = model::make_id("run", now, *(*hub)->workspace().random);
    for (const run::Edit& edit : plan.edits)
      HUILIU_TRY(run::apply_edit(*transaction, (*hub)->engine(), edit, run, user->name, now));
    run::record_run(*transaction,
                    {run, "import", arguments.entity, static_cast<std::int64_t>(plan.changes.size()),
                     plan.refused, now, (*hub)->store().generation()});
    return {};
  };
  const Status status =
      arguments.apply
          ? (*hub)->store().write(
                [&](store::Transaction& transaction) { return work(transaction, &transaction); })
          : (*hub)->store().read([&](store::Snapshot& snapshot) { return work(snapshot, nullptr); });
  if (!status.ok()) return session.fail(status.error());
  for (const CellChange& change : plan.changes) print_change(session, change);
  const auto accepted = static_cast<std::int64_t>(plan.changes.size()) - plan.refused;
  if (session.json()) {
    print_line(session, model::Object{{"hash", plan.hash},
                                      {"rows", plan.rows},
                                      {"changes", accepted},
                                      {"refused", plan.refused},
                                      {"applied", arguments.apply ? accepted : 0},
                                      {"run", run}});
  } else {
    session.io().out << plan.rows << say(" 行，改动 ", " rows, ") << accepted
                     << say(" 格，拒绝 ", " cells to change, ") << plan.refused << say(" 格\n", " refused\n");
    if (arguments.apply && !run.empty())
      session.io().out << say("已导入，执行记录 ", "imported as run ") << run << '\n';
    else if (!arguments.apply && accepted > 0)
      session.io().out << say("确认后执行：huiliu customer import ", "To apply: huiliu customer import ")
                       << arguments.file << " --apply --plan " << plan.hash << '\n';
  }
  return plan.refused == 0 ? done : failed;
}

Value edit_view(const run::Edit& edit, bool moved) {
  return model::Object{{"customer", edit.golden},
                       {"field", edit.field},
                       {"to", edit.value.has_value() ? edit.value.value : Value()},
                       {"moved", moved}};
}

}  // namespace

int undo_import(Session& session, const std::string& run, bool plan_only, const std::string& as) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto user = config::acting_user((*hub)->config().hub.users, as);
  if (!user.ok()) return session.fail(user.error());
  run::TakenBack taken;
  const model::Micros now = (*hub)->clock().now();
  const std::string id = model::make_id("run", now, *(*hub)->workspace().random);
  const Status status =
      plan_only ? (*hub)->store().read([&](store::Snapshot& snapshot) -> Status {
        HUILIU_ASSIGN(taken, run::plan_take_back(snapshot, (*hub)->config().schema, run));
        return {};
      })
                : (*hub)->store().write([&](store::Transaction& transaction) -> Status {
                    HUILIU_ASSIGN(
                        taken, run::take_back_edits(transaction, (*hub)->engine(), run, id, user->name, now));
                    const auto moved = static_cast<std::int64_t>(taken.moved.size());
                    const auto due = static_cast<std::int64_t>(taken.restored.size()) + moved;
                    if (due > 0)
                      run::record_run(transaction, {id, "undo import", "edits", due, moved, now,
                                                    (*hub)->store().generation()});
                    return {};
                  });
  if (!status.ok()) return session.fail(status.error());
  if (taken.restored.empty() && taken.moved.empty())
    return session.fail(
        model::make_error(model::ErrorClass::not_found, "nothing of " + run + " is left to take back"));
  for (const run::Edit& edit : taken.restored) print_line(session, edit_view(edit, false));
  for (const run::Edit& edit : taken.moved) print_line(session, edit_view(edit, true));
  print_line(session, model::Object{{"restored", static_cast<std::int64_t>(taken.restored.size())},
                                    {"moved", static_cast<std::int64_t>(taken.moved.size())},
                                    {"run", plan_only ? std::string() : id}});
  return taken.moved.empty() ? done : failed;
}

void add_table_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<TableArguments>();
  CLI::App* customer = app.get_subcommand("customer");
  const auto command = [&](const char* name, const char* zh, const char* en,
                           int (*run)(Session&, const TableArguments&), bool changes) {
    CLI::App* sub = customer->add_subcommand(name, say(zh, en));
    sub->add_option("file", arguments->file, "FILE.xlsx")->required();
    sub->add_option("--entity", arguments->entity, "entity of the model (default: customer)");
    sub->callback([&action, arguments, run, changes] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); },
                changes,
                false,
                {arguments->file}};
    });
    return sub;
  };
  command("export", "导出到 Excel", "all golden records as an Excel workbook", export_customers, false);
  CLI::App* import =
      command("import", "从 Excel 导入：先预览，再执行",
              "what a person changed in an exported workbook: shown first", import_customers, true);
  import->add_flag("--apply", arguments->apply, "carry it out; refused cells stay as they are");
  import->add_option("--plan", arguments->hash,
                     "hash of the plan that was shown: refuse when it is another now");
  import->add_option("--as", arguments->as, "who edits: a user of hub.yaml");
}

}  // namespace huiliu::cli
