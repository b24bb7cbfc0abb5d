// A system, or the hub, was put back to a backup: what neither can know any more is held against nobody.
#include <algorithm>

#include "hub/sync/lists.hpp"
#include "tests/simulation/truth_inside.hpp"

namespace huiliu::simulation {

void Truth::set_back(const RecordRef& ref, const Values& now) {
  for (auto& [at, values] : refused_) {
    for (auto& each : values) each.loudly = each.loudly && at.first != ref;
  }
  set_back_.insert(ref);
  made_.erase(ref);
  // The hub had not seen it, and now it is gone.
  const auto replica = repository_.replicas().find(ref);
  const auto revived = revived_.find(ref);
  if (revived != revived_.end() && replica != repository_.replicas().end() &&
      replica->second.evid <= revived->second)
    revived_.erase(revived);
  for (auto& [at, typed] : typed_) {
    if (at.first != ref) continue;
    const auto found = now.find(at.second);
    const std::string shown = found == now.end() ? std::string() : found->second;
    // What was typed after the backup is gone there; an answer on its way to the hub may still tell of it.
    std::size_t kept = typed.accepted;
    for (std::size_t i = typed.accepted; i < typed.edits.size(); ++i) {
      if (typed.edits[i].text == shown) kept = i + 1;
    }
    for (std::size_t i = kept; i < typed.edits.size(); ++i) typed.edits[i].vanished = true;
  }
}

// A record that the hub does not know will show this for the first time.
void Truth::sees_first(const RecordRef& ref, const RecordState& state, const std::vector<std::string>& last,
                       Micros at) {
  for (const auto& [field, value] : state.values) {
    const auto& known = typed_[{ref, field}].edits;
    const bool by_person = std::any_of(known.begin(), known.end(),
                                       [&, &shown = value](const Edit& edit) { return edit.text == shown; });
    if (!value.empty() && !by_person)
      decided_.insert({field, edit_of(value)});  // the hub wrote it, and forgot
    if (!value.empty()) typed(ref, field, "", value, at);
    if (field != f_tags) continue;
    for (const auto& element : split_list(value)) {
      added_.insert({ref, element});
      if (std::find(last.begin(), last.end(), element) == last.end()) removed_.insert({ref, element});
    }
  }
}

// What the hub wrote there, and forgot, replaced what was there before. A list that lags shows that as it
// was, and the record then shows something else: to the hub its people replaced it.
void Truth::was_overwritten_unknown(const RecordRef& ref, const RemoteRecord& record) {
  std::vector<RecordState> states = record.past;
  states.push_back(record.now);
  for (int field = 0; field < field_count; ++field) {
    const auto& edits = typed_[{ref, field}].edits;
    std::vector<std::string> before;
    for (const auto& state : states) {
      const auto found = state.values.find(field);
      const std::string shown = found == state.values.end() ? std::string() : found->second;
      const bool by_person =
          std::any_of(edits.begin(), edits.end(), [&](const Edit& edit) { return edit.text == shown; });
      if (!by_person)
        for (const auto& text : before)
          if (text != shown) forgotten_overwrites_.insert({ref, field, edit_of(text)});
      before.push_back(shown);
    }
  }
}

// The record's own claim was replaced by that, and nobody else claims the old value. It stands in the history
// as what was golden then.
bool Truth::is_overwritten_unknown(const sync::GoldenId& golden, int field, const std::string& old) const {
  if (!known_.contains({field, old})) return false;
  bool replaced = false;
  for (const auto& ref : repository_.members(golden)) {
    const auto& fields = repository_.replicas().at(ref).fields;
    const auto known = fields.find(static_cast<model::FieldIndex>(field));
    if (known == fields.end() || !known->second.claim) continue;
    if (edit_of(text_of(known->second.claim->value)) == old) return false;
    replaced = replaced || forgotten_overwrites_.contains({ref, field, old});
  }
  return replaced;
}

void Truth::hub_was_put_back(Remote& remote, Micros at) {
  for (auto& [key, record] : remote.records()) {
    const RecordRef ref{remote.profile().name, "customers", key};
    const auto found = repository_.replicas().find(ref);
    const bool known = found != repository_.replicas().end() && !found->second.golden.empty();
    const sync::Replica nothing;
    const sync::Replica& replica = known ? found->second : nothing;
    // It does not know who deleted the record, or took it out of use.
    if (record.now.deleted && !replica.gone) deleted_[ref] = {at, sync::DeletePolicy::unlink};
    if (record.now.deleted && replica.gone && deleted_[ref].said)
      deleted_[ref].said = replica.removal ? replica.removal->policy : sync::DeletePolicy::unlink;
    const bool removing = std::any_of(replica.intents.begin(), replica.intents.end(),
                                      [](const auto& intent) { return intent.op == sync::Op::remove; });
    if (!replica.removed_by_hub && !removing) {
      record.now.deleted_by_hub = record.now.disabled_by_hub = false;
      const auto revived = revived_.find(ref);  // from what it does not remember to have done
      if (revived != revived_.end() && replica.evid <= revived->second) revived_.erase(revived);
    }
    // What a list shows counts as added, what it does not show any more as removed.
    const auto shown = split_list(record.now.values[f_tags]);
    for (const auto& element : shown) added_.insert({ref, element});
    if (!shown.empty()) closed_.erase(ref);  // somebody filled the slot since
    const auto tags = replica.fields.find(f_tags);
    if (tags != replica.fields.end())
      for (const auto& element : split_list(text_of(tags->second.base)))
        if (std::find(shown.begin(), shown.end(), element) == shown.end()) removed_.insert({ref, element});
    if (known) continue;
    if (record.now.deleted) record.made_by_hub = false;
    // What it never heard of it sees for the first time, also what was typed and accepted long ago.
    for (auto& [at_field, typed] : typed_)
      if (at_field.first == ref) typed.accepted = 0;
    if (remote.profile().list_may_lag) was_overwritten_unknown(ref, record);
    // A list that lags may show it as it was before.
    for (const auto& state : record.past) sees_first(ref, state, shown, at);
    sees_first(ref, record.now, shown, at);
  }
}

void Truth::start_again() {
  hub_put_back_ = true;
  made_.clear();
  known_.clear();
  kept_.clear();
  recorded_.clear();
  lost_ = decided_against_;
  history_read_ = 0;
  read_history();
  static_cast<void>(repository_.take_touched());
  last_golden_.clear();
  for (const auto& [id, golden] : repository_.goldens()) {
    if (!golden.redirect.empty()) continue;
    for (const auto& [field, of] : golden.fields) {
      backed_up_.insert({field, edit_of(text_of(of.value))});
      last_golden_[{id, field}] = {edit_of(text_of(of.value)), text_of(of.value), of.held};
    }
  }
  last_claim_.clear();
  declined_.clear();
  closed_.clear();
  writing_.clear();
  for (const auto& [ref, replica] : repository_.replicas()) {
    if (!replica.intents.empty()) writing_.insert(ref);
    for (const auto& [field, known] : replica.fields) {
      if (known.claim) last_claim_[{ref, field}] = {text_of(known.claim->value), known.claim->changed};
      for (const auto& element : known.declined) {
        if (element == sync::slot_closed)
          closed_.insert(ref);
        else
          declined_.insert({ref, element});
      }
    }
  }
  for (auto& [at, values] : refused_)
    for (auto& each : values) each.loudly = false;
  taken_back_.clear();
}

}  // namespace huiliu::simulation
