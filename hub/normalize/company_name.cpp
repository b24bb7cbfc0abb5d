#include "hub/normalize/company_name.hpp"

#include <algorithm>
#include <array>

#include "hub/normalize/company_english.hpp"
#include "hub/normalize/company_parser.hpp"
#include "hub/normalize/company_places.hpp"
#include "hub/normalize/company_vocabulary.hpp"
#include "hub/normalize/pinyin.hpp"
#include "hub/normalize/standardizers.hpp"
#include "hub/normalize/utf8.hpp"

namespace huiliu::normalize {
namespace {

using NameView = std::u32string_view;

// Words of Taiwan's trades, where a name is in traditional script: 軟體 is 软件 there, but 软体 is soft
// furniture here.
void translate_traditional(std::u32string& key, NameView display) {
  static constexpr std::array<std::array<NameView, 3>, 6> kWords{{{U"軟體", U"软体", U"软件"},
                                                                  {U"資訊", U"资讯", U"信息"},
                                                                  {U"網路", U"网路", U"网络"},
                                                                  {U"數位", U"数位", U"数字"},
                                                                  {U"程式", U"程式", U"程序"},
                                                                  {U"積體電路", U"积体电路", U"集成电路"}}};
  if (key.size() != display.size()) return;
  bool traditional = false;
  for (std::size_t i = 0; i < key.size() && !traditional; ++i)
    traditional = key[i] != display[i] && is_han(display[i]);
  if (!traditional) return;
  for (const auto& [from, folded_from, to] : kWords) {
    for (std::size_t at = display.find(from); at != NameView::npos; at = display.find(from, at + 1))
      key.replace(at, to.size(), to);
  }
}

// Brackets of every kind to those of registers; ASCII ones too, because the name is Chinese.
void register_brackets(std::u32string& display) {
  for (char32_t& c : display) {
    std::u32string folded_one;
    if (c == U'(' || c == U'[' || c == U'{' || (c >= 0x3008 && c <= 0x301B) || (c >= 0xFF00 && c <= 0xFF60)) {
      fold(NameView(&c, 1), folded_one);
      if (folded_one == U"(") c = U'（';
      if (folded_one == U")") c = U'）';
    } else if (c == U')' || c == U']' || c == U'}') {
      c = U'）';
    }
  }
}

}  // namespace

std::string CompanyName::text(CoreRange range) const {
  if (range.empty()) return {};
  if (english) {  // words keep what stands between them: Bio-Medical, Co., Ltd.
    const std::size_t begin = origin[range.begin];
    std::size_t end = origin[range.end - 1] + 1;
    if (range.begin == form.begin && range.end == form.end && end < display.size() && display[end] == U'.')
      ++end;
    return to_utf8(NameView(display).substr(begin, end - begin));
  }
  std::string out;
  std::uint32_t last = 0xFFFFFFFF;
  for (std::size_t at = range.begin; at < range.end; ++at) {
    if (origin[at] != last) append_utf8(out, display[origin[at]]);
    last = origin[at];
  }
  return out;
}

std::string CompanyName::trade() const {
  const std::uint32_t begin = brand_is_division ? prefix.end : std::max(brand.end, prefix.end);
  if (english) {
    std::uint32_t first = begin;
    std::uint32_t last = stem.end;
    if (division.begin == first)
      first = std::max(first, division.end);
    else if (division.begin > first)
      last = std::min(last, division.begin);
    while (first < last && core[first] == U' ') ++first;
    while (last > first && core[last - 1] == U' ') --last;
    return first < last ? text({first, last}) : std::string();
  }
  std::string out;
  std::uint32_t last = 0xFFFFFFFF;
  for (std::size_t at = begin; at < stem.end; ++at) {
    if (at >= division.begin && at < division.end) continue;
    if (NameView(core).substr(at, 2) == U"集团") {
      ++at;
      continue;
    }
    if (origin[at] != last) append_utf8(out, display[origin[at]]);
    last = origin[at];
  }
  return out;
}

CompanyName parse_company_name(std::string_view raw) {
  CompanyName name;
  name.cleaning = clean(raw);
  std::u32string display = std::move(name.cleaning.text);
  std::u32string key;
  std::vector<std::uint32_t> origin;
  key.reserve(display.size());
  origin.reserve(display.size());
  fold(display, key, &origin);
  if (key.empty()) return name;
  // Spaces help to see noise (…公司 张三); without them more may show. So peel, join, and peel again until
  // nothing is left.
  for (bool again = true; again;) {
    const CompanyNoise noise = peel_company_noise(key);
    for (const auto& [begin, end] : noise.peeled) {
      if (begin < end)
        name.noise.push_back(display.substr(origin[begin], origin[end - 1] - origin[begin] + 1));
    }
    const std::size_t before = display.size();
    if (noise.begin > 0 || noise.end < key.size()) {
      display = display.substr(origin[noise.begin], origin[noise.end - 1] - origin[noise.begin] + 1);
    }
    display.erase(0, std::min(display.find_first_not_of(U' '), display.size()));
    while (!display.empty() && display.back() == U' ') display.pop_back();
    if (has_han(key)) register_brackets(display);
    join_han(display);
    again = display.size() != before;
    if (!again) break;
    key.clear();
    origin.clear();
    fold(display, key, &origin);
    if (key.empty()) break;
  }
  name.display = std::move(display);
  if (!has_han(key)) {
    name.english = true;
    parse_english_company(name, key, origin);
    return name;
  }
  translate_traditional(key, name.display);
  parse_chinese_company(name, key, origin);
  return name;
}

namespace {

void append_division(std::string& key, const CompanyName& name, CoreRange range, DivisionCode code) {
  if (range.empty()) return;
  if (code != 0)
    key += "@" + code_text(code) + ".";
  else
    key += "@" + to_utf8(name.folded(range)) + ".";
}

// A zone or town: 虎门镇 = 虎门.
void append_locality(std::string& key, NameView locality) {
  for (const NameView kind : {NameView(U"街道"), NameView(U"镇"), NameView(U"乡")}) {
    if (locality.size() >= kind.size() + 2 && locality.substr(locality.size() - kind.size()) == kind) {
      locality.remove_suffix(kind.size());
      break;
    }
  }
  if (!locality.empty()) key += to_utf8(locality) + ".";
}

// Places inside a branch's own name: 合肥市分公司 = 合肥分公司.
void append_branch(std::string& key, const CompanyName& name) {
  const NameView branch = name.folded(name.branch);
  const Chain chain = walk_chain(branch);
  std::size_t levels = chain.divisions;
  while (levels > 0 && chain.levels[levels - 1].word) --levels;
  const std::size_t from = division_end(chain, levels);
  if (from > 0 && chain.levels[levels - 1].code != 0)
    key += "@" + code_text(chain.levels[levels - 1].code) + "." + to_utf8(branch.substr(from));
  else
    key += to_utf8(branch);
}

const char* form_token(const CompanyName& name) {
  const std::string_view form_class = name.form_class;
  if (form_class == "limited") return name.english ? "ltd" : "有限";
  if (form_class == "joint_stock") return name.english ? "inc" : "股份";
  return nullptr;
}

// Behind the version.
std::string company_key_text(const CompanyName& name) {
  if (name.core.empty()) return {};
  std::string key = version_prefix();
  key.reserve(name.core.size() * 3 + 24);
  const auto append = [&](std::uint32_t from, std::uint32_t to) {
    for (; from < to; ++from) {
      if (name.core[from] != U' ') append_utf8(key, name.core[from]);
    }
  };
  append_division(key, name, name.prefix, name.prefix_code);
  append_locality(key, name.folded(name.locality));
  std::uint32_t at = std::max(name.prefix.end, name.stem.begin);
  if (!name.division.empty() && name.division.begin >= at) {  // in brackets, or before the form
    append(at, name.division.begin);
    append_division(key, name, name.division, name.division_code);
    at = name.division.end;
  }
  append(at, name.form.begin);
  if (!name.form.empty()) {
    const char* token = form_token(name);
    key += "|" + (token != nullptr ? std::string(token) : to_utf8(name.folded(name.form)));
  }
  if (!name.branch.empty()) {
    key += "|";
    append_branch(key, name);
  }
  return key;
}

}  // namespace

std::string company_key(const CompanyName& name) { return finished_key(company_key_text(name)); }

std::string company_key(std::string_view raw) { return company_key(parse_company_name(raw)); }

bool is_key_of_whole_company(std::string_view key) noexcept {
  const std::size_t bar = key.find('|');
  if (!key.starts_with(version_prefix()) || bar == std::string_view::npos) return false;
  const std::string_view form = key.substr(bar + 1);
  return form == "有限" || form == "股份" || form == "ltd" || form == "inc";
}

Normalized normalize_company_name(std::string_view raw) {
  CompanyName name = parse_company_name(raw);
  Normalized result;
  if (name.display.empty()) return empty_value();
  report_cleaning(result, name.cleaning);
  result.value = to_utf8(name.display);
  if (!name.core.empty()) result.key = company_key_text(name).substr(version_prefix().size());
  set_part(result, "division", name.text(name.division));
  set_part(result, "division_code", code_text(name.division_code));
  const std::string brand = name.text(name.brand);
  const std::string trade = name.trade();
  set_part(result, "brand", brand);
  set_part(result, "trade", trade);
  set_part(result, "form", name.text(name.form));
  set_part(result, "form_class", name.form_class);
  set_part(result, "branch", name.text(name.branch));
  result.parts.append("group", name.group);
  if (!name.brand.empty()) {
    const NameView folded_brand = name.folded(name.brand);
    const bool place = name.prefix_code != 0 && !name.brand_is_division && !name.english;
    const Division* division = place ? Divisions::get().find(name.prefix_code) : nullptr;
    const std::string before =
        division == nullptr ? std::string() : to_utf8(short_division_name(division->decoded));
    set_part(result, "short_name",
             name.brand.end - name.brand.begin >= 3 ? brand : before + brand + (before.empty() ? trade : ""));
    ShortPinyin reading = short_pinyin(folded_brand);
    set_part(result, "pinyin", std::move(reading.full));
    set_part(result, "initials", std::move(reading.initials));
  }
  if (!name.noise.empty()) {
    model::Array noise;
    for (const std::u32string& each : name.noise) noise.emplace_back(to_utf8(each));
    result.parts.append("noise", std::move(noise));
    add_finding(result, "noise", Severity::info, "what is no part of the name was peeled off");
  }
  if (name.doubtful) {
    result.parts.append("alternatives", model::Array{model::Value(name.text(name.prefix) + name.trade())});
    add_finding(result, "doubtful_parse", Severity::info,
                "brand, place and trade cannot be told apart for certain");
  }
  if (name.unbalanced)
    add_finding(result, "unbalanced_bracket", Severity::warning, "a bracket has no partner");
  if (name.former_division)
    add_finding(result, "former_division", Severity::info, "the division has another name today");
  if (name.core.empty()) add_finding(result, "no_name", Severity::error, "no letters in this name");
  return finished(std::move(result));
}

}  // namespace huiliu::normalize
