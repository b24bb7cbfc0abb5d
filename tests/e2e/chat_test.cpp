// The messenger beside ERP and CRM: its people are found among the contacts, what they are told apart by
// holds, and nothing of theirs becomes a customer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace chat_test {

using model::Object;
using model::Value;

std::string text_at(const Value& record, const std::string& path) {
  const Value* found = record.at_path(path);
  return found == nullptr ? std::string{} : found->to_text();
}

class Chat : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new Installation(80, 3, {"kingdee", "dingtalk", "wecom"});
    world_->settle();
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }
  Installation& world() { return *world_; }

  // The key of case 6's person in a system; found by the truth's name.
  std::string key_of(const std::string& name, const std::string& system, const std::string& stream) {
    const Value truth = world().get("wecom", "/truth");
    for (const Value& person : truth["contacts"].as_array()) {
      if (person["name"].to_text() != name) continue;
      for (const Value& member : person["members"].as_array())
        if (member["system"].to_text() == system && member["stream"].to_text() == stream)
          return member["key"].to_text();
    }
    return {};
  }
  Value golden_with(const std::string& connection, const std::string& key) {
    for (const Value& contact : world().shared("contact", {connection}))
      if (Installation::key_in(contact, connection) == key) return world().customer(contact["id"].to_text());
    return Object{};
  }

  static Installation* world_;
};
Installation* Chat::world_ = nullptr;

TEST_F(Chat, AQuietCycleWritesNothing) {
  world().reset_counters();
  world().settle(1);
  for (const char* system : {"kingdee", "dingtalk", "wecom"}) EXPECT_EQ(world().writes(system), 0) << system;
}

TEST_F(Chat, TheSurePersonIsTheContactTheCourierIsNobody) {
  const std::string sure = key_of("沈佳禾", "wecom", "external_contacts");
  ASSERT_NE(sure, "");
  EXPECT_EQ(Installation::key_in(golden_with("wecom", sure), "dingtalk"),
            key_of("沈佳禾", "dingtalk", "contacts"));
  const std::string courier = key_of("顺丰小哥", "wecom", "external_contacts");
  ASSERT_NE(courier, "");
  const Value alone = golden_with("wecom", courier);
  EXPECT_EQ(Installation::key_in(alone, "dingtalk"), "");
  EXPECT_EQ(Installation::key_in(alone, "kingdee"), "");
}

// The mobile alone proposes, it does not decide.
TEST_F(Chat, TheLikelyPersonIsAQuestion) {
  const std::string likely = key_of("罗启明", "wecom", "external_contacts");
  ASSERT_NE(likely, "");
  const Value golden = golden_with("wecom", likely);
  EXPECT_EQ(Installation::key_in(golden, "dingtalk"), "");
  const std::string reviews =
      model::to_json(world().huiliu({"review", "list", "--kind", "duplicate"}).json());
  EXPECT_NE(reviews.find(golden["id"].to_text()), std::string::npos) << golden["id"].to_text();
}

TEST_F(Chat, NobodyInTheMessengerIsACustomer) {
  EXPECT_TRUE(world().shared("customer", {"wecom"}).empty());
  // Strangers have no employer, so they are created nowhere.
  const Value counters = world().get("dingtalk", "/counters");
  EXPECT_EQ(text_at(counters, "streams.external_contacts.creates"), "");
}

// A mobile changed in the CRM is appended in the messenger; what the salesperson typed for himself stays.
TEST_F(Chat, AMobileIsAppendedAndTheRemarkIsUntouched) {
  const std::string chat = key_of("沈佳禾", "wecom", "external_contacts");
  const Value before = world().record("wecom", "external_contacts", chat);
  world().edit("dingtalk", "contacts", key_of("沈佳禾", "dingtalk", "contacts"),
               {{"contact_phone", "13955556666"}});
  world().settle();
  const Value after = world().record("wecom", "external_contacts", chat);
  EXPECT_EQ(text_at(after, "follow_user.0.remark_mobiles.0"),
            text_at(before, "follow_user.0.remark_mobiles.0"));
  EXPECT_EQ(text_at(after, "follow_user.0.remark_mobiles.1"), "13955556666");
  EXPECT_EQ(text_at(after, "follow_user.0.remark"), text_at(before, "follow_user.0.remark"));
  const Value counters = world().get("wecom", "/counters");
  EXPECT_EQ(text_at(counters, "fields_written.remark"), "");
  EXPECT_EQ(text_at(counters, "fields_written.description"), "");
  world().reset_counters();
  world().settle(1);
  for (const char* system : {"kingdee", "dingtalk", "wecom"}) EXPECT_EQ(world().writes(system), 0) << system;
}

