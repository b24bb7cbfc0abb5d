// A System that is a plugin's instance in hub/host.
#pragma once

#include <memory>
#include <string>

#include "hub/config/config.hpp"
#include "hub/host/instance.hpp"
#include "hub/run/system.hpp"
#include "hub/store/store.hpp"

namespace huiliu::run {

// Opens an instance of the connection's connector. Errors: class config, where = file:line of the wrong
// setting. All arguments outlive the system. With `generations` it follows the connector's upgrades.
model::Result<std::unique_ptr<System>> open_plugin_system(host::Host& host,
                                                          std::shared_ptr<const host::Connector> connector,
                                                          const config::ConnectionConfig& connection,
                                                          store::Store& store,
                                                          std::shared_ptr<host::Generations> generations = {},
                                                          host::SecretSource vault = {});

// The instance behind a System made by open_plugin_system, for webhooks.
host::Instance& instance_of(System& system);

// A record of the host as the runner takes it.
ReceivedRecord received(host::RemoteRecord record);

}  // namespace huiliu::run
