// The end of a run: faults stop, all must agree (L1), and nothing more is written (S3).
#include "tests/simulation/world_inside.hpp"

#include <algorithm>
#include <cstdio>

namespace huiliu::simulation {

// Faults stop, people decide what is open, the hub works until nothing is left to do: then all must agree
// (L1), and two more cycles must write nothing (S3).
void World::drain() {
  draining_ = true;
  dice_.throw_from(options_.seed);
  for (auto& [name, remote] : remotes_) {
    for (auto& [key, record] : remote->records()) {
      record.in_approval = false;
    }
  }
  step_ += 1000;
  deliver_what_is_due();
  recover_open_writes();
  if (frozen_) read_in_full();
  int quiet = 0;
  for (int round = 0; round < drain_rounds && quiet < 3 && !truth_.violation(); ++round) {
    now_ += 10 * model::second;
    const int before = result_.writes;
    cycle();
    const bool worked = result_.writes != before || !repository_.open_reviews().empty();
    if (worked && quiet > 1) truth_.fail("S3", "wrote after a quiet cycle");
    quiet = worked ? 0 : quiet + 1;
  }
  if (quiet < 3) truth_.fail("L1", "still writing after " + std::to_string(drain_rounds) + " rounds");
  check_agreement();
  check_due_index();
  for (const auto& id : living_goldens()) truth_.check_resting(*repository_.load_cluster(id), remotes_);
  backing_->verify();
  if (const std::string complaint = backing_->complaint(); !complaint.empty()) truth_.fail("S14", complaint);
}

void World::recover_open_writes() {
  faults_.stop(Point::ignored_field);
  for (std::size_t i = 0; i < point_count; ++i) {
    if (static_cast<Point>(i) >= first_of_disk) faults_.stop(static_cast<Point>(i));
  }
  std::vector<std::pair<model::RecordRef, std::string>> open;
  for (const auto& [ref, replica] : repository_.replicas()) {
    for (const auto& intent : replica.intents) {
      if (intent.state == sync::IntentState::open) open.emplace_back(ref, intent.id);
    }
  }
  for (const auto& [ref, intent] : open) settle(ref, intent, in_doubt());
  now_ += 20 * model::second;
  look();
}

void World::cycle() {
  propagate_copies();
  for (const auto& name : order_) {
    Remote& remote = *remotes_.at(name);
    for (const auto& [key, record] : remote.records()) ingest(observation(remote, record, record.now, true));
    observed(name);
  }
  look();
  for (int questions = 0; !repository_.open_reviews().empty(); ++questions) {
    if (questions > most_questions) return truth_.fail("L1", "a question is asked again and again");
    decide(repository_.reviews().at(repository_.open_reviews().begin()->second));
    if (truth_.violation()) return;
  }
  for (const auto& name : order_) {
    const auto due = plan(name, 100);
    if (stopped_by_brake(name, due)) continue;
    for (const auto& write : due.writes) send(*remotes_.at(name), write);
  }
}

void World::check_agreement() {
  for (const auto& [ref, replica] : repository_.replicas()) {
    if (ref.connection == "hub" || replica.gone || !replica.leader.empty()) continue;
    const auto cluster = repository_.load_cluster(replica.golden);
    if (!cluster || sync::resting(*cluster) != sync::DeletePolicy::unlink) continue;
    const auto primary = repository_.primary_of(replica.golden, ref.connection, "customers");
    if (!primary || primary->ref != ref) continue;
    const Remote& remote = *remotes_.at(ref.connection);
    const auto& golden = repository_.goldens().at(replica.golden);
    for (const auto& [field, of] : golden.fields) {
      const auto known = replica.fields.find(field);
      if (known == replica.fields.end() || field == f_tags || field <= f_job ||
          of.value.presence == Presence::absent)
        continue;
      const auto shown = remotes_.at(ref.connection)->records().at(ref.key).now.values[field];
      // What a person emptied, or set back, right after our write looks like a write that was ignored.
      const bool refused =
          known->second.refused && (truth_.was_refused(ref, field, text_of(*known->second.refused)) ||
                                    shown.empty() || field == f_code || truth_.was_undone(ref, field) ||
                                    truth_.was_set_back(ref) || truth_.is_side_effect(ref, shown));
      if (of.held || refused) continue;
      if (edit_of(shown) != edit_of(remote.form(field, text_of(of.value))))
        truth_.fail("L1",
                    ref.text() + " field " + std::to_string(field) + " shows " + shown + ", golden is " +
                        text_of(of.value) +
                        (known->second.refused ? ", refused is " + text_of(*known->second.refused) : "") +
                        (replica.intents.empty() ? "" : ", a write is open"));
    }
  }
}

void World::check_due_index() {
  for (const auto& id : living_goldens()) {
    for (const auto& name : order_) {
      const bool due = repository_.is_due(id, "customer", name);
      transact([&](sync::Repository& hub) { engine_.refresh_due(hub, id, now_); });
      if (due != repository_.is_due(id, "customer", name))
        truth_.fail("L1", "the due index of " + name + " is wrong");
    }
  }
}

void World::note(const char* what, const std::string& about) {
  hash_ = model::hash64(what, hash_);
  hash_ = model::hash64(about, hash_);
  if (options_.trace) std::fprintf(stderr, "%4d %s %s\n", step_, what, about.c_str());
}

}  // namespace huiliu::simulation
