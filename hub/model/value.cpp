#include "hub/model/value.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>

namespace huiliu::model {
namespace {
const Value null_value;
}

Object::Object() noexcept = default;
Object::Object(const Object& other) = default;
Object::Object(Object&& other) noexcept = default;
Object& Object::operator=(const Object& other) = default;
Object& Object::operator=(Object&& other) noexcept = default;
Object::~Object() = default;

Object::Object(std::initializer_list<Member> members) {
  for (const Member& member : members) set(member.key, member.value);
}

const Value* Object::find(std::string_view key) const noexcept {
  for (const Member& member : members_)
    if (member.key == key) return &member.value;
  return nullptr;
}

Value* Object::find(std::string_view key) noexcept {
  for (Member& member : members_)
    if (member.key == key) return &member.value;
  return nullptr;
}

Value& Object::operator[](std::string_view key) {
  if (Value* found = find(key)) return *found;
  members_.push_back({std::string(key), {}});
  return members_.back().value;
}

void Object::set(std::string key, Value value) {
  if (Value* found = find(key))
    *found = std::move(value);
  else
    members_.push_back({std::move(key), std::move(value)});
}

void Object::append(std::string key, Value value) { members_.push_back({std::move(key), std::move(value)}); }

bool Object::erase(std::string_view key) {
  return std::erase_if(members_, [&](const Member& member) { return member.key == key; }) > 0;
}

bool operator==(const Object& a, const Object& b) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const Member& member) {
           const Value* other = b.find(member.key);
           return other != nullptr && *other == member.value;
         });
}

Number Number::of(std::int64_t integer) { return {std::to_string(integer)}; }

Number Number::of(double real) {
  assert(std::isfinite(real));
  if (real == std::trunc(real) && std::abs(real) < 1e15) return of(static_cast<std::int64_t>(real));
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, real).ptr;
  return {std::string(buffer, end)};
}

double Number::to_double() const noexcept {
  double real = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), real);
  if (error == std::errc::result_out_of_range)
    return text.starts_with('-') ? -std::numeric_limits<double>::infinity()
                                 : std::numeric_limits<double>::infinity();
  return real;
}

std::optional<std::int64_t> Number::to_int64() const noexcept {
  std::int64_t integer = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (error == std::errc{} && end == text.data() + text.size()) return integer;
  const double real = to_double();
  if (real == std::trunc(real) && std::abs(real) <= 9007199254740992.0)
    return static_cast<std::int64_t>(real);
  return std::nullopt;
}

bool operator==(const Number& a, const Number& b) noexcept {
  if (a.text == b.text) return true;
  const auto ia = a.to_int64();
  const auto ib = b.to_int64();
  if (ia || ib) return ia == ib;
  const double da = a.to_double();
  return std::isfinite(da) && da == b.to_double();
}

bool Value::as_bool() const {
  assert(is_bool());
  return *if_bool();
}
const Number& Value::as_number() const {
  assert(is_number());
  return *if_number();
}
const std::string& Value::as_string() const {
  assert(is_string());
  return *if_string();
}
const Array& Value::as_array() const {
  assert(is_array());
  return *if_array();
}
const Object& Value::as_object() const {
  assert(is_object());
  return *if_object();
}
Array& Value::as_array() {
  assert(is_array());
  return *if_array();
}
Object& Value::as_object() {
  assert(is_object());
  return *if_object();
}

const Value* Value::find(std::string_view key) const noexcept {
  const Object* object = if_object();
  return object == nullptr ? nullptr : object->find(key);
}

const Value& Value::operator[](std::string_view key) const noexcept {
  const Value* found = find(key);
  return found == nullptr ? null_value : *found;
}

const Value* Value::at_path(std::string_view dotted) const noexcept {
  const Value* here = this;
  while (here != nullptr && !dotted.empty()) {
    const std::size_t dot = dotted.find('.');
    const std::string_view step = dotted.substr(0, dot);
    dotted = dot == std::string_view::npos ? std::string_view{} : dotted.substr(dot + 1);
    if (const Array* array = here->if_array()) {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
      here = error == std::errc{} && end == step.data() + step.size() && index < array->size()
                 ? &(*array)[index]
                 : nullptr;
    } else {
      here = here->find(step);
    }
  }
  return here;
}

Value& Value::make_path(std::string_view dotted) {
  Value* here = this;
  while (true) {
    const std::size_t dot = dotted.find('.');
    if (!here->is_object()) *here = Object{};
    here = &here->as_object()[dotted.substr(0, dot)];
    if (dot == std::string_view::npos) return *here;
    dotted = dotted.substr(dot + 1);
  }
}

std::string Value::to_text() const {
  switch (kind()) {
    case Kind::boolean:
      return as_bool() ? "true" : "false";
    case Kind::number:
      return as_number().text;
    case Kind::string:
      return as_string();
    default:
      return {};
  }
}

bool operator==(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::null:
      return true;
    case Value::Kind::boolean:
      return *a.if_bool() == *b.if_bool();
    case Value::Kind::number:
      return *a.if_number() == *b.if_number();
    case Value::Kind::string:
      return *a.if_string() == *b.if_string();
    case Value::Kind::array:
      return *a.if_array() == *b.if_array();
    case Value::Kind::object:
      return *a.if_object() == *b.if_object();
  }
  return false;
}

}  // namespace huiliu::model
