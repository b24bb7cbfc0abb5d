// The rules of the house as tests: which folder may include which, what the core may not touch, where vendors
// may be named.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace huiliu {
namespace {

namespace fs = std::filesystem;
const fs::path root = HUILIU_SOURCE_DIR;

// Folder → what it may include of hub/. Arrows point down.
const std::map<std::string, std::set<std::string>> allowed = {
    {"model", {}},
    {"normalize", {"model"}},
    {"expr", {"model"}},
    {"mapping", {"model", "normalize", "expr"}},
    {"identity", {"model", "normalize"}},
    {"sync", {"model", "normalize", "mapping", "identity"}},
    {"config", {"model", "expr", "mapping", "sync"}},
    {"crypt", {"model"}},
    {"store", {"model", "sync", "identity", "normalize", "crypt"}},
    {"access", {"model", "config", "store", "sync", "crypt"}},
    {"host", {"model"}},
    {"kit", {"model", "host"}},
    {"table", {"model"}},
    {"run",
     {"model", "normalize", "expr", "mapping", "identity", "sync", "config", "store", "crypt", "access",
      "host"}},
    {"api", {"model", "run", "store", "sync", "config", "crypt", "access"}},
    {"cli",
     {"model", "normalize", "expr", "mapping", "identity", "sync", "config", "store", "crypt", "access",
      "host", "kit", "table", "run", "api"}},
};
const std::vector<std::string> core = {"model", "normalize", "expr", "mapping", "identity", "sync"};

std::vector<fs::path> sources_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (const auto extension = entry.path().extension();
        extension == ".hpp" || extension == ".cpp" || extension == ".h" || extension == ".inc")
      files.push_back(entry.path());
  return files;
}

std::vector<std::string> includes_of(const fs::path& file) {
  std::ifstream in(file);
  std::vector<std::string> includes;
  std::string line;
  while (std::getline(in, line)) {
    if (!line.starts_with("#include")) continue;
    const std::size_t from = line.find_first_of("<\"");
    const std::size_t to = line.find_first_of(">\"", from + 1);
    if (from != std::string::npos && to != std::string::npos)
      includes.push_back(line.substr(from + 1, to - from - 1));
  }
  return includes;
}

TEST(Layers, ArrowsPointDown) {
  for (const auto& [folder, lower] : allowed)
    for (const fs::path& file : sources_in(root / "hub" / folder))
      for (const std::string& include : includes_of(file)) {
        if (!include.starts_with("hub/")) continue;
        const std::string target = include.substr(4, include.find('/', 4) - 4);
        EXPECT_TRUE(target == folder || lower.contains(target)) << file << " includes " << include;
      }
}

TEST(Layers, EveryFolderOfTheHubHasARule) {
  for (const auto& entry : fs::directory_iterator(root / "hub")) {
    if (!entry.is_directory() || entry.path().filename() == "console") continue;
    EXPECT_TRUE(allowed.contains(entry.path().filename().string())) << entry.path();
  }
}

TEST(Layers, TheCoreIncludesNothingThatTouchesTheWorld) {
  for (const std::string& folder : core)
    for (const fs::path& file : sources_in(root / "hub" / folder))
      for (const std::string& include : includes_of(file))
        for (const char* banned : {"boost/asio", "boost/beast", "boost/dll", "curl",   "sqlite",
                                   "libpq",      "dlfcn",       "thread",    "mutex",  "condition_variable",
                                   "fstream",    "filesystem",  "iostream",  "sys/",   "unistd",
                                   "netinet",    "spdlog",      "yaml-cpp",  "random", "future"})
          EXPECT_FALSE(include.starts_with(banned)) << file << " includes " << include;
}

std::string output_of(const std::string& command) {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string out;
  std::array<char, 65536> chunk;
  while (pipe != nullptr) {
    const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), pipe.get());
    if (got == 0) break;
    out.append(chunk.data(), got);
  }
  return out;
}

TEST(Layers, TheCoreImportsNeitherClockNorDiceNorThreads) {
  for (const std::string& folder : core) {
    const fs::path library = fs::path(HUILIU_BINARY_DIR) / "hub" / ("libhuiliu_" + folder + ".a");
    ASSERT_TRUE(fs::exists(library)) << library;
    const std::string symbols = output_of("nm -u '" + library.string() + "' 2>/dev/null");
    ASSERT_FALSE(symbols.empty());
    for (const char* banned :
         {" clock_gettime", " gettimeofday", " time\n", " rand\n", " random\n", " pthread_create", " getenv",
          " socket\n", " open64", " fopen", "system_clock3nowEv", "steady_clock3nowEv", "random_device"})
      EXPECT_EQ(symbols.find(banned), std::string::npos) << library << " imports" << banned;
  }
}

TEST(Layers, VendorsAreNamedOnlyInTheirFolders) {
  for (const fs::path& file : sources_in(root / "hub")) {
    std::ifstream in(file);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
    });
    for (const char* vendor :
         {"kingdee", "yonyou", "dingtalk", "wecom", "salesforce", "k3cloud", "金蝶", "用友", "钉钉"})
      EXPECT_EQ(text.find(vendor), std::string::npos) << file << " names " << vendor;
  }
}

TEST(Layers, PluginsAndSdkIncludeNoHubCode) {
  for (const char* folder : {"plugins", "sdk"})
    for (const fs::path& file : sources_in(root / folder)) {
      const std::string path = file.string();
      const bool test = path.find("/tests/") != std::string::npos;
      for (const std::string& include : includes_of(file))
        EXPECT_TRUE(test || !include.starts_with("hub/")) << file << " includes " << include;
    }
}

TEST(Layers, BeastStaysInThreeTranslationUnits) {
  std::set<std::string> units;
  for (const char* folder : {"hub", "sdk", "plugins"})
    for (const fs::path& file : sources_in(root / folder))
      for (const std::string& include : includes_of(file))
        if (include.starts_with("boost/beast")) {
          EXPECT_EQ(file.extension(), ".cpp") << file;
          units.insert(file.string());
        }
  EXPECT_LE(units.size(), 3U);
}

}  // namespace
}  // namespace huiliu
