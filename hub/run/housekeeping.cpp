#include "hub/run/housekeeping.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "hub/model/id.hpp"
#include "hub/run/backups.hpp"
#include "hub/run/retention.hpp"
#include "hub/run/views.hpp"

namespace huiliu::run {
namespace {

namespace fs = std::filesystem;
using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Result;
using model::Status;

constexpr std::string_view backup_prefix = "huiliu-", backup_suffix = ".db";

// "huiliu-20260301T080000Z.db": sorts by time.
std::string backup_name(Micros now) {
  std::string stamp;
  for (const char c : model::to_rfc3339(now).substr(0, 19))
    if (c != '-' && c != ':') stamp += c;
  return std::string(backup_prefix) + stamp + "Z" + std::string(backup_suffix);
}

Result<std::string> findings_of(store::Store& store) {
  HUILIU_ASSIGN(const std::vector<store::Finding> findings, store.check());
  std::string all;
  for (const store::Finding& finding : findings)
    all += (all.empty() ? "" : "; ") + finding.code + ": " + finding.message;
  return all;
}

// What a disaster would find: the copy put back in a place of its own, opened, everything in it read.
Status prove(const std::string& backup, const model::Schema& schema) {
  const fs::path scratch = backup + ".proof";
  std::error_code error;
  fs::remove_all(scratch, error);
  if (!fs::create_directories(scratch, error))
    return make_error(ErrorClass::retry, "no directory for the proof can be made", scratch.string());
  const std::string url = "sqlite:" + (scratch / "store.db").string();
  const auto proved = [&]() -> Status {
    HUILIU_TRY(store::restore_store(url, schema, backup));
    HUILIU_ASSIGN(const std::unique_ptr<store::Store> store,
                  store::open_store(url, schema, store::OpenMode::owner));
    HUILIU_ASSIGN(const std::string wrong, findings_of(*store));
    return wrong.empty()
               ? Status{}
               : Status(make_error(ErrorClass::data, "the restored copy is not sound: " + wrong, backup));
  }();
  fs::remove_all(scratch, error);
  return proved;
}

void prune_backups(const fs::path& directory, int keep) {
  std::vector<fs::path> files;
  std::error_code error;  // what cannot be listed or removed now is tried again after the next backup
  for (const auto& entry : fs::directory_iterator(directory, error))
    if (is_backup_name(entry.path().filename().string())) files.push_back(entry.path());
  std::sort(files.rbegin(), files.rend());
  for (std::size_t i = static_cast<std::size_t>(keep); i < files.size(); ++i) fs::remove(files[i], error);
}

Result<std::string> make_backup(Hub& hub, const config::BackupConfig& backup) {
  HUILIU_ASSIGN(const std::string path, back_up(hub.store(), hub.config().schema, backup, hub.clock().now()));
  if (backup.sealed) HUILIU_TRY(seal_backup(hub.options().store, hub.keys(), path, hub.clock().now()));
  return path;
}

Result<std::string> work_of(Hub& hub, const config::JobConfig& job) {
  if (job.work == config::JobConfig::Work::backup) return make_backup(hub, job.backup);
  if (job.work == config::JobConfig::Work::retain) {
    HUILIU_ASSIGN(const std::int64_t forgotten,
                  forget_gone(hub, hub.clock().now() - job.gone_seconds * model::second, "job " + job.name));
    return std::to_string(forgotten) + " persons forgotten";
  }
  HUILIU_ASSIGN(const std::string wrong, findings_of(hub.store()));
  if (!wrong.empty()) return make_error(ErrorClass::data, "the store is not sound: " + wrong);
  return std::string("the store is sound");
}

}  // namespace

bool is_backup_name(const std::string& name) {
  return name.size() == backup_prefix.size() + 16 + backup_suffix.size() && name.starts_with(backup_prefix) &&
         name.ends_with(backup_suffix);
}

Result<std::string> back_up(store::Store& store, const model::Schema& schema,
                            const config::BackupConfig& backup, Micros now) {
  std::error_code error;
  if (fs::create_directories(backup.directory, error))
    fs::permissions(backup.directory, fs::perms::owner_all, error);  // it holds what the store holds
  if (!fs::is_directory(backup.directory, error))
    return make_error(ErrorClass::config, "no such directory, and it cannot be made", backup.directory);
  const std::string path = (fs::path(backup.directory) / backup_name(now)).string();
  HUILIU_TRY(store.backup(path));
  if (backup.verify)
    if (const Status proved = prove(path, schema); !proved.ok()) {
      fs::rename(path, path + ".unsound", error);  // kept for whoever looks for the reason
      return proved.error();
    }
  prune_backups(backup.directory, backup.keep);
  return path;
}

Status keep_house(Hub& hub, const config::JobConfig& job, const std::string& trigger) {
  store::Run run;
  run.id = model::make_id("run", hub.clock().now(), *hub.workspace().random);
  run.job = job.name;
  run.trigger = trigger;
  run.started = hub.clock().now();
  run.pid = ::getpid();
  run.generation = hub.store().generation();
  const auto save = [&](const std::string& level, const std::string& line) {
    return hub.store().write([&](store::Transaction& transaction) -> Status {
      transaction.save(run);
      if (!line.empty()) transaction.add_log(run.id, {0, hub.clock().now(), level, line});
      return {};
    });
  };
  HUILIU_TRY(save({}, {}));
  const auto done = work_of(hub, job);
  run.ended = hub.clock().now();
  run.state = done.ok() ? store::RunState::succeeded : store::RunState::failed;
  if (!done.ok()) run.error = done.error().text();
  HUILIU_TRY(save(done.ok() ? "info" : "error", done.ok() ? *done : run.error));
  return done.ok() ? Status{} : Status(done.error());
}

}  // namespace huiliu::run
