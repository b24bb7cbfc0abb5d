// One SQLite connection and its prepared statements. Every failure is thrown as SqliteFailure, which is the
// engine's StorageFailure with SQLite's own code. Not thread-safe: one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include <sqlite3.h>

#include "hub/model/result.hpp"
#include "hub/sync/repository.hpp"

namespace huiliu::store::sqlite {

struct SqliteFailure : sync::StorageFailure {
  SqliteFailure(int failure_code, const std::string& what) : StorageFailure(what), code(failure_code) {}
  int code;  // extended result code
};

// What the caller should do about it; see store.hpp.
model::Error to_error(const sync::StorageFailure& failure);

// Bytes instead of text, for Statement::bind: what need not be UTF-8.
struct Blob {
  std::string_view bytes;
};

class Statement;

class Database {
 public:
  enum class Access { write, read };

  // Opens the file, which exists, and sets what is set per connection. cache_kb: page cache. Throws
  // SqliteFailure.
  Database(const std::string& path, Access access, int cache_kb);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // Several statements, without results.
  void exec(const char* sql);
  void exec(const std::string& sql) { exec(sql.c_str()); }
  // A statement from the cache, which knows it by its address: `sql` must be a literal.
  Statement query(std::string_view sql);
  std::int64_t last_insert_id() const noexcept { return sqlite3_last_insert_rowid(handle_); }
  // Rows that the last statement changed.
  std::int64_t changes() const noexcept { return sqlite3_changes64(handle_); }
  // A transaction is open. SQLite ends one by itself after some failures.
  bool in_transaction() const noexcept { return sqlite3_get_autocommit(handle_) == 0; }
  sqlite3* handle() const noexcept { return handle_; }
  [[noreturn]] void fail(int code, std::string_view what) const;

  // The number of a stream in the tables; 0 when it is unknown. add_source makes it.
  std::int64_t source(const std::string& connection, const std::string& stream);
  std::int64_t add_source(const std::string& connection, const std::string& stream);
  const std::pair<std::string, std::string>& source_name(std::int64_t source);
  // After a rollback: numbers given in it are void.
  void forget_sources() { sources_.clear(); }

 private:
  friend class Statement;
  struct Prepared {
    sqlite3_stmt* statement = nullptr;
    bool busy = false;
  };
  struct Source {
    std::int64_t id;
    std::pair<std::string, std::string> name;
  };
  sqlite3_stmt* prepare(std::string_view sql, unsigned flags) const;

  sqlite3* handle_ = nullptr;
  std::unordered_map<const char*, std::unique_ptr<Prepared>> prepared_;  // by where its text stands
  std::vector<std::unique_ptr<Source>> sources_;
};

// One use of a prepared statement: bind, step, read; given back when it goes out of scope.
class Statement {
 public:
  Statement(Database& database, Database::Prepared* prepared, sqlite3_stmt* statement)
      : database_(database), prepared_(prepared), statement_(statement) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Binds all parameters in order. Texts are not copied: they must live until the last step, so no
  // temporaries.
  template <class... T>
  Statement& bind(T&&... values) {
    static_assert(!(std::is_same_v<T, std::string> || ...), "bind keeps a pointer: name the string first");
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }
  // The next row; false after the last one.
  bool step();
  // For statements without rows; may be bound and run again.
  void run();
  void reset();

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  bool flag(int column) const { return integer(column) != 0; }
  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::string text(int column) const { return std::string(view(column)); }
  // Valid until the next step.
  std::string_view view(int column) const;

 private:
  template <class T>
  void bind_one(int index, const T& value) {
    if constexpr (std::is_same_v<T, Blob>) {
      bind_blob(index, value.bytes);
    } else if constexpr (std::is_integral_v<T>) {
      check(sqlite3_bind_int64(statement_, index, static_cast<sqlite3_int64>(value)));
    } else {
      bind_text(index, std::string_view(value));
    }
  }
  void bind_text(int index, std::string_view text);
  void bind_blob(int index, std::string_view bytes);
  void check(int code) const;

  Database& database_;
  Database::Prepared* prepared_;  // null: not from the cache, finalized at the end
  sqlite3_stmt* statement_;
};

}  // namespace huiliu::store::sqlite
