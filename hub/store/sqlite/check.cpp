#include "hub/store/sqlite/check.hpp"

#include <map>
#include <set>

#include "hub/store/history_codec.hpp"
#include "hub/store/sqlite/replicas.hpp"
#include "hub/sync/codec.hpp"

namespace huiliu::store::sqlite {
namespace {

// A query that returns one text for each thing that is wrong.
struct Question {
  const char* code;
  const char* message;
  const char* sql;
};

constexpr Question questions[] = {
    {"dangling", "records linked to a golden record that does not exist",
     "SELECT key FROM replica r WHERE golden<>'' AND NOT EXISTS(SELECT 1 FROM golden g WHERE "
     "g.gid=r.golden)"},
    {"dangling", "records linked to a golden record that was merged away",
     "SELECT key FROM replica r WHERE golden<>'' AND EXISTS(SELECT 1 FROM golden g WHERE g.gid=r.golden AND "
     "redirect<>'')"},
    {"dangling", "records without a body",
     "SELECT key FROM replica WHERE id NOT IN (SELECT id FROM replica_body)"},
    {"dangling", "bodies without a record",
     "SELECT id FROM replica_body WHERE id NOT IN (SELECT id FROM replica)"},
    {"dangling", "golden records without a body",
     "SELECT gid FROM golden WHERE id NOT IN (SELECT id FROM golden_body)"},
    {"dangling", "bodies without a golden record",
     "SELECT id FROM golden_body WHERE id NOT IN (SELECT id FROM golden)"},
    {"dangling", "records of an unknown stream",
     "SELECT key FROM replica WHERE source NOT IN (SELECT id FROM source)"},
    {"dangling", "redirects to a golden record that does not exist",
     "SELECT gid FROM golden g WHERE redirect<>'' AND NOT EXISTS(SELECT 1 FROM golden t WHERE "
     "t.gid=g.redirect)"},
    {"dangling", "golden records marked due that do not exist",
     "SELECT golden FROM due d WHERE NOT EXISTS(SELECT 1 FROM golden g WHERE g.gid=d.golden)"},
    {"dangling", "open reviews of a golden record that does not exist",
     "SELECT rid FROM review v WHERE state='open' AND golden<>'' AND NOT EXISTS(SELECT 1 FROM golden g WHERE "
     "g.gid=v.golden)"},
    {"dangling", "history of a golden record that does not exist",
     "SELECT DISTINCT golden FROM history h WHERE NOT EXISTS(SELECT 1 FROM golden g WHERE g.gid=h.golden)"},
    {"index", "golden records that cannot be searched",
     "SELECT gid FROM golden WHERE id NOT IN (SELECT id FROM golden_search)"},
    {"tally", "streams whose record count is wrong",
     "SELECT o.connection || '/' || o.stream FROM (SELECT source, entity, sum(flags & 1=0) AS records,"
     " sum(flags & 1=0 AND golden<>'') AS linked, sum(flags & 3=2) AS created, sum(flags & 1) AS gone FROM "
     "replica"
     " WHERE key NOT GLOB 'new:*' GROUP BY source, entity) c JOIN source o ON o.id=c.source LEFT JOIN "
     "record_tally t"
     " ON t.source=c.source AND t.entity=c.entity WHERE (c.records, c.linked, c.created, c.gone)"
     " IS NOT (t.records, t.linked, t.created, t.gone)"},
    {"tally", "streams that count records which are not there",
     "SELECT t.source FROM record_tally t WHERE (records<>0 OR linked<>0 OR created<>0 OR gone<>0) AND NOT "
     "EXISTS"
     "(SELECT 1 FROM replica r WHERE r.source=t.source AND r.entity=t.entity AND r.key NOT GLOB 'new:*')"},
    {"tally", "entities whose count of golden records is wrong",
     "SELECT c.entity FROM (SELECT entity, sum(redirect='') AS live, sum(redirect<>'') AS merged FROM golden"
     " GROUP BY entity) c LEFT JOIN golden_tally t USING(entity) WHERE (c.live, c.merged) IS NOT (t.live, "
     "t.merged)"},
    {"ledger", "streams of successful runs whose balance does not close",
     "SELECT r.rid || ' ' || o.connection || '/' || o.stream FROM run r JOIN run_stream s ON s.run=r.id"
     " JOIN source o ON o.id=s.source WHERE r.state=1 AND"
     " (s.read<>s.changed+s.unchanged+s.duplicate+s.filtered+s.parked+s.dead OR"
     "  s.due<>s.applied+s.already+s.stale+s.rejected+s.deferred+s.in_doubt+s.held OR"
     "  s.keys_in<>s.keys_out OR s.keys_due<>s.keys_settled)"},
};

constexpr std::size_t most_examples = 3;

// Collects things that are wrong in the same way into one finding.
class Wrong {
 public:
  Wrong(const char* code, const char* message) : code_(code), message_(message) {}
  void add(std::string_view example) {
    if (++count_ <= most_examples) examples_ += (count_ > 1 ? ", " : "") + std::string(example);
  }
  void report(std::vector<Finding>& findings) const {
    if (count_ == 0) return;
    const char* more = count_ > most_examples ? ", …" : "";
    findings.push_back({code_, std::to_string(count_) + " " + message_ + ": " + examples_ + more});
  }

