// Settings of a connection against the schema in its connector's manifest (sdk/manifest.md: a subset of JSON
// Schema), and the resolution of secret references. Pure but for resolve_references, which reads the
// environment and files: the only place that does.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::host {

// Is this a schema of the subset? Errors name the JSON Pointer inside it.
model::Status check_schema(const model::Value& schema);

// Everything that is wrong with the settings, in their order; each `where` is a JSON Pointer into them, each
// message says what is allowed. Empty: valid.
std::vector<model::Error> check_settings(const model::Value& schema, const model::Value& settings);

// The settings with the schema's defaults filled in; class config when they are not valid.
model::Result<model::Value> validated_settings(const model::Value& schema, const model::Value& settings);

// The names of the top-level properties marked "secret": true.
std::vector<std::string> secret_names(const model::Value& schema);

// The vault's secret of this name. Errors: class config.
using SecretSource = std::function<model::Result<std::string>(const std::string& name)>;

enum class SecretForm {
  references_only,  // everywhere: a secret stands as ${env:NAME}, ${file:PATH} or ${secret:NAME}
  clear_allowed,    // `plugin call` and tests
};

// Replaces every string that is wholly ${env:NAME}, ${file:PATH} or ${secret:NAME} by what it refers to (a
// file without its last line end). Errors: class config, with the JSON Pointer, never with the value.
model::Result<model::Value> resolve_references(const model::Value& schema, const model::Value& settings,
                                               SecretForm form, const SecretSource& vault = {});

// The secrets that stand in clear where only references may: an error each, `where` as in check_settings,
// never with the value.
std::vector<model::Error> secrets_in_clear(const model::Value& schema, const model::Value& settings);

// Resolved settings as the plugin may see them: a secret that is configured is "***".
struct SplitSettings {
  model::Value open;                           // for huiliu_connector.open
  std::map<std::string, std::string> secrets;  // by name, in clear
};
SplitSettings split_secrets(const model::Value& schema, const model::Value& resolved);

}  // namespace huiliu::host
