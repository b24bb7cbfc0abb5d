// The evaluator's objects: constructors and grouping, and the tuples of paths that bind variables.
#include "hub/expr/evaluator.hpp"
#include "hub/expr/failure.hpp"
#include "hub/expr/groups.hpp"
#include "hub/expr/list_builder.hpp"
#include "hub/expr/object.hpp"
#include "hub/expr/sort_keys.hpp"

namespace huiliu::expr {

Item Evaluator::object(const ObjectNode& node, const Item& input, Frame* frame) {
  const bool is_many = input.is_array() && !input.is_flagged(is_whole_input);
  return group(node, input.without(is_whole_input), is_many, frame);
}

Item Evaluator::fixed_object(const ObjectNode& node, const Item& context, Frame* frame) {
  ObjectBuilder object(arena_, static_cast<std::uint32_t>(node.pairs.size()));
  for (const auto& [key, value_node] : node.pairs) {
    const Item value = evaluate(*value_node, context, frame);
    if (!value.is_undefined()) object.append(static_cast<const ConstantNode*>(key)->text, value);
  }
  return object.finish();
}

void Evaluator::add_to_groups(Groups& groups, const ObjectNode& node, std::uint32_t index,
                              const Item& context, Frame* frame) {
  for (std::uint32_t pair = 0; pair < node.pairs.size(); ++pair) {
    const Item key = evaluate(*node.pairs[pair].first, context, frame);
    if (key.is_undefined()) continue;
    if (!key.is_string()) fail_at(node, "T1003", type_of(key));
    if (!groups.add(key.as_string(), pair, index)) fail_at(node, "D1009", "");
  }
}

// The value of each key is evaluated once, with all items of that key as its context. Without any item the
// constructor is evaluated for undefined, so that a literal object can be made of nothing.
Item Evaluator::group(const ObjectNode& node, const Item& items, bool is_many, Frame* frame) {
  const std::uint32_t count = is_many ? items.size : 1;
  const auto item_at = [&](std::uint32_t i) { return is_many ? items.element(i) : items; };
  const auto joined = [&](const auto& for_each) {
    ListBuilder list(*this);
    for_each([&](std::uint32_t i) {
      const Item item = item_at(i);
      if (item.is_array())
        list.push_elements(item);
      else if (!item.is_undefined())
        list.push(item);
    });
    return list.array();
  };
  if (count == 0) {
    if (node.has_fixed_keys) return fixed_object(node, Item(), frame);
    return group(node, Item(), false, frame);
  }
  if (node.has_fixed_keys) {
    if (count == 1) return fixed_object(node, item_at(0), frame);
    return fixed_object(node, joined([&](const auto& visit) {
                          for (std::uint32_t i = 0; i < count; ++i) visit(i);
                        }),
                        frame);
  }
  Groups groups;
  for (std::uint32_t i = 0; i < count; ++i) add_to_groups(groups, node, i, item_at(i), frame);
  ObjectBuilder object(arena_, static_cast<std::uint32_t>(groups.all().size()));
  for (const Groups::Group& each : groups.all()) {
    Item context;
    if (each.size == 1)
      groups.for_each_item(each, [&](std::uint32_t i) { context = item_at(i); });
    else
      context = joined([&](const auto& visit) { groups.for_each_item(each, visit); });
    const Item value = evaluate(*node.pairs[each.pair].second, context, frame);
    if (!value.is_undefined()) object.append(each.key, value);
  }
  return object.finish();
}

// ---- tuples

Item* TupleStream::add_row(const Item* cells_of_row) {
  const std::size_t end = cells.size();
  cells.insert(cells.end(), cells_of_row, cells_of_row + width);
  return cells.data() + end;
}

Item Evaluator::tuple_path(const PathNode& node, std::size_t first, const Item& items, bool is_many,
                           Frame* frame) {
  TupleStream tuples;
  tuples.width = static_cast<std::uint32_t>(node.columns.size()) + 1;
  const std::vector<Item> blank(tuples.width, Item::of(Tag::unbound));
  for (std::uint32_t i = 0; i < (is_many ? items.size : 1); ++i)
    *tuples.add_row(blank.data()) = is_many ? items.element(i) : items;
  for (std::size_t i = first; i < node.steps.size(); ++i) {
    const Step& step = node.steps[i];
    if (step.node->op == Op::sort)
      sort_tuples(node, static_cast<const SortNode&>(*step.node), tuples, frame);
    else
      tuples = tuple_step(node, step, tuples, frame);
    if (step.node->op == Op::sort && step.index != 0) {
      for (std::size_t k = 0; k < tuples.size(); ++k) {
        tuples.cells[k * tuples.width + step.index] = Item::of_number(static_cast<double>(k));
      }
    }
    for (const Stage& stage : step.stages) tuple_stage(node, stage, tuples, frame);
  }
  if (node.grouping != nullptr) return group_tuples(node, tuples, frame);
  if (tuples.size() == 0) return {};
  if (node.returns_tuples) {
    nested_tuples_ = std::make_unique<TupleStream>(std::move(tuples));
    Item item = Item::of(Tag::tuples);
    item.tuples = nested_tuples_.get();
    return item;
  }
  ListBuilder list(*this);
  for (std::size_t i = 0; i < tuples.size(); ++i) list.push(tuples.row(i)[0]);
  const bool keeps = node.keeps_singleton || node.keeps_array;
  return list.array(keeps ? is_sequence | keeps_singleton : is_sequence);
}

Frame* Evaluator::bind_tuple(const PathNode& node, const Item* row, Frame* frame) {
  if (node.extent.owns_frame) frame = make_frame(arena_, node.extent.count, frame);
  std::copy_n(row + 1, node.columns.size(), frame->slots() + node.extent.first);
  return frame;
}

TupleStream Evaluator::tuple_step(const PathNode& node, const Step& step, const TupleStream& tuples,
                                  Frame* frame) {
  TupleStream out;
  out.width = tuples.width;
  for (std::size_t i = 0; i < tuples.size(); ++i) {
    const Item* row = tuples.row(i);
    const Item result = evaluate(*step.node, row[0], bind_tuple(node, row, frame));
    if (!result.is_undefined()) add_tuples(step, row, result, out);
    if (out.cells.size() > context_.limits.bytes / sizeof(Item))
      fail_with("U1001", "the expression needs too much memory");
  }
  return out;
}

void Evaluator::add_tuples(const Step& step, const Item* row, const Item& result, TupleStream& out) {
  if (result.tag == Tag::tuples) {
    const std::unique_ptr<TupleStream> nested = std::move(nested_tuples_);
    for (std::size_t i = 0; i < nested->size(); ++i) {
      const Item* inner = nested->row(i);
      Item* cells = out.add_row(row);
      cells[0] = inner[0];
      for (std::size_t k = 0; k < step.nested_columns.size(); ++k)
        cells[step.nested_columns[k]] = inner[k + 1];
      if (step.index != 0) cells[step.index] = Item::of_number(static_cast<double>(i));
    }
    return;
  }
  const std::uint32_t count = result.is_array() ? result.size : 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    Item* cells = out.add_row(row);
    cells[step.focus] = result.is_array() ? result.element(i) : result;  // column 0 is the context
    if (step.index != 0) cells[step.index] = Item::of_number(i);
    if (step.ancestor != 0) cells[step.ancestor] = row[0];
  }
}

