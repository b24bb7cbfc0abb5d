// The documentation tells the truth: commands that it names exist, and what the READMEs tell a newcomer to
// type works.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "hub/config/yaml.hpp"
#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace docs_test {

namespace fs = std::filesystem;
using model::Value;

const fs::path source = HUILIU_SOURCE_DIR;
const fs::path bin = fs::path(HUILIU_BINARY_DIR) / "bin";

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

std::vector<fs::path> pages() {
  std::vector<fs::path> found = {source / "README.md", source / "README.zh-CN.md"};
  for (const char* folder : {"docs", "plugins", "sdk"})
    for (const auto& entry : fs::recursive_directory_iterator(source / folder))
      if (entry.path().extension() == ".md") found.push_back(entry.path());
  return found;
}

// Fenced blocks of one kind, in order.
std::vector<std::string> blocks(const std::string& page, const std::string& kind) {
  std::vector<std::string> found;
  std::istringstream in(page);
  bool inside = false, wanted = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      inside = !inside;
      wanted = inside && line == "```" + kind;
      if (wanted) found.emplace_back();
    } else if (wanted) {
      found.back() += line + "\n";
    }
  }
  return found;
}

struct Ran {
  int code = -1;
  std::string output;
};

Ran shell(const std::string& command) {
  Ran ran;
  FILE* pipe = ::popen(("{ " + command + "\n} 2>&1 </dev/null").c_str(), "r");
  char chunk[4096];
  for (std::size_t got = 0; pipe != nullptr && (got = std::fread(chunk, 1, sizeof chunk, pipe)) > 0;)
    ran.output.append(chunk, got);
  const int status = pipe == nullptr ? -1 : ::pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

// "huiliu customer show ID" → {"customer", "show"}; the words that can be commands.
std::vector<std::string> command_words(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  std::string word;
  in >> word;
  static const std::regex is_command("[a-z][a-z-]*");
  while (words.size() < 2 && in >> word && std::regex_match(word, is_command)) words.push_back(word);
  return words;
}

// What is wrong with these words as a command; "" when nothing is.
std::string wrong_with(const std::vector<std::string>& words) {
  std::string so_far = "'" + (bin / "huiliu").string() + "'";
  std::string help = shell(so_far + " --help").output;
  for (const std::string& word : words) {
    if (help.find("SUBCOMMAND") == std::string::npos) return {};  // the word is an argument
    so_far += " " + word;
    const Ran ran = shell(so_far + " --help");
    if (ran.code != 0 || ran.output == help) return "no command " + word;
    help = ran.output;
  }
  return {};
}

TEST(Docs, CommandsThatAreNamedExist) {
  static const std::regex named("(?:^|[`&|(] *|\n)(?:build/release/bin/)?(huiliu [a-z][^`\n|&]*)");
  std::map<std::vector<std::string>, std::string> commands;
  for (const fs::path& page : pages()) {
    const std::string text = text_of(page);
    for (std::sregex_iterator match(text.begin(), text.end(), named), end; match != end; ++match)
      commands.try_emplace(command_words((*match)[1]), page.lexically_relative(source).string());
  }
  EXPECT_GT(commands.size(), 15u);
  for (const auto& [words, page] : commands) {
    const std::string wrong = wrong_with(words);
    EXPECT_EQ(wrong, "") << page << ": huiliu " << testing::PrintToString(words);
  }
}

class Readme : public testing::TestWithParam<std::string> {};

// The lines of a block that can be typed as they stand, once the examples in them are real ones.
std::string script(const std::string& block, const std::vector<std::pair<std::string, std::string>>& real) {
  std::string out;
  std::istringstream in(block);
  for (std::string line; std::getline(in, line);) {
    line = line.substr(0, line.find("  #"));
    if (line.starts_with("./") || line.starts_with("export ") || line.starts_with("huiliu serve")) continue;
    for (const auto& [example, value] : real)
      for (std::size_t at = 0; (at = line.find(example, at)) != std::string::npos; at += value.size())
        line.replace(at, example.size(), value);
    EXPECT_EQ(line.find("…"), std::string::npos)
        << "an example that this test has nothing real for: " << line;
    out += line + "\n";
  }
  return out;
}

TEST_P(Readme, WhatANewcomerTypesWorks) {
  Installation world(40);
  world.settle();
  const std::string page = text_of(source / GetParam());
  const Value customers = world.huiliu({"customer", "list"}).json();
  ASSERT_GT(customers.as_array().size(), 0u);
  std::string setup = "set -e\nPATH='" + bin.string() +
                      "':\"$PATH\"\nexport HUILIU_STORE='sqlite:" + world.store.string() +
                      "' HUILIU_CONFIG='" + world.config.string() + "'\n";
  const auto commands = blocks(page, "sh");
  ASSERT_GE(commands.size(), 3u) << "two commands, the look around, a system of one's own";
  for (std::size_t i = 1; i < commands.size(); ++i) {
    if (commands[i].find("connection check") != std::string::npos) {
      // The example of a connection, with the account of the twin.
      const fs::path own = world.directory / "own";
      fs::create_directories(own / "connections");
      const auto examples = blocks(page, "yaml");
      ASSERT_FALSE(examples.empty());
      std::ofstream(own / "example.yaml") << examples.front();
      auto example = config::read_yaml((own / "example.yaml").string(), "example.yaml");
      ASSERT_TRUE(example.ok()) << example.error().text();
      auto twin = config::read_yaml((world.config / "connections" / "kingdee.yaml").string(), "kingdee.yaml");
      ASSERT_TRUE(twin.ok());
      for (const model::Member& setting : example->value["settings"].as_object())
        EXPECT_FALSE(twin->value["settings"][setting.key].is_null()) << setting.key;
      example->value.as_object().set("settings", twin->value["settings"]);
      std::ofstream(own / "connections" / "erp.yaml") << config::to_yaml(example->value);
      setup +=
          "export HUILIU_CONFIG='" + own.string() + "' HUILIU_STORE='sqlite:" + own.string() + "/hub.db'\n";
    }
    const std::string lines =
        script(commands[i], {{"build/release/bin/", ""}, {"cus_…", customers.as_array()[0]["id"].to_text()}});
    const Ran ran = shell(setup + lines);
    EXPECT_EQ(ran.code, 0) << lines << ran.output.substr(0, 3000);
  }
}

class OperationsGuide : public testing::TestWithParam<std::string> {};

// Every command of the guide's boxes, in its order, on a hub with something to look at: a run, a dead letter.
TEST_P(OperationsGuide, EveryCommandOfTheGuideWorks) {
  Installation world(40, 1, {"kingdee", "dingtalk"});
  world.settle();
  const Value runs = world.huiliu({"run", "list"}).json();
  // A record that the ERP shows and the mapping refuses: without a name.
  const std::string key = Installation::key_in(world.shared("customer", {"kingdee"}).at(0), "kingdee");
  const Value good = world.record("kingdee", "customers", key);
  world.edit("kingdee", "customers", key, {{"FName", ""}});
  world.huiliu({"sync", "--once"});
  std::string letter;
  const Value letters = world.huiliu({"dead-letter", "list"}).json();
  for (const Value& each : letters.as_array())
    if (each["key"].to_text() == key) letter = each["id"].to_text();
  ASSERT_FALSE(letter.empty()) << "the record was not refused: " << model::to_json(letters);
  std::ofstream(world.directory / "corrected.json") << model::to_json(good);
  const std::string setup = "set -e\ncd '" + world.directory.string() + "'\nPATH='" + bin.string() +
                            "':\"$PATH\"\nexport USER=wang HUILIU_STORE='sqlite:" + world.store.string() +
                            "' HUILIU_CONFIG='" + world.config.string() + "'\n";
  std::string all;
  for (const std::string& block : blocks(text_of(source / GetParam()), "sh"))
    all += script(block, {{"run_…", runs.as_array().at(0)["id"].to_text()}, {"dlt_…", letter}});
  std::istringstream lines(all);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    ++count;
    const Ran ran = shell(setup + line);
    EXPECT_EQ(ran.code, 0) << line << "\n" << ran.output.substr(0, 2000);
  }
  EXPECT_GT(count, 35U);
}

