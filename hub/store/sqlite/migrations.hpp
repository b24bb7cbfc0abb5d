// The layout of the database and its history: numbered steps, forward only. The number reached stands in
// user_version.
#pragma once

#include <span>
#include <string>

#include "hub/store/sqlite/database.hpp"

namespace huiliu::store::sqlite {

struct Migration {
  int version;      // 1, 2, 3 …
  const char* sql;  // from version - 1; runs in one transaction
};

// Released steps are never changed, only followed by others.
std::span<const Migration> migrations();

inline constexpr int application_id = 0x4875694c;  // "HuiL": tells our files from other databases

// Checks that the file is a store and not newer than `steps`, and returns its version; 0: an empty file.
// Errors: config (foreign or newer), data (damaged).
model::Result<int> file_version(Database& database, const std::string& path,
                                std::span<const Migration> steps);

// Brings the file to the last of `steps`. Before an existing store changes, a verified copy is made beside
// it: PATH.before-vN, N being the version it had. Throws StorageFailure; then the file is as before.
model::Status migrate(Database& database, const std::string& path, std::span<const Migration> steps);

}  // namespace huiliu::store::sqlite
