#include "hub/run/placement.hpp"

#include <filesystem>
#include <map>
#include <memory>

#include "hub/host/elf_file.hpp"
#include "hub/host/package.hpp"

namespace huiliu::run {
namespace {

using config::UnsignedPlugins;
using host::Placement;
using model::Result;

// Connector id → does any connection want it in this process?
std::map<std::string, bool> wanted_inside(const config::Config& config) {
  std::map<std::string, bool> inside;
  for (const config::ConnectionConfig& connection : config.connections)
    if (connection.enabled) inside[connection.connector] |= !connection.isolated;
  return inside;
}

}  // namespace

Result<host::PlacementRule> placement_rule(const config::Config& config, const std::string& shipped,
                                           const std::string& directory) {
  namespace fs = std::filesystem;
  std::vector<std::string> trusted = {(fs::path(shipped) / "trust").string()};
  if (!directory.empty()) trusted.push_back((fs::path(directory) / "trust").string());
  const UnsignedPlugins rule = config.hub.unsigned_plugins;
  auto trust = std::make_shared<host::TrustStore>();
  if (rule != UnsignedPlugins::allowed) {
    HUILIU_ASSIGN(*trust, host::TrustStore::load(trusted));
  }
  return host::PlacementRule(
      [rule, trust, inside = wanted_inside(config)](const std::string& library,
                                                    const host::PluginFile& file) -> Result<Placement> {
        if (rule != UnsignedPlugins::allowed)
          if (auto verified = host::verify_library(library, *trust); !verified.ok()) {
            if (rule == UnsignedPlugins::isolated) return Placement::child;
            model::Error error = verified.error();
            if (error.where.empty()) error.where = library;
            error.message += "; unsigned_plugins: refuse";
            return error;
          }
        bool any = false, all_apart = true;
        for (const std::string& text : file.manifests) {
          const auto manifest = model::parse_json(text);
          const auto found = manifest.ok() ? inside.find((*manifest)["id"].to_text()) : inside.end();
          if (found == inside.end()) continue;
          any = true;
          all_apart = all_apart && !found->second;
        }
        return any && all_apart ? Placement::child : Placement::process;
      });
}

}  // namespace huiliu::run
