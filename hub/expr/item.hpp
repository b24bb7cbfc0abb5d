// The values that an evaluation works on: 16 bytes, copied freely, never freed one by one.
//
// An item either holds its value, points into the evaluation's arena, or points into what outlives it: the
// input document (doc_array, doc_object, number_text, strings), the program (string literals), the bindings.
// Arrays are immutable slices of a buffer that may grow behind them: appending to the newest slice costs no
// copy. Only a transform changes objects, and only its own fresh copies.
//
// JSONata tells sequences, the results of paths and of functions like $map, from arrays that came as such: a
// sequence of one item is that item. The flags of an item carry this, see also sequence semantics in
// evaluator.hpp.
#pragma once

#include <cstdint>
#include <string_view>

#include "hub/expr/arena.hpp"
#include "hub/model/value.hpp"

namespace huiliu::expr {

struct ArrayBuffer;
struct ObjectData;
struct Function;
struct TupleStream;

enum class Tag : std::uint8_t {
  unbound,    // a variable that nothing was bound to: only in frames
  undefined,  // also within arrays
  null,
  boolean,
  number,
  number_text,  // a number of the document, not yet read
  string,
  array,
  doc_array,
  range,  // the integers number … number + size - 1
  object,
  doc_object,
  function,
  tuples,  // only between the steps of a path
};

enum : std::uint8_t {
  is_sequence = 1,
  keeps_singleton = 2,  // a sequence that stays an array even with one item
  is_constructed = 4,   // made by an array constructor that a path must not flatten
  is_whole_input = 8,   // the input of the expression, an array that counts as one item
  is_lasting = 16,      // a string that lies outside the arena
};

struct Item {
  union {
    double number;
    bool boolean;
    const char* text;
    ArrayBuffer* array;
    const model::Array* doc_array;
    ObjectData* object;
    const model::Object* doc_object;
    const model::Number* number_text;
    const Function* function;
    TupleStream* tuples;
  };
  std::uint32_t size;  // of strings, arrays, ranges
  Tag tag;
  std::uint8_t flags;

  Item() noexcept : number(0), size(0), tag(Tag::undefined), flags(0) {}
  static Item of(Tag tag) noexcept {
    Item item;
    item.tag = tag;
    return item;
  }
  static Item of_number(double value) noexcept {
    Item item = of(Tag::number);
    item.number = value;
    return item;
  }
  static Item of_bool(bool value) noexcept {
    Item item = of(Tag::boolean);
    item.boolean = value;
    return item;
  }
  // A text in the arena.
  static Item of_text(std::string_view value) noexcept {
    Item item = of(Tag::string);
    item.text = value.data();
    item.size = static_cast<std::uint32_t>(value.size());
    return item;
  }
  // A text that outlives the arena: of the program or the document.
  static Item of_lasting_text(std::string_view value) noexcept { return of_text(value).with(is_lasting); }
  static Item of_function(const Function* value) noexcept {
    Item item = of(Tag::function);
    item.function = value;
    return item;
  }
  static Item range(double first, std::uint32_t count) noexcept {
    Item item = of(Tag::range);
    item.number = first;
    item.size = count;
    return item;
  }
  static Item of_document(const model::Value& value) noexcept;

  bool is_undefined() const noexcept { return tag == Tag::undefined; }
  bool is_number() const noexcept { return tag == Tag::number || tag == Tag::number_text; }
  bool is_string() const noexcept { return tag == Tag::string; }
  bool is_function() const noexcept { return tag == Tag::function; }
  bool is_array() const noexcept { return tag == Tag::array || tag == Tag::doc_array || tag == Tag::range; }
  bool is_object() const noexcept { return tag == Tag::object || tag == Tag::doc_object; }
  bool is_flagged(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
  // May it point into the arena? If not, the arena may be released behind it.
  bool is_in_arena() const noexcept {
    if (tag == Tag::string) return !is_flagged(is_lasting);
    return tag == Tag::array || tag == Tag::object || tag == Tag::function || tag == Tag::tuples;
  }

  // Only for items of that kind.
  double as_number() const noexcept { return tag == Tag::number ? number : read_number(); }
  std::string_view as_string() const noexcept { return {text, size}; }
  Item element(std::uint32_t index) const noexcept;  // index < size

  Item without(std::uint8_t flag) const noexcept {
    Item item = *this;
    item.flags = static_cast<std::uint8_t>(item.flags & ~flag);
    return item;
  }
  Item with(std::uint8_t flag) const noexcept {
    Item item = *this;
    item.flags = static_cast<std::uint8_t>(item.flags | flag);
    return item;
  }

 private:
  double read_number() const noexcept;
};
static_assert(sizeof(Item) == 16);

struct ArrayBuffer {
  std::uint32_t used;
  std::uint32_t capacity;
  Item* items() noexcept { return reinterpret_cast<Item*>(this + 1); }
};
static_assert(sizeof(ArrayBuffer) % alignof(Item) == 0);

inline Item Item::element(std::uint32_t index) const noexcept {
  switch (tag) {
    case Tag::array:
      return array->items()[index];
    case Tag::doc_array:
      return Item::of_document((*doc_array)[index]);
    default:
      return Item::of_number(number + index);
  }
}

// ---- arrays

// An empty array with room, to be filled up to `used`.
ArrayBuffer* make_buffer(Arena& arena, std::uint32_t capacity);
Item array_of(Arena& arena, const Item* items, std::size_t count, std::uint8_t flags = 0);
// The elements of an array, or the item itself as the only element.
Item to_array(Arena& arena, const Item& item);
// Both arrays' elements as one plain array; anything but an array counts as one element, undefined as none.
Item concatenate(Arena& arena, const Item& first, const Item& second);

// ---- comparison

// Deep. Numbers of the document that are too long for a double are compared by their digits.
bool is_equal(const Item& a, const Item& b);
// Equal items have equal hashes.
std::uint64_t hash_of(const Item& item);
// As JSONata's $type; "undefined" for nothing.
std::string_view type_of(const Item& item) noexcept;
// As JSONata's $boolean; an undefined item is false. D1001 for a number that is not finite.
bool is_true(const Item& item);

}  // namespace huiliu::expr
