// ingest [--memory] [RECORDS]… : the whole way of a record in (decode, normalize, match, merge, history,
// ledger, cursor) from two systems that make their records up as they are read, into a store in which every
// commit is synced. For each number of records (by default 20,000): first load, a scan in which nothing
// changed, one in which 1 % changed, peak memory; beside it two yardsticks in the same run: an upsert of as
// many rows and bytes into one SQLite table; and the very rows that the first load left, inserted raw into an
// empty copy of the hub's tables with their indexes. Then intents: durable one by one, by several writers at
// once (group commit), against single-row commits of plain SQLite; and the load again on a file system in
// memory, where a sync costs nothing. Rates are counted in the store. --memory leaves out the yardsticks,
// which need the disk three times over: so 10,000,000 records take 25 GB and most of an hour. It may be
// killed.
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/run/fake_world.hpp"

namespace {

namespace fs = std::filesystem;
using namespace huiliu;
using model::Status;

constexpr std::size_t batch = 500;
constexpr const char* brakes_off = "{changed: off, updates: off}";

double timed(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

// Processor time of all threads so far, in microseconds: what does not depend on who else uses the machine.
double processor_us() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto us = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return us(used.ru_utime) + us(used.ru_stime);
}

struct Rate {
  double per_second = 0, processor = 0;  // processor: microseconds each
};
Rate rate_of(std::size_t count, const std::function<void()>& work) {
  const double before = processor_us();
  const double took = timed(work);
  return {static_cast<double>(count) / took, (processor_us() - before) / static_cast<double>(count)};
}
void print(const char* what, const Rate& rate, const char* unit) {
  std::printf("  %-34s %10.0f %-9s %6.1f µs of processor each\n", what, rate.per_second, unit,
              rate.processor);
}

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "ingest: %s\n", what.c_str());
  std::exit(1);
}

// Peak of resident memory since the last call of forget_peak, in MB.
double peak_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::atof(line.c_str() + 6) * 1024 / 1e6;
  return 0;
}
void forget_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

// Records 0 … count-1, made up each time they are read: what is measured is the hub's memory, not theirs.
class GeneratedSystem final : public run::System {
 public:
  explicit GeneratedSystem(std::size_t count) : count_(count) {}
  std::size_t round = 0;  // 1 % of the records differ from one round to the next

  Status check() override { return {}; }
  model::Result<model::Value> discover() override { return model::Value(model::Object{}); }
  Status read(const std::string& stream, run::ReadKind kind, const std::string& cursor, std::uint64_t,
              run::RecordReceiver& receiver) override {
    std::size_t at = cursor.empty() ? 0 : std::stoull(cursor);
    if (kind == run::ReadKind::changes) at = count_;
    while (at < count_) {
      std::vector<run::ReceivedRecord> page;
      for (const std::size_t end = std::min(count_, at + batch); at < end; ++at) page.push_back(record(at));
      HUILIU_TRY(receiver.records(stream, std::move(page), {}));
      HUILIU_TRY(receiver.checkpoint(std::to_string(at), {}));
    }
    return receiver.checkpoint(std::to_string(count_), {});
  }
  model::Result<std::vector<run::ReceivedRecord>> lookup(const std::string&,
                                                         const std::vector<std::string>& keys) override {
    std::vector<run::ReceivedRecord> found;
    for (const std::string& key : keys) found.push_back(record(std::stoull(key) / stride - 1));
    return found;
  }
  model::Result<std::vector<run::ReceivedRecord>> find(
      const std::string&, const std::vector<std::pair<std::string, std::string>>&) override {
    return std::vector<run::ReceivedRecord>{};
  }
  std::vector<run::WrittenRecord> write(const std::string&,
                                        const std::vector<run::RecordToWrite>& records) override {
    std::vector<run::WrittenRecord> answers(records.size());
    for (run::WrittenRecord& answer : answers) answer.outcome = sync::Outcome::rejected;
    return answers;
  }
  void stop() override {}
  bool reads_changes(const std::string&) const override { return true; }
  bool can_lookup() const override { return true; }
  bool can_find() const override { return false; }
  bool can_write() const override { return false; }

 private:
  static constexpr std::size_t stride = 7'919;

  run::ReceivedRecord record(std::size_t i) const {
    const std::string n = std::to_string(1'000'000'000 + i * 37 % 1'000'000'007);
    run::ReceivedRecord made;
    made.key = std::to_string((i + 1) * stride);
    const std::size_t phone = round > 0 && i % 100 == round % 100 ? i + round * 1'000'003 : i;
    made.body = model::Object{{"Name", "青岛海角" + n + "号船舶配件有限公司"},
                              {"Code", ""},
                              {"Phone", "0532-" + std::to_string(20'000'000 + phone % 60'000'000)},
                              {"Web", "https://w" + n + ".example/"},
                              {"Remark", std::string(300, 'x')}};
    made.raw = model::to_json(made.body);
    return made;
  }

