// Top-down operator precedence, with JSONata's binding powers.
#include <algorithm>
#include <array>

#include "hub/expr/failure.hpp"
#include "hub/expr/lexer.hpp"
#include "hub/expr/signature.hpp"
#include "hub/expr/syntax.hpp"

namespace huiliu::expr {
namespace {

using Kind = Syntax::Kind;

// So that no later pass over the tree runs out of stack.
constexpr std::uint32_t greatest_height = 1000;
constexpr int deepest_parser_recursion = 500;

struct BindingPower {
  std::string_view symbol;
  int power;
};

constexpr std::array binding_powers{
    BindingPower{".", 75},  BindingPower{"[", 80},  BindingPower{"{", 70},  BindingPower{"(", 80},
    BindingPower{"@", 80},  BindingPower{"#", 80},  BindingPower{"?", 20},  BindingPower{"+", 50},
    BindingPower{"-", 50},  BindingPower{"*", 60},  BindingPower{"/", 60},  BindingPower{"%", 60},
    BindingPower{"=", 40},  BindingPower{"<", 40},  BindingPower{">", 40},  BindingPower{"^", 40},
    BindingPower{":=", 10}, BindingPower{"!=", 40}, BindingPower{"<=", 40}, BindingPower{">=", 40},
    BindingPower{"~>", 40}, BindingPower{"?:", 40}, BindingPower{"??", 40}, BindingPower{"and", 30},
    BindingPower{"or", 25}, BindingPower{"in", 40}, BindingPower{"&", 50},
};

// How strongly a token binds as an infix operator; 0: it is none.
int power_of(const Token& token) {
  if (token.kind != Token::Kind::symbol) return 0;
  const auto found =
      std::find_if(binding_powers.begin(), binding_powers.end(),
                   [&token](const BindingPower& entry) { return entry.symbol == token.value; });
  return found == binding_powers.end() ? 0 : found->power;
}

// Its functions call each other as deep as the source nests. Each stays a function of its own, so that the
// frames on the stack are small.
class Parser {
 public:
  Parser(std::string_view source, SyntaxPool& pool) : lexer_(source), pool_(pool) {}

  Syntax* parse() {
    token_ = lexer_.next(true);
    Syntax* root = expression(0);
    if (token_.kind != Token::Kind::end) fail("S0201", token_.value, token_.position);
    return root;
  }

 private:
  bool is_at(std::string_view symbol) const {
    return token_.kind == Token::Kind::symbol && token_.value == symbol;
  }

  // To the next token. A slash there begins a regular expression if an operand may stand there.
  Token take(bool may_be_regex) {
    Token taken = std::move(token_);
    token_ = lexer_.next(may_be_regex);
    if (is_at("!") || is_at("~")) fail("S0204", token_.value, token_.position);
    return taken;
  }
  void expect(std::string_view symbol, bool may_be_regex) {
    if (!is_at(symbol)) {
      if (token_.kind == Token::Kind::end) fail("S0203", symbol, token_.position);
      fail("S0202", token_.value, token_.position);
    }
    take(may_be_regex);
  }

  Syntax* make(Kind kind, const Token& token) {
    Syntax* node = pool_.make(kind, token.position);
    node->value = token.value;
    return node;
  }
  static void grow(Syntax* node, const Syntax* child) {
    node->height = std::max(node->height, child->height + 1);
    if (node->height > greatest_height) fail_with("U1001", "the expression nests too deeply");
  }
  static void add(Syntax* node, Syntax* child) {
    node->items.push_back(child);
    grow(node, child);
  }

  [[gnu::noinline]] Syntax* expression(int right_power) {
    if (++depth_ > deepest_parser_recursion) fail_with("U1001", "the expression nests too deeply");
    Syntax* left = prefix();
    while (right_power < power_of(token_)) left = infix(left);
    --depth_;
    return left;
  }

  // ---- an operand, or an operator before one

