// Text as the source spells it, and identifiers in canonical spelling.
#include "hub/mapping/codecs/codec_kit.hpp"

namespace huiliu::mapping {
namespace {

// Identifiers and e-mail addresses that check are kept in canonical spelling, since other systems reject a
// full-width credit code. Everything else stays as it was typed: the comparison key sees through spelling.
class TextCodec final : public FieldCodec {
 public:
  TextCodec(const model::Field& field, std::optional<normalize::Kind> canonical, bool squeezes, Value clear)
      : FieldCodec(field),
        canonical_(canonical),
        canonical_is_type_(canonical && field.type == normalize::to_string(*canonical)),
        squeezes_(squeezes),
        clear_(std::move(clear)) {}

  In decode(const Value& shown, References&) const override {
    const ShownText text(shown);
    if (!text.is_text()) return not_text();
    if (text.trimmed_text().empty()) return empty();
    if (canonical_ && canonical_is_type_) {
      // One look gives the spelling and the key.
      if (auto clean = normalize::canonical_spelling(*canonical_, text.trimmed_text()))
        return {FieldValue{Presence::value, Value(std::move(clean->value)), std::move(clean->key)}};
      return keyed(Value(text.trimmed_text()));
    }
    return keyed(Value(standard(text.trimmed_text())));
  }
  // What other systems made golden is written as this codec would read it.
  Out encode(const FieldValue& value, References&) const override {
    return written(value.has_value() ? Value(standard(trimmed(value.value.to_text()))) : clear_);
  }

 private:
  std::string standard(std::string_view text) const {
    if (squeezes_) return squeezed(text);
    if (canonical_)
      if (normalize::Normalized clean = normalize::normalize(*canonical_, text); clean.valid)
        return std::move(clean.value);
    return std::string(text);
  }
  // Every run of blanks becomes one.
  static std::string squeezed(std::string_view text) {
    std::string out;
    bool blank = false;
    for (const char c : text) {
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        blank = true;
        continue;
      }
      if (std::exchange(blank, false)) out += ' ';
      out += c;
    }
    return out;
  }

  std::optional<normalize::Kind> canonical_;
  bool canonical_is_type_;
  bool squeezes_;
  Value clear_;
};

CodecResult make_text(const CodecInfo& info, const model::Field& field, const Value& parameters) {
  std::optional<normalize::Kind> canonical;
  for (const char* name : {"uscc", "tax_no", "email", "resident_id"})
    if (info.name == name) canonical = normalize::kind_from(name);
  const Value* clear = parameters.find("clear");
  return CodecResult(std::make_unique<TextCodec>(field, canonical, info.name == "trim",
                                                 clear == nullptr ? Value("") : *clear));
}

// Text in several languages, of which one is the field's.
class MultilingualCodec final : public FieldCodec {
 public:
  MultilingualCodec(const model::Field& field, std::string language, std::vector<std::string> fallback,
                    std::string key, std::string value)
      : FieldCodec(field),
        language_(std::move(language)),
        fallback_(std::move(fallback)),
        key_(std::move(key)),
        value_(std::move(value)) {}

  In decode(const Value& shown, References&) const override {
    if (!shown.is_array() && !shown.is_object()) return decode_text(shown);
    std::string_view text = text_in(shown, language_);
    for (const std::string& language : fallback_)
      if (text.empty()) text = text_in(shown, language);
    if (text.empty()) return empty();
    return keyed(Value(text));
  }
  Out encode(const FieldValue& value, References&) const override {
    const std::string text(value.has_value() ? trimmed(value.value.to_text()) : std::string_view{});
    if (key_.empty()) return written(model::Object{{language_, text}});
    // A language's number stays one: 2052 is no text there.
    const auto number = model::Number{language_}.to_int64();
    const bool is_number = number && std::to_string(*number) == language_;
    return written(
        model::Array{model::Object{{key_, is_number ? Value(*number) : Value(language_)}, {value_, text}}});
  }

 private:
  In decode_text(const Value& shown) const {
    const ShownText text(shown);
    return text.trimmed_text().empty() ? empty() : keyed(Value(text.trimmed_text()));
  }
  std::string_view text_in(const Value& shown, const std::string& language) const {
    if (const model::Array* list = shown.if_array()) {
      for (const Value& entry : *list)
        if (entry[key_].to_text() == language && entry[value_].is_string())
          return trimmed(entry[value_].as_string());
      return {};
    }
    const std::string* text = shown[language].if_string();
    return text == nullptr ? std::string_view{} : trimmed(*text);
  }

