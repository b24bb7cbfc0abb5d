// The store: what the hub remembers, behind one port; hub/store/sqlite implements it, and one contract test
// suite (tests/unit/store) says what every implementation must do.
//
// The idea. One process owns a store and writes; any number of threads and other processes read. A write is a
// function over a Transaction: what it did is durable when write() returns success, and never happened when
// it returns an error. A read is a function over a Snapshot: it sees one moment, whatever is written
// meanwhile.
//
//   store->write([&](Transaction& t) { engine.ingest(t, observation, now); t.save(cursor); return Status();
//   });
//
// Group commit. Functions of several callers may share one commit, and run one after another on the thread of
// one of them. A function that returns an error (or throws StorageFailure) takes back its own changes only.
// So it must not call write() or read() of the same store, wait for another thread, or rely on thread-local
// state; it may run at most once.
//
// Threads: Store is safe to use from many threads. A Transaction or Snapshot belongs to one call and is used
// by one thread at a time. Nothing that a Snapshot returns points into it. Errors: retry (locked, out of
// space: nothing was written), data (the file is damaged, or not a store), config (wrong URL, newer or
// foreign file, somebody else owns it), in_doubt (the disk failed during the commit: reopen and look). After
// a failed sync to disk the store refuses every further write until it is opened again.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/schema.hpp"
#include "hub/store/types.hpp"
#include "hub/sync/repository.hpp"

namespace huiliu::store {

using model::Result;
using model::Status;

// Everything that can be read. Inherits the engine's port, so that a plan can be made on a snapshot; its
// writing functions work in a Transaction only and throw StorageFailure here.
class Snapshot : public sync::Repository {
 public:
  // Records of a stream, ascending by key.
  virtual std::vector<sync::Replica> list_replicas(const std::string& connection, const std::string& stream,
                                                   const Page& page) = 0;
  // Keys of the records of a stream that are not gone, ascending; provisional ones are left out.
  virtual std::vector<std::string> list_keys(const std::string& connection, const std::string& stream,
                                             const Page& page) = 0;
  // Gone since before that time, as far as we know. Ascending by key.
  virtual std::vector<RecordRef> deleted_before(const std::string& connection, const std::string& stream,
                                                Micros before, const Page& page) = 0;
  // Not gone, last shown by a read that began before `since`, and not written by us after it: suspect after a
  // complete pass that began then. Ascending by key.
  virtual std::vector<RecordRef> not_seen_since(const std::string& connection, const std::string& stream,
                                                Micros since, const Page& page) = 0;
  // Records with an intent that is not closed (open, acknowledged or in doubt). Ascending by key.
  virtual std::vector<RecordRef> with_intents(const std::string& connection, const std::string& stream,
                                              const Page& page) = 0;

  virtual std::optional<Cursor> load_cursor(const std::string& connection, const std::string& stream) = 0;
  virtual std::vector<Cursor> list_cursors() = 0;

  // Small named values: a plugin's state (space "plugin/CONNECTION"), a pause, a revision, …
  virtual std::optional<std::string> load_value(const std::string& space, const std::string& key) = 0;
  virtual std::map<std::string, std::string> list_values(const std::string& space) = 0;

  virtual std::optional<Run> load_run(const std::string& id) = 0;
  // Newest first; `after`: the id of the last one of the page before. Empty job: any.
  virtual std::vector<Run> list_runs(const std::string& job, const Page& page) = 0;
  virtual std::vector<RunStream> run_streams(const std::string& run) = 0;
  virtual std::vector<LogLine> run_log(const std::string& run, std::int64_t after, std::size_t limit) = 0;

  // What a run sent, in the order in which it left; `after`: the intent of the last one of the page before.
  virtual std::vector<SentWrite> writes_of_run(const std::string& run, const Page& page) = 0;
  // What was sent to a record since, newest first.
  virtual std::vector<SentWrite> writes_to(const RecordRef& ref, Micros since, std::size_t limit) = 0;

  virtual std::optional<Parked> load_parked(const std::string& id) = 0;
  virtual std::vector<Parked> list_parked(const ParkedQuery& query, const Page& page) = 0;
  virtual std::vector<ParkedCause> parked_causes(const ParkedQuery& query) = 0;
  // What should be processed again now: marked for replay, or parked with wake_at reached. Oldest first.
  virtual std::vector<Parked> parked_due(const std::string& connection, const std::string& stream, Micros now,
                                         std::size_t limit) = 0;

  // Deliveries not yet applied, in order of arrival. Empty connection: any.
  virtual std::vector<Delivery> pending_deliveries(const std::string& connection, std::size_t limit) = 0;
  virtual std::int64_t count_pending_deliveries(const std::string& connection) = 0;

  // Golden records that were not merged into another, ascending by id.
  virtual std::vector<sync::Golden> list_goldens(const GoldenQuery& query, const Page& page) = 0;
  // The best `limit` matches of a text (as GoldenQuery::text): beginnings first, then short ones.
  // Names are also found by their pinyin and its initials.
  virtual std::vector<GoldenId> search(const std::string& entity, const std::string& text, std::size_t limit,
                                       const Scopes& scopes = {}) = 0;
  // Ascending by id, which is the order in which they were opened.
  virtual std::vector<sync::Review> list_reviews(const ReviewQuery& query, const Page& page) = 0;
  virtual std::map<sync::ReviewKind, std::int64_t> count_reviews(const std::string& state) = 0;
  virtual std::vector<RecordCount> count_records() = 0;
  virtual std::vector<GoldenCount> count_goldens() = 0;
  // Goldens marked due, by connection.
  virtual std::map<std::string, std::int64_t> count_due() = 0;

