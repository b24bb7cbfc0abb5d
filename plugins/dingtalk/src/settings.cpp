#include "plugins/dingtalk/src/settings.hpp"

#include <algorithm>
#include <charconv>
#include <huiliu/plugin.hpp>

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

constexpr std::string_view kVendorOapi = "https://oapi.dingtalk.com";
constexpr std::string_view kVendorApi = "https://api.dingtalk.com";

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

CustomFields custom_fields(const json::value* from) {
  CustomFields fields;
  if (const json::object* object = from == nullptr ? nullptr : from->if_object())
    for (const auto& member : *object)
      if (std::string key = scalar_text(member.value()); !key.empty())
        fields.add(member.key(), std::move(key));
  return fields;
}

std::int64_t number_or(const std::string& text, std::int64_t otherwise) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= 0 ? value : otherwise;
}

}  // namespace

std::string_view CustomFields::key_of(std::string_view name) const {
  for (const auto& [our_name, key] : fields_)
    if (our_name == name) return key;
  return {};
}

std::string_view CustomFields::name_of(std::string_view key) const {
  for (const auto& [our_name, their_key] : fields_)
    if (their_key == key) return our_name;
  return {};
}

Settings parse_settings(std::string_view text) {
  const std::optional<json::value> parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) throw huiliu::ConfigError("the settings are no JSON object");
  const json::value& from = *parsed;
  Settings settings;
  settings.base_url = without_slash(text_at(from, "base_url"));
  if (settings.base_url.empty()) settings.base_url = kVendorApi;
  settings.oapi_base_url = without_slash(text_at(from, "oapi_base_url"));
  // A proxy or twin that stands for the new API stands for the old one too, unless told otherwise.
  if (settings.oapi_base_url.empty())
    settings.oapi_base_url = settings.base_url == kVendorApi ? std::string(kVendorOapi) : settings.base_url;
  settings.app_key = text_at(from, "app_key");
  settings.corp_id = text_at(from, "corp_id");
  settings.agent_id = text_at(from, "agent_id");
  settings.operator_user_id = text_at(from, "operator_user_id");
  settings.relation_type = text_at(from, "relation_type");
  if (settings.relation_type.empty()) settings.relation_type = "crm_customer";
  settings.robot_webhook = text_at(from, "robot_webhook");
  settings.approval_process_code = text_at(from, "approval_process_code");
  settings.approval_days =
      std::clamp<std::int64_t>(number_or(text_at(from, "approval_days"), settings.approval_days), 1, 364);
  settings.robot_signs = !text_at(from, "robot_secret").empty();
  settings.stream = true_at(from, "stream");
  const std::string auth = text_at(from, "auth");
  settings.auth = auth == "corp_token" ? Auth::corp_token : auth == "suite" ? Auth::suite : Auth::app;
  if (settings.auth != Auth::app && settings.corp_id.empty())
    throw huiliu::ConfigError("这种认证方式需要 corp_id / this auth needs corp_id", {}, "/corp_id");
  settings.include_pool = true_at(from, "include_pool");
  settings.overlap_s = number_or(text_at(from, "overlap_seconds"), settings.overlap_s);
  settings.customer_fields = custom_fields(field(from, "fields"));
  settings.contact_fields = custom_fields(field(from, "contact_fields"));
  settings.callback_window_s =
      number_or(text_at(from, "callback_window_seconds"), settings.callback_window_s);
  settings.missed_events_minutes =
      number_or(text_at(from, "missed_events_minutes"), settings.missed_events_minutes);
  settings.callback_owners = texts_of(field(from, "callback_owners"));
  if (settings.callback_owners.empty())
    for (const std::string* owner : {&settings.app_key, &settings.corp_id})
      if (!owner->empty()) settings.callback_owners.push_back(*owner);
  return settings;
}

}  // namespace dingtalk
