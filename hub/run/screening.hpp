// The screen in front of what comes in: what would change something known is counted first, and taken in only
// when the whole pass is within its allowances. Unchanged records, and what shows our own writes, go through
// at once.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "hub/run/brakes.hpp"

namespace huiliu::run {

class Screening {
 public:
  // Not active before the stream was read once, nor while a restored store learns what there is: then nothing
  // waits. Arguments outlive it.
  static model::Result<Screening> begin(Workspace& workspace, const ReadContext& context, Gate gate);

  bool active() const { return active_; }
  // True: the record waits until the pass is judged.
  bool withhold(sync::Repository& repository, const ReceivedRecord& record);
  // Known records that a complete pass, begun at `since`, did not show; `shown`: those that it did show and
  // that wait.
  model::Status count_missing(model::Micros since);
  // More was counted already than may pass: the rest need only be counted.
  bool stopped() const { return active_ && !sync::exceeded(screen_.tally(), allowed_).empty(); }
  // Opens the gate, or closes it: then the error is what the run shows, and nothing that waits may go on.
  model::Status judge();

 private:
  Screening(Workspace& workspace, const ReadContext& context, Gate gate)
      : workspace_(&workspace), context_(&context), gate_(std::move(gate)), screen_(*workspace.rules) {}

  Workspace* workspace_;
  const ReadContext* context_;
  Gate gate_;
  bool active_ = false;
  std::int64_t known_ = 0;
  std::map<sync::BrakeRule, std::int64_t> allowed_;
  sync::IncomingScreen screen_;
  std::unordered_map<std::uint64_t, std::uint64_t> waiting_;  // hash of a key → of the body that waits
};

}  // namespace huiliu::run
