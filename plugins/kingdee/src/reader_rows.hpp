// reader_rows.hpp - what both halves of the reader need of a query's rows. Internal to the reader.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/kingdee/src/table.hpp"

namespace kingdee {

using Groups = std::vector<std::pair<std::size_t, std::size_t>>;

inline constexpr std::size_t ids_per_query = 200;

/// Runs of rows with the same master, in the order of the rows.
inline Groups groups_of(const Rows& rows, std::string_view master) {
  Groups groups;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!groups.empty() && rows.id(groups.back().first, master) == rows.id(row, master))
      groups.back().second = row + 1;
    else
      groups.emplace_back(row, row + 1);
  }
  return groups;
}

inline std::optional<std::int64_t> as_id(std::string_view text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id <= 0) return std::nullopt;
  return id;
}

}  // namespace kingdee
