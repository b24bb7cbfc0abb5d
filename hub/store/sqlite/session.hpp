// One open transaction or snapshot on one connection: the store's port, put together from its parts. What
// belongs to one subject stands in one file: session.cpp (engine state), session_runs.cpp,
// session_writes.cpp, session_parked.cpp, session_people.cpp, session_audit.cpp, session_erase.cpp. The owner
// begins and ends the SQLite transaction; flush() writes what is still cached before it is committed.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "hub/store/history_codec.hpp"
#include "hub/store/sqlite/goldens.hpp"
#include "hub/store/sqlite/replicas.hpp"
#include "hub/store/store.hpp"

namespace huiliu::store::sqlite {

class Session final : public Transaction {
 public:
  enum class Access { read, write };

  Session(Database& database, const model::Schema& schema, Access access)
      : database_(database), access_(access), goldens_(database, schema), replicas_(database, schema) {}

  // Writes what is cached. Throws StorageFailure.
  void flush();

  // Repository.
  std::optional<sync::Cluster> load_cluster(const GoldenId& id) override;
  std::optional<sync::Golden> load_golden(const GoldenId& id) override;
  GoldenId resolve(const GoldenId& id) override;
  void save(const sync::Golden& golden) override;
  std::optional<sync::Replica> load_replica(const RecordRef& ref) override;
  void save(const sync::Replica& replica, const std::vector<sync::MatchKey>& keys) override;
  void save(const sync::Replica& replica) override;
  void erase_replica(const RecordRef& ref) override;
  std::optional<sync::ReplicaHead> head(const RecordRef& ref) override;
  void touch(const RecordRef& ref, Micros evid) override;
  GoldenId golden_of(const RecordRef& ref) override;
  std::optional<sync::Replica> primary_of(const GoldenId& golden, const std::string& connection,
                                          const std::string& stream) override;
  std::vector<RecordRef> find_by_key(const std::string& entity, const sync::MatchKey& key,
                                     std::size_t limit) override;
  void add_waiting(const RecordRef& target, const RecordRef& waiter) override;
  std::vector<RecordRef> take_waiting(const RecordRef& target) override;
  void set_due(const GoldenId& golden, const std::string& entity, const std::string& connection,
               bool due) override;
  std::vector<GoldenId> due(const std::string& connection, const std::string& entity, const GoldenId& after,
                            std::size_t limit) override;
  void set_look(const RecordRef& ref, bool look) override;
  std::vector<RecordRef> to_look(const std::string& connection, const std::string& stream,
                                 std::size_t limit) override;
  void add_history(const sync::HistoryEntry& entry) override;
  std::vector<sync::HistoryEntry> history(const GoldenId& golden) override;
  void save(const sync::Review& review) override;
  std::optional<sync::Review> load_review(const std::string& id) override;
  std::optional<sync::Review> open_review(const std::string& dedupe) override;
  std::vector<sync::Review> open_reviews_of(const GoldenId& golden) override;
  bool observed(const std::string& connection, const std::string& stream) override;
  void set_observed(const std::string& connection, const std::string& stream, bool observed) override;

  // Records and cursors.
  std::vector<sync::Replica> list_replicas(const std::string& connection, const std::string& stream,
                                           const Page& page) override;
  std::vector<std::string> list_keys(const std::string& connection, const std::string& stream,
                                     const Page& page) override;
  std::vector<RecordRef> deleted_before(const std::string& connection, const std::string& stream,
                                        Micros before, const Page& page) override;
  std::vector<RecordRef> not_seen_since(const std::string& connection, const std::string& stream,
                                        Micros since, const Page& page) override;
  std::vector<RecordRef> with_intents(const std::string& connection, const std::string& stream,
                                      const Page& page) override;
  std::optional<Cursor> load_cursor(const std::string& connection, const std::string& stream) override;
  std::vector<Cursor> list_cursors() override;
  void save(const Cursor& cursor) override;
  void reset_cursor(const std::string& connection, const std::string& stream) override;
  std::optional<std::string> load_value(const std::string& space, const std::string& key) override;
  std::map<std::string, std::string> list_values(const std::string& space) override;
  void save_value(const std::string& space, const std::string& key, const std::string& value) override;
  void erase_value(const std::string& space, const std::string& key) override;

