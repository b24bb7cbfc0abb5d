#include "hub/run/plugin_system.hpp"

#include <mutex>
#include <stop_token>

namespace huiliu::run {
namespace {

using model::Result;
using model::Status;

// The plugin's notes in the store, beside the cursors.
class StoredState final : public host::StateStore {
 public:
  StoredState(store::Store& store, const std::string& connection)
      : store_(store), space_("plugin/" + connection) {}
  Result<std::optional<std::string>> get(const std::string& key) override {
    std::optional<std::string> value;
    HUILIU_TRY(store_.read([&](store::Snapshot& snapshot) -> Status {
      value = snapshot.load_value(space_, key);
      return {};
    }));
    return value;
  }
  Status commit(const host::StateChanges& changes) override {
    if (changes.empty()) return {};
    return store_.write([&](store::Transaction& transaction) -> Status {
      for (const auto& [key, value] : changes) {
        if (value)
          transaction.save_value(space_, key, *value);
        else
          transaction.erase_value(space_, key);
      }
      return {};
    });
  }

 private:
  store::Store& store_;
  std::string space_;
};

BadRecord bad_record(host::BadRecord record) {
  return {std::move(record.key), record.error.code.empty() ? "bad_record" : record.error.code,
          record.error.text(), std::move(record.raw)};
}

// Collects the records of a lookup or find.
host::RecordConsumer collect(std::vector<ReceivedRecord>& into) {
  host::RecordConsumer consumer;
  consumer.page = [&into](host::Page page) -> Status {
    for (host::RemoteRecord& record : page.records) into.push_back(received(std::move(record)));
    if (!page.bad.empty()) return page.bad.front().error;
    return {};
  };
  consumer.checkpoint = [](std::string_view, const host::StateChanges&) -> Status { return {}; };
  return consumer;
}

class PluginSystem final : public System {
 public:
  PluginSystem(store::Store& store, const std::string& connection) : state_(store, connection) {}

  Status open(host::Host& host, std::shared_ptr<const host::Connector> connector,
              const config::ConnectionConfig& connection, std::shared_ptr<host::Generations> generations,
              host::SecretSource vault) {
    host::InstanceOptions options;
    options.generations = std::move(generations);
    options.isolated = connection.isolated;
    options.network = connection.network.is_object() ? connection.network : model::Value(model::Object{});
    options.secret_source = std::move(vault);
    options.connection = connection.name;
    options.settings = connection.settings;
    if (connection.quotas.is_object()) {
      HUILIU_ASSIGN(options.quotas, host::parse_quotas(connection.quotas));
    }
    options.state = &state_;
    capabilities_ = connector->manifest.capabilities;
    connector_ = connector;
    HUILIU_ASSIGN(instance_, host::Instance::open(host, std::move(connector), std::move(options)));
    return {};
  }

  host::Instance& instance() { return *instance_; }

  Status check() override { return instance_->check(call(host::Priority::interactive)); }
  Result<model::Value> discover() override { return instance_->discover(call(host::Priority::interactive)); }

  Status read(const std::string& stream, ReadKind kind, const std::string& cursor, std::uint64_t limit,
              RecordReceiver& receiver) override {
    host::ReadRequest request;
    request.stream = stream;
    request.mode = kind == ReadKind::full      ? host::ReadMode::full
                   : kind == ReadKind::changes ? host::ReadMode::changes
                                               : host::ReadMode::keys;
    request.cursor = cursor;
    request.limit = limit;
    host::RecordConsumer consumer;
    consumer.page = [&](host::Page page) -> Status {
      std::vector<ReceivedRecord> records;
      std::vector<BadRecord> bad;
      for (host::RemoteRecord& record : page.records) records.push_back(received(std::move(record)));
      for (host::BadRecord& record : page.bad) bad.push_back(bad_record(std::move(record)));
      return receiver.records(page.stream, std::move(records), std::move(bad));
    };
    consumer.checkpoint = [&](std::string_view position, const host::StateChanges& state) {
      return receiver.checkpoint(std::string(position), state);
    };
    // Nobody waits for a whole reading; what changed is routine; looks and writes are waited for.
    host::CallOptions options =
        call(kind == ReadKind::changes ? host::Priority::normal : host::Priority::backfill);
    options.progress = [&](std::uint64_t done, std::uint64_t total) { receiver.progress(done, total); };
    return instance_->read(request, consumer, options);
  }

  Result<std::vector<ReceivedRecord>> lookup(const std::string& stream,
                                             const std::vector<std::string>& keys) override {
    std::vector<ReceivedRecord> records;
    HUILIU_TRY(instance_->lookup(stream, keys, collect(records), call(host::Priority::interactive)));
    return records;
  }

  Result<std::vector<ReceivedRecord>> find(
      const std::string& stream, const std::vector<std::pair<std::string, std::string>>& values) override {
    std::vector<ReceivedRecord> records;
    HUILIU_TRY(instance_->find({stream, values, 10}, collect(records), call(host::Priority::interactive)));
    return records;
  }

