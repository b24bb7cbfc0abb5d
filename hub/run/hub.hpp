// The hub: one configuration, one store, the plugins and the engine over them. Everything above (CLI, API,
// schedules) works through it.
//
// Threads: safe to use from many. At most one cycle per connection runs at a time; reads go on beside it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "hub/access/accounts.hpp"
#include "hub/access/policy.hpp"
#include "hub/access/secrets.hpp"
#include "hub/config/config.hpp"
#include "hub/host/plugin.hpp"
#include "hub/run/allocation.hpp"
#include "hub/run/consent.hpp"
#include "hub/run/cycle.hpp"
#include "hub/run/dead_letters.hpp"
#include "hub/run/freeze.hpp"
#include "hub/run/hook_pool.hpp"
#include "hub/run/lanes.hpp"
#include "hub/run/oidc.hpp"
#include "hub/run/revisions.hpp"
#include "hub/run/rules_builder.hpp"
#include "hub/store/store.hpp"

namespace huiliu::host {
class Host;
struct BadRecord;
}  // namespace huiliu::host

namespace huiliu::run {

struct HubOptions {
  std::string store;                 // URL
  std::string config;                // directory; may be empty
  std::string shipped;               // the shipped configuration directory
  std::vector<std::string> plugins;  // directories with libhuiliu-*.so
  store::OpenMode mode = store::OpenMode::owner;
  bool plugins_needed = true;  // false: only what the store shows; no rules, no systems
  // By connection, instead of the configured mapping: to see what it would do (mapping_effect.hpp).
  std::map<std::string, std::shared_ptr<const config::Document>> mappings = {};
  Signature signature = {"hub", "in force when a hub began to work"};  // of a configuration that is new here
};

// Everything that is wrong with a configuration directory: the files, their mappings, the settings against
// the connectors' schemas. Opens no store and no system.
std::vector<model::Error> validate(const HubOptions& options);

class Hub {
 public:
  // Errors: everything that is wrong with the configuration, one per line in the message, each with
  // file:line.
  static model::Result<std::unique_ptr<Hub>> open(const HubOptions& options);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  const config::Config& config() const { return *config_; }
  const HubOptions& options() const { return options_; }
  store::Store& store() { return *store_; }
  const host::PluginRegistry& registry() const { return registry_; }
  // Takes a new version of a library while everything works: reads go over to it at their next checkpoint.
  // The manifest's settings, streams and mapping stay those of this configuration until it is loaded anew.
  model::Status upgrade_plugin(const std::string& library);
  const sync::Rules& rules() const { return rules_; }
  const RightReasons& right_reasons() const { return right_reasons_; }
  const std::map<std::string, std::string>& message_streams() const { return workspace_.message_streams; }
  // The manifest of a connection's connector; null when it is not installed.
  const model::Value* manifest(const std::string& connection) const {
    const auto found = manifests_.find(connection);
    return found == manifests_.end() ? nullptr : &found->second;
  }
  sync::Engine& engine() { return *engine_; }
  const Clock& clock() const { return clock_; }
  // Who may log in, who may see what, and the vault.
  access::Accounts& accounts() { return *accounts_; }
  const access::Policy& policy() const { return *policy_; }
  access::Secrets& secrets() { return *secrets_; }
  access::Keys& keys() { return *keys_; }
  // The company's own log-in; null: there is none.
  Oidc* oidc() { return oidc_.get(); }
  // While it is held no run begins or goes on.
  Lanes::Held between_runs();
  // What is suppressed changed; between runs only.
  model::Status reload_suppression();
  Workspace& workspace() { return workspace_; }
  // Why each library could not be taken; the hub works without it.
  const std::vector<model::Error>& plugin_errors() const { return plugin_errors_; }

  const config::ConnectionConfig* connection(const std::string& name) const {
    return config_->connection(name);
  }
  const mapping::Mapping* mapping(const std::string& connection) const;
  // Opens the connection's system on first use. Errors: settings, secrets, the connector is missing.
  model::Result<System*> system(const std::string& connection);

  // A cycle over these connections (all enabled, not paused ones when empty). `board` may be null.
  model::Result<CycleReport> sync(const CycleOptions& options, ProgressBoard* board,
                                  const std::atomic<bool>& stop);

  // Ends a cycle that runs here at its next batch; what it did stays, and the next cycle goes on from there.
  // Errors: not_found, stale when it does not run here.
  model::Status stop_run(const std::string& id);
  // The connections of an earlier run, once more.
  model::Result<CycleReport> retry(const std::string& id, const std::atomic<bool>& stop);

  // The exact writes that would happen now, in a stable order, and why other differences wait.
  struct Planned {
    std::vector<sync::PlannedWrite> writes;
    std::vector<Allocation> allocations;
    std::vector<sync::Held> held;
    std::string hash, revision;
    std::map<std::string, std::int64_t> calls;  // "CONNECTION/QUOTA" → calls of the vendor's API
    double days = 0;                            // that the slowest of them needs
  };
  model::Result<Planned> plan(const std::vector<std::string>& connections);
  // Performs exactly that plan; stale when the world moved since.
  model::Result<CycleReport> apply(const std::string& hash, const std::atomic<bool>& stop);

  // The writes that take a run back, record by record, where nothing else came since; see hub/sync/undo.hpp.
  // `held`: what stays, and why. Errors: not_found, stale while it runs.
  model::Result<Planned> plan_undo(const std::string& run);
  model::Result<CycleReport> undo(const std::string& run, const std::atomic<bool>& stop);

