// Writing: exactly one outcome for each record, and each outcome is the truth. Only against a twin.
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "hub/kit/check.hpp"

namespace huiliu::kit {
namespace {

using host::WriteOutcome;
using host::WriteRecord;
using model::Value;

// A change that the system accepts: found by trying.
struct Trial {
  std::string key, field, before;
  Value base;
  int number = 0;
};

std::string outcome_text(const host::WriteResult& result) {
  return std::string(host::to_string(result.outcome)) +
         (result.error.message.empty() ? std::string() : ": " + result.error.text());
}

// Every write is an operation of its own: a remote may know an operation id again and do nothing.
WriteRecord update_of(const Trial& trial, const std::string& value) {
  static int number = 0;
  return {.key = trial.key,
          .operation_id = "kit-" + std::to_string(::getpid()) + "-" + std::to_string(++number),
          .body = nested(trial.field, value),
          .base = trial.base};
}

std::string fresh_value(const Trial& trial) {
  static int number = 0;
  // Names keep their form, so that a system that checks forms accepts it; other texts grow by a letter.
  return trial.before + static_cast<char>('A' + number++ % 26);
}

std::optional<std::string> shown(Lab& lab, const std::string& stream, const Trial& trial) {
  auto bench = lab.open();
  if (!bench.ok()) return std::nullopt;
  const Reading looked = lab.lookup(*bench, stream, {trial.key});
  const auto found = looked.records.find(trial.key);
  if (found == looked.records.end() || found->second.deleted) return std::nullopt;
  const auto body = model::parse_json(found->second.body);
  const Value* value = body.ok() ? body->at_path(trial.field) : nullptr;
  return value == nullptr ? std::string() : value->to_text();
}

// What the search for a trial met on its way.
struct Attempts {
  int refused = 0;
  std::string last_answer;  // of those refused
  std::string lie;          // which write was reported as applied and was not there
};

// A record and a text field of it that an update really changes.
std::optional<Trial> trial_of(Lab& lab, const host::StreamSpec& stream, Attempts* attempts = nullptr) {
  if (!lab.has_twin() || !stream.write.contains("update") || !lab.manifest().capabilities.contains("lookup"))
    return std::nullopt;
  auto bench = lab.open();
  if (!bench.ok()) return std::nullopt;
  const Reading all = lab.read(*bench, stream.name);
  int tries = 12;
  for (const std::string& key : all.order) {
    const auto body = model::parse_json(all.records.at(key).body);
    if (!body.ok()) continue;
    for (const auto& [path, field] : stream.fields) {
      const Value* value = body->at_path(path);
      if (!field.operations.contains("update") || value == nullptr || !value->is_string() ||
          value->as_string().empty() || field.unique)
        continue;
      if (--tries < 0) return std::nullopt;
      Trial trial{key, path, value->as_string(), *body};
      const std::string wanted = fresh_value(trial);
      const auto report = lab.write(*bench, stream.name, {update_of(trial, wanted)});
      const auto is_answered = [&](WriteOutcome outcome) {
        return report.results.size() == 1 && report.results[0].outcome == outcome;
      };
      const bool is_told = is_answered(WriteOutcome::applied);
      const bool is_there = shown(lab, stream.name, trial) == wanted;
      if (attempts != nullptr && is_told && !is_there) attempts->lie = key + "." + path;
      if (attempts != nullptr && is_answered(WriteOutcome::rejected)) {
        ++attempts->refused;
        attempts->last_answer = key + "." + path + " is answered " + outcome_text(report.results[0]);
      }
      if (is_told && is_there) {
        trial.before = wanted;
        trial.base = model::Value();
        const Reading again = lab.lookup(*bench, stream.name, {key});
        if (const auto now = again.records.find(key); now != again.records.end())
          if (auto parsed = model::parse_json(now->second.body); parsed.ok()) trial.base = std::move(*parsed);
        return trial;
      }
    }
  }
  return std::nullopt;
}

constexpr const char* no_trial =
    "no text field of an existing record could be changed (needs a twin, update and lookup)";

void updates(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  Attempts attempts;
  const auto trial = trial_of(lab, *stream, &attempts);
  if (!trial && !attempts.lie.empty())
    return judge.fail("an update of " + attempts.lie + " was reported as applied and is not there",
                      "report what the remote says, not what was hoped");
  if (!trial && attempts.refused > 0)
    return judge.fail("none of " + std::to_string(attempts.refused) +
                          " updates of text fields was applied; the last, of " + attempts.last_answer,
                      "declare as writable what the remote lets be written, or write it as it wants");
  if (!trial) return judge.skip(no_trial);
  auto bench = lab.open();
  if (!bench.ok()) return;
  const std::string wanted = fresh_value(*trial);
  const auto first = lab.write(*bench, stream->name, {update_of(*trial, wanted)});
  if (first.results.size() != 1 || first.results[0].outcome != WriteOutcome::applied)
    return judge.fail("an update is answered " + outcome_text(first.results[0]),
                      "report APPLIED once it is done");
  if (const auto now = shown(lab, stream->name, *trial); now != wanted)
    return judge.fail("an update was reported as applied and " + trial->key + "." + trial->field + " shows " +
                          now.value_or("nothing"),
                      "report what the remote says, not what was hoped");
  if (first.results[0].remote_body) {
    const Value* told = first.results[0].remote_body->at_path(trial->field);
    if (told != nullptr && told->to_text() != wanted)
      judge.fail("the result's body shows the value before the write",
                 "return the record as it is after the write");
  }
}

// The hub writes what differs; what was written must not differ again.
void writes_again(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  const auto trial = trial_of(lab, *stream);
  if (!trial) return judge.skip(no_trial);
  auto bench = lab.open();
  if (!bench.ok()) return;
  const Reading before = lab.read(*bench, stream->name);
  const std::string wanted = fresh_value(*trial);
  for (int time = 1; time <= 2; ++time) {
    const auto report = lab.write(*bench, stream->name, {update_of(*trial, wanted)});
    const WriteOutcome outcome = report.results.at(0).outcome;
    if (outcome != WriteOutcome::applied && outcome != WriteOutcome::unchanged)
      return judge.fail("the same write for the " + std::string(time == 1 ? "first" : "second") +
                            " time is answered " + outcome_text(report.results[0]),
                        "UNCHANGED, or APPLIED: the remote holds what was sent");
    if (shown(lab, stream->name, *trial) != wanted)
      return judge.fail("the same write twice, and " + trial->key + "." + trial->field + " is something else",
                        "a write sets fields; it never adds to them");
  }
  const Reading after = lab.read(*bench, stream->name);
  if (before.status.ok() && after.status.ok() && after.records.size() != before.records.size())
    judge.fail("an update, and there are " + std::to_string(after.records.size()) + " records instead of " +
                   std::to_string(before.records.size()),
               "an update must never create");
}

void batches(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  const auto trial = trial_of(lab, *stream);
  if (!trial) return judge.skip(no_trial);
  auto bench = lab.open();
  if (!bench.ok()) return;
  Trial nobody = *trial;
  nobody.key = "999999999999999";
  const std::string wanted = fresh_value(*trial);
  const auto report = lab.write(*bench, stream->name, {update_of(nobody, wanted), update_of(*trial, wanted)});
  if (!report.ended.ok())
    return judge.fail("one bad record ends the whole batch: " + report.ended.error().text(),
                      "report an outcome for each record and go on");
  const WriteOutcome bad = report.results[0].outcome;
  if (bad != WriteOutcome::gone && bad != WriteOutcome::rejected)
    judge.fail("an update of a record that does not exist is answered " + outcome_text(report.results[0]),
               "GONE, or REJECTED with the reason");
  if (report.results[1].outcome != WriteOutcome::applied || shown(lab, stream->name, *trial) != wanted)
    judge.fail("a good record after a bad one is answered " + outcome_text(report.results[1]),
               "results belong to records by index, whatever order the remote answers in");
}

// What the write itself sends, without logins and looks: its last call.
std::size_t calls_of_write(Lab& lab, const host::StreamSpec& stream, const Trial& trial) {
  auto bench = lab.open();
  if (!bench.ok()) return 0;
  lab.write(*bench, stream.name, {update_of(trial, fresh_value(trial))});
  return bench->network->exchanges();
}

// The outcomes that say: nothing was done.
bool says_undone(WriteOutcome outcome) {
  return outcome == WriteOutcome::rejected || outcome == WriteOutcome::deferred ||
         outcome == WriteOutcome::gone;
}

template <Fault fault>
void faulty_write(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  const auto trial = trial_of(lab, *stream);
  if (!trial) return judge.skip(no_trial);
  const std::size_t calls = calls_of_write(lab, *stream, *trial);
  for (std::size_t n = 1; n <= calls; ++n) {
    const Plan plan = [n](std::size_t number, const host::HttpRequest&) {
      return number >= n && number < n + 6 ? fault : Fault::none;
    };
    auto bench = lab.open(plan);
    if (!bench.ok()) return;
    const std::string wanted = fresh_value(*trial);
    const auto report = lab.write(*bench, stream->name, {update_of(*trial, wanted)});
    const WriteOutcome outcome = report.results.at(0).outcome;
    const bool landed = shown(lab, stream->name, *trial) == wanted;
    const std::string what =
        std::string(to_string(fault)) + " at call " + std::to_string(n) + " of the write: ";
    if (outcome == WriteOutcome::applied && !landed)
      return judge.fail(what + "reported as applied, and it is not", "no answer is not yes");
    if (landed && says_undone(outcome))
      return judge.fail(
          what + "reported as " + outcome_text(report.results[0]) + ", and it was done",
          "what may have happened is IN_DOUBT: only a connection that never opened is DEFERRED");
    if (!report.ended.ok() && report.ended.error().error_class == model::ErrorClass::bug)
      return judge.fail(what + report.ended.error().text(),
                        "wrap the parsing of answers in huiliu::from_remote");
  }
}

// Kills the process at each host call of a write; then another one does the same write again, as a hub does.
void killed_write(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  const auto trial = trial_of(lab, *stream);
  if (!trial) return judge.skip(no_trial);
  for (std::size_t call = 1;; ++call) {
    auto bench = lab.open({}, std::nullopt, Lab::Where::child);
    if (!bench.ok()) return judge.skip("no child process: " + bench.error().text());
    const int process = bench->instance->process();
    std::size_t made = 0;
    const std::string wanted = fresh_value(*trial);
    const WriteRecord record = update_of(*trial, wanted);
    const auto report =
        lab.write(*bench, stream->name, {record}, {.before_service = [&](const char*) -> model::Status {
          if (++made == call) ::kill(process, SIGKILL);
          return {};
        }});
    if (made < call) return judge.note("at each of " + std::to_string(call - 1) + " calls");
    const WriteOutcome outcome = report.results.at(0).outcome;
    const bool landed = shown(lab, stream->name, *trial) == wanted;
    const std::string what = "a process killed at call " + std::to_string(call) + " of the write: ";
    if (outcome == WriteOutcome::applied && !landed)
      return judge.fail(what + "reported as applied, and it is not",
                        "report a result once the remote has answered");
    if (landed && says_undone(outcome))
      return judge.fail(what + "reported as " + outcome_text(report.results[0]) + ", and it was done",
                        "report a result once the remote has answered");
    auto next = lab.open({}, std::nullopt, Lab::Where::child);
    if (!next.ok())
      return judge.fail(what + "afterwards it does not open: " + next.error().text(), "start anew");
    const auto again = lab.write(*next, stream->name, {record});
    const WriteOutcome second = again.results.at(0).outcome;
    if ((second != WriteOutcome::applied && second != WriteOutcome::unchanged) ||
        shown(lab, stream->name, *trial) != wanted)
      return judge.fail(what + "the same write by the next process is answered " +
                            outcome_text(again.results[0]) +
                            (shown(lab, stream->name, *trial) == wanted ? "" : ", and it is not there"),
                        "a write must be repeatable: what was begun and not ended is done again");
  }
}

void stale_writes(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  if (lab.manifest().grade.write != "A") return judge.skip("the grade promises no conditional write");
  const auto trial = trial_of(lab, *stream);
  if (!trial) return judge.skip(no_trial);
  auto bench = lab.open();
  if (!bench.ok()) return;
  std::string version;
  const auto looked = bench->instance->lookup(
      stream->name, {trial->key},
      {[&](host::Page page) -> model::Status {
         for (const auto& record : page.records) version = record.version;
         return {};
       },
       [](std::string_view, const host::StateChanges&) -> model::Status { return {}; }});
  if (!looked.ok() || version.empty())
    return judge.fail("grade A, and a look-up gives no version", "set the record's version (ETag, revision)");
  const auto edited =
      lab.post("/edit", model::Object{{"stream", stream->name},
                                      {"key", trial->key},
                                      {"fields", model::Object{{trial->field, trial->before + "人"}}}});
  if (!edited.ok()) return judge.skip(edited.error().text());
  WriteRecord record = update_of(*trial, fresh_value(*trial));
  record.version = version;
  const auto report = lab.write(*bench, stream->name, {record});
  if (report.results.at(0).outcome != WriteOutcome::stale)
    judge.fail("a write over an older version is answered " + outcome_text(report.results[0]),
               "send the version as the condition and report STALE when the remote refuses");
}

}  // namespace

const std::vector<Check>& write_checks() {
  using Per = Check::Per;
  static const std::vector<Check> checks = {
      {"write.update", "an update that is reported as applied is there", Per::writable_stream, updates},
      {"write.again", "the same write twice leaves what it wrote once, and makes no second record",
       Per::writable_stream, writes_again},
      {"write.batch", "one bad record does not spoil its batch", Per::writable_stream, batches},
      {"write.refused", "a connection that fails is never reported as done", Per::writable_stream,
       faulty_write<Fault::refused>},
      {"write.lost_answer", "a lost answer is in doubt, not undone", Per::writable_stream,
       faulty_write<Fault::lost_answer>},
      {"write.error_500", "a server error is not a success", Per::writable_stream,
       faulty_write<Fault::error_500>},
      {"write.html", "a page of HTML is not a success", Per::writable_stream, faulty_write<Fault::html>},
      {"write.kill",
       "a process killed at any call of a write leaves no false result, and the next one can do it again",
       Per::writable_stream, killed_write},
      {"write.stale", "with grade A, a write over an older version is refused", Per::writable_stream,
       stale_writes},
  };
  return checks;
}

}  // namespace huiliu::kit
