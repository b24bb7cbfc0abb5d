#include "hub/host/child/sandbox.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#if defined(__x86_64__)
#define HUILIU_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define HUILIU_AUDIT_ARCH AUDIT_ARCH_AARCH64
#else
#error "the sandbox knows the system calls of x86-64 and AArch64"
#endif

namespace huiliu::host::child {
namespace {

// A sanitizer's shadow memory is larger than any limit.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_is_shadowed = true;
#else
constexpr bool memory_is_shadowed = false;
#endif
constexpr unsigned nobody = 65534;

std::string failed(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

bool limit(__rlimit_resource resource, std::uint64_t value) {
  const rlimit wanted = {value, value};
  return ::setrlimit(resource, &wanted) == 0;
}

std::string set_limits(const SandboxOptions& options) {
  // Address space is reserved generously by allocators and runtimes; what is used is what counts.
  if (options.memory_bytes > 0 && !memory_is_shadowed && !limit(RLIMIT_DATA, options.memory_bytes))
    return failed("RLIMIT_DATA");
  if (!limit(RLIMIT_CORE, 0)) return failed("RLIMIT_CORE");
  if (!limit(RLIMIT_FSIZE, 0)) return failed("RLIMIT_FSIZE");
  if (!limit(RLIMIT_NOFILE, options.open_files)) return failed("RLIMIT_NOFILE");
  if (!limit(RLIMIT_MSGQUEUE, 0)) return failed("RLIMIT_MSGQUEUE");
  if (!limit(RLIMIT_MEMLOCK, 0)) return failed("RLIMIT_MEMLOCK");
  return {};
}

bool landlock_is_there() {
  return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 1;
}

bool readable_by_nobody(const std::string& path) {
  if (::seteuid(nobody) != 0) return false;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) ::close(fd);
  return ::seteuid(0) == 0 && fd >= 0;
}

std::string drop_capabilities() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  return ::syscall(SYS_capset, &header, none) == 0 ? std::string() : failed("capset");
}

// A host that runs as root must not run plugins as root. A library that only root can read is opened by a
// root without capabilities, which Landlock keeps from all other files.
std::string drop_root(const std::string& library) {
  if (::geteuid() != 0) return {};
  if (!readable_by_nobody(library)) {
    if (!landlock_is_there())
      return "the library can be read by root only, and this kernel has no Landlock: let everybody read it, "
             "or "
             "run the hub as a user of its own";
    return drop_capabilities();
  }
  if (::setgroups(0, nullptr) != 0 && errno != EPERM) return failed("setgroups");
  if (::setresgid(nobody, nobody, nobody) != 0) return failed("setresgid");
  if (::setresuid(nobody, nobody, nobody) != 0) return failed("setresuid");
  return {};
}

int add_read_rule(int ruleset, const char* path, std::uint64_t access) {
  const int fd = ::open(path, O_PATH | O_CLOEXEC);
  if (fd < 0) return 0;  // what is not there needs no rule
  landlock_path_beneath_attr rule = {};
  rule.allowed_access = access;
  rule.parent_fd = fd;
  const long added = ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  ::close(fd);
  return static_cast<int>(added);
}

// Reading of system libraries, time zones and the plugin's own file; nothing else of the file system.
std::string restrict_files(const std::string& library) {
  if (!landlock_is_there()) return {};  // seccomp still allows reading only
  landlock_ruleset_attr attributes = {};
  attributes.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // all of the first version
  const int ruleset =
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
  if (ruleset < 0) return failed("landlock_create_ruleset");
  constexpr std::uint64_t file = LANDLOCK_ACCESS_FS_READ_FILE;
  constexpr std::uint64_t tree = file | LANDLOCK_ACCESS_FS_READ_DIR;
  int problem = add_read_rule(ruleset, library.c_str(), file);
  for (const char* path :
       {"/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/usr/share/zoneinfo"})
    problem |= add_read_rule(ruleset, path, tree);
  for (const char* path : {"/etc/ld.so.cache", "/etc/localtime"})
    problem |= add_read_rule(ruleset, path, file);
  if (problem != 0) return failed("landlock_add_rule");
  if (::syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) return failed("landlock_restrict_self");
  ::close(ruleset);
  return {};
}

// ---- seccomp: a list of what is allowed; what is not on it fails with EPERM, and what only an attacker
// calls ends the process. ----

class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    jump_unless(HUILIU_AUDIT_ARCH, kill_);
    load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
    // The x32 numbers would pass by every comparison below.
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 0, 1));
    give(SECCOMP_RET_KILL_PROCESS);
