// From the resolved syntax to a Program's nodes: variables become slots.
#include <algorithm>
#include <functional>
#include <unordered_map>

#include "hub/expr/failure.hpp"
#include "hub/expr/node.hpp"
#include "hub/expr/syntax.hpp"

namespace huiliu::expr {
namespace {

using Kind = Syntax::Kind;

// Kinds whose value depends on the context only through their parts.
bool is_independent_kind(const Syntax& node) {
  switch (node.kind) {
    case Kind::number:
    case Kind::string:
    case Kind::value:
    case Kind::array:
    case Kind::negation:
    case Kind::binary:
      return true;
    case Kind::variable:
      return !node.value.empty();
    default:
      return false;
  }
}

// Sets captures, binds_outside and is_independent on every node of the tree.
void mark_variable_use(Syntax& node) {
  node.captures = node.kind == Kind::lambda || node.kind == Kind::transform ||
                  (node.kind == Kind::variable && node.value == "eval");
  node.binds_outside = node.kind == Kind::bind;
  node.is_independent = is_independent_kind(node) && node.grouping == nullptr;
  const auto visit = [&node](Syntax* child) {
    if (child == nullptr) return;
    mark_variable_use(*child);
    node.captures = node.captures || child->captures;
    node.binds_outside = node.binds_outside || child->binds_outside;
    node.is_independent = node.is_independent && child->is_independent;
  };
  for (Syntax* item : node.items) visit(item);
  for (const auto& [key, value] : node.pairs) {
    visit(key);
    visit(value);
  }
  for (const SyntaxTerm& term : node.terms) visit(term.expression);
  for (const SyntaxStage& stage : node.stages) visit(stage.filter);
  for (Syntax* predicate : node.predicates) visit(predicate);
  visit(node.grouping);
  if (node.kind == Kind::block || node.kind == Kind::lambda) node.binds_outside = false;
}

Op op_of(std::string_view symbol) {
  static constexpr std::pair<std::string_view, Op> operators[] = {
      {"+", Op::add},         {"-", Op::subtract},    {"*", Op::multiply},       {"/", Op::divide},
      {"%", Op::remainder},   {"=", Op::equal},       {"!=", Op::unequal},       {"<", Op::less},
      {"<=", Op::less_equal}, {">", Op::greater},     {">=", Op::greater_equal}, {"and", Op::both},
      {"or", Op::either},     {"&", Op::concatenate}, {"in", Op::includes},      {"..", Op::range}};
  for (const auto& [name, op] : operators) {
    if (name == symbol) return op;
  }
  fail("S0206", symbol);
}

// Its functions call each other as deep as the tree is high. Each stays a function of its own, so that the
// frames on the stack are small.
class Generator {
 public:
  explicit Generator(ProgramData& program) : program_(program) {}

  void run(Syntax& root, const Scope* outer) {
    mark_variable_use(root);
    Scope* scope = new_scope(outer);
    scope->is_function = true;
    scope->is_captured = root.captures;
    program_.root = generate(root, scope);
    place_variables();
    for (const auto& finish : finishing_) finish();
    program_.frame_size = scope->frame_size;
  }

 private:
  Scope* new_scope(const Scope* parent) {
    Scope& scope = program_.scopes.emplace_back();
    scope.parent = parent;
    return &scope;
  }
  static std::uint32_t declare(Scope& scope, const std::string& name) {
    const auto [entry, is_new] =
        scope.places.try_emplace(name, static_cast<std::uint32_t>(scope.names.size()));
    if (is_new) scope.names.push_back(name);
    return entry->second;
  }
  // The scope whose frame holds the variables of this one.
  static const Scope* owner_of(const Scope* scope) {
    while (!scope->owns_frame()) scope = scope->parent;
    return scope;
  }
  // Scopes outside of this program (of an $eval) have their places already; parents come before children.
  void place_variables() {
    for (Scope& scope : program_.scopes) {
      auto& owner = const_cast<Scope&>(*owner_of(&scope));  // of this program, as its root owns a frame
      scope.first_slot = owner.frame_size;
      owner.frame_size += static_cast<std::uint32_t>(scope.names.size());
    }
  }
  static std::vector<SlotPlace> places_of(const std::string& name, const Scope* scope) {
    std::vector<SlotPlace> places;
    std::uint32_t hops = 0;
    for (; scope != nullptr; scope = scope->parent) {
      const auto found = scope->places.find(name);
      if (found != scope->places.end()) places.push_back({hops, scope->first_slot + found->second});
      if (scope->owns_frame()) ++hops;
    }
    return places;
  }
  static Extent extent_of(const Scope& scope) {
    const bool owns = scope.owns_frame();
    return {owns, scope.first_slot, owns ? scope.frame_size : static_cast<std::uint32_t>(scope.names.size())};
  }

