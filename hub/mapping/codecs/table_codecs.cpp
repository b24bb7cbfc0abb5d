// Code tables and truth values.
#include <map>

#include "hub/mapping/codecs/codec_kit.hpp"

namespace huiliu::mapping {
namespace {

// {code: meaning}, both ways. A meaning may be a list: all of it is written as that code, the first is read.
class EnumCodec final : public FieldCodec {
 public:
  EnumCodec(const model::Field& field, const model::Object& table, bool passes_unknown)
      : FieldCodec(field), passes_unknown_(passes_unknown) {
    for (const model::Member& member : table) {
      const model::Array* list = member.value.if_array();
      const std::string meaning = list == nullptr ? member.value.to_text() : list->front().to_text();
      meaning_.emplace(member.key, meaning);
      code_.emplace(meaning, member.key);  // keeps the first
      if (list != nullptr)
        for (const Value& further : *list) code_.emplace(further.to_text(), member.key);
    }
  }
  In decode(const Value& shown, References&) const override {
    const ShownText text(shown);
    if (!text.is_text()) return not_text();
    const std::string code(text.trimmed_text());
    const auto found = meaning_.find(code);
    if (found != meaning_.end()) return found->second.empty() ? empty() : keyed(Value(found->second));
    if (code.empty()) return empty();
    if (passes_unknown_) return keyed(Value(code));
    return problem("unmapped_value", "the code \"" + code + "\" is not in the value map", code);
  }
  Out encode(const FieldValue& value, References&) const override {
    if (!value.has_value()) {
      const auto blank = code_.find("");
      return written(blank == code_.end() ? Value("") : Value(blank->second));
    }
    const std::string meaning(trimmed(value.value.to_text()));
    const auto found = code_.find(meaning);
    if (found != code_.end()) return written(Value(found->second));
    if (passes_unknown_ && !meaning_.contains(meaning)) return written(Value(meaning));
    return impossible("no code for \"" + meaning + "\" in the value map");
  }

 private:
  bool passes_unknown_;
  std::map<std::string, std::string, std::less<>> meaning_, code_;
};

CodecResult make_enum(const CodecInfo& info, const model::Field& field, const Value& parameters) {
  const model::Object* table = parameters.if_object();
  const bool passes = info.name == "codes";
  if (table == nullptr && !(passes && parameters.is_null()))
    return make_error(ErrorClass::config, std::string(info.name) + " needs its table {code: meaning}");
  if (table != nullptr)
    for (const model::Member& member : *table) {
      const model::Array* list = member.value.if_array();
      if (member.value.is_object() || (list != nullptr && list->empty()))
        return make_error(ErrorClass::config, "the meaning of a code is text, or a list of texts",
                          "/" + std::string(info.name) + "/" + member.key);
    }
  return CodecResult(std::make_unique<EnumCodec>(field, table == nullptr ? model::Object{} : *table, passes));
}

class BoolCodec final : public FieldCodec {
 public:
  BoolCodec(const model::Field& field, Value yes, Value no)
      : FieldCodec(field), yes_(std::move(yes)), no_(std::move(no)) {}
  In decode(const Value& shown, References&) const override {
    const ShownText shown_text(shown);
    if (!shown_text.is_text()) return not_text();
    const std::string_view text = shown_text.trimmed_text();
    if (text.empty()) return empty();
    if (text == yes_.to_text()) return keyed(true);
    if (text == no_.to_text()) return keyed(false);
    for (const char* word : {"true", "True", "TRUE", "1", "Y", "y", "是"})
      if (text == word) return keyed(true);
    for (const char* word : {"false", "False", "FALSE", "0", "N", "n", "否"})
      if (text == word) return keyed(false);
    return problem("not_bool", "neither true nor false");
  }
  Out encode(const FieldValue& value, References&) const override {
    const std::string text = value.value.to_text();
    return written(text == "true" || text == "1" ? yes_ : no_);
  }

 private:
  Value yes_, no_;
};

CodecResult make_bool(const CodecInfo& info, const model::Field& field, const Value& parameters) {
  const bool as_digits = info.name == "bool01";
  Value yes = parameters.find("yes") != nullptr ? parameters["yes"] : as_digits ? Value("1") : Value(true);
  Value no = parameters.find("no") != nullptr ? parameters["no"] : as_digits ? Value("0") : Value(false);
  if (yes.to_text() == no.to_text())
    return make_error(ErrorClass::config, "yes and no are written differently");
  return CodecResult(std::make_unique<BoolCodec>(field, std::move(yes), std::move(no)));
}

constexpr std::string_view table_schema =
    R"({"type": "object", "minProperties": 1, "additionalProperties": {"anyOf": [{"type": ["string", "number", "boolean", "null"]}, {"type": "array", "minItems": 1}]}})";

constexpr CodecParameter bool_parameters[] = {
    {"yes", R"({"type": ["string", "number", "boolean"]})", "“真”写作", "how true is written"},
    {"no", R"({"type": ["string", "number", "boolean"]})", "“假”写作", "how false is written"}};

constexpr CodecInfo table_entries[] = {
    {"enum",
     {},
     table_schema,
     "{enum: {A: active, B: [disabled, archived]}}",
     "值映射，双向；表外的编码进入“未对应值”清单，绝不猜测",
     "a value map, both ways; codes that are not in it are listed as unmapped, never guessed",
     "同一含义的多个编码（写回第一个）；一个编码的多个含义（读作第一个）",
     "codes of one meaning (the first is written); meanings of one code (the first is read)",
     make_enum},
    {"codes",
     {},
     table_schema,
     "{codes: {\"1\": vip}}",
     "值映射，表外的编码原样通过",
     "a value map; codes that are not in it pass unchanged",
     "同上",
     "the same",
     make_enum},
    {"bool", bool_parameters, "", "{bool: {yes: 是, no: 否}}", "真假：true/false、1/0、Y/N、是/否",
     "a truth value: true/false, 1/0, Y/N, 是/否", "原来的写法", "which spelling it was", make_bool},
    {"bool01", bool_parameters, "", "bool01", "真假，写作 \"1\"/\"0\"", "a truth value, written \"1\"/\"0\"",
     "原来的写法", "which spelling it was", make_bool},
};

}  // namespace

std::span<const CodecInfo> table_codecs() { return table_entries; }

}  // namespace huiliu::mapping
