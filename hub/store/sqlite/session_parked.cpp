// Parked records and dead letters; deliveries of webhooks.
#include "hub/store/sqlite/session.hpp"

namespace huiliu::store::sqlite {
namespace {

constexpr const char* parked_columns =
    "SELECT p.pid, o.connection, o.stream, p.key, p.cause, p.message, p.state, p.opened, p.tried, p.wake_at, "
    "p.attempts,"
    " p.replay, p.run, p.raw FROM parked p JOIN source o ON o.id=p.source";

Parked read_parked(const Statement& q) {
  Parked parked;
  parked.id = q.text(0);
  parked.connection = q.text(1);
  parked.stream = q.text(2);
  parked.key = q.text(3);
  parked.cause = q.text(4);
  parked.message = q.text(5);
  parked.state = static_cast<ParkedState>(q.integer(6));
  parked.opened = q.integer(7);
  parked.tried = q.integer(8);
  parked.wake_at = q.integer(9);
  parked.attempts = q.integer(10);
  parked.replay = q.flag(11);
  parked.run = q.text(12);
  parked.raw = q.text(13);
  return parked;
}

std::vector<Parked> all_parked(Statement& q) {
  std::vector<Parked> found;
  while (q.step()) found.push_back(read_parked(q));
  return found;
}

// The states as bits, for: (1 << state) & bits.
int bits_of(const std::vector<ParkedState>& states) {
  int bits = 0;
  for (const auto state : states) bits |= 1 << static_cast<int>(state);
  return bits;
}

std::string encode_hints(const std::vector<Hint>& hints) {
  model::Array list;
  for (const auto& hint : hints) list.push_back(model::Array{hint.stream, hint.key, hint.kind, hint.body});
  return model::to_json(list);
}

std::vector<Hint> decode_hints(std::string_view text) {
  const auto document = model::parse_json(text);
  if (!document.ok() || !document->is_array())
    throw sync::StorageFailure("the hints of a delivery cannot be read");
  std::vector<Hint> hints;
  for (const auto& row : document->as_array()) {
    if (!row.is_array() || row.as_array().size() < 4)
      throw sync::StorageFailure("a hint of a delivery is too short");
    const auto& members = row.as_array();
    hints.push_back({members[0].to_text(), members[1].to_text(), members[2].to_text(), members[3].to_text()});
  }
  return hints;
}

}  // namespace

// --- parked records and dead letters
// -----------------------------------------------------------------------------------

std::optional<Parked> Session::load_parked(const std::string& id) {
  static const std::string sql = std::string(parked_columns) + " WHERE p.pid=?";
  auto q = database_.query(sql);
  if (!q.bind(id).step()) return std::nullopt;
  return read_parked(q);
}

std::vector<Parked> Session::list_parked(const ParkedQuery& query, const Page& page) {
  static const std::string sql =
      std::string(parked_columns) +
      " WHERE p.pid>?1 AND (?2='' OR o.connection=?2) AND (?3='' OR o.stream=?3)"
      " AND (?4='' OR p.cause=?4) AND ((1 << p.state) & ?5) ORDER BY p.pid LIMIT ?6";
  auto q = database_.query(sql);
  q.bind(page.after, query.connection, query.stream, query.cause, bits_of(query.states), page.limit);
  return all_parked(q);
}

std::vector<ParkedCause> Session::parked_causes(const ParkedQuery& query) {
  // With one max() in the list, SQLite takes the other columns from the row that has it: the newest message.
  auto q = database_.query(
      "SELECT o.connection, o.stream, p.cause, p.message, count(*), min(p.opened), max(p.opened) FROM parked "
      "p"
      " JOIN source o ON o.id=p.source WHERE (?1='' OR o.connection=?1) AND (?2='' OR o.stream=?2)"
      " AND (?3='' OR p.cause=?3) AND ((1 << p.state) & ?4) GROUP BY 1, 2, 3 ORDER BY 5 DESC, 1, 2, 3");
  q.bind(query.connection, query.stream, query.cause, bits_of(query.states));
  std::vector<ParkedCause> causes;
  while (q.step())
    causes.push_back({q.text(0), q.text(1), q.text(2), q.text(3), q.integer(4), q.integer(5), q.integer(6)});
  return causes;
}

std::vector<Parked> Session::parked_due(const std::string& connection, const std::string& stream, Micros now,
                                        std::size_t limit) {
  static const std::string sql =
      std::string(parked_columns) +
      " WHERE p.id IN (SELECT id FROM parked WHERE source=?1 AND state<2 AND replay"
      " UNION SELECT id FROM parked WHERE source=?1 AND state=0 AND wake_at>0 AND wake_at<=?2) ORDER BY p.id "
      "LIMIT ?3";
  auto q = database_.query(sql);
  q.bind(database_.source(connection, stream), now, limit);
  return all_parked(q);
}

std::string Session::park(const Parked& p) {
  must_write();
  const auto source = database_.add_source(p.connection, p.stream);
  auto q = database_.query(
      "INSERT INTO parked(pid, source, key, cause, message, state, opened, tried, wake_at, attempts, replay, "
      "run, raw)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
      " ON CONFLICT(source, key, cause) WHERE state<2 DO UPDATE SET message=excluded.message, "
      "state=excluded.state,"
      " tried=excluded.tried, wake_at=excluded.wake_at, attempts=attempts+1, replay=0, run=excluded.run,"
      " raw=excluded.raw RETURNING pid");
  q.bind(p.id, source, p.key, p.cause, p.message, static_cast<int>(p.state), p.opened, p.tried, p.wake_at,
         p.attempts, p.replay, p.run, Blob{p.raw});
  if (!q.step()) throw sync::StorageFailure("parking " + p.key + " returned nothing");
  auto id = q.text(0);
  q.run();
  return id;
}

void Session::save(const Parked& p) {
  must_write();
  database_
      .query(
          "UPDATE parked SET message=?, state=?, tried=?, wake_at=?, attempts=?, replay=?, run=?, raw=? "
          "WHERE pid=?")
      .bind(p.message, static_cast<int>(p.state), p.tried, p.wake_at, p.attempts, p.replay, p.run,
            Blob{p.raw}, p.id)
      .run();
  if (database_.changes() == 0) throw sync::StorageFailure("there is no parked record " + p.id);
}

std::int64_t Session::mark_replay(const std::vector<std::string>& ids) {
  must_write();
  if (ids.empty()) {
    database_.query("UPDATE parked SET replay=1 WHERE state=1").run();
    return database_.changes();
  }
  std::int64_t marked = 0;
  for (const auto& id : ids) {
    database_.query("UPDATE parked SET replay=1 WHERE pid=? AND state<2").bind(id).run();
    marked += database_.changes();
  }
  return marked;
}

std::int64_t Session::close_parked(const RecordRef& ref, Micros now) {
  must_write();
  const auto source = database_.source(ref.connection, ref.stream);
  if (source == 0) return 0;
  // state<2 is the condition of the index that finds them.
  database_
      .query(
          "UPDATE parked SET state=CASE WHEN replay THEN 2 ELSE 3 END, replay=0, tried=? WHERE source=? AND "
          "key=?"
          " AND state<2")
      .bind(now, source, ref.key)
      .run();
  return database_.changes();
}

std::int64_t Session::prune_parked(Micros before) {
  must_write();
  database_.query("DELETE FROM parked WHERE state>=2 AND opened<?").bind(before).run();
  return database_.changes();
}

// --- deliveries
// --------------------------------------------------------------------------------------------------------

bool Session::receive(const Delivery& d) {
  must_write();
  const auto hints = encode_hints(d.hints);
  database_
      .query(
          "INSERT INTO delivery(connection, delivery, received, applied, method, target, headers, hints, "
          "body)"
          " VALUES(?, ?, ?, 0, ?, ?, ?, ?, ?) ON CONFLICT(connection, delivery) DO NOTHING")
      .bind(d.connection, d.id, d.received, d.method, d.target, d.headers, hints, Blob{d.body})
      .run();
  return database_.changes() == 1;
}

std::vector<Delivery> Session::pending_deliveries(const std::string& connection, std::size_t limit) {
  static constexpr std::string_view of_any =
      "SELECT id, connection, delivery, received, applied, method, target, headers, hints, body FROM delivery"
      " WHERE applied=0 AND ?1='' ORDER BY id LIMIT ?2";
  static constexpr std::string_view of_one =
      "SELECT id, connection, delivery, received, applied, method, target, headers, hints, body FROM delivery"
      " WHERE applied=0 AND connection=?1 ORDER BY id LIMIT ?2";
  auto q = database_.query(connection.empty() ? of_any : of_one);
  q.bind(connection, limit);
  std::vector<Delivery> deliveries;
  while (q.step()) {
    Delivery d;
    d.sequence = q.integer(0);
    d.connection = q.text(1);
    d.id = q.text(2);
    d.received = q.integer(3);
    d.applied = q.integer(4);
    d.method = q.text(5);
    d.target = q.text(6);
    d.headers = q.text(7);
    d.hints = decode_hints(q.view(8));
    d.body = q.text(9);
    deliveries.push_back(std::move(d));
  }
  return deliveries;
}

std::int64_t Session::count_pending_deliveries(const std::string& connection) {
  auto q = database_.query("SELECT count(*) FROM delivery WHERE applied=0 AND (?1='' OR connection=?1)");
  q.bind(connection).step();
  return q.integer(0);
}

void Session::mark_applied(std::int64_t sequence, Micros now) {
  must_write();
  // What is kept tells a repetition; what it said is needed no more.
  database_.query("UPDATE delivery SET applied=?, headers='', hints='', body='' WHERE id=?")
      .bind(now, sequence)
      .run();
}

std::int64_t Session::prune_deliveries(Micros before) {
  must_write();
  database_.query("DELETE FROM delivery WHERE received<? AND applied<>0").bind(before).run();
  return database_.changes();
}

}  // namespace huiliu::store::sqlite
