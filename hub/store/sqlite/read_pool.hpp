// Reading connections, used by one reader at a time each, opened when needed.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hub/store/sqlite/database.hpp"

namespace huiliu::store::sqlite {

class ReadPool {
 public:
  explicit ReadPool(std::string path) : path_(std::move(path)) {}

  // Runs it with a connection on which a read transaction is open: one moment of the store. Waits while all
  // are in use. StorageFailure becomes an error; anything else that is thrown goes through.
  model::Status read(const std::function<model::Status(Database&)>& work);
  // The same without a transaction: for what makes its own, or none.
  model::Status with_connection(const std::function<model::Status(Database&)>& work);

 private:
  std::unique_ptr<Database> take();
  void give_back(std::unique_ptr<Database> database);

  const std::string path_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Database>> idle_;  // guarded by mutex_
  std::size_t in_use_ = 0;                       // guarded by mutex_
};

}  // namespace huiliu::store::sqlite
