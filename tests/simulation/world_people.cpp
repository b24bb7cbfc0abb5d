// What people do in the systems, and what the systems do by themselves.
#include "tests/simulation/world_inside.hpp"

#include <algorithm>
#include <cstdio>

namespace huiliu::simulation {

void World::random_event() {
  if (faults_.active(Point::delete_policy) && dice_.chance(6)) return delete_or_undelete();
  if (faults_.active(Point::merged_again) && dice_.chance(6)) return merge_or_split();
  if (faults_.active(Point::restored_hub) && dice_.chance(4)) return back_up_or_put_back();
  const std::size_t event = dice_.below(100);
  if (event < 24)
    person_edits();
  else if (event < 43)
    read_something();
  else if (event < 70)
    push_something();
  else if (event < 78)
    look();
  else if (event < 81)
    decide_something();
  else if (event < 84)
    crash();
  else if (event < 86)
    delete_or_undelete();
  else if (event < 88)
    person_creates();
  else if (event < 91)
    propagate_copies();
  else if (event < 93)
    console_edits();
  else if (event < 95)
    merge_or_split();
  else if (event < 96)
    restore();
  else if (event < 98)
    clear_something();
  else if (event < 99)
    touch_something();
  else
    follow_approval();
}

RemoteRecord* World::any_record(Remote& remote) {
  const auto keys = remote.live_keys();
  if (keys.empty()) return nullptr;
  RemoteRecord* const record = remote.live(keys[dice_.below(keys.size())]);
  return record->leader.empty() && !unlooked_.contains({remote.profile().name, record->key}) ? record
                                                                                             : nullptr;
}

void World::person_edits() {
  Remote& remote = any_system();
  RemoteRecord* const record = any_record(remote);
  if (record == nullptr) return;
  std::vector<int> fields = {f_a, f_b, f_c};
  if (faults_.at(Point::typed_code, 100)) fields.push_back(f_code);
  if (faults_.at(Point::tags, 100)) fields.push_back(f_tags);
  const int field = fields[dice_.below(fields.size())];
  if (field == f_tags) return edit_tags(remote, *record);
  const std::string before = record->now.values[field];
  const std::string typed = field == f_code ? new_code() : new_text();
  const std::string shown = remote.form(field, typed);
  if (shown == before) return;
  remote.change(*record, field, shown, now_);
  truth_.typed(ref_of(remote.profile().name, record->key), field, before, shown, now_);
  ++result_.edits;
  note("edit", record->key + "." + std::to_string(field) + " " + before + " → " + shown);
}

void World::clear_something() {
  if (!faults_.active(Point::cleared_field)) return;
  Remote& remote = any_system();
  RemoteRecord* const record = any_record(remote);
  if (record == nullptr || record->now.values[f_b].empty()) return;
  count_strike(Point::cleared_field);
  truth_.typed(ref_of(remote.profile().name, record->key), f_b, record->now.values[f_b], "", now_);
  remote.change(*record, f_b, "", now_);
  note("clear", record->key);
}

void World::edit_tags(Remote& remote, RemoteRecord& record) {
  const model::RecordRef ref = ref_of(remote.profile().name, record.key);
  auto tags = split_list(record.now.values[f_tags]);
  const bool remove = !tags.empty() && faults_.at(Point::removed_tag, 40);
  const bool replaces = remote.profile().one_slot && !tags.empty();
  if (replaces && !remove) {
    if (!faults_.active(Point::replaced_tag)) return;
    count_strike(Point::replaced_tag);
  }
  if (remove || replaces) {
    const std::size_t which = dice_.below(tags.size());
    if (remote.profile().one_slot) truth_.declined(ref, tags[which]);
    if (!remote.profile().one_slot || remote.profile().owns_slot) truth_.removed(ref, tags[which]);
    tags.erase(tags.begin() + static_cast<std::ptrdiff_t>(which));
  }
  if (!remove) {
    tags.push_back("t" + std::to_string(++edits_));
    truth_.added(ref, tags.back());
  }
  if (remote.profile().one_slot) truth_.slot_is_open(ref, !tags.empty());
  std::sort(tags.begin(), tags.end());
  std::string joined;
  for (const auto& tag : tags) joined += (joined.empty() ? "" : ",") + tag;
  remote.change(record, f_tags, joined, now_);
  ++result_.edits;
  note("tags", record.key + joined);
}

void World::person_creates() {
  if (jobs_ > 5) return;
  if (faults_.at(Point::same_customer_again, 60))
    create_by_person(any_system().profile().name,
                     "J" + std::to_string(1 + dice_.below(static_cast<std::size_t>(jobs_))));
  else if (faults_.at(Point::new_customer, 80))
    create_by_person(any_system().profile().name, new_job());
}

// A record that the hub never knew, and that people deleted or brought back, is theirs: who does so vouches
// for what it shows. Had the hub made it, without hearing of it or before it was put back, it cannot tell.
void World::vouch(const model::RecordRef& ref, RemoteRecord& record) {
  const auto known = find_replica(ref);
  if (known && !known->golden.empty()) return;
  record.made_by_hub = false;
  for (const auto& [field, text] : record.now.values) {
    if (!text.empty()) truth_.typed(ref, field, "", text, now_);
    if (field != f_tags) continue;
    for (const auto& element : split_list(text)) truth_.added(ref, element);
  }
}

void World::delete_or_undelete() {
  if (faults_.active(Point::switched_record) && dice_.chance(40) && take_back_into_use()) return;
  Remote& remote = any_system();
  if (faults_.active(Point::undeleted_record) && dice_.chance(40)) {
    for (auto& [key, record] : remote.records()) {
      if (!record.now.deleted || !record.leader.empty() || !faults_.at(Point::undeleted_record, 50)) continue;
      if (record.now.deleted_by_hub) note_revival(ref_of(remote.profile().name, key));
      remote.undelete(record, now_);
      brought_back_[ref_of(remote.profile().name, key)] = now_;
      vouch(ref_of(remote.profile().name, key), record);
      note("undelete", key);
      return;
    }
  }
  RemoteRecord* const record = any_record(remote);
  if (record == nullptr || !faults_.at(Point::deleted_record, 40)) return;
  remote.remove(*record, now_);
  vouch(ref_of(remote.profile().name, record->key), *record);  // an old list may still show it
  // Had the hub deleted it before, and not seen that it was back?
  const auto known = find_replica(ref_of(remote.profile().name, record->key));
  const bool deleted_before = known && (sync::was_deleted_by_us(*known) || is_removing(*known));
  record->now.deleted_by_hub = deleted_before;
  if (!deleted_before && !(known && known->gone))  // else it knows of a deletion already
    truth_.deleted(ref_of(remote.profile().name, record->key), now_, frozen_);
  if (rules_.connections.at(remote.profile().name).on_delete != sync::DeletePolicy::unlink)
    count_strike(Point::delete_policy);
  note("delete", record->key);
}

bool World::is_removing(const sync::Replica& replica) {
  return std::any_of(replica.intents.begin(), replica.intents.end(),
                     [](const sync::Intent& intent) { return intent.op == sync::Op::remove; });
}

// The hub sees, perhaps late, that a record which it had deleted was back: a deletion since was a person's.
void World::saw_back(const sync::Observation& seen) {
  const auto back = brought_back_.find(seen.ref);
  const auto known = find_replica(seen.ref);
  if (back == brought_back_.end() || seen.deleted || seen.read_started < back->second || !known ||
      known->gone)
    return;
  brought_back_.erase(back);
  told_.erase(seen.ref.key);
  RecordState& now = remotes_.at(seen.ref.connection)->records().at(seen.ref.key).now;
  if (!now.deleted || !now.deleted_by_hub) return;
  now.deleted_by_hub = false;
  truth_.deleted(seen.ref, now.at, frozen_);
}

// A person puts back into use what the hub, as far as it knows, had removed.
void World::note_revival(const model::RecordRef& ref) {
  const auto known = find_replica(ref);
  if (known && known->removed_by_hub) truth_.revived(ref, now_);
}

// A person does not want what the hub took out of use.
bool World::take_back_into_use() {
  for (auto& [key, record] : remotes_.at("A")->records()) {
    if (record.now.deleted || !record.now.disabled || !record.now.disabled_by_hub) continue;
    if (unlooked_.contains({"A", key})) continue;
    count_strike(Point::switched_record);
    note_revival(ref_of("A", key));
    remotes_.at("A")->set_disabled(record, false, now_);
    note("switch", key);
    return true;
  }
  return false;
}

// A person takes a record out of use, or back into it.
void World::switch_something() {
  Remote& remote = *remotes_.at("A");
  RemoteRecord* const record = any_record(remote);
  if (record == nullptr) return;
  if (record->now.disabled && record->now.disabled_by_hub) note_revival(ref_of("A", record->key));
  remote.set_disabled(*record, !record->now.disabled, now_);
  note("switch", record->key);
}

// Saved without a change: a new version of the same.
void World::touch_something() {
  if (faults_.at(Point::switched_record, 40)) return switch_something();
  Remote& remote = any_system();
  RemoteRecord* const record = any_record(remote);
  if (record == nullptr || !faults_.at(Point::touched_record, 100)) return;
  remote.touch(*record, now_);
  note("touch", record->key);
}

// Records of system A may be in approval for a while.
void World::follow_approval() {
  if (!faults_.active(Point::approval)) return;
  RemoteRecord* const record = any_record(*remotes_.at("A"));
  if (record == nullptr || record->made_by_hub) return;
  count_strike(Point::approval);
  record->in_approval = !record->in_approval;
  remotes_.at("A")->touch(*record, now_);
  note("approval", record->key);
}

void World::propagate_copies() {
  Remote& remote = *remotes_.at("B");
  if (!draining_ && !faults_.active(Point::copies_follow)) return;
  if (!remote.propagate_copies(now_)) return;
  count_strike(Point::copies_follow);
  note("copies", "");
}

// A backup is put back. Nobody works there again before the hub has looked, which it does first.
void World::restore() {
  if (system_restored_ != 0 || !faults_.at(Point::restored_system, 40)) return;
  system_restored_ = now_;
  Remote& remote = *remotes_.at("A");
  for (const auto& key : remote.restore(now_ - 20 * model::second, now_)) {
    truth_.set_back(ref_of("A", key), remote.records().at(key).now.values);
    unlooked_[{"A", key}] = now_;
    transact([&](sync::Repository& hub) { hub.set_look(ref_of("A", key), true); });
  }
  note("restore", "");
}

}  // namespace huiliu::simulation
