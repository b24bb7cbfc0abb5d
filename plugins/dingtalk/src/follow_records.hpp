// Follow-ups (跟进记录) of the CRM: written in batches, each item with its own verdict; the vendor lists
// none.
//
// A body is {"data": {key: text | {value, extendValue}}}; the keys are those of the corporation's own form.
// Threads and errors: as the Call.
#pragma once

#include <huiliu/plugin.hpp>

#include "plugins/dingtalk/src/client.hpp"

namespace dingtalk {

void write_follow_records(huiliu::Call& call, const Settings& settings, const Client& client,
                          const huiliu::Records& records, huiliu::ResultSink& out);

}  // namespace dingtalk
