// huiliu match report, export, import; huiliu reconcile
#include <CLI/CLI.hpp>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/cli/match_sheet.hpp"
#include "hub/run/decisions.hpp"
#include "hub/run/edits.hpp"
#include "hub/run/reconcile.hpp"
#include "hub/run/views.hpp"
#include "hub/table/writer.hpp"

namespace huiliu::cli {
namespace {

using model::Status;
using model::Value;

struct MatchArguments {
  std::string entity = "customer", file, hash, a, b, as;
  bool apply = false;
};

int print_counts(Session& session, const run::MatchCounts& counts, const std::string& file) {
  if (session.json()) {
    model::Object view{{"exact", counts.exact},         {"probable", counts.probable},
                       {"ambiguous", counts.ambiguous}, {"new", counts.unmatched},
                       {"customers", counts.customers}, {"questions", counts.questions}};
    if (!file.empty()) view.set("file", file);
    print_line(session, view);
    return done;
  }
  session.io().out << say("确定 ", "exact ") << counts.exact << say("，可能 ", ", probable ")
                   << counts.probable << say("，歧义 ", ", ambiguous ") << counts.ambiguous
                   << say("，新 ", ", new ") << counts.unmatched
                   << say(" 条记录；统一客户 ", " records; customers ") << counts.customers
                   << say("，待定的疑似重复 ", ", open possible duplicates ") << counts.questions << '\n';
  if (!file.empty()) session.io().out << file << '\n';
  return done;
}

int report_matches(Session& session, const MatchArguments& arguments) {
  run::MatchCounts counts;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema& schema) -> Status {
    if (schema.find(arguments.entity) == nullptr)
      return model::make_error(model::ErrorClass::config,
                               "the model has no entity \"" + arguments.entity + "\"");
    HUILIU_ASSIGN(counts, run::match_groups(snapshot, arguments.entity, nullptr));
    return {};
  });
  return read.ok() ? print_counts(session, counts, {}) : session.fail(read.error());
}

int export_match(Session& session, const MatchArguments& arguments) {
  run::MatchCounts counts;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema& schema) -> Status {
    HUILIU_ASSIGN(counts, export_matches(snapshot, schema, arguments.entity, arguments.file));
    return {};
  });
  return read.ok() ? print_counts(session, counts, arguments.file) : session.fail(read.error());
}

const char* word_of(run::MatchDecision::Kind kind) {
  static constexpr const char* words[] = {"merge", "apart", "split"};
  return words[static_cast<std::size_t>(kind)];
}

void print_decision(Session& session, const DecisionRow& row) {
  if (session.json()) {
    model::Array targets;
    for (const std::string& target : row.decision.targets) targets.emplace_back(target);
    print_line(session,
               model::Object{{"row", row.row},
                             {"record", row.record},
                             {"customer", row.decision.golden},
                             {"decision", row.refused.empty() ? word_of(row.decision.kind) : row.word},
                             {"targets", std::move(targets)},
                             {"refused", row.refused.empty() ? Value() : Value(row.refused)}});
    return;
  }
  session.io().out << say("第 ", "row ") << row.row << say(" 行  ", "  ") << row.record << "  " << row.word;
  for (const std::string& target : row.decision.targets) session.io().out << ' ' << target;
  if (!row.refused.empty()) session.io().out << say("  拒绝：", "  refused: ") << row.refused;
  session.io().out << '\n';
}

