// The text of an event that came sealed, whatever it holds: no crash, and time in proportion.
#include "plugins/yonyou/src/events.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = huiliu::fuzz::text_of(data, size);
  for (const yonyou::Hint& hint : yonyou::parse_event(text).hints)
    huiliu::fuzz::require(!hint.stream.empty() && !hint.key.empty(), "a hint names a record", text);
  return 0;
}

namespace huiliu::fuzz {

std::vector<std::string> seeds() {
  return {
      R"({"type":"MERCHANT_UPDATE","eventId":"e1","tenantId":"t","timestamp":1700000000000,"id":["1","2"]})",
      R"({"type":"CHECK_URL","tenantId":"t"})", R"({"id":{"a":[1,2.10]},"archives":"[{\"id\":1}]"})", "[]",
      "{\"a\":1e400}"};
}
std::vector<std::string> long_units() { return {"{\"a\":", "[", "1234567890", "\"u\",", "1.10,", "\\\""}; }

}  // namespace huiliu::fuzz
