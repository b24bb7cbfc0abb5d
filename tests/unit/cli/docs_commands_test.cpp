// The guides of mappings and expressions can be followed: the files that a page shows are written as it shows
// them, and every command of its sh blocks is run in order and succeeds.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "hub/cli/app.hpp"

namespace huiliu::cli {
namespace {

namespace fs = std::filesystem;

struct Block {
  std::string kind, text;
};

std::vector<Block> blocks_of(const std::string& page) {
  std::ifstream in(std::string(HUILIU_SOURCE_DIR) + "/" + page, std::ios::binary);
  EXPECT_TRUE(in.good()) << page;
  std::vector<Block> blocks;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), {}});
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  return blocks;
}

// Words as a shell takes them: double quotes hold blanks.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  for (const char c : line + " ") {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      if (!word.empty()) words.push_back(std::exchange(word, {}));
    } else {
      word += c;
    }
  }
  return words;
}

class DocsCommands : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "huiliu-docs-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    before_ = fs::current_path();
    directory_ = name;
    fs::current_path(directory_);
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(directory_);
  }
  fs::path before_, directory_;
};

TEST_P(DocsCommands, Work) {
  int commands = 0;
  for (const Block& block : blocks_of(GetParam())) {
    constexpr std::string_view file = "# file: ";
    if (block.text.starts_with(file)) {
      const std::size_t end = block.text.find('\n');
      std::ofstream(block.text.substr(file.size(), end - file.size())) << block.text.substr(end + 1);
      continue;
    }
    if (block.kind != "sh") continue;
    std::istringstream lines(block.text);
    for (std::string line; std::getline(lines, line);) {
      std::vector<std::string> words = words_of(line);
      ASSERT_FALSE(words.empty());
      ASSERT_EQ(words.front(), "huiliu") << line;
      words.erase(words.begin());
      std::istringstream in;
      std::ostringstream out;
      std::ostringstream err;
      Io io{in, out, err};
      const std::atomic<bool> stop{false};
      EXPECT_EQ(run_command(words, io, nullptr, stop), done) << line << "\n" << out.str() << err.str();
      EXPECT_FALSE(out.str().empty()) << line;
      ++commands;
    }
  }
  EXPECT_GT(commands, 2) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Pages, DocsCommands,
                         testing::Values("docs/mapping.md", "docs/zh/mapping.md", "docs/expressions.md",
                                         "docs/zh/expressions.md"));

}  // namespace
}  // namespace huiliu::cli
