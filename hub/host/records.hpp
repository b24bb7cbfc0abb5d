// Records on their way between plugin and hub, and the checked passage from the ABI's bytes to values: what a
// plugin hands over is outside input. One bad record never spoils its page.
#pragma once

#include <huiliu/plugin.h>

#include <algorithm>
#include <string>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/time.hpp"
#include "hub/model/value.hpp"

namespace huiliu::host {

inline constexpr std::size_t max_page_records = 1000;
inline constexpr std::size_t max_record_bytes = std::size_t{16} << 20;
inline constexpr std::size_t max_page_bytes = std::size_t{64} << 20;
inline constexpr std::size_t max_key_bytes = 1024;

// A record as the remote shows it.
struct RemoteRecord {
  std::string key, version;
  model::Micros changed_at = model::unknown_time;  // by the remote's clock
  bool deleted = false;
  model::Value body;  // an object; null when deleted
  std::string raw;    // its bytes
};

// A record that cannot be used: kept whole, with the reason, while the rest goes on.
struct BadRecord {
  std::string key, version;  // as far as they can be read
  std::string raw;           // its bytes, whatever they are
  model::Error error;  // class data; code: no_key, duplicate_key, bad_key, bad_body, bad_kind, too_large
};

struct Page {
  std::string stream;
  std::vector<RemoteRecord> records;
  std::vector<BadRecord> bad;
};

// where: "connection" of the messages; stream and key are added. Errors (class bug): a batch whose form is
// wrong.
model::Result<Page> read_batch(const huiliu_batch* batch, const std::string& connection);

// A copy of a sized struct as far as its maker knows it; the rest is zero. False: shorter than `least`.
template <class T>
bool copy_sized(const T* from, std::size_t least, T& to);

// Copies a text or bytes of the other side. False: a null pointer with a size.
bool take_text(huiliu_str text, std::string& out);
bool take_bytes(huiliu_bytes bytes, std::string& out);

inline huiliu_str abi_str(std::string_view text) noexcept { return {text.data(), text.size()}; }
inline huiliu_bytes abi_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// What a plugin says about a failure, with the status that it returned; class bug for a status that is none.
model::Error error_of(huiliu_status status, const huiliu_failure* failure);
huiliu_status status_of(const model::Error& error) noexcept;

// ---- definitions ----

template <class T>
bool copy_sized(const T* from, std::size_t least, T& to) {
  if (from == nullptr || from->struct_size < least) return false;
  to = T{};
  const auto* bytes = reinterpret_cast<const unsigned char*>(from);
  std::copy(bytes, bytes + std::min<std::size_t>(from->struct_size, sizeof to),
            reinterpret_cast<unsigned char*>(&to));
  to.struct_size = static_cast<std::uint32_t>(std::min<std::size_t>(from->struct_size, sizeof to));
  return true;
}

}  // namespace huiliu::host
