// What the codecs share.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "hub/mapping/codec.hpp"
#include "hub/mapping/field_key.hpp"

namespace huiliu::mapping {

using model::ErrorClass;
using model::make_error;
using model::Presence;
using model::Value;

// Codecs by subject, each in its own file.
std::span<const CodecInfo> text_codecs();
std::span<const CodecInfo> table_codecs();
std::span<const CodecInfo> number_codecs();
std::span<const CodecInfo> time_codecs();
std::span<const CodecInfo> place_codecs();
std::span<const CodecInfo> list_codecs();
std::span<const CodecInfo> reference_codecs();
std::span<const CodecInfo> record_codecs();

// Blanks at the ends, ideographic ones too.
std::string_view trimmed(std::string_view text) noexcept;

// A codec of one canonical field.
class FieldCodec : public Codec {
 protected:
  explicit FieldCodec(const model::Field& field) : name_(field.name), key_(field) {}
  static In empty() { return {FieldValue{Presence::empty, {}, {}}}; }
  In keyed(Value value) const {
    std::string key = key_(value);
    return {FieldValue{Presence::value, std::move(value), std::move(key)}};
  }
  In problem(const char* code, std::string message, std::string value = {}) const {
    return {{}, Problem{name_, code, std::move(message), std::move(value)}};
  }
  In not_text() const { return problem("not_text", "an object or array stands where text belongs"); }
  static Out written(Value value) { return {Encoded::Kind::written, std::move(value), {}}; }
  static Out impossible(std::string reason) { return {Encoded::Kind::impossible, {}, std::move(reason)}; }

 private:
  std::string name_;
  FieldKey key_;
};

// The text of a scalar without a copy where it is one already; nullopt for arrays and objects.
class ShownText {
 public:
  explicit ShownText(const Value& shown) : is_text_(!shown.is_array() && !shown.is_object()) {
    if (const std::string* text = shown.if_string())
      view_ = *text;
    else if (const model::Number* number = shown.if_number())
      view_ = number->text;
    else if (const bool* boolean = shown.if_bool())
      view_ = *boolean ? "true" : "false";
    view_ = trimmed(view_);
  }
  bool is_text() const noexcept { return is_text_; }
  std::string_view trimmed_text() const noexcept { return view_; }

 private:
  bool is_text_;
  std::string_view view_;
};

// A parameter that names one of a few things: its index. Error: which there are, with a hint.
model::Result<std::size_t> choice(const Value& given, std::string_view parameter,
                                  std::span<const std::string_view> names, std::size_t otherwise);

}  // namespace huiliu::mapping
