// What all instances of one process share: environment, network, quotas, tokens, the knowledge of what is
// secret.
//
// Ownership: the Host owns all but the Environment; it outlives its instances. Threads: all from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/host/child_watch.hpp"
#include "hub/host/environment.hpp"
#include "hub/host/http.hpp"
#include "hub/host/http_service.hpp"
#include "hub/host/isolation.hpp"
#include "hub/host/quota.hpp"
#include "hub/host/redactor.hpp"
#include "hub/host/token_cache.hpp"

namespace huiliu::host {

enum class LogLevel { debug = 1, info = 2, warning = 3, error = 4 };

// Already without secrets.
struct LogLine {
  LogLevel level = LogLevel::info;
  std::string connection;
  std::string text;
  std::vector<std::pair<std::string, std::string>> fields;
};

struct HostOptions {
  HttpLimits http;
  RetryPolicy retry;
  model::Micros longest_quota_wait = 60 * model::second;
  IsolationLimits isolation;  // of plugins in child processes
  double quota_factor = 1;  // every limit of every bucket times this; demos and benchmarks lift it and say so
  // Each may be empty. Called from any thread.
  std::function<void(const LogLine&)> log;
  std::function<void(const std::string& connection, const HttpRequest&)>
      watch_request;  // as it leaves, with secrets
  std::function<void(const std::string& connection, const std::string& name, double value)> metric;
};

class Host {
 public:
  // The live network.
  explicit Host(Environment& environment, HostOptions options = {});
  // A given transport; one that records must have been made with this redactor.
  Host(Environment& environment, HostOptions options, std::shared_ptr<Redactor> redactor,
       std::unique_ptr<Transport> transport);

  Environment& environment() noexcept { return environment_; }
  const HostOptions& options() const noexcept { return options_; }
  Redactor& redactor() noexcept { return *redactor_; }
  TokenCache& tokens() noexcept { return tokens_; }
  HttpService& http() noexcept { return http_; }
  DeathBook& deaths() noexcept { return deaths_; }
  ChildWatch& child_watch() noexcept { return child_watch_; }
  QuotaBook& quotas() noexcept { return quotas_; }
  // False: requests go to a script or a recording, and nothing else may leave either.
  bool has_network() const noexcept { return has_network_; }

  // Removes secrets, then calls options().log.
  void log(LogLine line);

 private:
  Environment& environment_;
  const HostOptions options_;
  std::shared_ptr<Redactor> redactor_;
  std::unique_ptr<Transport> transport_;
  QuotaBook quotas_;
  TokenCache tokens_;
  HttpService http_;
  DeathBook deaths_;
  ChildWatch child_watch_;
  bool has_network_ = false;
};

}  // namespace huiliu::host
