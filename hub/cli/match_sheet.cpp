#include "hub/cli/match_sheet.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "hub/table/reader.hpp"
#include "hub/table/writer.hpp"

namespace huiliu::cli {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;
using run::MatchClass;
using run::MatchDecision;

constexpr const char* sheet_name = "初始匹配";
constexpr const char* record_base_sheet = "_base";
// The order of the columns; reading back finds them by title.
constexpr const char* match_titles[] = {"结论",     "统一客户编号", "系统连接", "数据对象",
                                        "记录编号", "名称",         "识别代码", "电话",
                                        "可能相同", "依据",         "处理",     "目标客户"};

const char* class_word(MatchClass match) {
  static constexpr const char* words[] = {"歧义", "可能", "确定", "新"};
  return words[static_cast<std::size_t>(match)];
}

std::string shown_in(const model::Entity& entity, const sync::Replica& replica,
                     std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto field = replica.fields.find(entity.index_of(name));
    if (field != replica.fields.end() && field->second.base.has_value())
      return field->second.base.value.to_text();
  }
  return {};
}

std::vector<Value> match_row(const model::Entity& entity, const run::MatchGroup& group,
                             const sync::Replica& replica) {
  std::string others;
  std::string reasons;
  for (const run::MatchCandidate& candidate : group.candidates) {
    others += (others.empty() ? "" : "；") + candidate.golden;
    for (const std::string& reason : candidate.reasons) reasons += (reasons.empty() ? "" : "；") + reason;
  }
  return {class_word(group.match),
          group.golden.id,
          replica.ref.connection,
          replica.ref.stream,
          replica.ref.key,
          shown_in(entity, replica, {"names.legal", "name"}),
          shown_in(entity, replica, {"identifiers.uscc", "identifiers.tax", "email"}),
          shown_in(entity, replica, {"phones[switchboard]", "phones[mobile]"}),
          others,
          reasons,
          nullptr,
          nullptr};
}

// What concerns a person comes first.
struct SortedRow {
  MatchClass match;
  std::vector<Value> cells;
};

std::optional<MatchDecision::Kind> decision_from(const std::string& word) {
  static const std::map<std::string, MatchDecision::Kind> words = {
      {"合并", MatchDecision::Kind::merge},  {"merge", MatchDecision::Kind::merge},
      {"same", MatchDecision::Kind::merge},  {"分开", MatchDecision::Kind::apart},
      {"apart", MatchDecision::Kind::apart}, {"different", MatchDecision::Kind::apart},
      {"拆出", MatchDecision::Kind::split},  {"split", MatchDecision::Kind::split}};
  const auto found = words.find(word);
  return found == words.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> ids_in_text(const std::string& text) {
  std::vector<std::string> ids;
  std::string id;
  for (const char c : text + " ") {
    const bool part = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (part)
      id += c;
    else if (!id.empty())
      ids.push_back(std::exchange(id, {}));
  }
  return ids;
}

std::string record_text(const std::string& connection, const std::string& stream, const std::string& key) {
  return connection + "/" + stream + "/" + key;
}

// Two rows must not say opposite things about one pair.
void refuse_contradictions(std::vector<DecisionRow>& rows) {
  std::map<std::pair<std::string, std::string>, const DecisionRow*> said;
  for (DecisionRow& row : rows) {
    if (!row.refused.empty() || row.decision.kind == MatchDecision::Kind::split) continue;
    for (const std::string& target : row.decision.targets) {
      const auto pair = std::minmax(row.decision.golden, target);
      const auto [found, fresh] = said.emplace(std::pair(pair.first, pair.second), &row);
      if (!fresh && found->second->decision.kind != row.decision.kind)
        row.refused = "row " + std::to_string(found->second->row) + " says the opposite";
    }
  }
}

}  // namespace

