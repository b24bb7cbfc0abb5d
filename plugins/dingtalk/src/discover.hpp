// What this corporation's forms hold: the manifest's streams, with the fields that objectMeta lists. Pure,
// any thread.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/dingtalk/src/settings.hpp"

namespace dingtalk {

struct FormField {
  std::string key, label, type;
  std::vector<std::string> options = {};  // of a select field
};

// The fields of an objectMeta answer, with or without an envelope around it.
std::vector<FormField> form_fields(const boost::json::value& meta);

// The names in the settings whose key the form does not have.
std::vector<std::string> missing_fields(const std::vector<FormField>& form, const CustomFields& custom);

// {"streams": […]} as `discover` answers: those of the manifest, the customers' fields being those of the
// form, and their natural keys those that the vendor checks for duplicates (relationUkSettings), then the
// manifest's.
std::string discovered_streams(std::string_view manifest, const std::vector<FormField>& form,
                               const boost::json::value& unique_keys, const CustomFields& custom);

}  // namespace dingtalk
