// The hub as people and programs meet it: accounts and tokens by the command line, the API over a socket, the
// audit of a real sync, a person who is forgotten and whom the next pull does not bring back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "hub/host/http.hpp"
#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

namespace fs = std::filesystem;
using model::Object;
using model::Value;
using testing::HasSubstr;

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The store with its log and what stands beside it.
std::vector<std::string> files_with(const Installation& world, const std::string& text) {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(world.store.parent_path()))
    if (entry.path().filename().string().starts_with(world.store.filename().string()) &&
        entry.is_regular_file() && bytes_of(entry.path()).find(text) != std::string::npos)
      found.push_back(entry.path().filename().string());
  return found;
}

TEST(Access, AProgramReadsTheApiWithATokenOfTheCommandLine) {
  Installation world(30);
  world.settle();
  Process server(world.command({"serve"}), world.directory);
  ASSERT_TRUE(server.wait_for_text("http://", 20));
  const std::string url = server.text_after("http://");
  ASSERT_EQ(world.huiliu({"user", "add", "chen", "--roles", "steward", "--shown", "陈工"}).exit_code, 0);
  EXPECT_EQ(world.huiliu({"user", "add", "chen", "--roles", "steward"}).exit_code, 1);
  const Finished added =
      world.huiliu({"token", "add", "bi", "--user", "chen", "--functions", "customers.read,runs.read"});
  ASSERT_EQ(added.exit_code, 0) << added.err;
  const std::string token = added.json()["token"].to_text();
  const auto transport = host::make_live_transport();
  const auto get = [&](const std::string& path, const std::string& bearer) {
    host::HttpRequest request;
    request.url = url + path;
    if (!bearer.empty()) request.headers = {{"Authorization", "Bearer " + bearer}};
    return transport->exchange(request, {});
  };
  EXPECT_EQ(get("/api/v1/customers", "").code, 401);
  EXPECT_EQ((*model::parse_json(get("/api/v1/version", token).body))["commit"].to_text(),
            world.huiliu({"version"}).json()["commit"].to_text());
  const host::HttpAnswer page = get("/api/v1/customers?limit=5", token);
  ASSERT_EQ(page.code, 200) << page.body;
  const Value rows = (*model::parse_json(page.body))["items"];
  EXPECT_EQ(rows.as_array().size(), 5U);
  EXPECT_THAT(page.body, HasSubstr("****")) << "masked";
  const std::string id = rows.as_array()[0]["id"].to_text();
  const host::HttpAnswer one = get("/api/v1/customers/" + id, token);
  EXPECT_EQ((*model::parse_json(one.body))["replicas"].as_array().size(),
            world.customer(id)["replicas"].as_array().size())
      << "the same as the command line shows";
  EXPECT_EQ(get("/api/v1/audit", token).code, 403);
  EXPECT_EQ(get("/api/v1/openapi.json", "").code, 200);
  EXPECT_EQ(world.huiliu({"token", "revoke", added.json()["id"].to_text()}).exit_code, 0);
  EXPECT_EQ(get("/api/v1/customers", token).code, 401);
  server.terminate();
  EXPECT_EQ(server.wait().exit_code, 0);
  EXPECT_EQ(world.huiliu({"audit", "verify"}).exit_code, 0);
}

TEST(Access, EveryDeliveryOfPersonalDataIsALineOfTheAudit) {
  Installation world(30);
  world.settle();
  const auto shared = world.shared("customer", {"kingdee", "dingtalk"});
  ASSERT_FALSE(shared.empty());
  const std::string id = shared.front()["id"].to_text();
  const auto lines = [&] { return world.huiliu({"privacy", "deliveries", id}).json().as_array().size(); };
  const std::size_t before = lines();
  ASSERT_EQ(world.huiliu({"customer", "set", id, "phones[switchboard]", "0755-26990001"}).exit_code, 0);
  world.settle();
  const Value after = world.huiliu({"privacy", "deliveries", id}).json();
  ASSERT_GT(after.as_array().size(), before);
  EXPECT_THAT(model::to_json(after.as_array()[0]["fields"]), HasSubstr("phones[switchboard]"));
  EXPECT_EQ(model::to_json(after).find("26990001"), std::string::npos) << "names of fields, no values";
  EXPECT_EQ(world.huiliu({"audit", "verify"}).exit_code, 0);
}

