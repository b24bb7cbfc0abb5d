#include "hub/run/hub.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>

#include "hub/host/environment.hpp"
#include "hub/host/host.hpp"
#include "hub/model/id.hpp"
#include "hub/run/adopt.hpp"
#include "hub/run/audit.hpp"
#include "hub/run/brakes.hpp"
#include "hub/run/cycle_guard.hpp"
#include "hub/run/dead_letters.hpp"
#include "hub/run/estimate.hpp"
#include "hub/run/event_intake.hpp"
#include "hub/run/ingest.hpp"
#include "hub/run/messages.hpp"
#include "hub/run/placement.hpp"
#include "hub/run/plugin_system.hpp"
#include "hub/run/probe.hpp"
#include "hub/run/quality.hpp"
#include "hub/run/quota_use.hpp"
#include "hub/run/rekey.hpp"
#include "hub/run/rules_builder.hpp"
#include "hub/run/scheduler.hpp"
#include "hub/run/views.hpp"
#include "hub/run/writer.hpp"
#include "hub/store/url.hpp"

namespace huiliu::run {
namespace {

using model::Error;
using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

constexpr model::Micros hooks_follow_within = 50'000;  // of a stream of them, one comes within that
constexpr std::size_t hooks_at_once = 16;       // instances that answer one connection's webhooks

// The machine's dice; ids come from it.
class MachineRandom final : public model::Random {
 public:
  std::uint64_t next() override {
    const std::lock_guard lock(mutex_);
    return (std::uint64_t{device_()} << 32U) ^ device_();
  }

