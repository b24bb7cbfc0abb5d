#include "hub/crypt/totp.hpp"

#include <cstdio>

#include "hub/crypt/hash.hpp"

namespace huiliu::crypt {

std::int64_t totp_step(model::Micros now) noexcept { return now / (30 * model::second); }

std::string totp_code(std::string_view secret, std::int64_t step) {
  std::string counter(8, '\0');
  for (int i = 7; i >= 0; --i, step >>= 8)
    counter[static_cast<std::size_t>(i)] = static_cast<char>(step & 0xff);
  const std::string mac = hmac_sha1(secret, counter);
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(mac[i]));
  };
  const std::size_t at = byte(19) & 15U;
  const std::uint32_t number =
      ((byte(at) & 0x7fU) << 24U) | (byte(at + 1) << 16U) | (byte(at + 2) << 8U) | byte(at + 3);
  char text[8];
  std::snprintf(text, sizeof text, "%06u", number % 1'000'000U);
  return text;
}

std::optional<std::int64_t> totp_match(std::string_view secret, std::string_view code, model::Micros now,
                                       std::int64_t used) {
  std::optional<std::int64_t> found;
  const std::int64_t present = totp_step(now);
  for (const std::int64_t step : {present - 1, present, present + 1})
    if (equal(totp_code(secret, step), code) && step > used) found = step;
  return found;
}

std::string totp_uri(std::string_view secret, std::string_view account) {
  std::string name;
  for (const char c : account) {
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    if (plain) {
      name += c;
    } else {
      char escaped[4];
      std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
      name += escaped;
    }
  }
  return "otpauth://totp/Huiliu:" + name + "?secret=" + to_base32(secret) + "&issuer=Huiliu";
}

}  // namespace huiliu::crypt
