// Webhooks into a serving hub: signed events at a fixed rate (an open loop: what waits counts from the moment
// it was due), a tenth of them sent twice. In the middle of the last second the hub is killed, and the store
// is asked for every event that was answered by 2xx.
//
//   bench/ingress [events per second 3000] [seconds 10] [connections 64]
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "hub/config/config.hpp"
#include "hub/crypt/hash.hpp"
#include "hub/store/store.hpp"

namespace huiliu {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

const std::string key = "bench-signing-key-of-32-bytes-ok";

std::string base64(const std::string& bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string record_key(std::size_t event) { return "S" + std::to_string(1'000'000 + event); }

std::string request(std::size_t event) {
  const std::string id = "msg_" + std::to_string(event), at = std::to_string(std::time(nullptr));
  const std::string body = R"({"type":"customer.updated","timestamp":"2026-01-01T00:00:00Z","data":{"id":")" +
                           record_key(event) +
                           R"(","version":"1","name":"杭州汇兴阀门有限公司","phone":"0571-)" +
                           std::to_string(80'000'000 + event) + R"("}})";
  return "POST /hooks/site HTTP/1.1\r\nHost: hub.example\r\nContent-Type: application/json\r\nwebhook-id: " +
         id + "\r\nwebhook-timestamp: " + at + "\r\nwebhook-signature: v1," +
         base64(crypt::hmac_sha256(key, id + "." + at + "." + body)) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Hub {
  pid_t pid = -1;
  int port = 0;
};

