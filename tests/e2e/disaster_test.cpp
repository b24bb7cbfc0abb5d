// The disaster drill: backups made on schedule by a serving hub, the machine lost, the newest backup put
// back, and nothing written anywhere before everything was looked at again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace disaster_test {

namespace fs = std::filesystem;
using model::Object;
using model::Value;

std::vector<fs::path> backups(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code none_yet;
  for (const auto& entry : fs::directory_iterator(directory, none_yet))
    if (entry.path().extension() == ".db") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

template <class Condition>
bool eventually(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(40);
  while (std::chrono::steady_clock::now() < until) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // between two looks at the condition
  }
  return false;
}

class Disaster : public testing::Test {
 protected:
  Disaster() : world(40, 3, {"kingdee", "dingtalk"}) {
    world.settle();
    fs::create_directories(world.config / "jobs");
    copies = world.directory / "backups";
    std::ofstream(world.config / "jobs" / "nightly-backup.yaml")
        << "do: backup\nbackup: {directory: \"" << copies.string() << "\", keep: 2}\nschedule: {every: 2s}\n";
    std::ofstream(world.config / "jobs" / "soundness.yaml") << "do: check\n";
  }

  Installation world;
  fs::path copies;
};

TEST_F(Disaster, TheNewestBackupIsPutBackAndNothingIsWrittenBlindly) {
  {
    Process server(world.command({"serve"}), world.directory);
    ASSERT_TRUE(server.wait_for_text("http://", 20));
    ASSERT_TRUE(eventually([&] {
      std::size_t good = 0;
      const Value runs = world.huiliu({"run", "list", "--job", "nightly-backup"}).json();
      for (const Value& run : runs.as_array()) good += run["state"].to_text() == "succeeded" ? 1 : 0;
      return good >= 4;
    })) << "a backup every two seconds, each restored once to prove it";
    EXPECT_LE(backups(copies).size(), 3U) << "two stay, and perhaps one that is being made";
    server.kill_hard();
    server.wait();
  }
  ASSERT_FALSE(backups(copies).empty());
  const fs::path newest = backups(copies).back();

  // Life goes on until the disk dies: these writes are in the systems and in no backup.
  const auto contacts = world.shared("contact", {"kingdee", "dingtalk"});
  ASSERT_GE(contacts.size(), 2U);
  world.edit("dingtalk", "contacts", Installation::key_in(contacts[0], "dingtalk"),
             {{"contact_phone", "13800004001"}});
  world.settle();
  const std::string key = Installation::key_in(contacts[0], "kingdee");
  ASSERT_EQ(value_text(world.record("kingdee", "contacts", key), "FMobile"), "13800004001");
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(world.store.string() + suffix);
  EXPECT_EQ(world.huiliu({"customer", "list"}).exit_code, 1) << "there is nothing left";

  // The drill itself.
  const Finished restored = world.huiliu({"store", "restore", newest.string()});
  ASSERT_EQ(restored.exit_code, 0) << restored.err;
  ASSERT_EQ(world.huiliu({"store", "check"}).exit_code, 0);
  world.reset_counters();
  const Finished first = world.huiliu({"sync", "--once"});
  EXPECT_EQ(world.writes("kingdee") + world.writes("dingtalk"), 0)
      << "frozen until a person looked: " << first.err;
  EXPECT_EQ(value_text(world.record("kingdee", "contacts", key), "FMobile"), "13800004001")
      << "what happened after the backup stays";
  // The configuration came back with the store.
  const Value history = world.huiliu({"config", "history"}).json();
  EXPECT_FALSE(history.as_array().empty());
}

TEST_F(Disaster, AJobIsRunByHandAndABrokenPlaceIsSaid) {
  const Finished checked = world.huiliu({"schedule", "run", "soundness"});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  const Finished made = world.huiliu({"schedule", "run", "nightly-backup"});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  ASSERT_EQ(backups(copies).size(), 1U);
  std::ofstream(world.config / "jobs" / "nightly-backup.yaml")
      << "do: backup\nbackup: {directory: /proc/nowhere}\nschedule: {every: 1d}\n";
  const Finished failed = world.huiliu({"schedule", "run", "nightly-backup"});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.err, testing::HasSubstr("/proc/nowhere"));
  const Value runs = world.huiliu({"run", "list", "--job", "nightly-backup"}).json();
  EXPECT_EQ(runs.as_array().front()["state"].to_text(), "failed");
  EXPECT_EQ(world.huiliu({"schedule", "run", "ghost"}).exit_code, 1);
}

TEST_F(Disaster, ASealedBackupIsReadWithItsKeysAndWithoutThemSaysWhatIsMissing) {
  std::ofstream(world.config / "jobs" / "nightly-backup.yaml")
      << "do: backup\nbackup: {directory: " << copies.string() << ", sealed: true}\nschedule: {every: 1d}\n";
  const Finished made = world.huiliu({"schedule", "run", "nightly-backup"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  ASSERT_EQ(backups(copies).size(), 1U);
  const fs::path backup = backups(copies).front();
  char start[8] = {};
  std::ifstream(backup, std::ios::binary).read(start, 7);
  EXPECT_STREQ(start, "HLSEAL1");
  const std::size_t persons = world.shared("contact", {"kingdee", "dingtalk"}).size();
  ASSERT_GT(persons, 0U);
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(world.store.string() + suffix);

  const fs::path keys = world.store.string() + ".backup-keys", away = world.directory / "keys-elsewhere";
  ASSERT_TRUE(fs::exists(keys));
  fs::rename(keys, away);
  const Finished refused = world.huiliu({"store", "restore", backup.string()});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, testing::HasSubstr(keys.string()));
  fs::rename(away, keys);
  const Finished restored = world.huiliu({"store", "restore", backup.string()});
  ASSERT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_EQ(world.huiliu({"store", "check"}).exit_code, 0);
  EXPECT_EQ(world.shared("contact", {"kingdee", "dingtalk"}).size(), persons);
}

}  // namespace disaster_test
}  // namespace huiliu::e2e
