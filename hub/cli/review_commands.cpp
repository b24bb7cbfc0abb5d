// huiliu review, conflict
#include <CLI/CLI.hpp>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/run/customers.hpp"
#include "hub/run/decisions.hpp"
#include "hub/run/views.hpp"

namespace huiliu::cli {
namespace {

using model::Status;
using model::Value;

struct ReviewArguments {
  std::string id, kind, choice, note, connection, state = "open", value, as;
  std::vector<std::string> with;  // WORD=VALUE of a creation request
};

std::optional<sync::ReviewKind> kind_from(const std::string& name) {
  for (const auto kind : {sync::ReviewKind::duplicate, sync::ReviewKind::conflict, sync::ReviewKind::create,
                          sync::ReviewKind::change, sync::ReviewKind::brake})
    if (name == sync::to_string(kind)) return kind;
  return std::nullopt;
}

Status collect(Session& session, const ReviewArguments& arguments, std::optional<sync::ReviewKind> kind,
               const std::function<void(const sync::Review&)>& take) {
  return session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    std::string after;
    while (true) {
      const auto page = snapshot.list_reviews(
          {kind, arguments.state == "all" ? "" : arguments.state, arguments.connection}, {after, 500});
      for (const sync::Review& review : page) take(review);
      if (page.size() < 500) return {};
      after = page.back().id;
    }
  });
}

model::Result<sync::Review> load(Session& session, const std::string& id) {
  std::optional<sync::Review> found;
  HUILIU_TRY(session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    found = snapshot.load_review(id);
    return {};
  }));
  if (!found) return model::make_error(model::ErrorClass::not_found, "there is no review " + id);
  return std::move(*found);
}

int list_reviews(Session& session, const ReviewArguments& arguments) {
  std::optional<sync::ReviewKind> kind;
  if (!arguments.kind.empty()) {
    kind = kind_from(arguments.kind);
    if (!kind) {
      session.io().err << "huiliu: a kind is duplicate, conflict, create, change or brake, not \""
                       << arguments.kind << "\"\n";
      return usage;
    }
  }
  model::Array rows;
  const Status read = collect(session, arguments, kind,
                              [&](const sync::Review& review) { rows.push_back(run::review_view(review)); });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{"ID", "id"},
              {say("类型", "KIND"), "kind"},
              {say("事项", "SUBJECT"), "subject"},
              {say("选项", "CHOICES"), "choices"},
              {say("提出", "OPENED"), "opened"}},
             std::move(rows));
  return done;
}

int show_review(Session& session, const ReviewArguments& arguments) {
  const auto review = load(session, arguments.id);
  if (!review.ok()) return session.fail(review.error());
  print_json(session, run::review_view(*review));
  return done;
}

int decide_review(Session& session, const ReviewArguments& arguments) {
  run::PersonsDecision decision{arguments.choice, arguments.note, arguments.as, {}, {}};
  for (const std::string& word : arguments.with) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      session.io().err << "huiliu: --set takes WORD=VALUE, not \"" << word << "\"\n";
      return usage;
    }
    decision.with[word.substr(0, equals)] = word.substr(equals + 1);
  }
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const Status decided = run::decide_review(**hub, arguments.id, decision);
  if (!decided.ok()) return session.fail(decided.error());
  return show_review(session, arguments);
}

int list_conflicts(Session& session, const ReviewArguments& arguments) {
  model::Array rows;
  const Status read =
      collect(session, arguments, sync::ReviewKind::conflict,
              [&](const sync::Review& review) { rows.push_back(run::conflict_view(review)); });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{"ID", "id"},
              {say("客户", "CUSTOMER"), "customer"},
              {say("字段", "FIELD"), "field"},
              {say("各系统的值", "VALUES"), "values"},
              {say("规则", "RULE"), "rule"},
              {say("采用", "WINNER"), "winner"}},
             std::move(rows));
  return done;
}

int show_conflict(Session& session, const ReviewArguments& arguments) {
  const auto review = load(session, arguments.id);
  if (!review.ok()) return session.fail(review.error());
  if (review->kind != sync::ReviewKind::conflict)
    return session.fail(model::make_error(model::ErrorClass::not_found,
                                          arguments.id + " is no conflict; see huiliu review show"));
  print_json(session, run::conflict_view(*review));
  return done;
}

// A decision by value: one more edit by the console, which covers all that were in conflict.
int resolve_conflict(Session& session, const ReviewArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const auto user = config::acting_user((*hub)->config().hub.users, arguments.as);
  if (!user.ok()) return session.fail(user.error());
  const Status resolved = run::resolve_conflict(**hub, arguments.id, arguments.value, arguments.note, *user);
  if (!resolved.ok()) return session.fail(resolved.error());
  return show_conflict(session, arguments);
}

}  // namespace

void add_review_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ReviewArguments>();
  const auto set = [&action, arguments](int (*run)(Session&, const ReviewArguments&), bool changes) {
    return [&action, arguments, run, changes] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, changes, false};
    };
  };
  CLI::App* review = app.add_subcommand("review", say("待办中心", "questions for a person"));
  review->require_subcommand(1);
  CLI::App* list = review->add_subcommand("list", say("列表", "open ones"));
  list->add_option("--kind", arguments->kind, "duplicate, conflict, create, change, brake");
  list->add_option("--connection", arguments->connection, "only about this connection");
  list->add_option("--state", arguments->state, "open (default), decided, withdrawn, all");
  list->callback(set(list_reviews, false));
  CLI::App* show = review->add_subcommand("show", say("查看", "with its evidence"));
  show->add_option("id", arguments->id, "id")->required();
  show->callback(set(show_review, false));
  CLI::App* decide = review->add_subcommand("decide", say("处理", "choose"));
  decide->add_option("id", arguments->id, "id")->required();
  decide->add_option("choice", arguments->choice, "one of its choices")->required();
  decide->add_option("--note", arguments->note, "why");
  decide->add_option("--as", arguments->as, "who decides: a user of hub.yaml");
  decide->add_option("--set", arguments->with,
                     "creation requests: WORD=VALUE for the new record, e.g. group=01 organisation=100");
  decide->callback(set(decide_review, true));

  CLI::App* conflict = app.add_subcommand("conflict", say("冲突", "concurrent edits of a shared field"));
  conflict->require_subcommand(1);
  CLI::App* conflicts = conflict->add_subcommand("list", say("列表", "open ones"));
  conflicts->add_option("--state", arguments->state, "open (default), decided, withdrawn, all");
  conflicts->callback(set(list_conflicts, false));
  CLI::App* conflict_show = conflict->add_subcommand("show", say("查看", "both sides"));
  conflict_show->add_option("id", arguments->id, "id")->required();
  conflict_show->callback(set(show_conflict, false));
  CLI::App* resolve = conflict->add_subcommand("resolve", say("处理", "decide by a value"));
  resolve->add_option("id", arguments->id, "id")->required();
  resolve->add_option("value", arguments->value, "the right value")->required();
  resolve->add_option("--note", arguments->note, "why");
  resolve->add_option("--as", arguments->as, "who decides: a user of hub.yaml");
  resolve->callback(set(resolve_conflict, true));
}

}  // namespace huiliu::cli
