#include "plugins/webhook/src/settings.hpp"

#include <boost/json/parse.hpp>
#include <huiliu/plugin.hpp>

namespace huiliu::webhook {
namespace {

std::string setting_text(const boost::json::object& settings, std::string_view name) {
  const boost::json::value* value = settings.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::size_t setting_number(const boost::json::object& settings, std::string_view name,
                           std::size_t otherwise) {
  const boost::json::value* value = settings.if_contains(name);
  return value && value->is_int64() && value->get_int64() > 0 ? static_cast<std::size_t>(value->get_int64())
                                                              : otherwise;
}

}  // namespace

Settings parse_settings(std::string_view settings_json) {
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse(settings_json, error);
  if (error || !parsed.is_object()) throw ConfigError("the settings are no JSON object", {}, "/");
  const boost::json::object& object = parsed.get_object();

  Settings settings;
  if (const std::string name = setting_text(object, "scheme"); !name.empty()) {
    const std::optional<Scheme> scheme = scheme_named(name);
    if (!scheme) throw ConfigError("no signature scheme is named " + name, {}, "/scheme");
    settings.scheme = *scheme;
  }
  settings.url = setting_text(object, "url");
  settings.read_url = setting_text(object, "read_url");
  while (settings.read_url.ends_with('/')) settings.read_url.pop_back();
  settings.max_body_bytes = setting_number(object, "max_body_bytes", settings.max_body_bytes);
  settings.page_size = setting_number(object, "page_size", settings.page_size);
  settings.has_read_token = !setting_text(object, "read_token").empty();
  for (const char* name : {"signing_secret", "previous_signing_secret"})
    if (!setting_text(object, name).empty()) settings.signing_secrets.emplace_back(name);
  return settings;
}

}  // namespace huiliu::webhook
