// The syntax tree of an expression: first as parsed, then as resolved.
//
// The parser makes it as the text reads: a.b[1].c is a chain of binary nodes. The resolver rewrites it into
// what JSONata means: one path of steps, each with its stages, and so on. The generator then makes the
// Program of it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiliu::expr {

struct Syntax;

// The object that a % stands for: found by walking back `level` steps, then bound to a variable of this
// label.
struct Ancestor {
  std::string label;
  int level = 1;
  Ancestor* same_as = nullptr;  // two % may mean the same step

  const std::string& name() const { return same_as == nullptr ? label : same_as->name(); }
};

struct SyntaxStage {
  bool is_index = false;  // else a filter
  Syntax* filter = nullptr;
  std::string variable = {};  // of an index
};

struct SyntaxTerm {
  Syntax* expression = nullptr;
  bool is_descending = false;
};

struct Syntax {
  enum class Kind {
    end,
    name,
    variable,
    string,
    number,
    value,
    regex,
    wildcard,
    descendant,
    parent,
    word,         // and, or, in where an operand stands: a name after all
    placeholder,  // the ? of a partial application
    negation,     // items[0]
    binary,       // value is the operator; items lhs, rhs
    array,        // items
    object,       // pairs
    block,        // items
    function,     // procedure items[0], then the arguments
    partial,      // the same
    lambda,       // parameters items[1…], body items[0]
    condition,    // items: condition, then, else?
    fallback,     // ?: and ??, value is the operator; items lhs, rhs
    transform,    // items: pattern, update, delete?
    // only as parsed
    filter,  // lhs[rhs]
    group,   // items[0]{pairs}
    order,   // items[0]^(terms)
    focus,   // lhs@$value
    index,   // lhs#$value
    // only as resolved
    path,   // items are the steps
    bind,   // $value := items[0]
    apply,  // lhs ~> rhs
    sort,   // a step: terms
  };

  Kind kind = Kind::end;
  std::uint32_t position = 0;
  std::uint32_t height = 1;  // of the tree below
  std::string value = {};
  double number = 0;
  std::vector<Syntax*> items = {};
  std::vector<std::pair<Syntax*, Syntax*>> pairs = {};
  std::vector<SyntaxTerm> terms = {};
  std::string signature = {};  // of a lambda
  bool ignores_case = false;   // of a regex
  bool is_multiline = false;   // of a regex
  bool keeps_array = false;    // followed by []

  // Resolved.
  std::vector<SyntaxStage> stages = {};  // of a step behind the first
  std::vector<Syntax*> predicates = {};  // of any other expression
  Syntax* grouping = nullptr;            // of kind object
  std::string focus = {};                // this step binds $focus and leaves the context alone
  std::string index = {};                // this step binds $index
  Ancestor* ancestor = nullptr;          // this step binds its context for a %
  std::vector<Ancestor*> seeks = {};     // % below that no step has answered yet
  Ancestor* slot = nullptr;              // of parent
  bool is_tuple = false;
  bool is_constructed = false;   // array constructor that a path must not flatten
  bool keeps_singleton = false;  // of a path: some step is followed by []
  bool is_tail_call = false;     // of function
  bool captures = false;         // something inside may keep variables: a lambda, a transform, $eval
  bool binds_outside = false;    // it binds a variable that is seen outside of it
  bool is_independent = false;   // its value does not depend on the context
};

// Owns all nodes of one expression.
class SyntaxPool {
 public:
  Syntax* make(Syntax::Kind kind, std::uint32_t position) {
    Syntax& node = nodes_.emplace_back();
    node.kind = kind;
    node.position = position;
    return &node;
  }
  Ancestor* make_ancestor() {
    Ancestor& ancestor = ancestors_.emplace_back();
    ancestor.label = "%" + std::to_string(ancestors_.size());
    return &ancestor;
  }

 private:
  std::deque<Syntax> nodes_;
  std::deque<Ancestor> ancestors_;
};

// Raise the S codes of JSONata; U1001 when the expression nests too deeply.
Syntax* parse_syntax(std::string_view source, SyntaxPool& pool);
Syntax* resolve_syntax(Syntax* parsed, SyntaxPool& pool);

}  // namespace huiliu::expr
