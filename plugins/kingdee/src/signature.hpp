// signature.hpp - how a request proves who sends it.
//
// Two schemes of the vendor. LoginBySign hashes five strings once, at login. Signed headers carry two HMACs
// on every request: X-Api-* for the cloud gateway (over the path and the time), X-Kd-* for the product (over
// the account and user). Pure functions; the secret of X-Kd-* never comes here, only its HMAC does.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kingdee {

using Digest = std::array<std::uint8_t, 32>;

/// SHA-1 is only for sites older than patch PT-146911 (8.0.0.202205).
enum class LoginHash { sha256, sha1 };

/// The sign of LoginBySign: the five strings sorted by code unit, joined without separator, hashed,
/// lower-case hex. `timestamp` is decimal Unix seconds.
std::string login_sign(std::string_view acct_id, std::string_view user_name, std::string_view app_id,
                       std::string_view app_secret, std::string_view timestamp,
                       LoginHash hash = LoginHash::sha256);

/// Client id and client secret hidden in an application id. Both are empty when it has no two parts; the
/// secret alone is empty when its text is not the 32 characters of 24 encoded bytes.
struct ClientCredential {
  std::string id;
  std::string secret;  ///< the base64 text itself is the HMAC key
};
ClientCredential client_credential(std::string_view app_id);

/// The part of `url` that is signed: from the first '/' at index 10 or later. With a host of one or two
/// characters that skips the site's folder, as the vendor's own code does.
std::string_view signed_path(std::string_view url);

/// Percent-encodes all but letters, digits and "-._~" of UTF-8 text; '/' becomes %2F.
std::string percent_encode(std::string_view text);

Digest hmac_sha256(std::string_view key, std::string_view text);

/// The vendor's encoding of a MAC: lower-case hex, and base64 of that text (88 characters).
std::string encode_mac(const Digest& mac);

std::string base64(std::string_view bytes);

/// Who signs. `time_zone` and the like are no part of it.
struct Signer {
  std::string acct_id, user_name, app_id, lcid, org_num;
  /// HMAC-SHA256 under the application secret, wherever that secret is kept.
  std::function<Digest(std::string_view text)> app_secret_mac;
};

/// The nine headers of one signed POST to `url`. `timestamp` (Unix seconds or milliseconds in decimal) also
/// serves as the nonce, as in the vendor's SDKs.
std::vector<std::pair<std::string, std::string>> signed_headers(const Signer& signer, std::string_view url,
                                                                std::string_view timestamp);

}  // namespace kingdee
