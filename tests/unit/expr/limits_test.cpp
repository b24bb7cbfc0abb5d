// What an evaluation may use up, and input that tries to use up more.
#include <gtest/gtest.h>

#include "tests/unit/expr/run.hpp"

namespace huiliu::expr {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(ExprLimits, DepthCountsNestedEvaluations) {
  Context context;
  context.limits.depth = 303;
  constexpr std::string_view factorial = "($f := function($n){$n = 0 ? 1 : $n * $f($n - 1)}; $f(99) > 0)";
  EXPECT_EQ(run(factorial, "", context), "true");
  context.limits.depth = 302;
  EXPECT_EQ(run(factorial, "", context), "!U1001");
}

TEST(ExprLimits, EndlessRecursionEndsWithoutALimit) {
  EXPECT_EQ(run("($f := function($n){1 + $f($n)}; $f(1))"), "!U1001");
  EXPECT_EQ(run("($f := function($n){$map([1], function($x){1 + $f($x)})}; $f(1))"), "!U1001");
  EXPECT_EQ(run("($e := '$eval($e)'; $eval($e))"), "!U1001");
}

TEST(ExprLimits, TimeAndStepsEndEndlessLoops) {
  constexpr std::string_view endless = "($f := function(){$f()}; $f())";
  Context context;
  context.limits.steps = 100'000;
  EXPECT_EQ(run(endless, "", context), "!U1001");
  int asked = 0;
  context.limits.steps = 0;
  context.limits.expired = [&asked] { return ++asked > 10; };
  EXPECT_EQ(run(endless, "", context), "!U1001");
  EXPECT_EQ(asked, 11);
}

// What a single node does with a long list counts too.
TEST(ExprLimits, StepsCountWhatLongListsCost) {
  Context context;
  context.limits.steps = 1'000'000;
  EXPECT_EQ(run("($l := $append([1..30000], 0); $count($l[$ + 0.5 in $l]))", "", context), "!U1001");
  EXPECT_EQ(run("($o := [1..10000].{'i': $}; $count($o[($o.i; false)]))", "", context), "!U1001");
  EXPECT_EQ(run("($l := $append([1..30000], 0); $map($l, function($x){$sum($l)}))", "", context), "!U1001");
  EXPECT_EQ(run("$count([1..30000][$ in [1..20000]])", "", context), "20000");
  EXPECT_EQ(run("[1.5 in [1..3], 0 in [1..3], 3 in [1..3], '2' in [1..3]]"), "[false,false,true,false]");
}

TEST(ExprLimits, MemoryEndsGrowth) {
  Context context;
  context.limits.bytes = 1 << 20;
  EXPECT_EQ(run("($f := function($s){$f($s & $s)}; $f('abcd'))", "", context), "!U1001");
  EXPECT_EQ(run("($f := function($s){$f($append($s, $s))}; $f([1, 2]))", "", context), "!U1001");
  EXPECT_EQ(run("$count([1..1000].([1..1000].($ + 0)))", "", context), "!U1001");
  EXPECT_EQ(run("$pad('a', 1e300)", "", context), "!U1001");
  EXPECT_EQ(run("$count([1..1000])", "", context), "1000");
}

// A loop that leaves nothing behind needs no more memory the longer it runs.
TEST(ExprLimits, LoopsReleaseWhatTheyDoNotKeep) {
  Context context;
  context.limits.bytes = 1 << 18;
  EXPECT_EQ(run("($f := function($n){$n = 0 ? 'done' : ($t := [1..10].{'a': $}; $f($n - $count($t) + 9))}; "
                "$f(20000))",
                "", context),
            R"("done")");
  EXPECT_EQ(run("$reduce([1..20000], function($a, $b){$a + $count([$b, {'x': $b}])}, 0)", "", context),
            "40000");
  EXPECT_EQ(run("$count([1..20000][$string($) & 'x' = '7x'])", "", context), "1");
}

TEST(ExprLimits, GrowingAccumulatorsAreNotCopied) {
  Context context;
  context.limits.bytes = 32 << 20;
  EXPECT_EQ(run("$length($reduce([1..100000], function($a, $b){$a & ',' & $b}, ''))", "", context), "588895");
  EXPECT_EQ(run("$count($reduce([1..100000], function($a, $b){$append($a, $b)}, []))", "", context),
            "100000");
  EXPECT_EQ(run("$count($keys($reduce([1..20000], function($a, $b){$merge([$a, {'k' & $b: $b}])}, {})))", "",
                context),
            "20000");
}

TEST(ExprLimits, DeepValuesAreRefused) {
  EXPECT_EQ(run("$reduce([1..100000], function($a, $b){[[$a]]}, [])"), "!U1001");
  EXPECT_EQ(run("$string($reduce([1..100000], function($a, $b){{'a': $a}}, {}))"), "!U1001");
  EXPECT_EQ(run("($x := $reduce([1..100000], function($a, $b){[[$a]]}, []); $x = [$x])"), "!U1001");
}

TEST(ExprLimits, DeepSourcesAreRefused) {
  for (const char* text : {"(", "[", "{\"a\":", "-", "a[", "function($x){", "1?", "$f(", "|"}) {
    const std::string code = run(repeated(text, 100'000));
    EXPECT_EQ(code, "!U1001") << text;
  }
  EXPECT_EQ(run("1" + repeated("+1", 100'000)), "!U1001");
  EXPECT_EQ(run("a" + repeated(".a", 100'000)), "!U1001");
  EXPECT_EQ(run(repeated("(", 300) + "1" + repeated(")", 300)), "1");
  EXPECT_EQ(run("0" + repeated("+1", 900)), "900");
}

TEST(ExprLimits, LongSourcesAreRead) {
  EXPECT_EQ(run("$count([" + repeated("1,", 200'000) + "1])"), "200001");
  std::string binds = "(";
  for (int i = 0; i < 30'000; ++i) binds += "$v" + std::to_string(i) + ":=" + std::to_string(i) + ";";
  EXPECT_EQ(run(binds + "$v29999)"), "29999");
  std::string pairs = "$count($keys({\"k\":0";
  for (int i = 0; i < 30'000; ++i) pairs += ",\"k" + std::to_string(i) + "\":1";
  EXPECT_EQ(run(pairs + "}))"), "30001");
}

// Whatever is made of these pieces must end with a result or an error.
TEST(ExprLimits, GarbageNeverHurts) {
  const char* pieces[] = {"$",
                          "%",
                          "*",
                          "**",
                          ".",
                          "[",
                          "]",
                          "(",
                          ")",
                          "{",
                          "}",
                          "@$a",
                          "#$b",
                          "^(",
                          "~>",
                          "?",
                          ":",
                          ":=",
                          "??",
                          "|",
                          ",",
                          ";",
                          "function($x){",
                          "$x",
                          "$map(",
                          "$sort(",
                          "$eval('",
                          "'",
                          "\"",
                          "`",
                          "/a*",
                          "/",
                          "\\",
                          "1",
                          "a",
                          "b",
                          "..",
                          "&",
                          "<",
                          "=",
                          "-",
                          "and",
                          "in",
                          "null",
                          "λ",
                          "\xff",
                          "\xed\xa0\x80",
                          "/*",
                          "$string(",
                          "$replace("};
  model::SeededRandom random(99);
  Context context;
  context.limits.steps = 20'000;
  context.limits.bytes = 1 << 22;
  for (int round = 0; round < 5'000; ++round) {
    std::string source;
    for (std::uint64_t i = 0; i < 1 + random.next() % 12; ++i)
      source += pieces[random.next() % std::size(pieces)];
    const std::string answer = run(source, R"({"a":[{"b":1},{"b":[2,"x"]}],"b":null})", context);
    EXPECT_TRUE(model::is_utf8(answer)) << source;
  }
}

}  // namespace
}  // namespace huiliu::expr
