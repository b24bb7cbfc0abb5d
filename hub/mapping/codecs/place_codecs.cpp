// Addresses and regions.
#include <array>

#include "hub/mapping/codecs/codec_kit.hpp"
#include "hub/normalize/divisions.hpp"

namespace huiliu::mapping {
namespace {

using normalize::DivisionCode;
using normalize::Divisions;

// An address as levels: province, city, county, street, detail.
using Levels = std::array<std::string, 5>;
constexpr std::string_view level_names[] = {"province", "city", "county", "street", "detail"};

// 北京市, 北京市, 朝阳区 is 北京市朝阳区.
std::string address_of(const Levels& levels) {
  std::string joined;
  std::string_view previous;
  for (const std::string& level : levels) {
    if (level != previous) joined += level;
    previous = level;
  }
  return joined;
}

// The levels of an address in one text: those that stand in front of it word by word, so that reading them
// back gives the same text; the rest is detail.
Levels levels_of(const std::string& text) {
  const normalize::Normalized clean = normalize::normalize(normalize::Kind::address, text);
  Levels levels;
  std::string_view rest = text;
  std::string_view previous;
  for (std::size_t i = 0; i < 3; ++i) {
    const Value* part = clean.parts.find(level_names[i]);
    const std::string name = part == nullptr ? std::string{} : part->to_text();
    if (name.empty() || (name == previous && !rest.starts_with(name))) continue;
    if (!rest.starts_with(name)) return {"", "", "", "", text};
    levels[i] = name;
    rest.remove_prefix(name.size());
    previous = levels[i];
  }
  levels[4] = rest;
  if (address_of(levels) != text) return {"", "", "", "", text};
  return levels;
}

// One text, its levels in one text with separators, or each level in a member of its own.
class AddressCodec final : public FieldCodec {
 public:
  AddressCodec(const model::Field& field, std::string separator)
      : FieldCodec(field), separator_(std::move(separator)) {}
  AddressCodec(const model::Field& field, std::vector<std::pair<std::size_t, std::string>> paths)
      : FieldCodec(field), paths_(std::move(paths)) {}

  bool takes_record() const override { return !paths_.empty(); }

  In decode(const Value& shown, References&) const override {
    if (takes_record()) return whole(levels_at(shown));
    const ShownText text(shown);
    if (!text.is_text()) return not_text();
    if (separator_.empty()) return text.trimmed_text().empty() ? empty() : keyed(Value(text.trimmed_text()));
    Levels levels;
    std::string_view rest = text.trimmed_text();
    std::size_t level = 0;
    for (; level + 1 < levels.size(); ++level) {
      const std::size_t at = rest.find(separator_);
      if (at == std::string_view::npos) break;
      levels[level] = trimmed(rest.substr(0, at));
      rest.remove_prefix(at + separator_.size());
    }
    levels[level] = trimmed(rest);
    return whole(levels);
  }
  Out encode(const FieldValue& value, References&) const override {
    const std::string text(value.has_value() ? trimmed(value.value.to_text()) : std::string_view{});
    if (!takes_record() && (separator_.empty() || text.empty())) return written(Value(text));
    const Levels levels = text.empty() ? Levels{} : levels_of(text);
    if (!takes_record()) {
      std::string joined;
      for (std::size_t i = 0; i < levels.size(); ++i) joined += (i == 0 ? "" : separator_) + levels[i];
      return written(Value(joined));
    }
    return in_members(levels, text);
  }

 private:
  In whole(const Levels& levels) const {
    std::string text = address_of(levels);
    return text.empty() ? empty() : keyed(Value(std::move(text)));
  }
  Levels levels_at(const Value& record) const {
    Levels levels;
    for (const auto& [level, path] : paths_)
      if (const Value* shown = record.at_path(path)) levels[level] = trimmed(shown->to_text());
    return levels;
  }
  // A level without a member of its own stands in front of the next one that has one.
  Out in_members(const Levels& levels, const std::string& text) const {
    model::Object body;
    std::string held;
    Levels kept;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const std::string* path = path_of(i);
      if (path == nullptr) {
        held += levels[i];
        continue;
      }
      kept[i] = std::exchange(held, {}) + levels[i];
      body.append(*path, Value(kept[i]));
    }
    if (!held.empty() || address_of(kept) != text)
      return impossible("the system has no member for its detail");
    return written(std::move(body));
  }
  const std::string* path_of(std::size_t level) const {
    for (const auto& [known, path] : paths_)
      if (known == level) return &path;
    return nullptr;
  }