  // What waits for the end of a month-end freeze or a stop, and changes to those by a person.
  const FreezeBook& freezes() const { return *freezes_; }
  model::Status change_freezes(const std::function<model::Status(store::Transaction&)>& change);
  // What a person agreed to; holds from the next write on. Errors: not_found; data:
  // no field is kept for the purpose.
  model::Status change_consent(const Consent& consent);
  // After persons were merged or split.
  model::Status reload_consents();

  // Measures what the connection's system can do (hub/run/probe.hpp).
  model::Result<model::Value> probe(const std::string& connection, bool write, const std::atomic<bool>& stop);

  // A message to everybody with one of these roles, by the office suites, at once.
  model::Status tell_people(const std::set<std::string>& roles, const std::string& event,
                            const std::string& title, const std::string& text);

  // A message of a title and a text as a record of a write stream: a group's robot. `event` makes a
  // repetition the same message. Errors: not_found; what the system says.
  model::Status tell_stream(const std::string& connection, const std::string& stream,
                            const std::string& event, const std::string& title, const std::string& text);

  // Processes dead letters again, in the order in which they came.
  struct Replayed {
    std::int64_t replayed = 0, failed = 0;
  };
  model::Result<Replayed> replay(const LetterChoice& choice);

  std::string pause_reason(const std::string& connection);  // "" when it is not paused
  model::Status pause(const std::string& connection, const std::string& reason);
  model::Status resume(const std::string& connection);

  // A webhook: hands the request to the connector and answers only what is durable.
  struct WebAnswer {
    int status = 500;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
  };
  WebAnswer handle_request(const std::string& connection, const std::string& method,
                           const std::string& target,
                           const std::vector<std::pair<std::string, std::string>>& headers,
                           const std::string& body);
  // Hears a connection's event channel (connectors that can `listen`) until a stop is asked for; what comes
  // is acknowledged once it is stored. Errors: as the connector says; unsupported when the settings want no
  // channel.
  model::Status listen(const std::string& connection, const std::stop_token& stop);
  // The serving process opens the hub again, under the configuration that is in force by then. Nothing
  // happens in a hub that does not serve.
  void request_reload() const {
    if (reload_) reload_();
  }
  void on_reload(std::function<void()> callback) { reload_ = std::move(callback); }

  // Called, inside the transaction that says so, when a connection is paused (with the reason) or resumed
  // ("").
  void on_pause(std::function<void(const std::string& connection, const std::string& reason)> callback) {
    paused_ = std::move(callback);
  }

  // Called (from any thread) when a delivery has been stored.
  void on_delivery(std::function<void(const std::string& connection)> callback) {
    delivered_ = std::move(callback);
  }

 private:
  explicit Hub(const HubOptions& options);
  friend std::vector<model::Error> validate(const HubOptions& options);
  model::Status load();
  model::Status load_freezes();
  model::Status load_consents();
  model::Status settle_configuration();
  std::shared_ptr<std::atomic<bool>> begin_run(const std::string& id);
  void end_run(const std::string& id);
  void publish_progress(const std::string& id, const ProgressBoard& board);
  model::Status note_configuration();
  model::Status repeat_erasures();
  std::vector<model::Error> load_configuration();
  void load_mappings(std::vector<model::Error>& errors);
  void add_to_plan(Planned& planned, const std::string& connection, std::vector<sync::PlannedWrite> writes,
                   std::vector<Allocation> allocations) const;
  std::uint64_t plan_hash(const Planned& planned) const;
  store::Parked bad_delivery(const std::string& connection, const std::string& stream,
                             host::BadRecord record);
  model::Result<std::unique_ptr<System>> open_system(const std::string& connection);

  HubOptions options_;
  SystemClock clock_;
  std::shared_ptr<const config::Config> config_;
  host::PluginRegistry registry_;
  std::vector<model::Error> plugin_errors_;
  std::unique_ptr<host::Host> host_;
  std::map<std::string, mapping::Mapping> mappings_;
  std::map<std::string, model::Value> manifests_;
  sync::Rules rules_;
  RightReasons right_reasons_;
  std::unique_ptr<model::Random> random_;
  std::unique_ptr<MappingProjection> projection_;
  std::unique_ptr<sync::Engine> engine_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<access::Keys> keys_;
  std::unique_ptr<access::Secrets> secrets_;
  std::unique_ptr<access::Policy> policy_;
  std::unique_ptr<access::Accounts> accounts_;
  std::unique_ptr<Oidc> oidc_;
  std::unique_ptr<FreezeBook> freezes_;
  ConsentBook consents_;
  Workspace workspace_;
  std::mutex systems_mutex_;
  std::map<std::string, std::unique_ptr<System>> systems_;
  HookPool hooks_;
  std::atomic<model::Micros> last_hook_{0};  // when a webhook came in
  Lanes lanes_;
  std::mutex commons_;
  mutable std::mutex running_mutex_;
  struct RunningCycle {
    std::shared_ptr<std::atomic<bool>> stop;
    model::Micros started = 0;
    bool published = false;
  };
  std::map<std::string, RunningCycle> running_;  // runs under way, by id
  std::function<void(const std::string&, const std::string&)> paused_;
  std::function<void(const std::string&)> delivered_;
  std::function<void()> reload_;
};

}  // namespace huiliu::run
