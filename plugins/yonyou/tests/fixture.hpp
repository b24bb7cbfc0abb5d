// fixture.hpp - the connector as users load it (through the host, from its library) against the twin in this
// process. One clock for both, which stands still but for sleeps. Single-threaded but for the twin's server.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <vector>

#include "hub/host/environment.hpp"
#include "hub/host/host.hpp"
#include "hub/host/instance.hpp"
#include "hub/host/plugin.hpp"
#include "plugins/yonyou/twin/account.hpp"
#include "plugins/yonyou/twin/yonyou_twin.hpp"
#include "sdk/twin/http_client.hpp"

namespace yonyou_test {

namespace json = boost::json;
namespace host = huiliu::host;
namespace model = huiliu::model;
using host::ReadMode;
using host::WriteOutcome;

inline constexpr std::int64_t start_us = 1'767'225'600'000'000;  // 2026-01-01 08:00:00 in Beijing

inline model::Value value(std::string_view text) {
  auto parsed = model::parse_json(text);
  if (!parsed.ok()) throw std::runtime_error("bad JSON in a test: " + parsed.error().text());
  return *parsed;
}

struct Read {
  std::vector<host::RemoteRecord> records;
  std::vector<std::string> cursors;
  std::vector<std::size_t> covered;  // records before each cursor
  std::size_t barriers = 0;
  model::Status status;

  std::vector<std::string> keys() const {
    std::vector<std::string> all;
    for (const auto& record : records) all.push_back(record.key);
    return all;
  }
  const std::string& cursor() const { return cursors.back(); }
};

class Notes final : public host::StateStore {
 public:
  model::Result<std::optional<std::string>> get(const std::string& key) override {
    const auto found = notes.find(key);
    return found == notes.end() ? std::optional<std::string>() : found->second;
  }
  model::Status commit(const host::StateChanges& changes) override {
    for (const auto& [key, change] : changes) {
      if (change)
        notes[key] = *change;
      else
        notes.erase(key);
    }
    return {};
  }
  std::map<std::string, std::string> notes;
};

class YonyouTest : public testing::Test {
 protected:
  /// `quota_factor`: of the twin's limits; 0: none.
  explicit YonyouTest(double quota_factor = 0)
      : environment_(start_us, 7),
        twin_({.quota_factor = quota_factor,
               .seed = 1,
               .clock = [this] { return environment_.now() / 1000 + ahead_ms_; }}),
        server_(twin_, "yonyou") {
    host::HostOptions options;
    options.log = [this](const host::LogLine& line) { log_.push_back(line.text); };
    host_ = std::make_unique<host::Host>(environment_, options);
  }

