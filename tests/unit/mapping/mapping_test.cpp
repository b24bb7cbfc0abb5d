#include "hub/mapping/mapping.hpp"
#include "hub/mapping/field_key.hpp"

#include <gtest/gtest.h>

namespace huiliu::mapping {
namespace mapping_test {

using model::Presence;
using model::Value;

Value json(const std::string& text) {
  auto value = model::parse_json(text);
  EXPECT_TRUE(value.ok()) << (value.ok() ? "" : value.error().text());
  return value.ok() ? *value : Value();
}

const model::Schema& schema() {
  static const model::Schema loaded = *model::Schema::load(
      {json(R"({"entity":"customer","id_prefix":"cus","fields":{
          "names.legal":{"type":"company_name"},"identifiers.uscc":{"type":"uscc"},"phones[switchboard]":{"type":"phone"},
          "lifecycle":{"type":"enum"},"tags":{"type":"tags"},"invoice":{"type":"group","parts":{"title":"company_name"}},"address[registered]":{"type":"address","multiplicity":"one"},
          "owner":{"type":"reference","to":"employee"},"level":{"type":"text"}},
        "part_fields":{"state":{"type":"enum"}}})"),
       json(
           R"({"entity":"employee","id_prefix":"emp","reference_data":true,"fields":{"name":{"type":"person_name"}}})")});
  return loaded;
}

Mapping load(const std::string& lenses, const std::string& more = "") {
  auto mapping = Mapping::load(
      json(R"({"streams":{"customers":{"entity":"customer",)" + more + R"("lenses":[)" + lenses + "]}}}"),
      schema());
  EXPECT_TRUE(mapping.ok()) << (mapping.ok() ? "" : mapping.error().text());
  return std::move(*mapping);
}

class FakeReferences final : public References {
 public:
  std::string golden_of(std::string_view stream, std::string_view key) override {
    return stream == "employees" && key == "7" ? "emp_1" : "";
  }
  std::optional<Target> record_of(std::string_view golden, std::string_view) override {
    if (golden != "emp_1") return std::nullopt;
    return Target{"7", json(R"({"FNumber":"S007"})")};
  }
};

model::FieldIndex index(const char* field) { return schema().find("customer")->index_of(field); }

Decoded decode(const Mapping& mapping, const std::string& record) {
  FakeReferences references;
  auto decoded = mapping.stream("customers")->decode(json(record), references);
  EXPECT_TRUE(decoded.ok()) << (decoded.ok() ? "" : decoded.error().text());
  return decoded.ok() ? std::move(*decoded) : Decoded{};
}

TEST(Mapping, TellsAbsentEmptyAndValueApart) {
  const Mapping mapping = load(
      R"({"field":"names.legal","path":"FName"},{"field":"identifiers.uscc","path":"FCODE"},{"field":"phones[switchboard]","path":"FTEL"})");
  const Decoded decoded = decode(mapping, R"({"FName":" 上海（某某）有限公司 ","FTEL":" "})");
  EXPECT_EQ(decoded.image.fields.at(index("names.legal")).value.as_string(), "上海（某某）有限公司");
  EXPECT_EQ(decoded.image.fields.at(index("phones[switchboard]")).presence, Presence::empty);
  EXPECT_FALSE(decoded.image.fields.contains(index("identifiers.uscc")));
}

TEST(Mapping, EqualButForSpellingHasOneKey) {
  const model::Field& name = schema().find("customer")->fields[index("names.legal")];
  EXPECT_EQ(field_key(name, "上海(某某)有限公司"), field_key(name, "上海（某某）有限责任公司"));
  EXPECT_NE(field_key(name, "上海某某有限公司"), field_key(name, "北京某某有限公司"));
  const model::Field& phone = schema().find("customer")->fields[index("phones[switchboard]")];
  EXPECT_EQ(field_key(phone, "0755-8612 3456"), field_key(phone, "+86 (0)755 86123456"));
  EXPECT_FALSE(field_key(phone, "138****5678").empty());
}