Result<run::MatchCounts> export_matches(store::Snapshot& snapshot, const model::Schema& schema,
                                        const std::string& entity_name, const std::string& path) {
  const model::Entity* entity = schema.find(entity_name);
  if (entity == nullptr)
    return make_error(ErrorClass::config, "the model has no entity \"" + entity_name + "\"");
  std::vector<SortedRow> rows;
  const auto collect = [&](const run::MatchGroup& group) -> Status {
    for (const sync::Replica& replica : group.records)
      rows.push_back({group.match, match_row(*entity, group, replica)});
    return {};
  };
  HUILIU_ASSIGN(const run::MatchCounts counts, run::match_groups(snapshot, entity_name, collect));
  std::stable_sort(rows.begin(), rows.end(),
                   [](const SortedRow& a, const SortedRow& b) { return a.match < b.match; });
  HUILIU_ASSIGN(const auto workbook, table::WorkbookWriter::create(path));
  std::vector<table::Column> columns;
  for (const char* title : match_titles) columns.push_back({title, 18});
  HUILIU_TRY(workbook->start_sheet(sheet_name, columns));
  for (const SortedRow& row : rows) HUILIU_TRY(workbook->add_row(row.cells));
  HUILIU_TRY(workbook->start_sheet("说明", {{"列", 14}, {"怎样填写", 90}}));
  HUILIU_TRY(workbook->add_row(
      {"处理",
       "合并：与“目标客户”是同一客户；分开：不是同一客户；拆出：这条记录不属于该统一客户。留空：不处理。"}));
  HUILIU_TRY(
      workbook->add_row({"目标客户", "另一方的统一客户编号（见“可能相同”）；只有一个可能时可以留空。"}));
  HUILIU_TRY(workbook->start_sheet(record_base_sheet, {{"record"}, {"customer"}}, true));
  for (const SortedRow& row : rows)
    HUILIU_TRY(workbook->add_row(
        {record_text(row.cells[2].to_text(), row.cells[3].to_text(), row.cells[4].to_text()), row.cells[1]}));
  HUILIU_TRY(workbook->finish());
  return counts;
}

Result<MatchPlan> plan_decisions(store::Snapshot& snapshot, const model::Schema& schema,
                                 const std::string& entity_name, const std::string& path) {
  if (schema.find(entity_name) == nullptr)
    return make_error(ErrorClass::config, "the model has no entity \"" + entity_name + "\"");
  HUILIU_ASSIGN(const auto workbook, table::WorkbookReader::open(path));
  if (!workbook->has_sheet(record_base_sheet))
    return make_error(
        ErrorClass::data,
        "the hidden sheet _base is missing: only a workbook of \"huiliu match export\" can be read back",
        path);
  std::unordered_map<std::string, std::string> base;
  HUILIU_TRY(table::read_table(*workbook, record_base_sheet, {{{"record"}}, {{"customer"}}},
                               [&](std::uint64_t, const std::vector<std::string>& cells) -> Status {
                                 base[cells[0]] = cells[1];
                                 return {};
                               }));
  const run::Questions questions = run::open_questions(snapshot);
  MatchPlan plan;
  std::vector<table::WantedColumn> wanted;
  for (const char* title : match_titles) wanted.push_back({{title}});
  const auto take = [&](std::uint64_t number, const std::vector<std::string>& cells) -> Status {
    if (cells[10].empty() && cells[11].empty()) return {};
    DecisionRow row{number, cells[10], record_text(cells[2], cells[3], cells[4]), {}, {}};
    const auto known = base.find(row.record);
    const auto kind = decision_from(cells[10]);
    if (!kind)
      row.refused = cells[10].empty() ? "a target without a word in 处理"
                                      : "\"" + cells[10] + "\" is not 合并, 分开 or 拆出";
    else if (known == base.end())
      row.refused = "this record was not in the export";
    else
      row.decision = {*kind, {cells[2], cells[3], cells[4]}, known->second, ids_in_text(cells[11])};
    if (row.refused.empty()) row.refused = run::refusal_of(snapshot, questions, row.decision);
    plan.rows.push_back(std::move(row));
    return {};
  };
  HUILIU_TRY(table::read_table(*workbook, sheet_name, wanted, take));
  refuse_contradictions(plan.rows);
  std::uint64_t hash = model::hash64(entity_name);
  for (const DecisionRow& row : plan.rows) {
    plan.refused += row.refused.empty() ? 0 : 1;
    if (!row.refused.empty()) continue;
    hash = model::hash64(
        row.record + row.decision.golden + std::to_string(static_cast<int>(row.decision.kind)), hash);
    for (const std::string& target : row.decision.targets) hash = model::hash64(target, hash);
  }
  plan.hash = std::to_string(hash);
  return plan;
}

}  // namespace huiliu::cli
