#include "hub/store/sqlite/migrations.hpp"

#include "hub/store/sqlite/backup.hpp"

namespace huiliu::store::sqlite {
namespace {

// Narrow tables stand beside wide ones (golden, golden_body): most questions need the narrow one only, and
// its rows stay many to a page. Rowid tables with unique text indexes: WITHOUT ROWID is five times slower for
// random text keys with wide rows; it is used for tables that are nothing but a key.
constexpr const char* schema_v1 = R"sql(
CREATE TABLE source(id INTEGER PRIMARY KEY, connection TEXT NOT NULL, stream TEXT NOT NULL,
  observed INTEGER NOT NULL,
  UNIQUE(connection, stream));

CREATE TABLE golden(id INTEGER PRIMARY KEY, gid TEXT NOT NULL UNIQUE, entity TEXT NOT NULL,
  redirect TEXT NOT NULL,
  created INTEGER NOT NULL, changed INTEGER NOT NULL);
CREATE TABLE golden_body(id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE golden_search(id INTEGER PRIMARY KEY, entity TEXT NOT NULL, text TEXT NOT NULL);

CREATE TABLE replica(id INTEGER PRIMARY KEY, source INTEGER NOT NULL, key TEXT NOT NULL, entity TEXT NOT NULL,
  golden TEXT NOT NULL, link_order INTEGER NOT NULL, flags INTEGER NOT NULL, raw_hash INTEGER NOT NULL,
  token TEXT NOT NULL, mapping TEXT NOT NULL, evid INTEGER NOT NULL, wend INTEGER NOT NULL, UNIQUE(source,
  key));
CREATE INDEX replica_golden ON replica(golden) WHERE golden<>'';
CREATE INDEX replica_intents ON replica(source, key) WHERE flags & 16;
CREATE TABLE replica_body(id INTEGER PRIMARY KEY, keys TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE match_key(hash INTEGER NOT NULL, replica INTEGER NOT NULL, PRIMARY KEY(hash,
  replica)) WITHOUT ROWID;

CREATE TABLE waiting(target_source INTEGER NOT NULL, target_key TEXT NOT NULL, waiter_source INTEGER NOT NULL,
  waiter_key TEXT NOT NULL, PRIMARY KEY(target_source, target_key, waiter_source, waiter_key)) WITHOUT ROWID;
CREATE TABLE due(connection TEXT NOT NULL, entity TEXT NOT NULL, golden TEXT NOT NULL,
  PRIMARY KEY(connection, entity, golden)) WITHOUT ROWID;
CREATE TABLE look(source INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY(source, key)) WITHOUT ROWID;

CREATE TABLE history(id INTEGER PRIMARY KEY, golden TEXT NOT NULL, recorded INTEGER NOT NULL,
  body TEXT NOT NULL);
CREATE INDEX history_golden ON history(golden);

CREATE TABLE review(id INTEGER PRIMARY KEY, rid TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL,
  state TEXT NOT NULL,
  golden TEXT NOT NULL, connection TEXT NOT NULL, dedupe TEXT NOT NULL, body TEXT NOT NULL);
CREATE UNIQUE INDEX review_question ON review(dedupe) WHERE state='open' AND dedupe<>'';
CREATE INDEX review_golden ON review(golden) WHERE state='open';
CREATE INDEX review_state ON review(state, kind, rid);

CREATE TABLE cursor(source INTEGER PRIMARY KEY, position BLOB NOT NULL, mode INTEGER NOT NULL,
  cycle TEXT NOT NULL,
  scan_started INTEGER NOT NULL, complete INTEGER NOT NULL, read INTEGER NOT NULL, last_read INTEGER NOT NULL,
  last_complete INTEGER NOT NULL, saved INTEGER NOT NULL);
CREATE TABLE value(id INTEGER PRIMARY KEY, space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
  UNIQUE(space, key));

CREATE TABLE run(id INTEGER PRIMARY KEY, rid TEXT NOT NULL UNIQUE, job TEXT NOT NULL, trigger TEXT NOT NULL,
  state INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER NOT NULL, error TEXT NOT NULL,
  pid INTEGER NOT NULL,
  generation INTEGER NOT NULL);
CREATE INDEX run_job ON run(job, rid);
CREATE INDEX run_running ON run(rid) WHERE state=0;
CREATE TABLE run_stream(run INTEGER NOT NULL, source INTEGER NOT NULL, read INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  unchanged INTEGER NOT NULL, duplicate INTEGER NOT NULL, filtered INTEGER NOT NULL, parked INTEGER NOT NULL,
  dead INTEGER NOT NULL, due INTEGER NOT NULL, applied INTEGER NOT NULL, already INTEGER NOT NULL,
  stale INTEGER NOT NULL, rejected INTEGER NOT NULL, deferred INTEGER NOT NULL, in_doubt INTEGER NOT NULL,
  held INTEGER NOT NULL, PRIMARY KEY(run, source)) WITHOUT ROWID;
CREATE TABLE run_log(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, at INTEGER NOT NULL, level TEXT NOT NULL,
  message TEXT NOT NULL);
CREATE INDEX run_log_run ON run_log(run);

CREATE TABLE parked(id INTEGER PRIMARY KEY, pid TEXT NOT NULL UNIQUE, source INTEGER NOT NULL,
  key TEXT NOT NULL,
  cause TEXT NOT NULL, message TEXT NOT NULL, state INTEGER NOT NULL, opened INTEGER NOT NULL,
  tried INTEGER NOT NULL,
  wake_at INTEGER NOT NULL, attempts INTEGER NOT NULL, replay INTEGER NOT NULL, run TEXT NOT NULL,
  raw BLOB NOT NULL);
CREATE UNIQUE INDEX parked_open ON parked(source, key, cause) WHERE state<2;
CREATE INDEX parked_replay ON parked(source) WHERE state<2 AND replay;
CREATE INDEX parked_wake ON parked(source, wake_at) WHERE state=0 AND wake_at>0;

CREATE TABLE delivery(id INTEGER PRIMARY KEY AUTOINCREMENT, connection TEXT NOT NULL, delivery TEXT NOT NULL,
  received INTEGER NOT NULL, applied INTEGER NOT NULL, method TEXT NOT NULL, target TEXT NOT NULL,
  headers TEXT NOT NULL, hints TEXT NOT NULL, body BLOB NOT NULL, UNIQUE(connection, delivery));
CREATE INDEX delivery_pending ON delivery(id) WHERE applied=0;
CREATE INDEX delivery_received ON delivery(received);

CREATE TABLE record_tally(source INTEGER NOT NULL, entity TEXT NOT NULL, records INTEGER NOT NULL,
  linked INTEGER NOT NULL, created INTEGER NOT NULL, gone INTEGER NOT NULL, PRIMARY KEY(source,
  entity)) WITHOUT ROWID;
CREATE TABLE golden_tally(entity TEXT PRIMARY KEY, live INTEGER NOT NULL,
  merged INTEGER NOT NULL) WITHOUT ROWID;
)sql";

// What was sent, with what stood there before.
constexpr const char* schema_v2 = R"sql(
CREATE TABLE sent(id INTEGER PRIMARY KEY, intent TEXT NOT NULL UNIQUE, run TEXT NOT NULL, source INTEGER NOT NULL,
  key TEXT NOT NULL, entity TEXT NOT NULL, golden TEXT NOT NULL, op INTEGER NOT NULL, outcome INTEGER NOT NULL,
  at INTEGER NOT NULL, fields TEXT NOT NULL);
CREATE INDEX sent_run ON sent(run, id);
CREATE INDEX sent_record ON sent(source, key, at);
)sql";

// Balances over keys, and how much still differed.
constexpr const char* schema_v3 = R"sql(
ALTER TABLE run_stream ADD COLUMN keys_in INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_stream ADD COLUMN keys_out INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_stream ADD COLUMN keys_due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_stream ADD COLUMN keys_settled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_stream ADD COLUMN drift INTEGER NOT NULL DEFAULT 0;
)sql";

// Search by pieces of text (search_text.hpp), whose record it is, and the audit. golden_gram is an index
// only: the text stands in golden_search, which also says what the index was told.
constexpr const char* schema_v4 = R"sql(
CREATE VIRTUAL TABLE golden_gram USING fts5(gram, content='', columnsize=0, detail=none, tokenize='ascii');
ALTER TABLE golden_search ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE golden_search ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
CREATE TABLE golden_scope(scope TEXT NOT NULL, entity TEXT NOT NULL, gid TEXT NOT NULL,
  PRIMARY KEY(scope, entity, gid)) WITHOUT ROWID;
CREATE TABLE audit(sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  object TEXT NOT NULL, detail TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX audit_object ON audit(object, sequence);
CREATE INDEX audit_actor ON audit(actor, sequence);
CREATE TABLE audit_head(one INTEGER PRIMARY KEY CHECK(one=1), sequence INTEGER NOT NULL, hash TEXT NOT NULL);
INSERT INTO audit_head(one, sequence, hash) VALUES(1, 0, '');
)sql";

// What changed since a rule looked last, found without going through all.
constexpr const char* schema_v5 = R"sql(
CREATE INDEX golden_changed ON golden(entity, changed);
)sql";

