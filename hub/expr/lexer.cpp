#include "hub/expr/lexer.hpp"

#include <array>
#include <cmath>
#include <cstdlib>

#include "hub/expr/failure.hpp"
#include "hub/expr/utf8.hpp"

namespace huiliu::expr {
namespace {

constexpr std::string_view single_symbols = ".[]{}(),@#;:?+-*/%|=<>^&!~";
constexpr std::array<std::string_view, 9> double_symbols = {
    "..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??"};

bool is_lexer_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v'; }
bool is_lexer_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Token Lexer::token(Token::Kind kind, std::string value) const {
  Token token;
  token.kind = kind;
  token.value = std::move(value);
  token.position = static_cast<std::uint32_t>(start_);
  return token;
}

Token Lexer::next(bool may_be_regex) {
  skip_blanks_and_comments();
  start_ = at_;
  if (at_ >= source_.size()) return token(Token::Kind::end, "(end)");
  const char c = source_[at_];
  if (c == '/' && may_be_regex) return read_regex();
  for (const std::string_view symbol : double_symbols) {
    if (source_.substr(at_).starts_with(symbol)) {
      at_ += 2;
      return token(Token::Kind::symbol, std::string(symbol));
    }
  }
  if (single_symbols.find(c) != std::string_view::npos) {
    ++at_;
    return token(Token::Kind::symbol, std::string(1, c));
  }
  if (c == '"' || c == '\'') return read_string(c);
  if (is_lexer_digit(c)) return read_number();
  if (c == '`') return read_quoted_name();
  return read_name();
}

void Lexer::skip_blanks_and_comments() {
  for (;;) {
    while (at_ < source_.size() && is_lexer_blank(source_[at_])) ++at_;
    if (peek() != '/' || peek(1) != '*') return;
    const std::size_t end = source_.find("*/", at_ + 2);
    if (end == std::string_view::npos) fail("S0106", {}, static_cast<std::uint32_t>(at_));
    at_ = end + 2;
  }
}

Token Lexer::read_string(char quote) {
  std::string value;
  for (++at_; at_ < source_.size(); ++at_) {
    const char c = source_[at_];
    if (c == quote) {
      ++at_;
      return token(Token::Kind::string, std::move(value));
    }
    if (c == '\\')
      read_escape(value);
    else
      value += c;
  }
  fail("S0101", {}, static_cast<std::uint32_t>(start_));
}

// At a backslash; leaves at_ on the last byte of the escape.
void Lexer::read_escape(std::string& out) {
  ++at_;
  const char c = peek();
  switch (c) {
    case '"':
    case '\\':
    case '/':
      out += c;
      return;
    case 'b':
      out += '\b';
      return;
    case 'f':
      out += '\f';
      return;
    case 'n':
      out += '\n';
      return;
    case 'r':
      out += '\r';
      return;
    case 't':
      out += '\t';
      return;
    case 'u':
      break;
    default:
      fail("S0103", at_ < source_.size() ? source_.substr(at_, 1) : "", static_cast<std::uint32_t>(at_));
  }
  char32_t character = read_hexadecimal();
  at_ += 4;
  const bool is_high = character >= 0xD800 && character <= 0xDBFF;
  if (is_high && peek(1) == '\\' && peek(2) == 'u') {
    const std::size_t high_end = at_;
    at_ += 2;
    const char32_t low = read_hexadecimal();
    if (low >= 0xDC00 && low <= 0xDFFF) {
      character = 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00);
      at_ += 4;
    } else {
      at_ = high_end;
    }
  }
  append_character(out, character);
}

// The four digits behind the u at at_.
char32_t Lexer::read_hexadecimal() const {
  char32_t value = 0;
  for (std::size_t i = 1; i <= 4; ++i) {
    const char c = peek(i);
    const char lower = static_cast<char>(c | 0x20);
    if (is_lexer_digit(c))
      value = value * 16 + static_cast<char32_t>(c - '0');
    else if (lower >= 'a' && lower <= 'f')
      value = value * 16 + static_cast<char32_t>(lower - 'a' + 10);
    else
      fail("S0104", {}, static_cast<std::uint32_t>(at_));
  }
  return value;
}

Token Lexer::read_number() {
  if (source_[at_] == '0')
    ++at_;
  else
    while (is_lexer_digit(peek())) ++at_;
  if (peek() == '.' && is_lexer_digit(peek(1))) {
    ++at_;
    while (is_lexer_digit(peek())) ++at_;
  }
  const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
  if ((peek() == 'e' || peek() == 'E') && is_lexer_digit(peek(1 + sign))) {
    at_ += 1 + sign;
    while (is_lexer_digit(peek())) ++at_;
  }
  Token number = token(Token::Kind::number, std::string(source_.substr(start_, at_ - start_)));
  number.number = std::strtod(number.value.c_str(), nullptr);
  if (!std::isfinite(number.number)) fail("S0102", number.value, number.position);
  return number;
}

Token Lexer::read_quoted_name() {
  const std::size_t end = source_.find('`', at_ + 1);
  if (end == std::string_view::npos) fail("S0105", {}, static_cast<std::uint32_t>(start_));
  std::string name(source_.substr(at_ + 1, end - at_ - 1));
  at_ = end + 1;
  return token(Token::Kind::name, std::move(name));
}

Token Lexer::read_name() {
  while (at_ < source_.size() && !is_lexer_blank(source_[at_]) &&
         single_symbols.find(source_[at_]) == std::string_view::npos) {
    ++at_;
  }
  const std::string_view name = source_.substr(start_, at_ - start_);
  if (name.front() == '$') return token(Token::Kind::variable, std::string(name.substr(1)));
  if (name == "and" || name == "or" || name == "in") return token(Token::Kind::symbol, std::string(name));
  if (name == "true" || name == "false" || name == "null")
    return token(Token::Kind::value, std::string(name));
  return token(Token::Kind::name, std::string(name));
}

Token Lexer::read_regex() {
  ++at_;
  const std::size_t begin = at_;
  int depth = 0;  // slashes within brackets do not end it
  bool is_in_class = false;
  for (bool is_escaped = false;; ++at_) {
    if (at_ >= source_.size()) fail("S0302", {}, static_cast<std::uint32_t>(start_));
    const char c = source_[at_];
    if (is_escaped) {
      is_escaped = false;
    } else if (c == '\\') {
      is_escaped = true;
    } else if (is_in_class) {
      is_in_class = c != ']';
    } else if (c == '/' && depth == 0) {
      break;
    } else if (c == '[') {
      is_in_class = true;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && depth > 0) {
      --depth;
    }
  }
  Token regex = token(Token::Kind::regex, std::string(source_.substr(begin, at_ - begin)));
  if (regex.value.empty()) fail("S0301", {}, regex.position);
  for (++at_; peek() == 'i' || peek() == 'm'; ++at_) {
    if (peek() == 'i')
      regex.ignores_case = true;
    else
      regex.is_multiline = true;
  }
  return regex;
}

}  // namespace huiliu::expr
