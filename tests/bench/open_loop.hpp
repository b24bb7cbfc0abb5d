// A serving hub in a process of its own, and requests that reach it over loopback at a fixed rate whatever it
// does: an open loop. What waits counts from the moment it was due.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace huiliu::bench {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct ServingHub {
  pid_t pid = -1;
  int port = 0;
};

// The build directory that this program stands in.
inline fs::path build_directory() { return fs::read_symlink("/proc/self/exe").parent_path().parent_path(); }

// `huiliu serve` over PLACE/hub.db and PLACE/config; returns when it listens.
inline ServingHub start_hub(const fs::path& place) {
  ::setenv("HUILIU_PLUGINS", (build_directory() / "plugins").c_str(), 1);
  ::setenv("HUILIU_LANG", "en", 1);
  ::unsetenv("NOTIFY_SOCKET");
  int out[2];
  if (::pipe(out) != 0) std::exit(1);
  ServingHub hub;
  hub.pid = ::fork();
  if (hub.pid == 0) {
    ::dup2(out[1], 2);
    ::close(out[0]);
    ::execl((build_directory() / "bin/huiliu").c_str(), "huiliu", "serve", "--store",
            ("sqlite:" + (place / "hub.db").string()).c_str(), "--config", (place / "config").c_str(),
            nullptr);
    ::_exit(127);
  }
  ::close(out[1]);
  std::string said;
  char chunk[4096];
  std::size_t at = std::string::npos;
  for (ssize_t got = 0; (got = ::read(out[0], chunk, sizeof chunk)) > 0;) {
    said.append(chunk, static_cast<std::size_t>(got));
    at = said.find("http://127.0.0.1:");
    if (at != std::string::npos) break;
  }
  if (at == std::string::npos) std::fprintf(stderr, "%s\n", said.c_str()), std::exit(1);
  ::fcntl(out[0], F_SETFL, O_NONBLOCK);  // stays open: the hub may say more
  hub.port = std::atoi(said.c_str() + at + 17);
  return hub;
}

inline int connected(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    std::perror("connect"), std::exit(1);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

// The status of a complete answer in `in`; 0: more to come.
inline int status_of(const std::string& in) {
  const std::size_t end = in.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  std::size_t length = 0;
  if (const std::size_t at = in.find("Content-Length: "); at < end)
    length = static_cast<std::size_t>(std::atol(in.c_str() + at + 16));
  return in.size() >= end + 4 + length ? std::atoi(in.c_str() + 9) : 0;
}

struct Load {
  const std::vector<std::string>& requests;  // as they go over the wire
  double rate = 0;                           // a second
  std::size_t connections = 64;
  std::function<void(std::size_t request, int status, double ms)> answered;
  // Asked each round with the time since the beginning; false: nothing more is sent.
  std::function<bool(double seconds)> goes_on = {};
};

struct LoadEnd {
  double seconds = 0;
  std::size_t cut_off = 0;  // requests whose connection ended before their answer
};

// Sends everything, on connections that stay open, and waits for the answers.
inline LoadEnd open_loop(int port, const Load& load) {
  struct Connection {
    int fd = -1;
    bool busy = false;
    std::size_t request = 0;
    Clock::time_point due;
    std::string in;
  };
  std::vector<Connection> all(load.connections);
  for (Connection& one : all) one.fd = connected(port);
  std::vector<pollfd> polled(all.size());
  LoadEnd end;
  std::size_t next = 0;
  const auto begin = Clock::now();
  const auto due_of = [&](std::size_t i) {
    return begin + std::chrono::duration_cast<Clock::duration>(
                       std::chrono::duration<double>(static_cast<double>(i) / load.rate));
  };
  const auto cut = [&](Connection& one) { ++end.cut_off, ::close(one.fd), one.fd = -1, one.busy = false; };
  while (true) {
    const auto now = Clock::now();
    const bool sends = next < load.requests.size() &&
                       (!load.goes_on || load.goes_on(std::chrono::duration<double>(now - begin).count()));
    for (Connection& one : all) {
      if (!sends || one.fd < 0 || one.busy || next == load.requests.size() || due_of(next) > now) continue;
      one.request = next;
      one.due = due_of(next);
      one.busy = true;
      const std::string& bytes = load.requests[next++];
      if (::send(one.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
        cut(one);
    }
    std::size_t busy = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      polled[i] = {all[i].busy ? all[i].fd : -1, POLLIN, 0};
      busy += all[i].busy ? 1 : 0;
    }
    if (busy == 0 && !sends) break;
    const timespec wait{0, busy == all.size() ? 50'000'000 : 200'000};
    ::ppoll(polled.data(), polled.size(), &wait, nullptr);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (polled[i].fd < 0 || polled[i].revents == 0) continue;
      Connection& one = all[i];
      char chunk[65536];
      const ssize_t got = ::recv(one.fd, chunk, sizeof chunk, MSG_DONTWAIT);
      if (got <= 0) {
        cut(one);
        continue;
      }
      one.in.append(chunk, static_cast<std::size_t>(got));
      const int status = status_of(one.in);
      if (status == 0) continue;
      load.answered(one.request, status,
                    std::chrono::duration<double, std::milli>(Clock::now() - one.due).count());
      one.in.clear();
      one.busy = false;
    }
  }
  for (const Connection& one : all)
    if (one.fd >= 0) ::close(one.fd);
  end.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return end;
}

// The value below which this part of the sorted ones lies; 0 of none.
inline double percentile(const std::vector<double>& sorted, double part) {
  return sorted.empty()
             ? 0.0
             : sorted[std::min(sorted.size() - 1,
                               static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
}

// Resident memory of a process, MB.
inline double resident_mb(pid_t pid) {
  std::FILE* file = std::fopen(("/proc/" + std::to_string(pid) + "/status").c_str(), "r");
  char line[256];
  double mb = 0;
  while (file != nullptr && std::fgets(line, sizeof line, file) != nullptr)
    if (std::string(line).starts_with("VmRSS:")) mb = std::atof(line + 6) / 1000;
  if (file != nullptr) std::fclose(file);
  return mb;
}

}  // namespace huiliu::bench
