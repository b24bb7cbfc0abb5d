// The end of the hub's process, and of its memory: crashes, and a backup put in its place.
#include "tests/simulation/world_inside.hpp"

#include <algorithm>
#include <cstdio>

namespace huiliu::simulation {

// Once in a run the hub's store is put back as it was some time ago, while systems and people went on. Then
// nothing is written before every record was read again.
void World::back_up_or_put_back() {
  if (put_back_) return;
  if (!backup_taken_) {
    backup_taken_ = true;
    backing_->back_up();
    backup_merges_ = wrong_merges_;
    return note("backup", "");
  }
  put_back_ = true;
  count_strike(Point::restored_hub);
  for (auto& request : requests_) request.due = step_;  // what was on the wire arrives before
  deliver_what_is_due();
  requests_.clear();
  reads_.clear();
  backing_->put_back();
  rules_.restored_at = now_;
  wrong_merges_ = backup_merges_;
  told_.clear();
  sent_.clear();
  truth_.start_again();
  for (auto& [name, remote] : remotes_) truth_.hub_was_put_back(*remote, now_);
  note("put back", "");
  frozen_ = true;
  frozen_until_ = step_ + 1 + static_cast<int>(dice_.below(6));
  die();
}

void World::read_in_full() {
  for (const auto& name : order_) {
    Remote& remote = *remotes_.at(name);
    for (const auto& [key, record] : remote.records())
      if (!ingest(observation(remote, record, record.now, true))) return;  // once more, in the next step
    observed(name);
    if (!after_death()) return;
  }
  frozen_ = false;
}

// The hub's process ends. What was on the wire to a system arrives there all the same; the answers are
// lost.
void World::crash() {
  if (faults_.at(Point::crash, 100)) die();
}

// True: the process lives, or nothing happened to it.
bool World::after_death() {
  if (!died_) return true;
  died_ = false;
  die();
  return false;
}

void World::die() {
  old_plans_.clear();
  for (const auto& answer : answers_) {
    if (!answer.carrier.key.starts_with("new:") || answer.result.remote_key.empty()) continue;
    const auto& made = remotes_.at(answer.carrier.connection)->records().at(answer.result.remote_key);
    if (made.made_by_hub)
      truth_.created_unheard(ref_of(answer.carrier.connection, made.key),
                             made.past.empty() ? made.now.values : made.past.front().values, std::nullopt);
  }
  answers_.clear();
  reads_.clear();
  for (auto& request : requests_) request.expires = std::min(request.expires, now_ + 3 * model::second);
  std::vector<std::pair<model::RecordRef, std::string>> open;
  for (const auto& [ref, replica] : repository_.replicas()) {
    for (const auto& intent : replica.intents) {
      if (intent.state == sync::IntentState::open) open.emplace_back(ref, intent.id);
    }
  }
  note("crash", "");
  for (const auto& [ref, intent] : open) settle(ref, intent, in_doubt());
}

}  // namespace huiliu::simulation
