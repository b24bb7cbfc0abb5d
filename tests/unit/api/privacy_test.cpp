// Erasure: after it no byte of the person is in any file of the hub; and secrets stand nowhere in clear.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "hub/access/suppression.hpp"
#include "hub/run/backups.hpp"
#include "hub/run/consent.hpp"
#include "hub/run/housekeeping.hpp"
#include "hub/run/privacy.hpp"
#include "hub/run/retention.hpp"
#include "hub/store/url.hpp"
#include "tests/unit/api/desk.hpp"

namespace huiliu::api {
namespace {

namespace fs = std::filesystem;
using model::Object;
using model::Value;

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The files of a directory in which the text stands, as it is or with every second byte zero.
std::vector<std::string> files_with(const fs::path& directory, const std::string& text) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file() && bytes_of(entry.path()).find(text) != std::string::npos)
      found.push_back(entry.path().filename().string());
  return found;
}

class Erasure : public testing::Test {
 protected:
  // A person as a year of work leaves him: everywhere.
  Erasure() {
    const model::Status planted = desk_.hub().store().write([&](store::Transaction& transaction)
                                                                -> model::Status {
      sync::Replica replica;
      replica.ref = {"crm", "contacts", "P77"};
      replica.entity = "contact";
      replica.golden = desk_.others_contact;
      replica.raw = model::to_json(Object{{"id", "P77"}, {"name", who().name}, {"tel", "+86 139-1123-9876"}});
      transaction.save(replica, {{"phone", who().phone}});
      sync::Replica company;
      company.ref = {"erp", "customers", "C9"};
      company.entity = "customer";
      company.golden = desk_.others;
      company.raw = model::to_json(
          Object{{"name", "深圳南山精密仪器有限公司"},
                 {"people", model::Array{Object{{"who", who().name}, {"mobile", who().phone}},
                                         Object{{"who", "另一个人"}, {"mobile", "13700000000"}}}}});
      transaction.save(company, {{"phone", who().phone}, {"name", "深圳南山"}});
      store::Run run;
      run.id = "run_1";
      run.job = "sync";
      run.started = desk_.now();
      run.error = "the phone " + who().phone + " was refused";
      transaction.save(run);
      transaction.add_log("run_1", {0, desk_.now(), "warning", who().name + " " + who().phone});
      store::Delivery delivery;
      delivery.connection = "crm";
      delivery.id = "d1";
      delivery.received = desk_.now();
      delivery.body = "{\"mobile\":\"" + who().phone + "\"}";
      delivery.headers = "[]";
      transaction.receive(delivery);
      store::SentWrite write;
      write.intent = "int_1";
      write.run = "run_1";
      write.ref = replica.ref;
      write.entity = "contact";
      write.golden = desk_.others_contact;
      write.fields = {{"phones[mobile]", {}, {model::Presence::value, Value(who().phone), who().phone}, 1}};
      transaction.add_write(write);
      transaction.save_value("edits/run_9", desk_.others_contact + " name",
                             "{\"before\":\"" + who().name + "\"}");
      return {};
    });
    EXPECT_TRUE(planted.ok());
  }
  const Canary& who() const { return desk_.others_canary; }
  Desk desk_;
};

