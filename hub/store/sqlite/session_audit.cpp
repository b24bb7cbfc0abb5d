// The audit: lines that are added and never changed, each bound to the one before.
#include "hub/store/sqlite/audit.hpp"
#include "hub/store/sqlite/session.hpp"

namespace huiliu::store::sqlite {
namespace {

std::int64_t page_start(const std::string& after) {
  std::int64_t sequence = 0;
  for (const char c : after) {
    if (c < '0' || c > '9' || sequence > (std::int64_t{1} << 55)) return 0;
    sequence = sequence * 10 + (c - '0');
  }
  return sequence;
}

}  // namespace

void Session::add_audit(const AuditEntry& entry) {
  must_write();
  AuditEntry next = entry;
  const AuditHead head = audit_head(database_);
  next.sequence = head.sequence + 1;
  next.previous = head.hash;
  const std::string detail = model::to_json(next.detail);
  next.hash = audit_hash(next, detail);
  database_
      .query(
          "INSERT INTO audit(sequence, at, actor, action, object, detail, previous, hash)"
          " VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(next.sequence, next.at, next.actor, next.action, next.object, detail, next.previous, next.hash)
      .run();
  database_.query("UPDATE audit_head SET sequence=?, hash=? WHERE one=1")
      .bind(next.sequence, next.hash)
      .run();
}

std::vector<AuditEntry> Session::list_audit(const AuditQuery& query, const Page& page) {
  const std::int64_t before = page.after.empty() ? INT64_MAX : page_start(page.after);
  constexpr std::string_view by_object =
      "SELECT sequence, at, actor, action, object, detail, previous, hash FROM audit INDEXED BY audit_object"
      " WHERE sequence<?1 AND object=?4 AND (?2='' OR actor=?2) AND (?3='' OR action=?3) AND at>=?5"
      " ORDER BY sequence DESC LIMIT ?6";
  constexpr std::string_view by_actor =
      "SELECT sequence, at, actor, action, object, detail, previous, hash FROM audit INDEXED BY audit_actor"
      " WHERE sequence<?1 AND actor=?2 AND (?3='' OR action=?3) AND (?4='' OR object=?4) AND at>=?5"
      " ORDER BY sequence DESC LIMIT ?6";
  constexpr std::string_view by_time =
      "SELECT sequence, at, actor, action, object, detail, previous, hash FROM audit"
      " WHERE sequence<?1 AND (?2='' OR actor=?2) AND (?3='' OR action=?3) AND (?4='' OR object=?4) AND "
      "at>=?5"
      " ORDER BY sequence DESC LIMIT ?6";
  auto q = database_.query(!query.object.empty() ? by_object : !query.actor.empty() ? by_actor : by_time);
  q.bind(before, query.actor, query.action, query.object, query.since, page.limit);
  std::vector<AuditEntry> entries;
  while (q.step()) entries.push_back(audit_entry(q));
  return entries;
}

}  // namespace huiliu::store::sqlite
