// huiliu message list, show, send
#include <CLI/CLI.hpp>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/run/messages.hpp"

namespace huiliu::cli {
namespace {

using model::Status;
using model::Value;

struct MessageArguments {
  std::string id, state, to;
};

int list_all(Session& session, const MessageArguments& arguments) {
  model::Array rows;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    for (const run::OutboxMessage& message : run::list_messages(snapshot))
      if ((arguments.state.empty() || message.state == arguments.state) &&
          (arguments.to.empty() || message.to == arguments.to || message.employee == arguments.to))
        rows.push_back(run::message_view(message));
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{"ID", "id"},
              {say("类型", "KIND"), "kind"},
              {say("收件人", "TO"), "to"},
              {say("标题", "TITLE"), "title"},
              {say("状态", "STATE"), "state"},
              {say("送出时间", "DUE"), "due"},
              {say("原因", "REASON"), "reason"}},
             std::move(rows));
  return done;
}

int show_one(Session& session, const MessageArguments& arguments) {
  Value found;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    for (const run::OutboxMessage& message : run::list_messages(snapshot))
      if (message.id == arguments.id) found = run::message_view(message);
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  if (found.is_null())
    return session.fail(
        model::make_error(model::ErrorClass::not_found, "there is no message " + arguments.id));
  print_json(session, found);
  return done;
}

// Everything that waits, without waiting for the next digest.
int send_now(Session& session, const MessageArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  for (const auto& [connection, stream] : (*hub)->workspace().message_streams)
    if (auto system = (*hub)->system(connection); !system.ok())
      session.io().err << "huiliu: " << system.error().text() << '\n';
  Status sent = run::tell_new_reviews((*hub)->workspace());
  if (sent.ok()) sent = run::deliver_messages((*hub)->workspace(), true);
  if (!sent.ok()) return session.fail(sent.error());
  return list_all(session, arguments);
}

}  // namespace

void add_message_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<MessageArguments>();
  const auto set = [&action, arguments](int (*run)(Session&, const MessageArguments&), bool changes) {
    return [&action, arguments, run, changes] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, changes, false};
    };
  };
  CLI::App* message = app.add_subcommand("message", say("给人的消息", "messages to people"));
  message->require_subcommand(1);
  CLI::App* list = message->add_subcommand("list", say("列表", "the outbox"));
  list->add_option("--state", arguments->state, "waiting, sent, unsure");
  list->add_option("--to", arguments->to, "only to this person");
  list->callback(set(list_all, false));
  CLI::App* show = message->add_subcommand("show", say("查看", "one message"));
  show->add_option("id", arguments->id, "id")->required();
  show->callback(set(show_one, false));
  message->add_subcommand("send", say("立即发送", "send what waits now, without the next digest"))
      ->callback(set(send_now, true));
}

}  // namespace huiliu::cli
