// fixture.hpp - the connector as users load it (through the host, from its library) against the twin in this
// process. One clock for both, which stands still but for sleeps. Single-threaded but for the twin's server.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <string>
#include <vector>

#include "hub/host/environment.hpp"
#include "hub/host/host.hpp"
#include "hub/host/instance.hpp"
#include "hub/host/plugin.hpp"
#include "plugins/kingdee/twin/kingdee_twin.hpp"
#include "sdk/twin/http_client.hpp"
#include "sdk/twin/twin.hpp"

namespace huiliu::twin::vendors {
VendorEntry kingdee();
}

namespace kingdee_test {

namespace json = boost::json;
namespace host = huiliu::host;
namespace model = huiliu::model;

inline constexpr std::int64_t start_us = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z

inline model::Value value(std::string_view text) {
  auto parsed = model::parse_json(text);
  if (!parsed.ok()) throw std::runtime_error("bad JSON in a test: " + parsed.error().text());
  return *parsed;
}

struct Read {
  std::vector<host::RemoteRecord> records;
  std::vector<std::string> cursors;  // without barriers
  std::vector<std::size_t> covered;  // how many records had come before each
  model::Status status;

  const host::RemoteRecord* find(std::string_view key) const {
    for (const host::RemoteRecord& record : records)
      if (record.key == key) return &record;
    return nullptr;
  }
  std::vector<std::string> keys() const {
    std::vector<std::string> all;
    for (const host::RemoteRecord& record : records) all.push_back(record.key);
    return all;
  }
  std::string last_cursor() const { return cursors.empty() ? std::string() : cursors.back(); }
};

// Notes of the connection that outlive an instance.
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

class KingdeeTest : public testing::Test {
 protected:
  /// `quota_factor`: of the twin's limits; 0: none.
  explicit KingdeeTest(double quota_factor = 0)
      : environment_(start_us, 7),
        twin_({.quota_factor = quota_factor,
               .seed = 1,
               .clock = [this] { return environment_.now() / 1000 + twin_ahead_ms_; }}),
        server_(twin_, "kingdee") {
    host::HostOptions options;
    options.log = [this](const host::LogLine& line) { log_.push_back(line.text); };
    host_ = std::make_unique<host::Host>(environment_, options);
    for (const char* organisation : {"100", "200"})
      load("organizations", std::string(R"({"FOrgID":1000)") + organisation[0] + R"(0,"FNumber":")" +
                                organisation + R"(","FName":"组织)" + organisation + "\"}");
    for (const char* seller : {"E1", "E2"})
      for (const char* organisation : {"100", "200"})
        load("salespersons", std::string(R"({"FID":)") + seller[1] + organisation + R"(,"FNumber":")" +
                                 seller + R"(","FName":"业务员)" + seller + R"(","FBizOrgId.FNumber":")" +
                                 organisation + "\"}");
  }

  void load(const char* stream, const std::string& record) {
    server_.locked([&] { twin_.load(stream, json::parse(record).as_object()); });
  }
  /// An approved customer of organisation 100.
  void customer(std::int64_t id, const std::string& name, const std::string& more = "") {
    load("customers", R"({"FCUSTID":)" + std::to_string(id) + R"(,"FNumber":"C)" + std::to_string(id) +
                          R"(","FName":")" + name + R"(","FCreateDate":"2025-01-01T09:00:00")" +
                          (more.empty() ? "" : "," + more) + "}");
  }
  /// Its copy for organisation 200.
  void copy_of(std::int64_t head, std::int64_t id, const std::string& more = "") {
    customer(id, "副本",
             R"("FMasterId":)" + std::to_string(head) + R"(,"FNumber":"C)" + std::to_string(head) +
                 R"(","FCreateOrgId.FNumber":"100","FUseOrgId.FNumber":"200")" +
                 (more.empty() ? "" : "," + more));
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
    auto instance = host::Instance::open(*host_, (*plugin)->connector("kingdee-k3cloud"),
                                         {.connection = "erp",
                                          .settings = value(json::serialize(settings)),
                                          .secrets = host::SecretForm::clear_allowed,
                                          .state = &notes_});
    if (!instance.ok()) throw std::runtime_error(instance.error().text());
    instances_.push_back(std::move(*instance));
    return *instances_.back();
  }

  Read read(host::Instance& instance, host::ReadMode mode = host::ReadMode::full,
            const std::string& cursor = "", const std::string& stream = "customers",
            std::uint64_t limit = 0) {
    Read out;
    out.status =
        instance.read({.stream = stream, .mode = mode, .cursor = cursor, .limit = limit}, consumer(out));
    return out;
  }
  host::RecordConsumer consumer(Read& out) {
    return {.page = [&out](host::Page page) -> model::Status {
              EXPECT_TRUE(page.bad.empty());
              for (auto& record : page.records) out.records.push_back(std::move(record));
              return {};
            },
            .checkpoint = [this, &out](std::string_view cursor,
                                       const host::StateChanges& state) -> model::Status {
              if (!cursor.empty()) {
                out.cursors.emplace_back(cursor);
                out.covered.push_back(out.records.size());
              }
              return notes_.commit(state);
            }};
  }

  static host::WriteResult write(host::Instance& instance, host::WriteRecord record,
                                 const std::string& stream = "customers") {
    host::WriteReport report = instance.write(stream, {std::move(record)});
    EXPECT_EQ(report.results.size(), 1u);
    return report.results.front();
  }

  /// A row of the twin as it stands now.
  json::object row(const std::string& key, const char* stream = "customers") {
    return server_.locked([&] { return json::object(*twin_.store().get(stream, key)); });
  }
  std::string text(const std::string& key, const char* field, const char* stream = "customers") {
    return kingdee_twin::text_of(row(key, stream), field);
  }
  std::string number(const std::string& key, const char* field, const char* stream = "customers") {
    return kingdee_twin::number_of(row(key, stream), field);
  }
  std::int64_t calls(const char* operation) {
    return server_.locked([&] {
      const json::object counters = twin_.store().counters().to_json();
      const json::value* count = counters.at("calls").as_object().if_contains(operation);
      return count == nullptr ? 0 : count->to_number<std::int64_t>();
    });
  }
  std::int64_t counter(const char* name) {
    return server_.locked(
        [&] { return twin_.store().counters().to_json().at(name).to_number<std::int64_t>(); });
  }
  json::object fields_written() {
    return server_.locked(
        [&] { return twin_.store().counters().to_json().at("fields_written").as_object(); });
  }
  void reset_counters() {
    server_.locked([&] { twin_.store().counters().reset(); });
  }
  void control(const std::string& path, const std::string& body) {
    const auto answer =
        huiliu::twin::http_send({.method = "POST", .url = server_.control_url() + path, .body = body});
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  void edit(const std::string& key, const std::string& fields, const char* stream = "customers") {
    control("/edit",
            std::string(R"({"stream":")") + stream + R"(","key":")" + key + R"(","fields":)" + fields + "}");
  }
  std::size_t leftovers() {
    return server_.locked([&] { return twin_.product().leftovers().size(); });
  }
  void wait_seconds(std::int64_t seconds) { environment_.advance(seconds * 1'000'000); }

  host::SteeredEnvironment environment_;
  std::int64_t twin_ahead_ms_ = 0;
  kingdee_twin::KingdeeTwin twin_;
  huiliu::twin::TwinServer server_;
  Notes notes_;
  std::vector<std::string> log_;
  std::unique_ptr<host::Host> host_;
  std::vector<std::unique_ptr<host::Instance>> instances_;
};

}  // namespace kingdee_test
