#include "tests/unit/store/sqlite_place.hpp"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "hub/store/sqlite/database.hpp"

namespace huiliu::store::fakes {
namespace fs = std::filesystem;

SqlitePlace::SqlitePlace() {
  auto pattern = (fs::temp_directory_path() / "huiliu-store-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
  directory_ = pattern;
}

SqlitePlace::~SqlitePlace() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void SqlitePlace::make_newer() {
  sqlite::Database database(path(), sqlite::Database::Access::write, 1024);
  database.exec("PRAGMA user_version=1000000");
}

void SqlitePlace::damage() {
  // From the third page on; the first ones keep it recognisable as a store.
  std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
  const auto size = static_cast<std::streamoff>(fs::file_size(path()));
  file.seekp(2 * 8192);
  for (std::streamoff at = 2 * 8192; at < size; ++at) file.put('\x5a');
}

void SqlitePlace::make_foreign() {
  std::ofstream file(path(), std::ios::binary | std::ios::trunc);
  file << "This is a letter to the accountant, not a database. " << std::string(4096, ' ');
}

}  // namespace huiliu::store::fakes
