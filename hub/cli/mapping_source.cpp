#include "hub/cli/mapping_source.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "hub/model/hint.hpp"

namespace huiliu::cli {
namespace {

namespace fs = std::filesystem;
using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

// The connector's default mapping lies beside its library.
fs::path default_mapping(const host::Connector& connector) {
  return fs::path(connector.library).parent_path() /
         (connector.manifest.json["id"].to_text() + ".mapping.yaml");
}

bool covers(std::string_view pattern, std::string_view path) {
  if (pattern.ends_with('*')) return path.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == path;
}

// Checks the lenses of one stream against what the connector says that it accepts.
class CatalogueCheck {
 public:
  CatalogueCheck(const config::Document& document, std::vector<model::Error>& errors,
                 std::vector<model::Error>& warnings)
      : document_(document), errors_(errors), warnings_(warnings) {}

  void stream(const std::string& name, const Value& node, const Value& manifest) {
    const model::Array* streams = manifest["streams"].if_array();
    if (streams == nullptr || streams->empty()) return;  // listed by discover only
    std::vector<std::string_view> names;
    const Value* known = nullptr;
    for (const Value& stream : *streams) {
      names.push_back(stream["name"].as_string());
      if (stream["name"].as_string() == name) known = &stream;
    }
    const std::string pointer = "/streams/" + name;
    if (known == nullptr) {
      errors_.push_back(
          at(pointer, "the connector has no stream \"" + name + "\"" + model::did_you_mean(name, names)));
      return;
    }
    if (const Value* key = node.find("key"); key != nullptr && key->to_text() != (*known)["key"].to_text())
      warnings_.push_back(at(pointer + "/key", "the connector's key is " + (*known)["key"].to_text()));
    const model::Array* lenses = node["lenses"].if_array();
    for (std::size_t i = 0; lenses != nullptr && i < lenses->size(); ++i)
      lens((*lenses)[i], pointer + "/lenses/" + std::to_string(i), *known);
  }

 private:
  model::Error at(const std::string& pointer, std::string message) const {
    return make_error(ErrorClass::config, std::move(message), document_.at(pointer));
  }

  void lens(const Value& node, const std::string& pointer, const Value& stream) {
    const model::Object* fields = stream["fields"].if_object();
    if (node["direction"].to_text() == "in" || fields == nullptr || fields->empty()) return;
    const bool own = node.find("write_path") != nullptr;
    const std::string path = own ? node["write_path"].to_text() : node["path"].to_text();
    if (path.empty()) return;  // a codec with paths of its own
    const model::Member* found = nullptr;
    std::vector<std::string_view> names;
    for (const model::Member& field : *fields) {
      names.emplace_back(field.key);
      if (covers(field.key, path)) found = &field;
    }
    if (found == nullptr) {
      warnings_.push_back(at(pointer + (own ? "/write_path" : "/path"),
                             "the connector does not list " + path + " among the members it accepts" +
                                 model::did_you_mean(path, names)));
      return;
    }
    const model::Number* longest = found->value["max_length"].if_number();
    const model::Number* given = node["max_length"].if_number();
    if (longest != nullptr && given != nullptr && given->to_double() > longest->to_double())
      warnings_.push_back(at(pointer + "/max_length", path + " holds " + longest->text + " characters only"));
  }

