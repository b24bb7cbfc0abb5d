// What systems and their users write around a company's name: codes, labels, status marks, contacts, register
// annotations.
#include <algorithm>

#include "hub/normalize/company_vocabulary.hpp"
#include "hub/normalize/fold.hpp"
#include "hub/normalize/surnames.hpp"

namespace huiliu::normalize {
namespace {

bool is_filler(char32_t c) {
  return c == U' ' || c == U'-' || c == U'_' || c == U'/' || c == U',' || c == U';' || c == U':' ||
         c == U'*' || c == U'#' || c == U'.' || c == U'|' || c == U'·' || c == U'~' || c == U'!' ||
         c == U'=' || c == U'+' || c == U'★' || c == U'☆';
}

bool ascii_word(std::u32string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0x80 || is_latin(c); });
}

bool ends_in(std::u32string_view text, std::u32string_view tail) {
  return text.size() >= tail.size() && text.substr(text.size() - tail.size()) == tail;
}

// Does a complete name end here? Then what follows is not part of it.
bool ends_with_form(std::u32string_view text) {
  while (!text.empty() && text.back() == U')') {
    const std::size_t open = text.rfind(U'(');
    if (open == std::u32string_view::npos || text.size() - open > 24) return false;
    text = text.substr(0, open);
  }
  const WordTree::Match form = CompanyVocabulary::get().forms.longest(text, text.size());
  return form.length >= 2;
}

bool is_annotation(std::u32string_view text) {  // of the register: 国有独资, 自然人投资或控股
  static constexpr std::u32string_view kWords[] = {U"独资",   U"自然人", U"法人", U"国有控股",  U"外商投资",
                                                   U"台港澳", U"非上市", U"上市", U"个体工商户"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](std::u32string_view w) { return text.find(w) != std::u32string_view::npos; });
}

bool is_former_name(std::u32string_view text) {
  return text.size() > 2 &&
         (text[0] == U'原' || text.substr(0, 3) == U"曾用名" || text.substr(0, 2) == U"旧名" ||
          text.substr(0, 2) == U"现名" || text.substr(0, 2) == U"简称" || text.substr(0, 2) == U"更名");
}

// A contact: 张三, 王总, 李经理, 张三13800000000.
bool is_contact(std::u32string_view text) {
  std::size_t length = text.size();
  while (length > 0 && (is_digit(text[length - 1]) || is_filler(text[length - 1]))) --length;
  text = text.substr(0, length);
  if (text.size() < 2 || text.size() > 5 || !std::all_of(text.begin(), text.end(), is_han)) return false;
  if (leading_surname(text).length == 0) return false;
  static constexpr std::u32string_view kPlaces = U"部店厂处行院所站社场库队组室区市县省镇乡村街路楼司";
  if (kPlaces.find(text.back()) != std::u32string_view::npos) return false;
  if (text.size() <= 3) return CompanyVocabulary::get().trades.find(text) == WordTree::kNone;
  static constexpr std::u32string_view kTitles[] = {U"经理", U"先生", U"女士", U"小姐", U"老师", U"主任",
                                                    U"老板", U"总监", U"会计", U"采购", U"财务"};
  return std::any_of(std::begin(kTitles), std::end(kTitles),
                     [&](std::u32string_view t) { return ends_in(text, t); });
}

bool is_status(std::u32string_view text) {
  return CompanyVocabulary::get().statuses.find(text) != WordTree::kNone;
}

class NoisePeeler {
 public:
  explicit NoisePeeler(std::u32string_view text) : text_(text) { noise_.end = text.size(); }

  CompanyNoise peel() {
    // Each round takes at least one character off, and a round without success ends the work: linear.
    for (bool again = true; again;)
      again = leading_fillers() || leading_bracket() || leading_label() || leading_code() || leading_status();
    for (bool again = true; again;)
      again = trailing_fillers() || trailing_bracket() || trailing_word() || glued_tail();
    return std::move(noise_);
  }

 private:
  std::u32string_view left() const { return text_.substr(noise_.begin, noise_.end - noise_.begin); }
  bool take_front(std::size_t count, std::size_t from, std::size_t to) {
    if (count >= left().size()) return false;  // never the whole name
    noise_.peeled.emplace_back(noise_.begin + from, noise_.begin + to);
    noise_.begin += count;
    return true;
  }
  bool take_back(std::size_t start, std::size_t from, std::size_t to) {  // positions in left()
    if (start == 0) return false;
    noise_.peeled.emplace_back(noise_.begin + from, noise_.begin + to);
    noise_.end = noise_.begin + start;
    return true;
  }

  bool leading_fillers() {
    const std::u32string_view rest = left();
    std::size_t count = 0;
    while (count < rest.size() && is_filler(rest[count])) ++count;
    if (count == 0 || count == rest.size()) return false;
    noise_.begin += count;
    return true;
  }
  bool trailing_fillers() {
    const std::u32string_view rest = left();
    std::size_t count = 0;
    while (count < rest.size() && is_filler(rest[rest.size() - 1 - count])) ++count;
    // The point of Ltd. belongs to it.
    if (count > 0 && count < rest.size() && rest[rest.size() - count] == U'.' &&
        is_latin(rest[rest.size() - 1 - count]))
      --count;
    if (count == 0 || count == rest.size()) return false;
    noise_.end -= count;
    return true;
  }

