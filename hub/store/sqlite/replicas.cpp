#include "hub/store/sqlite/replicas.hpp"

#include <algorithm>
#include <tuple>

#include "hub/model/id.hpp"
#include "hub/sync/codec.hpp"

namespace huiliu::store::sqlite {
namespace {

// The columns of a head, in the order in which read_head takes them.
constexpr const char* select_head =
    "SELECT id, entity, golden, link_order, flags, raw_hash, token, mapping, evid, wend FROM replica"
    " WHERE source=? AND key=?";

sync::ReplicaHead read_head(const Statement& q, int first) {
  sync::ReplicaHead head;
  const auto flags = q.integer(first + 4);
  head.golden = q.text(first + 2);
  head.raw_hash = static_cast<std::uint64_t>(q.integer(first + 5));
  head.token = q.text(first + 6);
  head.mapping_version = q.text(first + 7);
  head.evid = q.integer(first + 8);
  head.wend = q.integer(first + 9);
  head.gone = (flags & flag_gone) != 0;
  head.settled = (flags & flag_settled) != 0;
  return head;
}

std::int64_t flags_of(const sync::Replica& replica, bool settled) {
  return (replica.gone ? flag_gone : 0) | (replica.made_by_hub ? flag_made_by_hub : 0) |
         (replica.pending_approval ? flag_pending_approval : 0) | (settled ? flag_settled : 0) |
         (replica.intents.empty() ? 0 : flag_intents) | (replica.leader.empty() ? 0 : flag_follower);
}

bool in_link_order(const sync::Replica& a, const sync::Replica& b) {
  return std::tie(a.link_order, a.ref) < std::tie(b.link_order, b.ref);
}

}  // namespace

bool is_provisional(const RecordRef& ref) noexcept { return ref.key.starts_with("new:"); }

std::size_t Replicas::RefHash::operator()(const RecordRef& ref) const noexcept {
  const std::hash<std::string> hash;
  return hash(ref.key) * 31 + hash(ref.stream) * 7 + hash(ref.connection);
}

Replicas::Entry& Replicas::fetch(const RecordRef& ref) {
  const auto [found, is_new] = entries_.try_emplace(ref);
  Entry& entry = found->second;
  if (!is_new) return entry;
  entry.ref = &found->first;
  const auto source = database_.source(ref.connection, ref.stream);
  if (source == 0) return entry;
  auto q = database_.query(select_head);
  if (q.bind(source, ref.key).step()) take_row(entry, q);
  return entry;
}

Replicas::Entry& Replicas::entry_of(const Statement& q, RecordRef ref) {
  const auto [found, is_new] = entries_.try_emplace(std::move(ref));
  Entry& entry = found->second;
  if (!is_new) return entry;
  entry.ref = &found->first;
  take_row(entry, q);
  return entry;
}

void Replicas::take_row(Entry& entry, const Statement& q) {
  entry.row = Row{q.integer(0), q.text(1), q.text(2), q.integer(3), q.integer(4)};
  entry.head = read_head(q, 0);
  entry.exists = true;
  by_row_.emplace(entry.row->id, &entry);
  if (!entry.head.golden.empty()) members_[entry.head.golden].push_back(&entry);
}

sync::Replica Replicas::decoded(const RecordRef& ref, const sync::ReplicaHead& head,
                                std::string_view body) const {
  auto replica = sync::decode_replica(body, schema_);
  if (!replica.ok())
    throw sync::StorageFailure("record " + ref.text() + " cannot be read: " + replica.error().text());
  replica->evid = head.evid;  // may be newer than the body, see touch
  return std::move(*replica);
}

sync::Replica& Replicas::whole_of(Entry& entry) {
  if (entry.whole) return *entry.whole;
  if (entry.dirty) {
    entry.whole = std::make_unique<sync::Replica>(decoded(*entry.ref, entry.head, entry.body));
  } else {
    auto q = database_.query("SELECT body FROM replica_body WHERE id=?");
    if (!q.bind(entry.row->id).step())
      throw sync::StorageFailure("record " + entry.ref->text() + " has no body");
    entry.whole = std::make_unique<sync::Replica>(decoded(*entry.ref, entry.head, q.view(0)));
  }
  return *entry.whole;
}

std::optional<sync::Replica> Replicas::load(const RecordRef& ref) {
  Entry& entry = fetch(ref);
  if (!entry.exists) return std::nullopt;
  return whole_of(entry);
}

std::optional<sync::ReplicaHead> Replicas::head(const RecordRef& ref) {
  const Entry& entry = fetch(ref);
  if (!entry.exists) return std::nullopt;
  return entry.head;
}

const GoldenId* Replicas::golden_of(const RecordRef& ref) {
  const Entry& entry = fetch(ref);
  return entry.exists ? &entry.head.golden : nullptr;
}

void Replicas::touch(const RecordRef& ref, Micros evid) {
  Entry& entry = fetch(ref);
  if (!entry.exists || entry.head.evid >= evid) return;
  entry.head.evid = evid;
  if (entry.whole) entry.whole->evid = evid;
  entry.touched = true;
}

void Replicas::save(const sync::Replica& replica, const std::vector<sync::MatchKey>* keys) {
  Entry& entry = fetch(replica.ref);
  const GoldenId before = entry.exists ? entry.head.golden : GoldenId();
  entry.whole.reset();
  entry.body = sync::encode(replica, schema_);
  auto head = sync::head_of(replica);
  if (!entry.exists || !(head == entry.head)) entry.touched = true;
  entry.head = std::move(head);
  entry.next = {0, replica.entity, replica.golden, replica.link_order, flags_of(replica, entry.head.settled)};
  entry.exists = true;
  entry.dirty = true;
  if (before != replica.golden) move_member(entry, before, replica.golden);
  if (keys == nullptr) return;
  entry.new_keys = true;
  entry.keys = *keys;
  for (const auto& key : entry.keys) pending_keys_[key_hash(replica.entity, key)].push_back(&entry);
}

void Replicas::erase(const RecordRef& ref) {
  Entry& entry = fetch(ref);
  if (!entry.exists) return;
  move_member(entry, entry.head.golden, GoldenId());
  entry.exists = false;
  entry.dirty = true;
  entry.new_keys = true;  // namely none, should it be saved again
  entry.keys.clear();
  entry.head = {};
  entry.whole.reset();
  entry.body.clear();
}

void Replicas::move_member(Entry& entry, const GoldenId& from, const GoldenId& to) {
  if (!from.empty()) std::erase(members_[from], &entry);
  if (!to.empty()) members_[to].push_back(&entry);
}

void Replicas::read_members(const GoldenId& golden) {
  if (!complete_.insert(golden).second) return;
  auto q = database_.query(
      "SELECT r.id, r.entity, r.golden, r.link_order, r.flags, r.raw_hash, r.token, r.mapping, r.evid, "
      "r.wend,"
      " b.body, r.source, r.key FROM replica r JOIN replica_body b ON b.id=r.id WHERE r.golden=? AND "
      "r.golden<>''");
  q.bind(golden);
  while (q.step()) {
    const auto& [connection, stream] = database_.source_name(q.integer(11));
    Entry& entry = entry_of(q, {connection, stream, q.text(12)});
    if (entry.exists && !entry.dirty && !entry.whole)
      entry.whole = std::make_unique<sync::Replica>(decoded(*entry.ref, entry.head, q.view(10)));
  }
}

std::vector<sync::Replica> Replicas::linked_to(const GoldenId& golden) {
  read_members(golden);
  std::vector<sync::Replica> replicas;
  const auto found = members_.find(golden);
  if (found == members_.end()) return replicas;
  replicas.reserve(found->second.size());
  for (Entry* entry : found->second) replicas.push_back(whole_of(*entry));
  std::sort(replicas.begin(), replicas.end(), in_link_order);
  return replicas;
}

std::optional<sync::Replica> Replicas::primary(const GoldenId& golden, const std::string& connection,
                                               const std::string& stream) {
  read_members(golden);
  const auto found = members_.find(golden);
  if (found == members_.end()) return std::nullopt;
  const auto rank = [](const sync::Replica& r) {
    return std::tuple(is_provisional(r.ref), r.link_order, r.ref);
  };
  const sync::Replica* best = nullptr;
  for (Entry* entry : found->second) {
    if (entry->ref->connection != connection || entry->ref->stream != stream) continue;
    const auto& replica = whole_of(*entry);
    if (replica.gone || !replica.leader.empty()) continue;
    if (best == nullptr || rank(replica) < rank(*best)) best = &replica;
  }
  return best != nullptr ? std::optional(*best) : std::nullopt;
}

Replicas::Entry* Replicas::indexed_entry(std::int64_t row) {
  if (const auto known = by_row_.find(row); known != by_row_.end() && known->second->indexed)
    return known->second;
  auto q = database_.query(
      "SELECT r.id, r.entity, r.golden, r.link_order, r.flags, r.raw_hash, r.token, r.mapping, r.evid, "
      "r.wend, b.keys, r.source, r.key FROM replica r JOIN replica_body b ON b.id=r.id WHERE r.id=?");
  if (!q.bind(row).step()) return nullptr;
  const auto& [connection, stream] = database_.source_name(q.integer(11));
  Entry& entry = entry_of(q, {connection, stream, q.text(12)});
  entry.indexed = q.text(10);
  return &entry;
}

bool Replicas::has_key(const Entry& entry, const sync::MatchKey& key) const {
  return std::find(entry.keys.begin(), entry.keys.end(), key) != entry.keys.end();
}

std::vector<RecordRef> Replicas::find(const std::string& entity, const sync::MatchKey& key,
                                      std::size_t limit) {
  std::vector<RecordRef> refs;
  const auto hash = key_hash(entity, key);
  auto q = database_.query("SELECT replica FROM match_key WHERE hash=? ORDER BY replica");
  q.bind(hash);
  while (refs.size() < limit && q.step()) {
    const Entry* const entry = indexed_entry(q.integer(0));
    // What was saved with new keys, or erased, is not as the index has it.
    if (entry == nullptr || !entry->exists || entry->new_keys) continue;
    if (entry->row->entity == entity && contains_key(*entry->indexed, key)) refs.push_back(*entry->ref);
  }
  const auto pending = pending_keys_.find(hash);
  if (pending == pending_keys_.end()) return refs;
  for (const Entry* entry : pending->second) {
    if (refs.size() >= limit) break;
    const bool carries =
        entry->new_keys && entry->exists && entry->next.entity == entity && has_key(*entry, key);
    if (carries && std::find(refs.begin(), refs.end(), *entry->ref) == refs.end())
      refs.push_back(*entry->ref);
  }
  return refs;
}

void Replicas::clear() {
  members_.clear();
  complete_.clear();
  pending_keys_.clear();
  by_row_.clear();
  entries_.clear();
}

std::vector<sync::Replica> Replicas::list(const std::string& connection, const std::string& stream,
                                          const Page& page) {
  auto q = database_.query(
      "SELECT r.id, r.entity, r.golden, r.link_order, r.flags, r.raw_hash, r.token, r.mapping, r.evid, "
      "r.wend,"
      " b.body, r.key FROM replica r JOIN replica_body b ON b.id=r.id"
      " WHERE r.source=? AND r.key>? ORDER BY r.key LIMIT ?");
  q.bind(database_.source(connection, stream), page.after, page.limit);
  std::vector<sync::Replica> replicas;
  while (q.step()) replicas.push_back(decoded({connection, stream, q.text(11)}, read_head(q, 0), q.view(10)));
  return replicas;
}

std::vector<RecordRef> Replicas::refs_of(Statement& q, const std::string& connection,
                                         const std::string& stream) const {
  std::vector<RecordRef> refs;
  while (q.step()) refs.push_back({connection, stream, q.text(0)});
  return refs;
}

std::vector<RecordRef> Replicas::deleted_before(const std::string& connection, const std::string& stream,
                                                Micros before, const Page& page) {
  auto q = database_.query(
      "SELECT key FROM replica WHERE source=? AND key>? AND flags & 1 AND evid<? ORDER BY key LIMIT ?");
  q.bind(database_.source(connection, stream), page.after, before, page.limit);
  return refs_of(q, connection, stream);
}

std::vector<RecordRef> Replicas::not_seen_since(const std::string& connection, const std::string& stream,
                                                Micros since, const Page& page) {
  auto q = database_.query(
      "SELECT key FROM replica WHERE source=? AND key>? AND evid<? AND wend<? AND flags & 1=0"
      " AND key NOT GLOB 'new:*' ORDER BY key LIMIT ?");
  q.bind(database_.source(connection, stream), page.after, since, since, page.limit);
  return refs_of(q, connection, stream);
}

std::vector<RecordRef> Replicas::with_intents(const std::string& connection, const std::string& stream,
                                              const Page& page) {
  auto q =
      database_.query("SELECT key FROM replica WHERE source=? AND key>? AND flags & 16 ORDER BY key LIMIT ?");
  q.bind(database_.source(connection, stream), page.after, page.limit);
  return refs_of(q, connection, stream);
}

std::vector<RecordCount> Replicas::count() {
  auto q = database_.query(
      "SELECT source, entity, records, linked, created, gone FROM record_tally WHERE records<>0 OR gone<>0");
  std::vector<RecordCount> counts;
  while (q.step()) {
    const auto& [connection, stream] = database_.source_name(q.integer(0));
    counts.push_back({connection, stream, q.text(1), q.integer(2), q.integer(3), q.integer(4), q.integer(5)});
  }
  std::sort(counts.begin(), counts.end(), [](const RecordCount& a, const RecordCount& b) {
    return std::tie(a.connection, a.stream, a.entity) < std::tie(b.connection, b.stream, b.entity);
  });
  return counts;
}

}  // namespace huiliu::store::sqlite
