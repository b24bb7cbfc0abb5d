// The engine's state: what is saved is read back, in the same transaction and after the store was opened
// again.
#include "tests/unit/store/contract.hpp"

namespace huiliu::store::fakes {

using sync::MatchKey;
using sync::ReviewKind;

class StoreRecords : public StoreContract {};

TEST_P(StoreRecords, GoldenAndReplicasComeBackWhole) {
  auto golden = make_golden(1);
  golden.next_link_order = 3;
  auto first = make_replica("erp", "k1", golden.id);
  first.link_order = 1;
  first.parts.push_back({"100", "k1-100", model::Object{{"credit_limit", model::Number{"100.10"}}}});
  first.intents.push_back({});
  first.intents.back().id = "int_1";
  auto second = make_replica("crm", "k2", golden.id);
  second.link_order = 2;
  second.gone = true;
  const auto expect = [&](sync::Repository& r) {
    const auto cluster = r.load_cluster(golden.id);
    ASSERT_TRUE(cluster);
    EXPECT_EQ(cluster->golden, golden);
    ASSERT_EQ(cluster->replicas.size(), 2u);
    EXPECT_EQ(cluster->replicas[0], first);
    EXPECT_EQ(cluster->replicas[1], second);
    EXPECT_EQ(r.load_replica(first.ref), first);
    EXPECT_EQ(r.load_golden(golden.id), golden);
    EXPECT_EQ(r.golden_of(second.ref), golden.id);
    EXPECT_FALSE(r.load_replica(ref_of("erp", "unknown")));
    EXPECT_FALSE(r.load_cluster("cus_unknown"));
  };
  write([&](Transaction& t) {
    t.save(second, {});
    t.save(first, {});
    t.save(golden);
    expect(t);
  });
  read([&](Snapshot& s) { expect(s); });
  reopen();
  read([&](Snapshot& s) { expect(s); });
  expect_sound();
}

TEST_P(StoreRecords, UnusualTextsSurvive) {
  auto replica = make_replica("erp", std::string("a\0b'\"%", 6), "");
  replica.raw = std::string("{\"a\":\"\\u0000 ü 汇\"}\n\0x", 23);
  replica.token = "";
  replica.evid = model::unknown_time;
  replica.raw_hash = ~0ULL;
  write([&](Transaction& t) { t.save(replica, {{"name", std::string("x\0y", 3)}, {"", ""}}); });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.load_replica(replica.ref), replica);
    EXPECT_EQ(s.find_by_key("customer", {"name", std::string("x\0y", 3)}, 5).size(), 1u);
    EXPECT_EQ(s.find_by_key("customer", {"", ""}, 5).size(), 1u);
    EXPECT_TRUE(s.find_by_key("customer", {"name", "x"}, 5).empty());
  });
  expect_sound();
}

TEST_P(StoreRecords, HeadAndTouchNeedNoWholeRecord) {
  auto replica = make_replica("erp", "k1", golden_id(1));
  write([&](Transaction& t) {
    t.save(make_golden(1));
    t.save(replica, {});
  });
  write([&](Transaction& t) {
    const auto head = t.head(replica.ref);
    ASSERT_TRUE(head);
    EXPECT_EQ(head->raw_hash, replica.raw_hash);
    EXPECT_EQ(head->token, "v1");
    EXPECT_EQ(head->mapping_version, "m1");
    EXPECT_EQ(head->golden, golden_id(1));
    EXPECT_TRUE(head->settled);
    t.touch(replica.ref, replica.evid + 10);
    t.touch(replica.ref, replica.evid + 5);  // never back
    EXPECT_EQ(t.load_replica(replica.ref)->evid, replica.evid + 10);
    t.touch(ref_of("erp", "unknown"), 1);
    EXPECT_FALSE(t.head(ref_of("erp", "unknown")));
  });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.head(replica.ref)->evid, replica.evid + 10);
    EXPECT_EQ(s.load_replica(replica.ref)->evid, replica.evid + 10);
    EXPECT_EQ(s.load_cluster(golden_id(1))->replicas.at(0).evid, replica.evid + 10);
  });
  replica.fields[0].unverified = true;
  write([&](Transaction& t) { t.save(replica); });
  read([&](Snapshot& s) {
    EXPECT_FALSE(s.head(replica.ref)->settled);
    EXPECT_EQ(s.head(replica.ref)->evid, replica.evid) << "a save replaces the whole";
  });
}

