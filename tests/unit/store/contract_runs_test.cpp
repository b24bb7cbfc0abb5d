// Cursors, values, runs with their ledgers, parked records, deliveries.
#include "tests/unit/store/contract.hpp"

namespace huiliu::store::fakes {

class StoreRuns : public StoreContract {
 protected:
  static store::Run make_run(int number, const std::string& job) {
    store::Run run;
    run.id = "run_" + std::to_string(1000 + number);
    run.job = job;
    run.trigger = "schedule";
    run.started = number;
    run.pid = 42;
    return run;
  }
  static Parked make_parked(const std::string& id, const std::string& key, const std::string& cause) {
    Parked parked;
    parked.id = id;
    parked.connection = "erp";
    parked.stream = "customers";
    parked.key = key;
    parked.cause = cause;
    parked.message = "message of " + id;
    parked.raw = std::string("{\"\xff\0\"}", 6);
    parked.state = ParkedState::dead;
    parked.opened = parked.tried = 100;
    return parked;
  }
  static Delivery make_delivery(const std::string& connection, const std::string& id, Micros received) {
    Delivery delivery;
    delivery.connection = connection;
    delivery.id = id;
    delivery.received = received;
    delivery.method = "POST";
    delivery.target = "/hooks/x?a=1";
    delivery.headers = "a: b";
    delivery.body = std::string("\0\x01\xff", 3);
    delivery.hints = {{"customers", "k1", "changed", "{}"}, {"customers", "k2", "deleted", ""}};
    return delivery;
  }
};

TEST_P(StoreRuns, CursorsAndValues) {
  Cursor cursor{
      "erp", "customers", std::string("\0\x80opaque", 8), ReadMode::changes, "run_1", 10, false, 7, 1000,
      9,     11};
  write([&](Transaction& t) {
    EXPECT_FALSE(t.load_cursor("erp", "customers"));
    t.save(cursor);
    t.save_value("plugin/erp", "since", std::string("\0x", 2));
    t.save_value("plugin/erp", "gone", "1");
    t.save_value("plugin/crm", "since", "other");
    t.erase_value("plugin/erp", "gone");
  });
  reopen();
  read([&](Snapshot& s) {
    EXPECT_EQ(s.load_cursor("erp", "customers"), cursor);
    EXPECT_FALSE(s.load_cursor("erp", "contacts"));
    EXPECT_EQ(s.list_cursors(), std::vector{cursor});
    EXPECT_EQ(s.load_value("plugin/erp", "since"), std::string("\0x", 2));
    EXPECT_FALSE(s.load_value("plugin/erp", "gone"));
    EXPECT_EQ(s.list_values("plugin/crm"), (std::map<std::string, std::string>{{"since", "other"}}));
  });
  write([&](Transaction& t) { t.reset_cursor("erp", "customers"); });
  read([&](Snapshot& s) {
    const auto reset = s.load_cursor("erp", "customers");
    EXPECT_EQ(reset->position, "");
    EXPECT_EQ(reset->mode, ReadMode::full);
    EXPECT_EQ(reset->read, 0);
    EXPECT_EQ(reset->last_read, 1000);
  });
}

TEST_P(StoreRuns, TheLedgerAddsUp) {
  RunStream counts;
  counts.connection = "erp";
  counts.stream = "customers";
  counts.read = 10;
  counts.changed = 3;
  counts.unchanged = 6;
  counts.parked = 1;
  counts.due = 2;
  counts.applied = 1;
  write([&](Transaction& t) {
    t.save(make_run(1, "sync"));
    t.add_counts("run_1001", counts);
    t.add_counts("run_1001", counts);
    t.add_log("run_1001", {0, 5, "info", "first"});
    t.add_log("run_1001", {0, 6, "warning", "second"});
  });
  read([&](Snapshot& s) {
    auto expected = counts;
    expected += counts;
    ASSERT_EQ(s.run_streams("run_1001"), std::vector{expected});
    EXPECT_EQ(expected.read, 20);
    EXPECT_FALSE(expected.balanced()) << "one due write went nowhere";
    const auto lines = s.run_log("run_1001", 0, 9);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[1].message, "second");
    EXPECT_EQ(s.run_log("run_1001", lines[0].sequence, 9).size(), 1u);
  });
  counts = {"erp", "customers"};
  counts.held = 2;
  write([&](Transaction& t) { t.add_counts("run_1001", counts); });
  read([&](Snapshot& s) { EXPECT_TRUE(s.run_streams("run_1001").at(0).balanced()); });
  EXPECT_FALSE(store_
                   ->write([&](Transaction& t) {
                     t.add_counts("run_unknown", counts);
                     return Status();
                   })
                   .ok());
}

