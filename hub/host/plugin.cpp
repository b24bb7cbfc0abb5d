#include "hub/host/plugin.hpp"

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <system_error>

#include "hub/host/elf_file.hpp"
#include "hub/host/isolation.hpp"

namespace huiliu::host {
namespace {

using model::Error;
using model::Status;

constexpr std::uint32_t max_connectors = 256;
constexpr const char* entry_name = "huiliu_plugin_entry_v1";

class LoadJudge {
 public:
  explicit LoadJudge(std::string path) : path_(std::move(path)) {}
  Error refuse(const std::string& why) const {
    return model::make_error(model::ErrorClass::config, why, path_);
  }
  Error refuse(const std::string& found, const std::string& wanted) const {
    return refuse("found " + found + ", want " + wanted);
  }

 private:
  std::string path_;
};

std::string minor_text(std::uint32_t minor) {
  return std::to_string(HUILIU_ABI_MAJOR) + "." + std::to_string(minor);
}

Status judge_versions(const LoadJudge& judge, std::uint32_t major, std::uint32_t built,
                      std::uint32_t needed) {
  if (major != HUILIU_ABI_MAJOR)
    return judge.refuse("a plugin for ABI " + std::to_string(major),
                        "ABI " + std::to_string(HUILIU_ABI_MAJOR));
  if (needed > HUILIU_ABI_MINOR)
    return judge.refuse("a plugin that needs a host of ABI " + minor_text(needed) + " or later",
                        "one that needs at most " + minor_text(HUILIU_ABI_MINOR));
  if (needed > built)
    return judge.refuse("a plugin built for ABI " + minor_text(built) + " that needs " + minor_text(needed),
                        "needed not above built");
  return {};
}

bool sane_text(huiliu_str text) {
  return text.data != nullptr && text.size > 0 && text.size < 256 && model::is_utf8({text.data, text.size});
}

void append_to_string(void* ctx, huiliu_str text) noexcept {
  if (text.data != nullptr) static_cast<std::string*>(ctx)->append(text.data, text.size);
}

struct SlotName {
  const char* capability;
  bool set;
};

std::vector<SlotName> capability_slots(const huiliu_connector& slots) {
  return {{"check", slots.check != nullptr},
          {"discover", slots.discover != nullptr},
          {"read", slots.read != nullptr},
          {"lookup", slots.lookup != nullptr},
          {"find", slots.find != nullptr},
          {"write", slots.write != nullptr},
          {"handle_request", slots.handle_request != nullptr},
          {"authenticate", slots.authenticate != nullptr},
          {"listen", slots.listen != nullptr}};
}

// One truth stated in two places: the manifest's capabilities and the table's slots.
Status judge_capabilities(const LoadJudge& judge, const Connector& connector) {
  for (const auto& [capability, set] : capability_slots(connector.slots)) {
    const bool declared = connector.manifest.capabilities.contains(capability);
    if (declared == set) continue;
    const std::string who = "connector " + connector.manifest.id + ": capability " + capability;
    return declared ? judge.refuse(who + " in the manifest without its function", "both or neither")
                    : judge.refuse(who + " as a function that the manifest does not name", "both or neither");
  }
  for (const StreamSpec& stream : connector.manifest.streams) {
    const std::string who = "connector " + connector.manifest.id + ", stream " + stream.name + ": ";
    if (!stream.read.empty() && connector.slots.read == nullptr)
      return judge.refuse(who + "read modes without a read function", "both or neither");
    if (!stream.write.empty() && connector.slots.write == nullptr)
      return judge.refuse(who + "write operations without a write function", "both or neither");
  }
  return {};
}

model::Result<std::shared_ptr<const Connector>> take_connector(const LoadJudge& judge,
                                                               const huiliu_plugin& plugin,
                                                               std::uint32_t index,
                                                               const std::string& embedded) {
  const std::string who = "connector " + std::to_string(index);
  const huiliu_connector* table = plugin.connector(index);
  if (table == nullptr) return judge.refuse(who + " is null", "a table");
  const std::size_t least = HUILIU_FIELD_END(huiliu_connector, close);
  if (table->struct_size < least || table->struct_size > 65536)
    return judge.refuse(who + " with a table of " + std::to_string(table->struct_size) + " bytes",
                        "at least " + std::to_string(least));
  auto out = std::make_shared<Connector>();
  std::memcpy(&out->slots, table, std::min<std::size_t>(table->struct_size, sizeof out->slots));
  if (out->slots.describe == nullptr || out->slots.open == nullptr || out->slots.close == nullptr)
    return judge.refuse(who + " without describe, open or close", "all three");

  huiliu_text_sink sink = {sizeof sink, 0, &out->manifest_text, &append_to_string};
  if (const huiliu_status status = out->slots.describe(&sink); status != HUILIU_OK)
    return judge.refuse(who + " whose describe fails with status " + std::to_string(status), "its manifest");
  if (out->manifest_text != embedded)
    return judge.refuse(who + " whose describe differs from the section .huiliu.manifest", "the same bytes");
  const auto unknown =
      plugin.abi_minor_built > HUILIU_ABI_MINOR ? UnknownMembers::ignored : UnknownMembers::refused;
  auto manifest = parse_manifest(embedded, unknown);
  if (!manifest)
    return judge.refuse(who + ": manifest " + manifest.error().where + ": " + manifest.error().message);
  out->manifest = std::move(*manifest);
  HUILIU_TRY(judge_capabilities(judge, *out));
  return std::shared_ptr<const Connector>(std::move(out));
}

// The entry of the library, which stays open for ever. Throws what Boost.DLL throws.
const huiliu_plugin* open_library(const std::string& path) {
  static std::mutex mutex;
  static auto& kept = *new std::vector<boost::dll::shared_library>();  // never destroyed: see plugin.hpp
  namespace load_mode = boost::dll::load_mode;
  boost::dll::shared_library library(boost::dll::fs::path(path), load_mode::rtld_now | load_mode::rtld_local);
  auto* entry = &library.get<const huiliu_plugin*() HUILIU_NOEXCEPT>(entry_name);
  {
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(library));
  }
  return entry();
}

}  // namespace

