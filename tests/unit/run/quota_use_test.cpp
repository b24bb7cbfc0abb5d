#include "hub/run/quota_use.hpp"

#include <gtest/gtest.h>

namespace huiliu::run {
namespace {

sync::PlannedWrite write(const std::string& stream, sync::Op op) {
  sync::PlannedWrite made;
  made.ref.stream = stream;
  made.op = op;
  return made;
}

const model::Value& manifest() {
  static const model::Value value = *model::parse_json(
      R"({"quotas": {"crm": {"per_month": 600}, "api": {"per_minute": 10}},
          "streams": [{"name": "customers", "calls": {"create": {"crm": 0.2}, "update": {"crm": 0.1, "api": 2}}}, {"name": "contacts"}]})");
  return value;
}

TEST(QuotaUse, CountsByQuotaAndTakesTheSlowest) {
  std::vector<sync::PlannedWrite> writes;
  for (int i = 0; i < 100; ++i) writes.push_back(write("customers", sync::Op::create));
  for (int i = 0; i < 5; ++i) writes.push_back(write("customers", sync::Op::update));
  writes.push_back(write("contacts", sync::Op::update));
  const QuotaUse use = quota_use(manifest(), {}, writes, 1);
  EXPECT_EQ(use.calls, (std::map<std::string, std::int64_t>{{"crm", 21}, {"api", 10}, {"calls", 1}}));
  EXPECT_NEAR(use.days, 21.0 / 600 * 30, 1e-9);
}

TEST(QuotaUse, AConnectionsOwnQuotasAndTheFactorCount) {
  const std::vector<sync::PlannedWrite> writes(300, write("customers", sync::Op::create));
  EXPECT_NEAR(quota_use(manifest(), *model::parse_json(R"({"crm": {"per_month": 60}})"), writes, 1).days, 30,
              1e-9);
  EXPECT_NEAR(quota_use(manifest(), {}, writes, 10).days, 60.0 / 6000 * 30, 1e-9);
  EXPECT_EQ(quota_use(manifest(), {}, {}, 1).days, 0);
}

}  // namespace
}  // namespace huiliu::run
