// Every query of the hot paths finds its rows by an index: a scan is invisible in small tests and ruins a
// large store.
#include <set>

#include "hub/store/sqlite/search_function.hpp"
#include "hub/store/sqlite/session.hpp"
#include "tests/unit/store/sqlite_place.hpp"

namespace huiliu::store::fakes {
namespace {

// What the engine and a run do all the time.
void do_everything_hot(sqlite::Session& t) {
  const auto ref = ref_of("erp", "k1");
  t.save(make_golden(1));
  t.save(make_replica("erp", "k1", golden_id(1)), {{"name", "n"}});
  t.flush();
  t.save(make_golden(1, "another"));
  t.save(make_replica("erp", "k1", golden_id(1)), {{"name", "m"}});
  t.save(make_replica("erp", "k2", golden_id(1)), {});
  t.erase_replica(ref_of("erp", "k2"));
  t.touch(ref, 9'000'000);
  t.flush();
  t.find_by_key("customer", {"name", "m"}, 9);
  t.add_waiting(ref, ref_of("erp", "k3"));
  t.take_waiting(ref);
  t.set_due(golden_id(1), "customer", "erp", true);
  t.due("erp", "customer", "", 9);
  t.set_due(golden_id(1), "customer", "erp", false);
  t.set_look(ref, true);
  t.to_look("erp", "customers", 9);
  t.set_look(ref, false);
  t.add_history({golden_id(1), "customer", "tags", 1, {}, {}, {}, 0, "", "", "", false});
  t.history(golden_id(1));
  t.save(make_review(1, sync::ReviewKind::create, golden_id(1)));
  t.load_review("rev_1");
  t.open_review("question/1");
  t.open_reviews_of(golden_id(1));
  t.set_observed("erp", "customers", true);
  t.observed("erp", "customers");
  t.list_replicas("erp", "customers", {});
  t.not_seen_since("erp", "customers", 1, {});
  t.with_intents("erp", "customers", {});
  t.list_goldens({}, {});
  t.list_goldens({"customer", {}, {}, 1}, {});
  t.save(Cursor{"erp", "customers", "", ReadMode::full, "", 0, false, 0, 0, 0, 0});
  t.load_cursor("erp", "customers");
  t.save_value("space", "key", "value");
  t.load_value("space", "key");
  t.list_values("space");
  store::Run run;
  run.id = "run_1";
  t.save(run);
  t.add_counts("run_1", {"erp", "customers"});
  t.add_log("run_1", {});
  t.run_streams("run_1");
  t.run_log("run_1", 0, 9);
  t.list_runs("", {});
  t.list_runs("job", {});
  Parked parked;
  parked.id = "dlt_1";
  parked.connection = "erp";
  parked.stream = "customers";
  t.park(parked);
  t.load_parked("dlt_1");
  t.parked_due("erp", "customers", 1, 9);
  t.mark_replay({"dlt_1"});
  t.close_parked(ref, 1);
  Delivery delivery;
  delivery.connection = "erp";
  t.receive(delivery);
  t.pending_deliveries("", 9);
  t.pending_deliveries("erp", 9);
  t.mark_applied(1, 1);
}

TEST(SqlitePlans, HotQueriesDoNotScan) {
  SqlitePlace place;
  ASSERT_TRUE(open_store(place.url(), test_schema(), OpenMode::owner).ok());
  sqlite::Database database(place.path(), sqlite::Database::Access::write, 1024);
  sqlite::add_search_function(database);
  sqlite::Session session(database, test_schema(), sqlite::Session::Access::write);
  do_everything_hot(session);
  {
    sqlite::Session fresh(database, test_schema(), sqlite::Session::Access::read);
    fresh.load_cluster(golden_id(1));
    fresh.load_replica(ref_of("erp", "k1"));
    fresh.primary_of(golden_id(1), "erp", "customers");
    fresh.golden_of(ref_of("erp", "k1"));
  }
  std::set<std::string> statements;
  for (auto* at = sqlite3_next_stmt(database.handle(), nullptr); at != nullptr;
       at = sqlite3_next_stmt(database.handle(), at))
    statements.insert(sqlite3_sql(at));
  EXPECT_GT(statements.size(), 50u);
  std::set<std::string> explanations;
  for (const auto& sql : statements) explanations.insert("EXPLAIN QUERY PLAN " + sql);
  for (const auto& sql : explanations) {
    auto plan = database.query(sql);
    while (plan.step()) {
      const auto step = plan.text(3);
      // Runs are listed from the newest, which is a walk along their index that stops at the limit; whether
      // anybody waits, or anything is due at all, is known at the first row.
      const bool walk = step == "SCAN run USING INDEX sqlite_autoindex_run_1" || step == "SCAN waiting" ||
                        step == "SCAN due" || step == "SCAN delivery USING INDEX delivery_pending" ||
                        step.starts_with("SCAN CONSTANT");
      EXPECT_TRUE(walk || !step.starts_with("SCAN")) << step << "\n  in " << sql.substr(19);
      EXPECT_FALSE(step.find("AUTOMATIC") != std::string::npos) << step << "\n  in " << sql.substr(19);
      // A page of all golden records is a piece of a walk. Few that changed may be collected and sorted.
      if (sql.find("FROM golden g") != std::string::npos && sql.find("golden_changed") == std::string::npos) {
        EXPECT_FALSE(step.find("TEMP B-TREE") != std::string::npos) << step << "\n  in " << sql.substr(19);
      }
    }
  }
}

}  // namespace
}  // namespace huiliu::store::fakes
