#include "hub/config/config.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace huiliu::config {
namespace {

namespace fs = std::filesystem;

TEST(Yaml, KeepsTypesTextAndLines) {
  const auto document = parse_yaml("a: 1.10\nb: \"1\"\nc: [true, null, x]\nd: {e: '0012'}\n", "f.yaml");
  ASSERT_TRUE(document.ok()) << document.error().text();
  EXPECT_EQ(model::to_json(document->value), R"({"a":1.10,"b":"1","c":[true,null,"x"],"d":{"e":"0012"}})");
  EXPECT_EQ(document->at("/d/e"), "f.yaml:4");
  EXPECT_EQ(document->at("/d/e/none"), "f.yaml:4");
}

TEST(Yaml, RefusesWithTheLine) {
  EXPECT_EQ(parse_yaml("a: 1\nb: [\n", "f.yaml").error().where.substr(0, 7), "f.yaml:");
  const auto twice = parse_yaml("a: 1\nb: 2\na: 3\n", "f.yaml");
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(twice.error().where, "f.yaml:3");
  EXPECT_NE(twice.error().message.find("duplicate key \"a\""), std::string::npos);
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string p = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + p + "," + p + "," + p + "," + p +
            "," + p + "," + p + "," + p + "," + p + "]\n";
  }
  EXPECT_FALSE(parse_yaml(bomb, "f.yaml").ok());
  std::string shared = "list: &list [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t]\nall:\n";
  for (int i = 0; i < 2'000; ++i) shared += "  - *list\n";
  EXPECT_TRUE(parse_yaml(shared, "f.yaml").ok()) << "much by aliases, and no bomb";
  EXPECT_FALSE(parse_yaml(" &x, 2]\nb: \n", "f.yaml").ok())
      << "a stray bracket: the parser's own loop has no end";
  EXPECT_FALSE(parse_yaml("a: 1\n---\nb: 2\n", "f.yaml").ok()) << "two documents";
}

TEST(Yaml, WritesWhatItReads) {
  const std::string text =
      R"({"a":"yes","b":["- x",{"c":"1"},[1,[]]],"d":{},"e":"x: y","f":null,"g":" z","h":"多\n行"})";
  const auto value = model::parse_json(text);
  const auto back = parse_yaml(to_yaml(*value), "f");
  ASSERT_TRUE(back.ok()) << back.error().text() << '\n' << to_yaml(*value);
  EXPECT_EQ(model::to_json(back->value), text);
}

class ConfigDirectory : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "huiliu-config-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    fs::create_directories(directory_ / "connections");
  }
  void TearDown() override { fs::remove_all(directory_); }
  void write(const std::string& file, const std::string& text) { std::ofstream(directory_ / file) << text; }
  Loaded load_all() { return load({directory_.string(), std::string(HUILIU_SOURCE_DIR) + "/config"}); }
  std::vector<std::string> errors() {
    std::vector<std::string> texts;
    for (const model::Error& error : load_all().errors) texts.push_back(error.text());
    return texts;
  }
  fs::path directory_;
};

TEST_F(ConfigDirectory, ReadsBrakesAndKeepsTheOthersDefaults) {
  write("connections/erp.yaml",
        "connector: x\nrole: erp\nbrakes:\n  changed: {records: 7, share: 0.5}\n  added: off\n"
        "  oscillation: {writes: 5, within: 2h}\n");
  const Loaded loaded = load_all();
  ASSERT_NE(loaded.config, nullptr) << (loaded.errors.empty() ? "" : loaded.errors[0].text());
  const sync::BrakeLimits& brakes = loaded.config->connection("erp")->brakes;
  EXPECT_EQ(brakes.of.at(sync::BrakeRule::changed), (sync::BrakeLimit{7, 0.5, false}));
  EXPECT_TRUE(brakes.of.at(sync::BrakeRule::added).off);
  EXPECT_EQ(brakes.of.at(sync::BrakeRule::missing), sync::BrakeLimits().of.at(sync::BrakeRule::missing));
  EXPECT_EQ(brakes.oscillation_writes, 5);
  EXPECT_EQ(brakes.oscillation_within, 7200 * model::second);
}

TEST_F(ConfigDirectory, RefusesBrakesThatMakeNoSense) {
  for (const char* wrong : {"chnaged: {records: 7}", "changed: {records: -1}", "changed: {share: 2}",
                            "changed: 7", "changed: {recrods: 7}", "oscillation: {writes: 1}"}) {
    write("connections/erp.yaml", std::string("connector: x\nrole: erp\nbrakes:\n  ") + wrong + "\n");
    const auto found = errors();
    ASSERT_EQ(found.size(), 1U) << wrong;
    EXPECT_EQ(found.front().substr(0, 23), "connections/erp.yaml:4:") << found.front();
  }
}

