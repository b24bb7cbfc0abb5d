// How people log in besides their passwords: `login` in hub.yaml.
//
//   login:
//     oidc: {issuer: "https://id.example.com", client_id: huiliu, client_secret: "${secret:oidc}",
//            redirect_url: "https://hub.example.com/login", user_claim: preferred_username,
//            second_factor: [mfa, otp, hwk]}
#pragma once

#include <set>
#include <string>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::config {

struct OidcSettings {
  std::string issuer;  // https, or http on this machine
  std::string client_id;
  std::string client_secret;                      // a reference; empty: a public client, PKCE alone
  std::string redirect_url;                       // page of the console that hands code and state on
  std::string user_claim = "preferred_username";  // names the account here
  // What in the provider's `amr` (RFC 8176) counts as a second factor; empty: none of its words does, and who
  // needs one enrols it here.
  std::set<std::string> second_factor = {"mfa", "otp", "hwk"};
};

// https, or plain http on this machine.
bool is_provider_url(const std::string& url);

// Errors: class config, `where` = the JSON Pointer.
model::Result<OidcSettings> read_oidc(const model::Value& node, const std::string& pointer);

}  // namespace huiliu::config
