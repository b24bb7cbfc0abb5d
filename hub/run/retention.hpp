// How long a person is kept whom no system holds any more: jobs with `do: retain` forget him after a time,
// and everybody can see before whom that will be.
#pragma once

#include <string>
#include <vector>

#include "hub/run/hub.hpp"

namespace huiliu::run {

struct Gone {
  sync::GoldenId id;
  model::Micros since = 0;  // when the last system was seen without him
  std::int64_t records = 0;
};
// Contacts without a record in any system since before the moment, in the order of their ids.
std::vector<Gone> gone_persons(store::Snapshot& snapshot, model::Micros before);

// Forgets them as an erasure does, but for their identifiers: a system that gets to know one of them anew
// may. Returns how many.
model::Result<std::int64_t> forget_gone(Hub& hub, model::Micros before, const std::string& actor);

// What each job with `do: retain` would forget now: [{"job","person","since","records","after_days"}].
model::Array retention_preview(store::Snapshot& snapshot, const config::Config& config, model::Micros now);

}  // namespace huiliu::run
