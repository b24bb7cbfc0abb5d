// From what an expression reads like to what it means: paths with their steps, predicates and groupings;
// which step a % refers to; which calls are tail calls.
#include <algorithm>
#include <iterator>

#include "hub/expr/failure.hpp"
#include "hub/expr/syntax.hpp"

namespace huiliu::expr {
namespace {

using Kind = Syntax::Kind;

// Its functions call each other as deep as the tree is high. Each stays a function of its own, so that the
// frames on the stack are small.
class Resolver {
 public:
  explicit Resolver(SyntaxPool& pool) : pool_(pool) {}

  Syntax* resolve(Syntax* node) {
    Syntax* result = resolve_kind(node);
    if (node->keeps_array) result->keeps_array = true;
    return result;
  }

 private:
  Syntax* resolve_kind(Syntax* node) {
    switch (node->kind) {
      case Kind::end:
        fail("S0207", {}, node->position);
      case Kind::word:
        node->kind = Kind::name;
        [[fallthrough]];
      case Kind::name:
        return path_of(node);
      case Kind::parent:
        node->slot = pool_.make_ancestor();
        node->seeks = {node->slot};
        return node;
      case Kind::negation:
        return resolve_negation(node);
      case Kind::binary:
        return resolve_binary(node);
      case Kind::filter:
        return resolve_filter(node);
      case Kind::group:
        return resolve_group(node);
      case Kind::order:
        return resolve_order(node);
      case Kind::focus:
        return resolve_focus(node);
      case Kind::index:
        return resolve_index(node);
      case Kind::array:
      case Kind::bind:
      case Kind::condition:
      case Kind::fallback:
        return resolve_items(node, 0);
      case Kind::block:
        return resolve_block(node);
      case Kind::object:
        resolve_pairs(*node, true);
        return node;
      case Kind::function:
      case Kind::partial:
        node->items[0] = resolve(node->items[0]);  // a % in its place stays unanswered
        return resolve_items(node, 1);
      case Kind::lambda:
        node->items[0] = resolve(node->items[0]);
        mark_tail_calls(*node->items[0]);
        return node;
      case Kind::transform:
        for (Syntax*& item : node->items) item = resolve(item);
        return node;
      default:
        return node;  // literals, variables, wildcards, ?
    }
  }

  Syntax* path_of(Syntax* step) {
    Syntax* path = pool_.make(Kind::path, step->position);
    path->items = {step};
    path->keeps_singleton = step->keeps_array;
    hand_up(*path, *step);
    return path;
  }

  // The predicates of a step are applied per item that the step is applied to.
  static Syntax* as_step(Syntax* node) {
    for (Syntax* predicate : node->predicates) node->stages.push_back({false, predicate});
    node->predicates.clear();
    return node;
  }

  static void hand_up(Syntax& node, const Syntax& part) {
    std::copy_if(part.seeks.begin(), part.seeks.end(), std::back_inserter(node.seeks),
                 [](const Ancestor* ancestor) { return ancestor->level > 0; });
  }
  [[gnu::noinline]] Syntax* resolve_items(Syntax* node, std::size_t first) {
    for (std::size_t i = first; i < node->items.size(); ++i) {
      node->items[i] = resolve(node->items[i]);
      hand_up(*node, *node->items[i]);
    }
    return node;
  }
  [[gnu::noinline]] void resolve_pairs(Syntax& node, bool hands_up) {
    for (auto& [key, value] : node.pairs) {
      key = resolve(key);
      value = resolve(value);
      if (!hands_up) continue;
      hand_up(node, *key);
      hand_up(node, *value);
    }
  }

  [[gnu::noinline]] Syntax* resolve_negation(Syntax* node) {
    resolve_items(node, 0);
    Syntax* operand = node->items[0];
    if (operand->kind != Kind::number) return node;
    operand->number = -operand->number;
    return operand;
  }

  [[gnu::noinline]] Syntax* resolve_block(Syntax* node) {
    resolve_items(node, 0);
    node->is_constructed = std::any_of(node->items.begin(), node->items.end(), [](const Syntax* item) {
      return item->is_constructed || (item->kind == Kind::path && item->items[0]->is_constructed);
    });
    return node;
  }

  [[gnu::noinline]] Syntax* resolve_binary(Syntax* node) {
    if (node->value == ".") return resolve_step(node);
    resolve_items(node, 0);
    if (node->value != "~>") return node;
    node->kind = Kind::apply;
    node->keeps_array = node->keeps_array || node->items[0]->keeps_array || node->items[1]->keeps_array;
    return node;
  }

  // lhs.rhs
  [[gnu::noinline]] Syntax* resolve_step(Syntax* node) {
    Syntax* path = resolve(node->items[0]);
    if (path->kind != Kind::path) path = path_of(path);
    Syntax* rest = resolve(node->items[1]);
    if (rest->kind == Kind::path)
      path->items.insert(path->items.end(), rest->items.begin(), rest->items.end());
    else
      path->items.push_back(as_step(rest));
    for (Syntax* step : path->items) {
      if (step->kind == Kind::number || step->kind == Kind::value) fail("S0213", step->value, step->position);
      if (step->kind == Kind::string) step->kind = Kind::name;
      if (step->keeps_array) path->keeps_singleton = true;
    }
    if (path->items.front()->kind == Kind::array) path->items.front()->is_constructed = true;
    if (path->items.back()->kind == Kind::array) path->items.back()->is_constructed = true;
    answer_last_step(*path);
    return path;
  }