Hub start(const fs::path& build, const fs::path& place) {
  int out[2];
  if (::pipe(out) != 0) std::exit(1);
  Hub hub;
  hub.pid = ::fork();
  if (hub.pid == 0) {
    ::dup2(out[1], 2);
    ::close(out[0]);
    ::execl((build / "bin/huiliu").c_str(), "huiliu", "serve", "--store",
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

struct Connection {
  int fd = -1;
  bool busy = false;
  std::size_t event = 0;
  Clock::time_point due;
  std::string in;
};

int connected(int port) {
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
int status_of(const std::string& in) {
  const std::size_t end = in.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  std::size_t length = 0;
  if (const std::size_t at = in.find("Content-Length: "); at < end)
    length = static_cast<std::size_t>(std::atol(in.c_str() + at + 16));
  return in.size() >= end + 4 + length ? std::atoi(in.c_str() + 9) : 0;
}

int run_bench(double rate, double seconds, std::size_t connections) {
  const fs::path build = fs::read_symlink("/proc/self/exe").parent_path().parent_path();
  std::string name = (fs::temp_directory_path() / "huiliu-bench-ingress-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 1;
  const fs::path place = name;
  fs::create_directories(place / "config/connections");
  std::ofstream(place / "config/hub.yaml") << "listen: {port: 0}\n";
  std::ofstream(place / "secret") << "whsec_" << base64(key);
  std::ofstream(place / "config/connections/site.yaml")
      << "connector: webhook\nrole: site\nsettings: {signing_secret: \"${file:" << (place / "secret").string()
      << "}\"}\nschedule: {every: 1d, webhook: false}\n";
  ::setenv("HUILIU_PLUGINS", (build / "plugins").c_str(), 1);
  ::setenv("HUILIU_LANG", "en", 1);
  ::unsetenv("NOTIFY_SOCKET");
  const Hub hub = start(build, place);
  std::vector<Connection> all(connections);
  for (Connection& one : all) one.fd = connected(hub.port);

  const auto total = static_cast<std::size_t>(rate * seconds);
  std::vector<std::string> prepared;  // signing is the sender's work, not the hub's
  for (std::size_t i = 0; i < total; ++i) prepared.push_back(request(i % 10 == 9 ? i - 5 : i));
  std::set<std::size_t> accepted;
  std::vector<double> took;
  std::size_t next = 0, refused = 0, lost = 0;
  std::vector<pollfd> polled(connections);
  const auto begin = Clock::now();
  const auto due_of = [&](std::size_t i) {
    return begin + std::chrono::duration_cast<Clock::duration>(
                       std::chrono::duration<double>(static_cast<double>(i) / rate));
  };
  const auto kill_at = due_of(total - static_cast<std::size_t>(rate / 2));
  bool killed = false;
  while (true) {
    const auto now = Clock::now();
    if (!killed && now >= kill_at) ::kill(hub.pid, SIGKILL), killed = true;
    for (Connection& one : all) {
      if (killed || one.fd < 0 || one.busy || next == total || due_of(next) > now) continue;
      one.event = next % 10 == 9 ? next - 5 : next;
      one.due = due_of(next);
      one.busy = true;
      const std::string& bytes = prepared[next++];
      if (::send(one.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
        ++lost, ::close(one.fd), one.fd = -1;
    }
    std::size_t busy = 0;
    for (std::size_t i = 0; i < connections; ++i) {
      polled[i] = {all[i].busy ? all[i].fd : -1, POLLIN, 0};
      busy += all[i].busy && all[i].fd >= 0 ? 1 : 0;
    }
    if (busy == 0 && killed) break;
    const timespec wait{0, busy == connections ? 50'000'000 : 200'000};
    ::ppoll(polled.data(), polled.size(), &wait, nullptr);
    for (std::size_t i = 0; i < connections; ++i) {
      if (polled[i].fd < 0 || polled[i].revents == 0) continue;
      Connection& one = all[i];
      char chunk[4096];
      const ssize_t got = ::recv(one.fd, chunk, sizeof chunk, MSG_DONTWAIT);
      if (got <= 0) {
        ++lost, ::close(one.fd), one.fd = -1;
        continue;
      }
      one.in.append(chunk, static_cast<std::size_t>(got));
      const int status = status_of(one.in);
      if (status == 0) continue;
      took.push_back(std::chrono::duration<double, std::milli>(Clock::now() - one.due).count());
      if (status >= 200 && status < 300)
        accepted.insert(one.event);
      else
        ++refused;
      one.in.clear();
      one.busy = false;
    }
  }
  const double lasted = std::chrono::duration<double>(Clock::now() - begin).count();
  ::waitpid(hub.pid, nullptr, 0);

  // What the store holds after the kill.
  const auto config = config::load({(place / "config").string(), std::string(HUILIU_SOURCE_DIR) + "/config"});
  const auto opened = store::open_store("sqlite:" + (place / "hub.db").string(), config.config->schema,
                                        store::OpenMode::owner);
  if (!opened.ok()) std::fprintf(stderr, "%s\n", opened.error().text().c_str()), std::exit(1);
  std::set<std::string> stored;
  std::size_t deliveries = 0;
  const model::Status read = (*opened)->read([&](store::Snapshot& snapshot) -> model::Status {
    for (const store::Delivery& delivery : snapshot.pending_deliveries("site", total + 1)) {
      ++deliveries;
      for (const auto& hint : delivery.hints) stored.insert(hint.key);
    }
    return {};
  });
  if (!read.ok()) std::fprintf(stderr, "%s\n", read.error().text().c_str()), std::exit(1);
  const auto missing = std::count_if(accepted.begin(), accepted.end(),
                                     [&](std::size_t event) { return !stored.contains(record_key(event)); });
  std::sort(took.begin(), took.end());
  const auto at = [&](double part) {
    return took.empty() ? 0.0
                        : took[std::min(took.size() - 1,
                                        static_cast<std::size_t>(part * static_cast<double>(took.size())))];
  };
  std::printf("%zu answers in %.1f s (%.0f/s of %.0f/s wanted): p50 %.2f ms, p99 %.2f ms, slowest %.2f ms\n",
              took.size(), lasted, static_cast<double>(took.size()) / lasted, rate, at(0.5), at(0.99),
              took.empty() ? 0.0 : took.back());
  std::printf(
      "%zu refused, %zu cut off by the kill; %zu events accepted, %zu deliveries stored, %lld missing\n",
      refused, lost, accepted.size(), deliveries, static_cast<long long>(missing));
  fs::remove_all(place);
  return missing == 0 ? 0 : 1;
}

}  // namespace
}  // namespace huiliu

int main(int argc, char** argv) {
  const auto argument = [&](int i, double otherwise) { return argc > i ? std::atof(argv[i]) : otherwise; };
  return huiliu::run_bench(argument(1, 3000), argument(2, 10), static_cast<std::size_t>(argument(3, 64)));
}
