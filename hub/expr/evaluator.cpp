#include "hub/expr/evaluator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hub/expr/failure.hpp"
#include "hub/expr/item_text.hpp"
#include "hub/expr/list_builder.hpp"
#include "hub/expr/object.hpp"

namespace huiliu::expr {
namespace {

constexpr std::uint32_t nodes_between_looks = 1024;  // at the time and the budget of steps
constexpr std::uint64_t seed_without_random = 0x48554c4955ULL;

}  // namespace

// Where the members of large objects of the document are.
struct Evaluator::DocumentIndex {
  using Positions = std::unordered_map<std::string_view, std::uint32_t>;
  std::unordered_map<const model::Object*, Positions> objects;

  const model::Value* find(const model::Object& object, std::string_view key) {
    auto [entry, is_new] = objects.try_emplace(&object);
    Positions& positions = entry->second;
    if (is_new) {
      positions.reserve(object.size());
      std::uint32_t position = 0;
      for (const model::Member& member : object) positions.emplace(member.key, position++);
    }
    const auto found = positions.find(key);
    return found == positions.end() ? nullptr : &(object.begin() + found->second)->value;
  }
};

Evaluator::Evaluator(const Context& context)
    : context_(context),
      arena_(context.limits.bytes),
      frames_(context.limits.bytes),
      depth_limit_(context.limits.depth == 0 ? std::numeric_limits<std::uint32_t>::max()
                                             : context.limits.depth),
      fuel_(nodes_between_looks),
      guard_([this](std::uint64_t steps) { count_steps(steps); }),
      tail_{nullptr, nullptr, nullptr, Arguments(arena_)} {}

Evaluator::~Evaluator() = default;

Item Evaluator::run(const ProgramData& program, const model::Value* input) {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  stack_limit_ = here > context_.limits.stack ? here - context_.limits.stack : 0;
  if (input != nullptr) input_ = Item::of_document(*input);
  Frame* frame = make_frame(arena_, program.frame_size, nullptr);
  return evaluate(*program.root, input_.is_array() ? input_.with(is_whole_input) : input_, frame);
}

void Evaluator::count_steps(std::uint64_t steps) {
  steps_ += steps;
  if (context_.limits.steps != 0 && steps_ > context_.limits.steps)
    fail_with("U1001", "the expression takes too many steps");
  if (context_.limits.expired && context_.limits.expired())
    fail_with("U1001", "the time for the expression is over");
}

void Evaluator::refuel() {
  fuel_ = nodes_between_looks;
  count_steps(nodes_between_looks);
}

void Evaluator::check_stack() {
  if (reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) < stack_limit_ || depth_ > depth_limit_) {
    fail_with("U1001", "the expression recurses too deeply; a recursive function should call itself last");
  }
  if (--fuel_ == 0) refuel();
}

void Evaluator::enter() {
  ++depth_;
  check_stack();
}

void Evaluator::fail_at(const Node& node, std::string_view code, std::string_view detail) const {
  fail(code, detail, node.position);
}

std::uint64_t Evaluator::random() {
  if (context_.random != nullptr) return context_.random->next();
  if (own_random_ == nullptr) own_random_ = std::make_unique<model::SeededRandom>(seed_without_random);
  return own_random_->next();
}

DatePicture& Evaluator::date_picture(std::string_view picture) {
  constexpr std::size_t most_date_pictures = 100;
  auto found = date_pictures_.find(picture);
  if (found == date_pictures_.end()) {
    DatePicture made(picture);
    if (date_pictures_.size() >= most_date_pictures) date_pictures_.clear();
    found = date_pictures_.emplace(picture, std::move(made)).first;
  }
  return found->second;
}

Item Evaluator::evaluate(const Node& node, const Item& input, Frame* frame) {
  enter();
  Item value = evaluate_kind(node, input, frame);
  if (node.afterwards != nullptr) value = do_afterwards(*node.afterwards, value, frame);
  --depth_;
  return normalized(value);
}

