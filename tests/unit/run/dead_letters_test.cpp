// Dead letters in a person's hands, and a changed configuration over known data.
#include "hub/run/dead_letters.hpp"

#include <gtest/gtest.h>

#include "hub/run/adopt.hpp"
#include "hub/run/allocation.hpp"
#include "hub/run/ingest.hpp"
#include "tests/unit/run/fake_world.hpp"

namespace huiliu::run::fakes {
namespace dead_letters_test {

using model::Object;
using model::Value;

class DeadLetters : public ::testing::Test {
 protected:
  DeadLetters() {
    world.add_companies(3);
    world.settle();
  }
  store::Parked park(const std::string& key, const std::string& cause, const std::string& raw,
                     model::Micros opened) {
    store::Parked letter;
    letter.id = "dlt_" + key + cause;
    letter.connection = "erp";
    letter.stream = "customers";
    letter.key = key;
    letter.cause = cause;
    letter.message = "it was wrong";
    letter.raw = raw;
    letter.state = store::ParkedState::dead;
    letter.opened = letter.tried = opened;
    EXPECT_TRUE(world.workspace.store
                    ->write([&](store::Transaction& transaction) -> model::Status {
                      letter.id = transaction.park(letter);
                      return {};
                    })
                    .ok());
    return letter;
  }
  template <class Look>
  auto read(Look look) {
    decltype(look(std::declval<store::Snapshot&>())) result;
    EXPECT_TRUE(world.workspace.store
                    ->read([&](store::Snapshot& snapshot) -> model::Status {
                      result = look(snapshot);
                      return {};
                    })
                    .ok());
    return result;
  }

  FakeWorld world;
};

TEST_F(DeadLetters, AreGroupedByCauseWithWhatToDo) {
  park("1000", "mapping", "{}", 10);
  park("1001", "mapping", "{}", 20);
  park("1002", "duplicate_key", "[]", 30);
  const auto groups = read([](store::Snapshot& s) { return letter_groups(s, {}); });
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0]["cause"].to_text(), "mapping");
  EXPECT_EQ(groups[0]["count"].to_text(), "2");
  EXPECT_FALSE(groups[0]["fix"]["zh"].to_text().empty());
  EXPECT_NE(groups[0]["fix"]["en"].to_text(), groups[1]["fix"]["en"].to_text());
}

TEST_F(DeadLetters, ComeInTheOrderOfArrival) {
  park("1001", "mapping", "{\"a\":1}", 300);
  park("1000", "mapping", "{\"a\":2}", 100);
  park("1000", "engine", "{\"a\":3}", 200);
  const auto letters = read([](store::Snapshot& s) { return *choose_letters(s, {}); });
  ASSERT_EQ(letters.size(), 3U);
  EXPECT_EQ(letters[0].opened, 100);
  EXPECT_EQ(letters[1].opened, 200);
  EXPECT_EQ(letters[2].opened, 300);
  const auto ghost = read([](store::Snapshot& s) {
    return choose_letters(s, {{"dlt_ghost"}, "", "", ""}).ok();
  });
  EXPECT_FALSE(ghost);
}

TEST_F(DeadLetters, AreCorrectedTriedAndProcessed) {
  const store::Parked letter = park("1000", "mapping", "not json", world.clock.now());
  const auto look = [&] {
    return read(
        [&](store::Snapshot& s) { return preview_letter(world.workspace, s, *s.load_parked(letter.id)); });
  };
  EXPECT_EQ(look()["outcome"].to_text(), "fails");
  const auto edit = [&](const std::string& raw) {
    return world.workspace.store->write(
        [&](store::Transaction& transaction) { return edit_letter(transaction, letter.id, raw); });
  };
  EXPECT_FALSE(edit("[1]").ok());
  EXPECT_FALSE(edit("{").ok());
  Object record = world.system("erp").records().at("1000");
  ASSERT_TRUE(edit(model::to_json(Value(record))).ok());
  const Value tried = look();
  EXPECT_EQ(tried["outcome"].to_text(), "passes") << model::to_json(tried);
  EXPECT_FALSE(tried["fields"].as_object().empty());
  EXPECT_EQ(read([&](store::Snapshot& s) { return original_of(s, letter.id); }), "not json");
  const auto replayed =
      replay_parked(world.workspace, read([&](store::Snapshot& s) { return *s.load_parked(letter.id); }));
  ASSERT_TRUE(replayed.ok());
  EXPECT_TRUE(*replayed);
  EXPECT_FALSE(edit("{}").ok()) << "it is closed";
}

