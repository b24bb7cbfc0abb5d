#include "tests/simulation/remote.hpp"

#include <algorithm>

namespace huiliu::simulation {

RemoteRecord* Remote::live(const std::string& key) {
  const auto found = records_.find(key);
  return found == records_.end() || found->second.now.deleted ? nullptr : &found->second;
}

std::vector<std::string> Remote::live_keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, record] : records_) {
    if (!record.now.deleted) keys.push_back(key);
  }
  return keys;
}

std::string Remote::form(int field, const std::string& value) const {
  std::string shown = value;
  if (profile_.respells && is_free_text(field))
    std::transform(shown.begin(), shown.end(), shown.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (profile_.lossy && field == f_code && shown.size() == 2) shown[1] = static_cast<char>(shown[1] & ~1);
  return shown;
}

void Remote::remember(RemoteRecord& record, Micros now) {
  record.past.push_back(record.now);
  record.now.at = now;
  ++record.now.token;
}

std::string Remote::create(Values values, bool by_hub, Micros now) {
  RemoteRecord record;
  record.key = profile_.name + std::to_string(next_key_++);
  record.made_by_hub = by_hub;
  record.now = {now, std::move(values), 1};
  for (auto& [field, value] : record.now.values) value = form(field, value);
  const std::string key = record.key;
  if (profile_.copies && !by_hub && faults_.at(Point::copied_record, 40)) {
    RemoteRecord copy = record;
    copy.key += "-copy";
    copy.leader = key;
    records_.emplace(copy.key, copy);
  }
  records_.emplace(key, std::move(record));
  return key;
}

void Remote::change(RemoteRecord& record, int field, const std::string& shown, Micros now) {
  remember(record, now);
  record.now.values[field] = shown;
}

void Remote::remove(RemoteRecord& record, Micros now) {
  remember(record, now);
  record.now.deleted = true;
  record.now.deleted_by_hub = false;
}

void Remote::undelete(RemoteRecord& record, Micros now) {
  remember(record, now);
  record.now.deleted = false;
  record.now.deleted_by_hub = false;
}

void Remote::set_disabled(RemoteRecord& record, bool disabled, Micros now) {
  remember(record, now);
  record.now.disabled = disabled;
  record.now.disabled_by_hub = false;
}

void Remote::write_switch(RemoteRecord& record, sync::Op op) {
  if (op != sync::Op::enable && faults_.at(Point::ignored_field, 8)) return;
  if (op == sync::Op::remove)
    record.now.deleted = record.now.deleted_by_hub = true;
  else
    record.now.disabled = record.now.disabled_by_hub = op == sync::Op::disable;
}

bool Remote::propagate_copies(Micros now) {
  bool any = false;
  for (auto& [key, record] : records_) {
    RemoteRecord* const leader = record.leader.empty() ? nullptr : live(record.leader);
    if (leader == nullptr || record.now.deleted || leader->now.values == record.now.values) continue;
    remember(record, now);
    record.now.values = leader->now.values;
    any = true;
  }
  return any;
}

RecordState Remote::as_of(const RemoteRecord& record, Micros at) const {
  if (record.now.at <= at || record.past.empty()) return record.now;
  for (auto state = record.past.rbegin(); state != record.past.rend(); ++state) {
    if (state->at <= at) return *state;
  }
  return record.past.front();
}

std::vector<std::string> Remote::restore(Micros to, Micros now) {
  std::vector<std::string> changed;
  for (auto& [key, record] : records_) {
    const Micros first = record.past.empty() ? record.now.at : record.past.front().at;
    if (first > to || record.now.at <= to || record.now.deleted) continue;
    RecordState state = as_of(record, to);
    if (state.deleted) continue;
    record.past.push_back(record.now);
    record.now = std::move(state);
    record.now.at = now;
    changed.push_back(key);
  }
  return changed;
}

RemoteAnswer Remote::write(const RemoteWrite& write, Micros now) {
  if (const auto done = done_.find(write.operation); done != done_.end()) return done->second;
  RemoteAnswer answer;
  answer.key = write.key;
  if (write.key.empty()) {
    Values values = write.values;
    if (profile_.unique_key && faults_.active(Point::unique_key)) {
      for (const auto& [key, record] : records_) {
        if (record.now.deleted || !record.leader.empty() || record.now.values.at(f_job) != values.at(f_job))
          continue;
        count_strike(Point::unique_key);
        return {RemoteAnswer::Kind::duplicate, key, record.now, {}};
      }
    }
    if (values.find(f_c) == values.end() && faults_.at(Point::vendor_default, 60)) values[f_c] = "standard";
    answer.key = create(std::move(values), true, now);
  } else {
    RemoteRecord* const record = live(write.key);
    if (record == nullptr) return {RemoteAnswer::Kind::gone, write.key, {}, {}};
    if (profile_.conditional && record->now.token != write.expected_token)
      return {RemoteAnswer::Kind::stale, write.key, record->now, {}};
    remember(*record, now);
    if (write.op != sync::Op::update) write_switch(*record, write.op);
    for (const auto& [field, value] : write.values) {
      if (faults_.at(Point::ignored_field, 8)) {
        answer.ignored.insert(field);
        continue;
      }
      record->now.values[field] = form(field, value);
    }
  }
  answer.shown = records_.at(answer.key).now;
  done_[write.operation] = answer;
  return answer;
}

void Remote::add_side_effect(RemoteAnswer& answer) {
  RemoteRecord& record = records_.at(answer.key);
  record.now.values[f_b] =
      form(f_b, (profile_.conditional ? "s" : "sc") + std::to_string(next_side_effect_++));
  answer.shown = record.now;
}

}  // namespace huiliu::simulation
