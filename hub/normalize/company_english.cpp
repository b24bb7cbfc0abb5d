// Shenzhen Mindray Bio-Medical Electronics Co., Ltd. = division in pinyin + brand + trade + form. Punctuation
// between words counts as a space, so that Co., Ltd. = Co Ltd and Bio-Medical = Bio Medical.
#include "hub/normalize/company_english.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <unordered_map>

#include "hub/normalize/company_vocabulary.hpp"
#include "hub/normalize/pinyin.hpp"
#include "hub/normalize/utf8.hpp"

namespace huiliu::normalize {
namespace {

using EnglishView = std::u32string_view;

struct EnglishForm {
  EnglishView words;
  const char* form_class;
};
// Longest first; words separated by single spaces.
constexpr std::array<EnglishForm, 34> kEnglishForms{{
    {U"private company limited", "limited"},
    {U"joint stock company", "joint_stock"},
    {U"limited liability company", "limited"},
    {U"limited partnership", "partnership"},
    {U"representative office", "representative"},
    {U"company limited", "limited"},
    {U"co limited", "limited"},
    {U"company ltd", "limited"},
    {U"corporation limited", "limited"},
    {U"corp ltd", "limited"},
    {U"pte ltd", "limited"},
    {U"pty ltd", "limited"},
    {U"pvt ltd", "limited"},
    {U"sdn bhd", "limited"},
    {U"co ltd", "limited"},
    {U"coltd", "limited"},
    {U"limited", "limited"},
    {U"ltd", "limited"},
    {U"llc", "limited"},
    {U"l l c", "limited"},
    {U"gmbh", "limited"},
    {U"incorporated", "joint_stock"},
    {U"inc", "joint_stock"},
    {U"corporation", "joint_stock"},
    {U"corp", "joint_stock"},
    {U"plc", "joint_stock"},
    {U"ag", "joint_stock"},
    {U"sa", "joint_stock"},
    {U"nv", "joint_stock"},
    {U"bv", "limited"},
    {U"llp", "partnership"},
    {U"lp", "partnership"},
    {U"company", "enterprise"},
    {U"co", "enterprise"},
}};

// Pinyin of provinces, prefectures and larger counties to their codes: shenzhen, inner mongolia, hong kong.
const std::unordered_map<std::string, DivisionCode>& pinyin_divisions() {
  static const auto table = [] {
    auto map = std::make_unique<std::unordered_map<std::string, DivisionCode>>();
    const Divisions& divisions = Divisions::get();
    const auto add = [&](DivisionCode code) {
      const Division* division = divisions.find(code);
      if (division == nullptr || code >= 710000) return;
      const EnglishView brief = short_division_name(division->decoded);
      std::string spelled = short_pinyin(brief).full;
      if (spelled.size() >= 5) map->emplace(std::move(spelled), code);
    };
    static constexpr std::pair<const char*, DivisionCode> kNames[] = {{"china", 0},
                                                                      {"prc", 0},
                                                                      {"hongkong", 810000},
                                                                      {"hk", 810000},
                                                                      {"macao", 820000},
                                                                      {"macau", 820000},
                                                                      {"taiwan", 710000},
                                                                      {"peking", 110000},
                                                                      {"canton", 440100},
                                                                      {"tibet", 540000},
                                                                      {"shaanxi", 610000},
                                                                      {"harbin", 230100},
                                                                      {"innermongolia", 150000},
                                                                      {"urumqi", 650100},
                                                                      {"hohhot", 150100},
                                                                      {"lhasa", 540100},
                                                                      {"taipei", 719001},
                                                                      {"xian", 610100}};
    for (const auto& [word, code] : kNames) map->emplace(word, code);
    for (DivisionCode code = 110000; code < 660000; code += 10000) add(code);
    for (DivisionCode code = 110000; code < 660000; code += 100) add(code);
    return map;
  }();
  return *table;
}

struct EnglishWord {
  std::size_t begin = 0;  // in core
  std::size_t end = 0;
};

class EnglishParser {
 public:
  EnglishParser(CompanyName& name, EnglishView key, const std::vector<std::uint32_t>& origin) : name_(name) {
    build(key, origin);
  }

  void parse() {
    if (words_.empty()) return;
    const std::size_t first = word(0) == U"the" && words_.size() > 2 ? 1 : 0;
    const std::size_t form_end = take_branch();
    const std::size_t form_begin = take_form(form_end);
    if (name_.form.empty()) name_.form = {at_end(form_end), at_end(form_end)};
    name_.stem = {at_begin(first), name_.form.begin};
    take_body(first, form_begin);
  }

