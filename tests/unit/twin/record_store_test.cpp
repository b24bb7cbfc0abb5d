#include "sdk/twin/record_store.hpp"

#include <gtest/gtest.h>

namespace huiliu::twin {
namespace {

using boost::json::object;

TEST(RecordStore, KeepsRecordsInKeyOrder) {
  RecordStore store;
  for (const char* key : {"b", "10", "9", "a", "100"}) store.create("s", key, {{"k", key}}, Origin::load);
  std::string order;
  store.for_each("s", [&](const std::string& key, const Record&) {
    order += key + " ";
    return true;
  });
  EXPECT_EQ(order, "9 10 100 a b ");
  const auto page = store.page("s", "10", 2);
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].first, "100");
  EXPECT_EQ(page[1].first, "a");
  const auto wanted =
      store.page("s", "", 9, [](const object& body) { return body.at("k").as_string().size() == 1; });
  EXPECT_EQ(wanted.size(), 3U);
}

TEST(RecordStore, RefusesWhatIsNotThere) {
  RecordStore store;
  EXPECT_THROW(store.get("s", "1"), TwinError);
  store.declare("s");
  EXPECT_EQ(store.find("s", "1"), nullptr);
  try {
    store.get("s", "1");
    FAIL();
  } catch (const TwinError& error) {
    EXPECT_EQ(error.status(), 404);
  }
  EXPECT_THROW(store.update("s", "1", object{{"a", 1}}, Origin::api), TwinError);
  EXPECT_THROW(store.remove("s", "1", Origin::api), TwinError);
  store.create("s", "1", {}, Origin::api);
  EXPECT_THROW(store.create("s", "1", {}, Origin::api), TwinError);
  EXPECT_THROW(store.create("s", "", {}, Origin::api), TwinError);
}

TEST(RecordStore, MergesTopLevelMembersAndLeavesSnapshotsAlone) {
  RecordStore store;
  store.create("s", "1", {{"a", 1}, {"b", 2}}, Origin::load);
  const Record before = store.get("s", "1");
  store.update("s", "1", object{{"b", 3}, {"c", nullptr}}, Origin::api);
  EXPECT_EQ(*before, (object{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(*store.get("s", "1"), (object{{"a", 1}, {"b", 3}, {"c", nullptr}}));
}

TEST(RecordStore, AnIndexFindsWhatIsThereNow) {
  using Keys = std::vector<std::string>;
  RecordStore store;
  store.create("s", "1", {{"name", "甲"}}, Origin::load);
  store.add_index("s", "name", [](const object& body) -> Keys {
    const auto* name = body.if_contains("name");
    if (name == nullptr || !name->is_string()) return {};
    return {std::string(name->get_string())};
  });
  store.create("s", "10", {{"name", "甲"}}, Origin::api);
  store.create("s", "9", {{"name", "甲"}}, Origin::api);
  store.create("s", "11", {}, Origin::api);
  EXPECT_EQ(store.under("s", "name", "甲"), (RecordStore::Keys{"1", "9", "10"}));
  store.update("s", "9", object{{"name", "乙"}}, Origin::person);
  store.remove("s", "10", Origin::api);
  EXPECT_EQ(store.under("s", "name", "甲"), RecordStore::Keys{"1"});
  EXPECT_EQ(store.under("s", "name", "乙"), RecordStore::Keys{"9"});
  EXPECT_EQ(store.under("s", "name", "丙"), RecordStore::Keys{});
  store.set_hooks([](const Change&, object&) { throw TwinError(400, "no", "refused"); });
  EXPECT_THROW(store.update("s", "9", object{{"name", "丙"}}, Origin::api), TwinError);
  EXPECT_EQ(store.under("s", "name", "乙"), RecordStore::Keys{"9"}) << "what was refused changes no index";
  EXPECT_THROW(store.under("s", "code", "1"), TwinError);
}

TEST(RecordStore, CountsOnlyWhatCameThroughTheApi) {
  RecordStore store;
  store.create("s", "1", {{"a", 1}}, Origin::load);
  store.create("s", "2", {{"a", 1}, {"b", 1}}, Origin::api);
  store.update("s", "1", object{{"a", 2}}, Origin::api);
  store.update(
      "s", "1", [](object& body) { body["deep"] = 1; }, {"deep.x"}, Origin::api);
  store.update("s", "1", object{{"a", 3}}, Origin::person);
  store.remove("s", "2", Origin::api);
  store.counters().call("GET /x");
  store.counters().call("GET /x");
  const object counted = store.counters().to_json();
  EXPECT_EQ(counted.at("calls"), (object{{"GET /x", 2}}));
  EXPECT_EQ(counted.at("creates"), 1);
  EXPECT_EQ(counted.at("updates"), 2);
  EXPECT_EQ(counted.at("deletes"), 1);
  EXPECT_EQ(counted.at("fields_written"), (object{{"a", 2}, {"b", 1}, {"deep.x", 1}}));
  EXPECT_EQ(counted.at("streams").at("s").at("updates"), 2);
  EXPECT_EQ(counted.at("person").at("updates"), 1);
  EXPECT_EQ(store.revision("s"), 5U);
  store.counters().reset();
  EXPECT_EQ(store.counters().to_json().at("creates"), 0);
  EXPECT_EQ(store.size("s"), 1U);
}

TEST(RecordStore, AHookShapesOrRefusesAWrite) {
  RecordStore store;
  std::string seen;
  store.set_hooks(
      [](const Change& change, object& next) {
        if (change.kind == Change::Kind::remove) throw TwinError(409, "approved", "not while approved");
        next["version"] = change.before ? change.before->at("version").as_int64() + 1 : 1;
      },
      [&](const Change& change, const Record& now) { seen += std::string(change.key) + (now ? "+" : "-"); });
  store.create("s", "k", {}, Origin::api);
  store.update("s", "k", object{{"a", 1}}, Origin::person, "王敏");
  EXPECT_EQ(store.get("s", "k")->at("version"), 2);
  EXPECT_THROW(store.remove("s", "k", Origin::api), TwinError);
  EXPECT_EQ(store.size("s"), 1U);
  EXPECT_EQ(store.counters().to_json().at("deletes"), 0);
  EXPECT_EQ(seen, "k+k+");
}

}  // namespace
}  // namespace huiliu::twin
