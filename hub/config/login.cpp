#include "hub/config/login.hpp"

#include "hub/config/yaml.hpp"

namespace huiliu::config {

bool is_provider_url(const std::string& url) {
  if (url.starts_with("https://")) return url.size() > 8;
  for (const std::string here : {"http://127.0.0.1", "http://localhost"})
    if (url.starts_with(here) &&
        (url.size() == here.size() || url[here.size()] == ':' || url[here.size()] == '/'))
      return true;
  return false;
}

model::Result<OidcSettings> read_oidc(const model::Value& node, const std::string& pointer) {
  HUILIU_TRY(
      check_keys(node, pointer,
                 {"issuer", "client_id", "client_secret", "redirect_url", "user_claim", "second_factor"}));
  OidcSettings settings;
  settings.issuer = node["issuer"].to_text();
  settings.client_id = node["client_id"].to_text();
  settings.client_secret = node["client_secret"].to_text();
  settings.redirect_url = node["redirect_url"].to_text();
  if (const model::Value* claim = node.find("user_claim")) settings.user_claim = claim->to_text();
  if (const model::Value* methods = node.find("second_factor")) {
    const model::Array* list = methods->if_array();
    if (list == nullptr)
      return error_at(pointer + "/second_factor", "a list of amr values is wanted, [] for none");
    settings.second_factor.clear();
    for (const model::Value& method : *list) settings.second_factor.insert(method.to_text());
  }
  if (!is_provider_url(settings.issuer))
    return error_at(pointer + "/issuer", "the provider's https:// address is wanted");
  if (!is_provider_url(settings.redirect_url))
    return error_at(pointer + "/redirect_url", "the https:// address of the console's log-in page is wanted");
  if (settings.client_id.empty()) return error_at(pointer + "/client_id", "client_id is missing");
  if (settings.user_claim.empty()) return error_at(pointer + "/user_claim", "the name of a claim is wanted");
  if (!settings.client_secret.empty() && !settings.client_secret.starts_with("${"))
    return error_at(pointer + "/client_secret",
                    "a reference is wanted: ${secret:NAME}, ${env:NAME}, ${file:PATH}");
  return settings;
}

}  // namespace huiliu::config
