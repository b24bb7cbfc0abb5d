// Messages to people: the custom robot of a group, work notices, to-dos. Streams that are only written.
//
//   robot           {text, title?, at_mobiles?: [], at_users?: [], at_all?: bool}; a title makes it markdown
//   work_notices    {text, title?, users?: [], departments?: [], everybody?: bool}; needs agent_id
//   todos           {title, text?, users: [], url?, due?: milliseconds, priority?: 10 20 30 40}; needs
//                   operator_user_id, in whose name they are made
//
// Robot and to-do take an idempotency key, so that a repeated write is one of them. A work notice is
// accepted, not delivered: the vendor drops what exceeds its limits without saying so. Threads and errors: as
// Client.
#pragma once

#include <huiliu/plugin.hpp>

#include "plugins/dingtalk/src/client.hpp"

namespace dingtalk {

huiliu::Outcome send_robot_message(huiliu::Call& call, const Settings& settings, const Client& client,
                                   const huiliu::Record& record);
huiliu::Outcome send_work_notice(huiliu::Call& call, const Settings& settings, const Client& client,
                                 const huiliu::Record& record);

huiliu::Outcome send_todo(huiliu::Call& call, const Settings& settings, const Client& client,
                          const huiliu::Record& record);

}  // namespace dingtalk
