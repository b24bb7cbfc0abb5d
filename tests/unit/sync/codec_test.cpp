// Stored text: everything comes back, schemas may change, garbage is refused.
#include "hub/sync/codec.hpp"

#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

class Codec : public Scenario {
 protected:
  // A replica and a golden record with every member in use.
  void live_a_little() {
    const auto id =
        linked_pair({{"name", "深圳 Acme"}, {"phone", "0755-26770000"}, {"level", "A"}, {"tags", "a,b"}});
    see("erp", "1", {{"level", "B"}, {"tags", "b"}, {"phone", ""}});
    see("crm", "1", {{"level", "C"}, {"tags", "b,c"}});
    settle(begin("crm"), Outcome::in_doubt);
    ASSERT_TRUE(engine.edit(repository, id, "status", value("status", "x"), "li", now).ok());
    const auto other = see("shop", "9", {{"name", "深圳 Acme"}, {"level", "Z"}}).golden;
    ASSERT_TRUE(engine.merge(repository, id, other, "li", now).ok());
    Replica replica = *repository.load_replica(at("crm", "1"));
    replica.parts.push_back({"100", "k", {{"terms", "30"}, {"limit", model::Number{"1.10"}}}});
    replica.pending.push_back({field("employer"), "customers", "7"});
    replica.leader = "L";
    replica.fields[field("level")].refused = value("level", "no");
    replica.fields[field("level")].unclaimed = true;
    replica.fields[field("tags")].declined = {"z", "*"};
    replica.removal =
        Removal{DeletePolicy::archive,
                {{field("name"), {{replica.golden, 4}, {"x", 2}}}, {field("level"), {{"y", 1}}}},
                true};
    replica.gone = replica.stale = replica.disabled = replica.removed_by_hub = true;
    replica.made_by_hub = replica.pending_approval = true;
    replica.raw_hash = 0xfedcba9876543210ULL;
    replica.wend = -5;
    replica.intents.push_back({});
    replica.intents.back().op = Op::remove;
    replica.intents.back().fields.push_back({field("name"), value("name", "q"), {}, 3});
    repository.save(replica);
    Golden golden = *repository.load_golden(id);
    golden.creates["shop"] = "approved";
    golden.create_with["a"] = {{"k", "v"}, {"l", ""}};
    golden.removes["z"] = "approved";
    golden.judged["cus_2"] = "asked";
    golden.home = "erp";
    golden.home_fixed = true;
    golden.approved[field("level")] = {value("level", "u"), 4, "rev", "li", "n", 77};
    repository.save(golden);
  }
};

TEST_F(Codec, EverythingComesBack) {
  live_a_little();
  for (const auto& [ref, replica] : repository.replicas()) {
    const auto back = decode_replica(encode(replica, schema), schema);
    ASSERT_TRUE(back.ok()) << back.error().text();
    EXPECT_EQ(*back, replica);
  }
  for (const auto& [id, golden] : repository.goldens()) {
    const auto back = decode_golden(encode(golden, schema), schema);
    ASSERT_TRUE(back.ok()) << back.error().text();
    EXPECT_EQ(*back, golden);
  }
  for (const auto& [id, review] : repository.reviews()) {
    const auto back = decode_review(encode(review));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, review);
  }
  EXPECT_FALSE(repository.reviews().empty());
}

TEST_F(Codec, FieldsAreStoredByName) {
  see("erp", "1", {{"name", "Acme"}, {"level", "A"}});
  const std::string text = encode(*repository.load_replica(at("erp", "1")), schema);
  const auto other = model::Schema::load({*model::parse_json(
      R"({"entity": "customer", "id_prefix": "cus", "fields": {"level": {"type": "text"}, "added": {"type": "text"}}})")});
  ASSERT_TRUE(other.ok());
  const auto back = decode_replica(text, *other);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->fields.size(), 1U);  // name is gone
  EXPECT_EQ(text_of(back->fields.at(0).base), "A");
}

TEST_F(Codec, UnknownMembersAreSkipped) {
  see("erp", "1", {{"name", "Acme"}});
  const Replica replica = *repository.load_replica(at("erp", "1"));
  const auto back = decode_replica(encode(replica, schema) + "Z3:abc", schema);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, replica);
}

TEST_F(Codec, GarbageIsRefusedAndNeverCrashes) {
  live_a_little();
  const std::string text = encode(*repository.load_replica(at("crm", "1")), schema);
  const std::string golden = encode(repository.goldens().begin()->second, schema);
  EXPECT_FALSE(decode_replica("", schema).ok());
  EXPECT_FALSE(decode_golden("nonsense", schema).ok());
  EXPECT_FALSE(decode_review("").ok());
  for (std::size_t cut = 0; cut < text.size(); ++cut)
    static_cast<void>(decode_replica(text.substr(0, cut), schema));
  model::SeededRandom dice(3);
  for (int round = 0; round < 5000; ++round) {
    std::string broken = round % 2 == 0 ? text : golden;
    for (int change = 0; change < 3; ++change)
      broken[dice.next() % broken.size()] = static_cast<char>(dice.next());
    static_cast<void>(decode_replica(broken, schema));
    static_cast<void>(decode_golden(broken, schema));
    static_cast<void>(decode_review(broken));
  }
}

}  // namespace
}  // namespace huiliu::sync::tests
