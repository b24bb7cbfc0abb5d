#include "hub/run/brakes.hpp"

#include <algorithm>

#include "hub/config/config.hpp"
#include "hub/model/id.hpp"
#include "hub/run/writer.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;
using sync::BrakeRule;

// Spaces of small values in the store.
constexpr const char* closed_space = "brake";         // gate → {"review","counts"}
constexpr const char* normal_space = "brake-normal";  // gate → {rule: count} that a person called normal
constexpr const char* history_space =
    "brake-history";  // gate → {rule: [counts of passes that did something]}
constexpr const char* window_space = "brake-window";  // gate → {rule: {hour: count}} of what passed lately
constexpr const char* stage_space = "brake-stage";  // connection → the situation whose first round is done
constexpr const char* fields_space =
    "brake-fields";                         // question → {"review","connection","stream","key","field"}
constexpr std::size_t sent_looked_at = 50;  // writes of one record
constexpr const char* restore_question = "brake/restore";
constexpr std::size_t history_kept = 30;
constexpr std::size_t plan_page = 500;

Value stored(store::Snapshot& snapshot, const char* space, const std::string& key) {
  const auto text = snapshot.load_value(space, key);
  if (!text) return {};
  auto value = model::parse_json(*text);
  return value.ok() ? std::move(*value) : Value();
}

std::int64_t number(const Value& value) {
  const model::Number* number = value.if_number();
  return number == nullptr ? 0 : number->to_int64().value_or(0);
}

Value counts_json(const std::map<BrakeRule, std::int64_t>& counts) {
  model::Object object;
  for (const auto& [rule, count] : counts) object.set(sync::to_string(rule), count);
  return object;
}

bool is_outgoing(BrakeRule rule) {
  return rule == BrakeRule::updates || rule == BrakeRule::creates || rule == BrakeRule::disables;
}

std::vector<std::int64_t> history_of(const Value& history, BrakeRule rule) {
  std::vector<std::int64_t> counts;
  if (const model::Array* all = history[sync::to_string(rule)].if_array())
    for (const Value& count : *all) counts.push_back(number(count));
  return counts;
}

std::optional<BrakeRule> rule_named(const std::string& name) {
  for (const BrakeRule rule : sync::brake_rules())
    if (sync::to_string(rule) == name) return rule;
  return std::nullopt;
}

sync::Passed passed_lately(store::Snapshot& snapshot, const std::string& gate, model::Micros within,
                           model::Micros now) {
  sync::Passed passed;
  const Value rules = stored(snapshot, window_space, gate);
  const model::Object* members = rules.if_object();
  for (std::size_t i = 0; members != nullptr && i < members->size(); ++i) {
    const model::Member& of = *(members->begin() + static_cast<std::ptrdiff_t>(i));
    const auto rule = rule_named(of.key);
    const model::Object* hours = of.value.if_object();
    for (std::size_t k = 0; rule && hours != nullptr && k < hours->size(); ++k) {
      const model::Member& each = *(hours->begin() + static_cast<std::ptrdiff_t>(k));
      passed.add(*rule, number(each.value), std::stoll(each.key) * sync::Passed::hour);
    }
  }
  passed.forget_before(now - within);
  return passed;
}

void save_passed(store::Transaction& transaction, const std::string& gate, const sync::Passed& passed) {
  model::Object rules;
  for (const auto& [rule, by_hour] : passed.by_hour()) {
    model::Object hours;
    for (const auto& [hour, count] : by_hour) hours.set(std::to_string(hour), count);
    if (!by_hour.empty()) rules.set(sync::to_string(rule), std::move(hours));
  }
  transaction.save_value(window_space, gate, model::to_json(Value(std::move(rules))));
}

// A person said raise: those counts are normal from now on.
void remember_normal(store::Transaction& transaction, const Gate& gate, const Value& counts) {
  Value normal = stored(transaction, normal_space, gate.text());
  if (!normal.is_object()) normal = model::Object{};
  if (const model::Object* all = counts.if_object())
    for (const model::Member& count : *all)
      normal.as_object().set(count.key, std::max(number(normal[count.key]), number(count.value)));
  transaction.save_value(normal_space, gate.text(), model::to_json(normal));
}

