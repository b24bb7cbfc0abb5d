#include "hub/mapping/codec.hpp"

#include <algorithm>
#include <map>

#include "hub/model/time.hpp"
#include "hub/normalize/normalize.hpp"

namespace huiliu::mapping {
namespace {

using model::Error;
using model::ErrorClass;
using model::make_error;
using model::Presence;
using model::Result;
using model::Value;

std::string trimmed(std::string_view text) {
  static constexpr std::string_view blank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(blank) - first + 1));
}

FieldValue empty_value() { return {Presence::empty, {}, {}}; }

FieldValue keyed(const model::Field& field, Value value) {
  std::string key = field_key(field, value);
  return {Presence::value, std::move(value), std::move(key)};
}

// What a text field shows when a record has another JSON type there.
std::optional<std::string> as_text(const Value& shown) {
  if (shown.is_array() || shown.is_object()) return std::nullopt;
  return shown.to_text();
}

// Text as the source spells it, trimmed. Identifiers and e-mail addresses that check are kept in canonical
// spelling, since other systems reject a full-width credit code. Loses: blanks around the text, the JSON
// type.
class TextCodec final : public Codec {
 public:
  TextCodec(const model::Field& field, std::optional<normalize::Kind> canonical, Value clear)
      : field_(field), canonical_(canonical), clear_(std::move(clear)) {}

  In decode(const Value& shown, References&) const override {
    const auto text = as_text(shown);
    if (!text) return {{}, Problem{field_.name, "not_text", "an object or array stands where text belongs"}};
    std::string spelled = trimmed(*text);
    if (spelled.empty()) return {empty_value()};
    if (canonical_)
      if (normalize::Normalized clean = normalize::normalize(*canonical_, spelled); clean.valid)
        spelled = clean.value;
    return {keyed(field_, std::move(spelled))};
  }
  Out encode(const FieldValue& value, References&) const override {
    return {Encoded::Kind::written, value.has_value() ? Value(value.value.to_text()) : clear_, {}};
  }

 private:
  model::Field field_;
  std::optional<normalize::Kind> canonical_;
  Value clear_;
};

// A code table, both ways. Loses: codes that share one meaning (the first listed is written back).
class EnumCodec final : public Codec {
 public:
  EnumCodec(const model::Field& field, const model::Object& table, bool pass_unknown)
      : field_(field), pass_unknown_(pass_unknown) {
    for (const model::Member& member : table) {
      const std::string meaning = member.value.to_text();
      meaning_.emplace(member.key, meaning);
      code_.emplace(meaning, member.key);  // keeps the first
    }
  }
  In decode(const Value& shown, References&) const override {
    const std::string code = trimmed(shown.to_text());
    if (code.empty()) return {empty_value()};
    const auto found = meaning_.find(code);
    if (found != meaning_.end()) {
      if (found->second.empty()) return {empty_value()};
      return {keyed(field_, found->second)};
    }
    if (pass_unknown_) return {keyed(field_, code)};
    return {{}, Problem{field_.name, "unmapped_value", "the code \"" + code + "\" is not in the value map"}};
  }
  Out encode(const FieldValue& value, References&) const override {
    if (!value.has_value()) {
      const auto blank = code_.find("");
      return {Encoded::Kind::written, blank == code_.end() ? Value("") : Value(blank->second), {}};
    }
    const std::string meaning = value.value.to_text();
    const auto found = code_.find(meaning);
    if (found != code_.end()) return {Encoded::Kind::written, found->second, {}};
    if (pass_unknown_) return {Encoded::Kind::written, meaning, {}};
    return {Encoded::Kind::impossible, {}, "no code for \"" + meaning + "\" in the value map"};
  }

 private:
  model::Field field_;
  bool pass_unknown_;
  std::map<std::string, std::string> meaning_, code_;
};

// true/false, 1/0, "true"/"false", Y/N as boolean. Loses: which of these spellings it was.
class BoolCodec final : public Codec {
 public:
  BoolCodec(const model::Field& field, Value yes, Value no)
      : field_(field), yes_(std::move(yes)), no_(std::move(no)) {}
  In decode(const Value& shown, References&) const override {
    const std::string text = trimmed(shown.to_text());
    if (text.empty()) return {empty_value()};
    for (const char* word : {"true", "1", "Y", "y", "True"})
      if (text == word) return {keyed(field_, true)};
    for (const char* word : {"false", "0", "N", "n", "False"})
      if (text == word) return {keyed(field_, false)};
    return {{}, Problem{field_.name, "not_bool", "neither true nor false"}};
  }
  Out encode(const FieldValue& value, References&) const override {
    const bool* boolean = value.value.if_bool();
    return {Encoded::Kind::written, boolean != nullptr && *boolean ? yes_ : no_, {}};
  }

