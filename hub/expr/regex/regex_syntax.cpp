#include "hub/expr/regex/regex_syntax.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "hub/expr/failure.hpp"
#include "hub/expr/utf8.hpp"

namespace huiliu::expr {
namespace {

constexpr int deepest_group = 200;
constexpr std::size_t longest_pattern = 65'536;

using Part = RegexNode;
using PartPtr = std::unique_ptr<RegexNode>;

PartPtr make_part(Part::Kind kind) {
  auto node = std::make_unique<Part>();
  node->kind = kind;
  return node;
}

class RegexParser {
 public:
  RegexParser(std::string_view pattern, bool ignores_case) : pattern_(pattern), ignores_case_(ignores_case) {
    if (pattern.size() > longest_pattern) malformed("too large");
    find_groups();
  }

  RegexSyntax parse() {
    RegexSyntax syntax;
    syntax.root = parse_choice();
    if (at_ < pattern_.size()) malformed("unmatched )");
    syntax.group_count = group_count_;
    syntax.has_back_references = has_back_references_;
    return syntax;
  }

 private:
  [[noreturn]] static void malformed(std::string_view why) { fail("S0303", why); }

  bool is_at(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }
  bool take(std::string_view text) {
    if (!is_at(text)) return false;
    at_ += text.size();
    return true;
  }

  // Names and number of all groups, which references may precede.
  void find_groups() {
    bool is_in_class = false;
    for (std::size_t i = 0; i < pattern_.size(); ++i) {
      const char c = pattern_[i];
      if (c == '\\')
        ++i;
      else if (c == '[')
        is_in_class = true;
      else if (c == ']')
        is_in_class = false;
      else if (c == '(' && !is_in_class)
        note_group(i + 1);
    }
  }
  void note_group(std::size_t behind) {
    const std::string_view rest = pattern_.substr(behind);
    if (!rest.starts_with("?")) {
      group_names_.emplace_back();
    } else if (rest.starts_with("?<") && !rest.starts_with("?<=") && !rest.starts_with("?<!")) {
      group_names_.emplace_back(rest.substr(2, std::min(rest.find('>'), rest.size()) - 2));
      has_names_ = true;
    }
  }

  PartPtr parse_choice() {
    if (++depth_ > deepest_group) malformed("nested too deeply");
    PartPtr first = parse_sequence();
    if (is_at("|")) {
      PartPtr choice = make_part(Part::Kind::choice);
      choice->parts.push_back(std::move(first));
      while (take("|")) choice->parts.push_back(parse_sequence());
      first = std::move(choice);
    }
    --depth_;
    return first;
  }

  PartPtr parse_sequence() {
    PartPtr sequence = make_part(Part::Kind::sequence);
    while (at_ < pattern_.size() && pattern_[at_] != '|' && pattern_[at_] != ')') {
      sequence->parts.push_back(parse_term());
    }
    return sequence;
  }

  PartPtr parse_term() {
    const std::uint32_t groups_before = group_count_;
    if (take("^")) return make_part(Part::Kind::line_begin);
    if (take("$")) return make_part(Part::Kind::line_end);
    if (take("\\b")) return make_part(Part::Kind::word_edge);
    if (take("\\B")) return make_part(Part::Kind::no_word_edge);
    PartPtr atom = parse_atom();
    // A look-behind cannot be repeated; a look-ahead can, for old times' sake.
    if (atom->kind == Part::Kind::look && atom->is_behind) return atom;
    return parse_quantifier(std::move(atom), groups_before);
  }

  PartPtr parse_quantifier(PartPtr atom, std::uint32_t groups_before) {
    PartPtr loop = make_part(Part::Kind::loop);
    if (take("*"))
      loop->most = Part::unbounded;
    else if (take("+")) {
      loop->least = 1;
      loop->most = Part::unbounded;
    } else if (take("?"))
      loop->most = 1;
    else if (!parse_bounds(*loop))
      return atom;
    loop->is_greedy = !take("?");
    loop->group = groups_before;
    loop->last_group = group_count_;
    loop->parts.push_back(std::move(atom));
    if (at_ < pattern_.size() && (pattern_[at_] == '*' || pattern_[at_] == '+' || pattern_[at_] == '?')) {
      malformed("nothing to repeat");
    }
    return loop;
  }

  // {n}, {n,} or {n,m}; a brace of any other form is an ordinary character.
  bool parse_bounds(Part& loop) {
    const std::size_t start = at_;
    if (!take("{")) return false;
    const std::optional<std::uint32_t> least = parse_decimal();
    std::optional<std::uint32_t> most = least;
    if (least && take(",")) {
      most = parse_decimal();
      if (!most) most = Part::unbounded;
    }
    if (!least || !take("}")) {
      at_ = start;
      return false;
    }
    if (*most < *least) malformed("numbers out of order in {} quantifier");
    loop.least = *least;
    loop.most = *most;
    return true;
  }