  std::string separator_;
  std::vector<std::pair<std::size_t, std::string>> paths_;
};

CodecResult make_address(const CodecInfo&, const model::Field& field, const Value& parameters) {
  if (parameters.is_string() && parameters.as_string() == "comma")
    return CodecResult(std::make_unique<AddressCodec>(field, ","));
  if (parameters.is_string() && parameters.as_string() != "text")
    return make_error(ErrorClass::config, "address is text, comma, {separator: …} or {province: path, …}");
  std::vector<std::pair<std::size_t, std::string>> paths;
  for (std::size_t i = 0; i < std::size(level_names); ++i)
    if (const Value* path = parameters.find(level_names[i])) paths.emplace_back(i, path->to_text());
  const std::string separator = parameters["separator"].to_text();
  if (!paths.empty() && !separator.empty())
    return make_error(ErrorClass::config, "either a separator or paths of the levels");
  if (!paths.empty()) return CodecResult(std::make_unique<AddressCodec>(field, std::move(paths)));
  return CodecResult(std::make_unique<AddressCodec>(field, separator));
}

// A region. Canonical: the six digits of GB/T 2260 as they are today.
class RegionCodec final : public FieldCodec {
 public:
  enum class Form { code, names, name };
  static constexpr std::string_view form_names[] = {"code", "names", "name"};
  RegionCodec(const model::Field& field, Form form, std::string separator, std::size_t digits)
      : FieldCodec(field), form_(form), separator_(std::move(separator)), digits_(digits) {}

  In decode(const Value& shown, References&) const override {
    const ShownText text(shown);
    if (!text.is_text()) return not_text();
    if (text.trimmed_text().empty()) return empty();
    const DivisionCode code = code_of(text.trimmed_text());
    if (code == 0)
      return problem("unknown_region", "no division of this name or code", std::string(text.trimmed_text()));
    return keyed(Value(normalize::code_text(code)));
  }
  Out encode(const FieldValue& value, References&) const override {
    if (!value.has_value()) return written(Value(""));
    const DivisionCode code = code_of(value.value.to_text());
    if (code == 0) return impossible("no division of this code");
    if (form_ == Form::code) {
      std::string digits = normalize::code_text(code);
      if (digits_ < digits.size() && digits.find_first_not_of('0', digits_) != std::string::npos)
        return impossible("the system holds " + std::to_string(digits_) + " digits of it only");
      digits.resize(digits_, '0');
      return written(Value(std::move(digits)));
    }
    const Divisions& divisions = Divisions::get();
    if (form_ == Form::name) {
      // A name alone is written only where it leads back to the same division.
      const std::string name(divisions.find(code)->name);
      if (code_of(name) != code) return impossible("the name \"" + name + "\" alone is ambiguous");
      return written(Value(name));
    }
    std::string names;
    DivisionCode previous = 0;
    for (const DivisionCode level : {normalize::province_of(code), normalize::prefecture_of(code), code}) {
      const normalize::Division* division = level == previous ? nullptr : divisions.find(level);
      previous = level;
      if (division != nullptr) names += (names.empty() ? "" : separator_) + std::string(division->name);
    }
    return code_of(names) == code ? written(Value(names)) : impossible("its names are ambiguous");
  }

