// A compiled expression: a tree of nodes with variables resolved to slots of frames.
//
// Frames: each call of a lambda has one. A block's variables, and those of a path that binds some, live in
// the frame around them, unless something inside could keep them beyond their time (a lambda, a transform,
// $eval); then they have a frame of their own. A slot that nothing was bound to yet is Tag::unbound: then the
// name means the variable around it, so a variable node may have several candidates.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "hub/expr/item.hpp"
#include "hub/expr/regex/regex.hpp"
#include "hub/expr/signature.hpp"

namespace huiliu::expr {

enum class Op : std::uint8_t {
  constant,
  context,
  variable,
  name,
  wildcard,
  descendant,
  regex,
  path,
  sort,
  negate,
  array,
  object,
  block,
  bind,
  condition,
  otherwise,
  coalesce,
  apply,
  call,
  partial,
  lambda,
  transform,
  // binary
  add,
  subtract,
  multiply,
  divide,
  remainder,
  equal,
  unequal,
  less,
  less_equal,
  greater,
  greater_equal,
  both,
  either,
  concatenate,
  includes,
  range,
};

struct Node;
struct ObjectNode;

// A filter; or, on tuples, the binding of each one's position.
struct Stage {
  const Node* filter = nullptr;
  std::uint32_t index_column = 0;
  bool can_release = true;      // the filter binds nothing outside itself
  bool is_independent = false;  // of the item: the filter has the same value for all
};

// What is done to a node's value before it is passed on; rare.
struct Afterwards {
  std::vector<Stage> predicates;
  const ObjectNode* grouping = nullptr;
  bool keeps_array = false;
};

struct Node {
  Op op;
  std::uint32_t position = 0;
  std::unique_ptr<Afterwards> afterwards = nullptr;

  explicit Node(Op op_p, std::uint32_t position_p) : op(op_p), position(position_p) {}
  virtual ~Node() = default;
};

struct ConstantNode final : Node {
  using Node::Node;
  Item value;
  std::string text;  // of a string
};

struct NameNode final : Node {
  using Node::Node;
  std::string name;
  std::uint8_t hint = 0;  // where in the evaluator's memory of positions
};

struct SlotPlace {
  std::uint32_t hops = 0;  // frames outwards
  std::uint32_t slot = 0;
};

struct VariableNode final : Node {
  using Node::Node;
  std::string name;
  std::vector<SlotPlace> places;  // from the innermost on
  std::uint8_t hint = 0;          // where in the evaluator's memory of global variables
};

struct PatternNode final : Node {
  using Node::Node;
  std::optional<Regex> regex;
};

// The slots of a scope: a frame of its own, or a part of the frame around it.
struct Extent {
  bool owns_frame = false;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

struct Step {
  const Node* node = nullptr;  // may be a sort
  std::vector<Stage> stages;
  bool is_constructed = false;
  bool is_tuple = false;
  // Columns of the tuples that this step fills in; 0: none (column 0 is the context).
  std::uint32_t focus = 0;
  std::uint32_t index = 0;
  std::uint32_t ancestor = 0;
  std::vector<std::uint32_t> nested_columns;  // of a nested path's tuples: which columns they become here
};

struct PathNode final : Node {
  using Node::Node;
  std::vector<Step> steps;
  std::vector<std::string> columns;  // variables of the tuples; column i + 1
  Extent extent;                     // where they are bound
  const ObjectNode* grouping = nullptr;
  bool keeps_singleton = false;
  bool keeps_array = false;
  bool is_plain = false;  // names only
  bool starts_at_variable = false;
  bool returns_tuples = false;
};

struct SortTerm {
  const Node* expression = nullptr;
  bool is_descending = false;
};

struct SortNode final : Node {
  using Node::Node;
  std::vector<SortTerm> terms;
};

// negate, and all binary ones; apply; otherwise and coalesce.
struct OperatorNode final : Node {
  using Node::Node;
  const Node* left = nullptr;
  const Node* right = nullptr;
};

// array, block.
struct ListNode final : Node {
  using Node::Node;
  std::vector<const Node*> items;
  bool is_constructed = false;  // of array
  Extent extent;                // of block: its variables
};

struct ObjectNode final : Node {
  using Node::Node;
  std::vector<std::pair<const Node*, const Node*>> pairs;
  bool has_fixed_keys = false;  // all keys are literals, all different
};

struct BindNode final : Node {
  using Node::Node;
  std::uint32_t slot = 0;
  const Node* value = nullptr;
};

struct ConditionNode final : Node {
  using Node::Node;
  const Node* condition = nullptr;
  const Node* yes = nullptr;
  const Node* no = nullptr;  // may be null
};

struct Scope;

// call, partial (then a null argument is a placeholder).
struct CallNode final : Node {
  using Node::Node;
  const Node* procedure = nullptr;
  std::vector<const Node*> arguments;
  std::string name;  // for messages
  bool is_tail_call = false;
  bool is_name = false;          // the procedure is a plain name: perhaps the $ was forgotten
  const Scope* scope = nullptr;  // what an expression given to $eval can see
};

struct LambdaNode final : Node {
  using Node::Node;
  std::vector<std::uint32_t> parameters;  // slots
  std::uint32_t frame_size = 0;
  bool is_captured = false;  // the frame may outlive the call
  std::optional<Signature> signature;
  const Node* body = nullptr;
};

struct TransformNode final : Node {
  using Node::Node;
  const VariableNode* clone = nullptr;  // the function that copies the input
  const Node* pattern = nullptr;
  const Node* update = nullptr;
  const Node* deletions = nullptr;  // may be null
};

// The variables of one piece of the source, by name. Kept for $eval.
struct Scope {
  const Scope* parent = nullptr;
  bool is_function = false;  // has a frame in any case
  bool is_captured = false;  // something inside may keep its variables
  std::vector<std::string> names = {};
  std::unordered_map<std::string, std::uint32_t> places = {};  // of the names
  std::uint32_t first_slot = 0;
  std::uint32_t frame_size = 0;  // if it owns a frame

  bool owns_frame() const noexcept { return is_function || (is_captured && !names.empty()); }
};

struct ProgramData {
  std::deque<std::unique_ptr<Node>> nodes;
  std::deque<Scope> scopes;
  const Node* root = nullptr;
  std::uint32_t frame_size = 0;
};

// Raises; `outer` is what an expression given to $eval can see.
std::unique_ptr<ProgramData> make_program(std::string_view source, const Scope* outer = nullptr);

}  // namespace huiliu::expr
