#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <sstream>
#include <thread>

#include "hub/cli/app.hpp"

namespace {

std::atomic<bool> stop_requested{false};

// SIGINT and SIGTERM become a flag that everything long looks at; a second one ends the process at once.
void watch_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::thread([signals] {
    int number = 0;
    sigwait(&signals, &number);
    stop_requested = true;
    stop_requested.notify_all();
    sigwait(&signals, &number);
    std::_Exit(130);
  }).detach();
}

// Threads come and go with connections and requests. An arena for each would keep what it once held for ever.
void bound_memory() {
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

}  // namespace

int main(int argc, char** argv) {
  bound_memory();
  watch_signals();
  std::ios::sync_with_stdio(false);
  std::istringstream empty;
  // A terminal is nobody's document: without a pipe or a file there is no input.
  huiliu::cli::Io io{::isatty(STDIN_FILENO) == 1 ? static_cast<std::istream&>(empty) : std::cin, std::cout,
                     std::cerr};
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  int code = huiliu::cli::failed;
  try {
    code = huiliu::cli::run_command(arguments, io, nullptr, stop_requested);
  } catch (const std::exception& error) {
    std::cerr << "huiliu: unexpected: " << error.what() << '\n';
  }
  std::cout.flush();
  if (!std::cout) {
    std::cerr << "huiliu: the output could not be written\n";
    code = code == 0 ? huiliu::cli::failed : code;
  }
  std::_Exit(code);
}
