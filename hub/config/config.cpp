#include "hub/config/config.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "hub/config/model_keys.hpp"
#include "hub/config/parts.hpp"
#include "hub/expr/expr.hpp"
#include "hub/model/id.hpp"

namespace huiliu::config {
namespace {

namespace fs = std::filesystem;
using model::Error;
using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

// The *.yaml files of a directory, sorted; none when there is no such directory.
std::vector<fs::path> yaml_files(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code ignored;  // a missing directory has no files
  for (const auto& entry : fs::directory_iterator(directory, ignored))
    if (const auto extension = entry.path().extension(); extension == ".yaml" || extension == ".yml")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string shown_path(const fs::path& file, const std::string& root) {
  return root.empty() ? file.string() : fs::path(file).lexically_relative(root).string();
}

Status read_rights(const Value& node, const std::string& pointer, const model::Schema& schema,
                   ConnectionConfig& connection) {
  const model::Object* entities = node.if_object();
  if (entities == nullptr) return error_at(pointer, "rights are {entity: {field: letter}}");
  for (const model::Member& entity : *entities) {
    const model::Entity* known = schema.find(entity.key);
    if (known == nullptr)
      return error_at(pointer + "/" + entity.key, "no entity \"" + entity.key + "\" in the model");
    const model::Object* fields = entity.value.if_object();
    if (fields == nullptr)
      return error_at(pointer + "/" + entity.key, "rights are {entity: {field: letter}}");
    for (const model::Member& field : *fields) {
      const std::string here = pointer + "/" + entity.key + "/" + field.key;
      if (known->index_of(field.key) == model::no_field)
        return error_at(here, "the model's " + entity.key + " has no field \"" + field.key + "\"");
      HUILIU_ASSIGN(const sync::Right right, read_right(field.value, here));
      connection.rights[entity.key][field.key] = right;
    }
  }
  return {};
}

// One policy for the connection, or {stream: policy}.
model::Status read_on_delete(const Value& node, const std::string& pointer, ConnectionConfig& connection) {
  const auto policy_at = [](const Value& word, const std::string& at) -> Result<sync::DeletePolicy> {
    const auto known = sync::delete_policy_from(word.to_text());
    if (known) return *known;
    return error_at(at,
                    "on_delete is unlink, archive, deactivate or propagate, not \"" + word.to_text() + "\"");
  };
  const model::Object* streams = node.if_object();
  if (streams == nullptr) {
    HUILIU_ASSIGN(connection.on_delete, policy_at(node, pointer));
    return {};
  }
  for (const model::Member& stream : *streams) {
    HUILIU_ASSIGN(connection.on_delete_of[stream.key], policy_at(stream.value, pointer + "/" + stream.key));
  }
  return {};
}

bool boolean(const Value& node, bool otherwise) {
  const bool* value = node.if_bool();
  return value == nullptr ? otherwise : *value;
}

Status read_recipient(const Value& node, const std::string& pointer, RecipientConfig& recipient) {
  HUILIU_TRY(check_keys(node, pointer, {"recipient", "purposes"}));
  if (const Value* kind = node.find("recipient")) {
    const std::string word = kind->to_text();
    if (word != "processor" && word != "handler")
      return error_at(pointer + "/recipient", "recipient is processor or handler, not \"" + word + "\"");
    recipient.handler = word == "handler";
  }
  if (const Value* purposes = node.find("purposes")) {
    if (!purposes->is_array()) return error_at(pointer + "/purposes", "a list of purposes is wanted");
    recipient.purposes.emplace();
    for (const Value& purpose : purposes->as_array()) recipient.purposes->insert(purpose.to_text());
  }
  return {};
}

Result<ConnectionConfig> read_connection(const std::string& name, std::shared_ptr<const Document> document,
                                         const model::Schema& schema) {
  const Value& node = document->value;
  HUILIU_TRY(check_keys(
      node, "", {"connector", "role",     "stage",  "scope",     "create",      "settings", "quotas",
                 "schedule",  "mapping",  "rank",   "waived",    "enabled",     "rights",   "create_with",
                 "brakes",    "sweep",    "remove", "on_delete", "description", "calendar", "isolation",
                 "off_times", "priority", "share",  "memory",    "network",     "privacy"}));
  ConnectionConfig connection;
  connection.name = name;
  connection.document = document;
  connection.connector = node["connector"].to_text();
  if (connection.connector.empty())
    return error_at("", "connector is missing: the id of a connector, see huiliu plugin list");
  connection.role = node["role"].to_text();
  static constexpr std::string_view roles[] = {"erp", "crm", "chat", "address_book", "site"};
  if (std::find(std::begin(roles), std::end(roles), connection.role) == std::end(roles))
    return error_at("/role", "role is erp, crm, chat, address_book or site, not \"" + connection.role + "\"");
  if (const Value* stage = node.find("stage")) {
    const auto known = stage_from(stage->to_text());
    if (!known)
      return error_at("/stage", "stage is observe, match, link, fill, one_way or two_way, not \"" +
                                    stage->to_text() + "\"");
    connection.stage = *known;
  }
  if (const Value* create = node.find("create")) {
    const auto known = create_rule_from(create->to_text());
    if (!known) return error_at("/create", "create is never, ask or auto, not \"" + create->to_text() + "\"");
    connection.create = *known;
  }
  if (const Value* remove = node.find("remove")) {
    const auto known = create_rule_from(remove->to_text());
    if (!known) return error_at("/remove", "remove is never, ask or auto, not \"" + remove->to_text() + "\"");
    connection.remove = static_cast<sync::RemoveRule>(*known);
  }
  if (const Value* on_delete = node.find("on_delete"))
    HUILIU_TRY(read_on_delete(*on_delete, "/on_delete", connection));
  connection.scope = node["scope"].to_text();
  if (!connection.scope.empty())
    if (auto program = expr::compile(connection.scope); !program.ok())
      return error_at("/scope", "expression: " + program.error().text());
  if (const model::Number* rank = node["rank"].if_number())
    connection.rank = static_cast<int>(rank->to_int64().value_or(0));
  connection.waived = boolean(node["waived"], false);
  connection.enabled = boolean(node["enabled"], true);
  connection.settings = node.find("settings") != nullptr ? node["settings"] : Value(model::Object{});
  if (!connection.settings.is_object()) return error_at("/settings", "settings are an object");
  connection.network = node["network"];
  if (!connection.network.is_null())
    HUILIU_TRY(check_keys(connection.network, "/network", {"allow", "ca_file", "proxy"}));
  if (const Value* privacy = node.find("privacy"))
    HUILIU_TRY(read_recipient(*privacy, "/privacy", connection.recipient));
  connection.quotas = node["quotas"];
  connection.mapping = node["mapping"].to_text();
  connection.calendar = node["calendar"].to_text();
  if (const Value* isolation = node.find("isolation")) {
    const std::string where = isolation->to_text();
    if (where != "process" && where != "child")
      return error_at("/isolation", "isolation is process or child, not \"" + where + "\"");
    connection.isolated = where == "child";
  }
  if (const Value* schedule = node.find("schedule")) {
    HUILIU_ASSIGN(connection.schedule, read_schedule(*schedule, "/schedule"));
  }
  if (const Value* times = node.find("off_times")) {
    HUILIU_ASSIGN(connection.off_times, read_off_times(*times, "/off_times"));
  }
  if (const Value* priority = node.find("priority")) {
    HUILIU_ASSIGN(connection.priority, read_priority(*priority, "/priority"));
  }
  if (const model::Number* share = node["share"].if_number()) connection.share = share->to_double();
  if (!(connection.share > 0)) return error_at("/share", "a number above 0 is wanted");
  if (const Value* with = node.find("create_with")) {
    const model::Object* words = with->if_object();
    if (words == nullptr)
      return error_at("/create_with", "create_with is {word: value}, e.g. {organisation: \"100\"}");
    for (const model::Member& word : *words) connection.create_with[word.key] = word.value.to_text();
  }
  if (const Value* rights = node.find("rights"))
    HUILIU_TRY(read_rights(*rights, "/rights", schema, connection));
  if (const Value* brakes = node.find("brakes")) {
    HUILIU_ASSIGN(connection.brakes, read_brakes(*brakes, "/brakes"));
  }
  if (const Value* sweep = node.find("sweep")) {
    const bool* on = sweep->if_bool();
    connection.sweep_seconds = 0;
    if (sweep->to_text() != "off" && (on == nullptr || *on)) {
      HUILIU_ASSIGN(connection.sweep_seconds, seconds_from(*sweep, "/sweep"));
    }
  }
  if (const Value* memory = node.find("memory")) {
    HUILIU_ASSIGN(connection.memory_seconds, seconds_from(*memory, "/memory"));
  }
  connection.revision = std::to_string(model::hash64(model::to_canonical_json(node)));
  return connection;
}

Result<HubSettings> read_hub(const Value& node) {
  HUILIU_TRY(check_keys(node, "",
                        {"listen", "policy_pack", "plugin_directories", "quota_factor", "users", "messages",
                         "unsigned_plugins", "watch", "alerts", "login", "algorithms"}));
  HubSettings hub;
  if (const Value* listen = node.find("listen")) {
    HUILIU_TRY(check_keys(
        *listen, "/listen",
        {"address", "port", "tls_certificate", "tls_key", "behind_tls_proxy", "requests_per_second"}));
    hub.tls_certificate = (*listen)["tls_certificate"].to_text();
    hub.tls_key = (*listen)["tls_key"].to_text();
    if (hub.tls_certificate.empty() != hub.tls_key.empty())
      return error_at("/listen", "tls_certificate and tls_key go together");
    hub.behind_tls_proxy = boolean((*listen)["behind_tls_proxy"], false);
    if (const model::Number* rate = (*listen)["requests_per_second"].if_number())
      hub.api_requests_per_second = rate->to_double();
    if (const Value* address = listen->find("address")) hub.listen_address = address->to_text();
    if (const model::Number* port = (*listen)["port"].if_number()) {
      const auto number = port->to_int64();
      if (!number || *number < 0 || *number > 65535) return error_at("/listen/port", "a port is 0 to 65535");
      hub.listen_port = static_cast<int>(*number);
    }
  }
  if (const Value* pack = node.find("policy_pack")) hub.policy_pack = pack->to_text();
  if (const model::Number* factor = node["quota_factor"].if_number()) hub.quota_factor = factor->to_double();
  if (!(hub.quota_factor > 0)) return error_at("/quota_factor", "a positive number is wanted");
  if (const model::Array* directories = node["plugin_directories"].if_array())
    for (const Value& directory : *directories) hub.plugin_directories.push_back(directory.to_text());
  if (const Value* judged = node.find("unsigned_plugins")) {
    const std::string what = judged->to_text();
    if (what != "allow" && what != "isolate" && what != "refuse")
      return error_at("/unsigned_plugins",
                      "unsigned_plugins is allow, isolate or refuse, not \"" + what + "\"");
    hub.unsigned_plugins = what == "refuse"    ? UnsignedPlugins::refused
                           : what == "isolate" ? UnsignedPlugins::isolated
                                               : UnsignedPlugins::allowed;
  }
  if (const Value* algorithms = node.find("algorithms")) {
    const std::string what = algorithms->to_text();
    if (what != "international" && what != "national")
      return error_at("/algorithms", "algorithms is international (AES-256-GCM) or national (SM4, SM3)");
    hub.national_algorithms = what == "national";
  }
  if (const Value* users = node.find("users")) {
    HUILIU_ASSIGN(hub.users, read_users(*users, "/users"));
  }
  if (const Value* messages = node.find("messages")) {
    HUILIU_ASSIGN(hub.messages, read_messages(*messages, "/messages"));
  }
  if (const Value* login = node.find("login")) {
    HUILIU_TRY(check_keys(*login, "/login", {"oidc"}));
    if (const Value* oidc = login->find("oidc")) {
      HUILIU_ASSIGN(hub.oidc, read_oidc(*oidc, "/login/oidc"));
    }
  }
  if (const Value* alerts = node.find("alerts")) {
    HUILIU_ASSIGN(hub.alerts, read_alerts(*alerts, "/alerts"));
  }
  if (const Value* watch = node.find("watch")) {
    HUILIU_TRY(check_keys(*watch, "/watch", {"no_progress"}));
    if (const Value* limit = watch->find("no_progress")) {
      const bool* on = limit->if_bool();
      hub.watch.no_progress = 0;
      if (limit->to_text() != "off" && (on == nullptr || *on)) {
        HUILIU_ASSIGN(const std::int64_t seconds, seconds_from(*limit, "/watch/no_progress"));
        hub.watch.no_progress = seconds * model::second;
      }
    }
  }
  return hub;
}

class Loader {
 public:
  explicit Loader(const Sources& sources) : sources_(sources), config_(std::make_shared<Config>()) {}

  Loaded run() {
    const fs::path directory = sources_.directory;
    const fs::path shipped = sources_.shipped;
    if (!sources_.directory.empty() && !fs::is_directory(directory))
      fail(make_error(ErrorClass::config, "no such configuration directory", sources_.directory));
    if (!load_model(directory, shipped)) return finish();
    load_hub(directory / "hub.yaml");
    load_policies(directory, shipped);
    load_roles(directory, shipped);
    load_mappings(directory / "mappings");
    load_calendars(shipped / "calendars", sources_.shipped, false);
    if (!sources_.directory.empty()) load_calendars(directory / "calendars", sources_.directory, true);
    load_connections(directory / "connections");
    check_alerts();
    load_jobs(directory / "jobs");
    load_tables(directory / "tables");
    return finish();
  }

 private:
  void fail(Error error) { errors_.push_back(std::move(error)); }

  std::shared_ptr<const Document> read(const fs::path& file, const std::string& root) {
    auto document = read_yaml(file.string(), shown_path(file, root));
    if (!document.ok()) {
      fail(document.error());
      return nullptr;
    }
    fingerprint_ =
        model::hash64(model::to_canonical_json(document->value), model::hash64(document->file, fingerprint_));
    return std::make_shared<const Document>(std::move(*document));
  }

  std::vector<fs::path> own_or_shipped(const fs::path& directory, const fs::path& shipped, const char* folder,
                                       std::string& root) {
    std::vector<fs::path> files =
        sources_.directory.empty() ? std::vector<fs::path>{} : yaml_files(directory / folder);
    root = sources_.directory;
    if (files.empty()) {
      files = yaml_files(shipped / folder);
      root = sources_.shipped;
    }
    return files;
  }

  bool load_model(const fs::path& directory, const fs::path& shipped) {
    std::vector<Value> documents;
    std::vector<std::shared_ptr<const Document>> files;
    std::string root;
    for (const fs::path& file : own_or_shipped(directory, shipped, "model", root)) {
      const auto document = read(file, root);
      if (document == nullptr) return false;
      documents.push_back(document->value);
      files.push_back(document);
      for (Error& error : unknown_keys_in_model(document->value)) fail(document->locate(std::move(error)));
    }
    if (documents.empty()) {
      fail(make_error(ErrorClass::config, "no model found", (shipped / "model").string()));
      return false;
    }
    auto schema = model::Schema::load(documents);
    if (!schema.ok()) {
      fail(located_in_model(files, schema.error()));
      return false;
    }
    config_->schema = std::move(*schema);
    return errors_.empty();
  }

  // "model customer.names.legal" is in the file of that entity, at that field or key.
  static Error located_in_model(const std::vector<std::shared_ptr<const Document>>& files, Error error) {
    for (const auto& file : files) {
      const std::string start = "model " + file->value["entity"].to_text();
      if (error.where != start && !error.where.starts_with(start + ".")) continue;
      const std::string name = error.where == start ? "" : error.where.substr(start.size() + 1);
      const Value& node = file->value;
      const std::string pointer = node["fields"].find(name) != nullptr        ? "/fields/" + name
                                  : node["part_fields"].find(name) != nullptr ? "/part_fields/" + name
                                  : node.find(name) != nullptr                ? "/" + name
                                                                              : "";
      error.message = error.where + ": " + error.message;
      error.where = pointer;
      return file->locate(std::move(error));
    }
    return error;
  }

  void load_hub(const fs::path& file) {
    if (sources_.directory.empty() || !fs::exists(file)) return;
    hub_document_ = read(file, sources_.directory);
    if (hub_document_ == nullptr) return;
    auto hub = read_hub(hub_document_->value);
    if (hub.ok())
      config_->hub = std::move(*hub);
    else
      fail(hub_document_->locate(hub.error()));
  }

  void load_policies(const fs::path& directory, const fs::path& shipped) {
    std::string root;
    for (const fs::path& file : own_or_shipped(directory, shipped, "policies", root)) {
      const auto document = read(file, root);
      if (document == nullptr) continue;
      auto pack = read_pack(document, config_->schema);
      if (!pack.ok())
        fail(document->locate(pack.error()));
      else if (pack->name == config_->hub.policy_pack)
        config_->policies = std::move(*pack);
    }
    if (errors_.empty() && config_->policies.name.empty())
      fail(make_error(ErrorClass::config, "there is no policy pack \"" + config_->hub.policy_pack + "\"",
                      "policies"));
  }

  // Shipped roles may speak of fields that a model of one's own lacks.
  void load_roles(const fs::path& directory, const fs::path& shipped) {
    std::string root;
    for (const fs::path& file : own_or_shipped(directory, shipped, "roles", root)) {
      const auto document = read(file, root);
      if (document == nullptr) continue;
      auto roles = read_roles(document->value, config_->schema, root == sources_.directory);
      if (!roles.ok())
        fail(document->locate(roles.error()));
      else
        config_->roles.merge(std::move(*roles));
    }
  }

  void load_mappings(const fs::path& directory) {
    if (sources_.directory.empty()) return;
    for (const fs::path& file : yaml_files(directory))
      if (auto document = read(file, sources_.directory))
        config_->mappings[file.stem().string()] = std::move(document);
  }

  // Own ones replace shipped ones of the same name; a shipped one may speak of fields that a model of one's
  // own lacks.
  void load_calendars(const fs::path& directory, const std::string& root, bool strict) {
    for (const fs::path& file : yaml_files(directory)) {
      const auto document = read(file, root);
      if (document == nullptr) continue;
      auto calendar = read_calendar(file.stem().string(), document->value, config_->schema, strict);
      if (calendar.ok())
        config_->calendars[calendar->name] = std::move(*calendar);
      else
        fail(document->locate(calendar.error()));
    }
  }

  void load_connections(const fs::path& directory) {
    if (sources_.directory.empty()) return;
    for (const fs::path& file : yaml_files(directory)) {
      const auto document = read(file, sources_.directory);
      if (document == nullptr) continue;
      const std::string name = file.stem().string();
      if (name == "hub" || name.find_first_of("/ :") != std::string::npos) {
        fail(make_error(ErrorClass::config, "a connection cannot be called \"" + name + "\"",
                        document->file + ":1"));
        continue;
      }
      auto connection = read_connection(name, document, config_->schema);
      if (!connection.ok()) {
        fail(document->locate(connection.error()));
        continue;
      }
      if (!connection->mapping.empty() && !config_->mappings.contains(connection->mapping))
        fail(make_error(ErrorClass::config, "there is no mappings/" + connection->mapping + ".yaml",
                        document->at("/mapping")));
      if (!connection->calendar.empty() && !config_->calendars.contains(connection->calendar))
        fail(make_error(ErrorClass::config, "there is no calendars/" + connection->calendar + ".yaml",
                        document->at("/calendar")));
      config_->connections.push_back(std::move(*connection));
    }
  }

  void load_jobs(const fs::path& directory) {
    if (!sources_.directory.empty())
      for (const fs::path& file : yaml_files(directory)) {
        const auto document = read(file, sources_.directory);
        if (document == nullptr) continue;
        auto job = read_job(file.stem().string(), document->value);
        if (!job.ok()) {
          fail(document->locate(job.error()));
          continue;
        }
        job->document = document;
        config_->jobs.push_back(std::move(*job));
      }
    for (const ConnectionConfig& connection : config_->connections)
      if (connection.schedule) check_schedule(*connection.schedule, *connection.document);
    for (const JobConfig& job : config_->jobs) {
      const Document& document = *job.document;
      check_schedule(job.schedule, document);
      if (config_->connection(job.name) != nullptr)
        fail(make_error(ErrorClass::config, "a connection has this name, and so has its job",
                        document.file + ":1"));
      for (const std::string& name : job.connections)
        if (config_->connection(name) == nullptr)
          fail(make_error(ErrorClass::config, "there is no connection \"" + name + "\"",
                          document.at("/connections")));
    }
  }

  // Who is told by a connection's stream must be reachable by one that is there.
  void check_alerts() {
    for (const AlertSettings::Stream& stream : config_->hub.alerts.streams)
      if (config_->connection(stream.connection) == nullptr)
        fail(make_error(ErrorClass::config, "there is no connection \"" + stream.connection + "\"",
                        hub_document_->at("/alerts/streams")));
  }

  // What a schedule names must be there.
  void check_schedule(const ScheduleConfig& schedule, const Document& document) {
    const auto is_job = [&](const std::string& name) {
      return config_->connection(name) != nullptr ||
             std::any_of(config_->jobs.begin(), config_->jobs.end(),
                         [&](const JobConfig& job) { return job.name == name; });
    };
    if (!schedule.calendar.empty() && !config_->calendars.contains(schedule.calendar))
      fail(make_error(ErrorClass::config, "there is no calendars/" + schedule.calendar + ".yaml",
                      document.at("/schedule/calendar")));
    for (const std::string& name : schedule.after)
      if (!is_job(name))
        fail(make_error(ErrorClass::config, "there is no job and no connection \"" + name + "\"",
                        document.at("/schedule/after")));
    if (schedule.fresh && config_->connection(schedule.fresh->connection) == nullptr)
      fail(make_error(ErrorClass::config, "there is no connection \"" + schedule.fresh->connection + "\"",
                      document.at("/schedule/fresh")));
  }

  // Tables that people edit in a spreadsheet.
  void load_tables(const fs::path& directory) {
    std::error_code ignored;  // a missing directory has no tables
    if (sources_.directory.empty()) return;
    for (const auto& entry : fs::directory_iterator(directory, ignored)) {
      if (entry.path().extension() != ".csv") continue;
      const std::string shown = shown_path(entry.path(), sources_.directory);
      std::ifstream file(entry.path(), std::ios::binary);
      std::ostringstream text;
      text << file.rdbuf();
      fingerprint_ = model::hash64(text.str(), fingerprint_);
      const Status read = entry.path().stem() == "employees"
                              ? read_employee_table(text.str(), shown)
                              : read_code_table(entry.path().stem().string(), text.str(), shown);
      if (!read.ok()) fail(read.error());
    }
  }

  Status read_code_table(const std::string& connection, const std::string& text, const std::string& shown) {
    if (config_->connection(connection) == nullptr)
      return make_error(ErrorClass::config,
                        "a code table is named after a connection; there is no \"" + connection + "\"",
                        shown);
    HUILIU_ASSIGN(config_->codes[connection], parse_code_rows(text, shown));
    return {};
  }

  Status read_employee_table(const std::string& text, const std::string& shown) {
    HUILIU_ASSIGN(const auto rows, parse_csv(text, shown, {"employee", "connection", "key"}));
    std::set<std::pair<std::string, std::string>> accounts;
    for (const auto& row : rows) {
      if (config_->connection(row[1]) == nullptr)
        return make_error(ErrorClass::config, "there is no connection \"" + row[1] + "\"", shown);
      if (!accounts.emplace(row[1], row[2]).second)
        return make_error(ErrorClass::config,
                          "the account " + row[2] + " of " + row[1] + " stands twice in the table", shown);
      config_->employees.push_back({row[0], row[1], row[2]});
    }
    return {};
  }

  Loaded finish() {
    config_->revision = std::to_string(fingerprint_);
    if (!errors_.empty()) return {nullptr, std::move(errors_)};
    return {config_, {}};
  }

  const Sources& sources_;
  std::shared_ptr<const Document> hub_document_;  // null: there is no hub.yaml
  std::shared_ptr<Config> config_;
  std::vector<Error> errors_;
  std::uint64_t fingerprint_ = model::hash64("");
};

constexpr std::pair<sync::Stage, const char*> stage_names[] = {
    {sync::Stage::observe, "observe"}, {sync::Stage::match, "match"},     {sync::Stage::link, "link"},
    {sync::Stage::fill, "fill"},       {sync::Stage::one_way, "one_way"}, {sync::Stage::two_way, "two_way"}};
constexpr std::pair<sync::CreateRule, const char*> create_names[] = {{sync::CreateRule::never, "never"},
                                                                     {sync::CreateRule::ask, "ask"},
                                                                     {sync::CreateRule::automatic, "auto"}};

}  // namespace

const ConnectionConfig* Config::connection(const std::string& name) const {
  for (const ConnectionConfig& connection : connections)
    if (connection.name == name) return &connection;
  return nullptr;
}

Loaded load(const Sources& sources) { return Loader(sources).run(); }

std::optional<sync::Stage> stage_from(const std::string& name) {
  for (const auto& [stage, text] : stage_names)
    if (name == text) return stage;
  return std::nullopt;
}

const char* to_string(sync::Stage stage) noexcept {
  for (const auto& [known, text] : stage_names)
    if (stage == known) return text;
  return "";
}

std::optional<sync::CreateRule> create_rule_from(const std::string& name) {
  for (const auto& [rule, text] : create_names)
    if (name == text) return rule;
  return std::nullopt;
}

const char* to_string(sync::CreateRule rule) noexcept {
  for (const auto& [known, text] : create_names)
    if (rule == known) return text;
  return "";
}

}  // namespace huiliu::config
