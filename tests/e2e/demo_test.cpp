// The demo as a newcomer runs it, and the working day that is played against it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "hub/config/yaml.hpp"
#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

namespace fs = std::filesystem;
using model::Value;
using testing::HasSubstr;

class Demo : public testing::Test {
 protected:
  Demo() {
    std::string name = (fs::temp_directory_path() / "huiliu-demo-test-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    directory = name;
  }
  ~Demo() override { fs::remove_all(directory); }
  Finished run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"demo", "--json"});
    return Process(arguments, directory).wait();
  }
  static std::vector<std::string> systems() {
    std::vector<std::string> names;
    const auto document =
        config::read_yaml(std::string(HUILIU_SOURCE_DIR) + "/config/demo/demo.yaml", "demo.yaml");
    for (const Value& system : document->value["systems"].as_array())
      names.push_back(system["name"].to_text());
    return names;
  }

  fs::path directory;
};

TEST_F(Demo, OnceAgreesAndDoesNothingForbidden) {
  for (const char* customers : {"20", "150"}) {
    const Finished finished = run({"--once", "--customers", customers, "--seed", "11"});
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    const auto lines = finished.lines();
    ASSERT_EQ(lines.size(), 2U) << finished.out;
    EXPECT_EQ(lines[0]["systems"].as_array().size(), systems().size());
    for (const Value& system : lines[0]["systems"].as_array())
      for (const char* member : {"name", "url", "control"}) EXPECT_NE(system[member].to_text(), "") << member;
    EXPECT_NE(lines[0]["api"].to_text(), "");
    const Value& last = lines[1];
    EXPECT_TRUE(last["converged"].as_bool());
    for (const char* member : {"seconds", "customers", "contacts", "waiting", "requests", "conflicts",
                               "records_per_second", "peak_rss_mb"})
      EXPECT_TRUE(last[member].is_number()) << member;
    for (const Value& system : last["systems"].as_array())
      for (const char* member : {"records", "linked", "created", "fields_written", "unsupported", "parked"})
        EXPECT_TRUE(system[member].is_number()) << member;
    EXPECT_GE(last["checks"].as_object().size(), 5U);
    for (const model::Member& check : last["checks"].as_object())
      EXPECT_EQ(check.value.to_text(), "0") << check.key;
  }
}

TEST_F(Demo, ReadsDataOfOnesOwn) {
  // What one generated world holds, as files.
  std::vector<std::string> names;
  for (const std::string system : {"kingdee", "dingtalk"}) {
    Installation world(30, 9, {system});
    const Value state = world.get(system, "/state");
    for (const model::Member& stream : state.as_object()) {
      fs::create_directories(directory / "data" / system);
      std::ofstream file(directory / "data" / system / (stream.key + ".jsonl"));
      for (const Value& record : stream.value.as_array()) file << model::to_json(record) << '\n';
    }
    names.push_back(system);
  }
  const Finished finished = run({"--once", "--data", (directory / "data").string()});
  EXPECT_EQ(finished.exit_code, 0) << finished.err << finished.out;
  const auto lines = finished.lines();
  ASSERT_EQ(lines.size(), 2U);
  ASSERT_EQ(lines[0]["systems"].as_array().size(), 2U) << "systems without a folder stay out";
  EXPECT_GT(lines[1]["customers"].as_number().to_int64().value_or(0), 20);
  EXPECT_EQ(run({"--once", "--data", (directory / "nothing").string()}).exit_code, 1);
}

TEST_F(Demo, ThePlantedCasesAreFoundByName) {
  Installation world(40, 2, systems());
  world.settle();
  const Value truth = world.get("kingdee", "/truth");
  ASSERT_FALSE(truth["planted"].as_array().empty());
  std::set<std::string> cases;
  for (const Value& planted : truth["planted"].as_array()) {
    cases.insert(planted["case"].to_text());
    const std::string name = planted["name"].to_text();
    bool found = false;
    for (const char* entity : {"customer", "contact", "employee"}) {
      const Finished search = world.huiliu({"customer", "search", name, "--entity", entity});
      found = found || (search.exit_code == 0 && !search.json().as_array().empty());
    }
    // Whom only the messenger knows is nobody's contact yet, and listed as such.
    const Finished unbound = world.huiliu({"contact", "unbound"});
    found = found || (unbound.exit_code == 0 && unbound.out.find(name) != std::string::npos);
    EXPECT_TRUE(found) << "case " << planted["case"].to_text() << ": " << name;
  }
  EXPECT_EQ(cases.size(), 12U);
}

TEST_F(Demo, TheStoryGoesAsTold) {
  Process demo({"demo", "--json", "--customers", "80", "--seed", "4"}, directory);
  ASSERT_TRUE(demo.wait_for_text("\"converged\"", 120));
  const std::string command = "HUILIU=" HUILIU_BINARY_DIR "/bin/huiliu EDIT_WORKBOOK=" HUILIU_BINARY_DIR
                              "/bin/edit_workbook bash " HUILIU_SOURCE_DIR "/config/demo/story.sh " +
                              demo.output().string() + " > " + (directory / "story.txt").string() + " 2>&1";
  const int status = std::system(command.c_str());
  std::ifstream told(directory / "story.txt");
  EXPECT_EQ(status, 0) << std::string(std::istreambuf_iterator<char>(told), {});
  demo.terminate();
  EXPECT_EQ(demo.wait().exit_code, 0);
}

}  // namespace
}  // namespace huiliu::e2e
