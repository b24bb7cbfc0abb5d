#include "hub/config/difference.hpp"

#include <algorithm>
#include <sstream>

#include "hub/config/yaml.hpp"

namespace huiliu::config {
namespace {

using model::Value;

// A list of a table's lines under their first column, so that a moved row is no change.
Value rows_of(const std::string& text) {
  model::Object rows;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    std::string key = line.substr(0, line.find(','));
    for (int twin = 2; rows.contains(key); ++twin)
      key = line.substr(0, line.find(',')) + "#" + std::to_string(twin);
    rows.set(key, line);
  }
  return rows;
}

Value value_of(const std::string& file, const std::string* text) {
  if (text == nullptr) return {};
  if (file.ends_with(".csv")) return rows_of(*text);
  auto document = parse_yaml(*text, file);
  return document.ok() ? std::move(document->value) : Value(*text);
}

void compare(const std::string& path, const Value& from, const Value& to, std::vector<Change>& changes) {
  if (model::to_canonical_json(from) == model::to_canonical_json(to)) return;
  if (from.is_object() && to.is_object()) {
    for (const model::Member& member : from.as_object()) {
      const Value* other = to.find(member.key);
      compare(path + "/" + member.key, member.value, other == nullptr ? Value() : *other, changes);
    }
    for (const model::Member& member : to.as_object())
      if (from.find(member.key) == nullptr) changes.push_back({path + "/" + member.key, {}, member.value});
    return;
  }
  changes.push_back({path, from, to});
}

}  // namespace

const char* to_string(FileDifference::Op op) noexcept {
  switch (op) {
    case FileDifference::Op::add:
      return "add";
    case FileDifference::Op::remove:
      return "remove";
    case FileDifference::Op::change:
      break;
  }
  return "change";
}

std::vector<FileDifference> differences(const Texts& before, const Texts& after) {
  std::map<std::string, std::pair<const std::string*, const std::string*>> files;
  for (const auto& [file, text] : before) files[file].first = &text;
  for (const auto& [file, text] : after) files[file].second = &text;
  std::vector<FileDifference> found;
  for (const auto& [file, texts] : files) {
    const auto& [from, to] = texts;
    if (from != nullptr && to != nullptr && *from == *to) continue;
    FileDifference difference;
    difference.file = file;
    difference.op = from == nullptr ? FileDifference::Op::add
                    : to == nullptr ? FileDifference::Op::remove
                                    : FileDifference::Op::change;
    const Value none = model::Object{};
    const Value old_value = from == nullptr ? none : value_of(file, from);
    const Value new_value = to == nullptr ? none : value_of(file, to);
    compare("", old_value, new_value, difference.changes);
    found.push_back(std::move(difference));
  }
  return found;
}

Value difference_view(const FileDifference& difference) {
  model::Array changes;
  for (const Change& change : difference.changes)
    changes.push_back(model::Object{{"path", change.path}, {"from", change.from}, {"to", change.to}});
  return model::Object{
      {"file", difference.file}, {"op", to_string(difference.op)}, {"changes", std::move(changes)}};
}

}  // namespace huiliu::config