// Shows what the rows come to; with --apply it is done, in one transaction with the look at the records.
int import_match(Session& session, const MatchArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto user = config::acting_user((*hub)->config().hub.users, arguments.as);
  if (!user.ok()) return session.fail(user.error());
  const Status allowed = run::may_match((*hub)->config(), *user);
  if (!allowed.ok()) return session.fail(allowed.error());
  MatchPlan plan;
  std::string run;
  const auto work = [&](store::Snapshot& snapshot, store::Transaction* transaction) -> Status {
    HUILIU_ASSIGN(plan, plan_decisions(snapshot, (*hub)->config().schema, arguments.entity, arguments.file));
    if (!arguments.hash.empty() && arguments.hash != plan.hash)
      return model::make_error(model::ErrorClass::stale, "the records moved since that plan: it is now " +
                                                             plan.hash + "; look at it again");
    const bool anything = plan.refused < static_cast<std::int64_t>(plan.rows.size());
    if (transaction == nullptr || !anything) return {};
    const model::Micros now = (*hub)->clock().now();
    run = model::make_id("run", now, *(*hub)->workspace().random);
    for (const DecisionRow& row : plan.rows)
      if (row.refused.empty())
        HUILIU_TRY(run::carry_out(*transaction, (*hub)->engine(), row.decision, user->name, now));
    run::record_run(*transaction,
                    {run, "match", arguments.entity, static_cast<std::int64_t>(plan.rows.size()),
                     plan.refused, now, (*hub)->store().generation()});
    return {};
  };
  const Status status =
      arguments.apply
          ? (*hub)->store().write(
                [&](store::Transaction& transaction) { return work(transaction, &transaction); })
          : (*hub)->store().read([&](store::Snapshot& snapshot) { return work(snapshot, nullptr); });
  if (!status.ok()) return session.fail(status.error());
  for (const DecisionRow& row : plan.rows) print_decision(session, row);
  const auto accepted = static_cast<std::int64_t>(plan.rows.size()) - plan.refused;
  if (session.json()) {
    print_line(session, model::Object{{"hash", plan.hash},
                                      {"decisions", accepted},
                                      {"refused", plan.refused},
                                      {"applied", arguments.apply ? accepted : 0},
                                      {"run", run}});
  } else {
    session.io().out << say("可执行 ", "to carry out ") << accepted << say("，拒绝 ", ", refused ")
                     << plan.refused << '\n';
    if (!arguments.apply && accepted > 0)
      session.io().out << say("确认后执行：huiliu match import ", "To apply: huiliu match import ")
                       << arguments.file << " --apply --plan " << plan.hash << '\n';
  }
  return plan.refused == 0 ? done : failed;
}

Value balance_view(const run::FieldBalance& balance) {
  return model::Object{{"a", balance.a},
                       {"b", balance.b},
                       {"entity", balance.entity},
                       {"field", balance.field},
                       {"equal", balance.equal},
                       {"different", balance.different},
                       {"only_a", balance.only_a},
                       {"only_b", balance.only_b},
                       {"authority", balance.authority.empty() ? Value() : Value(balance.authority)}};
}

std::string difference_text(const model::FieldValue& value) {
  const Value view = run::field_value_view(value);
  return view.is_array() || view.is_object() ? model::to_json(view) : view.to_text();
}

std::string field_label(const model::Schema& schema, const std::string& entity, const std::string& field) {
  const model::Entity* of = schema.find(entity);
  const model::FieldIndex index = of->index_of(field);
  return of->zh + " " +
         (index == model::no_field || of->fields[index].zh.empty() ? field : of->fields[index].zh);
}

// The differences are written while they are found; the summary follows.
Status write_report(store::Snapshot& snapshot, run::Hub& hub, const MatchArguments& arguments,
                    run::Reconciliation& result) {
  const model::Schema& schema = hub.config().schema;
  HUILIU_ASSIGN(const auto workbook, table::WorkbookWriter::create(arguments.file));
  HUILIU_TRY(workbook->start_sheet("差异", {{"统一客户编号", 34},
                                            {"名称", 34},
                                            {"字段", 20},
                                            {"系统甲", 14},
                                            {"记录编号甲", 16},
                                            {"值甲", 30},
                                            {"系统乙", 14},
                                            {"记录编号乙", 16},
                                            {"值乙", 30},
                                            {"权威系统", 14}}));
  const auto add = [&](const run::Difference& found) {
    return workbook->add_row({found.golden, found.name, field_label(schema, found.entity, found.field),
                              found.a.connection, found.a.key, difference_text(found.value_a),
                              found.b.connection, found.b.key, difference_text(found.value_b),
                              found.authority});
  };
  HUILIU_ASSIGN(result, run::reconcile(snapshot, hub.rules(), arguments.a, arguments.b, add));
  HUILIU_TRY(workbook->start_sheet(
      "汇总",
      {{"系统甲"}, {"系统乙"}, {"字段", 22}, {"相同"}, {"不同"}, {"仅甲有"}, {"仅乙有"}, {"权威系统"}}));
  for (const run::RecordBalance& records : result.records)
    HUILIU_TRY(workbook->add_row({records.a, records.b, schema.find(records.entity)->zh + " 记录",
                                  records.both, 0, records.only_a, records.only_b, nullptr}));
  for (const run::FieldBalance& balance : result.fields)
    HUILIU_TRY(workbook->add_row({balance.a, balance.b, field_label(schema, balance.entity, balance.field),
                                  balance.equal, balance.different, balance.only_a, balance.only_b,
                                  balance.authority}));
  return workbook->finish();
}

