// reconcile [COMPANIES] [ROUNDS]: what the hub itself costs, over two systems in memory and a real store with
// every commit synced: first load, a scan in which nothing changed, one in which 1 % changed, and a fifth of
// all companies edited and written back to the other system. Each write is an intent that is durable before
// it leaves and an outcome that is durable after it. Prints records, pairs and writes per second (median,
// lowest and highest of the rounds), writes as counted by the receiving system, and how much memory the scans
// add.
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>

#include "tests/unit/run/fake_world.hpp"

namespace {

using namespace huiliu;
using namespace huiliu::run::fakes;

double timed(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  double total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

void print(const char* what, std::vector<double> rates, const char* unit) {
  std::sort(rates.begin(), rates.end());
  std::printf("%-28s %10.0f %s  (%.0f – %.0f)\n", what, rates[rates.size() / 2], unit, rates.front(),
              rates.back());
}

}  // namespace

int main(int argc, char** argv) {
  const int companies = argc > 1 ? std::max(100, std::atoi(argv[1])) : 5000;
  const int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 3;
  const char* off = "{changed: off, updates: off}";  // a fifth at once is what this measures
  FakeWorld world({{"erp", "erp", "never", off}, {"crm", "crm", "never", off}});
  world.add_companies(companies);
  const double load = timed([&] { world.cycle(); });
  std::printf("%d companies in two systems\n", companies);
  std::printf("%-28s %10.0f records/s\n", "first load", 2 * companies / load);
  world.settle();
  run::CycleOptions full;
  full.full = true;
  world.cycle(full);
  const double before = resident_mb();
  std::vector<double> quiet, changed, written;
  for (int round = 0; round < rounds; ++round) {
    quiet.push_back(companies / timed([&] { world.cycle(full); }));
    for (int i = 0; i < companies; i += 100)
      world.system("crm").set(std::to_string(1000 + i), "Phone",
                              "0532-6" + std::to_string(1'000'000 + round * 100'000 + i));
    changed.push_back(companies / timed([&] { world.cycle(full); }));
    for (int i = 0; i < companies; i += 5)
      world.system("crm").set(std::to_string(1000 + i), "Phone",
                              "0532-7" + std::to_string(1'000'000 + round * 100'000 + i));
    world.system("erp").written.clear();
    const double took = timed([&] { world.cycle(); });
    written.push_back(static_cast<double>(world.system("erp").written.size()) / took);
  }
  print("scan without a change", quiet, "pairs/s");
  print("scan with 1 % changed", changed, "pairs/s");
  print("edited, read and written", written, "writes/s (intents durable before, outcomes after)");
  std::printf("%-28s %10.1f MB resident, %.1f more after %d rounds\n", "memory", resident_mb(),
              resident_mb() - before, rounds);
  return 0;
}
