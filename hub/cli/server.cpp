#include "hub/cli/server.hpp"

#include <istream>
#include <sstream>

#include "hub/api/routes.hpp"
#include "hub/cli/app.hpp"
#include "hub/cli/version.hpp"

namespace huiliu::cli {

model::Result<std::unique_ptr<Server>> Server::start(run::Hub& hub, std::ostream& messages) {
  std::unique_ptr<Server> server(new Server(hub, messages));
  api::HttpServerOptions options;
  options.address = hub.config().hub.listen_address;
  options.port = static_cast<std::uint16_t>(hub.config().hub.listen_port);
  options.tls_certificate = hub.config().hub.tls_certificate;
  options.tls_key = hub.config().hub.tls_key;
  api::ApiOptions limits;
  limits.requests_per_second = hub.config().hub.api_requests_per_second;
  limits.plain_http_everywhere = hub.config().hub.behind_tls_proxy;
  limits.build = version_view();
  server->api_ = std::make_unique<api::Api>(hub, limits);
  HUILIU_ASSIGN(server->http_,
                api::HttpServer::start(options, [raw = server.get(), &hub](const api::HttpRequest& request) {
                  return api::handle(hub, *raw->api_, request);
                }));
  HUILIU_ASSIGN(server->control_,
                api::ControlServer::start(hub.options().store,
                                          [&hub](const std::vector<std::string>& arguments, std::ostream& out,
                                                 std::ostream& err, const std::atomic<bool>& stop) {
                                            std::istringstream no_input;
                                            Io io{no_input, out, err};
                                            return run_command(arguments, io, &hub, stop);
                                          }));
  return server;
}

void Server::run_schedules() {
  watchman_ =
      std::make_unique<run::Watchman>(hub_, [this](const std::string& line) { say_line("huiliu: " + line); });
  run::JobListener listener;
  listener.cycle = [this](const model::Result<run::CycleReport>& cycle) { tell(cycle); };
  listener.house = [this](const std::string& job, const model::Status& ended) {
    watchman_->saw_house(job, ended);
    if (!ended.ok()) say_line("huiliu: " + job + ": " + ended.error().text());
  };
  scheduler_ = std::make_unique<run::Scheduler>(hub_, std::move(listener));
  listeners_ = std::make_unique<run::Listeners>(
      hub_, [this](const std::string& connection, const model::Error& error) {
        say_line("huiliu: " + connection + say("：事件通道：", ": event channel: ") + error.text());
      });
}

void Server::tell(const model::Result<run::CycleReport>& cycle) {
  if (!cycle.ok()) return say_line("huiliu: " + cycle.error().text());
  watchman_->saw(*cycle);
  for (const run::ConnectionReport& connection : cycle->connections)
    if (!connection.error.empty())
      say_line("huiliu: " + cycle->run + ": " + connection.name + ": " + connection.error);
  if (cycle->applied > 0)
    say_line(cycle->run + say("：写入 ", ": written ") + std::to_string(cycle->applied) +
             say(" 条记录", " records"));
}

Server::~Server() {
  control_.reset();
  http_.reset();
  listeners_.reset();
  api_.reset();
  scheduler_.reset();
  watchman_.reset();
}

std::string Server::url() const {
  return (hub_.config().hub.tls_certificate.empty() ? "http://" : "https://") +
         hub_.config().hub.listen_address + ":" + std::to_string(http_->port());
}

void Server::say_line(const std::string& line) {
  const std::lock_guard lock(mutex_);
  messages_ << line << std::endl;
}

}  // namespace huiliu::cli
