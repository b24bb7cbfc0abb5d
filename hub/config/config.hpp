// Configuration as text: connections, mappings, policies and the model, read from a directory and checked
// whole.
//
//   DIR/hub.yaml               the hub's own settings                                             (optional)
//   DIR/connections/NAME.yaml  one connection each; NAME is its name
//   DIR/mappings/NAME.yaml     mappings of one's own; a connection names one by `mapping: NAME`    (optional)
//   DIR/tables/NAME.csv        code tables of a connection; tables/employees.csv: who is who (optional)
//   DIR/calendars/NAME.yaml    calendars, besides the shipped ones: workdays for schedules, month ends for
//                              connections (optional)
//   DIR/jobs/NAME.yaml         work beside the connections' own schedules: nightly reads, backups (optional)
//   DIR/model/*.yaml, DIR/policies/*.yaml, DIR/roles/*.yaml  instead of the shipped ones (optional)
//
// Loading reports every error that it finds, each with file:line, and changes nothing. A Config is immutable.
// Secrets stay references (${env:NAME}, ${file:PATH}); only hub/host resolves them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hub/config/alerts.hpp"
#include "hub/config/calendar.hpp"
#include "hub/config/code_tables.hpp"
#include "hub/config/login.hpp"
#include "hub/config/people.hpp"
#include "hub/config/policy.hpp"
#include "hub/config/roles.hpp"
#include "hub/config/schedule.hpp"
#include "hub/config/yaml.hpp"
#include "hub/model/schema.hpp"
#include "hub/sync/rules.hpp"

namespace huiliu::config {

// What a system is to the persons whose data it receives.
//
//   privacy: {recipient: handler, purposes: [contract]}
struct RecipientConfig {
  bool handler =
      false;  // decides itself what it does with the data (PIPL 23): each person's consent is wanted
  std::optional<std::set<std::string>> purposes;  // it receives what is kept for these; nullopt: for any
};

struct ConnectionConfig {
  std::string name, connector, role;
  sync::Stage stage = sync::Stage::observe;
  sync::CreateRule create = sync::CreateRule::never;
  sync::RemoveRule remove = sync::RemoveRule::ask;
  // What a deletion there means: of the connection, and of single streams.
  sync::DeletePolicy on_delete = sync::DeletePolicy::unlink;
  std::map<std::string, sync::DeletePolicy> on_delete_of;
  std::string scope;    // JSONata over {field: value}; empty: everything
  int rank = 0;         // among connections of one role; the first ERP is the home ERP
  bool waived = false;  // do not wait for its first complete observation before creating elsewhere
  bool enabled = true;
  model::Value settings;  // as written, with references
  model::Value network;  // {allow: […], ca_file, proxy}: where its requests may go; null: the internet only
  RecipientConfig recipient;  // of personal data: for which purposes it gets any
  model::Value quotas;        // {bucket: {per_minute: 300, …}}
  std::string mapping;        // name of DIR/mappings; empty: the connector's default
  bool isolated = false;      // isolation: child. Its plugin works in a sandboxed process of its own
  std::string calendar;       // name of a month-end calendar; empty: no month-end freeze
  std::optional<ScheduleConfig> schedule;
  Priority priority = Priority::normal;
  double share = 1;                // of the hub's time, against others of its priority
  std::vector<OffTime> off_times;  // maintenance windows and blackouts: nothing is asked of the system
  // What every creation request there states unless a person says else: {organisation: "100", group: "01"}.
  std::map<std::string, std::string> create_with;
  // {entity: {field: letter}}: this connection's exceptions from the policy pack.
  std::map<std::string, std::map<std::string, sync::Right>> rights;
  sync::BrakeLimits brakes;
  std::int64_t sweep_seconds = 86400;  // between two looks for deleted records; 0: none
  std::int64_t memory_seconds = 0;     // how long its feeds, or its backups, may tell of a deleted record
  std::string revision;                // fingerprint of the file
  std::shared_ptr<const Document> document;
};

// What becomes of a plugin that no trusted key has signed.
enum class UnsignedPlugins { allowed, isolated, refused };
// When the hub itself notices that something is wrong.
struct WatchSettings {
  model::Micros no_progress =
      1800 * model::second;  // a run in which nothing moved so long is stopped; 0: never
};

struct HubSettings {
  std::string listen_address = "127.0.0.1";
  int listen_port = 8060;                // 0: chosen by the kernel
  std::string tls_certificate, tls_key;  // PEM files; empty: plain HTTP
  bool behind_tls_proxy = false;         // log-ins over plain HTTP come from a proxy that speaks TLS outside
  double api_requests_per_second = 200;  // of one user or token
  std::string policy_pack = "default";
  std::vector<std::string> plugin_directories;
  UnsignedPlugins unsigned_plugins = UnsignedPlugins::allowed;
  bool national_algorithms = false;  // secrets and backup keys are sealed by SM4 and SM3
  Users users;
  MessageSettings messages;
  WatchSettings watch;
  AlertSettings alerts;
  std::optional<OidcSettings> oidc;  // nothing: passwords only
  double quota_factor = 1;           // every limit of every quota times this; demos lift it and say so
};

// Who is who, said by a person: the account `key` in `connection` is the employee of that job number.
struct EmployeeRow {
  std::string employee, connection, key;
};

struct Config {
  HubSettings hub;
  model::Schema schema;
  PolicyPack policies;
  RolePolicies roles;
  std::vector<ConnectionConfig> connections;                        // by name
  std::map<std::string, std::shared_ptr<const Document>> mappings;  // DIR/mappings
  std::map<std::string, Calendar> calendars;                        // by name
  std::vector<JobConfig> jobs;                                      // by name
  std::map<std::string, std::vector<CodeRow>> codes;                // DIR/tables/CONNECTION.csv
  std::vector<EmployeeRow> employees;                               // DIR/tables/employees.csv
  std::string revision;                                             // fingerprint of all files

  const ConnectionConfig* connection(const std::string& name) const;
};

struct Sources {
  std::string directory;  // DIR; may be empty: no connections
  std::string shipped;    // the shipped config directory (model/, policies/)
};

struct Loaded {
  std::shared_ptr<const Config> config;  // null when there are errors
  std::vector<model::Error> errors;      // file:line in `where`
};

Loaded load(const Sources& sources);

// Names as in files, for messages and JSON.
std::optional<sync::Stage> stage_from(const std::string& name);
const char* to_string(sync::Stage stage) noexcept;
std::optional<sync::CreateRule> create_rule_from(const std::string& name);
const char* to_string(sync::CreateRule rule) noexcept;

}  // namespace huiliu::config
