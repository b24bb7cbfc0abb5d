// The settings of one webhook connection, as manifest.json describes them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/webhook/src/signature.hpp"

namespace huiliu::webhook {

struct Settings {
  Scheme scheme = Scheme::standard;
  std::string url;       // where our events go; empty: nothing is sent
  std::string read_url;  // the site's read API, without a slash at the end; empty: it has none
  std::size_t max_body_bytes = 1 << 20;
  std::size_t page_size = 200;
  bool has_read_token = false;
  // Names of the secrets that are configured, the current one first.
  std::vector<std::string> signing_secrets;
};

// Throws ConfigError with the JSON Pointer of what is wrong.
Settings parse_settings(std::string_view settings_json);

}  // namespace huiliu::webhook
