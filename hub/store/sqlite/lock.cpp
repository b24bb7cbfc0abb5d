#include "hub/store/sqlite/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace huiliu::store::sqlite {
namespace {

std::string holder_of(int file) {
  char text[32] = {};
  const auto size = ::pread(file, text, sizeof text - 1, 0);
  std::string pid(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

model::Result<std::unique_ptr<OwnerLock>> OwnerLock::take(const std::string& path) {
  const std::string name = path + ".lock";
  const int file = ::open(name.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0)
    return model::make_error(model::ErrorClass::config, name + ": cannot open: " + std::strerror(errno));
  std::unique_ptr<OwnerLock> lock(new OwnerLock(file));
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return model::make_error(model::ErrorClass::config, name + ": cannot lock: " + std::strerror(errno));
    return model::Error{
        model::ErrorClass::config,
        "the store " + path + " is in use by " + holder_of(file) + ": stop it, or go through it", "in_use"};
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, pid.data(), pid.size(), 0) < 0)
    return model::make_error(model::ErrorClass::config, name + ": cannot write: " + std::strerror(errno));
  return lock;
}

OwnerLock::~OwnerLock() { ::close(file_); }

}  // namespace huiliu::store::sqlite