  std::optional<std::uint32_t> parse_decimal() {
    if (at_ == pattern_.size() || !is_digit(pattern_[at_])) return std::nullopt;
    std::uint64_t number = 0;
    for (; at_ < pattern_.size() && is_digit(pattern_[at_]); ++at_) {
      number = std::min<std::uint64_t>(number * 10 + static_cast<std::uint64_t>(pattern_[at_] - '0'),
                                       Part::unbounded - 1);
    }
    return static_cast<std::uint32_t>(number);
  }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  PartPtr parse_atom() {
    if (take("(")) return parse_group();
    if (take("[")) return set_node(parse_class());
    if (take(".")) {
      PartPtr any = make_part(Part::Kind::set);
      any->set = CharacterSet::line_ends().complement();
      return any;
    }
    if (take("\\")) return parse_atom_escape();
    if (is_at("*") || is_at("+") || is_at("?")) malformed("nothing to repeat");
    return character_node(next_character(pattern_, at_));
  }

  PartPtr parse_group() {
    PartPtr node = make_part(Part::Kind::group);
    if (take("?="))
      node->kind = Part::Kind::look;
    else if (take("?!")) {
      node->kind = Part::Kind::look;
      node->is_negative = true;
    } else if (take("?<=")) {
      node->kind = Part::Kind::look;
      node->is_behind = true;
    } else if (take("?<!")) {
      node->kind = Part::Kind::look;
      node->is_behind = node->is_negative = true;
    } else if (take("?<"))
      skip_group_name(*node);
    else if (take("?:"))
      node->group = 0;
    else if (is_at("?"))
      malformed("invalid group");
    else
      node->group = ++group_count_;
    if (node->kind == Part::Kind::look) node->group = group_count_;
    node->parts.push_back(parse_choice());
    node->last_group = group_count_;
    if (!take(")")) malformed("unterminated group");
    return node;
  }
  void skip_group_name(Part& node) {
    const std::size_t end = pattern_.find('>', at_);
    if (end == std::string_view::npos || end == at_) malformed("invalid group name");
    at_ = end + 1;
    node.group = ++group_count_;
  }

  PartPtr set_node(CharacterSet set) {
    PartPtr node = make_part(Part::Kind::set);
    node->set = std::move(set);
    return node;
  }
  PartPtr character_node(char32_t character) {
    CharacterSet set = CharacterSet::of(character);
    if (ignores_case_) set.add_other_case();
    return set_node(std::move(set));
  }
  PartPtr reference_node(std::uint32_t group) {
    PartPtr node = make_part(Part::Kind::back_reference);
    node->group = group;
    has_back_references_ = true;
    return node;
  }

  PartPtr parse_atom_escape() {
    if (at_ == pattern_.size()) malformed("\\ at end of pattern");
    if (std::optional<CharacterSet> set = parse_set_escape()) return set_node(std::move(*set));
    if (has_names_ && take("k<")) {
      const std::size_t end = pattern_.find('>', at_);
      const auto found = std::find(group_names_.begin(), group_names_.end(),
                                   pattern_.substr(at_, end == std::string_view::npos ? 0 : end - at_));
      if (end == std::string_view::npos || found == group_names_.end()) malformed("invalid named reference");
      at_ = end + 1;
      return reference_node(static_cast<std::uint32_t>(found - group_names_.begin()) + 1);
    }
    if (pattern_[at_] >= '1' && pattern_[at_] <= '9') {
      const std::size_t start = at_;
      const std::uint32_t number = *parse_decimal();
      if (number <= group_names_.size()) return reference_node(number);
      at_ = start;
    }
    return character_node(parse_character_escape());
  }

  // \d \D \w \W \s \S, behind the backslash.
  std::optional<CharacterSet> parse_set_escape() {
    std::optional<CharacterSet> set;
    switch (pattern_[at_]) {
      case 'd':
        set = CharacterSet::digits();
        break;
      case 'D':
        set = CharacterSet::digits().complement();
        break;
      case 'w':
        set = CharacterSet::word();
        break;
      case 'W':
        set = CharacterSet::word().complement();
        break;
      case 's':
        set = CharacterSet::space();
        break;
      case 'S':
        set = CharacterSet::space().complement();
        break;
      default:
        return set;
    }
    ++at_;
    return set;
  }

