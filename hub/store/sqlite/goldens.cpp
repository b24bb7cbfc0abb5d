#include "hub/store/sqlite/goldens.hpp"

#include <algorithm>

#include "hub/store/search_text.hpp"
#include "hub/sync/codec.hpp"

namespace huiliu::store::sqlite {
namespace {

constexpr int most_redirects = 1000;
constexpr std::int64_t few = 2000;  // goldens that changed since

// Do both have the same search text and scopes?
bool found_alike(const sync::Golden& a, const sync::Golden& b) {
  return a.entity == b.entity && a.redirect == b.redirect &&
         std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                    [](const auto& x, const auto& y) {
                      return x.first == y.first && x.second.value == y.second.value;
                    });
}

}  // namespace

sync::Golden Goldens::decoded(std::string_view body, const GoldenId& id) const {
  auto golden = sync::decode_golden(body, schema_);
  if (!golden.ok())
    throw sync::StorageFailure("golden record " + id + " cannot be read: " + golden.error().text());
  return std::move(*golden);
}

Goldens::Entry& Goldens::fetch(const GoldenId& id) {
  const auto [found, is_new] = entries_.try_emplace(id);
  Entry& entry = found->second;
  if (!is_new) return entry;
  auto q = database_.query("SELECT id, entity, redirect FROM golden WHERE gid=?");
  if (q.bind(id).step()) {
    entry.row = q.integer(0);
    entry.exists = true;
    entry.redirect = q.text(2);
    entry.counted = Counted{q.text(1), !entry.redirect.empty()};
  }
  return entry;
}

void Goldens::read_body(const GoldenId& id, Entry& entry) {
  auto q = database_.query("SELECT body FROM golden_body WHERE id=?");
  if (!q.bind(entry.row).step()) throw sync::StorageFailure("golden record " + id + " has no body");
  entry.whole = decoded(q.view(0), id);
}

std::optional<sync::Golden> Goldens::load(const GoldenId& id) {
  Entry& entry = fetch(id);
  if (entry.exists && !entry.whole) read_body(id, entry);
  return entry.whole;
}

GoldenId Goldens::resolve(const GoldenId& id) {
  const GoldenId* at = &id;
  for (int hops = 0; hops < most_redirects; ++hops) {
    const Entry& entry = fetch(*at);
    if (!entry.exists) return {};
    if (entry.redirect.empty()) return *at;
    at = &entry.redirect;
  }
  throw sync::StorageFailure("the redirects of golden record " + id + " go in a circle");
}

void Goldens::save(const sync::Golden& golden) {
  Entry& entry = fetch(golden.id);
  if (!entry.exists) entry.never_due = true;
  entry.same_text = entry.same_text && entry.whole && found_alike(*entry.whole, golden);
  entry.whole = golden;
  entry.redirect = golden.redirect;
  entry.exists = true;
  entry.dirty = true;
}

void Goldens::erase(const GoldenId& id) {
  Entry& entry = fetch(id);
  if (entry.exists) {
    if (!entry.whole) read_body(id, entry);
    const auto* entity = schema_.find(entry.whole->entity);
    std::string text, scopes;
    {
      auto q = database_.query("SELECT text, scopes FROM golden_search WHERE id=?");
      if (q.bind(entry.row).step()) text = q.text(0), scopes = q.text(1);
    }
    if (entity != nullptr && entry.row <= indexed_to())
      write_grams(entry.row, search_grams(entity->id_prefix, text), {});
    write_scopes(*entry.whole, scopes, {});
    for (const std::string_view statement : {std::string_view("DELETE FROM golden_search WHERE id=?"),
                                             std::string_view("DELETE FROM golden_body WHERE id=?"),
                                             std::string_view("DELETE FROM golden WHERE id=?")})
      database_.query(statement).bind(entry.row).run();
    if (entry.counted) {
      const bool merged = entry.counted->merged;
      write_tally({{entry.counted->entity, {merged ? 0 : -1, merged ? -1 : 0}}});
    }
  }
  entries_.erase(id);
}

bool Goldens::never_due(const GoldenId& id) const {
  const auto found = entries_.find(id);
  return found != entries_.end() && found->second.never_due;
}

void Goldens::note_due(const GoldenId& id) {
  if (const auto found = entries_.find(id); found != entries_.end()) found->second.never_due = false;
}

void Goldens::flush() {
  std::vector<std::pair<const GoldenId*, Entry*>> dirty;
  for (auto& [id, entry] : entries_)
    if (entry.dirty) dirty.emplace_back(&id, &entry);
  // In the order of their ids, which is that of the tables: neighbours share pages.
  std::sort(dirty.begin(), dirty.end(), [](const auto& a, const auto& b) { return *a.first < *b.first; });
  Tally tally;
  for (auto& [id, entry] : dirty) write(*id, *entry, tally);
  write_tally(tally);
  if (!dirty.empty()) index_many();
}

void Goldens::write(const GoldenId& id, Entry& entry, Tally& tally) {
  const auto& golden = *entry.whole;
  const auto body = sync::encode(golden, schema_);
  const bool is_new = entry.row == 0;
  if (is_new) {
    database_.query("INSERT INTO golden(gid, entity, redirect, created, changed) VALUES(?, ?, ?, ?, ?)")
        .bind(id, golden.entity, golden.redirect, golden.created, golden.changed)
        .run();
    entry.row = database_.last_insert_id();
    database_.query("INSERT INTO golden_body(id, body) VALUES(?, ?)").bind(entry.row, body).run();
  } else {
    database_.query("UPDATE golden SET entity=?, redirect=?, created=?, changed=? WHERE id=?")
        .bind(golden.entity, golden.redirect, golden.created, golden.changed, entry.row)
        .run();
    database_.query("UPDATE golden_body SET body=? WHERE id=?").bind(body, entry.row).run();
  }
  if (!entry.same_text) write_search_text(entry, is_new);
  entry.same_text = true;
  count_again(entry, tally);
  entry.dirty = false;
}

