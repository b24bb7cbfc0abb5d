#include "hub/config/yaml_edit.hpp"

#include <algorithm>
#include <vector>

namespace huiliu::config {
namespace {

using model::Result;
using model::Value;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1);
    lines.push_back(text.substr(at, end + 1 - at));
    at = end + 1;
  }
  if (!lines.empty() && lines.back().back() != '\n') lines.back() += '\n';
  return lines;
}

// Does the line belong to the member that begins above it? What stands at the margin begins the next one,
// unless it is an element of a list or closes a bracket.
bool goes_on(const std::string& line) {
  return line.front() == ' ' || line.front() == '\t' || line.starts_with("- ") || line.front() == ']' ||
         line.front() == '}';
}

std::string edited(const std::string& text, const std::string& key, const Value* value) {
  std::vector<std::string> lines = lines_of(text);
  const auto names_it = [&](const std::string& line) {
    return line.starts_with(key + ":") || line.starts_with("\"" + key + "\":");
  };
  const auto first = std::find_if(lines.begin(), lines.end(), names_it);
  auto last = first;
  if (first != lines.end()) {
    for (auto line = std::next(first); line != lines.end(); ++line) {
      if (line->find_first_not_of(" \t\r\n") == std::string::npos) continue;  // belongs to what follows
      if (!goes_on(*line)) break;
      last = line;
    }
    last = std::next(last);
  }
  std::string out;
  for (auto line = lines.begin(); line != first; ++line) out += *line;
  if (value != nullptr) out += to_yaml(model::Object{{key, *value}});
  for (auto line = last; line != lines.end(); ++line) out += *line;
  return out;
}

}  // namespace

Result<std::string> with_member(const std::string& text, const std::string& key, const Value* value) {
  HUILIU_ASSIGN(const Document document, parse_yaml(text, "the file"));
  if (!document.value.is_object()) return error_at("", "is no mapping of keys");
  Value wanted = document.value;
  if (value != nullptr)
    wanted.as_object().set(key, *value);
  else
    wanted.as_object().erase(key);
  std::string out = edited(text, key, value);
  const auto again = parse_yaml(out, "the file");
  if (again.ok() && model::to_json(again->value) == model::to_json(wanted)) return out;
  return to_yaml(wanted);
}

}  // namespace huiliu::config