  void load(const char* stream, const std::string& record) {
    server_.locked([&] { twin_.load(stream, json::parse(record).as_object()); });
  }
  /// A customer that organisation 300 manages, last changed a year ago.
  void customer(std::int64_t id, const std::string& name, const std::string& more = "") {
    load("customers", R"({"id":)" + std::to_string(id) + R"(,"code":"V)" + std::to_string(id) +
                          R"(","name":{"simplifiedName":")" + name + R"("},"pubts":"2025-01-01 09:00:00")" +
                          (more.empty() ? "" : "," + more) + "}");
  }
  void contact(std::int64_t customer_id, std::int64_t id, const std::string& name,
               const std::string& more = "") {
    load("contacts", R"({"id":)" + std::to_string(id) + R"(,"merchantId":)" + std::to_string(customer_id) +
                         R"(,"fullName":{"simplifiedName":")" + name + "\"}" +
                         (more.empty() ? "" : "," + more) + "}");
  }

  host::Instance& open(const std::string& overrides = "{}") {
    const auto plugin = host::load_plugin(HUILIU_PLUGIN_PATH);
    if (!plugin.ok()) throw std::runtime_error(plugin.error().text());
    json::object settings = twin_.settings({{"url", server_.url()}});
    const json::value changes = json::parse(overrides);
    for (const auto& member : changes.as_object()) {
      if (member.value().is_null())
        settings.erase(member.key());
      else
        settings[member.key()] = member.value();
    }
    auto instance = host::Instance::open(*host_, (*plugin)->connector("yonyou-yonbip"),
                                         {.connection = "valves",
                                          .settings = value(json::serialize(settings)),
                                          .secrets = host::SecretForm::clear_allowed,
                                          .state = &notes_});
    if (!instance.ok()) throw std::runtime_error(instance.error().text());
    instances_.push_back(std::move(*instance));
    return *instances_.back();
  }

  Read read(host::Instance& instance, const std::string& stream = "customers", ReadMode mode = ReadMode::full,
            const std::string& cursor = "", std::uint64_t limit = 0) {
    Read out;
    out.status =
        instance.read({.stream = stream, .mode = mode, .cursor = cursor, .limit = limit}, consumer(out));
    return out;
  }
  Read lookup(host::Instance& instance, const std::string& stream, const std::vector<std::string>& keys) {
    Read out;
    out.status = instance.lookup(stream, keys, consumer(out));
    return out;
  }
  host::RecordConsumer consumer(Read& out) {
    return {.page = [this, &out](host::Page page) -> model::Status {
              EXPECT_TRUE(page.bad.empty());
              for (auto& record : page.records) out.records.push_back(std::move(record));
              if (after_page_) after_page_();
              return {};
            },
            .checkpoint = [this, &out](std::string_view cursor,
                                       const host::StateChanges& state) -> model::Status {
              if (cursor.empty()) {
                ++out.barriers;
              } else {
                out.cursors.emplace_back(cursor);
                out.covered.push_back(out.records.size());
              }
              return notes_.commit(state);
            }};
  }

  static host::WriteResult write(host::Instance& instance, const std::string& key, const std::string& body,
                                 const std::string& stream = "customers",
                                 const std::string& operation = "op-1") {
    host::WriteRecord record;
    record.key = key;
    record.operation_id = operation;
    record.body = value(body);
    host::WriteReport report = instance.write(stream, {std::move(record)});
    EXPECT_EQ(report.results.size(), 1u);
    return report.results.front();
  }

  json::object stored(const std::string& key, const char* stream = "customers") {
    return server_.locked([&] { return json::object(*twin_.store().get(stream, key)); });
  }
  std::string text(const std::string& key, const char* field, const char* stream = "customers") {
    const json::object body = stored(key, stream);
    const json::value* found = body.if_contains(field);
    if (found == nullptr) return "(none)";
    if (const json::object* languages = found->if_object())
      return yonyou_twin::text_of(*languages, "simplifiedName");
    return yonyou_twin::text_of(body, field);
  }
  std::size_t size(const char* stream) {
    return server_.locked([&] { return twin_.store().size(stream); });
  }
  std::int64_t calls(const char* endpoint) {
    return server_.locked([&] {
      const json::object counters = twin_.store().counters().to_json();
      const json::value* count = counters.at("calls").as_object().if_contains(endpoint);
      return count == nullptr ? 0 : count->to_number<std::int64_t>();
    });
  }
  json::object counters() {
    return server_.locked([&] { return twin_.store().counters().to_json(); });
  }
  void reset_counters() {
    server_.locked([&] { twin_.store().counters().reset(); });
  }
  void control(const std::string& path, const std::string& body) {
    const auto answer =
        huiliu::twin::http_send({.method = "POST", .url = server_.control_url() + path, .body = body});
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  void rules(const std::string& body) { control("/rules", body); }
  void edit(const std::string& key, const std::string& fields, const char* stream = "customers") {
    control("/edit",
            std::string(R"({"stream":")") + stream + R"(","key":")" + key + R"(","fields":)" + fields + "}");
  }
  void wait_seconds(std::int64_t seconds) { environment_.advance(seconds * 1'000'000); }

  host::SteeredEnvironment environment_;
  std::int64_t ahead_ms_ = 0;
  std::function<void()> after_page_;
  yonyou_twin::YonyouTwin twin_;
  huiliu::twin::TwinServer server_;
  Notes notes_;
  std::vector<std::string> log_;
  std::unique_ptr<host::Host> host_;
  std::vector<std::unique_ptr<host::Instance>> instances_;
};

}  // namespace yonyou_test
