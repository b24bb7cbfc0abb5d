// local_time.hpp - the site's clock. Its times are local, without zone, to the second; the hub's are Unix
// time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kingdee {

/// A fixed distance from UTC. Enough for the sites this product runs on: none of the named zones has had
/// daylight-saving time since 1992.
class SiteZone {
 public:
  /// "+08:00", "-05:30", "UTC", or one of the named zones of local_time.cpp; nullopt for any other.
  static std::optional<SiteZone> parse(std::string_view name);

  /// "2024-06-01 08:00:00" for filters.
  std::string local_text(std::int64_t unix_seconds) const;
  /// Reads "2024-01-01T00:00:00", with a space for the T, with a fraction, or a date alone. nullopt: not a
  /// time.
  std::optional<std::int64_t> unix_seconds(std::string_view local) const;

 private:
  explicit SiteZone(std::int64_t offset_seconds) : offset_seconds_(offset_seconds) {}
  std::int64_t offset_seconds_;
};

/// Is this the vendor's "no date": 1900-01-01 or earlier?
bool is_unset_date(std::string_view local);

/// An HTTP Date header ("Sun, 06 Nov 1994 08:49:37 GMT") as Unix seconds; nullopt when it is none.
std::optional<std::int64_t> http_date(std::string_view text);

}  // namespace kingdee
