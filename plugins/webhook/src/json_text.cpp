#include "plugins/webhook/src/json_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace huiliu::webhook {
namespace {

constexpr std::string_view kJsonSpace = " \t\r\n";

std::string_view without_leading_space(std::string_view text) {
  const std::size_t start = text.find_first_not_of(kJsonSpace);
  return start == std::string_view::npos ? std::string_view{} : text.substr(start);
}

std::size_t string_length(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return text.size();
}

// The length of the value that the text begins with.
std::size_t value_length(std::string_view text) {
  if (text.empty()) return 0;
  if (text.front() == '"') return string_length(text);
  if (text.front() != '{' && text.front() != '[')
    return std::min(text.find_first_of(" \t\r\n,]}"), text.size());
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      i += string_length(text.substr(i));
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return i + 1;
    ++i;
  }
  return text.size();
}

std::string_view take_value(std::string_view& text) {
  text = without_leading_space(text);
  const std::size_t length = value_length(text);
  const std::string_view value = text.substr(0, length);
  text = without_leading_space(text.substr(length));
  return value;
}

// Steps over `c`; false when something else stands there.
bool take(std::string_view& text, char c) {
  text = without_leading_space(text);
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<boost::json::value> parse_json(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 64;
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(text, error, {}, options);
  if (error) return std::nullopt;
  return value;
}

std::vector<std::pair<std::string, std::string_view>> raw_members(std::string_view text) {
  std::vector<std::pair<std::string, std::string_view>> members;
  if (!take(text, '{')) return members;
  for (text = without_leading_space(text); !text.empty() && text.front() == '"';) {
    const std::string_view name = take_value(text);
    if (!take(text, ':')) break;
    members.emplace_back(scalar_text(name), take_value(text));
    if (!take(text, ',')) break;
    text = without_leading_space(text);
  }
  return members;
}

std::vector<std::string_view> raw_elements(std::string_view text) {
  std::vector<std::string_view> elements;
  if (!take(text, '[')) return elements;
  text = without_leading_space(text);
  while (!text.empty() && text.front() != ']') {
    elements.push_back(take_value(text));
    if (!take(text, ',')) break;
  }
  return elements;
}

std::string_view raw_member(std::string_view text, std::string_view name) {
  std::string_view found;
  for (const auto& [member, value] : raw_members(text))
    if (member == name) found = value;
  return found;
}

std::string scalar_text(std::string_view raw) {
  raw = without_leading_space(raw);
  if (raw.empty()) return {};
  if (raw.front() == '-' || (raw.front() >= '0' && raw.front() <= '9'))
    return std::string(raw.substr(0, value_length(raw)));
  if (raw.front() != '"') return {};
  const std::optional<boost::json::value> value = parse_json(raw.substr(0, value_length(raw)));
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool is_object(std::string_view raw) {
  raw = without_leading_space(raw);
  return !raw.empty() && raw.front() == '{';
}

std::string quoted(std::string_view text) { return boost::json::serialize(boost::json::string(text)); }

}  // namespace huiliu::webhook
