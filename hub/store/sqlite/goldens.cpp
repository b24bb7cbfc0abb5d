#include "hub/store/sqlite/goldens.hpp"

#include <algorithm>

#include "hub/store/search_text.hpp"
#include "hub/sync/codec.hpp"

namespace huiliu::store::sqlite {
namespace {

constexpr int most_redirects = 1000;

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
  entry.whole = golden;
  entry.redirect = golden.redirect;
  entry.exists = true;
  entry.dirty = true;
}

void Goldens::flush() {
  std::vector<std::pair<const GoldenId*, Entry*>> dirty;
  for (auto& [id, entry] : entries_)
    if (entry.dirty) dirty.emplace_back(&id, &entry);
  // In the order of their ids, which is that of the tables: neighbours share pages.
  std::sort(dirty.begin(), dirty.end(), [](const auto& a, const auto& b) { return *a.first < *b.first; });
  for (auto& [id, entry] : dirty) write(*id, *entry);
}

void Goldens::write(const GoldenId& id, Entry& entry) {
  const auto& golden = *entry.whole;
  const auto body = sync::encode(golden, schema_);
  if (entry.row == 0) {
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
  write_search_text(entry);
  const bool merged = !golden.redirect.empty();
  if (!entry.counted || entry.counted->merged != merged || entry.counted->entity != golden.entity) {
    if (entry.counted)
      write_tally(entry.counted->entity, entry.counted->merged ? 0 : -1, entry.counted->merged ? -1 : 0);
    write_tally(golden.entity, merged ? 0 : 1, merged ? 1 : 0);
    entry.counted = Counted{golden.entity, merged};
  }
  entry.dirty = false;
}

void Goldens::write_search_text(const Entry& entry) {
  const auto* entity = schema_.find(entry.whole->entity);
  // A merged record is found by the one that it became part of.
  const auto text =
      entity == nullptr || !entry.redirect.empty() ? std::string() : search_text(*entity, *entry.whole);
  database_
      .query(
          "INSERT INTO golden_search(id, entity, text) VALUES(?, ?, ?) ON CONFLICT(id) DO UPDATE"
          " SET text=excluded.text, entity=excluded.entity WHERE text<>excluded.text OR "
          "entity<>excluded.entity")
      .bind(entry.row, entry.whole->entity, text)
      .run();
}

void Goldens::write_tally(const std::string& entity, std::int64_t live, std::int64_t merged) {
  database_
      .query(
          "INSERT INTO golden_tally(entity, live, merged) VALUES(?, ?, ?) ON CONFLICT(entity) DO UPDATE"
          " SET live=live+excluded.live, merged=merged+excluded.merged")
      .bind(entity, live, merged)
      .run();
}

std::vector<sync::Golden> Goldens::list(const GoldenQuery& query, const Page& page) {
  auto q = database_.query(
      "SELECT g.gid, b.body FROM golden g JOIN golden_body b ON b.id=g.id"
      " WHERE g.gid>?1 AND g.entity=?2 AND g.redirect='' AND g.changed>=?3"
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

std::vector<GoldenId> Goldens::search(const std::string& entity, const std::string& text, std::size_t limit) {
  const auto needle = search_needle(text);
  if (needle.empty()) return {};
  // A scan, on purpose: names are short, Chinese needles have two characters, and memmem reads a million in a
  // blink.
  auto q = database_.query(
      "SELECT g.gid FROM (SELECT id, match_rank(text, ?1) AS rank, length(text) AS size FROM golden_search"
      "   WHERE entity=?2 AND rank IS NOT NULL ORDER BY rank, size, id LIMIT ?3) s JOIN golden g ON g.id=s.id"
      " ORDER BY s.rank, s.size, s.id");
  q.bind(needle, entity, limit);
  std::vector<GoldenId> found;
  while (q.step()) found.push_back(q.text(0));
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
