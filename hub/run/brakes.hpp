// The brakes in effect: how much a pass may do now, asking a person when it would do more, and remembering
// the answer. What counts and what is too much is hub/sync/brake.hpp.
//
// One gate per stream and direction. A closed gate has a review of kind brake with these choices:
//   release  let this one pass as it was counted, once
//   raise    the same, and that many are normal from now on
//   keep     stay stopped; asked again after `connection resume`
// A gate opens by itself when what was counted is below its allowance again: the review is withdrawn.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "hub/run/workspace.hpp"
#include "hub/sync/brake.hpp"

namespace huiliu::run {

enum class Flow { in, out };

struct Gate {
  std::string connection, stream;
  Flow flow = Flow::in;
  std::string text() const { return connection + "/" + stream + (flow == Flow::in ? "/in" : "/out"); }
};

// What may pass without a question now, by rule: configuration, history, and what a person decided since;
// `released` adds what he let through once.
model::Result<std::map<sync::BrakeRule, std::int64_t>> allowances(Workspace& workspace, const Gate& gate,
                                                                  std::int64_t known, bool released = true);

// Closes the gate: opens its review, or brings the open one up to date. Returns the error that the run shows,
// class data, code "brake".
model::Error close_gate(Workspace& workspace, const Gate& gate, const sync::BrakeTally& tally,
                        const std::map<sync::BrakeRule, std::int64_t>& allowed, std::int64_t known,
                        const std::string& run);
// What was counted passed: the gate is open, and remembers how much it was.
model::Status open_gate(Workspace& workspace, const Gate& gate, const sync::BrakeTally& tally);

// What was written, by rule: small rounds add up. In the transaction that settles the writes.
void note_written(Workspace& workspace, store::Transaction& transaction, const std::string& connection,
                  const std::string& stream, const std::map<sync::BrakeRule, std::int64_t>& counts);

// Is a gate of this connection closed? Its review's subject; "" when all are open. `flow`: only that way.
std::string closed_gate(store::Snapshot& snapshot, const std::string& connection,
                        std::optional<Flow> flow = std::nullopt);
// A person resumed the connection: gates that he kept closed are counted, and asked about, anew.
void ask_again(store::Transaction& transaction, const std::string& connection);

// What a round would write to the connection, judged. ok: go on. The first round of a stage is what its plan
// showed, and passes.
model::Status judge_outgoing(Workspace& workspace, const std::string& connection, const std::string& run);
// The connection's round went through to its end: what comes after it is judged.
model::Status first_round_done(Workspace& workspace, const std::string& connection);

// The record's system changes back what the write would set, again and again: those fields are held back, and
// a person is asked. True: the write is not to be sent as it is.
bool written_against(Workspace& workspace, store::Transaction& transaction, const sync::PlannedWrite& write,
                     const std::string& run);
// Fields that a person let go again are due again.
model::Status release_fields(Workspace& workspace);

// The store was put back from a backup: nothing is written anywhere until every system was read in full and a
// person said so (believed only when this cycle read everything: `read_whole`). Empty: not so; otherwise what
// to tell.
model::Result<std::string> frozen_after_restore(Workspace& workspace, bool read_whole,
                                                const std::string& run);
bool restored(store::Snapshot& snapshot);
// When it was put back last, also after a person has let it write again; unknown_time: never.
model::Micros restored_at(store::Snapshot& snapshot);

// Records known of a stream, not gone.
std::int64_t known_records(store::Snapshot& snapshot, const std::string& connection,
                           const std::string& stream);

}  // namespace huiliu::run