 private:
  model::Field field_;
  Value yes_, no_;
};

// A decimal number, kept as text. Loses: grouping commas, blanks.
class NumberCodec final : public Codec {
 public:
  explicit NumberCodec(const model::Field& field) : field_(field) {}
  In decode(const Value& shown, References&) const override {
    if (shown.is_number()) return {keyed(field_, shown)};
    std::string text = trimmed(shown.to_text());
    std::erase(text, ',');
    if (text.empty()) return {empty_value()};
    auto parsed = model::parse_json(text);
    if (!parsed.ok() || !parsed->is_number())
      return {{}, Problem{field_.name, "not_number", "not a decimal number"}};
    return {keyed(field_, std::move(*parsed))};
  }
  Out encode(const FieldValue& value, References&) const override {
    return {Encoded::Kind::written, value.has_value() ? value.value : Value(), {}};
  }

 private:
  model::Field field_;
};

// A moment: RFC 3339, "yyyy-MM-dd HH:mm:ss" in a fixed offset, epoch seconds or milliseconds. Canonical: RFC
// 3339 in UTC. Loses: the offset, parts below what the format holds.
class DateTimeCodec final : public Codec {
 public:
  enum class Form { rfc3339, local, seconds, millis };
  DateTimeCodec(const model::Field& field, Form form, int offset)
      : field_(field), form_(form), offset_(offset) {}
  In decode(const Value& shown, References&) const override {
    const std::string text = trimmed(shown.to_text());
    if (text.empty()) return {empty_value()};
    const auto micros = read(text);
    if (!micros.ok()) return {{}, Problem{field_.name, "bad_date", micros.error().message}};
    return {keyed(field_, model::to_rfc3339(*micros))};
  }
  Out encode(const FieldValue& value, References&) const override {
    if (!value.has_value()) return {};
    const auto micros = model::parse_rfc3339(value.value.to_text());
    if (!micros.ok()) return {Encoded::Kind::impossible, {}, micros.error().message};
    switch (form_) {
      case Form::rfc3339:
        return {Encoded::Kind::written, model::to_rfc3339(*micros), {}};
      case Form::local:
        return {Encoded::Kind::written, model::to_local(*micros, offset_), {}};
      case Form::seconds:
        return {Encoded::Kind::written, std::int64_t{*micros / model::second}, {}};
      case Form::millis:
        return {Encoded::Kind::written, std::int64_t{*micros / 1000}, {}};
    }
    return {};
  }

 private:
  Result<model::Micros> read(const std::string& text) const {
    if (form_ == Form::rfc3339) return model::parse_rfc3339(text);
    if (form_ == Form::local) return model::parse_local(text, offset_);
    const auto number = model::Number{text}.to_int64();
    if (!number) return make_error(ErrorClass::data, "not an epoch time");
    return *number * (form_ == Form::seconds ? model::second : 1000);
  }
  model::Field field_;
  Form form_;
  int offset_;
};

// A reference to another record of the same system, held there as its key (or a list whose first element
// counts). `write` names a path in the target's record whose value is written instead of the key.
class ReferenceCodec final : public Codec {
 public:
  ReferenceCodec(const model::Field& field, std::string stream, std::string write, bool as_list, Value empty)
      : field_(field),
        stream_(std::move(stream)),
        write_(std::move(write)),
        as_list_(as_list),
        empty_(std::move(empty)) {}
  In decode(const Value& shown, References& references) const override {
    const Value* one = &shown;
    if (const model::Array* list = shown.if_array()) {
      if (list->empty()) return {empty_value()};
      one = &list->front();
    }
    const std::string key = trimmed(one->to_text());
    if (key.empty() || key == empty_.to_text()) return {empty_value()};
    std::string golden = references.golden_of(stream_, key);
    if (golden.empty()) return {{}, {}, model::PendingReference{model::no_field, stream_, key}};
    FieldValue value{Presence::value, Value(golden), golden};
    return {std::move(value)};
  }
  Out encode(const FieldValue& value, References& references) const override {
    if (!value.has_value()) return {Encoded::Kind::written, as_list_ ? Value(model::Array{}) : Value(""), {}};
    const auto target = references.record_of(value.value.to_text(), stream_);
    if (!target)
      return {Encoded::Kind::waiting, {}, "the " + stream_ + " record it refers to is not in this system"};
    Value written(target->key);
    if (!write_.empty()) {
      const Value* there = target->record.at_path(write_);
      if (there == nullptr || there->to_text().empty())
        return {
            Encoded::Kind::waiting, {}, "the " + stream_ + " record it refers to has no " + write_ + " yet"};
      written = *there;
    }
    if (as_list_) written = model::Array{std::move(written)};
    return {Encoded::Kind::written, std::move(written), {}};
  }

