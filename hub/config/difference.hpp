// What differs between two texts of a configuration, in terms of the configuration: which key of which file
// was added, removed or changed. Where files differ in spelling and comments only, that is said too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hub/config/texts.hpp"

namespace huiliu::config {

struct Change {
  std::string path;       // a JSON Pointer into the file; a table's row: "/" + its first column
  model::Value from, to;  // null where there was, or is, nothing
};

struct FileDifference {
  std::string file;
  enum class Op { add, remove, change } op = Op::change;
  std::vector<Change> changes;  // empty: only comments or spelling
};
const char* to_string(FileDifference::Op op) noexcept;

// In the order of file names. A file that is not YAML counts as one changed text.
std::vector<FileDifference> differences(const Texts& before, const Texts& after);

model::Value difference_view(const FileDifference& difference);

}  // namespace huiliu::config
