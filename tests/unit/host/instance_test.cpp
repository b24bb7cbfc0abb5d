// Whole connectors from real libraries at work: what the hub gets when the plugin, the remote or the network
// misbehaves.
#include "hub/host/instance.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "tests/unit/host/loopback_server.hpp"

namespace huiliu::host {
namespace {

using model::ErrorClass;
using model::Status;
using loopback::LoopbackServer;
using loopback::Peer;
using loopback::ServedRequest;

std::shared_ptr<const Connector> test_connector(const std::string& library) {
  auto plugin = load_plugin(std::string(HUILIU_TEST_PLUGINS) + "/libhuiliu-" + library + ".so");
  EXPECT_TRUE(plugin.ok()) << plugin.error().text();
  return (*plugin)->connector("");
}

// What a consumer saw.
struct Seen {
  std::vector<RemoteRecord> records;
  std::vector<BadRecord> bad;
  std::vector<std::string> cursors;
  StateChanges state;
  Status answer;  // what to say to the next page

  RecordConsumer consumer() {
    return {[this](Page page) {
              if (!answer.ok()) return answer;
              for (auto& record : page.records) records.push_back(std::move(record));
              for (auto& record : page.bad) bad.push_back(std::move(record));
              return Status();
            },
            [this](std::string_view cursor, const StateChanges& changes) {
              cursors.emplace_back(cursor);
              for (const auto& [key, value] : changes) state[key] = value;
              return Status();
            }};
  }
};

class ShopTest : public ::testing::Test {
 protected:
  // Pages by their "since"; /token gives tokens token-1, token-2, …; good_token decides which is accepted.
  void answer(const ServedRequest& request, Peer& peer) {
    const std::string line = request.line();
    if (line.starts_with("POST /token")) {
      if (request.body != "secret=s3cret-value") return peer.answer(401, "");
      return peer.answer(200, "token-" + std::to_string(++tokens_));
    }
    if (line.find("/items?since=") != std::string::npos || line.find("/me") != std::string::npos ||
        line.find("/find") != std::string::npos) {
      if (!request.has("Authorization: Bearer token-" + std::to_string(good_token_)))
        return peer.answer(401, "");
      if (line.find("/me") != std::string::npos) return peer.answer(200, "");
      if (line.find("/find") != std::string::npos) return peer.answer(200, R"({"name":"found"})");
      return peer.answer(200, page_);
    }
    special_(request, peer);
  }

  std::unique_ptr<Instance> open(const std::string& secret = "s3cret-value",
                                 const std::string& name = "shop-1", StateStore* state = nullptr) {
    auto instance = Instance::open(
        *host_, test_connector("test_shop"),
        {.connection = name,
         .settings = model::Object{{"base_url", server_->url()}, {"app_secret", secret}, {"hidden", "never"}},
         .secrets = SecretForm::clear_allowed,
         .state = state});
    EXPECT_TRUE(instance.ok()) << instance.error().text();
    return std::move(*instance);
  }

  void SetUp() override {
    server_ = std::make_unique<LoopbackServer>([this](const ServedRequest& r, Peer& p) { answer(r, p); });
    HostOptions options;
    options.retry.base = 1000;
    options.http.total_timeout = 20 * model::second;
    options.log = [this](const LogLine& line) {
      const std::lock_guard lock(log_mutex_);
      log_ += line.text;
      for (const auto& [key, value] : line.fields) log_ += value;
      log_ += "\n";
    };
    host_ = std::make_unique<Host>(environment_, options);
  }

  Status misdeed(const std::string& name) {
    return open()->read({.stream = "items", .mode = ReadMode::changes, .cursor = "do:" + name},
                        seen_.consumer());
  }

