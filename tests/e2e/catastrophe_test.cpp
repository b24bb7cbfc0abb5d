// Catastrophes in a system, or in the hub's own configuration and store, replayed against the twins: the
// brakes stop them before one record of another system is touched (counted there), a person is asked with
// figures, and when the system is healed the question goes away by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "hub/config/yaml.hpp"
#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

using model::Object;
using model::Value;
using testing::HasSubstr;

const std::vector<std::string> systems = {"kingdee", "dingtalk", "site"};

// A converged world of its own for every catastrophe.
class Catastrophe : public testing::Test {
 protected:
  Catastrophe() : world_(200, 3) {
    world_.settle();
    world_.settle(1);
    world_.reset_counters();
  }

  // Every record that the ERP's own people keep there, and what `change` makes of it.
  std::map<std::string, std::pair<Object, Object>> edit_all(
      const std::string& stream, const std::function<Object(const Value&, std::size_t)>& change) {
    std::map<std::string, std::pair<Object, Object>> done;  // key → before, after
    const Value records = world_.get("kingdee", "/state?stream=" + stream);
    std::size_t number = 0;
    for (const Value& record : records.as_array()) {
      if (value_text(record, "FCreateOrgId.FNumber") != value_text(record, "FUseOrgId.FNumber")) continue;
      const Object after = change(record, number++);
      if (after.empty()) continue;
      Object before;
      for (const model::Member& field : after)
        before.set(field.key, record[field.key].is_null() ? Value("") : record[field.key]);
      const std::string key = value_text(record, stream == "customers" ? "FCUSTID" : "FCONTACTID");
      world_.edit("kingdee", stream, key, after);
      done[key] = {before, after};
    }
    EXPECT_GT(done.size(), 20U) << "a catastrophe needs many records";
    return done;
  }

  void heal(const std::string& stream, const std::map<std::string, std::pair<Object, Object>>& done) {
    for (const auto& [key, both] : done) world_.edit("kingdee", stream, key, both.first);
  }

  std::vector<Value> brakes() const {
    const Value reviews = world_.huiliu({"review", "list", "--kind", "brake"}).json();
    return {reviews.as_array().begin(), reviews.as_array().end()};
  }

  // The cycle stops, tells why, and nothing arrives anywhere.
  void expect_stopped(const std::vector<std::string>& arguments, const std::string& rule) {
    const Finished synced = world_.huiliu(arguments);
    EXPECT_EQ(synced.exit_code, 1);
    EXPECT_THAT(synced.err, HasSubstr("brake"));
    // A scheduled cycle comes again and again; it must not leak.
    for (int i = 0; i < 2; ++i) world_.huiliu({"sync", "--once"});
    for (const std::string& system : systems) EXPECT_EQ(world_.writes(system), 0) << system;
    const auto asked = brakes();
    ASSERT_FALSE(asked.empty()) << synced.err;
    bool named = false;
    for (const Value& review : asked) named |= review["evidence"]["rules"].find(rule) != nullptr;
    EXPECT_TRUE(named) << rule << ": " << model::to_json(asked.front());
    EXPECT_THAT(asked.front()["choices"].as_array(), testing::Contains(Value("release")));
    EXPECT_FALSE(asked.front()["evidence"]["samples"].as_array().empty());
  }

  // The people there put it right: no question is left, and still nothing was written.
  void expect_healed() {
    const Finished synced = world_.huiliu({"sync", "--once", "--full"});
    EXPECT_EQ(synced.exit_code, 0) << synced.err;
    EXPECT_TRUE(brakes().empty());
    world_.settle();
    for (const std::string& system : systems) EXPECT_EQ(world_.writes(system), 0) << system;
  }

  Installation world_;
};

TEST_F(Catastrophe, AColumnIsWiped) {
  const auto done = edit_all("customers", [](const Value& record, std::size_t) {
    return value_text(record, "FTEL").empty() ? Object{} : Object{{"FTEL", ""}};
  });
  expect_stopped({"sync", "--once"}, "emptied");
  heal("customers", done);
  expect_healed();
}