  template <class NodeType>
  NodeType* make(Op op, const Syntax& syntax) {
    auto node = std::make_unique<NodeType>(op, syntax.position);
    NodeType* pointer = node.get();
    program_.nodes.push_back(std::move(node));
    return pointer;
  }

  [[gnu::noinline]] const Node* generate(const Syntax& syntax, Scope* scope) {
    Node* node = generate_kind(syntax, scope);
    const bool has_more = !syntax.predicates.empty() || syntax.grouping != nullptr || syntax.keeps_array;
    if (syntax.kind == Kind::path || !has_more) return node;  // a path looks after itself
    node->afterwards = std::make_unique<Afterwards>();
    node->afterwards->keeps_array = syntax.keeps_array;
    for (const Syntax* predicate : syntax.predicates)
      node->afterwards->predicates.push_back(filter(*predicate, scope));
    if (syntax.grouping != nullptr) node->afterwards->grouping = object(*syntax.grouping, scope);
    return node;
  }

  [[gnu::noinline]] Stage filter(const Syntax& predicate, Scope* scope) {
    return {generate(predicate, scope), 0, !predicate.binds_outside, predicate.is_independent};
  }

  Node* generate_kind(const Syntax& syntax, Scope* scope) {
    switch (syntax.kind) {
      case Kind::name:
        return name(syntax);
      case Kind::variable:
        return variable(syntax, syntax.value, scope);
      case Kind::parent:
        return variable(syntax, syntax.slot->name(), scope);
      case Kind::string:
      case Kind::number:
      case Kind::value:
        return constant(syntax);
      case Kind::regex:
        return pattern(syntax);
      case Kind::wildcard:
        return make<ConstantNode>(Op::wildcard, syntax);
      case Kind::descendant:
        return make<ConstantNode>(Op::descendant, syntax);
      case Kind::negation:
        return operation(Op::negate, syntax, scope);
      case Kind::binary:
        return operation(op_of(syntax.value), syntax, scope);
      case Kind::apply:
        return operation(Op::apply, syntax, scope);
      case Kind::fallback:
        return operation(syntax.value == "??" ? Op::coalesce : Op::otherwise, syntax, scope);
      case Kind::array:
        return array(syntax, scope);
      case Kind::object:
        return object(syntax, scope);
      case Kind::block:
        return block(syntax, scope);
      case Kind::bind:
        return bind(syntax, scope);
      case Kind::condition:
        return condition(syntax, scope);
      case Kind::function:
        return call(Op::call, syntax, scope);
      case Kind::partial:
        return call(Op::partial, syntax, scope);
      case Kind::lambda:
        return lambda(syntax, scope);
      case Kind::transform:
        return transform(syntax, scope);
      case Kind::path:
        return path(syntax, scope);
      case Kind::sort:
        return sort(syntax, scope);
      default:
        fail("S0206", syntax.value, syntax.position);
    }
  }

  [[gnu::noinline]] Node* name(const Syntax& syntax) {
    auto* node = make<NameNode>(Op::name, syntax);
    node->name = syntax.value;
    node->hint = next_hint_++;
    return node;
  }

  [[gnu::noinline]] Node* variable(const Syntax& syntax, const std::string& name, const Scope* scope) {
    if (name.empty()) return make<ConstantNode>(Op::context, syntax);
    auto* node = make<VariableNode>(Op::variable, syntax);
    node->name = name;
    node->hint = next_hint_++;
    finishing_.emplace_back([node, scope] { node->places = places_of(node->name, scope); });
    return node;
  }

  [[gnu::noinline]] Node* constant(const Syntax& syntax) {
    auto* node = make<ConstantNode>(Op::constant, syntax);
    if (syntax.kind == Kind::number) {
      node->value = Item::of_number(syntax.number);
    } else if (syntax.kind == Kind::string) {
      node->text = syntax.value;
      node->value = Item::of_lasting_text(node->text);
    } else {
      node->value = syntax.value == "null" ? Item::of(Tag::null) : Item::of_bool(syntax.value == "true");
    }
    return node;
  }

  [[gnu::noinline]] Node* pattern(const Syntax& syntax) {
    auto* node = make<PatternNode>(Op::regex, syntax);
    try {
      node->regex.emplace(syntax.value, syntax.ignores_case, syntax.is_multiline);
    } catch (Failure& failure) {
      failure.position = syntax.position;
      throw;
    }
    return node;
  }

