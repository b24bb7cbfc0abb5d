// When the connector's own process is stopped, killed, or another one: nothing is lost, and it makes no
// difference.
#include <signal.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "hub/host/isolation.hpp"
#include "hub/kit/course.hpp"

namespace huiliu::kit {
namespace {

using model::ErrorClass;
using model::Value;

constexpr auto longest_stop = std::chrono::seconds(1);

// What happens at one host call of a leg, counted as the plugin makes them.
template <class Act>
auto at_call(std::size_t wanted, Act act) {
  return [wanted, act,
          made = std::make_shared<std::atomic<std::size_t>>(0)](const char* service) -> model::Status {
    return ++*made == wanted ? act(service) : model::Status();
  };
}

void refused_anywhere(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  const auto course = course_of(lab, *stream, judge, Counted::host_calls);
  if (!course) return;
  at_every_call(*course, judge, [&](const Leg& leg, std::size_t call) {
    auto bench = lab.open();
    if (!bench.ok()) return;
    std::string service;
    const Reading part =
        read_leg(lab, *bench, *stream, *course, leg,
                 {.before_service = at_call(call, [&](const char* name) -> model::Status {
                    service = name;
                    return model::make_error(ErrorClass::retry, "the host refuses this call");
                  })});
    const std::string what = trial_name("a refused " + service, leg, call);
    if (!part.status.ok() && part.status.error().error_class == ErrorClass::bug)
      return judge.fail(what + " breaks the connector: " + part.status.error().text(),
                        "pass the host's refusals on; let huiliu::Failure through");
    judge_rest(lab, *stream, judge, *course, leg, part, what);
  });
}

void cancelled_anywhere(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  const auto course = course_of(lab, *stream, judge, Counted::host_calls);
  if (!course) return;
  at_every_call(*course, judge, [&](const Leg& leg, std::size_t call) {
    const std::string what = trial_name("a stop", leg, call);
    Reading part;
    // A machine that was busy with something else is not so again.
    for (int times = 1; times <= 3; ++times) {
      std::stop_source stop;
      auto bench = lab.open();
      if (!bench.ok()) return;
      auto asked = std::chrono::steady_clock::time_point::max();
      part = read_leg(
          lab, *bench, *stream, *course, leg,
          {.stop = stop.get_token(), .before_service = at_call(call, [&](const char*) -> model::Status {
                                       asked = std::chrono::steady_clock::now();
                                       stop.request_stop();
                                       return {};
                                     })});
      if (std::chrono::steady_clock::now() < asked ||
          std::chrono::steady_clock::now() - asked <= longest_stop)
        break;
      if (times == 3)
        return judge.fail(what + " takes longer than a second",
                          "wait only in host services, and offer interrupt");
    }
    if (!part.status.ok() && part.status.error().error_class != ErrorClass::cancelled)
      return judge.fail(what + " ends with " + part.status.error().text(), "let huiliu::Cancelled pass");
    judge_rest(lab, *stream, judge, *course, leg, part, what);
  });
}

void killed_anywhere(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  const auto course = course_of(lab, *stream, judge, Counted::host_calls);
  if (!course) return;
  at_every_call(*course, judge, [&](const Leg& leg, std::size_t call) {
    auto bench = lab.open({}, std::nullopt, Lab::Where::child);
    if (!bench.ok()) return judge.skip("no child process: " + bench.error().text());
    const int process = bench->instance->process();
    const Reading part = read_leg(lab, *bench, *stream, *course, leg,
                                  {.before_service = at_call(call, [process](const char*) -> model::Status {
                                     ::kill(process, SIGKILL);
                                     return {};
                                   })});
    const std::string what = trial_name("a process killed", leg, call);
    if (!part.status.ok() && part.status.error().error_class != ErrorClass::retry)
      return judge.fail(what + " ends with " + part.status.error().text(), "nothing but the host may say so");
    judge_rest(lab, *stream, judge, *course, leg, part, what);
  });
}

std::string class_of(const model::Status& status) {
  return status.ok() ? "ok" : to_string(status.error().error_class);
}

// Reads, looks up, and meets one fault of each kind; in both places.
void equal_in_a_child(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  if (lab.connector().isolated) return judge.skip("the kit runs it in a child process already");
  const auto compare = [&](const std::string& what, const Reading& here, const Reading& there) {
    if (class_of(here.status) != class_of(there.status))
      judge.fail(what + " ends with " + class_of(here.status) + " in the host's process, and with " +
                     (there.status.ok() ? "ok" : there.status.error().text()) + " in a child",
                 "use nothing but the host's services: no files, no environment, no network of its own");
    else if (here.records != there.records || here.order != there.order)
      judge.fail(what + " gives other records in a child process than in the host's",
                 "what is read must depend on the remote alone");
  };
  const auto both = [&](const std::string& what, const Plan& plan, auto&& act) {
    auto here = lab.open(plan);
    auto there = lab.open(plan, std::nullopt, Lab::Where::child);
    if (!here.ok()) return;
    if (!there.ok())
      return judge.fail("it does not open in a child process: " + there.error().text(),
                        "constructors and open may use nothing but the host's services");
    compare(what, act(*here), act(*there));
  };
  Reading all;
  both("a read", {}, [&](Bench& bench) { return all = lab.read(bench, stream->name); });
  if (judge.failed()) return;
  if (lab.manifest().capabilities.contains("lookup") && !all.order.empty())
    both("a look-up", {}, [&](Bench& bench) {
      return lab.lookup(bench, stream->name, {all.order.front(), all.order.back(), "no-such-key"});
    });
  for (const Fault fault : {Fault::html, Fault::error_500, Fault::refused, Fault::truncated})
    if (!judge.failed())
      both(
          std::string("a read with ") + to_string(fault),
          [fault](std::size_t number, const host::HttpRequest&) { return number >= 2 ? fault : Fault::none; },
          [&](Bench& bench) { return lab.read(bench, stream->name); });
}

void loads_and_unloads(Lab& lab, const host::StreamSpec*, Judge& judge) {
  constexpr long most_growth_kib = 8192;  // a C++ runtime linked into a library keeps some
  const std::string library = lab.connector().library;
  std::error_code ignored;
  if (library.find('\'') != std::string::npos || !std::filesystem::exists(library, ignored))
    return judge.skip("it has no file");
  const std::string command = "'" + host::plugin_host_program() + "' --cycles 1000 '" +
                              std::filesystem::absolute(library, ignored).string() + "' 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::array<char, 512> line = {};
  if (pipe == nullptr || std::fgets(line.data(), line.size(), pipe.get()) == nullptr)
    return judge.fail("its library does not live through being loaded and unloaded 1,000 times",
                      "no threads, handlers or atexit functions that outlive the library");
  const auto report = model::parse_json(std::string_view(line.data()));
  if (!report.ok()) return judge.skip("the probe says nothing that can be read");
  const auto number = [&](const char* name) { return std::stol("0" + (*report)[name].to_text()); };
  if (const bool* loaded = (*report)["loaded"].if_bool(); loaded == nullptr || !*loaded)
    return judge.fail("its library cannot be loaded 1,000 times", "constructors must be repeatable");
  if ((*report)["grown_kib"].to_text().front() != '-' && number("grown_kib") > most_growth_kib)
    judge.fail("loading it 1,000 times costs " + (*report)["grown_kib"].to_text() + " KiB",
               "free in destructors what constructors take");
  if ((*report)["descriptors"].to_text().front() != '-' && number("descriptors") > 0)
    judge.fail("loading it 1,000 times leaves " + (*report)["descriptors"].to_text() + " open files",
               "open nothing in constructors");
}

}  // namespace

const std::vector<Check>& isolation_checks() {
  using Per = Check::Per;
  static const std::vector<Check> checks = {
      {"library.cycles", "1,000 times loaded and unloaded, the library leaves nothing behind", Per::connector,
       loads_and_unloads},
      {"fault.host_call", "a host service that fails at any call loses nothing", Per::readable_stream,
       refused_anywhere},
      {"fault.cancel", "a stop at any call ends within a second and loses nothing", Per::readable_stream,
       cancelled_anywhere},
      {"fault.kill", "a process killed at any call loses nothing", Per::readable_stream, killed_anywhere},
      {"isolation.equal", "in a sandboxed child process everything is as in the host's", Per::readable_stream,
       equal_in_a_child},
  };
  return checks;
}

}  // namespace huiliu::kit
