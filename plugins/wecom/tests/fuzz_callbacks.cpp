// What anybody may send to our callback address, before and behind its seal: no crash, and time in
// proportion.
#include "plugins/wecom/src/callback.hpp"
#include "plugins/wecom/src/callback_crypto.hpp"
#include "plugins/wecom/src/xml.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const wecom::AesKey key = wecom::parse_aes_key("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG");
  const std::string_view text = huiliu::fuzz::text_of(data, size);
  static_cast<void>(wecom::Xml::parse(text));
  const wecom::Event event = wecom::parse_event(text);
  for (const wecom::Hint& hint : event.hints)
    huiliu::fuzz::require(!hint.stream.empty() && !hint.key.empty(), "a hint names a record", text);
  static_cast<void>(wecom::open_envelope(key, text));
  const auto sealed = wecom::open_envelope(key, wecom::seal_envelope(key, {}, text, "ww1"));
  huiliu::fuzz::require(sealed && sealed->message == text, "what is sealed can be opened", text);
  return 0;
}

namespace huiliu::fuzz {

std::vector<std::string> seeds() {
  return {
      "<xml><ToUserName><![CDATA[ww1]]></ToUserName><Event>change_external_contact</Event>"
      "<ChangeType>edit_external_contact</ChangeType><UserID>u1</UserID><ExternalUserID>wm1</ExternalUserID>"
      "<CreateTime>1700000000</CreateTime></xml>",
      "<xml><Encrypt><![CDATA[AAAA]]></Encrypt></xml>",
      "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
      "<a><b>&lt;&#x4e2d;&amp;</b><c/></a>",
      "<xml",
      "AAAAAAAAAAAAAAAAAAAAAA=="};
}
std::vector<std::string> long_units() {
  return {"<a>", "<xml><a>", "&amp;", "<![CDATA[", "]]>", "<a></a>", "AAAA", "<!--", "</a>"};
}

}  // namespace huiliu::fuzz