 private:
  model::Field field_;
  std::string stream_, write_;
  bool as_list_;
  Value empty_;
};

// A list of texts, as a JSON array or separated text. Loses: order, repeats, blanks around elements.
class ListCodec final : public Codec {
 public:
  ListCodec(const model::Field& field, std::string separator)
      : field_(field), separator_(std::move(separator)) {}
  In decode(const Value& shown, References&) const override {
    model::Array elements;
    const auto add = [&](const std::string& text) {
      std::string spelled = trimmed(text);
      if (spelled.empty()) return;
      for (const Value& element : elements)
        if (element.to_text() == spelled) return;
      elements.emplace_back(std::move(spelled));
    };
    if (const model::Array* list = shown.if_array()) {
      for (const Value& element : *list) add(element.to_text());
    } else if (shown.is_string()) {
      std::string_view rest = shown.as_string();
      while (!rest.empty()) {
        const std::size_t at = rest.find(separator_);
        add(std::string(rest.substr(0, at)));
        rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + separator_.size());
      }
    }
    if (elements.empty()) return {empty_value()};
    return {keyed(field_, std::move(elements))};
  }
  Out encode(const FieldValue& value, References&) const override {
    const model::Array* elements = value.value.if_array();
    if (!text_)
      return {Encoded::Kind::written, elements == nullptr ? Value(model::Array{}) : Value(*elements), {}};
    std::string joined;
    if (elements != nullptr)
      for (const Value& element : *elements) joined += (joined.empty() ? "" : separator_) + element.to_text();
    return {Encoded::Kind::written, joined, {}};
  }
  void write_as_text() { text_ = true; }

 private:
  model::Field field_;
  std::string separator_;
  bool text_ = false;
};

// "省,市,区,街道,详细" with ASCII commas. Canonical: the address as one text. Loses: which level a missing
// part was.
class CommaAddressCodec final : public Codec {
 public:
  explicit CommaAddressCodec(const model::Field& field) : field_(field) {}
  In decode(const Value& shown, References&) const override {
    const auto text = as_text(shown);
    if (!text) return {{}, Problem{field_.name, "not_text", "an object or array stands where text belongs"}};
    std::string joined;
    std::string previous;
    std::string_view rest = *text;
    while (true) {
      const std::size_t comma = rest.find(',');
      std::string part = trimmed(rest.substr(0, comma));
      if (part != previous) joined += part;  // 北京市,北京市,朝阳区
      previous = std::move(part);
      if (comma == std::string_view::npos) break;
      rest = rest.substr(comma + 1);
    }
    if (joined.empty()) return {empty_value()};
    return {keyed(field_, joined)};
  }
  Out encode(const FieldValue& value, References&) const override {
    if (!value.has_value()) return {Encoded::Kind::written, Value(""), {}};
    const std::string text = value.value.to_text();
    const normalize::Normalized clean = normalize::normalize(normalize::Kind::address, text);
    const auto part = [&](const char* name) {
      const Value* found = clean.parts.find(name);
      return found == nullptr ? std::string{} : found->to_text();
    };
    std::string province = part("province");
    std::string city = part("city");
    std::string county = part("county");
    std::string rest = text;
    // Only when the levels stand in front, so that reading back gives the same text.
    std::string levels;
    for (const std::string* level : {&province, &city, &county}) {
      if (!level->empty() && rest.starts_with(*level))
        rest = rest.substr(level->size());
      else if (!level->empty() && !levels.ends_with(*level))
        return {Encoded::Kind::written, ",,,," + text, {}};
      levels += *level;
    }
    return {Encoded::Kind::written, province + "," + city + "," + county + ",," + rest, {}};
  }

 private:
  model::Field field_;
};

// Several members of a record that are one value, chosen whole. Parameters: part name → path. The record
// itself is what this codec reads, and it writes an object path → value.
class GroupCodec final : public Codec {
 public:
  GroupCodec(const model::Field& field, const model::Object& paths) : field_(field) {
    for (const model::Member& member : paths) paths_.emplace_back(member.key, member.value.to_text());
  }
  In decode(const Value& record, References&) const override {
    model::Object parts;
    for (const auto& [name, path] : paths_) {
      const Value* shown = record.at_path(path);
      std::string text = shown == nullptr ? std::string{} : trimmed(shown->to_text());
      if (!text.empty()) parts.append(name, std::move(text));
    }
    if (parts.empty()) return {empty_value()};
    return {keyed(field_, std::move(parts))};
  }
  Out encode(const FieldValue& value, References&) const override {
    model::Object body;
    for (const auto& [name, path] : paths_) body.append(path, Value(value.value[name].to_text()));
    return {Encoded::Kind::written, std::move(body), {}};
  }

