// expr [SECONDS] [ROUNDS] [WORD]: evaluations per second of hub/expr and of the reference implementation
// (jsonata on npm, run by node), on the same documents, alternating in one run. Prints the best of the rounds
// of each, how far the rounds differ, the ratio, and the geometric mean of the ratios. Results are compared,
// so that both do the same work. With WORD only cases whose name contains it. The reference is installed
// once: npm ci in tests/bench/expr_reference. Without it only our figures are printed.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hub/expr/expr.hpp"

namespace {

namespace fs = std::filesystem;
using huiliu::model::Array;
using huiliu::model::Object;
using huiliu::model::Value;

struct Case {
  const char* name;
  const char* expr;
  const char* document;
};

constexpr Case cases[] = {
    {"path, shallow", "customer.name.legal", "order"},
    {"path over arrays", "orders.lines.sku", "orders"},
    {"path with arithmetic", "$sum(orders.lines.(price * quantity))", "orders"},
    {"filter by equality", "orders[status = 'open'].number", "orders"},
    {"filter by two conditions", "orders.lines[price > 50 and quantity < 5].sku", "orders"},
    {"position", "orders[-1].lines[0].sku", "orders"},
    {"object construction",
     "orders.{'no': number, 'total': $sum(lines.(price * quantity)), 'lines': $count(lines)}", "orders"},
    {"grouping", "orders.lines{sku: $sum(quantity)}", "orders"},
    {"record mapping",
     "{'legal': $trim(customer.name.legal), 'phone': $replace(customer.phone, /[^0-9]/, ''), "
     "'active': customer.status = 'A', 'city': $substringBefore(customer.address, '市') & '市', "
     "'tags': $split(customer.tags, ',')}",
     "order"},
    {"reduce 10,000", "$reduce(numbers, function($a, $b){$a + $b})", "numbers"},
    {"map 10,000", "$map(numbers, function($n){$n * 2 + 1})", "numbers"},
    {"filter 10,000", "$filter(numbers, function($n){$n % 3 = 0})", "numbers"},
    {"aggregates 10,000", "$sum(numbers) / $count(numbers) + $max(numbers)", "numbers"},
    {"regex match", "$match(text, /(\\w+)@(\\w+)\\.com/).groups[0]", "texts"},
    {"regex contains", "$count(lines[$contains($, /\\b[A-Z]{2}-\\d{4}\\b/)])", "texts"},
    {"regex replace", "$replace(text, /\\s+/, ' ')", "texts"},
    {"regex split", "$count($split(text, /[,;]\\s*/))", "texts"},
    {"regex words", "$count($match(text, /\\w+/))", "texts"},
    {"regex alternation", "$count($match(text, /contact|desk|sales/))", "texts"},
    {"regex date groups", "$match(log, /(\\d{4})-(\\d{2})-(\\d{2})T(\\d{2}):(\\d{2})/).groups[0]", "texts"},
    {"regex ignoring case", "$count(lines[$contains($, /WAREHOUSE\\s*$/i)])", "texts"},
    {"regex between quotes", "$count($match(log, /\"([^\"]*)\"/))", "texts"},
    {"regex any before", "$contains(log, /user.*failed.*code 7/)", "texts"},
    {"regex phones", "$count(lines[$contains($, /^\\s*[A-Z][a-z]+ [aA][bB]-(\\d+) /)])", "texts"},
    {"sort by a key", "orders.lines^(price).sku", "orders"},
    {"sort by two keys", "orders.lines^(>quantity, sku).price", "orders"},
    {"sort by a function", "$sort(orders.lines, function($l, $r){$l.price > $r.price}).sku", "orders"},
    {"string functions",
     "lines.($uppercase($substring($, 0, 8)) & '/' & $length($) & '/' & $pad($trim($), 60))", "texts"},
    {"join and split", "$join($split(text, ' '), '-')", "texts"},
    {"recursion", "($f := function($n){$n < 2 ? $n : $f($n - 1) + $f($n - 2)}; $f(15))", "order"},
    {"condition chain", "orders.(status = 'open' ? 'O' : status = 'closed' ? 'C' : '-')", "orders"},
    {"transform", "orders[0] ~> |lines|{'total': price * quantity}, 'tags'|", "orders"},
    {"number formats", "orders.lines.$formatNumber(price, '#,##0.00')", "orders"},
};

Value order_document() {
  return Object{{"customer", Object{{"name", Object{{"legal", " 上海云桥阀门有限公司 "}, {"short", "云桥"}}},
                                    {"phone", "+86 (0)21-6888 9999"},
                                    {"status", "A"},
                                    {"address", "上海市浦东新区张江路88号"},
                                    {"tags", "重点,华东,直销"}}},
                {"number", "SO-2026-0001"}};
}

Value orders_document() {
  std::uint64_t dice = 7;
  const auto roll = [&dice](std::uint64_t sides) {
    dice = dice * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::int64_t>((dice >> 33U) % sides);
  };
  static constexpr const char* states[] = {"open", "closed", "cancelled"};
  Array orders;
  for (int i = 0; i < 100; ++i) {
    Array lines;
    for (std::int64_t k = 0; k < 5; ++k) {
      Object line;
      line.set("sku", "SKU-" + std::to_string(roll(40)));
      line.set("price", static_cast<double>(roll(10000)) / 100);
      line.set("quantity", 1 + roll(9));
      line.set("tags", Array{"a", "b"});
      lines.emplace_back(std::move(line));
    }
    Object order;
    order.set("number", "SO-" + std::to_string(1000 + i));
    order.set("status", states[roll(3)]);
    order.set("lines", std::move(lines));
    orders.emplace_back(std::move(order));
  }
  return Object{{"orders", std::move(orders)}};
}

Value numbers_document() {
  Array numbers;
  for (int i = 0; i < 10'000; ++i) numbers.emplace_back(i * 37 % 1009);
  return Object{{"numbers", std::move(numbers)}};
}

Value texts_document() {
  std::string text;
  Array lines;
  for (int i = 0; i < 200; ++i) {
    const std::string number = std::to_string(1000 + i);
    text += "order  AB-" + number + ",\tcontact  user" + number + " at desk;  ";
    lines.emplace_back("  Shipment " + std::string(i % 3 == 0 ? "AB-" : "ab-") + number +
                       " left the warehouse ");
  }
  text += "write to sales@example.com";
  std::string log;
  for (int i = 0; i < 100; ++i) {
    const std::string two = std::to_string(10 + i % 50);
    log += "2026-11-" + std::to_string(10 + i % 19) + "T08:" + two + " user \"u" + two +
           "\" signed in from 10.0.0." + two + (i % 7 == 0 ? ", failed with code 9\n" : ", \"ok\"\n");
  }
  return Object{{"text", std::move(text)}, {"lines", std::move(lines)}, {"log", std::move(log)}};
}

// By the wall clock, as the reference measures itself.
double our_rate(const huiliu::expr::Program& program, const Value& document, double seconds) {
  using Clock = std::chrono::steady_clock;
  std::size_t count = 0;
  const Clock::time_point start = Clock::now();
  double spent = 0;
  do {
    if (!huiliu::expr::evaluate(program, &document).ok()) return 0;
    ++count;
    spent = std::chrono::duration<double>(Clock::now() - start).count();
  } while (spent < seconds);
  return static_cast<double>(count) / spent;
}

struct Figures {
  double best = 0, worst = 0;
  std::string result;
  void add(double rate) {
    best = std::max(best, rate);
    worst = worst == 0 ? rate : std::min(worst, rate);
  }
  double spread() const { return best > 0 ? 100 * (best - worst) / best : 0; }
};

// One round of the reference: its rates and results by name. Empty: it is not installed.
void run_reference(const fs::path& case_file, double seconds, std::map<std::string, Figures>& figures) {
  const fs::path folder = fs::path(HUILIU_SOURCE_DIR) / "tests/bench/expr_reference";
  if (!fs::exists(folder / "node_modules/jsonata")) return;
  const std::string command =
      "node '" + (folder / "run.mjs").string() + "' '" + case_file.string() + "' " + std::to_string(seconds);
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string text;
  std::array<char, 65536> chunk;
  while (pipe != nullptr) {
    const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), pipe.get());
    if (got == 0) break;
    text.append(chunk.data(), got);
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const auto line = huiliu::model::parse_json(std::string_view(text).substr(at, end - at));
    at = end + 1;
    if (!line.ok()) continue;
    Figures& of_case = figures[(*line)["name"].to_text()];
    of_case.add((*line)["per_second"].as_number().to_double());
    of_case.result = huiliu::model::to_canonical_json((*line)["result"]);
  }
}