  std::atomic<int> tokens_ = 0, good_token_ = 1;
  std::string page_ = R"({"items":[{"id":"1","n":1.10},{"id":"2"}],"next":"c1","more":false})";
  std::function<void(const ServedRequest&, Peer&)> special_ = [](const ServedRequest&, Peer& p) {
    p.answer(404, "");
  };
  std::unique_ptr<LoopbackServer> server_;
  SystemEnvironment environment_;
  std::unique_ptr<Host> host_;
  std::mutex log_mutex_;
  std::string log_;
  Seen seen_;
};

TEST_F(ShopTest, ReadsPagesAndCursorsWithOneToken) {
  const auto shop = open();
  ASSERT_TRUE(shop->check().ok());
  const Status read = shop->read({.stream = "items"}, seen_.consumer());
  ASSERT_TRUE(read.ok()) << read.error().text();
  ASSERT_EQ(seen_.records.size(), 2U);
  EXPECT_EQ(seen_.records[0].key, "1");
  EXPECT_TRUE(seen_.records[0].body["n"].is_number());
  EXPECT_EQ(seen_.cursors, std::vector<std::string>{"c1"});
  EXPECT_EQ(seen_.state.at("last"), "c1");  // State travels with the cursor.
  EXPECT_EQ(tokens_, 1);
}

TEST_F(ShopTest, ARefusedTokenIsRenewedOnce) {
  const auto shop = open();
  ASSERT_TRUE(shop->check().ok());
  good_token_ = 2;
  EXPECT_TRUE(shop->check().ok());
  EXPECT_EQ(tokens_, 2);
  good_token_ = 99;
  const Status refused = shop->check();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().error_class, ErrorClass::auth);
  EXPECT_EQ(tokens_, 3);
}

TEST_F(ShopTest, EightInstancesOfOneAccountShareOneToken) {
  std::vector<std::thread> crew;
  for (int i = 0; i < 8; ++i)
    crew.emplace_back(
        [this, i] { EXPECT_TRUE(open("s3cret-value", "shop-" + std::to_string(i))->check().ok()); });
  for (std::thread& thread : crew) thread.join();
  EXPECT_EQ(tokens_, 1);
}

TEST_F(ShopTest, AWrongPasswordIsAnAuthErrorAndChangedSecretsAreTriedAnew) {
  const Status refused = open("wrong-password")->check();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().error_class, ErrorClass::auth);
  EXPECT_EQ(refused.error().where, "shop-1");
  EXPECT_EQ(refused.error().message.find("wrong-password"), std::string::npos);
  EXPECT_TRUE(open("s3cret-value")->check().ok());
}

TEST_F(ShopTest, AnHtmlPageAndTruncatedJsonAreDataErrors) {
  for (const char* page :
       {"<html><body>Please log in</body></html>", R"({"items":[{"id":"1"},{"id)", "", "[]"}) {
    page_ = page;
    const Status read = open()->read({.stream = "items"}, seen_.consumer());
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().error_class, ErrorClass::data) << read.error().text();
    EXPECT_EQ(read.error().where, "shop-1/items");
  }
  EXPECT_TRUE(seen_.cursors.empty());
}

TEST_F(ShopTest, AnUnreachableHostIsToRetry) {
  const auto shop = open();
  server_.reset();
  const Status check = shop->check();
  ASSERT_FALSE(check.ok());
  EXPECT_EQ(check.error().error_class, ErrorClass::retry);
  EXPECT_NE(check.error().message.find("127.0.0.1"), std::string::npos) << check.error().message;
}

TEST_F(ShopTest, BadRecordsAreSetAsideAndTheRestGoesOn) {
  ASSERT_TRUE(misdeed("records").ok());
  ASSERT_EQ(seen_.records.size(), 2U);
  EXPECT_EQ(seen_.records[0].key, "1");
  EXPECT_EQ(seen_.records[1].key, "6");
  std::vector<std::string> codes;
  for (const BadRecord& bad : seen_.bad) {
    codes.push_back(bad.error.code);
    EXPECT_EQ(bad.error.error_class, ErrorClass::data);
    EXPECT_TRUE(bad.error.where.starts_with("shop-1/items/"));
  }
  EXPECT_EQ(codes, (std::vector<std::string>{"no_key", "bad_body", "bad_body", "duplicate_key", "bad_body",
                                             "bad_body", "bad_key"}));
  EXPECT_EQ(seen_.bad[3].raw, R"({"id":1,"again":true})");  // Nothing is lost.
  EXPECT_EQ(seen_.cursors, std::vector<std::string>{"after"});
}

TEST_F(ShopTest, WhatAPluginThrowsOrBreaksIsAnErrorOfItsClass) {
  const auto class_of = [&](const char* name) {
    const Status status = misdeed(name);
    EXPECT_FALSE(status.ok()) << name;
    return status.ok() ? ErrorClass::retry : status.error().error_class;
  };
  EXPECT_EQ(class_of("throw-int"), ErrorClass::bug);
  EXPECT_EQ(class_of("throw-logic"), ErrorClass::bug);
  EXPECT_EQ(class_of("resync"), ErrorClass::resync);
  EXPECT_EQ(class_of("stream"), ErrorClass::bug);
  EXPECT_EQ(class_of("elsewhere"), ErrorClass::config);  // A host outside the manifest.
  EXPECT_EQ(class_of("header"), ErrorClass::bug);
  EXPECT_EQ(class_of("hidden"), ErrorClass::unsupported);  // A secret that it may not see.
  EXPECT_EQ(class_of("loop"), ErrorClass::bug);            // authenticate that needs its own token.
  EXPECT_TRUE(open()->check().ok());                       // And the host lives on.
}

