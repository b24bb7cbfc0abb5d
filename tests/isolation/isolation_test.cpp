// A plugin in a child process can harm nobody: whatever it does, the operation ends with a cause that names
// the connection, the host is as it was, and the next run goes on from the last durable cursor.
#include "hub/host/isolation.hpp"

#include <dirent.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "hub/host/instance.hpp"

namespace huiliu::host {
namespace {

using model::ErrorClass;
using model::Status;
using testing::HasSubstr;

class NoNetwork final : public Transport {
 public:
  HttpAnswer exchange(const HttpRequest&, const std::stop_token&) override {
    ++exchanges;
    return HttpAnswer::none(ErrorClass::retry, "no network here");
  }
  static inline int exchanges = 0;
};

// Never answers; a stop ends the wait. Gives up after some seconds, so that a test of it ends.
class SilentNetwork final : public Transport {
 public:
  HttpAnswer exchange(const HttpRequest&, const std::stop_token& stop) override {
    asked = true;
    asked.notify_all();
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait_for(lock, stop, std::chrono::seconds(5), [] { return false; });
    return HttpAnswer::none(stop.stop_requested() ? ErrorClass::cancelled : ErrorClass::retry, "silence");
  }
  std::atomic<bool> asked = false;
};

HostOptions quick() {
  HostOptions options;
  options.isolation.memory_bytes = 256 << 20;
  options.isolation.quiet = 1'500'000;
  options.isolation.grace = 200'000;
  return options;
}

struct Machine {
  SystemEnvironment environment;
  std::vector<std::string> log;
  std::mutex mutex;
  Host host;
  explicit Machine(HostOptions options = quick(),
                   std::unique_ptr<Transport> network = std::make_unique<NoNetwork>())
      : host(environment, with_log(std::move(options)), std::make_shared<Redactor>(), std::move(network)) {}
  HostOptions with_log(HostOptions options) {
    options.log = [this](const LogLine& line) {
      const std::lock_guard lock(mutex);
      log.push_back(line.connection + ": " + line.text);
    };
    return options;
  }
};

std::shared_ptr<const Connector> hostile() {
  static const auto plugin = isolate_plugin(HUILIU_HOSTILE_PLUGIN);
  EXPECT_TRUE(plugin.ok()) << plugin.error().text();
  return (*plugin)->connector("");
}

struct Got {
  std::set<std::string> keys;
  std::string cursor;
};

RecordConsumer into(Got& got) {
  return {[&got](Page page) -> Status {
            for (const RemoteRecord& record : page.records) got.keys.insert(record.key);
            return {};
          },
          [&got](std::string_view cursor, const StateChanges&) -> Status {
            got.cursor = cursor;
            return {};
          }};
}

model::Result<std::unique_ptr<Instance>> open(Machine& machine, const std::string& behaviour,
                                              const std::string& at_open = "") {
  return Instance::open(machine.host, hostile(),
                        {.connection = "crm-" + behaviour,
                         .settings = model::Object{{"behaviour", behaviour},
                                                   {"at_open", at_open},
                                                   {"host_pid", std::to_string(::getpid())}},
                         .secrets = SecretForm::clear_allowed});
}

std::size_t open_files() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

int children() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream in(entry.path() / "children");
    for (int pid = 0; in >> pid;) ++count;
  }
  return count;
}

enum class End {
  died,       // the process: class retry, with a cause
  bug,        // refused by the host's checks, as in the process
  contained,  // nothing came of it: the read ends well
  data,
};

struct Behaviour {
  const char* name;
  End end;
  const char* cause = "";
};

class HostilePlugin : public testing::TestWithParam<Behaviour> {};

