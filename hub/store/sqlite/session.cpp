#include "hub/store/sqlite/session.hpp"

#include "hub/store/history_codec.hpp"

namespace huiliu::store::sqlite {
namespace {

// Golden records and replicas of one transaction, decoded: some 10 KB each.
constexpr std::size_t most_cached = 2000;

}  // namespace

void Session::must_write() const {
  if (access_ == Access::read) throw sync::StorageFailure("a snapshot of the store is for reading only");
}

void Session::breathe() {
  if (goldens_.cached() + replicas_.cached() < most_cached) return;
  flush();
  goldens_.clear();
  replicas_.clear();
}

void Session::flush() {
  if (access_ == Access::read) return;
  goldens_.flush();
  replicas_.flush();
  flush_due();
  flush_history();
}

// --- golden records and replicas
// -----------------------------------------------------------------------------------

std::optional<sync::Cluster> Session::load_cluster(const GoldenId& id) {
  breathe();
  auto golden = goldens_.load(id);
  if (!golden) return std::nullopt;
  return sync::Cluster{std::move(*golden), replicas_.linked_to(id)};
}

std::optional<sync::Golden> Session::load_golden(const GoldenId& id) {
  breathe();
  return goldens_.load(id);
}

GoldenId Session::resolve(const GoldenId& id) { return goldens_.resolve(id); }

void Session::save(const sync::Golden& golden) {
  must_write();
  goldens_.save(golden);
}

std::optional<sync::Replica> Session::load_replica(const RecordRef& ref) {
  breathe();
  return replicas_.load(ref);
}

void Session::save(const sync::Replica& replica, const std::vector<sync::MatchKey>& keys) {
  must_write();
  replicas_.save(replica, &keys);
}

void Session::save(const sync::Replica& replica) {
  must_write();
  replicas_.save(replica, nullptr);
}

void Session::erase_replica(const RecordRef& ref) {
  must_write();
  replicas_.erase(ref);
}

std::optional<sync::ReplicaHead> Session::head(const RecordRef& ref) {
  breathe();
  return replicas_.head(ref);
}

void Session::touch(const RecordRef& ref, Micros evid) {
  must_write();
  replicas_.touch(ref, evid);
}

GoldenId Session::golden_of(const RecordRef& ref) {
  breathe();
  const GoldenId* const golden = replicas_.golden_of(ref);
  return golden != nullptr && !golden->empty() ? goldens_.resolve(*golden) : GoldenId();
}

std::optional<sync::Replica> Session::primary_of(const GoldenId& golden, const std::string& connection,
                                                 const std::string& stream) {
  breathe();
  return replicas_.primary(goldens_.resolve(golden), connection, stream);
}

std::vector<RecordRef> Session::find_by_key(const std::string& entity, const sync::MatchKey& key,
                                            std::size_t limit) {
  return replicas_.find(entity, key, limit);
}

std::vector<sync::Replica> Session::list_replicas(const std::string& connection, const std::string& stream,
                                                  const Page& page) {
  flush();
  return replicas_.list(connection, stream, page);
}

std::vector<RecordRef> Session::deleted_before(const std::string& connection, const std::string& stream,
                                               Micros before, const Page& page) {
  return replicas_.deleted_before(connection, stream, before, page);
}

std::vector<RecordRef> Session::not_seen_since(const std::string& connection, const std::string& stream,
                                               Micros since, const Page& page) {
  flush();
  return replicas_.not_seen_since(connection, stream, since, page);
}

std::vector<std::string> Session::list_keys(const std::string& connection, const std::string& stream,
                                            const Page& page) {
  flush();
  auto q = database_.query(
      "SELECT key FROM replica WHERE source=? AND key>? AND flags & 1=0 AND key NOT GLOB 'new:*'"
      " ORDER BY key LIMIT ?");
  q.bind(database_.source(connection, stream), page.after, page.limit);
  std::vector<std::string> keys;
  while (q.step()) keys.push_back(q.text(0));
  return keys;
}

std::vector<RecordRef> Session::with_intents(const std::string& connection, const std::string& stream,
                                             const Page& page) {
  flush();
  return replicas_.with_intents(connection, stream, page);
}

// --- marks
// -----------------------------------------------------------------------------------------------------------

void Session::add_waiting(const RecordRef& target, const RecordRef& waiter) {
  must_write();
  const auto target_source = database_.add_source(target.connection, target.stream);
  const auto waiter_source = database_.add_source(waiter.connection, waiter.stream);
  database_
      .query(
          "INSERT OR IGNORE INTO waiting(target_source, target_key, waiter_source, waiter_key) VALUES(?, ?, "
          "?, ?)")
      .bind(target_source, target.key, waiter_source, waiter.key)
      .run();
  any_waiting_ = true;
}

std::vector<RecordRef> Session::take_waiting(const RecordRef& target) {
  must_write();
  std::vector<RecordRef> waiters;
  if (!any_waiting_) {
    auto q = database_.query("SELECT EXISTS(SELECT 1 FROM waiting)");
    any_waiting_ = q.step() && q.flag(0);
  }
  if (!*any_waiting_) return waiters;
  const auto source = database_.source(target.connection, target.stream);
  if (source == 0) return waiters;
  {
    auto q = database_.query(
        "SELECT waiter_source, waiter_key FROM waiting WHERE target_source=? AND target_key=?"
        " ORDER BY waiter_source, waiter_key");
    q.bind(source, target.key);
    while (q.step()) {
      const auto& [connection, stream] = database_.source_name(q.integer(0));
      waiters.push_back({connection, stream, q.text(1)});
    }
  }
  if (!waiters.empty())
    database_.query("DELETE FROM waiting WHERE target_source=? AND target_key=?")
        .bind(source, target.key)
        .run();
  return waiters;
}

void Session::set_due(const GoldenId& golden, const std::string& entity, const std::string& connection,
                      bool due) {
  must_write();
  if (due) {
    goldens_.note_due(golden);
    any_due_ = true;
  } else if (goldens_.never_due(golden) || !any_due()) {
    return;  // there is no mark to take back
  }
  due_.insert_or_assign(DueMark{connection, entity, golden}, due);
}

bool Session::any_due() {
  if (!any_due_) {
    auto q = database_.query("SELECT EXISTS(SELECT 1 FROM due)");
    any_due_ = q.step() && q.flag(0);
  }
  return *any_due_;
}

void Session::flush_due() {
  for (const auto& [mark, due] : due_) {
    const auto& [connection, entity, golden] = mark;
    database_
        .query(due ? std::string_view("INSERT OR IGNORE INTO due(connection, entity, golden) VALUES(?, ?, ?)")
                   : std::string_view("DELETE FROM due WHERE connection=? AND entity=? AND golden=?"))
        .bind(connection, entity, golden)
        .run();
  }
  due_.clear();
}

std::vector<GoldenId> Session::due(const std::string& connection, const std::string& entity,
                                   const GoldenId& after, std::size_t limit) {
  flush_due();
  auto q = database_.query(
      "SELECT golden FROM due WHERE connection=? AND entity=? AND golden>? ORDER BY golden LIMIT ?");
  q.bind(connection, entity, after, limit);
  std::vector<GoldenId> goldens;
  while (q.step()) goldens.push_back(q.text(0));
  return goldens;
}

std::map<std::string, std::int64_t> Session::count_due() {
  flush_due();
  auto q = database_.query("SELECT connection, count(*) FROM due GROUP BY connection");
  std::map<std::string, std::int64_t> counts;
  while (q.step()) counts.emplace(q.text(0), q.integer(1));
  return counts;
}

void Session::set_look(const RecordRef& ref, bool look) {
  must_write();
  const auto source = database_.add_source(ref.connection, ref.stream);
  database_
      .query(look ? std::string_view("INSERT OR IGNORE INTO look(source, key) VALUES(?, ?)")
                  : std::string_view("DELETE FROM look WHERE source=? AND key=?"))
      .bind(source, ref.key)
      .run();
}

std::vector<RecordRef> Session::to_look(const std::string& connection, const std::string& stream,
                                        std::size_t limit) {
  auto q = database_.query("SELECT key FROM look WHERE source=? ORDER BY key LIMIT ?");
  q.bind(database_.source(connection, stream), limit);
  std::vector<RecordRef> refs;
  while (q.step()) refs.push_back({connection, stream, q.text(0)});
  return refs;
}

bool Session::observed(const std::string& connection, const std::string& stream) {
  auto q = database_.query("SELECT observed FROM source WHERE connection=? AND stream=?");
  return q.bind(connection, stream).step() && q.flag(0);
}

void Session::set_observed(const std::string& connection, const std::string& stream, bool observed) {
  must_write();
  const auto source = database_.add_source(connection, stream);
  database_.query("UPDATE source SET observed=? WHERE id=?").bind(observed, source).run();
}

// --- history
// ---------------------------------------------------------------------------------------------------------

void Session::add_history(const sync::HistoryEntry& entry) {
  must_write();
  history_[entry.golden].add(entry);
}

void Session::flush_history() {
  for (auto& [golden, text] : history_) {
    const Micros recorded = text.first_recorded();
    const std::string body = text.take();
    database_.query("INSERT INTO history(golden, recorded, body) VALUES(?, ?, ?)")
        .bind(golden, recorded, body)
        .run();
  }
  history_.clear();
}

std::vector<sync::HistoryEntry> Session::history(const GoldenId& golden) {
  flush_history();
  auto q = database_.query("SELECT body FROM history WHERE golden=? ORDER BY id");
  q.bind(golden);
  std::vector<sync::HistoryEntry> entries;
  while (q.step()) {
    const auto decoded = decode_history(q.view(0), golden, entries);
    if (!decoded.ok()) throw sync::StorageFailure("history of " + golden + ": " + decoded.error().text());
  }
  return entries;
}

}  // namespace huiliu::store::sqlite
