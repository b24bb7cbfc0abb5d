// One writer for many callers: whoever comes while nobody writes becomes the leader, takes what is queued
// into one transaction, and commits it for all. Each piece of work has a savepoint of its own, so that it
// fails alone.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "hub/store/sqlite/session.hpp"

namespace huiliu::store::sqlite {

class GroupCommit {
 public:
  using Work = std::function<model::Status(Transaction&)>;

  // Both must outlive this; nobody else may use the database while a write is under way.
  GroupCommit(Database& database, const model::Schema& schema) : database_(database), schema_(schema) {}

  // Returns when the work is durable, or surely not done. What the work throws is thrown here, StorageFailure
  // excepted.
  model::Status write(const Work& work);
  // Alone with the database, outside a transaction: for what rewrites the whole file.
  model::Status exclusively(const std::function<void(Database&)>& work);
  // Called after each commit, by whoever led it, before anybody is told of it. Once, before the first write.
  void on_commit(std::function<void()> callback) { committed_ = std::move(callback); }

 private:
  struct Request {
    const Work* work = nullptr;
    model::Status status;
    std::exception_ptr thrown;
    bool ran = false;  // its work was called: never again
    bool done = false;
    // Outlives the transaction: what it has cached is freed by whoever asked for the write, while others go
    // on.
    std::optional<Session> session = std::nullopt;
  };
  using Group = std::vector<Request*>;

  // Of the queue, in order.
  Group next_group();
  void run(const Group& group);
  void run_one(Request& request, bool alone);
  void call(Request& request);
  void take_back();
  void commit(const Group& group);
  // Whoever believes to have succeeded has not.
  static void fail_all(const Group& group, const model::Error& error);
  void roll_back();

  Database& database_;
  const model::Schema& schema_;
  std::function<void()> committed_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request*> queue_;  // guarded by mutex_
  bool leading_ = false;        // guarded by mutex_; who sets it may use the database
  std::thread::id leader_;      // guarded by mutex_
  model::Status refusal_;       // guarded by leading_: the disk failed, nothing more is written
};

}  // namespace huiliu::store::sqlite