// The index of search texts gets them by the thousand. It has all rows up to one.
constexpr const char* schema_v6 = R"sql(
CREATE TABLE search_index(one INTEGER PRIMARY KEY CHECK(one=1), indexed_to INTEGER NOT NULL);
INSERT INTO search_index(one, indexed_to)
  VALUES(1, (SELECT coalesce(max(id), 0) FROM golden_search WHERE indexed=1));
ALTER TABLE golden_search DROP COLUMN indexed;
)sql";

constexpr Migration released[] = {{1, schema_v1}, {2, schema_v2}, {3, schema_v3},
                                  {4, schema_v4}, {5, schema_v5}, {6, schema_v6}};

std::int64_t number_of(Database& database, const char* pragma) {
  auto q = database.query(pragma);
  return q.step() ? q.integer(0) : 0;
}

void run_step(Database& database, const Migration& step) {
  database.exec("BEGIN IMMEDIATE");
  try {
    database.exec(step.sql);
    database.exec("PRAGMA application_id=" + std::to_string(application_id));
    database.exec("PRAGMA user_version=" + std::to_string(step.version));
    database.exec("COMMIT");
  } catch (const sync::StorageFailure&) {
    if (database.in_transaction()) database.exec("ROLLBACK");
    throw;
  }
}

}  // namespace