TEST_P(StoreRecords, KeysFollowTheLastSave) {
  const MatchKey old_key{"name", "old"}, new_key{"name", "new"}, shared{"phone", "1"};
  auto replica = make_replica("erp", "k1");
  write([&](Transaction& t) { t.save(replica, {old_key, shared}); });
  write([&](Transaction& t) {
    t.save(replica, {new_key, shared});
    EXPECT_TRUE(t.find_by_key("customer", old_key, 9).empty());
    EXPECT_EQ(t.find_by_key("customer", new_key, 9).size(), 1u);
    EXPECT_EQ(t.find_by_key("customer", shared, 9).size(), 1u);
    EXPECT_TRUE(t.find_by_key("contact", shared, 9).empty());
  });
  write([&](Transaction& t) { t.save(replica); });  // leaves the keys alone
  read([&](Snapshot& s) {
    EXPECT_TRUE(s.find_by_key("customer", old_key, 9).empty());
    EXPECT_EQ(s.find_by_key("customer", new_key, 9), std::vector{replica.ref});
  });
  write([&](Transaction& t) {
    for (int i = 0; i < 20; ++i) t.save(make_replica("crm", "c" + std::to_string(i)), {shared});
    EXPECT_EQ(t.find_by_key("customer", shared, 7).size(), 7u);
  });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.find_by_key("customer", shared, 7).size(), 7u);
    EXPECT_EQ(s.find_by_key("customer", shared, 100).size(), 21u);
  });
  expect_sound();
}

TEST_P(StoreRecords, AProvisionalRecordIsReplacedByTheRealOne) {
  write([&](Transaction& t) {
    t.save(make_golden(1));
    t.save(make_replica("erp", "new:int_1", golden_id(1)), {{"name", "n"}});
  });
  read([&](Snapshot& s) { EXPECT_TRUE(s.count_records().empty()) << "provisional ones do not count"; });
  write([&](Transaction& t) {
    t.erase_replica(ref_of("erp", "new:int_1"));
    EXPECT_TRUE(t.find_by_key("customer", {"name", "n"}, 9).empty());
    t.save(make_replica("erp", "4711", golden_id(1)), {{"name", "n"}});
    EXPECT_EQ(t.load_cluster(golden_id(1))->replicas.size(), 1u);
  });
  read([&](Snapshot& s) {
    EXPECT_FALSE(s.load_replica(ref_of("erp", "new:int_1")));
    EXPECT_EQ(s.find_by_key("customer", {"name", "n"}, 9), std::vector{ref_of("erp", "4711")});
    EXPECT_EQ(s.load_cluster(golden_id(1))->replicas.size(), 1u);
  });
  expect_sound();
}

TEST_P(StoreRecords, RedirectsLeadToTheSurvivor) {
  write([&](Transaction& t) {
    for (int i = 1; i <= 3; ++i) t.save(make_golden(i));
    t.save(make_replica("erp", "k1", golden_id(1)), {});
  });
  write([&](Transaction& t) {
    for (int i = 1; i <= 2; ++i) {
      auto golden = *t.load_golden(golden_id(i));
      golden.redirect = golden_id(i + 1);
      t.save(golden);
    }
    EXPECT_EQ(t.resolve(golden_id(1)), golden_id(3));
  });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.resolve(golden_id(1)), golden_id(3));
    EXPECT_EQ(s.resolve(golden_id(3)), golden_id(3));
    EXPECT_EQ(s.resolve("cus_unknown"), "");
    EXPECT_EQ(s.golden_of(ref_of("erp", "k1")), golden_id(3));
    EXPECT_EQ(s.count_goldens(), (std::vector<GoldenCount>{{"customer", 1, 2}}));
    EXPECT_EQ(s.list_goldens({}, {}).size(), 1u);
  });
}

