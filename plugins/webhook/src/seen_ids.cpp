#include "plugins/webhook/src/seen_ids.hpp"

#include <algorithm>

#include "plugins/webhook/src/encoding.hpp"

namespace huiliu::webhook {
namespace {

constexpr std::size_t kDigestLength = 24;  // base64 of 18 bytes: no two ids of one connection will meet

// Keyed by nothing: the digest only makes ids short and free of separators.
std::string digest_of(std::string_view id) { return to_base64(hmac_sha256("seen", id).substr(0, 18)); }

}  // namespace

SeenIds::SeenIds(std::string_view note, long long now_s) {
  while (!note.empty()) {
    const std::size_t end = std::min(note.find('\n'), note.size());
    const std::string_view line = note.substr(0, end);
    note.remove_prefix(std::min(end + 1, note.size()));
    if (line.size() <= kDigestLength + 1 || line[kDigestLength] != ' ') continue;
    const auto at_s = parse_unix_seconds(line.substr(kDigestLength + 1));
    if (at_s && now_s - *at_s <= kRememberSeconds)
      entries_.push_back({std::string(line.substr(0, kDigestLength)), *at_s});
  }
}

bool SeenIds::contains(std::string_view id) const {
  const std::string digest = digest_of(id);
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.digest == digest; });
}

void SeenIds::add(std::string_view id, long long now_s) {
  entries_.push_back({digest_of(id), now_s});
  if (entries_.size() > kIdsPerNote) entries_.erase(entries_.begin());
}

std::string SeenIds::to_text() const {
  std::string text;
  for (const Entry& entry : entries_) text += entry.digest + " " + std::to_string(entry.at_s) + "\n";
  return text;
}

std::string SeenIds::note_of(std::string_view id) {
  static constexpr char kHex[] = "0123456789abcdef";
  const std::string mac = hmac_sha256("note", id);
  const auto first = static_cast<unsigned char>(mac[0]), second = static_cast<unsigned char>(mac[1]);
  return std::string("seen/") + kHex[first >> 4U] + kHex[first & 15U] + kHex[second >> 4U];
}

}  // namespace huiliu::webhook
