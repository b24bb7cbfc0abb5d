// Names of people: surname, given name, title. A salutation is no name (王总, 李经理, 小李): what is known is
// the surname, and the key says so by keeping the title.
#include <algorithm>
#include <array>
#include <iterator>

#include "hub/normalize/pinyin.hpp"
#include "hub/normalize/standardizers.hpp"
#include "hub/normalize/surnames.hpp"
#include "hub/normalize/utf8.hpp"

namespace huiliu::normalize {
namespace {

constexpr std::u32string_view kTitles[] = {  // longest first
    U"副总经理", U"董事会秘书", U"执行董事", U"产品经理", U"项目经理", U"销售经理", U"采购经理", U"客户经理",
    U"业务经理", U"财务总监",   U"技术总监", U"销售总监", U"总工程师", U"工程师",   U"总经理",   U"副总裁",
    U"董事长",   U"副经理",     U"副主任",   U"副院长",   U"副校长",   U"副局长",   U"副处长",   U"副科长",
    U"副部长",   U"会计师",     U"设计师",   U"负责人",   U"班主任",   U"老板娘",   U"先生",     U"女士",
    U"小姐",     U"太太",       U"老师",     U"同学",     U"经理",     U"总监",     U"主任",     U"主管",
    U"总裁",     U"副总",       U"老总",     U"董秘",     U"局长",     U"处长",     U"科长",     U"部长",
    U"院长",     U"校长",       U"行长",     U"厂长",     U"店长",     U"站长",     U"队长",     U"组长",
    U"所长",     U"馆长",       U"会长",     U"社长",     U"园长",     U"班长",     U"书记",     U"教授",
    U"博士",     U"医生",       U"大夫",     U"护士",     U"律师",     U"会计",     U"出纳",     U"老板",
    U"助理",     U"秘书",       U"师傅",     U"顾问",     U"专员",     U"文员",     U"采购",     U"销售",
    U"财务",     U"仓管",       U"司机",     U"前台",     U"客服",     U"代表",     U"主席",     U"阿姨",
    U"叔叔",     U"大哥",       U"大姐",     U"老弟",     U"警官",     U"法官",     U"首席"};
constexpr std::u32string_view kShortTitles = U"总工董哥姐老处局科导院校所厂书会嫂叔姨爷弟妹";

struct PersonName {
  std::u32string surname;
  std::u32string given;
  std::u32string title;
  std::u32string prefix;  // 小, 老, 阿 before a surname: a salutation too
};

bool is_emoji(char32_t c) {
  return (c >= 0x1F000 && c <= 0x1FAFF) || (c >= 0x2190 && c <= 0x21FF) || (c >= 0x2300 && c <= 0x27BF) ||
         (c >= 0x2B00 && c <= 0x2BFF) || (c >= 0xE000 && c <= 0xF8FF) || c == 0x3030 || c == 0x303D;
}

bool ends_with_word(std::u32string_view text, std::u32string_view tail) {
  return text.size() >= tail.size() && text.substr(text.size() - tail.size()) == tail;
}

// Compared forms of display text; both have the same length because names hold single characters only.
std::u32string key_of(std::u32string_view text) {
  std::u32string key;
  fold(text, key);
  return key;
}

bool is_name_dot(char32_t c) { return c == 0xB7 || c == 0x30FB || c == 0x2022 || c == 0x2027 || c == 0x22C5; }

// The title at the end of `name`, when what is left is a surname or a whole name.
std::u32string_view trailing_title(std::u32string_view name) {
  for (const std::u32string_view title : kTitles) {
    if (!ends_with_word(name, title) || name.size() == title.size()) continue;
    if (leading_surname(name).length > 0) return name.substr(name.size() - title.size());
  }
  if (name.size() < 2 || kShortTitles.find(name.back()) == std::u32string_view::npos) return {};
  const std::size_t surname = leading_surname(name).length;
  const std::size_t rest = name.size() - 1;
  const bool alone = surname == rest;
  const bool whole = name.back() == U'总' && surname > 0 && rest >= 3 && rest <= 4;
  return alone || whole ? name.substr(rest) : std::u32string_view();
}

PersonName split_chinese(std::u32string_view display) {
  PersonName name;
  const std::u32string key = key_of(display);
  if (key.size() != display.size()) {
    name.given = display;
    return name;
  }
  std::u32string_view folded_rest = key;
  std::u32string_view rest = display;
  const std::u32string_view title = trailing_title(folded_rest);
  if (!title.empty()) {
    name.title = rest.substr(rest.size() - title.size());
    rest.remove_suffix(title.size());
    folded_rest.remove_suffix(title.size());
  }
  const bool nicknamed = name.title.empty() && rest.size() == 2 &&
                         std::u32string_view(U"小老阿大").find(folded_rest[0]) != std::u32string_view::npos &&
                         leading_surname(folded_rest.substr(1)).length == 1;
  if (nicknamed && leading_surname(folded_rest.substr(1)).rank < 200) {
    name.prefix = rest.substr(0, 1);
    name.surname = rest.substr(1);
    return name;
  }
  const auto dot = std::find_if(rest.begin(), rest.end(), is_name_dot);
  if (dot != rest.end()) {  // 约翰·史密斯, 买买提·艾力: the own name comes first
    const auto last = std::find_if(std::make_reverse_iterator(rest.end()),
                                   std::make_reverse_iterator(rest.begin()), is_name_dot)
                          .base();
    name.given = std::u32string(rest.begin(), last - 1);
    name.surname = std::u32string(last, rest.end());
    return name;
  }
  std::size_t surname = leading_surname(folded_rest).length;
  if (surname == 2 && rest.size() == 2 && name.title.empty())
    surname = 1;  // 东方, 万俟 alone: rather 东 and 方
  name.surname = rest.substr(0, surname);
  name.given = rest.substr(surname);
  return name;
}

bool looks_like_person(std::u32string_view segment) {
  const std::u32string key = key_of(segment);
  if (!std::all_of(key.begin(), key.end(), [](char32_t c) { return is_han(c) || is_name_dot(c); }))
    return false;
  if (std::find_if(key.begin(), key.end(), is_name_dot) != key.end()) return key.size() >= 3;
  const std::u32string_view title = trailing_title(key);
  const std::size_t bare = key.size() - title.size();
  return leading_surname(key).length > 0 && bare <= 4 && key.size() >= 2;
}

bool is_job_word(std::u32string_view segment) {
  return std::any_of(std::begin(kTitles), std::end(kTitles),
                     [&](std::u32string_view title) { return segment == title; });
}

struct Peeled {
  std::u32string name;
  std::vector<std::u32string> noise;
};

bool is_divider(char32_t c) {
  return c == U'-' || c == U'_' || c == U'/' || c == U'|' || c == U',' || c == U'，' || c == U'、' ||
         c == U':' || c == U'：' || c == 0x2014 || c == 0xFF0D || c == 0xFF0F || c == U'@' || c == U'+' ||
         c == 0xFF5C || c == U';' || c == U'；' || c == U'~' || c == U'*' || c == U'#';
}

bool opens(char32_t c) {
  return std::u32string_view(U"(（[【<《{「『〔").find(c) != std::u32string_view::npos;
}
bool closes(char32_t c) {
  return std::u32string_view(U")）]】>》}」』〕").find(c) != std::u32string_view::npos;
}

// Segments between dividers and brackets; digits and emoji are segments of noise.
std::vector<std::u32string> segments_of(std::u32string_view text, bool& bracketed) {
  std::vector<std::u32string> segments{U""};
  for (const char32_t c : text) {
    if (opens(c) || closes(c) || is_divider(c)) {
      bracketed = bracketed || opens(c);
      segments.emplace_back();
    } else if (!is_emoji(c)) {
      segments.back().push_back(c);
    }
  }
  for (std::u32string& segment : segments) {
    const std::size_t first = segment.find_first_not_of(U' ');
    segment = first == std::u32string::npos
                  ? U""
                  : segment.substr(first, segment.find_last_not_of(U' ') - first + 1);
  }
  segments.erase(std::remove(segments.begin(), segments.end(), std::u32string()), segments.end());
  return segments;
}

// A leading letter or digits glued to a name (A张三, 01李四) and digits behind it (张三138…).
void peel_ends(std::u32string& segment, std::vector<std::u32string>& noise) {
  const auto foreign = [](char32_t c) { return (is_latin(c) || is_digit(c)) || c == U'.' || c == U' '; };
  if (!has_han(segment)) return;
  std::size_t start = 0;
  while (start < segment.size() && foreign(segment[start])) ++start;
  std::size_t end = segment.size();
  while (end > start && foreign(segment[end - 1])) --end;
  if (start > 0) noise.push_back(segment.substr(0, start));
  if (end < segment.size()) noise.push_back(segment.substr(end));
  segment = segment.substr(start, end - start);
}

Peeled peel_name(std::u32string_view text) {
  Peeled peeled;
  bool bracketed = false;
  std::vector<std::u32string> segments = segments_of(text, bracketed);
  for (std::u32string& segment : segments) peel_ends(segment, peeled.noise);
  segments.erase(std::remove(segments.begin(), segments.end(), std::u32string()), segments.end());
  if (segments.empty()) return peeled;
  if (segments.size() == 1) {
    // "张三 销售部": words apart
    std::u32string& only = segments[0];
    const std::size_t space = only.find(U' ');
    if (space != std::u32string::npos && has_han(only)) {
      const std::u32string head = only.substr(0, space);
      const std::u32string tail = only.substr(space + 1);
      std::u32string whole = only;
      whole.erase(std::remove(whole.begin(), whole.end(), U' '), whole.end());
      if (head.size() >= 2 && looks_like_person(head) && !(looks_like_person(whole) && whole.size() <= 3) &&
          !is_job_word(key_of(tail))) {
        peeled.noise.push_back(tail);
        only = head;
      }
    }
    peeled.name = only;
    return peeled;
  }
  auto chosen = std::find_if(segments.begin(), segments.end(), [](const std::u32string& s) {
    std::u32string joined_segment = s;
    join_han(joined_segment);
    return looks_like_person(joined_segment) && !is_job_word(key_of(joined_segment)) &&
           joined_segment.size() <= 6;
  });
  const bool latin =
      std::none_of(segments.begin(), segments.end(), [](const std::u32string& s) { return has_han(s); });
  if (chosen == segments.end() && latin && !bracketed) {  // Xiao-Ming Zhang
    for (const std::u32string& segment : segments)
      peeled.name += (peeled.name.empty() ? U"" : U"-") + segment;
    return peeled;
  }
  if (chosen == segments.end()) chosen = segments.begin();
  peeled.name = *chosen;
  for (auto segment = segments.begin(); segment != segments.end(); ++segment) {
    if (segment != chosen) peeled.noise.push_back(*segment);
  }
  return peeled;
}

std::string lower_text(std::u32string_view text) { return to_utf8(key_of(text)); }

// Wei Zhang, Zhang Wei, Zhang Xiao Ming, ZHANG Xiaoming: which end is the surname?
void split_latin(Normalized& result, std::u32string_view name) {
  std::vector<std::string> words;
  std::vector<std::string> display;
  std::u32string word;
  const auto close = [&] {
    if (word.empty()) return;
    std::string key = lower_text(word);
    key.erase(std::remove_if(key.begin(), key.end(), [](char c) { return c == '-' || c == '.'; }), key.end());
    static constexpr std::string_view kEnglishTitles[] = {"mr", "mrs",  "ms",  "miss",
                                                          "dr", "prof", "sir", "madam"};
    if (std::find(std::begin(kEnglishTitles), std::end(kEnglishTitles), key) != std::end(kEnglishTitles)) {
      set_part(result, "title", to_utf8(word));
    } else if (!key.empty()) {
      words.push_back(key);
      display.push_back(to_utf8(word));
    }
    word.clear();
  };
  for (const char32_t c : name) {
    if (c == U' ' || c == U',')
      close();
    else
      word.push_back(c);
  }
  close();
  if (words.empty()) return;
  const int first = pinyin_surname_rank(words.front());
  const int last = pinyin_surname_rank(words.back());
  // Chinese when an end is a pinyin surname; otherwise the Western order.
  const bool surname_first = words.size() > 1 && first >= 0 && (last < 0 || first <= last);
  const std::size_t at = surname_first ? 0 : words.size() - 1;
  std::string given_key;
  std::string given;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i == at && words.size() > 1) continue;
    given_key += words[i];
    given += (given.empty() ? "" : " ") + display[i];
  }
  if (words.size() > 1) set_part(result, "surname", display[at]);
  set_part(result, "given", given);
  result.key = words.size() > 1 ? words[at] + " " + given_key : given_key;
}