TEST_F(Erasure, LeavesNoByteInAnyFile) {
  // Anyone who typed the value somewhere else: the customer carries the same numbers.
  ASSERT_FALSE(files_with(desk_.directory(), who().phone).empty()) << "the test plants what it looks for";
  ASSERT_FALSE(files_with(desk_.directory(), "139-1123-9876").empty());
  const HttpResponse erased =
      desk_.call("POST", "/api/v1/privacy/persons/" + desk_.others_contact + "/erasure",
                 desk_.token("steward"), R"({"reason":"asked on 2026-11-28"})");
  ASSERT_EQ(erased.status, 200) << erased.body;
  EXPECT_EQ(json_of(erased)["records"].to_text(), "1");
  for (const std::string& text : {who().phone, std::string("139-1123-9876")}) {
    const auto files = files_with(desk_.directory(), text);
    EXPECT_TRUE(files.empty()) << text << " stands in " << testing::PrintToString(files);
  }
  EXPECT_EQ(desk_.call("GET", "/api/v1/contacts/" + desk_.others_contact, desk_.token("steward")).status,
            404);
  EXPECT_TRUE(json_of(desk_.call("GET", "/api/v1/search?entity=contact&q=13911239876",
                                 desk_.token("steward")))["items"]
                  .as_array()
                  .empty());
  const auto findings = desk_.hub().store().check();
  ASSERT_TRUE(findings.ok());
  for (const store::Finding& finding : *findings) ADD_FAILURE() << finding.code << ": " << finding.message;
  EXPECT_TRUE(desk_.hub().store().verify_audit()->findings.empty()) << "the audit stays whole";
  // The others are still there.
  std::string raw;
  ASSERT_TRUE(desk_.hub()
                  .store()
                  .read([&](store::Snapshot& snapshot) -> model::Status {
                    raw = snapshot.load_replica({"erp", "customers", "C9"})->raw;
                    return {};
                  })
                  .ok());
  EXPECT_THAT(raw, testing::HasSubstr("另一个人"));
  EXPECT_THAT(raw, testing::HasSubstr("13700000000"));
}

// A name is not his alone. Taken out of a namesake's record it would look like an edit at the next reading.
TEST_F(Erasure, LeavesANamesakeHisName) {
  const model::RecordRef ref{"crm", "contacts", "P78"};
  const model::Entity& contact = *desk_.hub().config().schema.find("contact");
  ASSERT_TRUE(
      desk_.hub()
          .store()
          .write([&](store::Transaction& transaction) -> model::Status {
            sync::Replica namesake;
            namesake.ref = ref;
            namesake.entity = "contact";
            namesake.raw = model::to_json(Object{{"id", "P78"}, {"name", who().name}, {"tel", who().phone}});
            namesake.fields[contact.index_of("name")].base = {model::Presence::value, Value(who().name),
                                                              who().name};
            namesake.fields[contact.index_of("phones[office]")].base = {model::Presence::value,
                                                                        Value(who().phone), who().phone};
            transaction.save(namesake, {});
            return {};
          })
          .ok());
  ASSERT_TRUE(run::erase_person(desk_.hub(), desk_.others_contact, "asked", "test").ok());
  ASSERT_TRUE(desk_.hub()
                  .store()
                  .read([&](store::Snapshot& snapshot) -> model::Status {
                    const auto namesake = snapshot.load_replica(ref);
                    EXPECT_EQ(namesake->fields.at(contact.index_of("name")).base.value.to_text(), who().name);
                    EXPECT_THAT(namesake->raw, testing::HasSubstr(who().name));
                    EXPECT_FALSE(namesake->fields.at(contact.index_of("phones[office]")).base.has_value());
                    return {};
                  })
                  .ok());
}

TEST_F(Erasure, IsRepeatedAfterABackupWasRestored) {
  const fs::path backup = desk_.directory().string() + ".backup";
  ASSERT_TRUE(desk_.hub().store().backup(backup.string()).ok());
  ASSERT_TRUE(run::erase_person(desk_.hub(), desk_.others_contact, "asked", "test").ok());
  const run::HubOptions options = desk_.hub().options();
  const model::Schema schema = desk_.hub().config().schema;
  desk_.close();
  ASSERT_TRUE(store::restore_store(options.store, schema, backup.string()).ok());
  fs::remove(backup);
  auto hub = run::Hub::open(options);
  ASSERT_TRUE(hub.ok()) << hub.error().text();
  ASSERT_TRUE((*hub)
                  ->store()
                  .read([&](store::Snapshot& snapshot) -> model::Status {
                    EXPECT_FALSE(snapshot.load_golden(desk_.others_contact));
                    return {};
                  })
                  .ok());
  EXPECT_EQ(bytes_of(store::file_of(options.store)).find(who().phone), std::string::npos);
}

