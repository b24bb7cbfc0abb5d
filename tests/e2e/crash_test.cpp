// kill -9 at thirty random moments of the first sync: after a restart nothing is missing and nothing is doubled.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

using model::Value;

// Names that stand in more records of a system than the world itself made.
std::map<std::string, int> names_in(const Installation& world, const std::string& system, const std::string& stream, const char* path) {
  std::map<std::string, int> names;
  const Value state = world.get(system, "/state?stream=" + stream);
  for (const Value& record : state.as_array())
    if (const Value* name = record.at_path(path)) ++names[name->to_text()];
  return names;
}

TEST(Crash, KilledThirtyTimesTheFirstSyncEndsWholeAndSingle) {
  constexpr int kills = 30;
  Installation disturbed(1500, 7);
  Installation undisturbed(1500, 7);
  undisturbed.settle(8);

  std::mt19937 dice(20260101);  // NOLINT(cert-msc32-c,cert-msc51-cpp): a fixed seed, so that a failure can be seen again
  std::uniform_int_distribution<int> moment(10, 250);
  int killed = 0;
  for (int i = 0; i < kills; ++i) {
    Process sync(disturbed.command({"sync", "--once"}), disturbed.directory);
    std::this_thread::sleep_for(std::chrono::milliseconds(moment(dice)));  // the random moment itself, not a wait for a condition
    sync.kill_hard();
    if (sync.wait().exit_code == 128 + 9) ++killed;
  }
  EXPECT_GT(killed, kills / 2) << "most kills must hit a working sync";
  disturbed.settle(12);
  const Finished checked = disturbed.huiliu({"store", "check"});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;

  for (const auto& [system, stream, path] : {std::tuple("dingtalk", "customers", "data.customer_name"), std::tuple("dingtalk", "contacts", "data.contact_name"),
                                             std::tuple("kingdee", "customers", "FName"), std::tuple("kingdee", "contacts", "FName")}) {
    const auto expected = names_in(undisturbed, system, stream, path);
    const auto found = names_in(disturbed, system, stream, path);
    std::int64_t expected_records = 0;
    std::int64_t found_records = 0;
    for (const auto& [name, count] : expected) expected_records += count;
    for (const auto& [name, count] : found) found_records += count;
    EXPECT_EQ(found_records, expected_records) << system << '/' << stream;
  }
  const auto customers = [](const Installation& world) { return world.huiliu({"customer", "list"}).json().as_array().size(); };
  EXPECT_EQ(customers(disturbed), customers(undisturbed));
}

}  // namespace
}  // namespace huiliu::e2e
