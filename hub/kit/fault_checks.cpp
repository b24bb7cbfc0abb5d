// When remote and network misbehave: nothing is lost, nothing is invented, the class of the error is the
// right one, and a stop is a stop.
#include <algorithm>
#include <chrono>
#include <thread>

#include "hub/kit/course.hpp"

namespace huiliu::kit {
namespace {

using model::ErrorClass;
using model::Value;

struct Baseline {
  Reading all;
  std::size_t calls = 0;
};

std::optional<Baseline> baseline(Lab& lab, const host::StreamSpec& stream) {
  auto bench = lab.open();
  if (!bench.ok()) return std::nullopt;
  Baseline quiet;
  quiet.all = lab.read(*bench, stream.name);
  quiet.calls = bench->network->exchanges();
  if (!quiet.all.status.ok()) return std::nullopt;  // read.complete says so
  return quiet;
}

// A leg with one fault at call `n`, and what comes after it; judges that the whole arrives, in the end, as it
// is.
void survive(Lab& lab, const host::StreamSpec& stream, Judge& judge, const Course& course, const Leg& leg,
             std::size_t n, Fault fault, std::size_t times) {
  std::size_t left = times;
  const Plan plan = [&](std::size_t number, const host::HttpRequest&) {
    if (number < n || left == 0) return Fault::none;
    --left;
    return fault;
  };
  const Reading got = lab.read_persistently(stream.name, plan, leg.cursor, whole_leg(leg));
  const std::string what = trial_name(to_string(fault), leg, n);
  if (!got.status.ok()) {
    const ErrorClass end = got.status.error().error_class;
    if (end == ErrorClass::bug)
      return judge.fail(what + " breaks the connector: " + got.status.error().text(),
                        "what the remote sends is outside input: wrap its parsing in huiliu::from_remote");
    return judge.fail(what + ": the read never recovers: " + got.status.error().text(),
                      "a passing fault is HUILIU_RETRY (or DATA for a broken payload), never AUTH or CONFIG");
  }
  std::vector<std::string> lost;
  for (const std::string& key : leg.keys)
    if (!got.records.contains(key) && !course.whole.records.at(key).deleted) lost.push_back(key);
  if (!lost.empty())
    return judge.fail(what + ": the read ends well and " + std::to_string(lost.size()) +
                          " records are lost: " + some_of(lost),
                      "an answer that cannot be read is no empty page");
  for (const auto& [key, seen] : got.records)
    if (const auto known = course.whole.records.find(key);
        known == course.whole.records.end() || known->second != seen)
      return judge.fail(what + ": " + key + " arrives in a form that the system never had",
                        "emit only what was parsed whole");
}

template <Fault fault, std::size_t times>
void every_call(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  const auto course = course_of(lab, *stream, judge, Counted::requests);
  if (!course) return;
  at_every_call(*course, judge, [&](const Leg& leg, std::size_t n) {
    survive(lab, *stream, judge, *course, leg, n, fault, times);
  });
}

void expired_tokens(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  if (!lab.has_twin()) return judge.skip("needs a twin");
  const auto course = course_of(lab, *stream, judge, Counted::requests);
  if (!course) return;
  at_every_call(*course, judge, [&](const Leg& leg, std::size_t n) {
    bool expired = false;
    const Plan plan = [&](std::size_t number, const host::HttpRequest&) {
      if (number == n && !expired) expired = lab.post("/expire-tokens", model::Object{}).ok();
      return Fault::none;
    };
    auto bench = lab.open(plan);
    if (!bench.ok()) return;
    const Reading got = lab.read_until(*bench, stream->name, leg.cursor, whole_leg(leg));
    const std::string what = "a token that ends before call " + std::to_string(n);
    if (!got.status.ok())
      return judge.fail(what + " ends the read: " + got.status.error().text(),
                        "use send_renewing, or tell the host which answers mean an expired token");
    std::vector<std::string> lost;
    for (const std::string& key : leg.keys)
      if (!got.records.contains(key)) lost.push_back(key);
    if (!lost.empty())
      judge.fail(what + ": records are lost: " + some_of(lost), "send the refused request again");
  });
}

void stops(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  const auto quiet = baseline(lab, *stream);
  if (!quiet) return judge.skip("the stream cannot be read");
  if (quiet->calls == 0) return judge.skip("it reads without the network");
  for (const std::size_t n : {std::size_t{1}, quiet->calls}) {
    std::stop_source stop;
    std::atomic<bool> hanging{false};
    const Plan plan = [&](std::size_t number, const host::HttpRequest&) {
      if (number < n) return Fault::none;
      hanging = true;
      hanging.notify_all();
      return Fault::hang;
    };
    auto bench = lab.open(plan);
    if (!bench.ok()) return;
    Reading got;
    std::chrono::steady_clock::time_point asked;
    {
      const std::jthread stopper([&] {
        hanging.wait(false);
        asked = std::chrono::steady_clock::now();
        stop.request_stop();
      });
      got = lab.read(*bench, stream->name, {}, {.stop = stop.get_token()});
      hanging = true;  // also when the read ended without reaching that call
      hanging.notify_all();
    }
    if (bench->network->exchanges() < n) continue;  // this time it came to its end with fewer calls
    const auto took = std::chrono::steady_clock::now() - asked;
    if (got.status.ok() || got.status.error().error_class != ErrorClass::cancelled)
      return judge.fail("a stop while the server hangs at call " + std::to_string(n) + " ends with " +
                            (got.status.ok() ? std::string("ok") : got.status.error().text()),
                        "let huiliu::Cancelled pass; call stop_if_cancelled in loops");
    if (took > std::chrono::seconds(1))
      return judge.fail("a stop takes longer than a second",
                        "wait only in host services, and offer interrupt");
  }
}

void skewed_clock(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  const auto quiet = baseline(lab, *stream);
  if (!quiet) return judge.skip("the stream cannot be read");
  for (const model::Micros skew : {-7 * 60 * model::second, 7 * 60 * model::second}) {
    lab.environment().skew = skew;
    const Reading got = lab.read_persistently(stream->name, {});
    lab.environment().skew = 0;
    if (got.status.ok()) {
      if (const auto lost = missing(quiet->all.records, got.records); !lost.empty())
        judge.fail("with our clock off by seven minutes records are lost: " + some_of(lost),
                   "count time windows in the remote's clock (its Date header), not in ours");
    } else if (got.status.error().error_class == ErrorClass::bug) {
      judge.fail("with our clock off by seven minutes: " + got.status.error().text(),
                 "say what is wrong as CONFIG or AUTH, or learn the difference from the Date header");
    }
    if (judge.failed()) return;
  }
}

void secrets(Lab& lab, const host::StreamSpec*, Judge& judge) {
  constexpr std::size_t shortest = 6;  // shorter ones are found in any text
  for (const std::string& name : host::secret_names(lab.manifest().settings)) {
    const Value* secret = lab.target().settings.find(name);
    if (secret == nullptr || !secret->is_string() || secret->as_string().size() < shortest) continue;
    if (lab.said().find(secret->as_string()) != std::string::npos)
      judge.fail("the secret " + name + " appears in a log, an error, a cursor, a note or a record",
                 "never put a secret into a text; prefer Call::hmac, which never shows it");
  }
}

}  // namespace

const std::vector<Check>& fault_checks() {
  using Per = Check::Per;
  static const std::vector<Check> checks = {
      {"fault.refused", "a connection that fails at any call loses nothing", Per::readable_stream,
       every_call<Fault::refused, 6>},
      {"fault.lost_answer", "an answer lost at any call loses nothing", Per::readable_stream,
       every_call<Fault::lost_answer, 1>},
      {"fault.error_500", "a server error at any call loses nothing", Per::readable_stream,
       every_call<Fault::error_500, 6>},
      {"fault.throttled", "a storm of 429 at any call loses nothing", Per::readable_stream,
       every_call<Fault::throttled, 6>},
      {"fault.html", "a page of HTML instead of an answer is no empty page", Per::readable_stream,
       every_call<Fault::html, 1>},
      {"fault.truncated", "half an answer is no answer", Per::readable_stream,
       every_call<Fault::truncated, 1>},
      {"fault.empty", "an empty answer is no empty page", Per::readable_stream, every_call<Fault::empty, 1>},
      {"fault.expired_token", "a token that ends in the middle is renewed", Per::readable_stream,
       expired_tokens},
      {"fault.stop", "a stop while the server hangs ends the call within a second", Per::readable_stream,
       stops},
      {"fault.clock", "a clock that is off by minutes loses nothing", Per::readable_stream, skewed_clock},
      {"secrets.silent", "no secret appears in anything that the connector said during all of this",
       Per::connector, secrets},
  };
  return checks;
}

}  // namespace huiliu::kit
