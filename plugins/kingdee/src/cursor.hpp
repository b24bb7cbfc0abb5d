// cursor.hpp - where a read of one stream stands. Opaque to the host: JSON text with a version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kingdee {

struct Cursor {
  enum class Phase {
    full,     ///< in the middle of a scan of everything
    changes,  ///< the scan is done, or a window of changes is being paged through
  } phase = Phase::full;
  /// Unix seconds by the site's clock: the window of changes starts here. In a full scan: when the scan
  /// began, less the overlap; the window after the scan starts there.
  std::int64_t from = 0;
  /// Where the window after this one will start; 0: this window has not been opened yet.
  std::int64_t next = 0;
  /// The last id that was passed (full: of the master; changes: of the row); 0: none yet.
  std::int64_t after = 0;

  std::string text() const;
  /// nullopt: not a cursor of this connector, or of a version it no longer reads.
  static std::optional<Cursor> parse(std::string_view text);
};

}  // namespace kingdee