void set_chinese(Normalized& result, std::u32string_view text) {
  const PersonName name = split_chinese(text);
  set_part(result, "surname", to_utf8(name.surname));
  set_part(result, "given", to_utf8(name.given));
  set_part(result, "title", to_utf8(name.prefix.empty() ? name.title : name.prefix));
  std::u32string key = key_of(text);
  result.key = to_utf8(key);
  const std::u32string whole = key_of(name.surname + name.given);
  ShortPinyin reading = short_pinyin(whole, name.surname.empty() ? PinyinOf::text : PinyinOf::person);
  set_part(result, "pinyin", std::move(reading.full));
  set_part(result, "initials", std::move(reading.initials));
  if (name.given.empty()) {
    add_finding(result, "salutation", Severity::info, "a salutation: only the surname is known");
  } else if (name.surname.empty()) {
    add_finding(result, "unusual_name", Severity::warning, "begins with no known surname");
  }
  if (key.find(U"公司") != std::u32string::npos)
    add_finding(result, "company", Severity::warning, "looks like a company's name");
}

bool has_letters(std::u32string_view name) {
  return std::any_of(name.begin(), name.end(),
                     [](char32_t c) { return is_han(c) || is_latin(c) || (c >= 0x370 && c < 0x2000); });
}

// 约翰.史密斯, 约翰•史密斯 → 约翰·史密斯
void write_dots(std::u32string& name) {
  for (std::size_t at = 0; at < name.size(); ++at) {
    const bool between = at > 0 && at + 1 < name.size() && is_han(name[at - 1]) && is_han(name[at + 1]);
    if (is_name_dot(name[at]) || (between && (name[at] == U'.' || name[at] == 0xFF0E))) name[at] = 0xB7;
  }
}

}  // namespace

