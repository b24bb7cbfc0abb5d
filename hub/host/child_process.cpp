#include "hub/host/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <thread>

#include "hub/host/isolation.hpp"

namespace huiliu::host {
namespace {

using Clock = std::chrono::steady_clock;
using model::ErrorClass;
using model::make_error;

constexpr int child_socket = 3;
constexpr auto transfer_limit = std::chrono::seconds(10);  // for one frame, once it has begun
constexpr auto farewell = std::chrono::milliseconds(200);  // between the end of the socket and of the process

int remaining_ms(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return left <= 0 ? 0 : static_cast<int>(std::min<long long>(left, 60'000));
}

model::Result<int> spawn(const std::string& program, int socket) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&actions, socket, child_socket);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);  // Ctrl-C of a terminal is the host's
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::string name = program;
  char* argv[] = {name.data(), nullptr};
  char* environment[] = {nullptr};  // the host's may hold secrets
  pid_t pid = -1;
  const int problem = ::posix_spawn(&pid, program.c_str(), &actions, &attributes, argv, environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (problem != 0)
    return make_error(problem == ENOENT || problem == EACCES ? ErrorClass::config : ErrorClass::retry,
                      std::string("cannot be started: ") + std::strerror(problem), program);
  return static_cast<int>(pid);
}

std::string how_it_ended(int status) {
  if (WIFEXITED(status)) return "ended by itself with code " + std::to_string(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  const std::string named = "signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
  if (number == SIGSYS) return "used a system call that the sandbox forbids, " + named;
  if (number == SIGXCPU) return "used up its processor time, " + named;
  return "was ended by " + named;
}

}  // namespace

std::string plugin_host_program() {
  if (const char* own = std::getenv("HUILIU_PLUGIN_HOST"); own != nullptr && *own != '\0') return own;
  std::error_code problem;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", problem);
  return (program.parent_path() / "huiliu-plugin-host").string();
}

model::Result<std::unique_ptr<ChildProcess>> ChildProcess::start(ChildWatch& watch) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return make_error(ErrorClass::retry, std::string("no socket pair: ") + std::strerror(errno));
  for (const int end : ends) {
    const int size = 1 << 20;
    ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);  // a wish: less only costs time
  }
  auto pid = spawn(plugin_host_program(), ends[1]);
  ::close(ends[1]);
  if (!pid) {
    ::close(ends[0]);
    return pid.error();
  }
  std::unique_ptr<ChildProcess> child(new ChildProcess(*pid, ends[0], watch));
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  child->watched_ = watch.watch(ends[0], child->gone_);
  if (child->watched_ == 0) return make_error(ErrorClass::retry, "too many open files");
  return child;
}

ChildProcess::~ChildProcess() {
  watch_.forget(watched_, socket_);
  end();
  ::close(socket_);
}

bool ChildProcess::send(wire::Kind kind, std::uint32_t call, std::uint32_t request,
                        std::string_view payload) {
  wire::Header header;
  header.kind = static_cast<std::uint32_t>(kind);
  header.call = call;
  header.request = request;
  header.size = payload.size();
  iovec parts[2] = {{&header, sizeof header}, {const_cast<char*>(payload.data()), payload.size()}};
  msghdr message = {};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  const auto deadline = Clock::now() + transfer_limit;
  while (message.msg_iovlen > 0) {
    const ssize_t done = ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0 && errno == EAGAIN) {
      pollfd writable = {socket_, POLLOUT, 0};
      if (::poll(&writable, 1, remaining_ms(deadline)) == 0) return false;
      continue;
    }
    if (done < 0) return false;
    std::size_t sent = static_cast<std::size_t>(done);
    while (message.msg_iovlen > 0 && sent >= message.msg_iov->iov_len) {
      sent -= message.msg_iov->iov_len;
      ++message.msg_iov;
      --message.msg_iovlen;
    }
    if (message.msg_iovlen > 0) {
      message.msg_iov->iov_base = static_cast<char*>(message.msg_iov->iov_base) + sent;
      message.msg_iov->iov_len -= sent;
    }
  }
  return true;
}

ChildProcess::Got ChildProcess::read_all(char* into, std::size_t size) {
  const auto deadline = Clock::now() + transfer_limit;
  while (size > 0) {
    const ssize_t got = ::recv(socket_, into, size, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) {
      pollfd readable = {socket_, POLLIN, 0};
      if (::poll(&readable, 1, remaining_ms(deadline)) == 0) return Got::garbage;
      continue;
    }
    if (got <= 0) return Got::closed;
    into += got;
    size -= static_cast<std::size_t>(got);
  }
  return Got::frame;
}

ChildProcess::Got ChildProcess::receive(wire::Frame& frame, Deadline deadline, int wake_fd) {
  for (;;) {
    pollfd watched[2] = {{socket_, POLLIN, 0}, {wake_fd, POLLIN, 0}};
    const int ready = ::poll(watched, wake_fd < 0 ? 1 : 2, remaining_ms(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      if (Clock::now() < deadline) continue;  // poll waits no longer than a minute at a time
      return Got::timeout;
    }
    if (wake_fd >= 0 && watched[1].revents != 0) return Got::woken;
    break;
  }
  frame = {};
  const wire::Header expected;
  if (const Got got = read_all(reinterpret_cast<char*>(&frame.header), sizeof frame.header);
      got != Got::frame)
    return got;
  if (frame.header.mark != expected.mark || frame.header.size > wire::max_frame_bytes) return Got::garbage;
  // A lie about the size costs no memory: it grows with what really comes.
  constexpr std::size_t step = std::size_t{1} << 20;
  while (frame.payload.size() < frame.header.size) {
    const std::size_t before = frame.payload.size();
    const std::size_t part = std::min<std::size_t>(frame.header.size - before, std::max(step, before));
    frame.payload.resize(before + part);
    if (const Got got = read_all(frame.payload.data() + before, part); got != Got::frame) return got;
  }
  return Got::frame;
}

void ChildProcess::limit_cpu(std::uint64_t seconds) {
  clockid_t clock = {};
  timespec used = {};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return;
  const auto until = static_cast<rlim_t>(used.tv_sec) + seconds + 1;
  const rlimit wanted = {until, RLIM_INFINITY};
  ::prlimit(pid_, RLIMIT_CPU, &wanted, nullptr);  // of a process that has ended: no matter
}

std::string ChildProcess::end() {
  if (pid_ < 0) return {};
  int status = 0;
  // It may just be ending: its own reason says more than our signal.
  for (const auto until = Clock::now() + farewell; Clock::now() < until;) {
    pollfd hung_up = {socket_, POLLIN, 0};
    char rest[4096];
    const bool closed = ::poll(&hung_up, 1, 0) > 0 && ::recv(socket_, rest, sizeof rest, MSG_DONTWAIT) <= 0;
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) {
      pid_ = -1;
      return how_it_ended(status);
    }
    if (!closed) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
  return {};
}

}  // namespace huiliu::host
