// Two ERPs in one group: the acquired company's own beside the first. Shared fields travel between them, what
// each keeps for its organisations does not, and nothing is made in either without being asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

using model::Value;

class SecondErp : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new Installation(200, 1, {"kingdee", "yonyou", "dingtalk"});
    world_->settle();
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }
  Installation& world() { return *world_; }
  Value shared(const std::string& entity, const std::vector<std::string>& connections) {
    const auto found = world().shared(entity, connections);
    EXPECT_FALSE(found.empty()) << "no " << entity << " in all of the systems";
    return found.empty() ? Value(model::Object{}) : found.front();
  }

  static Installation* world_;
};
Installation* SecondErp::world_ = nullptr;

TEST_F(SecondErp, AQuietCycleWritesNothing) {
  world().reset_counters();
  const Value run = world().settle(1);
  for (const Value& stream : run["streams"].as_array())
    EXPECT_TRUE(stream["balanced"].as_bool()) << model::to_json(stream);
  for (const char* system : {"kingdee", "yonyou", "dingtalk"}) EXPECT_EQ(world().writes(system), 0) << system;
}

TEST_F(SecondErp, AMobileEditedInTheCrmReachesItInItsOwnForm) {
  const Value contact = shared("contact", {"yonyou", "dingtalk"});
  const std::string crm = Installation::key_in(contact, "dingtalk"),
                    erp = Installation::key_in(contact, "yonyou");
  world().edit("dingtalk", "contacts", crm, {{"contact_phone", "13911112222"}});
  world().settle();
  EXPECT_EQ(value_text(world().record("yonyou", "contacts", erp), "areaCodeMobile"), "+86-13911112222");
  world().edit("yonyou", "contacts", erp, {{"areaCodeMobile", "+86-13733334444"}});
  world().settle();
  EXPECT_EQ(value_text(world().record("dingtalk", "contacts", crm), "data.contact_phone"), "13733334444");
}

TEST_F(SecondErp, ASwitchboardTravelsAndTermsStay) {
  const Value customer = shared("customer", {"kingdee", "yonyou"});
  const std::string first = Installation::key_in(customer, "kingdee"),
                    second = Installation::key_in(customer, "yonyou");
  const std::string terms =
      model::to_json(*world().record("yonyou", "customers", second).find("appliedDetails"));
  world().edit("kingdee", "customers", first, {{"FTEL", "0512-65432100"}});
  world().settle();
  EXPECT_EQ(value_text(world().record("yonyou", "customers", second), "contactTel"), "0512-65432100");
  EXPECT_EQ(model::to_json(*world().record("yonyou", "customers", second).find("appliedDetails")), terms);
}

}  // namespace
}  // namespace huiliu::e2e
