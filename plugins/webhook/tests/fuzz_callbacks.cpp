// Deliveries of every scheme with headers and bodies of any kind: no crash, and time in proportion. The first
// byte chooses the scheme; a line break parts the header values from the body.
#include "plugins/webhook/src/cloud_event.hpp"
#include "plugins/webhook/src/event.hpp"
#include "plugins/webhook/src/signature.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace webhook = huiliu::webhook;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = huiliu::fuzz::text_of(data + 1, size - 1);
  const std::size_t line = text.find('\n');
  const std::string_view header_text = text.substr(0, line);
  const std::string_view body = line == std::string_view::npos ? std::string_view{} : text.substr(line + 1);
  const webhook::HeaderLookup header = [&](std::string_view name) -> std::string_view {
    if (name == "content-type")
      return data[0] % 3 == 0   ? "application/cloudevents+json"
             : data[0] % 3 == 1 ? "application/cloudevents-batch+json"
                                : "application/json";
    return header_text;
  };
  const std::vector<webhook::Mac> keys = {[](std::string_view) { return std::string(32, 'k'); }};
  using Scheme = webhook::Scheme;
  for (const Scheme scheme :
       {Scheme::standard, Scheme::github, Scheme::stripe, Scheme::shopify, Scheme::none})
    if (const auto event = webhook::parse_event(scheme, header, body)) {
      static_cast<void>(webhook::effect_of(event->type));
      if (!event->data.empty()) {
        static_cast<void>(webhook::key_of(event->data));
        static_cast<void>(webhook::version_of(event->data));
        static_cast<void>(webhook::is_thin(event->data));
      }
    }
  static_cast<void>(webhook::parse_cloud_events(header, body));
  static_cast<void>(webhook::decode_attribute(header_text));
  static_cast<void>(webhook::verify_standard(header, body, 1'700'000'000, keys));
  static_cast<void>(webhook::verify_github(header, body, keys));
  static_cast<void>(webhook::verify_stripe(header, body, 1'700'000'000, keys));
  static_cast<void>(webhook::verify_shopify(header, body, keys));
  static_cast<void>(webhook::standard_key(header_text));
  return 0;
}

namespace huiliu::fuzz {

std::vector<std::string> seeds() {
  std::vector<std::string> out;
  for (const char* text : {"v1,AAAA "
                           "1700000000\n{\"type\":\"customer.updated\",\"timestamp\":\"2024-01-01T00:00:"
                           "00Z\",\"data\":{\"id\":7}}",
                           "t=1700000000,v1=00ff\n{\"id\":\"evt_1\",\"type\":\"customer.deleted\",\"data\":{"
                           "\"object\":{\"id\":\"c\"}}}",
                           "sha256=00\n{\"action\":\"edited\",\"id\":1.10}",
                           "1.0\n{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"/"
                           "s\",\"type\":\"customer.created\",\"data\":{\"id\":1}}",
                           "\"%E4%B8%AD\\\"\"\n[{\"specversion\":\"1.0\"},{},[]]",
                           "whsec_AAAA\n{\"a\":[[[{\"b\":\"\\ud83d\\ude00\"}]]]}"})
    for (char scheme = 0; scheme < 3; ++scheme) out.push_back(scheme + std::string(text));
  return out;
}
std::vector<std::string> long_units() {
  return {std::string(1, '\0') + "\n[", "v1,AAAA ", "t=1,", "%41", "\"\\u4e2d\",", "{\"a\":", "\n{}"};
}

}  // namespace huiliu::fuzz