TEST_P(HostilePlugin, HarmsNobody) {
  const std::size_t files = open_files();
  {
    Machine machine;
    auto instance = open(machine, GetParam().name);
    ASSERT_TRUE(instance.ok()) << instance.error().text();
    Got got;
    const auto began = std::chrono::steady_clock::now();
    const Status first = (*instance)->read({.stream = "items"}, into(got));
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(12));
    EXPECT_FALSE(got.keys.contains("escaped"));
    const std::string said = first.ok() ? "ok" : first.error().text();
    switch (GetParam().end) {
      case End::contained:
        EXPECT_TRUE(first.ok()) << said;
        break;
      case End::bug:
        ASSERT_FALSE(first.ok());
        EXPECT_EQ(first.error().error_class, ErrorClass::bug) << said;
        break;
      case End::data:
        ASSERT_FALSE(first.ok());
        EXPECT_EQ(first.error().error_class, ErrorClass::data) << said;
        break;
      case End::died:
        ASSERT_FALSE(first.ok());
        EXPECT_EQ(first.error().error_class, ErrorClass::retry) << said;
        EXPECT_THAT(first.error().message, HasSubstr("the plugin's process "));
        EXPECT_THAT(first.error().message, HasSubstr("during read"));
        break;
    }
    if (!first.ok()) {
      EXPECT_THAT(first.error().where, HasSubstr(std::string("crm-") + GetParam().name));
      EXPECT_THAT(said, HasSubstr(GetParam().cause));
    }
    EXPECT_GE(got.cursor, "2");
    // The same instance goes on from the last durable cursor, in a new process where the old one ended.
    const Status second =
        (*instance)->read({.stream = "items", .mode = ReadMode::changes, .cursor = got.cursor}, into(got));
    // One that goes on speaking after its operation ended loses the next one, and its process with it.
    const bool next_one_too = std::string_view(GetParam().name) == "speaks_after_the_end";
    EXPECT_TRUE(second.ok() || next_one_too) << second.error().text();
    got.keys.erase("k");
    EXPECT_EQ(got.keys.size(), 50U);
    // And others never noticed.
    auto other = open(machine, "none");
    ASSERT_TRUE(other.ok());
    Got all;
    EXPECT_TRUE((*other)->read({.stream = "items"}, into(all)).ok());
    EXPECT_EQ(all.keys.size(), 50U);
  }
  EXPECT_EQ(open_files(), files);
  EXPECT_EQ(children(), 0);
  EXPECT_EQ(NoNetwork::exchanges, 0);
}

INSTANTIATE_TEST_SUITE_P(Crashes, HostilePlugin,
                         testing::Values(Behaviour{"segfault", End::died, "signal 11"},
                                         Behaviour{"abort", End::died, "signal 6"},
                                         Behaviour{"divide_by_zero", End::died, "signal 8"},
                                         Behaviour{"illegal_instruction", End::died, "signal 4"},
                                         Behaviour{"stack_overflow", End::died, "signal 11"},
                                         Behaviour{"double_free", End::died, "signal 6"},
                                         Behaviour{"terminate", End::died, "signal 6"},
                                         Behaviour{"thread_throws", End::died, "signal 6"},
                                         Behaviour{"exit_zero", End::died, "ended by itself with code 0"},
                                         Behaviour{"exit_one", End::died, "ended by itself with code 1"},
                                         Behaviour{"quick_exit", End::died, "ended by itself with code 7"},
                                         Behaviour{"kills_itself", End::died, "signal 9"},
                                         Behaviour{"stops_itself", End::died, "no progress"}),
                         [](const auto& made) { return std::string(made.param.name); });

INSTANTIATE_TEST_SUITE_P(Hangs, HostilePlugin,
                         testing::Values(Behaviour{"spin", End::died, "no progress"},
                                         Behaviour{"sleep", End::died, "no progress"},
                                         Behaviour{"deadlock", End::died, "no progress"},
                                         Behaviour{"ignores_signals", End::died, "no progress"},
                                         Behaviour{"spins_on_the_clock", End::died, "no progress"},
                                         Behaviour{"spins_on_random", End::died, "no progress"},
                                         Behaviour{"spins_on_sleep", End::died, "no progress"},
                                         Behaviour{"burns_threads", End::died, "no progress"}),
                         [](const auto& made) { return std::string(made.param.name); });

