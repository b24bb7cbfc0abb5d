#include "plugins/kingdee/twin/filter.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>

#include "plugins/kingdee/twin/schema.hpp"

namespace kingdee_twin {
namespace {

namespace json = boost::json;

constexpr int deepest_nesting = 64;
constexpr std::size_t longest_filter = 1U << 20U;

struct Token {
  enum class Kind { word, text, number, symbol, end } kind = Kind::end;
  std::string text;
  std::size_t at = 0;
};

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token next() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
    Token token;
    token.at = at_;
    if (at_ >= text_.size()) return token;
    const char c = text_[at_];
    if (c == '\'') return quoted(token);
    if (c == 'N' && at_ + 1 < text_.size() && text_[at_ + 1] == '\'') {  // N'…': a Unicode literal
      ++at_;
      return quoted(token);
    }
    if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) return number(token);
    if (is_word_char(c)) {
      token.kind = Token::Kind::word;
      while (at_ < text_.size() && is_word_char(text_[at_])) token.text += text_[at_++];
      return token;
    }
    token.kind = Token::Kind::symbol;
    for (const std::string_view symbol : {"<>", "!=", ">=", "<=", "(", ")", ",", "=", "<", ">"})
      if (text_.substr(at_).starts_with(symbol)) {
        token.text = symbol;
        at_ += symbol.size();
        return token;
      }
    throw BadFilter("过滤条件在第 " + std::to_string(at_ + 1) + " 个字符处无法识别");
  }

 private:
  Token quoted(Token token) {
    token.kind = Token::Kind::text;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '\'') {
        token.text += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '\'') {
        token.text += '\'';
        ++at_;
      } else {
        ++at_;
        return token;
      }
    }
    throw BadFilter("过滤条件的引号不配对");
  }
  Token number(Token token) {
    token.kind = Token::Kind::number;
    token.text += text_[at_++];
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) token.text += text_[at_++];
    return token;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text), token_(lexer_.next()) {}

  FilterPtr whole() {
    if (token_.kind == Token::Kind::end) return std::make_unique<Filter>();
    FilterPtr filter = any(0);
    if (token_.kind != Token::Kind::end) fail();
    return filter;
  }

 private:
  [[noreturn]] void fail() const {
    throw BadFilter("过滤条件在第 " + std::to_string(token_.at + 1) + " 个字符处有语法错误");
  }
  bool is_word(std::string_view word) const {
    return token_.kind == Token::Kind::word && same_letters(token_.text, word);
  }
  bool is_symbol(std::string_view symbol) const {
    return token_.kind == Token::Kind::symbol && token_.text == symbol;
  }
  void advance() { token_ = lexer_.next(); }
  bool take_word(std::string_view word) {
    if (!is_word(word)) return false;
    advance();
    return true;
  }
  void want_symbol(std::string_view symbol) {
    if (!is_symbol(symbol)) fail();
    advance();
  }

  FilterPtr any(int depth) {
    std::vector<FilterPtr> parts;
    parts.push_back(all(depth));
    while (take_word("or")) parts.push_back(all(depth));
    return joined(Filter::Kind::any, std::move(parts));
  }
  FilterPtr all(int depth) {
    std::vector<FilterPtr> parts;
    parts.push_back(one(depth));
    while (take_word("and")) parts.push_back(one(depth));
    return joined(Filter::Kind::all, std::move(parts));
  }
  static FilterPtr joined(Filter::Kind kind, std::vector<FilterPtr> parts) {
    if (parts.size() == 1) return std::move(parts.front());
    auto filter = std::make_unique<Filter>();
    filter->kind = kind;
    filter->parts = std::move(parts);
    return filter;
  }
  static FilterPtr negated(FilterPtr inner) {
    auto filter = std::make_unique<Filter>();
    filter->kind = Filter::Kind::none_of;
    filter->parts.push_back(std::move(inner));
    return filter;
  }

  FilterPtr one(int depth) {
    if (depth >= deepest_nesting) throw BadFilter("过滤条件嵌套太深");
    if (take_word("not")) return negated(one(depth + 1));
    if (is_symbol("(")) {
      advance();
      FilterPtr inner = any(depth + 1);
      want_symbol(")");
      return inner;
    }
    return condition();
  }

  FilterPtr condition() {
    auto filter = std::make_unique<Filter>();
    filter->kind = Filter::Kind::compare;
    if (token_.kind == Token::Kind::number) {  // "1=1", as report writers put it
      const Operand left = operand();
      if (!is_symbol("=")) fail();
      advance();
      const bool same = left.text == operand().text;
      filter->kind = same ? Filter::Kind::all : Filter::Kind::any;
      return filter;
    }
    if (token_.kind != Token::Kind::word) fail();
    filter->field = token_.text;
    advance();
    const bool inverse = take_word("not");
    if (take_word("in")) {
      filter->kind = Filter::Kind::in;
      want_symbol("(");
      filter->values.push_back(operand());
      while (is_symbol(",")) {
        advance();
        filter->values.push_back(operand());
      }
      want_symbol(")");
    } else if (take_word("like")) {
      filter->kind = Filter::Kind::like;
      filter->values.push_back(operand());
    } else if (take_word("between")) {
      auto upper = std::make_unique<Filter>(Filter{Filter::Kind::compare, {}, filter->field, {}, "<=", {}});
      filter->op = ">=";
      filter->values.push_back(operand());
      if (!take_word("and")) fail();
      upper->values.push_back(operand());
      std::vector<FilterPtr> parts;
      parts.push_back(std::move(filter));
      parts.push_back(std::move(upper));
      FilterPtr range = joined(Filter::Kind::all, std::move(parts));
      return inverse ? negated(std::move(range)) : std::move(range);
    } else if (!inverse && take_word("is")) {
      const bool is_not = take_word("not");
      if (!take_word("null")) fail();
      filter->kind = Filter::Kind::null;
      return is_not ? negated(std::move(filter)) : FilterPtr(std::move(filter));
    } else {
      if (inverse || token_.kind != Token::Kind::symbol) fail();
      filter->op = token_.text == "!=" ? "<>" : token_.text;
      if (filter->op == "(" || filter->op == ")" || filter->op == ",") fail();
      advance();
      if (token_.kind == Token::Kind::word) {
        filter->other = token_.text;
        advance();
      } else {
        filter->values.push_back(operand());
      }
    }
    return inverse ? negated(std::move(filter)) : FilterPtr(std::move(filter));
  }

  Operand operand() {
    if (token_.kind != Token::Kind::text && token_.kind != Token::Kind::number) fail();
    Operand value{token_.text, token_.kind == Token::Kind::number};
    advance();
    return value;
  }

  Lexer lexer_;
  Token token_;
};

