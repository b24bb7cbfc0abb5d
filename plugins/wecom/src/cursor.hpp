// Where a walk over the external contacts stands; opaque to the host. Pure, any thread.
//
// The walk goes over the followers in the order of their folded userids, a group of them at a time; a cursor
// stands between two groups. The vendor's own page cursors die and are never kept.
#pragma once

#include <string>
#include <string_view>

namespace wecom {

// What a stream that is read as a whole, without a place in between, leaves behind.
inline constexpr std::string_view kReadWhole = R"({"v":1,"phase":"done"})";

struct Cursor {
  bool done = false;
  std::string after;  // the last follower whose contacts were all read; "": none

  std::string encode() const;
  // "" is the beginning, and so is the cursor of a finished walk. Throws ResyncNeeded for text that is no
  // cursor of this version.
  static Cursor decode(std::string_view text);
};

}  // namespace wecom
