#include "hub/host/instance.hpp"

#include <tuple>

#include "hub/host/child_session.hpp"
#include "hub/host/operation.hpp"
#include "hub/host/outbound.hpp"
#include "hub/host/signature.hpp"

namespace huiliu::host {
namespace {

using model::Error;
using model::ErrorClass;
using model::Status;
using model::Value;

constexpr std::size_t max_discover_bytes = std::size_t{16} << 20;

class MemoryState final : public StateStore {
 public:
  model::Result<std::optional<std::string>> get(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    const auto found = values_.find(key);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }
  Status commit(const StateChanges& changes) override {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, value] : changes) {
      if (value)
        values_[key] = *value;
      else
        values_.erase(key);
    }
    return {};
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> values_;
};

// What the connections of one vendor account have in common; the connection's own name when the manifest does
// not say.
std::string account_of(const Manifest& manifest, const Value& settings, const std::string& connection) {
  if (manifest.account.empty()) return manifest.id + "/connection " + connection;
  model::Object account;
  for (const std::string& name : manifest.account) account.append(name, settings[name]);
  return manifest.id + "/account " + model::to_canonical_json(account);
}

Status fill_core(InstanceCore& core, const InstanceOptions& options) {
  static std::atomic<std::uint64_t> instances = 0;
  const Manifest& manifest = core.connector->manifest;
  core.connection = options.connection.empty() ? manifest.id : options.connection;
  HUILIU_ASSIGN(const Value resolved, resolve_references(manifest.settings, options.settings, options.secrets,
                                                         options.secret_source));
  HUILIU_ASSIGN(const Value valid, validated_settings(manifest.settings, resolved));
  SplitSettings split = split_secrets(manifest.settings, valid);
  core.settings = std::move(split.open);
  core.secrets = std::move(split.secrets);
  model::Object secrets;
  for (const auto& [name, secret] : core.secrets) {
    core.host.redactor().add_secret(secret);
    secrets.append(name, secret);
  }
  for (const std::string& host : manifest.hosts) {
    HUILIU_ASSIGN(HostPattern pattern, HostPattern::parse(host, core.settings));
    core.hosts.push_back(std::move(pattern));
  }
  if (options.network) {
    static const model::Array nothing;
    const model::Array* allow = (*options.network)["allow"].if_array();
    auto network = std::make_shared<Network>();
    HUILIU_ASSIGN(network->guard, OutboundGuard::make(allow == nullptr ? nothing : *allow, core.settings));
    network->ca_file = (*options.network)["ca_file"].to_text();
    network->proxy = (*options.network)["proxy"].to_text();
    core.network = std::move(network);
  }
  const std::string account = account_of(manifest, core.settings, core.connection);
  for (const auto& [name, limits] : options.quotas)
    if (!manifest.quotas.contains(name))
      return model::make_error(ErrorClass::config, "the connector has no quota of this name",
                               "/quotas/" + name);
  for (const auto& [name, limits] : manifest.quotas) {
    const auto own = options.quotas.find(name);
    const QuotaLimits wanted = own == options.quotas.end() ? limits : limits.overridden(own->second);
    core.quotas[name] = {account + "/" + name, wanted.scaled(core.host.options().quota_factor)};
  }
  // A changed secret means another token.
  const std::string fingerprint = sha256_of(model::to_canonical_json(secrets));
  core.token_prefix_account = account + "/" + fingerprint;
  core.token_prefix_connection = manifest.id + "/connection " + core.connection + "/" + fingerprint;
  core.token_prefix_instance = "instance " + std::to_string(++instances) + "/" + fingerprint;
  core.state = options.state;
  if (core.state == nullptr) {
    core.own_state = std::make_unique<MemoryState>();
    core.state = core.own_state.get();
  }
  return {};
}

struct BoundedText {
  std::string text;
  bool too_long = false;
};

void append_bounded(void* ctx, huiliu_str text) noexcept {
  auto& out = *static_cast<BoundedText*>(ctx);
  if (text.data == nullptr || out.too_long) return;
  if (out.text.size() + text.size > max_discover_bytes)
    out.too_long = true;
  else
    out.text.append(text.data, text.size);
}

}  // namespace

const char* to_string(ReadMode mode) noexcept {
  switch (mode) {
    case ReadMode::full:
      return "full";
    case ReadMode::changes:
      return "changes";
    case ReadMode::keys:
      return "keys";
  }
  return "full";
}

// What a read knows of its way when a new generation of its connector comes.
struct Instance::Drain {
  bool begun = false;
  std::string cursor;         // durable: where the next generation goes on
  std::uint64_t records = 0;  // received so far
};

