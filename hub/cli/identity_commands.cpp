// huiliu identity evaluate, explain: record linkage over tables, and why two records belong together.
#include <sys/resource.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <ostream>
#include <unordered_map>

#include "hub/cli/app.hpp"
#include "hub/identity/linkage/linkage.hpp"
#include "hub/identity/linkage/score.hpp"

namespace huiliu::cli {
namespace {

using identity::Dataset;
using identity::RecordPair;
using identity::Table;
using model::Value;

struct IdentityArguments {
  std::vector<std::string> records;
  std::string truth, cluster_column, id_column, model, clusters_out;
  std::vector<std::string> types;
  std::string left, right;
};

model::Error wrong(std::string message, std::string where = {}) {
  return model::make_error(model::ErrorClass::config, std::move(message), std::move(where));
}

model::Result<std::string> records_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return wrong("cannot be read", path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

model::Result<Table> table_of(const std::string& path) {
  HUILIU_ASSIGN(const std::string text, records_file(path));
  return identity::parse_csv(text, path);
}

std::vector<std::string> split_list(const std::vector<std::string>& given) {
  std::vector<std::string> out;
  for (const std::string& each : given) {
    for (std::size_t at = 0; at <= each.size();) {
      const std::size_t end = std::min(each.find(',', at), each.size());
      if (end > at) out.push_back(each.substr(at, end - at));
      at = end + 1;
    }
  }
  return out;
}

struct Input {
  std::vector<Table> tables;
  Dataset data;
};

model::Result<Input> read_input(const IdentityArguments& arguments) {
  Input input;
  for (const std::string& path : split_list(arguments.records)) {
    HUILIU_ASSIGN(Table table, table_of(path));
    input.tables.push_back(std::move(table));
  }
  if (input.tables.empty()) return wrong("--records is wanted");
  identity::DatasetOptions options;
  options.id_column = arguments.id_column;
  if (!arguments.cluster_column.empty()) options.excluded.push_back(arguments.cluster_column);
  for (const std::string& each : split_list(arguments.types)) {
    const std::size_t equals = each.rfind('=');
    const auto type =
        equals == std::string::npos ? std::nullopt : identity::column_type_from(each.substr(equals + 1));
    if (!type)
      return wrong(
          "--types wants COLUMN=TYPE with name text address number year date phone email url code category "
          "company_name person_name uscc ignore, not \"" +
          each + "\"");
    options.types[each.substr(0, equals)] = *type;
  }
  HUILIU_ASSIGN(input.data, identity::make_dataset(input.tables, options));
  return input;
}

// ---- truth

// Records by id, per source; the first of several bearers.
using IdIndex = std::vector<std::unordered_map<std::string, std::uint32_t>>;
IdIndex index_ids(const Dataset& data) {
  IdIndex index(data.sources);
  for (std::uint32_t r = 0; r < data.size(); ++r) index[data.source[r]].emplace(data.ids[r], r);
  return index;
}

const std::uint32_t* find_id(const IdIndex& index, std::size_t source, const std::string& id) {
  const auto at = index[source].find(id);
  return at == index[source].end() ? nullptr : &at->second;
}

bool says_no(const std::string& label) {
  return label == "0" || label == "false" || label == "False" || label == "FALSE" || label == "N" ||
         label == "no" || label == "0.0";
}

model::Result<std::vector<RecordPair>> truth_pairs(const std::string& path, const Dataset& data,
                                                   std::size_t& unknown) {
  HUILIU_ASSIGN(const Table table, table_of(path));
  if (table.header.size() < 2) return wrong("two columns of ids are wanted", path);
  const IdIndex index = index_ids(data);
  const std::size_t last = data.sources - 1;
  std::vector<std::vector<std::string>> rows = table.rows;
  rows.push_back(table.header);  // where there is no header, it is a pair; else it names no record
  std::vector<RecordPair> pairs;
  for (const auto& row : rows) {
    if (row.size() > 2 && says_no(row.back())) continue;
    const std::uint32_t* a = find_id(index, 0, identity::cell_of(row, 0));
    const std::uint32_t* b = find_id(index, last, identity::cell_of(row, 1));
    if (a == nullptr || b == nullptr) {  // the columns may stand the other way round
      a = find_id(index, 0, identity::cell_of(row, 1));
      b = find_id(index, last, identity::cell_of(row, 0));
    }
    if (a != nullptr && b != nullptr && *a != *b)
      pairs.push_back({std::min(*a, *b), std::max(*a, *b)});
    else
      ++unknown;
  }
  if (unknown > 0) --unknown;  // the header
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  if (pairs.empty()) return wrong("no pair names two known records", path);
  return pairs;
}

model::Result<std::vector<std::uint32_t>> truth_clusters(const Input& input, const std::string& column) {
  std::vector<std::uint32_t> truth;
  std::map<std::string, std::uint32_t> numbers;
  std::uint32_t next = 0;
  for (const Table& table : input.tables) {
    const auto at = std::find(table.header.begin(), table.header.end(), column);
    if (at == table.header.end()) return wrong("no column \"" + column + "\"");
    for (const auto& row : table.rows) {
      const std::string& label = identity::cell_of(row, static_cast<std::size_t>(at - table.header.begin()));
      if (label.empty()) {  // belongs to nothing else
        truth.push_back(next++);
        continue;
      }
      const auto [known, added] = numbers.emplace(label, next);
      if (added) ++next;
      truth.push_back(known->second);
    }
  }
  return truth;
}

// Does any true cluster hold two records of one source?
bool inside_a_source(const Dataset& data, const std::vector<std::uint32_t>& truth) {
  std::unordered_map<std::uint64_t, int> seen;
  for (std::size_t r = 0; r < truth.size(); ++r)
    if (++seen[static_cast<std::uint64_t>(truth[r]) << 16U | data.source[r]] > 1) return true;
  return false;
}

// ---- evaluate

double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

model::Status write_clusters(const std::string& path, const Input& input, const identity::Linkage& linkage) {
  std::ofstream file(path, std::ios::binary);
  file << (input.data.sources > 1 ? "source,id,cluster\n" : "id,cluster\n");
  for (std::size_t r = 0; r < input.data.size(); ++r) {
    std::vector<std::string> cells;
    if (input.data.sources > 1) cells.push_back(std::to_string(input.data.source[r] + 1));
    cells.push_back(input.data.ids[r]);
    cells.push_back(std::to_string(linkage.cluster[r]));
    file << identity::csv_line(cells) << '\n';
  }
  file.close();
  if (!file) return wrong("cannot be written", path);
  return {};
}

model::Result<identity::Linkage> link_input(const IdentityArguments& arguments, const Input& input) {
  identity::LinkageOptions options;
  identity::LinkageModel known;
  const bool keep = !arguments.model.empty();
  if (keep && std::ifstream(arguments.model).good()) {
    HUILIU_ASSIGN(const std::string text, records_file(arguments.model));
    HUILIU_ASSIGN(const Value value, model::parse_json(text));
    HUILIU_ASSIGN(known, identity::model_from(value));
    options.model = &known;
  }
  HUILIU_ASSIGN(identity::Linkage linkage, identity::link_records(input.data, options));
  if (keep && options.model == nullptr) {
    std::ofstream file(arguments.model, std::ios::binary);
    file << model::to_json(identity::to_value(linkage.model)) << '\n';
    if (!file.flush()) return wrong("cannot be written", arguments.model);
  }
  return linkage;
}

void add_scores(model::Object& out, const identity::Score& score) {
  out.append("precision", score.precision);
  out.append("recall", score.recall);
  out.append("f1", score.f1);
  out.append("pairs",
             model::Object{{"predicted", score.predicted}, {"actual", score.actual}, {"right", score.right}});
}

model::Result<model::Object> evaluate(const IdentityArguments& arguments) {
  const auto start = std::chrono::steady_clock::now();
  HUILIU_ASSIGN(const Input input, read_input(arguments));
  HUILIU_ASSIGN(const identity::Linkage linkage, link_input(arguments, input));
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  model::Object out;
  const bool several = input.data.sources > 1;
  if (!arguments.truth.empty()) {
    std::size_t unknown = 0;
    HUILIU_ASSIGN(const auto truth, truth_pairs(arguments.truth, input.data, unknown));
    add_scores(out, identity::score_pairs(input.data, linkage.cluster, truth, several));
    if (unknown > 0) out.append("unknown_truth_pairs", static_cast<std::uint64_t>(unknown));
  } else if (!arguments.cluster_column.empty()) {
    HUILIU_ASSIGN(const auto truth, truth_clusters(input, arguments.cluster_column));
    add_scores(out, identity::score_clusters(input.data, linkage.cluster, truth,
                                             several && !inside_a_source(input.data, truth)));
  } else {
    for (const char* name : {"precision", "recall", "f1"}) out.append(name, nullptr);
  }
  model::Object columns;
  for (const auto& column : input.data.columns) columns.append(column.name, identity::to_string(column.type));
  out.append("clusters", static_cast<std::uint64_t>(linkage.clusters));
  out.append("records", static_cast<std::uint64_t>(input.data.size()));
  out.append("candidates", static_cast<std::uint64_t>(linkage.candidates));
  out.append("links", static_cast<std::uint64_t>(linkage.links.size()));
  out.append("review", static_cast<std::uint64_t>(linkage.questions.size()));
  if (several) {
    model::Array single;
    for (const bool each : linkage.single) single.emplace_back(each);
    out.append("nothing_twice", std::move(single));
  }
  out.append("threshold", linkage.model.threshold);
  out.append("columns", std::move(columns));
  out.append("seconds", spent.count());
  out.append("peak_rss_mb", peak_memory_mb());
  if (!arguments.clusters_out.empty()) {
    if (auto written = write_clusters(arguments.clusters_out, input, linkage); !written.ok())
      return written.error();
  }
  return out;
}

int run_evaluate(Session& session, const IdentityArguments& arguments) {
  const auto result = evaluate(arguments);
  if (!result.ok()) return session.fail(result.error());
  print_json(session, *result);
  return done;
}

// ---- explain

Value to_json_value(const identity::Explanation& explanation) {
  model::Array steps;
  for (const auto& each : explanation.contributions) {
    steps.push_back(model::Object{{"column", each.column},
                                  {"level", each.level},
                                  {"a", each.left},
                                  {"b", each.right},
                                  {"bits", each.weight}});
  }
  model::Object out{{"verdict", explanation.verdict},
                    {"bits", explanation.weight},
                    {"probability", explanation.probability},
                    {"contributions", std::move(steps)}};
  if (!explanation.veto.empty()) out.append("veto", explanation.veto);
  return out;
}

int run_explain(Session& session, const IdentityArguments& arguments) {
  const auto input = read_input(arguments);
  if (!input.ok()) return session.fail(input.error());
  const IdIndex index = index_ids(input->data);
  const std::uint32_t* a = find_id(index, 0, arguments.left);
  const std::uint32_t* b = find_id(index, input->data.sources - 1, arguments.right);
  if (a == nullptr || b == nullptr)
    return session.fail(model::make_error(model::ErrorClass::not_found, "no record has this id",
                                          a == nullptr ? arguments.left : arguments.right));
  const auto linkage = link_input(arguments, *input);
  if (!linkage.ok()) return session.fail(linkage.error());
  const auto explanation = identity::explain_pair(input->data, linkage->model, *a, *b);
  if (session.json()) {
    print_json(session, to_json_value(explanation));
    return done;
  }
  for (const auto& each : explanation.contributions) {
    char bits[32];
    std::snprintf(bits, sizeof bits, "%+7.2f  ", each.weight);
    session.io().out << bits << each.column << (each.column.empty() ? "" : ": ") << each.level;
    if (!each.left.empty() || !each.right.empty())
      session.io().out << "  " << each.left << " | " << each.right;
    session.io().out << '\n';
  }
  if (!explanation.veto.empty()) session.io().out << "veto: " << explanation.veto << '\n';
  session.io().out << explanation.verdict << '\n';
  return done;
}

void add_record_options(CLI::App& command, IdentityArguments& arguments) {
  command.add_option("--records", arguments.records, "A.csv[,B.csv]")->required();
  command.add_option("--id-column", arguments.id_column,
                     "column with the records' ids (default: id, or the row)");
  command.add_option("--cluster-column", arguments.cluster_column,
                     "column that is equal for the same thing: the truth");
  command.add_option("--types", arguments.types, "COLUMN=TYPE,…: how to read and compare columns");
  command.add_option("--model", arguments.model, "model: used when it exists, else learned and written");
}

}  // namespace

void add_identity_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<IdentityArguments>();
  const auto set = [&action, arguments](int (*run)(Session&, const IdentityArguments&)) {
    return [&action, arguments, run] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, false, true};
    };
  };
  CLI::App* identities = app.add_subcommand("identity", say("谁与谁是同一个", "which records are the same"));
  identities->require_subcommand(1);
  CLI::App* evaluates =
      identities->add_subcommand("evaluate", say("匹配任意 CSV 并评分", "match any CSV and score it"));
  add_record_options(*evaluates, *arguments);
  evaluates->add_option("--truth", arguments->truth, "pairs of ids that are the same");
  evaluates->add_option("--clusters-out", arguments->clusters_out, "writes id and cluster of each record");
  evaluates->callback(set(run_evaluate));
  CLI::App* explains =
      identities->add_subcommand("explain", say("解释两条记录", "why two records are the same, or not"));
  add_record_options(*explains, *arguments);
  explains->add_option("a", arguments->left, "id of a record (of the first file)")->required();
  explains->add_option("b", arguments->right, "id of another (of the last file)")->required();
  explains->callback(set(run_explain));
}

}  // namespace huiliu::cli
