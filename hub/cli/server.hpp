// A serving hub: control socket, HTTP, schedules; shared by serve and demo.
#pragma once

#include <memory>
#include <mutex>
#include <ostream>
#include <string>

#include "hub/api/api.hpp"
#include "hub/api/control.hpp"
#include "hub/api/http_server.hpp"
#include "hub/run/hub.hpp"
#include "hub/run/listeners.hpp"
#include "hub/run/scheduler.hpp"
#include "hub/run/watchman.hpp"

namespace huiliu::cli {

class Server {
 public:
  // Control socket and HTTP are up when it returns. `messages` gets what operators should see, a line each.
  static model::Result<std::unique_ptr<Server>> start(run::Hub& hub, std::ostream& messages);
  // From now on schedules fire, event channels are heard, and what they and webhooks tell is applied.
  void run_schedules();
  ~Server();

  std::string url() const;  // of the HTTP server

 private:
  Server(run::Hub& hub, std::ostream& messages) : hub_(hub), messages_(messages) {}
  void say_line(const std::string& line);
  void tell(const model::Result<run::CycleReport>& cycle);

  run::Hub& hub_;
  std::ostream& messages_;
  std::mutex mutex_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<api::HttpServer> http_;
  std::unique_ptr<api::ControlServer> control_;
  std::unique_ptr<run::Watchman> watchman_;
  std::unique_ptr<run::Scheduler> scheduler_;
  std::unique_ptr<run::Listeners> listeners_;
};

}  // namespace huiliu::cli