TEST_F(Erasure, ConsentIsPerPersonAndPurposeAndGoesWithHim) {
  const std::string path = "/api/v1/privacy/persons/" + desk_.others_contact + "/consents";
  EXPECT_EQ(desk_.call("PUT", path + "/contract", desk_.token("admin"), R"({"given":true})").status, 403);
  EXPECT_EQ(desk_.call("PUT", path + "/contrct", desk_.token("steward"), R"({"given":true})").status, 422);
  ASSERT_EQ(desk_.call("PUT", path + "/contract", desk_.token("steward"), R"({"given":true,"note":"form 7"})")
                .status,
            200);
  const Value given = json_of(desk_.call("GET", path, desk_.token("steward")));
  ASSERT_EQ(given["items"].as_array().size(), 1U);
  EXPECT_TRUE(given["items"].as_array()[0]["given"].as_bool());
  const model::Entity& contact = *desk_.hub().config().schema.find("contact");
  const model::FieldIndex mobile = contact.index_of("phones[mobile]");
  const config::RecipientConfig handler{true, {}}, processor{},
      marketing{false, std::set<std::string>{"marketing"}};
  run::ConsentBook book;
  const auto why = [&](const config::RecipientConfig& recipient, const std::string& person) {
    EXPECT_TRUE(
        desk_.hub().store().read([&](store::Snapshot& snapshot) { return book.load(snapshot); }).ok());
    return book.why_withheld(recipient, contact, mobile, person);
  };
  EXPECT_EQ(why(handler, desk_.others_contact), "");
  EXPECT_NE(why(handler, desk_.my_contact), "") << "another handler gets nobody's data without his consent";
  EXPECT_EQ(why(processor, desk_.my_contact), "");
  EXPECT_NE(why(marketing, desk_.others_contact), "") << "nothing is kept for that purpose";
  ASSERT_EQ(desk_.call("PUT", path + "/contract", desk_.token("steward"), R"({"given":false})").status, 200);
  EXPECT_NE(why(processor, desk_.others_contact), "") << "a withdrawal stops the flow";
  model::Entity careless = contact;
  careless.fields[mobile].purpose.clear();
  EXPECT_NE(book.why_withheld(processor, careless, mobile, desk_.my_contact), "")
      << "no purpose, no delivery";
  ASSERT_TRUE(run::erase_person(desk_.hub(), desk_.others_contact, "asked", "test").ok());
  EXPECT_TRUE(desk_.hub()
                  .store()
                  .read([&](store::Snapshot& snapshot) -> model::Status {
                    EXPECT_TRUE(run::ConsentBook::of_person(snapshot, desk_.others_contact).empty());
                    return {};
                  })
                  .ok());
}

// A backup that somebody made by hand is found where he made it; of one that he took away, the key goes.
TEST_F(Erasure, ReachesBackupsMadeByHandAndOldCopies) {
  const run::HubOptions options = desk_.hub().options();
  const fs::path plain = desk_.directory() / "by-hand.db", sealed = desk_.directory() / "sealed.db",
                 moved = desk_.directory() / "moved.db", taken = desk_.directory() / "taken" / "moved.db",
                 before = store::file_of(options.store) + ".before-v3";
  for (const fs::path& file : {plain, sealed, moved}) {
    ASSERT_TRUE(desk_.hub().store().backup(file.string()).ok());
    if (file != plain) {
      ASSERT_TRUE(run::seal_backup(options.store, desk_.hub().keys(), file.string(), desk_.now()).ok());
    }
    ASSERT_TRUE(run::note_backup(options.store, file.string()).ok());
  }
  fs::copy_file(plain, before);
  fs::create_directories(taken.parent_path());
  fs::rename(moved, taken);
  const auto opens = [&](const fs::path& file) {
    return run::OpenedBackup::open(options.store, desk_.hub().keys(), file.string());
  };
  ASSERT_TRUE(opens(taken).ok());
  ASSERT_NE(bytes_of(plain).find(who().phone), std::string::npos) << "the test plants what it looks for";
  const auto erased = run::erase_person(desk_.hub(), desk_.others_contact, "asked", "test");
  ASSERT_TRUE(erased.ok()) << erased.error().text();
  EXPECT_EQ(erased->backups, 2);
  EXPECT_EQ(files_with(desk_.directory(), who().phone), std::vector<std::string>());
  EXPECT_FALSE(fs::exists(before)) << "a copy of an older layout cannot be cleaned";
  const auto again = opens(sealed);
  ASSERT_TRUE(again.ok()) << again.error().text();
  EXPECT_EQ(bytes_of(again->path()).find(who().phone), std::string::npos);
  EXPECT_FALSE(opens(taken).ok()) << "what was taken away is read by nobody any more";
  // Both are still backups.
  for (const std::string& file : {plain.string(), again->path()}) {
    const std::string url = "sqlite:" + (desk_.directory() / "taken" / "store.db").string();
    ASSERT_TRUE(store::restore_store(url, desk_.hub().config().schema, file).ok());
    auto store = store::open_store(url, desk_.hub().config().schema, store::OpenMode::owner);
    ASSERT_TRUE(store.ok()) << store.error().text();
    EXPECT_TRUE((*store)->check()->empty());
  }
}

