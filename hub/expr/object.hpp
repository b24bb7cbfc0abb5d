// Objects of an evaluation: members in the order of insertion, found by hash once there are many.
//
// Like an array buffer, a member buffer may grow behind the objects that share it: each object sees the first
// `size` members only. So an accumulator that gains one member per step ($merge in $reduce) is not copied
// each time.
#pragma once

#include <cstdint>
#include <string_view>

#include "hub/expr/item.hpp"

namespace huiliu::expr {

struct ObjectMember {
  const char* key_text;
  std::uint32_t key_size;
  std::uint32_t key_hash;
  Item value;
  std::string_view key() const noexcept { return {key_text, key_size}; }
};

struct MemberBuffer {
  ObjectMember* members;
  std::uint32_t* index;  // open addressing: position + 1, or 0; null while there are few members
  std::uint32_t index_size;
  std::uint32_t used;
  std::uint32_t capacity;
};

struct ObjectData {
  MemberBuffer* buffer;
  std::uint32_t size;
  std::uint32_t copy_number;  // of the transform that made it and may change it; 0: nobody may

  const ObjectMember* find(std::string_view key) const noexcept;
};

std::uint32_t hash_of_key(std::string_view key) noexcept;

// Makes one object. Keys must lie in the arena or outlive it.
class ObjectBuilder {
 public:
  explicit ObjectBuilder(Arena& arena, std::uint32_t expected = 4);
  // Starts with the members of an object, sharing them where possible.
  ObjectBuilder(Arena& arena, const Item& base);

  // Replaces the value of a key that is there.
  void set(std::string_view key, const Item& value);
  // Only for a key that is not there.
  void append(std::string_view key, const Item& value);
  Item finish(std::uint32_t copy_number = 0) const;

 private:
  void append_hashed(std::string_view key, std::uint32_t hash, const Item& value);
  void move_to_own_buffer(std::uint32_t capacity);
  void build_index(std::uint32_t capacity);
  void add_to_index(std::uint32_t position) noexcept;

  Arena& arena_;
  MemberBuffer* buffer_;
  std::uint32_t size_ = 0;
  std::uint32_t shared_ = 0;  // so many of the members belong to the base too
};

// The members of an object, wherever it lies.
class Members {
 public:
  explicit Members(const Item& object) noexcept;
  std::uint32_t size() const noexcept { return size_; }
  std::string_view key(std::uint32_t i) const noexcept;
  Item value(std::uint32_t i) const noexcept;
  // The key as a string item.
  Item key_item(std::uint32_t i) const noexcept;

 private:
  const ObjectMember* own_ = nullptr;
  const model::Member* document_ = nullptr;
  std::uint32_t size_ = 0;
};

}  // namespace huiliu::expr