TEST_P(StoreRecords, ARecordMovesBetweenGoldens) {
  write([&](Transaction& t) {
    t.save(make_golden(1));
    t.save(make_golden(2));
    t.save(make_replica("erp", "k1", golden_id(1)), {});
    t.save(make_replica("crm", "k2", golden_id(1)), {});
  });
  write([&](Transaction& t) {
    EXPECT_EQ(t.load_cluster(golden_id(1))->replicas.size(), 2u);
    auto moved = *t.load_replica(ref_of("crm", "k2"));
    moved.golden = golden_id(2);
    t.save(moved);
    EXPECT_EQ(t.load_cluster(golden_id(1))->replicas.size(), 1u);
    EXPECT_EQ(t.load_cluster(golden_id(2))->replicas.size(), 1u);
  });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.load_cluster(golden_id(1))->replicas.size(), 1u);
    EXPECT_EQ(s.load_cluster(golden_id(2))->replicas.size(), 1u);
  });
  expect_sound();
}

TEST_P(StoreRecords, PrimaryIsTheFirstLiveOne) {
  write([&](Transaction& t) {
    t.save(make_golden(1));
    auto merged = make_golden(2);
    merged.redirect = golden_id(1);
    t.save(merged);
    for (int i = 1; i <= 5; ++i) {
      auto replica = make_replica("erp", i == 2 ? "new:int_1" : "k" + std::to_string(i), golden_id(1));
      replica.link_order = i;
      replica.gone = i == 1;
      if (i == 3) replica.leader = "k4";
      t.save(replica, {});
    }
    auto gone = make_replica("crm", "c1", golden_id(1));
    gone.gone = true;
    t.save(gone, {});
    t.save(make_replica("shop", "new:int_2", golden_id(1)), {});
  });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.primary_of(golden_id(1), "erp", "customers")->ref.key, "k4");
    EXPECT_EQ(s.primary_of(golden_id(2), "erp", "customers")->ref.key, "k4") << "through the redirect";
    EXPECT_EQ(s.primary_of(golden_id(1), "shop", "customers")->ref.key, "new:int_2");
    EXPECT_FALSE(s.primary_of(golden_id(1), "crm", "customers"));
    EXPECT_FALSE(s.primary_of(golden_id(1), "crm", "contacts"));
    EXPECT_FALSE(s.primary_of("cus_unknown", "erp", "customers"));
  });
}

TEST_P(StoreRecords, MarksAreSetAndTakenBack) {
  const auto a = ref_of("erp", "a"), b = ref_of("erp", "b"), target = ref_of("erp", "target");
  write([&](Transaction& t) {
    t.add_waiting(target, a);
    t.add_waiting(target, b);
    t.add_waiting(target, a);
    for (int i = 1; i <= 4; ++i) t.set_due(golden_id(i), "customer", "crm", true);
    t.set_due(golden_id(3), "customer", "crm", false);
    t.set_due(golden_id(3), "customer", "erp", true);
    t.set_look(b, true);
    t.set_look(a, true);
    t.set_observed("erp", "customers", true);
  });
  write([&](Transaction& t) {
    EXPECT_EQ(t.take_waiting(target), (std::vector{a, b}));
    EXPECT_TRUE(t.take_waiting(target).empty());
    EXPECT_EQ(t.due("crm", "customer", "", 2), (std::vector{golden_id(1), golden_id(2)}));
    EXPECT_EQ(t.due("crm", "customer", golden_id(2), 9), std::vector{golden_id(4)});
    t.set_due(golden_id(1), "customer", "crm", false);
    EXPECT_EQ(t.due("crm", "customer", "", 1), std::vector{golden_id(2)});
    EXPECT_EQ(t.to_look("erp", "customers", 9), (std::vector{a, b}));
    t.set_look(a, false);
  });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.to_look("erp", "customers", 9), std::vector{b});
    EXPECT_TRUE(s.observed("erp", "customers"));
    EXPECT_FALSE(s.observed("erp", "contacts"));
    EXPECT_EQ(s.count_due(), (std::map<std::string, std::int64_t>{{"crm", 2}, {"erp", 1}}));
  });
}

