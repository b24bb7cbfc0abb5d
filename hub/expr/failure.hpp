// How an expression fails inside this folder: an exception, because a failure ends the whole evaluation from
// any depth and the way back has nothing to clean up but memory. It never leaves the folder: compile() and
// evaluate() turn it into a model::Error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hub/model/result.hpp"

namespace huiliu::expr {

inline constexpr std::uint32_t no_position = 0xFFFFFFFFU;

struct Failure {
  std::string code;    // JSONata's, e.g. "T2001"
  std::string detail;  // what the message names: a token, a name, a kind of value; never a value of the data
  std::uint32_t position = no_position;  // byte offset in the source
  std::string message = {};              // complete, instead of the text that belongs to the code

  // The sentence for people that belongs to the code, with the detail in it.
  std::string text() const;
  model::Error to_error(model::ErrorClass error_class) const;
};

[[noreturn]] void fail(std::string_view code, std::string_view detail = {},
                       std::uint32_t position = no_position);
// With its own words, for $error, $assert and limits.
[[noreturn]] void fail_with(std::string_view code, std::string message);

}  // namespace huiliu::expr