  // Asked through `find`, as sdk/manifest.md says under key_ranges.
  Result<std::vector<std::int64_t>> keys_between(const std::string& stream, const KeyRange& range) override {
    std::vector<std::int64_t> keys;
    host::RecordConsumer consumer;
    consumer.page = [&](host::Page page) -> Status {
      for (const host::RemoteRecord& record : page.records) {
        const auto key = model::Number{record.key}.to_int64();
        if (!key || (!keys.empty() && *key <= keys.back()))
          return model::make_error(model::ErrorClass::bug,
                                   "a range of keys is not in ascending order at " + record.key, stream);
        keys.push_back(*key);
      }
      return page.bad.empty() ? Status{} : page.bad.front().error;
    };
    consumer.checkpoint = [](std::string_view, const host::StateChanges&) -> Status { return {}; };
    std::vector<std::pair<std::string, std::string>> fields{{"key.after", std::to_string(range.after)}};
    if (range.upto > 0) fields.emplace_back("key.upto", std::to_string(range.upto));
    if (range.skip > 0) fields.emplace_back("key.skip", std::to_string(range.skip));
    HUILIU_TRY(instance_->find({stream, fields, range.limit}, consumer, call(host::Priority::backfill)));
    return keys;
  }

  std::vector<WrittenRecord> write(const std::string& stream,
                                   const std::vector<RecordToWrite>& records) override {
    std::vector<host::WriteRecord> out;
    out.reserve(records.size());
    for (const RecordToWrite& record : records)
      out.push_back({record.key, record.token, record.operation_id, record.body, record.base, record.remove});
    const host::WriteReport report = instance_->write(stream, out, call(host::Priority::interactive));
    std::vector<WrittenRecord> written(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) written[i] = take(report.results[i], records[i]);
    return written;
  }

  void stop() override {
    const std::lock_guard lock(mutex_);
    stop_.request_stop();
    stop_ = std::stop_source();
  }

  bool reads_changes(const std::string& stream) const override {
    const host::StreamSpec* declared = connector_->manifest.stream(stream);
    return declared == nullptr || declared->read.contains("changes");
  }
  bool reads_keys(const std::string& stream) const override {
    const host::StreamSpec* declared = connector_->manifest.stream(stream);
    return declared != nullptr && declared->read.contains("keys");
  }
  bool ranges_keys(const std::string& stream) const override {
    const host::StreamSpec* declared = connector_->manifest.stream(stream);
    return declared != nullptr && declared->key_ranges && can_find();
  }
  bool can_lookup() const override { return capabilities_.contains("lookup"); }
  bool can_find() const override { return capabilities_.contains("find"); }
  bool can_write() const override { return capabilities_.contains("write"); }

 private:
  static WrittenRecord take(const host::WriteResult& result, const RecordToWrite& record) {
    WrittenRecord written;
    written.outcome = static_cast<sync::Outcome>(result.outcome);
    written.key = result.remote_key.empty() ? record.key : result.remote_key;
    written.token = result.remote_version;
    written.message = result.error.message;
    written.code = result.error.code;
    if (result.remote_body) {
      ReceivedRecord shown;
      shown.key = written.key;
      shown.token = written.token;
      shown.raw = model::to_json(*result.remote_body);
      shown.body = *result.remote_body;
      written.shown = std::move(shown);
    }
    return written;
  }

  host::CallOptions call(host::Priority priority) {
    const std::lock_guard lock(mutex_);
    return {stop_.get_token(), {}, priority};
  }

  StoredState state_;
  std::shared_ptr<const host::Connector> connector_;
  std::set<std::string> capabilities_;
  std::unique_ptr<host::Instance> instance_;
  std::mutex mutex_;
  std::stop_source stop_;
};

}  // namespace

ReceivedRecord received(host::RemoteRecord record) {
  ReceivedRecord taken;
  taken.key = std::move(record.key);
  taken.token = std::move(record.version);
  taken.changed_at = record.changed_at;
  taken.deleted = record.deleted;
  taken.raw = std::move(record.raw);
  taken.body = std::move(record.body);
  return taken;
}

Result<std::unique_ptr<System>> open_plugin_system(host::Host& host,
                                                   std::shared_ptr<const host::Connector> connector,
                                                   const config::ConnectionConfig& connection,
                                                   store::Store& store,
                                                   std::shared_ptr<host::Generations> generations,
                                                   host::SecretSource vault) {
  auto system = std::make_unique<PluginSystem>(store, connection.name);
  if (Status opened =
          system->open(host, std::move(connector), connection, std::move(generations), std::move(vault));
      !opened.ok()) {
    model::Error error = opened.error();
    if (connection.document != nullptr && error.error_class == model::ErrorClass::config) {
      const std::size_t slash = error.where.find('/');
      const std::string pointer = slash == std::string::npos ? std::string{} : error.where.substr(slash);
      error.where = connection.document->at((pointer.starts_with("/network") ? "" : "/settings") + pointer);
    }
    return error;
  }
  return std::unique_ptr<System>(std::move(system));
}

host::Instance& instance_of(System& system) { return static_cast<PluginSystem&>(system).instance(); }

}  // namespace huiliu::run