 private:
  const char* code_;
  const char* message_;
  std::size_t count_ = 0;
  std::string examples_;
};

void check_file(Database& database, std::vector<Finding>& findings) {
  auto q = database.query("PRAGMA integrity_check(20)");
  while (q.step())
    if (q.view(0) != "ok") findings.push_back({"damaged", q.text(0)});
}

void check_redirects(Database& database, std::vector<Finding>& findings) {
  std::map<std::string, std::string> redirects;
  auto q = database.query("SELECT gid, redirect FROM golden WHERE redirect<>''");
  while (q.step()) redirects.emplace(q.text(0), q.text(1));
  Wrong circular("redirect", "golden records whose redirects go in a circle");
  std::set<std::string> sound;
  for (const auto& [id, target] : redirects) {
    std::set<std::string> path{id};
    auto at = redirects.find(target);
    while (at != redirects.end() && !sound.contains(at->first) && path.insert(at->first).second)
      at = redirects.find(at->second);
    if (at != redirects.end() && !sound.contains(at->first)) {
      circular.add(id);
    } else {
      sound.merge(path);
    }
  }
  circular.report(findings);
}

void check_goldens(Database& database, const model::Schema& schema, std::vector<Finding>& findings) {
  Wrong unreadable("unreadable", "golden records that cannot be decoded");
  Wrong different("index", "golden records whose columns differ from their body");
  auto q = database.query(
      "SELECT g.gid, g.entity, g.redirect, b.body FROM golden g JOIN golden_body b ON b.id=g.id");
  while (q.step()) {
    const auto golden = sync::decode_golden(q.view(3), schema);
    if (!golden.ok()) {
      unreadable.add(q.view(0));
    } else if (golden->id != q.view(0) || golden->entity != q.view(1) || golden->redirect != q.view(2)) {
      different.add(q.view(0));
    }
  }
  unreadable.report(findings);
  different.report(findings);
}

// Counts in `wanted` what the index of match keys must hold for a record; false when some is missing.
bool has_match_rows(Database& database, std::int64_t row, const std::string& entity, std::string_view keys,
                    std::int64_t& wanted) {
  std::set<std::int64_t> hashes;
  for (const auto& key : decode_keys(keys)) hashes.insert(key_hash(entity, key));
  wanted += static_cast<std::int64_t>(hashes.size());
  bool complete = true;
  for (const auto hash : hashes) {
    auto q = database.query("SELECT 1 FROM match_key WHERE hash=? AND replica=?");
    complete = q.bind(hash, row).step() && complete;
  }
  return complete;
}

void check_replicas(Database& database, const model::Schema& schema, std::vector<Finding>& findings) {
  Wrong unreadable("unreadable", "records that cannot be decoded");
  Wrong different("index", "records whose columns differ from their body");
  Wrong unindexed("index", "records that identity cannot find by all of their keys");
  std::int64_t wanted = 0;
  auto q = database.query(
      "SELECT r.id, r.source, r.key, r.entity, r.golden, r.flags, b.keys, b.body FROM replica r"
      " JOIN replica_body b ON b.id=r.id");
  while (q.step()) {
    const auto replica = sync::decode_replica(q.view(7), schema);
    const auto& [connection, stream] = database.source_name(q.integer(1));
    if (!replica.ok()) {
      unreadable.add(q.view(2));
    } else if (replica->ref != RecordRef{connection, stream, q.text(2)} || replica->entity != q.view(3) ||
               replica->golden != q.view(4) || replica->gone != ((q.integer(5) & flag_gone) != 0)) {
      different.add(q.view(2));
    }
    if (!has_match_rows(database, q.integer(0), q.text(3), q.view(6), wanted)) unindexed.add(q.view(2));
  }
  unreadable.report(findings);
  different.report(findings);
  unindexed.report(findings);
  auto rows = database.query("SELECT count(*) FROM match_key");
  rows.step();
  if (rows.integer(0) > wanted)
    findings.push_back(
        {"index", std::to_string(rows.integer(0) - wanted) + " match keys that no record carries"});
}

void check_history(Database& database, std::vector<Finding>& findings) {
  Wrong unreadable("unreadable", "golden records whose history cannot be decoded");
  auto q = database.query("SELECT golden, body FROM history");
  while (q.step()) {
    std::vector<sync::HistoryEntry> entries;
    if (!decode_history(q.view(1), q.text(0), entries).ok()) unreadable.add(q.view(0));
  }
  unreadable.report(findings);
}

}  // namespace

void check_database(Database& database, const model::Schema& schema, std::vector<Finding>& findings) {
  check_file(database, findings);
  if (!findings.empty()) return;  // a damaged file answers nothing reliably
  for (const auto& question : questions) {
    Wrong wrong(question.code, question.message);
    auto q = database.query(question.sql);
    while (q.step()) wrong.add(q.view(0));
    wrong.report(findings);
  }
  check_redirects(database, findings);
  check_goldens(database, schema, findings);
  check_replicas(database, schema, findings);
  check_history(database, findings);
}

std::vector<TableStats> table_stats(Database& database) {
  std::vector<TableStats> tables;
  auto names = database.query(
      "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT GLOB 'sqlite_*'"
      " AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name");
  while (names.step()) tables.push_back({names.text(0), 0, -1});
  for (auto& table : tables) {
    // A table's name cannot be a parameter; these come from our own migrations.
    const std::string sql = "SELECT count(*) FROM \"" + table.table + "\"";
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(database.handle(), sql.c_str(), -1, &raw, nullptr) != SQLITE_OK)
      database.fail(sqlite3_errcode(database.handle()), sql);
    Statement rows(database, nullptr, raw);
    if (rows.step()) table.rows = rows.integer(0);
  }
  std::map<std::string, std::int64_t> bytes;
  try {
    auto q = database.query(
        "SELECT s.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_schema s ON s.name=d.name WHERE "
        "d.aggregate=1"
        " GROUP BY s.tbl_name");
    while (q.step()) bytes.emplace(q.text(0), q.integer(1));
  } catch (const SqliteFailure& failure) {
    if ((failure.code & 0xff) != SQLITE_ERROR) throw;  // SQLITE_ERROR: built without dbstat
  }
  for (auto& table : tables)
    if (const auto found = bytes.find(table.table); found != bytes.end()) table.bytes = found->second;
  return tables;
}

}  // namespace huiliu::store::sqlite