 private:
  model::Field field_;
  std::vector<std::pair<std::string, std::string>> paths_;
};

struct Spec {
  std::string name;
  Value parameters;
};

Result<Spec> read_spec(const Value& spec) {
  if (spec.is_string()) return Spec{spec.as_string(), {}};
  if (const model::Object* object = spec.if_object(); object != nullptr && object->size() == 1)
    return Spec{object->begin()->key, object->begin()->value};
  return make_error(ErrorClass::config, "a codec is a name or one {name: parameters}");
}

template <class T, class... Args>
std::unique_ptr<Codec> make(Args&&... args) {
  return std::make_unique<T>(std::forward<Args>(args)...);
}

std::optional<normalize::Kind> canonical_kind(const std::string& codec) {
  for (const char* name : {"uscc", "tax_no", "email", "resident_id"})
    if (codec == name) return normalize::kind_from(name);
  return std::nullopt;
}

Result<std::unique_ptr<Codec>> make_datetime(const model::Field& field, const Value& parameters) {
  const std::string form = parameters.is_string() ? parameters.as_string() : parameters["form"].to_text();
  int offset = 480;
  if (const model::Number* number = parameters["offset_minutes"].if_number())
    offset = static_cast<int>(number->to_int64().value_or(480));
  using Form = DateTimeCodec::Form;
  if (form.empty() || form == "rfc3339") return make<DateTimeCodec>(field, Form::rfc3339, offset);
  if (form == "local") return make<DateTimeCodec>(field, Form::local, offset);
  if (form == "seconds") return make<DateTimeCodec>(field, Form::seconds, offset);
  if (form == "millis") return make<DateTimeCodec>(field, Form::millis, offset);
  return make_error(ErrorClass::config,
                    "datetime form is rfc3339, local, seconds or millis, not \"" + form + "\"");
}

}  // namespace

model::Result<std::unique_ptr<Codec>> make_codec(const model::Value& spec, const model::Field& field) {
  HUILIU_ASSIGN(const Spec codec, read_spec(spec));
  const Value& parameters = codec.parameters;
  if (codec.name == "enum") {
    const model::Object* table = parameters.if_object();
    if (table == nullptr) return make_error(ErrorClass::config, "enum needs its table {code: meaning}");
    return make<EnumCodec>(field, *table, false);
  }
  if (codec.name == "codes") {  // a partial table: other codes pass unchanged
    const model::Object* table = parameters.if_object();
    return make<EnumCodec>(field, table == nullptr ? model::Object{} : *table, true);
  }
  if (codec.name == "bool") return make<BoolCodec>(field, Value(true), Value(false));
  if (codec.name == "bool01") return make<BoolCodec>(field, Value("1"), Value("0"));
  if (codec.name == "number") return make<NumberCodec>(field);
  if (codec.name == "datetime") return make_datetime(field, parameters);
  if (codec.name == "reference") {
    const std::string stream =
        parameters.is_string() ? parameters.as_string() : parameters["stream"].to_text();
    if (stream.empty()) return make_error(ErrorClass::config, "reference needs the stream it points into");
    return make<ReferenceCodec>(field, stream, parameters["write"].to_text(),
                                parameters["as"].to_text() == "list", parameters["empty"]);
  }
  if (codec.name == "list" || codec.name == "tags") {
    const std::string separator = parameters["separator"].to_text();
    auto list = std::make_unique<ListCodec>(field, separator.empty() ? "," : separator);
    if (!separator.empty()) list->write_as_text();
    return std::unique_ptr<Codec>(std::move(list));
  }
  if (codec.name == "group") {
    const model::Object* paths = parameters.if_object();
    if (paths == nullptr) return make_error(ErrorClass::config, "group needs {part: path}");
    return make<GroupCodec>(field, *paths);
  }
  if (codec.name == "address" && parameters.to_text() == "comma") return make<CommaAddressCodec>(field);
  for (const char* name : {"text", "trim", "company_name", "person_name", "phone", "email", "uscc", "tax_no",
                           "resident_id", "url", "address", "date", "code"})
    if (codec.name == name)
      return make<TextCodec>(field, canonical_kind(codec.name),
                             parameters.find("clear") != nullptr ? parameters["clear"] : Value(""));
  return make_error(
      ErrorClass::config,
      "unknown codec \"" + codec.name +
          "\"; known: text trim company_name person_name phone email uscc tax_no resident_id url address "
          "date code enum codes bool bool01 number datetime reference list tags group");
}

}  // namespace huiliu::mapping
