// The port through which the engine remembers. One Repository object is one open transaction: everything done
// through it becomes durable together, or not at all. Implemented by hub/store (SQLite) and by
// tests/simulation (in memory). One thread at a time. Errors of the storage itself end the transaction and
// are thrown as StorageFailure, since no rule of the engine could react to them; the owner of the transaction
// turns them into an Error.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "hub/identity/match.hpp"
#include "hub/sync/state.hpp"

namespace huiliu::sync {

struct StorageFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

using MatchKey = identity::Key;

enum class ReviewKind : std::uint8_t { duplicate, conflict, create, change, brake };
const char* to_string(ReviewKind kind) noexcept;

// Any question for a person. A decision is one of `choices`.
struct Review {
  std::string id;  // rev_…
  ReviewKind kind = ReviewKind::duplicate;
  GoldenId golden;
  std::string connection;  // create, change: the system it is about
  std::string field;       // conflict, change: the field's name
  std::string subject;     // one line for a person, personal values masked
  std::vector<std::string> choices;
  model::Value evidence;  // what a person needs to decide; shape by kind, documented in docs/cli.md
  Micros opened = 0;
  std::string state = "open";  // open, decided, withdrawn (the question went away)
  std::string choice, note, actor;
  Micros decided = 0;
  std::string dedupe;  // same question, same text: asked once while open (e.g. "create/con/cus_…")
  friend bool operator==(const Review&, const Review&) = default;
};

// What the unchanged check needs of a replica, readable without decoding it.
struct ReplicaHead {
  GoldenId golden;
  std::uint64_t raw_hash = 0;
  std::string token, mapping_version;
  Micros evid = model::unknown_time, wend = model::unknown_time;
  bool gone = false;
  // No intent, nothing unverified, no reference pending, not unknown since a restore: an equal body needs no
  // second thought.
  bool settled = true;
  friend bool operator==(const ReplicaHead&, const ReplicaHead&) = default;
};

inline ReplicaHead head_of(const Replica& replica) {
  bool settled = replica.intents.empty() && replica.pending.empty() && !replica.stale;
  for (const auto& [index, field] : replica.fields) settled = settled && !field.unverified;
  return {replica.golden, replica.raw_hash, replica.token, replica.mapping_version,
          replica.evid,   replica.wend,     replica.gone,  settled};
}

class Repository {
 public:
  virtual ~Repository() = default;

  // Golden records. load_cluster does not follow redirects; resolve does, to the surviving id ("" when
  // unknown).
  virtual std::optional<Cluster> load_cluster(const GoldenId& id) = 0;
  virtual std::optional<Golden> load_golden(const GoldenId& id) = 0;
  virtual GoldenId resolve(const GoldenId& id) = 0;
  virtual void save(const Golden& golden) = 0;

  // Replicas. A save replaces the whole; keys are what identity finds it by.
  virtual std::optional<Replica> load_replica(const RecordRef& ref) = 0;
  virtual void save(const Replica& replica, const std::vector<MatchKey>& keys) = 0;
  // As save, when neither keys nor link changed: the index is left alone.
  virtual void save(const Replica& replica) = 0;
  virtual void erase_replica(const RecordRef& ref) = 0;  // only provisional "new:…" ones
  // The fast path of an unchanged record: look at its head, then note that this read saw it. touch moves evid
  // only, and never back: the cheapest write there is. Stores that keep these in columns of their own
  // override both.
  virtual std::optional<ReplicaHead> head(const RecordRef& ref) {
    const auto replica = load_replica(ref);
    if (!replica) return std::nullopt;
    return head_of(*replica);
  }
  virtual void touch(const RecordRef& ref, Micros evid) {
    auto replica = load_replica(ref);
    if (!replica || replica->evid >= evid) return;
    replica->evid = evid;
    save(*replica);
  }
  // The golden record (surviving id) that the record is linked to; "" when unknown. The cheap question of
  // references.
  virtual GoldenId golden_of(const RecordRef& ref) = 0;
  // The live primary record of the golden (redirects followed) in that stream: not gone, no copy, first
  // linked; a real one before a provisional one.
  virtual std::optional<Replica> primary_of(const GoldenId& golden, const std::string& connection,
                                            const std::string& stream) = 0;

  // Identity: replicas of the entity that carry the key, up to `limit` (hot keys are cut there).
  virtual std::vector<RecordRef> find_by_key(const std::string& entity, const MatchKey& key,
                                             std::size_t limit) = 0;

  // References: who waits for a record that is not here yet. take_waiting forgets what it returns.
  virtual void add_waiting(const RecordRef& target, const RecordRef& waiter) = 0;
  virtual std::vector<RecordRef> take_waiting(const RecordRef& target) = 0;

  // The due index: goldens that may need a write in a connection. A cache of what plan derives; never the
  // truth.
  virtual void set_due(const GoldenId& golden, const std::string& entity, const std::string& connection,
                       bool due) = 0;
  // Ascending ids after `after`.
  virtual std::vector<GoldenId> due(const std::string& connection, const std::string& entity,
                                    const GoldenId& after, std::size_t limit) = 0;
  // Records with an intent that is in doubt or acknowledged, and records to be read by key before anything
  // else.
  virtual void set_look(const RecordRef& ref, bool look) = 0;
  virtual std::vector<RecordRef> to_look(const std::string& connection, const std::string& stream,
                                         std::size_t limit) = 0;

  virtual void add_history(const HistoryEntry& entry) = 0;
  virtual std::vector<HistoryEntry> history(const GoldenId& golden) = 0;

  virtual void save(const Review& review) = 0;
  virtual std::optional<Review> load_review(const std::string& id) = 0;
  virtual std::optional<Review> open_review(const std::string& dedupe) = 0;
  virtual std::vector<Review> open_reviews_of(const GoldenId& golden) = 0;

  // Has this connection's stream been observed completely at least once (or was it waived)?
  virtual bool observed(const std::string& connection, const std::string& stream) = 0;
  virtual void set_observed(const std::string& connection, const std::string& stream, bool observed) = 0;
};

}  // namespace huiliu::sync
