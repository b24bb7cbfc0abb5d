// Which hosts a connector may reach, and where its tokens may go: the patterns of sdk/manifest.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::host {

// Scheme, host and port of a URL, in lower case; the port is never 0.
struct Origin {
  std::string scheme;
  std::string host;
  std::uint16_t port = 0;

  std::string text() const { return scheme + "://" + host + ":" + std::to_string(port); }
  friend bool operator==(const Origin&, const Origin&) = default;
};

// The origin of an absolute http or https URL without user information. Errors: class config, without the
// URL's query.
model::Result<Origin> origin_of(std::string_view url);

class HostPattern {
 public:
  // "name", "*.name", either with ":port", or ${settings.NAME}. A setting that is absent makes a pattern that
  // fits nothing. Errors: class config.
  static model::Result<HostPattern> parse(std::string_view text, const model::Value& settings);

  // A plain name fits only https; a setting's URL fits the scheme that it has.
  bool fits(const Origin& origin) const;
  // The same host by the same scheme, named by a setting, on another port.
  bool fits_another_port(const Origin& origin) const;

 private:
  bool below_ = false;  // *.name
  std::string scheme_ = "https";
  std::string host_;        // empty: fits nothing
  std::uint16_t port_ = 0;  // 0: the scheme's own
  bool by_setting_ = false;
};

bool any_fits(const std::vector<HostPattern>& patterns, const Origin& origin);

}  // namespace huiliu::host
