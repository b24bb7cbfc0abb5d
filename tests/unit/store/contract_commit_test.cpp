// Writes are whole or nothing, alone and in a group; readers see one moment.
#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>

#include "tests/unit/store/contract.hpp"

namespace huiliu::store::fakes {

class StoreCommit : public StoreContract {
 protected:
  static model::Error refused() { return model::make_error(model::ErrorClass::data, "refused by the work"); }
  // Everything that one write can touch, so that half of it would show.
  static void touch_all(Transaction& t, int number) {
    const auto key = std::to_string(number);
    t.save(make_golden(number));
    t.save(make_replica("erp", key, golden_id(number)), {{"name", key}});
    t.set_due(golden_id(number), "customer", "crm", true);
    t.set_look(ref_of("erp", key), true);
    t.save_value("test", key, key);
    t.add_history({golden_id(number), "customer", "tags", 1, {}, {}, {}, 0, "", "", "", false});
    t.save(make_review(number, sync::ReviewKind::create, golden_id(number)));
  }
  // 0: nothing of it is there; 7: all of it; anything else is half a write.
  static int traces(Snapshot& s, int number) {
    const auto key = std::to_string(number);
    return (s.load_golden(golden_id(number)) ? 1 : 0) + (s.load_replica(ref_of("erp", key)) ? 1 : 0) +
           (s.find_by_key("customer", {"name", key}, 2).empty() ? 0 : 1) +
           (s.load_value("test", key) ? 1 : 0) + (s.history(golden_id(number)).empty() ? 0 : 1) +
           (s.open_reviews_of(golden_id(number)).empty() ? 0 : 1) +
           (s.due("crm", "customer", golden_id(number - 1), 1) == std::vector{golden_id(number)} ? 1 : 0);
  }
};

TEST_P(StoreCommit, AFailedWriteLeavesNothing) {
  const auto failed = store_->write([&](Transaction& t) -> Status {
    touch_all(t, 1);
    EXPECT_EQ(t.load_cluster(golden_id(1))->replicas.size(), 1u);
    return refused();
  });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().message, refused().message);
  EXPECT_THROW(static_cast<void>(store_->write([&](Transaction& t) -> Status {
                 touch_all(t, 1);
                 throw std::runtime_error("unexpected");
               })),
               std::runtime_error);
  const auto storage = store_->write([&](Transaction& t) -> Status {
    touch_all(t, 1);
    throw sync::StorageFailure("as the engine's port throws it");
  });
  EXPECT_FALSE(storage.ok());
  read([&](Snapshot& s) { EXPECT_EQ(traces(s, 1), 0); });
  write([&](Transaction& t) { touch_all(t, 1); });
  read([&](Snapshot& s) { EXPECT_EQ(traces(s, 1), 7); });
  expect_sound();
}

TEST_P(StoreCommit, AWriteInsideAWriteIsRefused) {
  const auto status =
      store_->write([&](Transaction&) { return store_->write([](Transaction&) { return Status(); }); });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().error_class, model::ErrorClass::bug);
  write([&](Transaction& t) { touch_all(t, 1); });
}

TEST_P(StoreCommit, InAGroupEachFailsAlone) {
  constexpr int threads = 8, rounds = 40;
  std::latch start(threads);
  std::atomic<int> unexpected = 0;
  std::vector<std::thread> writers;
  for (int thread = 0; thread < threads; ++thread) {
    writers.emplace_back([&, thread] {
      start.arrive_and_wait();
      for (int round = 0; round < rounds; ++round) {
        const int number = 1 + thread * rounds + round;
        const int fate = number % 4;  // 0: returns an error, 1: throws, else succeeds
        try {
          const auto status = store_->write([&](Transaction& t) -> Status {
            touch_all(t, number);
            if (fate == 0) return refused();
            if (fate == 1) throw std::logic_error("thrown by the work");
            return {};
          });
          if (fate == 1 || status.ok() != (fate > 1)) ++unexpected;
        } catch (const std::logic_error&) {
          if (fate != 1) ++unexpected;
        }
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(unexpected, 0);
  reopen();
  read([&](Snapshot& s) {
    for (int number = 1; number <= threads * rounds; ++number)
      EXPECT_EQ(traces(s, number), number % 4 > 1 ? 7 : 0) << number;
  });
  expect_sound();
}

TEST_P(StoreCommit, ASnapshotIsOneMoment) {
  write([&](Transaction& t) { touch_all(t, 1); });
  read([&](Snapshot& s) {
    EXPECT_EQ(traces(s, 1), 7);
    std::thread([&] { write([&](Transaction& t) { touch_all(t, 2); }); }).join();
    EXPECT_EQ(traces(s, 2), 0) << "written after the snapshot was taken";
    read([&](Snapshot& later) { EXPECT_EQ(traces(later, 2), 7); });
  });
}

TEST_P(StoreCommit, ReadersNeverSeeHalfAWrite) {
  std::atomic<bool> done = false;
  std::atomic<int> reads = 0, halves = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto status = store_->read([&](Snapshot& s) {
          const auto values = s.list_values("pair");
          if (values.size() == 2 && values.at("a") != values.at("b")) ++halves;
          ++reads;
          return Status();
        });
        if (!status.ok()) ++halves;
      }
    });
  }
  for (int i = 0; i < 200 || reads < 50; ++i) {
    write([&](Transaction& t) {
      t.save_value("pair", "a", std::to_string(i));
      t.save_value("pair", "b", std::to_string(i));
    });
  }
  done = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(halves, 0);
}

