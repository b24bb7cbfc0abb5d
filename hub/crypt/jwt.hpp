// Signed tokens of others (JWS in compact form, RFC 7515, with keys as RFC 7517 lists them). Only RS256 and
// ES256: what a token says of its own algorithm chooses among these and never among others, and a key serves
// the one algorithm of its type. Safe from any thread.
#pragma once

#include <string_view>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::crypt {

// The claims, when one of the keys ({"keys":[…]}) signed them. Errors: auth; not_found: none of the keys has
// the token's id, so a newer list may help.
model::Result<model::Value> verified_claims(std::string_view token, const model::Value& keys);

}  // namespace huiliu::crypt
