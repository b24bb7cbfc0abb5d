// Lenient reading of the vendor's JSON: its documents print numbers and booleans as strings and single
// objects where arrays come.
#pragma once

#include "plugins/common/json_read.hpp"

namespace dingtalk {

namespace json = boost::json;
using plugin_common::field;
using plugin_common::items_of;
using plugin_common::parse_json;
using plugin_common::scalar_text;
using plugin_common::text_at;
using plugin_common::texts_of;

inline bool true_at(const json::value& from, std::string_view name) { return text_at(from, name) == "true"; }

}  // namespace dingtalk