 private:
  void build(EnglishView key, const std::vector<std::uint32_t>& origin) {
    bool gap = true;
    for (std::size_t at = 0; at < key.size(); ++at) {
      const char32_t c = key[at];
      const bool letter = is_latin(c) || is_digit(c) || c == U'&' || c == U'+' || c >= 0x250;
      if (!letter) {
        gap = true;
        continue;
      }
      if (gap && !name_.core.empty()) push(U' ', origin[at]);
      if (gap) words_.push_back({name_.core.size(), name_.core.size()});
      gap = false;
      push(c, origin[at]);
      words_.back().end = name_.core.size();
    }
  }
  void push(char32_t c, std::uint32_t origin) {
    name_.core.push_back(c);
    name_.origin.push_back(origin);
  }
  EnglishView word(std::size_t index) const {
    return EnglishView(name_.core).substr(words_[index].begin, words_[index].end - words_[index].begin);
  }
  std::uint32_t at_begin(std::size_t index) const {
    return static_cast<std::uint32_t>(index < words_.size() ? words_[index].begin : name_.core.size());
  }
  std::uint32_t at_end(std::size_t count) const {
    return static_cast<std::uint32_t>(count == 0 ? 0 : words_[count - 1].end);
  }

  // "… Co., Ltd. Shanghai Branch": the number of words before the branch's own.
  std::size_t take_branch() {
    const EnglishView last = word(words_.size() - 1);
    const bool office = last == U"branch" || last == U"office" || last == U"subsidiary";
    if (!office) return words_.size();
    for (std::size_t count = words_.size() - 1; count >= 2; --count) {
      if (form_before(count) != nullptr) {
        name_.branch = {at_begin(count), static_cast<std::uint32_t>(name_.core.size())};
        return count;
      }
    }
    return words_.size();
  }
  const EnglishForm* form_before(std::size_t count) const {
    const EnglishView before = EnglishView(name_.core).substr(0, at_end(count));
    for (const EnglishForm& form : kEnglishForms) {
      if (before.size() <= form.words.size() + 1) continue;
      const std::size_t start = before.size() - form.words.size();
      if (before.substr(start) == form.words && before[start - 1] == U' ') return &form;
    }
    return nullptr;
  }
  // Returns the number of words before the form.
  std::size_t take_form(std::size_t count) {
    const EnglishForm* form = form_before(count);
    if (form == nullptr) return count;
    const std::uint32_t end = at_end(count);
    name_.form = {static_cast<std::uint32_t>(end - form->words.size()), end};
    name_.form_class = form->form_class;
    while (count > 0 && words_[count - 1].end > name_.form.begin) --count;
    if (count > 1 && (word(count - 1) == U"group" || word(count - 1) == U"holdings"))
      name_.group = word(count - 1) == U"group";
    return count;
  }
  // The words of a division at `index`: one or two of them; 0 when none.
  std::size_t division_words(std::size_t index, std::size_t end, DivisionCode& code) const {
    const auto& table = pinyin_divisions();
    for (const std::size_t count : {std::size_t{2}, std::size_t{1}}) {
      if (index + count > end) continue;
      std::string joined;
      for (std::size_t i = 0; i < count; ++i) joined += to_utf8(word(index + i));
      const auto found = table.find(joined);
      if (found == table.end()) continue;
      code = found->second;
      return count;
    }
    return 0;
  }
  void take_body(std::size_t first, std::size_t end) {
    DivisionCode code = 0;
    const std::size_t place = division_words(first, end, code);
    std::size_t at = first;
    if (place > 0 && first + place < end) {
      name_.division = name_.prefix = {at_begin(first), at_end(first + place)};
      name_.division_code = name_.prefix_code = code;
      at += place;
    }
    const WordTree& trades = CompanyVocabulary::get().english_trades;
    std::size_t brand = at;
    while (brand < end && (brand == at || trades.find(word(brand)) == WordTree::kNone)) ++brand;
    // "Shenzhen (…)" inside: Huawei Technologies (Shenzhen)
    for (std::size_t i = at + 1; i < end && name_.division.empty(); ++i) {
      const std::size_t count = division_words(i, end, code);
      if (count == 0) continue;
      name_.division = {at_begin(i), at_end(i + count)};
      name_.division_code = code;
      if (brand > i) brand = i;
    }
    if (at < end)
      name_.brand = {at_begin(at), at_end(brand)};
    else if (!name_.prefix.empty())
      name_.brand = name_.prefix;
  }

  CompanyName& name_;
  std::vector<EnglishWord> words_;
};

}  // namespace

void parse_english_company(CompanyName& name, EnglishView key, const std::vector<std::uint32_t>& origin) {
  EnglishParser(name, key, origin).parse();
}

}  // namespace huiliu::normalize