namespace {

model::Result<std::unique_ptr<InstanceCore>> open_core(Host& host, std::shared_ptr<const Connector> connector,
                                                       const InstanceOptions& options,
                                                       const CallOptions& options_of_call) {
  if (!connector) return model::make_error(ErrorClass::config, "no such connector", options.connection);
  if (options.isolated && !connector->isolated) connector = huiliu::host::isolated(*connector);
  auto core = std::make_unique<InstanceCore>(host, std::move(connector));
  if (Status filled = fill_core(*core, options); !filled) {
    filled.error().where = core->connection + ": settings " + filled.error().where;
    return filled.error();
  }
  huiliu_call call(*core, options_of_call);
  const std::string settings = model::to_json(core->settings);
  const huiliu_status status =
      core->connector->slots.open(&host_table(), &call, abi_str(settings), &core->self);
  HUILIU_TRY(ended(call, status, core->connection));
  if (core->self == nullptr)
    return model::make_error(ErrorClass::bug, "the plugin opened no instance, though it ended well",
                             core->connection);
  if (!call.staged.empty()) HUILIU_TRY(core->state->commit(call.staged));
  return core;
}

}  // namespace

Instance::Instance(Host& host, InstanceOptions options) : host_(host), options_(std::move(options)) {}

Instance::~Instance() {
  if (core_ != nullptr) core_->connector->slots.close(core_->self);
}

const Connector& Instance::connector() const noexcept { return *core_->connector; }
const std::string& Instance::connection() const noexcept { return core_->connection; }
int Instance::process() const noexcept { return core_->connector->isolated ? child_pid(core_->self) : -1; }

model::Result<std::unique_ptr<Instance>> Instance::open(Host& host,
                                                        std::shared_ptr<const Connector> connector,
                                                        InstanceOptions options,
                                                        const CallOptions& options_of_call) {
  std::unique_ptr<Instance> out(new Instance(host, std::move(options)));
  if (out->options_.generations != nullptr)
    std::tie(connector, out->generation_) = out->options_.generations->current();
  HUILIU_ASSIGN(out->core_, open_core(host, std::move(connector), out->options_, options_of_call));
  return out;
}

void Instance::follow(const CallOptions& call) {
  if (options_.generations == nullptr || options_.generations->number() == generation_) return;
  auto [connector, number] = options_.generations->current();
  generation_ = number;  // one that does not open is not tried again and again
  const std::string version = connector->manifest.version;
  // Notes that only live in the instance move on with it.
  auto next = open_core(host_, std::move(connector), options_, call);
  if (!next.ok()) {
    host_.log({LogLevel::error,
               core_->connection,
               "version " + version + " does not open, the one before goes on: " + next.error().text(),
               {}});
    return;
  }
  if ((*next)->own_state != nullptr) {
    (*next)->own_state = std::move(core_->own_state);
    (*next)->state = (*next)->own_state.get();
  }
  core_->connector->slots.close(core_->self);
  core_ = std::move(*next);
  host_.log({LogLevel::info, core_->connection, "goes on with version " + version, {}});
}

Status Instance::check(const CallOptions& options) {
  const std::lock_guard lock(turn_);
  follow(options);
  const auto slot = core_->connector->slots.check;
  if (slot == nullptr) return not_offered(*core_, "check");
  Operation operation(*core_, options, core_->connection);
  return operation.end(slot(core_->self, operation.call()));
}

model::Result<Value> Instance::discover(const CallOptions& options) {
  const std::lock_guard lock(turn_);
  follow(options);
  const auto slot = core_->connector->slots.discover;
  if (slot == nullptr) return not_offered(*core_, "discover");
  Operation operation(*core_, options, core_->connection);
  BoundedText text;
  huiliu_text_sink sink = {sizeof sink, 0, &text, &append_bounded};
  HUILIU_TRY(operation.end(slot(core_->self, operation.call(), &sink)));
  const auto wrong = [&](const std::string& what) {
    return model::make_error(ErrorClass::bug, "the plugin's discovery is " + what, core_->connection);
  };
  if (text.too_long) return wrong("too large");
  auto answer = model::parse_json(text.text);
  if (!answer) return wrong("not JSON: " + answer.error().message);
  if (const auto streams = parse_streams(*answer); !streams)
    return wrong("not in the form of a manifest: " + streams.error().text());
  return answer;
}

// A new generation comes in at a checkpoint: the old one leaves there, the new one goes on from that cursor.
Status Instance::read(const ReadRequest& request, const RecordConsumer& consumer,
                      const CallOptions& options) {
  const std::lock_guard lock(turn_);
  ReadRequest rest = request;
  for (;;) {
    follow(options);
    Drain drain;
    Status ended = read_once(rest, consumer, options, drain);
    if (!drain.begun || ended.ok() || options.stop.stop_requested()) return ended;
    rest.cursor = drain.cursor;
    if (rest.limit > 0) {
      if (drain.records >= rest.limit) return {};
      rest.limit -= drain.records;
    }
  }
}

