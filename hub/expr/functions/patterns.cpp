// $match, $contains, $split, $replace: with a string, with a regular expression, or with a function that
// finds matches the same way ({match, start, end, groups, next}).
#include <cmath>
#include <optional>

#include "hub/expr/builtins.hpp"
#include "hub/expr/failure.hpp"
#include "hub/expr/item_text.hpp"
#include "hub/expr/list_builder.hpp"
#include "hub/expr/object.hpp"
#include "hub/expr/utf8.hpp"

namespace huiliu::expr {
namespace {

Item part_of_text(const Item& whole, std::size_t begin, std::size_t end) {
  const std::string_view part = whole.as_string().substr(begin, end - begin);
  return whole.is_flagged(is_lasting) ? Item::of_lasting_text(part) : Item::of_text(part);
}

Item groups_of(Evaluator& evaluator, const Regex& regex, const RegexScan& scan, const Item& text) {
  ListBuilder groups(evaluator);
  for (std::size_t i = 1; i <= regex.group_count(); ++i) {
    const RegexScan::Span span = scan.group(i);
    groups.push(span.begin == std::string_view::npos ? Item() : part_of_text(text, span.begin, span.end));
  }
  return groups.array();
}

Item next_function(Evaluator& evaluator, const Regex& regex, const Item& text, std::size_t from,
                   std::size_t units) {
  auto* next = evaluator.arena().make<NextMatchFunction>();
  next->kind = Function::Kind::next_match;
  next->arity = 0;
  next->regex = &regex;
  next->text = text;
  next->from = from;
  next->units = units;
  return Item::of_function(next);
}

struct Match {
  std::size_t begin = 0;  // byte offsets
  std::size_t end = 0;
  Item text;
  Item groups;
};

// The object that stands for a match of a regular expression. Positions count as JavaScript counts them.
Item match_object(Evaluator& evaluator, const Regex& regex, const Item& text, const Match& match,
                  std::size_t start) {
  const std::size_t end = start + utf16_length(match.text.as_string());
  ObjectBuilder object(evaluator.arena(), 5);
  object.append("match", match.text);
  object.append("start", Item::of_number(static_cast<double>(start)));
  object.append("end", Item::of_number(static_cast<double>(end)));
  object.append("groups", match.groups);
  object.append("next", next_function(evaluator, regex, text, match.end, end));
  return object.finish();
}

// The matches of a regular expression or of a matcher function in a text, one after the other.
class Matches {
 public:
  Matches(Evaluator& evaluator, const Function& matcher, const Item& text)
      : evaluator_(evaluator), matcher_(matcher), text_(text) {
    if (matcher.kind == Function::Kind::pattern) {
      regex_ = static_cast<const PatternFunction&>(matcher).regex;
      scan_.emplace(*regex_, text.as_string(), evaluator.step_guard());
    }
  }

  std::optional<Match> next() {
    evaluator_.count_steps(1);
    return regex_ != nullptr ? next_of_regex() : next_of_function();
  }
  // How many UTF-16 units stand before a match; for matches in order.
  std::size_t start_of(const Match& match) {
    if (match.begin < counted_) counted_ = units_ = 0;
    units_ += utf16_length(text_.as_string().substr(counted_, match.begin - counted_));
    counted_ = match.begin;
    return units_;
  }
  // Of the match just found.
  Item object_of(const Match& match) {
    return regex_ == nullptr ? result_ : match_object(evaluator_, *regex_, text_, match, start_of(match));
  }

 private:
  std::optional<Match> next_of_regex() {
    if (!is_first_ && from_ >= text_.size) return std::nullopt;
    if (!scan_->find(from_)) return std::nullopt;
    const RegexScan::Span span = scan_->group(0);
    if (!is_first_ && span.begin == span.end) fail("D1004");
    is_first_ = false;
    from_ = span.end;
    return Match{span.begin, span.end, part_of_text(text_, span.begin, span.end), groups()};
  }
  // Most patterns have no groups: all their matches share one empty list.
  Item groups() {
    if (regex_->group_count() > 0) return groups_of(evaluator_, *regex_, *scan_, text_);
    if (no_groups_.is_undefined()) no_groups_ = array_of(evaluator_.arena(), nullptr, 0);
    return no_groups_;
  }

