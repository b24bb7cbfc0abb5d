// Inside the module: what tax numbers and their quick way share.
#pragma once

#include <string_view>

namespace huiliu::normalize {

// One character over and over, or somebody's fingers walking along the keyboard (123456789012345).
bool is_placeholder_tax_no(std::string_view number) noexcept;

}  // namespace huiliu::normalize