TEST_P(StoreRecords, HistoryIsKeptInOrder) {
  const auto entry = [](int version) {
    sync::HistoryEntry e;
    e.golden = golden_id(1);
    e.entity = "customer";
    e.field = "tags";
    e.version = version;
    e.value = {model::Presence::value,
               model::Array{"a", model::Number{"1.10"}, model::Object{{"k", nullptr}}}, "1:key"};
    e.from = ref_of("erp", "k");
    e.changed = {model::unknown_time, version};
    e.recorded = version * 10;
    e.rule = "latest";
    e.run = "run_1";
    e.actor = "李会计";
    e.lost = version % 2 == 0;
    return e;
  };
  write([&](Transaction& t) {
    t.add_history(entry(1));
    EXPECT_EQ(t.history(golden_id(1)).size(), 1u);
    t.add_history(entry(2));
    t.add_history(entry(3));
  });
  write([&](Transaction& t) { t.save(make_golden(1)); });
  read([&](Snapshot& s) {
    const auto entries = s.history(golden_id(1));
    ASSERT_EQ(entries.size(), 3u);
    for (int i = 0; i < 3; ++i) {
      const auto expected = entry(i + 1);
      const auto& found = entries[static_cast<std::size_t>(i)];
      EXPECT_EQ(found.version, expected.version);
      EXPECT_EQ(found.value, expected.value);
      EXPECT_EQ(found.from, expected.from);
      EXPECT_EQ(found.changed, expected.changed);
      EXPECT_EQ(found.recorded, expected.recorded);
      EXPECT_EQ(
          std::tie(found.golden, found.entity, found.field, found.rule, found.run, found.actor, found.lost),
          std::tie(expected.golden, expected.entity, expected.field, expected.rule, expected.run,
                   expected.actor, expected.lost));
    }
    EXPECT_TRUE(s.history(golden_id(2)).empty());
  });
  expect_sound();
}

TEST_P(StoreRecords, ReviewsAreFoundByEveryQuestion) {
  auto duplicate = make_review(1, ReviewKind::duplicate, golden_id(1));
  auto conflict = make_review(2, ReviewKind::conflict, golden_id(1));
  conflict.connection = "erp";
  write([&](Transaction& t) {
    t.save(make_golden(1));
    t.save(duplicate);
    t.save(conflict);
  });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.load_review(duplicate.id), duplicate);
    EXPECT_FALSE(s.load_review("rev_unknown"));
    EXPECT_EQ(s.open_review(conflict.dedupe), conflict);
    EXPECT_EQ(s.open_reviews_of(golden_id(1)), (std::vector{duplicate, conflict}));
    EXPECT_EQ(s.list_reviews({ReviewKind::conflict, "open", ""}, {}), std::vector{conflict});
    EXPECT_EQ(s.list_reviews({{}, "open", "erp"}, {}), std::vector{conflict});
    EXPECT_EQ(s.list_reviews({}, {"", 1}), std::vector{duplicate});
    EXPECT_EQ(s.list_reviews({}, {duplicate.id, 1}), std::vector{conflict});
  });
  duplicate.state = "decided";
  duplicate.choice = "yes";
  write([&](Transaction& t) { t.save(duplicate); });
  read([&](Snapshot& s) {
    EXPECT_FALSE(s.open_review(duplicate.dedupe));
    EXPECT_EQ(s.open_reviews_of(golden_id(1)), std::vector{conflict});
    EXPECT_EQ(s.list_reviews({}, {}), std::vector{conflict});
    EXPECT_EQ(s.list_reviews({{}, "decided", ""}, {}), std::vector{duplicate});
    EXPECT_EQ(s.list_reviews({{}, "", ""}, {}).size(), 2u);
    EXPECT_EQ(s.count_reviews("open"), (std::map<ReviewKind, std::int64_t>{{ReviewKind::conflict, 1}}));
  });
  // Asked again after it was decided: a new question.
  auto again = make_review(3, ReviewKind::duplicate, golden_id(1));
  again.dedupe = duplicate.dedupe;
  write([&](Transaction& t) { t.save(again); });
  read([&](Snapshot& s) { EXPECT_EQ(s.open_review(duplicate.dedupe), again); });
}