  const config::Document& document_;
  std::vector<model::Error>& errors_;
  std::vector<model::Error>& warnings_;
};

Result<std::vector<mapping::Sample>> samples_in_file(const SampleOptions& options,
                                                     const mapping::Mapping& mapping) {
  std::ifstream file(options.file, std::ios::binary);
  if (!file) return make_error(ErrorClass::config, "cannot be read", options.file);
  std::vector<mapping::Sample> samples;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = options.file + ":" + std::to_string(number);
    auto parsed = model::parse_json(line);
    if (!parsed.ok()) return make_error(ErrorClass::data, parsed.error().message, where);
    mapping::Sample sample;
    const Value* record = parsed->find("record");
    if (parsed->find("stream") != nullptr && record != nullptr && record->is_object()) {
      sample.stream = (*parsed)["stream"].to_text();
      sample.key = (*parsed)["key"].to_text();
      sample.record = *record;
    } else {
      sample.stream = options.stream.empty() ? mapping.streams().front().stream() : options.stream;
      sample.record = std::move(*parsed);
    }
    const mapping::StreamMapping* stream = mapping.stream(sample.stream);
    if (stream == nullptr)
      return make_error(ErrorClass::data, "the mapping has no stream \"" + sample.stream + "\"", where);
    if (sample.key.empty() && !stream->key_path().empty())
      if (const Value* key = sample.record.at_path(stream->key_path())) sample.key = key->to_text();
    if (sample.key.empty()) sample.key = "line " + std::to_string(number);
    samples.push_back(std::move(sample));
  }
  return samples;
}

// Takes so many records of a stream and then ends the read.
class Taker final : public run::RecordReceiver {
 public:
  Taker(std::vector<mapping::Sample>& samples, std::string stream, std::uint64_t limit)
      : samples_(samples), stream_(std::move(stream)), left_(limit) {}
  Status records(const std::string&, std::vector<run::ReceivedRecord> records,
                 std::vector<run::BadRecord>) override {
    for (run::ReceivedRecord& record : records) {
      if (left_ == 0) break;
      if (record.deleted) continue;
      samples_.push_back({stream_, record.key, std::move(record.body)});
      --left_;
    }
    return left_ == 0 ? Status(make_error(ErrorClass::cancelled, "enough")) : Status{};
  }
  Status checkpoint(const std::string&, const run::StateChanges&) override { return {}; }

 private:
  std::vector<mapping::Sample>& samples_;
  std::string stream_;
  std::uint64_t left_;
};

Result<std::vector<mapping::Sample>> live_samples(run::Hub& hub, const MappingSource& source,
                                                  const mapping::Mapping& mapping, std::uint64_t limit) {
  std::vector<mapping::Sample> samples;
  HUILIU_ASSIGN(run::System * system, hub.system(source.connection));
  for (const mapping::StreamMapping& stream : mapping.streams()) {
    Taker taker(samples, stream.stream(), limit);
    const Status read = system->read(stream.stream(), run::ReadKind::full, "", limit, taker);
    if (!read.ok() && read.error().error_class != ErrorClass::cancelled) return read.error();
  }
  return samples;
}

Result<std::vector<mapping::Sample>> stored_samples(run::Hub& hub, const MappingSource& source,
                                                    const mapping::Mapping& mapping, std::uint64_t limit) {
  constexpr std::size_t page = 1000;
  std::vector<mapping::Sample> samples;
  HUILIU_TRY(hub.store().read([&](store::Snapshot& snapshot) -> Status {
    for (const mapping::StreamMapping& stream : mapping.streams()) {
      std::string after;
      std::uint64_t taken = 0;
      for (;;) {
        const auto replicas = snapshot.list_replicas(source.connection, stream.stream(), {after, page});
        for (const sync::Replica& replica : replicas) {
          if (replica.gone || replica.raw.empty() || (limit > 0 && taken >= limit)) continue;
          HUILIU_ASSIGN(Value record, model::parse_json(replica.raw));
          samples.push_back({stream.stream(), replica.ref.key, std::move(record)});
          ++taken;
        }
        if (replicas.size() < page || (limit > 0 && taken >= limit)) break;
        after = replicas.back().ref.key;
      }
    }
    return {};
  }));
  return samples;
}

}  // namespace

Result<MappingFinder> MappingFinder::open(const GlobalOptions& options) {
  MappingFinder finder;
  const Installation installation = Installation::find();
  std::error_code ignored;  // no directory: the shipped configuration alone
  finder.directory_ = fs::is_directory(options.config, ignored) ? options.config : "";
  config::Loaded loaded = config::load({finder.directory_, installation.shipped});
  if (loaded.config == nullptr) return loaded.errors.front();
  finder.config_ = loaded.config;
  finder.registry_ = std::make_shared<host::PluginRegistry>();
  std::vector<std::string> directories = installation.plugins;
  directories.insert(directories.end(), finder.config_->hub.plugin_directories.begin(),
                     finder.config_->hub.plugin_directories.end());
  // A library that cannot be taken is reported by `plugin list`; here only its mapping is missing.
  for (const std::string& directory : directories) static_cast<void>(finder.registry_->scan(directory));
  return finder;
}

