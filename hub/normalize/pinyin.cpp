#include "hub/normalize/pinyin.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>

#include "hub/normalize/data/tables.hpp"
#include "hub/normalize/fold.hpp"
#include "hub/normalize/surnames.hpp"
#include "hub/normalize/utf8.hpp"
#include "hub/normalize/words.hpp"

namespace huiliu::normalize {
namespace {

constexpr char32_t kFirstHan = 0x4E00;
constexpr std::size_t kHanCount = 0x9FFF - 0x4E00 + 1;

struct PinyinTables {
  std::vector<std::string> syllables{""};          // 0: no reading
  std::array<std::uint16_t, kHanCount> reading{};  // index of syllables
  std::unordered_map<char32_t, std::vector<std::uint16_t>> others;
  std::vector<std::vector<std::uint16_t>> words;  // readings, indexed by the payloads of `tree`
  WordTree tree;

  PinyinTables() {
    std::unordered_map<std::string, std::uint16_t> index;
    const auto syllable = [&](std::string_view text) {
      const auto [at, fresh] = index.emplace(std::string(text), static_cast<std::uint16_t>(syllables.size()));
      if (fresh) syllables.emplace_back(text);
      return at->second;
    };
    for_each_token(data::kPinyinReadings, [&](std::string_view token) {
      const std::size_t equals = token.find('=');
      const std::uint16_t number = syllable(token.substr(0, equals));
      std::u32string characters;
      decode_utf8(token.substr(equals + 1), characters);
      for (const char32_t c : characters) {
        if (c >= kFirstHan && c - kFirstHan < kHanCount) reading[c - kFirstHan] = number;
      }
    });
    for_each_token(data::kPinyinOthers, [&](std::string_view token) {
      const std::size_t equals = token.find('=');
      std::u32string character;
      decode_utf8(token.substr(0, equals), character);
      for_each_part(token.substr(equals + 1), ',',
                    [&](std::string_view text) { others[character[0]].push_back(syllable(text)); });
    });
    for_each_token(data::kPinyinWords, [&](std::string_view token) {
      const std::size_t equals = token.find('=');
      tree.add(token.substr(0, equals), static_cast<std::uint32_t>(words.size()));
      words.emplace_back();
      for_each_part(token.substr(equals + 1), ',',
                    [&](std::string_view text) { words.back().push_back(syllable(text)); });
    });
  }

  std::uint16_t of(char32_t c) const {
    if (c == U'〇') return reading[U'零' - kFirstHan];
    return c >= kFirstHan && c - kFirstHan < kHanCount ? reading[c - kFirstHan] : std::uint16_t{0};
  }
};

const PinyinTables& pinyin_tables() {
  static const auto tables = std::make_unique<const PinyinTables>();
  return *tables;
}

// Calls visit(text, character) for every syllable or run of other characters; character is 0 where no other
// reading is possible.
template <class Visit>
void for_each_unit(std::u32string_view name, PinyinOf what, Visit visit) {
  const PinyinTables& tables = pinyin_tables();
  std::size_t at = 0;
  if (what == PinyinOf::person) {
    const SurnameMatch surname = leading_surname(name);
    if (surname.length > 0 && !surname.pinyin.empty()) {
      for_each_token(surname.pinyin, [&visit](std::string_view syllable) { visit(syllable, char32_t{0}); });
      at = surname.length;
    }
  }
  std::string run;  // Latin letters and digits, in one unit
  const auto close = [&] {
    if (!run.empty()) visit(std::string_view(run), char32_t{0});
    run.clear();
  };
  while (at < name.size()) {
    const WordTree::Match word = tables.tree.longest(name, at);
    if (word.length > 0) {
      close();
      for (const std::uint16_t number : tables.words[word.value])
        visit(std::string_view(tables.syllables[number]), char32_t{0});
      at += word.length;
      continue;
    }
    const char32_t c = name[at++];
    const std::uint16_t number = tables.of(c);
    const bool han = is_han(c);
    if (number != 0 || han || !(is_latin(c) || is_digit(c))) close();  // spaces and punctuation separate
    if (number != 0) {
      visit(std::string_view(tables.syllables[number]), c);
    } else if (han || is_latin(c) || is_digit(c)) {
      append_utf8(run, c);
      if (han) close();
    }
  }
  close();
}

// One unit of the result, kept.
struct PinyinUnit {
  std::string text;
  char32_t character = 0;
};

std::vector<PinyinUnit> units_of(std::u32string_view name, PinyinOf what) {
  std::vector<PinyinUnit> units;
  units.reserve(name.size());
  for_each_unit(name, what, [&units](std::string_view text, char32_t c) {
    units.push_back({std::string(text), c});
  });
  return units;
}

std::string joined(const std::vector<PinyinUnit>& units, std::string_view separator) {
  std::string out;
  for (const PinyinUnit& unit : units) {
    if (!out.empty()) out += separator;
    out += unit.text;
  }
  return out;
}

// Numbers, and characters without a reading, stay whole.
void append_initial(std::string& out, std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (is_digit(first) || first >= 0x80)
    out += text;
  else
    out.push_back(text[0]);
}

std::string fuzzy_syllable(std::string syllable) {
  const auto starts = [&](std::string_view head) { return syllable.compare(0, head.size(), head) == 0; };
  const auto ends = [&](std::string_view tail) {
    return syllable.size() > tail.size() &&
           syllable.compare(syllable.size() - tail.size(), tail.size(), tail) == 0;
  };
  if (starts("zh") || starts("ch") || starts("sh")) syllable.erase(1, 1);
  if (starts("hu")) syllable.replace(0, 2, syllable.size() > 2 && syllable != "huo" ? "f" : "fu");
  if (starts("n")) syllable[0] = 'l';
  if (ends("ang") || ends("eng") || ends("ing")) syllable.pop_back();
  return syllable;
}

// Readings with one or more ambiguous characters read otherwise: one character at a time, the first ones
// first.
std::vector<std::string> variants_of(std::vector<PinyinUnit> units) {
  constexpr std::size_t kMost = 4;
  const PinyinTables& tables = pinyin_tables();
  std::vector<std::string> variants;
  for (std::size_t at = 0; at < units.size() && at < 32 && variants.size() < kMost; ++at) {
    const auto other = tables.others.find(units[at].character);
    if (units[at].character == 0 || other == tables.others.end()) continue;
    const std::string usual = units[at].text;
    for (const std::uint16_t number : other->second) {
      if (variants.size() == kMost) break;
      units[at].text = tables.syllables[number];
      variants.push_back(joined(units, " "));
    }
    units[at].text = usual;
  }
  return variants;
}

}  // namespace

PinyinKeys pinyin_keys(std::string_view name, PinyinOf what) {
  Cleaned cleaned = clean(name);
  join_han(cleaned.text);
  std::u32string text;
  fold(cleaned.text, text);
  const std::vector<PinyinUnit> units = units_of(text, what);
  PinyinKeys keys;
  keys.full = joined(units, " ");
  for (const PinyinUnit& unit : units) append_initial(keys.initials, unit.text);
  keys.variants = variants_of(units);
  for (const PinyinUnit& unit : units) keys.fuzzy += fuzzy_syllable(unit.text);
  return keys;
}

ShortPinyin short_pinyin(std::u32string_view folded_name, PinyinOf what) {
  ShortPinyin keys;
  keys.full.reserve(folded_name.size() * 5);
  for_each_unit(folded_name, what, [&keys](std::string_view text, char32_t) {
    keys.full += text;
    append_initial(keys.initials, text);
  });
  return keys;
}

}  // namespace huiliu::normalize
