// The language: paths and sequences, operators, variables, functions.
#include <gtest/gtest.h>

#include "tests/unit/expr/run.hpp"

namespace huiliu::expr {
namespace {

constexpr std::string_view shop = R"({
  "name": "Alder & Co", "orders": [
    {"no": "A1", "lines": [{"sku": "x", "price": 2.5, "qty": 4, "tags": ["new", "red"]}, {"sku": "y", "price": 10, "qty": 1, "tags": []}]},
    {"no": "A2", "lines": [{"sku": "x", "price": 2.5, "qty": 2, "tags": ["old"]}]}],
  "contact": {"phones": [{"kind": "home", "number": "1"}, {"kind": "work", "number": "2"}, {"kind": "work", "number": "3"}]}})";

TEST(ExprPath, WalksObjectsAndFlattensArrays) {
  EXPECT_EQ(run("name", shop), R"("Alder & Co")");
  EXPECT_EQ(run("orders.lines.sku", shop), R"(["x","y","x"])");
  EXPECT_EQ(run("orders.lines.tags", shop), R"(["new","red","old"])");
  EXPECT_EQ(run("orders.[lines.sku]", shop), R"([["x","y"],["x"]])");
  EXPECT_EQ(run("orders.nothing.sku", shop), "undefined");
  EXPECT_EQ(run("$.a", R"([{"a":[1,2]},{"a":3},{"b":4}])"), "[1,2,3]");
  EXPECT_EQ(run("`name` & \"/\" & contact.phones[0].\"number\"", shop), R"("Alder & Co/1")");
}

TEST(ExprPath, UnwrapsSequencesOfOneButNotArrays) {
  EXPECT_EQ(run("orders[no='A2'].no", shop), R"("A2")");
  EXPECT_EQ(run("orders[no='A2'].no[]", shop), R"(["A2"])");
  EXPECT_EQ(run("a", R"({"a":[1]})"), "[1]");
  EXPECT_EQ(run("a.b", R"({"a":[{"b":1}]})"), "1");
  EXPECT_EQ(run("a[]", R"({"a":1})"), "[1]");
  EXPECT_EQ(run("$filter([0,5], function($v){$v > 1})[]"), "[5]");
}

TEST(ExprPath, FiltersByPositionAndCondition) {
  EXPECT_EQ(run("orders.lines[0].sku", shop), R"(["x","x"])");
  EXPECT_EQ(run("(orders.lines)[-1].sku", shop), R"("x")");
  EXPECT_EQ(run("orders.lines[price > 5].sku", shop), R"("y")");
  EXPECT_EQ(run("contact.phones[kind='work'][1].number", shop), R"("3")");
  EXPECT_EQ(run("[10..20][[0,2..3,-1]]"), "[10,12,13,20]");
  EXPECT_EQ(run("[1,2,3][7]"), "undefined");
  EXPECT_EQ(run("missing[true]", shop), "undefined");
}

TEST(ExprPath, SortsStablyByTerms) {
  EXPECT_EQ(run("orders.lines^(sku, >qty).qty", shop), "[4,2,1]");
  EXPECT_EQ(run("[3,1,2]^(>$)"), "[3,2,1]");
  EXPECT_EQ(run("$^(k).v", R"([{"v":1},{"k":2,"v":2},{"k":1,"v":3}])"), "[3,2,1]");
  EXPECT_EQ(run("$^(k)", R"([{"k":1},{"k":"a"}])"), "!T2007");
  EXPECT_EQ(run("$^(k)", R"([{"k":1},{"k":true}])"), "!T2008");
}

TEST(ExprPath, GroupsByKey) {
  EXPECT_EQ(run("orders.lines{sku: $sum(qty)}", shop), R"({"x":6,"y":1})");
  EXPECT_EQ(run("contact.phones{kind: number}", shop), R"({"home":"1","work":["2","3"]})");
  EXPECT_EQ(run("contact.phones{'n': $count($)}", shop), R"({"n":3})");
  EXPECT_EQ(run("nothing{sku: 1}", shop), "{}");
  EXPECT_EQ(run("contact.phones{kind: 1, kind: 2}", shop), "!D1009");
  EXPECT_EQ(run("orders.lines{price: 1}", shop), "!T1003");
}

TEST(ExprPath, BindsContextAndPosition) {
  EXPECT_EQ(run("orders@$o.lines", shop), "undefined");  // the context stays where it was
  EXPECT_EQ(run("orders@$o.$o.lines.{'o': $o.no, 's': sku}", shop),
            R"([{"o":"A1","s":"x"},{"o":"A1","s":"y"},{"o":"A2","s":"x"}])");
  EXPECT_EQ(run("orders#$i.lines#$j.($i & '/' & $j)", shop), R"(["0/0","0/1","1/0"])");
  EXPECT_EQ(run("orders.lines[qty > 1]#$i.{'i': $i, 'q': qty}", shop), R"([{"i":0,"q":4},{"i":1,"q":2}])");
  EXPECT_EQ(run("orders#$i.lines{sku: $i}", shop), R"({"x":[0,1],"y":0})");
}