std::shared_ptr<const Connector> Plugin::connector(std::string_view id) const {
  if (id.empty()) return connectors.size() == 1 ? connectors.front() : nullptr;
  for (const auto& connector : connectors)
    if (connector->manifest.id == id) return connector;
  return nullptr;
}

model::Result<std::shared_ptr<const Plugin>> adopt_plugin(const huiliu_plugin* plugin,
                                                          const std::vector<std::string>& manifests,
                                                          const std::string& path) {
  const LoadJudge judge(path);
  if (plugin == nullptr) return judge.refuse("an entry that returns null", "a plugin table");
  if (plugin->magic != HUILIU_MAGIC)
    return judge.refuse("magic " + std::to_string(plugin->magic), std::to_string(HUILIU_MAGIC));
  const std::size_t least = HUILIU_FIELD_END(huiliu_plugin, connector);
  if (plugin->struct_size < least)
    return judge.refuse("a plugin table of " + std::to_string(plugin->struct_size) + " bytes",
                        "at least " + std::to_string(least));
  HUILIU_TRY(judge_versions(judge, HUILIU_ABI_MAJOR, plugin->abi_minor_built, plugin->abi_minor_needed));
  if (!sane_text(plugin->name) || !sane_text(plugin->version))
    return judge.refuse("no name or version", "both");
  if (plugin->connector == nullptr) return judge.refuse("a null connector function", "one");
  if (plugin->connector_count == 0 || plugin->connector_count > max_connectors ||
      plugin->connector_count != manifests.size())
    return judge.refuse(std::to_string(plugin->connector_count) + " connectors and " +
                            std::to_string(manifests.size()) + " manifests",
                        "one manifest for each connector, 1 to " + std::to_string(max_connectors));
  auto out = std::make_shared<Plugin>();
  out->path = path;
  out->name.assign(plugin->name.data, plugin->name.size);
  out->version.assign(plugin->version.data, plugin->version.size);
  out->abi_minor_built = plugin->abi_minor_built;
  out->abi_minor_needed = plugin->abi_minor_needed;
  for (std::uint32_t index = 0; index < plugin->connector_count; ++index) {
    HUILIU_ASSIGN(auto connector, take_connector(judge, *plugin, index, manifests[index]));
    if (out->connector(connector->manifest.id))
      return judge.refuse("two connectors with the id " + connector->manifest.id, "one");
    auto named = std::make_shared<Connector>(*connector);
    named->library = path;
    named->plugin = out->name;
    named->plugin_version = out->version;
    named->index = index;
    out->connectors.push_back(std::move(named));
  }
  return std::shared_ptr<const Plugin>(std::move(out));
}

Status judge_abi(const std::string& path, const PluginFile& file) {
  return judge_versions(LoadJudge(path), file.abi_major, file.abi_minor_built, file.abi_minor_needed);
}

model::Result<std::shared_ptr<const Plugin>> load_plugin(const std::string& path) {
  const LoadJudge judge(path);
  HUILIU_ASSIGN(const PluginFile file, read_plugin_file(path));
  HUILIU_TRY(judge_abi(path, file));
  for (const std::string& manifest : file.manifests)
    if (const auto parsed = model::parse_json(manifest); !parsed)
      return judge.refuse("a manifest that is not JSON: " + parsed.error().message);
  try {
    std::error_code ignored;  // A path that cannot be made absolute is reported by the loader itself.
    const auto absolute = std::filesystem::absolute(path, ignored);
    return adopt_plugin(open_library(absolute.empty() ? path : absolute.string()), file.manifests, path);
  } catch (const std::exception& error) {
    return judge.refuse(std::string("cannot be loaded: ") + error.what());
  }
}

std::vector<Error> PluginRegistry::scan(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code problem;
  for (auto at = std::filesystem::directory_iterator(directory, problem);
       !problem && at != std::filesystem::directory_iterator(); at.increment(problem)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with("libhuiliu-") && name.ends_with(".so")) paths.push_back(at->path().string());
  }
  if (problem)
    return {model::make_error(model::ErrorClass::config, "cannot be read: " + problem.message(), directory)};
  std::sort(paths.begin(), paths.end());
  std::vector<Error> errors;
  for (const std::string& path : paths)
    if (Status loaded = load(path); !loaded) errors.push_back(std::move(loaded.error()));
  return errors;
}

