// A connector, as the host loads it, against a twin on a local port; both by one clock that a test steers.
//
// The clock stands still unless somebody waits (then it jumps) or a test advances it. So limits hold exactly
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
#include "plugins/wecom/twin/wecom_twin.hpp"

namespace wecom::tests {

namespace host = huiliu::host;
namespace model = huiliu::model;
namespace json = boost::json;
using model::Value;

inline constexpr model::Micros kStart = 1'772'352'000LL * model::second;

inline std::shared_ptr<const host::Connector> loaded_connector() {
  static const auto kPlugin = host::load_plugin(HUILIU_PLUGIN_PATH);
  EXPECT_TRUE(kPlugin.ok()) << kPlugin.error().text();
  return (*kPlugin)->connector("wecom");
}

inline Value value_of(const json::value& from) { return *model::parse_json(json::serialize(from)); }

// What a reading gave.
struct Taken {
  std::map<std::string, Value> records;  // the last body of each key
  std::map<std::string, std::string> versions;
  std::map<std::string, int> times;  // how often each key came
  std::vector<std::string> deleted;
  std::vector<std::string> streams;
  std::vector<std::string> cursors;
  std::size_t barriers = 0;
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
  explicit Bench(double quota_factor = 0)
      : environment_(kStart, 7),
        twin_({quota_factor, 1, [this] { return environment_.now() / 1000; }}),
        server_(twin_, "wecom"),
        host_(environment_, options_for(quota_factor)) {
    settings = twin_.settings({{"url", server_.url()}});
    add_department(1, "云桥", 0);
    add_department(2, "销售部", 1);
    add_user("zhangsan");
    add_user("lisi");
    add_user("idle");
  }

  host::Instance& connector() {
    if (!instance_) instance_ = open();
    return *instance_;
  }
  void reopen() { instance_ = open(); }
  std::unique_ptr<host::Instance> open() {
    host::InstanceOptions options;
    options.connection = "wecom";
    options.settings = value_of(settings);
    options.secrets = host::SecretForm::clear_allowed;
    options.quotas = quotas;
    auto opened = host::Instance::open(host_, loaded_connector(), options);
    EXPECT_TRUE(opened.ok()) << opened.error().text();
    return opened.ok() ? std::move(*opened) : nullptr;
  }

  twin::WeComTwin& twin() { return twin_; }
  huiliu::twin::TwinServer& server() { return server_; }
  host::SteeredEnvironment& environment() { return environment_; }
  // Runs while no request is being served.
  template <class Action>
  auto locked(Action&& action) {
    return server_.locked(std::forward<Action>(action));
  }
  void set(json::object switches) {
    locked([&] { twin_.configure(std::move(switches)); });
  }
  std::uint64_t calls(const std::string& api) {
    const json::object all = counters();
    const json::value* count = all.at("calls").as_object().if_contains(api);
    return count == nullptr ? 0 : count->to_number<std::uint64_t>();
  }
  json::object counters() {
    return locked([&] { return twin_.store().counters().to_json(); });
  }
  json::object record(std::string_view stream, std::string_view key) {
    return locked([&] { return *twin_.store().get(stream, key); });
  }

