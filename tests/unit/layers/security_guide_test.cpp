// docs/security.md binds each point to tests: they exist.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace huiliu {
namespace security_guide_test {

namespace fs = std::filesystem;
const fs::path root = HUILIU_SOURCE_DIR;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

constexpr const char* pages[] = {"docs/security.md", "docs/zh/security.md"};

TEST(SecurityGuide, EveryTestItNamesExists) {
  std::set<std::string> tests;
  const std::regex declared(R"(\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\))");
  for (const char* folder : {"tests", "plugins"})
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() != ".cpp") continue;
      const std::string text = text_of(entry.path());
      for (std::sregex_iterator at(text.begin(), text.end(), declared), end; at != end; ++at)
        tests.insert((*at)[1].str() + "." + (*at)[2].str());
    }
  const std::regex named(R"(`([A-Z]\w+\.[A-Z]\w+)`)");
  for (const char* page : pages) {
    const std::string guide = text_of(root / page);
    std::size_t count = 0;
    for (std::sregex_iterator at(guide.begin(), guide.end(), named), end; at != end; ++at, ++count)
      EXPECT_TRUE(tests.contains((*at)[1].str())) << page << ": " << (*at)[1].str();
    EXPECT_GT(count, 40U) << page;
  }
}

// The forty points: each has a row, in both languages with the same tests.
TEST(SecurityGuide, EveryPointHasARow) {
  std::vector<std::vector<std::string>> named;
  for (const char* page : pages) {
    const std::string guide = text_of(root / page);
    for (int point = 1; point <= 40; ++point)
      EXPECT_NE(guide.find("\n| " + std::to_string(point) + " | "), std::string::npos)
          << page << ": " << point;
    named.emplace_back();
    std::istringstream lines(guide);
    for (std::string line; std::getline(lines, line);)
      if (std::regex_search(line, std::regex(R"(^\| \d+ \|)")))
        named.back().push_back(line.substr(0, line.find('|', 1)) + line.substr(line.rfind(" | ")));
  }
  EXPECT_EQ(named.front(), named.back());
}

// A key that stands in the sources is everybody's. Tests make theirs when they run.
TEST(Sources, HoldNoKeys) {
  const std::regex keys(
      R"(-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/]{20}|\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{36}\b)");
  std::size_t files = 0;
  for (const char* folder : {"hub", "sdk", "plugins", "config", "tests", "packaging", "docs"})
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file() || entry.file_size() > 1'000'000) continue;
      const std::string text = text_of(entry.path());
      ++files;
      // The cheap look first: most files hold nothing like it.
      const bool suspicious = text.find("PRIVATE KEY-----") != std::string::npos ||
                              text.find("AKIA") != std::string::npos ||
                              text.find("ghp_") != std::string::npos;
      EXPECT_FALSE(suspicious && std::regex_search(text, keys)) << entry.path();
    }
  EXPECT_GT(files, 500U);
}

}  // namespace security_guide_test
}  // namespace huiliu