TEST(Mapping, PartsOfAGroupCompareByTheirTypes) {
  const model::Field& invoice = schema().find("customer")->fields[index("invoice")];
  const auto key = [&](const char* text) { return field_key(invoice, json(text)); };
  EXPECT_EQ(key(R"({"title":"烟台橙青印刷有限公司","account":"62220001"})"),
            key(R"({"account":"62220001","title":"烟台橙青印刷有限责任公司"})"));
  EXPECT_NE(key(R"({"title":"烟台橙青印刷有限公司"})"), key(R"({"title":"烟台橙青包装有限公司"})"));
  EXPECT_NE(key(R"({"note":"有限公司"})"), key(R"({"note":"有限责任公司"})"))
      << "text, where the model says nothing";
}

TEST(Mapping, AWholeValueIsSpelledAsTheReceiverSpellsWhatHeShowsAlready) {
  const FieldKey invoice(schema().find("customer")->fields[index("invoice")]);
  EXPECT_EQ(
      invoice.spelled_like(json(R"({"title":"烟台橙青印刷有限责任公司","bank":"工行","account":"62220002"})"),
                           json(R"({"title":"烟台橙青印刷 有限公司","account":"62220001"})")),
      json(R"({"title":"烟台橙青印刷 有限公司","bank":"工行","account":"62220002"})"));
  const FieldKey tags(schema().find("customer")->fields[index("tags")]);
  EXPECT_EQ(tags.spelled_like(json(R"(["VIP","展会"])"), json(R"(["ｖｉｐ"])")),
            json(R"(["ｖｉｐ","展会"])"));
  EXPECT_EQ(tags.spelled_like(Value(), json(R"(["a"])")), Value()) << "cleared stays cleared";
  const FieldKey name(schema().find("customer")->fields[index("names.legal")]);
  EXPECT_EQ(name.spelled_like(Value("甲（乙）"), Value("甲(乙)")), Value("甲（乙）"))
      << "one value is written as it is";
}

TEST(Model, PartsAreOfGroupsAndOfKnownTypes) {
  const auto load_with = [](const char* field) {
    return model::Schema::load(
        {json(std::string(R"({"entity":"customer","id_prefix":"cus","fields":{"invoice":)") + field + "}}")});
  };
  EXPECT_TRUE(load_with(R"({"type":"group","parts":{"title":"company_name"}})").ok());
  for (const char* wrong :
       {R"({"type":"group","parts":{"title":"companyname"}})", R"({"type":"group","parts":["title"]})",
        R"({"type":"text","parts":{"title":"text"}})", R"({"type":"group","parts":{"a":"group"}})"}) {
    const auto loaded = load_with(wrong);
    ASSERT_FALSE(loaded.ok()) << wrong;
    EXPECT_NE(loaded.error().text().find("invoice"), std::string::npos) << loaded.error().text();
  }
}

TEST(Mapping, CodeTablesWorkBothWaysAndQueueUnmappedValues) {
  const Mapping mapping = load(
      R"({"field":"lifecycle","path":"status","codec":{"enum":{"成交":"customer","老客户":"customer","线索":"lead"}}})");
  const Decoded decoded = decode(mapping, R"({"status":"老客户"})");
  EXPECT_EQ(decoded.image.fields.at(index("lifecycle")).value.as_string(), "customer");
  const Decoded unknown = decode(mapping, R"({"status":"火星"})");
  EXPECT_FALSE(unknown.image.fields.contains(index("lifecycle")));
  ASSERT_EQ(unknown.problems.size(), 1U);
  EXPECT_EQ(unknown.problems[0].code, "unmapped_value");
  FakeReferences references;
  Value body;
  EXPECT_EQ(mapping.stream("customers")
                ->encode(index("lifecycle"), decoded.image.fields.at(index("lifecycle")), references, body)
                .kind,
            Encoded::Kind::written);
  EXPECT_EQ(body["status"].to_text(), "成交");
  EXPECT_EQ(mapping.stream("customers")
                ->encode(index("lifecycle"), {Presence::value, "ghost", "ghost"}, references, body)
                .kind,
            Encoded::Kind::impossible);
}

