// 初始匹配: how the records of the systems fell together before anything was written, and a person's
// corrections of that. Each record is in exactly one class:
//   exact      linked for sure with another record
//   probable   one customer that may be the same: a question is open
//   ambiguous  several that may be the same
//   new        nobody else has it
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "hub/store/store.hpp"
#include "hub/sync/engine.hpp"

namespace huiliu::run {

enum class MatchClass : std::uint8_t { ambiguous, probable, exact, unmatched };
const char* to_string(MatchClass match) noexcept;  // ambiguous probable exact new

struct MatchCandidate {
  sync::GoldenId golden;
  std::string review;  // the open question
  std::vector<std::string> reasons;
};

// The records of one golden record.
struct MatchGroup {
  MatchClass match = MatchClass::unmatched;
  sync::Golden golden;
  std::vector<sync::Replica> records;  // live ones
  std::vector<MatchCandidate> candidates;
};

struct MatchCounts {
  std::int64_t exact = 0, probable = 0, ambiguous = 0, unmatched = 0;
  std::int64_t customers = 0;
  std::int64_t questions = 0;
};

// Visits every golden record of the entity that has a record; `take` may be null.
model::Result<MatchCounts> match_groups(store::Snapshot& snapshot, const std::string& entity,
                                        const std::function<model::Status(const MatchGroup&)>& take);

// The questions that are open now, told to both customers that each is about.
using Questions = std::map<sync::GoldenId, std::vector<MatchCandidate>>;
Questions open_questions(store::Snapshot& snapshot);

// What a person may say about a record.
struct MatchDecision {
  enum class Kind : std::uint8_t { merge, apart, split } kind = Kind::merge;
  model::RecordRef record;
  sync::GoldenId golden;                // of the record when the person looked
  std::vector<sync::GoldenId> targets;  // merge, apart: the other customers
};
// Why it cannot be carried out now; "" when it can. Omitted targets that are clear are filled in: the only
// candidate of a merge, all of them to keep apart.
std::string refusal_of(store::Snapshot& snapshot, const Questions& questions, MatchDecision& decision);
// Errors: those of the engine. The decision was checked in this transaction.
model::Status carry_out(store::Transaction& transaction, sync::Engine& engine, const MatchDecision& decision,
                        const std::string& actor, model::Micros now);

}  // namespace huiliu::run
