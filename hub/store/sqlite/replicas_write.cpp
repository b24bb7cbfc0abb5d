// How replicas are written back: narrow row, body, match keys, tallies.
#include <algorithm>
#include <iterator>

#include "hub/model/id.hpp"
#include "hub/store/sqlite/replicas.hpp"
#include "hub/sync/codec.hpp"

namespace huiliu::store::sqlite {
namespace {

void append_counted(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

// Takes "LENGTH:TEXT" from the front; false when it is not there.
bool take_counted(std::string_view& rest, std::string_view& text) {
  std::size_t size = 0, at = 0;
  while (at < rest.size() && rest[at] >= '0' && rest[at] <= '9' && size < rest.size())
    size = size * 10 + static_cast<std::size_t>(rest[at++] - '0');
  if (at == 0 || at >= rest.size() || rest[at] != ':' || rest.size() - at - 1 < size) return false;
  text = rest.substr(at + 1, size);
  rest.remove_prefix(at + 1 + size);
  return true;
}

std::pair<std::string_view, std::string_view> take_key(std::string_view& rest) {
  std::string_view kind, value;
  if (!take_counted(rest, kind) || !take_counted(rest, value))
    throw sync::StorageFailure("the match keys of a record cannot be read");
  return {kind, value};
}

void tally_replica(RecordCount& count, const GoldenId& golden, std::int64_t flags, std::int64_t by) {
  if ((flags & flag_gone) != 0) {
    count.gone += by;
    return;
  }
  count.records += by;
  if (!golden.empty()) count.linked += by;
  if ((flags & flag_made_by_hub) != 0) count.created += by;
}

std::vector<std::int64_t> hashes_of(const std::string& entity, const std::vector<sync::MatchKey>& keys) {
  std::vector<std::int64_t> hashes;
  for (const auto& key : keys) hashes.push_back(key_hash(entity, key));
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  return hashes;
}

std::vector<std::int64_t> without(const std::vector<std::int64_t>& all,
                                  const std::vector<std::int64_t>& some) {
  std::vector<std::int64_t> rest;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(rest));
  return rest;
}

}  // namespace

std::int64_t key_hash(const std::string& entity, const sync::MatchKey& key) {
  constexpr std::string_view between("\0", 1);
  auto hash = model::hash64(entity);
  hash = model::hash64(key.kind, model::hash64(between, hash));
  return static_cast<std::int64_t>(model::hash64(key.value, model::hash64(between, hash)));
}

std::string encode_keys(const std::vector<sync::MatchKey>& keys) {
  std::string out;
  for (const auto& key : keys) {
    append_counted(out, key.kind);
    append_counted(out, key.value);
  }
  return out;
}

std::vector<sync::MatchKey> decode_keys(std::string_view text) {
  std::vector<sync::MatchKey> keys;
  while (!text.empty()) {
    const auto [kind, value] = take_key(text);
    keys.push_back({std::string(kind), std::string(value)});
  }
  return keys;
}

bool contains_key(std::string_view text, const sync::MatchKey& key) {
  while (!text.empty())
    if (take_key(text) == std::pair<std::string_view, std::string_view>(key.kind, key.value)) return true;
  return false;
}

void Replicas::flush() {
  std::vector<Entry*> changed;
  for (auto& [ref, entry] : entries_)
    if (entry.dirty || entry.touched) changed.push_back(&entry);
  // In the order of the index by address: neighbours share pages.
  std::sort(changed.begin(), changed.end(), [](const Entry* a, const Entry* b) { return *a->ref < *b->ref; });
  Tally tally;
  for (Entry* entry : changed) {
    if (!entry->dirty) {
      database_.query("UPDATE replica SET evid=? WHERE id=?").bind(entry->head.evid, entry->row->id).run();
    } else if (entry->exists) {
      write(*entry, tally);
    } else if (entry->row) {
      remove(*entry, tally);
    }
    entry->dirty = entry->touched = entry->new_keys = false;
    entry->keys.clear();
    entry->body.clear();
  }
  pending_keys_.clear();
  write_keys();
  write_tally(tally);
}

void Replicas::write(Entry& entry, Tally& tally) {
  const auto source = database_.add_source(entry.ref->connection, entry.ref->stream);
  const bool is_new = !entry.row;
  const std::string old_entity = is_new ? std::string() : entry.row->entity;
  std::string old_keys;
  if (!is_new && (entry.new_keys || old_entity != entry.next.entity)) {
    auto q = database_.query("SELECT keys FROM replica_body WHERE id=?");
    if (q.bind(entry.row->id).step()) old_keys = q.text(0);
    if (!entry.new_keys) entry.keys = decode_keys(old_keys);  // the entity is part of what is indexed
    entry.new_keys = true;
  }
  if (!is_provisional(*entry.ref)) {
    if (!is_new) tally_replica(tally[{source, old_entity}], entry.row->golden, entry.row->flags, -1);
    tally_replica(tally[{source, entry.next.entity}], entry.next.golden, entry.next.flags, 1);
  }
  write_row(entry, source);
  entry.next.id = is_new ? database_.last_insert_id() : entry.row->id;
  entry.row = entry.next;
  if (is_new) by_row_.emplace(entry.row->id, &entry);
  write_body(entry, is_new);
  if (entry.new_keys) change_keys(entry, old_entity, old_keys);
}

void Replicas::write_row(const Entry& entry, std::int64_t source) {
  const auto& head = entry.head;
  const auto& next = entry.next;
  const auto hash = static_cast<std::int64_t>(head.raw_hash);
  if (!entry.row) {
    database_
        .query(
            "INSERT INTO replica(source, key, entity, golden, link_order, flags, raw_hash, token, mapping, "
            "evid, wend)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(source, entry.ref->key, next.entity, next.golden, next.link_order, next.flags, hash, head.token,
              head.mapping_version, head.evid, head.wend)
        .run();
    return;
  }
  const auto& row = *entry.row;
  if (next.golden == row.golden && next.flags == row.flags && next.entity == row.entity &&
      next.link_order == row.link_order) {
    if (!entry.touched) return;  // what changed stands in the body
    // Names no indexed column, so SQLite leaves the indexes alone.
    database_.query("UPDATE replica SET raw_hash=?, token=?, mapping=?, evid=?, wend=? WHERE id=?")
        .bind(hash, head.token, head.mapping_version, head.evid, head.wend, row.id)
        .run();
    return;
  }
  database_
      .query(
          "UPDATE replica SET entity=?, golden=?, link_order=?, flags=?, raw_hash=?, token=?, mapping=?, "
          "evid=?,"
          " wend=? WHERE id=?")
      .bind(next.entity, next.golden, next.link_order, next.flags, hash, head.token, head.mapping_version,
            head.evid, head.wend, row.id)
      .run();
}

void Replicas::write_body(Entry& entry, bool is_new) {
  const auto id = entry.row->id;
  if (!is_new && !entry.new_keys) {
    database_.query("UPDATE replica_body SET body=? WHERE id=?").bind(entry.body, id).run();
    return;
  }
  const std::string& keys = entry.indexed.emplace(encode_keys(entry.keys));
  if (is_new) {
    database_.query("INSERT INTO replica_body(id, keys, body) VALUES(?, ?, ?)")
        .bind(id, keys, entry.body)
        .run();
  } else {
    database_.query("UPDATE replica_body SET keys=?, body=? WHERE id=?").bind(keys, entry.body, id).run();
  }
}

void Replicas::change_keys(const Entry& entry, const std::string& old_entity, std::string_view old_keys) {
  const auto before = hashes_of(old_entity, decode_keys(old_keys));
  const auto after = hashes_of(entry.row->entity, entry.keys);
  for (const auto hash : without(before, after)) key_changes_.push_back({hash, entry.row->id, false});
  for (const auto hash : without(after, before)) key_changes_.push_back({hash, entry.row->id, true});
}

void Replicas::write_keys() {
  std::sort(key_changes_.begin(), key_changes_.end());
  for (const auto& change : key_changes_)
    database_
        .query(change.add ? std::string_view("INSERT OR IGNORE INTO match_key(hash, replica) VALUES(?, ?)")
                          : std::string_view("DELETE FROM match_key WHERE hash=? AND replica=?"))
        .bind(change.hash, change.replica)
        .run();
  key_changes_.clear();
}

void Replicas::remove(Entry& entry, Tally& tally) {
  const auto id = entry.row->id;
  {
    auto q = database_.query("SELECT keys FROM replica_body WHERE id=?");
    if (q.bind(id).step())
      for (const auto hash : hashes_of(entry.row->entity, decode_keys(q.view(0))))
        key_changes_.push_back({hash, id, false});
  }
  database_.query("DELETE FROM replica_body WHERE id=?").bind(id).run();
  database_.query("DELETE FROM replica WHERE id=?").bind(id).run();
  by_row_.erase(id);
  entry.indexed.reset();
  if (!is_provisional(*entry.ref)) {
    const auto source = database_.source(entry.ref->connection, entry.ref->stream);
    tally_replica(tally[{source, entry.row->entity}], entry.row->golden, entry.row->flags, -1);
  }
  entry.row.reset();
}

void Replicas::write_tally(const Tally& tally) {
  for (const auto& [of, by] : tally) {
    if (by.records == 0 && by.linked == 0 && by.created == 0 && by.gone == 0) continue;
    database_
        .query(
            "INSERT INTO record_tally(source, entity, records, linked, created, gone) VALUES(?, ?, ?, ?, ?, "
            "?)"
            " ON CONFLICT(source, entity) DO UPDATE SET records=records+excluded.records,"
            " linked=linked+excluded.linked, created=created+excluded.created, gone=gone+excluded.gone")
        .bind(of.first, of.second, by.records, by.linked, by.created, by.gone)
        .run();
  }
}

}  // namespace huiliu::store::sqlite
