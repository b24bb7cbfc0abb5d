// A mapping's document of any shape: every mistake is an error, and what loads reads and writes any record
// without a crash. A line break parts the document from a record; both are JSON.
#include "hub/mapping/mapping.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

namespace mapping = huiliu::mapping;
namespace model = huiliu::model;

const model::Schema& schema() {
  static const model::Schema loaded =
      *model::Schema::load({*model::parse_json(R"json({"entity":"customer","id_prefix":"cus","fields":{
        "names.legal":{"type":"company_name"},"identifiers.uscc":{"type":"uscc"},"phones":{"type":"phone",
        "multiplicity":"list"},"tags":{"type":"tags"},"address":{"type":"address"},"capital":{"type":"money"},
        "founded":{"type":"date"},"seen":{"type":"datetime"},"size":{"type":"number"},"active":{"type":"bool"},
        "level":{"type":"enum"},"parent":{"type":"reference","to":"customer"},"region":{"type":"code"}},
        "part_fields":{"terms":{"type":"text"}}})json")});
  return loaded;
}

class NoReferences final : public mapping::References {
 public:
  std::string golden_of(std::string_view, std::string_view key) override { return "cus_" + std::string(key); }
  std::optional<Target> record_of(std::string_view golden, std::string_view) override {
    return Target{std::string(golden), model::Object{{"id", "1"}}};
  }
};

void exercise(const mapping::StreamMapping& stream, const model::Value& record) {
  NoReferences references;
  const auto decoded = stream.decode(record, references);
  if (!decoded.ok()) return;
  model::Value body = model::Object{};
  for (const auto& [field, value] : decoded->image.fields) {
    model::FieldValue shown;
    static_cast<void>(stream.encode(field, value, references, body));
    static_cast<void>(stream.project(field, value, references, shown));
  }
  stream.add_constants(body);
  static_cast<void>(stream.natural_keys(decoded->image.fields, references));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = huiliu::fuzz::text_of(data, size);
  const std::size_t line = text.find('\n');
  const auto document = model::parse_json(text.substr(0, line));
  if (!document.ok()) return 0;
  const auto errors = mapping::Mapping::errors_in(*document, schema());
  const auto loaded = mapping::Mapping::load(*document, schema());
  huiliu::fuzz::require(loaded.ok() == errors.empty(), "what has no mistake loads", text);
  for (const model::Error& error : errors)
    huiliu::fuzz::require(!error.message.empty(), "a mistake is explained", text);
  if (!loaded.ok() || line == std::string_view::npos) return 0;
  const auto record = model::parse_json(text.substr(line + 1));
  if (!record.ok()) return 0;
  for (const mapping::StreamMapping& stream : loaded->streams()) exercise(stream, *record);
  return 0;
}

namespace huiliu::fuzz {

std::vector<std::string> seeds() {
  const std::string head = R"({"streams":{"c":{"entity":"customer","key":"id","lenses":[)";
  const std::string record =
      "]}}}\n"
      R"({"id":1,"n":"深圳市迈瑞有限公司","u":"9144030071526726XG","p":"0755-86123456","t":["a","b"],"a":"广东省深圳市",)"
      R"("m":"500万","d":"2024-03-05","s":1700000000,"z":"1.10","y":"Y","l":"A","r":{"id":"7"},"parts":[{"org":"1","t":"x"}]})";
  std::vector<std::string> out;
  for (
      const char* lenses :
      {R"json({"field":"names.legal","path":"n","codec":"company_name","required":true})json",
       R"json({"field":"identifiers.uscc","path":"u","natural_key":true},{"field":"tags","path":"t"})json",
       R"json({"field":"phones","path":"p","codec":{"list":{"separator":","}}})json",
       R"json({"field":"address","codec":{"address":{"province":"a","detail":"x"}}})json",
       R"json({"field":"capital","path":"m","codec":{"money":{"unit":"万元"}}},{"field":"founded","path":"d"})json",
       R"json({"field":"seen","path":"s","codec":{"datetime":{"form":"seconds","zone":"Asia/Shanghai"}}})json",
       R"json({"field":"size","path":"z","codec":"number"},{"field":"active","path":"y","codec":"bool01"})json",
       R"json({"field":"level","path":"l","codec":{"enum":{"A":"vip","B":["x","y"]}},"default":"vip"})json",
       R"json({"field":"parent","path":"r.id","codec":{"reference":{"stream":"c"}}})json",
       R"json({"field":"region","path":"a","codec":"region","in":"$regionCode(a)","out":"$","when":"id > 0"})json"})
    out.push_back(head + lenses + record);
  out.push_back(
      R"({"streams":{"c":{"entity":"customer","key":"id","filter":"id > 1","pending":"x","leader":"l",)"
      R"("constants":{"a.b.0":1},"rules":[{"field":"size","min":1,"severity":"warn"}],"parts":{"path":"parts",)"
      R"("organisation":"org","lenses":[{"field":"terms","path":"t"}]},"lenses":[{"field":"size","path":"z"}]}}})"
      "\n{\"id\":2,\"z\":3}");
  return out;
}
std::vector<std::string> long_units() {
  return {"{\"streams\":", "[", "{\"a\":1},", "\"深圳\",",
          R"({"streams":{"c":{"entity":"customer"}}})"
          "\n"};
}

}  // namespace huiliu::fuzz