  [[gnu::noinline]] Syntax* resolve_filter(Syntax* node) {
    Syntax* result = resolve(node->items[0]);
    Syntax* step = result->kind == Kind::path ? result->items.back() : result;
    if (step->grouping != nullptr) fail("S0209", {}, node->position);
    Syntax* predicate = resolve(node->items[1]);
    for (Ancestor* ancestor : predicate->seeks) {
      if (ancestor->level == 1)
        find_ancestor(*step, *ancestor);
      else
        --ancestor->level;
    }
    hand_up(*step, *predicate);
    if (result->kind != Kind::path && step->is_tuple) result = path_of(as_step(step));
    if (result->kind == Kind::path)
      step->stages.push_back({false, predicate});
    else
      step->predicates.push_back(predicate);
    return result;
  }

  [[gnu::noinline]] Syntax* resolve_group(Syntax* node) {
    Syntax* result = resolve(node->items[0]);
    if (result->grouping != nullptr) fail("S0210", {}, node->position);
    result->grouping = pool_.make(Kind::object, node->position);
    result->grouping->pairs = node->pairs;
    resolve_pairs(*result->grouping, false);
    return result;
  }

  [[gnu::noinline]] Syntax* resolve_order(Syntax* node) {
    Syntax* path = resolve(node->items[0]);
    if (path->kind != Kind::path) path = path_of(path);
    Syntax* sort = pool_.make(Kind::sort, node->position);
    sort->terms = node->terms;
    for (SyntaxTerm& term : sort->terms) {
      term.expression = resolve(term.expression);
      hand_up(*sort, *term.expression);
    }
    path->items.push_back(sort);
    answer_last_step(*path);
    return path;
  }

  // step@$variable
  [[gnu::noinline]] Syntax* resolve_focus(Syntax* node) {
    Syntax* result = resolve(node->items[0]);
    Syntax* step = result->kind == Kind::path ? result->items.back() : result;
    if (!step->stages.empty() || !step->predicates.empty()) fail("S0215", {}, node->position);
    if (step->kind == Kind::sort) fail("S0216", {}, node->position);
    if (node->keeps_array) step->keeps_array = true;
    step->focus = node->value;
    step->is_tuple = true;
    return result;
  }

  // step#$variable
  [[gnu::noinline]] Syntax* resolve_index(Syntax* node) {
    Syntax* result = resolve(node->items[0]);
    if (result->kind != Kind::path) result = path_of(as_step(result));
    Syntax* step = result->items.back();
    if (step->stages.empty())
      step->index = node->value;
    else
      step->stages.push_back({true, nullptr, node->value});
    step->is_tuple = true;
    return result;
  }

  // ---- %

  // The % of a path's last step look for their step among those before it; what finds none is handed up.
  void answer_last_step(Syntax& path) {
    for (Ancestor* ancestor : path.items.back()->seeks) {
      std::size_t next = path.items.size() - 1;  // behind the step to look at
      while (ancestor->level > 0) {
        if (next == 0) {
          path.seeks.push_back(ancestor);
          break;
        }
        Syntax* step = path.items[--next];
        // Of adjoining steps that bind the focus, which all have the same context, only the first counts.
        while (next > 0 && !step->focus.empty() && !path.items[next - 1]->focus.empty())
          step = path.items[--next];
        find_ancestor(*step, *ancestor);
      }
    }
  }

  // Goes one or more levels up from this node, and binds the ancestor where its level ends.
  void find_ancestor(Syntax& node, Ancestor& ancestor) {
    switch (node.kind) {
      case Kind::name:
      case Kind::wildcard:
        if (--ancestor.level > 0) return;
        if (node.ancestor == nullptr)
          node.ancestor = &ancestor;
        else
          ancestor.same_as = node.ancestor;
        node.is_tuple = true;
        return;
      case Kind::parent:
        ++ancestor.level;
        return;
      case Kind::block:
        if (node.items.empty()) return;
        node.is_tuple = true;
        return find_ancestor(*node.items.back(), ancestor);
      case Kind::path:
        node.is_tuple = true;
        for (std::size_t i = node.items.size(); i-- > 0;) {
          find_ancestor(*node.items[i], ancestor);
          if (ancestor.level == 0) return;
        }
        return;
      default:
        fail("S0217", "%", node.position);
    }
  }

  // ---- tail calls

  static void mark_tail_calls(Syntax& node) {
    if (!node.predicates.empty() || node.grouping != nullptr || node.keeps_array) return;
    switch (node.kind) {
      case Kind::function:
        node.is_tail_call = true;
        return;
      case Kind::condition:
        for (std::size_t i = 1; i < node.items.size(); ++i) mark_tail_calls(*node.items[i]);
        return;
      case Kind::fallback:
        mark_tail_calls(*node.items[1]);
        return;
      case Kind::block:
        if (!node.items.empty()) mark_tail_calls(*node.items.back());
        return;
      default:
        return;
    }
  }

  SyntaxPool& pool_;
};

}  // namespace

Syntax* resolve_syntax(Syntax* parsed, SyntaxPool& pool) {
  Syntax* root = Resolver(pool).resolve(parsed);
  const bool is_open = std::any_of(root->seeks.begin(), root->seeks.end(),
                                   [](const Ancestor* ancestor) { return ancestor->level > 0; });
  if (is_open) fail("S0217", "%", root->position);
  return root;
}

}  // namespace huiliu::expr