TEST_P(StoreRuns, EveryCounterIsKept) {
  RunStream counts{"erp", "customers",        1,  2,  3,  4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
                   15,    0xFFFFFFFFFFFFFFF0, 17, 18, 19, 20};
  write([&](Transaction& t) {
    t.save(make_run(1, "sync"));
    t.add_counts("run_1001", counts);
    t.add_counts("run_1001", counts);
  });
  auto twice = counts;
  twice += counts;
  EXPECT_EQ(twice.held, 30);
  EXPECT_EQ(twice.keys_in, 0xFFFFFFFFFFFFFFE0) << "hashes wrap around";
  read([&](Snapshot& s) { EXPECT_EQ(s.run_streams("run_1001"), std::vector{twice}); });
}

TEST_P(StoreRuns, RunsAreListedNewestFirst) {
  write([&](Transaction& t) {
    for (int i = 1; i <= 4; ++i) t.save(make_run(i, i % 2 == 0 ? "even" : "odd"));
  });
  read([&](Snapshot& s) {
    const auto ids = [](const std::vector<store::Run>& runs) {
      std::string text;
      for (const auto& run : runs) text += run.id.substr(4) + " ";
      return text;
    };
    EXPECT_EQ(ids(s.list_runs("", {"", 3})), "1004 1003 1002 ");
    EXPECT_EQ(ids(s.list_runs("", {"run_1002", 3})), "1001 ");
    EXPECT_EQ(ids(s.list_runs("odd", {})), "1003 1001 ");
    EXPECT_EQ(s.load_run("run_1001"), make_run(1, "odd"));
    EXPECT_FALSE(s.load_run("run_9"));
  });
}

TEST_P(StoreRuns, RunsLeftRunningAreInterruptedByTheNextOwner) {
  const auto generation = store_->generation();
  write([&](Transaction& t) {
    t.save(make_run(1, "sync"));
    auto ended = make_run(2, "sync");
    ended.state = RunState::failed;
    ended.error = "its own";
    t.save(ended);
  });
  open(OpenMode::reader);
  read([&](Snapshot& s) { EXPECT_EQ(s.load_run("run_1001")->state, RunState::running); });
  reopen();
  EXPECT_GT(store_->generation(), generation);
  read([&](Snapshot& s) {
    EXPECT_EQ(s.load_run("run_1001")->state, RunState::interrupted);
    EXPECT_FALSE(s.load_run("run_1001")->error.empty());
    EXPECT_GT(s.load_run("run_1001")->ended, 0);
    EXPECT_EQ(s.load_run("run_1002")->error, "its own");
  });
}

TEST_P(StoreRuns, OldRunsAreForgottenWhole) {
  write([&](Transaction& t) {
    for (int i = 1; i <= 3; ++i) {
      auto run = make_run(i, "sync");
      run.state = i == 1 ? RunState::running : RunState::succeeded;
      t.save(run);
      t.add_log(run.id, {0, 1, "info", "x"});
      t.add_counts(run.id, {"erp", "customers"});
    }
    EXPECT_EQ(t.prune_runs(3), 1) << "not the running one, not the new one";
  });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.list_runs("", {}).size(), 2u);
    EXPECT_TRUE(s.run_log("run_1002", 0, 9).empty());
    EXPECT_EQ(s.run_log("run_1003", 0, 9).size(), 1u);
  });
}

TEST_P(StoreRuns, OneOpenParkedRecordPerCause) {
  write([&](Transaction& t) {
    EXPECT_EQ(t.park(make_parked("dlt_1", "k1", "no_salesperson")), "dlt_1");
    auto again = make_parked("dlt_2", "k1", "no_salesperson");
    again.tried = 200;
    again.message = "newer";
    EXPECT_EQ(t.park(again), "dlt_1");
    EXPECT_EQ(t.park(make_parked("dlt_3", "k1", "too_long")), "dlt_3");
    EXPECT_EQ(t.park(make_parked("dlt_4", "k2", "too_long")), "dlt_4");
  });
  read([&](Snapshot& s) {
    const auto one = s.load_parked("dlt_1");
    ASSERT_TRUE(one);
    EXPECT_EQ(one->attempts, 2);
    EXPECT_EQ(one->message, "newer");
    EXPECT_EQ(one->opened, 100);
    EXPECT_EQ(one->tried, 200);
    EXPECT_EQ(one->raw, make_parked("", "", "").raw) << "kept whole, byte by byte";
    EXPECT_FALSE(s.load_parked("dlt_2"));
    EXPECT_EQ(s.load_parked("dlt_3"), make_parked("dlt_3", "k1", "too_long"));
    EXPECT_EQ(s.list_parked({}, {}).size(), 3u);
    EXPECT_EQ(s.list_parked({"erp", "customers", "too_long", {ParkedState::dead}}, {"dlt_3", 9}).at(0).id,
              "dlt_4");
    EXPECT_TRUE(s.list_parked({"", "", "", {ParkedState::resolved}}, {}).empty());
    const auto causes = s.parked_causes({});
    ASSERT_EQ(causes.size(), 2u);
    EXPECT_EQ(causes[0].cause, "too_long");
    EXPECT_EQ(causes[0].count, 2);
  });
}

