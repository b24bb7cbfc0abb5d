// huiliu-sim [--ring d1|d2] [--seeds A..B] [--steps N] and what usage() says.
// Exit 0: no invariant was violated (with --mutants: every planted error was caught; with --coverage: every
// point struck); 1: otherwise; 2: usage.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "hub/model/value.hpp"
#include "tests/simulation/mutants.hpp"
#include "tests/simulation/shrink.hpp"
#include "tests/simulation/world.hpp"

namespace huiliu::simulation {
namespace {

constexpr std::size_t most_failures_told = 20;

struct Arguments {
  std::uint64_t first = 1, last = 100;
  RunOptions run;
  std::string mutant, replay;
  bool json = false, list_mutants = false, all_mutants = false, coverage = false, shrink = false,
       twice = false;

  const char* ring() const { return run.store ? "d2" : "d1"; }
};

struct Tally {
  std::uint64_t runs = 0, violations = 0, hash = 0;
  std::optional<Failure> first;
  std::vector<Failure> failures;  // the first few
  double seconds = 0;
  long long writes = 0, edits = 0, conflicts = 0, creates = 0, merges = 0;
};

bool to_number(const char* text, std::uint64_t& to) {
  char* end = nullptr;
  to = std::strtoull(text, &end, 10);
  return end != text && *end == '\0';
}

bool to_seeds(const std::string& text, Arguments& to) {
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) return to_number(text.c_str(), to.first) && ((to.last = to.first), true);
  return to_number(text.substr(0, dots).c_str(), to.first) &&
         to_number(text.substr(dots + 2).c_str(), to.last) && to.first <= to.last;
}

bool to_points(const std::string& text, std::set<Point>& to) {
  std::istringstream names(text);
  for (std::string name; std::getline(names, name, ',');) {
    const Point point = point_named(name);
    if (point == Point::count) return false;
    to.insert(point);
  }
  return true;
}

bool parse_flag(const std::string& option, Arguments& to) {
  const std::pair<const char*, bool*> flags[] = {
      {"--json", &to.json},           {"--trace", &to.run.trace},   {"--list-mutants", &to.list_mutants},
      {"--mutants", &to.all_mutants}, {"--coverage", &to.coverage}, {"--twice", &to.twice}};
  for (const auto& [name, flag] : flags) {
    if (option == name) return *flag = true;
  }
  return false;
}

bool parse_value(const std::string& option, const std::string& value, Arguments& to) {
  std::uint64_t number = 0;
  if (option == "--ring") return (value == "d1" || value == "d2") && ((to.run.store = value == "d2"), true);
  if (option == "--mutant") return find_mutant(to.mutant = value) != nullptr;
  if (option == "--seeds") return to_seeds(value, to);
  if (option == "--shrink") return (to.shrink = true) && to_seeds(value, to);
  if (option == "--replay") return !(to.replay = value).empty();
  if (option == "--on") return to_points(value, to.run.on);
  if (option == "--off") return to_points(value, to.run.off);
  if (option != "--steps" || !to_number(value.c_str(), number) || number == 0 || number > 1'000'000)
    return false;
  to.run.steps = static_cast<int>(number);
  return true;
}

bool parse(int count, char** values, Arguments& to) {
  for (int i = 1; i < count; ++i) {
    if (parse_flag(values[i], to)) continue;
    if (i + 1 >= count || !parse_value(values[i], values[i + 1], to)) return false;
    ++i;
  }
  return true;
}

std::string text_of_failure(const Failure& failure) {
  return "seed " + std::to_string(failure.seed) + " step " + std::to_string(failure.step) + ": " +
         failure.invariant + ": " + failure.message;
}

Tally simulate(const Arguments& arguments, bool stop_at_first) {
  Tally tally;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t seed = arguments.first; seed <= arguments.last; ++seed) {
    RunOptions options = arguments.run;
    options.seed = seed;
    RunResult result = run(options);
    if (arguments.twice && !result.failure && run(options).hash != result.hash)
      result.failure = Failure{seed, options.steps, "determinism", "a second run of the seed differs"};
    ++tally.runs;
    tally.hash = tally.hash * 31 + result.hash;
    tally.writes += result.writes;
    tally.edits += result.edits;
    tally.conflicts += result.conflicts;
    tally.creates += result.creates;
    tally.merges += result.merges;
    if (!result.failure) continue;
    ++tally.violations;
    if (!tally.first) tally.first = result.failure;
    if (tally.failures.size() < most_failures_told) tally.failures.push_back(*result.failure);
    if (stop_at_first) break;
  }
  tally.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return tally;
}