model::Result<Placement> PluginRegistry::placement_of(const std::string& path) const {
  if (!rule_) return Placement::process;
  HUILIU_ASSIGN(const PluginFile file, read_plugin_file(path));
  return rule_(path, file);
}

Status PluginRegistry::load(const std::string& path) {
  HUILIU_ASSIGN(const Placement placement, placement_of(path));
  HUILIU_ASSIGN(const std::shared_ptr<const Plugin> plugin,
                placement == Placement::child ? isolate_plugin(path) : load_plugin(path));
  const std::lock_guard lock(mutex_);
  for (const auto& connector : plugin->connectors) {
    const auto found = connectors_.find(connector->manifest.id);
    if (found != connectors_.end())
      return model::make_error(model::ErrorClass::config,
                               "connector " + connector->manifest.id + " is already offered by " +
                                   found->second->current().first->library,
                               path);
  }
  for (const auto& connector : plugin->connectors)
    connectors_[connector->manifest.id] = std::make_shared<Generations>(connector);
  plugins_.push_back(plugin);
  return {};
}

Status PluginRegistry::upgrade(const std::string& path, const std::string& copies) {
  namespace fs = std::filesystem;
  // Judged where it stands: its signature belongs to that place.
  HUILIU_ASSIGN(const Placement placement, placement_of(path));
  const fs::path copy =
      fs::path(copies) / (fs::path(path).stem().string() + ".g" + std::to_string(++copies_) + ".so");
  std::error_code problem;
  fs::create_directories(copies, problem);
  fs::copy_file(path, copy, problem);
  if (problem)
    return model::make_error(model::ErrorClass::config,
                             "cannot be copied to " + copy.string() + ": " + problem.message(), path);
  const auto plugin =
      placement == Placement::child ? isolate_plugin(copy.string()) : load_plugin(copy.string());
  if (!plugin.ok()) {
    fs::remove(copy, problem);
    return plugin.error();
  }
  const std::lock_guard lock(mutex_);
  for (const auto& connector : (*plugin)->connectors) {
    auto& generations = connectors_[connector->manifest.id];
    if (generations == nullptr)
      generations = std::make_shared<Generations>(connector);
    else
      generations->replace(connector);
  }
  return {};
}

std::shared_ptr<Generations> PluginRegistry::generations(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = connectors_.find(id);
  return found == connectors_.end() ? nullptr : found->second;
}

std::shared_ptr<const Connector> PluginRegistry::connector(std::string_view id) const {
  const auto found = generations(id);
  return found == nullptr ? nullptr : found->current().first;
}

std::vector<std::string> PluginRegistry::connector_ids() const {
  std::vector<std::string> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, connector] : connectors_) out.push_back(id);
  return out;
}

model::Value describe_plugins(const PluginRegistry& registry) {
  model::Array out;
  for (const auto& plugin : registry.plugins())
    for (const auto& connector : plugin->connectors) {
      const Manifest& manifest = connector->manifest;
      model::Array streams, capabilities;
      for (const StreamSpec& stream : manifest.streams) streams.push_back(stream.name);
      for (const std::string& capability : manifest.capabilities) capabilities.push_back(capability);
      out.push_back(
          model::Object{{"id", manifest.id},
                        {"version", manifest.version},
                        {"label", model::Object{{"zh", manifest.label.zh}, {"en", manifest.label.en}}},
                        {"role", manifest.default_role},
                        {"capabilities", std::move(capabilities)},
                        {"streams", std::move(streams)},
                        {"plugin", plugin->name},
                        {"plugin_version", plugin->version},
                        {"library", plugin->path}});
    }
  return out;
}

model::Result<model::Value> inspect_plugin(const std::string& path) {
  HUILIU_ASSIGN(const PluginFile file, read_plugin_file(path));
  model::Array connectors;
  for (const std::string& text : file.manifests) {
    model::Object connector;
    auto json = model::parse_json(text);
    const auto judged = parse_manifest(
        text, file.abi_minor_built > HUILIU_ABI_MINOR ? UnknownMembers::ignored : UnknownMembers::refused);
    connector.set("valid", judged.ok());
    if (!judged.ok()) connector.set("error", judged.error().text());
    connector.set("manifest", json ? std::move(*json) : model::Value(text));
    connectors.push_back(std::move(connector));
  }
  const bool fits = judge_abi(path, file).ok();
  return model::Value(
      model::Object{{"library", path},
                    {"abi", model::Object{{"major", std::int64_t{file.abi_major}},
                                          {"minor_built", std::int64_t{file.abi_minor_built}},
                                          {"minor_needed", std::int64_t{file.abi_minor_needed}},
                                          {"host", minor_text(HUILIU_ABI_MINOR)},
                                          {"fits", fits}}},
                    {"connectors", std::move(connectors)}});
}

}  // namespace huiliu::host
