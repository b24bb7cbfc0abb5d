// Runs the public JSONata suite (as data; see its README): every group is one test, every case must pass.
//
// The suite lies beside the project at ../shared/conformance, or where HUILIU_CONFORMANCE says. Where it is
// missing the test fails; only HUILIU_CONFORMANCE=off leaves it out, and says so.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "hub/expr/expr.hpp"

namespace huiliu::expr {
namespace {

namespace fs = std::filesystem;

std::int64_t clock_millis() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// "off", or the folder of the suite.
std::string suite_setting() {
  const char* setting = std::getenv("HUILIU_CONFORMANCE");
  if (setting != nullptr && *setting != '\0') return setting;
  return std::string(HUILIU_SOURCE_DIR) + "/../shared/conformance";
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The suite has one unpaired surrogate escape, \uD800, which cannot be read as JSON: it is read as the escape
// that JSONata itself has for it.
std::string with_readable_surrogates(std::string text) {
  for (const std::string escape : {"\\uD800", "\\ud800"}) {
    for (std::size_t at = text.find(escape); at != std::string::npos; at = text.find(escape, at + 2))
      text.insert(at, "\\");
  }
  return text;
}

model::Value read_json(const fs::path& path) {
  const std::string text = with_readable_surrogates(read_file(path));
  Result<model::Value> value = model::parse_json(text);
  EXPECT_TRUE(value.ok()) << path << ": " << (value.ok() ? "" : value.error().message);
  return value.ok() ? *value : model::Value();
}

// As the suite compares: numbers by value, and arrays in any order where the case says so.
bool is_same(const model::Value& actual, const model::Value& expected, bool is_unordered) {
  const model::Array* a = actual.if_array();
  const model::Array* b = expected.if_array();
  if (!is_unordered || a == nullptr || b == nullptr) return actual == expected;
  if (a->size() != b->size()) return false;
  std::vector<bool> is_taken(b->size());
  for (const model::Value& item : *a) {
    std::size_t i = 0;
    while (i < b->size() && (is_taken[i] || !(item == (*b)[i]))) ++i;
    if (i == b->size()) return false;
    is_taken[i] = true;
  }
  return true;
}

void run_case(const model::Value& test, const fs::path& suite, const fs::path& file, std::size_t number) {
  const std::string where = file.filename().string() + " #" + std::to_string(number);
  model::Object request;
  const std::string* source = test["expr"].if_string();
  request.set("expr",
              source != nullptr ? *source : read_file(file.parent_path() / test["expr-file"].as_string()));
  if (const model::Value* data = test.find("data")) {
    request.set("data", *data);
  } else if (const std::string* dataset = test["dataset"].if_string()) {
    request.set("data", read_json(suite / "datasets" / (*dataset + ".json")));
  }
  for (const char* setting : {"bindings", "timelimit", "depth"}) {
    if (const model::Value* value = test.find(setting)) request.set(setting, *value);
  }
  const model::Value answer = evaluate_request(request, clock_millis);
  const std::string shown = where + ": " + request["expr"].as_string() + " gave " + to_json(answer);
  const model::Value& error = test.find("error") != nullptr ? test["error"] : test;
  if (const std::string* code = error["code"].if_string()) {
    ASSERT_TRUE(answer["code"].is_string()) << shown << " instead of " << *code;
    EXPECT_EQ(answer["code"].as_string(), *code) << shown;
    const std::string* message = error["message"].if_string();
    EXPECT_EQ(answer["message"].as_string(), message == nullptr ? answer["message"].as_string() : *message)
        << shown;
  } else if (test.find("undefinedResult") != nullptr) {
    EXPECT_TRUE(answer["undefined"].is_bool()) << shown;
  } else {
    ASSERT_NE(answer.find("result"), nullptr) << shown << " instead of " << to_json(test["result"]);
    EXPECT_TRUE(is_same(answer["result"], test["result"], test.find("unordered") != nullptr))
        << shown << " instead of " << to_json(test["result"]);
  }
}

class ConformanceTest : public testing::TestWithParam<std::string> {};

TEST_P(ConformanceTest, GroupPasses) {
  const fs::path suite = fs::path(suite_setting()) / "jsonata";
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(suite / "groups" / GetParam())) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  EXPECT_FALSE(files.empty());
  for (const fs::path& file : files) {
    const model::Value cases = read_json(file);
    std::size_t number = 0;
    if (const model::Array* list = cases.if_array()) {
      for (const model::Value& test : *list) run_case(test, suite, file, number++);
    } else {
      run_case(cases, suite, file, number);
    }
  }
}

std::vector<std::string> groups() {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(fs::path(suite_setting()) / "jsonata" / "groups", error)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Jsonata, ConformanceTest, testing::ValuesIn(groups()), test_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ConformanceTest);

TEST(ConformanceSuite, IsThere) {
  if (suite_setting() == "off") GTEST_SKIP() << "HUILIU_CONFORMANCE=off: the JSONata suite is left out";
  EXPECT_GT(groups().size(), 80U) << "no JSONata suite at " << suite_setting()
                                  << "; set HUILIU_CONFORMANCE to its folder, or to off";
}

}  // namespace
}  // namespace huiliu::expr