void print(const Arguments& arguments, const Tally& tally) {
  if (!arguments.json) {
    std::printf(
        "ring %s%s%s: %llu runs of %d steps in %.1f s (%.0f runs/s), %lld edits, %lld writes, %lld creates, "
        "%lld merges, %lld conflicts, %llu violated, events %016llx\n",
        arguments.ring(), arguments.mutant.empty() ? "" : ", mutant ", arguments.mutant.c_str(),
        static_cast<unsigned long long>(tally.runs), arguments.run.steps, tally.seconds,
        static_cast<double>(tally.runs) / (tally.seconds > 0 ? tally.seconds : 1), tally.edits, tally.writes,
        tally.creates, tally.merges, tally.conflicts, static_cast<unsigned long long>(tally.violations),
        static_cast<unsigned long long>(tally.hash));
    for (const auto& failure : tally.failures) std::printf("%s\n", text_of_failure(failure).c_str());
    return;
  }
  model::Object out{{"ring", arguments.ring()},
                    {"mutant", arguments.mutant},
                    {"runs", tally.runs},
                    {"steps", arguments.run.steps},
                    {"seconds", tally.seconds},
                    {"writes", std::int64_t{tally.writes}},
                    {"edits", std::int64_t{tally.edits}},
                    {"violations", tally.violations},
                    {"events", std::to_string(tally.hash)}};
  if (tally.first)
    out.set("first", model::Object{{"seed", tally.first->seed},
                                   {"step", tally.first->step},
                                   {"invariant", tally.first->invariant},
                                   {"message", tally.first->message}});
  std::printf("%s\n", model::to_json(model::Value(std::move(out))).c_str());
}

// The checkers are checked: each planted error must be caught within the seeds that are given.
int run_mutants(const Arguments& arguments) {
  int survivors = 0;
  for (const auto& mutant : mutants()) {
    Arguments directed = arguments;
    directed.run.on.insert(mutant.on.begin(), mutant.on.end());
    directed.run.off.insert(mutant.off.begin(), mutant.off.end());
    plant(mutant.mutant);
    const Tally tally = simulate(directed, true);
    plant(sync::Mutant::none);
    // The same history must be without a fault when the error is not planted.
    directed.run.seed = tally.first ? tally.first->seed : 0;
    const bool caught = tally.first && !run(directed.run).failure;
    const char* const how = caught ? tally.first->invariant.c_str() : tally.first ? "NOT IT" : "SURVIVED";
    std::printf("%-28s %-9s after %6llu runs  (%s)\n", mutant.name, how,
                static_cast<unsigned long long>(tally.runs), mutant.rule);
    std::fflush(stdout);
    if (!caught) ++survivors;
  }
  std::printf("%d of %zu planted errors survived\n", survivors, mutants().size());
  return survivors == 0 ? 0 : 1;
}

// A point that the seeds never struck gets runs of its own, with what it needs, until it strikes.
void direct_runs(const Arguments& arguments, Point point, Tally& tally) {
  constexpr std::uint64_t most_directed = 400;
  Arguments directed = arguments;
  directed.run.on = {point};
  if (point == Point::recreated_record) directed.run.on.insert({Point::deleted_record, Point::decision});
  for (std::uint64_t i = 1; i <= most_directed && coverage()[static_cast<std::size_t>(point)] == 0; ++i) {
    directed.first = directed.last = arguments.last + i;
    const Tally one = simulate(directed, true);
    ++tally.runs;
    if (!one.first) continue;
    ++tally.violations;
    std::printf("directed at %s: %s\n", std::string(name_of(point)).c_str(),
                text_of_failure(*one.first).c_str());
  }
}