TEST_P(StoreRuns, ReplayAndClosing) {
  write([&](Transaction& t) {
    t.park(make_parked("dlt_1", "k1", "a"));
    t.park(make_parked("dlt_2", "k2", "a"));
    auto sleeping = make_parked("dlt_3", "k3", "a");
    sleeping.state = ParkedState::parked;
    sleeping.wake_at = 500;
    t.park(sleeping);
    EXPECT_TRUE(t.parked_due("erp", "customers", 499, 9).empty());
    EXPECT_EQ(t.parked_due("erp", "customers", 500, 9).at(0).id, "dlt_3");
    EXPECT_EQ(t.mark_replay({"dlt_1", "dlt_unknown"}), 1);
    EXPECT_EQ(t.parked_due("erp", "customers", 0, 9).at(0).id, "dlt_1");
    EXPECT_EQ(t.close_parked(ref_of("erp", "k1"), 600), 1);
    EXPECT_EQ(t.close_parked(ref_of("erp", "k1"), 600), 0);
    EXPECT_EQ(t.close_parked(ref_of("erp", "k2"), 600), 1);
    EXPECT_EQ(t.close_parked(ref_of("unknown", "k2"), 600), 0);
  });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.load_parked("dlt_1")->state, ParkedState::replayed);
    EXPECT_EQ(s.load_parked("dlt_2")->state, ParkedState::resolved);
    EXPECT_TRUE(s.parked_due("erp", "customers", 0, 9).empty());
  });
  write([&](Transaction& t) {
    EXPECT_EQ(t.park(make_parked("dlt_5", "k1", "a")), "dlt_5") << "the closed one stays closed";
    EXPECT_EQ(t.mark_replay({}), 1) << "all dead ones, not the sleeping one";
    EXPECT_EQ(t.prune_parked(1000), 2);
    auto changed = *t.load_parked("dlt_3");
    changed.state = ParkedState::dead;
    t.save(changed);
    EXPECT_EQ(t.load_parked("dlt_3"), changed);
  });
}

TEST_P(StoreRuns, ADeliveryCountsOnce) {
  const auto first = make_delivery("site", "d1", 100);
  write([&](Transaction& t) {
    EXPECT_TRUE(t.receive(first));
    EXPECT_FALSE(t.receive(first));
    EXPECT_TRUE(t.receive(make_delivery("crm", "d1", 100))) << "ids are the sender's own";
    EXPECT_TRUE(t.receive(make_delivery("site", "d2", 200)));
  });
  reopen();
  write([&](Transaction& t) {
    EXPECT_FALSE(t.receive(first)) << "also after a restart";
    const auto pending = t.pending_deliveries("site", 9);
    ASSERT_EQ(pending.size(), 2u);
    auto expected = first;
    expected.sequence = pending[0].sequence;
    EXPECT_EQ(pending[0], expected);
    EXPECT_LT(pending[0].sequence, pending[1].sequence);
    EXPECT_EQ(t.pending_deliveries("", 9).size(), 3u);
    EXPECT_EQ(t.pending_deliveries("", 2).size(), 2u);
    t.mark_applied(pending[0].sequence, 300);
    EXPECT_EQ(t.count_pending_deliveries("site"), 1);
    EXPECT_EQ(t.count_pending_deliveries(""), 2);
    EXPECT_FALSE(t.receive(first)) << "also after it was applied";
    EXPECT_EQ(t.prune_deliveries(1000), 1) << "only the applied one";
    EXPECT_TRUE(t.receive(first)) << "forgotten";
  });
}

HUILIU_FOR_EVERY_STORE(StoreRuns);

}  // namespace huiliu::store::fakes
