#include "tests/simulation/shrink.hpp"

#include <algorithm>
#include <cstdio>

namespace huiliu::simulation {
namespace {

class Shrinking {
 public:
  explicit Shrinking(RunOptions failing) : best_(std::move(failing)) {
    const RunResult result = run(best_);
    if (result.failure) invariant_ = result.failure->invariant;
  }
  bool fails() const { return !invariant_.empty(); }
  const RunOptions& best() const { return best_; }

  bool try_instead(const RunOptions& shorter) {
    const RunResult result = run(shorter);
    if (!result.failure || result.failure->invariant != invariant_) return false;
    best_ = shorter;
    return true;
  }

  void fewer_steps() {
    const RunResult result = run(best_);
    RunOptions shorter = best_;
    shorter.steps = std::min(shorter.steps, result.failure->step + 1);
    try_instead(shorter);
  }

  void fewer_faults() {
    for (std::size_t i = 0; i < point_count; ++i) {
      RunOptions without = best_;
      without.on.erase(static_cast<Point>(i));
      if (without.off.insert(static_cast<Point>(i)).second) try_instead(without);
    }
  }

  // Leaves out runs of steps, long ones first.
  void fewer_events() {
    for (int size = std::max(1, best_.steps / 2); size >= 1; size /= 2) {
      for (int first = 0; first < best_.steps; first += size) {
        RunOptions without = best_;
        for (int step = first; step < first + size; ++step) without.skipped.insert(step);
        if (without.skipped.size() > best_.skipped.size()) try_instead(without);
      }
    }
  }

 private:
  RunOptions best_;
  std::string invariant_;
};

}  // namespace

RunOptions shrink(RunOptions failing) {
  failing.trace = false;
  Shrinking shrinking(std::move(failing));
  if (!shrinking.fails()) return shrinking.best();
  for (std::size_t before = 0, left = 1; before != left;) {
    before = shrinking.best().skipped.size() + shrinking.best().off.size();
    shrinking.fewer_steps();
    shrinking.fewer_faults();
    shrinking.fewer_events();
    left = shrinking.best().skipped.size() + shrinking.best().off.size();
  }
  return shrinking.best();
}

int shrink_and_tell(const RunOptions& options) {
  RunOptions least = shrink(options);
  least.trace = true;
  const RunResult result = run(least);
  if (!result.failure) {
    std::printf("seed %llu does not fail\n", static_cast<unsigned long long>(options.seed));
    return 0;
  }
  std::string faults;
  for (std::size_t i = 0; i < point_count; ++i) {
    if (!least.off.contains(static_cast<Point>(i)))
      faults += " " + std::string(name_of(static_cast<Point>(i)));
  }
  std::printf("%d of %d steps are left; faults:%s\n%s: %s\n",
              least.steps - static_cast<int>(least.skipped.size()), least.steps, faults.c_str(),
              result.failure->invariant.c_str(), result.failure->message.c_str());
  return 1;
}

}  // namespace huiliu::simulation