std::string sentence(const Gate& gate, const sync::BrakeTally& tally,
                     const std::map<BrakeRule, std::int64_t>& allowed, std::int64_t known) {
  std::string text =
      gate.connection + "/" + gate.stream + (gate.flow == Flow::in ? ": reading" : ": writing");
  text += " would have";
  const auto rules = sync::exceeded(tally, allowed);
  for (std::size_t i = 0; i < rules.size(); ++i)
    text += (i == 0 ? " " : ", ") + std::string(sync::to_string(rules[i])) + " " +
            std::to_string(tally.counts.at(rules[i])) + " (allowed " + std::to_string(allowed.at(rules[i])) +
            ")";
  text += " of " + std::to_string(known) + " records";
  std::vector<std::pair<std::int64_t, std::string>> fields;
  for (const auto& [name, count] : tally.fields) fields.emplace_back(-count, name);
  std::sort(fields.begin(), fields.end());
  for (std::size_t i = 0; i < std::min<std::size_t>(3, fields.size()); ++i)
    text += (i == 0 ? "; " : ", ") + fields[i].second + " " + std::to_string(-fields[i].first);
  return text;
}

Value evidence_of(const Gate& gate, const sync::BrakeTally& tally,
                  const std::map<BrakeRule, std::int64_t>& allowed, std::int64_t known,
                  const std::string& run) {
  model::Object rules;
  for (const BrakeRule rule : sync::exceeded(tally, allowed))
    rules.set(sync::to_string(rule),
              model::Object{{"count", tally.counts.at(rule)}, {"allowed", allowed.at(rule)}});
  model::Object fields;
  for (const auto& [name, count] : tally.fields) fields.set(name, count);
  model::Array samples;
  for (const Value& sample : tally.samples) samples.push_back(sample);
  return model::Object{{"connection", gate.connection},
                       {"stream", gate.stream},
                       {"direction", gate.flow == Flow::in ? "in" : "out"},
                       {"rules", std::move(rules)},
                       {"records", known},
                       {"customers", static_cast<std::int64_t>(tally.customers.size())},
                       {"fields", std::move(fields)},
                       {"samples", std::move(samples)},
                       {"run", run}};
}

// Opens the question, or brings the open one up to date. Returns its id.
std::string ask(Workspace& workspace, store::Transaction& transaction, sync::Review review) {
  const model::Micros now = workspace.clock->now();
  if (auto open = transaction.open_review(review.dedupe)) {
    open->subject = review.subject;
    open->evidence = review.evidence;
    transaction.save(*open);
    return open->id;
  }
  review.id = model::make_id("rev", now, *workspace.random);
  review.kind = sync::ReviewKind::brake;
  review.opened = now;
  transaction.save(review);
  return review.id;
}

void withdraw(Workspace& workspace, store::Transaction& transaction, const std::string& review) {
  auto open = transaction.load_review(review);
  if (!open || open->state != "open") return;
  open->state = "withdrawn";
  open->decided = workspace.clock->now();
  transaction.save(*open);
}

std::string choice_of(store::Snapshot& snapshot, const std::string& review) {
  const auto found = snapshot.load_review(review);
  return found && found->state == "decided" ? found->choice : std::string{};
}

const sync::BrakeLimits& limits_of(const Workspace& workspace, const std::string& connection) {
  return workspace.rules->connection(connection)->brakes;
}

// The situation whose first round is what its plan showed: this stage, with these systems.
std::string situation(const Workspace& workspace, const std::string& connection) {
  std::string text = config::to_string(workspace.rules->connection(connection)->stage);
  for (const auto& [name, rules] : workspace.rules->connections) text += " " + name;
  return text;
}

// Has every system been read once, but those that nobody waits for?
bool all_observed(const Workspace& workspace, store::Snapshot& snapshot) {
  for (const auto& [name, rules] : workspace.rules->connections) {
    const config::ConnectionConfig* config = workspace.config->connection(name);
    if (config == nullptr || config->waived) continue;
    for (const auto& [stream, of] : rules.streams)
      if (!snapshot.observed(name, stream)) return false;
  }
  return true;
}

// Everything that would be written now, counted without keeping it.
sync::BrakeTally tally_outgoing(Workspace& workspace, store::Snapshot& snapshot,
                                const std::string& connection, const sync::StreamRules& stream) {
  sync::BrakeTally tally;
  const model::Entity& entity = *workspace.rules->schema->find(stream.entity);
  sync::GoldenId after;
  do {
    const sync::Plan plan = plan_stream(workspace, snapshot, connection, stream, after, plan_page, false);
    for (const sync::PlannedWrite& write : plan.writes)
      if (const auto golden = snapshot.load_golden(write.golden))
        sync::count_outgoing(tally, write, *golden, entity);
    after = plan.next;
  } while (!after.empty());
  return tally;
}