// Every point of the ring must have struck.
int print_coverage(const Arguments& arguments, Tally& tally) {
  int silent = 0;
  for (std::size_t i = 0; i < point_count; ++i) {
    const auto point = static_cast<Point>(i);
    if (!arguments.run.store && point >= first_of_disk) continue;
    if (coverage()[i] == 0) direct_runs(arguments, point, tally);
    std::printf("%-22s %10llu\n", std::string(name_of(point)).c_str(),
                static_cast<unsigned long long>(coverage()[i]));
    if (coverage()[i] == 0) ++silent;
  }
  std::printf("%d points never struck\n", silent);
  return silent == 0 ? 0 : 1;
}

// Seeds that failed once, one a line: RING SEED STEPS, then what it was.
int replay(const Arguments& arguments) {
  std::ifstream file(arguments.replay);
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", arguments.replay.c_str());
    return 2;
  }
  std::uint64_t runs = 0, failed = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string ring;
    RunOptions options = arguments.run;
    if (!(words >> ring) || ring.front() == '#') continue;
    if (!(words >> options.seed >> options.steps)) {
      std::fprintf(stderr, "not a line of seeds: %s\n", line.c_str());
      return 2;
    }
    options.store = ring == "d2";
    const RunResult result = run(options);
    ++runs;
    if (!result.failure) continue;
    ++failed;
    std::printf("%s again: %s\n", line.c_str(), text_of_failure(*result.failure).c_str());
  }
  std::printf("%llu seeds replayed, %llu violated\n", static_cast<unsigned long long>(runs),
              static_cast<unsigned long long>(failed));
  return failed == 0 && runs > 0 ? 0 : 1;
}

int usage() {
  std::fprintf(
      stderr,
      "usage: huiliu-sim [--ring d1|d2] [--seeds A..B] [--steps N] [--json] [--trace] [--coverage]\n"
      "                  [--twice] [--on POINT,…] [--off POINT,…] [--mutant NAME]\n"
      "       huiliu-sim --mutants | --list-mutants | --replay FILE | --shrink SEED\n"
      "  --coverage  print how often each fault struck; exit 1 when one never did\n"
      "  --twice     run each seed twice: its events must be the same\n"
      "  --replay    run the seeds of a file: RING SEED STEPS on each line\n"
      "  --shrink    leave out steps and faults of a failing seed while it fails, and tell what is left\n");
  return 2;
}

}  // namespace

int run_program(int count, char** values) {
  Arguments arguments;
  if (!parse(count, values, arguments)) return usage();
  if (arguments.list_mutants) {
    for (const auto& mutant : mutants()) std::printf("%-28s %s\n", mutant.name, mutant.rule);
    return 0;
  }
  if (arguments.all_mutants) return run_mutants(arguments);
  if (!arguments.mutant.empty()) {
    const NamedMutant& mutant = *find_mutant(arguments.mutant);
    plant(mutant.mutant);
    arguments.run.on.insert(mutant.on.begin(), mutant.on.end());
    arguments.run.off.insert(mutant.off.begin(), mutant.off.end());
  }
  if (!arguments.replay.empty()) return replay(arguments);
  if (arguments.shrink) {
    arguments.run.seed = arguments.first;
    return shrink_and_tell(arguments.run);
  }
  Tally tally = simulate(arguments, false);
  print(arguments, tally);
  const int covered = arguments.coverage ? print_coverage(arguments, tally) : 0;
  return tally.violations == 0 ? covered : 1;
}

}  // namespace huiliu::simulation

int main(int count, char** values) { return huiliu::simulation::run_program(count, values); }