// What the guide shows of the configuration is accepted as it stands.
TEST_P(OperationsGuide, EveryExampleOfConfigurationIsValid) {
  Installation world(1, 1, {"kingdee", "dingtalk"});
  const auto examples = blocks(text_of(source / GetParam()), "yaml");
  ASSERT_GE(examples.size(), 4U);
  for (const std::string& example : examples) {
    static const std::regex names("# ((?:connections|jobs)/[a-z]+\\.yaml)\n");
    std::smatch match;
    const bool named = std::regex_search(example, match, names);
    const fs::path path = world.config / (named ? match[1].str() : "hub.yaml");
    std::string before;
    if (named && fs::exists(path)) before = text_of(path) + "\n";
    fs::create_directories(path.parent_path());
    std::ofstream(path) << before << example;
  }
  ::setenv("SMTP_PASSWORD", "x", 1);
  ::setenv("OPS_SECRET", "x", 1);
  const auto validated = world.huiliu({"config", "validate"});
  EXPECT_EQ(validated.exit_code, 0) << validated.err;
  EXPECT_EQ(world.huiliu({"schedule", "list"}).json().as_array().size(), 5U);
}

INSTANTIATE_TEST_SUITE_P(Languages, OperationsGuide,
                         testing::Values("docs/operations.md", "docs/zh/operations.md"));

