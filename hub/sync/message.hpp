// The form of stored text (see codec.hpp): a message is a run of members, each one letter, the length of its
// payload in decimal, ':' and the payload. Internal to the codec.
//
// What a thing is made of is said once, by a function describe(io, thing, …) that names each member with its
// letter. Writer and Reader have the same functions: for one they write the member, for the other they take
// it when it is the one that was just read. Members that have their usual value are left out. The Writer
// keeps one buffer however deep the nesting is. Reading never fails loudly: a malformed message ends early
// and ok() says so.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "hub/model/value.hpp"

namespace huiliu::sync {

class Writer {
 public:
  template <class T>
  using Of = const T;
  static constexpr bool reads = false;

  explicit Writer(std::size_t expected_size) { out_.reserve(expected_size); }

  void always(char member, std::string_view text) {
    char head[24];
    head[0] = member;
    char* end = std::to_chars(head + 1, head + sizeof head, text.size()).ptr;
    *end++ = ':';
    out_.append(head, static_cast<std::size_t>(end - head));
    out_.append(text);
  }
  void text(char member, std::string_view text) {
    if (!text.empty()) always(member, text);
  }
  void flag(char member, bool value) {
    if (value) always(member, {});
  }
  template <class Number>
  void always_number(char member, const Number& value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, static_cast<std::int64_t>(value)).ptr;
    always(member, {digits, static_cast<std::size_t>(end - digits)});
  }
  template <class Number>
  void number(char member, const Number& value, Number usual) {
    if (value != usual) always_number(member, value);
  }
  template <class Enum>
  void choice(char member, const Enum& value, Enum) {
    always_number(member, static_cast<int>(value));
  }
  template <class Enum>
  void choice(char member, const Enum& value, Enum, Enum usual) {
    if (value != usual) always_number(member, static_cast<int>(value));
  }
  // Text as 's…', anything else as 'j' and JSON.
  void value(char member, const model::Value& value) {
    nested(member, [&](Writer& io) {
      if (const auto* text = value.if_string()) {
        io.out_.push_back('s');
        io.out_.append(*text);
      } else {
        io.out_.push_back('j');
        model::append_json(io.out_, value);
      }
    });
  }
  void object(char member, const model::Object& object) {
    if (!object.empty()) always(member, model::to_json(model::Value(object)));
  }
  void texts(char member, const std::vector<std::string>& texts) {
    for (const auto& text : texts) always(member, text);
  }
  // A message inside: its length is known afterwards, and put before it, where room was left for two digits.
  template <class Describe>
  void nested(char member, const Describe& describe) {
    const char head[] = {member, '0', '0', ':'};
    out_.append(head, sizeof head);
    const std::size_t begin = out_.size();
    describe(*this);
    char digits[24];
    const char* const end = std::to_chars(digits, digits + sizeof digits, out_.size() - begin).ptr;
    const auto count = static_cast<std::size_t>(end - digits);
    if (count == 2)
      std::copy(digits, digits + 2, &out_[begin - 3]);
    else
      out_.replace(begin - 3, 2, digits, count);
  }
  template <class T, class Describe>
  void optional(char member, const std::optional<T>& value, const Describe& describe) {
    if (value) nested(member, [&](Writer& io) { describe(io, *value); });
  }
  template <class T, class Describe>
  void list(char member, const std::vector<T>& values, const Describe& describe) {
    for (const auto& value : values) nested(member, [&](Writer& io) { describe(io, value); });
  }

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reader {
 public:
  template <class T>
  using Of = T;
  static constexpr bool reads = true;

  explicit Reader(std::string_view text) : rest_(text) {}

  // The next member; false at the end and on malformed text (then ok() is false).
  bool next() {
    if (rest_.empty() || !ok_) return false;
    member_ = rest_.front();
    std::size_t length = 0, at = 1;
    while (at < rest_.size() && rest_[at] >= '0' && rest_[at] <= '9' && length < rest_.size())
      length = length * 10 + static_cast<std::size_t>(rest_[at++] - '0');
    if (at == 1 || at >= rest_.size() || rest_[at] != ':' || length > rest_.size() - at - 1)
      return ok_ = false;
    payload_ = {rest_.data() + at + 1, length};
    rest_.remove_prefix(at + 1 + length);
    return true;
  }
  bool ok() const { return ok_; }
  void require(bool fine) { ok_ = ok_ && fine; }
  bool is(char member) const { return member_ == member; }
  std::string_view payload() const { return payload_; }

  void always(char member, std::string& to) {
    if (is(member)) to = payload_;
  }
  void text(char member, std::string& to) { always(member, to); }
  void flag(char member, bool& to) {
    if (is(member)) to = true;
  }
  template <class Number>
  void always_number(char member, Number& to) {
    if (is(member)) require(to_number(payload_, to));
  }
  template <class Number>
  void number(char member, Number& to, Number) {
    always_number(member, to);
  }
  template <class Enum>
  void choice(char member, Enum& to, Enum last) {
    if (!is(member)) return;
    std::int64_t value = -1;
    require(to_number(payload_, value) && value >= 0 && value <= static_cast<std::int64_t>(last));
    if (ok_) to = static_cast<Enum>(value);
  }
  template <class Enum>
  void choice(char member, Enum& to, Enum last, Enum) {
    choice(member, to, last);
  }
  void value(char member, model::Value& to) {
    if (!is(member)) return;
    const std::string_view body = payload_.substr(std::min<std::size_t>(1, payload_.size()));
    if (payload_.starts_with('s')) {
      to = model::Value(body);
      return;
    }
    auto parsed = model::parse_json(body);
    require(payload_.starts_with('j') && parsed.ok());
    if (ok_) to = std::move(*parsed);
  }
  void object(char member, model::Object& to) {
    if (!is(member)) return;
    auto parsed = model::parse_json(payload_);
    require(parsed.ok() && parsed->is_object());
    if (ok_) to = std::move(parsed->as_object());
  }
  void texts(char member, std::vector<std::string>& to) {
    if (is(member)) to.emplace_back(payload_);
  }
  // Goes through all members of the message inside.
  template <class Describe>
  void nested(char member, const Describe& describe) {
    if (!is(member)) return;
    Reader in(payload_);
    while (in.next()) describe(in);
    require(in.ok());
  }
  template <class T, class Describe>
  void optional(char member, std::optional<T>& to, const Describe& describe) {
    if (is(member)) nested(member, [&, &made = to.emplace()](Reader& io) { describe(io, made); });
  }
  template <class T, class Describe>
  void list(char member, std::vector<T>& to, const Describe& describe) {
    if (is(member)) nested(member, [&, &made = to.emplace_back()](Reader& io) { describe(io, made); });
  }

  template <class Number>
  static bool to_number(std::string_view text, Number& to) {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    to = static_cast<Number>(value);
    return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
  }

 private:
  std::string_view rest_, payload_;
  char member_ = 0;
  bool ok_ = true;
};

}  // namespace huiliu::sync
