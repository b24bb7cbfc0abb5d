// store_ingest [CUSTOMERS] [ROUNDS]: what the store alone costs, without engine, mapping or network. Each
// round makes a new store and does, in batches of 500 records: first records, second records linked to them,
// a read that changes nothing, a read that changes everything; then the yardstick: the same rows and bytes by
// plain INSERT into one SQLite table. Prints records/s (median, lowest and highest of the rounds) and bytes
// on disk; rows are counted in the store.
#include <sqlite3.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hub/model/id.hpp"
#include "hub/store/store.hpp"

namespace {

namespace fs = std::filesystem;
using namespace huiliu;

constexpr int batch = 500;
constexpr int field_count = 14;

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "store_ingest: %s\n", what.c_str());
  std::exit(1);
}

model::Schema bench_schema() {
  std::string fields = R"("names.legal":{"type":"company_name"})";
  for (int i = 1; i < field_count; ++i) fields += ",\"field" + std::to_string(i) + "\":{\"type\":\"text\"}";
  const auto document =
      model::parse_json(R"({"entity":"customer","id_prefix":"cus","fields":{)" + fields + "}}");
  return model::Schema::load({document.value()}).value();
}

model::FieldValue bench_value(int number, int field) {
  const auto text =
      field == 0 ? "虚构科技有限公司" + std::to_string(number) : "value " + std::to_string(number + field);
  return {model::Presence::value, text, "1:" + text};
}

// Keys in random order, as vendors' ids are: the expensive case for an index.
model::RecordRef bench_ref(const std::string& connection, int number) {
  return {connection, "customers", std::to_string(model::hash64(connection + std::to_string(number)))};
}

sync::Golden bench_golden(int number, const std::string& id) {
  sync::Golden golden;
  golden.id = id;
  golden.entity = "customer";
  golden.created = golden.changed = number;
  for (int i = 0; i < field_count; ++i) {
    auto& field = golden.fields[static_cast<model::FieldIndex>(i)];
    field.value = bench_value(number, i);
    field.version = 1;
    field.from = bench_ref("erp", number);
    field.rule = "only";
    field.run = "run_01hz0000000000000000000000";
  }
  return golden;
}

sync::Replica bench_replica(const std::string& connection, int number, const std::string& golden) {
  sync::Replica replica;
  replica.ref = bench_ref(connection, number);
  replica.entity = "customer";
  replica.golden = golden;
  replica.raw = R"({"FName":"虚构科技有限公司","pad":")" + std::string(500, 'x') + "\"}";
  replica.raw_hash = model::hash64(replica.raw);
  replica.mapping_version = "0123456789abcdef";
  replica.evid = 100;
  for (int i = 0; i < field_count; ++i) {
    auto& field = replica.fields[static_cast<model::FieldIndex>(i)];
    field.base = field.stands = bench_value(number, i);
    field.seen[golden] = 1;
  }
  return replica;
}

std::vector<sync::MatchKey> bench_keys(int number) {
  std::vector<sync::MatchKey> keys;
  for (const char* kind : {"name", "uscc", "phone", "email", "org"})
    keys.push_back({kind, std::string("1:") + kind + std::to_string(number)});
  return keys;
}

