// The Debian package: made, looked into, unpacked, and what is in it works from there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

#include "hub/model/value.hpp"
#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace package_test {

namespace fs = std::filesystem;
using model::Value;
using testing::HasSubstr;

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

class Package : public testing::Test {
 protected:
  Package() {
    std::string name = (fs::temp_directory_path() / "huiliu-package-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    place = name;
  }
  ~Package() override { fs::remove_all(place); }
  fs::path place;
};

TEST_F(Package, IsMadeAndWorksWhereItIsUnpacked) {
  const std::string config = std::string(HUILIU_BINARY_DIR) + "/CPackConfig.cmake";
  const Ran made =
      shell("cpack -G DEB --config '" + config + "' -D CPACK_OUTPUT_FILE_PREFIX='" + place.string() + "'");
  ASSERT_EQ(made.code, 0) << made.output;
  fs::path package;
  for (const auto& entry : fs::directory_iterator(place))
    if (entry.path().extension() == ".deb") package = entry.path();
  ASSERT_FALSE(package.empty()) << made.output;
  const std::string quoted = "'" + package.string() + "'";

  const Ran fields = shell("dpkg-deb -f " + quoted);
  EXPECT_THAT(fields.output, HasSubstr("Package: huiliu"));
  EXPECT_THAT(fields.output, HasSubstr("libsqlite3")) << "what it needs is found out, not guessed";
  const Ran listed = shell("dpkg-deb -c " + quoted);
  for (const char* file : {"/usr/bin/huiliu", "/usr/bin/huiliu-twin",
                           "/usr/lib/systemd/system/huiliu.service", "/usr/lib/sysusers.d/huiliu.conf",
                           "/etc/huiliu/hub.yaml", "/usr/share/huiliu/config/calendars/china.yaml",
                           "/usr/share/huiliu/config/schemas/connection.schema.json",
                           "/usr/share/doc/huiliu/operations.md", "/usr/share/doc/huiliu/copyright",
                           "/usr/share/doc/huiliu/huiliu.cdx.json", "/usr/include/huiliu/plugin.h"})
    EXPECT_NE(listed.output.find(std::string(".") + file), std::string::npos) << file;
  const Ran control = shell("dpkg-deb -I " + quoted);
  EXPECT_THAT(control.output, HasSubstr("conffiles"));
  EXPECT_THAT(control.output, HasSubstr("postinst"));

  const fs::path root = place / "root";
  ASSERT_EQ(shell("dpkg-deb -x " + quoted + " '" + root.string() + "'").code, 0);
  // The bill of materials names every library that the program asks for, with its version.
  std::ifstream bill_file(root / "usr/share/doc/huiliu/huiliu.cdx.json");
  const std::string bill_text((std::istreambuf_iterator<char>(bill_file)), {});
  const auto bill = model::parse_json(bill_text);
  ASSERT_TRUE(bill.ok()) << bill_text.substr(0, 500);
  EXPECT_EQ((*bill)["bomFormat"].to_text(), "CycloneDX");
  std::set<std::string> named;
  for (const Value& component : (*bill)["components"].as_array()) {
    EXPECT_FALSE(component["version"].to_text().empty()) << component["name"].to_text();
    EXPECT_THAT(component["purl"].to_text(), testing::StartsWith("pkg:deb/debian/"));
    named.insert(component["name"].to_text());
  }
  const Ran needed = shell(
      "readelf -dW '" + (root / "usr/bin/huiliu").string() + "' | sed -n 's/.*NEEDED.*\\[\\(.*\\)\\]/\\1/p'" +
      " | while read -r library; do path=$(ldd '" + (root / "usr/bin/huiliu").string() +
      "' | awk -v l=\"$library\" '$1 == l {print $3}'); [ -z \"$path\" ] || dpkg -S \"$(realpath $path)\"" +
      " 2>/dev/null || dpkg -S \"$path\"; done | cut -d: -f1");
  std::istringstream packages(needed.output);
  std::size_t counted = 0;
  for (std::string name; packages >> name; ++counted) EXPECT_TRUE(named.contains(name)) << name;
  EXPECT_GT(counted, 10U) << needed.output;
  const std::string huiliu =
      "env -u HUILIU_PLUGINS -u HUILIU_SHARE '" + (root / "usr/bin/huiliu").string() + "'";
  const Ran version = shell(huiliu + " version --json");
  ASSERT_EQ(version.code, 0) << version.output;
  const auto view = model::parse_json(version.output);
  ASSERT_TRUE(view.ok()) << version.output;
  for (const char* key : {"version", "commit", "compiler", "abi", "store_version", "zone_database"})
    EXPECT_FALSE((*view)[key].to_text().empty()) << key;
  const Ran plugins = shell(huiliu + " plugin list --json");
  ASSERT_EQ(plugins.code, 0) << plugins.output;
  EXPECT_GE(model::parse_json(plugins.output)->as_array().size(), 5U);
  // The shipped default configuration, as the service would start with it.
  const std::string store = " --store 'sqlite:" + (place / "hub.db").string() + "' --config '" +
                            (root / "etc/huiliu").string() + "'";
  EXPECT_EQ(shell(huiliu + " config validate" + store).code, 0);
  const Ran demo = shell(huiliu + " demo --once --customers 20 --json");
  EXPECT_EQ(demo.code, 0) << demo.output.substr(0, 2000);
}

TEST_F(Package, TheServiceIsShutIn) {
  const std::string unit = std::string(HUILIU_SOURCE_DIR) + "/packaging/huiliu.service";
  std::ifstream file(unit);
  std::ostringstream text;
  text << file.rdbuf();
  for (const char* line :
       {"User=huiliu", "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes",
        "CapabilityBoundingSet=", "MemoryDenyWriteExecute=yes",
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "SystemCallFilter=@system-service", "UMask=0077",
        "LimitCORE=0", "StateDirectoryMode=0700", "Type=notify"})
    EXPECT_THAT(text.str(), HasSubstr(std::string("\n") + line)) << line;
  if (shell("command -v systemd-analyze").code != 0) return;  // the lines above are the test
  const Ran judged = shell("systemd-analyze security --offline=true --threshold=20 '" + unit + "'");
  EXPECT_EQ(judged.code, 0) << "exposure above 2.0: " << judged.output;
}

// Where and when it was built makes no difference: the same source compiled in two places gives the same
// bytes, and the program names neither.
TEST_F(Package, TheProgramDoesNotSayWhereAndWhenItWasBuilt) {
  for (const char* program : {"huiliu", "huiliu-twin", "huiliu-plugin-host"}) {
    std::ifstream file(fs::path(HUILIU_BINARY_DIR) / "bin" / program, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    ASSERT_FALSE(bytes.empty()) << program;
    for (const std::string& built_at :
         {std::string(HUILIU_SOURCE_DIR) + "/", std::string(HUILIU_BINARY_DIR) + "/"})
      EXPECT_EQ(bytes.find(built_at), std::string::npos) << program << " holds " << built_at;
  }
  const Ran dated = shell("grep -rlE '__(DATE|TIME|TIMESTAMP)__' '" + std::string(HUILIU_SOURCE_DIR) +
                          "/hub' '" + HUILIU_SOURCE_DIR + "/plugins' '" + HUILIU_SOURCE_DIR + "/sdk'");
  EXPECT_EQ(dated.output, "");
  std::string made[2];
  for (const int turn : {0, 1}) {
    const fs::path source =
        place / ("place" + std::to_string(turn)) / std::string(static_cast<std::size_t>(turn) * 20 + 1, 'd');
    fs::create_directories(source / "hub");
    fs::copy(fs::path(HUILIU_SOURCE_DIR) / "hub/model", source / "hub/model", fs::copy_options::recursive);
    const Ran compiled = shell("cd '" + source.string() +
                               "' && c++ -std=c++20 -O2 -fPIC -fstack-protector-strong -fmacro-prefix-map='" +
                               source.string() + "/=' -I '" + source.string() + "' -c '" + source.string() +
                               "/hub/model/value.cpp' -o value.o");
    ASSERT_EQ(compiled.code, 0) << compiled.output;
    std::ifstream file(source / "value.o", std::ios::binary);
    made[turn].assign((std::istreambuf_iterator<char>(file)), {});
  }
  EXPECT_FALSE(made[0].empty());
  EXPECT_TRUE(made[0] == made[1]) << "two builders do not get the same";
}

TEST_F(Package, TheProgramIsHardened) {
  const std::string headers =
      shell("readelf -lhdW '" + std::string(HUILIU_BINARY_DIR) + "/bin/huiliu'").output;
  EXPECT_THAT(headers, HasSubstr("DYN")) << "position-independent";
  EXPECT_THAT(headers, HasSubstr("GNU_RELRO"));
  EXPECT_THAT(headers, testing::ContainsRegex("NOW"));
  EXPECT_THAT(headers, testing::ContainsRegex("GNU_STACK( +0x[0-9a-f]+)+ RW ")) << "no executable stack";
  const std::string symbols = shell("nm -D '" + std::string(HUILIU_BINARY_DIR) + "/bin/huiliu'").output;
  EXPECT_THAT(symbols, HasSubstr("__stack_chk_fail"));
  EXPECT_THAT(symbols, testing::ContainsRegex("__mem(cpy|move|set)_chk")) << "_FORTIFY_SOURCE";
}

// No builder of images is needed to know that the container file does not speak of what is not there.
TEST(ContainerFile, NamesOnlyWhatThePackageAndTheProgramHave) {
  const fs::path root = HUILIU_SOURCE_DIR;
  const auto text_of = [](const fs::path& path) {
    std::ifstream file(path);
    EXPECT_TRUE(file.good()) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  };
  const std::string container = text_of(root / "packaging/Containerfile");
  std::set<std::string> words;
  std::string line, page;
  std::istringstream lines(container);
  while (std::getline(lines, line)) {
    std::istringstream of(line);
    for (std::string word; of >> word;) words.insert(word);
    if (const std::size_t at = line.find("docs/"); at != std::string::npos)
      page = line.substr(at, line.find_first_of(") ,", at) - at);
  }
  EXPECT_TRUE(fs::exists(root / page)) << page;
  EXPECT_THAT(container, HasSubstr("FROM debian:bookworm-slim"));
  EXPECT_THAT(text_of(root / "packages.txt"), HasSubstr("# Debian 12")) << "what was built there runs there";
  const std::string packaging = text_of(root / "packaging/CMakeLists.txt");
  for (const char* package : {"tzdata", "ca-certificates"}) {  // what it installs besides the package
    EXPECT_TRUE(words.contains(package)) << package;
    const std::size_t depends = packaging.find("CPACK_DEBIAN_PACKAGE_DEPENDS");
    EXPECT_THAT(packaging.substr(depends, packaging.find(')', depends) - depends), HasSubstr(package));
    const bool knows_packages = shell("command -v apt-cache").code == 0;
    EXPECT_TRUE(!knows_packages || shell(std::string("apt-cache show ") + package).code == 0) << package;
  }
  // Directories as the service has them; variables that the program reads; commands that it has.
  const std::string service = text_of(root / "packaging/huiliu.service");
  for (const char* name : {"HUILIU_STORE", "HUILIU_CONFIG"}) {
    const std::size_t at = container.find(name);
    ASSERT_NE(at, std::string::npos);
    const std::string value = container.substr(at, container.find_first_of(" \n", at) - at);
    EXPECT_THAT(service, HasSubstr(value)) << "as the service sets it";
    EXPECT_THAT(text_of(root / "hub/cli/app.cpp"), HasSubstr(std::string("\"") + name + "\""));
  }
  const std::string huiliu = (fs::path(HUILIU_BINARY_DIR) / "bin/huiliu").string();
  EXPECT_EQ(shell("'" + huiliu + "' store stats --help").code, 0);
  EXPECT_EQ(shell("'" + huiliu + "' serve --help").code, 0);
  EXPECT_THAT(container, HasSubstr("USER huiliu"));
  EXPECT_THAT(container, testing::Not(HasSubstr(":latest")));
}

}  // namespace package_test
}  // namespace huiliu::e2e
