#include "hub/cli/twin_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

extern char** environ;

namespace huiliu::cli {

using model::ErrorClass;
using model::make_error;

model::Result<std::unique_ptr<TwinProcess>> TwinProcess::start(const std::string& program,
                                                               const std::vector<std::string>& arguments) {
  int in[2];
  int out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0)
    return make_error(ErrorClass::retry, std::string("no pipe: ") + std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  // The twin must not inherit our blocked signals; Ctrl-C of the terminal is ours, so it gets a group of its
  // own.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), program);
  words.emplace_back("--until-stdin-closes");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::unique_ptr<TwinProcess> twin(new TwinProcess());
  const int spawned =
      ::posix_spawn(&twin->pid_, program.c_str(), &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  ::close(in[0]);
  ::close(out[1]);
  twin->stdin_ = in[1];
  if (spawned != 0) {
    twin->pid_ = -1;
    ::close(out[0]);
    return make_error(ErrorClass::config, std::string("cannot be started: ") + std::strerror(spawned),
                      program);
  }
  std::string line;
  char c = 0;
  while (line.size() < 65536) {
    const ssize_t got = ::read(out[0], &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || c == '\n') break;
    line += c;
  }
  ::close(out[0]);
  auto ready = model::parse_json(line);
  if (!ready.ok() || !ready->is_object())
    return make_error(ErrorClass::config,
                      "did not get ready" + (line.empty() ? std::string() : ": " + line.substr(0, 200)),
                      program);
  twin->ready_ = std::move(*ready);
  return twin;
}

TwinProcess::~TwinProcess() {
  if (stdin_ >= 0) ::close(stdin_);
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace huiliu::cli