TEST_P(StoreCommit, ManyReadersMoreThanConnections) {
  write([&](Transaction& t) { touch_all(t, 1); });
  std::vector<std::thread> readers;
  std::atomic<int> good = 0;
  for (int i = 0; i < 40; ++i) {
    readers.emplace_back([&] {
      const auto status = store_->read([&](Snapshot& s) {
        if (traces(s, 1) == 7) ++good;
        return Status();
      });
      if (!status.ok()) --good;
    });
  }
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(good, 40);
}

TEST_P(StoreCommit, AReaderPassesErrorsOn) {
  const auto status = store_->read([&](Snapshot&) -> Status { return refused(); });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, refused().message);
  EXPECT_THROW(static_cast<void>(store_->read([&](Snapshot&) -> Status { throw std::logic_error("x"); })),
               std::logic_error);
  read([](Snapshot& s) { EXPECT_TRUE(s.list_reviews({}, {}).empty()); });
}

TEST_P(StoreCommit, OutOfSpaceIsAnErrorAndNothingIsHalfWritten) {
  store_.reset();
  auto cramped = open_store(place_->cramped_url(), test_schema(), OpenMode::owner);
  ASSERT_TRUE(cramped.ok()) << cramped.error().text();
  store_ = std::move(*cramped);
  int written = 0;
  Status status;
  while (status.ok() && written < 1000) {
    status = store_->write([&](Transaction& t) -> Status {
      touch_all(t, written + 1);
      auto big = make_replica("crm", std::to_string(written + 1), golden_id(written + 1));
      big.raw.assign(100'000, 'x');
      t.save(big, {});
      return {};
    });
    if (status.ok()) ++written;
  }
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().error_class, model::ErrorClass::retry) << status.error().text();
  ASSERT_GT(written, 0);
  read([&](Snapshot& s) {
    EXPECT_EQ(traces(s, written), 7);
    EXPECT_EQ(traces(s, written + 1), 0);
    EXPECT_FALSE(s.load_replica(ref_of("crm", std::to_string(written + 1))));
  });
  expect_sound();
  store_.reset();
  store_ = open();
  write([&](Transaction& t) { touch_all(t, written + 1); });
  read([&](Snapshot& s) { EXPECT_EQ(traces(s, written + 1), 7) << "goes on when there is room again"; });
}

TEST_P(StoreCommit, OutOfSpaceInAGroupIsSaidToTheRightOnes) {
  store_.reset();
  auto cramped = open_store(place_->cramped_url(), test_schema(), OpenMode::owner);
  ASSERT_TRUE(cramped.ok());
  store_ = std::move(*cramped);
  constexpr int threads = 6, rounds = 12;
  std::vector<char> acknowledged(1 + threads * rounds, 0);
  std::atomic<int> refused_greedy = 0;
  for (int round = 0; round < rounds; ++round) {
    // The first one holds the store until the others stand in the queue, so that they make one group; one of
    // them wants more than there is.
    std::atomic<int> arrived = 0;
    std::vector<std::thread> writers;
    for (int thread = 0; thread < threads; ++thread) {
      writers.emplace_back([&, thread] {
        const int number = 1 + round * threads + thread;
        const bool gate = thread == 0, greedy = thread == 1 + round % (threads - 1);
        if (!gate) ++arrived;
        const auto status = store_->write([&](Transaction& t) -> Status {
          while (gate && arrived < threads - 1) std::this_thread::yield();
          touch_all(t, number);
          if (!greedy) return {};
          auto big = make_replica("crm", std::to_string(number), golden_id(number));
          big.raw.assign(20'000'000, 'x');
          t.save(big, {});
          return {};
        });
        acknowledged[static_cast<std::size_t>(number)] = status.ok();
        if (greedy && !status.ok()) ++refused_greedy;
      });
    }
    for (auto& writer : writers) writer.join();
  }
  EXPECT_EQ(refused_greedy, rounds);
  read([&](Snapshot& s) {
    for (int number = 1; number <= threads * rounds; ++number)
      EXPECT_EQ(traces(s, number), acknowledged[static_cast<std::size_t>(number)] ? 7 : 0) << number;
  });
  expect_sound();
}

HUILIU_FOR_EVERY_STORE(StoreCommit);

}  // namespace huiliu::store::fakes