  // Newest first; `after`: the sequence of the last one of the page before, as text.
  virtual std::vector<AuditEntry> list_audit(const AuditQuery& query, const Page& page) = 0;
};

// What a person's own records say of him, each at least four bytes.
struct PersonalTexts {
  std::vector<std::string>
      identifying;                  // numbers and addresses that are his: whatever holds one is about him
  std::vector<std::string> shared;  // names and the like: others have them too
};

class Transaction : public Snapshot {
 public:
  using sync::Repository::save;

  virtual void save(const Cursor& cursor) = 0;
  // The next read starts from the beginning. last_read and last_complete stay.
  virtual void reset_cursor(const std::string& connection, const std::string& stream) = 0;

  virtual void save_value(const std::string& space, const std::string& key, const std::string& value) = 0;
  virtual void erase_value(const std::string& space, const std::string& key) = 0;

  virtual void save(const Run& run) = 0;  // new or changed, by id
  // Adds the counts to the run's ledger: together with the batch they count.
  virtual void add_counts(const std::string& run, const RunStream& counts) = 0;
  virtual void add_log(const std::string& run, const LogLine& line) = 0;
  // Kept as long as its run; a second one of the same intent replaces the first.
  virtual void add_write(const SentWrite& write) = 0;
  // Forgets ended runs that began before, with their ledgers, logs and writes; returns how many.
  virtual std::int64_t prune_runs(Micros before) = 0;

  // Opens one, or counts another attempt of the one that is open for the same (connection, stream, key,
  // cause): that keeps its id, opened and raw of the newest attempt. Returns the id that stands.
  virtual std::string park(const Parked& parked) = 0;
  virtual void save(const Parked& parked) = 0;  // a change of an existing one, by id
  // Marks open ones for replay; empty: all dead ones. Returns how many.
  virtual std::int64_t mark_replay(const std::vector<std::string>& ids) = 0;
  // The record was processed: whatever was open for it is closed (replayed when a replay was asked for, else
  // resolved).
  virtual std::int64_t close_parked(const RecordRef& ref, Micros now) = 0;
  // Forgets closed ones opened before; returns how many.
  virtual std::int64_t prune_parked(Micros before) = 0;

  // False when this delivery was received before (kept or applied): answer as the first time, do nothing
  // else.
  virtual bool receive(const Delivery& delivery) = 0;
  virtual void mark_applied(std::int64_t sequence, Micros now) = 0;
  // Forgets a person: the golden record with those that were merged into it, its records, history, reviews,
  // dead letters and writes; and his values as they stand elsewhere, in other records, deliveries, logs and
  // values. Audit lines stay: they hold no values. Returns how many records went. The bytes are gone after
  // Store::scrub.
  virtual std::int64_t forget_person(const GoldenId& golden, const PersonalTexts& texts) = 0;

  // Adds one line to the audit; sequence, previous and hash are given by the store.
  virtual void add_audit(const AuditEntry& entry) = 0;

  // Forgets applied deliveries received before (keep 30 days at least: replays come late); returns how many.
  virtual std::int64_t prune_deliveries(Micros before) = 0;
};

enum class OpenMode {
  owner,   // creates and migrates, takes the lock, writes
  reader,  // never writes; works beside an owner in another process
};

class Store {
 public:
  virtual ~Store() = default;

  // Runs it in a transaction; see above. At most once; not at all when the store refuses writes.
  virtual Status write(const std::function<Status(Transaction&)>& work) = 0;
  virtual Status read(const std::function<Status(Snapshot&)>& work) = 0;

  // Grows with every owner that opens the store and with every restore: stamped on runs.
  virtual std::int64_t generation() const = 0;
  virtual Result<Stats> stats() = 0;
  // Reads everything and verifies it: the file, references, indexes, tallies, ledgers of ended runs. Empty:
  // all is well. `more` adds checks that need the layers above (does the due index hold what plan derives?).
  using Check = std::function<Status(Snapshot&, std::vector<Finding>&)>;
  virtual Result<std::vector<Finding>> check(const std::vector<Check>& more = {}) = 0;
  // Reads the whole audit and verifies its chain, its head, and the head noted outside the database
  // (PATH.audit-head), so that a tail that was cut off is missed. `witness`: a head that somebody noted
  // elsewhere.
  virtual Result<AuditReport> verify_audit(const std::optional<AuditHead>& witness = {}) = 0;
  // Rewrites the file and empties its log, so that no byte of what was deleted is left in them. Takes as long
  // as copying the store; writers wait.
  virtual Status scrub() = 0;
  // A copy of one moment, verified by opening it; writes go on meanwhile. Refuses an existing file.
  virtual Status backup(const std::string& path) = 0;
};

// `sqlite:PATH`; the file, its lock and its log are made with mode 0600. The schema must outlive the store.
// As owner: runs left `running` by a crash become `interrupted`. Options after '?', joined by '&':
// max_pages=N (a limit of the file in its pages, of 4 KB), cache_mb=N (of the writer, 32).
Result<std::unique_ptr<Store>> open_store(std::string_view url, const model::Schema& schema, OpenMode mode);

// Puts a backup in the place of a store that nobody owns; what was there is kept beside it
// (PATH.before-restore-N). The restored store has a new generation, and `restored` is set in the values of
// space "store": the hub must freeze what goes out until everything was observed again (sync-rules 7).
Status restore_store(std::string_view url, const model::Schema& schema, const std::string& backup);

}  // namespace huiliu::store
