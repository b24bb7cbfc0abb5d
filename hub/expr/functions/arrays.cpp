// Functions of whole arrays: sums, order, sets.
#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "hub/expr/builtins.hpp"
#include "hub/expr/failure.hpp"
#include "hub/expr/list_builder.hpp"
#include "hub/expr/merge_sort.hpp"
#include "hub/expr/utf8.hpp"

namespace huiliu::expr {
namespace {

double total_of(const Item& numbers) {
  double total = 0;
  for (std::uint32_t i = 0; i < numbers.size; ++i) total += numbers.element(i).as_number();
  return total;
}

Item sum(Evaluator&, const Arguments& arguments, const CallContext&) {
  return arguments[0].is_undefined() ? Item() : Item::of_number(total_of(arguments[0]));
}

Item count(Evaluator&, const Arguments& arguments, const CallContext&) {
  return Item::of_number(arguments[0].is_undefined() ? 0 : arguments[0].size);
}

Item average(Evaluator&, const Arguments& arguments, const CallContext&) {
  const Item numbers = arguments[0];
  if (numbers.is_undefined() || numbers.size == 0) return {};
  return Item::of_number(total_of(numbers) / numbers.size);
}

template <bool wants_greater>
Item extreme(Evaluator&, const Arguments& arguments, const CallContext&) {
  const Item numbers = arguments[0];
  if (numbers.is_undefined() || numbers.size == 0) return {};
  double best = numbers.element(0).as_number();
  for (std::uint32_t i = 1; i < numbers.size; ++i) {
    const double number = numbers.element(i).as_number();
    if (wants_greater ? number > best : number < best) best = number;
  }
  return Item::of_number(best);
}

Item append(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined()) return arguments[1];
  if (arguments[1].is_undefined()) return arguments[0];
  return concatenate(evaluator.arena(), arguments[0], arguments[1]);
}

Item reverse(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item items = arguments[0];
  if (items.is_undefined() || items.size <= 1) return items;
  ListBuilder list(evaluator);
  for (std::uint32_t i = items.size; i-- > 0;) list.push(items.element(i));
  return list.array();
}

Item shuffle(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item items = arguments[0];
  if (items.is_undefined() || items.size <= 1) return items;
  ListBuilder list(evaluator);
  list.push_elements(items);
  const Item shuffled = list.array();
  for (std::uint32_t i = items.size - 1; i > 0; --i) {
    std::swap(shuffled.array->items()[i],
              shuffled.array->items()[evaluator.random() % (std::uint64_t{i} + 1)]);
  }
  return shuffled;
}

Item distinct(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item items = arguments[0];
  if (!items.is_array() || items.size <= 1) return items;
  std::unordered_multimap<std::uint64_t, Item> seen;
  seen.reserve(items.size);
  ListBuilder list(evaluator);
  for (std::uint32_t i = 0; i < items.size; ++i) {
    const Item item = items.element(i);
    const std::uint64_t hash = hash_of(item);
    const auto [first, last] = seen.equal_range(hash);
    if (std::any_of(first, last, [&item](const auto& entry) { return is_equal(entry.second, item); }))
      continue;
    seen.emplace(hash, item);
    list.push(item);
  }
  return list.array(items.flags & is_sequence);
}

Item zip(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  std::uint32_t shortest = std::numeric_limits<std::uint32_t>::max();
  for (std::uint32_t i = 0; i < arguments.size(); ++i) {
    shortest = std::min(shortest, arguments[i].is_array() ? arguments[i].size : 0);
  }
  ListBuilder tuples(evaluator);
  for (std::uint32_t i = 0; arguments.size() > 0 && i < shortest; ++i) {
    Item tuple = Item::of(Tag::array);
    tuple.array = make_buffer(evaluator.arena(), arguments.size());
    tuple.size = tuple.array->used = arguments.size();
    for (std::uint32_t k = 0; k < arguments.size(); ++k) tuple.array->items()[k] = arguments[k].element(i);
    tuples.push(tuple);
  }
  return tuples.array();
}

// Without a comparison function: numbers only or strings only.
std::vector<std::uint32_t> default_order(const Item& items) {
  bool are_numbers = true;
  bool are_strings = true;
  for (std::uint32_t i = 0; i < items.size; ++i) {
    const Item item = items.element(i);
    are_numbers = are_numbers && item.is_number();
    are_strings = are_strings && item.is_string();
  }
  if (!are_numbers && !are_strings) fail("D3070");
  if (are_numbers) {
    std::vector<double> numbers(items.size);
    for (std::uint32_t i = 0; i < items.size; ++i) numbers[i] = items.element(i).as_number();
    return sorted_positions(items.size,
                            [&](std::uint32_t a, std::uint32_t b) { return numbers[a] > numbers[b]; });
  }
  return sorted_positions(items.size, [&](std::uint32_t a, std::uint32_t b) {
    return compare_utf16(items.element(a).as_string(), items.element(b).as_string()) > 0;
  });
}

Item sort(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item items = arguments[0];
  if (items.is_undefined() || items.size <= 1) return items;
  std::vector<std::uint32_t> order;
  if (arguments[1].is_function()) {
    const Function& swaps = *arguments[1].function;
    order = sorted_positions(items.size, [&](std::uint32_t a, std::uint32_t b) {
      Arguments pair(evaluator.arena());
      pair.push(items.element(a));
      pair.push(items.element(b));
      return is_true(evaluator.call(swaps, pair, Item()));
    });
  } else {
    order = default_order(items);
  }
  ListBuilder list(evaluator);
  for (const std::uint32_t position : order) list.push(items.element(position));
  return list.array();
}

constexpr BuiltinEntry array_entries[] = {
    {"sum", "<a<n>:n>", 1, sum},           {"count", "<a:n>", 1, count},
    {"max", "<a<n>:n>", 1, extreme<true>}, {"min", "<a<n>:n>", 1, extreme<false>},
    {"average", "<a<n>:n>", 1, average},   {"append", "<xx:a>", 2, append},
    {"reverse", "<a:a>", 1, reverse},      {"shuffle", "<a:a>", 1, shuffle},
    {"distinct", "<x:x>", 1, distinct},    {"zip", "<a+>", 0, zip},
    {"sort", "<af?:a>", 2, sort},
};

}  // namespace

std::span<const BuiltinEntry> array_builtins() { return array_entries; }

}  // namespace huiliu::expr
