// Types, truth, errors, $eval.
#include "hub/expr/builtins.hpp"
#include "hub/expr/failure.hpp"

namespace huiliu::expr {
namespace {

Item type(Evaluator&, const Arguments& arguments, const CallContext&) {
  return arguments[0].is_undefined() ? Item() : Item::of_lasting_text(type_of(arguments[0]));
}

Item boolean(Evaluator&, const Arguments& arguments, const CallContext&) {
  return arguments[0].is_undefined() ? Item() : Item::of_bool(is_true(arguments[0]));
}

Item negated(Evaluator&, const Arguments& arguments, const CallContext&) {
  return arguments[0].is_undefined() ? Item() : Item::of_bool(!is_true(arguments[0]));
}

Item exists(Evaluator&, const Arguments& arguments, const CallContext&) {
  return Item::of_bool(!arguments[0].is_undefined());
}

Item error(Evaluator&, const Arguments& arguments, const CallContext&) {
  const bool has_message = arguments[0].is_string() && arguments[0].size > 0;
  fail_with("D3137", has_message ? std::string(arguments[0].as_string()) : "$error() function evaluated");
}

Item assertion(Evaluator&, const Arguments& arguments, const CallContext&) {
  if (is_true(arguments[0])) return {};
  const bool has_message = arguments[1].is_string() && arguments[1].size > 0;
  fail_with("D3141", has_message ? std::string(arguments[1].as_string()) : "$assert() statement failed");
}

Item evaluated(Evaluator& evaluator, const Arguments& arguments, const CallContext& context) {
  if (arguments[0].is_undefined()) return {};
  const Item focus = arguments[1];
  if (focus.is_undefined()) return evaluator.evaluate_text(arguments[0], context.input, context);
  return evaluator.evaluate_text(arguments[0], focus.is_array() ? focus.with(is_whole_input) : focus,
                                 context);
}

Item clone(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  return evaluator.clone(arguments[0]);
}

constexpr BuiltinEntry general_entries[] = {
    {"type", "<x:s>", 1, type},        {"boolean", "<x-:b>", 1, boolean}, {"not", "<x-:b>", 1, negated},
    {"exists", "<x:b>", 1, exists},    {"error", "<s?:x>", 1, error},     {"assert", "<bs?:x>", 2, assertion},
    {"eval", "<sx?:x>", 2, evaluated}, {"clone", "<(oa)-:o>", 1, clone},
};

}  // namespace

std::span<const BuiltinEntry> general_builtins() { return general_entries; }

}  // namespace huiliu::expr
