// huiliu dead-letter: by cause, one by one, corrected, tried, processed again
#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/run/advice.hpp"
#include "hub/run/dead_letters.hpp"
#include "hub/run/views.hpp"

namespace huiliu::cli {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Status;
using model::Value;

struct LetterArguments {
  std::string id, file;
  run::LetterChoice choice;
};

int list_groups(Session& session, const LetterArguments& arguments) {
  model::Array rows;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    rows = run::letter_groups(snapshot, arguments.choice);
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{say("条数", "COUNT"), "count"},
              {say("系统连接", "CONNECTION"), "connection"},
              {say("数据对象", "STREAM"), "stream"},
              {say("原因", "CAUSE"), "cause"},
              {say("怎么办", "FIX"), say("fix.zh", "fix.en")}},
             std::move(rows));
  return done;
}

int list_letters(Session& session, const LetterArguments& arguments) {
  model::Array rows;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    HUILIU_ASSIGN(const auto letters, run::choose_letters(snapshot, arguments.choice));
    for (const store::Parked& parked : letters) rows.push_back(run::dead_letter_view(parked));
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{"ID", "id"},
              {say("系统连接", "CONNECTION"), "connection"},
              {say("数据对象", "STREAM"), "stream"},
              {"KEY", "key"},
              {say("原因", "CAUSE"), "cause"},
              {say("说明", "MESSAGE"), "message"}},
             std::move(rows));
  return done;
}

int show_letter(Session& session, const LetterArguments& arguments) {
  Value view;
  const Status read = session.read([&](store::Snapshot& snapshot, const model::Schema&) -> Status {
    const auto parked = snapshot.load_parked(arguments.id);
    if (!parked) return make_error(ErrorClass::not_found, "there is no dead letter " + arguments.id);
    view = run::dead_letter_view(*parked);
    if (const std::string original = run::original_of(snapshot, arguments.id); !original.empty())
      view.as_object().set("original", original);
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_json(session, view);
  return done;
}

int edit_letter(Session& session, const LetterArguments& arguments) {
  std::ifstream file(arguments.file, std::ios::binary);
  const std::string raw(std::istreambuf_iterator<char>(file), {});
  if (!file) return session.fail(make_error(ErrorClass::config, "cannot be read", arguments.file));
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  const Status edited = (*hub)->store().write(
      [&](store::Transaction& transaction) { return run::edit_letter(transaction, arguments.id, raw); });
  if (!edited.ok()) return session.fail(edited.error());
  if (session.json())
    print_json(session, model::Object{{"id", arguments.id}, {"edited", true}});
  else
    session.io().out << say("已改；预览：huiliu dead-letter preview ",
                            "changed; look: huiliu dead-letter preview ")
                     << arguments.id << '\n';
  return done;
}

int preview_letters(Session& session, const LetterArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  model::Array rows;
  const Status read = (*hub)->store().read([&](store::Snapshot& snapshot) -> Status {
    HUILIU_ASSIGN(const auto letters, run::choose_letters(snapshot, arguments.choice));
    for (const store::Parked& letter : letters)
      rows.push_back(run::preview_letter((*hub)->workspace(), snapshot, letter));
    return {};
  });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{"ID", "id"},
              {say("系统连接", "CONNECTION"), "connection"},
              {"KEY", "key"},
              {say("结果", "OUTCOME"), "outcome"},
              {say("说明", "MESSAGE"), "message"}},
             std::move(rows));
  return done;
}

int replay_letters(Session& session, const LetterArguments& arguments) {
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  auto replayed = (*hub)->replay(arguments.choice);
  if (!replayed.ok()) return session.fail(replayed.error());
  if (session.json())
    print_json(session, model::Object{{"replayed", replayed->replayed}, {"failed", replayed->failed}});
  else
    session.io().out << say("重新处理 ", "replayed ") << replayed->replayed
                     << say("，仍失败 ", ", failed again ") << replayed->failed << '\n';
  return replayed->failed == 0 ? done : failed;
}

}  // namespace

void add_dead_letter_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<LetterArguments>();
  CLI::App* dead = app.add_subcommand("dead-letter", say("异常数据", "records that need a person"));
  dead->require_subcommand(1);
  const auto add = [&](const char* name, const char* zh, const char* en,
                       int (*run)(Session&, const LetterArguments&), bool changes) {
    CLI::App* command = dead->add_subcommand(name, say(zh, en));
    command->callback([&action, arguments, run, changes] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); },
                changes,
                false,
                {arguments->file}};
    });
    return command;
  };
  const auto choosing = [&](CLI::App* command, bool ids) {
    if (ids) command->add_option("ids", arguments->choice.ids, "ids; default: all that fit");
    command->add_option("--connection", arguments->choice.connection, "only of this connection");
    command->add_option("--stream", arguments->choice.stream, "only of this stream");
    command->add_option("--cause", arguments->choice.cause, "only of this cause");
  };
  choosing(add("list", "列表", "open ones", list_letters, false), false);
  choosing(add("groups", "按原因分组", "open ones by cause, with what to do", list_groups, false), false);
  add("show", "查看", "with its raw payload", show_letter, false)
      ->add_option("id", arguments->id, "id")
      ->required();
  CLI::App* edit = add("edit", "改正", "replace the payload; the first one is kept", edit_letter, true);
  edit->add_option("id", arguments->id, "id")->required();
  edit->add_option("file", arguments->file, "JSON file with the corrected record")->required();
  choosing(add("preview", "试处理", "what processing again would come to", preview_letters, true), true);
  choosing(add("replay", "重新处理", "process again, in order; all when none is named", replay_letters, true),
           true);
}

}  // namespace huiliu::cli
