#include "hub/host/retry.hpp"

#include <gtest/gtest.h>

#include "hub/host/redactor.hpp"

namespace huiliu::host {
namespace {

constexpr model::Micros sunday_morning = 1'772'352'000 * model::second;  // Sun, 01 Mar 2026 08:00:00 GMT

TEST(RetryAfter, AllFormsOfTheFactSheet) {
  const auto wait = [](std::string_view text) { return parse_retry_after(text, sunday_morning); };
  EXPECT_EQ(wait("120"), 120'000);
  EXPECT_EQ(wait("0"), 0);
  EXPECT_EQ(wait("2.0"), 2000);
  EXPECT_EQ(wait("Sun, 01 Mar 2026 08:02:00 GMT"), 120'000);
  EXPECT_EQ(wait("Sunday, 01-Mar-26 08:02:00 GMT"), 120'000);
  EXPECT_EQ(wait("Sun Mar  1 08:02:00 2026"), 120'000);
  EXPECT_EQ(wait("Sun, 01 Mar 2026 07:00:00 GMT"), 0);
  EXPECT_EQ(wait("-5"), -1);
  EXPECT_EQ(wait("soon"), -1);
  EXPECT_EQ(wait(""), -1);
  EXPECT_EQ(wait("99999999"), max_retry_after_ms);
  EXPECT_EQ(wait(std::string(400, '9')), max_retry_after_ms);
  EXPECT_EQ(wait("1.2.3"), -1);
  EXPECT_EQ(wait("Sun, 99 Mar 2026 08:02:00 GMT"), -1);
}

TEST(RetryAfter, ADateIsMeasuredFromTheAnswersOwnClock) {
  HttpAnswer answer;
  answer.headers = {{"date", "Sun, 01 Mar 2026 08:01:00 GMT"},
                    {"retry-after", "Sun, 01 Mar 2026 08:02:00 GMT"}};
  EXPECT_EQ(retry_after_of(answer, sunday_morning), 60'000);
  EXPECT_EQ(retry_after_of(HttpAnswer(), sunday_morning), -1);
}

TEST(Backoff, IsJitteredGrowsAndIsCapped) {
  SteeredEnvironment environment(0, 7);
  const RetryPolicy policy;
  model::Micros most_at_0 = 0, most_at_20 = 0;
  for (int i = 0; i < 500; ++i) {
    most_at_0 = std::max(most_at_0, backoff(policy, 0, environment));
    most_at_20 = std::max(most_at_20, backoff(policy, 20, environment));
  }
  EXPECT_LE(most_at_0, policy.base);
  EXPECT_GT(most_at_0, policy.base * 9 / 10);
  EXPECT_LE(most_at_20, policy.cap);
  EXPECT_GT(most_at_20, policy.cap * 9 / 10);
}

TEST(RateHeaders, SayHowLongNothingIsLeft) {
  const model::Micros now = 1'772'352'000 * model::second;
  const auto of = [&](const char* remaining, const char* reset, const char* prefix = "X-RateLimit-") {
    HttpAnswer answer;
    answer.code = 200;
    answer.headers = {{std::string(prefix) + "Remaining", remaining}, {std::string(prefix) + "Reset", reset}};
    return exhausted_for_ms(answer, now);
  };
  EXPECT_EQ(of("0", "30"), 30'000);
  EXPECT_EQ(of("0", "30", "RateLimit-"), 30'000);
  EXPECT_EQ(of("0", "1772352010"), 10'000);     // a Unix time
  EXPECT_EQ(of("0", "1772352010500"), 10'500);  // in milliseconds
  EXPECT_EQ(of("0", "1772351000"), 0);          // past
  EXPECT_EQ(of("0", "999999"), max_retry_after_ms);
  EXPECT_EQ(of("5", "30"), 0);
  for (const char* garbage : {"", "-1", "soon"}) {
    EXPECT_EQ(of(garbage, "30"), 0) << garbage;
    EXPECT_EQ(of("0", garbage), 0) << garbage;
  }
  EXPECT_EQ(exhausted_for_ms(HttpAnswer(), now), 0);
}

TEST(Redactor, MasksSecretsInEveryFormInWhichTheyTravel) {
  Redactor redactor;
  redactor.add_secret("p\"s/w d");
  redactor.add_secret("long-secret-and-more");
  redactor.add_secret("long-secret");
  redactor.add_secret("abc");  // Too short to be one.
  redactor.add_token("token-1");
  EXPECT_EQ(redactor.redact(R"(x p"s/w d y)"), "x *** y");
  EXPECT_EQ(redactor.redact(R"({"a":"p\"s/w d"})"), R"({"a":"***"})");
  EXPECT_EQ(redactor.redact("k=p%22s%2Fw%20d&z"), "k=***&z");
  EXPECT_EQ(redactor.redact("Basic " + base64_encode("p\"s/w d")), "Basic ***");
  EXPECT_EQ(redactor.redact("long-secret-and-more, long-secret"), "***, ***");
  EXPECT_EQ(redactor.redact("abc token-1 abc"), "abc *** abc");
}

// A secret of three letters cannot be looked for in running text; where it is the whole of a value it is
// masked.
TEST(Redactor, MasksShortSecretsWhereTheyAreAWholeValue) {
  Redactor redactor;
  redactor.add_secret("abc");
  redactor.add_token("t1");
  EXPECT_EQ(redactor.redact_url("https://x.example/abc?secret=abc&token=t1&page=abcd"),
            "https://x.example/abc?secret=***&token=***&page=abcd");
  EXPECT_EQ(redactor.redact_body(R"({"secret":"abc","n":[1,"t1"],"text":"abc \"t1\" abc"})"),
            R"({"secret":"***","n":[1,"***"],"text":"abc \"t1\" abc"})");
  EXPECT_EQ(redactor.redact_body("secret=abc&x=1"), "secret=***&x=1");
  EXPECT_EQ(redactor.redact_value("t1"), "***");
  EXPECT_EQ(redactor.redact_value("Bearer t1"), "Bearer ***");
  EXPECT_EQ(redactor.redact_value("t12"), "t12");
  for (const char* broken : {"", "{", "{\"", "[\"t1", "&&=&", "?"})
    EXPECT_EQ(redactor.redact_body(broken).find("abc"), std::string::npos);
}

TEST(Base64, RoundTripsAndRefusesGarbage) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {""sv, "f"sv, "fo"sv, "foo"sv, "foob"sv, "\0\xff\x80"sv}) {
    std::string back;
    EXPECT_TRUE(base64_decode(base64_encode(text), back));
    EXPECT_EQ(back, text);
  }
  EXPECT_EQ(base64_encode("foob"), "Zm9vYg==");
  std::string out;
  EXPECT_FALSE(base64_decode("Zm9", out));
  EXPECT_FALSE(base64_decode("Zm9*", out));
  EXPECT_FALSE(base64_decode("=m9v", out));
}

}  // namespace
}  // namespace huiliu::host
