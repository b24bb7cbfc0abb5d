// Loading a plugin's library and looking at its connectors.
//
// A library is judged from its file first (ELF note, manifests), so that an unfit one never runs a
// constructor; then opened with RTLD_NOW | RTLD_LOCAL and judged again by what its entry says. Every refusal
// is an Error (class config) that names the file, what was found and what was wanted; the host lives on.
//
// A library is never unloaded: its tables, and functions that threads or handlers may still hold, live in it,
// and no protocol can prove that none is left. A new version is a new file at a new path.
//
// Threads: loading from one thread at a time for one PluginRegistry; what is loaded never changes, and the
// registry may be asked from any thread.
#pragma once

#include <huiliu/plugin.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "hub/host/generations.hpp"
#include "hub/host/manifest.hpp"
#include "hub/model/result.hpp"

namespace huiliu::host {

struct PluginFile;

// One kind of remote system, as a plugin offers it. Immutable.
struct Connector {
  Manifest manifest;
  std::string manifest_text;    // its bytes
  huiliu_connector slots = {};  // what the plugin's own, perhaps shorter, table holds; the rest null
  std::string library;          // the file's path
  std::string plugin, plugin_version;
  std::uint32_t index = 0;  // in its plugin
  bool isolated = false;    // its instances live in child processes (isolation.hpp)
};

struct Plugin {
  std::string path, name, version;
  std::uint32_t abi_minor_built = 0, abi_minor_needed = 0;
  std::vector<std::shared_ptr<const Connector>> connectors;

  // By id; the only one when id is empty. Null: no such.
  std::shared_ptr<const Connector> connector(std::string_view id) const;
};

model::Result<std::shared_ptr<const Plugin>> load_plugin(const std::string& path);

// Refuses what this host cannot work with, by the file alone.
model::Status judge_abi(const std::string& path, const PluginFile& file);

// The same for a plugin that is already in the process. manifests: as its file has them, one for each
// connector. path: for messages. The tables must live for ever.
model::Result<std::shared_ptr<const Plugin>> adopt_plugin(const huiliu_plugin* plugin,
                                                          const std::vector<std::string>& manifests,
                                                          const std::string& path);

// How a library of an installation is taken: into the process, as its file describes it for child processes
// only, or not at all (an Error says why).
enum class Placement { process, child };
using PlacementRule =
    std::function<model::Result<Placement>(const std::string& library, const PluginFile& file)>;

// The plugins of an installation.
class PluginRegistry {
 public:
  // Asked for each library before any of its code runs. Without a rule: all into the process.
  void place_by(PlacementRule rule) { rule_ = std::move(rule); }
  // Loads every libhuiliu-*.so of the directory, in the order of their names. Returns why some could not be
  // taken: unfit, or with a connector id that another already has. A directory that cannot be read is one
  // such error.
  std::vector<model::Error> scan(const std::string& directory);
  model::Status load(const std::string& path);
  // Takes a new version of a library while the old one works: a copy under a new name, so that the mapped
  // file of the old one is not touched. Instances that follow the generations of its connectors go over to
  // it. `copies`: a directory for that. Errors: as load; nothing has changed then.
  model::Status upgrade(const std::string& path, const std::string& copies);

  // The newest; null: no such.
  std::shared_ptr<const Connector> connector(std::string_view id) const;
  std::shared_ptr<Generations> generations(std::string_view id) const;
  std::vector<std::string> connector_ids() const;
  const std::vector<std::shared_ptr<const Plugin>>& plugins() const noexcept { return plugins_; }

 private:
  std::vector<std::shared_ptr<const Plugin>> plugins_;
  model::Result<Placement> placement_of(const std::string& path) const;

  mutable std::mutex mutex_;  // of connectors_
  std::map<std::string, std::shared_ptr<Generations>, std::less<>> connectors_;
  std::uint64_t copies_ = 0;
  PlacementRule rule_;
};

// For `huiliu plugin list`: one object for each connector; and for `plugin inspect`: everything about one
// library, read from its file alone, without loading it.
model::Value describe_plugins(const PluginRegistry& registry);
model::Result<model::Value> inspect_plugin(const std::string& path);

}  // namespace huiliu::host
