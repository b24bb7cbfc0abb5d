#include "hub/store/url.hpp"

#include <charconv>

namespace huiliu::store {

model::Result<StoreUrl> parse_store_url(std::string_view url) {
  const auto wrong = [&](const char* what) {
    return model::make_error(model::ErrorClass::config,
                             std::string(url) + ": " + what + "; expected sqlite:PATH");
  };
  const auto colon = url.find(':');
  if (colon == std::string_view::npos || colon == 0) return wrong("not a store URL");
  StoreUrl parsed;
  parsed.scheme = url.substr(0, colon);
  auto rest = url.substr(colon + 1);
  const auto mark = rest.find('?');
  parsed.path = rest.substr(0, mark);
  if (parsed.path.empty()) return wrong("no path");
  rest = mark == std::string_view::npos ? std::string_view() : rest.substr(mark + 1);
  while (!rest.empty()) {
    const auto end = rest.find('&');
    const auto option = rest.substr(0, end);
    const auto equals = option.find('=');
    if (equals == std::string_view::npos || equals == 0) return wrong("an option is not NAME=VALUE");
    parsed.options[std::string(option.substr(0, equals))] = option.substr(equals + 1);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return parsed;
}

model::Result<std::int64_t> StoreUrl::number(const std::string& option, std::int64_t otherwise) const {
  const auto found = options.find(option);
  if (found == options.end()) return otherwise;
  const auto& text = found->second;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1)
    return model::make_error(model::ErrorClass::config,
                             "store option " + option + "=" + text + " is not a number of at least 1");
  return number;
}

std::string file_of(std::string_view url) {
  const auto parsed = parse_store_url(url);
  return parsed.ok() && parsed->scheme == "sqlite" ? parsed->path : std::string();
}

}  // namespace huiliu::store
