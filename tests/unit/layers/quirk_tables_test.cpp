// The tables of quirks in docs/connectors: every test that they name exists, in both languages.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace huiliu {
namespace quirk_tables_test {

namespace fs = std::filesystem;
const fs::path root = HUILIU_SOURCE_DIR;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// "Suite.Name" of every test of a vendor's folder, and "Suite.*" of every suite.
std::set<std::string> tests_of(const std::string& vendor) {
  static const std::regex test(R"(TEST(?:_[FP])?\(\s*(\w+)\s*,\s*(\w+)\s*\))");
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(root / "plugins" / vendor / "tests")) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string text = text_of(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), test), end; at != end; ++at) {
      names.insert((*at)[1].str() + "." + (*at)[2].str());
      names.insert((*at)[1].str() + ".*");
    }
  }
  return names;
}

// `Suite.Name` or `Suite.*` in backticks, in the tables whose head speaks of tests.
std::set<std::string> named_in(const fs::path& page) {
  static const std::regex name(R"(`([A-Z]\w+\.(?:[A-Z]\w+|\*))`)");
  std::set<std::string> names;
  std::istringstream lines(text_of(page));
  bool in_table = false, wanted = false;
  for (std::string line; std::getline(lines, line);) {
    const bool row = line.starts_with("|");
    if (row && !in_table)
      wanted = line.find("test") != std::string::npos || line.find("测试") != std::string::npos;
    in_table = row;
    if (!row || !wanted) continue;
    for (std::sregex_iterator at(line.begin(), line.end(), name), end; at != end; ++at)
      names.insert((*at)[1]);
  }
  return names;
}

// A comparison that ends at the first wrong byte tells a stranger, by its time, how many were right. That is
// no behaviour that a test can hold on a busy machine; which function compares is.
TEST(CallbackSignatures, AreComparedInConstantTime) {
  const std::string shared = text_of(root / "plugins/common/callback_envelope.hpp");
  EXPECT_NE(shared.find("inline bool equal_in_constant_time"), std::string::npos);
  EXPECT_NE(shared.find("CRYPTO_memcmp"), std::string::npos);
  for (const auto& [file, function] :
       {std::pair{"dingtalk/src/callback.cpp", "equal_in_constant_time(expected"},
        {"wecom/src/callback.cpp", "equal_in_constant_time(expected"},
        {"yonyou/src/events.cpp", "equal_in_constant_time(expected_new"},
        {"webhook/src/signature.cpp", "same_bytes(mac"}}) {
    const std::string text = text_of(root / "plugins" / file);
    EXPECT_NE(text.find(function), std::string::npos) << file;
    static const std::regex plain(R"((expected\w*|mac) *[!=]= )");
    EXPECT_FALSE(std::regex_search(text, plain)) << file << " compares a signature plainly";
  }
  EXPECT_NE(text_of(root / "plugins/webhook/src/encoding.cpp").find("CRYPTO_memcmp"), std::string::npos);
}

class QuirkTables : public testing::TestWithParam<const char*> {};

TEST_P(QuirkTables, NameTestsThatExist) {
  const std::string vendor = GetParam();
  const std::set<std::string> tests = tests_of(vendor);
  std::set<std::string> named[2];
  for (const auto& [folder, place] :
       {std::pair{root / "docs/connectors", 0}, std::pair{root / "docs/zh/connectors", 1}}) {
    named[place] = named_in(folder / (vendor + ".md"));
    EXPECT_GE(named[place].size(), 10U) << folder << "/" << vendor;
    for (const std::string& test : named[place])
      EXPECT_TRUE(tests.contains(test)) << folder << "/" << vendor << ".md names " << test;
  }
  EXPECT_EQ(named[0], named[1]);
}

INSTANTIATE_TEST_SUITE_P(Connectors, QuirkTables,
                         testing::Values("kingdee", "yonyou", "dingtalk", "wecom", "webhook"),
                         [](const auto& vendor) { return std::string(vendor.param); });

}  // namespace quirk_tables_test
}  // namespace huiliu