TEST(ExprPath, FindsParents) {
  EXPECT_EQ(run("orders.lines.{'s': sku, 'o': %.no, 'n': %.%.name}[0]", shop),
            R"({"s":"x","o":"A1","n":"Alder & Co"})");
  EXPECT_EQ(run("orders.lines[%.no='A2'].sku", shop), R"("x")");
  EXPECT_EQ(run("orders.(lines.tags).(%.sku)", shop), R"(["x","x","x"])");
  EXPECT_EQ(run("(orders.lines)[%.no='A1'].sku", shop), R"(["x","y"])");
  EXPECT_EQ(run("orders.lines.sku^(%.price)", shop), R"(["x","x","y"])");
  EXPECT_EQ(run("%.x", shop), "!S0217");
}

TEST(ExprPath, ReadsWildcardsAndDescendants) {
  EXPECT_EQ(run("contact.*.kind", shop), R"(["home","work","work"])");
  EXPECT_EQ(run("**.sku", shop), R"(["x","y","x"])");
  EXPECT_EQ(run("*", R"({"a":1,"b":[2,[3]]})"), "[1,2,3]");
  EXPECT_EQ(run("$sum.*"), "undefined");
}

TEST(ExprOperator, CalculatesAndCompares) {
  EXPECT_EQ(run("1 + 2 * 3 - 4 / 8 % 3"), "6.5");
  EXPECT_EQ(run("-(2 + 3)"), "-5");
  EXPECT_EQ(run("\"a\" < \"b\" and 2 >= 2"), "true");
  EXPECT_EQ(run("{\"a\":[1]} = {\"a\":[1]}"), "true");
  EXPECT_EQ(run("nothing = nothing"), "false");
  EXPECT_EQ(run("nothing + 1"), "undefined");
  EXPECT_EQ(run("2 in [1,2]"), "true");
  EXPECT_EQ(run("1 & true & null & [1]"), R"("1truenull[1]")");
  EXPECT_EQ(run("0 ?: 'd'"), R"("d")");
  EXPECT_EQ(run("0 ?? 'd'"), "0");
  EXPECT_EQ(run("'a' + 1"), "!T2001");
  EXPECT_EQ(run("1 + 'a'"), "!T2002");
  EXPECT_EQ(run("1 < 'a'"), "!T2009");
  EXPECT_EQ(run("1 < true"), "!T2010");
  EXPECT_EQ(run("1e300 * 1e300 + 1"), "!D1001");
}

TEST(ExprOperator, MakesRangesAndArrays) {
  EXPECT_EQ(run("[1..3, 7, [8, 9]]"), "[1,2,3,7,[8,9]]");
  EXPECT_EQ(run("[3..1]"), "[]");
  EXPECT_EQ(run("[1..1]"), "[1]");
  EXPECT_EQ(run("$count([1..10000000])"), "10000000");
  EXPECT_EQ(run("[1..10000001]"), "!D2014");
  EXPECT_EQ(run("[0.5..2]"), "!T2003");
}

TEST(ExprVariable, IsSeenInItsBlockOnly) {
  EXPECT_EQ(run("($x := 1; ($x := 2; $x) + $x)"), "3");
  EXPECT_EQ(run("($x := 1; ($y := $x; $x := 2; $y))"), "1");
  EXPECT_EQ(run("($f := function(){$x}; $x := 5; $f())"), "5");
  EXPECT_EQ(run("($x := 1; ($x := nothing; $exists($x)))"), "false");
  EXPECT_EQ(run("[1..3].($y := $; $y * 10)"), "[10,20,30]");
  EXPECT_EQ(run("$x := 3"), "3");
}

TEST(ExprVariable, IsKeptByTheFunctionThatSawIt) {
  EXPECT_EQ(run("($add := function($n){function($m){$n + $m}}; $map([1,2], $add)[0](10))"), "11");
  EXPECT_EQ(run("($fs := [1..3].($n := $; function(){$n}); [$fs[0](), $fs[1](), $fs[2]()])"), "[1,2,3]");
  EXPECT_EQ(run("($fs := $@$v.a#$i.(function(){$i}); $fs[1]())", R"({"a":[7,8]})"), "1");
}