TEST_P(StoreRecords, TheSameQuestionIsNotOpenTwice) {
  write([&](Transaction& t) { t.save(make_review(1, ReviewKind::create, "")); });
  const auto status = store_->write([&](Transaction& t) {
    auto twin = make_review(2, ReviewKind::create, "");
    twin.dedupe = "question/1";
    t.save(twin);
    return Status();
  });
  EXPECT_FALSE(status.ok());
}

TEST_P(StoreRecords, CountsFollowEveryChange) {
  write([&](Transaction& t) {
    t.save(make_golden(1));
    for (int i = 0; i < 5; ++i)
      t.save(make_replica("erp", "k" + std::to_string(i), i < 3 ? golden_id(1) : ""), {});
    auto made = make_replica("crm", "c", golden_id(1));
    made.made_by_hub = true;
    t.save(made, {});
  });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.count_records(), (std::vector<RecordCount>{{"crm", "customers", "customer", 1, 1, 1, 0},
                                                           {"erp", "customers", "customer", 5, 3, 0, 0}}));
  });
  write([&](Transaction& t) {
    auto replica = *t.load_replica(ref_of("erp", "k0"));
    replica.gone = true;
    t.save(replica);
    replica = *t.load_replica(ref_of("erp", "k1"));
    replica.golden = "";
    t.save(replica);
  });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.count_records().at(1), (RecordCount{"erp", "customers", "customer", 4, 1, 0, 1}));
    EXPECT_EQ(s.count_goldens(), (std::vector<GoldenCount>{{"customer", 1, 0}}));
  });
  expect_sound();
}

TEST_P(StoreRecords, ListsOfAStream) {
  write([&](Transaction& t) {
    for (const char* key : {"a", "b", "c", "d", "new:int_1"}) {
      auto replica = make_replica("erp", key);
      replica.evid = key[0] == 'a' ? 100 : 50;
      replica.wend = key[0] == 'b' ? 120 : model::unknown_time;
      replica.gone = key[0] == 'c';
      if (key[0] == 'd') replica.intents.push_back({});
      t.save(replica, {});
    }
  });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.not_seen_since("erp", "customers", 90, {}), std::vector{ref_of("erp", "d")});
    EXPECT_EQ(s.with_intents("erp", "customers", {}), std::vector{ref_of("erp", "d")});
    const auto page = s.list_replicas("erp", "customers", {"a", 2});
    ASSERT_EQ(page.size(), 2u);
    EXPECT_EQ(page[0].ref.key, "b");
    EXPECT_EQ(page[1], *s.load_replica(ref_of("erp", "c")));
    EXPECT_TRUE(s.list_replicas("unknown", "customers", {}).empty());
  });
}

TEST_P(StoreRecords, PeopleFindCustomers) {
  write([&](Transaction& t) {
    auto first = make_golden(1, "深圳市汇流科技有限公司");
    first.fields[2].value = text_value("91440300MA5DA00000");
    first.fields[3].value = text_value("0755-2658 8888");
    t.save(first);
    t.save(make_golden(2, "上海汇流（集团）股份有限公司"));
    t.save(make_golden(3, "Acme Trading Co., Ltd."));
    t.save(make_replica("erp", "k2", golden_id(2)), {});
    EXPECT_EQ(t.search("customer", "汇流", 9).size(), 2u) << "in the same transaction";
  });
  read([&](Snapshot& s) {
    const auto ids = [&](const std::string& text) { return s.search("customer", text, 9); };
    EXPECT_EQ(ids("汇流").size(), 2u) << "two characters are enough";
    EXPECT_EQ(ids("流").size(), 2u);
    EXPECT_EQ(ids("深圳市汇流"), std::vector{golden_id(1)});
    EXPECT_EQ(ids("汇流(集团)"), std::vector{golden_id(2)}) << "brackets of either width";
    EXPECT_EQ(ids("07552658"), std::vector{golden_id(1)}) << "digits of a phone";
    EXPECT_EQ(ids("91440300ma5da"), std::vector{golden_id(1)});
    EXPECT_EQ(ids("ACME trading"), std::vector{golden_id(3)});
    EXPECT_TRUE(ids("不存在").empty());
    EXPECT_TRUE(ids("").empty());
    EXPECT_TRUE(ids("（）").empty());
    EXPECT_TRUE(s.search("contact", "汇流", 9).empty());
    EXPECT_EQ(s.search("customer", "汇流", 1).size(), 1u);
    GoldenQuery query;
    query.text = "汇流";
    EXPECT_EQ(s.list_goldens(query, {"", 1}).at(0).id, golden_id(1));
    EXPECT_EQ(s.list_goldens(query, {golden_id(1), 5}).at(0).id, golden_id(2));
    query.connection = "erp";
    ASSERT_EQ(s.list_goldens(query, {}).size(), 1u);
    EXPECT_EQ(s.list_goldens(query, {}).at(0), *s.load_golden(golden_id(2)));
    query = {};
    query.changed_since = 1'000'003;
    EXPECT_EQ(s.list_goldens(query, {}).at(0).id, golden_id(3));
    query.entity = "contact";
    EXPECT_TRUE(s.list_goldens(query, {}).empty());
  });
  write([&](Transaction& t) { t.save(make_golden(1, "北京新名有限公司")); });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.search("customer", "新名", 9), std::vector{golden_id(1)});
    EXPECT_EQ(s.search("customer", "汇流", 9), std::vector{golden_id(2)});
  });
}