class Round {
 public:
  Round(int customers, const model::Schema& schema, std::map<std::string, std::vector<double>>& figures)
      : customers_(customers), schema_(schema), figures_(figures) {
    auto pattern = (fs::temp_directory_path() / "huiliu-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) fail("no temporary directory");
    directory_ = pattern;
    model::SeededRandom random(1);
    for (int i = 0; i < customers; ++i)
      ids_.push_back(model::make_id("cus", 1'000'000'000LL + i * 1000LL, random));
  }
  ~Round() {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;

  void run() {
    auto opened = store::open_store("sqlite:" + directory_ + "/store.db", schema_, store::OpenMode::owner);
    if (!opened.ok()) fail(opened.error().text());
    auto& store = **opened;
    measure(store, "1 first records", [&](store::Transaction& t, int i) { add_first(t, i); });
    measure(store, "2 linked records", [&](store::Transaction& t, int i) { add_linked(t, i); });
    measure(store, "3 unchanged", [&](store::Transaction& t, int i) {
      const auto ref = bench_ref("crm", i);
      t.touch(ref, t.head(ref)->evid + 1);
    });
    measure(store, "4 changed", [&](store::Transaction& t, int i) { change(t, i); });
    count_rows(store);
    opened->reset();
    figures_["bytes per record in the store"].push_back(
        static_cast<double>(fs::file_size(directory_ + "/store.db")) / (2.0 * customers_));
    plain_inserts();
  }

 private:
  void measure(store::Store& store, const std::string& name,
               const std::function<void(store::Transaction&, int)>& each) {
    const double start = seconds();
    for (int first = 0; first < customers_; first += batch) {
      const auto written = store.write([&](store::Transaction& t) {
        for (int i = first; i < std::min(customers_, first + batch); ++i) each(t, i);
        return store::Status();
      });
      if (!written.ok()) fail(written.error().text());
    }
    figures_[name + ", records/s"].push_back(customers_ / (seconds() - start));
  }

  void add_first(store::Transaction& t, int i) {
    const auto replica = bench_replica("erp", i, id(i));
    t.head(replica.ref);
    for (const auto& key : bench_keys(i)) t.find_by_key("customer", key, 20);
    const auto golden = bench_golden(i, id(i));
    t.save(golden);
    t.save(replica, bench_keys(i));
    for (const auto& [index, field] : golden.fields)
      t.add_history(
          {golden.id, "customer", "field", 1, field.value, field.from, {}, i, "only", field.run, "", false});
    for (const char* connection : {"crm", "chat", "site"}) t.set_due(golden.id, "customer", connection, true);
    t.take_waiting(replica.ref);
  }

  void add_linked(store::Transaction& t, int i) {
    auto replica = bench_replica("crm", i, id(i));
    t.head(replica.ref);
    for (const auto& key : bench_keys(i)) t.find_by_key("customer", key, 20);
    const auto cluster = t.load_cluster(id(i));
    replica.link_order = 2;
    t.save(cluster->golden);
    t.save(replica, bench_keys(i));
    t.set_due(id(i), "customer", "crm", false);
    t.take_waiting(replica.ref);
  }

  void change(store::Transaction& t, int i) {
    t.head(bench_ref("crm", i));
    auto cluster = t.load_cluster(id(i));
    auto& replica = cluster->replicas.back();
    replica.fields[3].base = cluster->golden.fields[3].value = bench_value(i + 1, 3);
    t.save(cluster->golden);
    t.save(replica, bench_keys(i));
    t.add_history(
        {id(i), "customer", "field3", 2, replica.fields[3].base, replica.ref, {}, i, "only", "", "", false});
    t.set_due(id(i), "customer", "erp", true);
  }

  void count_rows(store::Store& store) {
    std::int64_t records = 0;
    const auto counted = store.read([&](store::Snapshot& s) {
      for (const auto& count : s.count_records()) records += count.linked;
      return store::Status();
    });
    if (!counted.ok() || records != 2LL * customers_)
      fail("the store holds " + std::to_string(records) + " records");
  }

  // As many rows as records, with the bytes that the store keeps for one.
  void plain_inserts() {
    const auto bytes = static_cast<std::size_t>(figures_["bytes per record in the store"].back());
    const std::string payload(bytes > 100 ? bytes - 100 : 1, 'x');
    sqlite3* database = nullptr;
    sqlite3_stmt* insert = nullptr;
    const auto must = [&](int code) {
      if (code != SQLITE_OK && code != SQLITE_DONE) fail(sqlite3_errmsg(database));
    };
    must(sqlite3_open((directory_ + "/plain.db").c_str(), &database));
    must(sqlite3_exec(
        database,
        "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF;"
        "PRAGMA cache_size=-65536; CREATE TABLE plain(id INTEGER PRIMARY KEY, key TEXT UNIQUE, body TEXT)",
        nullptr, nullptr, nullptr));
    must(sqlite3_prepare_v2(database, "INSERT INTO plain(key, body) VALUES(?, ?)", -1, &insert, nullptr));
    const double start = seconds();
    for (int first = 0; first < customers_; first += batch) {
      must(sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr));
      for (int i = first; i < std::min(customers_, first + batch); ++i) {
        const auto key = bench_ref("plain", i).key;
        must(sqlite3_bind_text(insert, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC));
        must(sqlite3_bind_text(insert, 2, payload.data(), static_cast<int>(payload.size()), SQLITE_STATIC));
        must(sqlite3_step(insert));
        sqlite3_reset(insert);
      }
      must(sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr));
    }
    figures_["yardstick: plain INSERT, rows/s"].push_back(customers_ / (seconds() - start));
    sqlite3_finalize(insert);
    sqlite3_close(database);
  }

  const std::string& id(int i) const { return ids_[static_cast<std::size_t>(i)]; }

  const int customers_;
  const model::Schema& schema_;
  std::map<std::string, std::vector<double>>& figures_;
  std::string directory_;
  std::vector<std::string> ids_;
};

}  // namespace

int main(int argc, char** argv) {
  const int customers = argc > 1 ? std::atoi(argv[1]) : 20'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 3;
  if (customers < 1 || rounds < 1) fail("usage: store_ingest [CUSTOMERS] [ROUNDS]");
  const auto schema = bench_schema();
  std::map<std::string, std::vector<double>> figures;
  for (int i = 0; i < rounds; ++i) Round(customers, schema, figures).run();
  std::printf("%d customers, 2 records each, batches of %d, %d rounds, synchronous=FULL\n", customers, batch,
              rounds);
  for (auto& [name, values] : figures) {
    std::sort(values.begin(), values.end());
    std::printf("%-36s %9.0f  (%.0f to %.0f)\n", name.c_str(), values[values.size() / 2], values.front(),
                values.back());
  }
  return 0;
}
