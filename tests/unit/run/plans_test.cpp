// Plans and their taking back: what was predicted is what is written, and a run can be undone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "hub/run/views.hpp"
#include "hub/run/writer.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/unit/run/fake_world.hpp"

namespace huiliu::run::fakes {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string key(std::uint64_t number) { return std::to_string(1000 + number); }

constexpr const char* edited_members[] = {"Phone", "Web", "Name"};

std::string some_value(const std::string& member, CountedDice& dice) {
  const std::string number = std::to_string(10'000 + dice.below(80'000));
  if (dice.below(8) == 0 && member != "Name") return "";
  if (member == "Phone") return "0532-475" + number;
  if (member == "Web") return "https://e" + number + ".example/";
  return "青岛" + number + "号渔具有限公司";
}

// People edit at random, in every system.
void edit_at_random(FakeWorld& world, CountedDice& dice, int companies, int edits) {
  static constexpr const char* names[] = {"crm", "erp", "site"};
  for (int i = 0; i < edits; ++i) {
    const std::string member = edited_members[dice.below(3)];
    world.system(names[dice.below(3)])
        .set(key(dice.below(static_cast<std::uint64_t>(companies))), member, some_value(member, dice));
  }
}

// A planned write as the line that the system notes, members sorted.
std::string predicted_line(FakeWorld& world, const sync::PlannedWrite& write) {
  std::vector<std::string> parts;
  const mapping::StreamMapping& mapped =
      *world.workspace.mappings.at(write.ref.connection)->stream("customers");
  for (const sync::PlannedField& field : write.fields)
    parts.push_back(mapped.write_path(field.field) + "=" +
                    (field.to.has_value() ? field.to.value.to_text() : ""));
  std::sort(parts.begin(), parts.end());
  std::string line = write.ref.connection + " " + (write.ref.key.empty() ? "+" : write.ref.key);
  for (const std::string& part : parts) line += " " + part;
  return line;
}

std::string actual_line(const std::string& system, const std::string& written) {
  std::vector<std::string> parts;
  std::size_t from = written.find(' ');
  const std::string record = written.substr(0, from);
  while (from != std::string::npos) {
    const std::size_t to = written.find(' ', ++from);
    parts.push_back(written.substr(from, to == std::string::npos ? to : to - from));
    from = to;
  }
  std::sort(parts.begin(), parts.end());
  std::string line = system + " " + record;
  for (const std::string& part : parts) line += " " + part;
  return line;
}

TEST(Plan, PredictsExactlyWhatIsWrittenInRandomWorlds) {
  std::size_t predicted_in_all = 0;
  for (std::uint64_t seed = 1; seed <= tests::worlds(12U); ++seed) {
    CountedDice dice(seed);
    FakeWorld world({{"erp", "erp", "never", "", seed % 2 == 0 ? "A" : "C"},
                     {"crm", "crm", "auto"},
                     {"site", "site", "never", "", seed % 3 == 0 ? "A" : "B"}});
    for (const char* name : {"erp", "crm", "site"}) world.system(name).answers_bodies = seed % 4 != 0;
    world.add_companies(25);
    world.settle();
    for (int round = 0; round < 3; ++round) {
      edit_at_random(world, dice, 25, 8);
      CycleOptions look;
      look.write = false;
      world.cycle(look);
      const std::vector<sync::PlannedWrite> plan = world.plan();
      std::vector<std::string> predicted;
      for (const sync::PlannedWrite& write : plan) predicted.push_back(predicted_line(world, write));
      for (const char* name : {"erp", "crm", "site"}) world.system(name).written.clear();
      CycleOptions perform;
      perform.read = false;
      perform.plan = &plan;
      const CycleReport report = world.cycle(perform);
      std::vector<std::string> actual;
      for (const char* name : {"erp", "crm", "site"})
        for (const std::string& line : world.system(name).written) actual.push_back(actual_line(name, line));
      std::sort(predicted.begin(), predicted.end());
      std::sort(actual.begin(), actual.end());
      EXPECT_EQ(actual, predicted) << "seed " << seed << " round " << round;
      for (const store::RunStream& stream : world.ledger(report.run)) EXPECT_TRUE(stream.balanced());
      predicted_in_all += predicted.size();
    }
  }
  EXPECT_GT(predicted_in_all, tests::worlds(150U)) << "random worlds that need no writes prove nothing";
}

