// Running it: a plan that is exactly what happens, a run that is taken back, stopped, retried.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

using model::Object;
using model::Value;
using testing::HasSubstr;

class Operations : public testing::Test {
 protected:
  Operations() : world(80, 9, {"kingdee", "dingtalk"}) { world.settle(); }

  // Mobiles edited in the CRM while the ERP takes nothing: they are due there afterwards.
  std::vector<Value> edit_mobiles(std::size_t count) {
    std::vector<Value> edited;
    EXPECT_EQ(world.huiliu({"connection", "stage", "kingdee", "observe"}).exit_code, 0);
    for (const Value& contact : world.shared("contact", {"kingdee", "dingtalk"})) {
      if (edited.size() == count) break;
      world.edit("dingtalk", "contacts", Installation::key_in(contact, "dingtalk"),
                 {{"contact_phone", "1380000" + std::to_string(1000 + edited.size())}});
      edited.push_back(contact);
    }
    EXPECT_EQ(edited.size(), count);
    EXPECT_EQ(world.huiliu({"sync", "--once"}).exit_code, 0);
    EXPECT_EQ(world.huiliu({"connection", "stage", "kingdee", "two_way"}).exit_code, 0);
    world.reset_counters();
    return edited;
  }
  std::string mobile(const Value& contact) const {
    return value_text(world.record("kingdee", "contacts", Installation::key_in(contact, "kingdee")),
                      "FMobile");
  }
  static std::string run_of(const Finished& finished) {
    return finished.json().as_array().front()["id"].to_text();
  }

  Installation world;
};

TEST_F(Operations, APlanIsExactlyWhatHappensAndARunIsTakenBack) {
  const auto contacts = edit_mobiles(6);
  std::vector<std::string> before;
  for (const Value& contact : contacts) before.push_back(mobile(contact));
  const Finished planned = world.huiliu({"plan", "kingdee"});
  ASSERT_EQ(planned.exit_code, 0) << planned.err;
  auto lines = planned.lines();
  const Value last = lines.back();
  lines.pop_back();
  ASSERT_EQ(lines.size(), 6U) << planned.out;
  EXPECT_EQ(last["writes"].to_text(), "6");
  EXPECT_FALSE(last["calls"].as_object().empty());
  EXPECT_EQ(world.writes("kingdee"), 0) << "a plan writes nothing";

  const std::string hash = last["hash"].to_text();
  const Finished refused = world.huiliu({"apply", "--plan", "1" + hash});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("moved"));
  const Finished applied = world.huiliu({"apply", "--plan", hash});
  ASSERT_EQ(applied.exit_code, 0) << applied.err;
  EXPECT_EQ(world.writes("dingtalk"), 0);
  for (const Value& line : lines) {
    const Value record = world.record("kingdee", "contacts", line["key"].to_text());
    EXPECT_EQ(value_text(record, "FMobile"), line["fields"]["phones[mobile]"]["to"].to_text());
  }
  EXPECT_EQ(world.huiliu({"apply", "--plan", hash}).exit_code, 1) << "done already: the world moved";

  // It was a mistake. One of them was corrected by hand meanwhile.
  world.edit("kingdee", "contacts", Installation::key_in(contacts[0], "kingdee"),
             {{"FMobile", "13900009999"}});
  world.settle();
  const std::string run = run_of(applied);
  const Finished undo_plan = world.huiliu({"run", "undo", run, "--plan"});
  ASSERT_EQ(undo_plan.exit_code, 0) << undo_plan.err;
  EXPECT_EQ(undo_plan.lines().size(), 6U)
      << "five writes and the summary: " << undo_plan.out << undo_plan.err;
  ASSERT_EQ(world.huiliu({"run", "undo", run}).exit_code, 0);
  world.settle();
  EXPECT_EQ(mobile(contacts[0]), "13900009999") << "a later edit stays";
  for (std::size_t i = 1; i < contacts.size(); ++i) EXPECT_EQ(mobile(contacts[i]), before[i]) << i;
  EXPECT_EQ(world.huiliu({"run", "undo", run}).exit_code, 1) << "nothing is left to take back";
  const Value shown = world.huiliu({"run", "show", run}).json();
  for (const Value& stream : shown["streams"].as_array()) EXPECT_TRUE(stream["balanced"].as_bool());
  EXPECT_EQ(world.huiliu({"run", "undo", "run_00000000000000000000000000"}).exit_code, 1);
}

TEST_F(Operations, ARunIsStoppedByItsIdAndRetried) {
  world.post("kingdee", "/faults", Object{{"slow", Object{{"probability", 1}, {"ms", 2000}}}});
  Process sync(world.command({"sync", "--once", "--full"}), world.directory);
  std::string running;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (running.empty() && std::chrono::steady_clock::now() < until) {
    const Value runs = world.huiliu({"run", "list"}).json();
    for (const Value& run : runs.as_array())
      if (run["state"].to_text() == "running") running = run["id"].to_text();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // between two looks, bounded by `until`
  }
  ASSERT_FALSE(running.empty());
  const Finished stopped = world.huiliu({"run", "stop", running});
  EXPECT_EQ(stopped.exit_code, 0) << stopped.err;
  sync.wait();
  EXPECT_EQ(world.huiliu({"run", "show", running}).json()["state"].to_text(), "stopped");
  EXPECT_EQ(world.huiliu({"run", "stop", running}).exit_code, 1) << "it is over";
  world.post("kingdee", "/faults", Object{});
  const Finished retried = world.huiliu({"run", "retry", running});
  EXPECT_EQ(retried.exit_code, 0) << retried.err;
  EXPECT_EQ(retried.json().as_array().front()["job"].to_text(), "retry");
  world.settle();
}

TEST_F(Operations, AServingHubStopsARunOfItsOwn) {
  Process server(world.command({"serve"}), world.directory);
  ASSERT_TRUE(server.wait_for_text("http://", 20));
  world.post("kingdee", "/faults", Object{{"slow", Object{{"probability", 1}, {"ms", 2000}}}});
  Process sync(world.command({"sync", "--once", "--full"}), world.directory);
  std::string running;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (running.empty() && std::chrono::steady_clock::now() < until) {
    const Value runs = world.huiliu({"run", "list"}).json();
    for (const Value& run : runs.as_array())
      if (run["state"].to_text() == "running") running = run["id"].to_text();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // between two looks, bounded by `until`
  }
  ASSERT_FALSE(running.empty());
  EXPECT_EQ(world.huiliu({"run", "stop", running}).exit_code, 0);
  sync.wait();
  EXPECT_EQ(world.huiliu({"run", "show", running}).json()["state"].to_text(), "stopped");
  world.post("kingdee", "/faults", Object{});
  server.terminate();
  EXPECT_EQ(server.wait().exit_code, 0);
}

TEST_F(Operations, ADeletionThatTheFeedHidesIsFoundByASweep) {
  const auto contacts = world.shared("contact", {"kingdee", "dingtalk"});
  ASSERT_FALSE(contacts.empty());
  world.post("kingdee", "/delete",
             Object{{"stream", "contacts"}, {"key", Installation::key_in(contacts.front(), "kingdee")}});
  world.settle();
  const auto asked = [&] {
    return world.huiliu({"review", "list", "--kind", "change"}).json().as_array().size();
  };
  const std::size_t before = asked();
  const Finished swept = world.huiliu({"sync", "--once", "--sweep"});
  EXPECT_EQ(swept.exit_code, 0) << swept.err;
  EXPECT_EQ(asked(), before + 1);
}

}  // namespace
}  // namespace huiliu::e2e
