// The plugin as users load it: through the host, against the site's twin and against hand-made requests.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "hub/host/instance.hpp"
#include "plugins/webhook/src/encoding.hpp"
#include "plugins/webhook/src/outbound.hpp"
#include "plugins/webhook/src/signature.hpp"
#include "plugins/webhook/twin/site_twin.hpp"
#include "sdk/twin/http_client.hpp"

namespace huiliu::webhook {

using host::Instance;
using host::WriteOutcome;
using model::Value;

inline constexpr model::Micros kNow = 1'772'352'003'000'000;  // the clock of the fact sheet's first vector
inline constexpr const char* kSecret = "whsec_k4H07teNtcCstJ/vZdm1Y0Szf2uUQjMpYMeNM0w0CFA=";
inline const std::string kBody =
    R"({"type":"customer.updated","timestamp":"2026-03-01T08:00:00Z","data":{"id":"cus_1001","name":"Acme Ltd"}})";
inline const std::string kSignature = "v1,gtWjUvT9WzBYjO7Zh6FIRoQOH+yZ89yGVgjq/KhENOM=";

inline std::shared_ptr<const host::Connector> connector() {
  static const auto plugin = host::load_plugin(HUILIU_PLUGIN_PATH);
  if (!plugin) throw std::runtime_error(plugin.error().text());
  return (*plugin)->connector("webhook");
}

// Notes as the hub keeps them: in the transaction of the checkpoint.
class NotesInMemory final : public host::StateStore {
 public:
  model::Result<std::optional<std::string>> get(const std::string& key) override {
    const auto found = notes_.find(key);
    return found == notes_.end() ? std::nullopt : std::optional<std::string>(found->second);
  }
  model::Status commit(const host::StateChanges& changes) override {
    for (const auto& [key, value] : changes) notes_[key] = value.value_or("");
    return {};
  }

 private:
  std::map<std::string, std::string> notes_;
};
class WebhookTest : public ::testing::Test {
 protected:
  WebhookTest() {
    consumer.page = [this](host::Page page) {
      for (const auto& record : page.records) records.push_back({page.stream, record});
      for (const auto& record : page.bad) bad.push_back(record);
      return model::Status();
    };
    consumer.checkpoint = [this](std::string_view cursor,
                                 const host::StateChanges& changes) -> model::Status {
      if (disk_full) return model::make_error(model::ErrorClass::retry, "disk full");
      cursors.emplace_back(cursor);
      return notes.commit(changes);
    };
  }

  std::unique_ptr<Instance> open(const std::string& settings) {
    auto parsed = model::parse_json(settings);
    EXPECT_TRUE(parsed);
    auto instance = Instance::open(the_host, connector(),
                                   {.connection = "site",
                                    .settings = *parsed,
                                    .secrets = host::SecretForm::clear_allowed,
                                    .state = &notes});
    if (!instance) throw std::runtime_error(instance.error().text());
    return std::move(*instance);
  }
  std::unique_ptr<Instance> open_standard() {
    return open(R"({"signing_secret":")" + std::string(kSecret) + "\"}");
  }

  int deliver(Instance& instance, const std::string& body, const host::HttpHeaders& headers,
              const std::string& method = "POST") {
    auto reply = instance.handle_request({method, "/hooks/site?x=1", headers, body}, consumer);
    if (!reply) return -static_cast<int>(reply.error().error_class);
    reply_headers = reply->headers;
    return reply->code;
  }
  static host::HttpHeaders signed_headers(const std::string& id = "msg_fact0001",
                                          const std::string& signature = kSignature) {
    return {{"Webhook-Id", id},
            {"Webhook-Timestamp", "1772352000"},
            {"Webhook-Signature", signature},
            {"Content-Type", "application/json"}};
  }
  int deliver_signed(Instance& instance, const std::string& id, const std::string& body) {
    const auto key = standard_key(kSecret);
    const Mac mac = [&](std::string_view data) { return hmac_sha256(*key, data); };
    return deliver(instance, body, signed_headers(id, sign_standard(mac, id, "1772352000", body)));
  }

  struct Seen {
    std::string stream;
    host::RemoteRecord record;
  };
  host::SteeredEnvironment environment{kNow, 7};
  host::Host the_host{environment};
  host::RecordConsumer consumer;
  NotesInMemory notes;
  bool disk_full = false;
  std::vector<Seen> records;
  std::vector<host::BadRecord> bad;
  std::vector<std::string> cursors;
  host::HttpHeaders reply_headers;
};

// Against the twin.
class SiteTest : public WebhookTest {
 protected:
  SiteTest() : site(twin_options()), server(site, "webhook") {
    instance = open(boost::json::serialize(site.settings({{"url", server.url()}})));
  }
  twin::TwinOptions twin_options() {
    twin::TwinOptions options;
    options.clock = [this] { return environment.now() / 1000; };
    return options;
  }
  host::WriteResult write(const std::string& stream, host::WriteRecord record, Instance* by = nullptr) {
    const host::WriteReport report = (by ? by : instance.get())->write(stream, {std::move(record)});
    return report.results.at(0);
  }
  static Value json(const std::string& text) { return *model::parse_json(text); }
  boost::json::value state(const std::string& stream, const std::string& key) {
    return boost::json::parse(
        twin::http_send({"GET", server.control_url() + "/state?stream=" + stream + "&key=" + key}).body);
  }
  void control(const std::string& path, const std::string& body) {
    const auto answer = twin::http_send({"POST", server.control_url() + path, {}, body});
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  boost::json::value counters() {
    return boost::json::parse(twin::http_send({"GET", server.control_url() + "/counters"}).body);
  }

  webhook_twin::SiteTwin site;
  twin::TwinServer server;
  std::unique_ptr<Instance> instance;
};

}  // namespace huiliu::webhook
