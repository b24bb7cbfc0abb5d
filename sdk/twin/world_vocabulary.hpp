// Words that the world is made of: places, brand characters, trades, streets, names of people.
//
// All tables live as long as the program; views into them are safe to keep. Place codes follow GB/T 2260,
// area codes and local lengths the numbering plan. Everything else is invented or common vocabulary.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace huiliu::twin {

struct County {
  std::string_view name, code;  // 吴中区 320506
};

struct City {
  std::string_view province, name, code;  // 江苏省 苏州市 320500
  std::string_view area_code;             // 0512
  int local_digits = 8;                   // of a telephone number
  std::vector<County> counties;           // empty: a city without counties (东莞市, 中山市)
};

struct Trade {
  std::string_view name, industry;  // 精密机械 机械制造
};

struct BrandCharacter {
  std::string_view text, pinyin;
};

struct ForeignPlace {
  std::string_view country, city, prefix, legal_form, currency;  // DE Hamburg +49 GmbH EUR
};

struct Vocabulary {
  std::vector<City> cities;
  std::vector<Trade> trades;
  std::vector<Trade> shop_trades;                // of sole traders
  std::vector<BrandCharacter> brand_characters;  // no two alike
  std::vector<std::string_view> streets, zones;  // 金枫路; 工业园区
  std::vector<std::string_view> surnames;        // commonest first; weights fall with the rank
  std::vector<std::string_view> given_characters;
  std::vector<std::string_view> positions, departments, decision_roles;
  std::vector<std::string_view> levels, sources, terms;
  std::vector<std::string_view> mobile_prefixes;  // three digits, assigned to people
  std::vector<ForeignPlace> foreign_places;
  std::vector<std::string_view> foreign_brands, foreign_trades;
};

const Vocabulary& vocabulary();

// The pinyin of a brand character; "" for any other.
std::string_view pinyin_of(std::string_view character);

// The traditional form of a character, or the character itself.
std::string_view traditional_of(std::string_view character);

}  // namespace huiliu::twin
