// The form of stored text (see codec.hpp): a message is a run of members, each one letter, the length of its
// payload in decimal, ':' and the payload. Internal to the codec. Reading never fails loudly: a malformed
// message ends early and ok() says so.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace huiliu::sync {

class MessageWriter {
 public:
  void text(char member, std::string_view payload) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, payload.size()).ptr;
    out_.push_back(member);
    out_.append(digits, end);
    out_.push_back(':');
    out_.append(payload);
  }
  void some_text(char member, std::string_view payload) {
    if (!payload.empty()) text(member, payload);
  }
  void number(char member, std::int64_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    text(member, {digits, static_cast<std::size_t>(end - digits)});
  }
  void some_number(char member, std::int64_t value, std::int64_t usual) {
    if (value != usual) number(member, value);
  }
  void flag(char member, bool value) {
    if (value) text(member, "");
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class MessageReader {
 public:
  explicit MessageReader(std::string_view text) : rest_(text) {}

  // The next member; false at the end and on malformed text (then ok() is false).
  bool next() {
    if (rest_.empty() || !ok_) return false;
    member = rest_.front();
    std::size_t length = 0;
    const char* const end = rest_.data() + rest_.size();
    const auto parsed = std::from_chars(rest_.data() + 1, end, length);
    if (parsed.ec != std::errc{} || parsed.ptr == end || *parsed.ptr != ':' ||
        length > static_cast<std::size_t>(end - parsed.ptr - 1)) {
      return ok_ = false;
    }
    payload = {parsed.ptr + 1, length};
    rest_.remove_prefix(static_cast<std::size_t>(parsed.ptr + 1 - rest_.data()) + length);
    return true;
  }
  bool ok() const { return ok_; }
  void fail() { ok_ = false; }
  // The same for a nested message that was read.
  void require(bool nested_ok) { ok_ = ok_ && nested_ok; }

  template <class Number>
  void number(Number& to) {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(payload.data(), payload.data() + payload.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != payload.data() + payload.size()) ok_ = false;
    to = static_cast<Number>(value);
  }
  template <class Enum>
  void enumeration(Enum& to, Enum last) {
    std::int64_t value = -1;
    number(value);
    if (value < 0 || value > static_cast<std::int64_t>(last)) {
      ok_ = false;
    } else {
      to = static_cast<Enum>(value);
    }
  }

  char member = 0;
  std::string_view payload;

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace huiliu::sync
