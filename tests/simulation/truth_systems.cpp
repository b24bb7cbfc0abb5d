// At the systems: every write of the hub, before and as it lands.
#include <algorithm>

#include "hub/sync/removal.hpp"
#include "tests/simulation/truth_inside.hpp"

namespace huiliu::simulation {

void Truth::check_overwrite(const RecordRef& ref, int field, const std::string& old, const std::string& now) {
  const auto right = rules_.stream(ref)->rights.find(static_cast<model::FieldIndex>(field));
  if (right == rules_.stream(ref)->rights.end() || !sync::may_receive(right->second))
    return fail("S8", "wrote " + describe(ref, field) + " without a right");
  if (old != now) reopen(ref, field);
  if (old == now || old.empty() || !is_free_text(field)) return;
  const auto typed = typed_.find({ref, field});
  const bool by_person =
      typed != typed_.end() && !typed->second.edits.empty() && typed->second.edits.back().text == old;
  if (!by_person) return;
  const std::string edit = edit_of(old);
  if (!known_.contains({field, edit}))
    fail("S1",
         "overwrote " + old + " in " + describe(ref, field) + " with " + now + ", unknown to the history");
  if (is_revert(field, edit, edit_of(now)))
    fail("S2", "took " + old + " in " + describe(ref, field) + " back to " + now + claims_at(ref, field));
}

// As far as the hub can know it deleted this one: that a person brought it back it has not seen yet.
bool Truth::seems_removed(const RecordRef& ref) const {
  const auto known = repository_.replicas().find(ref);
  return known != repository_.replicas().end() && sync::was_deleted_by_us(known->second);
}

void Truth::check_create(const std::string& system, const sync::GoldenId& golden, const std::string& job,
                         const std::map<std::string, RemoteRecord>& records) {
  const bool wanted = std::any_of(recreated_.begin(), recreated_.end(), [&](const RecordRef& deleted) {
    const auto known = repository_.replicas().find(deleted);
    return deleted.connection == system && known != repository_.replicas().end() &&
           known->second.golden == golden;
  });
  if (wanted) return;
  for (const auto& [key, record] : records) {
    const auto number = record.now.values.find(f_job);
    const auto known = repository_.replicas().find({system, "customers", key});
    const bool linked = known != repository_.replicas().end() && !known->second.golden.empty();
    const bool same_golden = linked && known->second.golden == golden;
    const bool same_job = number != record.now.values.end() && number->second == job && !mixed_up_;
    if (!record.leader.empty() || (!same_golden && !same_job)) continue;
    const bool removed = linked && seems_removed({system, "customers", key});
    if (!record.now.deleted && !removed && (record.made_by_hub || linked))
      fail("S4", "second record of " + job + " in " + system + " beside " + key);
    if (linked && known->second.gone && !record.now.deleted_by_hub && !removed)
      fail("S9", "made " + job + " again in " + system + " after " + key + " was deleted");
  }
}

// Two creates of ours for one customer must not both arrive.
void Truth::check_arrival(const std::string& system, const std::string& job,
                          const std::map<std::string, RemoteRecord>& records) {
  if (mixed_up_ || !recreated_.empty()) return;
  for (const auto& [key, record] : records) {
    if (record.made_by_hub && !record.now.deleted && !seems_removed({system, "customers", key}) &&
        record.now.values.at(f_job) == job)
      fail("S4", "made " + job + " in " + system + " twice, beside " + key);
  }
}

void Truth::declined(const RecordRef& ref, const std::string& element) {
  const auto replica = repository_.replicas().find(ref);
  if (replica == repository_.replicas().end()) return;
  const auto known = replica->second.fields.find(f_tags);
  if (known != replica->second.fields.end() && text_of(known->second.base) == element)
    declined_.insert({ref, element});
}

void Truth::slot_is_open(const RecordRef& ref, bool open) {
  closed_.erase(ref);
  const auto replica = repository_.replicas().find(ref);
  if (open || replica == repository_.replicas().end()) return;
  // Nobody can tell a person who empties what the hub is emptying from the hub.
  for (const auto& intent : replica->second.intents) {
    for (const auto& sent : intent.fields) {
      if (sent.field == f_tags && !sent.value.has_value()) return;
    }
  }
  const auto known = replica->second.fields.find(f_tags);
  if (known != replica->second.fields.end() && known->second.base.has_value()) closed_.insert(ref);
}

void Truth::check_slot(const RecordRef& ref, const std::string& sent) {
  if (sent.empty()) return;
  if (closed_.contains(ref)) fail("U", "filled the slot of " + ref.text() + ", which a person had emptied");
  if (declined_.contains({ref, sent}))
    fail("U", "put " + sent + " back into the slot of " + ref.text() + ", where a person had taken it out");
}

void Truth::refused(const RecordRef& ref, int field, const std::string& value, bool loudly) {
  refused_[{ref, field}].push_back({value, base_of(ref, field), loudly && !set_back_.contains(ref)});
}

// Something else stood there since: whether a refused value may be sent is another question.
void Truth::reopen(const RecordRef& ref, int field) {
  const auto refused = refused_.find({ref, field});
  if (refused == refused_.end()) return;
  for (auto& each : refused->second) each.loudly = false;
}

bool Truth::was_refused(const RecordRef& ref, int field, const std::string& value) const {
  const auto found = refused_.find({ref, field});
  return found != refused_.end() && std::any_of(found->second.begin(), found->second.end(),
                                                [&](const Refused& each) { return each.value == value; });
}

std::string Truth::base_of(const RecordRef& ref, int field) const {
  const auto replica = repository_.replicas().find(ref);
  if (replica == repository_.replicas().end()) return {};
  const auto known = replica->second.fields.find(static_cast<model::FieldIndex>(field));
  return known == replica->second.fields.end() ? std::string() : text_of(known->second.base);
}

void Truth::check_begun(const sync::Replica& carrier, const sync::Intent& intent) {
  for (const auto& sent : intent.fields) {
    const auto refused = refused_.find({carrier.ref, sent.field});
    if (refused == refused_.end()) continue;
    // Over the same base; another value there, or a restore, makes it another question.
    const Refused& last = refused->second.back();
    if (last.loudly && last.value == text_of(sent.value) && last.base == base_of(carrier.ref, sent.field) &&
        sent.field != f_tags && sent.field != f_code)
      fail("S3", "sent " + last.value + " to " + describe(carrier.ref, sent.field) +
                     " again, which had rejected it");
  }
  if (carrier.intents.size() != 1) fail("S12", "two writes at once to " + carrier.ref.text());
  const auto& golden = repository_.goldens().at(intent.golden);
  const bool writes = intent.op == sync::Op::create || intent.op == sync::Op::update;
  if (writes && sync::resting(*repository_.load_cluster(intent.golden)) != sync::DeletePolicy::unlink)
    fail("D", "wrote to " + carrier.ref.text() + ", whose customer rests");
  for (const auto& sent : intent.fields) {
    const auto of = golden.fields.find(sent.field);
    if (sent.field == f_tags) continue;
    if (of == golden.fields.end() || !same_value(of->second.value, sent.value))
      fail("S12", "sent " + text_of(sent.value) + " to " + describe(carrier.ref, sent.field) +
                      ", which is not golden any more");
    if (of != golden.fields.end() && of->second.held && carrier.fields.contains(sent.field)) {
      const auto base = edit_of(text_of(carrier.fields.at(sent.field).base));
      for (const auto& loser : of->second.losers) {
        if (loser.from == carrier.ref && edit_of(text_of(loser.value)) == base)
          fail("S1", "wrote over an undecided value in " + describe(carrier.ref, sent.field));
      }
    }
  }
}

}  // namespace huiliu::simulation
