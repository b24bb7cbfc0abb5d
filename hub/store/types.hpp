// What the store remembers beside the engine's state (hub/sync/state.hpp): cursors, runs and their ledgers,
// dead letters, the webhook inbox. Value types without behaviour; times are Micros in UTC, 0 or unknown_time
// where not known.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/time.hpp"
#include "hub/sync/engine.hpp"
#include "hub/sync/repository.hpp"

namespace huiliu::store {

using model::Micros;
using model::RecordRef;
using sync::GoldenId;

// One page of a list: what comes after `after` (an id or a key of the list's own order; empty: from the
// start).
struct Page {
  std::string after;
  std::size_t limit = 100;
};

// --- reading
// ----------------------------------------------------------------------------------------------------

enum class ReadMode : std::uint8_t { full, changes };
const char* to_string(ReadMode mode) noexcept;

// Where the reading of one stream stands. Saved in the transaction that ingests what was read up to
// `position`.
struct Cursor {
  std::string connection, stream;
  std::string position;  // the connector's opaque bytes; empty: from the start
  ReadMode mode = ReadMode::full;
  std::string cycle;           // the pass that is under way: the run that began it, or any id of the caller
  Micros scan_started = 0;     // start of that pass: what it does not show is older than this
  bool complete = false;       // that pass reached the end of the stream
  std::int64_t read = 0;       // records it has shown so far
  std::int64_t last_read = 0;  // records of the last complete full pass: a shrinking answer is suspect
  Micros last_complete = 0;    // end of that one
  Micros saved = 0;
  friend bool operator==(const Cursor&, const Cursor&) = default;
};

// --- runs
// -------------------------------------------------------------------------------------------------------

enum class RunState : std::uint8_t { running, succeeded, failed, interrupted, stopped };
const char* to_string(RunState state) noexcept;
std::optional<RunState> run_state_from(std::string_view name) noexcept;

// One execution of a job.
struct Run {
  std::string id;            // run_…
  std::string job, trigger;  // trigger: schedule, event, person, api, …
  RunState state = RunState::running;
  Micros started = 0, ended = 0;
  std::string error;
  std::int64_t pid = 0;
  std::int64_t generation = 0;  // Store::generation() of the owner that ran it
  friend bool operator==(const Run&, const Run&) = default;
};

// The ledger of one stream in one run. Balanced: every record read went somewhere, and so did every write
// that was due.
struct RunStream {
  std::string connection, stream;
  std::int64_t read = 0, changed = 0, unchanged = 0, duplicate = 0, filtered = 0, parked = 0, dead = 0;
  std::int64_t due = 0, applied = 0, already = 0, stale = 0, rejected = 0, deferred = 0, in_doubt = 0,
               held = 0;

  // The same balances over keys: sums of the hashes of the keys that came in, that have an outcome; that were
  // to be written, that were settled. They tell one record taken twice and another lost, which counts do not.
  std::uint64_t keys_in = 0, keys_out = 0, keys_due = 0, keys_settled = 0;
  std::int64_t drift = 0;  // records that still differed from golden when the run ended, for whatever reason