  // 【VIP】, (停用)
  bool leading_bracket() {
    const std::u32string_view rest = left();
    if (rest.empty() || rest[0] != U'(') return false;
    const std::size_t close = rest.substr(0, 24).find(U')');
    if (close == std::u32string_view::npos || close + 1 >= rest.size()) return false;
    const std::u32string_view inside = rest.substr(1, close - 1);
    if (!inside.empty() && !is_status(inside) && !ascii_word(inside) && !is_contact(inside)) return false;
    return take_front(close + 1, 1, close);
  }

  // 客户: 甲方: 公司名称:
  bool leading_label() {
    static constexpr std::u32string_view kLabels[] = {
        U"客户",     U"甲方",     U"乙方",     U"丙方", U"供应商", U"供方",     U"需方",
        U"买方",     U"卖方",     U"购方",     U"销方", U"名称",   U"公司名称", U"客户名称",
        U"单位名称", U"企业名称", U"单位",     U"公司", U"抬头",   U"发票抬头", U"购货单位",
        U"收货单位", U"付款单位", U"收款单位", U"户名", U"name"};
    const std::u32string_view rest = left();
    const std::size_t colon = rest.substr(0, 8).find(U':');
    if (colon == std::u32string_view::npos) return false;
    std::u32string_view label = rest.substr(0, colon);
    while (!label.empty() && label.back() == U' ') label.remove_suffix(1);
    if (std::find(std::begin(kLabels), std::end(kLabels), label) == std::end(kLabels)) return false;
    return take_front(colon + 1, 0, label.size());
  }

  // C0012-深圳…, 001 深圳…: a code with at least two digits, then a separator, then a Han character or a
  // bracket.
  bool leading_code() {
    const std::u32string_view rest = left();
    std::size_t at = 0;
    std::size_t digits = 0;
    while (at < rest.size() && at < 24 && rest[at] < 0x80 && (is_digit(rest[at]) || is_latin(rest[at])))
      digits += is_digit(rest[at++]) ? 1 : 0;
    const std::size_t code = at;
    while (at < rest.size() && at < 24 && is_filler(rest[at])) ++at;
    if (digits < 2 || at == code || at >= rest.size()) return false;
    // C0012-ABB（中国）: before Latin letters it must look like a code all the more.
    const bool clear =
        is_han(rest[at]) || rest[at] == U'(' ||
        (digits >= 3 && (rest[code] == U'-' || rest[code] == U'_') && is_latin(rest[at]) && has_han(rest));
    if (!clear) return false;
    return take_front(at, 0, code);
  }

  // 停用-深圳…, and the stock exchange's *ST, ST
  bool leading_status() {
    const std::u32string_view rest = left();
    const WordTree::Match word = CompanyVocabulary::get().statuses.longest(rest, 0);
    if (word.length > 0 && word.length + 1 < rest.size() && is_filler(rest[word.length]) &&
        rest[word.length] != U'.') {
      return take_front(word.length + 1, 0, word.length);
    }
    if (rest.size() >= 4 && rest.substr(0, 2) == U"st" && is_han(rest[2])) return take_front(2, 0, 2);
    return false;
  }

  bool trailing_bracket() {
    const std::u32string_view rest = left();
    if (rest.size() < 3 || rest.back() != U')') return false;
    const std::size_t open = rest.rfind(U'(');
    if (open == std::u32string_view::npos || open == 0) return false;
    const std::u32string_view inside = rest.substr(open + 1, rest.size() - open - 2);
    const std::u32string_view before = rest.substr(0, open);
    const bool noise = inside.empty() || is_status(inside) || is_annotation(inside) ||
                       is_former_name(inside) ||
                       (ends_with_form(before) && (ascii_word(inside) || is_contact(inside)));
    return noise && take_back(open, open + 1, rest.size() - 1);
  }

  // A last word behind a space or dash: -测试, 张三, 01, -U
  bool trailing_word() {
    const std::u32string_view rest = left();
    std::size_t start = rest.size();
    while (start > 0 && !is_filler(rest[start - 1])) --start;
    if (start == 0 || start == rest.size()) return false;
    const std::u32string_view word = rest.substr(start);
    std::u32string_view before = rest.substr(0, start);
    while (!before.empty() && is_filler(before.back())) before.remove_suffix(1);
    if (before.empty() || !(is_han(before.back()) || before.back() == U')')) return false;
    const bool stock_mark = rest[start - 1] == U'-' && (word == U"u" || word == U"w" || word == U"v");
    const bool complete = ends_with_form(before);
    const bool noise = is_status(word) || stock_mark || (complete && (ascii_word(word) || is_contact(word)));
    return noise && take_back(before.size(), start, rest.size());
  }

  // …有限公司01, …有限公司张三
  bool glued_tail() {
    const std::u32string_view rest = left();
    static constexpr std::u32string_view kEnd = U"有限公司";
    const std::size_t found = rest.rfind(kEnd);
    const std::size_t end = found == std::u32string_view::npos ? rest.rfind(U"责任公司") : found;
    if (end == std::u32string_view::npos || end + kEnd.size() == rest.size()) return false;
    std::size_t from = end + kEnd.size();
    while (from < rest.size() && is_filler(rest[from])) ++from;
    const std::u32string_view tail = rest.substr(from);
    if (tail.empty() || tail.size() > 24) return false;
    const bool noise = ascii_word(tail) ? tail.find(U'(') == std::u32string_view::npos
                                        : (is_contact(tail) || is_status(tail));
    return noise && take_back(end + kEnd.size(), from, rest.size());
  }

  std::u32string_view text_;
  CompanyNoise noise_;
};

}  // namespace

CompanyNoise peel_company_noise(std::u32string_view folded_text) { return NoisePeeler(folded_text).peel(); }

}  // namespace huiliu::normalize
