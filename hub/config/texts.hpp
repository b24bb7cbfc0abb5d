// A configuration as what it is: files of text. What is revised, exported, compared and rolled back are
// these, byte for byte; comments and spelling belong to them.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::config {

// "connections/erp.yaml" → its text. Paths are relative and use '/'.
using Texts = std::map<std::string, std::string>;

// Is this one of the files that make a configuration (see config.hpp)? Anything else in the directory is left
// alone.
bool is_configuration_file(std::string_view path);

// Every configuration file of the directory; none when there is no such directory. Errors (config): a file
// that cannot be read.
model::Result<Texts> read_texts(const std::string& directory);

// Makes the directory hold exactly these configuration files: each one is replaced as a whole, and only when
// it differs; others of the same kind are removed. Errors (config): a path that is no configuration file,
// what cannot be written.
model::Status write_texts(const std::string& directory, const Texts& texts);

// Equal texts, equal fingerprint; 16 hexadecimal digits.
std::string fingerprint(const Texts& texts);

// All files in one text: YAML of path: text, as block scalars. bundle_from takes it back, also as JSON,
// byte for byte.
std::string to_bundle(const Texts& texts);
model::Result<Texts> bundle_from(std::string_view text, const std::string& shown_as);

}  // namespace huiliu::config
