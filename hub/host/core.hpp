// Inside of hub/host: what an instance is made of, and what a huiliu_call points at. Shared by instance.cpp
// (operations), services.cpp (what plugins call) and credentials.cpp (tokens); not for others.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "hub/host/host_pattern.hpp"
#include "hub/host/instance.hpp"

namespace huiliu::host {

struct QuotaUse {
  std::string name;  // in the QuotaBook: account and bucket
  QuotaLimits limits;
};

// Constant after Instance::open, but for `self`, which open sets, and what is marked.
struct InstanceCore {
  Host& host;
  std::shared_ptr<const Connector> connector;
  std::string connection;
  model::Value settings;                       // resolved; secrets as "***"
  std::map<std::string, std::string> secrets;  // in clear
  std::vector<HostPattern> hosts;
  std::shared_ptr<const Network> network;
  std::map<std::string, QuotaUse> quotas;
  std::string token_prefix_account, token_prefix_connection, token_prefix_instance;
  StateStore* state = nullptr;
  std::unique_ptr<StateStore> own_state;  // when the hub gave none
  void* self = nullptr;
  std::mutex operating;  // one operation at a time

  InstanceCore(Host& host_, std::shared_ptr<const Connector> connector_)
      : host(host_), connector(std::move(connector_)) {}
};

// A token that a call's requests carried last.
struct UsedToken {
  std::string key;
  std::uint32_t pool_index = 0;
  std::uint64_t generation = 0;
};

}  // namespace huiliu::host

// One running operation.
struct huiliu_call {
  huiliu_call(huiliu::host::InstanceCore& core_, const huiliu::host::CallOptions& options_,
              const huiliu_call* parent_ = nullptr, std::string authenticating_ = {})
      : core(core_),
        options(options_),
        stop(parent_ != nullptr ? parent_->stop : options_.stop),
        parent(parent_),
        authenticating(std::move(authenticating_)) {}

  huiliu::host::InstanceCore& core;
  const huiliu::host::CallOptions& options;
  // Ends what the services do for it: the stop of the options, or that the plugin's process is gone.
  std::stop_token stop;
  const huiliu_call* parent;   // the operation whose send needs the token that this call fetches; else null
  std::string authenticating;  // that credential's name

  std::mutex mutex;  // protects all below: a plugin's own threads may use the call too
  std::optional<huiliu::model::Error> failure;  // what the plugin says about the status that it will return
  std::optional<huiliu::model::Error>
      refusal;  // why a service last refused; explains a status that is passed on
  std::optional<huiliu::model::Error>
      fault;  // what broke in the host on its behalf: stronger than any status
  huiliu::host::StateChanges staged;
  std::string last_quota;                                // bucket of the latest request, in the QuotaBook
  std::map<std::string, huiliu::host::UsedToken> used;   // by credential
  std::map<std::string, huiliu::model::Micros> renewed;  // by credential: when this call last renewed it

  // The first fault counts.
  void break_with(huiliu::model::Error error) {
    const std::lock_guard lock(mutex);
    if (!fault) fault = std::move(error);
  }
};

namespace huiliu::host {

// The service tables; the same for all instances, since every service is given the call.
const huiliu_host& host_table() noexcept;

// A host extension by its id ("websocket/1"); null: none of that name.
const void* host_extension(std::string_view id) noexcept;
const void* websocket_extension() noexcept;
const void* quota_extension() noexcept;

// How an operation ended, judged from what the plugin returned and said. `where` is the connection or below
// it.
model::Status ended(huiliu_call& call, huiliu_status status, const std::string& where);

// The error, with `where` put before its own and without secrets.
model::Error located(const InstanceCore& core, model::Error error, const std::string& where);

// Puts the named credential into a request; keeps what must live as long as the request in `lease`. `call`
// remembers which token it used.
model::Status place_credential(huiliu_call& call, const std::string& name, HttpRequest& request,
                               TokenCache::Lease& lease);
// huiliu_http.invalidate.
model::Status invalidate_token(huiliu_call& call, const std::string& credential);

}  // namespace huiliu::host
