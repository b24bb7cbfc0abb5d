// The engine: observe, merge, plan, settle. Each operation works inside the caller's transaction (the
// Repository) and is a pure function of that state, its arguments, the rules, the clock value and the dice
// that are passed in. The rules themselves stand each once, in observe.cpp, frontier.cpp, lists.cpp,
// plan.cpp, settle.cpp, link.cpp.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/model/record.hpp"
#include "hub/sync/repository.hpp"
#include "hub/sync/rules.hpp"
#include "hub/sync/state.hpp"

namespace huiliu::sync {

// One record as a read showed it.
struct Observation {
  RecordRef ref;
  std::string entity;
  bool deleted = false;
  model::Image image;                       // empty when deleted
  std::string raw;                          // body as JSON text
  std::string token;                        // vendor's version, if any
  Micros changed_at = model::unknown_time;  // the vendor's own word, if any
  Micros read_started = 0;                  // start of the read that returned it
  // The caller knows that the record was as stored until then (start of the last complete pass of its
  // stream): edits are dated after it. unknown_time: only the record's own evidence counts.
  Micros unchanged_until = model::unknown_time;
  bool strong = false;  // read by key; a listing otherwise
  std::string mapping_version;
  std::string run;
  std::string actor;  // set for the console's edits
};

// What a read tells of a record before its body is decoded.
struct Glance {
  const RecordRef& ref;
  std::string_view raw, token, mapping_version;  // as in Observation
  Micros read_started = 0;
  bool strong = false;
};

// Where a received record went: the ledger's left side (read = the sum of these).
enum class Received : std::uint8_t { changed, unchanged, duplicate, filtered, parked, dead };

// Something that a person should be told: the author of an edit, as far as he is known.
struct Notice {
  std::string kind;  // put_back: an edit that his system has no right to was overwritten
  GoldenId golden;
  RecordRef ref;
  std::string field;
  FieldValue golden_value, edit;
  std::string authority;  // the system whose word counts
};

struct IngestResult {
  Received received = Received::unchanged;
  GoldenId golden;
  bool created_golden = false;
  int initial_differences = 0;
  int conflicts = 0;
  std::vector<RecordRef>
      woken;           // records whose pending reference can now be resolved: map and ingest them again
  std::string reason;  // why parked or filtered
};

struct PlannedField {
  FieldIndex field = model::no_field;
  FieldValue from, to;  // what the system shows, what golden says
  Version version = 0;
};

// One write that would happen. `ref.key` is empty for a create.
struct PlannedWrite {
  RecordRef ref;
  std::string entity;
  GoldenId golden;
  Op op = Op::update;
  std::vector<PlannedField> fields;
  std::string expected_token;
  std::string reason;      // "names.legal: authority erp-main", for people
  bool asked_for = false;  // a create that a person decided on, for this very customer
};

// Why a difference is not a write, counted for the summary.
struct Held {
  RecordRef ref;
  GoldenId golden;
  std::string field;  // empty: the whole record
  enum class Why : std::uint8_t {
    unsupported,
    waiting_reference,
    waiting_review,
    waiting_observation,
    stage,
    undecided,
    refused,
    reference_missing_required,
    frozen,
    privacy  // a personal value without purpose or consent for that system
  } why;
  std::string reason;
  std::optional<PlannedField> write = {};  // frozen: what would be written
};

struct Plan {
  std::vector<PlannedWrite> writes;
  std::vector<Held> held;
  GoldenId next;  // continue after this id; empty: complete
};

// What a system answered to one write: the ABI's outcomes.
enum class Outcome : std::uint8_t {
  applied = 1,
  unchanged,
  stale,
  duplicate,
  gone,
  rejected,
  deferred,
  in_doubt
};

struct WriteResult {
  Outcome outcome = Outcome::in_doubt;
  std::string remote_key, remote_token;
  std::optional<Observation> shown;  // the record as the system now shows it, when it said so
  std::string message, code;
  Micros started = 0, ended = 0;
};

// The ledger's right side (due = the sum of these).
enum class Settled : std::uint8_t { applied, already, stale, rejected, deferred, in_doubt, held };

class Engine {
 public:
  // The rules and the projection must outlive the engine.
  Engine(const Rules& rules, const Projection& projection, model::Random& random)
      : rules_(rules), projection_(projection), random_(random) {}

  const model::Schema& schema() const { return *rules_.schema; }

  // Observe one record: edits against base, identity for a new one, merge into golden, due marks.
  IngestResult ingest(Repository& repository, const Observation& observation, Micros now);
  // The same of a record in which nothing is new, without decoding it; nullopt: it must be decoded.
  std::optional<IngestResult> ingest_unchanged(Repository& repository, const Glance& glance, Micros now);

