#include "sdk/twin/world_spelling.hpp"

#include <algorithm>
#include <array>

#include "sdk/twin/world_vocabulary.hpp"

namespace huiliu::twin {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  if (at != std::string::npos) text.replace(at, what.size(), with);
  return text;
}

std::string_view without_tail(std::string_view text, std::string_view tail) {
  return text.size() > tail.size() && text.ends_with(tail) ? text.substr(0, text.size() - tail.size()) : text;
}

std::string other_brackets(const std::string& name) {
  if (name.find("（") != std::string::npos) return replaced(replaced(name, "（", "("), "）", ")");
  return replaced(replaced(name, "(", "（"), ")", "）");
}

// 苏州X ↔ 苏州市X at the start of a name; names without a city in front stay.
std::string toggled_city_suffix(const Company& company) {
  const std::string_view city = company.address.city;
  const std::string_view stem = place_stem(city);
  if (stem.empty() || stem.size() == city.size()) return company.name;
  if (company.name.starts_with(city)) return replaced(company.name, city, stem);
  if (company.name.starts_with(stem)) return replaced(company.name, stem, city);
  return company.name;
}

std::string spaced(const std::string& name, Dice& dice) {
  static constexpr std::array<std::string_view, 3> kSpaces{" ", "　", "  "};
  const std::vector<std::string_view> characters = characters_of(name);
  const std::uint32_t at = dice.below(static_cast<std::uint32_t>(characters.size()) + 1);
  std::string spelled;
  for (std::uint32_t i = 0; i < characters.size(); ++i) {
    if (i == at) spelled += dice.pick(kSpaces);
    spelled += characters[i];
  }
  return at == characters.size() ? spelled + " " : spelled;
}

// A brand character replaced by another one that sounds the same, as typed with a pinyin keyboard.
std::string homophone(const Company& company, Dice& dice) {
  const std::vector<std::string_view> characters = characters_of(company.brand);
  if (characters.size() < 3) return company.name;  // in a short brand it would be another company
  const std::string_view wrong = characters[dice.below(static_cast<std::uint32_t>(characters.size()))];
  for (const BrandCharacter& other : vocabulary().brand_characters)
    if (other.text != wrong && other.pinyin == pinyin_of(wrong))
      return replaced(company.name, wrong, other.text);
  return company.name;
}

// Foreign names are retyped in capitals, full width or with a stray space at the end.
std::string retyped_foreign(const std::string& name, Dice& dice) {
  std::string typed = name;
  switch (dice.below(3)) {
    case 0:
      std::transform(typed.begin(), typed.end(), typed.begin(),
                     [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
      return typed;
    case 1:
      return to_full_width(name);
    default:
      return name + " ";
  }
}

}  // namespace

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> characters;
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = std::min<std::size_t>(lead < 0x80   ? 1
                                                   : lead < 0xE0 ? 2
                                                   : lead < 0xF0 ? 3
                                                                 : 4,
                                                   text.size());
    characters.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return characters;
}

std::string_view place_stem(std::string_view place) {
  for (const std::string_view tail : {"壮族自治区", "维吾尔自治区", "自治区", "省", "市"})
    if (const std::string_view stem = without_tail(place, tail); stem.size() < place.size()) return stem;
  return place;
}

std::string to_traditional(std::string_view text) {
  std::string converted;
  for (const std::string_view character : characters_of(text)) converted += traditional_of(character);
  return converted;
}

std::string to_full_width(std::string_view text) {
  std::string converted;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F) {
      converted += c;
    } else {  // U+FF01 … U+FF5E
      const unsigned code = 0xFF00U + byte - 0x20U;
      converted +=
          {static_cast<char>(0xE0U | (code >> 12U)), static_cast<char>(0x80U | ((code >> 6U) & 0x3FU)),
           static_cast<char>(0x80U | (code & 0x3FU))};
    }
  }
  return converted;
}