// Equal but for how numbers are spelled.
bool is_same(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto left = huiliu::model::parse_json(a);
  const auto right = huiliu::model::parse_json(b);
  return left.ok() && right.ok() && *left == *right;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 0.3;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 3;
  const std::string_view word = argc > 3 ? argv[3] : "";
  std::vector<Case> chosen;
  for (const Case& one : cases)
    if (std::string_view(one.name).find(word) != std::string_view::npos) chosen.push_back(one);
  const fs::path folder =
      fs::temp_directory_path() /
      ("huiliu-bench-expr-" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()));
  fs::create_directories(folder);
  const std::map<std::string, Value> documents{{"order", order_document()},
                                               {"orders", orders_document()},
                                               {"numbers", numbers_document()},
                                               {"texts", texts_document()}};
  Array listed;
  for (const auto& [name, document] : documents)
    std::ofstream(folder / (name + ".json")) << huiliu::model::to_json(document);
  for (const Case& one : chosen)
    listed.emplace_back(Object{{"name", one.name},
                               {"expr", one.expr},
                               {"document", (folder / (std::string(one.document) + ".json")).string()}});
  std::ofstream(folder / "cases.json") << huiliu::model::to_json(Value(std::move(listed)));

  std::map<std::string, Figures> ours;
  std::map<std::string, Figures> theirs;
  for (int round = 0; round < rounds; ++round) {
    run_reference(folder / "cases.json", seconds, theirs);
    for (const Case& one : chosen) {
      const auto program = huiliu::expr::compile(one.expr);
      const Value& document = documents.at(one.document);
      const auto result = program.ok() ? huiliu::expr::evaluate(*program, &document) : program.error();
      if (!result.ok()) {
        std::printf("%s: %s\n", one.name, result.error().text().c_str());
        return 1;
      }
      Figures& figures = ours[one.name];
      if (*result) figures.result = huiliu::model::to_canonical_json(**result);
      figures.add(our_rate(*program, document, seconds));
    }
  }
  fs::remove_all(folder);

  double logarithms = 0;
  int compared = 0;
  std::printf("%-26s %14s %6s %14s %6s %8s\n", "evaluations per second", "hub/expr", "noise", "reference",
              "noise", "ratio");
  for (const Case& one : chosen) {
    const Figures& mine = ours[one.name];
    const Figures& reference = theirs[one.name];
    std::printf("%-26s %14.0f %5.0f%% %14.0f %5.0f%%", one.name, mine.best, mine.spread(), reference.best,
                reference.spread());
    if (reference.best > 0) {
      const double ratio = mine.best / reference.best;
      logarithms += std::log(ratio);
      ++compared;
      std::printf(" %7.1fx%s", ratio, is_same(mine.result, reference.result) ? "" : "  RESULTS DIFFER");
    }
    std::printf("\n");
  }
  if (compared > 0)
    std::printf("geometric mean of %d: %.1f times faster\n", compared, std::exp(logarithms / compared));
  else
    std::printf("no reference: npm ci in tests/bench/expr_reference\n");
  return 0;
}