  char32_t parse_character_escape() {
    const char c = pattern_[at_];
    switch (c) {
      case 'f':
        ++at_;
        return '\f';
      case 'n':
        ++at_;
        return '\n';
      case 'r':
        ++at_;
        return '\r';
      case 't':
        ++at_;
        return '\t';
      case 'v':
        ++at_;
        return '\v';
      case 'c':
        return parse_control_escape();
      case 'x':
        return parse_hexadecimal_escape(2);
      case 'u':
        return parse_unicode_escape();
      default:
        break;
    }
    if (c >= '0' && c <= '7') return parse_octal_escape();
    return next_character(pattern_, at_);
  }
  char32_t parse_control_escape() {
    const bool is_letter =
        at_ + 1 < pattern_.size() && ((pattern_[at_ + 1] | 0x20) >= 'a' && (pattern_[at_ + 1] | 0x20) <= 'z');
    if (!is_letter) return '\\';  // and the c stays an ordinary character
    at_ += 2;
    return static_cast<char32_t>(pattern_[at_ - 1]) & 0x1F;
  }
  char32_t parse_octal_escape() {
    char32_t value = 0;
    for (int i = 0; i < 3 && at_ < pattern_.size() && pattern_[at_] >= '0' && pattern_[at_] <= '7'; ++i) {
      if (value * 8 + static_cast<char32_t>(pattern_[at_] - '0') > 0xFF) break;
      value = value * 8 + static_cast<char32_t>(pattern_[at_++] - '0');
    }
    return value;
  }
  // x or u with exactly so many digits; otherwise the letter itself.
  char32_t parse_hexadecimal_escape(std::size_t digits) {
    const char letter = pattern_[at_++];
    char32_t value = 0;
    if (!read_hexadecimal(at_, digits, value)) return static_cast<char32_t>(letter);
    at_ += digits;
    return value;
  }
  bool read_hexadecimal(std::size_t from, std::size_t digits, char32_t& value) const {
    if (from + digits > pattern_.size()) return false;
    value = 0;
    for (std::size_t i = from; i < from + digits; ++i) {
      const char c = pattern_[i];
      const char lower = static_cast<char>(c | 0x20);
      if (is_digit(c))
        value = value * 16 + static_cast<char32_t>(c - '0');
      else if (lower >= 'a' && lower <= 'f')
        value = value * 16 + static_cast<char32_t>(lower - 'a' + 10);
      else
        return false;
    }
    return true;
  }
  char32_t parse_unicode_escape() {
    const char32_t high = parse_hexadecimal_escape(4);
    char32_t low = 0;
    const bool is_pair = high >= 0xD800 && high <= 0xDBFF && is_at("\\u") &&
                         read_hexadecimal(at_ + 2, 4, low) && low >= 0xDC00 && low <= 0xDFFF;
    if (!is_pair) return high;
    at_ += 6;
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
  }

  // Behind the [.
  CharacterSet parse_class() {
    const bool is_negated = take("^");
    CharacterSet set;
    for (;;) {
      if (at_ == pattern_.size()) malformed("unterminated character class");
      if (take("]")) break;
      parse_class_range(set);
    }
    set.normalize();
    if (ignores_case_) set.add_other_case();
    return is_negated ? set.complement() : set;
  }
  void parse_class_range(CharacterSet& set) {
    char32_t first = 0;
    const bool is_character = parse_class_atom(set, first);
    const bool is_range = is_at("-") && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != ']';
    if (!is_range) {
      if (is_character) set.add(first, first);
      return;
    }
    ++at_;
    char32_t last = 0;
    const bool is_last_character = parse_class_atom(set, last);
    if (is_character && is_last_character) {
      if (last < first) malformed("range out of order in character class");
      set.add(first, last);
      return;
    }
    // With \d and the like at one end the - is an ordinary character.
    set.add('-', '-');
    if (is_character) set.add(first, first);
    if (is_last_character) set.add(last, last);
  }
  // One character, or a set (then it is added and the answer is false).
  bool parse_class_atom(CharacterSet& set, char32_t& character) {
    if (!take("\\")) {
      character = next_character(pattern_, at_);
      return true;
    }
    if (at_ == pattern_.size()) malformed("\\ at end of pattern");
    if (std::optional<CharacterSet> escaped = parse_set_escape()) {
      set.add(*escaped);
      return false;
    }
    if (take("b"))
      character = '\b';
    else
      character = parse_character_escape();
    return true;
  }

  std::string_view pattern_;
  bool ignores_case_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::uint32_t group_count_ = 0;
  std::vector<std::string_view> group_names_;  // of all groups, empty for those without
  bool has_names_ = false;
  bool has_back_references_ = false;
};

}  // namespace

RegexSyntax parse_regex(std::string_view pattern, bool ignores_case) {
  return RegexParser(pattern, ignores_case).parse();
}

}  // namespace huiliu::expr
