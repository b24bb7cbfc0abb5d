#include "hub/normalize/standardizers.hpp"
#include "hub/normalize/utf8.hpp"
namespace huiliu::normalize {
Normalized normalize_address(std::string_view raw) { return normalize_text(raw); }
}  // namespace huiliu::normalize