std::optional<long double> number_in(std::string_view text) {
  const std::string copy(text);
  char* end = nullptr;
  const long double number = std::strtold(copy.c_str(), &end);
  if (copy.empty() || *end != '\0') return std::nullopt;
  return number;
}

int sign(bool less, bool more) { return less ? -1 : more ? 1 : 0; }

bool like(std::string_view text, std::string_view pattern) {
  // Greedy with one point to return to: linear in practice, never exponential.
  std::size_t t = 0, p = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == '_') {
      ++p;  // one character, however many bytes it has
      do ++t;
      while (t < text.size() && (static_cast<unsigned char>(text[t]) & 0xC0) == 0x80);
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

/// SQL has three truths: yes, no, and unknown, which a comparison with null gives.
enum class Truth { no, unknown, yes };

Truth truth(bool value) { return value ? Truth::yes : Truth::no; }

Truth judge_row(const Filter& filter, const Values& values);

Truth judge_condition(const Filter& filter, const Values& values) {
  const std::optional<Held> held = values(filter.field);
  if (filter.kind == Filter::Kind::null) return truth(!held);
  if (!held) return Truth::unknown;
  if (filter.kind == Filter::Kind::like)
    return truth(like(folded(held->text), folded(filter.values[0].text)));
  if (filter.kind == Filter::Kind::in) {
    for (const Operand& operand : filter.values)
      if (compare_held(*held, operand) == 0) return Truth::yes;
    return Truth::no;
  }
  std::optional<Operand> against;
  if (!filter.other.empty()) {
    const std::optional<Held> other = values(filter.other);
    if (!other) return Truth::unknown;
    against = Operand{other->text, other->as == Held::As::number};
  }
  const std::optional<int> order = compare_held(*held, against ? *against : filter.values[0]);
  if (!order) throw BadFilter("过滤条件的值与字段 " + filter.field + " 的类型不符");
  if (filter.op == "=") return truth(*order == 0);
  if (filter.op == "<>") return truth(*order != 0);
  if (filter.op == ">") return truth(*order > 0);
  if (filter.op == ">=") return truth(*order >= 0);
  if (filter.op == "<") return truth(*order < 0);
  return truth(*order <= 0);
}

Truth judge_row(const Filter& filter, const Values& values) {
  if (filter.kind == Filter::Kind::all) {
    Truth least = Truth::yes;
    for (const FilterPtr& part : filter.parts) {
      least = std::min(least, judge_row(*part, values));
      if (least == Truth::no) break;
    }
    return least;
  }
  if (filter.kind == Filter::Kind::any) {
    Truth most = Truth::no;
    for (const FilterPtr& part : filter.parts) {
      most = std::max(most, judge_row(*part, values));
      if (most == Truth::yes) break;
    }
    return most;
  }
  if (filter.kind == Filter::Kind::none_of) {
    const Truth inner = judge_row(*filter.parts.front(), values);
    return inner == Truth::yes ? Truth::no : inner == Truth::no ? Truth::yes : Truth::unknown;
  }
  return judge_condition(filter, values);
}

std::string list_text(const json::object& item, std::string_view name) {
  const json::value* value = item.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

}  // namespace

std::string folded(std::string_view text) {
  std::string out(text.substr(0, text.find_last_not_of(' ') + 1));
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::optional<std::string> canonical_date(std::string_view text) {
  const auto digits = [&](std::size_t at, std::size_t size) {
    if (at + size > text.size()) return false;
    return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at),
                       text.begin() + static_cast<std::ptrdiff_t>(at + size), is_digit);
  };
  if (!digits(0, 4) || !digits(5, 2) || !digits(8, 2) || text[4] != '-' || text[7] != '-')
    return std::nullopt;
  const std::string day(text.substr(0, 10));
  if (text.size() == 10) return day + "T00:00:00";
  if (text[10] != ' ' && text[10] != 'T') return std::nullopt;
  if (!digits(11, 2) || !digits(14, 2) || text[13] != ':') return std::nullopt;
  if (text.size() == 16) return day + "T" + std::string(text.substr(11)) + ":00";
  if (!digits(17, 2) || text[16] != ':') return std::nullopt;
  return day + "T" + std::string(text.substr(11, 8));
}