TEST_F(Erasure, APersonWhomNoSystemHoldsIsForgottenAfterATime) {
  const auto gone_before = [&](model::Micros before) {
    std::vector<std::string> ids;
    EXPECT_TRUE(desk_.hub()
                    .store()
                    .read([&](store::Snapshot& snapshot) -> model::Status {
                      for (const run::Gone& one : run::gone_persons(snapshot, before)) ids.push_back(one.id);
                      return {};
                    })
                    .ok());
    return ids;
  };
  const model::Micros day = 24 * 3600 * model::second, later = desk_.now() + day;
  EXPECT_THAT(gone_before(later), testing::Not(testing::Contains(desk_.others_contact)))
      << "a system holds him";
  ASSERT_TRUE(desk_.hub()
                  .store()
                  .write([&](store::Transaction& transaction) -> model::Status {
                    auto replica = *transaction.load_replica({"crm", "contacts", "P77"});
                    replica.gone = true;
                    replica.evid = desk_.now();
                    transaction.save(replica, {{"phone", who().phone}});
                    return {};
                  })
                  .ok());
  EXPECT_THAT(gone_before(desk_.now() - day), testing::Not(testing::Contains(desk_.others_contact)));
  EXPECT_THAT(gone_before(later), testing::Contains(desk_.others_contact));
  const auto forgotten = run::forget_gone(desk_.hub(), later, "job retention");
  ASSERT_TRUE(forgotten.ok()) << forgotten.error().text();
  EXPECT_GE(*forgotten, 1);
  EXPECT_TRUE(files_with(desk_.directory(), who().phone).empty());
  EXPECT_EQ(desk_.hub().workspace().suppression, nullptr) << "a system that gets to know him anew may";
}

TEST_F(Erasure, ReachesTheBackupsAndDestroysTheirKeys) {
  const fs::path backups = desk_.directory() / "backups", kept = desk_.directory() / "copies";
  fs::create_directories(backups), fs::create_directories(kept);
  fs::create_directories(desk_.directory() / "config/jobs");
  std::ofstream(desk_.directory() / "config/jobs/nightly.yaml")
      << "do: backup\nbackup: {directory: " << backups.string() << ", sealed: true}\n";
  const run::HubOptions options = desk_.hub().options();
  desk_.close();
  auto hub = run::Hub::open(options);
  ASSERT_TRUE(hub.ok()) << hub.error().text();
  ASSERT_TRUE(run::keep_house(**hub, (*hub)->config().jobs.front(), "test").ok());
  ASSERT_EQ(std::distance(fs::directory_iterator(backups), {}), 1);
  const fs::path backup = fs::directory_iterator(backups)->path();
  EXPECT_EQ(bytes_of(backup).find(who().phone), std::string::npos) << "nobody reads a stolen backup";
  const fs::path elsewhere = kept / "elsewhere.db";
  fs::copy_file(backup, elsewhere);
  const auto holds_him = [&](const fs::path& file) {
    auto opened = run::OpenedBackup::open(options.store, (*hub)->keys(), file.string());
    EXPECT_TRUE(opened.ok()) << opened.error().text();
    return opened.ok() && bytes_of(opened->path()).find(who().phone) != std::string::npos;
  };
  EXPECT_TRUE(holds_him(backup)) << "the test plants what it looks for";
  const auto erased = run::erase_person(**hub, desk_.others_contact, "asked", "test");
  ASSERT_TRUE(erased.ok()) << erased.error().text();
  EXPECT_EQ(erased->backups, 1);
  EXPECT_FALSE(holds_him(backup)) << "made anew without him";
  EXPECT_FALSE(run::OpenedBackup::open(options.store, (*hub)->keys(), elsewhere.string()).ok())
      << "the key of copies elsewhere is destroyed";
  EXPECT_TRUE(files_with(desk_.directory(), who().phone).empty());
  // It is still a backup.
  const auto opened = run::OpenedBackup::open(options.store, (*hub)->keys(), backup.string());
  ASSERT_TRUE(opened.ok());
  const std::string url = "sqlite:" + (kept / "store.db").string();
  ASSERT_TRUE(store::restore_store(url, (*hub)->config().schema, opened->path()).ok());
  auto store = store::open_store(url, (*hub)->config().schema, store::OpenMode::owner);
  ASSERT_TRUE(store.ok()) << store.error().text();
  EXPECT_TRUE((*store)->check()->empty());
  EXPECT_TRUE((*store)
                  ->read([&](store::Snapshot& snapshot) -> model::Status {
                    EXPECT_TRUE(snapshot.load_golden(desk_.my_contact).has_value());
                    EXPECT_FALSE(snapshot.load_golden(desk_.others_contact).has_value());
                    return {};
                  })
                  .ok());
}

