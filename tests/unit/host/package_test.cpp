// A package is what its signer packed, to the last byte, or it is refused.
#include "hub/host/package.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/sanitized.hpp"

namespace huiliu::host {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string library = HUILIU_TEST_PLUGINS "/libhuiliu-test_c.so";

class PackageTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "huiliu-package-XXXXXX";
    directory = ::mkdtemp(pattern.data());
    const auto made = make_key();
    ASSERT_TRUE(made.ok());
    key = *made;
    fs::create_directories(directory / "trust");
    write(directory / "trust/acme.pem", key.public_pem);
    const auto packed =
        pack_plugin(library, {{"test-plain.mapping.yaml", "streams: {}\n"}, {"docs/README.md", "# Plain\n"}},
                    key.private_pem);
    ASSERT_TRUE(packed.ok()) << packed.error().text();
    package = *packed;
  }
  void TearDown() override { fs::remove_all(directory); }

  static void write(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  static std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  TrustStore trust() const {
    auto loaded = TrustStore::load({(directory / "trust").string()});
    EXPECT_TRUE(loaded.ok()) << loaded.error().text();
    return *loaded;
  }
  std::string refusal(const model::Result<Verified>& verified) const {
    return verified.ok() ? "accepted" : verified.error().message;
  }

  fs::path directory;
  KeyPair key;
  std::string package;
};

TEST_F(PackageTest, NamesItsSigner) {
  const auto verified = verify_package(package, trust());
  ASSERT_TRUE(verified.ok()) << verified.error().text();
  EXPECT_EQ(verified->id, "test-plain");
  EXPECT_EQ(verified->version, "1.0.0");
  EXPECT_EQ(verified->key, "acme");
}

TEST_F(PackageTest, AnyOneChangedByteIsRefused) {
  const TrustStore trusted = trust();
  for (std::size_t at = 0; at < package.size(); at += tests::sanitized ? 7 : 1) {
    package[at] = static_cast<char>(package[at] ^ (1 << (at % 8)));
    ASSERT_FALSE(verify_package(package, trusted).ok()) << "byte " << at;
    package[at] = static_cast<char>(package[at] ^ (1 << (at % 8)));
  }
  EXPECT_TRUE(verify_package(package, trusted).ok());
}

TEST_F(PackageTest, CutOffOrLengthenedIsRefused) {
  const TrustStore trusted = trust();
  for (std::size_t size = 0; size < package.size(); size += 97)
    ASSERT_FALSE(verify_package(package.substr(0, size), trusted).ok()) << size;
  EXPECT_FALSE(verify_package(package + '\0', trusted).ok());
  EXPECT_FALSE(verify_package(package + package, trusted).ok());
}

TEST_F(PackageTest, KeysMustBeTrustedAndNotRevoked) {
  const auto other = make_key();
  ASSERT_TRUE(other.ok());
  const auto foreign = pack_plugin(library, {}, other->private_pem);
  ASSERT_TRUE(foreign.ok());
  EXPECT_THAT(refusal(verify_package(*foreign, trust())), HasSubstr("unknown key"));
  const auto bare = pack_plugin(library, {}, "");
  ASSERT_TRUE(bare.ok());
  EXPECT_THAT(refusal(verify_package(*bare, trust())), HasSubstr("not signed"));

  const auto fingerprint = fingerprint_of(key.private_pem);
  ASSERT_TRUE(fingerprint.ok());
  EXPECT_EQ(*fingerprint, *fingerprint_of(key.public_pem));
  write(directory / "trust/revoked.txt", "# lost in the train\n" + *fingerprint + "\n");
  EXPECT_THAT(refusal(verify_package(package, trust())), HasSubstr("revoked key"));
  // One package alone can be taken back too.
  const auto parsed = read_package(package);
  ASSERT_TRUE(parsed.ok());
  write(directory / "trust/revoked.txt", sha256_of(parsed->manifest_bytes) + " # a bad build\n");
  EXPECT_THAT(refusal(verify_package(package, trust())), HasSubstr("was revoked"));
}

TEST_F(PackageTest, AnotherKeysSignatureUnderATrustedNameIsRefused) {
  const auto other = make_key();
  ASSERT_TRUE(other.ok());
  const auto parsed = read_package(package);
  ASSERT_TRUE(parsed.ok());
  auto forged = sign(parsed->manifest_bytes, other->private_pem);
  ASSERT_TRUE(forged.ok());
  const std::string theirs = *fingerprint_of(other->public_pem), ours = *fingerprint_of(key.public_pem);
  forged->replace(forged->find(theirs), theirs.size(), ours);
  const auto judged = trust().verify(parsed->manifest_bytes, *forged);
  ASSERT_FALSE(judged.ok());
  EXPECT_THAT(judged.error().message, HasSubstr("does not fit"));
}

TEST_F(PackageTest, InstalledIsVerifiedAgainAndRemovedWhole) {
  const std::string plugins = (directory / "plugins").string();
  const auto parsed = read_package(package);
  ASSERT_TRUE(parsed.ok());
  ASSERT_TRUE(install_package(*parsed, plugins).ok());
  EXPECT_TRUE(verify_installed(plugins, "test-plain", trust()).ok());
  EXPECT_TRUE(verify_library(plugins + "/libhuiliu-test_c.so", trust()).ok());
  EXPECT_EQ(read(plugins + "/docs/test-plain/README.md"), "# Plain\n");
  // One byte of each part.
  for (const char* part : {"libhuiliu-test_c.so", "test-plain.mapping.yaml", "docs/test-plain/README.md",
                           "test-plain.package.json", "test-plain.package.sig"}) {
    const fs::path path = fs::path(plugins) / part;
    const std::string before = read(path);
    ASSERT_FALSE(before.empty()) << part;
    std::string after = before;
    after[after.size() / 2] = static_cast<char>(after[after.size() / 2] ^ 4);
    write(path, after);
    EXPECT_FALSE(verify_installed(plugins, "test-plain", trust()).ok()) << part;
    EXPECT_FALSE(verify_library(plugins + "/libhuiliu-test_c.so", trust()).ok()) << part;
    write(path, before);
  }
  EXPECT_TRUE(verify_installed(plugins, "test-plain", trust()).ok());
  ASSERT_TRUE(remove_package(plugins, "test-plain").ok());
  for (const auto& entry : fs::recursive_directory_iterator(plugins))
    EXPECT_FALSE(entry.is_regular_file()) << entry.path();
  EXPECT_FALSE(remove_package(plugins, "test-plain").ok());
  EXPECT_FALSE(remove_package(plugins, "../trust").ok());
}

TEST_F(PackageTest, PathsLeadNowhereElse) {
  for (const char* path : {"../evil", "/etc/evil", "docs/../../evil", "", "a/", "docs//x"})
    EXPECT_FALSE(pack_plugin(library, {{path, "x"}}, key.private_pem).ok()) << path;
}

}  // namespace
}  // namespace huiliu::host
