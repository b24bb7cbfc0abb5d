#include "hub/expr/object.hpp"

#include <algorithm>
#include <cstring>

namespace huiliu::expr {
namespace {

constexpr std::uint32_t most_unindexed_members = 12;

bool is_key(const ObjectMember& member, std::string_view key) noexcept {
  return member.key_size == key.size() && std::memcmp(member.key_text, key.data(), key.size()) == 0;
}

const ObjectMember* find_member(const MemberBuffer& buffer, std::uint32_t size, std::string_view key,
                                std::uint32_t hash) noexcept {
  if (buffer.index == nullptr) {
    for (std::uint32_t i = 0; i < size; ++i) {
      if (is_key(buffer.members[i], key)) return &buffer.members[i];
    }
    return nullptr;
  }
  const std::uint32_t mask = buffer.index_size - 1;
  for (std::uint32_t slot = hash & mask; buffer.index[slot] != 0; slot = (slot + 1) & mask) {
    const std::uint32_t position = buffer.index[slot] - 1;
    // Positions from `size` on belong to other objects, and their keys may be gone.
    if (position < size && buffer.members[position].key_hash == hash &&
        is_key(buffer.members[position], key)) {
      return &buffer.members[position];
    }
  }
  return nullptr;
}

}  // namespace

std::uint32_t hash_of_key(std::string_view key) noexcept {
  std::uint32_t hash = 2166136261U;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash ^ (hash >> 15);
}

const ObjectMember* ObjectData::find(std::string_view key) const noexcept {
  return find_member(*buffer, size, key, buffer->index == nullptr ? 0 : hash_of_key(key));
}

ObjectBuilder::ObjectBuilder(Arena& arena, std::uint32_t expected)
    : arena_(arena), buffer_(arena.make<MemberBuffer>()) {
  *buffer_ = {};
  buffer_->capacity = std::max(expected, 1U);
  buffer_->members = arena.array_of<ObjectMember>(buffer_->capacity);
}

ObjectBuilder::ObjectBuilder(Arena& arena, const Item& base) : arena_(arena), buffer_(nullptr) {
  if (base.tag == Tag::object && base.object->size == base.object->buffer->used) {
    buffer_ = base.object->buffer;
    size_ = shared_ = base.object->size;
    return;
  }
  const Members members(base);
  buffer_ = arena.make<MemberBuffer>();
  *buffer_ = {};
  move_to_own_buffer(members.size() + members.size() / 2 + 4);
  for (std::uint32_t i = 0; i < members.size(); ++i) append(members.key(i), members.value(i));
}

void ObjectBuilder::move_to_own_buffer(std::uint32_t capacity) {
  ObjectMember* members = arena_.array_of<ObjectMember>(capacity);
  if (size_ > 0) std::copy_n(buffer_->members, size_, members);
  buffer_ = arena_.make<MemberBuffer>();
  *buffer_ = {members, nullptr, 0, size_, capacity};
  shared_ = 0;
  if (size_ > most_unindexed_members) build_index(capacity);
}

void ObjectBuilder::build_index(std::uint32_t capacity) {
  std::uint32_t index_size = 32;
  while (index_size < capacity * 2) index_size *= 2;
  buffer_->index = arena_.array_of<std::uint32_t>(index_size);
  buffer_->index_size = index_size;
  std::fill_n(buffer_->index, index_size, 0U);
  for (std::uint32_t i = 0; i < size_; ++i) {
    buffer_->members[i].key_hash = hash_of_key(buffer_->members[i].key());
    add_to_index(i);
  }
}

void ObjectBuilder::add_to_index(std::uint32_t position) noexcept {
  const std::uint32_t mask = buffer_->index_size - 1;
  std::uint32_t slot = buffer_->members[position].key_hash & mask;
  while (buffer_->index[slot] != 0) slot = (slot + 1) & mask;
  buffer_->index[slot] = position + 1;
}

void ObjectBuilder::set(std::string_view key, const Item& value) {
  const std::uint32_t hash = buffer_->index == nullptr ? 0 : hash_of_key(key);
  const ObjectMember* found = find_member(*buffer_, size_, key, hash);
  if (found == nullptr) return append_hashed(key, hash, value);
  const auto position = static_cast<std::uint32_t>(found - buffer_->members);
  if (position < shared_) move_to_own_buffer(size_ + size_ / 2 + 4);
  buffer_->members[position].value = value;
}

void ObjectBuilder::append(std::string_view key, const Item& value) {
  append_hashed(key, buffer_->index == nullptr ? 0 : hash_of_key(key), value);
}

void ObjectBuilder::append_hashed(std::string_view key, std::uint32_t hash, const Item& value) {
  if (size_ == buffer_->capacity) move_to_own_buffer(size_ * 2 + 4);
  buffer_->members[size_] = {key.data(), static_cast<std::uint32_t>(key.size()), hash, value};
  buffer_->used = ++size_;
  if (buffer_->index != nullptr) {
    buffer_->members[size_ - 1].key_hash = hash_of_key(key);
    add_to_index(size_ - 1);
  } else if (size_ > most_unindexed_members) {
    // An index never goes into a shared buffer: it might be released before the buffer is.
    if (shared_ > 0) return move_to_own_buffer(size_ * 2);
    build_index(buffer_->capacity);
  }
}

Item ObjectBuilder::finish(std::uint32_t copy_number) const {
  Item item = Item::of(Tag::object);
  item.object = arena_.make<ObjectData>();
  *item.object = {buffer_, size_, copy_number};
  return item;
}

Members::Members(const Item& object) noexcept {
  if (object.tag == Tag::object) {
    own_ = object.object->buffer->members;
    size_ = object.object->size;
  } else if (object.tag == Tag::doc_object && !object.doc_object->empty()) {
    document_ = &*object.doc_object->begin();
    size_ = static_cast<std::uint32_t>(object.doc_object->size());
  }
}

std::string_view Members::key(std::uint32_t i) const noexcept {
  return own_ != nullptr ? own_[i].key() : std::string_view(document_[i].key);
}

Item Members::value(std::uint32_t i) const noexcept {
  return own_ != nullptr ? own_[i].value : Item::of_document(document_[i].value);
}

Item Members::key_item(std::uint32_t i) const noexcept {
  return own_ != nullptr ? Item::of_text(own_[i].key()) : Item::of_lasting_text(document_[i].key);
}

}  // namespace huiliu::expr