int reconcile_systems(Session& session, const MatchArguments& arguments) {
  if (arguments.a.empty() != arguments.b.empty()) {
    session.io().err << "huiliu: name two connections, or none for every pair\n";
    return usage;
  }
  auto hub = open_beside(session.options());
  if (!hub.ok()) return session.fail(hub.error());
  run::Reconciliation result;
  const Status read = (*hub)->store().read([&](store::Snapshot& snapshot) -> Status {
    if (!arguments.file.empty()) return write_report(snapshot, **hub, arguments, result);
    HUILIU_ASSIGN(result, run::reconcile(snapshot, (*hub)->rules(), arguments.a, arguments.b, nullptr));
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  model::Array pairs;
  for (const run::FieldBalance& balance : result.fields) pairs.push_back(balance_view(balance));
  if (session.json()) {
    model::Array records;
    for (const run::RecordBalance& each : result.records)
      records.push_back(model::Object{{"a", each.a},
                                      {"b", each.b},
                                      {"entity", each.entity},
                                      {"both", each.both},
                                      {"only_a", each.only_a},
                                      {"only_b", each.only_b}});
    print_line(session, model::Object{{"pairs", std::move(pairs)}, {"records", std::move(records)}});
    return done;
  }
  print_table(session,
              {{say("系统甲", "A"), "a"},
               {say("系统乙", "B"), "b"},
               {say("字段", "FIELD"), "field"},
               {say("相同", "EQUAL"), "equal"},
               {say("不同", "DIFFERENT"), "different"},
               {say("仅甲有", "ONLY A"), "only_a"},
               {say("仅乙有", "ONLY B"), "only_b"},
               {say("权威系统", "AUTHORITY"), "authority"}},
              pairs);
  for (const run::RecordBalance& each : result.records)
    session.io().out << each.a << " / " << each.b << ' ' << each.entity << say("：都有 ", ": both ")
                     << each.both << say("，仅甲 ", ", only A ") << each.only_a << say("，仅乙 ", ", only B ")
                     << each.only_b << '\n';
  return done;
}

}  // namespace

void add_match_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<MatchArguments>();
  const auto set = [&action, arguments](int (*run)(Session&, const MatchArguments&), bool changes) {
    return [&action, arguments, run, changes] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); },
                changes,
                false,
                {arguments->file}};
    };
  };
  CLI::App* match = app.add_subcommand("match", say("初始匹配", "initial matching, before the first write"));
  match->require_subcommand(1);
  const auto command = [&](const char* name, const char* zh, const char* en,
                           int (*run)(Session&, const MatchArguments&), bool changes, bool file) {
    CLI::App* sub = match->add_subcommand(name, say(zh, en));
    if (file) sub->add_option("file", arguments->file, "FILE.xlsx")->required();
    sub->add_option("--entity", arguments->entity, "entity of the model (default: customer)");
    sub->callback(set(run, changes));
    return sub;
  };
  command("report", "匹配报告：确定、可能、歧义、新", "exact, probable, ambiguous, new", report_matches,
          false, false);
  command("export", "导出到 Excel", "the matching as an Excel workbook", export_match, false, true);
  CLI::App* import =
      command("import", "读回 Excel 中的处理：先预览，再执行",
              "a person's decisions in an exported workbook: shown first", import_match, true, true);
  import->add_flag("--apply", arguments->apply, "carry them out; refused rows stay as they are");
  import->add_option("--plan", arguments->hash,
                     "hash of the plan that was shown: refuse when it is another now");
  import->add_option("--as", arguments->as, "who decides: a user of hub.yaml");

  CLI::App* reconcile =
      app.add_subcommand("reconcile", say("对账：差异报表", "difference report between systems"));
  reconcile->add_option("a", arguments->a, "connection");
  reconcile->add_option("b", arguments->b, "connection; default: every pair");
  reconcile->add_option("--out", arguments->file, "FILE.xlsx: every difference, and the summary");
  reconcile->callback(set(reconcile_systems, false));
}

}  // namespace huiliu::cli