TEST(ExprFunction, RecursesAndCallsLastWithoutStack) {
  EXPECT_EQ(run("($f := function($n){$n < 2 ? 1 : $n * $f($n - 1)}; $f(10))"), "3628800");
  EXPECT_EQ(run("($f := function($n, $a){$n = 0 ? $a : $f($n - 1, $a + $n)}; $f(200000, 0))"), "20000100000");
  EXPECT_EQ(run("($even := λ($n){$n = 0 ? true : $odd($n - 1)}; $odd := λ($n){$n = 0 ? false : $even($n - "
                "1)}; $even(50001))"),
            "false");
}

TEST(ExprFunction, AppliesPartiallyAndChains) {
  EXPECT_EQ(run("($half := $substring(?, 0, ?); $half('abcdef', 3))"), R"("abc")");
  EXPECT_EQ(run("' a  b ' ~> $trim ~> $uppercase"), R"("A B")");
  EXPECT_EQ(run("($f := $trim ~> $length; $f(' ab '))"), "2");
  EXPECT_EQ(run("[1..4] ~> $map(function($x){$x * $x}) ~> $sum()"), "30");
  EXPECT_EQ(run("1 ~> 2"), "!T2006");
  EXPECT_EQ(run("trim('x')"), "!T1005");
  EXPECT_EQ(run("$nothing('x')"), "!T1006");
}

TEST(ExprFunction, ChecksSignatures) {
  EXPECT_EQ(run("λ($a, $b)<n-s?:n>{$a}('x')", "5"), "5");
  EXPECT_EQ(run("λ($a)<a<n>:n>{$a}(3)"), "[3]");
  EXPECT_EQ(run("λ($a)<a<n>:n>{$a}(['x'])"), "!T0412");
  EXPECT_EQ(run("λ($a)<n-:n>{$a}()", "\"x\""), "!T0411");
  EXPECT_EQ(run("λ($a, $b)<n+s:s>{[$a, $b]}(1, 2, 'x')"), "[1,2]");
  EXPECT_EQ(run("$length(1)"), "!T0410");
  EXPECT_EQ(run("λ($a)<n<n>>{$a}(1)"), "!S0401");
  EXPECT_EQ(run("λ($a)<(sa<n>)>{$a}(1)"), "!S0402");
}

TEST(ExprTransform, ChangesACopyOnly) {
  EXPECT_EQ(run("$ ~> |a.b|{'c': c + 1, 'd': 0}, 'e'|", R"({"a":{"b":[{"c":1,"e":9},{"c":2}]}})"),
            R"({"a":{"b":[{"c":2,"d":0},{"c":3,"d":0}]}})");
  EXPECT_EQ(run("($x := {'a': {'b': 1}}; [$x ~> |a|{'b': 2}|, $x])"), R"([{"a":{"b":2}},{"a":{"b":1}}])");
  EXPECT_EQ(run("($x := {'n': 1}; $y := {} ~> |$x|{'n': [2]}|; $x.n)"), "1");
  EXPECT_EQ(run("$ ~> |a|1|", R"({"a":{}})"), "!T2011");
}

TEST(ExprSyntax, ReportsWhereAndWhat) {
  const auto program = compile("1 + (2 *)");
  ASSERT_FALSE(program.ok());
  EXPECT_EQ(program.error().code, "S0211");
  EXPECT_EQ(program.error().where, "position 8");
  EXPECT_EQ(program.error().error_class, model::ErrorClass::config);
  EXPECT_EQ(run(""), "!S0207");
  EXPECT_EQ(run("\"a"), "!S0101");
  EXPECT_EQ(run("'a\\x'"), "!S0103");
  EXPECT_EQ(run("`a"), "!S0105");
  EXPECT_EQ(run("/a"), "!S0302");
  EXPECT_EQ(run("/(/"), "!S0302");
  EXPECT_EQ(run("/a{2,1}/"), "!S0303");
  EXPECT_EQ(run("1 /* a */ + /* b */ 2"), "3");
}

TEST(ExprResult, KeepsTheTextOfUntouchedNumbers) {
  EXPECT_EQ(run("{'id': id, 'n': n, 'sum': n + 1}", R"({"id":1234567890123456789,"n":1.10})"),
            R"({"id":1234567890123456789,"n":1.10,"sum":2.1})");
  EXPECT_EQ(run("a = b", R"({"a":1234567890123456789,"b":1234567890123456788})"), "false");
  EXPECT_EQ(run("[1/0, function(){1}, nothing]"), "[null,null]");
  EXPECT_EQ(run("{'f': $sum, 'a': 1}"), R"({"a":1})");
  EXPECT_EQ(run("$sum"), "undefined");
}

}  // namespace
}  // namespace huiliu::expr