TEST_F(Catastrophe, TwoColumnsAreSwapped) {
  const auto done = edit_all("customers", [](const Value& record, std::size_t) {
    const std::string address = value_text(record, "FADDRESS");
    return address.empty() ? Object{} : Object{{"FName", address}, {"FADDRESS", value_text(record, "FName")}};
  });
  expect_stopped({"sync", "--once"}, "changed");
  heal("customers", done);
  expect_healed();
}

TEST_F(Catastrophe, EveryRecordGetsTheSameCreditCode) {
  const auto done = edit_all("customers", [](const Value& record, std::size_t) {
    return value_text(record, "FSOCIALCRECODE").empty() ? Object{}
                                                        : Object{{"FSOCIALCRECODE", "91370212MAY1YN673L"}};
  });
  expect_stopped({"sync", "--once"}, "changed");
  heal("customers", done);
  expect_healed();
}

TEST_F(Catastrophe, NamesComeInAWrongCharacterSet) {
  // UTF-8 bytes read as Latin-1, in a few records only: too few for a limit on changes.
  const auto garbled = [](const std::string& text) {
    std::string out;
    for (const char byte : text) {
      const auto code = static_cast<unsigned char>(byte);
      if (code < 0x80) {
        out += byte;
      } else {
        out += static_cast<char>(0xC0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3F));
      }
    }
    return out;
  };
  const auto done = edit_all("customers", [&](const Value& record, std::size_t number) {
    return number >= 25 ? Object{} : Object{{"FName", garbled(value_text(record, "FName").substr(0, 24))}};
  });
  expect_stopped({"sync", "--once"}, "damaged");
  heal("customers", done);
  expect_healed();
}

TEST_F(Catastrophe, NumbersAreWrittenInAnotherForm) {
  // A migration script dropped the area codes.
  const auto done = edit_all("customers", [](const Value& record, std::size_t) {
    const std::string phone = value_text(record, "FTEL");
    const std::size_t dash = phone.find('-');
    return dash == std::string::npos ? Object{} : Object{{"FTEL", phone.substr(dash + 1)}};
  });
  expect_stopped({"sync", "--once"}, "changed");
  heal("customers", done);
  expect_healed();
}

TEST_F(Catastrophe, AnEmptyListIsNoDeletion) {
  for (const char* system : {"kingdee", "dingtalk"}) {
    world_.post(system, "/faults", Object{{"empty_list", 1}});
    expect_stopped({"sync", "--once", "--full"}, "missing");
    world_.post(system, "/faults", Object{});
    expect_healed();
  }
}

TEST_F(Catastrophe, PagesThatEndEarlyAreNoDeletion) {
  world_.post("kingdee", "/faults", Object{{"empty_list", 0.5}, {"seed", 4}});
  const Finished synced = world_.huiliu({"sync", "--once", "--full"});
  EXPECT_EQ(synced.exit_code, 1) << synced.out;
  for (const std::string& system : systems) EXPECT_EQ(world_.writes(system), 0) << system;
  world_.post("kingdee", "/faults", Object{});
  expect_healed();
}

TEST_F(Catastrophe, AnOutageBehindAProxyIsNoDeletion) {
  world_.post("kingdee", "/faults", Object{{"http_502", 1}});
  EXPECT_EQ(world_.huiliu({"sync", "--once", "--full"}).exit_code, 1);
  world_.post("kingdee", "/faults", Object{{"html", 1}});
  EXPECT_EQ(world_.huiliu({"sync", "--once", "--full"}).exit_code, 1);
  world_.post("kingdee", "/faults", Object{});
  expect_healed();
}

TEST_F(Catastrophe, AMassDeletionAsks) {
  const Value records = world_.get("kingdee", "/state?stream=contacts");
  for (const Value& record : records.as_array())
    world_.post("kingdee", "/delete",
                Object{{"stream", "contacts"}, {"key", value_text(record, "FCONTACTID")}});
  expect_stopped({"sync", "--once", "--full"}, "missing");
}

