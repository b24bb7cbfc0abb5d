// The control socket: a Unix socket with mode 0600 beside the store, through which commands reach the process
// that owns it. One request per connection: a line {"args": [...], "config": "..."} up, lines {"out"},
// {"err"} and at last {"exit"} down.
#pragma once

#include <atomic>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/model/result.hpp"

namespace huiliu::api {

// Path of the socket that belongs to a store: PATH.sock for sqlite:PATH; empty when a store has none.
std::string control_socket_path(const std::string& store);

// Runs the command in the process that serves the store; nullopt when nobody does. When the connection breaks
// before the end: an error message and exit code 1.
std::optional<int> run_in_server(const std::string& store, const std::vector<std::string>& arguments,
                                 std::ostream& out, std::ostream& err);

class ControlServer {
 public:
  // Runs a command and returns its exit code; called on the server's threads, several at once.
  using Handler = std::function<int(const std::vector<std::string>& arguments, std::ostream& out,
                                    std::ostream& err, const std::atomic<bool>& stop)>;
  static model::Result<std::unique_ptr<ControlServer>> start(const std::string& store, Handler handler);
  // Stops taking commands, stops those under way, waits for them.
  ~ControlServer();

 private:
  struct Impl;
  explicit ControlServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace huiliu::api
