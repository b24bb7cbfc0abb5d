// Round trips proved on records, differences of two mappings, and tests that stand beside a mapping.
#include "hub/mapping/prove.hpp"

#include <gtest/gtest.h>

#include "hub/mapping/functions.hpp"

namespace huiliu::mapping {
namespace prove_test {

using model::Value;

Value json(const std::string& text) {
  auto value = model::parse_json(text);
  EXPECT_TRUE(value.ok()) << (value.ok() ? "" : value.error().text());
  return value.ok() ? *value : Value();
}

const model::Schema& schema() {
  static const model::Schema loaded = *model::Schema::load(
      {json(
           R"({"entity":"customer","id_prefix":"cus","fields":{"name":{"type":"company_name"},"level":{"type":"text"},"phone":{"type":"phone"},
        "state":{"type":"enum"},"owner":{"type":"reference","to":"employee"}}})"),
       json(R"({"entity":"employee","id_prefix":"emp","fields":{"name":{"type":"person_name"}}})")});
  return loaded;
}

Mapping load(const std::string& lenses) {
  auto mapping = Mapping::load(
      json(R"({"streams":{"customers":{"entity":"customer","key":"id","lenses":[)" + lenses +
           R"(]},"employees":{"entity":"employee","key":"no","lenses":[{"field":"name","path":"name"}]}}})"),
      schema());
  EXPECT_TRUE(mapping.ok()) << (mapping.ok() ? "" : mapping.error().text());
  return std::move(*mapping);
}

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = {
      {"customers", "1",
       json(R"({"id":1,"name":" 某某公司","level":"Ax","phone":"0755-86123456","state":"A","owner":"7"})")},
      {"customers", "2",
       json(R"({"id":2,"name":"另一公司","level":"Bravo","phone":"","state":"Z","owner":"8"})")},
      {"employees", "7", json(R"({"no":"7","name":"张三"})")}};
  return all;
}

TEST(Prove, NamesTheLensThatBreaksWithBeforeAndAfter) {
  const Mapping mapping = load(
      R"~({"field":"name","path":"name"},{"field":"level","path":"level","codec":{"jsonata":{"in":"$","out":"$substring($, 0, 2)"}}},{"field":"phone","path":"phone"})~");
  SampleReferences references(mapping, samples(), false);
  const Proof proof = prove(mapping, samples(), references);
  ASSERT_EQ(proof.broken.size(), 1U);
  EXPECT_EQ(proof.broken[0].field, "level");
  EXPECT_EQ(proof.broken[0].key, "2");
  EXPECT_EQ(proof.broken[0].before, Value("Bravo"));
  EXPECT_EQ(proof.broken[0].after, Value("Br"));
  const StreamProof& customers = proof.streams.at("customers");
  const LensProof& name = customers.lenses.at(schema().find("customer")->index_of("name"));
  EXPECT_EQ(name.proved, 2);
  EXPECT_EQ(name.respelled, 1);
}

TEST(Prove, ReferencesAreKnownAmongTheSamples) {
  const Mapping mapping = load(
      R"({"field":"owner","path":"owner","codec":{"reference":"employees"}},{"field":"state","path":"state","codec":{"enum":{"A":"on"}}})");
  SampleReferences references(mapping, samples(), false);
  const Proof proof = prove(mapping, samples(), references);
  const StreamProof& customers = proof.streams.at("customers");
  EXPECT_EQ(customers.lenses.at(schema().find("customer")->index_of("owner")).proved, 1);
  EXPECT_EQ(customers.problems.at("state unmapped_value"), 1);
  EXPECT_TRUE(proof.broken.empty());
}

TEST(Prove, ComparesTwoMappings) {
  const Mapping before =
      load(R"({"field":"name","path":"name"},{"field":"state","path":"state","codec":{"enum":{"A":"on"}}})");
  const Mapping after = load(
      R"({"field":"name","path":"name"},{"field":"state","path":"state","codec":{"enum":{"A":"on","Z":"off"}}})");
  SampleReferences references(before, samples(), true);
  const Difference difference = compare(before, after, samples(), references);
  EXPECT_EQ(difference.records, 3);
  EXPECT_EQ(difference.changed, 1);
  EXPECT_EQ(difference.fields.at("customers state"), 1);
  ASSERT_EQ(difference.examples.size(), 1U);
  EXPECT_EQ(difference.examples[0].after, Value("off"));
}

TEST(Prove, RunsTheTestsBesideAMapping) {
  const Mapping mapping = load(
      R"({"field":"name","path":"name","required":true},{"field":"state","path":"state","codec":{"enum":{"A":"on"}}})");
  const auto failures = [&](const std::string& test) {
    const auto result = run_test(mapping, json(test));
    return result.ok() ? result->size() : 99U;
  };
  EXPECT_EQ(
      failures(
          R"({"stream":"customers","record":{"name":"某某公司","state":"A"},"fields":{"name":"某某公司","state":"on","phone":null}})"),
      0U);
  EXPECT_EQ(failures(R"({"stream":"customers","record":{"name":"某某公司"},"fields":{"name":"别的"}})"), 1U);
  EXPECT_EQ(
      failures(R"({"stream":"customers","record":{"name":"x","state":"Q"},"problems":["unmapped_value"]})"),
      0U);
  EXPECT_EQ(failures(R"({"stream":"customers","record":{},"parked":"name"})"), 0U);
  EXPECT_EQ(failures(R"({"stream":"customers","record":{"name":"x"},"parked":"name"})"), 1U);
  EXPECT_EQ(failures(R"({"stream":"customers","values":{"state":"on"},"writes":{"state":"A"}})"), 0U);
  EXPECT_EQ(failures(R"({"stream":"customers","values":{"state":"off"},"writes":{"state":"A"}})"), 2U);
  EXPECT_EQ(failures(R"({"stream":"nothing"})"), 99U);
  EXPECT_EQ(failures(R"({"stream":"customers","recrod":{}})"), 99U);
}

TEST(Functions, DoWhatTheirReferenceSays) {
  const auto table = functions_at([] { return std::int64_t{1'764'000'000'000}; });
  for (const FunctionInfo& info : product_functions()) {
    const auto program = expr::compile(info.example);
    ASSERT_TRUE(program.ok()) << info.example;
    expr::Context context;
    context.functions = table.get();
    context.now_ms = 1'764'000'000'000;
    const auto result = expr::evaluate(*program, nullptr, context);
    ASSERT_TRUE(result.ok()) << info.example << ": " << result.error().text();
    ASSERT_TRUE(result->has_value()) << info.example;
    EXPECT_EQ(to_json(**result), info.result) << info.example;
  }
}

TEST(Functions, AskForTheDayOnlyWhereThereIsOne) {
  const auto result = evaluate_with_functions(*expr::compile("$daysSince('2024-01-01')"), nullptr);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "T1006");
}

}  // namespace prove_test
}  // namespace huiliu::mapping