TEST_F(Catastrophe, EveryRecordGetsAnotherKey) {
  const Value records = world_.get("kingdee", "/state?stream=contacts");
  std::size_t remade = 0;
  for (const Value& record : records.as_array()) {
    world_.post("kingdee", "/delete",
                Object{{"stream", "contacts"}, {"key", value_text(record, "FCONTACTID")}});
    Object fields = record.as_object();
    for (const char* given : {"FCONTACTID", "FNumber", "FDocumentStatus", "FCreateDate", "FModifyDate",
                              "FApproverId", "FApproveDate", "FCreatorId", "FModifierId"})
      fields.erase(given);
    world_.post("kingdee", "/create", Object{{"stream", "contacts"}, {"fields", std::move(fields)}});
    ++remade;
  }
  ASSERT_GT(remade, 20U);
  expect_stopped({"sync", "--once", "--full"}, "missing");
}

TEST_F(Catastrophe, ASystemPutBackFromABackup) {
  // A week's work, in portions that are normal.
  std::map<std::string, std::string> before;
  const Value records = world_.get("kingdee", "/state?stream=customers");
  std::size_t portion = 0;
  for (const Value& record : records.as_array()) {
    if (value_text(record, "FCreateOrgId.FNumber") != value_text(record, "FUseOrgId.FNumber")) continue;
    const std::string key = value_text(record, "FCUSTID");
    before[key] = value_text(record, "FADDRESS");
    world_.edit("kingdee", "customers", key,
                {{"FADDRESS", "山东省青岛市崂山区新区路" + std::to_string(before.size()) + "号"}});
    if (++portion % 20 == 0) world_.settle();
  }
  world_.settle();
  world_.reset_counters();
  // Then the server's disk fails.
  for (const auto& [key, address] : before) world_.edit("kingdee", "customers", key, {{"FADDRESS", address}});
  expect_stopped({"sync", "--once"}, "changed");
}

TEST_F(Catastrophe, AHubPutBackFromABackupWritesNothingUntilToldTo) {
  const std::string backup = (world_.directory / "backup.db").string();
  ASSERT_EQ(world_.huiliu({"store", "backup", backup}).exit_code, 0);
  // Life goes on: edits, and records that the hub makes.
  const auto shared = world_.shared("contact", {"kingdee", "dingtalk"});
  ASSERT_GE(shared.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i)
    world_.edit("dingtalk", "contacts", Installation::key_in(shared[i], "dingtalk"),
                {{"contact_phone", "1390000020" + std::to_string(i)}});
  world_.settle();
  ASSERT_GT(world_.writes("kingdee"), 0);
  // One value that only the CRM shows: an edit of these days, or one of ours from before somebody took it
  // back?
  ASSERT_GE(shared.size(), 6U);
  const std::string told = "13900000999";
  world_.edit("dingtalk", "contacts", Installation::key_in(shared[5], "dingtalk"), {{"contact_phone", told}});
  ASSERT_EQ(world_.huiliu({"store", "restore", backup}).exit_code, 0);
  world_.reset_counters();
  const Finished synced = world_.huiliu({"sync", "--once"});
  EXPECT_EQ(synced.exit_code, 1);
  EXPECT_THAT(synced.err, HasSubstr("backup"));
  for (const std::string& system : systems) EXPECT_EQ(world_.writes(system), 0) << system;
  const auto asked = brakes();
  ASSERT_EQ(asked.size(), 1U);
  ASSERT_EQ(world_.huiliu({"review", "decide", asked.front()["id"].to_text(), "release"}).exit_code, 0);
  world_.settle();
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_EQ(value_text(world_.record("kingdee", "contacts", Installation::key_in(shared[i], "kingdee")),
                         "FMobile"),
              "1390000020" + std::to_string(i))
        << "what was agreed after the backup stays";
  for (const std::string& system : systems) EXPECT_EQ(world_.writes(system), 0) << system;
  // Parked, and a person decides.
  const Value conflicts = world_.huiliu({"conflict", "list"}).json();
  const auto parked =
      std::find_if(conflicts.as_array().begin(), conflicts.as_array().end(),
                   [](const Value& conflict) { return conflict["rule"].to_text() == "unexplained"; });
  ASSERT_NE(parked, conflicts.as_array().end()) << model::to_json(conflicts);
  ASSERT_EQ(world_.huiliu({"conflict", "resolve", (*parked)["id"].to_text(), told}).exit_code, 0);
  world_.settle();
  EXPECT_EQ(
      value_text(world_.record("kingdee", "contacts", Installation::key_in(shared[5], "kingdee")), "FMobile"),
      told);
}

