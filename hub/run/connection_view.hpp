// What one connection can do and may do: per field, with the grade of its system and the promises that hold
// there.
#pragma once

#include "hub/run/hub.hpp"

namespace huiliu::run {

// {"name","connector","role","stage","create","grade":{…} as it holds,"promises":[{"promise","holds","why"}],
//  "streams":[{"stream","entity","read":[…],"write":[…],"fields":[{"field","path","direction","create","update","clear",
//  "length","unique","right","meaning","line"}]}],"messages":stream or ""}. Errors: not_found.
model::Result<model::Value> connection_view(Hub& hub, const std::string& name, bool chinese);

}  // namespace huiliu::run
