// Numbers in English words, Roman numerals and letters.
#pragma once

#include <string>
#include <string_view>

namespace huiliu::expr {

// "One Hundred and Twenty-Third": with capital initials. The number is whole and not negative.
std::string words_of(double number, bool is_ordinal);
// In lower case; cardinals and ordinals, also "nineteen hundred and eighty-four".
double number_of_words(std::string_view words);
// Alternatives of a regular expression for all words that numbers are made of.
std::string number_word_pattern();

std::string roman_of(double number);  // in lower case
double number_of_roman(std::string_view roman);
std::string letters_of(double number, char first);  // a … z, aa, ab …
double number_of_letters(std::string_view letters, char first);

}  // namespace huiliu::expr
