#include "hub/expr/signature.hpp"

#include <algorithm>

#include "hub/expr/failure.hpp"

namespace huiliu::expr {
namespace {

enum Type : std::uint8_t {
  string_type = 1,
  number_type = 2,
  boolean_type = 4,
  null_type = 8,
  array_type = 16,
  object_type = 32,
  function_type = 64,
  missing_type = 128,  // an undefined argument
};
constexpr std::uint8_t json_types = 0xFF & ~function_type;
constexpr std::uint8_t any_type = 0xFF;

std::uint8_t type_bit_of(const Item& item) noexcept {
  switch (item.tag) {
    case Tag::string:
      return string_type;
    case Tag::number:
    case Tag::number_text:
      return number_type;
    case Tag::boolean:
      return boolean_type;
    case Tag::null:
      return null_type;
    case Tag::array:
    case Tag::doc_array:
    case Tag::range:
      return array_type;
    case Tag::object:
    case Tag::doc_object:
      return object_type;
    case Tag::function:
      return function_type;
    default:
      return missing_type;
  }
}

std::uint8_t type_bits_of(char letter) noexcept {
  switch (letter) {
    case 's':
      return string_type;
    case 'n':
      return number_type;
    case 'b':
      return boolean_type;
    case 'l':
      return null_type;
    case 'a':
      return array_type;
    case 'o':
      return object_type;
    case 'f':
      return function_type;
    case 'j':
      return json_types;
    case 'x':
      return any_type;
    default:
      return 0;
  }
}

// Behind the bracket that closes the one at `at`.
std::size_t end_of_brackets(std::string_view text, std::size_t at, char open, char close) {
  int depth = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == open) ++depth;
    if (text[at] == close && --depth == 0) return at + 1;
  }
  return at;
}

}  // namespace

void Arguments::grow() {
  Item* more = arena_.array_of<Item>(std::size_t{capacity_} * 2);
  std::copy_n(items_, size_, more);
  items_ = more;
  capacity_ *= 2;
}

Signature::Signature(std::string_view text) {
  if (text.starts_with("<")) text.remove_prefix(1);
  if (text.ends_with(">")) text.remove_suffix(1);
  for (std::size_t at = 0; at < text.size() && text[at] != ':';) {
    const char c = text[at];
    if (c == '<') {
      read_element_type(text, at);
    } else if (c == '-' || c == '?' || c == '+') {
      ++at;
      if (parameters_.empty()) continue;
      Parameter& last = parameters_.back();
      if (c == '+')
        last.is_repeated = true;
      else
        last.is_optional = true;
      if (c == '-') last.takes_context = true;
    } else {
      read_type(text, at);
    }
  }
}

void Signature::read_type(std::string_view text, std::size_t& at) {
  Parameter parameter;
  if (text[at] == '(') {
    const std::size_t end = end_of_brackets(text, at, '(', ')');
    const std::string_view choice = text.substr(at + 1, end - at - 2);
    if (choice.find('<') != std::string_view::npos) fail("S0402", choice);
    for (const char letter : choice)
      parameter.types = static_cast<std::uint8_t>(parameter.types | type_bits_of(letter));
    parameter.types |= missing_type;
    at = end;
  } else {
    const char letter = text[at++];
    parameter.types = type_bits_of(letter);
    if (parameter.types == 0) return;  // not a type
    parameter.is_array = letter == 'a';
    if (parameter.is_array)
      parameter.types = any_type;  // a single value becomes an array
    else if (letter != 'f')
      parameter.types |= missing_type;
  }
  parameters_.push_back(parameter);
}

void Signature::read_element_type(std::string_view text, std::size_t& at) {
  const std::size_t end = end_of_brackets(text, at, '<', '>');
  const bool is_parametric =
      !parameters_.empty() && (parameters_.back().is_array || parameters_.back().types == function_type);
  if (!is_parametric) fail("S0401", at > 0 ? text.substr(at - 1, 1) : "");
  if (parameters_.back().is_array && at + 1 < end)
    parameters_.back().element_type = type_bits_of(text[at + 1]);
  at = end;
}