std::span<const Migration> migrations() { return released; }

model::Result<int> file_version(Database& database, const std::string& path,
                                std::span<const Migration> steps) {
  const auto version = number_of(database, "PRAGMA user_version");
  const auto owner = number_of(database, "PRAGMA application_id");
  const auto tables = number_of(database, "SELECT count(*) FROM sqlite_schema");
  if (tables == 0 && version == 0 && owner == 0) return 0;
  if (owner != application_id)
    return model::make_error(model::ErrorClass::config, path + " is a database, but not a store of Huiliu");
  if (version > steps.back().version)
    return model::make_error(model::ErrorClass::config,
                             path + " was written by a newer Huiliu (store version " +
                                 std::to_string(version) + ", this one knows " +
                                 std::to_string(steps.back().version) + "): use that version");
  return static_cast<int>(version);
}

model::Status migrate(Database& database, const std::string& path, std::span<const Migration> steps) {
  HUILIU_ASSIGN(const int version, file_version(database, path, steps));
  if (version == steps.back().version) return {};
  if (version > 0)
    HUILIU_TRY(back_up(database, path + ".before-v" + std::to_string(version), Existing::replace));
  for (const auto& step : steps)
    if (step.version > version) run_step(database, step);
  return {};
}

}  // namespace huiliu::store::sqlite
