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
  const std::string guide = text_of(root / "docs/security.md");
  const std::regex named(R"(`([A-Z]\w+\.[A-Z]\w+)`)");
  std::size_t count = 0;
  for (std::sregex_iterator at(guide.begin(), guide.end(), named), end; at != end; ++at, ++count)
    EXPECT_TRUE(tests.contains((*at)[1].str())) << (*at)[1].str();
  EXPECT_GT(count, 40U);
}

// The forty points: each has a row, or stands in the paragraph of those that are not covered.
TEST(SecurityGuide, EveryPointIsThereOrSaidToBeMissing) {
  const std::string guide = text_of(root / "docs/security.md");
  const std::size_t missing_at = guide.find("Not covered:");
  ASSERT_NE(missing_at, std::string::npos);
  const std::string missing = guide.substr(missing_at);
  for (int point = 1; point <= 40; ++point) {
    const std::string number = std::to_string(point);
    const bool has_row = guide.find("\n| " + number + " | ") != std::string::npos;
    const bool is_missing = std::regex_search(missing, std::regex("\\(" + number + "[;)]"));
    EXPECT_TRUE(has_row || is_missing) << "point " << point;
  }
}

}  // namespace security_guide_test
}  // namespace huiliu
