// Tokens of JSONata.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace huiliu::expr {

struct Token {
  enum class Kind {
    name,      // also a name in backticks
    variable,  // value without the $
    string,
    number,
    value,   // true false null
    regex,   // value is the pattern
    symbol,  // an operator or a bracket; also the words and, or, in
    end,
  };
  Kind kind = Kind::end;
  std::string value = {};
  double number = 0;
  bool ignores_case = false;   // of a regex
  bool is_multiline = false;   // of a regex
  std::uint32_t position = 0;  // of its first byte
};

class Lexer {
 public:
  // The source must outlive the lexer.
  explicit Lexer(std::string_view source) : source_(source) {}

  // A slash begins a regular expression only where an operand may stand. Raises S0101 … S0106, S0301, S0302.
  Token next(bool may_be_regex);

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  void skip_blanks_and_comments();
  Token read_string(char quote);
  void read_escape(std::string& out);
  char32_t read_hexadecimal() const;
  Token read_number();
  Token read_quoted_name();
  Token read_name();
  Token read_regex();
  Token token(Token::Kind kind, std::string value) const;

  std::string_view source_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;  // of the current token
};

}  // namespace huiliu::expr
