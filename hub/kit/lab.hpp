// What every check works with: the connector, instances of it over a steered network, the twin's control
// surface, and everything that the connector said, for the search for secrets.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hub/host/instance.hpp"
#include "hub/kit/fault_transport.hpp"
#include "hub/kit/kit.hpp"

namespace huiliu::kit {

// Sleeps at once and moves nothing but the monotonic clock: retries and quotas need no waiting.
class LabEnvironment final : public host::Environment {
 public:
  model::Micros now() override { return system_.now() + skew; }
  model::Micros steady() override { return system_.steady() + slept_; }
  bool sleep(model::Micros duration, const std::stop_token& stop) override {
    slept_ += duration;
    return !stop.stop_requested();
  }
  void random(std::span<std::uint8_t> out) override { system_.random(out); }
  std::atomic<model::Micros> skew{0};

 private:
  host::SystemEnvironment system_;
  std::atomic<model::Micros> slept_{0};
};

struct Seen {
  std::string body;  // serialized
  bool deleted = false;
  friend bool operator==(const Seen&, const Seen&) = default;
};

// What one operation delivered.
struct Reading {
  std::map<std::string, Seen> records;  // by key, the last one counts
  std::vector<std::string> repeated;    // keys that came more than once
  std::vector<std::string> cursors;     // after each checkpoint; barriers left out
  std::vector<std::size_t> covered;     // per cursor: how many records came before it
  std::vector<std::string> order;       // keys as they came
  std::vector<host::BadRecord> bad;
  model::Status status;
  bool left = false;  // there was enough (read_until)

  // Later readings win.
  void add(const Reading& later);
  // How many of `order` a checkpoint covers, or all, when the reading came to its end: what a hub keeps.
  std::size_t kept() const { return status.ok() ? order.size() : covered.empty() ? 0 : covered.back(); }
};

// An instance with its own network.
struct Bench {
  std::unique_ptr<host::Host> host;
  FaultTransport* network = nullptr;
  std::unique_ptr<host::Instance> instance;
};

class Lab {
 public:
  Lab(std::shared_ptr<const host::Connector> connector, const Target& target);

  const host::Connector& connector() const { return *connector_; }
  const std::shared_ptr<const host::Connector>& shared_connector() const { return connector_; }
  const host::Manifest& manifest() const { return connector_->manifest; }
  const Target& target() const { return target_; }
  bool has_twin() const { return !target_.control.empty(); }
  LabEnvironment& environment() { return environment_; }
  const std::string& said() const { return said_; }

  enum class Where { as_given, child };
  model::Result<Bench> open(Plan plan = {}, std::optional<model::Value> settings = std::nullopt,
                            Where where = Where::as_given);
  // cursor empty: a full read; else what came since.
  Reading read(Bench& bench, const std::string& stream, const std::string& cursor = {},
               const host::CallOptions& call = {}, host::ReadMode mode = host::ReadMode::full);
  // The same, and leaves once `enough` has come (asked after each page and checkpoint); that is a good end.
  using Enough = std::function<bool(const Reading& so_far)>;
  Reading read_until(Bench& bench, const std::string& stream, const std::string& cursor, const Enough& enough,
                     const host::CallOptions& call = {});
  // To the end, or until there is enough, over as many tries as the errors allow: each continues from the
  // last cursor. `cursor`: where the first begins.
  Reading read_persistently(const std::string& stream, const Plan& plan, const std::string& cursor = {},
                            const Enough& enough = {}, int tries = 8);
  Reading lookup(Bench& bench, const std::string& stream, const std::vector<std::string>& keys);
  host::WriteReport write(Bench& bench, const std::string& stream,
                          const std::vector<host::WriteRecord>& records, const host::CallOptions& call = {});

  // The twin's control surface; errors name the endpoint.
  model::Result<model::Value> get(const std::string& path);
  model::Result<model::Value> post(const std::string& path, const model::Value& body);

  void hear(const std::string& text);

 private:
  host::RecordConsumer consumer(Reading& into);
  model::Result<model::Value> control(const std::string& method, const std::string& path,
                                      const std::string& body);

  std::shared_ptr<const host::Connector> connector_;
  Target target_;
  LabEnvironment environment_;
  std::unique_ptr<host::Transport> control_;
  std::mutex mutex_;
  std::string said_;
  int opened_ = 0;
};

// {"a.b": v} as {"a": {"b": v}}: a body with one member, however deep.
model::Value nested(const std::string& path, const model::Value& value);
// "a, b, c and 5 more".
std::string some_of(const std::vector<std::string>& keys);
// Keys of `all` that `got` lacks.
std::vector<std::string> missing(const std::map<std::string, Seen>& all,
                                 const std::map<std::string, Seen>& got);

}  // namespace huiliu::kit