 private:
  DivisionCode code_of(std::string_view text) const {
    const Divisions& divisions = Divisions::get();
    if (text.find_first_not_of("0123456789") == std::string_view::npos) {
      if (text.size() != 2 && text.size() != 4 && text.size() < 6) return 0;
      DivisionCode code = 0;
      for (std::size_t i = 0; i < 6; ++i)
        code = code * 10 + static_cast<DivisionCode>(i < text.size() ? text[i] - '0' : 0);
      return divisions.present(code);
    }
    std::string joined;
    std::string_view rest = text;
    std::string previous;
    while (!rest.empty()) {
      const std::size_t at = separator_.empty() ? std::string_view::npos : rest.find(separator_);
      std::string part(trimmed(rest.substr(0, at)));
      if (part != previous) joined += part;
      previous = std::move(part);
      rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + separator_.size());
    }
    const normalize::Normalized address = normalize::normalize(normalize::Kind::address, joined);
    const Value* code = address.parts.find("code");
    const Value* street = address.parts.find("street");
    const Value* detail = address.parts.find("detail");
    const bool is_more = (street != nullptr && !street->to_text().empty()) ||
                         (detail != nullptr && !detail->to_text().empty());
    if (code == nullptr || is_more) return 0;
    return static_cast<DivisionCode>(model::Number{code->to_text()}.to_int64().value_or(0));
  }

  Form form_;
  std::string separator_;
  std::size_t digits_;
};

CodecResult make_region(const CodecInfo&, const model::Field& field, const Value& parameters) {
  const Value& form = parameters.is_object() ? parameters["form"] : parameters;
  HUILIU_ASSIGN(const std::size_t index, choice(form, "form", RegionCodec::form_names, 0));
  std::size_t digits = 6;
  if (const Value* given = parameters.find("digits")) {
    const auto number = model::Number{given->to_text()}.to_int64().value_or(0);
    if (number != 2 && number != 4 && number != 6 && number != 9 && number != 12)
      return make_error(ErrorClass::config, "digits is 2, 4, 6, 9 or 12", "/region/digits");
    digits = static_cast<std::size_t>(number);
  }
  const Value* separator = parameters.find("separator");
  return CodecResult(std::make_unique<RegionCodec>(field, static_cast<RegionCodec::Form>(index),
                                                   separator == nullptr ? "/" : separator->to_text(),
                                                   digits));
}

constexpr std::string_view path_schema = R"({"type": "string"})";

constexpr CodecParameter address_parameters[] = {
    {"separator", path_schema, "各级之间的分隔符", "what stands between the levels of one text"},
    {"province", path_schema, "省所在路径", "path of the province"},
    {"city", path_schema, "市所在路径", "path of the city"},
    {"county", path_schema, "区县所在路径", "path of the county"},
    {"street", path_schema, "街道所在路径", "path of the street"},
    {"detail", path_schema, "详细地址所在路径", "path of the rest"}};

constexpr CodecParameter region_parameters[] = {
    {"form", R"({"enum": ["code", "names", "name"]})", "编码、各级名称、末级名称",
     "the code, the names of all levels, the last name"},
    {"separator", path_schema, "名称之间的分隔符，默认 /", "between names; default: /"},
    {"digits", R"({"enum": [2, 4, 6, 9, 12]})", "编码位数，默认 6", "digits of the code; default: 6"}};

constexpr CodecInfo place_entries[] = {
    {"address", address_parameters, R"({"enum": ["text", "comma"]})",
     "{address: {province: prov, city: city, county: area, detail: addr}}",
     "地址：一段文本；带分隔符（comma：省,市,区,街道,详细）；或各级分开的成员",
     "an address: one text; with separators (comma: 省,市,区,街道,详细); or a member for each level",
     "空缺的是哪一级", "which level was empty", make_address},
    {"region", region_parameters, R"({"enum": ["code", "names", "name"]})",
     "{region: {form: names, separator: \"/\"}}",
     "行政区划，内部为 GB/T 2260 六位代码；曾用名和旧代码读作现行区划",
     "a division of China, inside its GB/T 2260 code; former names and codes become today's",
     "曾用名、旧代码、简称", "former names and codes, short names", make_region},
};

}  // namespace

std::span<const CodecInfo> place_codecs() { return place_entries; }

}  // namespace huiliu::mapping
