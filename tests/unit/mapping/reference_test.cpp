// The schema for editors and the reference in the documentation say what the tables in the code say.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "hub/mapping/codec.hpp"
#include "hub/mapping/functions.hpp"
#include "hub/mapping/keys.hpp"

namespace huiliu::mapping {
namespace {

std::string file(const std::string& path) {
  std::ifstream in(std::string(HUILIU_SOURCE_DIR) + "/" + path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

void expect_row(const std::string& page, const std::string& row, const std::string& name) {
  EXPECT_NE(page.find("\n" + row + "\n"), std::string::npos) << name << " lacks the row\n" << row;
}

std::string text(std::string_view view) { return std::string(view); }

TEST(Reference, TheSchemaOfMappingsIsTheOneInTheCode) {
  const auto written = model::parse_json(file("config/schemas/mapping.schema.json"));
  ASSERT_TRUE(written.ok());
  EXPECT_TRUE(*written == mapping_schema())
      << "write it again: huiliu mapping schema > config/schemas/mapping.schema.json";
}

TEST(Reference, RulesOfTheModelHaveTheSameSchema) {
  const auto written = model::parse_json(file("config/schemas/model.schema.json"));
  ASSERT_TRUE(written.ok());
  EXPECT_TRUE((*written)["$defs"]["rule"] == mapping_schema()["$defs"]["rule"]);
}

TEST(Reference, TheGuideListsKeysCodecsAndParameters) {
  const std::string en = file("docs/mapping.md");
  const std::string zh = file("docs/zh/mapping.md");
  for (const auto keys :
       {document_keys(), stream_keys(), disabled_keys(), lens_keys(), parts_keys(), part_lens_keys(), rule_keys()})
    for (const Key& key : keys) {
      expect_row(en, "| `" + text(key.name) + "` | " + text(key.en) + " |", "docs/mapping.md");
      expect_row(zh, "| `" + text(key.name) + "` | " + text(key.zh) + " |", "docs/zh/mapping.md");
    }
  for (const CodecInfo* codec : codecs()) {
    const std::string start = "| `" + text(codec->name) + "` | `" + text(codec->example) + "` | ";
    expect_row(en, start + text(codec->en) + " | " + text(codec->en_loses) + " |", "docs/mapping.md");
    expect_row(zh, start + text(codec->zh) + " | " + text(codec->zh_loses) + " |", "docs/zh/mapping.md");
    for (const CodecParameter& parameter : codec->parameters) {
      const std::string name = "| `" + text(codec->name) + "." + text(parameter.name) + "` | ";
      expect_row(en, name + text(parameter.en) + " |", "docs/mapping.md");
      expect_row(zh, name + text(parameter.zh) + " |", "docs/zh/mapping.md");
    }
  }
}

TEST(Reference, TheProductsFunctionsAreListed) {
  const std::string en = file("docs/expressions.md");
  const std::string zh = file("docs/zh/expressions.md");
  for (const FunctionInfo& info : product_functions()) {
    const std::string name = "| `$" + text(info.name) + text(info.arguments) + "` | ";
    const std::string example = " | `" + text(info.example) + "` |";
    expect_row(en, name + text(info.en) + example, "docs/expressions.md");
    expect_row(zh, name + text(info.zh) + example, "docs/zh/expressions.md");
  }
}

}  // namespace
}  // namespace huiliu::mapping
