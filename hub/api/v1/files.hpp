// What the routes that change files of the configuration have in common.
#pragma once

#include "hub/api/api.hpp"

namespace huiliu::api {

// Of a plan, at most so many lines are shown: nobody reads more of them.
inline constexpr std::size_t plan_lines_most = 1000;

// What decides people's rights, and whose plugins are trusted, is no business of who sets up connections.
model::Status may_change_file(const Call& call, const std::string& path);
// If-Match as the file's fingerprint; "*": whatever stands there.
std::string file_expected(const Call& call);
// {path, text, in_force} with the ETag that the next change names.
model::Result<Answer> file_shown(Call& call, const std::string& path);

}  // namespace huiliu::api
