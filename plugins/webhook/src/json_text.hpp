// Parts of a JSON text as they were sent: the bytes of a member or element, so that numbers keep their digits
// and duplicate keys stay visible to the host.
//
// Give only text that was seen to be valid JSON (parse_json); on other text the results are without meaning,
// yet no call reads outside it. Views point into the text given.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiliu::webhook {

// nullopt: not JSON, deeper than 64 levels, or not UTF-8.
std::optional<boost::json::value> parse_json(std::string_view text);

// The members of an object, in order, names decoded; empty when it is no object.
std::vector<std::pair<std::string, std::string_view>> raw_members(std::string_view text);
// The elements of an array, in order; empty when it is no array.
std::vector<std::string_view> raw_elements(std::string_view text);
// The last member of this name, as every JSON library reads duplicates; "" when there is none.
std::string_view raw_member(std::string_view text, std::string_view name);

// A string as its text, a number as its digits, anything else (also absent) as "".
std::string scalar_text(std::string_view raw);
bool is_object(std::string_view raw);
std::string quoted(std::string_view text);  // as a JSON string

}  // namespace huiliu::webhook
