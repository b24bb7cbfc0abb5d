// A store whose comparison keys were made by other rules than today's gets today's, before anything is read
// or written there.
#pragma once

#include <cstdint>
#include <string>

#include "hub/model/schema.hpp"
#include "hub/store/store.hpp"

namespace huiliu::run {

// By which rules keys are made: the version of the normalizers and the types that the model gives its fields.
std::string key_rules(const model::Schema& schema);

// How many golden records changed. Goes on where a crash ended it; a store with today's keys is not touched.
model::Result<std::int64_t> rekey_store(store::Store& store, const model::Schema& schema);

}  // namespace huiliu::run
