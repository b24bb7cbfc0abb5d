// Golden records of one transaction: a cache of what it read, written back by flush(). Beside each stands the
// text that people search, and how many there are. Used by Session; one thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "hub/model/schema.hpp"
#include "hub/store/sqlite/database.hpp"
#include "hub/store/types.hpp"

namespace huiliu::store::sqlite {

// A list of scopes as SQL takes it.
std::string scopes_json(const std::vector<std::string>& scopes);

class Goldens {
 public:
  Goldens(Database& database, const model::Schema& schema) : database_(database), schema_(schema) {}

  std::optional<sync::Golden> load(const GoldenId& id);
  // The surviving id; "" when unknown. Throws StorageFailure when redirects go in a circle.
  GoldenId resolve(const GoldenId& id);
  void save(const sync::Golden& golden);
  // For good, with search text and scopes; nothing may be cached unwritten.
  void erase(const GoldenId& id);

  // Made in this transaction, and no mark of it is in the due index.
  bool never_due(const GoldenId& id) const;
  void note_due(const GoldenId& id);

  void flush();
  // Forgets what is cached; only after flush().
  void clear() { entries_.clear(); }
  std::size_t cached() const noexcept { return entries_.size(); }

  // These see what was flushed.
  std::vector<sync::Golden> list(const GoldenQuery& query, const Page& page);
  std::vector<GoldenId> search(const std::string& entity, const std::string& text, std::size_t limit,
                               const Scopes& scopes);
  // Makes search text, its index and the scopes anew for every golden record, a batch at a time after
  // `after`; returns where to go on, "" at the end.
  GoldenId rebuild_search(const GoldenId& after, std::size_t limit);
  std::vector<GoldenCount> count();

 private:
  // So many rows are looked through by a search: a millisecond or two.
  static constexpr std::int64_t most_unindexed = 4000;
  // What the tally counted it as.
  struct Counted {
    std::string entity;
    bool merged = false;
  };
  struct Entry {
    std::int64_t row = 0;  // 0: not stored
    bool exists = false;   // stored or to be stored
    bool dirty = false;
    bool never_due = false;
    bool same_text = true;  // since it was read, nothing by which people find it changed
    GoldenId redirect;
    std::optional<Counted> counted;
    std::optional<sync::Golden> whole;
  };
  Entry& fetch(const GoldenId& id);
  void read_body(const GoldenId& id, Entry& entry);
  // By entity, what a flush adds to the counts of living and merged records.
  struct Change {
    std::int64_t live = 0, merged = 0;
  };
  using Tally = std::map<std::string, Change>;
  void write(const GoldenId& id, Entry& entry, Tally& tally);
  void count_again(Entry& entry, Tally& tally);
  // is_new: the index has not heard of it.
  void write_search_text(const Entry& entry, bool is_new);
  // The newest row whose text the index has; it has those of all rows before it.
  std::int64_t indexed_to();
  // Gives the index what it does not have yet, when that has become much.
  void index_many();
  void write_grams(std::int64_t row, const std::string& before, const std::string& after);
  void write_scopes(const sync::Golden& golden, const std::string& before, const std::string& after);
  bool few_changed(const GoldenQuery& query);
  std::vector<sync::Golden> list_in_scopes(const GoldenQuery& query, const Page& page);
  void write_tally(const Tally& tally);
  sync::Golden decoded(std::string_view body, const GoldenId& id) const;

  Database& database_;
  const model::Schema& schema_;
  std::unordered_map<GoldenId, Entry> entries_;
  std::optional<std::int64_t> indexed_to_;
};

}  // namespace huiliu::store::sqlite