  std::string language_;
  std::vector<std::string> fallback_;
  std::string key_, value_;
};

CodecResult make_multilingual(const CodecInfo&, const model::Field& field, const Value& parameters) {
  const std::string language =
      parameters.is_object() ? parameters["language"].to_text() : parameters.to_text();
  if (language.empty())
    return make_error(ErrorClass::config, "multilingual needs the language: {language: zh_CN}");
  std::vector<std::string> fallback;
  if (const model::Array* list = parameters["fallback"].if_array())
    for (const Value& one : *list) fallback.push_back(one.to_text());
  const std::string key = parameters["key"].to_text();
  const std::string value = parameters["value"].to_text();
  if (key.empty() != value.empty())
    return make_error(ErrorClass::config, "key and value stand together: the members of a list's entries");
  return CodecResult(std::make_unique<MultilingualCodec>(field, language, std::move(fallback), key, value));
}

constexpr CodecParameter clear_parameter[] = {{"clear", R"({"type": ["string", "null", "number"]})",
                                               "清空时写入的内容，默认空文本",
                                               "what is written to clear it; default: empty text"}};

constexpr CodecParameter multilingual_parameters[] = {
    {"language", R"({"type": ["string", "integer"]})", "字段所用语言的键",
     "the member or key of the field's language"},
    {"fallback", R"({"type": "array", "items": {"type": ["string", "integer"]}})", "缺少时依次读取的语言",
     "languages to read where that one is empty"},
    {"key", R"({"type": "string"})", "列表形式中语言所在的成员", "in a list: the member with the language"},
    {"value", R"({"type": "string"})", "列表形式中文本所在的成员", "in a list: the member with the text"}};

constexpr CodecInfo text_entries[] = {
    {"text", clear_parameter, "", "text", "文本，按来源原样", "text as the source spells it", "两端空白",
     "blanks around it", make_text},
    {"trim", clear_parameter, "", "trim", "文本，连续空白合为一个", "text with every run of blanks as one",
     "多余空白", "further blanks", make_text},
    {"code", clear_parameter, "", "code", "编码，原样保留", "a code as it is", "两端空白", "blanks around it",
     make_text},
    {"company_name", clear_parameter, "", "company_name", "单位名称；写法不同按同一值比较",
     "a company name; compared beyond its spelling", "两端空白", "blanks around it", make_text},
    {"person_name", clear_parameter, "", "person_name", "人名", "a person's name", "两端空白",
     "blanks around it", make_text},
    {"phone", clear_parameter, "", "phone", "电话，可含区号、分机",
     "a phone number with area code and extension", "两端空白", "blanks around it", make_text},
    {"email", clear_parameter, "", "email", "邮箱，有效时取标准写法",
     "an e-mail address, canonical when valid", "其他写法", "other spellings", make_text},
    {"url", clear_parameter, "", "url", "网址", "a web address", "两端空白", "blanks around it", make_text},
    {"uscc", clear_parameter, "", "uscc", "统一社会信用代码，有效时取标准写法",
     "a credit code, canonical when valid", "其他写法", "other spellings", make_text},
    {"tax_no", clear_parameter, "", "tax_no", "纳税人识别号，有效时取标准写法",
     "a tax number, canonical when valid", "其他写法", "other spellings", make_text},
    {"resident_id", clear_parameter, "", "resident_id", "居民身份证号，有效时取标准写法",
     "a resident id, canonical when valid", "其他写法", "other spellings", make_text},
    {"multilingual", multilingual_parameters, R"({"type": "string"})",
     "{multilingual: {language: zh_CN, fallback: [en_US]}}",
     "多语言文本：{zh_CN: …} 或 [{Key: 2052, Value: …}]",
     "text in several languages: {zh_CN: …} or [{Key: 2052, Value: …}]", "其他语言的文本",
     "the texts in other languages", make_multilingual},
};

}  // namespace

std::span<const CodecInfo> text_codecs() { return text_entries; }

}  // namespace huiliu::mapping
