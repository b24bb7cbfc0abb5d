// Ownership of a store: an exclusive lock on PATH.lock with the owner's process id inside. The kernel gives
// it back when the process ends, however it ends; the file stays, because removing it would let two owners
// meet.
#pragma once

#include <memory>
#include <string>

#include "hub/model/result.hpp"

namespace huiliu::store::sqlite {

class OwnerLock {
 public:
  // Error config when somebody holds it: the message names that process.
  static model::Result<std::unique_ptr<OwnerLock>> take(const std::string& path);
  OwnerLock(const OwnerLock&) = delete;
  OwnerLock& operator=(const OwnerLock&) = delete;
  ~OwnerLock();

 private:
  explicit OwnerLock(int file) : file_(file) {}
  int file_;
};

}  // namespace huiliu::store::sqlite
