// The built-in functions, one test for each subject.
#include <gtest/gtest.h>

#include "tests/unit/expr/run.hpp"

namespace huiliu::expr {
namespace {

TEST(ExprStrings, CountCharactersNotBytes) {
  EXPECT_EQ(run("$length('汇流𝄞')"), "3");
  EXPECT_EQ(run("$substring('汇流𝄞x', 1, 2)"), R"("流𝄞")");
  EXPECT_EQ(run("$substring('abc', -2)"), R"("bc")");
  EXPECT_EQ(run("$pad('汇', -3, '-+')"), R"("-+汇")");
  EXPECT_EQ(run("$split('汇流', '')"), R"(["汇","流"])");
  EXPECT_EQ(run("'\\uD834\\uDD1E'"), R"("𝄞")");
}

TEST(ExprStrings, ChangeTexts) {
  EXPECT_EQ(run("$uppercase('straße') & $lowercase('ÀB')"), R"("STRASSEàb")");
  EXPECT_EQ(run("$trim('  a \\n b ')"), R"("a b")");
  EXPECT_EQ(run("$substringBefore('a=b', '=') & $substringAfter('a=b', '=')"), R"("ab")");
  EXPECT_EQ(run("$join(['a','b'], '-')"), R"("a-b")");
  EXPECT_EQ(run("$replace('a.b.c', '.', '/', 1)"), R"("a/b.c")");
  EXPECT_EQ(run("$contains('abc', 'bc')"), "true");
  EXPECT_EQ(run("$replace('x', '', 'y')"), "!D3010");
}

TEST(ExprStrings, WriteNumbersAsJavaScriptDoes) {
  EXPECT_EQ(
      run("[0.1+0.2, 1e21, 1e20, 1e-6, 1e-7, 22/7, -0.5, 123456789012345.5].$string()"),
      R"(["0.3","1e+21","100000000000000000000","0.000001","1e-7","3.14285714285714","-0.5","123456789012346"])");
  EXPECT_EQ(run("$string({'a': [1, null, $sum]}, false)"), R"("{\"a\":[1,null,\"\"]}")");
  EXPECT_EQ(run("$string([1,{}], true)"), R"("[\n  1,\n  {}\n]")");
  EXPECT_EQ(run("$string(1/0)"), "!D3001");
}

TEST(ExprPatterns, MatchSplitAndReplace) {
  EXPECT_EQ(run("$match('a1b22', /[a-z](\\d+)/)"),
            R"([{"match":"a1","index":0,"groups":["1"]},{"match":"b22","index":2,"groups":["22"]}])");
  EXPECT_EQ(run("$split('a1b22c', /\\d+/)"), R"(["a","b","c"])");
  EXPECT_EQ(run("$split('a1b22c', /\\d+/, 2)"), R"(["a","b"])");
  EXPECT_EQ(run("$replace('John Smith', /(\\w+)\\s(\\w+)/, '$2, $1 $$ $0')"),
            R"("Smith, John $ John Smith")");
  EXPECT_EQ(run("$replace('a-b', /[ab]/, function($m){$uppercase($m.match)})"), R"("A-B")");
  EXPECT_EQ(run("$replace('ab', /b/, function($m){1})"), "!D3012");
  EXPECT_EQ(run("$replace('ab', /x*/, '-')"), "!D1004");
  EXPECT_EQ(run("['ab','cd'][$ ~> /^a/]"), R"("ab")");
  EXPECT_EQ(run("/b+/('abbb').next()"), "undefined");
  EXPECT_EQ(run("/汇/('a𝄞汇').start"), "3");
}

TEST(ExprEncoding, RoundTrips) {
  EXPECT_EQ(run("$base64encode('hello:world')"), R"("aGVsbG86d29ybGQ=")");
  EXPECT_EQ(run("$base64decode($base64encode('汇流'))"), R"("汇流")");
  EXPECT_EQ(run("$base64decode($base64encode('é'))"), R"("é")");
  EXPECT_EQ(run("$encodeUrlComponent('a b&汇')"), R"("a%20b%26%E6%B1%87")");
  EXPECT_EQ(run("$encodeUrl('http://x/a b?c=d')"), R"("http://x/a%20b?c=d")");
  EXPECT_EQ(run("$decodeUrlComponent('%E6%B1%87')"), R"("汇")");
  EXPECT_EQ(run("$decodeUrl('%E6%B1')"), "!D3140");
  EXPECT_EQ(run("$encodeUrl('\\ud800')"), "!D3140");
}

TEST(ExprNumbers, ReadAndRound) {
  EXPECT_EQ(run("['12', '-0.5', '1e2', '0x1F', '0b101', '007'].$number()"), "[12,-0.5,100,31,5,7]");
  EXPECT_EQ(run("$number('1,5')"), "!D3030");
  EXPECT_EQ(run("[0.5, 1.5, 2.5, -0.5, -1.5].$round()"), "[0,2,2,0,-2]");
  EXPECT_EQ(run("[$round(4.525, 2), $round(12450, -2)]"), "[4.52,12400]");
  EXPECT_EQ(run("[$floor(-1.5), $ceil(1.2), $abs(-3), $power(2, 10), $sqrt(16)]"), "[-2,2,3,1024,4]");
  EXPECT_EQ(run("$formatBase(255, 16) & $formatBase(-5, 2)"), R"("ff-101")");
  EXPECT_EQ(run("$sqrt(-1)"), "!D3060");
  EXPECT_EQ(run("$power(10, 400)"), "!D3061");
}

TEST(ExprNumbers, FollowPictures) {
  EXPECT_EQ(run("$formatNumber(12345.6, '#,###.00')"), R"("12,345.60")");
  EXPECT_EQ(run("$formatNumber(-1234.5, '#,##0.00;(#,##0.00)')"), R"~("(1,234.50)")~");
  EXPECT_EQ(run("$formatNumber(0.4857, '##0.#%')"), R"("48.6%")");
  EXPECT_EQ(run("$formatNumber(1234.5678, '00.000e0')"), R"("12.346e2")");
  EXPECT_EQ(run("$formatNumber(1234.5, '#.##0,0', {'decimal-separator': ',', 'grouping-separator': '.'})"),
            R"("1.234,5")");
  EXPECT_EQ(run("$formatNumber(1, '0;0;0')"), "!D3080");
  EXPECT_EQ(run("$formatInteger(1999, 'I') & $formatInteger(2, 'w;o') & $formatInteger(28, 'a')"),
            R"("MCMXCIXsecondab")");
  EXPECT_EQ(run("$formatInteger(1234567, '#,##0') & $formatInteger(42, '000;o')"), R"("1,234,567042nd")");
  EXPECT_EQ(run("$formatInteger(12, '١')"), R"("١٢")");
  EXPECT_EQ(run("$parseInteger('twelve thousand and five', 'w') + $parseInteger('MMXX', 'I') + "
                "$parseInteger('1,000', '#,##0')"),
            "15025");
}

TEST(ExprDates, FormatAndParse) {
  EXPECT_EQ(run("$fromMillis(1521801216617)"), R"("2018-03-23T10:33:36.617Z")");
  EXPECT_EQ(run("$fromMillis(1521801216617, '[FNn,3-3] [D1o] [MNn] [Y] [h]:[m01] [P] [Z]', '-0330')"),
            R"("Fri 23rd March 2018 7:03 am -03:30")");
  EXPECT_EQ(run("$fromMillis($toMillis('2009-12-31'), '[X]-W[W01]-[F1]')"), R"("2009-W53-4")");
  EXPECT_EQ(run("$toMillis('2018-02-01T09:42:13.123+0800')"), "1517449333123");
  EXPECT_EQ(run("$toMillis('27th April 2008', '[D1o] [MNn] [Y0001]')"), "1209254400000");
  EXPECT_EQ(run("$toMillis('1969-12-31T23:59:59.999Z')"), "-1");
  EXPECT_EQ(run("$toMillis('2018-13-01')"), "!D3110");
  EXPECT_EQ(run("$toMillis('x', '[Y]')"), "undefined");
  EXPECT_EQ(run("$toMillis('2018-22', '[Y]-[D]')"), "!D3136");
  EXPECT_EQ(run("$fromMillis(0, '[q]')"), "!D3132");
  Context context;
  context.now_ms = 1'700'000'000'000;
  EXPECT_EQ(run("[$now(), $string($millis())]", "", context),
            R"(["2023-11-14T22:13:20.000Z","1700000000000"])");
  EXPECT_EQ(run("$fromMillis($toMillis('13:45', '[H]:[m]'))", "", context), R"("2023-11-14T13:45:00.000Z")");
}

TEST(ExprArrays, SumSortAndCompare) {
  EXPECT_EQ(run("[$sum([1,2]), $max([1,3,2]), $min(4), $average([1,2]), $count('x')]"), "[3,3,4,1.5,1]");
  EXPECT_EQ(run("$sort(['b','a','B'])"), R"(["B","a","b"])");
  EXPECT_EQ(run("$sort([{'n':2},{'n':1}], function($a,$b){$a.n > $b.n}).n"), "[1,2]");
  EXPECT_EQ(run("$sort([1,'a'])"), "!D3070");
  EXPECT_EQ(run("$distinct([1,1.0,'1',{'a':1,'b':2},{'b':2,'a':1}])"), R"([1,"1",{"a":1,"b":2}])");
  EXPECT_EQ(run("$zip([1,2],[3,4,5])"), "[[1,3],[2,4]]");
  EXPECT_EQ(run("[$reverse([1,2,3]), $append(4, [5])]"), "[3,2,1,4,5]");
  EXPECT_EQ(run("$sort($shuffle([1..20])) = [1..20]"), "true");
}

TEST(ExprObjects, TakeThemApart) {
  EXPECT_EQ(run("$keys([{'a':1},{'b':2,'a':3}])"), R"(["a","b"])");
  EXPECT_EQ(run("$lookup([{'a':1},{'a':2}], 'a')"), "[1,2]");
  EXPECT_EQ(run("$spread({'a':1,'b':2})"), R"([{"a":1},{"b":2}])");
  EXPECT_EQ(run("$merge([{'a':1},{'b':2},{'a':3}])"), R"({"a":3,"b":2})");
  EXPECT_EQ(run("$each({'a':1,'b':2}, function($v,$k){$k & $v})"), R"(["a1","b2"])");
  EXPECT_EQ(run("$sift({'a':1,'b':0}, $boolean)"), R"({"a":1})");
  EXPECT_EQ(run("$type({}) & $type([]) & $type(null) & $type($sum)"), R"("objectarraynullfunction")");
}

TEST(ExprObjects, GrowWithoutLosingWhatWasBefore) {
  EXPECT_EQ(run("($a := {'x':1}; $b := $merge([$a,{'y':2}]); $c := $merge([$a,{'z':3}]); [$a,$b,$c])"),
            R"([{"x":1},{"x":1,"y":2},{"x":1,"z":3}])");
  EXPECT_EQ(run("($a := [1]; $b := $append($a, 2); $c := $append($a, 3); [[$a],[$b],[$c]])"),
            "[[1],[1,2],[1,3]]");
  EXPECT_EQ(run("($a := 'x' & 'y'; $b := $a & '1'; $c := $a & '2'; [$a,$b,$c])"), R"(["xy","xy1","xy2"])");
  EXPECT_EQ(run("($o := $reduce([1..300], function($a,$i){$merge([$a,{'k' & $i: $i}])}, {}); "
                "[$count($keys($o)), $o.k1, $o.k300, $o.k301])"),
            "[300,1,300]");
}

TEST(ExprHigherOrder, PassWhatTheFunctionTakes) {
  EXPECT_EQ(run("$map([5,6], function($v,$i,$a){$v * $i + $count($a)})"), "[2,8]");
  EXPECT_EQ(run("$filter([1..6], function($v,$i){$i % 2 = 0})"), "[1,3,5]");
  EXPECT_EQ(run("$reduce([1..5], function($a,$b){$a * $b}, 2)"), "240");
  EXPECT_EQ(run("$reduce([1], function($a){$a})"), "!D3050");
  EXPECT_EQ(run("$single([1,2,3], function($v){$v = 2})"), "2");
  EXPECT_EQ(run("$single([1,2], function($v){true})"), "!D3138");
  EXPECT_EQ(run("$single([1], function($v){false})"), "!D3139");
}

TEST(ExprEval, SeesTheVariablesAround) {
  EXPECT_EQ(run("($x := 2; [1..2].$eval('$ * $x'))"), "[2,4]");
  EXPECT_EQ(run("$eval('a', {'a': 7})"), "7");
  EXPECT_EQ(run("($f := $eval('function($n){$n + 1}'); $f(1))"), "2");
  EXPECT_EQ(run("($f := function($n){$eval('function(){$n}')}; $g := $f(5); $f(6); $g())"), "5");
  EXPECT_EQ(run("($e := $eval; $f := function($n){$e('function(){$n}')}; $g := $f(5); $f(6); $g())"),
            "undefined");
  EXPECT_EQ(run("$eval('1+')"), "!D3120");
  EXPECT_EQ(run("$eval('1+\"a\"')"), "!D3121");
  EXPECT_EQ(run("$error('no')"), "!D3137");
  EXPECT_EQ(run("$assert(1 = 2)"), "!D3141");
}

}  // namespace
}  // namespace huiliu::expr
