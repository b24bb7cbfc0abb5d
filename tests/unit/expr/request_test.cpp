// Requests, bindings and functions of the host.
#include <gtest/gtest.h>

#include "tests/unit/expr/run.hpp"

namespace huiliu::expr {
namespace {

std::string answer(std::string_view line) {
  std::int64_t now = 1'700'000'000'000;
  return evaluate_request_line(line, [&now] { return ++now; });
}

TEST(ExprRequest, AnswersLines) {
  EXPECT_EQ(answer(R"({"expr":"a + $b","data":{"a":1},"bindings":{"b":2}})"), R"({"result":3})");
  EXPECT_EQ(answer(R"({"expr":"a"})"), R"({"undefined":true})");
  EXPECT_EQ(answer(R"({"expr":"$","data":null})"), R"({"result":null})");
  EXPECT_EQ(answer(R"~({"expr":"$now()"})~"), R"({"result":"2023-11-14T22:13:20.001Z"})");
  EXPECT_EQ(answer(R"~({"expr":"$error('no')"})~"), R"~({"code":"D3137","message":"no"})~");
  EXPECT_EQ(answer(R"({"expr":"1 +"})").substr(0, 15), R"({"code":"S0207")");
  EXPECT_EQ(answer(R"({"data":1})").substr(0, 15), R"({"code":"S0500")");
  EXPECT_EQ(answer("{").substr(0, 15), R"({"code":"S0500")");
}

TEST(ExprRequest, KeepsItsLimits) {
  EXPECT_EQ(answer(R"~({"expr":"($f := function(){$f()}; $f())","timelimit":50})~").substr(0, 15),
            R"({"code":"U1001")");
  EXPECT_EQ(answer(R"~({"expr":"((((1))))","depth":4})~").substr(0, 15), R"({"code":"U1001")");
  EXPECT_EQ(answer(R"~({"expr":"((((1))))","depth":5})~"), R"~({"result":1})~");
}

TEST(ExprRequest, ReadsUnpairedSurrogatesInExpressions) {
  EXPECT_EQ(answer(R"~({"expr":"$encodeUrl('\ud800')"})~").substr(0, 15), R"({"code":"D3140")");
  EXPECT_EQ(answer(R"~({"expr":"$length('\ud834\udd1e')"})~"), R"~({"result":1})~");
}

TEST(ExprRequest, GivesTheSameAsAValue) {
  for (const char* line :
       {R"~({"expr":"{'a': [1..3], 'b': $sum, 'c': nothing, 'd': 1/0, 'e': x}","data":{"x":1.50}})~",
        R"~({"expr":"[1, $sum, 'é\n']"})~"}) {
    const model::Value request = *model::parse_json(line);
    EXPECT_EQ(answer(line), to_json(evaluate_request(request, [] { return std::int64_t{0}; }))) << line;
  }
}

TEST(ExprHost, CallsFunctionsOfTheHost) {
  FunctionTable functions;
  ASSERT_TRUE(functions
                  .add({"twice", "<n-:n>",
                        [](HostFunction::Arguments arguments) -> Result<std::optional<model::Value>> {
                          return std::optional<model::Value>(arguments[0]->as_number().to_double() * 2);
                        }})
                  .ok());
  ASSERT_TRUE(functions
                  .add({"broken", "",
                        [](HostFunction::Arguments) -> Result<std::optional<model::Value>> {
                          return model::make_error(model::ErrorClass::data, "it broke");
                        }})
                  .ok());
  ASSERT_TRUE(functions
                  .add({"record", "",
                        [](HostFunction::Arguments) -> Result<std::optional<model::Value>> {
                          return std::optional<model::Value>(model::Object{{"a", model::Array{1, 2}}});
                        }})
                  .ok());
  EXPECT_FALSE(functions.add({"bad", "<n<n>>", nullptr}).ok());
  Context context;
  context.functions = &functions;
  EXPECT_EQ(run("[1, 2].$twice()", "", context), "[2,4]");
  EXPECT_EQ(run("$map([1, 2], $twice)", "", context), "[2,4]");
  EXPECT_EQ(run("$record().a", "", context), "[1,2]");
  EXPECT_EQ(run("$twice('x')", "", context), "!T0410");
  EXPECT_EQ(run("$broken()", "", context), "!D3137");
  EXPECT_EQ(run("($twice := function($x){$x * 3}; $twice(2))", "", context), "6");
}

TEST(ExprProgram, IsSharedByEvaluations) {
  const Program program = *compile("$sum(items[qty > $least].qty)");
  for (int least = 0; least < 3; ++least) {
    model::Object bindings;
    bindings.set("least", least);
    Context context;
    context.bindings = &bindings;
    const model::Value data = *model::parse_json(R"({"items":[{"qty":1},{"qty":2},{"qty":3}]})");
    const auto result = evaluate(program, &data, context);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(to_json(**result), least == 0 ? "6" : (least == 1 ? "5" : "3"));
  }
  EXPECT_FALSE(evaluate(Program(), nullptr)->has_value());
}

}  // namespace
}  // namespace huiliu::expr
