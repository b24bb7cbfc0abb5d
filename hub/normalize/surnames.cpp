#include "hub/normalize/surnames.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>

#include "hub/normalize/data/tables.hpp"
#include "hub/normalize/pinyin.hpp"
#include "hub/normalize/utf8.hpp"
#include "hub/normalize/words.hpp"

namespace huiliu::normalize {
namespace {

struct SurnameTable {
  WordTree tree;
  std::vector<std::string> readings;  // by rank
  std::unordered_map<std::string, int> by_pinyin;

  SurnameTable() {
    for_each_token(data::kSurnames, [this](std::string_view token) {
      const std::size_t equals = std::min(token.find('='), token.size());
      const auto rank = static_cast<std::uint32_t>(readings.size());
      std::u32string surname;
      decode_utf8(token.substr(0, equals), surname);
      if (tree.find(surname) != WordTree::kNone) return;
      tree.add(surname, rank);
      std::string reading = equals < token.size() ? std::string(token.substr(equals + 1)) : std::string();
      std::replace(reading.begin(), reading.end(), ',', ' ');
      std::string spelled = reading.empty() ? short_pinyin(surname).full : reading;
      spelled.erase(std::remove(spelled.begin(), spelled.end(), ' '), spelled.end());
      by_pinyin.emplace(std::move(spelled), static_cast<int>(rank));
      readings.push_back(std::move(reading));
    });
  }
};

const SurnameTable& surname_table() {
  static const auto table = std::make_unique<const SurnameTable>();
  return *table;
}

}  // namespace

SurnameMatch leading_surname(std::u32string_view name) {
  const SurnameTable& table = surname_table();
  const WordTree::Match match = table.tree.longest(name, 0);
  if (match.length == 0) return {};
  return {match.length, table.readings[match.value], match.value};
}

int pinyin_surname_rank(std::string_view pinyin) {
  const auto& table = surname_table().by_pinyin;
  const auto found = table.find(std::string(pinyin));
  return found == table.end() ? -1 : found->second;
}

}  // namespace huiliu::normalize
