// huiliu store check, backup, restore, stats
#include <CLI/CLI.hpp>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/run/backups.hpp"
#include "hub/run/views.hpp"
#include "hub/store/url.hpp"

namespace huiliu::cli {
namespace {

using model::Value;

struct StoreArguments {
  std::string file;
  bool sealed = false;
};

// Every store command but restore works beside the owner, on a reader's view.
model::Result<std::unique_ptr<run::Hub>> reader(Session& session) {
  return run::Hub::open(hub_options(session.options(), store::OpenMode::reader, false));
}

int check_store(Session& session, const StoreArguments&) {
  const auto hub = reader(session);
  if (!hub.ok()) return session.fail(hub.error());
  const auto findings = (*hub)->store().check();
  if (!findings.ok()) return session.fail(findings.error());
  model::Array rows;
  for (const store::Finding& finding : *findings)
    rows.push_back(model::Object{{"code", finding.code}, {"message", finding.message}});
  const bool good = rows.empty();
  if (session.json())
    print_json(session, model::Object{{"ok", good}, {"findings", std::move(rows)}});
  else if (good)
    session.io().out << say("存储完好\n", "the store is sound\n");
  else
    print_table(session, {{"CODE", "code"}, {"MESSAGE", "message"}}, rows);
  return good ? done : failed;
}

int backup_store(Session& session, const StoreArguments& arguments) {
  const auto hub = reader(session);
  if (!hub.ok()) return session.fail(hub.error());
  const std::string& store = session.options().store;
  model::Status copied = (*hub)->store().backup(arguments.file);
  if (copied.ok() && arguments.sealed)
    copied = run::seal_backup(store, (*hub)->keys(), arguments.file, (*hub)->clock().now());
  // An erasure must find it later.
  if (copied.ok()) copied = run::note_backup(store, arguments.file);
  if (!copied.ok()) return session.fail(copied.error());
  if (session.json())
    print_json(session, model::Object{{"file", arguments.file}, {"sealed", arguments.sealed}});
  else
    session.io().out << say("已备份并校验：", "backed up and verified: ") << arguments.file << '\n';
  return done;
}

int restore_backup(Session& session, const StoreArguments& arguments) {
  const auto loaded = config::load({session.options().config, Installation::find().shipped});
  if (loaded.config == nullptr) return session.fail(loaded.errors.front());
  access::Keys keys(store::file_of(session.options().store).empty()
                        ? std::string()
                        : store::file_of(session.options().store) + ".key");
  const auto backup = run::OpenedBackup::open(session.options().store, keys, arguments.file);
  if (!backup.ok()) return session.fail(backup.error());
  const model::Status restored =
      store::restore_store(session.options().store, loaded.config->schema, backup->path());
  if (!restored.ok()) return session.fail(restored.error());
  session.io().out << say("已恢复\n", "restored\n");
  return done;
}

int store_stats(Session& session, const StoreArguments&) {
  const auto hub = reader(session);
  if (!hub.ok()) return session.fail(hub.error());
  const auto stats = (*hub)->store().stats();
  if (!stats.ok()) return session.fail(stats.error());
  const Value view = run::stats_view(*stats);
  if (session.json()) {
    print_json(session, view);
    return done;
  }
  session.io().out << say("版本 ", "version ") << stats->version << say("，字节 ", ", bytes ") << stats->bytes
                   << '\n';
  print_table(session, {{"TABLE", "table"}, {"ROWS", "rows"}, {"BYTES", "bytes"}}, view["tables"].as_array());
  return done;
}

}  // namespace

void add_store_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<StoreArguments>();
  const auto set = [&action, arguments](int (*run)(Session&, const StoreArguments&)) {
    return [&action, arguments, run] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, false, false};
    };
  };
  CLI::App* command = app.add_subcommand("store", say("存储", "the store"));
  command->require_subcommand(1);
  command->add_subcommand("check", say("检查", "read everything and verify it"))->callback(set(check_store));
  command->add_subcommand("stats", say("统计", "rows and bytes"))->callback(set(store_stats));
  CLI::App* backup = command->add_subcommand("backup", say("备份", "a verified copy of one moment"));
  backup->add_option("file", arguments->file, "a new file")->required();
  backup->add_flag("--sealed", arguments->sealed, "under a key of its own, which an erasure destroys");
  backup->callback(set(backup_store));
  CLI::App* restore = command->add_subcommand("restore", say("恢复", "put a backup in the store's place"));
  restore->add_option("file", arguments->file, "a backup")->required();
  restore->callback(set(restore_backup));
}

}  // namespace huiliu::cli
