// The words of messages to people, Chinese first as they are read in office suites. No unmasked personal
// values.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hub/config/config.hpp"
#include "hub/sync/engine.hpp"

namespace huiliu::run {

struct Wording {
  std::string title, text;
};

// A value as a message may show it: personal ones masked.
std::string shown_to_people(const model::Schema& schema, const std::string& entity, const std::string& field,
                            const model::Value& value);

Wording words_for_request(const sync::Review& review, const model::Schema& schema);  // to who may decide
Wording words_for_author(const sync::Review& review, const model::Schema& schema);   // to who edited
Wording words_for_decision(const sync::Review& review, const model::Schema& schema);
Wording words_for_binding(const sync::Review& review, const std::string& person);  // to who follows him
Wording words_for_leaver(const std::string& employee, const std::string& id,
                         const std::vector<std::string>& customers);
Wording words_for_disabled(const std::string& customer);
Wording words_for_unmapped(const std::string& reason, std::size_t records);
Wording words_for_notice(const sync::Notice& notice, const std::string& entity, const std::string& customer,
                         const model::Schema& schema);

}  // namespace huiliu::run
