// huiliu serve, demo
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <mutex>
#include <ostream>
#include <thread>

#include "hub/cli/app.hpp"
#include "hub/cli/demo.hpp"
#include "hub/cli/server.hpp"
#include "hub/cli/version.hpp"

namespace huiliu::cli {
namespace {

// What a serving process waits for: its end, or another configuration.
class Wakeup {
 public:
  explicit Wakeup(const std::atomic<bool>& stop) : state_(std::make_shared<State>()) {
    // Detached: nothing but the flag, which lives as long as the process, can end its wait.
    std::thread([state = state_, &stop] {
      stop.wait(false);
      set(*state, state->ended);
    }).detach();
  }
  void reload() const { set(*state_, state_->reload); }
  // True: open again; false: end.
  bool wait_for_reload() const {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [this] { return state_->ended || state_->reload; });
    state_->reload = false;
    return !state_->ended;
  }
  // False: end.
  bool pause(std::chrono::milliseconds time) const {
    std::unique_lock lock(state_->mutex);
    return !state_->changed.wait_for(lock, time, [this] { return state_->ended; });
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    bool ended = false, reload = false;
  };
  static void set(State& state, bool& what) {
    const std::lock_guard lock(state.mutex);
    what = true;
    state.changed.notify_all();
  }
  std::shared_ptr<State> state_;
};

// To whoever started the service and wants to know, by the datagram that systemd reads (sd_notify(3)).
void notify_service_manager(const std::string& state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (path == nullptr || (*path != '/' && *path != '@') || std::strlen(path) >= sizeof address.sun_path)
    return;
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  if (*path == '@') address.sun_path[0] = '\0';
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  if (::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
               size) < 0)
    std::perror("huiliu: the service manager cannot be told");
  ::close(fd);
}

int serve(Session& session) {
  // What it holds in memory (secrets, persons) must not end in a core file.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) std::perror("huiliu: core files cannot be ruled out");
  if (session.served()) return session.fail(model::make_error(model::ErrorClass::config, "already serving"));
  const Wakeup wakeup(session.stop());
  for (bool taking_over = false;; taking_over = true) {
    auto hub = session.hub();
    // A command that found nobody serving holds the store as long as it works.
    while (!hub.ok() && taking_over && hub.error().code == "in_use") {
      if (!wakeup.pause(std::chrono::milliseconds(100))) return done;
      hub = session.hub();
    }
    if (!hub.ok()) return session.fail(hub.error());
    auto server = Server::start(**hub, session.io().err);
    if (!server.ok()) return session.fail(server.error());
    (*hub)->on_reload([&wakeup] { wakeup.reload(); });
    (*server)->run_schedules();
    notify_service_manager("READY=1\nSTATUS=" + version_text() + " at " + (*server)->url());
    session.io().err << version_text() << '\n'
                     << say("汇流运行中：", "huiliu is serving at ") << (*server)->url()
                     << say("，Ctrl-C 结束\n", ", Ctrl-C ends it\n") << std::flush;
    const bool again = wakeup.wait_for_reload();
    notify_service_manager(again ? "RELOADING=1" : "STOPPING=1");
    if (!again) return done;
    session.io().err << say("采用新配置\n", "taking over another configuration\n") << std::flush;
    server->reset();  // ends what is under way at its next batch
    session.release();
  }
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
