// A message to somebody's own endpoint, signed as Standard Webhooks has it.
#pragma once

#include <string>

#include "hub/host/http.hpp"

namespace huiliu::host {

// "v1,BASE64" over "id.seconds.body". The secret: whsec_ and base64, or any text. Error (config): it is
// neither.
model::Result<std::string> webhook_signature(const std::string& secret, const std::string& id,
                                             model::Micros now, const std::string& body);

// Posts JSON. Secret empty: unsigned. Errors: retry, or config when the endpoint refuses for good.
model::Status post_webhook(Transport& transport, const std::string& url, const std::string& secret,
                           const std::string& id, const std::string& body, model::Micros now);

}  // namespace huiliu::host
