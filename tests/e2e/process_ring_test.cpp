// Ring D3 (docs/sync-semantics.md, section 8): the shipped programs over sockets and files. People type,
// systems lose answers, refuse and send half a page, tokens expire, and the hub is killed with kill -9 in the
// middle of it, thirty times for each seed. When all is calm again every system agrees, no record is doubled,
// and nothing that a person typed last is gone: it stands, or it is in the record's history.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "hub/config/yaml.hpp"
#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace process_ring_test {

using model::Object;
using model::Value;

constexpr int kills_per_seed = 30;
const std::vector<std::string> systems = {"kingdee", "dingtalk"};

// A field that people share, as each system calls it: where it is typed, and where it shows.
struct Place {
  const char* system;
  const char* typed;
  const char* shown;
};
constexpr Place mobile[] = {{"kingdee", "FMobile", "FMobile"},
                            {"dingtalk", "contact_phone", "data.contact_phone"}};

class ProcessRing : public testing::TestWithParam<int> {
 protected:
  ProcessRing() : world_(60, GetParam()), dice_(static_cast<unsigned>(GetParam())) {
    // When no sync lives long, people's edits pile up until one pass sees more than a brake lets through:
    // here they are all meant.
    for (const std::string& system : systems) {
      const auto path = world_.config / "connections" / (system + ".yaml");
      auto connection = config::read_yaml(path.string(), system);
      EXPECT_TRUE(connection.ok());
      connection->value.as_object().set("brakes", model::Object{{"changed", "off"}});
      std::ofstream(path) << config::to_yaml(connection->value);
    }
    world_.settle();
    for (const Value& contact : world_.shared("contact", systems)) contacts_.push_back(contact);
    for (const std::string& system : systems)
      for (const char* stream : {"customers", "contacts"})
        before_[system + '/' + stream] = keys(system, stream);
  }

  int roll(int least, int most) { return std::uniform_int_distribution<int>(least, most)(dice_); }

  std::set<std::string> keys(const std::string& system, const std::string& stream) const {
    std::set<std::string> found;
    const Value state = world_.get(system, "/state?stream=" + stream);
    for (const Value& record : state.as_array())
      found.insert(value_text(record, system == "dingtalk"    ? "instanceId"
                                      : stream == "customers" ? "FCUSTID"
                                                              : "FCONTACTID"));
    return found;
  }

  // A person types a number that nobody typed before.
  void type() {
    const Value& contact =
        contacts_[static_cast<std::size_t>(roll(0, static_cast<int>(contacts_.size()) - 1))];
    const Place& place = mobile[roll(0, 1)];
    const std::string number =
        "1" + std::to_string(3900000000 + 1000 * GetParam() + static_cast<int>(typed_.size()));
    typed_.insert(number);
    world_.edit(place.system, "contacts", Installation::key_in(contact, place.system),
                {{place.typed, number}});
    last_typed_[{contact["id"].to_text(), place.system}] = number;
  }

  // What a network and a vendor do, drawn anew: each kind is in with one half, so that runs differ in kind.
  void weather() {
    for (const std::string& system : systems) {
      Object faults{{"seed", std::int64_t{roll(1, 1000)}}};
      for (const char* kind :
           {"drop", "http_502", "html", "rate_limit", "timeout_after_commit", "truncated", "partial_body"})
        if (roll(0, 1) == 0) faults.set(kind, Value(0.01 * roll(1, 12)));
      world_.post(system, "/faults", faults);
      if (roll(0, 4) == 0) world_.post(system, "/expire-tokens", Object{});
    }
  }

  bool killed_in_a_sync() {
    Process sync(world_.command({"sync", "--once"}), world_.directory);
    // The random moment itself, not a wait for a condition.
    std::this_thread::sleep_for(std::chrono::milliseconds(roll(5, 220)));
    if (roll(0, 2) == 0) type();
    sync.kill_hard();
    return sync.wait().exit_code == 128 + 9;
  }

  void calm() const {
    for (const std::string& system : systems) world_.post(system, "/faults", Object{});
  }

  Installation world_;
  std::mt19937 dice_;
  std::vector<Value> contacts_;
  std::map<std::string, std::set<std::string>> before_;
  std::map<std::pair<std::string, std::string>, std::string> last_typed_;  // (contact, system) → number
  std::set<std::string> typed_;
};

TEST_P(ProcessRing, KilledAmongFaultsAndEditsEverySystemAgreesInTheEnd) {
  ASSERT_GT(contacts_.size(), 5U);
  int killed = 0;
  for (int i = 0; i < kills_per_seed; ++i) {
    if (i % 5 == 0) weather();
    for (int edits = roll(0, 3); edits > 0; --edits) type();
    if (killed_in_a_sync()) ++killed;
  }
  EXPECT_GT(killed, kills_per_seed / 2) << "most kills must hit a working sync";
  calm();
  const Value run = world_.settle(15);

  for (const Value& stream : run["streams"].as_array()) {
    EXPECT_EQ(stream["in_doubt"].to_text(), "0") << model::to_json(stream);
    EXPECT_TRUE(stream["balanced"].as_bool()) << model::to_json(stream);
  }
  EXPECT_EQ(world_.huiliu({"plan"}).json()["writes"].to_text(), "0");
  const Finished checked = world_.huiliu({"store", "check"});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  world_.reset_counters();
  world_.settle(1);
  for (const std::string& system : systems) EXPECT_EQ(world_.writes(system), 0) << system;

  // People typed into records that both systems had: nothing was to be created, so nothing was.
  for (const auto& [place, keys_before] : before_) {
    const std::size_t slash = place.find('/');
    EXPECT_EQ(keys(place.substr(0, slash), place.substr(slash + 1)), keys_before) << place;
  }
  for (const auto& [where, number] : last_typed_) {
    const Value golden = world_.customer(where.first);
    EXPECT_NE(model::to_json(golden).find(number), std::string::npos)
        << number << ", typed last in " << where.second << ", is neither the value of " << where.first
        << " nor in its history";
  }
  for (const Value& contact : contacts_) {
    const Value golden = world_.customer(contact["id"].to_text());
    const std::string erp = value_text(
        world_.record("kingdee", "contacts", Installation::key_in(golden, "kingdee")), mobile[0].shown);
    const std::string crm = value_text(
        world_.record("dingtalk", "contacts", Installation::key_in(golden, "dingtalk")), mobile[1].shown);
    if (!typed_.contains(erp) && !typed_.contains(crm)) continue;  // nobody typed here
    EXPECT_EQ(erp, crm) << model::to_json(golden["id"]);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ProcessRing, testing::Values(11, 12, 13, 14),
                         [](const auto& seed) { return "Seed" + std::to_string(seed.param); });

}  // namespace process_ring_test
}  // namespace huiliu::e2e
