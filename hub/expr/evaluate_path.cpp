// The evaluator's paths: steps over sequences, predicates, wildcards, order-by.
#include <algorithm>
#include <cmath>

#include "hub/expr/evaluator.hpp"
#include "hub/expr/failure.hpp"
#include "hub/expr/list_builder.hpp"
#include "hub/expr/object.hpp"
#include "hub/expr/sort_keys.hpp"

namespace huiliu::expr {
namespace {

// Does this index predicate mean the item at `position` of `count`?
bool is_index_of(double index, std::uint32_t position, std::uint32_t count) {
  index = std::floor(index);
  if (index < 0) index += count;
  return index == position;
}

// Adds the items at the listed positions, in the order of the items. False: it is no list of positions.
bool items_at(const Item& positions, const Item& items, ListBuilder& list) {
  std::vector<double> wanted;
  for (std::uint32_t i = 0; i < positions.size; ++i) {
    const Item position = positions.element(i);
    if (!position.is_number()) return false;
    const double index = std::floor(position.as_number());
    if (!std::isfinite(index)) return false;
    wanted.push_back(index < 0 ? index + items.size : index);
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  for (const double index : wanted) {
    if (index >= 0 && index < items.size) list.push(items.element(static_cast<std::uint32_t>(index)));
  }
  return true;
}

}  // namespace

// What goes from step to step is either one item, which may be an array, or many: an array item whose
// elements are the items. An array is a plain one as long as it has not been joined from several results;
// only then is it a sequence.
Item Evaluator::path(const PathNode& node, const Item& input, Frame* frame) {
  bool is_many = input.is_array() && !input.is_flagged(is_whole_input) && !node.starts_at_variable;
  Item current = node.starts_at_variable ? input : input.without(is_whole_input);
  for (std::size_t i = 0; i < node.steps.size(); ++i) {
    const Step& step = node.steps[i];
    const bool is_last = i + 1 == node.steps.size();
    if (step.is_tuple) return tuple_path(node, i, current, is_many, frame);
    if (step.node->op == Op::sort) {
      if (is_many) current = sorted(static_cast<const SortNode&>(*step.node), current, frame);
      for (const Stage& stage : step.stages) current = filter(stage, current, frame);
      if (!step.stages.empty()) is_many = current.is_array();
    } else if (is_many && !(i == 0 && step.is_constructed)) {
      current = step_over(step, is_last, current, frame);
      is_many = current.is_array();
    } else {
      current = step_value(step, current, frame);
      // One array is many items from here on, unless a path must not flatten it.
      is_many = current.is_array() && (is_last || i == 0 || !current.is_flagged(is_constructed));
      if (is_many && !is_last) current = current.with(is_sequence);
    }
    if (current.is_undefined()) break;
  }
  return finish_path(node, current, is_many, frame);
}

Item Evaluator::step_value(const Step& step, const Item& item, Frame* frame) {
  Item value;
  if (step.node->op == Op::name && step.node->afterwards == nullptr && !item.is_array()) {
    const auto& name = static_cast<const NameNode&>(*step.node);
    value = normalized(member(item, name.name, name.hint));
  } else {
    value = evaluate(*step.node, item, frame);
  }
  for (const Stage& stage : step.stages) value = filter(stage, value, frame);
  return value;
}

// The results of a step for each item, joined into one sequence. The only result, if it is an array and the
// last step's, stays what it is.
Item Evaluator::step_over(const Step& step, bool is_last, const Item& items, Frame* frame) {
  spend(items.size / 4);
  ListBuilder list(*this);
  std::size_t count = 0;
  Item only;
  for (std::uint32_t i = 0; i < items.size; ++i) {
    const Item value = step_value(step, items.element(i), frame);
    if (value.is_undefined()) continue;
    ++count;
    only = value;
    list.push_flat(value);
  }
  if (is_last && count == 1 && only.is_array() && !only.is_flagged(is_sequence)) return only;
  return list.sequence();
}

Item Evaluator::finish_path(const PathNode& node, const Item& value, bool is_many, Frame* frame) {
  if (node.grouping != nullptr) return group(*node.grouping, value, is_many, frame);
  if (!node.keeps_singleton && !node.keeps_array) return value;
  if (value.is_undefined()) return value;
  constexpr std::uint8_t kept = is_sequence | keeps_singleton;
  if (!is_many || (value.is_flagged(is_constructed) && !value.is_flagged(is_sequence)))
    return array_of(arena_, &value, 1, kept);
  return value.is_flagged(is_sequence) ? value.with(keeps_singleton) : value;
}

// ---- predicates

// Undefined when nothing passes. The only match that is no array stands for itself.
Item Evaluator::filter(const Stage& stage, const Item& value, Frame* frame) {
  if (value.is_undefined()) return value;
  const std::uint32_t count = value.is_array() ? value.size : 1;
  const Node& predicate = *stage.filter;
  if (predicate.op == Op::constant && predicate.afterwards == nullptr) {
    const Item& constant = static_cast<const ConstantNode&>(predicate).value;
    if (constant.is_number()) {
      double index = std::floor(constant.as_number());
      if (index < 0) index += count;
      if (!(index >= 0 && index < count)) return {};
      return value.is_array() ? value.element(static_cast<std::uint32_t>(index)) : value;
    }
  }
  if (!value.is_array()) return passes(stage, value, 0, 1, frame) ? value : Item();
  ListBuilder list(*this);
  if (stage.is_independent && count > 1) {
    const Item answer = evaluate(predicate, Item(), frame);
    if (answer.is_array() && items_at(answer, value, list)) return list.sequence();
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const Item item = value.element(i);
    if (passes(stage, item, i, count, frame)) list.push(item);
  }
  if (list.size() == 1 && !list.data()->is_array()) return *list.data();
  return list.sequence();
}

bool Evaluator::passes(const Stage& stage, const Item& item, std::uint32_t index, std::uint32_t count,
                       Frame* frame) {
  const Arena::Mark mark = arena_.mark();
  const Item answer = evaluate(*stage.filter, item, frame);
  bool is_ok = false;
  bool is_index_list = answer.is_array();
  for (std::uint32_t i = 0; is_index_list && i < answer.size; ++i)
    is_index_list = answer.element(i).is_number();
  if (is_index_list) {
    for (std::uint32_t i = 0; !is_ok && i < answer.size; ++i)
      is_ok = is_index_of(answer.element(i).as_number(), index, count);
  } else if (answer.is_number() && !std::isnan(answer.as_number())) {
    if (std::isinf(answer.as_number())) fail("D1001", "Infinity", stage.filter->position);
    is_ok = is_index_of(answer.as_number(), index, count);
  } else {
    is_ok = is_true(answer);
  }
  if (stage.can_release) arena_.release(mark);
  return is_ok;
}

// ---- wildcards

Item Evaluator::wildcard(const Item& input) {
  ListBuilder list(*this);
  bool has_arrays = false;
  const auto add = [&](const Item& value) {
    if (value.is_array()) {
      has_arrays = true;
      append_flat(list, value);
    } else if (!value.is_undefined()) {
      list.push(value);
    }
  };
  if (input.is_array()) {
    for (std::uint32_t i = 0; i < input.size; ++i) add(input.element(i));
  } else if (input.is_object()) {
    const Members members(input);
    for (std::uint32_t i = 0; i < members.size(); ++i) add(members.value(i));
  }
  return has_arrays ? list.array() : list.sequence();
}

void Evaluator::append_flat(ListBuilder& list, const Item& array) {
  check_stack();
  for (std::uint32_t i = 0; i < array.size; ++i) {
    const Item element = array.element(i);
    if (element.is_array())
      append_flat(list, element);
    else
      list.push(element);
  }
}

Item Evaluator::descendants(const Item& input) {
  if (input.is_undefined()) return input;
  ListBuilder list(*this);
  append_descendants(list, input);
  return list.size() == 1 ? *list.data() : list.sequence();
}

void Evaluator::append_descendants(ListBuilder& list, const Item& item) {
  check_stack();
  if (item.is_array()) {
    for (std::uint32_t i = 0; i < item.size; ++i) append_descendants(list, item.element(i));
  } else {
    list.push(item);
    if (item.is_object()) {
      const Members members(item);
      for (std::uint32_t i = 0; i < members.size(); ++i) append_descendants(list, members.value(i));
    }
  }
}

// ---- order-by

Item Evaluator::sorted(const SortNode& node, const Item& items, Frame* frame) {
  if (items.size < 2) return items;
  const SortKeys order(node, items.size, [&](std::size_t item, const Node& term) {
    return evaluate(term, items.element(static_cast<std::uint32_t>(item)), frame);
  });
  ListBuilder list(*this);
  for (const std::uint32_t position : order.positions()) list.push(items.element(position));
  return list.array();
}

}  // namespace huiliu::expr
