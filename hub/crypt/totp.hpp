// One-time codes by time (RFC 6238: SHA-1, 6 digits, 30 seconds), as every authenticator app makes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hub/model/time.hpp"

namespace huiliu::crypt {

// The number of the 30-second step.
std::int64_t totp_step(model::Micros now) noexcept;
std::string totp_code(std::string_view secret, std::int64_t step);
// The step whose code this is: the present one or a neighbour, later than `used` (a code counts once).
std::optional<std::int64_t> totp_match(std::string_view secret, std::string_view code, model::Micros now,
                                       std::int64_t used);
// otpauth://…, for the app to scan.
std::string totp_uri(std::string_view secret, std::string_view account);

}  // namespace huiliu::crypt
