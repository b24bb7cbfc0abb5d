// One cycle over systems in memory: ledger, lost answers, order per record, resuming.
#include "hub/run/cycle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/run/fake_world.hpp"

namespace huiliu::run::fakes {
namespace cycle_test {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string key(int number) { return std::to_string(1000 + number); }

const store::RunStream& of(const std::vector<store::RunStream>& ledger, const std::string& connection) {
  for (const store::RunStream& stream : ledger)
    if (stream.connection == connection) return stream;
  ADD_FAILURE() << "no ledger of " << connection;
  return ledger.front();
}

TEST(Cycle, AgreesAndThenIsQuiet) {
  FakeWorld world;
  world.add_companies(30);
  world.system("crm").set(key(4), "Phone", "0532-11112222");
  const CycleReport first = world.cycle();
  EXPECT_GE(first.read, 60);
  EXPECT_GE(first.initial_differences, 1);
  world.settle();
  for (const char* name : {"erp", "crm"}) world.system(name).written.clear();
  const CycleReport quiet = world.cycle();
  EXPECT_TRUE(quiet.converged);
  EXPECT_THAT(world.system("erp").written, IsEmpty());
  EXPECT_THAT(world.system("crm").written, IsEmpty());
}

TEST(Cycle, TheLedgerClosesWhateverHappens) {
  FakeWorld world;
  world.add_companies(20);
  world.settle();
  int calls = 0;
  world.system("erp").instead = [&](const RecordToWrite& record) {
    WrittenRecord answer;
    answer.key = record.key;
    static constexpr sync::Outcome outcomes[] = {sync::Outcome::rejected, sync::Outcome::deferred,
                                                 sync::Outcome::stale, sync::Outcome::in_doubt,
                                                 sync::Outcome::gone};
    answer.outcome = outcomes[calls++ % 5];
    answer.message = "as the test wants";
    return answer;
  };
  for (int i = 0; i < 10; ++i)
    world.system("crm").set(key(i), "Web", "https://x" + std::to_string(i) + ".example/");
  const CycleReport report = world.cycle();
  const auto ledger = world.ledger(report.run);
  const store::RunStream& erp = of(ledger, "erp");
  EXPECT_TRUE(erp.balanced());
  EXPECT_GE(erp.rejected, 2);
  EXPECT_GE(erp.in_doubt, 2);
  EXPECT_EQ(erp.read, erp.changed + erp.unchanged + erp.duplicate + erp.filtered + erp.parked + erp.dead);
}

TEST(Cycle, ASystemThatFailsStopsOnlyItself) {
  FakeWorld world({{"erp", "erp"}, {"crm", "crm"}, {"site", "site"}});
  world.add_companies(10);
  world.settle();
  world.system("site").broken = model::make_error(model::ErrorClass::retry, "503 from the proxy");
  world.system("crm").set(key(1), "Phone", "0532-77778888");
  const CycleReport report = world.cycle();
  EXPECT_EQ(world.system("erp").get(key(1), "Phone"), "0532-77778888");
  EXPECT_FALSE(report.converged);
  std::string errors;
  for (const ConnectionReport& connection : report.connections) errors += connection.error;
  EXPECT_THAT(errors, HasSubstr("503 from the proxy"));
  world.system("site").broken = {};
  world.settle();
  EXPECT_EQ(world.system("site").get(key(1), "Phone"), "0532-77778888") << "nothing is lost";
}

TEST(Cycle, ALostAnswerIsLookedUpAndNotSentTwice) {
  FakeWorld world;
  world.add_companies(5);
  world.settle();
  FakeSystem& erp = world.system("erp");
  erp.written.clear();
  erp.instead = [&](const RecordToWrite& record) {
    erp.instead = {};
    // Taken, but the answer never came.
    for (const model::Member& member : record.body.as_object())
      erp.set(record.key, member.key, member.value.to_text());
    WrittenRecord answer;
    answer.key = record.key;
    answer.outcome = sync::Outcome::in_doubt;
    return answer;
  };
  world.system("crm").set(key(2), "Phone", "0532-12121212");
  world.settle();
  EXPECT_EQ(erp.get(key(2), "Phone"), "0532-12121212");
  EXPECT_THAT(erp.written, IsEmpty()) << "seen there, so not sent again";
  EXPECT_THAT(world.reviews(sync::ReviewKind::conflict), IsEmpty()) << "our own write is nobody's edit";
}

TEST(Cycle, ACreateWhoseAnswerWasLostIsFoundAndNotMadeTwice) {
  FakeWorld world({{"erp", "erp"}, {"crm", "crm", "auto"}});
  world.add_companies(5);
  world.settle();
  FakeSystem& crm = world.system("crm");
  const std::size_t before = crm.records().size();
  crm.instead = [&](const RecordToWrite& record) {
    crm.instead = {};
    model::Object body;
    for (const model::Member& member : record.body.as_object()) body.set(member.key, member.value);
    crm.put("777", body);
    WrittenRecord answer;
    answer.outcome = sync::Outcome::in_doubt;
    return answer;
  };
  world.system("erp").put(
      "2000", {{"Name", "烟台新星渔具有限公司"}, {"Code", ""}, {"Phone", "0535-6660001"}, {"Web", ""}});
  for (int i = 0; i < 4; ++i) world.cycle();
  EXPECT_EQ(crm.records().size(), before + 1);
  EXPECT_TRUE(world.cycle().converged);
}

TEST(Cycle, WritesToOneRecordKeepTheirOrder) {
  FakeWorld world;
  world.add_companies(3);
  world.settle();
  FakeSystem& erp = world.system("erp");
  erp.written.clear();
  for (int i = 1; i <= 4; ++i) {
    world.system("crm").set(key(1), "Phone", "0532-5555000" + std::to_string(i));
    if (i == 2)  // one attempt is put off by the system
      erp.instead = [&erp](const RecordToWrite& record) {
        erp.instead = {};
        WrittenRecord answer;
        answer.key = record.key;
        answer.outcome = sync::Outcome::deferred;
        return answer;
      };
    world.cycle();
  }
  world.settle();
  std::string last;
  for (const std::string& line : erp.written) {
    EXPECT_GT(line, last) << "an older value after a newer one";
    last = line;
  }
  EXPECT_EQ(erp.get(key(1), "Phone"), "0532-55550004");
}

TEST(Cycle, AnUnreadableRecordIsADeadLetterAndTheRestGoesOn) {
  FakeWorld world;
  world.add_companies(10);
  world.system("crm").put(key(3), {{"Phone", "0532-1"}});  // no name: the mapping requires one
  const CycleReport report = world.cycle();
  ASSERT_THAT(world.dead_letters(), SizeIs(1));
  EXPECT_THAT(world.dead_letters().front().raw, HasSubstr("0532-1"));
  EXPECT_EQ(of(world.ledger(report.run), "crm").dead, 1);
  world.system("crm").put(key(3), world.system("erp").records().at(key(3)));
  world.settle();
  EXPECT_THAT(world.dead_letters(), IsEmpty()) << "corrected there, so closed here";
}

}  // namespace cycle_test
}  // namespace huiliu::run::fakes