Normalized normalize_person_name(std::string_view raw) {
  Cleaned cleaned = clean(raw);
  if (cleaned.text.empty()) return empty_value();
  Normalized result;
  report_cleaning(result, cleaned);
  // Peeling brings characters together, which may show more to peel: again until nothing changes. Each round
  // is shorter.
  std::u32string name = cleaned.text;
  std::vector<std::u32string> noise;
  for (bool again = true; again;) {
    Peeled peeled = peel_name(name);
    std::move(peeled.noise.begin(), peeled.noise.end(), std::back_inserter(noise));
    join_han(peeled.name);
    write_dots(peeled.name);
    again = peeled.name.size() < name.size();
    name = std::move(peeled.name);
  }
  if (!has_letters(name)) {
    join_han(cleaned.text);
    result.value = to_utf8(cleaned.text);
    result.key = lower_text(cleaned.text);
    add_finding(result, "no_name", Severity::error, "no name in this text");
    return finished(std::move(result));
  }
  result.value = to_utf8(name);
  if (has_han(name))
    set_chinese(result, name);
  else
    split_latin(result, name);
  if (!noise.empty()) {
    model::Array list;
    for (const std::u32string& each : noise) list.emplace_back(to_utf8(each));
    result.parts.append("noise", std::move(list));
    add_finding(result, "noise", Severity::info, "words beside the name were peeled off");
  }
  if (result.key.empty()) result.key = lower_text(name);
  return finished(std::move(result));
}

}  // namespace huiliu::normalize
