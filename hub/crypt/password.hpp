// Password hashes: argon2id (RFC 9106) with 19 MiB, two passes; the parameters stand in the hash, so that
// they can be raised: `verify` says when a hash is of older ones. At most two run at once in a process,
// further ones wait, so that log-ins cannot exhaust the machine.
#pragma once

#include <string>
#include <string_view>

namespace huiliu::crypt {

std::string hash_password(std::string_view password);

struct Verified {
  bool matches = false;
  bool outdated = false;  // hash it again with today's parameters
};
// An empty hash is compared with a made-up one: it takes as long, and never matches.
Verified verify_password(std::string_view password, const std::string& hash);

// A generated secret of a person or program: `prefix` and 192 bits.
std::string make_token(std::string_view prefix);

}  // namespace huiliu::crypt
