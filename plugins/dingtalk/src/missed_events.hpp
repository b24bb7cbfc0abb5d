// Events that the vendor gave up to deliver, for callbacks registered by its older interface: it keeps them
// in a list, which empties as it is read. Callbacks set up in the console have none, Stream mode needs none.
//
// The list is only a shorter way: what is lost between reading and storing it, a sweep finds.
#pragma once

#include <boost/json.hpp>
#include <huiliu/plugin.hpp>

#include "plugins/dingtalk/src/callback.hpp"
#include "plugins/dingtalk/src/client.hpp"

namespace dingtalk {

// One entry of the list, whose names are in a case of their own.
Event missed_event(const boost::json::value& entry, const Settings& settings);

// Asks every `missed_events_minutes` until cancelled; hints are durable before the next page is asked for.
void hear_missed_events(huiliu::Call& call, const Settings& settings, const Client& client,
                        huiliu::RecordSink& out);

}  // namespace dingtalk