  bool balanced() const noexcept {
    return keys_in == keys_out && keys_due == keys_settled &&
           read == changed + unchanged + duplicate + filtered + parked + dead &&
           due == applied + already + stale + rejected + deferred + in_doubt + held;
  }
  RunStream& operator+=(const RunStream& other) noexcept;  // counts only
  friend bool operator==(const RunStream&, const RunStream&) = default;
};

// One write as it left, with what stood there before: what undoing a run goes back to, and what shows that a
// system writes against us.
struct SentField {
  std::string field;  // by name
  sync::FieldValue before, value;
  sync::Version version = 0;
  friend bool operator==(const SentField&, const SentField&) = default;
};
struct SentWrite {
  std::string intent, run;
  RecordRef ref;  // of a create: the key that the system gave, or "new:…" while it is not known
  std::string entity;
  GoldenId golden;
  sync::Op op = sync::Op::update;
  sync::Settled outcome = sync::Settled::in_doubt;
  Micros at = 0;
  std::vector<SentField> fields;
  friend bool operator==(const SentWrite&, const SentWrite&) = default;
};

struct LogLine {
  std::int64_t sequence = 0;  // given by the store, ascending
  Micros at = 0;
  std::string level, message;  // level: debug info warning error
  friend bool operator==(const LogLine&, const LogLine&) = default;
};

// --- what waits
// ---------------------------------------------------------------------------------------------------

enum class ParkedState : std::uint8_t {
  parked,    // waits and wakes by itself (at wake_at, or when what it waits for comes)
  dead,      // needs a person: the dead letters
  replayed,  // was processed again, with success
  resolved,  // went away: the record came again and was fine, or a person closed it
};
const char* to_string(ParkedState state) noexcept;
std::optional<ParkedState> parked_state_from(std::string_view name) noexcept;

// A record that could not be processed, kept whole. While open (parked or dead) there is one per
// (connection, stream, key, cause).
struct Parked {
  std::string id;
  std::string connection, stream, key;
  std::string cause;    // code by which they are grouped
  std::string message;  // for a person
  std::string raw;      // the payload as received
  ParkedState state = ParkedState::parked;
  Micros opened = 0, tried = 0;  // first and last attempt
  Micros wake_at = 0;            // parked: not before; 0: only when woken
  std::int64_t attempts = 1;
  bool replay = false;  // a person asked to process it again
  std::string run;      // of the last attempt
  friend bool operator==(const Parked&, const Parked&) = default;
};

struct ParkedQuery {
  std::string connection, stream, cause;  // empty: any
  std::vector<ParkedState> states = {ParkedState::dead};
};

struct ParkedCause {
  std::string connection, stream, cause;
  std::string message;  // of the newest one
  std::int64_t count = 0;
  Micros oldest = 0, newest = 0;
};

// --- webhooks
// -----------------------------------------------------------------------------------------------------

// A hint that a connector made of a delivery: which record changed. Never applied over a newer state: read it
// again.
struct Hint {
  std::string stream, key;
  std::string kind;  // "changed" or "deleted"
  std::string body;  // what the event showed of the record; may be empty
  friend bool operator==(const Hint&, const Hint&) = default;
};

// One request of a system to us, durable before it was answered.
struct Delivery {
  std::int64_t sequence = 0;  // given by the store: order of arrival
  std::string connection;
  std::string id;  // the system's delivery id, else a hash of the request; unique with connection
  Micros received = 0;
  std::string method, target, headers, body;
  std::vector<Hint> hints;
  Micros applied = 0;  // 0: not yet
  friend bool operator==(const Delivery&, const Delivery&) = default;
};

// --- for people
// ---------------------------------------------------------------------------------------------------

// Whose records: any of these scopes, as golden_scopes (search_text.hpp) writes them, or a record whose
// parent is in one of them. nullopt: everybody's.
using Scopes = std::optional<std::vector<std::string>>;

struct GoldenQuery {
  std::string entity = "customer";
  std::string text;        // part of a name, number, phone or e-mail, in any common spelling; empty: all
  std::string connection;  // only goldens with a record there that is not gone; empty: all
  Micros changed_since = model::unknown_time;
  Scopes scopes = {};
};

struct ReviewQuery {
  std::optional<sync::ReviewKind> kind;
  std::string state = "open";  // empty: any
  std::string connection;      // empty: any
};

// What one stream holds. Provisional records ("new:…") do not count.
struct RecordCount {
  std::string connection, stream, entity;
  std::int64_t records = 0;  // known, not gone
  std::int64_t linked = 0;   // of these: linked to a golden record
  std::int64_t created = 0;  // of these: made by the hub
  std::int64_t gone = 0;
  friend bool operator==(const RecordCount&, const RecordCount&) = default;
};

struct GoldenCount {
  std::string entity;
  std::int64_t live = 0, merged = 0;  // merged: redirects to another
  friend bool operator==(const GoldenCount&, const GoldenCount&) = default;
};

struct TableStats {
  std::string table;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;  // with its indexes; -1: not known
};

struct Stats {
  int version = 0;  // of the schema of the store itself
  std::int64_t generation = 0;
  std::int64_t bytes = 0, log_bytes = 0;  // the file; its write-ahead log
  std::vector<TableStats> tables;
};

// --- audit
// ----------------------------------------------------------------------------------------------------------

// One line of the audit: who did what to what. Kept in the transaction of what it tells, never changed, each
// bound to the one before by its hash. `detail` carries no personal values and no secrets.
struct AuditEntry {
  std::int64_t sequence = 0;  // given by the store, from 1 without gaps
  Micros at = 0;
  std::string actor;   // a user, "token:NAME", "hub", "command line"
  std::string action;  // login, reveal, export, decision, edit, delivery, config, secret, user, …
  std::string object;  // an id, or a name
  model::Value detail;
  std::string previous, hash;  // SHA-256 in hexadecimal; given by the store
  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

struct AuditQuery {
  std::string actor, action, object;  // empty: any
  Micros since = model::unknown_time;
};

struct AuditHead {
  std::int64_t sequence = 0;
  std::string hash;
  friend bool operator==(const AuditHead&, const AuditHead&) = default;
};

// Something that `check` found wrong.
struct Finding {
  std::string code;     // damaged, dangling, tally, index, ledger, …
  std::string message;  // what, where, how many
};

// What verifying the audit found: `findings` edited, deleted, moved, cut; empty: all is well.
struct AuditReport {
  std::int64_t entries = 0;
  AuditHead head;
  std::vector<Finding> findings;
};

}  // namespace huiliu::store