std::string light_name(const Company& company, Dice& dice) {
  if (company.kind == CompanyKind::overseas) return retyped_foreign(company.name, dice);
  switch (dice.weighted({3, 2, 2, 2, 2, 1, 1})) {
    case 0:
      return other_brackets(company.name);
    case 1:
      return toggled_city_suffix(company);
    case 2:
      if (company.name.find("股份") != std::string::npos || company.name.find("集团") != std::string::npos)
        return company.name;
      return replaced(company.name, "有限公司", "有限责任公司");
    case 3:
      return to_traditional(company.name);
    case 4:
      return spaced(company.name, dice);
    case 5:
      return to_full_width(company.name);
    default:
      return company.name + (dice.chance(0.5) ? "（新）" : "【VIP】");
  }
}

std::string heavy_name(const Company& company, Dice& dice) {
  // Without its tail a branch would read as its head company, and a shop or a foreign firm has no form to
  // drop.
  if (company.kind != CompanyKind::company) return light_name(company, dice);
  switch (dice.weighted({3, 2, 2, 1, 1, 1})) {
    case 0:
      return std::string(without_tail(without_tail(company.name, "有限公司"), "股份"));
    case 1:
      return bare_name(company);
    case 2:
      return company.short_name;
    case 3:
      return company.former_name.empty() ? company.short_name : company.former_name;
    case 4:
      return homophone(company, dice);
    default:
      return std::string(place_stem(company.address.city)) + company.brand;
  }
}

std::string bare_name(const Company& company) { return company.brand + std::string(company.trade); }

std::string spelled_phone(std::string_view canonical, Dice& dice) {
  const std::size_t dash = canonical.find('-');
  if (canonical.empty() || canonical.front() == '+') return std::string(canonical);
  const std::string text(canonical);
  if (dash == std::string_view::npos) {  // a mobile number
    switch (dice.weighted({75, 8, 8, 5, 2})) {
      case 1:
        return text.substr(0, 3) + " " + text.substr(3, 4) + " " + text.substr(7);
      case 2:
        return "+86 " + text;
      case 3:
        return text.substr(0, 3) + "-" + text.substr(3, 4) + "-" + text.substr(7);
      case 4:
        return to_full_width(text);
      default:
        return text;
    }
  }
  const std::string area = text.substr(0, dash);
  const std::string local = text.substr(dash + 1);
  switch (dice.weighted({60, 12, 8, 6, 6, 3, 3, 2})) {
    case 1:
      return area + local;
    case 2:
      return "(" + area + ")" + local;
    case 3:
      return area + " " + local.substr(0, local.size() - 4) + " " + local.substr(local.size() - 4);
    case 4:
      return "+86-" + area.substr(1) + "-" + local;
    case 5:
      return text + "-" + std::to_string(dice.between(801, 899));
    case 6:
      return text + "转" + std::to_string(dice.between(8001, 8099));
    case 7:
      return to_full_width(text);
    default:
      return text;
  }
}

std::string spelled_credit_code(std::string_view code, Dice& dice) {
  std::string text(code);
  switch (dice.weighted({92, 3, 2, 2, 1})) {
    case 1:
      std::transform(text.begin(), text.end(), text.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
      return text;
    case 2:
      return text + " ";
    case 3:
      return text.substr(0, 4) + " " + text.substr(4, 4) + " " + text.substr(8, 4) + " " + text.substr(12);
    case 4:
      return to_full_width(text);
    default:
      return text;
  }
}

std::string misread_credit_code(std::string_view code, Dice& dice) {
  std::string text(code);
  const std::size_t start = 8 + dice.below(8);
  for (std::size_t i = 0; i < text.size(); ++i) {
    char& c = text[(start + i) % text.size()];
    const std::size_t at = std::string_view("01258B").find(c);
    if (at == std::string_view::npos) continue;
    c = "OIZSB8"[at];
    return text;
  }
  text.pop_back();
  return text;
}

std::string spelled_address(const Address& address, Dice& dice) {
  const std::string whole = address.text();
  switch (dice.weighted({70, 15, 5, 5, 5})) {
    case 1:
      return whole.starts_with(address.province) ? whole.substr(address.province.size()) : whole;
    case 2:
      return "中国" + whole;
    case 3:
      return to_full_width(whole);
    case 4:
      return replaced(whole, address.province, std::string(address.province) + " ");
    default:
      return whole;
  }
}

}  // namespace huiliu::twin
