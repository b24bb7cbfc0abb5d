// Plugins as a configuration places them: in child processes, refused without a signature, upgraded while it
// serves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace plugin_isolation_test {

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

template <class Condition>
bool eventually(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(40);
  while (std::chrono::steady_clock::now() < until) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // between two looks at the condition
  }
  return false;
}

std::int64_t calls(const Installation& place, const std::string& system, const std::string& part) {
  std::int64_t count = 0;
  const Value counters = place.get(system, "/counters");
  for (const auto& call : counters["calls"].as_object())
    if (call.key.find(part) != std::string::npos) count += std::stoll(call.value.to_text());
  return count;
}

bool struck(const Installation& place) {
  return place.get("kingdee", "/faults")["struck"]["slow"].to_text() == "1";
}

constexpr const char* child_program = "huiliu-plugin-host";

// Killed when more than half is read: the next run reads the rest and not everything.
TEST(PluginIsolation, AReadWhoseProcessDiesGoesOnFromItsCursor) {
  std::vector<std::string> golden[2];
  std::int64_t whole = 0;
  for (const bool killed : {false, true}) {
    Installation place(500, 5, {"kingdee"});
    const fs::path file = place.config / "connections/kingdee.yaml";
    std::ifstream in(file);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    const std::size_t at = text.find("base_url");
    ASSERT_NE(at, std::string::npos) << text;
    const std::size_t line = text.rfind('\n', at) + 1;
    text.insert(text.find_first_not_of(' ', line) == at ? line : at,
                text.find_first_not_of(' ', line) == at ? text.substr(line, at - line) + "page_size: 10\n"
                                                        : "page_size: 10, ");
    std::ofstream(file) << text << "\nisolation: child\n";
    if (killed) {
      Process sync(place.command({"sync", "--once"}), place.directory);
      ASSERT_TRUE(eventually([&] { return calls(place, "kingdee", "ExecuteBillQuery") >= whole * 3 / 5; }));
      place.post("kingdee", "/faults", model::Object{{"slow", model::Object{{"next", 1}, {"ms", 3000}}}});
      ASSERT_TRUE(eventually([&] { return struck(place); }));
      EXPECT_EQ(sync.kill_children(child_program), 1);
      sync.wait();
      EXPECT_THAT(place.huiliu({"run", "list"}).out, HasSubstr("signal 9"));
    }
    EXPECT_EQ(place.huiliu({"sync", "--once"}).exit_code, 0);
    if (killed) {
      EXPECT_LE(calls(place, "kingdee", "ExecuteBillQuery"), whole * 27 / 20);
    } else {
      whole = calls(place, "kingdee", "ExecuteBillQuery");
      ASSERT_GE(whole, 40);
    }
    golden[killed ? 1 : 0] = customers(place);
  }
  EXPECT_EQ(golden[0], golden[1]);
}

// The longest time in which nobody called this system.
class LongestPause {
 public:
  explicit LongestPause(const Installation& place, std::string system)
      : watcher_([this, &place, system = std::move(system)](const std::stop_token& stop) {
          auto last = std::chrono::steady_clock::now();
          for (std::int64_t before = -1; !stop.stop_requested();) {
            const std::int64_t now = calls(place, system, "");
            const auto at = std::chrono::steady_clock::now();
            longest_ = std::max(longest_, std::chrono::duration<double>(at - last).count());
            if (now != before) last = at;
            before = now;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));  // how finely it looks
          }
        }) {}
  double seconds() {
    watcher_.request_stop();
    watcher_.join();
    return longest_;
  }

 private:
  double longest_ = 0;
  std::jthread watcher_;
};

// One connection's process dies in a read and in a write of a serving hub: both are done again, nothing is
// lost or doubled, and the other connection is served as before.
TEST(PluginIsolation, AProcessThatDiesInTheMiddleOfACycleHoldsUpNobody) {
  constexpr int hanging_ms = 10'000;
  Installation place(40, 4, {"kingdee", "dingtalk"});
  place.settle();
  append(place.config / "connections/kingdee.yaml", "\nisolation: child\n");
  for (const char* name : {"kingdee", "dingtalk"})
    append(place.config / "connections" / (std::string(name) + ".yaml"),
           "\nschedule: {every: 1s, overlap: skip}\n");
  const auto contacts = place.shared("contact", {"kingdee", "dingtalk"});
  ASSERT_GE(contacts.size(), 2U);
  const std::size_t records = place.get("kingdee", "/state?stream=contacts").as_array().size();
  Process server(place.command({"serve"}), place.directory);
  ASSERT_TRUE(server.wait_for_text("http://", 20));
  const auto runs = [&](const std::string& state) {
    std::size_t count = 0;
    const Value list = place.huiliu({"run", "list", "--job", "kingdee"}).json();
    for (const Value& run : list.as_array()) count += run["state"].to_text() == state ? 1 : 0;
    return count;
  };
  const auto comes = [&](std::size_t contact, const std::string& phone) {
    const std::string key = Installation::key_in(contacts[contact], "kingdee");
    return eventually(
        [&] { return value_text(place.record("kingdee", "contacts", key), "FMobile") == phone; });
  };
  const auto edit = [&](std::size_t contact, const std::string& phone) {
    place.edit("dingtalk", "contacts", Installation::key_in(contacts[contact], "dingtalk"),
               {{"contact_phone", phone}});
  };
  const auto dies_in = [&](const char* operation, const std::function<void()>& cause) {
    place.post("kingdee", "/faults",
               model::Object{{"slow", model::Object{{"next", 1}, {"ms", hanging_ms}, {"match", operation}}}});
    cause();
    ASSERT_TRUE(eventually([&] { return struck(place); })) << operation;
    EXPECT_EQ(server.kill_children(child_program), 1) << operation;
    const std::size_t done = runs("succeeded");
    EXPECT_TRUE(eventually([&] { return runs("succeeded") > done + 1; })) << operation;
  };
  double quiet = 0;
  {
    LongestPause pause(place, "dingtalk");
    const std::size_t done = runs("succeeded");
    ASSERT_TRUE(eventually([&] { return runs("succeeded") >= done + 4; }));
    edit(0, "13800006001");
    ASSERT_TRUE(comes(0, "13800006001"));
    quiet = pause.seconds();
  }
  {
    LongestPause pause(place, "dingtalk");
    dies_in("ExecuteBillQuery", [] {});
    dies_in("Save", [&] { edit(1, "13800006002"); });
    EXPECT_TRUE(comes(1, "13800006002"));
    const double beside = pause.seconds();
    std::printf("longest pause of the other connection: %.2f s quiet, %.2f s beside a process that dies\n",
                quiet, beside);
    // Who waited for the dying process would have paused as long as its call hangs.
    EXPECT_LT(beside, std::max(2 * quiet, hanging_ms / 2000.0));
  }
  EXPECT_THAT(place.huiliu({"run", "list", "--job", "kingdee"}).out, HasSubstr(R"("in_doubt":1)"))
      << "the write whose answer nobody heard was looked up, and not done again";
  server.terminate();
  EXPECT_EQ(server.wait().exit_code, 0);
  place.settle();
  EXPECT_EQ(place.huiliu({"plan"}).json()["writes"].to_text(), "0");
  EXPECT_EQ(place.get("kingdee", "/state?stream=contacts").as_array().size(), records)
      << "nothing is doubled";
  EXPECT_EQ(place.huiliu({"store", "check"}).exit_code, 0);
}

}  // namespace plugin_isolation_test
}  // namespace huiliu::e2e