TEST_P(StoreRecords, BeginningsComeFirstInASearch) {
  write([&](Transaction& t) {
    t.save(make_golden(1, "新汇流"));
    t.save(make_golden(2, "汇流国际贸易"));
    t.save(make_golden(3, "汇流"));
  });
  read([&](Snapshot& s) {
    EXPECT_EQ(s.search("customer", "汇流", 9), (std::vector{golden_id(3), golden_id(2), golden_id(1)}));
  });
}

// An index that is filled by the thousand must not show.
TEST_P(StoreRecords, PeopleFindEachOfThousands) {
  constexpr int many = 4600;
  const auto name = [](int number) { return "凤栖" + std::to_string(10'000 + number) + "号商行"; };
  const auto found = [&](Snapshot& s, int number) { return s.search("customer", name(number), 9); };
  const auto of = [](int number) { return std::vector{golden_id(number)}; };
  for (int from = 1; from <= many; from += 500)
    write([&](Transaction& t) {
      for (int i = from; i < std::min(from + 500, many + 1); ++i) t.save(make_golden(i, name(i)));
      EXPECT_EQ(found(t, from), of(from)) << "in the same transaction";
    });
  read([&](Snapshot& s) {
    for (const int number : {1, 2, 500, 501, 3999, 4000, 4001, 4002, 4500, 4501, many - 1, many})
      EXPECT_EQ(found(s, number), of(number)) << number;
    EXPECT_EQ(s.search("customer", "凤栖10", many).size(), 999U) << "each once";
  });
  write([&](Transaction& t) {
    t.save(make_golden(1, "改名甲"));
    t.save(make_golden(many, "改名乙"));
    t.forget_person(golden_id(2), {});
    t.forget_person(golden_id(many - 1), {});
  });
  reopen();
  read([&](Snapshot& s) {
    EXPECT_EQ(s.search("customer", "改名甲", 9), of(1));
    EXPECT_EQ(s.search("customer", "改名乙", 9), of(many));
    for (const int number : {1, 2, many - 1, many}) EXPECT_TRUE(found(s, number).empty()) << number;
  });
  expect_sound();
}

TEST_P(StoreRecords, ASnapshotDoesNotWrite) {
  read([&](Snapshot& s) {
    EXPECT_THROW(s.save(make_golden(1)), sync::StorageFailure);
    EXPECT_THROW(s.save(make_replica("erp", "k"), {}), sync::StorageFailure);
    EXPECT_THROW(s.set_due(golden_id(1), "customer", "erp", true), sync::StorageFailure);
    EXPECT_THROW(s.touch(ref_of("erp", "k"), 1), sync::StorageFailure);
    EXPECT_THROW(s.take_waiting(ref_of("erp", "k")), sync::StorageFailure);
  });
}

HUILIU_FOR_EVERY_STORE(StoreRecords);

}  // namespace huiliu::store::fakes