  [[gnu::noinline]] Syntax* prefix() {
    const Token token = token_;
    switch (token.kind) {
      case Token::Kind::name:
        take(false);
        return make(Kind::name, token);
      case Token::Kind::variable:
        take(false);
        return make(Kind::variable, token);
      case Token::Kind::string:
        take(false);
        return make(Kind::string, token);
      case Token::Kind::value:
        take(false);
        return make(Kind::value, token);
      case Token::Kind::end:
        return make(Kind::end, token);
      case Token::Kind::number: {
        take(false);
        Syntax* node = make(Kind::number, token);
        node->number = token.number;
        return node;
      }
      case Token::Kind::regex: {
        take(false);
        Syntax* node = make(Kind::regex, token);
        node->ignores_case = token.ignores_case;
        node->is_multiline = token.is_multiline;
        return node;
      }
      case Token::Kind::symbol:
        return prefix_symbol(token);
    }
    return nullptr;
  }

  [[gnu::noinline]] Syntax* prefix_symbol(const Token& token) {
    const std::string& symbol = token.value;
    if (symbol == "-") return negation(token);
    if (symbol == "*" || symbol == "**" || symbol == "%" || symbol == "and" || symbol == "or" ||
        symbol == "in") {
      take(false);
      if (symbol == "*") return make(Kind::wildcard, token);
      if (symbol == "**") return make(Kind::descendant, token);
      return make(symbol == "%" ? Kind::parent : Kind::word, token);
    }
    if (symbol == "(") return block(token);
    if (symbol == "[") return array(token);
    if (symbol == "{") return object(token);
    if (symbol == "|") return transform(token);
    fail("S0211", symbol, token.position);
  }

  [[gnu::noinline]] Syntax* negation(const Token& token) {
    take(true);
    Syntax* node = make(Kind::negation, token);
    add(node, expression(70));
    return node;
  }

  [[gnu::noinline]] Syntax* block(const Token& token) {
    take(true);
    Syntax* node = make(Kind::block, token);
    while (!is_at(")")) {
      add(node, expression(0));
      if (!is_at(";")) break;
      take(true);
    }
    expect(")", false);
    return node;
  }

  [[gnu::noinline]] Syntax* array(const Token& token) {
    take(true);
    Syntax* node = make(Kind::array, token);
    if (!is_at("]")) {
      for (;;) {
        Syntax* item = expression(0);
        if (is_at("..")) item = range(item);
        add(node, item);
        if (!is_at(",")) break;
        take(true);
      }
    }
    expect("]", false);
    return node;
  }
  [[gnu::noinline]] Syntax* range(Syntax* first) {
    Syntax* node = make(Kind::binary, token_);
    take(true);
    add(node, first);
    add(node, expression(0));
    return node;
  }

  [[gnu::noinline]] Syntax* object(const Token& token) {
    take(true);
    return pairs(make(Kind::object, token));
  }
  // The key and value pairs of an object or a grouping, behind the {.
  [[gnu::noinline]] Syntax* pairs(Syntax* node) {
    if (!is_at("}")) {
      for (;;) {
        Syntax* key = expression(0);
        expect(":", true);
        Syntax* value = expression(0);
        node->pairs.emplace_back(key, value);
        grow(node, key);
        grow(node, value);
        if (!is_at(",")) break;
        take(true);
      }
    }
    expect("}", false);
    return node;
  }

  [[gnu::noinline]] Syntax* transform(const Token& token) {
    take(true);
    Syntax* node = make(Kind::transform, token);
    add(node, expression(0));
    expect("|", true);
    add(node, expression(0));
    if (is_at(",")) {
      take(true);
      add(node, expression(0));
    }
    expect("|", false);
    return node;
  }

  // ---- an operator behind an operand; it is taken already where its own function begins

  [[gnu::noinline]] Syntax* infix(Syntax* left) {
    const Token token = take(true);
    const std::string& symbol = token.value;
    if (symbol == "(") return call(token, left);
    if (symbol == "[") return filter(token, left);
    if (symbol == "{") return grouping(token, left);
    if (symbol == "^") return order(token, left);
    if (symbol == ":=") return bind(token, left);
    if (symbol == "@" || symbol == "#") return variable_of_step(token, left);
    if (symbol == "?") return condition(token, left);
    if (symbol == "?:" || symbol == "??") {
      Syntax* node = make(Kind::fallback, token);
      add(node, left);
      add(node, expression(0));
      return node;
    }
    Syntax* node = make(Kind::binary, token);
    add(node, left);
    add(node, expression(power_of(token)));
    return node;
  }

