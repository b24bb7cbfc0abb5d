// Logging in by a company's own provider (OpenID Connect, authorization code with PKCE). Off unless hub.yaml
// names one. The provider says who somebody is; what he may do stands in his account here, which must exist.
//
//   begin: the address to send the browser to; state, nonce and verifier are kept here for ten minutes
//   finish: code for tokens, over the provider's own connection; signature, issuer, audience, times, nonce
//
// Threads: any.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "hub/config/login.hpp"
#include "hub/host/http.hpp"
#include "hub/host/settings.hpp"
#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::run {

class Oidc {
 public:
  // `vault`: what ${secret:NAME} of the client's secret stands for.
  Oidc(const config::OidcSettings& settings, host::SecretSource vault);

  struct Begun {
    std::string url;      // of the provider's log-in page
    std::string binding;  // goes into a cookie: only the browser that began may finish
  };
  model::Result<Begun> begin(model::Micros now);

  struct Identity {
    std::string user;            // the account's name
    bool second_factor = false;  // the provider says that one was used
  };
  // Errors: auth, the same words for everything that does not fit; retry: the provider does not answer.
  model::Result<Identity> finish(const std::string& code, const std::string& state,
                                 const std::string& binding, model::Micros now);

 private:
  struct Attempt {
    std::string nonce, verifier, binding;
    model::Micros began = 0;
  };
  struct Provider {
    std::string authorization, token, keys_url;
    model::Value keys;
    model::Micros read = 0;
  };
  model::Result<model::Value> fetch(const host::HttpRequest& request);
  model::Result<Provider> provider(model::Micros now);
  model::Result<Provider> with_fresh_keys(Provider provider, model::Micros now);
  model::Result<std::string> redeem(const Provider& provider, const std::string& code,
                                    const std::string& verifier);
  model::Status check(const model::Value& claims, const Attempt& attempt, model::Micros now) const;

  const config::OidcSettings settings_;
  const host::SecretSource vault_;
  const std::unique_ptr<host::Transport> transport_;
  std::mutex mutex_;
  std::map<std::string, Attempt> attempts_;  // by state
  std::optional<Provider> provider_;
};

}  // namespace huiliu::run
