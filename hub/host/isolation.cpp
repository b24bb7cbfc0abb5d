#include "hub/host/isolation.hpp"

#include <algorithm>

#include "hub/host/child_session.hpp"
#include "hub/host/elf_file.hpp"

namespace huiliu::host {

void DeathBook::note(const std::string& connection, model::Micros now, std::string cause) {
  const std::lock_guard lock(mutex_);
  std::deque<Death>& deaths = deaths_[connection];
  deaths.push_back({now, std::move(cause)});
  if (deaths.size() > limit) deaths.pop_front();
}

std::string DeathBook::barred(const std::string& connection, model::Micros now) {
  const std::lock_guard lock(mutex_);
  const auto found = deaths_.find(connection);
  if (found == deaths_.end() || found->second.size() < limit || now - found->second.front().at > window)
    return {};
  return found->second.back().cause;
}

std::shared_ptr<const Connector> isolated(const Connector& connector) {
  auto out = std::make_shared<Connector>(connector);
  out->slots = child_slots(connector.manifest.capabilities);
  out->isolated = true;
  return out;
}

model::Result<std::shared_ptr<const Plugin>> isolate_plugin(const std::string& path) {
  HUILIU_ASSIGN(const PluginFile file, read_plugin_file(path));
  HUILIU_TRY(judge_abi(path, file));
  auto out = std::make_shared<Plugin>();
  out->path = path;
  out->abi_minor_built = file.abi_minor_built;
  out->abi_minor_needed = file.abi_minor_needed;
  const auto unknown =
      file.abi_minor_built > HUILIU_ABI_MINOR ? UnknownMembers::ignored : UnknownMembers::refused;
  for (std::uint32_t index = 0; index < file.manifests.size(); ++index) {
    auto connector = std::make_shared<Connector>();
    connector->manifest_text = file.manifests[index];
    auto manifest = parse_manifest(connector->manifest_text, unknown);
    if (!manifest) {
      model::Error error = manifest.error();
      error.message =
          "connector " + std::to_string(index) + ": manifest " + error.where + ": " + error.message;
      error.where = path;
      return error;
    }
    connector->manifest = std::move(*manifest);
    connector->library = path;
    connector->index = index;
    connector->plugin = connector->manifest.id;
    connector->plugin_version = connector->manifest.version;
    if (out->connector(connector->manifest.id))
      return model::make_error(model::ErrorClass::config, "found two connectors " + connector->manifest.id,
                               path);
    if (out->name.empty()) out->name = connector->manifest.id, out->version = connector->manifest.version;
    out->connectors.push_back(isolated(*connector));
  }
  return std::shared_ptr<const Plugin>(std::move(out));
}

}  // namespace huiliu::host
