// Functions of objects and their members.
#include "hub/expr/builtins.hpp"
#include "hub/expr/list_builder.hpp"
#include "hub/expr/object.hpp"

namespace huiliu::expr {
namespace {

// Of an array, the keys of its objects, each once.
Item keys(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item value = arguments[0];
  ListBuilder list(evaluator);
  if (value.is_object()) {
    const Members members(value);
    for (std::uint32_t i = 0; i < members.size(); ++i) list.push(members.key_item(i));
    return list.sequence();
  }
  if (!value.is_array()) return {};
  ObjectBuilder merged(evaluator.arena());
  for (std::uint32_t i = 0; i < value.size; ++i) {
    const Item element = value.element(i);
    if (!element.is_object()) continue;
    const Members members(element);
    for (std::uint32_t k = 0; k < members.size(); ++k) merged.set(members.key(k), members.key_item(k));
  }
  const Item all = merged.finish();
  const Members members(all);
  for (std::uint32_t i = 0; i < members.size(); ++i) list.push(members.value(i));
  return list.sequence();
}

Item lookup(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  if (!arguments[1].is_string()) return {};
  return evaluator.look_up(arguments[0], arguments[1].as_string());
}

void append_spread(Evaluator& evaluator, ListBuilder& list, const Item& value) {
  if (!value.is_object()) {
    if (!value.is_undefined()) list.push(value);
    return;
  }
  const Members members(value);
  for (std::uint32_t i = 0; i < members.size(); ++i) {
    ObjectBuilder single(evaluator.arena(), 1);
    single.append(members.key(i), members.value(i));
    list.push(single.finish());
  }
}

Item spread(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item value = arguments[0];
  if (!value.is_array() && !value.is_object()) return value;
  ListBuilder list(evaluator);
  if (value.is_object()) {
    append_spread(evaluator, list, value);
    return list.sequence();
  }
  for (std::uint32_t i = 0; i < value.size; ++i) {
    const Item element = value.element(i);
    if (element.is_array())
      list.push_elements(element);
    else
      append_spread(evaluator, list, element);
  }
  return list.array();
}

// Starts from the first object, so that one that grows step by step is not copied each time.
Item merge(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item objects = arguments[0];
  if (objects.is_undefined()) return objects;
  if (objects.size == 0) return ObjectBuilder(evaluator.arena()).finish();
  ObjectBuilder merged(evaluator.arena(), objects.element(0));
  for (std::uint32_t i = 1; i < objects.size; ++i) {
    const Members members(objects.element(i));
    for (std::uint32_t k = 0; k < members.size(); ++k) merged.set(members.key(k), members.value(k));
  }
  return merged.finish();
}

Item each(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item object = arguments[0];
  if (!object.is_object()) return {};
  const Members members(object);
  ListBuilder list(evaluator);
  for (std::uint32_t i = 0; i < members.size(); ++i) {
    const Item value =
        evaluator.call_with(*arguments[1].function, members.value(i), members.key_item(i), object);
    if (!value.is_undefined()) list.push(value);
  }
  return list.sequence();
}

Item sift(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item object = arguments[0];
  if (!object.is_object()) return {};
  const Members members(object);
  ObjectBuilder kept(evaluator.arena());
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < members.size(); ++i) {
    const Item value = members.value(i);
    if (!is_true(evaluator.call_with(*arguments[1].function, value, members.key_item(i), object))) continue;
    kept.append(members.key(i), value);
    ++count;
  }
  return count == 0 ? Item() : kept.finish();
}

constexpr BuiltinEntry object_entries[] = {
    {"keys", "<x-:a<s>>", 1, keys},  {"lookup", "<x-s:x>", 2, lookup}, {"spread", "<x-:a<o>>", 1, spread},
    {"merge", "<a<o>:o>", 1, merge}, {"each", "<o-f:a>", 2, each},     {"sift", "<o-f?:o>", 2, sift},
};

}  // namespace

std::span<const BuiltinEntry> object_builtins() { return object_entries; }

}  // namespace huiliu::expr
