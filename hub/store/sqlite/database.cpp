#include "hub/store/sqlite/database.hpp"

#include <algorithm>
#include <utility>

namespace huiliu::store::sqlite {
namespace {

constexpr int busy_timeout_ms = 10'000;

constexpr int open_flags =
    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE;

// Many small pieces of memory a statement, from a pool of the connection instead of malloc.
constexpr int pool_piece_bytes = 1200, pool_pieces = 256;

// Once, before SQLite is used: it need not count what it allocates, which costs a mutex each time.
void configure_once() {
  static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(done);  // refused where SQLite was in use already: it then goes on counting
}

}  // namespace

model::Error to_error(const sync::StorageFailure& failure) {
  const auto* sqlite = dynamic_cast<const SqliteFailure*>(&failure);
  if (sqlite == nullptr) return model::make_error(model::ErrorClass::bug, failure.what());
  model::Error error{model::ErrorClass::bug, failure.what()};
  error.code = "sqlite " + std::to_string(sqlite->code);
  switch (sqlite->code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_IOERR:
    case SQLITE_INTERRUPT:
      error.error_class = model::ErrorClass::retry;
      break;
    case SQLITE_FULL:
      error.error_class = model::ErrorClass::retry;
      error.message = "no space left for the store: nothing was written (" + error.message + ")";
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      error.error_class = model::ErrorClass::data;
      error.message =
          "the store is damaged: run `huiliu store check`, or restore a backup (" + error.message + ")";
      break;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      error.error_class = model::ErrorClass::config;
      break;
    default:
      break;
  }
  return error;
}

Database::Database(const std::string& path, Access access, int cache_kb) {
  configure_once();
  const int code = sqlite3_open_v2(path.c_str(), &handle_, open_flags, nullptr);
  try {
    if (code != SQLITE_OK) fail(code, "opening " + path);
    if (access == Access::write)
      sqlite3_db_config(handle_, SQLITE_DBCONFIG_LOOKASIDE, nullptr, pool_piece_bytes, pool_pieces);
    sqlite3_busy_timeout(handle_, busy_timeout_ms);
    // Debian builds SQLite with secure_delete on; it costs a rewrite of every freed page.
    exec(
        "PRAGMA secure_delete=OFF; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA "
        "temp_store=MEMORY;"
        "PRAGMA synchronous=FULL; PRAGMA cache_size=-" +
        std::to_string(cache_kb));
    if (access == Access::read) {
      exec("PRAGMA query_only=ON");
      sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

Database::~Database() {
  for (auto& [sql, prepared] : prepared_) sqlite3_finalize(prepared->statement);
  sqlite3_close(handle_);
}

void Database::fail(int code, std::string_view what) const {
  std::string message(what);
  message += ": ";
  message += handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  throw SqliteFailure(code, message);
}

void Database::exec(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, std::string_view(sql).substr(0, 60));
}

sqlite3_stmt* Database::prepare(std::string_view sql, unsigned flags) const {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), flags, &statement, nullptr);
  if (code != SQLITE_OK) fail(code, sql);
  return statement;
}

Statement Database::query(std::string_view sql) {
  auto& prepared = prepared_[sql.data()];
  if (!prepared) {
    auto fresh = std::make_unique<Prepared>();
    fresh->statement = prepare(sql, SQLITE_PREPARE_PERSISTENT);
    prepared = std::move(fresh);
  }
  // Used again while its rows are being read: a second one for the inner use.
  if (prepared->busy) return Statement(*this, nullptr, prepare(sql, 0));
  prepared->busy = true;
  return Statement(*this, prepared.get(), prepared->statement);
}

std::int64_t Database::source(const std::string& connection, const std::string& stream) {
  for (const auto& known : sources_)
    if (known->name.second == stream && known->name.first == connection) return known->id;
  auto q = query("SELECT id FROM source WHERE connection=? AND stream=?");
  if (!q.bind(connection, stream).step()) return 0;
  const auto id = q.integer(0);
  sources_.push_back(std::make_unique<Source>(Source{id, {connection, stream}}));
  return id;
}

std::int64_t Database::add_source(const std::string& connection, const std::string& stream) {
  if (const auto known = source(connection, stream); known != 0) return known;
  query("INSERT INTO source(connection, stream, observed) VALUES(?, ?, 0)").bind(connection, stream).run();
  return source(connection, stream);
}

const std::pair<std::string, std::string>& Database::source_name(std::int64_t id) {
  for (const auto& known : sources_)
    if (known->id == id) return known->name;
  auto q = query("SELECT connection, stream FROM source WHERE id=?");
  if (!q.bind(id).step())
    throw sync::StorageFailure("the store names a source " + std::to_string(id) + " that it lacks");
  sources_.push_back(std::make_unique<Source>(Source{id, {q.text(0), q.text(1)}}));
  return sources_.back()->name;
}

Statement::~Statement() {
  if (prepared_ == nullptr) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  prepared_->busy = false;
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) database_.fail(code, "binding");
}

void Statement::bind_text(int index, std::string_view text) {
  // A null pointer would bind NULL, which is not the empty text.
  const char* data = text.data() != nullptr ? text.data() : "";
  check(sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind_blob(int index, std::string_view bytes) {
  const char* data = bytes.data() != nullptr ? bytes.data() : "";
  check(sqlite3_bind_blob64(statement_, index, data, bytes.size(), SQLITE_STATIC));
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.fail(code, std::string_view(sqlite3_sql(statement_)).substr(0, 60));
  return false;
}

void Statement::run() {
  while (step()) {
  }
  sqlite3_reset(statement_);
}

void Statement::reset() { sqlite3_reset(statement_); }

std::string_view Statement::view(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return size == 0 ? std::string_view()
                   : std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

}  // namespace huiliu::store::sqlite
