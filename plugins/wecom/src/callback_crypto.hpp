// The envelope of WeCom's callbacks. The receive id in it says for whom the message is: the corporation, a
// suite, or nobody; who opens must compare it. Order of the checks: signature, base64 and AES, padding,
// length, receive id. The connector and its twin share this.
#pragma once

#include "plugins/common/callback_envelope.hpp"

namespace wecom {

using plugin_common::AesKey;
using plugin_common::callback_signature;
using plugin_common::Envelope;
using plugin_common::equal_in_constant_time;
using plugin_common::open_envelope;
using plugin_common::Random16;
using plugin_common::seal_envelope;

// The key as the console shows it: 43 characters of A-Z, a-z, 0-9. They carry two bits too many, which real
// keys set: they are ignored. Throws std::invalid_argument for anything else.
inline AesKey parse_aes_key(std::string_view text) {
  const std::optional<AesKey> key = plugin_common::aes_key_of(text);
  if (!key || text.find_first_of("+/") != std::string_view::npos)
    throw std::invalid_argument(
        "EncodingAESKey 应为43个字母或数字 / the callback AES key is 43 letters and digits");
  return *key;
}

}  // namespace wecom