Item Evaluator::evaluate_kind(const Node& node, const Item& input, Frame* frame) {
  const auto operation = [&node]() -> const OperatorNode& { return static_cast<const OperatorNode&>(node); };
  switch (node.op) {
    case Op::constant:
      return static_cast<const ConstantNode&>(node).value;
    case Op::context:
      return input.without(is_whole_input);
    case Op::variable:
      return variable(static_cast<const VariableNode&>(node), frame);
    case Op::name: {
      const auto& name = static_cast<const NameNode&>(node);
      return look_up(input, name.name, name.hint);
    }
    case Op::wildcard:
      return wildcard(input);
    case Op::descendant:
      return descendants(input);
    case Op::regex: {
      auto* function = arena_.make<PatternFunction>();
      function->kind = Function::Kind::pattern;
      function->arity = 1;
      function->regex = &*static_cast<const PatternNode&>(node).regex;
      return Item::of_function(function);
    }
    case Op::path:
      return path(static_cast<const PathNode&>(node), input, frame);
    case Op::sort:
      return {};  // only within a path
    case Op::negate:
      return negation(operation(), input, frame);
    case Op::array:
      return array(static_cast<const ListNode&>(node), input, frame);
    case Op::object:
      return object(static_cast<const ObjectNode&>(node), input, frame);
    case Op::block:
      return block(static_cast<const ListNode&>(node), input, frame);
    case Op::bind: {
      const auto& bind = static_cast<const BindNode&>(node);
      const Item value = evaluate(*bind.value, input, frame);
      return frame->slots()[bind.slot] = value;
    }
    case Op::condition: {
      const auto& condition = static_cast<const ConditionNode&>(node);
      if (is_true(evaluate(*condition.condition, input, frame)))
        return evaluate(*condition.yes, input, frame);
      return condition.no == nullptr ? Item() : evaluate(*condition.no, input, frame);
    }
    case Op::otherwise:
    case Op::coalesce: {
      const Item value = evaluate(*operation().left, input, frame);
      const bool is_good = node.op == Op::otherwise ? is_true(value) : !value.is_undefined();
      return is_good ? value : evaluate(*operation().right, input, frame);
    }
    case Op::apply:
      return apply(operation(), input, frame);
    case Op::call: {
      const auto& call = static_cast<const CallNode&>(node);
      return call.is_tail_call ? call_later(call, input, frame) : call_node(call, input, frame);
    }
    case Op::partial:
      return partial(static_cast<const CallNode&>(node), input, frame);
    case Op::lambda:
      return lambda(static_cast<const LambdaNode&>(node), input, frame);
    case Op::transform: {
      auto* function = arena_.make<TransformFunction>();
      function->kind = Function::Kind::transform;
      function->arity = 1;
      function->node = &static_cast<const TransformNode&>(node);
      function->frame = frame;
      return Item::of_function(function);
    }
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::remainder:
      return number_operation(operation(), input, frame);
    case Op::equal:
    case Op::unequal:
      return equality(operation(), input, frame);
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
      return comparison(operation(), input, frame);
    case Op::both:
      return Item::of_bool(is_true(evaluate(*operation().left, input, frame)) &&
                           is_true(evaluate(*operation().right, input, frame)));
    case Op::either:
      return Item::of_bool(is_true(evaluate(*operation().left, input, frame)) ||
                           is_true(evaluate(*operation().right, input, frame)));
    case Op::concatenate:
      return concatenation(operation(), input, frame);
    case Op::includes:
      return inclusion(operation(), input, frame);
    case Op::range:
      return range(operation(), input, frame);
  }
  return {};
}

Item Evaluator::do_afterwards(const Afterwards& afterwards, Item value, Frame* frame) {
  for (const Stage& predicate : afterwards.predicates) value = filter(predicate, value, frame);
  if (afterwards.grouping != nullptr) return group(*afterwards.grouping, value, value.is_array(), frame);
  if (!afterwards.keeps_array || value.is_undefined()) return value;
  if (value.is_array()) return value.is_flagged(is_sequence) ? value.with(keeps_singleton) : value;
  // A predicate's only match.
  return afterwards.predicates.empty() ? value : array_of(arena_, &value, 1, is_sequence | keeps_singleton);
}

// ---- variables

Frame* Evaluator::make_frame(Arena& arena, std::uint32_t size, Frame* parent) {
  auto* frame = static_cast<Frame*>(arena.allocate(sizeof(Frame) + sizeof(Item) * size));
  frame->parent = parent;
  std::fill_n(frame->slots(), size, Item::of(Tag::unbound));
  return frame;
}

Frame* Evaluator::enter_extent(const Extent& extent, Frame* frame) {
  if (extent.owns_frame) return make_frame(arena_, extent.count, frame);
  std::fill_n(frame->slots() + extent.first, extent.count, Item::of(Tag::unbound));
  return frame;
}