// A company goes where none stands, a name that is too long is replaced by the short one, never cut; tags of
// the hub's own group follow the customer, and all others stay.
TEST_F(Chat, TheCompanyIsFilledWhereNoneStandsAndTagsFollowTheCustomer) {
  std::size_t filled = 0, tagged = 0;
  std::map<std::string, std::string> tag_names;
  const Value known_tags = world().get("wecom", "/state?stream=tags");
  for (const Value& tag : known_tags.as_array()) tag_names[text_at(tag, "id")] = text_at(tag, "name");
  for (const Value& contact : world().shared("contact", {"wecom", "dingtalk"})) {
    const Value golden = world().customer(contact["id"].to_text());
    const std::string employer = text_at(golden, "fields.employer.value");
    const Value chat = world().record("wecom", "external_contacts", Installation::key_in(contact, "wecom"));
    if (employer.empty() || text_at(chat, "external_contact.type") == "2") continue;
    const Value customer = world().customer(employer);
    const std::string company = text_at(chat, "follow_user.0.remark_corp_name");
    EXPECT_NE(company, "") << model::to_json(chat);
    const Value& legal = customer["fields"]["names.legal"]["value"];
    filled += company == legal.to_text() ? 1 : 0;
    const std::string level = text_at(customer, "fields.level.value");
    if (level.empty()) continue;
    std::vector<std::string> tags;
    for (const Value& tag : chat["follow_user"].as_array()[0]["tags"].as_array())
      tags.push_back(tag_names[text_at(tag, "tag_id")]);
    EXPECT_THAT(tags, testing::Contains("客户级别：" + level)) << model::to_json(chat);
    ++tagged;
  }
  EXPECT_GT(filled, 0U);
  EXPECT_GT(tagged, 0U);
  const std::string chat = key_of("沈佳禾", "wecom", "external_contacts");
  const Value before = world().record("wecom", "external_contacts", chat);
  world().edit("wecom", "external_contacts", chat, {{"remark_corp_name", "晟禾的沈姐"}});
  world().settle();
  EXPECT_EQ(text_at(world().record("wecom", "external_contacts", chat), "follow_user.0.remark_corp_name"),
            "晟禾的沈姐")
      << "what a person typed stays";
  world().edit("wecom", "external_contacts", chat,
               {{"remark_corp_name", text_at(before, "follow_user.0.remark_corp_name")}});
  world().settle();
}

// The messenger pushes, encrypted; the hub looks, and the ERP has it: no walk is waited for.
TEST_F(Chat, AnEventArrivesAtOnce) {
  Process hub(world().command({"serve"}), world().directory);
  ASSERT_TRUE(hub.wait_for_text("http://", 20));
  world().post("wecom", "/webhook-target", Object{{"url", hub.text_after("http://") + "/hooks/wecom"}});
  const std::string chat = key_of("沈佳禾", "wecom", "external_contacts");
  const std::string erp = key_of("沈佳禾", "kingdee", "contacts");
  world().edit("wecom", "external_contacts", chat,
               {{"remark_mobiles", model::Array{"13711110000", "13711112222"}}});
  std::string there;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (there != "13711112222" && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // between two looks at the condition
    there = text_at(world().record("kingdee", "contacts", erp), "FMobile");
  }
  EXPECT_EQ(there, "13711112222");
  EXPECT_EQ(text_at(world().get("wecom", "/webhook-target"), "delivered"), "1");
  world().post("wecom", "/webhook-target", Object{{"url", ""}});
  hub.terminate();
  EXPECT_EQ(hub.wait().exit_code, 0);
}

}  // namespace chat_test
}  // namespace huiliu::e2e
