#include "hub/store/sqlite/group_commit.hpp"

#include <algorithm>

namespace huiliu::store::sqlite {
namespace {

constexpr std::size_t most_in_group = 64;  // so that nobody waits for a commit without end

bool is_disk_failure(const sync::StorageFailure& failure) {
  const auto* sqlite = dynamic_cast<const SqliteFailure*>(&failure);
  return sqlite != nullptr && (sqlite->code & 0xff) == SQLITE_IOERR;
}

}  // namespace

model::Status GroupCommit::write(const Work& work) {
  Request mine;
  mine.work = &work;
  std::unique_lock lock(mutex_);
  if (leading_ && leader_ == std::this_thread::get_id())
    return model::make_error(model::ErrorClass::bug, "a write to the store began inside another one");
  queue_.push_back(&mine);
  while (!mine.done) {
    if (leading_) {
      changed_.wait(lock);
      continue;
    }
    leading_ = true;
    leader_ = std::this_thread::get_id();
    const Group group = next_group();
    lock.unlock();
    run(group);
    lock.lock();
    // Newest first, so that those that were not reached stand before the queue in their order.
    for (auto request = group.rbegin(); request != group.rend(); ++request) {
      (*request)->done = (*request)->ran;
      if (!(*request)->ran) queue_.push_front(*request);
    }
    leading_ = false;
    changed_.notify_all();
  }
  lock.unlock();
  if (mine.thrown) std::rethrow_exception(mine.thrown);
  return std::move(mine.status);
}

model::Status GroupCommit::exclusively(const std::function<void(Database&)>& work) {
  std::unique_lock lock(mutex_);
  if (leading_ && leader_ == std::this_thread::get_id())
    return model::make_error(model::ErrorClass::bug, "inside a write to the store");
  changed_.wait(lock, [&] { return !leading_; });
  leading_ = true;
  leader_ = std::this_thread::get_id();
  lock.unlock();
  model::Status status = refusal_;
  try {
    if (status.ok()) work(database_);
  } catch (const sync::StorageFailure& failure) {
    status = to_error(failure);
  }
  lock.lock();
  leading_ = false;
  changed_.notify_all();
  return status;
}

GroupCommit::Group GroupCommit::next_group() {
  Group group;
  while (!queue_.empty() && group.size() < most_in_group) {
    group.push_back(queue_.front());
    queue_.pop_front();
  }
  return group;
}

void GroupCommit::run(const Group& group) {
  const auto nobody_ran = [&](const model::Error& error) {
    for (Request* request : group) request->ran = true;
    fail_all(group, error);
  };
  if (!refusal_.ok()) return nobody_ran(refusal_.error());
  try {
    database_.query("BEGIN IMMEDIATE").run();
  } catch (const sync::StorageFailure& failure) {
    return nobody_ran(to_error(failure));
  }
  for (Request* request : group) {
    run_one(*request, group.size() == 1);
    if (!database_.in_transaction()) {
      // SQLite gave the whole transaction up (disk full, out of memory): what ran before is void, the rest
      // goes on in another one.
      database_.forget_sources();
      const auto error = request->status.ok() ? model::make_error(model::ErrorClass::bug,
                                                                  "the work ended the store's transaction")
                                              : request->status.error();
      return fail_all(group, error);
    }
  }
  commit(group);
}

void GroupCommit::run_one(Request& request, bool alone) {
  request.ran = true;
  try {
    if (!alone) database_.query("SAVEPOINT work").run();
    call(request);
    if (!alone && request.status.ok()) database_.query("RELEASE work").run();
    if (!alone && !request.status.ok()) take_back();
  } catch (const sync::StorageFailure& failure) {
    // Without its savepoint the work cannot be taken back alone.
    request.status = to_error(failure);
    roll_back();
  }
}

void GroupCommit::call(Request& request) {
  try {
    Session& session = request.session.emplace(database_, schema_, Session::Access::write);
    request.status = (*request.work)(session);
    if (request.status.ok()) session.flush();
  } catch (const sync::StorageFailure& failure) {
    request.status = to_error(failure);
  } catch (...) {
    request.thrown = std::current_exception();
    request.status = model::make_error(model::ErrorClass::bug, "the work threw");
  }
}

void GroupCommit::take_back() {
  database_.forget_sources();
  if (!database_.in_transaction()) return;
  database_.query("ROLLBACK TO work").run();
  database_.query("RELEASE work").run();
}

void GroupCommit::commit(const Group& group) {
  const bool any = std::any_of(group.begin(), group.end(), [](const Request* r) { return r->status.ok(); });
  if (!any) return roll_back();
  try {
    database_.query("COMMIT").run();
    if (committed_) committed_();
  } catch (const sync::StorageFailure& failure) {
    auto error = to_error(failure);
    roll_back();
    if (is_disk_failure(failure)) {
      // What the log holds now is not known until it is read again; a later success must not pretend to cover
      // this.
      error.error_class = model::ErrorClass::in_doubt;
      error.message = "the disk failed during a commit of the store; open it again (" + error.message + ")";
      refusal_ = error;
    }
    fail_all(group, error);
  }
}

void GroupCommit::fail_all(const Group& group, const model::Error& error) {
  for (Request* request : group)
    if (request->ran && request->status.ok()) request->status = error;
}

void GroupCommit::roll_back() {
  database_.forget_sources();
  if (!database_.in_transaction()) return;
  try {
    database_.query("ROLLBACK").run();
  } catch (const sync::StorageFailure& failure) {
    refusal_ = to_error(failure);
  }
}

}  // namespace huiliu::store::sqlite
