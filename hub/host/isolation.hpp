// Isolation: a connector's instance in a process of its own, in a sandbox, behind the same Connector table as
// a loaded one. The library is the same file, unchanged; it is never loaded into the host.
//
// The child can compute and talk to the host, nothing else: no network, no files but the system's libraries,
// no processes. Requests go out through the host, to the hosts of its connection. Records flow against a
// credit in bytes. When the child crashes, hangs, floods or sends what is no frame, its process is ended, the
// operation ends as `retry` with the cause (records of a write without a result stay in doubt), and the next
// operation starts a new process from the last durable cursor. Three ends within ten minutes: class bug.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "hub/host/plugin.hpp"
#include "hub/model/time.hpp"

namespace huiliu::host {

struct IsolationLimits {
  std::uint64_t memory_bytes = std::uint64_t{1} << 30;
  std::uint64_t cpu_seconds = 600;                      // of one operation
  model::Micros quiet = 120 * model::second;            // without any sign of progress
  model::Micros grace = model::second;                  // between a stop and the end of the process
  std::uint64_t window_bytes = std::uint64_t{4} << 20;  // of records on their way
};

// How often the processes of a connection died lately. Threads: any.
class DeathBook {
 public:
  static constexpr int limit = 3;
  static constexpr model::Micros window = 600 * model::second;
  void note(const std::string& connection, model::Micros now, std::string cause);
  // Empty: it may be started. Else the last cause.
  std::string barred(const std::string& connection, model::Micros now);

 private:
  struct Death {
    model::Micros at;
    std::string cause;
  };
  std::mutex mutex_;
  std::map<std::string, std::deque<Death>> deaths_;
};

// Where the program huiliu-plugin-host stands: beside the running one; HUILIU_PLUGIN_HOST names another place.
std::string plugin_host_program();

// A plugin as its file describes it, whose connectors work in child processes: none of its code runs in the
// host. Errors: as load_plugin, but for what only its code can show; that is found when an instance opens.
model::Result<std::shared_ptr<const Plugin>> isolate_plugin(const std::string& path);

// The same for one connector, whether it is loaded or not.
std::shared_ptr<const Connector> isolated(const Connector& connector);

}  // namespace huiliu::host
