#include "plugins/kingdee/src/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <stdexcept>

namespace kingdee {
namespace {

// The constant with which the vendor's SDKs veil the client secret: its ASCII bytes, not what they decode to.
constexpr std::string_view veil = "0054f397c6234378b09ca7d3e5debce7";

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string lower_hex(const unsigned char* bytes, std::size_t size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

/// Decodes exactly 32 characters of base64 without padding; empty when they are none.
std::string unveil_base64(std::string_view text) {
  if (text.size() != 32) return {};
  std::string bytes(24, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), octets(text),
                                   static_cast<int>(text.size()));
  return size == 24 && text.find('=') == std::string_view::npos ? bytes : std::string();
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL writes a terminator
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), octets(bytes),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string login_sign(std::string_view acct_id, std::string_view user_name, std::string_view app_id,
                       std::string_view app_secret, std::string_view timestamp, LoginHash hash) {
  // char_traits<char> compares as unsigned bytes, and UTF-8 keeps the order of code points.
  std::array parts = {acct_id, user_name, app_id, app_secret, timestamp};
  std::sort(parts.begin(), parts.end());
  std::string joined;
  for (const std::string_view part : parts) joined += part;

  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const EVP_MD* algorithm = hash == LoginHash::sha256 ? EVP_sha256() : EVP_sha1();
  if (EVP_Digest(joined.data(), joined.size(), digest, &size, algorithm, nullptr) != 1)
    throw std::runtime_error("the hash of LoginBySign is not available in this OpenSSL");
  return lower_hex(digest, size);
}

ClientCredential client_credential(std::string_view app_id) {
  const std::size_t at = app_id.find('_');
  if (at == std::string_view::npos || app_id.find('_', at + 1) != std::string_view::npos) return {};
  ClientCredential credential{std::string(app_id.substr(0, at)), {}};
  std::string bytes = unveil_base64(app_id.substr(at + 1));
  if (bytes.empty()) return credential;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bytes[i] ^ veil[i]);
  credential.secret = base64(bytes);
  return credential;
}

std::string_view signed_path(std::string_view url) {
  const std::size_t at = url.find('/', 10);
  return at == std::string_view::npos ? std::string_view() : url.substr(at);
}

std::string percent_encode(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (plain)
      encoded += c;
    else
      (encoded += '%') += {digits[byte >> 4], digits[byte & 15]};
  }
  return encoded;
}

Digest hmac_sha256(std::string_view key, std::string_view text) {
  Digest mac{};
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(text), text.size(), mac.data(),
           &size) == nullptr)
    throw std::runtime_error("HMAC-SHA256 is not available in this OpenSSL");
  return mac;
}

std::string encode_mac(const Digest& mac) { return base64(lower_hex(mac.data(), mac.size())); }

std::vector<std::pair<std::string, std::string>> signed_headers(const Signer& signer, std::string_view url,
                                                                std::string_view timestamp) {
  const std::string time(timestamp);
  const ClientCredential client = client_credential(signer.app_id);
  // The blank line is the empty query string. Line feeds are real ones.
  const std::string to_sign = "POST\n" + percent_encode(signed_path(url)) + "\n\nx-api-nonce:" + time +
                              "\nx-api-timestamp:" + time + "\n";
  const std::string app_data =
      signer.acct_id + "," + signer.user_name + "," + signer.lcid + "," + signer.org_num;
  return {{"X-Api-ClientID", client.id},
          {"X-Api-Auth-Version", "2.0"},
          {"x-api-timestamp", time},
          {"x-api-nonce", time},
          {"x-api-signheaders", "x-api-timestamp,x-api-nonce"},
          {"X-Api-Signature", encode_mac(hmac_sha256(client.secret, to_sign))},
          {"X-Kd-Appkey", signer.app_id},
          {"X-Kd-Appdata", base64(app_data)},
          {"X-Kd-Signature", encode_mac(signer.app_secret_mac(signer.app_id + app_data))}};
}

}  // namespace kingdee
