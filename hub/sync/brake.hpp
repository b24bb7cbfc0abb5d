// Brakes: limits that stop before harm and ask a person. Pure: what counts, and how much is allowed; hub/run
// stops, asks and remembers the answer.
//
// The idea. Harm to master data comes in numbers: a wiped column, an empty answer, a wrong key, a restored
// system. So what one pass of a stream shows (incoming) and what one round would write to it (outgoing) is
// counted by rule before any of it has an effect. A count above its allowance stops all of it, not the rest
// of it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hub/sync/engine.hpp"
#include "hub/sync/limits.hpp"

namespace huiliu::sync {

// The limit in records for a stream of `known` records. `history`: counts of earlier passes that did
// something, oldest first: a stream that has shown over ten passes that it changes little is held to four
// times its most, never to less than the absolute limit. More than `brake_ceiling` is never judged in one
// piece.
std::int64_t allowance(BrakeRule rule, const BrakeLimit& limit, std::int64_t known,
                       const std::vector<std::int64_t>& history);
inline constexpr std::int64_t brake_ceiling = 50'000;

// What passed within the time of BrakeLimits::drip_within, kept by the hour.
class Passed {
 public:
  void add(BrakeRule rule, std::int64_t count, model::Micros now) { hours_[rule][now / hour] += count; }
  void forget_before(model::Micros time);
  std::int64_t of(BrakeRule rule) const;

  static constexpr model::Micros hour = 3600 * model::second;
  const std::map<BrakeRule, std::map<std::int64_t, std::int64_t>>& by_hour() const { return hours_; }

 private:
  std::map<BrakeRule, std::map<std::int64_t, std::int64_t>> hours_;
};
// What is left of a pass's allowance after what passed before: a drip stays below every single limit.
std::int64_t left_of(std::int64_t allowed, BrakeRule rule, const BrakeLimits& limits, const Passed& passed);

// What was counted, and what of it is above its allowance.
struct BrakeTally {
  std::map<BrakeRule, std::int64_t> counts;
  std::map<std::string, std::int64_t> fields;  // records by field name
  std::vector<model::Value> samples;           // a few, personal values masked
  std::set<GoldenId> customers;                // at most brake_ceiling are remembered

  void count(BrakeRule rule) { ++counts[rule]; }
  void sample(model::Value value);
};
std::vector<BrakeRule> exceeded(const BrakeTally& tally, const std::map<BrakeRule, std::int64_t>& allowed);

// Counts what a pass shows, record by record.
class IncomingScreen {
 public:
  explicit IncomingScreen(const Rules& rules) : rules_(rules) {}

  // Counts the record. True: it would change what is known, so it waits until the pass is judged. `known`:
  // null when the record was never seen.
  bool look_at(const Replica* known, const Observation& observation);
  void unreadable(const RecordRef& ref, const std::string& why);
  // The same key again with another content.
  void doubled(const RecordRef& ref);
  void missing(const RecordRef& ref);
  // Counts of single fields (emptied, vanished) stand in `counts` as those of the worst field.
  const BrakeTally& tally() const { return tally_; }

 private:
  bool compare(const Replica& known, const Observation& observation);

  const Rules& rules_;
  BrakeTally tally_;
  std::map<FieldIndex, std::int64_t> emptied_, vanished_;
};

// Counts a write that would happen. What the console said is a person's own word and not counted.
void count_outgoing(BrakeTally& tally, const PlannedWrite& write, const Golden& golden,
                    const model::Entity& entity);

// Somebody writes against us: `writes` is how often this very value went to this field of this record within
// the time that the limits state. It is not sent again until a person said so or golden says something else.
bool oscillates(const BrakeLimits& limits, std::int64_t writes);

// Does the text look as if it had been read in a wrong character set, when `before` did not?
bool became_unreadable(std::string_view before, std::string_view after);

}  // namespace huiliu::sync
