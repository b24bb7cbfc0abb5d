// A store whose comparison keys are of older rules: made anew when it is opened, and nobody notices.
#include "hub/run/rekey.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "hub/identity/match.hpp"
#include "hub/normalize/normalize.hpp"
#include "hub/sync/work.hpp"
#include "tests/unit/run/fake_world.hpp"

namespace huiliu::run::fakes {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string present = std::to_string(normalize::rules_version()) + ":";

// The key as other rules would have made it: another version, and another text.
std::string aged(std::string key) {
  for (std::size_t at = 0; (at = key.find(present, at)) != std::string::npos; at += 5) {
    if (at > 0 && key[at - 1] != '\x1f') break;
    key.replace(at, present.size(), "1:old-");
  }
  return key;
}

void age(model::FieldValue& value) {
  if (value.has_value()) value.key = aged(value.key);
}

sync::Cluster aged(sync::Cluster cluster) {
  for (sync::Replica& replica : cluster.replicas) {
    replica.mapping_version = "1-older";
    for (auto& [field, known] : replica.fields) {
      age(known.base);
      age(known.stands);
      if (known.claim) age(known.claim->value);
      std::map<std::string, sync::Claim> elements;
      for (auto& [key, claim] : known.elements) {
        age(claim.value);
        elements.emplace(aged(key), claim);
      }
      known.elements = elements;
    }
  }
  for (auto& [field, golden] : cluster.golden.fields) age(golden.value);
  return cluster;
}

class Rekey : public ::testing::Test {
 protected:
  const model::Schema& schema() const { return *world.workspace.rules->schema; }
  std::vector<sync::Cluster> clusters() {
    std::vector<sync::Cluster> all;
    EXPECT_TRUE(world.workspace.store
                    ->read([&](store::Snapshot& snapshot) -> model::Status {
                      for (const sync::Golden& golden : snapshot.list_goldens({}, {{}, 1000}))
                        all.push_back(*snapshot.load_cluster(golden.id));
                      return {};
                    })
                    .ok());
    return all;
  }
  // Puts the store back to how it was under older rules.
  void grow_old() {
    const std::vector<sync::Cluster> all = clusters();
    const model::Entity& entity = *schema().find("customer");
    ASSERT_TRUE(world.workspace.store
                    ->write([&](store::Transaction& transaction) -> model::Status {
                      for (const sync::Cluster& cluster : all) {
                        const sync::Cluster old = aged(cluster);
                        transaction.save(old.golden);
                        for (const sync::Replica& replica : old.replicas)
                          transaction.save(replica, identity::keys_of(entity, sync::image_of(replica)));
                      }
                      transaction.save_value("store", "normalize_rules", "1");
                      return {};
                    })
                    .ok());
  }
  std::int64_t rekey() {
    const auto changed = rekey_store(*world.workspace.store, schema());
    EXPECT_TRUE(changed.ok()) << changed.error().text();
    return changed.ok() ? *changed : -1;
  }

  FakeWorld world;
};

TEST_F(Rekey, KeysAreMadeAnewAndNothingElseChanges) {
  world.add_companies(30);
  world.system("crm").set("1004", "Phone", "0532-11112222");
  world.settle();
  const std::vector<sync::Cluster> before = clusters();
  ASSERT_THAT(before, SizeIs(30));
  grow_old();
  ASSERT_NE(clusters()[0].golden, before[0].golden);
  EXPECT_EQ(rekey(), 30);
  std::vector<sync::Cluster> after = clusters();
  ASSERT_THAT(after, SizeIs(before.size()));
  for (std::size_t i = 0; i < before.size(); ++i) {
    for (std::size_t k = 0; k < before[i].replicas.size(); ++k)
      after[i].replicas[k].mapping_version = before[i].replicas[k].mapping_version;
    EXPECT_EQ(after[i].golden, before[i].golden);
    EXPECT_EQ(after[i].replicas, before[i].replicas);
  }
  EXPECT_EQ(rekey(), 0) << "once is enough";
}

TEST_F(Rekey, NothingIsSentAndOldRecordsAreFoundAgain) {
  world.add_companies(10);
  world.settle();
  grow_old();
  rekey();
  for (const char* name : {"erp", "crm"}) world.system(name).written.clear();
  EXPECT_THAT(world.plan(), IsEmpty());
  // The same company once more in the CRM: found by the number that an old key stood for, so somebody is
  // asked.
  world.system("crm").put("2000", world.system("erp").records().at("1003"));
  world.settle();
  EXPECT_THAT(world.system("erp").written, IsEmpty());
  EXPECT_THAT(world.reviews(sync::ReviewKind::duplicate), SizeIs(1));
}

TEST_F(Rekey, AFreshStoreIsMarked) {
  EXPECT_EQ(rekey(), 0);
  std::string version;
  ASSERT_TRUE(world.workspace.store
                  ->read([&](store::Snapshot& snapshot) -> model::Status {
                    version = snapshot.load_value("store", "normalize_rules").value_or("");
                    return {};
                  })
                  .ok());
  EXPECT_EQ(version, key_rules(schema()));
}

TEST(KeyRules, AreOthersWhenTheModelGivesAFieldOrAPartAnotherType) {
  std::set<std::string> rules;
  for (const char* fields :
       {R"({"bill":{"type":"text"}})", R"({"bill":{"type":"company_name"}})", R"({"bill":{"type":"group"}})",
        R"({"bill":{"type":"group","parts":{"title":"company_name"}}})",
        R"({"bill":{"type":"group","parts":{"name":"company_name"}}})"}) {
    const std::string model =
        std::string(R"({"entity":"customer","id_prefix":"cus","fields":)") + fields + "}";
    rules.insert(key_rules(*model::Schema::load({*model::parse_json(model)})));
  }
  EXPECT_THAT(rules, SizeIs(5));
}

}  // namespace
}  // namespace huiliu::run::fakes
