#include "tests/unit/store/faulty_files.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <new>

namespace huiliu::store::fakes {
namespace {

// SQLite allocates these with the size that the file system asks for; the real file follows.
struct FaultyFile {
  sqlite3_file base;
  FaultyFiles* files;
  std::string* path;  // null: temporary
  sqlite3_file* real;
};

constexpr sqlite3_int64 to_the_end = std::numeric_limits<sqlite3_int64>::max();

FaultyFile* faulty(sqlite3_file* file) { return reinterpret_cast<FaultyFile*>(file); }
sqlite3_file* real_of(sqlite3_file* file) { return faulty(file)->real; }
const sqlite3_io_methods* methods_of(sqlite3_file* file) { return real_of(file)->pMethods; }
sqlite3_vfs* real_vfs(sqlite3_vfs* vfs) {
  return sqlite3_vfs_find("unix") == vfs ? nullptr : sqlite3_vfs_find("unix");
}
FaultyFiles& files_of(sqlite3_vfs* vfs) { return *static_cast<FaultyFiles*>(vfs->pAppData); }

int close_file(sqlite3_file* file) {
  const int code = methods_of(file)->xClose(real_of(file));
  delete faulty(file)->path;
  return code;
}
int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  return methods_of(file)->xRead(real_of(file), to, size, at);
}
int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  if (faulty(file)->path != nullptr)
    if (const int code = faulty(file)->files->before_change(*faulty(file)->path, at, at + size);
        code != SQLITE_OK)
      return code;
  return methods_of(file)->xWrite(real_of(file), from, size, at);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (faulty(file)->path != nullptr)
    if (const int code = faulty(file)->files->before_change(*faulty(file)->path, size, to_the_end);
        code != SQLITE_OK)
      return code;
  return methods_of(file)->xTruncate(real_of(file), size);
}
int sync_file(sqlite3_file* file, int) {
  if (faulty(file)->path != nullptr)
    if (const int code = faulty(file)->files->before_change(); code != SQLITE_OK)
      return code == SQLITE_IOERR_WRITE ? SQLITE_IOERR_FSYNC : code;
  // What is durable is known here, and no test pulls the real plug: the real disk need not work.
  if (faulty(file)->path != nullptr) faulty(file)->files->synced(*faulty(file)->path, real_of(file));
  return SQLITE_OK;
}
int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  return methods_of(file)->xFileSize(real_of(file), size);
}
int lock_file(sqlite3_file* file, int lock) { return methods_of(file)->xLock(real_of(file), lock); }
int unlock_file(sqlite3_file* file, int lock) { return methods_of(file)->xUnlock(real_of(file), lock); }
int check_lock(sqlite3_file* file, int* held) {
  return methods_of(file)->xCheckReservedLock(real_of(file), held);
}
int control_file(sqlite3_file* file, int op, void* argument) {
  return methods_of(file)->xFileControl(real_of(file), op, argument);
}
int sector_size(sqlite3_file* file) { return methods_of(file)->xSectorSize(real_of(file)); }
int characteristics(sqlite3_file* file) { return methods_of(file)->xDeviceCharacteristics(real_of(file)); }
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** to) {
  return methods_of(file)->xShmMap(real_of(file), page, size, extend, to);
}
int shm_lock(sqlite3_file* file, int at, int count, int flags) {
  return methods_of(file)->xShmLock(real_of(file), at, count, flags);
}
void shm_barrier(sqlite3_file* file) { methods_of(file)->xShmBarrier(real_of(file)); }
int shm_unmap(sqlite3_file* file, int erase) { return methods_of(file)->xShmUnmap(real_of(file), erase); }