TEST_F(ShopTest, SecretsNeverReachLogsOrErrors) {
  const Status status = misdeed("log-secret");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "and in an error: ***");
  EXPECT_TRUE(open()->check().ok());
  EXPECT_NE(log_.find("the secret is ***"), std::string::npos) << log_;
  EXPECT_EQ(log_.find("s3cret-value"), std::string::npos);
  EXPECT_EQ(log_.find("token-1"), std::string::npos);
}

TEST_F(ShopTest, AConsumerThatRefusesEndsTheReadBeforeItsCursor) {
  seen_.answer = model::make_error(ErrorClass::retry, "the store is full");
  const Status read = open()->read({.stream = "items"}, seen_.consumer());
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("the store is full"), std::string::npos);
  EXPECT_TRUE(seen_.cursors.empty());
}

TEST_F(ShopTest, AStopEndsASleepingPluginWithinASecond) {
  const auto shop = open();
  std::stop_source stop;
  auto read = std::async(std::launch::async, [&] {
    return shop->read({.stream = "items", .mode = ReadMode::changes, .cursor = "do:wait"}, seen_.consumer(),
                      {.stop = stop.get_token()});
  });
  const auto begin = std::chrono::steady_clock::now();
  stop.request_stop();
  EXPECT_EQ(read.get().error().error_class, ErrorClass::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST_F(ShopTest, EveryWrittenRecordGetsOneOutcome) {
  special_ = [](const ServedRequest& request, Peer& peer) {
    const std::string line = request.line();
    if (line.starts_with("POST")) return peer.answer(201, "new-key");
    if (line.find("/stale ") != std::string::npos) return peer.answer(412, "");
    if (line.find("/refused ") != std::string::npos) return peer.answer(422, "");
    if (line.find("/gone ") != std::string::npos) return peer.answer(404, "");
    peer.answer(200, "");
  };
  std::vector<WriteRecord> records;
  for (const char* key : {"ok", "", "stale", "refused", "zero", "gone"})
    records.push_back({.key = key, .version = "v1", .body = model::Object{{"name", key}}});
  const WriteReport report = open()->write("items", records);
  EXPECT_TRUE(report.ended.ok());
  std::vector<std::string> outcomes;
  for (const WriteResult& result : report.results) outcomes.emplace_back(to_string(result.outcome));
  EXPECT_EQ(outcomes,
            (std::vector<std::string>{"applied", "applied", "stale", "rejected", "in_doubt", "rejected"}));
  EXPECT_EQ(report.results[1].remote_key, "new-key");
  EXPECT_EQ(report.results[3].error.code, "E422");
  EXPECT_EQ(report.results[3].error.where, "shop-1/items/refused");
  EXPECT_EQ(report.results[4].error.error_class, ErrorClass::bug);
}

TEST_F(ShopTest, ACrashInTheMiddleLeavesDoubtWhereItBelongs) {
  special_ = [](const ServedRequest&, Peer& peer) { peer.answer(200, ""); };
  const WriteReport report = open()->write("items", {{.key = "a"}, {.key = "throw"}, {.key = "b"}});
  EXPECT_EQ(report.ended.error().error_class, ErrorClass::bug);
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied);
  EXPECT_EQ(report.results[1].outcome, WriteOutcome::in_doubt);
  EXPECT_EQ(report.results[2].outcome, WriteOutcome::deferred);
}

TEST_F(ShopTest, ALostAnswerIsInDoubtAndASecondCustomerIsNotMade) {
  special_ = [](const ServedRequest&, Peer& peer) { peer.reset(); };
  const WriteReport report =
      open()->write("items", {{.key = "", .body = model::Object{{"name", "x"}}}, {.key = "b"}});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::in_doubt);
  EXPECT_EQ(report.results[1].outcome, WriteOutcome::deferred);
  int posts = 0;
  for (const ServedRequest& request : server_->served())
    posts += request.line().starts_with("POST /items") ? 1 : 0;
  EXPECT_EQ(posts, 1);
}

