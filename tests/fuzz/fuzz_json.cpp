// JSON as webhooks and plugins send it: what is read can be written and read again, equal.
#include "hub/model/value.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = huiliu::fuzz::text_of(data, size);
  const auto value = huiliu::model::parse_json(text);
  if (!value.ok()) return 0;
  const std::string written = huiliu::model::to_json(*value);
  const auto again = huiliu::model::parse_json(written);
  huiliu::fuzz::require(again.ok(), "what was written can be read", text);
  huiliu::fuzz::require(huiliu::model::to_json(*again) == written, "written twice, the same", text);
  return 0;
}

namespace huiliu::fuzz {

std::vector<std::string> seeds() {
  return {
      R"({"id":"evt_1","type":"customer.changed","data":{"name":"深圳市","phones":["0755-86123456",null],"n":1.50e3}})",
      R"([1,-0,0.1,1e400,123456789012345678901234567890,true,false,null,"","\u4e2d\ud83d\ude00\n"])",
      R"("\ud800")",
      "{\"a\":{\"a\":{\"a\":[[[[{}]]]]}}}",
      "  {\"a\" : 1 , \"a\" : 2 }  ",
      "\xEF\xBB\xBF{}",
      "\"\x01\"",
      "{\"\":\"\xff\"}"};
}

std::vector<std::string> long_units() {
  return {"[", "{\"a\":", "\"a\\u4e2d", "1", "[1,", "  ", "\"", "{\"a\":1,", "\\"};
}

}  // namespace huiliu::fuzz
