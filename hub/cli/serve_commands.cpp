// huiliu serve, demo
#include <CLI/CLI.hpp>
#include <iostream>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/cli/demo.hpp"
#include "hub/cli/server.hpp"

namespace huiliu::cli {
namespace {

int serve(Session& session) {
  if (session.served()) return session.fail(model::make_error(model::ErrorClass::config, "already serving"));
  auto hub = session.hub();
  if (!hub.ok()) return session.fail(hub.error());
  auto server = Server::start(**hub, session.io().err);
  if (!server.ok()) return session.fail(server.error());
  (*server)->run_schedules();
  session.io().err << say("汇流运行中：", "huiliu is serving at ") << (*server)->url()
                   << say("，Ctrl-C 结束\n", ", Ctrl-C ends it\n") << std::flush;
  session.stop().wait(false);
  return done;
}

}  // namespace

void add_serve_commands(CLI::App& app, Action& action) {
  app.add_subcommand("serve", say("运行", "run the hub"))->callback([&action] {
    action = {serve, false, false};
  });

  auto options = std::make_shared<DemoOptions>();
  CLI::App* demo =
      app.add_subcommand("demo", say("演示：模拟系统 + 首次双向同步", "twins, hub, first two-way sync"));
  demo->add_flag("--once", options->once, "exit when all agree, 1 when they do not");
  demo->add_option("--customers", options->customers, "customers of the generated world (default: 600)")
      ->check(CLI::Range(1, 5'000'000));
  demo->add_option("--seed", options->seed, "of the generated world (default: 1)");
  demo->add_option("--port", options->port, "of the hub's HTTP server; 0: any free one")
      ->check(CLI::Range(0, 65535));
  demo->add_option("--data", options->data, "records of one's own: DIR/SYSTEM/STREAM.jsonl");
  demo->add_option("--quota-factor", options->quota_factor,
                   "every vendor quota times this (default: 1000; said in the summary)");
  demo->add_option("--state", options->state,
                   "directory for store and configuration (default: a temporary one)");
  demo->callback([&action, options] {
    action = {[options](Session& session) { return run_demo(session, *options); }, false, true};
  });
}

}  // namespace huiliu::cli