TEST(Access, AForgottenPersonIsNotBroughtBack) {
  Installation world(40, 3, {"kingdee", "dingtalk"});
  world.settle();
  std::string person, phone;
  // Not one of a possible duplicate: when one of the two goes, the question goes, and the other is made where
  // he is due.
  const std::string questions = world.huiliu({"review", "list"}).out;
  const Value contacts = world.huiliu({"customer", "list", "--entity", "contact"}).json();
  for (const Value& contact : contacts.as_array()) {
    const std::string mobile = contact["fields"]["phones[mobile]"].to_text();
    if (mobile.size() < 11 || questions.find(contact["id"].to_text()) != std::string::npos) continue;
    person = contact["id"].to_text();
    phone = mobile;
  }
  ASSERT_FALSE(person.empty());
  ASSERT_FALSE(files_with(world, phone).empty());
  const auto count = [&] {
    return world.huiliu({"customer", "list", "--entity", "contact"}).json().as_array().size();
  };
  const std::size_t before = count();
  const Finished erased = world.huiliu({"privacy", "erase", person, "--reason", "asked in writing"});
  ASSERT_EQ(erased.exit_code, 0) << erased.err;
  EXPECT_THAT(files_with(world, phone), testing::IsEmpty());
  EXPECT_EQ(count(), before - 1);
  const std::int64_t writes = world.writes("kingdee") + world.writes("dingtalk");
  for (int i = 0; i < 2; ++i) ASSERT_EQ(world.huiliu({"sync", "--once", "--full"}).exit_code, 0);
  EXPECT_EQ(count(), before - 1) << "every system was read in full again";
  EXPECT_THAT(files_with(world, phone), testing::IsEmpty());
  EXPECT_EQ(world.writes("kingdee") + world.writes("dingtalk"), writes)
      << "the systems' own records are not touched";
  EXPECT_EQ(world.huiliu({"store", "check"}).exit_code, 0);
  EXPECT_EQ(world.huiliu({"audit", "verify"}).exit_code, 0);
}

// Whoever owns machine, store and note rewrites the end of the audit so that it is whole again. A checkpoint
// that was signed before, by a key that is not there, tells.
TEST(Access, ASignedCheckpointTellsOfARewrittenAudit) {
  Installation world(5, 1, {"kingdee"});
  world.settle();
  const fs::path key = world.directory / "witness", trusted = world.directory / "trusted",
                 checkpoints = world.directory / "checkpoints.jsonl", older = world.directory / "older";
  ASSERT_EQ(world.huiliu({"plugin", "keygen", key.string()}).exit_code, 0);
  fs::create_directories(trusted);
  fs::rename(key.string() + ".pem", trusted / "witness.pem");
  const auto files_of_the_store = [&] {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(world.store.parent_path()))
      if (entry.is_regular_file() &&
          entry.path().filename().string().starts_with(world.store.filename().string()))
        files.push_back(entry.path());
    return files;
  };
  const auto add_user = [&](const std::string& name) {
    return world.huiliu({"user", "add", name, "--roles", "steward"}).exit_code;
  };
  const auto checkpoint = [&] {
    return world.huiliu({"audit", "checkpoint", "--key", key.string(), "--out", checkpoints.string()})
        .exit_code;
  };
  const auto verify = [&](bool compared) {
    std::vector<std::string> arguments = {"audit", "verify"};
    if (compared)
      arguments.insert(arguments.end(),
                       {"--checkpoints", checkpoints.string(), "--trusted", trusted.string()});
    return world.huiliu(arguments);
  };
  ASSERT_EQ(add_user("before"), 0);
  ASSERT_EQ(checkpoint(), 0);
  fs::create_directories(older);
  for (const fs::path& file : files_of_the_store()) fs::copy_file(file, older / file.filename());
  ASSERT_EQ(add_user("villain"), 0);
  ASSERT_EQ(checkpoint(), 0);
  EXPECT_EQ(verify(true).exit_code, 0) << verify(true).out;

  for (const fs::path& file : files_of_the_store()) fs::remove(file);
  for (const auto& entry : fs::directory_iterator(older))
    fs::copy_file(entry.path(), world.store.parent_path() / entry.path().filename());
  EXPECT_EQ(verify(false).exit_code, 0) << "by itself it is whole";
  EXPECT_THAT(verify(true).out, HasSubstr("the audit was cut"));
  ASSERT_EQ(add_user("another"), 0);
  EXPECT_EQ(verify(false).exit_code, 0) << "by itself it is whole";
  const Finished found = verify(true);
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_THAT(found.out, HasSubstr("the audit was rewritten"));

  // A forged checkpoint is none.
  std::string text = bytes_of(checkpoints);
  text.replace(text.rfind("\"at\":\"20"), 9, "\"at\":\"21");
  std::ofstream(checkpoints) << text;
  EXPECT_THAT(verify(true).out, HasSubstr("is not vouched for"));
  std::ofstream(checkpoints, std::ios::trunc).flush();
  EXPECT_EQ(verify(true).exit_code, 1) << "an empty file proves nothing";
}