#endif
  }

  void allow(long number) { on(number, SECCOMP_RET_ALLOW); }
  void kill(long number) { on(number, SECCOMP_RET_KILL_PROCESS); }
  void refuse(long number, int error) { on(number, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)); }

  // Allowed when an argument (its low 32 bits, masked) has this value.
  void allow_if(long number, unsigned argument, std::uint32_t mask, std::uint32_t value) {
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 5));
    load(static_cast<std::uint32_t>(offsetof(seccomp_data, args) + argument * 8));
    code_.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
    give(SECCOMP_RET_ALLOW);
    // Not this value: the number again, for the rules that follow.
    load(offsetof(seccomp_data, nr));
  }

  bool install() {
    give(SECCOMP_RET_ERRNO | EPERM);
    sock_fprog program = {static_cast<unsigned short>(code_.size()), code_.data()};
    return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
  }

 private:
  static constexpr std::uint32_t kill_ = SECCOMP_RET_KILL_PROCESS;
  void load(std::size_t offset) {
    code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
  }
  void give(std::uint32_t verdict) { code_.push_back(BPF_STMT(BPF_RET | BPF_K, verdict)); }
  void jump_unless(std::uint32_t value, std::uint32_t verdict) {
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0));
    give(verdict);
  }
  void on(long number, std::uint32_t verdict) {
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1));
    give(verdict);
  }
  std::vector<sock_filter> code_;
};

std::string restrict_calls() {
  Filter filter;
  // The most frequent ones first: the list is walked for each call.
  for (const long number : {SYS_read,
                            SYS_write,
                            SYS_sendmsg,
                            SYS_recvmsg,
                            SYS_futex,
                            SYS_mmap,
                            SYS_munmap,
                            SYS_mprotect,
                            SYS_brk,
                            SYS_madvise,
                            SYS_mremap,
                            SYS_close,
                            SYS_fstat,
                            SYS_newfstatat,
                            SYS_lseek,
                            SYS_pread64,
                            SYS_readv,
                            SYS_writev,
                            SYS_sched_yield,
                            SYS_nanosleep,
                            SYS_clock_nanosleep,
                            SYS_clock_gettime,
                            SYS_clock_getres,
                            SYS_gettimeofday,
                            SYS_getrandom,
                            SYS_rt_sigaction,
                            SYS_rt_sigprocmask,
                            SYS_rt_sigreturn,
                            SYS_sigaltstack,
                            SYS_gettid,
                            SYS_getpid,
                            SYS_getuid,
                            SYS_geteuid,
                            SYS_getgid,
                            SYS_getegid,
                            SYS_exit,
                            SYS_exit_group,
                            SYS_set_robust_list,
                            SYS_set_tid_address,
                            SYS_rseq,
                            SYS_sched_getaffinity,
                            SYS_restart_syscall,
                            SYS_getdents64,
                            SYS_readlinkat,
                            SYS_ppoll,
                            SYS_uname,
                            SYS_getcwd,
                            SYS_sysinfo,
                            SYS_membarrier,
                            SYS_statx})
    filter.allow(number);
#if defined(__x86_64__)
  for (const long number :
       {SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_poll, SYS_time, SYS_arch_prctl, SYS_getrlimit})
    filter.allow(number);
  filter.allow_if(SYS_open, 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY);
#endif
  filter.allow(SYS_faccessat);
  filter.allow_if(SYS_openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY);
  // Threads, no processes. glibc falls back to clone where clone3 is not there.
  filter.allow_if(SYS_clone, 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM);
  filter.refuse(SYS_clone3, ENOSYS);
  // Signals to oneself only: abort and assert work.
  const auto self = static_cast<std::uint32_t>(::getpid());
  filter.allow_if(SYS_tgkill, 0, ~0U, self);
  filter.allow_if(SYS_kill, 0, ~0U, self);
  // Names of threads and of memory.
  filter.allow_if(SYS_prctl, 0, ~0U, PR_SET_NAME);
  filter.allow_if(SYS_prctl, 0, ~0U, PR_GET_NAME);
  filter.allow_if(SYS_prctl, 0, ~0U, 0x53564d41);
  // Reading of limits (prlimit64 with a null new limit); the setting of any is refused below.
  filter.allow_if(SYS_prlimit64, 2, ~0U, 0);
  filter.allow_if(SYS_fcntl, 1, ~0U, F_GETFD);
  filter.allow_if(SYS_fcntl, 1, ~0U, F_GETFL);
  for (const long number : {SYS_ptrace,
                            SYS_process_vm_readv,
                            SYS_process_vm_writev,
                            SYS_execve,
                            SYS_execveat,
                            SYS_bpf,
                            SYS_mount,
                            SYS_umount2,
                            SYS_pivot_root,
                            SYS_chroot,
                            SYS_setns,
                            SYS_unshare,
                            SYS_init_module,
                            SYS_finit_module,
                            SYS_kexec_load,
                            SYS_perf_event_open,
                            SYS_userfaultfd,
                            SYS_keyctl,
                            SYS_add_key,
                            SYS_reboot,
                            SYS_io_uring_setup})
    filter.kill(number);
  return filter.install() ? std::string() : failed("seccomp");
}

}  // namespace

void close_descriptors_above(int last) noexcept {
  if (::syscall(SYS_close_range, static_cast<unsigned>(last) + 1, ~0U, 0) == 0) return;
  for (int fd = last + 1; fd < 65536; ++fd) ::close(fd);
}

std::string enter_sandbox(const SandboxOptions& options) {
  if (std::string problem = set_limits(options); !problem.empty()) return problem;
  if (std::string problem = drop_root(options.library); !problem.empty()) return problem;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed("PR_SET_DUMPABLE");
  if (std::string problem = restrict_files(options.library); !problem.empty()) return problem;
  return options.seccomp ? restrict_calls() : std::string();
}

}  // namespace huiliu::host::child