INSTANTIATE_TEST_SUITE_P(Floods, HostilePlugin,
                         testing::Values(Behaviour{"log_flood", End::died, "no progress"},
                                         Behaviour{"progress_flood", End::died, "no progress"},
                                         Behaviour{"state_flood", End::died, "no progress"},
                                         Behaviour{"memory_leak", End::died, "signal 6"},
                                         Behaviour{"descriptor_leak", End::contained},
                                         Behaviour{"thread_leak", End::bug, "unavailable"},
                                         Behaviour{"large_map", End::contained}),
                         [](const auto& made) { return std::string(made.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Escapes, HostilePlugin,
    testing::Values(
        Behaviour{"fork", End::contained}, Behaviour{"raw_clone", End::contained},
        Behaviour{"exec", End::died, "sandbox forbids"}, Behaviour{"spawn", End::contained},
        Behaviour{"system", End::contained}, Behaviour{"ptrace_host", End::died, "sandbox forbids"},
        Behaviour{"reads_host_memory", End::died, "sandbox forbids"}, Behaviour{"kills_host", End::contained},
        Behaviour{"kills_all", End::contained}, Behaviour{"kills_group", End::contained},
        Behaviour{"alarm", End::died}, Behaviour{"reads_passwd", End::contained},
        Behaviour{"reads_host_environment", End::contained}, Behaviour{"reads_own_proc", End::contained},
        Behaviour{"lists_root", End::contained}, Behaviour{"writes_file", End::contained},
        Behaviour{"makes_directory", End::contained}, Behaviour{"removes_file", End::contained},
        Behaviour{"links", End::contained}, Behaviour{"changes_mode", End::contained},
        Behaviour{"memory_file", End::contained}, Behaviour{"mounts", End::died, "sandbox forbids"},
        Behaviour{"internet_socket", End::contained}, Behaviour{"ipv6_socket", End::contained},
        Behaviour{"unix_socket", End::contained}, Behaviour{"netlink_socket", End::contained},
        Behaviour{"socket_pair", End::contained}, Behaviour{"other_host", End::contained},
        Behaviour{"becomes_root", End::contained}, Behaviour{"raises_limits", End::contained},
        Behaviour{"limits_host", End::contained}, Behaviour{"becomes_dumpable", End::contained},
        Behaviour{"new_namespace", End::died, "sandbox forbids"},
        Behaviour{"bpf", End::died, "sandbox forbids"}, Behaviour{"io_uring", End::died, "sandbox forbids"},
        Behaviour{"user_fault", End::died, "sandbox forbids"}, Behaviour{"pins_itself", End::contained},
        Behaviour{"priority", End::contained}),
    [](const auto& made) { return std::string(made.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Frames, HostilePlugin,
    testing::Values(Behaviour{"garbage", End::died, "no frame"},
                    Behaviour{"huge_frame", End::died, "no frame"}, Behaviour{"large_lie", End::died},
                    Behaviour{"unknown_kind", End::died, "no frame"},
                    Behaviour{"unknown_note", End::died, "message that is none"},
                    Behaviour{"unknown_service", End::died, "request that is none"},
                    Behaviour{"other_call", End::died, "does not run"},
                    Behaviour{"forged_result", End::died, "does not run"},
                    Behaviour{"half_payload", End::died, "message that is none"},
                    Behaviour{"result_in_a_read", End::died, "message that is none"},
                    Behaviour{"many_keys_lie", End::died, "message that is none"},
                    Behaviour{"spends_no_credit", End::died}, Behaviour{"closes_socket", End::died},
                    Behaviour{"closes_everything", End::died}, Behaviour{"shuts_socket", End::died},
                    Behaviour{"steals_frames", End::died}),
    [](const auto& made) { return std::string(made.param.name); });

INSTANTIATE_TEST_SUITE_P(Lies, HostilePlugin,
                         testing::Values(Behaviour{"null_page", End::bug, "null or too short"},
                                         Behaviour{"tiny_batch", End::bug, "null or too short"},
                                         Behaviour{"endless_page", End::bug, "1099511627776 records"},
                                         Behaviour{"short_stride", End::bug, "stride of 8"},
                                         Behaviour{"other_stream", End::bug, "records of the stream secrets"},
                                         Behaviour{"lying_length", End::died, "signal 11"},
                                         Behaviour{"too_large_page", End::bug, "larger than 64 MiB"},
                                         Behaviour{"giant_cursor", End::bug, "too long"},
                                         Behaviour{"many_headers", End::bug, "too many"},
                                         Behaviour{"unknown_status", End::bug, "unknown status 4711"},
                                         Behaviour{"throws", End::bug, "not caught"},
                                         Behaviour{"speaks_after_the_end", End::contained}),
                         [](const auto& made) { return std::string(made.param.name); });

TEST(Isolation, ACrashAtOpenIsAnErrorAndTheThirdOneBarsTheConnection) {
  Machine machine;
  for (int i = 0; i < DeathBook::limit; ++i) {
    const auto opened = open(machine, "none", "crash");
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().error_class, ErrorClass::retry) << opened.error().text();
    EXPECT_THAT(opened.error().message, HasSubstr("during open"));
  }
  const auto barred = open(machine, "none");
  ASSERT_FALSE(barred.ok());
  EXPECT_EQ(barred.error().error_class, ErrorClass::bug);
  EXPECT_THAT(barred.error().message, HasSubstr("died 3 times within ten minutes"));
  EXPECT_THAT(barred.error().message, HasSubstr("signal 6"));
  EXPECT_TRUE(open(machine, "other").ok()) << "another connection is not barred";
}

TEST(Isolation, AHangAtOpenEnds) {
  Machine machine;
  const auto opened = open(machine, "none", "hang");
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, HasSubstr("no progress"));
}

TEST(Isolation, AStopEndsWhatDoesNotStopByItself) {
  for (const char* behaviour : {"spin", "sleep", "ignores_signals", "log_flood", "spins_on_the_clock"}) {
    HostOptions options = quick();
    options.isolation.quiet = 60 * model::second;
    options.isolation.grace = 500'000;
    Machine machine(std::move(options));
    auto instance = open(machine, behaviour);
    ASSERT_TRUE(instance.ok());
    std::stop_source stop;
    Got got;
    RecordConsumer consumer = into(got);
    std::atomic<int> pages = 0;
    const auto take = consumer.page;
    consumer.page = [&](Page page) {
      ++pages;
      pages.notify_all();
      return take(std::move(page));
    };
    std::chrono::steady_clock::time_point asked;
    Status ended;
    {
      const std::jthread stopper([&] {
        for (int seen = 0; (seen = pages) < 2;) pages.wait(seen);
        asked = std::chrono::steady_clock::now();
        stop.request_stop();
      });
      ended = (*instance)->read({.stream = "items"}, consumer, {.stop = stop.get_token()});
    }
    EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(1)) << behaviour;
    ASSERT_FALSE(ended.ok());
    EXPECT_EQ(ended.error().error_class, ErrorClass::cancelled) << behaviour << ": " << ended.error().text();
    EXPECT_TRUE((*instance)->check().ok()) << behaviour;
  }
}

// Its request goes on in the host when the process is killed; nobody waits for the answer any more.
TEST(Isolation, AKilledProcessTakesItsRequestWithIt) {
  auto network = std::make_unique<SilentNetwork>();
  SilentNetwork& silent = *network;
  HostOptions options = quick();
  options.isolation.quiet = 60 * model::second;
  Machine machine(std::move(options), std::move(network));
  auto instance = open(machine, "asks_the_remote");
  ASSERT_TRUE(instance.ok()) << instance.error().text();
  std::chrono::steady_clock::time_point killed;
  Got got;
  Status ended;
  {
    const std::jthread killer([&] {
      silent.asked.wait(false);
      killed = std::chrono::steady_clock::now();
      ::kill((*instance)->process(), SIGKILL);
    });
    ended = (*instance)->read({.stream = "items"}, into(got));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - killed, std::chrono::seconds(2));
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().error_class, ErrorClass::retry) << ended.error().text();
  EXPECT_THAT(ended.error().message, HasSubstr("was ended by signal 9"));
  EXPECT_TRUE((*instance)->check().ok()) << "another process does the next operation";
}