  void add_department(std::int64_t id, const char* name, std::int64_t parent) {
    locked([&] {
      twin_.load("departments", {{"id", id}, {"name", name}, {"parentid", parent}, {"order", id}});
    });
  }
  void add_user(const std::string& userid, std::int64_t department = 2) {
    locked([&] {
      twin_.load("employees", {{"userid", userid},
                               {"name", "员工" + userid},
                               {"department", json::array{department}},
                               {"main_department", department},
                               {"mobile", "139" + std::string(8, userid.front() == 'z' ? '1' : '2')},
                               {"gender", "1"},
                               {"email", userid + "@example.invalid"},
                               {"status", 1}});
    });
  }
  static json::object relation(const std::string& userid, json::object notes = {},
                               std::int64_t created = 1'700'000'000) {
    json::object relation{{"userid", userid},
                          {"remark", ""},
                          {"description", ""},
                          {"createtime", created},
                          {"tags", json::array{}},
                          {"remark_corp_name", ""},
                          {"remark_mobiles", json::array{}},
                          {"add_way", 1},
                          {"oper_userid", userid},
                          {"state", ""}};
    for (auto& note : notes) relation[note.key()] = std::move(note.value());
    return relation;
  }
  void add_contact(const std::string& id, json::array relations, json::object contact = {}) {
    contact["external_userid"] = id;
    contact.emplace("name", "昵称" + id);
    contact.emplace("type", 1);
    locked([&] {
      twin_.load("external_contacts",
                 {{"external_contact", std::move(contact)}, {"follow_user", std::move(relations)}});
    });
  }
  void add_contacts(std::size_t count, const std::string& userid) {
    for (std::size_t i = 0; i < count; ++i)
      add_contact("wm" + userid + std::to_string(1000 + i), {relation(userid)});
  }

  Taken read(const std::string& stream, host::ReadMode mode = host::ReadMode::full,
             const std::string& cursor = {}, std::uint64_t limit = 0,
             const std::function<void(std::size_t)>& after_page = {}) {
    Taken taken;
    taken.cursor = cursor;
    taken.status = connector().read({stream, mode, cursor, limit}, consumer(taken, after_page));
    return taken;
  }
  Taken lookup(const std::string& stream, const std::vector<std::string>& keys) {
    Taken taken;
    taken.status = connector().lookup(stream, keys, consumer(taken));
    return taken;
  }
  Taken find(const std::string& stream, std::vector<std::pair<std::string, std::string>> fields) {
    Taken taken;
    taken.status = connector().find({stream, std::move(fields), 0}, consumer(taken));
    return taken;
  }
  host::WriteResult write(const std::string& stream, const std::string& key, const json::object& body) {
    host::WriteRecord record;
    record.key = key;
    record.operation_id = "op-" + key;
    record.body = value_of(body);
    ended = {};
    auto report = connector().write(stream, {record});
    ended = report.ended;
    EXPECT_EQ(report.results.size(), 1U);
    return report.results.front();
  }

  static host::RecordConsumer consumer(Taken& taken,
                                       const std::function<void(std::size_t)>& after_page = {}) {
    return {[&taken, after_page](host::Page page) -> model::Status {
              EXPECT_TRUE(page.bad.empty()) << page.bad.front().error.text();
              taken.streams.push_back(page.stream);
              for (host::RemoteRecord& record : page.records) {
                if (record.deleted) {
                  taken.deleted.push_back(record.key);
                  continue;
                }
                ++taken.times[record.key];
                taken.versions[record.key] = record.version;
                taken.records[record.key] = std::move(record.body);
              }
              if (after_page) after_page(taken.streams.size());
              return {};
            },
            [&taken](std::string_view cursor, const host::StateChanges&) -> model::Status {
              if (cursor.empty()) {
                ++taken.barriers;
              } else {
                taken.cursor = cursor;
                taken.cursors.emplace_back(cursor);
              }
              return {};
            }};
  }

  std::map<std::string, host::QuotaLimits> quotas;
  json::object settings;  // may be changed before the first use of connector()
  model::Status ended;    // of the last write

 private:
  static host::HostOptions options_for(double quota_factor) {
    host::HostOptions options;
    options.quota_factor = quota_factor > 0 ? quota_factor : 1;
    options.longest_quota_wait = 120 * model::second;  // the rest after a refusal, and a little
    return options;
  }

  host::SteeredEnvironment environment_;
  twin::WeComTwin twin_;
  huiliu::twin::TwinServer server_;
  host::Host host_;
  std::unique_ptr<host::Instance> instance_;
};

}  // namespace wecom::tests
