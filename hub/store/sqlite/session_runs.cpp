// Runs with their ledgers and logs; cursors; small named values.
#include "hub/store/sqlite/session.hpp"

namespace huiliu::store::sqlite {
namespace {

constexpr const char* cursor_columns =
    "SELECT source, position, mode, cycle, scan_started, complete, read, last_read, last_complete, saved "
    "FROM cursor";

Cursor read_cursor(Database& database, const Statement& q) {
  const auto& [connection, stream] = database.source_name(q.integer(0));
  Cursor cursor;
  cursor.connection = connection;
  cursor.stream = stream;
  cursor.position = q.text(1);
  cursor.mode = static_cast<ReadMode>(q.integer(2));
  cursor.cycle = q.text(3);
  cursor.scan_started = q.integer(4);
  cursor.complete = q.flag(5);
  cursor.read = q.integer(6);
  cursor.last_read = q.integer(7);
  cursor.last_complete = q.integer(8);
  cursor.saved = q.integer(9);
  return cursor;
}

Run read_run(const Statement& q) {
  Run run;
  run.id = q.text(0);
  run.job = q.text(1);
  run.trigger = q.text(2);
  run.state = static_cast<RunState>(q.integer(3));
  run.started = q.integer(4);
  run.ended = q.integer(5);
  run.error = q.text(6);
  run.pid = q.integer(7);
  run.generation = q.integer(8);
  return run;
}

}  // namespace

// --- cursors
// -----------------------------------------------------------------------------------------------------------

std::optional<Cursor> Session::load_cursor(const std::string& connection, const std::string& stream) {
  static const std::string sql = std::string(cursor_columns) + " WHERE source=?";
  auto q = database_.query(sql);
  if (!q.bind(database_.source(connection, stream)).step()) return std::nullopt;
  return read_cursor(database_, q);
}

std::vector<Cursor> Session::list_cursors() {
  static const std::string sql = std::string(cursor_columns) + " ORDER BY source";
  auto q = database_.query(sql);
  std::vector<Cursor> cursors;
  while (q.step()) cursors.push_back(read_cursor(database_, q));
  return cursors;
}

void Session::save(const Cursor& c) {
  must_write();
  const auto source = database_.add_source(c.connection, c.stream);
  database_
      .query(
          "INSERT OR REPLACE INTO cursor(source, position, mode, cycle, scan_started, complete, read, "
          "last_read,"
          " last_complete, saved) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(source, Blob{c.position}, static_cast<int>(c.mode), c.cycle, c.scan_started, c.complete, c.read,
            c.last_read, c.last_complete, c.saved)
      .run();
}

void Session::reset_cursor(const std::string& connection, const std::string& stream) {
  must_write();
  database_
      .query(
          "UPDATE cursor SET position=x'', mode=0, cycle='', scan_started=0, complete=0, read=0 WHERE "
          "source=?")
      .bind(database_.source(connection, stream))
      .run();
}

// --- values
// ------------------------------------------------------------------------------------------------------------

std::optional<std::string> Session::load_value(const std::string& space, const std::string& key) {
  auto q = database_.query("SELECT value FROM value WHERE space=? AND key=?");
  if (!q.bind(space, key).step()) return std::nullopt;
  return q.text(0);
}

std::map<std::string, std::string> Session::list_values(const std::string& space) {
  auto q = database_.query("SELECT key, value FROM value WHERE space=?");
  q.bind(space);
  std::map<std::string, std::string> values;
  while (q.step()) values.emplace(q.text(0), q.text(1));
  return values;
}

void Session::save_value(const std::string& space, const std::string& key, const std::string& value) {
  must_write();
  database_
      .query(
          "INSERT INTO value(space, key, value) VALUES(?, ?, ?)"
          " ON CONFLICT(space, key) DO UPDATE SET value=excluded.value")
      .bind(space, key, Blob{value})
      .run();
}

void Session::erase_value(const std::string& space, const std::string& key) {
  must_write();
  database_.query("DELETE FROM value WHERE space=? AND key=?").bind(space, key).run();
}

// --- runs
// --------------------------------------------------------------------------------------------------------------

std::optional<Run> Session::load_run(const std::string& id) {
  auto q = database_.query(
      "SELECT rid, job, trigger, state, started, ended, error, pid, generation FROM run WHERE rid=?");
  if (!q.bind(id).step()) return std::nullopt;
  return read_run(q);
}

std::vector<Run> Session::list_runs(const std::string& job, const Page& page) {
  static constexpr std::string_view of_any_job =
      "SELECT rid, job, trigger, state, started, ended, error, pid, generation FROM run"
      " WHERE (?1='' OR rid<?1) AND ?2='' ORDER BY rid DESC LIMIT ?3";
  static constexpr std::string_view of_one_job =
      "SELECT rid, job, trigger, state, started, ended, error, pid, generation FROM run"
      " WHERE (?1='' OR rid<?1) AND job=?2 ORDER BY rid DESC LIMIT ?3";
  auto q = database_.query(job.empty() ? of_any_job : of_one_job);
  q.bind(page.after, job, page.limit);
  std::vector<Run> runs;
  while (q.step()) runs.push_back(read_run(q));
  return runs;
}

void Session::save(const Run& run) {
  must_write();
  database_
      .query(
          "INSERT INTO run(rid, job, trigger, state, started, ended, error, pid, generation)"
          " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(rid) DO UPDATE SET job=excluded.job,"
          " trigger=excluded.trigger, state=excluded.state, started=excluded.started, ended=excluded.ended,"
          " error=excluded.error, pid=excluded.pid, generation=excluded.generation")
      .bind(run.id, run.job, run.trigger, static_cast<int>(run.state), run.started, run.ended, run.error,
            run.pid, run.generation)
      .run();
}

std::int64_t Session::run_row(const std::string& run) {
  auto q = database_.query("SELECT id FROM run WHERE rid=?");
  if (!q.bind(run).step()) throw sync::StorageFailure("there is no run " + run);
  return q.integer(0);
}

std::vector<RunStream> Session::run_streams(const std::string& run) {
  auto q = database_.query(
      "SELECT o.connection, o.stream, s.read, changed, unchanged, duplicate, filtered, parked, dead, due, "
      "applied,"
      " already, stale, rejected, deferred, in_doubt, held, keys_in, keys_out, keys_due, keys_settled, drift"
      " FROM run r JOIN run_stream s ON s.run=r.id"
      " JOIN source o ON o.id=s.source WHERE r.rid=? ORDER BY o.connection, o.stream");
  q.bind(run);
  std::vector<RunStream> streams;
  while (q.step()) {
    RunStream s;
    s.connection = q.text(0);
    s.stream = q.text(1);
    int column = 2;
    for (auto* count :
         {&s.read, &s.changed, &s.unchanged, &s.duplicate, &s.filtered, &s.parked, &s.dead, &s.due,
          &s.applied, &s.already, &s.stale, &s.rejected, &s.deferred, &s.in_doubt, &s.held})
      *count = q.integer(column++);
    for (auto* keys : {&s.keys_in, &s.keys_out, &s.keys_due, &s.keys_settled})
      *keys = static_cast<std::uint64_t>(q.integer(column++));
    s.drift = q.integer(column);
    streams.push_back(std::move(s));
  }
  return streams;
}

void Session::add_counts(const std::string& run, const RunStream& c) {
  must_write();
  const auto row = run_row(run);
  const auto source = database_.add_source(c.connection, c.stream);
  // Sums over hashes wrap around, which SQLite's do not: they are added here.
  RunStream before;
  {
    auto q = database_.query(
        "SELECT keys_in, keys_out, keys_due, keys_settled FROM run_stream WHERE run=? AND source=?");
    if (q.bind(row, source).step()) {
      int column = 0;
      for (auto* keys : {&before.keys_in, &before.keys_out, &before.keys_due, &before.keys_settled})
        *keys = static_cast<std::uint64_t>(q.integer(column++));
    }
  }
  const auto wrapped = [](std::uint64_t a, std::uint64_t b) { return static_cast<std::int64_t>(a + b); };
  database_
      .query(
          "INSERT INTO run_stream(run, source, read, changed, unchanged, duplicate, filtered, parked, dead, "
          "due, applied, already, stale, rejected, deferred, in_doubt, held, keys_in, keys_out, keys_due,"
          " keys_settled, drift)"
          " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(run, "
          "source) "
          "DO UPDATE SET read=read+excluded.read, changed=changed+excluded.changed, "
          "unchanged=unchanged+excluded.unchanged,"
          " duplicate=duplicate+excluded.duplicate, filtered=filtered+excluded.filtered,"
          " parked=parked+excluded.parked, dead=dead+excluded.dead, due=due+excluded.due,"
          " applied=applied+excluded.applied, already=already+excluded.already, stale=stale+excluded.stale,"
          " rejected=rejected+excluded.rejected, deferred=deferred+excluded.deferred,"
          " in_doubt=in_doubt+excluded.in_doubt, held=held+excluded.held, keys_in=excluded.keys_in,"
          " keys_out=excluded.keys_out, keys_due=excluded.keys_due, keys_settled=excluded.keys_settled,"
          " drift=drift+excluded.drift")
      .bind(row, source, c.read, c.changed, c.unchanged, c.duplicate, c.filtered, c.parked, c.dead, c.due,
            c.applied, c.already, c.stale, c.rejected, c.deferred, c.in_doubt, c.held,
            wrapped(before.keys_in, c.keys_in), wrapped(before.keys_out, c.keys_out),
            wrapped(before.keys_due, c.keys_due), wrapped(before.keys_settled, c.keys_settled), c.drift)
      .run();
}

void Session::add_log(const std::string& run, const LogLine& line) {
  must_write();
  database_.query("INSERT INTO run_log(run, at, level, message) VALUES(?, ?, ?, ?)")
      .bind(run_row(run), line.at, line.level, line.message)
      .run();
}

std::vector<LogLine> Session::run_log(const std::string& run, std::int64_t after, std::size_t limit) {
  auto q = database_.query(
      "SELECT l.id, l.at, l.level, l.message FROM run r JOIN run_log l ON l.run=r.id WHERE r.rid=? AND l.id>?"
      " ORDER BY l.id LIMIT ?");
  q.bind(run, after, limit);
  std::vector<LogLine> lines;
  while (q.step()) lines.push_back({q.integer(0), q.integer(1), q.text(2), q.text(3)});
  return lines;
}

std::int64_t Session::prune_runs(Micros before) {
  must_write();
  for (const std::string_view sql :
       {std::string_view("DELETE FROM sent WHERE run IN (SELECT rid FROM run WHERE started<? AND state<>0)"),
        std::string_view(
            "DELETE FROM run_log WHERE run IN (SELECT id FROM run WHERE started<? AND state<>0)"),
        std::string_view(
            "DELETE FROM run_stream WHERE run IN (SELECT id FROM run WHERE started<? AND state<>0)"),
        std::string_view("DELETE FROM run WHERE started<? AND state<>0")})
    database_.query(sql).bind(before).run();
  return database_.changes();
}

}  // namespace huiliu::store::sqlite
