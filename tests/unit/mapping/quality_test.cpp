// Quality scores of a stream's records.
#include "hub/mapping/quality.hpp"

#include <gtest/gtest.h>

#include "hub/mapping/prove.hpp"

namespace huiliu::mapping {
namespace quality_test {

using model::Value;

Value json(const std::string& text) { return *model::parse_json(text); }

TEST(Quality, ScoresEveryFieldOfAStream) {
  const model::Schema schema = *model::Schema::load({json(R"({"entity":"customer","id_prefix":"cus","fields":{
    "name":{"type":"company_name"},"code":{"type":"uscc"},"state":{"type":"enum"}}})")});
  const Mapping mapping =
      *Mapping::load(json(R"({"streams":{"s":{"entity":"customer","lenses":[{"field":"name","path":"name"},
    {"field":"code","path":"code"},{"field":"state","path":"state","codec":{"enum":{"A":"on"}}}]}}})"),
                     schema);
  const StreamMapping& stream = *mapping.stream("s");
  SampleReferences references(mapping, {}, true);
  QualityTally tally(stream);
  const auto add = [&](const std::string& record, const std::map<FieldIndex, FieldValue>* golden) {
    tally.add(*stream.decode(json(record), references), golden);
  };
  const model::Entity& entity = *schema.find("customer");
  const std::map<FieldIndex, FieldValue> golden{
      {entity.index_of("name"), *field_value(entity.fields[0], "某某（上海）有限公司")}};
  add(R"({"name":"某某(上海)有限公司","code":"9144030071526726XG","state":"A"})", &golden);
  add(R"({"name":"另一有限公司","code":"123","state":"Z"})", &golden);
  add(R"({"name":"另一有限公司","code":""})", nullptr);
  tally.add_parked();
  const Value scores(tally.scores());
  EXPECT_EQ(scores["records"], Value(4));
  EXPECT_EQ(scores["parked"], Value(1));
  const model::Array& fields = scores["fields"].as_array();
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(
      to_json(fields[0]),
      R"({"field":"name","completeness":0.75,"validity":1,"uniqueness":0.6666,"agreement":0.5,"problems":0})");
  EXPECT_EQ(
      to_json(fields[1]),
      R"({"field":"code","completeness":0.5,"validity":0.5,"uniqueness":1,"agreement":null,"problems":0})");
  EXPECT_EQ(
      to_json(fields[2]),
      R"({"field":"state","completeness":0.25,"validity":0.5,"uniqueness":1,"agreement":null,"problems":1})");
}

}  // namespace quality_test
}  // namespace huiliu::mapping
