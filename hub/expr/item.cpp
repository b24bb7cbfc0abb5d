#include "hub/expr/item.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "hub/expr/failure.hpp"
#include "hub/expr/number_text.hpp"
#include "hub/expr/object.hpp"

namespace huiliu::expr {
namespace {

// Values that an expression nests deeper than this come from runaway recursion.
constexpr int deepest_comparison = 2000;

constexpr std::size_t most_exact_digits = 15;

void check_nesting(int depth) {
  if (depth > deepest_comparison) fail_with("U1001", "a value is nested too deeply");
}

bool is_equal_at(const Item& a, const Item& b, int depth);

bool are_equal_numbers(const Item& a, const Item& b) {
  if (a.as_number() != b.as_number()) return false;
  if (a.tag != Tag::number_text || b.tag != Tag::number_text) return true;
  if (a.number_text->text.size() <= most_exact_digits || b.number_text->text.size() <= most_exact_digits)
    return true;
  return *a.number_text == *b.number_text;
}

bool are_equal_arrays(const Item& a, const Item& b, int depth) {
  check_nesting(depth);
  if (a.size != b.size) return false;
  for (std::uint32_t i = 0; i < a.size; ++i) {
    if (!is_equal_at(a.element(i), b.element(i), depth + 1)) return false;
  }
  return true;
}

bool are_equal_objects(const Item& a, const Item& b, int depth) {
  check_nesting(depth);
  const Members members(a);
  const Members others(b);
  if (members.size() != others.size()) return false;
  // Usually both have their members in the same order.
  std::uint32_t i = 0;
  for (; i < members.size() && members.key(i) == others.key(i); ++i) {
    if (!is_equal_at(members.value(i), others.value(i), depth + 1)) return false;
  }
  if (i == members.size()) return true;
  std::vector<std::pair<std::string_view, std::uint32_t>> rest;
  for (std::uint32_t k = i; k < others.size(); ++k) rest.emplace_back(others.key(k), k);
  std::sort(rest.begin(), rest.end());
  for (; i < members.size(); ++i) {
    const auto found = std::lower_bound(rest.begin(), rest.end(), std::pair(members.key(i), 0U));
    if (found == rest.end() || found->first != members.key(i)) return false;
    if (!is_equal_at(members.value(i), others.value(found->second), depth + 1)) return false;
  }
  return true;
}

bool is_equal_at(const Item& a, const Item& b, int depth) {
  if (a.is_number()) return b.is_number() && are_equal_numbers(a, b);
  if (a.is_string()) return b.is_string() && a.as_string() == b.as_string();
  if (a.is_array()) return b.is_array() && are_equal_arrays(a, b, depth);
  if (a.is_object()) return b.is_object() && are_equal_objects(a, b, depth);
  if (a.tag != b.tag) return false;
  if (a.tag == Tag::boolean) return a.boolean == b.boolean;
  if (a.tag == Tag::function) return a.function == b.function;
  return true;
}

std::uint64_t mixed(std::uint64_t hash, std::uint64_t more) noexcept {
  hash ^= more + 0x9e3779b97f4a7c15ULL + (hash << 6) + (hash >> 2);
  return hash * 0xff51afd7ed558ccdULL;
}

std::uint64_t hash_at(const Item& item, int depth) {
  check_nesting(depth);
  if (item.is_number()) {
    const double number = item.as_number();
    std::uint64_t bits = 0;
    if (number != 0) std::memcpy(&bits, &number, sizeof bits);
    return mixed(1, bits);
  }
  if (item.is_string()) return mixed(2, hash_of_key(item.as_string()));
  if (item.is_array()) {
    std::uint64_t hash = 3;
    for (std::uint32_t i = 0; i < item.size; ++i) hash = mixed(hash, hash_at(item.element(i), depth + 1));
    return hash;
  }
  if (item.is_object()) {
    const Members members(item);
    std::uint64_t sum = 4;  // in any order
    for (std::uint32_t i = 0; i < members.size(); ++i) {
      sum += mixed(hash_of_key(members.key(i)), hash_at(members.value(i), depth + 1));
    }
    return sum;
  }
  return mixed(5,
               static_cast<std::uint64_t>(item.tag) * 2 + (item.tag == Tag::boolean && item.boolean ? 1 : 0));
}

bool is_true_at(const Item& item, int depth) {
  switch (item.tag) {
    case Tag::boolean:
      return item.boolean;
    case Tag::number:
    case Tag::number_text: {
      const double number = item.as_number();
      if (std::isinf(number)) fail("D1001", number > 0 ? "Infinity" : "-Infinity");
      return number != 0 && !std::isnan(number);
    }
    case Tag::string:
      return item.size > 0;
    case Tag::array:
    case Tag::doc_array:
    case Tag::range:
      check_nesting(depth);
      for (std::uint32_t i = 0; i < item.size; ++i) {
        if (is_true_at(item.element(i), depth + 1)) return true;
      }
      return false;
    case Tag::object:
    case Tag::doc_object:
      return Members(item).size() > 0;
    default:
      return false;
  }
}

}  // namespace

Item Item::of_document(const model::Value& value) noexcept {
  switch (value.kind()) {
    case model::Value::Kind::null:
      return of(Tag::null);
    case model::Value::Kind::boolean:
      return of_bool(*value.if_bool());
    case model::Value::Kind::number: {
      Item item = of(Tag::number_text);
      item.number_text = value.if_number();
      return item;
    }
    case model::Value::Kind::string:
      return of_lasting_text(*value.if_string());
    case model::Value::Kind::array: {
      Item item = of(Tag::doc_array);
      item.doc_array = value.if_array();
      item.size = static_cast<std::uint32_t>(item.doc_array->size());
      return item;
    }
    case model::Value::Kind::object: {
      Item item = of(Tag::doc_object);
      item.doc_object = value.if_object();
      return item;
    }
  }
  return {};
}

double Item::read_number() const noexcept {
  const std::string& text_of = number_text->text;
  // Short integers without the general reader.
  if (text_of.size() <= most_exact_digits) {
    std::size_t i = text_of.front() == '-' ? 1 : 0;
    std::int64_t integer = 0;
    for (; i < text_of.size() && text_of[i] >= '0' && text_of[i] <= '9'; ++i)
      integer = integer * 10 + (text_of[i] - '0');
    if (i == text_of.size()) return static_cast<double>(text_of.front() == '-' ? -integer : integer);
  }
  return number_of(text_of);
}

ArrayBuffer* make_buffer(Arena& arena, std::uint32_t capacity) {
  auto* buffer = static_cast<ArrayBuffer*>(arena.allocate(sizeof(ArrayBuffer) + sizeof(Item) * capacity));
  buffer->used = 0;
  buffer->capacity = capacity;
  return buffer;
}

Item array_of(Arena& arena, const Item* items, std::size_t count, std::uint8_t flags) {
  Item array = Item::of(Tag::array);
  array.array = make_buffer(arena, static_cast<std::uint32_t>(count));
  array.array->used = array.array->capacity;
  array.size = array.array->used;
  array.flags = flags;
  std::copy_n(items, count, array.array->items());
  return array;
}

Item to_array(Arena& arena, const Item& item) { return item.is_array() ? item : array_of(arena, &item, 1); }

Item concatenate(Arena& arena, const Item& first, const Item& second) {
  const std::uint32_t first_size = first.is_array() ? first.size : (first.is_undefined() ? 0 : 1);
  const std::uint32_t second_size = second.is_array() ? second.size : (second.is_undefined() ? 0 : 1);
  Item joined = Item::of(Tag::array);
  joined.size = first_size + second_size;
  const bool has_room = first.tag == Tag::array && first.size == first.array->used &&
                        first.array->capacity - first.array->used >= second_size;
  if (has_room) {
    joined.array = first.array;
  } else {
    // Room behind a long first part: it is probably an accumulator.
    const std::uint32_t room = first_size > second_size ? first_size / 2 + 2 : 0;
    joined.array = make_buffer(arena, joined.size + room);
    for (std::uint32_t i = 0; i < first_size; ++i) {
      joined.array->items()[i] = first.is_array() ? first.element(i) : first;
    }
  }
  for (std::uint32_t i = 0; i < second_size; ++i) {
    joined.array->items()[first_size + i] = second.is_array() ? second.element(i) : second;
  }
  joined.array->used = joined.size;
  return joined;
}

bool is_equal(const Item& a, const Item& b) { return is_equal_at(a, b, 0); }

std::uint64_t hash_of(const Item& item) { return hash_at(item, 0); }

std::string_view type_of(const Item& item) noexcept {
  switch (item.tag) {
    case Tag::null:
      return "null";
    case Tag::boolean:
      return "boolean";
    case Tag::number:
    case Tag::number_text:
      return "number";
    case Tag::string:
      return "string";
    case Tag::array:
    case Tag::doc_array:
    case Tag::range:
      return "array";
    case Tag::object:
    case Tag::doc_object:
      return "object";
    case Tag::function:
      return "function";
    default:
      return "undefined";
  }
}

bool is_true(const Item& item) { return is_true_at(item, 0); }

}  // namespace huiliu::expr
