// Our changes as signed events to the site: what is sent, and what its answer means.
//
// One POST for each record, signed as Standard Webhooks say. The id of an event is that of the write, so a
// receiver that drops repeated ids never applies a write twice.
#pragma once

#include <huiliu/plugin.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "plugins/webhook/src/settings.hpp"

namespace huiliu::webhook {

// {"type","timestamp","external_id"?,"base_version"?,"data"}: see README.md.
std::string event_body(std::string_view stream, const Record& record, long long now_us);

// "msg_" and the operation's id, in characters that a webhook-id may have.
std::string event_id(std::string_view operation_id);

// What a 2xx, 404, 409, 412, 413 or 4xx answer means for the record. Throws a Failure for answers that say
// nothing about it: an address, credential or throttling problem, or a server in trouble (`can_look`: in
// doubt, because a look at the site will tell; else deferred, to be sent again under the same id).
Outcome outcome_of(const Record& record, int code, std::string_view body, long long retry_after_ms,
                   bool can_look);

// Sends one record. Throws as outcome_of, and NoAnswer.
Outcome send_record(const Call& call, const Settings& settings, std::string_view stream,
                    const Record& record);

// Sends an event that changes nothing, to see whether the address and the signature are accepted.
void send_ping(const Call& call, const Settings& settings);

// The public key (32 bytes) of a configured whpk_… or whsk_…; nullopt: a shared secret. Throws ConfigError
// for a broken key.
std::optional<std::string> asymmetric_key(const Call& call, const std::string& secret);

// The MAC of a configured secret for the Standard Webhooks scheme: its base64 decoded; text that is none as
// it stands.
Mac standard_mac(const Call& call, const std::string& secret);

}  // namespace huiliu::webhook
