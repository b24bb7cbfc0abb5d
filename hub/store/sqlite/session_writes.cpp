// What was sent to the systems, with what stood there before.
#include "hub/store/sqlite/session.hpp"

namespace huiliu::store::sqlite {
namespace {

constexpr std::string_view sent_columns =
    "SELECT intent, run, source, key, entity, golden, op, outcome, at, fields FROM sent";

// [[name, version, presence, value, key, presence before, value before, key before], …]
std::string encode_sent(const std::vector<SentField>& fields) {
  model::Array rows;
  for (const SentField& f : fields)
    rows.push_back(model::Array{f.field, f.version, static_cast<int>(f.value.presence), f.value.value,
                                f.value.key, static_cast<int>(f.before.presence), f.before.value,
                                f.before.key});
  return model::to_json(model::Value(std::move(rows)));
}

std::int64_t integer_in(const model::Value& value) {
  const model::Number* number = value.if_number();
  return number == nullptr ? 0 : number->to_int64().value_or(0);
}

std::vector<SentField> decode_sent(std::string_view text) {
  const auto rows = model::parse_json(text);
  if (!rows.ok() || !rows->is_array()) throw sync::StorageFailure("a sent write is not of its form");
  std::vector<SentField> fields;
  for (const model::Value& row : rows->as_array()) {
    const model::Array* members = row.if_array();
    if (members == nullptr || members->size() < 8)
      throw sync::StorageFailure("a sent write is not of its form");
    const auto value = [&](std::size_t at) {
      return sync::FieldValue{static_cast<model::Presence>(integer_in((*members)[at])), (*members)[at + 1],
                              (*members)[at + 2].to_text()};
    };
    fields.push_back({(*members)[0].to_text(), value(5), value(2), integer_in((*members)[1])});
  }
  return fields;
}

SentWrite read_write(Database& database, const Statement& q) {
  const auto& [connection, stream] = database.source_name(q.integer(2));
  SentWrite write;
  write.intent = q.text(0);
  write.run = q.text(1);
  write.ref = {connection, stream, q.text(3)};
  write.entity = q.text(4);
  write.golden = q.text(5);
  write.op = static_cast<sync::Op>(q.integer(6));
  write.outcome = static_cast<sync::Settled>(q.integer(7));
  write.at = q.integer(8);
  write.fields = decode_sent(q.view(9));
  return write;
}

}  // namespace

std::vector<SentWrite> Session::writes_of_run(const std::string& run, const Page& page) {
  static const std::string sql = std::string(sent_columns) +
                                 " WHERE run=?1 AND id>coalesce((SELECT id FROM sent WHERE intent=?2), 0)"
                                 " ORDER BY id LIMIT ?3";
  auto q = database_.query(sql);
  q.bind(run, page.after, page.limit);
  std::vector<SentWrite> writes;
  while (q.step()) writes.push_back(read_write(database_, q));
  return writes;
}

std::vector<SentWrite> Session::writes_to(const RecordRef& ref, Micros since, std::size_t limit) {
  static const std::string sql =
      std::string(sent_columns) + " WHERE source=? AND key=? AND at>=? ORDER BY at DESC, id DESC LIMIT ?";
  auto q = database_.query(sql);
  q.bind(database_.source(ref.connection, ref.stream), ref.key, since, limit);
  std::vector<SentWrite> writes;
  while (q.step()) writes.push_back(read_write(database_, q));
  return writes;
}

void Session::add_write(const SentWrite& write) {
  must_write();
  const auto source = database_.add_source(write.ref.connection, write.ref.stream);
  const std::string fields = encode_sent(write.fields);
  database_
      .query(
          "INSERT INTO sent(intent, run, source, key, entity, golden, op, outcome, at, fields)"
          " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(intent) DO UPDATE SET key=excluded.key,"
          " outcome=excluded.outcome, at=excluded.at")
      .bind(write.intent, write.run, source, write.ref.key, write.entity, write.golden,
            static_cast<int>(write.op), static_cast<int>(write.outcome), write.at, fields)
      .run();
}

}  // namespace huiliu::store::sqlite