TEST(Mapping, ReferencesWaitForTheirTarget) {
  const Mapping mapping = load(
      R"({"field":"owner","path":"FSELLERID","write_path":"FSELLER.FNumber","codec":{"reference":{"stream":"employees","write":"FNumber","empty":"0"}}})");
  EXPECT_EQ(decode(mapping, R"({"FSELLERID":7})").image.fields.at(index("owner")).value.as_string(), "emp_1");
  EXPECT_EQ(decode(mapping, R"({"FSELLERID":0})").image.fields.at(index("owner")).presence, Presence::empty);
  const Decoded pending = decode(mapping, R"({"FSELLERID":"8"})");
  ASSERT_EQ(pending.image.pending.size(), 1U);
  EXPECT_EQ(pending.image.pending[0].key, "8");
  FakeReferences references;
  Value body;
  mapping.stream("customers")->encode(index("owner"), {Presence::value, "emp_1", "emp_1"}, references, body);
  EXPECT_EQ(model::to_json(body), R"({"FSELLER":{"FNumber":"S007"}})");
  EXPECT_EQ(mapping.stream("customers")
                ->encode(index("owner"), {Presence::value, "emp_9", "emp_9"}, references, body)
                .kind,
            Encoded::Kind::waiting);
}

TEST(Mapping, ProjectShowsWhatASystemCanHold) {
  const Mapping mapping = load(
      R"({"field":"names.legal","path":"FName","max_length":6},{"field":"level","path":"L","direction":"in"})");
  FakeReferences references;
  model::FieldValue shown;
  EXPECT_EQ(mapping.stream("customers")
                ->project(index("names.legal"), {Presence::value, "一二三四五六", "k"}, references, shown)
                .kind,
            Encoded::Kind::written);
  EXPECT_EQ(mapping.stream("customers")
                ->project(index("names.legal"), {Presence::value, "一二三四五六七", "k"}, references, shown)
                .kind,
            Encoded::Kind::impossible);
  EXPECT_EQ(mapping.stream("customers")
                ->project(index("level"), {Presence::value, "A", "A"}, references, shown)
                .kind,
            Encoded::Kind::impossible);
}

TEST(Mapping, GroupsAreChosenWhole) {
  const Mapping mapping =
      load(R"({"field":"invoice","codec":{"group":{"title":"FINVOICETITLE","tax":"FTAX.No"}}})");
  const Decoded decoded = decode(mapping, R"({"FINVOICETITLE":"某某公司","FTAX":{"No":"91"}})");
  EXPECT_EQ(model::to_json(decoded.image.fields.at(index("invoice")).value),
            R"({"title":"某某公司","tax":"91"})");
  FakeReferences references;
  Value body = model::Object{};
  mapping.stream("customers")
      ->encode(index("invoice"), decoded.image.fields.at(index("invoice")), references, body);
  EXPECT_EQ(model::to_json(body), R"({"FINVOICETITLE":"某某公司","FTAX":{"No":"91"}})");
}

TEST(Mapping, PartsStayBesideTheRecord) {
  const Mapping mapping = load(
      R"({"field":"names.legal","path":"FName"})",
      R"("parts":{"path":"organisations","organisation":"FUseOrgId.FNumber","key":"FCUSTID","lenses":[{"field":"state","path":"FForbidStatus","codec":{"enum":{"A":"active","B":"disabled"}}}]},)");
  const Decoded decoded = decode(
      mapping,
      R"({"FName":"x","organisations":[{"FUseOrgId":{"FNumber":"100"},"FCUSTID":5,"FForbidStatus":"B"}]})");
  ASSERT_EQ(decoded.image.parts.size(), 1U);
  EXPECT_EQ(decoded.image.parts[0].organisation, "100");
  EXPECT_EQ(decoded.image.parts[0].key, "5");
  EXPECT_EQ(decoded.image.parts[0].fields.find("state")->as_string(), "disabled");
}