void add_passed(Workspace& workspace, store::Transaction& transaction, const Gate& gate,
                const std::map<BrakeRule, std::int64_t>& counts) {
  const sync::BrakeLimits& limits = limits_of(workspace, gate.connection);
  const model::Micros now = workspace.clock->now();
  sync::Passed passed = passed_lately(transaction, gate.text(), limits.drip_within, now);
  for (const auto& [rule, count] : counts) passed.add(rule, count, now);
  save_passed(transaction, gate.text(), passed);
}

}  // namespace

std::int64_t known_records(store::Snapshot& snapshot, const std::string& connection,
                           const std::string& stream) {
  std::int64_t records = 0;
  for (const store::RecordCount& count : snapshot.count_records())
    if (count.connection == connection && count.stream == stream) records += count.records;
  return records;
}

Result<std::map<BrakeRule, std::int64_t>> allowances(Workspace& workspace, const Gate& gate,
                                                     std::int64_t known, bool released) {
  std::map<BrakeRule, std::int64_t> allowed;
  const sync::BrakeLimits& limits = limits_of(workspace, gate.connection);
  bool raised = false;
  Value closed;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    const Value history = stored(snapshot, history_space, gate.text());
    const Value normal = stored(snapshot, normal_space, gate.text());
    closed = stored(snapshot, closed_space, gate.text());
    const sync::Passed passed =
        passed_lately(snapshot, gate.text(), limits.drip_within, workspace.clock->now());
    const std::string choice = choice_of(snapshot, closed["review"].to_text());
    raised = choice == "raise";
    for (const auto& [rule, limit] : limits.of) {
      if (is_outgoing(rule) != (gate.flow == Flow::out)) continue;
      const std::string name = sync::to_string(rule);
      allowed[rule] =
          std::max(sync::allowance(rule, limit, known, history_of(history, rule)), number(normal[name]));
      allowed[rule] = sync::left_of(allowed[rule], rule, limits, passed);
      // Released: what was counted, and a little that came since.
      if ((choice == "release" && released) || raised)
        allowed[rule] = std::max(allowed[rule], number(closed["counts"][name]) * 11 / 10 + 1);
    }
    return {};
  }));
  if (raised)
    HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
      remember_normal(transaction, gate, closed["counts"]);
      return {};
    }));
  return allowed;
}

model::Error close_gate(Workspace& workspace, const Gate& gate, const sync::BrakeTally& tally,
                        const std::map<BrakeRule, std::int64_t>& allowed, std::int64_t known,
                        const std::string& run) {
  sync::Review review;
  review.connection = gate.connection;
  review.subject = sentence(gate, tally, allowed, known);
  review.choices = {"release", "raise", "keep"};
  review.evidence = evidence_of(gate, tally, allowed, known, run);
  review.dedupe = "brake/" + gate.text();
  const std::string subject = review.subject;
  std::string asked;
  const Status written = workspace.store->write([&](store::Transaction& transaction) -> Status {
    const Value closed = stored(transaction, closed_space, gate.text());
    asked = closed["review"].to_text();
    if (choice_of(transaction, asked) == "keep") return {};  // answered; nothing new to ask
    asked = ask(workspace, transaction, review);
    transaction.save_value(
        closed_space, gate.text(),
        model::to_json(Value(model::Object{{"review", asked}, {"counts", counts_json(tally.counts)}})));
    return {};
  });
  if (!written.ok()) return written.error();
  return {ErrorClass::data, "stopped by a brake: " + subject + "; see huiliu review show " + asked, "brake",
          gate.connection + "/" + gate.stream};
}

void note_written(Workspace& workspace, store::Transaction& transaction, const std::string& connection,
                  const std::string& stream, const std::map<BrakeRule, std::int64_t>& counts) {
  if (!counts.empty()) add_passed(workspace, transaction, {connection, stream, Flow::out}, counts);
}

Status open_gate(Workspace& workspace, const Gate& gate, const sync::BrakeTally& tally) {
  const bool did_something = std::any_of(tally.counts.begin(), tally.counts.end(),
                                         [](const auto& count) { return count.second > 0; });
  bool was_closed = false;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    was_closed = snapshot.load_value(closed_space, gate.text()).has_value();
    return {};
  }));
  if (!did_something && !was_closed) return {};
  return workspace.store->write([&](store::Transaction& transaction) -> Status {
    if (was_closed) {
      withdraw(workspace, transaction, stored(transaction, closed_space, gate.text())["review"].to_text());
      transaction.erase_value(closed_space, gate.text());
      transaction.erase_value(window_space, gate.text());  // a person has looked; counted anew from here
    }
    // What is written is counted where it is done: see note_written.
    if (did_something && !was_closed && gate.flow == Flow::in)
      add_passed(workspace, transaction, gate, tally.counts);
    if (!did_something || was_closed) return {};  // what a person let pass once is no measure
    Value history = stored(transaction, history_space, gate.text());
    if (!history.is_object()) history = model::Object{};
    for (const auto& [rule, count] : tally.counts) {
      model::Array counts;
      for (const std::int64_t earlier : history_of(history, rule)) counts.emplace_back(earlier);
      counts.emplace_back(count);
      if (counts.size() > history_kept) counts.erase(counts.begin());
      history.as_object().set(sync::to_string(rule), std::move(counts));
    }
    transaction.save_value(history_space, gate.text(), model::to_json(history));
    return {};
  });
}

