// Inside the module: short ways for what is written in the usual form already, which is nearly everything.
// Each gives exactly what the whole standardizer gives, or nothing: then the whole one has to look. Tests
// compare the two.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace huiliu::normalize {

// Append the key. False: appended nothing.
bool append_quick_phone_key(std::string_view raw, std::string& key);
bool append_quick_person_key(std::string_view raw, std::string& key);
bool append_quick_url_key(std::string_view raw, std::string& key);

// Value and key are the same for these, and the value is valid.
bool is_quick_uscc(std::string_view raw) noexcept;
bool is_quick_tax_no(std::string_view raw) noexcept;

// The canonical spelling of a valid mail address; its key is that in lower case.
std::optional<std::string> quick_email(std::string_view raw);

}  // namespace huiliu::normalize
