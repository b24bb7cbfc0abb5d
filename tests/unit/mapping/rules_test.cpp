// Validation rules of mappings and of the model, and lens keys that say what empty means.
#include <gtest/gtest.h>

#include "hub/mapping/prove.hpp"

namespace huiliu::mapping {
namespace rules_test {

using model::Presence;
using model::Value;

Value json(const std::string& text) {
  auto value = model::parse_json(text);
  EXPECT_TRUE(value.ok()) << (value.ok() ? "" : value.error().text());
  return value.ok() ? *value : Value();
}

model::Schema schema_with(const std::string& rules) {
  return *model::Schema::load({json(R"({"entity":"customer","id_prefix":"cus","fields":{
      "name":{"type":"company_name"},"code":{"type":"uscc"},"kind":{"type":"enum"},"level":{"type":"text"},
      "staff":{"type":"number"},"founded":{"type":"date"}},"rules":)" +
                                    rules + "}")});
}
const model::Schema& plain_schema() {
  static const model::Schema schema = schema_with("[]");
  return schema;
}

constexpr const char* lenses =
    R"([{"field":"name","path":"name"},{"field":"code","path":"code"},{"field":"kind","path":"kind","codec":"text"},
  {"field":"level","path":"level"},{"field":"staff","path":"staff"},{"field":"founded","path":"founded"}])";

struct Outcome {
  bool parked = false;
  std::string error;
  std::vector<std::string> problems;
  Value fields;
};

Outcome decode(const model::Schema& schema, const std::string& rules, const std::string& record,
               const std::string& with_lenses = lenses) {
  auto mapping = Mapping::load(json(R"({"streams":{"s":{"entity":"customer","lenses":)" + with_lenses +
                                    R"(,"rules":)" + rules + "}}}"),
                               schema);
  EXPECT_TRUE(mapping.ok()) << (mapping.ok() ? "" : mapping.error().text());
  Outcome outcome;
  if (!mapping.ok()) return outcome;
  SampleReferences references(*mapping, {}, true);
  const auto decoded = mapping->stream("s")->decode(json(record), references);
  outcome.parked = !decoded.ok();
  if (outcome.parked) {
    outcome.error = decoded.error().text();
    return outcome;
  }
  for (const Problem& problem : decoded->problems)
    outcome.problems.push_back(problem.field + " " + problem.code);
  outcome.fields = Value(fields_of(*mapping->stream("s"), decoded->image));
  return outcome;
}

using Problems = std::vector<std::string>;

TEST(Rules, WarnAndLetTheRecordPass) {
  const std::string rules =
      R"([{"field":"name","min_length":4,"name":"short"},{"field":"code","format":"uscc"},
    {"field":"level","one_of":["A","B"]},{"field":"staff","min":1,"max":100000},{"field":"founded","min":"1949-10-01"},
    {"field":"level","pattern":"^[A-Z]$"},{"field":"kind","required":true}])";
  EXPECT_EQ(decode(plain_schema(), rules,
                   R"({"name":"某","code":"123","level":"c/d","staff":0,"founded":"1930-05-01"})")
                .problems,
            (Problems{"name short", "code code", "level level", "staff staff", "founded founded",
                      "level level", "kind kind"}));
  EXPECT_EQ(
      decode(
          plain_schema(), rules,
          R"({"name":"某某公司","code":"9144030071526726XG","level":"A","staff":"99999","founded":"2001","kind":"k"})")
          .problems,
      Problems{});
}

TEST(Rules, RejectParksTheWholeRecord) {
  const std::string rules =
      R"([{"name":"code_of_company","field":"code","required":true,"when":"kind = 'company'","severity":"reject"}])";
  const Outcome bad = decode(plain_schema(), rules, R"({"name":"某某公司","kind":"company"})");
  EXPECT_TRUE(bad.parked);
  EXPECT_NE(bad.error.find("code_of_company"), std::string::npos);
  EXPECT_FALSE(decode(plain_schema(), rules, R"({"name":"张三","kind":"person"})").parked);
}

TEST(Rules, FixReplacesTheValue) {
  const std::string rules = R"~([{"field":"level","one_of":["A","B"],"severity":"fix","to":"C"},
    {"field":"kind","pattern":"^[a-z]+$","severity":"fix","set":"$lowercase($value)"},
    {"field":"staff","max":1000,"severity":"fix","to":null}])~";
  const Outcome fixed =
      decode(plain_schema(), rules, R"({"name":"某某公司","level":"Z","kind":"COMPANY","staff":5000})");
  EXPECT_EQ(fixed.fields["level"], Value("C"));
  EXPECT_EQ(fixed.fields["kind"], Value("company"));
  EXPECT_EQ(fixed.fields.find("staff"), nullptr);
  EXPECT_EQ(fixed.problems.size(), 3U);
}

