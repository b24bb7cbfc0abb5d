// What anybody may send to our callback address, before and behind its seal: no crash, and time in
// proportion.
#include "plugins/dingtalk/src/callback.hpp"
#include "plugins/dingtalk/src/callback_crypto.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const dingtalk::AesKey key = dingtalk::parse_aes_key("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG");
  static const dingtalk::Settings settings = [] {
    dingtalk::Settings made;
    made.corp_id = "ding1";
    return made;
  }();
  const std::string_view text = huiliu::fuzz::text_of(data, size);
  for (const dingtalk::Hint& hint : dingtalk::parse_event(text, settings).hints)
    huiliu::fuzz::require(!hint.stream.empty() && !hint.key.empty(), "a hint names a record", text);
  static_cast<void>(dingtalk::open_envelope(key, text));
  static_cast<void>(dingtalk::callback_signature("token", text, "nonce", text));
  return 0;
}

namespace huiliu::fuzz {

std::vector<std::string> seeds() {
  return {
      R"({"EventType":"user_modify_org","UserId":["u1","u2"],"CorpId":"ding1","TimeStamp":1700000000000})",
      R"({"eventType":"crm_customer_update","corpId":"ding1","bizData":"{\"instanceId\":\"i1\"}","eventId":"e"})",
      R"({"EventType":"check_url"})",
      R"([{"EventType":1}])",
      "AAAAAAAAAAAAAAAAAAAAAA==",
      "{\"UserId\":{\"a\":1}}"};
}
std::vector<std::string> long_units() { return {"{\"a\":", "[", "AAAA", "\"u\",", "{}", "\\\""}; }

}  // namespace huiliu::fuzz
