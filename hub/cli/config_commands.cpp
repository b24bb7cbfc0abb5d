// huiliu config: configuration as text, from plan to rollback
#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/run/config_change.hpp"
#include "hub/run/config_plan.hpp"

namespace huiliu::cli {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

struct ConfigArguments {
  std::string hash, author, reason, out, file, revision;
  bool plan_only = false;
};

std::string default_author() {
  const passwd* account = ::getpwuid(::geteuid());
  return account == nullptr ? "uid " + std::to_string(::geteuid()) : account->pw_name;
}

// The configuration directory that counts: the serving hub's own, when one serves.
Result<run::HubOptions> working_options(Session& session) {
  run::HubOptions options = hub_options(session.options(), store::OpenMode::owner, true);
  if (session.served()) {
    HUILIU_ASSIGN(run::Hub * hub, session.hub());
    options = hub->options();
  }
  return options;
}

Status with_snapshot(Session& session, const std::function<Status(store::Snapshot&)>& look) {
  if (session.served()) {
    HUILIU_ASSIGN(run::Hub * hub, session.hub());
    return hub->store().read(look);
  }
  run::HubOptions options = hub_options(session.options(), store::OpenMode::reader, false);
  options.config.clear();  // what the store holds can be looked at however broken the directory is
  HUILIU_ASSIGN(const std::unique_ptr<run::Hub> hub, run::Hub::open(options));
  return hub->store().read(look);
}

int validate_config(Session& session, const ConfigArguments&) {
  const run::HubOptions options = hub_options(session.options(), store::OpenMode::reader, true);
  const std::vector<model::Error> errors = run::validate(options);
  if (session.json()) {
    model::Array rows;
    for (const model::Error& error : errors)
      rows.push_back(model::Object{{"where", error.where}, {"message", error.message}});
    print_json(session, model::Object{{"valid", errors.empty()}, {"errors", std::move(rows)}});
  }
  for (const model::Error& error : errors) session.io().err << error.text() << '\n';
  if (errors.empty() && !session.json())
    session.io().out << say("配置有效\n", "the configuration is valid\n");
  return errors.empty() ? done : failed;
}

void print_config_plan(Session& session, const run::ConfigPlan& plan) {
  const Value view = run::config_plan_view(plan);
  if (session.json()) return print_json(session, view);
  std::ostream& out = session.io().out;
  for (const config::FileDifference& file : plan.files) {
    out << config::to_string(file.op) << ' ' << file.file << '\n';
    for (const config::Change& change : file.changes)
      out << "  " << (change.path.empty() ? "/" : change.path) << ": " << model::to_json(change.from) << " → "
          << model::to_json(change.to) << '\n';
    if (file.changes.empty()) out << "  " << say("只有注释或写法不同\n", "only comments or spelling\n");
  }
  if (plan.files.empty()) out << say("配置没有变化\n", "the configuration is as in force\n");
  for (const auto* writes : {&plan.writes, &plan.withdrawn})
    for (const Value& write : *writes)
      out << (writes == &plan.writes ? "+ " : "- ") << write["connection"].to_text() << '/'
          << write["stream"].to_text() << '/' << write["key"].to_text() << ' ' << write["op"].to_text() << ' '
          << write["customer"].to_text() << "  " << model::to_json(write["fields"]) << '\n';
  if (!plan.effects_known)
    out << say("还没有存储：对数据的影响未知\n", "there is no store yet: no data to be affected\n");
  out << say("将多写 ", "brings ") << view["effects"]["records"].to_text() << say(" 条记录、", " records, ")
      << view["effects"]["fields"].to_text() << say(" 个字段；不再写入 ", " fields to write; withdraws ")
      << plan.withdrawn.size() << '\n';
}

int plan_config(Session& session, const ConfigArguments&) {
  const auto options = working_options(session);
  if (!options.ok()) return session.fail(options.error());
  const auto texts = config::read_texts(options->config);
  if (!texts.ok()) return session.fail(texts.error());
  const auto plan = run::plan_configuration(*options, *texts);
  if (!plan.ok()) return session.fail(plan.error());
  print_config_plan(session, *plan);
  if (!session.json() && !plan->files.empty())
    session.io().out << say("采用：huiliu config apply --plan ", "put in force: huiliu config apply --plan ")
                     << plan->hash << '\n';
  return done;
}

// Puts what the directory holds in force: in the hub that serves, or by opening one here.
Result<run::Revision> put_in_force(Session& session, run::HubOptions options,
                                   const run::Signature& signature) {
  run::Revision revision;
  if (session.served()) {
    HUILIU_ASSIGN(run::Hub * hub, session.hub());
    HUILIU_ASSIGN(const config::Texts texts, config::read_texts(options.config));
    HUILIU_TRY(hub->store().write([&](store::Transaction& transaction) -> Status {
      revision = run::record_revision(transaction, texts, signature, hub->clock().now());
      return {};
    }));
    hub->request_reload();
    return revision;
  }
  options.signature = signature;
  HUILIU_ASSIGN(const std::unique_ptr<run::Hub> hub, run::Hub::open(options));
  HUILIU_TRY(hub->store().read([&](store::Snapshot& snapshot) -> Status {
    revision = run::current_revision(snapshot).value_or(run::Revision{});
    return {};
  }));
  return revision;
}

int say_in_force(Session& session, const Result<run::Revision>& revision) {
  if (!revision.ok()) return session.fail(revision.error());
  if (session.json())
    print_json(session, run::revision_view(*revision, true));
  else
    session.io().out << say("已采用，版本 ", "in force: revision ") << revision->number << '\n';
  return done;
}

int apply_config(Session& session, const ConfigArguments& arguments) {
  const auto options = working_options(session);
  if (!options.ok()) return session.fail(options.error());
  const auto texts = config::read_texts(options->config);
  if (!texts.ok()) return session.fail(texts.error());
  if (!arguments.hash.empty()) {
    const auto plan = run::plan_configuration(*options, *texts);
    if (!plan.ok()) return session.fail(plan.error());
    if (plan->hash != arguments.hash)
      return session.fail(make_error(
          ErrorClass::stale,
          "the world moved since that plan: it is now " + plan->hash + "; look at huiliu config plan again"));
  } else if (const auto errors = run::validate(*options); !errors.empty()) {
    for (const model::Error& error : errors) session.fail(error);
    return failed;
  }
  return say_in_force(session, put_in_force(session, *options, {arguments.author, arguments.reason}));
}

// The texts of a revision: the named one, else what is in force, else (no hub has worked yet) the directory.
Result<std::pair<std::string, config::Texts>> chosen_texts(Session& session, const std::string& revision) {
  std::pair<std::string, config::Texts> chosen;
  bool found = false;
  const Status read = with_snapshot(session, [&](store::Snapshot& snapshot) -> Status {
    std::optional<run::Revision> known;
    if (revision.empty())
      known = run::current_revision(snapshot);
    else
      known = run::find_revision(snapshot, std::atoll(revision.c_str()));
    if (!known) return {};
    found = true;
    chosen.first = std::to_string(known->number);
    HUILIU_ASSIGN(chosen.second, run::texts_of(snapshot, *known));
    return {};
  });
  if (!read.ok() && (read.error().error_class != ErrorClass::not_found || !revision.empty()))
    return read.error();
  if (found) return chosen;
  if (!revision.empty())
    return make_error(ErrorClass::not_found,
                      "there is no revision " + revision + "; see huiliu config history");
  HUILIU_ASSIGN(chosen.second, config::read_texts(session.options().config));
  return chosen;
}

int export_config(Session& session, const ConfigArguments& arguments) {
  const auto chosen = chosen_texts(session, arguments.revision);
  if (!chosen.ok()) return session.fail(chosen.error());
  const auto& [revision, texts] = *chosen;
  if (!arguments.out.empty()) {
    const auto there = config::read_texts(arguments.out);
    if (there.ok() && !there->empty())
      return session.fail(make_error(ErrorClass::config,
                                     "holds a configuration already; name a new directory", arguments.out));
    if (const Status written = config::write_texts(arguments.out, texts); !written.ok())
      return session.fail(written.error());
  }
  if (session.json()) {
    model::Object files;
    for (const auto& [path, text] : texts) files.set(path, text);
    print_json(session, model::Object{{"revision", revision},
                                      {"fingerprint", config::fingerprint(texts)},
                                      {"files", std::move(files)}});
  } else if (arguments.out.empty()) {
    session.io().out << config::to_bundle(texts);
  }
  return done;
}

int import_config(Session& session, const ConfigArguments& arguments) {
  std::ifstream file(arguments.file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) return session.fail(make_error(ErrorClass::config, "cannot be read", arguments.file));
  const auto texts = config::bundle_from(text, arguments.file);
  if (!texts.ok()) return session.fail(texts.error());
  const std::string directory = arguments.out.empty() ? session.options().config : arguments.out;
  const auto there = config::read_texts(directory);
  if (!there.ok()) return session.fail(there.error());
  if (!there->empty() && *there != *texts)
    return session.fail(
        make_error(ErrorClass::config, "holds another configuration; name a new directory", directory));
  const Status written = config::write_texts(directory, *texts);
  if (!written.ok()) return session.fail(written.error());
  session.io().err << texts->size() << say(" 个文件写入 ", " files in ") << directory << '\n';
  return done;
}

int show_history(Session& session, const ConfigArguments&) {
  model::Array rows;
  const Status read = with_snapshot(session, [&](store::Snapshot& snapshot) -> Status {
    const auto current = run::current_revision(snapshot);
    config::Texts before;
    for (const run::Revision& revision : run::list_revisions(snapshot)) {
      HUILIU_ASSIGN(config::Texts texts, run::texts_of(snapshot, revision));
      Value row = run::revision_view(revision, current && current->number == revision.number);
      model::Array changed;
      for (const config::FileDifference& file : config::differences(before, texts))
        changed.push_back(model::Object{{"file", file.file}, {"op", config::to_string(file.op)}});
      row.as_object().set("changed", std::move(changed));
      rows.push_back(std::move(row));
      if (revision.in_force) before = std::move(texts);
    }
    return {};
  });
  if (!read.ok() && read.error().error_class != ErrorClass::not_found) return session.fail(read.error());
  print_list(session,
             {{say("版本", "REVISION"), "revision"},
              {say("时间", "AT"), "at"},
              {say("操作人", "AUTHOR"), "author"},
              {say("原因", "REASON"), "reason"},
              {say("现行", "CURRENT"), "current"},
              {say("变化", "CHANGED"), "changed"}},
             std::move(rows));
  return done;
}

// What the directory holds and no revision does, kept before it is replaced.
Status keep_edits(Session& session, const config::Texts& edits, const std::string& author) {
  const model::Micros now = run::SystemClock().now();
  if (session.served()) {
    HUILIU_ASSIGN(run::Hub * hub, session.hub());
    return run::keep_edits(hub->store(), edits, author, now);
  }
  run::HubOptions options = hub_options(session.options(), store::OpenMode::owner, false);
  options.config.clear();  // the directory may not even be valid
  HUILIU_ASSIGN(const std::unique_ptr<run::Hub> hub, run::Hub::open(options));
  return run::keep_edits(hub->store(), edits, author, now);
}

int rollback_config(Session& session, const ConfigArguments& arguments) {
  const auto chosen = chosen_texts(session, arguments.revision);
  if (!chosen.ok()) return session.fail(chosen.error());
  const auto options = working_options(session);
  if (!options.ok()) return session.fail(options.error());
  const auto plan = run::plan_configuration(*options, chosen->second);
  if (!plan.ok()) return session.fail(plan.error());
  if (arguments.plan_only) {
    print_config_plan(session, *plan);
    return done;
  }
  if (!arguments.hash.empty() && plan->hash != arguments.hash)
    return session.fail(make_error(ErrorClass::stale, "the world moved since that plan: it is now " +
                                                          plan->hash +
                                                          "; look at huiliu config rollback --plan again"));
  if (!session.json()) print_config_plan(session, *plan);
  const auto edits = config::read_texts(options->config);
  if (!edits.ok()) return session.fail(edits.error());
  if (const Status kept = keep_edits(session, *edits, arguments.author); !kept.ok())
    return session.fail(kept.error());
  if (const Status written = config::write_texts(options->config, chosen->second); !written.ok())
    return session.fail(written.error());
  const std::string reason = "rollback to revision " + arguments.revision +
                             (arguments.reason.empty() ? "" : ": " + arguments.reason);
  const auto revision = put_in_force(session, *options, {arguments.author, reason});
  if (!revision.ok() || !session.json()) return say_in_force(session, revision);
  Value view = run::config_plan_view(*plan);
  view.as_object().set("applied", run::revision_view(*revision, true));
  print_json(session, view);
  return done;
}

}  // namespace

