// The brakes in a running cycle, over systems in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/run/brakes.hpp"
#include "tests/unit/run/fake_world.hpp"

namespace huiliu::run::fakes {
namespace {

using model::Object;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string key(int number) { return std::to_string(1000 + number); }

// Two systems that agree on a hundred companies, and have done so for a while.
class Brakes : public ::testing::Test {
 protected:
  Brakes() {
    world.add_companies(100);
    world.settle();
    world.settle();
    for (const char* name : {"erp", "crm"}) world.system(name).written.clear();
  }
  std::vector<sync::Review> asked() { return world.reviews(sync::ReviewKind::brake); }
  FakeWorld world;
};

TEST_F(Brakes, AFewChangesPass) {
  for (int i = 0; i < 10; ++i) world.system("crm").set(key(i), "Phone", "0532-8888000" + std::to_string(i));
  EXPECT_EQ(world.cycle().applied, 10);
  EXPECT_THAT(asked(), IsEmpty());
  EXPECT_EQ(world.system("erp").get(key(3), "Phone"), world.system("crm").get(key(3), "Phone"));
}

TEST_F(Brakes, ManyChangesStopAllOfThemAndSayHowMany) {
  for (int i = 0; i < 60; ++i)
    world.system("crm").set(key(i), "Phone", "0532-8888" + std::to_string(1000 + i));
  const CycleReport report = world.cycle();
  EXPECT_EQ(report.applied, 0);
  EXPECT_THAT(report.connections.at(0).error + report.connections.at(1).error, HasSubstr("brake"));
  ASSERT_THAT(asked(), SizeIs(1));
  const model::Value evidence = asked().front().evidence;
  EXPECT_EQ(evidence["rules"]["changed"]["count"].to_text(), "60");
  EXPECT_EQ(evidence["customers"].to_text(), "60");
  EXPECT_EQ(evidence["fields"]["phones[switchboard]"].to_text(), "60");
  EXPECT_THAT(world.system("erp").written, IsEmpty());
}

TEST_F(Brakes, ItDoesNotLeakOverManyCyclesAndARestart) {
  for (int i = 0; i < 100; ++i) world.system("crm").set(key(i), "Phone", "");
  for (int i = 0; i < 5; ++i) world.cycle();
  world.reopen();
  for (int i = 0; i < 5; ++i) world.cycle();
  EXPECT_THAT(world.system("erp").written, IsEmpty());
  EXPECT_THAT(asked(), SizeIs(1));
}

TEST_F(Brakes, ReleaseLetsItPassOnceAndRaiseFromNowOn) {
  const auto change_sixty = [&](int round) {
    for (int i = 0; i < 60; ++i)
      world.system("crm").set(key(i), "Phone", "0532-7" + std::to_string(round) + std::to_string(10'000 + i));
  };
  const auto release = [&](const char* choice) {
    for (int i = 0; i < 3 && !asked().empty(); ++i) {
      for (const sync::Review& review : asked()) world.decide(review.id, choice);
      world.cycle();
    }
  };
  change_sixty(1);
  world.cycle();
  release("release");
  EXPECT_THAT(world.system("erp").written, SizeIs(60));
  change_sixty(2);
  world.cycle();
  ASSERT_THAT(asked(), SizeIs(1)) << "once is once";
  release("raise");
  EXPECT_THAT(world.system("erp").written, SizeIs(120));
  change_sixty(3);
  EXPECT_EQ(world.cycle().applied, 60) << "sixty are normal now";
  EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(Brakes, ADripIsStoppedToo) {
  // Nine records an hour lose their telephone: each pass is below the limit of twenty.
  int wiped = 0;
  for (int hour = 0; hour < 10 && asked().empty(); ++hour) {
    for (int i = 0; i < 9; ++i) world.system("crm").set(key(wiped++), "Phone", "");
    world.cycle();
    world.clock.advance(3600 * model::second);
  }
  EXPECT_EQ(wiped, 27) << "the third pass would go beyond twenty";
  ASSERT_THAT(asked(), SizeIs(1));
  EXPECT_NE(asked().front().evidence["rules"].find("emptied"), nullptr);
  EXPECT_THAT(world.system("erp").written, SizeIs(18));
}

TEST_F(Brakes, OrdinaryWorkOverDaysIsNoDrip) {
  for (int day = 0; day < 12; ++day) {
    for (int i = 0; i < 6; ++i)
      world.system("crm").set(key(day * 6 + i), "Phone", "0532-8" + std::to_string(1'000'000 + day * 6 + i));
    world.cycle();
    world.clock.advance(24 * 3600 * model::second);
  }
  EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(Brakes, KeepStaysStoppedWithoutAskingAgain) {
  for (int i = 0; i < 60; ++i) world.system("crm").set(key(i), "Phone", "");
  world.cycle();
  world.decide(asked().front().id, "keep");
  world.cycle();
  EXPECT_THAT(asked(), IsEmpty());
  EXPECT_THAT(world.system("erp").written, IsEmpty());
  ASSERT_TRUE(world.workspace.store
                  ->write([&](store::Transaction& transaction) -> model::Status {
                    ask_again(transaction, "crm");
                    return {};
                  })
                  .ok());
  world.cycle();
  EXPECT_THAT(asked(), SizeIs(1));
}

TEST_F(Brakes, HealedSystemsWithdrawTheQuestion) {
  std::vector<std::string> before;
  for (int i = 0; i < 60; ++i) {
    before.push_back(world.system("crm").get(key(i), "Phone"));
    world.system("crm").set(key(i), "Phone", "");
  }
  world.cycle();
  ASSERT_THAT(asked(), SizeIs(1));
  for (int i = 0; i < 60; ++i) world.system("crm").set(key(i), "Phone", before[static_cast<std::size_t>(i)]);
  world.cycle();
  EXPECT_THAT(asked(), IsEmpty());
  EXPECT_THAT(world.system("erp").written, IsEmpty());
}

TEST_F(Brakes, WhileReadingIsStoppedNothingIsWrittenThereAndWhatIsDueStaysDue) {
  for (int i = 0; i < 60; ++i) world.system("crm").set(key(i), "Phone", "");
  world.system("erp").set(key(70), "Web", "https://new.example/");
  world.cycle();
  EXPECT_THAT(world.system("crm").written, IsEmpty());
  EXPECT_THAT(world.plan(), SizeIs(1));
}

TEST_F(Brakes, AFieldThatVanishedFromTheSystemIsNoEdit) {
  for (int i = 0; i < 100; ++i) {
    Object body = world.system("crm").records().at(key(i));
    body.erase("Phone");
    body.set("Telephone", "0532-1");
    world.system("crm").put(key(i), body);
  }
  EXPECT_EQ(world.cycle().applied, 0);
  ASSERT_THAT(asked(), SizeIs(1));
  EXPECT_NE(asked().front().evidence["rules"].find("vanished"), nullptr)
      << model::to_json(asked().front().evidence);
}

TEST_F(Brakes, ManyKeysShownTwiceWithDifferentContentsAreDeadLettersNotEdits) {
  world.system("crm").doubled = {key(1), key(2), key(3)};
  world.system("crm").looks_up = false;
  for (const char* doubled : {"1001", "1002", "1003"})
    world.system("crm").set(doubled, "Phone", "0532-80000001");
  CycleOptions full;
  full.full = true;
  const CycleReport report = world.cycle(full);
  const auto letters = world.dead_letters();
  ASSERT_THAT(letters, SizeIs(3));
  EXPECT_EQ(letters.front().cause, "duplicate_key");
  EXPECT_THAT(letters.front().raw, HasSubstr("other.example")) << "both contents are kept";
  EXPECT_THAT(letters.front().raw, HasSubstr("0532-80000001"));
  for (const store::RunStream& stream : world.ledger(report.run)) EXPECT_TRUE(stream.balanced());
  EXPECT_THAT(world.system("erp").written, IsEmpty());
  world.system("crm").doubled.clear();
  for (const char* healed : {"1001", "1002", "1003"})
    world.system("crm").set(healed, "Phone", "0532-80000002");
  world.settle();
  EXPECT_THAT(world.dead_letters(), IsEmpty());
  EXPECT_EQ(world.system("erp").get("1001", "Phone"), "0532-80000002");
}

TEST_F(Brakes, ALookByKeyTellsWhichOfTwoContentsIsRight) {
  world.system("crm").doubled = {key(1)};
  world.system("crm").set(key(1), "Phone", "0532-80000001");
  CycleOptions full;
  full.full = true;
  world.cycle(full);
  EXPECT_THAT(world.dead_letters(), IsEmpty());
  EXPECT_EQ(world.system("erp").get(key(1), "Phone"), "0532-80000001");
  EXPECT_NE(world.system("erp").get(key(1), "Web"), "https://other.example/");
}

TEST_F(Brakes, ChangesMayTellOfTwoStatesOfOneRecord) {
  world.system("crm").doubled = {key(1)};
  world.system("crm").set(key(1), "Phone", "0532-80000001");
  world.settle();
  EXPECT_THAT(world.dead_letters(), IsEmpty());
  EXPECT_EQ(world.system("erp").get(key(1), "Phone"), "0532-80000001");
  EXPECT_EQ(world.system("erp").get(key(1), "Web"), "https://other.example/") << "the later one counts";
}

TEST_F(Brakes, AnEmptyAnswerIsNoDeletion) {
  world.system("crm").shows = [](const std::string&) { return false; };
  CycleOptions full;
  full.full = true;
  world.cycle(full);
  ASSERT_THAT(asked(), SizeIs(1));
  EXPECT_EQ(asked().front().evidence["rules"]["missing"]["count"].to_text(), "100");
  EXPECT_EQ(world.system("crm").lookups, 0) << "not even asked for one by one";
  world.system("crm").shows = {};
  world.cycle();
  EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(Brakes, ARecordThatIsReallyGoneIsFoundAndAskedAbout) {
  world.system("crm").erase(key(5));
  CycleOptions full;
  full.full = true;
  world.cycle(full);
  EXPECT_THAT(asked(), IsEmpty());
  EXPECT_THAT(world.reviews(sync::ReviewKind::change), SizeIs(1));
}

TEST_F(Brakes, APersonsOwnWordInTheConsoleIsNotCounted) {
  ASSERT_TRUE(world.workspace.store
                  ->write([&](store::Transaction& transaction) -> model::Status {
                    for (const sync::Golden& golden : transaction.list_goldens({}, {{}, 1000}))
                      HUILIU_TRY(world.workspace.engine->edit(
                          transaction, golden.id, "website",
                          {model::Presence::value, "https://all.example/", "all.example"}, "tester",
                          world.clock.now()));
                    return {};
                  })
                  .ok());
  EXPECT_EQ(world.cycle().applied, 200);
  EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(Brakes, ASystemThatWritesAgainstUsIsHeldBackInThatFieldOnly) {
  // The ERP owns the name; something in the CRM puts its own back after every write.
  const std::string own = "青岛另一家船舶配件有限公司";
  std::size_t cycles = 0;
  while (asked().empty() && cycles++ < 10) {
    world.system("crm").set(key(7), "Name", own);
    world.cycle();
    for (const sync::Review& review : world.reviews(sync::ReviewKind::change))
      world.decide(review.id, "reject");
    world.cycle();
  }
  ASSERT_THAT(asked(), SizeIs(1));
  EXPECT_EQ(asked().front().evidence["rule"].to_text(), "oscillation");
  EXPECT_EQ(asked().front().field, "names.legal");
  const std::size_t writes = world.system("crm").written.size();
  EXPECT_LE(writes, 4U);
  world.cycle();
  EXPECT_EQ(world.system("crm").written.size(), writes) << "not written again";
  world.system("erp").set(key(7), "Web", "https://seven.example/");
  world.cycle();
  EXPECT_EQ(world.system("crm").get(key(7), "Web"), "https://seven.example/") << "other fields go on";
  world.decide(asked().front().id, "release");
  world.clock.advance(25 * 3600 * model::second);
  world.settle();
  EXPECT_NE(world.system("crm").get(key(7), "Name"), own);
}

}  // namespace
}  // namespace huiliu::run::fakes
