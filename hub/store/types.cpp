#include "hub/store/types.hpp"

namespace huiliu::store {

const char* to_string(ReadMode mode) noexcept { return mode == ReadMode::full ? "full" : "changes"; }

const char* to_string(RunState state) noexcept {
  switch (state) {
    case RunState::running:
      return "running";
    case RunState::succeeded:
      return "succeeded";
    case RunState::failed:
      return "failed";
    case RunState::interrupted:
      return "interrupted";
    case RunState::stopped:
      return "stopped";
  }
  return "";
}

std::optional<RunState> run_state_from(std::string_view name) noexcept {
  for (const auto state :
       {RunState::running, RunState::succeeded, RunState::failed, RunState::interrupted, RunState::stopped})
    if (name == to_string(state)) return state;
  return std::nullopt;
}

const char* to_string(ParkedState state) noexcept {
  switch (state) {
    case ParkedState::parked:
      return "parked";
    case ParkedState::dead:
      return "dead";
    case ParkedState::replayed:
      return "replayed";
    case ParkedState::resolved:
      return "resolved";
  }
  return "";
}

std::optional<ParkedState> parked_state_from(std::string_view name) noexcept {
  for (const auto state :
       {ParkedState::parked, ParkedState::dead, ParkedState::replayed, ParkedState::resolved})
    if (name == to_string(state)) return state;
  return std::nullopt;
}

RunStream& RunStream::operator+=(const RunStream& other) noexcept {
  read += other.read;
  changed += other.changed;
  unchanged += other.unchanged;
  duplicate += other.duplicate;
  filtered += other.filtered;
  parked += other.parked;
  dead += other.dead;
  due += other.due;
  applied += other.applied;
  already += other.already;
  stale += other.stale;
  rejected += other.rejected;
  deferred += other.deferred;
  in_doubt += other.in_doubt;
  held += other.held;
  keys_in += other.keys_in;
  keys_out += other.keys_out;
  keys_due += other.keys_due;
  keys_settled += other.keys_settled;
  drift += other.drift;
  return *this;
}

}  // namespace huiliu::store
