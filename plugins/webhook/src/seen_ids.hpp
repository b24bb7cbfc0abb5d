// Which events have been taken already: senders repeat an event for days until they get an answer.
//
// Ids are kept as digests in 4096 notes of the connection's state, each with the newest of its share: small,
// so that an event costs little more than itself. A note commits with the checkpoint of the records that the
// event brought, so an event counts as seen exactly when it is stored.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace huiliu::webhook {

inline constexpr long long kRememberSeconds = 5 * 24 * 3600;  // senders retry for up to 4 days
inline constexpr std::size_t kIdsPerNote = 64;                // with 4096 notes: 262,144 events

class SeenIds {
 public:
  // `note`: what to_text gave, or "" for none; lines that are not ours are dropped.
  SeenIds(std::string_view note, long long now_s);

  bool contains(std::string_view id) const;
  void add(std::string_view id, long long now_s);
  std::string to_text() const;

  // The name of the note that an id belongs to: "seen/000" … "seen/fff".
  static std::string note_of(std::string_view id);

 private:
  struct Entry {
    std::string digest;
    long long at_s;
  };
  std::vector<Entry> entries_;  // oldest first
};

}  // namespace huiliu::webhook
