// huiliu-sim --ring d1 --seeds A..B --steps N [--mutant NAME] [--mutants] [--json] [--trace]
// Exit 0: no invariant was violated (or with --mutants: every planted error was caught); 1: otherwise; 2:
// usage.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "hub/model/value.hpp"
#include "tests/simulation/mutants.hpp"
#include "tests/simulation/world.hpp"

namespace huiliu::simulation {
namespace {

constexpr std::size_t most_failures_told = 20;

struct Arguments {
  std::string ring = "d1";
  std::uint64_t first = 1, last = 100;
  int steps = 200;
  std::string mutant;
  bool json = false, trace = false, list_mutants = false, all_mutants = false;
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

bool parse(int count, char** values, Arguments& to) {
  for (int i = 1; i < count; ++i) {
    const std::string option = values[i];
    const char* const next = i + 1 < count ? values[i + 1] : nullptr;
    std::uint64_t number = 0;
    if (option == "--json")
      to.json = true;
    else if (option == "--trace")
      to.trace = true;
    else if (option == "--list-mutants")
      to.list_mutants = true;
    else if (option == "--mutants")
      to.all_mutants = true;
    else if (next == nullptr)
      return false;
    else if (option == "--ring")
      to.ring = values[++i];
    else if (option == "--mutant")
      to.mutant = values[++i];
    else if (option == "--seeds" && to_seeds(next, to))
      ++i;
    else if (option == "--steps" && to_number(next, number) && number > 0 && number <= 1'000'000)
      to.steps = static_cast<int>(number), ++i;
    else
      return false;
  }
  return to.ring == "d1" && (to.mutant.empty() || find_mutant(to.mutant) != nullptr);
}

Tally simulate(const Arguments& arguments, bool stop_at_first) {
  Tally tally;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t seed = arguments.first; seed <= arguments.last; ++seed) {
    const RunResult result = run(seed, arguments.steps, arguments.trace);
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

std::string text_of_failure(const Failure& failure) {
  return "seed " + std::to_string(failure.seed) + " step " + std::to_string(failure.step) + ": " +
         failure.invariant + ": " + failure.message;
}

void print(const Arguments& arguments, const Tally& tally) {
  if (!arguments.json) {
    std::printf(
        "ring d1%s%s: %llu runs of %d steps in %.1f s (%.0f runs/s), %lld edits, %lld writes, %lld creates, "
        "%lld merges, "
        "%lld conflicts, %llu violated, events %016llx\n",
        arguments.mutant.empty() ? "" : ", mutant ", arguments.mutant.c_str(),
        static_cast<unsigned long long>(tally.runs), arguments.steps, tally.seconds,
        static_cast<double>(tally.runs) / (tally.seconds > 0 ? tally.seconds : 1), tally.edits, tally.writes,
        tally.creates, tally.merges, tally.conflicts, static_cast<unsigned long long>(tally.violations),
        static_cast<unsigned long long>(tally.hash));
    for (const auto& failure : tally.failures) std::printf("%s\n", text_of_failure(failure).c_str());
    return;
  }
  model::Object out{{"ring", "d1"},
                    {"mutant", arguments.mutant},
                    {"runs", tally.runs},
                    {"steps", arguments.steps},
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
    plant(mutant.mutant);
    const Tally tally = simulate(arguments, true);
    plant(sync::Mutant::none);
    const char* const how = tally.first ? tally.first->invariant.c_str() : "SURVIVED";
    std::printf("%-28s %-9s after %6llu runs  (%s)\n", mutant.name, how,
                static_cast<unsigned long long>(tally.runs), mutant.rule);
    std::fflush(stdout);
    if (!tally.first) ++survivors;
  }
  std::printf("%d of %zu planted errors survived\n", survivors, mutants().size());
  return survivors == 0 ? 0 : 1;
}

int usage() {
  std::fprintf(stderr,
               "usage: huiliu-sim [--ring d1] [--seeds A..B] [--steps N] [--mutant NAME] [--mutants] "
               "[--list-mutants] [--json] [--trace]\n"
               "  D2 needs the store and is not part of this program.\n");
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
  if (!arguments.mutant.empty()) plant(find_mutant(arguments.mutant)->mutant);
  const Tally tally = simulate(arguments, false);
  print(arguments, tally);
  return tally.violations == 0 ? 0 : 1;
}

}  // namespace huiliu::simulation

int main(int count, char** values) { return huiliu::simulation::run_program(count, values); }
