// Where a store is: "sqlite:PATH?max_pages=N&cache_mb=N".
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "hub/model/result.hpp"

namespace huiliu::store {

struct StoreUrl {
  std::string scheme, path;
  std::map<std::string, std::string> options;

  // A whole number of at least 1; `otherwise` when the option is not given. Error config names it.
  model::Result<std::int64_t> number(const std::string& option, std::int64_t otherwise) const;
};

// Error config: no scheme, no path, or an option that is not NAME=VALUE.
model::Result<StoreUrl> parse_store_url(std::string_view url);
// The file of a store that is one; "" otherwise.
std::string file_of(std::string_view url);

}  // namespace huiliu::store
