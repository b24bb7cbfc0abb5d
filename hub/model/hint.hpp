// "Did you mean …": the candidate that a mistyped word most likely stands for.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace huiliu::model {

// The nearest candidate by edits (letter case costs nothing); "" when none is near.
std::string_view nearest(std::string_view wrong, std::span<const std::string_view> candidates);

// `; did you mean "NEAREST"?`, or "" when nothing is near.
std::string did_you_mean(std::string_view wrong, std::span<const std::string_view> candidates);

}  // namespace huiliu::model
