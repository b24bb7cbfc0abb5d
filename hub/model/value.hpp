// The project's JSON value: what records, images, configuration and expressions are made of.
//
// Unlike common JSON libraries it keeps a number's own text ("1.10" stays "1.10", 19-digit ids stay whole),
// keeps the order of an object's members, and refuses duplicate keys when it parses. Value semantics; no
// sharing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "hub/model/result.hpp"

namespace huiliu::model {

class Value;
struct Member;
using Array = std::vector<Value>;

// Members in the order of insertion; keys are unique. Look-up is linear: records have tens of members.
class Object {
 public:
  Object() noexcept;
  Object(std::initializer_list<Member> members);
  Object(const Object& other);
  Object(Object&& other) noexcept;
  Object& operator=(const Object& other);
  Object& operator=(Object&& other) noexcept;
  ~Object();

  const Value* find(std::string_view key) const noexcept;
  Value* find(std::string_view key) noexcept;
  bool contains(std::string_view key) const noexcept { return find(key) != nullptr; }
  // Makes a null member when there is none.
  Value& operator[](std::string_view key);
  void set(std::string key, Value value);
  // Appends without looking for the key: only where the caller knows it is new.
  void append(std::string key, Value value);
  bool erase(std::string_view key);

  std::size_t size() const noexcept;
  bool empty() const noexcept;
  const Member* begin() const noexcept;
  const Member* end() const noexcept;
  Member* begin() noexcept;
  Member* end() noexcept;

  // Same keys with equal values, in any order.
  friend bool operator==(const Object& a, const Object& b);

 private:
  std::vector<Member> members_;
};

// A decimal number as its source wrote it, in JSON's number syntax.
struct Number {
  std::string text;

  static Number of(std::int64_t integer);
  static Number of(
      double real);  // shortest text that reads back equal; not finite: "null" must be used instead
  double to_double() const noexcept;
  // The integer it denotes, when it is one and fits ("1", "1.0", "1e3").
  std::optional<std::int64_t> to_int64() const noexcept;
  // By numeric value where both are finite doubles or integers, else by text.
  friend bool operator==(const Number& a, const Number& b) noexcept;
};

class Value {
 public:
  enum class Kind { null, boolean, number, string, array, object };

  Value() = default;
  Value(std::nullptr_t) {}                                          // NOLINT(google-explicit-constructor)
  Value(bool boolean) : data_(boolean) {}                           // NOLINT(google-explicit-constructor)
  Value(Number number) : data_(std::move(number)) {}                // NOLINT(google-explicit-constructor)
  Value(int integer) : data_(Number::of(std::int64_t{integer})) {}  // NOLINT(google-explicit-constructor)
  Value(std::int64_t integer) : data_(Number::of(integer)) {}       // NOLINT(google-explicit-constructor)
  Value(std::uint64_t integer)
      : data_(Number{std::to_string(integer)}) {}             // NOLINT(google-explicit-constructor)
  Value(double real) : data_(Number::of(real)) {}             // NOLINT(google-explicit-constructor)
  Value(std::string text) : data_(std::move(text)) {}         // NOLINT(google-explicit-constructor)
  Value(std::string_view text) : data_(std::string(text)) {}  // NOLINT(google-explicit-constructor)
  Value(const char* text) : data_(std::string(text)) {}       // NOLINT(google-explicit-constructor)
  Value(Array array) : data_(std::move(array)) {}             // NOLINT(google-explicit-constructor)
  Value(Object object) : data_(std::move(object)) {}          // NOLINT(google-explicit-constructor)

  Kind kind() const noexcept { return static_cast<Kind>(data_.index()); }
  bool is_null() const noexcept { return kind() == Kind::null; }
  bool is_bool() const noexcept { return kind() == Kind::boolean; }
  bool is_number() const noexcept { return kind() == Kind::number; }
  bool is_string() const noexcept { return kind() == Kind::string; }
  bool is_array() const noexcept { return kind() == Kind::array; }
  bool is_object() const noexcept { return kind() == Kind::object; }

  // Each null unless the value is of that kind.
  const bool* if_bool() const noexcept { return std::get_if<bool>(&data_); }
  const Number* if_number() const noexcept { return std::get_if<Number>(&data_); }
  const std::string* if_string() const noexcept { return std::get_if<std::string>(&data_); }
  const Array* if_array() const noexcept { return std::get_if<Array>(&data_); }
  const Object* if_object() const noexcept { return std::get_if<Object>(&data_); }
  Array* if_array() noexcept { return std::get_if<Array>(&data_); }
  Object* if_object() noexcept { return std::get_if<Object>(&data_); }

  // Only when the value is of that kind (checked by assert).
  bool as_bool() const;
  const Number& as_number() const;
  const std::string& as_string() const;
  const Array& as_array() const;
  const Object& as_object() const;
  Array& as_array();
  Object& as_object();

  // The member of an object; null for anything else, or when there is none.
  const Value* find(std::string_view key) const noexcept;
  // As find, but a shared null value instead of no value: value["a"]["b"].
  const Value& operator[](std::string_view key) const noexcept;
  // Walks dots: at("FSELLER.FNumber"). A step of digits indexes an array. Null when a step is missing.
  const Value* at_path(std::string_view dotted) const noexcept;
  // Makes the objects on the way.
  Value& make_path(std::string_view dotted);

  // The text of a string or of a number's own digits, "true"/"false", otherwise "".
  std::string to_text() const;

  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, Number, std::string, Array, Object> data_;
};

struct Member {
  std::string key;
  Value value;
};

inline std::size_t Object::size() const noexcept { return members_.size(); }
inline bool Object::empty() const noexcept { return members_.empty(); }
inline const Member* Object::begin() const noexcept { return members_.data(); }
inline const Member* Object::end() const noexcept { return members_.data() + members_.size(); }
inline Member* Object::begin() noexcept { return members_.data(); }
inline Member* Object::end() noexcept { return members_.data() + members_.size(); }

struct ParseLimits {
  std::size_t depth = 64;
  std::size_t bytes = std::size_t{64} << 20;
};

// RFC 8259. Refused: duplicate keys, invalid UTF-8, trailing text, what exceeds the limits. The message says
// what and at which byte; class data.
Result<Value> parse_json(std::string_view text, const ParseLimits& limits = {});

// Compact; members in their order, numbers with their own text.
std::string to_json(const Value& value);
void append_json(std::string& out, const Value& value);
// A JSON string literal with its quotes.
void append_json_string(std::string& out, std::string_view text);
// Members sorted by key at every level, so that equal values have equal text. For hashes.
std::string to_canonical_json(const Value& value);
// Two spaces a level, for people.
std::string to_pretty_json(const Value& value);

// Is this well-formed UTF-8 (no surrogates, no overlong forms)?
bool is_utf8(std::string_view text) noexcept;

}  // namespace huiliu::model
