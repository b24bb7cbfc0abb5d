// The signature of a custom robot's webhook (security setting 加签). Pure, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dingtalk {

// What the HMAC-SHA256 runs over; its key is the whole secret, `SEC` included. timestamp: decimal
// milliseconds, within one hour of the vendor's clock.
std::string robot_string_to_sign(std::string_view timestamp, std::string_view secret);

// The query parameter `sign` of a MAC, percent-encoded.
std::string robot_sign_parameter(std::span<const std::uint8_t> mac);

}  // namespace dingtalk