// encode∘decode∘encode = encode, and decode∘encode is idempotent, for every codec on samples of its domain.
TEST(Mapping, CodecsObeyTheLaws) {
  const Mapping mapping = load(
      R"({"field":"names.legal","path":"a"},{"field":"identifiers.uscc","path":"b"},{"field":"phones[switchboard]","path":"c"},
      {"field":"lifecycle","path":"d","codec":{"enum":{"1":"lead","2":"customer","3":"customer"}}},{"field":"tags","path":"e","codec":{"list":{"separator":","}}},
      {"field":"invoice","codec":{"group":{"t":"f.t","n":"f.n"}}},{"field":"address[registered]","path":"g","codec":{"address":"comma"}},{"field":"level","path":"h"})");
  const std::vector<std::string> records = {
      R"({"a":"上海(某某)有限公司","b":"91440300715267 26XG","c":"0755-86123456转801","d":"3","e":"甲, 乙,甲","f":{"t":"x","n":"1"},"g":"广东省,深圳市,南山区,科技南路,1号","h":"A "})",
      R"({"a":"ACME Co., Ltd.","b":"bad","c":"138****5678","d":"1","e":"","f":{"t":"","n":""},"g":"上海市,上海市,浦东新区,,张江路 88 号","h":""})",
      R"({"a":"某某","b":"","c":"+86 13912345678","d":"2","e":"一","f":{"t":"y"},"g":",,,,Hauptstraße 5, Hamburg","h":"\u3000"})"};
  FakeReferences references;
  const StreamMapping& stream = *mapping.stream("customers");
  for (const std::string& text : records) {
    const Decoded first = decode(mapping, text);
    for (const auto& [field, value] : first.image.fields) {
      Value once = model::Object{};
      ASSERT_EQ(stream.encode(field, value, references, once).kind, Encoded::Kind::written);
      const Decoded back = decode(mapping, model::to_json(once));
      const auto again = back.image.fields.find(field);
      ASSERT_NE(again, back.image.fields.end()) << text << " field " << field;
      EXPECT_TRUE(again->second.shows_same(value))
          << text << " field " << field << ": " << model::to_json(again->second.value);
      Value twice = model::Object{};
      ASSERT_EQ(stream.encode(field, again->second, references, twice).kind, Encoded::Kind::written);
      EXPECT_EQ(model::to_json(once), model::to_json(twice)) << text;
    }
  }
}

TEST(Mapping, RefusesWithThePlaceOfTheMistake) {
  const auto where = [](const std::string& document) {
    const auto mapping = Mapping::load(json(document), schema());
    return mapping.ok() ? std::string("accepted") : mapping.error().where;
  };
  EXPECT_EQ(where(R"({"streams":{}})"), "/streams");
  EXPECT_EQ(where(R"({"streams":{"c":{"entity":"ghost","lenses":[{"field":"x","path":"y"}]}}})"),
            "/streams/c/entity");
  EXPECT_EQ(where(R"({"streams":{"c":{"entity":"customer","lenses":[{"field":"ghost","path":"y"}]}}})"),
            "/streams/c/lenses/0/field");
  EXPECT_EQ(
      where(
          R"({"streams":{"c":{"entity":"customer","lenses":[{"field":"level","path":"y","codec":"magic"}]}}})"),
      "/streams/c/lenses/0/codec");
  EXPECT_EQ(
      where(R"({"streams":{"c":{"entity":"customer","lenses":[{"field":"level","path":"y","pth":1}]}}})"),
      "/streams/c/lenses/0/pth");
  EXPECT_EQ(
      where(
          R"({"streams":{"c":{"entity":"customer","filter":"1 +","lenses":[{"field":"level","path":"y"}]}}})"),
      "/streams/c/filter");
}

TEST(FieldValues, EnteredByPeople) {
  const model::Entity& customer = *schema().find("customer");
  EXPECT_EQ(field_value(customer.fields[index("names.legal")], "  ")->presence, Presence::cleared);
  EXPECT_FALSE(field_value(customer.fields[index("invoice")], "text").ok());
  EXPECT_EQ(field_value(customer.fields[index("tags")], "甲,乙")->value.as_array().size(), 2U);
}

}  // namespace mapping_test
}  // namespace huiliu::mapping