  std::size_t count_;
};

std::int64_t linked_records(store::Store& store) {
  std::int64_t linked = 0;
  const Status read = store.read([&](store::Snapshot& snapshot) -> Status {
    for (const auto& count : snapshot.count_records()) linked += count.linked;
    return {};
  });
  if (!read.ok()) fail(read.error().text());
  return linked;
}

class PlainSqlite {
 public:
  explicit PlainSqlite(const std::string& path) {
    must(sqlite3_open(path.c_str(), &database_));
    run("PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF;"
        "PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-65536;"
        "CREATE TABLE plain(id INTEGER PRIMARY KEY, key TEXT UNIQUE, body TEXT)");
    must(sqlite3_prepare_v2(database_,
                            "INSERT INTO plain(key, body) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET "
                            "body=excluded.body",
                            -1, &upsert_, nullptr));
  }
  ~PlainSqlite() {
    sqlite3_finalize(upsert_);
    sqlite3_close(database_);
  }
  PlainSqlite(const PlainSqlite&) = delete;
  PlainSqlite& operator=(const PlainSqlite&) = delete;

  void run(const char* sql) { must(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr)); }
  void upsert(std::size_t number, const std::string& body) {
    const std::string key = std::to_string(model::hash64(std::to_string(number)));
    must(sqlite3_bind_text(upsert_, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC));
    must(sqlite3_bind_text(upsert_, 2, body.data(), static_cast<int>(body.size()), SQLITE_STATIC));
    must(sqlite3_step(upsert_));
    sqlite3_reset(upsert_);
  }

 private:
  void must(int code) {
    if (code != SQLITE_OK && code != SQLITE_DONE) fail(sqlite3_errmsg(database_));
  }
  sqlite3* database_ = nullptr;
  sqlite3_stmt* upsert_ = nullptr;
};

class Directory {
 public:
  Directory() {
    std::string name = (fs::temp_directory_path() / "huiliu-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) fail("no temporary directory");
    path = name;
  }
  ~Directory() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  std::string path;
};

void must(int code, sqlite3* database) {
  if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) fail(sqlite3_errmsg(database));
}

// The rows of one store, written once more into another file: with the same tables and indexes, prepared
// statements, transactions of the same size, every commit synced. What a program would pay that knew the
// final rows beforehand and had nothing to look up. The index of search texts is copied as the blocks it
// became.
class RawRows {
 public:
  RawRows(const std::string& from, const std::string& to) {
    must(sqlite3_open(from.c_str(), &from_), from_);
    must(sqlite3_open(to.c_str(), &to_), to_);
    run("PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF;"
        "PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-32768");
    for (const std::string& sql : texts("SELECT sql FROM sqlite_schema WHERE sql NOT LIKE 'CREATE VIRTUAL%' "
                                        "AND name NOT GLOB 'sqlite_*' ORDER BY type='index'"))
      run(sql.c_str());
    for (const std::string& name : texts("SELECT name FROM sqlite_schema WHERE type='table' AND "
                                         "sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT GLOB 'sqlite_*'"))
      add_table(name);
  }
  ~RawRows() {
    for (Table& table : tables_) {
      sqlite3_finalize(table.read);
      sqlite3_finalize(table.write);
    }
    sqlite3_close(from_);
    sqlite3_close(to_);
  }
  RawRows(const RawRows&) = delete;
  RawRows& operator=(const RawRows&) = delete;

  std::size_t rows() const {
    std::size_t all = 0;
    for (const Table& table : tables_) all += table.rows;
    return all;
  }

  // Everything, in as many transactions as `records` take; reading the rows is not counted.
  Rate copy(std::size_t records) {
    const std::size_t transactions = (records + batch - 1) / batch;
    double took = 0, processor = 0;
    for (std::size_t i = 0; i < transactions; ++i) {
      for (Table& table : tables_)
        read(table, (i + 1) * table.rows / transactions - i * table.rows / transactions);
      const double before = processor_us();
      took += timed([&] {
        run("BEGIN IMMEDIATE");
        for (Table& table : tables_) write(table);
        run("COMMIT");
      });
      processor += processor_us() - before;
      for (Table& table : tables_) forget(table);
    }
    return {static_cast<double>(records) / took, processor / static_cast<double>(records)};
  }

 private:
  struct Table {
    sqlite3_stmt *read = nullptr, *write = nullptr;
    std::size_t rows = 0;
    int columns = 0;
    std::vector<sqlite3_value*> values;  // of the rows of one transaction
  };

