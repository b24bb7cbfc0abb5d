// Measured quality on lists that were marked by hand. The lists keep names that are still read wrongly: the
// rate counts.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "hub/normalize/words.hpp"
#include "tests/unit/normalize/support.hpp"

namespace huiliu::normalize {
namespace {

std::vector<std::vector<std::string>> rows_of(const std::string& name) {
  std::ifstream file(HUILIU_SOURCE_DIR "/tests/unit/normalize/data/" + name);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    rows.emplace_back();
    for_each_part(line, '\t', [&](std::string_view cell) { rows.back().emplace_back(cell); });
  }
  return rows;
}

TEST(Marked, BrandsAreExactOn98Percent) {
  const auto rows = rows_of("company_brands.tsv");
  ASSERT_GT(rows.size(), 500U);
  std::size_t right = 0;
  std::string wrong;
  for (const auto& row : rows) {
    const std::string brand = part(normalize(Kind::company_name, row.at(0)), "brand");
    if (brand == row.at(1))
      ++right;
    else
      wrong += row[0] + ": " + brand + " instead of " + row[1] + "\n";
  }
  EXPECT_GE(static_cast<double>(right), 0.98 * static_cast<double>(rows.size())) << wrong;
}

TEST(Marked, PlacesOfAddresses) {
  const auto rows = rows_of("address_places.tsv");
  ASSERT_GT(rows.size(), 130U);
  for (const auto& row : rows) {
    const Normalized address = normalize(Kind::address, row.at(0));
    EXPECT_EQ(part(address, "province"), row.at(1)) << row[0];
    EXPECT_EQ(part(address, "city"), row.at(2)) << row[0];
    EXPECT_EQ(part(address, "county"), row.at(3)) << row[0];
    if (!row.at(4).empty()) {
      EXPECT_EQ(part(address, "code"), row[4]) << row[0];
    }
  }
}

}  // namespace
}  // namespace huiliu::normalize