TEST_F(Catastrophe, AMappingThatTakesTheWrongColumnIsStoppedBeforeItWrites) {
  auto document = config::read_yaml(
      (std::filesystem::path(HUILIU_BINARY_DIR) / "plugins/kingdee-k3cloud.mapping.yaml").string(),
      "mapping");
  ASSERT_TRUE(document.ok());
  Value mapping = document->value;
  for (Value& lens : mapping.as_object()
                         .find("streams")
                         ->as_object()
                         .find("customers")
                         ->as_object()
                         .find("lenses")
                         ->as_array()) {
    const std::string field = lens["field"].to_text();
    if (field == "names.legal") lens.as_object().set("path", "FADDRESS");
  }
  std::filesystem::create_directories(world_.config / "mappings");
  std::ofstream(world_.config / "mappings/wrong.yaml") << config::to_yaml(mapping);
  auto connection = config::read_yaml((world_.config / "connections/kingdee.yaml").string(), "kingdee");
  ASSERT_TRUE(connection.ok());
  Value changed = connection->value;
  changed.as_object().set("mapping", "wrong");
  std::ofstream(world_.config / "connections/kingdee.yaml") << config::to_yaml(changed);
  world_.huiliu({"sync", "--once", "--full"});
  world_.huiliu({"sync", "--once"});
  for (const std::string& system : systems) EXPECT_EQ(world_.writes(system), 0) << system;
}

TEST_F(Catastrophe, WithoutBrakesTheSameWipeSpreads) {
  // The proof that the brakes, and nothing else, stop what the tests above show.
  for (const std::string& system : systems) {
    const auto file = world_.config / "connections" / (system + ".yaml");
    auto connection = config::read_yaml(file.string(), system);
    ASSERT_TRUE(connection.ok());
    Value changed = connection->value;
    changed.as_object().set("brakes", Object{{"changed", "off"}, {"emptied", "off"}, {"updates", "off"}});
    std::ofstream(file) << config::to_yaml(changed);
  }
  edit_all("customers", [](const Value& record, std::size_t) {
    return value_text(record, "FADDRESS").empty() ? Object{} : Object{{"FADDRESS", ""}};
  });
  world_.settle();
  EXPECT_GT(world_.writes("dingtalk") + world_.writes("site"), 20);
}

TEST_F(Catastrophe, AReleaseLetsItThroughOnceAndNormalWorkIsNotStopped) {
  const auto done = edit_all("customers", [&](const Value& record, std::size_t) {
    return Object{{"FADDRESS", "北京市海淀区中关村大街" + value_text(record, "FCUSTID") + "号"}};
  });
  expect_stopped({"sync", "--once"}, "changed");
  const auto asked = brakes();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked.front()["evidence"]["fields"]["address[registered]"].to_text(), std::to_string(done.size()))
      << model::to_json(asked.front());
  ASSERT_EQ(world_.huiliu({"review", "decide", asked.front()["id"].to_text(), "release"}).exit_code, 0);
  // The reading is released; what it makes due elsewhere is more than usual too, and is asked about there.
  world_.huiliu({"sync", "--once"});
  for (const Value& review : brakes())
    ASSERT_EQ(world_.huiliu({"review", "decide", review["id"].to_text(), "release"}).exit_code, 0);
  world_.settle();
  EXPECT_TRUE(brakes().empty());
  EXPECT_GT(world_.writes("dingtalk") + world_.writes("site"), 20);
  // A few edits later nothing is asked.
  const std::string key = done.begin()->first;
  world_.edit("kingdee", "customers", key, {{"FADDRESS", "上海市浦东新区世纪大道100号"}});
  world_.settle();
  EXPECT_TRUE(brakes().empty());
}

}  // namespace
}  // namespace huiliu::e2e