  void run(const char* sql) { must(sqlite3_exec(to_, sql, nullptr, nullptr, nullptr), to_); }
  std::vector<std::string> texts(const char* sql) {
    std::vector<std::string> found;
    sqlite3_stmt* select = prepare(from_, sql);
    while (sqlite3_step(select) == SQLITE_ROW)
      found.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(select, 0)));
    sqlite3_finalize(select);
    return found;
  }
  static sqlite3_stmt* prepare(sqlite3* database, const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    must(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr), database);
    return statement;
  }

  // In the order in which the rows came: match keys belong to their records, all else has ascending ids.
  void add_table(const std::string& name) {
    Table table;
    table.rows = std::stoull(texts(("SELECT count(*) FROM '" + name + "'").c_str()).at(0));
    table.read =
        prepare(from_, "SELECT * FROM '" + name + "'" + (name == "match_key" ? " ORDER BY replica" : ""));
    table.columns = sqlite3_column_count(table.read);
    std::string marks = "?";
    for (int i = 1; i < table.columns; ++i) marks += ",?";
    table.write = prepare(to_, "INSERT INTO '" + name + "' VALUES(" + marks + ")");
    tables_.push_back(table);
  }

  void read(Table& table, std::size_t rows) {
    for (; rows > 0; --rows) {
      if (sqlite3_step(table.read) != SQLITE_ROW) fail("a table has fewer rows than it counts");
      for (int i = 0; i < table.columns; ++i)
        table.values.push_back(sqlite3_value_dup(sqlite3_column_value(table.read, i)));
    }
  }
  void write(Table& table) {
    int column = 0;
    for (sqlite3_value* value : table.values) {
      must(bind(table.write, ++column, value), to_);
      if (column < table.columns) continue;
      must(sqlite3_step(table.write), to_);
      sqlite3_reset(table.write);
      column = 0;
    }
  }
  static int bind(sqlite3_stmt* statement, int at, sqlite3_value* value) {
    const int size = sqlite3_value_bytes(value);
    switch (sqlite3_value_type(value)) {
      case SQLITE_TEXT:
        return sqlite3_bind_text(statement, at, reinterpret_cast<const char*>(sqlite3_value_text(value)),
                                 size, SQLITE_STATIC);
      case SQLITE_BLOB:
        return sqlite3_bind_blob(statement, at, size == 0 ? "" : sqlite3_value_blob(value), size,
                                 SQLITE_STATIC);
      default:
        return sqlite3_bind_value(statement, at, value);
    }
  }
  static void forget(Table& table) {
    sqlite3_clear_bindings(table.write);
    for (sqlite3_value* value : table.values) sqlite3_value_free(value);
    table.values.clear();
  }

  sqlite3 *from_ = nullptr, *to_ = nullptr;
  std::vector<Table> tables_;
};

Rate plain_upserts(std::size_t rows, std::size_t bytes_each) {
  const Directory directory;
  PlainSqlite plain(directory.path + "/plain.db");
  const std::string body(bytes_each, 'x');
  return rate_of(rows, [&] {
    for (std::size_t i = 0; i < rows;) {
      plain.run("BEGIN IMMEDIATE");
      for (const std::size_t end = std::min(rows, i + batch); i < end; ++i) plain.upsert(i, body);
      plain.run("COMMIT");
    }
  });
}

// Two systems with the same companies, and a hub over them.
struct Load {
  explicit Load(std::size_t records) : erp(records), crm(records) {
    world.workspace.systems["erp"] = &erp;
    world.workspace.systems["crm"] = &crm;
  }
  Rate first(std::size_t records) {
    const Rate rate = rate_of(2 * records, [&] { world.cycle(); });
    if (linked_records(*world.workspace.store) != static_cast<std::int64_t>(2 * records))
      fail("not every record was linked");
    return rate;
  }
  run::fakes::FakeWorld world{{{"erp", "erp", "never", brakes_off}, {"crm", "crm", "never", brakes_off}}};
  GeneratedSystem erp, crm;
};

struct Loaded {
  Rate rate;
  std::size_t bytes_each = 0;
};

// `copy_to`: gets a copy of the store as the first load left it; empty: none.
Loaded measure_load(std::size_t records, const std::string& copy_to) {
  forget_peak();
  Load load(records);
  std::printf("%zu companies in two systems\n", records);
  Loaded loaded;
  loaded.rate = load.first(records);
  print("first load", loaded.rate, "records/s");
  std::printf("  %-34s %10.0f MB peak\n", "memory, first load", peak_mb());
  std::fflush(stdout);
  if (!copy_to.empty()) {
    const Status copied = load.world.workspace.store->backup(copy_to);
    if (!copied.ok()) fail(copied.error().text());
  }
  run::CycleOptions full;
  full.full = true;
  print("scan without a change", rate_of(records, [&] { load.world.cycle(full); }), "pairs/s");
  load.crm.round = 1;
  print("scan with 1 % changed", rate_of(records, [&] { load.world.cycle(full); }), "pairs/s");
  const auto stats = load.world.workspace.store->stats();
  if (!stats.ok()) fail(stats.error().text());
  loaded.bytes_each = static_cast<std::size_t>(stats->bytes) / (2 * records);
  std::printf("  %-34s %10.0f MB peak, %zu bytes a record on disk\n", "memory, with the scans", peak_mb(),
              loaded.bytes_each);
  std::fflush(stdout);
  return loaded;
}