TEST(Rules, ConditionsSpanFieldsAndSayNothingAboutWhatIsMissing) {
  const std::string rules = R"([{"name":"size","check":"staff < 10 or level = 'A'"}])";
  EXPECT_EQ(decode(plain_schema(), rules, R"({"name":"x","staff":50,"level":"B"})").problems,
            Problems{" size"});
  EXPECT_EQ(decode(plain_schema(), rules, R"({"name":"x","staff":50,"level":"A"})").problems, Problems{});
}

TEST(Rules, OfTheModelHoldForEveryMapping) {
  const model::Schema schema = schema_with(R"([{"field":"name","required":true,"severity":"reject"}])");
  EXPECT_TRUE(decode(schema, "[]", R"({"level":"A"})").parked);
}

TEST(Rules, SayWhereTheyAreWrong) {
  const auto where = [](const std::string& rule) {
    const auto mapping = Mapping::load(json(R"({"streams":{"s":{"entity":"customer","lenses":)" +
                                            std::string(lenses) + R"(,"rules":[)" + rule + "]}}}"),
                                       plain_schema());
    return mapping.ok() ? std::string("accepted") : mapping.error().where + " " + mapping.error().message;
  };
  EXPECT_NE(where(R"({"field":"nam","required":true})").find("/streams/s/rules/0/field"), std::string::npos);
  EXPECT_NE(where(R"({"field":"nam","required":true})").find("did you mean \"name\""), std::string::npos);
  EXPECT_NE(where(R"({"field":"name"})").find("/streams/s/rules/0"), std::string::npos);
  EXPECT_NE(where(R"({"field":"name","pattern":"("})").find("/pattern"), std::string::npos);
  EXPECT_NE(where(R"({"field":"name","required":true,"severity":"fatal"})").find("/severity"),
            std::string::npos);
  EXPECT_NE(where(R"({"field":"name","required":true,"to":"x"})").find("severity fix"), std::string::npos);
}

TEST(Lenses, KnowWhatEmptyMeans) {
  const std::string with =
      R"([{"field":"name","path":"name"},{"field":"level","path":"level","default":"B","empty":["-"]},
    {"field":"kind","path":"kind","codec":"text","nulls":"absent"},{"field":"staff","path":"staff","clear":0}])";
  EXPECT_EQ(decode(plain_schema(), "[]", R"({"name":"x","level":"-"})", with).fields["level"], Value("B"));
  EXPECT_EQ(decode(plain_schema(), "[]", R"({"name":"x"})", with).fields["level"], Value("B"));
  EXPECT_EQ(decode(plain_schema(), "[]", R"({"name":"x","kind":null})", with).fields.find("kind"), nullptr);
  EXPECT_EQ(decode(plain_schema(), "[]", R"({"name":"x","kind":""})", with).fields["kind"], Value(""));
  const auto mapping =
      Mapping::load(json(R"({"streams":{"s":{"entity":"customer","lenses":)" + with + "}}}"), plain_schema());
  ASSERT_TRUE(mapping.ok());
  SampleReferences references(*mapping, {}, true);
  Value body;
  mapping->stream("s")->encode(plain_schema().find("customer")->index_of("staff"),
                               {Presence::cleared, {}, {}}, references, body);
  EXPECT_EQ(to_json(body), R"({"staff":0})");
}

TEST(Lenses, WriteIntoArrays) {
  Value body = model::Object{};
  put_path(body, "phones.0.number", "1");
  put_path(body, "phones.1.number", "2");
  put_path(body, "a.b", 3);
  EXPECT_EQ(to_json(body), R"({"phones":[{"number":"1"},{"number":"2"}],"a":{"b":3}})");
}

TEST(Mapping, ReportsEveryMistake) {
  const auto errors = Mapping::errors_in(
      json(
          R"({"streams":{"s":{"entity":"customer","lenses":[{"field":"nme","path":"a"},{"field":"name","path":"b","codc":"text"},
        {"field":"level","path":"c","codec":"txt"}],"filter":"1 +"}}})"),
      plain_schema());
  ASSERT_EQ(errors.size(), 4U);
  EXPECT_EQ(errors[0].where, "/streams/s/lenses/0/field");
  EXPECT_EQ(errors[1].where, "/streams/s/lenses/1/codc");
  EXPECT_EQ(errors[2].where, "/streams/s/lenses/2/codec");
  EXPECT_EQ(errors[3].where, "/streams/s/filter");
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_NE(errors[i].message.find("did you mean"), std::string::npos) << errors[i].message;
}

}  // namespace rules_test
}  // namespace huiliu::mapping
