// Plugins as a configuration places them: in child processes, refused without a signature, upgraded while it
// serves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

namespace fs = std::filesystem;
using model::Value;
using testing::HasSubstr;

const std::string plugins = std::string(HUILIU_BINARY_DIR) + "/plugins";

void append(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::app) << text; }

// Golden customers as text, without what differs from run to run.
std::vector<std::string> customers(const Installation& place) {
  std::vector<std::string> out;
  const Value list = place.huiliu({"customer", "list"}).json();
  for (const Value& customer : list.as_array()) out.push_back(value_text(customer, "name"));
  std::sort(out.begin(), out.end());
  return out;
}

TEST(PluginIsolation, ASyncInChildProcessesEndsAsOneInTheHub) {
  Installation inside(60, 3, {"kingdee", "dingtalk"}), apart(60, 3, {"kingdee", "dingtalk"});
  for (const char* connection : {"kingdee", "dingtalk"})
    append(apart.config / "connections" / (std::string(connection) + ".yaml"), "\nisolation: child\n");
  inside.settle();
  apart.settle();
  EXPECT_EQ(customers(inside), customers(apart));
  EXPECT_FALSE(customers(inside).empty());
  // Both are at rest: how many writes led there depends on which connection was faster.
  for (Installation* place : {&inside, &apart}) {
    place->reset_counters();
    EXPECT_EQ(place->huiliu({"sync", "--once"}).exit_code, 0);
    for (const char* system : {"kingdee", "dingtalk"}) EXPECT_EQ(place->writes(system), 0) << system;
  }
}

TEST(PluginIsolation, ThePlaceIsReadFromTheFile) {
  Installation place(5, 1, {"kingdee"});
  append(place.config / "connections/kingdee.yaml", "\nisolation: somewhere\n");
  const Finished refused = place.huiliu({"config", "validate"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err + refused.out, HasSubstr("isolation is process or child"));
}

TEST(PluginIsolation, UnsignedLibrariesAreRefusedOrIsolatedWhereConfigured) {
  Installation place(5, 1, {"kingdee"});
  append(place.config / "hub.yaml", "unsigned_plugins: refuse\n");
  const Finished refused = place.huiliu({"sync", "--once"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err + refused.out, HasSubstr("there is no connector"));

  std::ofstream(place.config / "hub.yaml")
      << "listen: {port: 0}\nquota_factor: 1000\nunsigned_plugins: isolate\n";
  const Finished isolated = place.huiliu({"sync", "--once"});
  EXPECT_EQ(isolated.exit_code, 0) << isolated.err;

  // A signed one is loaded again. It is installed into a directory of its own.
  const fs::path key = place.directory / "key", package = place.directory / "kingdee.huiliu",
                 installed = place.directory / "installed";
  ASSERT_EQ(place.huiliu({"plugin", "keygen", key.string()}).exit_code, 0);
  ASSERT_EQ(place
                .huiliu({"plugin", "pack", plugins + "/libhuiliu-kingdee.so", "--key", key.string(), "--out",
                         package.string()})
                .exit_code,
            0);
  fs::create_directories(place.config / "trust");
  EXPECT_EQ(place.huiliu({"plugin", "install", package.string(), "--plugins", installed.string()}).exit_code,
            1)
      << "nobody trusts this key yet";
  fs::copy(key.string() + ".pem", place.config / "trust/ours.pem");
  const Finished put = place.huiliu({"plugin", "install", package.string(), "--plugins", installed.string()});
  ASSERT_EQ(put.exit_code, 0) << put.err;
  EXPECT_EQ(value_text(put.json(), "signed_by"), "ours");
  std::ofstream(place.config / "hub.yaml")
      << "listen: {port: 0}\nquota_factor: 1000\nunsigned_plugins: refuse\n"
      << "plugin_directories: [\"" << installed.string() << "\"]\n";
  const Finished trusted = place.huiliu({"sync", "--once"});
  EXPECT_EQ(trusted.exit_code, 0) << trusted.err;
  // One byte of it, and it is refused.
  std::fstream library(installed / "libhuiliu-kingdee.so", std::ios::in | std::ios::out | std::ios::binary);
  library.seekp(9000);
  library.put('!');
  library.close();
  EXPECT_EQ(place.huiliu({"sync", "--once"}).exit_code, 1);
}

TEST(PluginIsolation, AServingHubTakesANewVersion) {
  Installation place(20, 1, {"kingdee"});
  place.settle();
  Process serving(place.command({"serve"}), place.directory);
  ASSERT_TRUE(serving.wait_for_text("http", 30));
  const Finished upgraded = place.huiliu({"plugin", "upgrade", plugins + "/libhuiliu-kingdee.so"});
  EXPECT_EQ(upgraded.exit_code, 0) << upgraded.err;
  EXPECT_EQ(place.huiliu({"sync", "--once"}).exit_code, 0);
  const Finished unfit = place.huiliu({"plugin", "upgrade", (place.config / "hub.yaml").string()});
  EXPECT_EQ(unfit.exit_code, 1);
  EXPECT_EQ(place.huiliu({"sync", "--once"}).exit_code, 0);
  serving.terminate();
  EXPECT_EQ(serving.wait().exit_code, 0);
}

}  // namespace
}  // namespace huiliu::e2e