// Version 2: with shared memory, without memory mapping, so that every change comes through here.
constexpr sqlite3_io_methods faulty_methods = {
    2,         close_file,  read_file,  write_file,   truncate_file, sync_file,       size_of_file,
    lock_file, unlock_file, check_lock, control_file, sector_size,   characteristics, shm_map,
    shm_lock,  shm_barrier, shm_unmap,  nullptr,      nullptr};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* wrapped = new (file) FaultyFile{};
  wrapped->real = reinterpret_cast<sqlite3_file*>(wrapped + 1);
  wrapped->files = &files_of(vfs);
  const int code = real_vfs(vfs)->xOpen(real_vfs(vfs), name, wrapped->real, flags, out_flags);
  if (code != SQLITE_OK) return code;
  if (name != nullptr) {
    wrapped->path = new std::string(name);
    wrapped->files->opened(*wrapped->path, wrapped->real);
  }
  wrapped->base.pMethods = &faulty_methods;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync) {
  if (const int code = files_of(vfs).before_change(); code != SQLITE_OK) return code;
  const int code = real_vfs(vfs)->xDelete(real_vfs(vfs), name, sync);
  if (code == SQLITE_OK) files_of(vfs).deleted(name);
  return code;
}

// What stands in a part of the file, into the same part of `content`, which gets the file's size.
void copy_part(sqlite3_file* file, sqlite3_int64 begin, sqlite3_int64 end, std::string& content) {
  sqlite3_int64 size = 0;
  file->pMethods->xFileSize(file, &size);
  content.resize(static_cast<std::size_t>(size));
  end = std::min(end, size);
  if (begin < end) file->pMethods->xRead(file, content.data() + begin, static_cast<int>(end - begin), begin);
}

}  // namespace

FaultyFiles::FaultyFiles() {
  vfs_ = *sqlite3_vfs_find("unix");
  vfs_.zName = "faulty";
  vfs_.szOsFile += static_cast<int>(sizeof(FaultyFile));
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.xOpen = open_file;
  vfs_.xDelete = delete_file;
  sqlite3_vfs_register(&vfs_, 1);
}

FaultyFiles::~FaultyFiles() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(sqlite3_vfs_find("unix"), 1);
}

void FaultyFiles::plan(Fault fault, int at, int code) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  countdown_ = at;
  code_ = code;
  struck_ = false;
}

bool FaultyFiles::struck() const {
  const std::lock_guard lock(mutex_);
  return struck_;
}

int FaultyFiles::before_change() {
  const std::lock_guard lock(mutex_);
  if (fault_ == Fault::none || --countdown_ > 0) return SQLITE_OK;
  struck_ = true;
  if (fault_ == Fault::fail) fault_ = Fault::none;
  return fault_ == Fault::cut ? SQLITE_IOERR_WRITE : code_;
}

int FaultyFiles::before_change(const std::string& path, sqlite3_int64 begin, sqlite3_int64 end) {
  const int code = before_change();
  const std::lock_guard lock(mutex_);
  if (code == SQLITE_OK) known_[path].changed.emplace_back(begin, end);
  return code;
}

void FaultyFiles::opened(const std::string& path, sqlite3_file* file) {
  const std::lock_guard lock(mutex_);
  const auto [known, first] = known_.try_emplace(path);
  if (first) copy_part(file, 0, to_the_end, known->second.durable);
}

void FaultyFiles::synced(const std::string& path, sqlite3_file* file) {
  const std::lock_guard lock(mutex_);
  KnownFile& known = known_[path];
  for (const auto& [begin, end] : known.changed) copy_part(file, begin, end, known.durable);
  known.changed.clear();
}

void FaultyFiles::deleted(const std::string& path) {
  const std::lock_guard lock(mutex_);
  known_.erase(path);
}

void FaultyFiles::forget() {
  const std::lock_guard lock(mutex_);
  known_.clear();
}

void FaultyFiles::restore_power() {
  const std::lock_guard lock(mutex_);
  fault_ = Fault::none;
  for (auto& [path, known] : known_) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << known.durable;
    known.changed.clear();
  }
}

}  // namespace huiliu::store::fakes
