// One member of a YAML file changed by a program, and every other line, comment and blank left as a person
// wrote it.
#pragma once

#include <string>

#include "hub/config/yaml.hpp"

namespace huiliu::config {

// The text with its top-level member `key` set to `value` (nullptr: removed); at the end when it is new. The
// result is read again and must say exactly that: a text whose layout does not allow the edit (a flow mapping
// at the top) is written anew as to_yaml does, without its comments. Errors (config): the text is no mapping.
model::Result<std::string> with_member(const std::string& text, const std::string& key,
                                       const model::Value* value);

}  // namespace huiliu::config
