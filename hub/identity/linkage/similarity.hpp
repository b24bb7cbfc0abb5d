// How alike two strings are. Pure functions over code points.
#pragma once

#include <cstddef>
#include <string_view>

#include "hub/identity/linkage/dataset.hpp"

namespace huiliu::identity {

// 1 for equal strings, 0 for nothing in common; a common beginning counts more. Looks at the first 64
// characters.
double jaro_winkler(std::u32string_view a, std::u32string_view b);

// Edits (insert, delete, replace, swap of neighbours) up to `limit`; limit + 1 when there are more.
std::size_t edit_distance(std::u32string_view a, std::u32string_view b, std::size_t limit);

// Cosine of the weighted words, blended with the share of the shorter one that is found in the longer; words
// of four letters and more that differ by a typo, and initials, count in part.
double word_similarity(const ColumnData& column, const ColumnValue& a, const ColumnValue& b);

// Shared pairs of neighbouring characters over all of them.
double bigram_similarity(std::u32string_view a, std::u32string_view b);

}  // namespace huiliu::identity
