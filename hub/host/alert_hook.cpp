#include "hub/host/alert_hook.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace huiliu::host {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;

Result<std::string> webhook_signature(const std::string& secret, const std::string& id, model::Micros now,
                                      const std::string& body) {
  std::string key = secret;
  if (secret.starts_with("whsec_")) {
    const std::string text = secret.substr(6);
    key.resize(text.size());
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(key.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (size < 0) return make_error(ErrorClass::config, "the signing secret after whsec_ is not base64");
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    key.resize(static_cast<std::size_t>(size) - padding);
  }
  const std::string content = id + "." + std::to_string(now / model::second) + "." + body;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data(), &size);
  std::string text(4 * ((size + 2) / 3) + 1, '\0');
  text.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), digest.data(), static_cast<int>(size))));
  return "v1," + text;
}

Status post_webhook(Transport& transport, const std::string& url, const std::string& secret,
                    const std::string& id, const std::string& body, model::Micros now) {
  HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.body = body;
  request.headers = {{"Content-Type", "application/json"},
                     {"webhook-id", id},
                     {"webhook-timestamp", std::to_string(now / model::second)}};
  if (!secret.empty()) {
    HUILIU_ASSIGN(std::string signature, webhook_signature(secret, id, now, body));
    request.headers.emplace_back("webhook-signature", std::move(signature));
  }
  const HttpAnswer answer = transport.exchange(request, {});
  if (!answer.answered())
    return make_error(answer.failure, "the alert was not delivered: " + answer.reason, url);
  if (answer.code >= 200 && answer.code < 300) return {};
  return make_error(answer.code >= 400 && answer.code < 500 && answer.code != 408 && answer.code != 429
                        ? ErrorClass::config
                        : ErrorClass::retry,
                    "the alert was answered with " + std::to_string(answer.code), url);
}

}  // namespace huiliu::host
