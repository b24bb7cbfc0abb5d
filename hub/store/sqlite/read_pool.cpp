#include "hub/store/sqlite/read_pool.hpp"

#include "hub/store/sqlite/search_function.hpp"

namespace huiliu::store::sqlite {
namespace {

constexpr std::size_t most_readers = 16;
constexpr int reader_cache_kb = 2 * 1024;

}  // namespace

std::unique_ptr<Database> ReadPool::take() {
  {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [&] { return in_use_ < most_readers; });
    ++in_use_;
    if (!idle_.empty()) {
      auto database = std::move(idle_.back());
      idle_.pop_back();
      return database;
    }
  }
  try {
    auto database = std::make_unique<Database>(path_, Database::Access::read, reader_cache_kb);
    add_search_function(*database);
    return database;
  } catch (...) {
    give_back(nullptr);
    throw;
  }
}

void ReadPool::give_back(std::unique_ptr<Database> database) {
  const std::lock_guard lock(mutex_);
  --in_use_;
  if (database && !database->in_transaction()) idle_.push_back(std::move(database));
  returned_.notify_one();
}

model::Status ReadPool::with_connection(const std::function<model::Status(Database&)>& work) {
  struct Loan {
    ReadPool& pool;
    std::unique_ptr<Database> database;
    ~Loan() { pool.give_back(std::move(database)); }
  };
  try {
    Loan loan{*this, take()};
    return work(*loan.database);
  } catch (const sync::StorageFailure& failure) {
    return to_error(failure);
  }
}

model::Status ReadPool::read(const std::function<model::Status(Database&)>& work) {
  return with_connection([&](Database& database) -> model::Status {
    struct Ending {
      Database& database;
      ~Ending() {
        // Fails only when there is none; then the connection is not kept either.
        sqlite3_exec(database.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
      }
    };
    database.query("BEGIN").run();
    const Ending ending{database};
    database.query("SELECT id FROM source LIMIT 1").step();  // the moment is fixed by the first read
    return work(database);
  });
}

}  // namespace huiliu::store::sqlite
