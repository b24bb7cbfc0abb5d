// The envelope of DingTalk's HTTP callbacks. The owner key in it says for whom the message is: AppKey, corpId
// or SuiteKey; who decrypts must compare it. The connector and its twin share this.
#pragma once

#include "plugins/common/callback_envelope.hpp"

namespace dingtalk {

using plugin_common::AesKey;
using plugin_common::base64_decode;
using plugin_common::base64_encode;
using plugin_common::callback_signature;
using plugin_common::Envelope;
using plugin_common::equal_in_constant_time;
using plugin_common::open_envelope;
using plugin_common::Random16;
using plugin_common::seal_envelope;

// The key as the vendor's console shows it. Throws std::invalid_argument for anything else.
inline AesKey parse_aes_key(std::string_view text) {
  const std::optional<AesKey> key = plugin_common::aes_key_of(text);
  if (!key) throw std::invalid_argument("the callback AES key must be 43 base64 characters");
  return *key;
}

}  // namespace dingtalk
