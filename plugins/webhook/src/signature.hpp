// Who sent this? The signature schemes of inbound webhooks (Standard Webhooks, GitHub, Stripe, Shopify).
//
// Every check runs over the raw bytes of the body, before anything in it is parsed, and compares in constant
// time. Pure: the clock and the keys come in. A caller that has several secrets (rotation) gives several
// keys.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huiliu::webhook {

enum class Scheme { standard, github, stripe, shopify, cloudevents, none };

// nullopt: no such scheme.
std::optional<Scheme> scheme_named(std::string_view name);

// HMAC-SHA-256 of one secret, 32 bytes, over the data given.
using Mac = std::function<std::string(std::string_view data)>;

// The header of this name in any case; "" when it is absent.
using HeaderLookup = std::function<std::string_view(std::string_view name)>;

inline constexpr long long kToleranceSeconds = 300;  // both ways, inclusive

struct Verdict {
  bool accepted = false;
  std::string reason;    // why not, for the log: no secret, no body
  std::string event_id;  // names this event at every retry; empty when the scheme's headers have none
};

// Standard Webhooks 1.0 under webhook-* or svix-* headers, never a mixture of both. `v1` entries are tried
// with the keys, `v1a` entries with the public keys (32 bytes each).
Verdict verify_standard(const HeaderLookup& header, std::string_view body, long long now_s,
                        const std::vector<Mac>& keys, const std::vector<std::string>& public_keys = {});
Verdict verify_github(const HeaderLookup& header, std::string_view body, const std::vector<Mac>& keys);
Verdict verify_stripe(const HeaderLookup& header, std::string_view body, long long now_s,
                      const std::vector<Mac>& keys);
Verdict verify_shopify(const HeaderLookup& header, std::string_view body, const std::vector<Mac>& keys);

// The key bytes in a Standard Webhooks secret, "whsec_" and base64 or the base64 alone. nullopt: empty or not
// base64.
std::optional<std::string> standard_key(std::string_view secret);

// "v1a,<base64>" over the same, by a private key of 32 bytes.
std::string sign_standard_asymmetric(std::string_view private_key, std::string_view id,
                                     std::string_view timestamp, std::string_view body);

// "v1,<base64>" over id, timestamp and body.
std::string sign_standard(const Mac& key, std::string_view id, std::string_view timestamp,
                          std::string_view body);

}  // namespace huiliu::webhook