Result<MappingSource> MappingFinder::find(const std::string& name) const {
  MappingSource source;
  const auto of_file = [&](const fs::path& file) -> Status {
    HUILIU_ASSIGN(config::Document document, config::read_yaml(file.string(), file.string()));
    source.document = std::make_shared<const config::Document>(std::move(document));
    source.path = file.string();
    return {};
  };
  const auto of_configuration = [&](const std::string& mapping) {
    source.document = config_->mappings.at(mapping);
    source.path = (fs::path(directory_) / "mappings" / (mapping + ".yaml")).string();
  };
  std::error_code ignored;
  if (fs::is_regular_file(name, ignored)) {
    HUILIU_TRY(of_file(name));
    source.connector = registry_->connector(fs::path(name).stem().stem().string());
  } else if (config_->mappings.contains(name)) {
    of_configuration(name);
    for (const config::ConnectionConfig& connection : config_->connections)
      if (connection.mapping == name) source.connection = connection.name;
  } else if (const config::ConnectionConfig* connection = config_->connection(name)) {
    source.connection = name;
    source.connector = registry_->connector(connection->connector);
    if (!connection->mapping.empty())
      of_configuration(connection->mapping);
    else if (source.connector != nullptr)
      HUILIU_TRY(of_file(default_mapping(*source.connector)));
  } else if ((source.connector = registry_->connector(name)) != nullptr) {
    HUILIU_TRY(of_file(default_mapping(*source.connector)));
  }
  if (source.document == nullptr) {
    std::vector<std::string> known = registry_->connector_ids();
    for (const auto& [mapping, document] : config_->mappings) known.push_back(mapping);
    for (const config::ConnectionConfig& connection : config_->connections) known.push_back(connection.name);
    std::string listed;
    for (const std::string& one : known) listed += " " + one;
    const std::vector<std::string_view> views(known.begin(), known.end());
    return make_error(ErrorClass::not_found, "there is no mapping, connection or connector \"" + name +
                                                 "\", and no such file; known:" + listed +
                                                 model::did_you_mean(name, views));
  }
  // A file's connection is the one whose connector it maps.
  if (source.connector == nullptr && !source.connection.empty())
    source.connector = registry_->connector(config_->connection(source.connection)->connector);
  if (source.connection.empty() && source.connector != nullptr)
    for (const config::ConnectionConfig& connection : config_->connections)
      if (connection.connector == source.connector->manifest.json["id"].to_text())
        source.connection = connection.name;
  return source;
}

std::vector<model::Error> MappingFinder::errors_in(const MappingSource& source,
                                                   std::vector<model::Error>& warnings) const {
  std::vector<model::Error> errors = mapping::Mapping::errors_in(source.document->value, config_->schema);
  for (model::Error& error : errors) error = source.document->locate(std::move(error));
  const model::Object* streams = source.document->value["streams"].if_object();
  if (streams == nullptr || source.connector == nullptr) return errors;
  CatalogueCheck check(*source.document, errors, warnings);
  for (const model::Member& stream : *streams)
    check.stream(stream.key, stream.value, source.connector->manifest.json);
  return errors;
}

Result<std::vector<mapping::Sample>> collect_samples(Session& session, const MappingSource& source,
                                                     const mapping::Mapping& mapping,
                                                     const SampleOptions& options) {
  if (!options.file.empty()) return samples_in_file(options, mapping);
  if (source.connection.empty())
    return make_error(ErrorClass::config,
                      "no connection uses this mapping: name records with --samples FILE");
  HUILIU_ASSIGN(const std::unique_ptr<run::Hub> hub, open_beside(session.options()));
  if (options.live > 0) return live_samples(*hub, source, mapping, options.live);
  return stored_samples(*hub, source, mapping, options.limit);
}

}  // namespace huiliu::cli
