// In the hub: what it takes for an edit is one that a person made, in that record and in that order.
#include <algorithm>

#include "tests/simulation/truth_inside.hpp"

namespace huiliu::simulation {

// An edit made with the golden value in view becomes golden, whatever the policy. What its author had in view
// is what stood there before the first of the edits since the hub's last look.
void Truth::check_winner(const sync::Replica& replica, int field, const Typed& typed,
                         const sync::Claim& claim) {
  const auto before = last_golden_.find({replica.golden, field});
  const auto first = std::find_if(typed.edits.begin(), typed.edits.end(),
                                  [&](const Edit& edit) { return edit.at > claim.changed.from; });
  const bool vanished = std::any_of(first, typed.edits.end(), [](const Edit& edit) { return edit.vanished; });
  if (first == typed.edits.end() || vanished || before == last_golden_.end() || before->second.held ||
      before->second.edit.empty() || edit_of(first->before) != before->second.edit)
    return;
  // A hub that was put back does not know which spellings of its own values it had seen, nor does one that
  // never heard of the record which it made; and who decides for the spelling of one system decides for what
  // the others do not show.
  const bool spelled_so = first->before == before->second.text;
  if (!spelled_so && (hub_put_back_ || was_undone(replica.ref, field) || unheard_.contains(replica.ref) ||
                      before->second.text != before->second.edit))
    return;
  const std::string text = text_of(claim.value);
  if (decided_against_.contains({field, edit_of(text)})) return;  // by a person, while it was parked
  const auto& now = repository_.goldens().at(replica.golden).fields.at(static_cast<model::FieldIndex>(field));
  if (edit_of(text_of(now.value)) != edit_of(text))
    fail("W", describe(replica.ref, field) + " = " + text + " was typed over golden " + before->second.edit +
                  ", which became " + text_of(now.value) + claims_of(replica.golden, field));
}

void Truth::check_claim(const sync::Replica& replica, int field, const sync::Claim& claim) {
  const std::string text = text_of(claim.value);
  if (claim.unexplained) return check_unexplained(replica, field, claim);
  if (was_agreed(replica, field, claim)) return;
  auto& typed = typed_[{replica.ref, field}];
  const auto [last, first] = last_claim_.try_emplace({replica.ref, field});
  if (!first && last->second.changed == claim.changed) {  // the same claim, perhaps on another line
    if (last->second.text != text)
      fail("S2",
           "the claim " + last->second.text + " of " + describe(replica.ref, field) + " became " + text);
    return;
  }
  last->second = {text, claim.changed};
  for (std::size_t i = typed.accepted; i < typed.edits.size(); ++i) {
    if (typed.edits[i].text != text) continue;
    typed.accepted = i + 1;
    const auto right = rules_.stream(replica.ref)->rights.at(static_cast<model::FieldIndex>(field));
    if (!sync::may_claim(right) && right != sync::Right::propose)
      fail("S8", "accepted " + text + " from " + describe(replica.ref, field));
    if (!claim.initial && is_free_text(field)) check_winner(replica, field, typed, claim);
    return;
  }
  if (came_unheard(replica, field, text)) return;
  fail("S2", "accepted " + text + " from " + describe(replica.ref, field) +
                 ", which nobody typed there, or long ago (" + std::to_string(claim.arrived.begin()->second) +
                 ")");
}

// What nobody could explain is no riddle any more once golden says so: because every record shows it, or a
// person has said so.
bool Truth::was_agreed(const sync::Replica& replica, int field, const sync::Claim& claim) {
  const auto riddle = unexplained_.find({replica.ref, field});
  const bool restored = claim.changed.from < rules_.restored_at && claim.changed.to >= rules_.restored_at;
  const bool parked = riddle != unexplained_.end() && riddle->second == claim.changed.to;
  const bool touched = side_effects_.contains({replica.ref, edit_of(text_of(claim.value))});
  if (!restored && !parked && !touched) return false;
  const auto now =
      repository_.goldens().at(replica.golden).fields.find(static_cast<model::FieldIndex>(field));
  if (now == repository_.goldens().at(replica.golden).fields.end()) return false;
  const std::tuple key(replica.ref, field, claim.changed.to);
  if (same_value(now->second.value, claim.value) &&
      (parked || restored || is_shown_by_all(replica.golden, field, edit_of(text_of(claim.value)))))
    agreed_.insert(key);
  return agreed_.contains(key);
}

// Perhaps nobody's, so it wins nothing by itself (check_choice). But people are asked only where there is
// something that they alone can know: while a write there is open that may have had a side effect, or after
// the hub was put back; never about what an answer has told.
void Truth::check_unexplained(const sync::Replica& replica, int field, const sync::Claim& claim) {
  const auto [known, first] = unexplained_.try_emplace({replica.ref, field}, claim.changed.to);
  if (!first && known->second == claim.changed.to) return;
  known->second = claim.changed.to;
  if (claim.changed.from < rules_.restored_at) return;
  const auto& touched = rules_.stream(replica.ref)->touched_by_writes;
  const bool conditional =
      rules_.connections.at(replica.ref.connection).grade == sync::WriteGrade::conditional;
  const bool touchable = touched ? touched->contains(static_cast<model::FieldIndex>(field)) : conditional;
  const auto made = made_.find(replica.ref);
  // In a system that was put back versions count again: the same one may be another's.
  const bool told = made != made_.end() && made->second == replica.token && !set_back_.contains(replica.ref);
  if (!touchable || told || !writing_.contains(replica.ref))
    fail("Q", describe(replica.ref, field) + " = " + text_of(claim.value) + " was parked for nothing");
}

bool Truth::was_edited(const RecordRef& ref) const {
  return std::any_of(typed_.begin(), typed_.end(),
                     [&](const auto& each) { return each.first.first == ref && !each.second.edits.empty(); });
}

bool Truth::is_taken_for(const sync::Replica& replica, const Values& sent) const {
  return std::any_of(repository_.replicas().begin(), repository_.replicas().end(), [&](const auto& each) {
    const sync::Replica& other = each.second;
    if (other.ref == replica.ref || other.ref.connection != replica.ref.connection || !other.made_by_hub)
      return false;
    return std::all_of(sent.begin(), sent.end(), [&](const auto& value) {
      const auto shown = other.fields.find(static_cast<model::FieldIndex>(value.first));
      return shown != other.fields.end() && text_of(shown->second.base) == value.second;
    });
  });
}

bool Truth::came_unheard(const sync::Replica& replica, int field, const std::string& text) const {
  const auto created = unheard_.find(replica.ref);
  if (created == unheard_.end() || replica.made_by_hub) return false;
  const auto& unnamed = created->second.unnamed;
  if (unnamed && !was_edited(replica.ref) && !is_taken_for(replica, *unnamed)) return false;
  const auto value = created->second.values.find(field);
  if (value == created->second.values.end()) return false;
  const auto elements = field == f_tags ? split_list(value->second) : std::vector<std::string>{value->second};
  return std::find(elements.begin(), elements.end(), text) != elements.end();
}

void Truth::check_elements(const sync::Replica& replica) {
  const auto known = replica.fields.find(f_tags);
  if (known == replica.fields.end()) return;
  for (const auto& [key, claim] : known->second.elements) {
    const std::string element = claim.value.value.to_text();
    // A write under way may land in a system that was put back to the version that it expects.
    const bool ours = came_unheard(replica, f_tags, element) || set_back_.contains(replica.ref);
    if (claim.value.has_value() && !ours && !added_.contains({replica.ref, element}))
      fail("U", replica.ref.text() + " never added " + element);
    if (!claim.value.has_value() && !ours && !removed_.contains({replica.ref, element}))
      fail("U", replica.ref.text() + " never removed " + element);
  }
}

}  // namespace huiliu::simulation
