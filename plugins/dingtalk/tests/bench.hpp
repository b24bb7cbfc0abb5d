// A connector, as the host loads it, against a twin on a local port; both by one clock that a test steers.
//
// The clock stands still unless somebody waits (then it jumps) or a test advances it. So quotas hold exactly
// and no test sleeps.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hub/host/instance.hpp"
#include "plugins/dingtalk/src/beijing_time.hpp"
#include "plugins/dingtalk/twin/dingtalk_twin.hpp"

namespace dingtalk::tests {

namespace host = huiliu::host;
namespace model = huiliu::model;
namespace json = boost::json;
using model::Value;

inline constexpr model::Micros kStart = 1'772'352'000LL * model::second;  // 2026-03-01 16:00:00 in Beijing

inline std::shared_ptr<const host::Connector> loaded_connector() {
  static const auto kPlugin = host::load_plugin(HUILIU_PLUGIN_PATH);
  EXPECT_TRUE(kPlugin.ok()) << kPlugin.error().text();
  return (*kPlugin)->connector("dingtalk");
}

inline Value value_of(const json::value& from) { return *model::parse_json(json::serialize(from)); }

// What a reading gave.
struct Taken {
  std::map<std::string, Value> records;  // the last body of each key
  std::map<std::string, model::Micros> changed_at;
  std::vector<std::string> deleted;
  std::vector<std::string> streams;
  std::size_t emitted = 0, pages = 0, barriers = 0;
  std::string cursor;
  model::Status status;

  std::string text(const std::string& key, std::string_view path) const {
    const auto found = records.find(key);
    if (found == records.end()) return "(no record)";
    const Value* value = found->second.at_path(path);
    return value == nullptr ? "(none)" : value->is_string() ? value->as_string() : model::to_json(*value);
  }
};

class Bench {
 public:
  explicit Bench(double quota_factor = 1)
      : environment_(kStart, 7),
        twin_({quota_factor, 1, [this] { return environment_.now() / 1000; }}),
        server_(twin_, "dingtalk"),
        host_(environment_, options_for(quota_factor)) {
    settings = twin_.settings({{"url", server_.url()}});
    for (const char* number : {"E1002", "E1007", "E1008"}) add_user(number);
  }

  host::Instance& connector() {
    if (!instance_) instance_ = open();
    return *instance_;
  }
  // Another of the same connection.
  std::unique_ptr<host::Instance> open() {
    host::InstanceOptions options;
    options.connection = "crm";
    options.settings = value_of(settings);
    options.secrets = host::SecretForm::clear_allowed;
    options.isolated = isolated;
    auto opened = host::Instance::open(host_, loaded_connector(), options);
    EXPECT_TRUE(opened.ok()) << opened.error().text();
    return std::move(*opened);
  }

  twin::DingTalkTwin& twin() { return twin_; }
  huiliu::twin::TwinServer& server() { return server_; }
  host::SteeredEnvironment& environment() { return environment_; }
  // Runs while no request is being served.
  template <class Action>
  auto locked(Action&& action) {
    return server_.locked(std::forward<Action>(action));
  }
  std::uint64_t calls(const std::string& endpoint) {
    const json::object counters = locked([&] { return twin_.store().counters().to_json(); });
    const json::value* count = counters.at("calls").as_object().if_contains(endpoint);
    return count == nullptr ? 0 : count->to_number<std::uint64_t>();
  }
  json::object counters() {
    return locked([&] { return twin_.store().counters().to_json(); });
  }

  void add_user(const std::string& number, std::int64_t department = 1) {
    locked([&] {
      twin_.load("employees", {{"userid", twin::user_id(number)},
                               {"name", "员工" + number},
                               {"state_code", "86"},
                               {"mobile", "13900000000"},
                               {"job_number", number},
                               {"email", "a@example.invalid"},
                               {"extension", R"({"爱好":"羽毛球"})"},
                               {"dept_id_list", json::array{department}}});
    });
  }
  // A customer as GET personalCustomers shows it. modified_s: seconds after the start of the clock.
  void add_customer(const std::string& id, const std::string& name, std::int64_t modified_s = -86'400,
                    json::object data = {}) {
    data["customer_name"] = name;
    locked([&] {
      twin_.load("customers", {{"instanceId", id},
                               {"objectType", "crm_customer"},
                               {"data", std::move(data)},
                               {"permission", {{"ownerStaffIds", json::array{"dtE1007"}}}},
                               {"gmtModified", beijing_text(kStart / model::second + modified_s)}});
    });
  }
  void add_customers(std::size_t count, std::int64_t modified_s = -86'400) {
    for (std::size_t i = 0; i < count; ++i)
      add_customer("c" + std::to_string(1000 + i), "客户" + std::to_string(i), modified_s);
  }
  // A person changes a customer's name in DingTalk.
  void edit(const std::string& id, const json::object& fields) {
    locked([&] { twin_.edit("customers", id, fields, "dtE1007"); });
  }

  // hook: after each page, with the number of pages so far.
  Taken read(const std::string& stream, host::ReadMode mode = host::ReadMode::full,
             const std::string& cursor = {}, std::uint64_t limit = 0,
             const std::function<void(std::size_t)>& hook = {}) {
    Taken taken;
    taken.cursor = cursor;
    taken.status = connector().read({stream, mode, cursor, limit}, consumer(taken, hook));
    return taken;
  }
  Taken lookup(const std::string& stream, const std::vector<std::string>& keys) {
    Taken taken;
    taken.status = connector().lookup(stream, keys, consumer(taken));
    return taken;
  }
  Taken find(const std::string& stream, std::vector<std::pair<std::string, std::string>> fields,
             std::uint64_t limit = 0) {
    Taken taken;
    taken.status = connector().find({stream, std::move(fields), limit}, consumer(taken));
    return taken;
  }
  host::WriteReport write(const std::string& stream, const std::vector<host::WriteRecord>& records) {
    return connector().write(stream, records);
  }
  static host::WriteRecord record(const std::string& key, const char* body, const char* base = "null") {
    host::WriteRecord record;
    record.key = key;
    record.operation_id = "op-" + key;
    record.body = *model::parse_json(body);
    record.base = *model::parse_json(base);
    return record;
  }

  static host::RecordConsumer consumer(Taken& taken, const std::function<void(std::size_t)>& hook = {}) {
    return {[&taken, hook](host::Page page) -> model::Status {
              EXPECT_TRUE(page.bad.empty()) << page.bad.front().error.text();
              taken.streams.push_back(page.stream);
              for (host::RemoteRecord& record : page.records) {
                ++taken.emitted;
                if (record.deleted)
                  taken.deleted.push_back(record.key);
                else
                  taken.records[record.key] = std::move(record.body);
                taken.changed_at[record.key] = record.changed_at;
              }
              ++taken.pages;
              if (hook) hook(taken.pages);
              return {};
            },
            [&taken](std::string_view cursor, const host::StateChanges&) -> model::Status {
              if (cursor.empty())
                ++taken.barriers;
              else
                taken.cursor = cursor;
              return {};
            }};
  }

  // May be changed before the first use of connector():
  json::object settings;
  bool isolated = false;  // in a child process

 private:
  static host::HostOptions options_for(double quota_factor) {
    host::HostOptions options;
    options.quota_factor = quota_factor;
    return options;
  }

  host::SteeredEnvironment environment_;
  twin::DingTalkTwin twin_;
  huiliu::twin::TwinServer server_;
  host::Host host_;
  std::unique_ptr<host::Instance> instance_;
};

}  // namespace dingtalk::tests
