// A file under a key of its own: AES-256-GCM, a MiB at a time, each piece bound to its place, so that pieces
// cannot be exchanged, left out or cut off at the end.
//
//   "HLSEAL1 ID\n", then pieces: length (4 bytes, big endian), nonce, cipher text, tag
#pragma once

#include <optional>
#include <string>

#include "hub/model/result.hpp"

namespace huiliu::crypt {

// `key`: 32 bytes; `id` names it, without blanks. `to` must not exist; it is made for its owner only and is
// on the disk when this returns. Errors: config: a file cannot be read or written.
model::Status seal_file(const std::string& key, const std::string& id, const std::string& from,
                        const std::string& to);
// Errors: config as above; data: another key, a changed or cut file.
model::Status unseal_file(const std::string& key, const std::string& from, const std::string& to);
// The id of the key that a sealed file needs; nullopt: it is not one.
std::optional<std::string> sealed_file_key(const std::string& path);

}  // namespace huiliu::crypt