std::string closed_gate(store::Snapshot& snapshot, const std::string& connection, std::optional<Flow> flow) {
  for (const auto& [gate, text] : snapshot.list_values(closed_space)) {
    if (!gate.starts_with(connection + "/")) continue;
    if (flow && !gate.ends_with(*flow == Flow::in ? "/in" : "/out")) continue;
    const Value closed = stored(snapshot, closed_space, gate);
    const std::string choice = choice_of(snapshot, closed["review"].to_text());
    if (choice == "release" || choice == "raise") continue;  // its next pass goes through
    const auto review = snapshot.load_review(closed["review"].to_text());
    return review ? review->subject : gate;
  }
  return {};
}

void ask_again(store::Transaction& transaction, const std::string& connection) {
  for (const auto& [gate, text] : transaction.list_values(closed_space))
    if ((gate.starts_with(connection + "/") || gate == "restore") &&
        choice_of(transaction, stored(transaction, closed_space, gate)["review"].to_text()) == "keep")
      transaction.erase_value(closed_space, gate);
}

Status judge_outgoing(Workspace& workspace, const std::string& connection, const std::string& run) {
  const sync::ConnectionRules& rules = *workspace.rules->connection(connection);
  std::map<std::string, std::pair<sync::BrakeTally, std::int64_t>> tallies;  // by stream, with records known
  bool first_round = false;
  std::string reading_closed;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    first_round =
        snapshot.load_value(stage_space, connection).value_or("") != situation(workspace, connection);
    reading_closed = closed_gate(snapshot, connection, Flow::in);
    if (first_round || !reading_closed.empty()) return {};
    for (const auto& [name, stream] : rules.streams)
      if (stream.receives())
        tallies[name] = {tally_outgoing(workspace, snapshot, connection, stream),
                         known_records(snapshot, connection, name)};
    return {};
  }));
  // What this system shows is in doubt, so nothing is written on top of it; what is due stays due.
  if (!reading_closed.empty())
    return make_error(ErrorClass::data, "nothing is written while reading is stopped: " + reading_closed,
                      connection);
  if (first_round) return {};
  for (const auto& [stream, counted] : tallies) {
    const Gate gate{connection, stream, Flow::out};
    HUILIU_ASSIGN(const auto allowed, allowances(workspace, gate, counted.second));
    if (!sync::exceeded(counted.first, allowed).empty())
      return close_gate(workspace, gate, counted.first, allowed, counted.second, run);
    // A release lasts until what it let through is written, which a quota may spread over many cycles.
    HUILIU_ASSIGN(const auto usual, allowances(workspace, gate, counted.second, false));
    if (sync::exceeded(counted.first, usual).empty()) HUILIU_TRY(open_gate(workspace, gate, counted.first));
  }
  return {};
}

Status first_round_done(Workspace& workspace, const std::string& connection) {
  const std::string now = situation(workspace, connection);
  bool noted = false;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    noted = snapshot.load_value(stage_space, connection).value_or("") == now ||
            !all_observed(workspace, snapshot);
    return {};
  }));
  if (noted) return {};
  return workspace.store->write([&](store::Transaction& transaction) -> Status {
    transaction.save_value(stage_space, connection, now);
    for (const auto& [gate, text] : transaction.list_values(window_space))
      if (gate.starts_with(connection + "/") && gate.ends_with("/out"))
        transaction.erase_value(window_space, gate);  // a first round is what its plan showed
    return {};
  });
}

