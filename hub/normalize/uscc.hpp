// Unified social credit codes (GB 32100-2015) as the other identifier standardizers see them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace huiliu::normalize {

// 18 characters of the alphabet with digits in the division; says nothing about the checks.
bool has_uscc_form(std::string_view code) noexcept;

// Codes issued in Fujian in mid-2015 (subject code M0…) fail the standard's checks though they are genuine.
bool is_known_uscc_exception(std::string_view code18) noexcept;

// Codes that differ from `code` by one typing error (a replaced, missing or extra character, letters outside
// the alphabet) and hold both checks and a known division; confusable characters first. Bounded work for any
// input.
std::vector<std::string> uscc_repairs(std::string_view code);

}  // namespace huiliu::normalize