TEST(Plan, LeavesOutWhatMovedMeanwhile) {
  FakeWorld world;
  world.add_companies(5);
  world.settle();
  world.system("crm").set(key(1), "Phone", "0532-88880001");
  world.system("crm").set(key(2), "Phone", "0532-88880002");
  CycleOptions look;
  look.write = false;
  world.cycle(look);
  const auto plan = world.plan();
  ASSERT_THAT(plan, SizeIs(2));
  world.system("erp").set(key(1), "Phone", "0532-99990001");  // seen in the look right before the write
  CycleOptions perform;
  perform.read = false;
  perform.plan = &plan;
  EXPECT_EQ(world.cycle(perform).applied, 1);
  EXPECT_EQ(world.system("erp").get(key(1), "Phone"), "0532-99990001");
}

class Undo : public ::testing::Test {
 protected:
  Undo() {
    world.add_companies(10);
    world.settle();
  }
  // What takes the run back, as the hub plans it.
  std::vector<sync::PlannedWrite> taken_back(const std::string& run) {
    std::vector<sync::PlannedWrite> writes;
    EXPECT_TRUE(world.workspace.store
                    ->read([&](store::Snapshot& snapshot) -> model::Status {
                      for (const store::SentWrite& sent : snapshot.writes_of_run(run, {{}, 100})) {
                        const model::Entity& entity = *world.workspace.rules->schema->find(sent.entity);
                        std::vector<sync::Engine::PastField> fields;
                        for (const store::SentField& field : sent.fields)
                          fields.push_back({entity.index_of(field.field), field.before, field.value});
                        if (auto write = world.workspace.engine->plan_undo(snapshot, sent.ref, fields))
                          writes.push_back(std::move(*write));
                      }
                      return {};
                    })
                    .ok());
    return writes;
  }
  CycleReport perform(const std::vector<sync::PlannedWrite>& plan) {
    CycleOptions options;
    options.read = false;
    options.plan = &plan;
    options.job = "undo";
    return world.cycle(options);
  }
  FakeWorld world;
};

TEST_F(Undo, PutsBackWhatStoodThereAndItStays) {
  const std::string before = world.system("erp").get(key(3), "Phone");
  world.system("crm").set(key(3), "Phone", "0532-11110000");
  const CycleReport wrong = world.cycle();
  ASSERT_EQ(world.system("erp").get(key(3), "Phone"), "0532-11110000");
  const auto plan = taken_back(wrong.run);
  ASSERT_THAT(plan, SizeIs(1));
  EXPECT_EQ(perform(plan).applied, 1);
  EXPECT_EQ(world.system("erp").get(key(3), "Phone"), before);
  world.settle();
  EXPECT_EQ(world.system("erp").get(key(3), "Phone"), before) << "the wrong value is not sent again";
  EXPECT_EQ(world.system("crm").get(key(3), "Phone"), "0532-11110000") << "nor is the undo anybody's edit";
  EXPECT_THAT(taken_back(wrong.run), IsEmpty()) << "once";
  world.system("crm").set(key(3), "Phone", "0532-22220000");
  world.settle();
  EXPECT_EQ(world.system("erp").get(key(3), "Phone"), "0532-22220000") << "the next value travels";
}

TEST_F(Undo, RespectsLaterEdits) {
  for (int i = 0; i < 3; ++i)
    world.system("crm").set(key(static_cast<std::uint64_t>(i)), "Phone", "0532-1111000" + std::to_string(i));
  const CycleReport wrong = world.cycle();
  world.system("erp").set(key(1), "Phone", "0532-33330000");
  world.settle();
  const auto plan = taken_back(wrong.run);
  ASSERT_THAT(plan, SizeIs(2));
  // And one more between plan and sending.
  world.system("erp").set(key(2), "Phone", "0532-44440000");
  EXPECT_EQ(perform(plan).applied, 1);
  world.settle();
  EXPECT_EQ(world.system("erp").get(key(1), "Phone"), "0532-33330000");
  EXPECT_EQ(world.system("erp").get(key(2), "Phone"), "0532-44440000");
}

TEST_F(Undo, WorksWhereTheSystemDoesNotShowWhatItTook) {
  world.system("erp").answers_bodies = false;
  const std::string before = world.system("erp").get(key(3), "Phone");
  world.system("crm").set(key(3), "Phone", "0532-11110000");
  const CycleReport wrong = world.cycle();
  world.settle();
  perform(taken_back(wrong.run));
  world.settle();
  EXPECT_EQ(world.system("erp").get(key(3), "Phone"), before);
}

}  // namespace
}  // namespace huiliu::run::fakes