  [[gnu::noinline]] Node* operation(Op op, const Syntax& syntax, Scope* scope) {
    auto* node = make<OperatorNode>(op, syntax);
    node->left = generate(*syntax.items[0], scope);
    if (syntax.items.size() > 1) node->right = generate(*syntax.items[1], scope);
    return node;
  }

  [[gnu::noinline]] Node* array(const Syntax& syntax, Scope* scope) {
    auto* node = make<ListNode>(Op::array, syntax);
    node->is_constructed = syntax.is_constructed;
    for (const Syntax* item : syntax.items) node->items.push_back(generate(*item, scope));
    return node;
  }

  [[gnu::noinline]] ObjectNode* object(const Syntax& syntax, Scope* scope) {
    auto* node = make<ObjectNode>(Op::object, syntax);
    std::vector<std::string_view> keys;
    for (const auto& [key, value] : syntax.pairs) {
      const bool is_literal =
          key->kind == Kind::string && key->predicates.empty() && key->grouping == nullptr;
      if (is_literal) keys.push_back(key->value);
      const Node* key_node = generate(*key, scope);
      node->pairs.emplace_back(key_node, generate(*value, scope));
    }
    std::sort(keys.begin(), keys.end());
    node->has_fixed_keys =
        keys.size() == node->pairs.size() && std::adjacent_find(keys.begin(), keys.end()) == keys.end();
    return node;
  }

  [[gnu::noinline]] Node* block(const Syntax& syntax, const Scope* outer) {
    auto* node = make<ListNode>(Op::block, syntax);
    Scope* scope = new_scope(outer);
    scope->is_captured = syntax.captures;
    for (const Syntax* item : syntax.items) node->items.push_back(generate(*item, scope));
    finishing_.emplace_back([node, scope] { node->extent = extent_of(*scope); });
    return node;
  }

  [[gnu::noinline]] Node* bind(const Syntax& syntax, Scope* scope) {
    auto* node = make<BindNode>(Op::bind, syntax);
    node->value = generate(*syntax.items[0], scope);
    const std::uint32_t place = declare(*scope, syntax.value);
    finishing_.emplace_back([node, scope, place] { node->slot = scope->first_slot + place; });
    return node;
  }

  [[gnu::noinline]] Node* condition(const Syntax& syntax, Scope* scope) {
    auto* node = make<ConditionNode>(Op::condition, syntax);
    node->condition = generate(*syntax.items[0], scope);
    node->yes = generate(*syntax.items[1], scope);
    if (syntax.items.size() > 2) node->no = generate(*syntax.items[2], scope);
    return node;
  }

  [[gnu::noinline]] Node* call(Op op, const Syntax& syntax, Scope* scope) {
    auto* node = make<CallNode>(op, syntax);
    const Syntax& procedure = *syntax.items[0];
    node->procedure = generate(procedure, scope);
    node->is_name = procedure.kind == Kind::path;
    node->name =
        node->is_name ? procedure.items[0]->value : (procedure.kind == Kind::lambda ? "λ" : procedure.value);
    node->is_tail_call = syntax.is_tail_call;
    node->scope = scope;
    for (std::size_t i = 1; i < syntax.items.size(); ++i) {
      const bool is_placeholder = syntax.items[i]->kind == Kind::placeholder;
      node->arguments.push_back(is_placeholder ? nullptr : generate(*syntax.items[i], scope));
    }
    return node;
  }

  [[gnu::noinline]] Node* lambda(const Syntax& syntax, const Scope* outer) {
    auto* node = make<LambdaNode>(Op::lambda, syntax);
    Scope* scope = new_scope(outer);
    scope->is_function = true;
    node->is_captured = scope->is_captured = syntax.items[0]->captures;
    std::vector<std::uint32_t> places;
    for (std::size_t i = 1; i < syntax.items.size(); ++i)
      places.push_back(declare(*scope, syntax.items[i]->value));
    if (!syntax.signature.empty()) node->signature.emplace(syntax.signature);
    node->body = generate(*syntax.items[0], scope);
    finishing_.emplace_back([node, scope, places = std::move(places)] {
      node->frame_size = scope->frame_size;
      for (const std::uint32_t place : places) node->parameters.push_back(scope->first_slot + place);
    });
    return node;
  }

  [[gnu::noinline]] Node* transform(const Syntax& syntax, Scope* scope) {
    auto* node = make<TransformNode>(Op::transform, syntax);
    node->clone = static_cast<const VariableNode*>(variable(syntax, "clone", scope));
    node->pattern = generate(*syntax.items[0], scope);
    node->update = generate(*syntax.items[1], scope);
    if (syntax.items.size() > 2) node->deletions = generate(*syntax.items[2], scope);
    return node;
  }