TEST_F(ConfigDirectory, LoadsAConnection) {
  write("connections/erp.yaml",
        "connector: x-erp\nrole: erp\nstage: one_way\ncreate: ask\nscope: \"lifecycle = "
        "'customer'\"\nsettings: {base_url: http://127.0.0.1/}\nschedule: {cron: \"*/10 * * * *\"}\n");
  const Loaded loaded = load_all();
  ASSERT_NE(loaded.config, nullptr) << (loaded.errors.empty() ? "" : loaded.errors[0].text());
  const ConnectionConfig* erp = loaded.config->connection("erp");
  ASSERT_NE(erp, nullptr);
  EXPECT_EQ(erp->stage, sync::Stage::one_way);
  EXPECT_EQ(erp->create, sync::CreateRule::ask);
  EXPECT_EQ(loaded.config->policies.rights.at("customer").at("names.legal").at("home"), sync::Right::owner);
  EXPECT_NE(loaded.config->schema.find("customer"), nullptr);
}

TEST_F(ConfigDirectory, NamesEveryMistakeWithFileAndLine) {
  write("connections/a.yaml", "connector: x\nrole: boss\n");
  write("connections/b.yaml", "connector: x\nrole: erp\nstag: two_way\n");
  write("connections/c.yaml", "connector: [x\n");
  write("connections/d.yaml", "connector: x\nrole: crm\nscope: \"1 +\"\n");
  write("connections/e.yaml", "connector: x\nrole: crm\nschedule: {every: often}\n");
  write("connections/f.yaml", "connector: x\nrole: crm\nmapping: none\n");
  const std::vector<std::string> found = errors();
  ASSERT_EQ(found.size(), 6U);
  EXPECT_TRUE(found[0].starts_with("connections/a.yaml:2: role is ")) << found[0];
  EXPECT_TRUE(found[1].starts_with("connections/b.yaml:3: unknown key \"stag\"")) << found[1];
  EXPECT_TRUE(found[2].starts_with("connections/c.yaml:")) << found[2];
  EXPECT_TRUE(found[3].starts_with("connections/d.yaml:3: expression:")) << found[3];
  EXPECT_TRUE(found[4].starts_with("connections/e.yaml:3: a duration")) << found[4];
  EXPECT_TRUE(found[5].starts_with("connections/f.yaml:3: there is no mappings/none.yaml")) << found[5];
}

TEST_F(ConfigDirectory, UnknownKeysOfTheModelAreMistakesWhereverTheyStand) {
  fs::create_directories(directory_ / "model");
  write("model/thing.yaml",
        "entity: thing\nid_prefix: thg\nlabel: {zh: 物, enn: thing}\nfields:\n"
        "  name: {type: text, lable: {zh: 名}}\n"
        "  other: {type: text, label: {zh: 名, de: x}}\n"
        "  old: {type: tags, derived: {former: name, iss: x}}\n"
        "rules:\n  - {field: name, requried: true}\n");
  const std::vector<std::string> found = errors();
  ASSERT_EQ(found.size(), 5U) << ::testing::PrintToString(found);
  const char* wanted[][2] = {{"model/thing.yaml:3", "enn"},
                             {"model/thing.yaml:5", "lable"},
                             {"model/thing.yaml:6", "de"},
                             {"model/thing.yaml:7", "iss"},
                             {"model/thing.yaml:9", "requried"}};
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NE(found[i].find(wanted[i][0]), std::string::npos) << found[i];
    EXPECT_NE(found[i].find(std::string("unknown key \"") + wanted[i][1]), std::string::npos) << found[i];
  }
}

TEST_F(ConfigDirectory, AMistakeInAFieldOfTheModelIsNamedWithItsLine) {
  fs::create_directories(directory_ / "model");
  write("model/thing.yaml",
        "entity: thing\nid_prefix: thg\nfields:\n  name: {type: text}\n  web: {type: site}\n");
  const std::vector<std::string> found = errors();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("model/thing.yaml:5"), std::string::npos) << found[0];
  EXPECT_NE(found[0].find("unknown type \"site\""), std::string::npos) << found[0];
}

TEST_F(ConfigDirectory, AMissingDirectoryIsAnError) {
  fs::remove_all(directory_);
  EXPECT_EQ(errors().size(), 1U);
}

}  // namespace
}  // namespace huiliu::config
