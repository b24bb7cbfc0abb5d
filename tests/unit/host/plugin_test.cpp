// Loading: the fit and the unfit, from real files.
#include "hub/host/plugin.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "hub/host/elf_file.hpp"

namespace huiliu::host {
namespace {

std::string test_library(const std::string& name) {
  return std::string(HUILIU_TEST_PLUGINS) + "/libhuiliu-" + name + ".so";
}

TEST(Plugin, AFileTellsItsManifestWithoutBeingLoaded) {
  const auto file = read_plugin_file(test_library("test_shop"));
  ASSERT_TRUE(file.ok()) << file.error().text();
  EXPECT_EQ(file->abi_major, 1U);
  ASSERT_EQ(file->manifests.size(), 1U);
  std::ifstream source(std::string(HUILIU_SOURCE_DIR) + "/tests/abi/manifest.json", std::ios::binary);
  EXPECT_EQ(file->manifests[0], std::string(std::istreambuf_iterator<char>(source), {}));
}

TEST(Plugin, CAndCppPluginsLoad) {
  const auto plain = load_plugin(test_library("test_c"));
  ASSERT_TRUE(plain.ok()) << plain.error().text();
  EXPECT_EQ((*plain)->name, "test-plain");
  EXPECT_EQ((*plain)->version, "1.2.3");
  ASSERT_EQ((*plain)->connectors.size(), 1U);
  EXPECT_NE((*plain)->connector(""), nullptr);
  EXPECT_NE((*plain)->connector("test-plain"), nullptr);
  EXPECT_EQ((*plain)->connector("other"), nullptr);
  const auto shop = load_plugin(test_library("test_shop"));
  ASSERT_TRUE(shop.ok()) << shop.error().text();
  EXPECT_EQ((*shop)->connectors[0]->manifest.id, "test-shop");
}

// What the tests of the unfit rely on: a library that is loaded for the first time leaves its trace.
TEST(Plugin, AConstructorLeavesItsTrace) {
  ::unsetenv("HUILIU_TEST_CONSTRUCTOR_RAN");
  const auto fresh =
      std::filesystem::temp_directory_path() / ("libhuiliu-" + std::to_string(::getpid()) + ".so");
  std::filesystem::copy_file(test_library("test_c"), fresh,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(load_plugin(fresh.string()).ok());
  EXPECT_NE(::getenv("HUILIU_TEST_CONSTRUCTOR_RAN"), nullptr);
  std::filesystem::remove(fresh);
}

TEST(Plugin, APluginOfALaterMinorLoads) {
  const auto plugin = load_plugin(test_library("test_future"));
  ASSERT_TRUE(plugin.ok()) << plugin.error().text();
  EXPECT_GT((*plugin)->abi_minor_built, HUILIU_ABI_MINOR);
}

struct Unfit {
  const char* name;
  const char* found;    // in the message
  bool before_loading;  // its constructor must not run
};

class UnfitPlugin : public ::testing::TestWithParam<Unfit> {};

TEST_P(UnfitPlugin, IsRefusedWithFileAndReason) {
  ::unsetenv("HUILIU_TEST_CONSTRUCTOR_RAN");
  const std::string path = test_library(std::string("unfit_") + GetParam().name);
  const auto plugin = load_plugin(path);
  ASSERT_FALSE(plugin.ok());
  EXPECT_EQ(plugin.error().error_class, model::ErrorClass::config);
  EXPECT_EQ(plugin.error().where, path);
  EXPECT_NE(plugin.error().message.find(GetParam().found), std::string::npos) << plugin.error().message;
  // (A library that another test has loaded does not run its constructor again.)
  if (GetParam().before_loading) {
    EXPECT_EQ(::getenv("HUILIU_TEST_CONSTRUCTOR_RAN"), nullptr);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Plugin, UnfitPlugin,
    ::testing::Values(
        Unfit{"major", "a plugin for ABI 2, want ABI 1", true},
        Unfit{"needed_in_file", "needs a host of ABI 1.9 or later, want one that needs at most 1.0", true},
        Unfit{"not_json", "not JSON", true}, Unfit{"no_note", "no .note.huiliu", true},
        Unfit{"no_manifest", "no .huiliu.manifest", true}, Unfit{"no_entry", "huiliu_plugin_entry_v1", false},
        Unfit{"magic", "magic 305419896, want", false}, Unfit{"needed", "needs a host of ABI 1.9", false},
        Unfit{"small_table", "a table of 16 bytes, want at least", false},
        Unfit{"small_plugin", "a plugin table of 8 bytes, want at least", false},
        Unfit{"null_open", "without describe, open or close", false},
        Unfit{"null_connector", "connector 0 is null", false},
        Unfit{"no_label", "manifest /label: missing", false},
        Unfit{"no_slot", "capability find in the manifest without its function", false},
        Unfit{"extra_slot", "capability check as a function that the manifest does not name", false},
        Unfit{"other_manifest", "differs from the section .huiliu.manifest", false}),
    [](const auto& unfit) { return std::string(unfit.param.name); });

TEST(Plugin, FilesThatAreNoPluginsAreRefused) {
  const auto directory =
      std::filesystem::temp_directory_path() / ("huiliu_plugins_" + std::to_string(::getpid()));
  std::filesystem::create_directories(directory);
  const std::string path = (directory / "libhuiliu-x.so").string();
  EXPECT_NE(load_plugin(path).error().message.find("cannot be opened"), std::string::npos);
  std::ofstream(path) << "#!/bin/sh\n";
  EXPECT_NE(load_plugin(path).error().message.find("not ELF"), std::string::npos);
  EXPECT_FALSE(load_plugin(directory.string()).ok());
  EXPECT_FALSE(load_plugin("/proc/self/exe").ok());

  // A real one, cut off or damaged at every part of its head and tail: refused or whole, never a crash.
  std::ifstream source(test_library("test_c"), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(source)), {});
  for (std::size_t size = 0; size < whole.size(); size += std::max<std::size_t>(whole.size() / 97, 1)) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << whole.substr(0, size);
    EXPECT_FALSE(read_plugin_file(path).ok()) << size;
  }
  for (std::size_t at = 0; at < 64; ++at)
    for (const char byte : {'\0', '\xff', '\x7f'}) {
      std::string damaged = whole;
      damaged[at] = byte;
      std::ofstream(path, std::ios::binary | std::ios::trunc) << damaged;
      (void)read_plugin_file(path);
    }
  std::filesystem::remove_all(directory);
}

TEST(PluginRegistry, TakesWhatFitsAndTellsWhyNotTheRest) {
  PluginRegistry registry;
  const std::vector<model::Error> errors = registry.scan(HUILIU_TEST_PLUGINS);
  // test_c and test_future offer the same connector: the second is refused, as are all the unfit.
  EXPECT_EQ(registry.connector_ids(), (std::vector<std::string>{"test-plain", "test-shop"}));
  EXPECT_EQ(errors.size(), 17U);
  EXPECT_NE(registry.connector("test-shop"), nullptr);
  EXPECT_EQ(registry.connector("nobody"), nullptr);
  EXPECT_EQ(describe_plugins(registry).as_array().size(), 2U);
  EXPECT_EQ(registry.scan("/nowhere/at/all").size(), 1U);
}

TEST(Plugin, InspectTellsEverythingWithoutLoading) {
  ::unsetenv("HUILIU_TEST_CONSTRUCTOR_RAN");
  const auto unfit = inspect_plugin(test_library("unfit_needed_in_file"));
  ASSERT_TRUE(unfit.ok());
  EXPECT_EQ((*unfit)["abi"]["fits"], model::Value(false));
  EXPECT_EQ((*unfit)["connectors"].as_array()[0]["manifest"]["id"], model::Value("test-plain"));
  EXPECT_EQ(::getenv("HUILIU_TEST_CONSTRUCTOR_RAN"), nullptr);
}

}  // namespace
}  // namespace huiliu::host