void add_config_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ConfigArguments>();
  arguments->author = default_author();
  CLI::App* config = app.add_subcommand("config", say("配置", "configuration as text"));
  config->require_subcommand(1);
  const auto add = [&](const char* name, const char* zh, const char* en,
                       int (*run)(Session&, const ConfigArguments&), bool changes) {
    CLI::App* command = config->add_subcommand(name, say(zh, en));
    command->callback([&action, arguments, run, changes] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, changes, false};
    });
    return command;
  };
  const auto signed_by = [&](CLI::App* command) {
    command->add_option("--as", arguments->author, "who does it (default: this account)");
    command->add_option("--reason", arguments->reason, "why");
    return command;
  };
  add("validate", "检查", "everything that is wrong, as file:line: message", validate_config, false);
  add("plan", "变更预览", "what the directory changes against what is in force, and in which data",
      plan_config, true);
  signed_by(add("apply", "采用", "put the directory in force", apply_config, true))
      ->add_option("--plan", arguments->hash, "only exactly this plan");
  CLI::App* exported = add("export", "导出", "the texts in force, byte for byte", export_config, false);
  exported->add_option("--out", arguments->out, "into this new directory");
  exported->add_option("--revision", arguments->revision, "of this revision");
  CLI::App* imported =
      add("import", "导入", "an export into an empty configuration directory", import_config, false);
  imported->add_option("file", arguments->file, "an export, YAML or JSON")->required();
  imported->add_option("--into", arguments->out, "another directory than --config");
  add("history", "历史版本", "revisions, oldest first", show_history, false);
  CLI::App* rollback = signed_by(add("rollback", "回退", "to an earlier revision", rollback_config, true));
  rollback->add_option("revision", arguments->revision, "number, see history")->required();
  rollback->add_flag("--plan", arguments->plan_only, "only show what it would change");
  rollback->add_option("--hash", arguments->hash, "only exactly this plan");
}

}  // namespace huiliu::cli