std::optional<int> compare_held(const Held& held, const Operand& operand) {
  if (held.as == Held::As::number) {
    std::int64_t left = 0, right = 0;
    const auto whole = [](const std::string& text, std::int64_t& number) {
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      return error == std::errc() && end == text.data() + text.size();
    };
    if (whole(held.text, left) && whole(operand.text, right)) return sign(left<right, left> right);
    const auto a = number_in(held.text), b = number_in(operand.text);
    if (!a || !b) return std::nullopt;
    return sign(*a<*b, *a> * b);
  }
  if (held.as == Held::As::date) {
    const auto date = canonical_date(operand.text);
    if (!date) return std::nullopt;
    return sign(held.text<*date, held.text> * date);
  }
  const std::string left = folded(held.text), right = folded(operand.text);
  return sign(left<right, left> right);
}

FilterPtr parse_filter(std::string_view text) {
  if (text.size() > longest_filter) throw BadFilter("过滤条件太长");
  return Parser(text).whole();
}

FilterPtr parse_filter_list(const json::array& list) {
  // The list form is the text form in pieces; so make the text.
  std::string text;
  for (const json::value& item : list) {
    const json::object* object = item.if_object();
    if (object == nullptr) throw BadFilter("过滤条件列表的元素不是对象");
    const std::string compare = list_text(*object, "Compare");
    std::string value = list_text(*object, "Value");
    std::string quoted;
    for (const char c : value) quoted += c == '\'' ? "''" : std::string(1, c);
    std::string op = compare == "67" || compare.empty() ? "=" : compare;  // 67: "equals" of the filter panel
    if (op == "17") {                                                     // 17: "contains"
      op = "like";
      quoted = "%" + quoted + "%";
    }
    text += list_text(*object, "Left") + list_text(*object, "FieldName") + " " + op + " ";
    text += same_letters(op, "in") ? "(" + value + ")" : "'" + quoted + "'";
    text += list_text(*object, "Right");
    if (&item != &list.back()) text += list_text(*object, "Logic") == "1" ? " or " : " and ";
  }
  return parse_filter(text);
}

bool passes(const Filter& filter, const Values& values) { return judge_row(filter, values) == Truth::yes; }

void fields_of(const Filter& filter, std::vector<std::string>& fields) {
  if (!filter.field.empty()) fields.push_back(filter.field);
  if (!filter.other.empty()) fields.push_back(filter.other);
  for (const FilterPtr& part : filter.parts) fields_of(*part, fields);
}

}  // namespace kingdee_twin
