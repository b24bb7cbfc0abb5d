// Memory of one evaluation: handed out by moving a pointer, given back all at once or back to a mark.
//
// Expressions have no side effects but their result, so whatever a sub-expression allocated can be released
// as soon as its result does not point into the arena (see Evaluator). Nothing in here is ever destroyed:
// only trivially destructible things live in an arena. Not for sharing between threads. Exceeding the limit
// raises U1001.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <vector>

namespace huiliu::expr {

class Arena {
 public:
  explicit Arena(std::size_t limit_bytes) noexcept
      : cursor_(first_), end_(first_ + sizeof first_), limit_(limit_bytes) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Aligned for anything that is at most 8-byte aligned. Never null.
  void* allocate(std::size_t bytes) {
    char* start = cursor_ + (-reinterpret_cast<std::uintptr_t>(cursor_) & 7U);
    if (start > end_ || bytes > static_cast<std::size_t>(end_ - start)) return allocate_in_new_chunk(bytes);
    cursor_ = start + bytes;
    return start;
  }
  char* allocate_text(std::size_t bytes) {
    if (bytes > static_cast<std::size_t>(end_ - cursor_))
      return static_cast<char*>(allocate_in_new_chunk(bytes));
    char* start = cursor_;
    cursor_ += bytes;
    return start;
  }
  // Makes the newest allocation longer without moving it, where that is possible: `end` is its end.
  bool extend(const char* end, std::size_t bytes) noexcept {
    if (end != cursor_ || bytes > static_cast<std::size_t>(end_ - cursor_)) return false;
    cursor_ += bytes;
    return true;
  }

  template <class T>
  T* array_of(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= 8);
    return static_cast<T*>(allocate(count * sizeof(T)));
  }
  template <class T, class... Arguments>
  T* make(Arguments&&... arguments) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= 8);
    return ::new (allocate(sizeof(T))) T{std::forward<Arguments>(arguments)...};
  }
  std::string_view copy_text(std::string_view text);

  struct Mark {
    char* cursor;
    char* end;
    std::size_t chunks;
  };
  Mark mark() const noexcept { return {cursor_, end_, chunks_.size()}; }
  // Gives back everything allocated since the mark was taken.
  void release(const Mark& mark) noexcept {
    if (chunks_.size() != mark.chunks) drop_chunks(mark.chunks);
    cursor_ = mark.cursor;
    end_ = mark.end;
  }

 private:
  struct Chunk {
    std::unique_ptr<char[]> memory;
    std::size_t bytes;
  };
  void* allocate_in_new_chunk(std::size_t bytes);
  void drop_chunks(std::size_t keep) noexcept;

  char* cursor_;
  char* end_;
  std::size_t limit_;
  std::size_t bytes_ = 0;
  std::vector<Chunk> chunks_;
  Chunk spare_{};  // the last chunk dropped, so that a loop across a chunk's end does not allocate each time
  alignas(8) char first_[4096];
};

}  // namespace huiliu::expr
