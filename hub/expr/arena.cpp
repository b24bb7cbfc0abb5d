#include "hub/expr/arena.hpp"

#include <algorithm>
#include <cstring>

#include "hub/expr/failure.hpp"

namespace huiliu::expr {
namespace {

constexpr std::size_t smallest_chunk = std::size_t{16} << 10;
constexpr std::size_t largest_regular_chunk = std::size_t{1} << 20;

}  // namespace

std::string_view Arena::copy_text(std::string_view text) {
  if (text.empty()) return {};
  char* copy = allocate_text(text.size());
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

void* Arena::allocate_in_new_chunk(std::size_t bytes) {
  const std::size_t regular =
      chunks_.empty() ? smallest_chunk : std::min(chunks_.back().bytes * 2, largest_regular_chunk);
  // Twice a large request, so that what grows at the end of the chunk has room to.
  const std::size_t wanted = std::max(regular, bytes * 2 < bytes ? bytes : bytes * 2);
  if (wanted > limit_ || bytes_ > limit_ - wanted) fail_with("U1001", "the expression needs too much memory");
  if (spare_.bytes >= wanted && spare_.bytes <= 4 * wanted) {
    chunks_.push_back(std::move(spare_));
    spare_ = {};
  } else {
    chunks_.push_back({std::unique_ptr<char[]>(new char[wanted]), wanted});
  }
  bytes_ += chunks_.back().bytes;
  cursor_ = chunks_.back().memory.get();
  end_ = cursor_ + chunks_.back().bytes;
  char* start = cursor_;
  cursor_ += bytes;
  return start;
}

void Arena::drop_chunks(std::size_t keep) noexcept {
  while (chunks_.size() > keep) {
    bytes_ -= chunks_.back().bytes;
    spare_ = std::move(chunks_.back());
    chunks_.pop_back();
  }
}

}  // namespace huiliu::expr