TEST(Access, SecretsOfTheVaultServeAConnection) {
  Installation world(20, 1, {"kingdee"});
  const fs::path file = world.config / "connections/kingdee.yaml";
  std::string text = bytes_of(file);
  // The secret's own value, from wherever the installation keeps it.
  const std::size_t at = text.find("${file:");
  ASSERT_NE(at, std::string::npos) << text;
  const std::size_t end = text.find('}', at);
  const std::string path = text.substr(at + 7, end - at - 7);
  ASSERT_EQ(world.huiliu({"secret", "set", "erp/app", "--file", path}).exit_code, 0);
  text.replace(at, end - at + 1, "${secret:erp/app}");
  std::ofstream(file, std::ios::binary) << text;
  const Finished checked = world.huiliu({"connection", "check", "kingdee"});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_EQ(world.huiliu({"secret", "rotate"}).json()["moved"].to_text(), "1");
  EXPECT_EQ(world.huiliu({"connection", "check", "kingdee"}).exit_code, 0);
  std::string secret = bytes_of(path);
  while (secret.ends_with('\n')) secret.pop_back();
  EXPECT_THAT(files_with(world, secret), testing::IsEmpty());
}

// A system that is another handler gets a person's data with his consent only, and none after he withdrew it.
TEST(Access, NobodysDataReachAnotherHandlerWithoutHisConsent) {
  Installation world(40, 3, {"kingdee", "dingtalk"});
  world.settle();
  std::ofstream(world.config / "connections" / "kingdee.yaml", std::ios::app)
      << "privacy: {recipient: handler}\n";
  const Value contact = world.shared("contact", {"kingdee", "dingtalk"}).at(0);
  const std::string there = Installation::key_in(contact, "kingdee"),
                    here = Installation::key_in(contact, "dingtalk");
  const auto mobile = [&] { return value_text(world.record("kingdee", "contacts", there), "FMobile"); };
  const std::string before = mobile();
  const auto say = [&](const std::string& number) {
    world.edit("dingtalk", "contacts", here, {{"contact_phone", number}});
    world.settle();
  };
  say("13800006001");
  EXPECT_EQ(mobile(), before) << "no consent, no delivery";
  const Finished given =
      world.huiliu({"privacy", "consent", contact["id"].to_text(), "contract", "given", "--note", "form 7"});
  ASSERT_EQ(given.exit_code, 0) << given.err;
  world.settle();
  EXPECT_EQ(mobile(), "13800006001") << "what waited goes out";
  ASSERT_EQ(world.huiliu({"privacy", "consent", contact["id"].to_text(), "contract", "withdrawn"}).exit_code,
            0);
  say("13800006002");
  EXPECT_EQ(mobile(), "13800006001");
  EXPECT_EQ(world.huiliu({"privacy", "consent", contact["id"].to_text(), "contrct", "given"}).exit_code, 1);
}

}  // namespace
}  // namespace huiliu::e2e