  [[gnu::noinline]] Node* sort(const Syntax& syntax, Scope* scope) {
    auto* node = make<SortNode>(Op::sort, syntax);
    for (const SyntaxTerm& term : syntax.terms) {
      node->terms.push_back({generate(*term.expression, scope), term.is_descending});
    }
    return node;
  }

  // ---- paths

  [[gnu::noinline]] Node* path(const Syntax& syntax, Scope* outer) {
    auto* node = make<PathNode>(Op::path, syntax);
    node->keeps_singleton = syntax.keeps_singleton;
    node->keeps_array = syntax.keeps_array;
    node->returns_tuples = syntax.is_tuple;
    const Syntax& first = *syntax.items[0];
    node->starts_at_variable = first.kind == Kind::variable || first.kind == Kind::parent;
    Scope* scope = outer;
    for (const Syntax* step : syntax.items) {
      if (step->is_tuple && scope == outer) {
        scope = new_scope(outer);
        scope->is_captured = syntax.captures;
      }
      node->steps.push_back(make_step(*step, scope, scope != outer));
    }
    if (syntax.grouping != nullptr) node->grouping = object(*syntax.grouping, scope);
    node->is_plain = is_plain(syntax);
    if (scope == outer) return node;
    paths_[&syntax] = node;
    finishing_.emplace_back([node, scope] {
      node->extent = extent_of(*scope);
      node->columns = scope->names;
    });
    return node;
  }

  static bool is_plain(const Syntax& path) {
    if (path.keeps_singleton || path.keeps_array || path.grouping != nullptr || path.is_tuple) return false;
    return std::all_of(path.items.begin(), path.items.end(), [](const Syntax* step) {
      return step->kind == Kind::name && step->stages.empty() && !step->is_tuple;
    });
  }

  [[gnu::noinline]] Step make_step(const Syntax& syntax, Scope* scope, bool is_tuple) {
    Step step;
    step.is_tuple = is_tuple;
    step.is_constructed = syntax.is_constructed;
    step.node = generate(syntax, scope);
    if (!syntax.focus.empty()) step.focus = declare(*scope, syntax.focus) + 1;
    if (!syntax.index.empty()) step.index = declare(*scope, syntax.index) + 1;
    if (syntax.ancestor != nullptr) step.ancestor = declare(*scope, syntax.ancestor->name()) + 1;
    for (const SyntaxStage& stage : syntax.stages) {
      if (stage.is_index)
        step.stages.push_back({nullptr, declare(*scope, stage.variable) + 1});
      else
        step.stages.push_back(filter(*stage.filter, scope));
    }
    if (is_tuple) step.nested_columns = nested_columns(syntax, *scope);
    return step;
  }

  // The variables of a path within parentheses whose tuples go into those of the path around it.
  std::vector<std::uint32_t> nested_columns(const Syntax& step, Scope& scope) {
    const Syntax* nested = &step;
    while (nested->kind == Kind::block && nested->is_tuple && !nested->items.empty())
      nested = nested->items.back();
    const auto found = paths_.find(nested);
    if (found == paths_.end() || !nested->is_tuple) return {};
    std::vector<std::uint32_t> columns;
    for (const std::string& name : names_of(*nested)) columns.push_back(declare(scope, name) + 1);
    return columns;
  }
  // In the order in which make_step() declares them.
  static std::vector<std::string> names_of(const Syntax& path) {
    Scope names;
    for (const Syntax* step : path.items) {
      if (!step->focus.empty()) declare(names, step->focus);
      if (!step->index.empty()) declare(names, step->index);
      if (step->ancestor != nullptr) declare(names, step->ancestor->name());
      for (const SyntaxStage& stage : step->stages) {
        if (stage.is_index) declare(names, stage.variable);
      }
    }
    return names.names;
  }

  ProgramData& program_;
  std::unordered_map<const Syntax*, const PathNode*> paths_;  // those with tuples
  std::vector<std::function<void()>> finishing_;              // once all variables have their places
  std::uint8_t next_hint_ = 0;
};

}  // namespace

std::unique_ptr<ProgramData> make_program(std::string_view source, const Scope* outer) {
  SyntaxPool pool;
  Syntax* root = resolve_syntax(parse_syntax(source, pool), pool);
  auto program = std::make_unique<ProgramData>();
  Generator(*program).run(*root, outer);
  return program;
}

}  // namespace huiliu::expr
