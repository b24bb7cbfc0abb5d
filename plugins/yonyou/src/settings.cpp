#include "plugins/yonyou/src/settings.hpp"

#include "huiliu/plugin.hpp"
#include "plugins/yonyou/src/json_read.hpp"

namespace yonyou {
namespace {

constexpr std::string_view public_gateway = "apigateway.yonyoucloud.com";

[[noreturn]] void wrong_setting(std::string_view name, const std::string& why) {
  throw huiliu::ConfigError("setting " + std::string(name) + ": " + why, {}, "/" + std::string(name));
}

void url_setting(const json::object& object, std::string_view name, std::string& target, bool required) {
  if (std::string text = text_at(object, name); !text.empty()) target = std::move(text);
  while (target.ends_with('/')) target.pop_back();
  if (target.empty() && !required) return;
  if (!target.starts_with("http://") && !target.starts_with("https://"))
    wrong_setting(name, "starts with neither http:// nor https://");
}

template <class Enum>
void choice(const json::object& object, std::string_view name, Enum& target,
            std::initializer_list<std::pair<std::string_view, Enum>> choices) {
  const std::string chosen = text_at(object, name);
  if (chosen.empty()) return;
  for (const auto& [word, value] : choices) {
    if (word != chosen) continue;
    target = value;
    return;
  }
  wrong_setting(name, "unknown choice \"" + chosen + "\"");
}

template <class Number>
void number(const json::object& object, std::string_view name, Number& target, std::int64_t least,
            std::int64_t most) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return;
  if (!value->is_int64() || value->get_int64() < least || value->get_int64() > most)
    wrong_setting(name,
                  "a number from " + std::to_string(least) + " to " + std::to_string(most) + " is wanted");
  target = static_cast<Number>(value->get_int64());
}

}  // namespace

Settings Settings::parse(std::string_view text) {
  json::error_code error;
  const json::value parsed = json::parse(text, error);
  if (error || !parsed.is_object()) throw huiliu::ConfigError("the settings are not a JSON object");
  const json::object& in = parsed.get_object();

  Settings s;
  url_setting(in, "base_url", s.base_url, true);
  url_setting(in, "gateway_url", s.gateway_url, false);
  url_setting(in, "token_url", s.token_url, false);
  if (s.gateway_url.empty() != s.token_url.empty())
    wrong_setting(s.gateway_url.empty() ? "gateway_url" : "token_url",
                  "both addresses are set by hand, or neither");
  // The folders are the connector's business, also when they were pasted.
  for (const std::string_view folder : {"/iuap-api-gateway", "/iuap-api-auth"})
    if (s.base_url.ends_with(folder)) s.base_url.resize(s.base_url.size() - folder.size());
  s.app_key = text_at(in, "app_key");
  if (s.app_key.empty()) wrong_setting("app_key", "is missing");
  s.tenant_id = text_at(in, "tenant_id");
  choice(in, "auth", s.auth, {{"self_app", Auth::self_app}, {"suite", Auth::suite}});
  choice(in, "gateway_lookup", s.lookup,
         {{"auto", Lookup::automatic}, {"always", Lookup::always}, {"never", Lookup::never}});
  choice(in, "event_reply", s.event_reply, {{"plain", Reply::plain}, {"encrypted", Reply::encrypted}});
  s.old_token_path = flag_at(in, "old_token_path");
  s.old_finance = flag_at(in, "old_finance");
  s.has_app_secret = !text_at(in, "app_secret").empty();
  s.has_event_token = !text_at(in, "event_token").empty();
  s.has_event_aes_key = !text_at(in, "event_aes_key").empty();
  number(in, "event_window_hours", s.event_window_hours, 1, 24 * 365);
  number(in, "page_size", s.page_size, 1, 5000);
  number(in, "overlap_seconds", s.overlap_seconds, 0, 86'400);
  if (const std::string org = text_at(in, "create_org"); !org.empty()) s.create_org = org;
  s.auto_code = flag_at(in, "auto_code");
  if (const json::value* prefix = in.if_contains("code_prefix"); prefix != nullptr && prefix->is_string())
    s.code_prefix = scalar_text(*prefix);
  if ((s.looks_up() || s.auth == Auth::suite) && s.tenant_id.empty())
    wrong_setting("tenant_id", "is wanted to find the tenant's data centre");
  return s;
}

bool Settings::looks_up() const {
  if (!gateway_url.empty() || lookup == Lookup::never) return false;
  if (lookup == Lookup::always) return true;
  const std::size_t begin = base_url.find("://") + 3;
  return std::string_view(base_url).substr(begin, base_url.find_first_of(":/", begin) - begin) ==
         public_gateway;
}

}  // namespace yonyou