TEST_F(Erasure, OnePersonsCopyHoldsEverythingAndIsRecorded) {
  const HttpResponse copy = desk_.call("POST", "/api/v1/privacy/persons/" + desk_.others_contact + "/export",
                                       desk_.token("steward"), R"({"reason":"asked on 2026-11-28"})");
  ASSERT_EQ(copy.status, 200) << copy.body;
  EXPECT_THAT(copy.body, testing::HasSubstr(who().phone));
  EXPECT_THAT(copy.body, testing::HasSubstr("+86 139-1123-9876"));
  EXPECT_THAT(desk_.call("GET", "/api/v1/audit?action=export", desk_.token("auditor")).body,
              testing::HasSubstr(desk_.others_contact));
  EXPECT_EQ(desk_
                .call("POST", "/api/v1/privacy/persons/" + desk_.others_contact + "/export",
                      desk_.token("sales"), R"({"reason":"curious about it"})")
                .status,
            403);
}

TEST(Purposes, EveryPersonalFieldHasOneAndItsBasis) {
  Desk desk;
  const Value list = json_of(desk.call("GET", "/api/v1/privacy/purposes", desk.token("steward")))["items"];
  ASSERT_FALSE(list.as_array().empty());
  for (const Value& field : list.as_array()) {
    EXPECT_FALSE(field["purpose"].to_text().empty()) << field["field"].to_text();
    EXPECT_FALSE(field["basis"].to_text().empty()) << field["field"].to_text();
  }
}

TEST(Suppression, KnowsAPersonInEverySpelling) {
  const access::Suppression hasher("key", {});
  const access::Suppression suppression(
      "key", {*hasher.hash_of_identifier("13911239876"), *hasher.hash_of_identifier("a.b@example.com"),
              hasher.hash_of_record({"crm", "contacts", "P77"})});
  EXPECT_TRUE(suppression.has_record({"crm", "contacts", "P77"}));
  EXPECT_FALSE(suppression.has_record({"crm", "contacts", "P78"}));
  for (const char* spelled :
       {"13911239876", "139-1123-9876", "+86 139 1123 9876", "008613911239876", " A.B@Example.com "}) {
    Value body = Object{{"x", spelled}, {"name", "n"}};
    bool root = false;
    EXPECT_TRUE(suppression.strip(body, root)) << spelled;
    EXPECT_TRUE(root);
    EXPECT_EQ(body["x"].to_text(), "");
    EXPECT_EQ(body["name"].to_text(), "n");
  }
  for (const char* other : {"13911239877", "1391123987", "ab@example.com", "391123987", ""}) {
    Value body = Object{{"x", other}};
    bool root = false;
    EXPECT_FALSE(suppression.strip(body, root)) << other;
  }
  Value company = *model::parse_json(
      R"({"name":"c","people":[{"who":"he","tel":{"mobile":"139 1123 9876"}},{"who":"she","tel":{"mobile":"13700000000"}}]})");
  bool root = false;
  EXPECT_TRUE(suppression.strip(company, root));
  EXPECT_FALSE(root);
  EXPECT_EQ(model::to_json(company),
            R"({"name":"c","people":[{"who":"she","tel":{"mobile":"13700000000"}}]})");
  EXPECT_FALSE(access::Suppression("other key", {*hasher.hash_of_identifier("13911239876")})
                   .has_record({"crm", "contacts", "P77"}));
}