  std::optional<Match> next_of_function() {
    Arguments arguments(evaluator_.arena());
    if (is_first_) {
      arguments.push(text_);
      result_ = evaluator_.call(matcher_, arguments, Item());
    } else {
      const Item next = evaluator_.look_up(result_, "next");
      if (!next.is_function()) return std::nullopt;
      result_ = evaluator_.call(*next.function, arguments, Item());
    }
    is_first_ = false;
    if (!result_.is_object()) return std::nullopt;
    const Item start = evaluator_.look_up(result_, "start");
    const Item end = evaluator_.look_up(result_, "end");
    const Item groups = evaluator_.look_up(result_, "groups");
    const bool has_shape = start.is_number() || end.is_number() || groups.is_array() ||
                           evaluator_.look_up(result_, "next").is_function();
    if (!has_shape) fail("T1010");
    Match match;
    match.text = evaluator_.look_up(result_, "match");
    if (!match.text.is_string()) fail("T1010");
    match.groups = groups.is_undefined() ? array_of(evaluator_.arena(), nullptr, 0)
                                         : to_array(evaluator_.arena(), groups);
    match.begin = offset_of(start, 0);
    match.end = offset_of(end, match.begin);
    return match;
  }
  std::size_t offset_of(const Item& position, std::size_t least) const {
    if (!position.is_number() || !(position.as_number() > 0)) return least;
    const double bounded = std::min(position.as_number(), static_cast<double>(text_.size));
    return std::max(least, byte_offset(text_.as_string(), static_cast<std::size_t>(bounded)));
  }

