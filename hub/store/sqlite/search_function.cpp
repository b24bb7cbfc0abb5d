#include "hub/store/sqlite/search_function.hpp"

#include "hub/store/search_text.hpp"

namespace huiliu::store::sqlite {
namespace {

std::string_view argument_text(sqlite3_value* value) {
  const void* data = sqlite3_value_blob(value);
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
  return data == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(data), size);
}

void rank_of_match(sqlite3_context* context, int, sqlite3_value** arguments) {
  const auto rank = match_rank(argument_text(arguments[0]), argument_text(arguments[1]));
  if (rank) {
    sqlite3_result_int(context, *rank);
  } else {
    sqlite3_result_null(context);
  }
}

}  // namespace

void add_search_function(Database& database) {
  const int code =
      sqlite3_create_function(database.handle(), "match_rank", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                              rank_of_match, nullptr, nullptr);
  if (code != SQLITE_OK) database.fail(code, "adding match_rank");
}

}  // namespace huiliu::store::sqlite