// --- the taint test: what was planted as a secret is looked for in everything that the hub gives or keeps

TEST(Secrets, StandInClearNowhere) {
  Desk desk;
  const std::string secret = "s3cret-canary-7f3a91c2", password = "p4ssword-canary-55d1", user = "canary";
  ASSERT_TRUE(desk.hub().secrets().set("erp", secret, "test", desk.now()).ok());
  EXPECT_EQ(*desk.hub().secrets().get("erp"), secret);
  desk.add_user(user, {"steward"}, password);
  const std::string session = desk.log_in(user, password);
  const HttpResponse issued =
      desk.browse("POST", "/api/v1/tokens", session,
                  "{\"name\":\"t\",\"functions\":[\"customers.read\"],\"expires\":\"" +
                      model::to_rfc3339(desk.now() + 3600 * model::second) + "\"}");
  const std::string token = json_of(issued)["token"].to_text();
  desk.call("PUT", "/api/v1/secrets/other", desk.token("admin"), "{\"value\":\"" + secret + "\"}");
  desk.call("POST", "/api/v1/session", "", "{\"user\":\"" + password + "\",\"password\":\"" + secret + "\"}");
  std::string given;
  for (const Route& route : routes())
    if (std::string(route.method) == "GET" && std::string(route.path).find('{') == std::string::npos)
      for (const char* role : {"admin", "auditor", "steward"}) {
        HttpResponse response = desk.call("GET", std::string("/api/v1") + route.path, desk.token(role));
        given += response.body;
        if (response.events) given += response.events->next().value_or("");
      }
  ASSERT_TRUE(desk.hub().store().scrub().ok());
  for (const std::string& canary : {secret, password, session, token.substr(17)}) {
    EXPECT_EQ(given.find(canary), std::string::npos) << "given away";
    const auto files = files_with(desk.directory(), canary);
    EXPECT_TRUE(files.empty()) << testing::PrintToString(files);
  }
}

TEST(Secrets, RotationMovesEverythingAndPausesNothing) {
  Desk desk;
  for (int i = 0; i < 1200; ++i)
    ASSERT_TRUE(desk.hub()
                    .secrets()
                    .set("s" + std::to_string(i), "value " + std::to_string(i), "test", desk.now())
                    .ok());
  const std::string key_before = bytes_of(desk.directory() / "hub.db.key");
  const std::string steward = desk.token("steward");
  std::atomic<bool> done{false};
  std::atomic<int> read{0}, failed{0};
  std::thread reader([&] {
    for (int i = 0; !done; i = (i + 37) % 1200) {
      const auto value = desk.hub().secrets().get("s" + std::to_string(i));
      ++(value.ok() && *value == "value " + std::to_string(i) ? read : failed);
      if (desk.call("GET", "/api/v1/customers", steward).status != 200) ++failed;
    }
  });
  const auto rotated = desk.hub().secrets().rotate("test", desk.now());
  done = true;
  reader.join();
  ASSERT_TRUE(rotated.ok()) << rotated.error().text();
  EXPECT_EQ(rotated->moved, 1200);
  EXPECT_TRUE(rotated->older_dropped);
  EXPECT_EQ(failed, 0);
  EXPECT_GT(read, 0);
  const std::string key_now = bytes_of(desk.directory() / "hub.db.key");
  EXPECT_NE(key_now, key_before);
  EXPECT_EQ(key_now.size(), 65U) << "the old key is gone, and nothing needs it:";
  const auto list = desk.hub().secrets().list();
  ASSERT_TRUE(list.ok());
  for (const access::SecretInfo& secret : *list) EXPECT_EQ(secret.key, rotated->key);
  EXPECT_EQ(*desk.hub().secrets().get("s7"), "value 7");
  EXPECT_EQ(fs::status(desk.directory() / "hub.db.key").permissions() & fs::perms::all,
            fs::perms::owner_read | fs::perms::owner_write);
}

}  // namespace
}  // namespace huiliu::api
