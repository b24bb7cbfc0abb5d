// What `store check` verifies of a SQLite store. Reads everything; changes nothing.
#pragma once

#include <vector>

#include "hub/model/schema.hpp"
#include "hub/store/sqlite/database.hpp"
#include "hub/store/types.hpp"

namespace huiliu::store::sqlite {

// Within an open read transaction. Throws SqliteFailure when the file cannot even be read.
void check_database(Database& database, const model::Schema& schema, std::vector<Finding>& findings);

// Rows and bytes of every table; bytes are -1 where this SQLite has no dbstat.
std::vector<TableStats> table_stats(Database& database);

}  // namespace huiliu::store::sqlite
