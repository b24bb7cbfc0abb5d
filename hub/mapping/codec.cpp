#include "hub/mapping/codec.hpp"

#include <algorithm>
#include <vector>

#include "hub/mapping/codecs/codec_kit.hpp"
#include "hub/model/hint.hpp"

namespace huiliu::mapping {
namespace {

const std::vector<const CodecInfo*>& table() {
  static const std::vector<const CodecInfo*> all = [] {
    std::vector<const CodecInfo*> entries;
    for (const auto subject : {text_codecs(), table_codecs(), number_codecs(), time_codecs(), place_codecs(),
                               reference_codecs(), list_codecs(), record_codecs()})
      for (const CodecInfo& entry : subject) entries.push_back(&entry);
    return entries;
  }();
  return all;
}

std::vector<std::string_view> codec_names() {
  std::vector<std::string_view> names;
  for (const CodecInfo* entry : table()) names.push_back(entry->name);
  return names;
}

std::string listed(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "" : " ") + std::string(name);
  return text;
}

// Parameters are checked here, so that no codec need look for misspelled ones.
model::Status check_parameters(const CodecInfo& codec, const Value& parameters) {
  const model::Object* object = parameters.if_object();
  if (object == nullptr || codec.parameters.empty()) {
    const bool takes_it = object != nullptr ? codec.shorthand.find("\"object\"") != std::string_view::npos
                                            : parameters.is_null() || !codec.shorthand.empty();
    if (takes_it) return {};
    return make_error(ErrorClass::config, std::string(codec.name) + " takes no such parameters");
  }
  std::vector<std::string_view> names;
  for (const CodecParameter& parameter : codec.parameters) names.push_back(parameter.name);
  for (const model::Member& member : *object)
    if (std::find(names.begin(), names.end(), member.key) == names.end())
      return make_error(ErrorClass::config,
                        std::string(codec.name) + " has no parameter \"" + member.key +
                            "\"; known: " + listed(names) + model::did_you_mean(member.key, names),
                        "/" + std::string(codec.name) + "/" + member.key);
  return {};
}

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
  static constexpr std::string_view ideographic = "\xE3\x80\x80";
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  // Nearly every text has nothing to take off: its ends say so.
  const auto is_end = [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != ideographic.front() && c != ideographic.back();
  };
  if (text.empty() || (is_end(text.front()) && is_end(text.back()))) return text;
  for (;;) {
    if (!text.empty() && is_blank(text.front()))
      text.remove_prefix(1);
    else if (!text.empty() && is_blank(text.back()))
      text.remove_suffix(1);
    else if (text.starts_with(ideographic))
      text.remove_prefix(ideographic.size());
    else if (text.ends_with(ideographic))
      text.remove_suffix(ideographic.size());
    else
      return text;
  }
}

model::Result<std::size_t> choice(const Value& given, std::string_view parameter,
                                  std::span<const std::string_view> names, std::size_t otherwise) {
  if (given.is_null()) return otherwise;
  const std::string text = given.to_text();
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == text) return i;
  return make_error(ErrorClass::config, std::string(parameter) + " is one of " +
                                            listed({names.begin(), names.end()}) + ", not \"" + text + "\"" +
                                            model::did_you_mean(text, names));
}

std::span<const CodecInfo* const> codecs() { return table(); }

const CodecInfo* find_codec(std::string_view name) {
  for (const CodecInfo* entry : table())
    if (entry->name == name) return entry;
  return nullptr;
}

CodecResult make_codec(const Value& spec, const model::Field& field) {
  std::string name;
  Value parameters;
  if (spec.is_string()) {
    name = spec.as_string();
  } else if (const model::Object* object = spec.if_object(); object != nullptr && object->size() == 1) {
    name = object->begin()->key;
    parameters = object->begin()->value;
  } else {
    return make_error(ErrorClass::config, "a codec is a name or one {name: parameters}");
  }
  const CodecInfo* codec = find_codec(name);
  if (codec == nullptr)
    return make_error(ErrorClass::config, "unknown codec \"" + name + "\"; known: " + listed(codec_names()) +
                                              model::did_you_mean(name, codec_names()));
  HUILIU_TRY(check_parameters(*codec, parameters));
  return codec->make(*codec, field, parameters);
}

}  // namespace huiliu::mapping
