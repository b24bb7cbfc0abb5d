#include "hub/run/estimate.hpp"

namespace huiliu::run {
namespace {

constexpr model::Micros rate_after = 2 * model::second;  // before that a rate says nothing

}  // namespace

Estimate estimate(std::uint64_t done, std::uint64_t expected, bool expected_is_whole, model::Micros elapsed) {
  Estimate found;
  found.done = done;
  if (expected_is_whole && expected > 0 && done <= expected) found.total = expected;
  if (elapsed >= rate_after && done > 0)
    found.rate =
        static_cast<double>(done) * static_cast<double>(model::second) / static_cast<double>(elapsed);
  if (found.total && found.rate > 0)
    found.seconds_left = static_cast<double>(*found.total - done) / found.rate;
  return found;
}

model::Value progress_view(const std::string& connection, const Progress& progress, model::Micros elapsed) {
  const Estimate now = estimate(progress.read, progress.expected, progress.expected_is_whole, elapsed);
  const auto count = [](std::uint64_t number) { return static_cast<std::int64_t>(number); };
  return model::Object{{"connection", connection},
                       {"phase", progress.phase.load()},
                       {"read", count(now.done)},
                       {"total", now.total ? model::Value(count(*now.total)) : model::Value()},
                       {"rate", now.rate},
                       {"eta_seconds", now.seconds_left ? model::Value(*now.seconds_left) : model::Value()},
                       {"written", count(progress.written)},
                       {"created", count(progress.created)},
                       {"dead", count(progress.dead)}};
}

}  // namespace huiliu::run