TEST_F(ShopTest, LookupFindAndDiscover) {
  special_ = [](const ServedRequest& request, Peer& peer) {
    if (request.line().find("/items/1 ") != std::string::npos) return peer.answer(200, R"({"id":1})");
    peer.answer(404, "");
  };
  const auto shop = open();
  ASSERT_TRUE(shop->lookup("items", {"1", "2"}, seen_.consumer()).ok());
  ASSERT_EQ(seen_.records.size(), 2U);
  EXPECT_FALSE(seen_.records[0].deleted);
  EXPECT_TRUE(seen_.records[1].deleted);
  ASSERT_TRUE(shop->find({.stream = "items", .fields = {{"name", "x"}}}, seen_.consumer()).ok());
  EXPECT_EQ(seen_.records[2].key, "found");
  const auto discovered = shop->discover();
  ASSERT_TRUE(discovered.ok());
  EXPECT_EQ(parse_streams(*discovered)->front().name, "items");
  EXPECT_EQ(shop->read({.stream = "items", .mode = ReadMode::keys}, seen_.consumer()).error().error_class,
            ErrorClass::unsupported);
}

TEST_F(ShopTest, AWebhookIsVerifiedTakenAndAnswered) {
  const auto shop = open();
  // HMAC-SHA256 of {"a":1} with s3cret-value, computed with another tool.
  WebRequest request = {"POST", "/hooks/shop-1?echo=%E6%B1%87&x", {{"X-Signature", "00"}}, R"({"a":1})"};
  const auto refused = shop->handle_request(request, seen_.consumer());
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused->code, 401);
  EXPECT_TRUE(seen_.records.empty());
  request.headers[0].second = "1e425812637c84dd8dcb43447a9299c0f3c2a98ce3f290a352170122789e772a";
  const auto taken = shop->handle_request(request, seen_.consumer());
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ(taken->code, 200);
  EXPECT_EQ(taken->body, "echo=%E6%B1%87&x");
  EXPECT_EQ(seen_.records.at(0).key, "hook");
  EXPECT_EQ(seen_.cursors, std::vector<std::string>{""});
}

TEST_F(ShopTest, WrongSettingsNameConnectionAndPlace) {
  const auto open_with = [&](model::Object settings) {
    auto instance = Instance::open(*host_, test_connector("test_shop"),
                                   {.connection = "shop-9", .settings = std::move(settings)});
    return instance.ok() ? std::string() : instance.error().text();
  };
  EXPECT_EQ(open_with({{"base_url", "http://x/"}, {"colour", 1}}).substr(0, 54),
            "shop-9: settings /colour: not a setting; allowed: base");
  EXPECT_NE(open_with({}).find("/base_url: missing"), std::string::npos);
  EXPECT_NE(open_with({{"base_url", "http://x/"}, {"mode", "odd"}}).find("allowed: plain, broken"),
            std::string::npos);
  EXPECT_NE(open_with({{"base_url", "http://x/"}, {"app_secret", "in clear"}}).find("a secret in clear"),
            std::string::npos);
}

TEST_F(ShopTest, StateSurvivesTheInstanceInItsStore) {
  struct Store final : StateStore {
    std::map<std::string, std::string> values;
    model::Result<std::optional<std::string>> get(const std::string& key) override {
      const auto found = values.find(key);
      return found == values.end() ? std::nullopt : std::optional(found->second);
    }
    Status commit(const StateChanges& changes) override {
      for (const auto& [key, value] : changes)
        if (value) values[key] = *value;
      return {};
    }
  } store;
  const auto shop = open("s3cret-value", "shop-1", &store);
  ASSERT_TRUE(shop->read({.stream = "items"}, RecordConsumer{}).ok());
  EXPECT_EQ(store.values.at("last"), "c1");
}

TEST(PlainPlugin, OldAndFutureLibrariesGiveTheSame) {
  SystemEnvironment environment;
  Host host(environment);
  for (const char* library : {"test_c", "test_future"}) {
    auto instance =
        Instance::open(host, test_connector(library), {.connection = "plain", .settings = model::Object()});
    ASSERT_TRUE(instance.ok()) << instance.error().text();
    EXPECT_TRUE((*instance)->check().ok());
    Seen seen;
    ASSERT_TRUE((*instance)->read({.stream = "items"}, seen.consumer()).ok());
    ASSERT_EQ(seen.records.size(), 3U);
    EXPECT_EQ(seen.records[0].body["price"].as_number().text, "1.10");
    EXPECT_TRUE(seen.records[2].deleted);
    EXPECT_EQ(seen.cursors, std::vector<std::string>{"end"});
    const WriteReport report = (*instance)->write("items", {{.key = "1"}, {.key = ""}});
    EXPECT_TRUE(report.ended.ok());
    EXPECT_EQ(report.results[1].remote_key, "new");
    EXPECT_EQ((*instance)->discover().error().error_class, ErrorClass::unsupported);
    EXPECT_EQ((*instance)->read({.stream = "nothing"}, seen.consumer()).error().error_class,
              ErrorClass::config);
  }
}

}  // namespace
}  // namespace huiliu::host
