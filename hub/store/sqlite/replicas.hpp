// Replicas and the keys that identity finds them by, for one transaction: a cache of what it read, written
// back by flush(). Questions that the narrow row answers (head, link) do not decode the record. Used by
// Session; one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "hub/model/schema.hpp"
#include "hub/store/sqlite/database.hpp"
#include "hub/store/types.hpp"

namespace huiliu::store::sqlite {

// A record that is being created has this before the key that it does not have yet.
bool is_provisional(const RecordRef& ref) noexcept;

// Bits of replica.flags. The numbers stand in the tables and their indexes.
inline constexpr std::int64_t flag_gone = 1;
inline constexpr std::int64_t flag_made_by_hub = 2;
inline constexpr std::int64_t flag_pending_approval = 4;
inline constexpr std::int64_t flag_settled = 8;
inline constexpr std::int64_t flag_intents = 16;
inline constexpr std::int64_t flag_follower = 32;

// The number under which a key is indexed. Not unique: a match is verified against the record's own keys.
std::int64_t key_hash(const std::string& entity, const sync::MatchKey& key);
std::string encode_keys(const std::vector<sync::MatchKey>& keys);
std::vector<sync::MatchKey> decode_keys(std::string_view text);
bool contains_key(std::string_view text, const sync::MatchKey& key);

class Replicas {
 public:
  Replicas(Database& database, const model::Schema& schema) : database_(database), schema_(schema) {}

  std::optional<sync::Replica> load(const RecordRef& ref);
  std::optional<sync::ReplicaHead> head(const RecordRef& ref);
  // As it stands in the record. Null: there is no such record. Valid until the next call.
  const GoldenId* golden_of(const RecordRef& ref);
  void touch(const RecordRef& ref, Micros evid);
  // keys null: as they were.
  void save(const sync::Replica& replica, const std::vector<sync::MatchKey>* keys);
  void erase(const RecordRef& ref);
  // By link order, then by address.
  std::vector<sync::Replica> linked_to(const GoldenId& golden);
  std::optional<sync::Replica> primary(const GoldenId& golden, const std::string& connection,
                                       const std::string& stream);
  std::vector<RecordRef> find(const std::string& entity, const sync::MatchKey& key, std::size_t limit);

  void flush();
  // Forgets what is cached; only after flush().
  void clear();
  std::size_t cached() const noexcept { return entries_.size(); }

  // These see what was flushed.
  std::vector<sync::Replica> list(const std::string& connection, const std::string& stream, const Page& page);
  std::vector<RecordRef> deleted_before(const std::string& connection, const std::string& stream,
                                        Micros before, const Page& page);
  std::vector<RecordRef> not_seen_since(const std::string& connection, const std::string& stream,
                                        Micros since, const Page& page);
  std::vector<RecordRef> with_intents(const std::string& connection, const std::string& stream,
                                      const Page& page);
  std::vector<RecordCount> count();

 private:
  struct RefHash {
    std::size_t operator()(const RecordRef& ref) const noexcept;
  };
  // What the row in the table says, and so what the tallies counted.
  struct Row {
    std::int64_t id = 0;
    std::string entity;
    GoldenId golden;
    std::int64_t link_order = 0, flags = 0;
  };
  struct Entry {
    const RecordRef* ref = nullptr;
    std::optional<Row> row;  // as stored
    bool exists = false;     // stored or to be stored
    bool dirty = false;      // the whole is to be written
    bool touched = false;    // the narrow row is: something of the head changed
    bool new_keys = false;   // keys are to be written
    sync::ReplicaHead head;
    std::unique_ptr<sync::Replica> whole;  // decoded, when somebody asked for it
    Row next;                              // with dirty: the row to be
    std::string body;                      // with dirty: encoded at once, cheaper than to keep a copy
    std::vector<sync::MatchKey> keys;      // with new_keys
    std::optional<std::string> indexed;    // encoded, by which the index has it; when somebody asked for it
  };
  using Tally = std::map<std::pair<std::int64_t, std::string>, RecordCount>;

  Entry& fetch(const RecordRef& ref);
  // The entry of a row that a query shows in the columns of a head, from column 0.
  Entry& entry_of(const Statement& q, RecordRef ref);
  void take_row(Entry& entry, const Statement& q);
  // The entry of a row, with `indexed`; null: there is no such row.
  Entry* indexed_entry(std::int64_t row);
  sync::Replica& whole_of(Entry& entry);
  sync::Replica decoded(const RecordRef& ref, const sync::ReplicaHead& head, std::string_view body) const;
  void read_members(const GoldenId& golden);
  void move_member(Entry& entry, const GoldenId& from, const GoldenId& to);
  bool has_key(const Entry& entry, const sync::MatchKey& key) const;
  std::vector<RecordRef> refs_of(Statement& q, const std::string& connection,
                                 const std::string& stream) const;

  struct KeyChange {
    std::int64_t hash = 0, replica = 0;
    bool add = false;
    friend auto operator<=>(const KeyChange&, const KeyChange&) = default;
  };
  void write(Entry& entry, Tally& tally);
  void write_row(const Entry& entry, std::int64_t source);
  void write_body(Entry& entry, bool is_new);
  void change_keys(const Entry& entry, const std::string& old_entity, std::string_view old_keys);
  // In the order of the index, so that neighbours share pages.
  void write_keys();
  void remove(Entry& entry, Tally& tally);
  void write_tally(const Tally& tally);

  Database& database_;
  const model::Schema& schema_;
  std::unordered_map<RecordRef, Entry, RefHash> entries_;
  std::unordered_map<std::int64_t, Entry*> by_row_;  // those that are stored
  std::unordered_map<GoldenId, std::vector<Entry*>>
      members_;                            // of the entries, by the golden they are linked to now
  std::unordered_set<GoldenId> complete_;  // goldens of which every member is an entry
  std::unordered_map<std::int64_t, std::vector<Entry*>> pending_keys_;  // entries with new keys, by hash
  std::vector<KeyChange> key_changes_;                                  // of a flush under way
};

}  // namespace huiliu::store::sqlite
