// Work that concerns the store and no system: backups that are proved by restoring them, and checks.
#pragma once

#include <string>

#include "hub/run/hub.hpp"

namespace huiliu::run {

// A verified copy of one moment, while everything goes on: DIRECTORY/huiliu-20260301T080000Z.db. With
// `verify`, it is restored into a scratch store, which is opened and checked whole. Then all but the newest
// `keep` of such files are removed; other files are left alone. Returns the file's path.
model::Result<std::string> back_up(store::Store& store, const model::Schema& schema,
                                   const config::BackupConfig& backup, model::Micros now);

// Is it a name that back_up gives?
bool is_backup_name(const std::string& name);

// A job of kind backup, check or retain, recorded as a run.
model::Status keep_house(Hub& hub, const config::JobConfig& job, const std::string& trigger);

}  // namespace huiliu::run
