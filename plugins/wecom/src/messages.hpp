// The stream `messages`: app messages (应用消息) to employees. Only written.
//
//   {users?: [], departments?: [], tags?: [], everybody?: bool,      at least one kind of recipient
//    text, title?, url?, button?, markdown?: bool, duplicate_check?: bool}
//
// text alone: a text; markdown: markdown; title and url: a card. The vendor's own form {touser, toparty,
// totag, msgtype, text{}|markdown{}|textcard{}} is taken as well. Needs agent_id.
//
// The result's body says what became of each recipient: {msgid, invalid_users, invalid_departments,
// invalid_tags, unlicensed_users}, userids in the spelling that was asked for although the vendor answers in
// lower case. A lost answer leaves the message in doubt; the vendor's own check for duplicates is on, so that
// a second attempt within half an hour is not shown twice. Threads and errors: as Client.
#pragma once

#include <huiliu/plugin.hpp>

#include "plugins/wecom/src/client.hpp"

namespace wecom {

huiliu::Outcome send_message(huiliu::Call& call, const Settings& settings, const Client& client,
                             const huiliu::Record& record);

}  // namespace wecom
