// cursor.hpp - where a read of one stream stands. Opaque to the host: JSON text with a version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace yonyou {

struct Cursor {
  enum class Phase {
    full,     ///< in the middle of a scan of everything
    changes,  ///< the scan is done, or a window of changes is being worked off
  } phase = Phase::full;
  /// Unix seconds by the vendor's clock. changes: the window starts here. full: where the window after the
  /// scan will start: when the scan began, less the overlap; 0: not begun.
  std::int64_t from = 0;
  /// Where the window after this one will start; 0: this window has not been opened yet.
  std::int64_t next = 0;
  /// The last id that was passed in the order of ids, or the last whole page of a list; "": none yet.
  std::string after = {};

  std::string text() const;
  /// nullopt: not a cursor of this connector, or of a version it no longer reads.
  static std::optional<Cursor> parse(std::string_view text);
};

}  // namespace yonyou
