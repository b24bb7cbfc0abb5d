// When the connector's own process is stopped, killed, or another one: nothing is lost, and it makes no
// difference.
#include <signal.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

#include "hub/host/isolation.hpp"
#include "hub/kit/check.hpp"

namespace huiliu::kit {
namespace {

using model::ErrorClass;
using model::Value;

constexpr std::size_t kills_tried = 12;  // of a longer reading, spread evenly

std::vector<std::size_t> some_calls(std::size_t count) {
  std::set<std::size_t> chosen = {count};
  for (std::size_t n = 1; n <= count; n += std::max<std::size_t>(1, count / kills_tried)) chosen.insert(n);
  return {chosen.begin(), chosen.end()};
}

// A whole reading, and how many calls it took.
std::optional<std::pair<Reading, std::size_t>> quiet(Lab& lab, const host::StreamSpec& stream, Judge& judge) {
  auto bench = lab.open();
  if (!bench.ok()) return judge.skip("it does not open"), std::nullopt;
  Reading all = lab.read(*bench, stream.name);
  const std::size_t calls = bench->network->exchanges();
  if (!all.status.ok()) return judge.skip("the stream cannot be read"), std::nullopt;
  if (calls == 0) return judge.skip("it reads without the network"), std::nullopt;
  return std::pair(std::move(all), calls);
}

// The rest of a broken-off reading; judges that both together are the whole.
void judge_rest(Lab& lab, const host::StreamSpec& stream, Judge& judge, const Reading& whole, Reading part,
                const std::string& what) {
  auto bench = lab.open();
  if (!bench.ok())
    return judge.fail(what + ": afterwards it does not open: " + bench.error().text(), "start anew");
  // What can only be read whole begins again.
  const bool goes_on = stream.read.contains("changes") && !part.cursors.empty();
  part.add(lab.read(*bench, stream.name, goes_on ? part.cursors.back() : std::string()));
  if (!part.status.ok())
    return judge.fail(what + ": the next read ends with " + part.status.error().text(),
                      "a cursor must be enough to go on from: keep nothing else between two reads");
  if (const auto lost = missing(whole.records, part.records); !lost.empty())
    judge.fail(what + ": records are lost: " + some_of(lost),
               "emit first, then checkpoint; keep nothing but the cursor between two reads");
}

void cancelled_anywhere(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  const auto whole = quiet(lab, *stream, judge);
  if (!whole) return;
  for (const std::size_t n : some_calls(whole->second)) {
    std::stop_source stop;
    const Plan plan = [&](std::size_t number, const host::HttpRequest&) {
      if (number == n) stop.request_stop();
      return Fault::none;
    };
    auto bench = lab.open(plan);
    if (!bench.ok()) return;
    const Reading part = lab.read(*bench, stream->name, {}, {.stop = stop.get_token()});
    const std::string what = "a stop at call " + std::to_string(n) + " of " + std::to_string(whole->second);
    if (!part.status.ok() && part.status.error().error_class != ErrorClass::cancelled)
      return judge.fail(what + " ends with " + part.status.error().text(), "let huiliu::Cancelled pass");
    if (part.status.ok())
      if (const auto lost = missing(whole->first.records, part.records); !lost.empty())
        return judge.fail(
            what + ": the read says that it is done, and it is not: " + some_of(lost) + " are missing",
            "let huiliu::Cancelled pass; an interrupted read is no finished one");
    judge_rest(lab, *stream, judge, whole->first, part, what);
    if (judge.failed()) return;
  }
}

void killed_anywhere(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  const auto whole = quiet(lab, *stream, judge);
  if (!whole) return;
  for (const std::size_t n : some_calls(whole->second)) {
    int process = -1;
    const Plan plan = [&](std::size_t number, const host::HttpRequest&) {
      if (number == n && process > 0) ::kill(process, SIGKILL);
      return Fault::none;
    };
    auto bench = lab.open(plan, std::nullopt, Lab::Where::child);
    if (!bench.ok()) return judge.skip("no child process: " + bench.error().text());
    process = bench->instance->process();
    const Reading part = lab.read(*bench, stream->name);
    const std::string what =
        "a process killed at call " + std::to_string(n) + " of " + std::to_string(whole->second);
    if (part.status.ok())
      return judge.fail(what + ": the read ends well", "read in the operation, not ahead of it");
    if (part.status.error().error_class != ErrorClass::retry)
      return judge.fail(what + " ends with " + part.status.error().text(), "nothing but the host may say so");
    judge_rest(lab, *stream, judge, whole->first, part, what);
    if (judge.failed()) return;
  }
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
      {"fault.cancel", "a stop at any call loses nothing", Per::readable_stream, cancelled_anywhere},
      {"fault.kill", "a process killed at any call loses nothing", Per::readable_stream, killed_anywhere},
      {"isolation.equal", "in a sandboxed child process everything is as in the host's", Per::readable_stream,
       equal_in_a_child},
  };
  return checks;
}

}  // namespace huiliu::kit