  [[gnu::noinline]] Syntax* call(const Token& token, Syntax* procedure) {
    Syntax* node = make(Kind::function, token);
    add(node, procedure);
    if (!is_at(")")) {
      for (;;) {
        if (is_at("?")) {
          node->kind = Kind::partial;
          add(node, make(Kind::placeholder, token_));
          take(false);
        } else {
          add(node, expression(0));
        }
        if (!is_at(",")) break;
        take(true);
      }
    }
    expect(")", false);
    const bool is_lambda =
        procedure->kind == Kind::name && (procedure->value == "function" || procedure->value == "λ");
    return is_lambda ? lambda(node) : node;
  }

  // The call of a function named "function": its arguments are the parameters.
  [[gnu::noinline]] Syntax* lambda(Syntax* node) {
    for (std::size_t i = 1; i < node->items.size(); ++i) {
      const Syntax* parameter = node->items[i];
      if (parameter->kind != Kind::variable) fail("S0208", parameter->value, parameter->position);
    }
    node->kind = Kind::lambda;
    if (is_at("<")) node->signature = signature();
    expect("{", true);
    node->items[0] = expression(0);
    grow(node, node->items[0]);
    expect("}", false);
    return node;
  }
  std::string signature() {
    std::string text;
    int depth = 0;
    do {
      if (is_at("<")) ++depth;
      if (is_at(">")) --depth;
      text += token_.value;
      if (depth > 0) take(false);
    } while (depth > 0 && !is_at("{") && token_.kind != Token::Kind::end);
    expect(">", false);
    Signature{text};  // here, so that what is wrong with it is reported before anything behind it
    return text;
  }

  [[gnu::noinline]] Syntax* filter(const Token& token, Syntax* left) {
    if (is_at("]")) {  // nothing between: keep arrays of one item
      Syntax* step = left;
      while (step->kind == Kind::filter) step = step->items[0];
      step->keeps_array = true;
      take(false);
      return left;
    }
    Syntax* node = make(Kind::filter, token);
    add(node, left);
    add(node, expression(0));
    expect("]", false);
    return node;
  }

  [[gnu::noinline]] Syntax* grouping(const Token& token, Syntax* left) {
    Syntax* node = make(Kind::group, token);
    add(node, left);
    return pairs(node);
  }

  [[gnu::noinline]] Syntax* order(const Token& token, Syntax* left) {
    Syntax* node = make(Kind::order, token);
    add(node, left);
    expect("(", true);
    for (;;) {
      SyntaxTerm term;
      if (is_at("<"))
        take(true);
      else if (is_at(">")) {
        term.is_descending = true;
        take(true);
      }
      term.expression = expression(0);
      grow(node, term.expression);
      node->terms.push_back(term);
      if (!is_at(",")) break;
      take(true);
    }
    expect(")", false);
    return node;
  }

  [[gnu::noinline]] Syntax* bind(const Token& token, Syntax* left) {
    if (left->kind != Kind::variable) fail("S0212", left->value, left->position);
    Syntax* node = make(Kind::bind, token);
    node->value = left->value;
    add(node, expression(power_of(token) - 1));
    return node;
  }

  [[gnu::noinline]] Syntax* variable_of_step(const Token& token, Syntax* left) {
    Syntax* node = make(token.value == "@" ? Kind::focus : Kind::index, token);
    const Syntax* variable = expression(power_of(token));
    if (variable->kind != Kind::variable) fail("S0214", token.value, token.position);
    node->value = variable->value;
    add(node, left);
    return node;
  }

  [[gnu::noinline]] Syntax* condition(const Token& token, Syntax* left) {
    Syntax* node = make(Kind::condition, token);
    add(node, left);
    add(node, expression(0));
    if (is_at(":")) {
      take(true);
      add(node, expression(0));
    }
    return node;
  }

  Lexer lexer_;
  SyntaxPool& pool_;
  Token token_;
  int depth_ = 0;
};

}  // namespace

Syntax* parse_syntax(std::string_view source, SyntaxPool& pool) { return Parser(source, pool).parse(); }

}  // namespace huiliu::expr
