// Golden records, replicas and reviews as text, for the store.
//
// The form is compact and made for speed, not for people: a message is a run of members, each one letter, the
// length of its payload in decimal, ':' and the payload ("n12:names.legal…"). Payloads are text, numbers in
// decimal, or nested messages. Fields are stored by NAME, so that a schema may gain, lose and reorder fields;
// a field that the schema no longer has is dropped, an unknown member is skipped. The bytes are UTF-8
// wherever the values are. Pure functions; safe from any thread. Errors: class data, for text that is not of
// this form or of an unknown entity.
#pragma once

#include <string>
#include <string_view>

#include "hub/model/schema.hpp"
#include "hub/sync/repository.hpp"
#include "hub/sync/state.hpp"

namespace huiliu::sync {

std::string encode(const Golden& golden, const model::Schema& schema);
std::string encode(const Replica& replica, const model::Schema& schema);
std::string encode(const Review& review);

model::Result<Golden> decode_golden(std::string_view text, const model::Schema& schema);
model::Result<Replica> decode_replica(std::string_view text, const model::Schema& schema);
model::Result<Review> decode_review(std::string_view text);

}  // namespace huiliu::sync
