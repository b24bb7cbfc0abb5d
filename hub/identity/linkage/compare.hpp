// A pair of records as levels of agreement, one per column.
#pragma once

#include <cstdint>

#include "hub/identity/linkage/dataset.hpp"

namespace huiliu::identity {

using Level = std::uint8_t;
constexpr Level kMissing = 0;  // one side has no value
constexpr Level kElse = 1;     // nothing alike; higher levels agree more
constexpr std::size_t kMostColumns = 16;
constexpr std::size_t kMostLevels = 8;

// The number of the best level, which means "equal", for columns of a type.
Level best_level(ColumnType type) noexcept;

// What a level means to a person: "equal", "one edit", "same last seven digits" …
const char* level_name(ColumnType type, Level level) noexcept;

Level compare_values(const ColumnData& column, std::uint32_t a, std::uint32_t b);

// Four bits per column, column 0 lowest.
using Pattern = std::uint64_t;
inline Level level_at(Pattern pattern, std::size_t column) {
  return static_cast<Level>((pattern >> (4 * column)) & 15U);
}
Pattern compare_records(const Dataset& data, std::uint32_t a, std::uint32_t b);

// Where in its level the likeness of a text lies, 0 (just reached) to 255 (nearly the next one): one byte for
// each of the first four text and address columns, in their order.
constexpr std::size_t kFineColumns = 4;
inline bool is_fine(ColumnType type) { return type == ColumnType::text || type == ColumnType::address; }
struct Compared {
  Pattern pattern = 0;
  std::uint32_t fineness = 0;
};
Compared compare_finely(const Dataset& data, std::uint32_t a, std::uint32_t b);

// What forbids that two records are the same, whatever else agrees: two different valid credit codes, a
// branch and its parent, different ordinals. Null when nothing does.
const char* veto_between(const Dataset& data, std::uint32_t a, std::uint32_t b);

// Equal valid identifiers of an authority: the same, whatever else differs.
bool same_identifier(const Dataset& data, std::uint32_t a, std::uint32_t b);

}  // namespace huiliu::identity
