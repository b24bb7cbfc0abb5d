// Copies of a database file.
#pragma once

#include <string>

#include "hub/model/result.hpp"
#include "hub/store/sqlite/database.hpp"

namespace huiliu::store::sqlite {

enum class Existing { refuse, replace };

// Copies one moment of the open database to `path`, mode 0600, while others may write; opens the copy, checks
// it and makes it durable before it gets its name. Errors: config (exists, or cannot be written), data (the
// copy is damaged, so the source is), or what SQLite met.
model::Status back_up(Database& source, const std::string& path, Existing existing);

// Opens a file and verifies it: a store, not newer than this build, every page and index sound.
model::Status verify_file(const std::string& path);

// Makes a rename or creation in the directory of `path` durable.
void sync_directory_of(const std::string& path);

}  // namespace huiliu::store::sqlite
