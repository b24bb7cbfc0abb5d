// The text by which people find golden records, and the index of it. The index gets texts by the thousand: a
// row above `indexed_to` is not in it yet, and a search looks through those.
#include <algorithm>

#include "hub/store/search_text.hpp"
#include "hub/store/sqlite/goldens.hpp"

namespace huiliu::store::sqlite {

std::string scopes_json(const std::vector<std::string>& scopes) {
  model::Array list;
  for (const auto& scope : scopes) list.emplace_back(scope);
  return model::to_json(model::Value(std::move(list)));
}

void Goldens::write_search_text(const Entry& entry, bool is_new) {
  const auto& golden = *entry.whole;
  const auto* entity = schema_.find(golden.entity);
  // A merged record is found by the one that it became part of.
  const bool found = entity != nullptr && entry.redirect.empty();
  const auto text = found ? search_text(*entity, golden) : std::string();
  const auto scopes = found ? golden_scopes(*entity, golden) : std::string();
  std::string old_text, old_scopes, old_entity;
  bool known = false;
  if (!is_new) {
    auto q = database_.query("SELECT text, scopes, entity FROM golden_search WHERE id=?");
    if (q.bind(entry.row).step()) {
      known = true;
      old_text = q.text(0);
      old_scopes = q.text(1);
      old_entity = q.text(2);
    }
  }
  if (known && old_text == text && old_scopes == scopes && old_entity == golden.entity) return;
  database_
      .query(
          "INSERT INTO golden_search(id, entity, text, scopes) VALUES(?, ?, ?, ?) ON CONFLICT(id) DO"
          " UPDATE SET text=excluded.text, entity=excluded.entity, scopes=excluded.scopes")
      .bind(entry.row, golden.entity, text, scopes)
      .run();
  if (entry.row <= indexed_to()) {
    const auto* old = schema_.find(old_entity);
    write_grams(entry.row, old != nullptr ? search_grams(old->id_prefix, old_text) : std::string(),
                found ? search_grams(entity->id_prefix, text) : std::string());
  }
  if (old_scopes != scopes || old_entity != golden.entity) write_scopes(golden, old_scopes, scopes);
}

// The index forgets a text only when it is told it once more.
void Goldens::write_grams(std::int64_t row, const std::string& before, const std::string& after) {
  if (before == after) return;
  if (!before.empty())
    database_.query("INSERT INTO golden_gram(golden_gram, rowid, gram) VALUES('delete', ?, ?)")
        .bind(row, before)
        .run();
  if (!after.empty())
    database_.query("INSERT INTO golden_gram(rowid, gram) VALUES(?, ?)").bind(row, after).run();
}

std::int64_t Goldens::indexed_to() {
  if (!indexed_to_) {
    auto q = database_.query("SELECT indexed_to FROM search_index WHERE one=1");
    indexed_to_ = q.step() ? q.integer(0) : 0;
  }
  return *indexed_to_;
}

// Many texts in one go cost the index less than some at a time: it sorts them in memory before it writes.
void Goldens::index_many() {
  std::int64_t newest = 0;
  {
    auto q = database_.query("SELECT max(id) FROM golden_search");
    if (q.step()) newest = q.integer(0);
  }
  if (newest - indexed_to() <= most_unindexed) return;
  {
    auto q = database_.query("SELECT id, entity, text FROM golden_search WHERE id>? ORDER BY id");
    q.bind(indexed_to());
    while (q.step())
      if (const auto* entity = schema_.find(q.text(1)))
        write_grams(q.integer(0), {}, search_grams(entity->id_prefix, q.view(2)));
  }
  database_.query("UPDATE search_index SET indexed_to=?").bind(newest).run();
  indexed_to_ = newest;
}

void Goldens::write_scopes(const sync::Golden& golden, const std::string& before, const std::string& after) {
  for (const auto& scope : scopes_in(before))
    database_.query("DELETE FROM golden_scope WHERE scope=? AND gid=?").bind(scope, golden.id).run();
  for (const auto& scope : scopes_in(after))
    database_.query("INSERT OR IGNORE INTO golden_scope(scope, entity, gid) VALUES(?, ?, ?)")
        .bind(scope, golden.entity, golden.id)
        .run();
}

// After the index was emptied.
GoldenId Goldens::rebuild_search(const GoldenId& after, std::size_t limit) {
  std::vector<GoldenId> ids;
  {
    auto q = database_.query("SELECT gid FROM golden WHERE gid>? ORDER BY gid LIMIT ?");
    q.bind(after, limit);
    while (q.step()) ids.push_back(q.text(0));
  }
  for (const auto& id : ids) {
    Entry& entry = fetch(id);
    if (!entry.whole) read_body(id, entry);
    write_search_text(entry, false);
  }
  clear();
  index_many();
  return ids.size() < limit ? GoldenId() : ids.back();
}

std::vector<GoldenId> Goldens::search(const std::string& entity, const std::string& text, std::size_t limit,
                                      const Scopes& scopes) {
  const auto needle = search_needle(text);
  const auto* known = schema_.find(entity);
  if (needle.empty() || known == nullptr) return {};
  const auto mine = scopes_json(scopes.value_or(std::vector<std::string>()));
  const auto everybody = !scopes.has_value();
  const auto grams = search_query(known->id_prefix, needle);
  std::vector<GoldenId> found;
  const auto collect = [&](Statement& q) {
    while (q.step()) found.push_back(q.text(0));
  };
  // The index says where all pieces of the needle are; whether they stand together is looked up in the text.
  // A needle that a great part of all records has (公司) is ranked among the first of them. The newest texts,
  // which the index does not have yet, are looked through.
  if (!grams.empty()) {
    auto q = database_.query(
        "SELECT gid FROM (SELECT g.gid AS gid, match_rank(s.text, ?1) AS rank, length(s.text) AS size, s.id "
        "AS id"
        "   FROM (SELECT id FROM (SELECT rowid AS id FROM golden_gram WHERE golden_gram MATCH ?4 LIMIT 3000)"
        "     UNION ALL SELECT id FROM golden_search WHERE id>?7 AND match_rank(text, ?1) IS NOT NULL) c"
        "   CROSS JOIN golden_search s ON s.id=c.id CROSS JOIN golden g ON g.id=s.id"
        "   WHERE s.entity=?2 AND (?5 OR EXISTS(SELECT 1 FROM json_each(?6) m CROSS JOIN golden_scope o"
        "     ON o.scope=m.value AND o.entity=?2 AND o.gid=g.gid)"
        "     OR EXISTS(SELECT 1 FROM json_each(?6) m CROSS JOIN golden_scope p ON p.scope=m.value"
        "       CROSS JOIN golden_scope o ON o.scope='parent:' || p.gid AND o.entity=?2 AND o.gid=g.gid)))"
        " WHERE rank IS NOT NULL ORDER BY rank, size, id LIMIT ?3");
    q.bind(needle, entity, limit, grams, everybody, mine, indexed_to());
    collect(q);
    return found;
  }
  // One letter or digit: no piece of text. A scan.
  auto q = database_.query(
      "SELECT gid FROM (SELECT g.gid AS gid, match_rank(s.text, ?1) AS rank, length(s.text) AS size, s.id AS "
      "id"
      "   FROM golden_search s CROSS JOIN golden g ON g.id=s.id WHERE s.entity=?2 AND rank IS NOT NULL"
      "   AND (?4 OR EXISTS(SELECT 1 FROM json_each(?5) m CROSS JOIN golden_scope o ON o.scope=m.value"
      "     AND o.entity=?2 AND o.gid=g.gid))) ORDER BY rank, size, id LIMIT ?3");
  q.bind(needle, entity, limit, everybody, mine);
  collect(q);
  return found;
}

}  // namespace huiliu::store::sqlite