// What we sent is never taken for something that the system showed.
TEST_F(DeadLetters, ARefusedWriteIsSentAgainAndNotRead) {
  world.system("erp").instead = [](const RecordToWrite&) {
    WrittenRecord result;
    result.key = "1000";
    result.outcome = sync::Outcome::rejected;
    result.code = "E100";
    result.message = "the field is locked";
    return result;
  };
  world.system("crm").set("1000", "Web", "https://moved.example/");
  world.cycle();
  world.system("erp").instead = {};
  const auto letters = world.dead_letters();
  ASSERT_EQ(letters.size(), 1U);
  ASSERT_TRUE(is_refused_write(letters[0])) << letters[0].raw;
  const auto look = read([&](store::Snapshot& s) { return preview_letter(world.workspace, s, letters[0]); });
  EXPECT_EQ(look["outcome"].to_text(), "sends_again");
  world.cycle();
  const std::size_t before = world.system("erp").written.size();
  ASSERT_TRUE(*replay_parked(world.workspace, letters[0]));
  world.cycle();
  EXPECT_GT(world.system("erp").written.size(), before) << "sent again, under the rules of the cycle";
  EXPECT_EQ(world.system("erp").get("1000", "Web"), "https://moved.example/");
  EXPECT_EQ(world.system("erp").get("1000", "Code"), world.system("crm").get("1000", "Code"));
  EXPECT_TRUE(world.dead_letters().empty());
}

TEST_F(DeadLetters, ARefusedAllocationIsTriedAgain) {
  const Allocation allocation{{"erp", "customers", "1000"}, "cus_1", "200"};
  const store::Parked letter =
      park("1000", "allocation", refused_write_text(allocation_line(allocation)), world.clock.now());
  ASSERT_TRUE(world.workspace.store
                  ->write([&](store::Transaction& transaction) -> model::Status {
                    transaction.save_value("allocation", "erp/cus_1/200", "{\"message\":\"no\",\"at\":1}");
                    return {};
                  })
                  .ok());
  ASSERT_TRUE(*replay_parked(world.workspace, letter));
  EXPECT_FALSE(read([](store::Snapshot& s) { return s.load_value("allocation", "erp/cus_1/200"); }));
  EXPECT_TRUE(world.dead_letters().empty());
}

TEST_F(DeadLetters, AKnownConfigurationIsAdoptedOnce) {
  const auto first = adopt_configuration(world.workspace);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->examined, 0) << "a store that was never settled is as its last cycle left it";
  ASSERT_TRUE(world.workspace.store
                  ->write([](store::Transaction& transaction) -> model::Status {
                    transaction.save_value("adopted", "rules", "another configuration");
                    return {};
                  })
                  .ok());
  const auto changed = adopt_configuration(world.workspace);
  ASSERT_TRUE(changed.ok()) << changed.error().text();
  EXPECT_GE(changed->examined, 3);
  EXPECT_EQ(changed->decoded, 0) << "no mapping changed";
  EXPECT_TRUE(world.plan().empty()) << "nothing became due of it";
  EXPECT_EQ(adopt_configuration(world.workspace)->examined, 0);
}

}  // namespace dead_letters_test
}  // namespace huiliu::run::fakes
