// What a serving hub costs while nothing happens: idle [PLUGINS] [SECONDS]
// Starts `huiliu serve` over a new store with so many plugins (copies of those that were built, each with a
// connector id of its own), measures until it is ready, then its memory and CPU.
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A connector's id, wherever it stands in the library, with its last letters replaced: another connector.
std::string renamed(std::string bytes, const std::string& id, int number) {
  std::string other = id;
  const std::string digits = std::to_string(10 + number);
  other.replace(other.size() - digits.size(), digits.size(), digits);
  for (std::size_t at = 0; (at = bytes.find(id, at)) != std::string::npos; at += id.size())
    bytes.replace(at, id.size(), other);
  return bytes;
}

int copy_plugins(const fs::path& from, const fs::path& to, int wanted) {
  std::vector<std::pair<fs::path, std::string>> libraries;
  for (const auto& entry : fs::directory_iterator(from)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("libhuiliu-") || !name.ends_with(".so")) continue;
    const std::string bytes = bytes_of(entry.path());
    for (const auto& mapping : fs::directory_iterator(from)) {
      const std::string file = mapping.path().filename().string();
      if (!file.ends_with(".mapping.yaml")) continue;
      const std::string id = file.substr(0, file.size() - std::string(".mapping.yaml").size());
      if (bytes.find("\"" + id + "\"") != std::string::npos) libraries.emplace_back(entry.path(), id);
    }
  }
  if (libraries.empty()) return 0;
  for (int i = 0; i < wanted; ++i) {
    const auto& [path, id] = libraries[static_cast<std::size_t>(i) % libraries.size()];
    const int round = i / static_cast<int>(libraries.size());
    const std::string bytes = round == 0 ? bytes_of(path) : renamed(bytes_of(path), id, round);
    std::ofstream(to / ("libhuiliu-copy" + std::to_string(i) + ".so"), std::ios::binary) << bytes;
  }
  return wanted;
}

long field_of(const std::string& text, const std::string& name) {
  const std::size_t at = text.find(name);
  return at == std::string::npos ? -1 : std::atol(text.c_str() + at + name.size());
}

// Clock ticks of user and system time.
long ticks_of(pid_t pid) {
  const std::string stat = bytes_of("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream words(stat.substr(stat.rfind(')') + 2));
  std::string word;
  long user = 0, system = 0;
  for (int i = 3; i <= 15 && words >> word; ++i) {
    if (i == 14) user = std::atol(word.c_str());
    if (i == 15) system = std::atol(word.c_str());
  }
  return user + system;
}

}  // namespace

int main(int argc, char** argv) {
  const int plugins = argc > 1 ? std::atoi(argv[1]) : 20;
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 20;
  const fs::path build = fs::read_symlink("/proc/self/exe").parent_path().parent_path();
  std::string name = (fs::temp_directory_path() / "huiliu-idle-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 1;
  const fs::path place = name;
  fs::create_directories(place / "plugins");
  fs::create_directories(place / "config");
  std::ofstream(place / "config" / "hub.yaml") << "listen: {port: 0}\n";
  const int copied = copy_plugins(build / "plugins", place / "plugins", plugins);
  ::setenv("HUILIU_PLUGINS", (place / "plugins").c_str(), 1);
  ::setenv("HUILIU_LANG", "en", 1);
  ::unsetenv("NOTIFY_SOCKET");
  const auto start_and_wait = [&](double& ready_ms) -> pid_t {
    int out[2];
    if (::pipe(out) != 0) return -1;
    const auto began = std::chrono::steady_clock::now();
    const pid_t pid = ::fork();
    if (pid == 0) {
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
    for (ssize_t got = 0; (got = ::read(out[0], chunk, sizeof chunk)) > 0;) {
      said.append(chunk, static_cast<std::size_t>(got));
      if (said.find("http://") != std::string::npos) break;
    }
    ready_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
    ::fcntl(out[0], F_SETFL, O_NONBLOCK);  // stays open: the hub may say more
    if (said.find("http://") == std::string::npos) std::fprintf(stderr, "%s\n", said.c_str());
    return pid;
  };
  double first = 0, again = 0;
  pid_t pid = start_and_wait(first);
  ::kill(pid, SIGTERM);
  ::waitpid(pid, nullptr, 0);
  pid = start_and_wait(again);
  std::this_thread::sleep_for(std::chrono::seconds(2));  // what a start leaves to do is done
  const long before = ticks_of(pid);
  std::this_thread::sleep_for(std::chrono::seconds(seconds));  // what is measured
  const double cpu = static_cast<double>(ticks_of(pid) - before) /
                     static_cast<double>(::sysconf(_SC_CLK_TCK)) / seconds * 100;
  const std::string status = bytes_of("/proc/" + std::to_string(pid) + "/status");
  std::printf(
      "%d plugins: ready in %.0f ms (new store %.0f ms), %.1f MB RSS, %.2f %% of a core over %d s, %ld "
      "threads\n",
      copied, again, first, static_cast<double>(field_of(status, "VmRSS:")) / 1024, cpu, seconds,
      field_of(status, "Threads:"));
  ::kill(pid, SIGTERM);
  ::waitpid(pid, nullptr, 0);
  fs::remove_all(place);
  return 0;
}
