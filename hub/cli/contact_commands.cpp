// huiliu contact unbound, bind
#include <CLI/CLI.hpp>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/run/binding.hpp"
#include "hub/run/views.hpp"

namespace huiliu::cli {
namespace {

using model::Status;
using model::Value;

struct ContactArguments {
  std::string person, to, as;
};

int list_unbound(Session& session, const ContactArguments&) {
  auto hub = open_beside(session.options());
  if (!hub.ok()) return session.fail(hub.error());
  model::Array rows;
  const Status read = (*hub)->store().read([&](store::Snapshot& snapshot) -> Status {
    rows = run::unbound_view((*hub)->config(), (*hub)->rules(), snapshot);
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{"ID", "id"},
              {say("名称", "NAME"), "name"},
              {say("企业", "COMPANY"), "company"},
              {say("跟进人", "FOLLOWER"), "follower"},
              {say("账号", "ACCOUNTS"), "accounts"}},
             std::move(rows));
  return done;
}

int bind(Session& session, const ContactArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto user = config::acting_user((*hub)->config().hub.users, arguments.as);
  if (!user.ok()) return session.fail(user.error());
  std::optional<Value> view;
  const Status bound = (*hub)->store().write([&](store::Transaction& transaction) -> Status {
    HUILIU_TRY(
        run::bind_person((*hub)->workspace(), transaction, arguments.person, arguments.to, user->name));
    view = run::golden_view(transaction, (*hub)->config().schema, arguments.to);
    return {};
  });
  if (!bound.ok()) return session.fail(bound.error());
  if (view) print_json(session, *view);
  return done;
}

}  // namespace

void add_contact_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ContactArguments>();
  const auto set = [&action, arguments](int (*run)(Session&, const ContactArguments&), bool changes) {
    return [&action, arguments, run, changes] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, changes, false};
    };
  };
  CLI::App* contact =
      app.add_subcommand("contact", say("联系人与聊天工具中的人", "contacts and persons of chat tools"));
  contact->require_subcommand(1);
  contact->add_subcommand("unbound", say("待绑定", "persons of chat tools without a company"))
      ->callback(set(list_unbound, false));
  CLI::App* bind_command =
      contact->add_subcommand("bind", say("绑定", "this person is that contact, or works for that customer"));
  bind_command->add_option("person", arguments->person, "id, or connection/stream/key")->required();
  bind_command->add_option("to", arguments->to, "id of a contact or a customer")->required();
  bind_command->add_option("--as", arguments->as, "who says so: a user of hub.yaml");
  bind_command->callback(set(bind, true));
}

}  // namespace huiliu::cli