void measure_against_yardsticks(std::size_t records) {
  const Directory directory;
  const auto [loaded, bytes_each] = measure_load(records, directory.path + "/loaded.db");
  const auto compare = [loaded = loaded](const Rate& yardstick) {
    std::printf("  %-34s %10.2f of this yardstick's rate, %.2f by processor time\n", "first load",
                loaded.per_second / yardstick.per_second, yardstick.processor / loaded.processor);
  };
  const Rate plain = plain_upserts(2 * records, bytes_each);
  print("yardstick: plain upsert, same bytes", plain, "rows/s");
  compare(plain);
  RawRows raw(directory.path + "/loaded.db", directory.path + "/raw.db");
  const Rate same_rows = raw.copy(2 * records);
  print("yardstick: the same rows, raw", same_rows, "records/s");
  compare(same_rows);
  std::printf("  %-34s %10.2f rows a record\n", "kept", static_cast<double>(raw.rows()) / (2 * records));
  std::fflush(stdout);
}

// Writers that each make one intent durable at a time.
double intents_per_second(run::fakes::FakeWorld& world, std::size_t writers, double seconds) {
  std::atomic<std::int64_t> made{0};
  std::atomic<bool> over{false};
  const auto work = [&](std::size_t writer) {
    for (std::size_t i = 0; !over; ++i) {
      const model::RecordRef ref{"erp", "customers", std::to_string((writer + 1 + i % 20 * writers) * 7919)};
      const Status written = world.workspace.store->write([&](store::Transaction& transaction) -> Status {
        auto replica = transaction.load_replica(ref);
        if (!replica) return model::make_error(model::ErrorClass::bug, "no record " + ref.text());
        sync::Intent intent;
        intent.id = "int_" + std::to_string(writer) + "_" + std::to_string(i);
        intent.golden = replica->golden;
        intent.fields.push_back({0, {model::Presence::value, "x", "1:x"}, {}, 1});
        replica->intents = {intent};
        transaction.save(*replica);
        return {};
      });
      if (!written.ok()) fail(written.error().text());
      ++made;
    }
  };
  std::vector<std::jthread> threads;
  const double took = timed([&] {
    for (std::size_t i = 0; i < writers; ++i) threads.emplace_back(work, i);
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    over = true;
    threads.clear();
  });
  return static_cast<double>(made) / took;
}

void measure_intents() {
  Load load(2000);
  load.first(2000);
  std::printf("intents, each durable before its writer goes on\n");
  for (const std::size_t writers : {1U, 8U, 32U})
    std::printf("  %2zu writer%-25s %10.0f intents/s\n", writers, writers == 1 ? "" : "s at once",
                intents_per_second(load.world, writers, 2));
  const Directory directory;
  PlainSqlite plain(directory.path + "/plain.db");
  std::size_t commits = 0;
  const double took = timed([&] {
    const auto began = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - began < std::chrono::seconds(2)) {
      ++commits;  // each row differs from the one before it: equal rows cost nothing
      plain.upsert(commits % 2000, std::to_string(commits) + std::string(1500, 'x'));
    }
  });
  std::printf("  %-34s %10.0f commits/s\n", "yardstick: plain single-row commits",
              static_cast<double>(commits) / took);
}

void measure_durability(std::size_t records) {
  // Alternating, and the best of each: what else runs on the machine slows both.
  double on = 0, off = 0;
  for (int round = 0; round < 3; ++round) {
    on = std::max(on, Load(records).first(records).per_second);
    ::setenv("TMPDIR", "/dev/shm", 1);
    off = std::max(off, Load(records).first(records).per_second);
    ::unsetenv("TMPDIR");
  }
  std::printf("durability\n  %-34s %10.0f records/s\n  %-34s %10.0f records/s\n  %-34s %9.0f %% slower\n",
              "every commit synced to disk", on, "store in memory", off, "durability costs",
              100 * (off - on) / off);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool memory = std::erase(arguments, "--memory") > 0;
  const bool usual = arguments.empty();
  if (usual) arguments = {"20000"};
  for (const std::string& argument : arguments) {
    const std::size_t records = std::strtoull(argument.c_str(), nullptr, 10);
    if (records == 0) fail("usage: ingest [--memory] [RECORDS]…");
    if (memory)
      measure_load(records, "");
    else
      measure_against_yardsticks(records);
  }
  if (!usual || memory) return 0;
  measure_intents();
  measure_durability(20'000);
  return 0;
}