  // Runs.
  std::optional<Run> load_run(const std::string& id) override;
  std::vector<Run> list_runs(const std::string& job, const Page& page) override;
  std::vector<RunStream> run_streams(const std::string& run) override;
  std::vector<LogLine> run_log(const std::string& run, std::int64_t after, std::size_t limit) override;
  std::vector<SentWrite> writes_of_run(const std::string& run, const Page& page) override;
  std::vector<SentWrite> writes_to(const RecordRef& ref, Micros since, std::size_t limit) override;
  void add_write(const SentWrite& write) override;
  void save(const Run& run) override;
  void add_counts(const std::string& run, const RunStream& counts) override;
  void add_log(const std::string& run, const LogLine& line) override;
  std::int64_t prune_runs(Micros before) override;

  // Parked records and deliveries.
  std::optional<Parked> load_parked(const std::string& id) override;
  std::vector<Parked> list_parked(const ParkedQuery& query, const Page& page) override;
  std::vector<ParkedCause> parked_causes(const ParkedQuery& query) override;
  std::vector<Parked> parked_due(const std::string& connection, const std::string& stream, Micros now,
                                 std::size_t limit) override;
  std::string park(const Parked& parked) override;
  void save(const Parked& parked) override;
  std::int64_t mark_replay(const std::vector<std::string>& ids) override;
  std::int64_t close_parked(const RecordRef& ref, Micros now) override;
  std::int64_t prune_parked(Micros before) override;
  std::vector<Delivery> pending_deliveries(const std::string& connection, std::size_t limit) override;
  std::int64_t count_pending_deliveries(const std::string& connection) override;
  bool receive(const Delivery& delivery) override;
  void mark_applied(std::int64_t sequence, Micros now) override;
  std::int64_t prune_deliveries(Micros before) override;

  // For people.
  std::vector<sync::Golden> list_goldens(const GoldenQuery& query, const Page& page) override;
  std::vector<GoldenId> search(const std::string& entity, const std::string& text, std::size_t limit,
                               const Scopes& scopes) override;
  std::vector<sync::Review> list_reviews(const ReviewQuery& query, const Page& page) override;
  std::map<sync::ReviewKind, std::int64_t> count_reviews(const std::string& state) override;
  std::vector<RecordCount> count_records() override;
  std::vector<GoldenCount> count_goldens() override;
  std::map<std::string, std::int64_t> count_due() override;

  // Audit.
  std::vector<AuditEntry> list_audit(const AuditQuery& query, const Page& page) override;
  void add_audit(const AuditEntry& entry) override;

  // Erasure.
  std::int64_t forget_person(const GoldenId& golden, const PersonalTexts& texts) override;

 private:
  using DueMark = std::tuple<std::string, std::string, GoldenId>;  // connection, entity, golden

  // Every function that changes something begins with this.
  void must_write() const;
  // Bounds the caches; called where no reference into them is held.
  void breathe();
  void flush_due();
  // Is there any mark in the table at all? Once there is one, it is taken to stay.
  bool any_due();
  void flush_history();
  std::vector<std::int64_t> rows_with(std::string_view select, const std::vector<std::string>& texts);
  void delete_rows(std::string_view statement, const std::vector<std::int64_t>& rows);
  void redact_everywhere(const PersonalTexts& texts, const std::vector<std::string>& his);
  std::int64_t run_row(const std::string& run);
  Statement find_parked_rows(const ParkedQuery& query);

  Database& database_;
  const Access access_;
  Goldens goldens_;
  Replicas replicas_;
  std::map<DueMark, bool> due_;  // not yet written
  std::optional<bool> any_waiting_, any_due_;
  std::map<GoldenId, HistoryText> history_;
};

}  // namespace huiliu::store::sqlite
