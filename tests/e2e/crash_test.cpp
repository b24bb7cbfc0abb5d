// kill -9 at thirty random moments of the first sync: after a restart nothing is missing and nothing is
// doubled.
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

using Records = std::map<std::string, std::string>;  // key → what makes the record one of its kind

// Two records that agree in all of this are the same thing made twice.
Records records_in(const Installation& world, const std::string& system, const std::string& stream) {
  Records records;
  const Value state = world.get(system, "/state?stream=" + stream);
  const auto text = [](const Value& record, const char* path) {
    const Value* found = record.at_path(path);
    return found == nullptr ? std::string{} : model::to_json(*found);
  };
  for (const Value& record : state.as_array()) {
    const bool erp = system == "kingdee";
    const std::string key =
        text(record, erp ? (stream == "customers" ? "FCUSTID" : "FCONTACTID") : "instanceId");
    records[key] = erp ? text(record, "FName") + text(record, "FMobile") + text(record, "FCompany") +
                             text(record, "FUseOrgId")
                       : text(record, "data.customer_name") + text(record, "data.contact_name") +
                             text(record, "data.contact_phone") +
                             text(record, "extendData.contact_related_customer") +
                             text(record, "data.contact_related_customer");
  }
  return records;
}

constexpr std::pair<const char*, const char*> written_streams[] = {
    {"dingtalk", "customers"}, {"dingtalk", "contacts"}, {"kingdee", "customers"}, {"kingdee", "contacts"}};

TEST(Crash, KilledThirtyTimesTheFirstSyncEndsWholeAndSingle) {
  constexpr int kills = 30;
  Installation world(1500, 7);
  std::map<std::pair<std::string, std::string>, Records> before;
  for (const auto& [system, stream] : written_streams)
    before[{system, stream}] = records_in(world, system, stream);

  std::mt19937 dice(
      20260101);  // NOLINT(cert-msc32-c,cert-msc51-cpp): a fixed seed, so that a failure can be seen again
  std::uniform_int_distribution<int> moment(10, 250);
  int killed = 0;
  for (int i = 0; i < kills; ++i) {
    Process sync(world.command({"sync", "--once"}), world.directory);
    std::this_thread::sleep_for(
        std::chrono::milliseconds(moment(dice)));  // the random moment itself, not a wait for a condition
    sync.kill_hard();
    if (sync.wait().exit_code == 128 + 9) ++killed;
  }
  EXPECT_GT(killed, kills / 2) << "most kills must hit a working sync";
  const Value run = world.settle(12);

  // Nothing is missing: nothing is due, nothing is in doubt, the ledger closes, the store is sound.
  const Finished planned = world.huiliu({"plan"});
  EXPECT_EQ(planned.json()["writes"].to_text(), "0") << planned.out.substr(0, 2000);
  for (const Value& stream : run["streams"].as_array()) {
    EXPECT_EQ(stream["in_doubt"].to_text(), "0");
    EXPECT_TRUE(stream["balanced"].as_bool()) << model::to_json(stream);
  }
  const Finished checked = world.huiliu({"store", "check"});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;

  // Nothing is doubled: no two records that the hub made are the same thing, and none repeats one that was
  // there.
  std::size_t made = 0;
  for (const auto& [system, stream] : written_streams) {
    const Records& old = before.at({system, stream});
    std::map<std::string, int> seen;
    for (const auto& [key, what] : old) seen[what] = 1;
    for (const auto& [key, what] : records_in(world, system, stream)) {
      if (old.contains(key)) continue;
      ++made;
      EXPECT_EQ(seen[what]++, 0) << system << '/' << stream << ' ' << key << " doubles " << what;
    }
  }
  EXPECT_GT(made, 100U);
}

}  // namespace
}  // namespace huiliu::e2e