bool written_against(Workspace& workspace, store::Transaction& transaction, const sync::PlannedWrite& write,
                     const std::string& run) {
  const sync::BrakeLimits& limits = limits_of(workspace, write.ref.connection);
  if (write.op != sync::Op::update || limits.oscillation_writes == 0) return false;
  const model::Micros now = workspace.clock->now();
  const auto sent = transaction.writes_to(write.ref, now - limits.oscillation_within, sent_looked_at);
  if (sent.empty()) return false;
  const model::Entity& entity = *workspace.rules->schema->find(write.entity);
  bool stopped = false;
  for (const sync::PlannedField& planned : write.fields) {
    const std::string& name = entity.fields[planned.field].name;
    std::int64_t times = 0;
    for (const store::SentWrite& one : sent)
      if (one.outcome == sync::Settled::applied)
        for (const store::SentField& field : one.fields)
          times += field.field == name && field.value.shows_same(planned.to) ? 1 : 0;
    if (!sync::oscillates(limits, times)) continue;
    stopped = true;
    workspace.engine->hold_back(transaction, write.ref, planned.field, now);
    sync::Review review;
    review.connection = write.ref.connection;
    review.golden = write.golden;
    review.field = name;
    review.subject = write.ref.text() + ": " + name + " was written " + std::to_string(times) +
                     " times and always changed back there";
    review.choices = {"release", "keep"};
    review.evidence = model::Object{{"rule", "oscillation"},
                                    {"key", write.ref.key},
                                    {"field", name},
                                    {"writes", times},
                                    {"there", sync::masked(entity.fields[planned.field], planned.from)},
                                    {"ours", sync::masked(entity.fields[planned.field], planned.to)},
                                    {"run", run}};
    review.dedupe = "brake/oscillation/" + write.ref.text() + "/" + name;
    const model::Object held{{"review", ask(workspace, transaction, review)},
                             {"connection", write.ref.connection},
                             {"stream", write.ref.stream},
                             {"key", write.ref.key},
                             {"field", name}};
    transaction.save_value(fields_space, review.dedupe, model::to_json(Value(held)));
  }
  return stopped;
}

Status release_fields(Workspace& workspace) {
  std::map<std::string, std::string> held;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    held = snapshot.list_values(fields_space);
    std::erase_if(held, [&](const auto& one) {
      return choice_of(snapshot, stored(snapshot, fields_space, one.first)["review"].to_text()).empty();
    });
    return {};
  }));
  if (held.empty()) return {};
  return workspace.store->write([&](store::Transaction& transaction) -> Status {
    for (const auto& [key, text] : held) {
      const Value field = stored(transaction, fields_space, key);
      if (choice_of(transaction, field["review"].to_text()) == "release")
        workspace.engine->let_go(
            transaction, {field["connection"].to_text(), field["stream"].to_text(), field["key"].to_text()},
            field["field"].to_text(), workspace.clock->now());
      transaction.erase_value(fields_space, key);
    }
    return {};
  });
}

model::Micros restored_at(store::Snapshot& snapshot) {
  for (const char* key : {"restored", "restored_at"})
    if (const auto at = snapshot.load_value("store", key)) return std::stoll(*at);
  return model::unknown_time;
}

bool restored(store::Snapshot& snapshot) { return snapshot.load_value("store", "restored").has_value(); }

Result<std::string> frozen_after_restore(Workspace& workspace, bool read_whole, const std::string& run) {
  std::string tell;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    if (restored(snapshot)) tell = "the store was put back from a backup";
    return {};
  }));
  if (tell.empty()) return tell;
  model::Object would;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    for (const auto& [name, connection] : workspace.rules->connections) {
      if (name == "hub") continue;
      for (const auto& [stream_name, stream] : connection.streams) {
        if (!stream.receives()) continue;
        const sync::BrakeTally tally = tally_outgoing(workspace, snapshot, name, stream);
        if (!tally.counts.empty()) would.set(name + "/" + stream_name, counts_json(tally.counts));
      }
    }
    return {};
  }));
  HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
    const std::string asked = stored(transaction, closed_space, "restore")["review"].to_text();
    if (choice_of(transaction, asked) == "release" && read_whole) {
      // The time stays: a system that could not be read until now is compared with it when it is.
      transaction.save_value("store", "restored_at", std::to_string(restored_at(transaction)));
      transaction.erase_value("store", "restored");
      transaction.erase_value(closed_space, "restore");
      tell.clear();
      return {};
    }
    sync::Review review;
    review.subject = "the store was put back from a backup: everything was read again; writing waits";
    review.choices = {"release", "keep"};
    review.evidence = model::Object{{"would", std::move(would)}, {"run", run}};
    review.dedupe = restore_question;
    if (choice_of(transaction, asked) != "keep")
      transaction.save_value(
          closed_space, "restore",
          model::to_json(Value(model::Object{{"review", ask(workspace, transaction, std::move(review))}})));
    return {};
  }));
  return tell;
}

}  // namespace huiliu::run