 private:
  std::mutex mutex_;
  std::random_device device_;
};

host::SystemEnvironment& machine() {
  static host::SystemEnvironment environment;
  return environment;
}

Error joined(const std::vector<Error>& errors) {
  Error all = errors.front();
  for (std::size_t i = 1; i < errors.size(); ++i) all.message += "\n" + errors[i].text();
  return all;
}

}  // namespace

Hub::Hub(const HubOptions& options)
    : options_(options),
      hooks_([this](const std::string& connection) { return open_system(connection); }, hooks_at_once) {}
Hub::~Hub() = default;

Result<std::unique_ptr<Hub>> Hub::open(const HubOptions& options) {
  std::unique_ptr<Hub> hub(new Hub(options));
  HUILIU_TRY(hub->load());
  return hub;
}

std::vector<Error> validate(const HubOptions& options) { return Hub(options).load_configuration(); }

std::vector<Error> Hub::load_configuration() {
  config::Loaded loaded = config::load({options_.config, options_.shipped});
  if (loaded.config == nullptr) return loaded.errors;
  config_ = loaded.config;
  if (!options_.plugins_needed) return {};
  std::vector<std::string> directories = options_.plugins;
  directories.insert(directories.end(), config_->hub.plugin_directories.begin(),
                     config_->hub.plugin_directories.end());
  auto rule = placement_rule(*config_, options_.shipped, options_.config);
  if (!rule.ok()) return {rule.error()};
  registry_.place_by(std::move(*rule));
  for (const std::string& directory : directories)
    for (Error& error : registry_.scan(directory)) plugin_errors_.push_back(std::move(error));
  std::vector<Error> errors = schedule_errors(*config_);
  load_mappings(errors);
  return errors;
}

Status Hub::load() {
  if (const std::vector<Error> errors = load_configuration(); !errors.empty()) return joined(errors);
  HUILIU_ASSIGN(store_, store::open_store(options_.store, config_->schema, options_.mode));
  if (options_.mode == store::OpenMode::owner) {
    const auto rekeyed = rekey_store(*store_, config_->schema);
    if (!rekeyed.ok()) return rekeyed.error();
  }
  keys_ = std::make_unique<access::Keys>(
      store::file_of(options_.store).empty() ? std::string() : store::file_of(options_.store) + ".key",
      config_->hub.national_algorithms ? crypt::Algorithms::sm4_sm3 : crypt::Algorithms::aes_gcm);
  secrets_ = std::make_unique<access::Secrets>(*store_, *keys_);
  policy_ = std::make_unique<access::Policy>(*config_);
  accounts_ = std::make_unique<access::Accounts>(*store_, *config_, *keys_);
  HUILIU_TRY(load_freezes());
  HUILIU_TRY(load_consents());
  if (config_->hub.oidc)
    oidc_ = std::make_unique<Oidc>(*config_->hub.oidc,
                                   [this](const std::string& secret) { return secrets_->get(secret); });
  HUILIU_TRY(store_->read([this](store::Snapshot& snapshot) -> Status {
    for (auto& [name, rules] : rules_.connections) enforce_probe(rules, probed(snapshot, name));
    give_new_fields(*config_, rules_,
                    &right_reasons_);  // a grade that was not confirmed changes who may write what
    rules_.restored_at = restored_at(snapshot);
    return {};
  }));
  random_ = std::make_unique<MachineRandom>();
  projection_ = std::make_unique<MappingProjection>(workspace_.mappings);
  engine_ = std::make_unique<sync::Engine>(rules_, *projection_, *random_);
  host::HostOptions host_options;
  host_options.quota_factor = config_->hub.quota_factor;
  host_ = std::make_unique<host::Host>(machine(), host_options);
  workspace_.config = config_.get();
  workspace_.rules = &rules_;
  workspace_.engine = engine_.get();
  workspace_.store = store_.get();
  workspace_.clock = &clock_;
  workspace_.receiving = [this] { return clock_.now() - last_hook_ < hooks_follow_within; };
  workspace_.random = random_.get();
  workspace_.commons = &commons_;
  if (options_.mode != store::OpenMode::owner) return {};
  HUILIU_TRY(repeat_erasures());
  HUILIU_TRY(reload_suppression());
  HUILIU_TRY(note_configuration());
  return options_.plugins_needed && !options_.config.empty() ? settle_configuration() : Status{};
}

Lanes::Held Hub::between_runs() {
  std::vector<std::string> all;
  for (const config::ConnectionConfig& connection : config_->connections) all.push_back(connection.name);
  return lanes_.take(all);
}

// Whatever a hub works with is a revision, and what is known already follows it.
Status Hub::settle_configuration() {
  HUILIU_ASSIGN(const config::Texts texts, config::read_texts(options_.config));
  bool known = false;
  HUILIU_TRY(store_->read([&](store::Snapshot& snapshot) -> Status {
    const auto current = current_revision(snapshot);
    known = current && current->fingerprint == config::fingerprint(texts);
    return {};
  }));
  if (!known)
    HUILIU_TRY(store_->write([&](store::Transaction& transaction) -> Status {
      record_revision(transaction, texts, options_.signature, clock_.now());
      return {};
    }));
  HUILIU_TRY(adopt_configuration(workspace_));
  return {};
}

// The configuration that the hub works by, and which private networks a connection may reach: each change is
// a line of the audit.
Status Hub::note_configuration() {
  return store_->write([this](store::Transaction& transaction) -> Status {
    const std::string before = transaction.load_value("audit", "configuration").value_or("");
    if (before != config_->revision) {
      transaction.save_value("audit", "configuration", config_->revision);
      audit(transaction, "configuration", "config", config_->revision, model::Object{{"before", before}},
            clock_.now());
    }
    for (const config::ConnectionConfig& connection : config_->connections) {
      const std::string now =
          connection.network.is_null() ? std::string() : model::to_json(connection.network);
      if (transaction.load_value("network", connection.name).value_or("") == now) continue;
      transaction.save_value("network", connection.name, now);
      audit(transaction, "configuration", "network", connection.name,
            model::Object{{"network", connection.network}}, clock_.now());
    }
    return {};
  });
}

Status Hub::load_freezes() {
  freezes_ = std::make_unique<FreezeBook>(*config_);
  for (const auto& [name, calendar] : config_->calendars)
    if (calendar.freeze) HUILIU_TRY(month_end_window(calendar, *calendar.freeze, clock_.now()));
  for (auto& [name, rules] : rules_.connections) {
    const auto* schema = &config_->schema;
    const std::string connection = name;
    rules.frozen = [this, schema, connection](const sync::Cluster& cluster, const sync::Replica& replica,
                                              model::FieldIndex field, model::Micros now) {
      const model::Entity* entity = schema->find(replica.entity);
      return freezes_->why(connection, cluster, replica, entity->fields[field].name, now);
    };
  }
  return store_->read([&](store::Snapshot& snapshot) { return freezes_->load(snapshot); });
}

Status Hub::change_freezes(const std::function<Status(store::Transaction&)>& change) {
  HUILIU_TRY(store_->write(change));
  return store_->read([&](store::Snapshot& snapshot) { return freezes_->load(snapshot); });
}

Status Hub::load_consents() {
  consents_.guard(rules_, *config_);
  return reload_consents();
}

Status Hub::reload_consents() {
  return store_->read([&](store::Snapshot& snapshot) { return consents_.load(snapshot); });
}

Status Hub::change_consent(const Consent& consent) {
  // A purpose that no field is kept for would be a typing error that withholds nothing.
  const auto is_kept_for = [&](const model::Field& field) { return field.purpose == consent.purpose; };
  const auto& entities = config_->schema.entities();
  if (consent.purpose.empty() ||
      std::none_of(entities.begin(), entities.end(), [&](const model::Entity& entity) {
        return std::any_of(entity.fields.begin(), entity.fields.end(), is_kept_for);
      }))
    return make_error(ErrorClass::data, "no field is kept for the purpose \"" + consent.purpose + "\"",
                      "/purpose");
  HUILIU_TRY(store_->write([&](store::Transaction& transaction) -> Status {
    Consent of = consent;
    of.person = transaction.resolve(consent.person);
    if (of.person.empty())
      return make_error(ErrorClass::not_found, "there is no golden record " + consent.person);
    ConsentBook::record(transaction, of);
    return {};
  }));
  return reload_consents();
}

// The mapping of each connection: its own, or the one that ships beside the connector's library.
void Hub::load_mappings(std::vector<Error>& errors) {
  std::vector<ConnectionFacts> facts;
  for (const config::ConnectionConfig& connection : config_->connections) {
    if (!connection.enabled) continue;
    const auto connector = registry_.connector(connection.connector);
    if (connector == nullptr) {
      std::string known;
      for (const std::string& id : registry_.connector_ids()) known += " " + id;
      errors.push_back(make_error(
          ErrorClass::config, "there is no connector \"" + connection.connector + "\"; installed:" + known,
          connection.document->at("/connector")));
      continue;
    }
    std::shared_ptr<const config::Document> document;
    if (const auto on_trial = options_.mappings.find(connection.name); on_trial != options_.mappings.end()) {
      document = on_trial->second;
    } else if (!connection.mapping.empty()) {
      document = config_->mappings.at(connection.mapping);
    } else {
      const auto shipped =
          std::filesystem::path(connector->library).parent_path() / (connection.connector + ".mapping.yaml");
      auto read = config::read_yaml(shipped.string(), shipped.filename().string());
      if (!read.ok()) {
        errors.push_back(read.error());
        continue;
      }
      document = std::make_shared<const config::Document>(std::move(*read));
    }
    static const std::vector<config::CodeRow> no_rows;
    const auto table = config_->codes.find(connection.name);
    const auto& rows = table == config_->codes.end() ? no_rows : table->second;
    auto with_codes = config::with_code_rows(document->value, rows);
    if (!with_codes.ok()) {
      Error error = with_codes.error();
      error.where = "tables/" + connection.name + ".csv";
      errors.push_back(std::move(error));
      continue;
    }
    workspace_.codes[connection.name] = config::code_fields(*with_codes, rows);
    auto mapping = mapping::Mapping::load(*with_codes, config_->schema);
    if (!mapping.ok()) {
      errors.push_back(document->locate(mapping.error()));
      continue;
    }
    const auto& kept = mappings_.emplace(connection.name, std::move(*mapping)).first->second;
    workspace_.mappings[connection.name] = &kept;
    const Value& manifest = manifests_.emplace(connection.name, connector->manifest.json).first->second;
    std::vector<Error> wrong = host::check_settings(connector->manifest.settings, connection.settings);
    // The texts of a configuration are kept as revisions: no secret may stand in them.
    for (Error& error : host::secrets_in_clear(connector->manifest.settings, connection.settings))
      wrong.push_back(std::move(error));
    for (Error& error : wrong) {
      error.message = "settings" + error.where + ": " + error.message;
      error.where = connection.document->at("/settings" + error.where);
      errors.push_back(std::move(error));
    }
    facts.push_back({&connection, &manifest, &kept});
    if (std::string stream = message_stream_of(manifest); !stream.empty())
      workspace_.message_streams[connection.name] = std::move(stream);
    if (std::string path = allocate_path_of(manifest); !path.empty())
      workspace_.allocate_paths[connection.name] = std::move(path);
  }
  if (!errors.empty()) return;
  auto rules = make_rules(*config_, facts, &right_reasons_);
  if (!rules.ok())
    errors.push_back(rules.error());
  else
    rules_ = std::move(*rules);
}

const mapping::Mapping* Hub::mapping(const std::string& connection) const {
  const auto found = mappings_.find(connection);
  return found == mappings_.end() ? nullptr : &found->second;
}

Result<std::unique_ptr<System>> Hub::open_system(const std::string& name) {
  const config::ConnectionConfig* connection = config_->connection(name);
  if (connection == nullptr || !connection->enabled)
    return make_error(ErrorClass::not_found,
                      connection == nullptr
                          ? "there is no connection \"" + name + "\"; see huiliu connection list"
                          : "the connection \"" + name + "\" is not enabled");
  return open_plugin_system(*host_, registry_.connector(connection->connector), *connection, *store_,
                            registry_.generations(connection->connector),
                            [this](const std::string& secret) { return secrets_->get(secret); });
}

Status Hub::upgrade_plugin(const std::string& library) {
  const auto copies =
      std::filesystem::temp_directory_path() / ("huiliu-plugins-" + std::to_string(::getpid()));
  return registry_.upgrade(library, copies.string());
}

Result<System*> Hub::system(const std::string& connection) {
  const std::lock_guard lock(systems_mutex_);
  auto found = systems_.find(connection);
  if (found == systems_.end()) {
    HUILIU_ASSIGN(std::unique_ptr<System> opened, open_system(connection));
    found = systems_.emplace(connection, std::move(opened)).first;
    workspace_.systems[connection] = found->second.get();
  }
  return found->second.get();
}

Result<CycleReport> Hub::sync(const CycleOptions& options, ProgressBoard* board,
                              const std::atomic<bool>& stop) {
  HUILIU_TRY(reload_consents());  // persons may have been merged or split since
  CycleOptions chosen = options;
  if (chosen.connections.empty())
    for (const config::ConnectionConfig& connection : config_->connections)
      if (connection.enabled && pause_reason(connection.name).empty())
        chosen.connections.push_back(connection.name);
  if (chosen.connections.empty())
    return make_error(ErrorClass::config,
                      "there is no connection to synchronise; add one under connections/");
  // A system that does not open fails its own connection only.
  std::map<std::string, Error> failed;
  for (const std::string& name : chosen.connections) {
    if (config_->connection(name) == nullptr)
      return make_error(ErrorClass::not_found,
                        "there is no connection \"" + name + "\"; see huiliu connection list");
    if (auto opened = system(name); !opened.ok()) failed.emplace(name, opened.error());
  }
  const Lanes::Held lanes = lanes_.take(chosen.connections);
  ProgressBoard own(chosen.connections);
  ProgressBoard& shown = board == nullptr ? own : *board;
  const std::string id = model::make_id("run", clock_.now(), *random_);
  const auto stopped = begin_run(id);
  Workspace workspace;  // of its own: other cycles open further systems meanwhile
  {
    const std::lock_guard systems(systems_mutex_);
    workspace = workspace_;
  }
  std::vector<System*> systems;
  for (const std::string& name : chosen.connections)
    if (const auto found = workspace.systems.find(name); found != workspace.systems.end())
      systems.push_back(found->second);
  auto cycle = [&] {
    const CycleGuard guard(std::move(systems), shown, clock_, config_->hub.watch.no_progress, stop, *stopped,
                           [&] { publish_progress(id, shown); });
    auto done = run_cycle(workspace, chosen, shown, guard.flag(), id);
    if (done.ok()) done->stalled = guard.stalled();
    return done;
  }();
  end_run(id);
  HUILIU_ASSIGN(CycleReport report, std::move(cycle));
  for (ConnectionReport& connection : report.connections) {
    if (connection.error == "the system could not be opened")
      for (const auto& [name, error] : failed)
        if (name == connection.name) connection.error = error.text(), connection.failure = error;
    if (report.stalled && !connection.failure)
      connection.failure =
          make_error(ErrorClass::retry, "nothing moved any more; the run was stopped", connection.name);
  }
  HUILIU_TRY(record_quality(workspace, report));
  return report;
}

std::shared_ptr<std::atomic<bool>> Hub::begin_run(const std::string& id) {
  const std::lock_guard lock(running_mutex_);
  auto stopped = std::make_shared<std::atomic<bool>>(false);
  running_[id] = {stopped, clock_.now(), false};
  return stopped;
}

void Hub::end_run(const std::string& id) {
  bool published = false;
  {
    const std::lock_guard lock(running_mutex_);
    published = running_[id].published;
    running_.erase(id);
  }
  if (!published) return;
  const Status erased = store_->write([&](store::Transaction& transaction) -> Status {
    transaction.erase_value(run_progress_space, id);
    return {};
  });
  static_cast<void>(erased.ok());  // it is looked at only while the run is under way
}

// For whoever looks, in this process or beside it. A run that cannot be written about has other troubles,
// which it reports itself.
void Hub::publish_progress(const std::string& id, const ProgressBoard& board) {
  model::Micros started = 0;
  {
    const std::lock_guard lock(running_mutex_);
    running_[id].published = true;
    started = running_[id].started;
  }
  model::Array rows;
  for (const auto& [name, progress] : board.entries())
    rows.push_back(progress_view(name, *progress, clock_.now() - started));
  const Status published = store_->write([&](store::Transaction& transaction) -> Status {
    transaction.save_value(run_progress_space, id, model::to_json(Value(std::move(rows))));
    return {};
  });
  static_cast<void>(published.ok());
}

Result<Value> Hub::probe(const std::string& connection, bool write, const std::atomic<bool>& stop) {
  HUILIU_TRY(system(connection));
  const Lanes::Held lane = lanes_.take({connection});
  return run::probe(workspace_, connection, write, stop);
}

Status Hub::stop_run(const std::string& id) {
  const std::lock_guard lock(running_mutex_);
  const auto found = running_.find(id);
  if (found == running_.end())
    return make_error(ErrorClass::stale, "the run " + id + " is not under way here");
  *found->second.stop = true;
  return {};
}

Result<CycleReport> Hub::retry(const std::string& id, const std::atomic<bool>& stop) {
  CycleOptions options;
  options.job = "retry";
  HUILIU_TRY(store_->read([&](store::Snapshot& snapshot) -> Status {
    const auto run = snapshot.load_run(id);
    if (!run) return make_error(ErrorClass::not_found, "there is no run " + id);
    if (run->state == store::RunState::running)
      return make_error(ErrorClass::stale, "the run " + id + " is under way");
    if (run->job == "apply" || run->job == "undo")
      return make_error(ErrorClass::config, "a run of job " + run->job + " is planned again, not retried");
    std::set<std::string> names;
    for (const store::RunStream& stream : snapshot.run_streams(id)) names.insert(stream.connection);
    for (const config::ConnectionConfig& connection : config_->connections)
      if (connection.enabled &&
          (names.contains(connection.name) || run->error.find(connection.name) != std::string::npos))
        options.connections.push_back(connection.name);
    return {};
  }));
  return sync(options, nullptr, stop);
}

Status Hub::tell_people(const std::set<std::string>& roles, const std::string& event,
                        const std::string& title, const std::string& text) {
  HUILIU_TRY(store_->write([&](store::Transaction& transaction) -> Status {
    tell_roles(workspace_, transaction, roles, event, title, text);
    return {};
  }));
  for (const auto& [connection, stream] : workspace_.message_streams) HUILIU_TRY(system(connection));
  Workspace workspace;
  {
    const std::lock_guard systems(systems_mutex_);
    workspace = workspace_;
  }
  const std::lock_guard commons(commons_);
  return deliver_messages(workspace, false);
}

Status Hub::tell_stream(const std::string& connection, const std::string& stream, const std::string& event,
                        const std::string& title, const std::string& text) {
  // An instance of its own: whoever tells waits for no run.
  HUILIU_ASSIGN(const std::unique_ptr<System> system, open_system(connection));
  RecordToWrite message;
  message.operation_id = event;
  message.body = model::Object{{"title", title}, {"text", text}};
  const std::vector<WrittenRecord> written = system->write(stream, {message});
  if (!written.empty() && written.front().outcome == sync::Outcome::applied) return {};
  return make_error(ErrorClass::retry,
                    "the message was not taken" + (written.empty() ? "" : ": " + written.front().message),
                    connection + "/" + stream);
}

Result<Hub::Replayed> Hub::replay(const LetterChoice& choice) {
  std::vector<store::Parked> letters;
  HUILIU_TRY(store_->read([&](store::Snapshot& snapshot) -> Status {
    HUILIU_ASSIGN(letters, choose_letters(snapshot, choice));
    return {};
  }));
  Replayed result;
  for (const store::Parked& letter : letters) {
    if (letter.state != store::ParkedState::dead && letter.state != store::ParkedState::parked) continue;
    HUILIU_ASSIGN(const bool good, replay_parked(workspace_, letter));
    ++(good ? result.replayed : result.failed);
  }
  return result;
}

std::string Hub::pause_reason(const std::string& connection) {
  std::string reason;
  const Status read = store_->read([&](store::Snapshot& snapshot) -> Status {
    if (const auto value = snapshot.load_value("pause", connection))
      reason = value->empty() ? "paused" : *value;
    return {};
  });
  return read.ok() ? reason : "the store cannot be read";
}

Status Hub::pause(const std::string& connection, const std::string& reason) {
  if (config_->connection(connection) == nullptr)
    return make_error(ErrorClass::not_found, "there is no connection \"" + connection + "\"");
  return store_->write([&](store::Transaction& transaction) -> Status {
    transaction.save_value("pause", connection, reason);
    if (paused_) paused_(connection, reason);
    return {};
  });
}

Status Hub::resume(const std::string& connection) {
  if (config_->connection(connection) == nullptr)
    return make_error(ErrorClass::not_found, "there is no connection \"" + connection + "\"");
  return store_->write([&](store::Transaction& transaction) -> Status {
    transaction.erase_value("pause", connection);
    ask_again(transaction, connection);
    if (paused_) paused_(connection, {});
    return {};
  });
}

store::Parked Hub::bad_delivery(const std::string& connection, const std::string& stream,
                                host::BadRecord record) {
  store::Parked letter;
  letter.id = model::make_id("dlt", clock_.now(), *random_);
  letter.connection = connection;
  letter.stream = stream;
  letter.key = std::move(record.key);
  letter.cause = record.error.code.empty() ? "bad_event" : record.error.code;
  letter.message = record.error.text();
  letter.raw = std::move(record.raw);
  letter.state = store::ParkedState::dead;
  letter.opened = letter.tried = clock_.now();
  return letter;
}

Hub::WebAnswer Hub::handle_request(const std::string& connection, const std::string& method,
                                   const std::string& target,
                                   const std::vector<std::pair<std::string, std::string>>& headers,
                                   const std::string& body) {
  const config::ConnectionConfig* known = config_->connection(connection);
  const auto connector = known == nullptr ? nullptr : registry_.connector(known->connector);
  if (connector == nullptr || !known->enabled || !connector->manifest.capabilities.contains("handle_request"))
    return {404, {}, ""};
  last_hook_ = clock_.now();
  const auto hook = hooks_.take(connection);
  if (!hook.ok()) return {503, {{"Retry-After", "60"}}, ""};
  store::Delivery delivery;
  delivery.connection = connection;
  delivery.method = method;
  delivery.target = target;
  delivery.body = body;
  delivery.id = std::to_string(model::hash64(body, model::hash64(target, model::hash64(method))));
  EventIntake intake(*store_, clock_, std::move(delivery),
                     [&](const std::string& stream, host::BadRecord record) {
                       return bad_delivery(connection, stream, std::move(record));
                     });
  auto reply =
      instance_of(hook->system()).handle_request({method, target, headers, body}, intake.consumer(), {});
  const bool stored = intake.take_stored();
  if (!reply.ok()) return {reply.error().error_class == ErrorClass::retry ? 503 : 500, {}, ""};
  if (stored && delivered_) delivered_(connection);
  return {reply->code, std::move(reply->headers), std::move(reply->body)};
}

}  // namespace huiliu::run