void Goldens::count_again(Entry& entry, Tally& tally) {
  const auto add = [&](const Counted& as, std::int64_t by) {
    Change& change = tally[as.entity];
    (as.merged ? change.merged : change.live) += by;
  };
  const Counted now{entry.whole->entity, !entry.whole->redirect.empty()};
  if (entry.counted && entry.counted->merged == now.merged && entry.counted->entity == now.entity) return;
  if (entry.counted) add(*entry.counted, -1);
  add(now, 1);
  entry.counted = now;
}

void Goldens::write_tally(const Tally& tally) {
  for (const auto& [entity, by] : tally)
    database_
        .query(
            "INSERT INTO golden_tally(entity, live, merged) VALUES(?, ?, ?) ON CONFLICT(entity) DO UPDATE"
            " SET live=live+excluded.live, merged=merged+excluded.merged")
        .bind(entity, by.live, by.merged)
        .run();
}

// Somebody's records only: from the index of scopes, so that few among a million are found at once.
std::vector<sync::Golden> Goldens::list_in_scopes(const GoldenQuery& query, const Page& page) {
  auto q = database_.query(
      "WITH mine(scope) AS MATERIALIZED (SELECT value FROM json_each(?6)),"
      " wanted(scope) AS MATERIALIZED (SELECT scope FROM mine UNION ALL SELECT 'parent:' || c.gid FROM mine m"
      "   CROSS JOIN golden_scope c ON c.scope=m.scope WHERE c.entity<>?2)"
      " SELECT g.gid, b.body FROM (SELECT DISTINCT s.gid AS gid FROM wanted w CROSS JOIN golden_scope s"
      "   ON s.scope=w.scope AND s.entity=?2 WHERE s.gid>?1) o"
      " JOIN golden g ON g.gid=o.gid JOIN golden_body b ON b.id=g.id"
      " WHERE g.redirect='' AND g.changed>=?3"
      " AND (?4='' OR EXISTS(SELECT 1 FROM replica r INDEXED BY replica_golden CROSS JOIN source o ON "
      "o.id=r.source"
      "   WHERE r.golden=g.gid AND r.golden<>'' AND o.connection=?4 AND r.flags & 1=0))"
      " AND (?7='' OR match_rank((SELECT text FROM golden_search t WHERE t.id=g.id), ?7) IS NOT NULL)"
      " ORDER BY g.gid LIMIT ?5");
  const auto scopes = scopes_json(*query.scopes);
  const auto needle = search_needle(query.text);
  if (needle.empty() && !query.text.empty()) return {};
  q.bind(page.after, query.entity, query.changed_since, query.connection, page.limit, scopes, needle);
  std::vector<sync::Golden> found;
  while (q.step()) found.push_back(decoded(q.view(1), q.text(0)));
  return found;
}

// Are few enough changed since then that it pays to collect and sort them?
bool Goldens::few_changed(const GoldenQuery& query) {
  if (query.changed_since == model::unknown_time) return false;
  auto q = database_.query(
      "SELECT 1 FROM golden INDEXED BY golden_changed WHERE entity=? AND changed>=? LIMIT 1 OFFSET ?");
  return !q.bind(query.entity, query.changed_since, few).step();
}

std::vector<sync::Golden> Goldens::list(const GoldenQuery& query, const Page& page) {
  if (query.scopes) return list_in_scopes(query, page);
  if (query.text.empty() && query.connection.empty() && few_changed(query)) {
    auto q = database_.query(
        "SELECT g.gid, b.body FROM golden g INDEXED BY golden_changed CROSS JOIN golden_body b ON b.id=g.id"
        " WHERE g.entity=? AND g.changed>=? AND g.redirect='' AND g.gid>? ORDER BY g.gid LIMIT ?");
    q.bind(query.entity, query.changed_since, page.after, page.limit);
    std::vector<sync::Golden> found;
    while (q.step()) found.push_back(decoded(q.view(1), q.text(0)));
    return found;
  }
  // The plus signs keep the planner from collecting and sorting everything for each page: it is to walk by
  // gid.
  auto q = database_.query(
      "SELECT g.gid, b.body FROM golden g CROSS JOIN golden_body b ON b.id=g.id"
      " WHERE g.gid>?1 AND +g.entity=?2 AND g.redirect='' AND +g.changed>=?3"
      " AND (?4='' OR match_rank((SELECT text FROM golden_search s WHERE s.id=g.id), ?4) IS NOT NULL)"
      " AND (?5='' OR EXISTS(SELECT 1 FROM replica r INDEXED BY replica_golden CROSS JOIN source o ON "
      "o.id=r.source"
      "   WHERE r.golden=g.gid AND r.golden<>'' AND o.connection=?5 AND r.flags & 1=0))"
      " ORDER BY g.gid LIMIT ?6");
  const auto needle = search_needle(query.text);
  if (needle.empty() && !query.text.empty()) return {};
  q.bind(page.after, query.entity, query.changed_since, needle, query.connection, page.limit);
  std::vector<sync::Golden> found;
  while (q.step()) found.push_back(decoded(q.view(1), q.text(0)));
  return found;
}

std::vector<GoldenCount> Goldens::count() {
  auto q = database_.query(
      "SELECT entity, live, merged FROM golden_tally WHERE live<>0 OR merged<>0 ORDER BY entity");
  std::vector<GoldenCount> counts;
  while (q.step()) counts.push_back({q.text(0), q.integer(1), q.integer(2)});
  return counts;
}

}  // namespace huiliu::store::sqlite
