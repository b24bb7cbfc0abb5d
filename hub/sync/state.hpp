// What the hub knows, as plain data: golden records, replicas, claims, intents. The terms and the meaning of
// each member are those of docs/sync-semantics.md (state, section 1); the rules that change them are in the
// files beside this. Value types without behaviour or threads; stored by hub/store as hub/sync/codec.hpp
// encodes them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/model/id.hpp"
#include "hub/model/record.hpp"
#include "hub/model/schema.hpp"
#include "hub/model/time.hpp"

namespace huiliu::sync {

using model::FieldIndex;
using model::FieldValue;
using model::Interval;
using model::Micros;
using model::Part;
using model::PendingReference;
using model::Presence;
using model::RecordRef;
using GoldenId = std::string;
// Counts the accepted claims of one field of one golden record; 0: none yet.
using Version = std::int64_t;
// Versions by line (see Golden::line): numbers of different lines never compare. Nearly always one entry;
// more after merges and un-merges.
using Line = std::string;
using Versions = std::map<Line, Version>;

// An edit that a person or process made in a system.
struct Claim {
  FieldValue value;
  Interval changed;          // start of the last read without it, start of the read that saw it
  Versions arrived;          // per line it took part in: the version at which it arrived (`arr`)
  Versions seen;             // per line: the newest version its author had in front of him
  std::string run;           // the run that observed it
  std::string actor;         // for the console: who; else empty
  bool initial = false;      // first link: shown at first sight, so no causality is known
  bool unexplained = false;  // perhaps nobody's edit: see judge_unexplained in merge.cpp
  friend bool operator==(const Claim&, const Claim&) = default;
};

struct ReplicaField {
  FieldValue base;  // what the system shows, in canonical form
  FieldValue
      stands;     // the golden value that base stands for (differs from base for lossy codes and re-spelling)
  Versions seen;  // per line: the newest version this system is known to have shown
  bool unverified = false;  // acknowledged, not yet seen
  bool unclaimed = false;   // base is nobody's edit (a vendor's default, a side effect): kept in the history
                            // before it is overwritten
  std::optional<FieldValue> refused;  // a value that this system ignored
  std::optional<Claim> claim;
  // Lists: one claim per element key (+ value or - cleared), and what a one-slot system declined ("*":
  // everything, the slot was emptied by a person). See lists.hpp.
  std::map<std::string, Claim> elements;
  std::vector<std::string> declined;
  friend bool operator==(const ReplicaField&, const ReplicaField&) = default;
};

enum class IntentState : std::uint8_t { open, acknowledged, in_doubt };
// disable and enable turn the system's own switch (禁用, 停用); remove deletes the record there.
enum class Op : std::uint8_t { create, update, disable, remove, enable };

struct IntentField {
  FieldIndex field = model::no_field;
  FieldValue value;     // the golden value that is sent
  FieldValue before;    // base at the time: the before-image of this write
  Version version = 0;  // the golden version of value
  friend bool operator==(const IntentField&, const IntentField&) = default;
};

// A write that is durable here before it leaves for a system.
struct Intent {
  std::string id;  // int_…; also the operation id that the plugin gets, the same on every retry
  Op op = Op::update;
  GoldenId golden;
  Line line;  // of the versions in `fields`; empty after an un-merge: they say nothing any more
  std::vector<IntentField> fields;
  std::string expected_token;
  Micros started = 0;
  IntentState state = IntentState::open;
  int attempts = 0;
  std::string run;
  std::string reason;
  friend bool operator==(const Intent&, const Intent&) = default;
};

// What a deletion that people made in a system means for its customer, from the weakest to the strongest.
enum class DeletePolicy : std::uint8_t {
  unlink,      // the record is gone there; the customer stays, and a person is asked
  archive,     // the customer rests: kept whole here, nothing is written or made for it anywhere
  deactivate,  // the same, and its other records are disabled where their systems can
  propagate,   // the same, and its other records are deleted where their systems may, else disabled
};

// A deletion by a person, as long as it stands. It lives with its replica, as claims do.
struct Removal {
  DeletePolicy policy = DeletePolicy::unlink;
  std::map<FieldIndex, Versions> seen;  // what whoever deleted the record had in front of him
  bool again = false;                   // a person wants a record made there again, once
  friend bool operator==(const Removal&, const Removal&) = default;
};

// What the hub knows of one record of one system. A record that does not exist yet but is being created has
// the key "new:" + intent id until its outcome is known.
struct Replica {
  RecordRef ref;
  std::string entity;
  GoldenId golden;  // empty: not linked (parked)
  GoldenId origin;  // the golden record it was first linked to: where an un-merge takes it back
  std::string raw;  // the record's body as JSON text, as last observed
  std::uint64_t raw_hash = 0;
  std::string token;  // the vendor's version, if it has one
  std::string mapping_version;
  Micros evid = model::unknown_time;  // start of the newest read that counts
  Micros wend = model::unknown_time;  // end of our last write
  bool gone = false;
  std::optional<Removal> removal;  // gone by a person's deletion
  // Not known since the hub was put back from a backup: gone before it was read, or only in a list that lags.
  bool stale = false;
  bool disabled = false;        // out of use there
  bool removed_by_hub = false;  // disabled, or deleted, by a write of ours
  bool made_by_hub = false;
  bool pending_approval = false;  // known, but not yet a source for golden (an ERP record in approval)
  std::string leader;             // key of the record of the same stream it is a copy of
  std::int64_t link_order =
      0;  // order in which replicas were linked; the first live one of a system is primary
  std::map<FieldIndex, ReplicaField> fields;
  std::vector<Part> parts;
  std::vector<PendingReference> pending;
  std::vector<Intent> intents;  // open, acknowledged or in doubt; closed ones leave
  friend bool operator==(const Replica&, const Replica&) = default;
};

struct Loser {
  FieldValue value;
  RecordRef from;
  Interval changed;
  bool initial = false;
  friend bool operator==(const Loser&, const Loser&) = default;
};

struct GoldenField {
  FieldValue value;
  Version version = 0;
  bool held = false;    // policy manual: the frontier differs and waits for a person
  bool parked = false;  // held, since nobody but a person can explain what one system shows
  RecordRef from;       // whose claim it is
  Interval changed;
  std::string rule;  // the policy that chose: "only", "authority", "latest", …
  std::string run;
  std::vector<Loser> losers;  // frontier claims that were not chosen
  friend bool operator==(const GoldenField&, const GoldenField&) = default;
};

// A value that a person approved and that its authority has not shown yet: written there first, golden when
// that confirms.
struct ApprovedChange {
  FieldValue value;
  Version version = 0;  // golden's version of the field when it was approved: an edit since then overtakes it
  std::string review, actor, note;
  Micros approved = 0;
  friend bool operator==(const ApprovedChange&, const ApprovedChange&) = default;
};

struct Golden {
  GoldenId id;
  std::string entity;
  GoldenId redirect;  // not empty: merged into that one
  Micros created = 0;
  Micros changed = 0;
  std::int64_t next_link_order = 1;
  std::int64_t unmerges = 0;  // that it went through: each begins a new line
  std::map<FieldIndex, GoldenField> fields;
  std::string home;         // the connection of its home ERP; empty: the first in the configuration
  bool home_fixed = false;  // a person said so
  std::map<FieldIndex, ApprovedChange> approved;
  // By connection, what the creation request states beside golden values: {"group": "01", "organisation":
  // "100"}.
  std::map<std::string, std::map<std::string, std::string>> create_with;
  // By connection, what was decided or learned about creating a record there: "approved", "refused" or
  // "returned:HASH" (back to who asked for it, until the record has another hash) by a person;
  // "rejected:HASH" by the system, for exactly the fields with that hash.
  std::map<std::string, std::string> creates;
  // Start of the read that showed a record in use again which we had removed: a person's word that it lives.
  Micros taken_back = model::unknown_time;
  // By connection, about disabling or deleting its records there: "approved" or "refused" by a person,
  // "rejected" by the system. Only while it rests.
  std::map<std::string, std::string> removes;
  // Where its versions count at present.
  Line line() const { return unmerges == 0 ? id : id + '#' + std::to_string(unmerges); }
  std::map<GoldenId, std::string>
      judged;  // other goldens compared with it: "asked"; by a person: "different", "unsure"
  friend bool operator==(const Golden&, const Golden&) = default;
};

// A golden record with all replicas linked to it: the unit that every rule works on.
struct Cluster {
  Golden golden;
  std::vector<Replica> replicas;  // by link order

  Replica* find(const RecordRef& ref);
  const Replica* find(const RecordRef& ref) const;
};

// One change of a golden field, kept for ever.
struct HistoryEntry {
  GoldenId golden;
  std::string entity, field;
  Version version = 0;
  FieldValue value;
  RecordRef from;
  Interval changed;
  Micros recorded = 0;
  std::string rule, run, actor;
  bool lost = false;  // an edit that was recorded and did not become golden
};

}  // namespace huiliu::sync
