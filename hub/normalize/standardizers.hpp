// Inside the module: one function per kind, and what they share. The public face is normalize.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub/normalize/fold.hpp"
#include "hub/normalize/normalize.hpp"

namespace huiliu::normalize {

Normalized normalize_text(std::string_view raw);
Normalized normalize_company_name(std::string_view raw);
Normalized normalize_person_name(std::string_view raw);
Normalized normalize_uscc(std::string_view raw);
Normalized normalize_tax_no(std::string_view raw);
Normalized normalize_resident_id(std::string_view raw);
Normalized normalize_phone(std::string_view raw);
Normalized normalize_email(std::string_view raw);
Normalized normalize_url(std::string_view raw);
Normalized normalize_address(std::string_view raw);
Normalized normalize_date(std::string_view raw);
Normalized normalize_money(std::string_view raw);

// normalize_address(raw).key.
std::string address_key(std::string_view raw);

// "2:": what every key begins with. Keys are built behind it, so that nothing need be moved.
const std::string& version_prefix() noexcept;
// A key that was built behind the version; "" when nothing stands there.
std::string finished_key(std::string key);
// The key with the version in front; "" stays "".
std::string versioned(std::string key);

// value "", key "", finding `empty`.
Normalized empty_value();

void add_finding(Normalized& result, std::string code, Severity severity, std::string message,
                 std::vector<std::string> repair = {});

// The findings that follow from cleaning: encoding, invisible.
void report_cleaning(Normalized& result, const Cleaned& cleaned);

// Sets `valid` from the findings, puts the version before the key and returns the result.
Normalized finished(Normalized result);

// Sets a string part unless it is empty.
void set_part(Normalized& result, const char* name, std::string value);

}  // namespace huiliu::normalize