Status Instance::read_once(const ReadRequest& request, const RecordConsumer& consumer,
                           const CallOptions& options, Drain& drain) {
  const auto slot = core_->connector->slots.read;
  if (slot == nullptr) return not_offered(*core_, "read");
  HUILIU_TRY(judge_stream(*core_, request.stream, to_string(request.mode)));
  Operation operation(*core_, options, core_->connection + "/" + request.stream);
  RecordConsumer counted = consumer;
  if (consumer.page)
    counted.page = [&](Page page) {
      drain.records += page.records.size() + page.bad.size();
      return consumer.page(std::move(page));
    };
  RecordReceiver receiver(operation, counted, request.stream);
  if (options_.generations != nullptr)
    receiver.leave_when([&](const std::string& cursor) {
      // A barrier is no place to go on from.
      if (cursor.empty() || options_.generations->number() == generation_) return false;
      drain.begun = true;
      drain.cursor = cursor;
      return true;
    });
  const huiliu_read_request raw = {sizeof raw, static_cast<std::int32_t>(request.mode),
                                   abi_str(request.stream), abi_bytes(request.cursor), request.limit};
  return operation.end(slot(core_->self, operation.call(), &raw, receiver.sink()));
}

Status Instance::lookup(const std::string& stream, const std::vector<std::string>& keys,
                        const RecordConsumer& consumer, const CallOptions& options) {
  const std::lock_guard lock(turn_);
  follow(options);
  const auto slot = core_->connector->slots.lookup;
  if (slot == nullptr) return not_offered(*core_, "lookup");
  HUILIU_TRY(judge_stream(*core_, stream, nullptr));
  Operation operation(*core_, options, core_->connection + "/" + stream);
  RecordReceiver receiver(operation, consumer, stream);
  std::vector<huiliu_str> raw_keys;
  for (const std::string& key : keys) raw_keys.push_back(abi_str(key));
  const huiliu_lookup_request raw = {sizeof raw, 0, abi_str(stream), raw_keys.data(), raw_keys.size()};
  return operation.end(slot(core_->self, operation.call(), &raw, receiver.sink()));
}

Status Instance::find(const FindRequest& request, const RecordConsumer& consumer,
                      const CallOptions& options) {
  const std::lock_guard lock(turn_);
  follow(options);
  const auto slot = core_->connector->slots.find;
  if (slot == nullptr) return not_offered(*core_, "find");
  HUILIU_TRY(judge_stream(*core_, request.stream, nullptr));
  Operation operation(*core_, options, core_->connection + "/" + request.stream);
  RecordReceiver receiver(operation, consumer, request.stream);
  std::vector<huiliu_pair> fields;
  for (const auto& [path, value] : request.fields) fields.push_back({abi_str(path), abi_str(value)});
  const huiliu_find_request raw = {sizeof raw,   0, abi_str(request.stream), fields.data(), fields.size(),
                                   request.limit};
  return operation.end(slot(core_->self, operation.call(), &raw, receiver.sink()));
}

// The caller's stop ends the channel; a new generation ends it too, and opens its own.
Status Instance::listen(const RecordConsumer& consumer, const CallOptions& options) {
  const std::lock_guard lock(turn_);
  for (;;) {
    follow(options);
    const auto slot = core_->connector->slots.listen;
    if (slot == nullptr) return not_offered(*core_, "listen");
    std::stop_source leave;
    const auto ask = [&leave] { leave.request_stop(); };
    const std::stop_token outdated =
        options_.generations == nullptr ? std::stop_token() : options_.generations->outdated(generation_);
    const std::stop_callback on_stop(options.stop, ask), on_upgrade(outdated, ask);
    CallOptions leaving = options;
    leaving.stop = leave.get_token();
    Operation operation(*core_, leaving, core_->connection);
    RecordReceiver receiver(operation, consumer, "");
    const huiliu_listen_request raw = {sizeof raw, 0};
    Status ended = operation.end(slot(core_->self, operation.call(), &raw, receiver.sink()));
    // What the remote told and was not acknowledged to it, it tells the new generation again.
    if (!outdated.stop_requested() || options.stop.stop_requested()) return ended;
  }
}

Status Instance::authenticate(const std::string& credential, const CallOptions& options) {
  const std::lock_guard lock(turn_);
  follow(options);
  if (core_->connector->slots.authenticate == nullptr) return not_offered(*core_, "authenticate");
  Operation operation(*core_, options, core_->connection);
  // Any allowed address will do: only the token counts, nothing is sent.
  HttpRequest request;
  request.url = "https://host.invalid/";
  TokenCache::Lease lease;
  if (Status placed = place_credential(*operation.call(), credential, request, lease); !placed)
    return located(*core_, placed.error(), operation.where());
  return operation.end(HUILIU_OK);
}

}  // namespace huiliu::host
