// Inside the module: company names without Han characters.
#pragma once

#include <string_view>
#include <vector>

#include "hub/normalize/company_name.hpp"

namespace huiliu::normalize {

// Fills core, origin and ranges of `name`, whose display is set. `key` is the folded display, `origin` its
// positions.
void parse_english_company(CompanyName& name, std::u32string_view key,
                           const std::vector<std::uint32_t>& origin);

}  // namespace huiliu::normalize