Item Evaluator::variable(const VariableNode& node, Frame* frame) {
  for (const SlotPlace& place : node.places) {
    Frame* at = frame;
    for (std::uint32_t hop = 0; hop < place.hops; ++hop) at = at->parent;
    const Item& value = at->slots()[place.slot];
    if (value.tag != Tag::unbound) return value;
  }
  return global(node);
}

Item Evaluator::global(const VariableNode& node) {
  auto& [known, value] = globals_[node.hint % globals_.size()];
  if (known != &node) {
    known = &node;
    value = find_global(node.name);
  }
  return value;
}

Item Evaluator::find_global(std::string_view name) const {
  if (name == "$") return input_;
  if (context_.bindings != nullptr) {
    if (const model::Value* bound = context_.bindings->find(name)) return Item::of_document(*bound);
  }
  if (context_.functions != nullptr) {
    if (const FunctionTable::Entry* entry = context_.functions->find(name))
      return Item::of_function(&entry->item);
  }
  if (const BuiltinFunction* builtin = find_builtin(name)) return Item::of_function(builtin);
  return {};
}

Item Evaluator::block(const ListNode& node, const Item& input, Frame* frame) {
  if (node.extent.count > 0) frame = enter_extent(node.extent, frame);
  Item value;
  for (const Node* item : node.items) value = evaluate(*item, input, frame);
  return value;
}

// ---- members

Item Evaluator::member(const Item& object, std::string_view key, std::uint8_t hint) {
  if (object.tag == Tag::object) {
    const ObjectMember* found = object.object->find(key);
    return found == nullptr ? Item() : found->value;
  }
  if (object.tag != Tag::doc_object) return {};
  // Records of one stream have their members at the same places.
  constexpr std::size_t most_searched_members = 32;
  const model::Object& members = *object.doc_object;
  std::uint16_t& position = positions_[hint % positions_.size()];
  if (position < members.size() && (members.begin() + position)->key == key) {
    return Item::of_document((members.begin() + position)->value);
  }
  if (members.size() > most_searched_members) {
    if (document_index_ == nullptr) document_index_ = std::make_unique<DocumentIndex>();
    const model::Value* found = document_index_->find(members, key);
    return found == nullptr ? Item() : Item::of_document(*found);
  }
  std::uint16_t at = 0;
  for (const model::Member& candidate : members) {
    if (candidate.key == key) {
      position = at;
      return Item::of_document(candidate.value);
    }
    ++at;
  }
  return {};
}

Item Evaluator::look_up(const Item& item, std::string_view key, std::uint8_t hint) {
  if (!item.is_array()) return member(item, key, hint);
  ListBuilder list(*this);
  append_members(list, item, key, hint);
  return list.sequence();
}

void Evaluator::append_members(ListBuilder& list, const Item& item, std::string_view key, std::uint8_t hint) {
  check_stack();
  spend(item.size / 4);
  for (std::uint32_t i = 0; i < item.size; ++i) {
    const Item element = item.element(i);
    if (element.is_array()) {
      append_members(list, element, key, hint);
      continue;
    }
    const Item value = member(element, key, hint);
    if (value.is_array())
      list.push_elements(value);
    else if (!value.is_undefined())
      list.push(value);
  }
}

// ---- texts

Item Evaluator::append_text(const Item& first, std::string_view more) {
  const std::string_view text = first.as_string();
  if (more.empty()) return first;
  if (text.size() + more.size() > std::numeric_limits<std::uint32_t>::max())
    fail_with("U1001", "a text is too long");
  if (!first.is_flagged(is_lasting) && !text.empty() &&
      arena_.extend(text.data() + text.size(), more.size())) {
    std::copy(more.begin(), more.end(), const_cast<char*>(text.data()) + text.size());
    return Item::of_text({text.data(), text.size() + more.size()});
  }
  char* joined = arena_.allocate_text(text.size() + more.size());
  std::copy(text.begin(), text.end(), joined);
  std::copy(more.begin(), more.end(), joined + text.size());
  return Item::of_text({joined, text.size() + more.size()});
}

void ListBuilder::grow(std::size_t more) {
  const std::size_t wanted = std::max(scratch_.capacity() * 2, scratch_.size() + more + 64);
  if (wanted > evaluator_.context().limits.bytes / sizeof(Item))
    fail_with("U1001", "the expression needs too much memory");
  scratch_.reserve(wanted);
}

}  // namespace huiliu::expr
