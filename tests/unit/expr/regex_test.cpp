// The regular expression matcher by itself.
#include "hub/expr/regex/regex.hpp"

#include <gtest/gtest.h>

#include <regex>

#include "hub/expr/failure.hpp"
#include "hub/model/id.hpp"

namespace huiliu::expr {
namespace {

const StepGuard no_guard;

// The first match and its groups: "whole|group|…", a group without part in it is "-"; "none" without a match.
std::string first(std::string_view pattern, std::string_view text, bool ignores_case = false,
                  bool is_multiline = false) {
  const Regex regex(pattern, ignores_case, is_multiline);
  RegexScan scan(regex, text, no_guard);
  if (!scan.find(0)) return "none";
  std::string found;
  for (std::size_t i = 0; i <= regex.group_count(); ++i) {
    const RegexScan::Span span = scan.group(i);
    if (i > 0) found += '|';
    found += span.begin == std::string_view::npos
                 ? "-"
                 : std::string(text.substr(span.begin, span.end - span.begin));
  }
  return found;
}

TEST(Regex, TakesTheFirstAlternativeAndTheLongestRun) {
  EXPECT_EQ(first("a|ab", "ab"), "a");
  EXPECT_EQ(first("(a|ab)(c|bcd)", "abcd"), "abcd|a|bcd");
  EXPECT_EQ(first("a.*c", "abcbc"), "abcbc");
  EXPECT_EQ(first("a.*?c", "abcbc"), "abc");
  EXPECT_EQ(first("x*", "aaa"), "");
  EXPECT_EQ(first("(?:ab){2,3}", "abababab"), "ababab");
  EXPECT_EQ(first("a{2}", "aXaa"), "aa");
  EXPECT_EQ(first("a{,2}", "a{,2}"), "a{,2}");
  EXPECT_EQ(first("[^,]+,(\\d+)", "x,y,12"), "y,12|12");
  EXPECT_EQ(first("\\d+\\d", "1234"), "1234");
}

TEST(Regex, ResetsGroupsInEachRound) {
  EXPECT_EQ(first("(?:(a)|b)*", "ab"), "ab|-");
  EXPECT_EQ(first("(z)((a+)?(b+)?(c))*", "zaacbbbcac"), "zaacbbbcac|z|ac|a|-|c");
  EXPECT_EQ(first("(a*)*", "b"), "|-");
  EXPECT_EQ(first("(?:a*?)*?b", "aab"), "aab");
}

TEST(Regex, KnowsSetsAndEscapes) {
  EXPECT_EQ(first("[\\w.-]+@[a-z]+", "<me.you-x@host>"), "me.you-x@host");
  EXPECT_EQ(first("[\\d-x]+", "a1-x"), "1-x");
  EXPECT_EQ(first("[]a]", "]"), "none");
  EXPECT_EQ(first("[^]", "\n"), "\n");
  EXPECT_EQ(first("\\u6c47\\x41\\t", "汇A\t"), "汇A\t");
  EXPECT_EQ(first("[\\u4e00-\\u9fff]+", "ab汇流c"), "汇流");
  EXPECT_EQ(first("^.$", "𝄞"), "𝄞");
  EXPECT_EQ(first("\\s", "\xC2\xA0"), "\xC2\xA0");
  EXPECT_EQ(first("a.b", "a\nb"), "none");
  EXPECT_EQ(first("\\0\\cA", std::string_view("\0\x01", 2)), std::string("\0\x01", 2));
}

TEST(Regex, KnowsPlaces) {
  EXPECT_EQ(first("^b", "a\nb"), "none");
  EXPECT_EQ(first("^b$", "a\nb\nc", false, true), "b");
  EXPECT_EQ(first("\\bcat\\b", "concat cat"), "cat");
  EXPECT_EQ(first("\\Bcat", "concat cat"), "cat");
  EXPECT_EQ(first("\\d(?=px)", "1em 2px"), "2");
  EXPECT_EQ(first("\\d(?!px)", "2px 3em"), "3");
  EXPECT_EQ(first("(?<=\\$)\\d+", "€1 $23"), "23");
  EXPECT_EQ(first("(?<!\\$)\\b\\d+", "$1 23"), "23");
  EXPECT_EQ(first("(?<=(\\d+)(\\d+))$", "1053"), "|1|053");
  EXPECT_EQ(first("(?=(a+))a*b\\1", "baaabac"), "aba|a");
}

TEST(Regex, ComparesWithoutCase) {
  EXPECT_EQ(first("straSSE", "STRASSE", true), "STRASSE");
  EXPECT_EQ(first("[à-ö]+", "ÀÖ", true), "ÀÖ");
  EXPECT_EQ(first("[^a]", "A", true), "none");
  EXPECT_EQ(first("(a)\\1", "aA", true), "aA|a");
}

TEST(Regex, RefersBack) {
  EXPECT_EQ(first("(a+)b\\1", "aabaab"), "aabaa|aa");
  EXPECT_EQ(first("(?<q>['\"]).*?\\k<q>", "x \"it's\" y"), "\"it's\"|\"");
  EXPECT_EQ(first("\\1(a)", "aa"), "a|a");
}

TEST(Regex, RefusesMalformedPatterns) {
  for (const char* pattern :
       {"(", ")", "[a", "a**", "*a", "a{2,1}", "(?<n", "(?x)", "[z-a]", "\\", "(?<a>x)\\k<b>"}) {
    EXPECT_THROW(Regex(pattern, false, false), Failure) << pattern;
  }
  EXPECT_THROW(Regex(std::string(100'000, '('), false, false), Failure);
  EXPECT_THROW(Regex("((a{100}){100}){100}", false, false), Failure);
}

TEST(Regex, FindsAllMatchesInOrder) {
  const Regex regex("(?:ab?)+", false, false);
  RegexScan scan(regex, "xaba-aab", no_guard);
  ASSERT_TRUE(scan.find(0));
  EXPECT_EQ(scan.group(0).begin, 1U);
  EXPECT_EQ(scan.group(0).end, 4U);
  ASSERT_TRUE(scan.find(4));
  EXPECT_EQ(scan.group(0).begin, 5U);
  EXPECT_EQ(scan.group(0).end, 8U);
  EXPECT_FALSE(scan.find(8));
}

// Where the next byte decides, no way is tried that cannot lead on.
TEST(Regex, BranchesAreChosenByTheNextByte) {
  EXPECT_EQ(first("contact|desk|sales", "a desk, a sale, sales"), "desk");
  EXPECT_EQ(first("(?:de|desk)s?k", "desk"), "desk");
  EXPECT_EQ(first("(a|)b", "cb"), "b|");
  EXPECT_EQ(first("(|a)b", "ab"), "ab|a");
  EXPECT_EQ(first("(a|b|)$", "xb"), "b|b");
  EXPECT_EQ(first("(?:汇|流)+|a", "xa流汇"), "a");
  EXPECT_EQ(first("(?:x?y?)*z", "xyxyyz"), "xyxyyz");
  EXPECT_EQ(first("(?:ab|a)(?:bc|c)?d", "abcd"), "abcd");
  EXPECT_EQ(first("(?:a|b(?=c))+", "abac"), "a");
  EXPECT_EQ(first("(?<=(?:a|b)+)c", "xabc"), "c");
  EXPECT_EQ(first("(?:a|\\b)c", "ac c"), "ac");
  EXPECT_EQ(first("(?:straße|STRASSE)", "strasse", true), "strasse");
}

TEST(Regex, ARunIsShortenedToWhereItsSuccessorStands) {
  EXPECT_EQ(first("a.*b", "a汇b汇bc"), "a汇b汇b");
  EXPECT_EQ(first(".*汇", "流汇流汇流"), "流汇流汇");
  EXPECT_EQ(first("(.+)(汇)", "汇流汇"), "汇流汇|汇流|汇");
  EXPECT_EQ(first("user.*failed.*code 7", "user failed code 9\nuser x failed, code 7"),
            "user x failed, code 7");
  EXPECT_EQ(first("[a-z]*z[0-9]", "zzzz1"), "zzzz1");
  EXPECT_EQ(first("\\d*1\\d*2\\d*3", "91828373"), "91828373");
  EXPECT_EQ(first(".*b.*c", "aaaa"), "none");
}

TEST(Regex, OneRunOrCharacterAloneIsFoundWithoutTheMachine) {
  EXPECT_EQ(first("\\w{3,}", "a ab abc"), "abc");
  EXPECT_EQ(first("\\s*", "a"), "");
  EXPECT_EQ(first("[^汇]", "汇a"), "a");
  EXPECT_EQ(first("[^汇]+", "汇汇流x汇"), "流x");
  EXPECT_EQ(first("[汇流]{2,}", "汇a流汇"), "流汇");
  EXPECT_EQ(first("\\d{4}-\\d{2}", "12-34 2026-11-29"), "2026-11");
  EXPECT_EQ(first("(?:汇流)", "汇a汇流"), "汇流");
  const Regex spaces("\\s+", false, false);
  RegexScan scan(spaces, " a  b", no_guard);
  ASSERT_TRUE(scan.find(0));
  EXPECT_EQ(scan.group(0).end, 1U);
  ASSERT_TRUE(scan.find(1));
  EXPECT_EQ(scan.group(0).begin, 2U);
  EXPECT_EQ(scan.group(0).end, 4U);
  EXPECT_FALSE(scan.find(4));
}

// Patterns that take exponential or quadratic time in a plain backtracking matcher.
TEST(Regex, ARunBeforeACertainCharacterIsFoundFromItsEnd) {
  EXPECT_EQ(first("(\\w+)@(\\w+)", "no one, ab@ c@@ de@f"), "de@f|de|f");
  EXPECT_EQ(first("\\w{2,}@", "a@ b@ ccc@"), "ccc@");
  EXPECT_EQ(first("\\w*@", "汇 @"), "@");
  EXPECT_EQ(first("[^@]+@", "@汇流@x"), "汇流@");
  EXPECT_EQ(first("[a-z汇]+=\\d", "流汇a= 汇b=1"), "汇b=1");
  EXPECT_EQ(first("[^,]+,x", "a,b,汇,x"), "汇,x");
  EXPECT_EQ(first("\\d+-", "1 2 3"), "none");
  const Regex regex("(\\w+)=", false, false);
  RegexScan scan(regex, "a=b=汇c=", no_guard);
  std::string all;
  for (std::size_t from = 0; scan.find(from); from = scan.group(0).end)
    all += std::to_string(scan.group(0).begin) + "-" + std::to_string(scan.group(0).end) + " ";
  EXPECT_EQ(all, "0-2 2-4 7-9 ");
}

TEST(Regex, TakesTimeInProportionToTheText) {
  const std::string text(1'000'000, 'a');
  std::uint64_t steps = 0;
  const StepGuard count = [&steps](std::uint64_t more) { steps += more; };
  for (const char* pattern : {"(a*)*b", "(a|a)*b", "(a|aa)+b", "a.*a.*a.*b", "(.*)(.*)(.*)x", "(x+x+)+y|a*b",
                              "a.*?b", "^(a?){20}a{20}b", "\\w+\\d"}) {
    steps = 0;
    const Regex regex(pattern, false, false);
    RegexScan scan(regex, text, count);
    EXPECT_FALSE(scan.find(0)) << pattern;
    EXPECT_LT(steps, 40 * text.size()) << pattern;
  }
}

TEST(Regex, SkipsTheRestOfARunThatFailed) {
  EXPECT_EQ(first("\\w+@x", "abc def@x"), "def@x");
  EXPECT_EQ(first("(\\d+)-(\\d+)", "12 345-6"), "345-6|345|6");
  EXPECT_EQ(first("[^,]+,b", "aa,a,b"), "a,b");
  EXPECT_EQ(first("\\w+(?<=b)!", "ab!"), "ab!");
  std::uint64_t steps = 0;
  const StepGuard count = [&steps](std::uint64_t more) { steps += more; };
  const std::string text(1'000'000, 'a');
  const Regex regex("\\w+@", false, false);
  RegexScan scan(regex, text, count);
  EXPECT_FALSE(scan.find(0));
  EXPECT_LT(steps, text.size());
}

TEST(Regex, GivesUpWhereTimeCannotBeBounded) {
  const std::string text(40'000, 'a');
  const Regex regex("(a*)*\\1b", false, false);
  RegexScan scan(regex, text, no_guard);
  EXPECT_THROW(scan.find(0), Failure);
}

// Random small patterns against the standard library's ECMAScript matcher, which is slow but independent.
TEST(Regex, AgreesWithTheStandardLibrary) {
  model::SeededRandom random(20240601);
  const auto pick = [&random](std::size_t count) { return static_cast<std::size_t>(random.next() % count); };
  const char* atoms[] = {"a",     "b",      "c",     ".",       "[ab]", "[^a]", "(a)",
                         "(b|c)", "(?:ab)", "(a*b)", "(?:a|b)", "\\w",  "b?"};
  const char* quantifiers[] = {"", "", "", "*", "+", "?", "*?", "+?", "{1,2}", "{2}"};
  for (int round = 0; round < 3000; ++round) {
    std::string pattern;
    for (std::size_t i = 0; i < 1 + pick(4); ++i) {
      const std::string atom = atoms[pick(std::size(atoms))];
      pattern += atom == "b?" ? atom : atom + quantifiers[pick(std::size(quantifiers))];
      if (pick(8) == 0) pattern += '|';
    }
    std::string text;
    for (std::size_t i = 0; i < pick(9); ++i) text += "abcd"[pick(4)];
    std::smatch match;
    const std::string shown = "/" + pattern + "/ on " + text;
    const bool is_match = std::regex_search(text, match, std::regex(pattern));
    const Regex regex(pattern, false, false);
    RegexScan scan(regex, text, no_guard);
    ASSERT_EQ(scan.find(0), is_match) << shown;
    if (!is_match) continue;
    ASSERT_EQ(scan.group(0).begin, static_cast<std::size_t>(match.position(0))) << shown;
    ASSERT_EQ(scan.group(0).end - scan.group(0).begin, static_cast<std::size_t>(match.length(0))) << shown;
  }
}

}  // namespace
}  // namespace huiliu::expr