void Evaluator::tuple_stage(const PathNode& node, const Stage& stage, TupleStream& tuples, Frame* frame) {
  const auto count = static_cast<std::uint32_t>(tuples.size());
  if (stage.filter == nullptr) {
    for (std::uint32_t i = 0; i < count; ++i)
      tuples.cells[i * tuples.width + stage.index_column] = Item::of_number(i);
    return;
  }
  TupleStream out;
  out.width = tuples.width;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Item* row = tuples.row(i);
    if (passes(stage, row[0], i, count, bind_tuple(node, row, frame))) out.add_row(row);
  }
  tuples = std::move(out);
}

void Evaluator::sort_tuples(const PathNode& node, const SortNode& sort, TupleStream& tuples, Frame* frame) {
  if (tuples.size() < 2) return;
  const SortKeys order(sort, tuples.size(), [&](std::size_t i, const Node& term) {
    return evaluate(term, tuples.row(i)[0], bind_tuple(node, tuples.row(i), frame));
  });
  TupleStream out;
  out.width = tuples.width;
  for (const std::uint32_t position : order.positions()) out.add_row(tuples.row(position));
  tuples = std::move(out);
}

// As group(), with the variables of all tuples of a key joined like their contexts.
Item Evaluator::group_tuples(const PathNode& node, const TupleStream& tuples, Frame* frame) {
  const ObjectNode& grouping = *node.grouping;
  if (tuples.size() == 0) return group(grouping, Item(), false, frame);
  Groups groups;
  for (std::uint32_t i = 0; i < tuples.size(); ++i) {
    add_to_groups(groups, grouping, i, tuples.row(i)[0], bind_tuple(node, tuples.row(i), frame));
  }
  ObjectBuilder object(arena_, static_cast<std::uint32_t>(groups.all().size()));
  std::vector<Item> row(tuples.width);
  for (const Groups::Group& each : groups.all()) {
    for (std::uint32_t column = 0; column < tuples.width; ++column) {
      ListBuilder list(*this);
      groups.for_each_item(each, [&](std::uint32_t i) {
        const Item& cell = tuples.row(i)[column];
        row[column] = cell;
        if (cell.is_array())
          list.push_elements(cell);
        else if (!cell.is_undefined() && cell.tag != Tag::unbound)
          list.push(cell);
      });
      if (each.size > 1) row[column] = list.array();
    }
    const Item value =
        evaluate(*grouping.pairs[each.pair].second, row[0], bind_tuple(node, row.data(), frame));
    if (!value.is_undefined()) object.append(each.key, value);
  }
  return object.finish();
}

}  // namespace huiliu::expr