TEST(Isolation, WhatWasNotReportedBeforeTheEndIsInDoubt) {
  Machine machine;
  auto instance = open(machine, "dies_while_writing");
  ASSERT_TRUE(instance.ok());
  const WriteReport report = (*instance)->write("items", {{.key = "1", .body = model::Object{}},
                                                          {.key = "2", .body = model::Object{}},
                                                          {.key = "3", .body = model::Object{}}});
  ASSERT_EQ(report.results.size(), 3U);
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied);
  EXPECT_EQ(report.results[1].outcome, WriteOutcome::in_doubt);
  EXPECT_EQ(report.results[2].outcome, WriteOutcome::in_doubt);
  ASSERT_FALSE(report.ended.ok());
  EXPECT_EQ(report.ended.error().error_class, ErrorClass::retry);
}

TEST(Isolation, LiesAboutWritesAreNotBelieved) {
  for (const char* behaviour : {"reports_nonsense", "unknown_outcome"}) {
    Machine machine;
    auto instance = open(machine, behaviour);
    ASSERT_TRUE(instance.ok());
    const WriteReport report = (*instance)->write(
        "items", {{.key = "1", .body = model::Object{}}, {.key = "2", .body = model::Object{}}});
    ASSERT_EQ(report.results.size(), 2U);
    EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied);
    const bool told = !report.ended.ok() || report.results[1].outcome == WriteOutcome::in_doubt;
    EXPECT_TRUE(told) << behaviour;
  }
}

TEST(Isolation, NoneOfItsCodeRunsInTheHost) {
  std::ifstream maps("/proc/self/maps");
  const std::string text((std::istreambuf_iterator<char>(maps)), {});
  EXPECT_EQ(text.find("libhuiliu-test_hostile"), std::string::npos);
}

// While one connection's plugin misbehaves without end, another one's reads take at most twice as long.
TEST(Isolation, OthersAreNotSlowedDown) {
  Machine machine;
  auto good = open(machine, "none");
  ASSERT_TRUE(good.ok());
  const auto read_many = [&] {
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i) {
      Got got;
      EXPECT_TRUE((*good)->read({.stream = "items"}, into(got)).ok());
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  const double alone = std::min(read_many(), read_many());
  std::atomic<bool> done = false;
  double beside = 1e9;
  {
    const std::jthread attacker([&] {
      for (int i = 0; !done; ++i) {
        auto bad = open(machine, i % 2 == 0 ? "segfault" : "garbage");
        Got got;
        if (bad.ok()) static_cast<void>((*bad)->read({.stream = "items"}, into(got)));
      }
    });
    for (int i = 0; i < 3; ++i) beside = std::min(beside, read_many());
    done = true;
  }
  std::printf("reads alone %.4f s, beside a plugin that keeps crashing %.4f s\n", alone, beside);
  EXPECT_LT(beside, alone * 2 + 0.05);
}

}  // namespace
}  // namespace huiliu::host
