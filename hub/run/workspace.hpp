// What every step of a run works with: the rules of this configuration, the engine over them, the store, the
// clock and the systems. Immutable while a run lasts, but for the store; shared by the run's threads.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "hub/access/suppression.hpp"
#include "hub/config/code_tables.hpp"
#include "hub/config/config.hpp"
#include "hub/mapping/mapping.hpp"
#include "hub/run/clock.hpp"
#include "hub/run/system.hpp"
#include "hub/run/translation.hpp"
#include "hub/store/store.hpp"
#include "hub/sync/engine.hpp"

namespace huiliu::run {

struct Workspace {
  const config::Config* config = nullptr;
  const sync::Rules* rules = nullptr;
  sync::Engine* engine = nullptr;  // used inside store transactions only, so by one thread at a time
  Mappings mappings;
  store::Store* store = nullptr;
  const Clock* clock = nullptr;
  model::Random* random = nullptr;         // of ids; safe from any thread
  std::map<std::string, System*> systems;  // by connection; one that could not be opened is missing
  std::map<std::string, std::vector<config::CodeField>> codes;  // connection → its code tables
  std::shared_ptr<const access::Suppression> suppression;       // who was erased; null: nobody
  std::map<std::string, std::string> message_streams;  // connection → its stream of messages to people
  std::map<std::string, std::string>
      allocate_paths;  // connection → path by which an update asks for one more organisation
  // Held around what concerns all connections (messages to people, hand-overs) when several cycles run side
  // by side; null: only one does.
  std::mutex* commons = nullptr;
  // Are webhooks coming in right now? What can wait then leaves store and processor to them. Empty: never.
  std::function<bool()> receiving = {};
  // Is this run to end? What goes over all records asks between pages. Empty: never.
  std::function<bool()> stopping = {};
};

// Live counts of one connection, for progress displays. Written by one thread, read by any.
struct Progress {
  std::atomic<std::uint64_t> read{0}, expected{0}, written{0}, created{0}, fields{0}, dead{0};
  std::atomic<bool> expected_is_whole{false};  // `expected` speaks of every stream of this reading
  std::atomic<const char*> phase{"waiting"};   // waiting reading looking writing done failed
};

// The streams of a connection in the order in which they are read and written: what others refer to comes
// first.
std::vector<const sync::StreamRules*> ordered_streams(const sync::Rules& rules,
                                                      const sync::ConnectionRules& connection);

}  // namespace huiliu::run
