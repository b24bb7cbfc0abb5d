// Integers by picture, as XPath's fn:format-integer: "#,##0", "000;o" (ordinal), "I" and "i" (Roman), "A" and
// "a" (letters), "w", "W" and "Ww" (English words). Both directions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace huiliu::expr {

struct IntegerPicture {
  enum class Form { decimal, letters, roman, words, unsupported };
  enum class Case { lower, upper, title };
  struct Separator {
    std::size_t position = 0;  // digits to its right
    char32_t character = 0;
  };

  Form form = Form::decimal;
  Case letter_case = Case::lower;
  bool is_ordinal = false;
  char32_t zero = U'0';
  std::size_t mandatory_digits = 0;
  std::size_t optional_digits = 0;
  std::vector<Separator> separators = {};  // from the right; only the first counts if regular
  std::size_t regular_distance = 0;        // separators of one kind at each multiple of this; 0: as listed
  std::size_t exact_width = 0;             // of the digits when parsing, 0: any
  std::string source = {};                 // the picture without its modifier

  // Raises D3131.
  static IntegerPicture of(std::string_view picture);

  // Of a whole number. D3130 for a numbering sequence that is not supported.
  std::string format(double number) const;
  // A regular expression, to be used without regard to letter case, for what parse() can read. D3130.
  std::string pattern() const;
  // What it does not understand counts as zero.
  double parse(std::string_view text) const;
};

}  // namespace huiliu::expr
