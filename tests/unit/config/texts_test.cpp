#include "hub/config/texts.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "hub/config/difference.hpp"
#include "hub/model/id.hpp"

namespace huiliu::config {
namespace texts_test {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "huiliu-texts-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

TEST(Texts, DirectoryAndTextsAreTheSameThing) {
  const Folder folder;
  const Texts texts = {{"hub.yaml", "listen: {port: 0}  # 任意\n"},
                       {"connections/erp.yaml", "connector: x\r\nrole: erp\r\n"},
                       {"tables/erp.csv", "field,code\n级别,A"}};
  ASSERT_TRUE(write_texts(folder.path.string(), texts).ok());
  std::ofstream(folder.path / "notes.txt") << "mine";
  fs::create_directories(folder.path / "secrets");
  std::ofstream(folder.path / "secrets" / "key.yaml") << "mine";
  EXPECT_EQ(*read_texts(folder.path.string()), texts);

  Texts fewer = texts;
  fewer.erase("tables/erp.csv");
  fewer["hub.yaml"] = "{}\n";
  ASSERT_TRUE(write_texts(folder.path.string(), fewer).ok());
  EXPECT_EQ(*read_texts(folder.path.string()), fewer);
  EXPECT_TRUE(fs::exists(folder.path / "notes.txt")) << "what is no configuration is left alone";
  EXPECT_TRUE(fs::exists(folder.path / "secrets" / "key.yaml"));
}

TEST(Texts, NothingLeavesTheDirectory) {
  const Folder folder;
  for (const char* path : {"../hub.yaml", "connections/../../x.yaml", "/etc/x.yaml", "connections/a/b.yaml",
                           "other/x.yaml", "connections/.hidden.yaml", "hub.json", "tables/x.yaml"})
    EXPECT_FALSE(write_texts(folder.path.string(), {{path, "x"}}).ok()) << path;
}

TEST(Texts, ABundleHoldsEveryByte) {
  Texts texts = {{"hub.yaml", ""},
                 {"connections/a.yaml", "a: 1\n\n\n"},
                 {"connections/b.yaml", "no newline at the end"},
                 {"connections/c.yaml", "  indented: first\nthen: not\n"},
                 {"connections/d.yaml", "tab:\t1\r\nquote: \"x\"\n"},
                 {"connections/e.yaml", "\n\nbegins: with blank lines\n"},
                 {"mappings/名称.yaml", "名称: 深圳 # 注释\n---\n... \n"}};
  model::SeededRandom dice(7);
  const std::string alphabet[] = {"a", ":",  " ",  "\n", "#",  "-", "|",           "\"",
                                  "'", "\t", "\r", "中", "\\", "{", "\xE2\x80\xA8"};
  for (int i = 0; i < 200; ++i) {
    std::string text;
    for (std::uint64_t left = dice.next() % 40; left > 0; --left)
      text += alphabet[dice.next() % std::size(alphabet)];
    texts["tables/t" + std::to_string(i) + ".csv"] = text;
  }
  const auto back = bundle_from(to_bundle(texts), "bundle.yaml");
  ASSERT_TRUE(back.ok()) << back.error().text();
  for (const auto& [path, text] : texts) EXPECT_EQ(back->at(path), text) << path;
  EXPECT_EQ(back->size(), texts.size());
  EXPECT_EQ(fingerprint(*back), fingerprint(texts));
}

TEST(Texts, AFingerprintTellsEveryDifference) {
  const Texts texts = {{"hub.yaml", "ab"}, {"connections/a.yaml", "c"}};
  EXPECT_EQ(fingerprint(texts), fingerprint(Texts(texts)));
  EXPECT_NE(fingerprint(texts), fingerprint({{"hub.yaml", "abc"}, {"connections/a.yaml", ""}}));
  EXPECT_NE(fingerprint(texts), fingerprint({{"hub.yaml", "ab"}, {"connections/b.yaml", "c"}}));
  EXPECT_NE(fingerprint({}), fingerprint({{"hub.yaml", ""}}));
}

TEST(Difference, SaysWhichKeyOfWhichFile) {
  const Texts before = {{"connections/erp.yaml", "connector: x\nstage: observe\nbrakes: {added: off}\n"},
                        {"hub.yaml", "a: 1\n"},
                        {"tables/erp.csv", "level,A\nlevel2,B\n"}};
  const Texts after = {
      {"connections/erp.yaml", "connector: x\nstage: two_way # now\ncreate: ask\nbrakes: {added: off}\n"},
      {"connections/crm.yaml", "connector: y\n"},
      {"hub.yaml", "a: 1   # a comment only\n"},
      {"tables/erp.csv", "level2,C\nlevel,A\n"}};
  const auto found = differences(before, after);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].file, "connections/crm.yaml");
  EXPECT_EQ(found[0].op, FileDifference::Op::add);
  EXPECT_EQ(found[1].file, "connections/erp.yaml");
  ASSERT_EQ(found[1].changes.size(), 2U);
  EXPECT_EQ(found[1].changes[0].path, "/stage");
  EXPECT_EQ(found[1].changes[0].from.to_text(), "observe");
  EXPECT_EQ(found[1].changes[0].to.to_text(), "two_way");
  EXPECT_EQ(found[1].changes[1].path, "/create");
  EXPECT_TRUE(found[1].changes[1].from.is_null());
  EXPECT_EQ(found[2].file, "hub.yaml");
  EXPECT_TRUE(found[2].changes.empty());
  ASSERT_EQ(found[3].changes.size(), 1U) << "a moved row is no change";
  EXPECT_EQ(found[3].changes[0].path, "/level2");
  EXPECT_TRUE(differences(after, after).empty());
  EXPECT_EQ(differences(after, before)[0].op, FileDifference::Op::remove);
}

}  // namespace texts_test
}  // namespace huiliu::config