void Signature::fit(const Arguments& given, const Item& context, std::string_view name, Arguments& fitted,
                    Arena& arena) const {
  if (fits_one_by_one(given)) {
    for (std::uint32_t i = 0; i < given.size(); ++i)
      fitted.push(fit_one(parameters_[i], given[i], name, arena));
    for (std::size_t i = given.size(); i < parameters_.size(); ++i) {
      fitted.push(parameters_[i].takes_context ? context_for(parameters_[i], context, name) : Item());
    }
    return;
  }
  const std::vector<std::uint32_t> shares = distribute(given, name);
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (shares[i] == 0)
      fitted.push(parameters_[i].takes_context ? context_for(parameters_[i], context, name) : Item());
    for (std::uint32_t k = 0; k < shares[i]; ++k)
      fitted.push(fit_one(parameters_[i], given[next++], name, arena));
  }
}

// The frequent case: each argument fits its parameter, and what is left needs none.
bool Signature::fits_one_by_one(const Arguments& given) const {
  if (given.size() > parameters_.size()) return false;
  for (std::uint32_t i = 0; i < given.size(); ++i) {
    if ((parameters_[i].types & type_bit_of(given[i])) == 0) return false;
  }
  return std::all_of(parameters_.begin() + given.size(), parameters_.end(),
                     [](const Parameter& parameter) { return parameter.is_optional; });
}

// How many arguments each parameter takes: as many as possible, from left to right, so that all are taken.
std::vector<std::uint32_t> Signature::distribute(const Arguments& given, std::string_view name) const {
  const std::size_t width = given.size() + 1;
  // works[i * width + k]: the parameters from i on can take the arguments from k on.
  std::vector<char> works((parameters_.size() + 1) * width, 0);
  works[parameters_.size() * width + given.size()] = 1;
  const auto takes = [&](std::size_t parameter, std::size_t argument) {
    return argument < given.size() &&
           (parameters_[parameter].types & type_bit_of(given[static_cast<std::uint32_t>(argument)])) != 0;
  };
  for (std::size_t i = parameters_.size(); i-- > 0;) {
    for (std::size_t k = width; k-- > 0;) {
      char& cell = works[i * width + k];
      cell = static_cast<char>(parameters_[i].is_optional && works[(i + 1) * width + k] != 0);
      if (!takes(i, k)) continue;
      if (works[(i + 1) * width + k + 1] != 0 ||
          (parameters_[i].is_repeated && works[i * width + k + 1] != 0))
        cell = 1;
    }
  }
  if (works[0] == 0) fail("T0410", name);
  std::vector<std::uint32_t> shares(parameters_.size(), 0);
  std::size_t k = 0;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    while (takes(i, k) && (shares[i] == 0 || parameters_[i].is_repeated)) {
      const bool rest_works = works[(i + 1) * width + k + 1] != 0;
      const bool repeat_works = parameters_[i].is_repeated && works[i * width + k + 1] != 0;
      if (!rest_works && !repeat_works) break;
      ++shares[i];
      ++k;
    }
  }
  return shares;
}

Item Signature::fit_one(const Parameter& parameter, const Item& argument, std::string_view name,
                        Arena& arena) {
  if (!parameter.is_array || argument.is_undefined()) return argument;
  if (parameter.element_type != 0) {
    bool is_ok = argument.is_array() || (type_bit_of(argument) & parameter.element_type) != 0;
    for (std::uint32_t i = 0; is_ok && argument.is_array() && i < argument.size; ++i) {
      is_ok = (type_bit_of(argument.element(i)) & parameter.element_type) != 0;
    }
    if (!is_ok) fail("T0412", name);
  }
  return to_array(arena, argument);
}

Item Signature::context_for(const Parameter& parameter, const Item& context, std::string_view name) {
  if ((parameter.types & type_bit_of(context)) == 0) fail("T0411", name);
  return context.without(is_whole_input);
}

}  // namespace huiliu::expr