  // The whole stream was read from start to end: records not seen since `scan_started` are suspect, not
  // deleted.
  void stream_observed(Repository& repository, const std::string& connection, const std::string& stream);

  // What should be written to a connection's records of an entity, up to `limit` goldens after `after`. Opens
  // creation requests (create: ask) as a side effect only when `open_requests`; performs no write itself.
  Plan plan(Repository& repository, const std::string& connection, const std::string& entity,
            const GoldenId& after, std::size_t limit, bool open_requests, Micros now);

  // Puts the due index of one golden record right, for every connection. Needed only after the rules or
  // mappings changed; every other operation does it by itself.
  void refresh_due(Repository& repository, const GoldenId& golden, Micros now);

  // Makes the intent durable, after planning this one record again: nullopt when the world moved and it is no
  // longer due. For grades B and C the caller reads the record by key and ingests it first.
  std::optional<Intent> begin(Repository& repository, const PlannedWrite& write, const std::string& run,
                              Micros now);

  // A field's present golden value is not sent to this record again until golden says something else, or
  // until it is let go.
  void hold_back(Repository& repository, const RecordRef& ref, FieldIndex field, Micros now);
  void let_go(Repository& repository, const RecordRef& ref, const std::string& field, Micros now);

  // Drops the body of a record that is gone since before then, and what identity finds it by; of one that was
  // never linked, everything. Its claims stay. False: there was nothing to drop.
  bool forget_deleted(Repository& repository, const RecordRef& ref, Micros before);

  // A person takes back that records of this resting customer were disabled in this connection: they are
  // enabled again, and left alone as long as the customer rests.
  void refuse_removal(Repository& repository, const GoldenId& golden, const std::string& connection,
                      Micros now);

  // What would take back, in one record, a write that was applied: the fields that still show what was
  // written, with what stood there before; a later edit is respected. nullopt: nothing is left to take back.
  // What is taken back is not sent again until golden says something else (as hold_back).
  struct PastField {
    FieldIndex field = model::no_field;
    FieldValue before, value;
  };
  std::optional<PlannedWrite> plan_undo(Repository& repository, const RecordRef& ref,
                                        const std::vector<PastField>& fields);
  // As begin, for a write that plan_undo made.
  std::optional<Intent> begin_undo(Repository& repository, const PlannedWrite& write, const std::string& run,
                                   Micros now);

  // The outcome of a begun write. `ref` is the replica that carries the intent ("new:…" for a create).
  Settled settle(Repository& repository, const RecordRef& ref, const std::string& intent,
                 const WriteResult& result, Micros now);

  // A look (read by key, or find for a create in doubt) found nothing: the write did not happen. Believed
  // only when the connection's doubt_lasts has passed since the write ended; before that it may still happen,
  // and stays in doubt.
  void not_there(Repository& repository, const RecordRef& ref, const std::string& intent, Micros now);

  // A person's decision on a review. `with`: what a creation request states ({"group": "01"}). Errors:
  // not_found, stale (no longer open), config (not one of its choices), data (approved although something is
  // missing).
  model::Status decide(Repository& repository, const std::string& review, const std::string& choice,
                       const std::string& note, const std::string& actor, Micros now,
                       const std::map<std::string, std::string>& with = {});

  // A person moves the home ERP of a customer; "" gives it back to the rule (approved first).
  model::Status set_home(Repository& repository, const GoldenId& golden, const std::string& connection,
                         const std::string& actor, Micros now);

  // A person's edit in the console: a claim of the replica "hub". Cleared when the value is null. Where an
  // authority is written first (Rules::confirmed_by_authority) and the hub may write the field there, the
  // value waits until the authority shows it. `run`: the run that it belongs to, when it is one of many (an
  // import).
  model::Status edit(Repository& repository, const GoldenId& golden, const std::string& field,
                     const FieldValue& value, const std::string& actor, Micros now,
                     const std::string& run = {});

  // Merge is a link: replicas and claims of `from` move to `into`, `from` redirects. Split takes replicas out
  // into the golden record they came from, or a new one; returns its id.
  model::Status merge(Repository& repository, const GoldenId& into, const GoldenId& from,
                      const std::string& actor, Micros now);
  model::Result<GoldenId> split(Repository& repository, const GoldenId& golden,
                                const std::vector<RecordRef>& refs, const std::string& actor, Micros now);

  // What people should be told of the operations since the last call. The caller keeps it in the transaction
  // of those operations; after one that failed it drops it.
  std::vector<Notice> take_notices() { return std::exchange(notices_, {}); }

 private:
  const Rules& rules_;
  const Projection& projection_;
  model::Random& random_;
  std::vector<Notice> notices_;
};

}  // namespace huiliu::sync
