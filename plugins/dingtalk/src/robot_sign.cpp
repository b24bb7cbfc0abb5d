#include "plugins/dingtalk/src/robot_sign.hpp"

#include "plugins/dingtalk/src/callback_crypto.hpp"

namespace dingtalk {

std::string robot_string_to_sign(std::string_view timestamp, std::string_view secret) {
  return std::string(timestamp) + "\n" + std::string(secret);
}

std::string robot_sign_parameter(std::span<const std::uint8_t> mac) {
  const std::string text = base64_encode({reinterpret_cast<const char*>(mac.data()), mac.size()});
  std::string encoded;
  for (const char c : text) {
    if (c == '+')
      encoded += "%2B";
    else if (c == '/')
      encoded += "%2F";
    else if (c == '=')
      encoded += "%3D";
    else
      encoded += c;
  }
  return encoded;
}

}  // namespace dingtalk
