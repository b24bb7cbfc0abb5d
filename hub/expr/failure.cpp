#include "hub/expr/failure.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "hub/expr/utf8.hpp"
#include "hub/model/value.hpp"

namespace huiliu::expr {
namespace {

struct CodeText {
  std::string_view code;
  std::string_view text;  // {} stands for the detail
};

// Sorted by code.
constexpr std::array code_texts{
    CodeText{"D1001", "number out of range: {}"},
    CodeText{"D1002", "cannot negate a value that is not a number"},
    CodeText{"D1004", "the regular expression matches an empty string"},
    CodeText{"D1009", "several keys of the object constructor evaluate to the same string"},
    CodeText{"D2014", "the range would have {} items, the most is ten million"},
    CodeText{"D3001", "a number that is not finite cannot become a string"},
    CodeText{"D3010", "the pattern of $replace cannot be an empty string"},
    CodeText{"D3011", "the limit of $replace must not be negative"},
    CodeText{"D3012", "the replacement function of $replace must return a string"},
    CodeText{"D3020", "the limit of $split must not be negative"},
    CodeText{"D3030", "the string is no number"},
    CodeText{"D3040", "the limit of $match must not be negative"},
    CodeText{"D3050", "the function given to $reduce must take at least two arguments"},
    CodeText{"D3060", "$sqrt of a negative number"},
    CodeText{"D3061", "$power has no finite result"},
    CodeText{"D3070", "$sort without a comparison function needs numbers only or strings only"},
    CodeText{"D3080", "the picture string has more than one pattern separator"},
    CodeText{"D3081", "the sub-picture has more than one decimal separator"},
    CodeText{"D3082", "the sub-picture has more than one percent character"},
    CodeText{"D3083", "the sub-picture has more than one per-mille character"},
    CodeText{"D3084", "the sub-picture has both a percent and a per-mille character"},
    CodeText{"D3085", "the mantissa of the sub-picture needs at least one digit character"},
    CodeText{"D3086", "the sub-picture has a passive character between active ones"},
    CodeText{"D3087", "the sub-picture has a grouping separator beside the decimal separator"},
    CodeText{"D3088", "the sub-picture has a grouping separator at the end of its integer part"},
    CodeText{"D3089", "the sub-picture has two grouping separators side by side"},
    CodeText{"D3090", "in the integer part an optional digit must not follow a mandatory one"},
    CodeText{"D3091", "in the fraction a mandatory digit must not follow an optional one"},
    CodeText{"D3092", "a sub-picture with percent or per-mille cannot have an exponent"},
    CodeText{"D3093", "the exponent of the sub-picture needs mandatory digits only"},
    CodeText{"D3100", "the radix of $formatBase must be between 2 and 36, not {}"},
    CodeText{"D3110", "$toMillis without a picture needs an ISO 8601 timestamp"},
    CodeText{"D3120", "syntax error in the text given to $eval: {}"},
    CodeText{"D3121", "error while evaluating the text given to $eval: {}"},
    CodeText{"D3130", "numbering sequence not supported: {}"},
    CodeText{"D3131", "the digits of a picture must come from one group of decimal digits"},
    CodeText{"D3132", "unknown component of a date/time picture: {}"},
    CodeText{"D3133", "the modifier 'name' fits months and days only, not {}"},
    CodeText{"D3134", "a timezone picture has at most four digits, not {}"},
    CodeText{"D3135", "no matching closing bracket in the date/time picture"},
    CodeText{"D3136", "the date/time picture leaves out components that the timestamp needs"},
    CodeText{"D3137", "{}"},
    CodeText{"D3138", "$single found more than one match"},
    CodeText{"D3139", "$single found no match"},
    CodeText{"D3140", "Malformed URL passed to {}"},
    CodeText{"D3141", "{}"},
    CodeText{"S0101", "string literal without its closing quote"},
    CodeText{"S0102", "number out of range: {}"},
    CodeText{"S0103", "unsupported escape sequence: \\{}"},
    CodeText{"S0104", "\\u must be followed by four hexadecimal digits"},
    CodeText{"S0105", "quoted name without its closing backtick"},
    CodeText{"S0106", "comment without its end"},
    CodeText{"S0201", "syntax error: {}"},
    CodeText{"S0202", "unexpected: {}"},
    CodeText{"S0203", "the expression ends before {}"},
    CodeText{"S0204", "unknown operator: {}"},
    CodeText{"S0205", "unexpected token: {}"},
    CodeText{"S0206", "unknown kind of expression: {}"},
    CodeText{"S0207", "unexpected end of the expression"},
    CodeText{"S0208", "a parameter of a function must be a variable, not {}"},
    CodeText{"S0209", "a predicate cannot follow a grouping expression in a step"},
    CodeText{"S0210", "each step can have one grouping expression only"},
    CodeText{"S0211", "{} is no unary operator"},
    CodeText{"S0212", "the left side of := must be a variable"},
    CodeText{"S0213", "a literal value cannot be a step of a path: {}"},
    CodeText{"S0214", "the right side of {} must be a variable"},
    CodeText{"S0215", "a context variable must precede any predicates of its step"},
    CodeText{"S0216", "a context variable must precede the order-by of its step"},
    CodeText{"S0217", "the object that % stands for cannot be derived"},
    CodeText{"S0301", "empty regular expression"},
    CodeText{"S0302", "regular expression without its closing /"},
    CodeText{"S0303", "invalid regular expression: {}"},
    CodeText{"S0401", "a type parameter fits functions and arrays only, not {}"},
    CodeText{"S0402", "a choice of types cannot have type parameters: {}"},
    CodeText{"T0410", "an argument of {} does not match the function's signature"},
    CodeText{"T0411", "the context value does not fit the missing argument of {}"},
    CodeText{"T0412", "an argument of {} is an array of the wrong type"},
    CodeText{"T1003", "a key of an object must evaluate to a string, not {}"},
    CodeText{"T1005", "not a function; did you mean ${}?"},
    CodeText{"T1006", "not a function: {}"},
    CodeText{"T1007", "cannot apply partially what is not a function; did you mean ${}?"},
    CodeText{"T1008", "cannot apply partially what is not a function: {}"},
    CodeText{"T1010", "the matcher function returned an object of the wrong shape"},
    CodeText{"T2001", "the left side of {} must be a number"},
    CodeText{"T2002", "the right side of {} must be a number"},
    CodeText{"T2003", "the left side of .. must be an integer"},
    CodeText{"T2004", "the right side of .. must be an integer"},
    CodeText{"T2006", "the right side of ~> must be a function"},
    CodeText{"T2007", "order-by compares values of different types"},
    CodeText{"T2008", "order-by needs numbers or strings"},
    CodeText{"T2009", "{} needs two numbers or two strings"},
    CodeText{"T2010", "{} needs numbers or strings"},
    CodeText{"T2011", "the insert part of a transform must evaluate to an object, not {}"},
    CodeText{"T2012", "the delete part of a transform must evaluate to strings, not {}"},
    CodeText{"T2013", "a transform copies its input with $clone, which is not a function here"},
    CodeText{"U1001", "limit exceeded"},
};

// A detail may be a piece of the source cut within a character.
std::string well_formed(std::string text) {
  if (model::is_utf8(text)) return text;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    next_character(text, at);
    const std::string character = text.substr(begin, at - begin);
    out += model::is_utf8(character) ? character : "\uFFFD";
  }
  return out;
}

}  // namespace

std::string Failure::text() const {
  if (!message.empty()) return message;
  const auto found =
      std::lower_bound(code_texts.begin(), code_texts.end(), code,
                       [](const CodeText& entry, const std::string& key) { return entry.code < key; });
  if (found == code_texts.end() || found->code != code) return detail;
  std::string text(found->text);
  if (const std::size_t place = text.find("{}"); place != std::string::npos) text.replace(place, 2, detail);
  return text;
}

model::Error Failure::to_error(model::ErrorClass error_class) const {
  model::Error error = model::make_error(error_class, well_formed(text()));
  error.code = code;
  if (position != no_position) error.where = "position " + std::to_string(position);
  return error;
}

void fail(std::string_view code, std::string_view detail, std::uint32_t position) {
  throw Failure{std::string(code), std::string(detail), position};
}

void fail_with(std::string_view code, std::string message) {
  throw Failure{std::string(code), {}, no_position, std::move(message)};
}

}  // namespace huiliu::expr