INSTANTIATE_TEST_SUITE_P(Languages, Readme, testing::Values("README.md", "README.zh-CN.md"));

// The Chinese reference explains everything that the SDK's headers declare.
TEST(Docs, TheChineseReferenceLeavesNothingOut) {
  const std::string page = text_of(source / "docs/zh/sdk/reference.md");
  // Types, values and slots of C; types and free functions of C++.
  const std::regex c_names(R"(\b(huiliu_[a-z0-9_]+|HUILIU_[A-Z0-9_]*[A-Z0-9])\b|\(\*([a-z0-9_]+)\)\()");
  const std::regex cpp_names(R"(\n(?:struct|class|using) ([A-Z]\w+)|\ninline [\w:]+ ([a-z]\w+)\()");
  for (const char* header : {"plugin.h", "websocket.h", "quota.h", "plugin.hpp", "websocket.hpp"}) {
    std::string text = text_of(source / "sdk/include/huiliu" / header);
    const bool cpp = std::string(header).ends_with(".hpp");
    std::set<std::string> names;
    const std::regex& wanted = cpp ? cpp_names : c_names;
    for (auto match = std::sregex_iterator(text.begin(), text.end(), wanted); match != std::sregex_iterator();
         ++match)
      names.insert((*match)[1].matched ? (*match)[1] : (*match)[2]);
    for (const char* guard :
         {"HUILIU_PLUGIN_H", "HUILIU_WEBSOCKET_H", "HUILIU_QUOTA_H", "huiliu_note_v1", "huiliu_manifest_v1"})
      names.erase(guard);
    EXPECT_GE(names.size(), 2U) << header;
    for (const std::string& name : names)
      EXPECT_TRUE(std::regex_search(page, std::regex("\\b" + name + "\\b"))) << header << ": " << name;
  }
}

// What `huiliu-twin --help` lists as switches of a vendor is what that vendor's twin takes, each with the
// value shown; and what the guide to twins names among them is there.
TEST(Docs, TheHelpOfTheTwinsListsTheirSwitches) {
  const std::string program = std::string(HUILIU_BINARY_DIR) + "/bin/huiliu-twin";
  const auto run = [](const std::string& command) {
    std::string out;
    FILE* pipe = ::popen(command.c_str(), "r");
    for (int c = 0; pipe != nullptr && (c = std::fgetc(pipe)) != EOF;) out += static_cast<char>(c);
    return std::pair(pipe == nullptr ? -1 : WEXITSTATUS(::pclose(pipe)), out);
  };
  const auto [status, help] = run(program + " --help");
  ASSERT_EQ(status, 0);
  std::map<std::string, std::vector<std::string>> switches;
  std::istringstream lines(help);
  std::string vendor;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("switches of "))
      vendor = line.substr(12, line.size() - 13);
    else if (!vendor.empty() && line.starts_with("  "))
      switches[vendor].push_back(line.substr(2));
  }
  ASSERT_EQ(switches.size(), 5U) << help;
  for (const auto& [name, all] : switches) {
    EXPECT_GE(all.size(), 3U) << name;
    std::string arguments;
    for (const std::string& one : all) arguments += " --set '" + one + "'";
    const auto [taken, ready] =
        run(program + " --vendor " + name + arguments + " --until-stdin-closes </dev/null 2>&1");
    EXPECT_EQ(taken, 0) << name << ": " << ready;
    EXPECT_NE(
        run(program + " --vendor " + name + " --set nothing=1 --until-stdin-closes </dev/null 2>&1").first, 0)
        << name;
  }
  std::ifstream file(std::string(HUILIU_SOURCE_DIR) + "/sdk/twin/README.md");
  const std::string guide((std::istreambuf_iterator<char>(file)), {});
  const std::string table = guide.substr(guide.find("| what goes wrong |"));
  static const std::regex quoted("`([a-z_]+)`");
  for (auto match = std::sregex_iterator(table.begin(), table.end(), quoted); match != std::sregex_iterator();
       ++match)
    EXPECT_NE(help.find("  " + (*match)[1].str() + "="), std::string::npos) << (*match)[1];
}

}  // namespace docs_test
}  // namespace huiliu::e2e