  Evaluator& evaluator_;
  const Function& matcher_;
  Item text_;
  const Regex* regex_ = nullptr;
  std::optional<RegexScan> scan_;
  std::size_t from_ = 0;
  bool is_first_ = true;
  Item result_;  // of a matcher function
  Item no_groups_;
  std::size_t counted_ = 0;
  std::size_t units_ = 0;
};

// How many, if the argument says so; `code` is raised for a negative one.
std::optional<double> limit_of(const Item& argument, std::string_view code) {
  if (!argument.is_number()) return std::nullopt;
  if (argument.as_number() < 0) fail(code);
  return std::floor(argument.as_number());
}

Item match(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item text = arguments[0];
  if (text.is_undefined()) return text;
  const std::optional<double> limit = limit_of(arguments[2], "D3040");
  Matches matches(evaluator, *arguments[1].function, text);
  ListBuilder found(evaluator);
  while (!limit || static_cast<double>(found.size()) < *limit) {
    const std::optional<Match> next = matches.next();
    if (!next) break;
    ObjectBuilder object(evaluator.arena(), 3);
    object.append("match", next->text);
    object.append("index", Item::of_number(static_cast<double>(matches.start_of(*next))));
    object.append("groups", next->groups);
    found.push(object.finish());
  }
  return found.sequence();
}

Item contains(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined() || arguments[1].is_undefined()) return {};
  if (arguments[1].is_string()) {
    return Item::of_bool(arguments[0].as_string().find(arguments[1].as_string()) != std::string_view::npos);
  }
  return Item::of_bool(Matches(evaluator, *arguments[1].function, arguments[0]).next().has_value());
}

void split_at_text(ListBuilder& parts, const Item& text, std::string_view separator,
                   std::optional<double> limit) {
  const std::string_view whole = text.as_string();
  const auto has_room = [&] { return !limit || static_cast<double>(parts.size()) < *limit; };
  std::size_t begin = 0;
  if (separator.empty()) {
    for (std::size_t end = 0; begin < whole.size() && has_room(); begin = end) {
      next_character(whole, end);
      parts.push(part_of_text(text, begin, end));
    }
    return;
  }
  while (has_room()) {
    const std::size_t end = whole.find(separator, begin);
    parts.push(part_of_text(text, begin, std::min(end, whole.size())));
    if (end == std::string_view::npos) return;
    begin = end + separator.size();
  }
}

Item split(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item text = arguments[0];
  if (text.is_undefined()) return text;
  const std::optional<double> limit = limit_of(arguments[2], "D3020");
  ListBuilder parts(evaluator);
  if (!arguments[1].is_function()) {
    if (arguments[1].is_undefined()) return array_of(evaluator.arena(), &text, 1);
    split_at_text(parts, text, arguments[1].as_string(), limit);
    return parts.array();
  }
  Matches matches(evaluator, *arguments[1].function, text);
  std::size_t begin = 0;
  while (!limit || static_cast<double>(parts.size()) < *limit) {
    const std::optional<Match> next = matches.next();
    const std::size_t end = next ? std::max(begin, next->begin) : text.size;
    parts.push(part_of_text(text, begin, end));
    if (!next) break;
    begin = std::max(end, next->end);
  }
  return parts.array();
}

// What $1, $0 and $$ in a replacement stand for.
void append_replacement(std::string& out, std::string_view replacement, const Match& match) {
  const std::size_t group_count = match.groups.size;
  std::size_t most_digits = 1;
  for (std::size_t n = group_count; n >= 10; n /= 10) ++most_digits;
  for (std::size_t at = 0; at < replacement.size();) {
    const std::size_t dollar = std::min(replacement.find('$', at), replacement.size());
    out += replacement.substr(at, dollar - at);
    if (dollar == replacement.size()) return;
    at = dollar + 1;
    const char next = at < replacement.size() ? replacement[at] : '\0';
    if (next == '$') {
      out += '$';
      ++at;
      continue;
    }
    if (next == '0') {
      out += match.text.as_string();
      ++at;
      continue;
    }
    std::size_t digits = 0;
    std::size_t number = 0;
    while (digits < most_digits && at + digits < replacement.size() && replacement[at + digits] >= '0' &&
           replacement[at + digits] <= '9') {
      number = number * 10 + static_cast<std::size_t>(replacement[at + digits++] - '0');
    }
    if (digits > 1 && number > group_count) {
      number /= 10;
      --digits;
    }
    if (digits == 0) {
      out += '$';
      continue;
    }
    at += digits;
    if (number < 1 || number > group_count) continue;
    const Item group = match.groups.element(static_cast<std::uint32_t>(number - 1));
    if (group.is_string()) out += group.as_string();
  }
}

Item replace_text(Evaluator& evaluator, const Arguments& arguments, std::optional<double> limit) {
  const std::string_view whole = arguments[0].as_string();
  const std::string_view pattern = arguments[1].as_string();
  std::string out;
  std::size_t begin = 0;
  for (double count = 0; !limit || count < *limit; ++count) {
    const std::size_t found = whole.find(pattern, begin);
    if (found == std::string_view::npos) break;
    out += whole.substr(begin, found - begin);
    out += arguments[2].as_string();
    begin = found + pattern.size();
  }
  if (begin == 0) return arguments[0];
  return evaluator.keep_text(out.append(whole.substr(begin)));
}

Item replace(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item text = arguments[0];
  if (text.is_undefined() || arguments[1].is_undefined() || arguments[2].is_undefined()) return text;
  if (arguments[1].is_string() && arguments[1].size == 0) fail("D3010");
  const std::optional<double> limit = limit_of(arguments[3], "D3011");
  if (arguments[1].is_string()) {
    if (!arguments[2].is_string()) fail("T0410", "replace");
    return replace_text(evaluator, arguments, limit);
  }
  Matches matches(evaluator, *arguments[1].function, text);
  std::string out;
  std::size_t begin = 0;
  double count = 0;
  for (; !limit || count < *limit; ++count) {
    const std::optional<Match> next = matches.next();
    if (!next) break;
    const std::size_t match_begin = std::max(begin, next->begin);
    out += text.as_string().substr(begin, match_begin - begin);
    if (arguments[2].is_string()) {
      append_replacement(out, arguments[2].as_string(), *next);
    } else {
      Arguments given(evaluator.arena());
      given.push(matches.object_of(*next));
      const Item replacement = evaluator.call(*arguments[2].function, given, Item());
      if (!replacement.is_string()) fail("D3012");
      out += replacement.as_string();
    }
    begin = std::max(match_begin, next->end);
  }
  if (count == 0) return text;
  return evaluator.keep_text(out.append(text.as_string().substr(begin)));
}

constexpr BuiltinEntry pattern_entries[] = {
    {"match", "<s-f<s:o>n?:a<o>>", 3, match},
    {"contains", "<s-(sf):b>", 2, contains},
    {"split", "<s-(sf)n?:a<s>>", 3, split},
    {"replace", "<s-(sf)(sf)n?:s>", 4, replace},
};

// The match at or after a place, as an object. `units`: the place in UTF-16 units.
Item match_from(Evaluator& evaluator, const Regex& regex, const Item& text, std::size_t from,
                std::size_t units, bool may_be_empty) {
  RegexScan scan(regex, text.as_string(), evaluator.step_guard());
  if (!scan.find(from)) return {};
  const RegexScan::Span span = scan.group(0);
  if (!may_be_empty && span.begin == span.end) fail("D1004");
  const Match found{span.begin, span.end, part_of_text(text, span.begin, span.end),
                    groups_of(evaluator, regex, scan, text)};
  return match_object(evaluator, regex, text, found,
                      units + utf16_length(text.as_string().substr(from, span.begin - from)));
}

}  // namespace

Item first_match(Evaluator& evaluator, const PatternFunction& pattern, const Item& text) {
  if (text.is_undefined()) return {};
  if (text.is_string()) return match_from(evaluator, *pattern.regex, text, 0, 0, true);
  std::string& buffer = evaluator.text_buffer();
  append_string_of(buffer, text);
  return match_from(evaluator, *pattern.regex, evaluator.keep_text(buffer), 0, 0, true);
}

Item next_match(Evaluator& evaluator, const NextMatchFunction& next) {
  if (next.from >= next.text.size) return {};
  return match_from(evaluator, *next.regex, next.text, next.from, next.units, false);
}

std::span<const BuiltinEntry> pattern_builtins() { return pattern_entries; }

}  // namespace huiliu::expr
