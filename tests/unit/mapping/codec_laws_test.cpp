// The laws of codecs, on generated values: encode∘decode∘encode = encode, and decode∘encode is idempotent.
// For every codec and its forms, over what a system may show and over what other systems may have made
// golden.
#include <gtest/gtest.h>

#include <set>

#include "hub/mapping/codec.hpp"
#include "hub/model/id.hpp"
#include "hub/normalize/divisions.hpp"

namespace huiliu::mapping {
namespace codec_laws_test {

using model::Presence;
using model::Value;

struct Form {
  const char* codec;  // JSON of the codec's spec
  const char* type;   // of the field
};

constexpr Form forms[] = {
    {R"("text")", "text"},
    {R"({"text":{"clear":null}})", "text"},
    {R"("trim")", "text"},
    {R"("code")", "code"},
    {R"("company_name")", "company_name"},
    {R"("person_name")", "person_name"},
    {R"("phone")", "phone"},
    {R"("email")", "email"},
    {R"("url")", "url"},
    {R"("uscc")", "uscc"},
    {R"("tax_no")", "tax_no"},
    {R"("resident_id")", "resident_id"},
    {R"({"multilingual":{"language":"zh_CN","fallback":["en_US"]}})", "text"},
    {R"({"multilingual":{"language":2052,"key":"Key","value":"Value"}})", "text"},
    {R"({"enum":{"1":"lead","2":"customer","3":"customer","0":""}})", "enum"},
    {R"({"enum":{"A":["active","on hold"],"B":"disabled"}})", "enum"},
    {R"({"codes":{"1":"vip"}})", "code"},
    {R"("bool")", "bool"},
    {R"({"bool":{"yes":"是","no":"否"}})", "bool"},
    {R"("bool01")", "bool"},
    {R"("number")", "number"},
    {R"({"number":{"as":"text","decimals":2}})", "number"},
    {R"("money")", "money"},
    {R"({"money":{"unit":"万元","decimals":2}})", "number"},
    {R"({"money":{"unit":"分","as":"text"}})", "money"},
    {R"({"money":{"amount_path":"a.sum","currency_path":"a.cur","currencies":{"PRE001":"CNY","PRE007":"USD"}}})",
     "money"},
    {R"("date")", "date"},
    {R"({"date":"compact"})", "date"},
    {R"({"date":"slash"})", "date"},
    {R"({"date":"chinese"})", "date"},
    {R"({"date":"midnight"})", "date"},
    {R"("datetime")", "datetime"},
    {R"({"datetime":{"form":"local","zone":"Asia/Shanghai"}})", "datetime"},
    {R"({"datetime":{"form":"local","zone":"Europe/Berlin"}})", "datetime"},
    {R"({"datetime":{"form":"local","zone":"America/New_York"}})", "datetime"},
    {R"({"datetime":{"form":"seconds","as":"text"}})", "datetime"},
    {R"({"datetime":{"form":"millis"}})", "datetime"},
    {R"("address")", "address"},
    {R"({"address":"comma"})", "address"},
    {R"({"address":{"province":"p","city":"c","county":"d","street":"s","detail":"x"}})", "address"},
    {R"({"address":{"city":"c","detail":"x"}})", "address"},
    {R"("region")", "code"},
    {R"({"region":"name"})", "code"},
    {R"({"region":{"form":"names","separator":"-"}})", "code"},
    {R"({"region":{"digits":12}})", "code"},
    {R"({"region":{"digits":4}})", "code"},
    {R"({"reference":{"stream":"employees","write":"FNumber","empty":"0"}})", "reference"},
    {R"({"reference":{"stream":"employees","as":"list"}})", "reference"},
    {R"("list")", "tags"},
    {R"({"list":{"separator":";"}})", "tags"},
    {R"({"list":{"element":"tag.name"}})", "tags"},
    {R"({"list":{"of":{"codes":{"1":"vip"}}}})", "tags"},
    {R"("tags")", "tags"},
    {R"({"group":{"title":"f.t","tax":"f.n"}})", "group"},
    {R"~({"jsonata":{"in":"$substring($string($), 1)","out":"'C' & $"}})~", "text"},
};

class KnownEmployees final : public References {
 public:
  std::string golden_of(std::string_view, std::string_view key) override {
    return key.empty() || key.size() > 3 ? "" : "emp_" + std::string(key);
  }
  std::optional<Target> record_of(std::string_view golden, std::string_view) override {
    if (!golden.starts_with("emp_")) return std::nullopt;
    const std::string key(golden.substr(4));
    return Target{key, Value(model::Object{{"FNumber", key}})};
  }
};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  Value shown() {
    switch (pick(14)) {
      case 0:
        return {};
      case 1:
        return pick(2) == 0;
      case 2:
        return static_cast<std::int64_t>(random_.next() % 5'000'000'000) - 1'000'000'000;
      case 3:
        return model::Number{text_number()};
      case 4:
        return model::Array{text(), text(), text()};
      case 5:
        return model::Object{{"zh_CN", text()}, {"en_US", text()}, {"tag", model::Object{{"name", text()}}}};
      case 6:
        return model::Array{
            model::Object{{"Key", 2052}, {"Value", text()}, {"tag", model::Object{{"name", text()}}}}};
      case 7:
        return model::Object{
            {"a", model::Object{{"sum", text_number()}, {"cur", pick(2) == 0 ? "PRE001" : "PRE007"}}},
            {"f", model::Object{{"t", text()}, {"n", text()}}},
            {"p", level("浙江省")},
            {"c", level("杭州市")},
            {"d", level("西湖区")},
            {"s", level("文三路")},
            {"x", text()}};
      case 8:
        return region();
      default:
        return text();
    }
  }

  std::string text() {
    static const char* const samples[] = {"",
                                          " ",
                                          "　",
                                          "0",
                                          "1",
                                          "2",
                                          "A",
                                          "B",
                                          "是",
                                          "false",
                                          "Y",
                                          "lead",
                                          "customer",
                                          "disabled",
                                          "on hold",
                                          "vip",
                                          "7",
                                          "上海（某某）有限公司",
                                          " 上海(某某)有限责任公司 ",
                                          "ACME Co., Ltd.",
                                          "张三",
                                          "王总（停用勿用）",
                                          "0755-8612 3456",
                                          "+86 (0)755 86123456",
                                          "138****5678",
                                          "13812345678/13987654321",
                                          "9144030071526726XG",
                                          "９１４４０３００７１５２６７２６ＸＧ",
                                          "91440300715267260G",
                                          "440300715267267",
                                          "11010519491231002X",
                                          "info@Example.com ",
                                          "www.example.com/路",
                                          "广东省,深圳市,南山区,科技南路,1号",
                                          "广东省深圳市南山区科技南路1号",
                                          "北京市,北京市,朝阳区,,建国路 88 号",
                                          "上海市上海市浦东新区张江路88号",
                                          ",,,,Hauptstraße 5, Hamburg",
                                          "吉林市",
                                          "朝阳区",
                                          "内蒙古",
                                          "南京东路1号",
                                          "2024-05-01",
                                          "20240501",
                                          "2024/5/1",
                                          "2024年5月1日",
                                          "2024-05",
                                          "2024",
                                          "0001-01-01",
                                          "2024-02-30",
                                          "2024-05-01 10:20:30",
                                          "2024-03-31 02:30:00",
                                          "2024-11-03 01:30:00",
                                          "2024-10-27T02:30:00",
                                          "2024-05-01T10:20:30.123456Z",
                                          "2024-05-01T10:20:30+08:00",
                                          "1,234.50",
                                          "-0.005",
                                          "3.5万元",
                                          "¥1,200.00",
                                          "壹万元整",
                                          "US$1,200.50",
                                          "100 USD",
                                          "35000 CNY",
                                          "1e3",
                                          "00012",
                                          "甲, 乙,甲",
                                          "a;b;;a",
                                          "C001",
                                          "\"q\"",
                                          "\xF0\x9F\x98\x80"};
    std::string made = samples[pick(std::size(samples))];
    if (pick(6) == 0) made += samples[pick(std::size(samples))];
    if (pick(12) == 0 && !made.empty()) made.insert(0, " ");
    if (pick(15) == 0) made += random_text();
    return made;
  }

 private:
  std::size_t pick(std::size_t count) { return static_cast<std::size_t>(random_.next() % count); }
  std::string level(const char* name) { return pick(3) == 0 ? "" : name; }
  std::string text_number() {
    std::string number = std::to_string(random_.next() % 100'000);
    if (pick(2) == 0) number += "." + std::to_string(random_.next() % 1000);
    return pick(4) == 0 ? "-" + number : number;
  }
  std::string region() {
    const auto code = static_cast<normalize::DivisionCode>(110000 + random_.next() % 550000);
    const normalize::DivisionCode present = normalize::Divisions::get().present(code);
    return present == 0 ? "440305" : normalize::Divisions::get().full_name(present);
  }
  std::string random_text() {
    static const char* const pieces[] = {"a",  "Z",        "9",  "-", "/",  ",",  ";",  ".", "（", "）", "省",
                                         "市", "有限公司", "\t", "é", "\"", "\\", "丶", "0", "T",  ":"};
    std::string made;
    for (std::size_t i = 0; i < 1 + pick(8); ++i) made += pieces[pick(std::size(pieces))];
    return made;
  }

  model::SeededRandom random_;
};

model::Field field_of(const Form& form) {
  model::Field field{"field", form.type};
  if (field.type == "tags") field.multiplicity = model::Multiplicity::list;
  return field;
}

Value json(std::string_view text) { return *model::parse_json(text); }

// What a record shows after that was written.
Value record_of(const Codec& codec, const Value& written) {
  if (!codec.takes_record()) return written;
  Value record = model::Object{};
  for (const model::Member& member : written.as_object()) put_path(record, member.key, member.value);
  return record;
}

void expect_laws(const Codec& codec, const FieldValue& value, const std::string& shown) {
  KnownEmployees references;
  const Codec::Out once = codec.encode(value, references);
  if (once.kind != Encoded::Kind::written) {
    EXPECT_FALSE(once.reason.empty()) << shown;
    return;
  }
  const Codec::In back = codec.decode(record_of(codec, once.value), references);
  ASSERT_FALSE(back.problem.has_value())
      << shown << " wrote " << to_json(once.value) << ": " << back.problem->message;
  ASSERT_FALSE(back.pending.has_value()) << shown;
  if (back.value.presence == Presence::absent) return;
  const Codec::Out twice = codec.encode(back.value, references);
  ASSERT_EQ(twice.kind, Encoded::Kind::written)
      << shown << " wrote " << to_json(once.value) << ": " << twice.reason;
  EXPECT_EQ(to_json(once.value), to_json(twice.value)) << shown;
  const Codec::In again = codec.decode(record_of(codec, twice.value), references);
  EXPECT_EQ(again.value, back.value) << shown << ": " << to_json(back.value.value);
}

class CodecLaws : public testing::TestWithParam<Form> {};

TEST_P(CodecLaws, HoldForWhatSystemsShow) {
  const model::Field field = field_of(GetParam());
  const auto codec = make_codec(json(GetParam().codec), field);
  ASSERT_TRUE(codec.ok()) << codec.error().text();
  Generator generator(20240607);
  KnownEmployees references;
  int values = 0;
  for (int i = 0; i < 2500 && !HasFailure(); ++i) {
    const Value shown = generator.shown();
    const Codec::In in = (*codec)->decode(shown, references);
    if (in.problem) {
      EXPECT_FALSE(in.value.has_value()) << to_json(shown);
    } else if (in.value.has_value()) {
      ++values;
      EXPECT_FALSE(in.value.key.empty()) << to_json(shown);
      expect_laws(**codec, in.value, to_json(shown));
    }
  }
  EXPECT_GT(values, 10) << "the generator shows this codec nothing to read";
}

TEST_P(CodecLaws, HoldForWhatOthersMadeGolden) {
  const model::Field field = field_of(GetParam());
  const auto codec = make_codec(json(GetParam().codec), field);
  ASSERT_TRUE(codec.ok());
  Generator generator(7);
  for (int i = 0; i < 1500 && !HasFailure(); ++i) {
    Value golden;
    if (field.type == "tags")
      golden = model::Array{"甲", generator.text()};
    else if (field.type == "group")
      golden = model::Object{{"title", "某某"}, {"other", generator.text()}};
    else
      golden = generator.text();
    const auto value = field_value(field, golden);
    if (!value.ok() || !value->has_value()) continue;
    expect_laws(**codec, *value, "golden " + to_json(golden));
  }
  expect_laws(**codec, FieldValue{Presence::cleared, {}, {}}, "cleared");
}

std::string form_name(const testing::TestParamInfo<Form>& info) {
  std::string name;
  for (const char c : std::string_view(info.param.codec))
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  return name + "_" + std::to_string(info.index);
}

INSTANTIATE_TEST_SUITE_P(Codecs, CodecLaws, testing::ValuesIn(forms), form_name);

TEST(Codecs, AllAreUnderTheLaws) {
  std::set<std::string> tested;
  for (const Form& form : forms) {
    const Value spec = json(form.codec);
    tested.insert(spec.is_string() ? spec.as_string() : spec.as_object().begin()->key);
  }
  for (const CodecInfo* codec : codecs())
    EXPECT_TRUE(tested.contains(std::string(codec->name))) << codec->name;
}

// Every present division survives a system that holds it by names, or is refused.
TEST(Codecs, RegionsAreWrittenByNamesThatReadBack) {
  const model::Field field{"region", "code"};
  const auto codec = make_codec(json(R"({"region":{"form":"names","separator":"/"}})"), field);
  KnownEmployees references;
  int written = 0;
  int known = 0;
  for (normalize::DivisionCode code = 110000; code < 660000; ++code) {
    if (normalize::Divisions::get().find(code) == nullptr) continue;
    ++known;
    const Codec::Out out = (*codec)->encode({Presence::value, normalize::code_text(code), "k"}, references);
    if (out.kind != Encoded::Kind::written) continue;
    ++written;
    const Codec::In back = (*codec)->decode(out.value, references);
    ASSERT_EQ(back.value.value.to_text(), normalize::code_text(code)) << out.value.to_text();
  }
  EXPECT_GT(known, 3000);
  EXPECT_GT(written, known * 98 / 100) << known - written << " of " << known << " are refused";
}

FieldValue decoded(const char* spec, const char* type, const Value& shown) {
  KnownEmployees references;
  return (*make_codec(json(spec), model::Field{"f", type}))->decode(shown, references).value;
}
Codec::Out encoded(const char* spec, const char* type, const char* value) {
  KnownEmployees references;
  return (*make_codec(json(spec), model::Field{"f", type}))
      ->encode({Presence::value, value, "k"}, references);
}

TEST(Codecs, MoneyChangesItsUnitExactly) {
  EXPECT_EQ(decoded(R"({"money":"万元"})", "number", model::Number{"0.1"}).value.to_text(), "1000");
  EXPECT_EQ(decoded(R"({"money":"万元"})", "money", "1234567890123456.78").value.to_text(),
            "12345678901234567800 CNY");
  EXPECT_EQ(decoded(R"({"money":"万元"})", "money", "3.5万元").value.to_text(), "35000 CNY");
  EXPECT_EQ(encoded(R"({"money":{"unit":"万元"}})", "number", "12345").value.to_text(), "1.2345");
  EXPECT_EQ(encoded(R"({"money":{"unit":"万元","decimals":2}})", "number", "12350").value.to_text(), "1.24");
  EXPECT_EQ(encoded(R"({"money":{"currency":"CNY"}})", "money", "5 USD").kind, Encoded::Kind::impossible);
  const Value shown = json(R"({"a":{"sum":5,"cur":"PRE007"}})");
  EXPECT_EQ(
      decoded(R"({"money":{"amount_path":"a.sum","currency_path":"a.cur","currencies":{"PRE007":"USD"}}})",
              "money", shown)
          .value.to_text(),
      "5 USD");
}

TEST(Codecs, MomentsKnowTheirZone) {
  constexpr const char* berlin = R"({"datetime":{"form":"local","zone":"Europe/Berlin"}})";
  EXPECT_EQ(decoded(berlin, "datetime", "2024-01-15 12:00:00").value.to_text(), "2024-01-15T11:00:00Z");
  EXPECT_EQ(decoded(berlin, "datetime", "2024-07-15 12:00:00").value.to_text(), "2024-07-15T10:00:00Z");
  EXPECT_EQ(encoded(berlin, "datetime", "2024-03-31T01:00:00Z").value.to_text(), "2024-03-31 03:00:00");
  EXPECT_EQ(encoded(berlin, "datetime", "2024-03-31T00:59:59Z").value.to_text(), "2024-03-31 01:59:59");
  constexpr const char* new_york = R"({"datetime":{"form":"local","zone":"America/New_York"}})";
  EXPECT_EQ(decoded(new_york, "datetime", "2024-03-10 03:00:00").value.to_text(), "2024-03-10T07:00:00Z");
  EXPECT_EQ(encoded(new_york, "datetime", "2024-11-03T06:00:00Z").value.to_text(), "2024-11-03 01:00:00");
  EXPECT_EQ(encoded(new_york, "datetime", "2024-11-03T05:59:00Z").value.to_text(), "2024-11-03 01:59:00");
  EXPECT_EQ(decoded(R"({"datetime":"millis"})", "datetime", 1714530030123).value.to_text(),
            "2024-05-01T02:20:30.123Z");
  const auto unknown =
      make_codec(json(R"({"datetime":{"zone":"Asia/Shangai"}})"), model::Field{"f", "datetime"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message.find("did you mean \"Asia/Shanghai\""), std::string::npos)
      << unknown.error().message;
}

TEST(Codecs, MeaningsOfOneCodeAreAllWrittenAsIt) {
  constexpr const char* spec = R"({"enum":{"A":["active","on hold"],"B":"disabled"}})";
  EXPECT_EQ(encoded(spec, "enum", "on hold").value.to_text(), "A");
  EXPECT_EQ(decoded(spec, "enum", "A").value.to_text(), "active");
}

TEST(Codecs, AddressesGoIntoTheMembersThatThereAre) {
  constexpr const char* spec = R"({"address":{"city":"c","detail":"x"}})";
  EXPECT_EQ(to_json(encoded(spec, "address", "浙江省杭州市西湖区文三路9号").value),
            R"({"c":"浙江省杭州市","x":"西湖区文三路9号"})");
  EXPECT_EQ(decoded(R"({"address":"comma"})", "address", "北京市,北京市,朝阳区,,建国路88号").value.to_text(),
            "北京市朝阳区建国路88号");
}

TEST(Codecs, SayWhatIsWrongWithTheirParameters) {
  const auto message = [](const char* spec) {
    const auto codec = make_codec(json(spec), model::Field{"f", "text"});
    return codec.ok() ? std::string("accepted") : codec.error().text();
  };
  EXPECT_NE(message(R"("compny_name")").find("did you mean \"company_name\""), std::string::npos);
  EXPECT_NE(message(R"({"list":{"seperator":","}})").find("did you mean \"separator\""), std::string::npos);
  EXPECT_NE(message(R"({"date":"iso8601"})").find("did you mean \"iso\""), std::string::npos);
  EXPECT_NE(message(R"({"jsonata":{"in":"1 +"}})").find("/jsonata/in"), std::string::npos);
  EXPECT_EQ(message(R"({"enum":{"A":{}}})").find("accepted"), std::string::npos);
  EXPECT_EQ(message(R"("enum")").find("accepted"), std::string::npos);
  EXPECT_EQ(message(R"({"number":5})").find("accepted"), std::string::npos);
}

}  // namespace codec_laws_test
}  // namespace huiliu::mapping
