// Where a reading of a CRM stream stands; opaque to the host. Pure, any thread.
//
// A first reading walks over everything (`walk`), later ones read what changed (`changes`), in order of
// gmt_modified. Times are Beijing wall time by the vendor's clock, to whole seconds, as seconds since 1970.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dingtalk {

struct Cursor {
  enum class Phase { walk, changes };

  Phase phase = Phase::walk;
  std::string object_type;     // of a walk: which of several collections it is in; "": the first
  std::string token;           // the vendor's, to the next page
  std::int64_t started_s = 0;  // when this walk or this reading of changes began; 0: it has not
  std::int64_t from_s = 0;     // changes: those modified at or after this
  std::int64_t seen_s = 0;     // the newest gmtModified seen so far; 0: none

  // When everything up to here was read: where the next reading of changes begins. It reaches back by the
  // overlap, since records may show up late, and never passes the newest time seen, since the vendor's clock
  // that stamps records may be slow. So nothing depends on the host's clock.
  Cursor finished(std::int64_t overlap_s) const;

  std::string encode() const;
  // Throws ResyncNeeded for text that is no cursor of this version.
  static Cursor decode(std::string_view text);
};

}  // namespace dingtalk
