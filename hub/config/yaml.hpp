// YAML text as a model::Value, with the line of every node, so that every error can say file:line.
// Plain scalars follow the JSON types (null, true, false, numbers keep their text); quoted ones are text.
// Anchors work; refused: duplicate keys, several documents in a file, more than 64 levels, a million nodes,
// or aliases that make more of it than ten nodes for each byte.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::config {

struct Document {
  model::Value value;
  std::string file;                  // as shown in errors
  std::map<std::string, int> lines;  // JSON Pointer → line, from 1

  // "file:line" of the pointer or of its nearest ancestor.
  std::string at(std::string_view pointer) const;
  // The error with its `where`, a JSON Pointer, replaced by file:line.
  model::Error locate(model::Error error) const;
};

model::Result<Document> parse_yaml(std::string_view text, std::string file);
model::Result<Document> read_yaml(const std::string& path, std::string shown_as);
// Block style, members in their order; parse_yaml of it gives an equal value.
std::string to_yaml(const model::Value& value);

// An error of class config whose `where` is a JSON Pointer.
model::Error error_at(const std::string& pointer, std::string message);

// Checks that `node` is an object with known keys only. The error's where is a JSON Pointer.
model::Status check_keys(const model::Value& node, const std::string& pointer,
                         std::initializer_list<std::string_view> known);

}  // namespace huiliu::config
