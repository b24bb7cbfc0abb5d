// The SQL function match_rank(text, needle) of hub/store/search_text.hpp: 0, 1, or NULL for no match.
#pragma once

#include "hub/store/sqlite/database.hpp"

namespace huiliu::store::sqlite {

void add_search_function(Database& database);

}  // namespace huiliu::store::sqlite
