// Expressions: any text compiles or is refused with a code; what compiles ends within its limits.
#include "hub/expr/expr.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace expr = huiliu::expr;
  const std::string_view text = huiliu::fuzz::text_of(data, size);
  const auto program = expr::compile(text);
  if (!program.ok()) {
    huiliu::fuzz::require(!program.error().message.empty(), "an error says what is wrong", text);
    return 0;
  }
  static const huiliu::model::Value document = *huiliu::model::parse_json(
      R"({"customer":{"name":"深圳市","orders":[{"sum":12.5,"items":[1,2,3]},{"sum":7}]},"text":"a,b;c","n":null})");
  expr::Context context;
  context.limits.steps = 200'000;
  context.limits.depth = 200;
  context.limits.bytes = std::size_t{1} << 24;
  (void)expr::evaluate(*program, &document, context);
  return 0;
}

namespace huiliu::fuzz {

std::vector<std::string> seeds() {
  return {"customer.orders[sum > 10].items",
          "$sum(customer.orders.sum)",
          "{ \"a\": customer.name & '!', \"b\": [1..5] }",
          "customer.orders^(>sum).sum",
          "$map([1,2,3], function($v, $i) { $v * $i })",
          "($f := λ($x){$x<2?1:$x*$f($x-1)}; $f(9))",
          "$replace(text, /([a-c])[,;]/i, '$1-')",
          "customer.**.sum",
          "customer ~> |orders|{\"sum\": sum*2}, 'items'|",
          "$formatNumber(1234.5, '#,##0.00')",
          "$toMillis('2024-03-05', '[Y]-[M01]-[D01]')",
          "customer.%.name",
          "$$.text[0]",
          "`back tick`.'quoted'[\"x\"]",
          "/* comment */ 1 + -2 % 3",
          "$sort([3,1,2]) ~> $join('-')",
          "a ?: b ?? c",
          "$eval('1+1')"};
}

std::vector<std::string> long_units() {
  return {"(", "[", "a.", "1+", "\"a", "/a", "$f(", "a[", "-", "{\"a\":", "/* ", "`", "a?b:", "**."};
}

}  // namespace huiliu::fuzz
