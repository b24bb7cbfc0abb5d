#include "sdk/twin/faults.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "sdk/twin/record_store.hpp"

namespace huiliu::twin {
namespace {

using boost::json::object;

HttpRequest to(const std::string& target) {
  HttpRequest request;
  request.target = target;
  return request;
}

TEST(Faults, StrikeTheNextRequestsOnly) {
  Faults faults;
  faults.configure({{"drop", {{"next", 2}, {"match", "/save"}}}});
  EXPECT_FALSE(faults.roll(to("/query")).any);
  EXPECT_TRUE(faults.roll(to("/save?x")).any);
  EXPECT_EQ(faults.roll(to("/save")).fault, Fault::drop);
  EXPECT_FALSE(faults.roll(to("/save")).any);
  EXPECT_EQ(faults.to_json().at("struck"), (object{{"drop", 2}}));
}

TEST(Faults, AreTheSameForTheSameSeed) {
  const auto strikes = [](std::uint64_t seed) {
    Faults faults;
    faults.configure({{"seed", seed}, {"http_502", 0.3}, {"slow", {{"probability", 0.2}, {"ms", 5}}}});
    std::string pattern;
    for (int i = 0; i < 200; ++i) {
      const Faults::Strike strike = faults.roll(to("/"));
      pattern += strike.any ? std::string(fault_name(strike.fault)).front() : '.';
    }
    return pattern;
  };
  EXPECT_EQ(strikes(5), strikes(5));
  EXPECT_NE(strikes(5), strikes(6));
  const std::string pattern = strikes(5);
  EXPECT_NEAR(static_cast<double>(std::count(pattern.begin(), pattern.end(), 'h')), 60, 25);
  EXPECT_NEAR(static_cast<double>(std::count(pattern.begin(), pattern.end(), 's')), 28, 20);
}

TEST(Faults, RefuseNonsenseAndKeepTheOldSettings) {
  Faults faults;
  faults.configure({{"html", {{"next", 1}}}});
  for (const object& bad :
       {object{{"no_such", 1}}, object{{"drop", 1.5}}, object{{"drop", -0.1}}, object{{"drop", "x"}},
        object{{"drop", {{"next", -1}}}}, object{{"drop", {{"often", 1}}}}, object{{"seed", "x"}}})
    EXPECT_THROW(faults.configure(bad), TwinError) << bad;
  EXPECT_TRUE(faults.roll(to("/")).any);
  faults.configure({});
  EXPECT_FALSE(faults.roll(to("/")).any);
}

}  // namespace
}  // namespace huiliu::twin
