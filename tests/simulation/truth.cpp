#include "tests/simulation/truth.hpp"

#include <algorithm>

#include "hub/sync/lists.hpp"
#include "hub/sync/removal.hpp"

namespace huiliu::simulation {
namespace {

const char* const names[] = {"name", "job_number", "a", "b", "c", "code", "tags"};

bool same_value(const model::FieldValue& a, const model::FieldValue& b) {
  return a.has_value() == b.has_value() && (!a.has_value() || a.key == b.key);
}

// The same questions as hub/sync/frontier.cpp, answered on their own: does c know d, by any golden's count?
bool knows(const sync::Claim& c, const sync::Claim& d) {
  return std::any_of(d.arrived.begin(), d.arrived.end(), [&](const auto& arrived) {
    const auto seen = c.seen.find(arrived.first);
    return seen != c.seen.end() && seen->second >= arrived.second;
  });
}

struct Voice {
  const sync::Replica* replica;
  const sync::Claim* claim;
};

int strength(const sync::FieldPolicy& policy, const sync::Rules& rules, const std::string& connection) {
  for (std::size_t i = 0; i < policy.authority.size(); ++i) {
    if (policy.authority[i] == connection) return static_cast<int>(i);
  }
  if (connection == "hub") return -1;
  return 100 + rules.connections.at(connection).rank;
}

}  // namespace

std::string edit_of(const std::string& text) {
  std::string out = text;
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::string text_of(const model::FieldValue& value) {
  if (!value.has_value()) return {};
  const auto* list = value.value.if_array();
  if (list == nullptr) return value.value.to_text();
  std::string out;
  for (const auto& element : *list) out += (out.empty() ? "" : ",") + element.to_text();
  return out;
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

namespace {

std::string second_of(Micros at) {
  return at == model::unknown_time ? std::string() : std::to_string(at / model::second % 10'000);
}

}  // namespace

std::string Truth::describe(const RecordRef& ref, int field) const { return ref.text() + "." + names[field]; }

std::string Truth::claims_of(const sync::GoldenId& golden, int field) const {
  std::string out;
  const auto versions = [](const sync::Versions& of) {
    std::string text;
    for (const auto& [line, version] : of)
      text += " " + line.substr(line.size() - 3) + ":" + std::to_string(version);
    return text;
  };
  for (const auto& [ref, replica] : repository_.replicas()) {
    const auto known = replica.fields.find(static_cast<model::FieldIndex>(field));
    if (replica.golden != golden || known == replica.fields.end() || !known->second.claim) continue;
    const auto& claim = *known->second.claim;
    out += "\n    " + ref.text() + " claims " + text_of(claim.value) + ", arrived" + versions(claim.arrived) +
           ", seen" + versions(claim.seen) + ", at " + second_of(claim.changed.from) + "…" +
           second_of(claim.changed.to) + (claim.unexplained ? ", unexplained" : "") +
           (claim.initial ? ", initial" : "");
  }
  return out;
}

std::string Truth::claims_at(const RecordRef& ref, int field) const {
  const auto replica = repository_.replicas().find(ref);
  return replica == repository_.replicas().end() ? "" : claims_of(replica->second.golden, field);
}

void Truth::fail(const std::string& invariant, const std::string& message) {
  if (!violation_) violation_ = Violation{invariant, message};
}

void Truth::typed(const RecordRef& ref, int field, const std::string& before, const std::string& after,
                  Micros at) {
  typed_[{ref, field}].edits.push_back({after, before, at});
  reopen(ref, field);
  std::string& cleared = cleared_[{ref, field}];
  if (after.empty()) cleared = before;
  if (after.empty() && !before.empty()) emptied_.insert({field, edit_of(before)});
  const std::string& parent = before.empty() ? cleared : before;
  if (!after.empty() && !parent.empty()) parents_[edit_of(after)].insert(edit_of(parent));
}

void Truth::decided(const sync::GoldenId& golden, int field, const std::string& value) {
  const auto of = repository_.goldens().find(golden);
  if (of == repository_.goldens().end()) return;
  const auto found = of->second.fields.find(static_cast<model::FieldIndex>(field));
  if (found == of->second.fields.end()) return;
  const auto against = [&](const model::FieldValue& of_value) {
    lost_.insert({field, edit_of(text_of(of_value))});
    decided_against_.insert({field, edit_of(text_of(of_value))});
  };
  against(found->second.value);
  for (const auto& loser : found->second.losers) against(loser.value);
  std::erase_if(taken_back_, [&](const auto& each) { return each.first.second == field; });
  decided_.insert({field, edit_of(value)});
  known_.insert({field, edit_of(value)});
}

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

bool Truth::is_ancestor(const std::string& of, const std::string& ancestor) const {
  std::set<std::string> visited;
  std::vector<std::string> open = {of};
  while (!open.empty()) {
    const std::string at = open.back();
    open.pop_back();
    if (!visited.insert(at).second) continue;
    const auto parents = parents_.find(at);
    if (parents == parents_.end()) continue;
    if (parents->second.contains(ancestor)) return true;
    open.insert(open.end(), parents->second.begin(), parents->second.end());
  }
  return false;
}

bool Truth::is_superseded(const std::string& edit, int field) const {
  return std::any_of(known_.lower_bound({field, ""}), known_.end(), [&](const auto& known) {
    return known.first == field && known.second != edit && is_ancestor(known.second, edit);
  });
}

// A person emptied the field that showed this edit: what comes next replaces nothing. That the hub takes his
// word for it is checked with the claims.
bool Truth::is_cleared(const std::string& edit, int field) const {
  return std::any_of(emptied_.begin(), emptied_.end(), [&](const auto& emptied) {
    return emptied.first == field && (emptied.second == edit || is_ancestor(emptied.second, edit));
  });
}

bool Truth::is_given_up(const std::string& edit, int field) const {
  return lost_.contains({field, edit}) ||
         std::any_of(lost_.lower_bound({field, ""}), lost_.end(),
                     [&](const auto& lost) { return lost.first == field && is_ancestor(lost.second, edit); });
}

bool Truth::is_revert(int field, const std::string& old, const std::string& now) const {
  if (!is_ancestor(old, now) || lost_.contains({field, old})) return false;
  return !(decided_.contains({field, now}) && is_given_up(old, field));
}

bool Truth::was_typed_in(const sync::GoldenId& golden, int field, const std::string& edit) const {
  const auto& members = repository_.members(golden);
  return std::any_of(members.begin(), members.end(), [&](const RecordRef& ref) {
    const auto typed = typed_.find({ref, field});
    return typed != typed_.end() && std::any_of(typed->second.edits.begin(), typed->second.edits.end(),
                                                [&](const Edit& each) { return edit_of(each.text) == edit; });
  });
}

// What was typed over it, or that it was emptied, counts as well, where the record in which it was typed is
// another customer's now: while a field is parked golden says the older one.
bool Truth::is_carried_elsewhere(const std::string& edit, int field, const sync::GoldenId& except) const {
  const bool left = !was_typed_in(except, field, edit);
  const auto carries = [&](const model::FieldValue& value) {
    const std::string carried = edit_of(text_of(value));
    const bool emptied = value.presence == model::Presence::cleared && is_cleared(edit, field);
    return carried == edit || (left && (emptied || is_ancestor(carried, edit)));
  };
  return std::any_of(repository_.goldens().begin(), repository_.goldens().end(), [&](const auto& each) {
    const auto found = each.second.fields.find(static_cast<model::FieldIndex>(field));
    if (each.first == except || !each.second.redirect.empty() || found == each.second.fields.end())
      return false;
    return carries(found->second.value) ||
           std::any_of(found->second.losers.begin(), found->second.losers.end(),
                       [&](const sync::Loser& loser) { return carries(loser.value); });
  });
}

// ---- at the systems
// -----------------------------------------------------------------------------------------------

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
    // As far as the hub can know it deleted this one: that a person brought it back it has not seen yet.
    const bool removed = linked && sync::was_deleted_by_us(known->second);
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
    if (record.made_by_hub && !record.now.deleted && record.now.values.at(f_job) == job)
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

// ---- in the hub
// ---------------------------------------------------------------------------------------------------

void Truth::read_history() {
  const auto& history = repository_.all_history();
  for (; history_read_ < history.size(); ++history_read_) {
    const auto& entry = history[history_read_];
    const auto name = std::find(std::begin(names), std::end(names), entry.field);
    const std::pair key(static_cast<int>(name - std::begin(names)), edit_of(text_of(entry.value)));
    known_.insert(key);
    if (entry.lost) lost_.insert(key);
    if (!entry.lost) recorded_[{entry.golden, key.first}] = text_of(entry.value);
  }
}

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
  // A hub that was put back does not know which spellings of its own values it had seen; and who decides for
  // the spelling of one system decides for what the others do not show.
  const bool spelled_so = first->before == before->second.text;
  if (!spelled_so &&
      (hub_put_back_ || was_undone(replica.ref, field) || before->second.text != before->second.edit))
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

bool Truth::came_unheard(const sync::Replica& replica, int field, const std::string& text) const {
  const auto created = unheard_.find(replica.ref);
  if (created == unheard_.end() || replica.made_by_hub) return false;
  if (created->second.unnamed && !was_edited(replica.ref)) return false;
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

void Truth::check_golden_change(const sync::Golden& golden, int field, const std::string& old,
                                const std::string& now) {
  const std::string where = golden.id.substr(0, 4) + "…." + names[field] + " " + old + " → " + now;
  // After the hub was put back, what every record shows is what was agreed.
  const bool agreed = hub_put_back_ && is_shown_by_all(golden.id, field, now);
  const bool excused = agreed || lost_.contains({field, old}) || is_carried_elsewhere(old, field, golden.id);
  if (is_revert(field, old, now) && !excused) return fail("S2", where + " is a revert");
  if (now.empty()) return;  // cleared by a person; check_claim has seen him do it
  // It may have been overruled after the backup; it stands in the history as what was golden then.
  const bool was_backed_up = backed_up_.contains({field, old});
  if (!excused && !was_backed_up && !is_ancestor(now, old) && !is_superseded(old, field) &&
      !is_cleared(old, field))
    fail("S1", where + ": the old value is in no history, and the new one was not typed over it" +
                   claims_of(golden.id, field));
}

// S1: what the hub takes for overruled was typed over, decided against, or is kept in the history.
void Truth::check_covered(const sync::Golden& golden, int field, const sync::GoldenField& of,
                          const sync::Claim& claim) {
  const std::string edit = edit_of(text_of(claim.value));
  if (edit.empty() || kept_.contains({field, edit}) || edit == edit_of(text_of(of.value))) return;
  if (backed_up_.contains({field, edit})) return;
  if (!is_given_up(edit, field) && !is_superseded(edit, field) && !is_cleared(edit, field))
    return fail("S1", std::string(names[field]) + " " + edit + " counts as overruled, but nobody saw it" +
                          claims_of(golden.id, field));
  kept_.insert({field, edit});
}

// S16: what golden says is the last that its history tells.
void Truth::check_recorded(const sync::Golden& golden, int field, const sync::GoldenField& of) {
  const auto recorded = recorded_.find({golden.id, field});
  const std::string last = recorded == recorded_.end() ? std::string() : recorded->second;
  if (edit_of(last) != edit_of(text_of(of.value)))
    fail("S16", std::string(names[field]) + " is " + text_of(of.value) + ", the history says " + last);
}

bool Truth::is_shown_by_all(const sync::GoldenId& golden, int field, const std::string& value) const {
  const auto& members = repository_.members(golden);
  return std::all_of(members.begin(), members.end(), [&](const RecordRef& ref) {
    const sync::Replica& replica = repository_.replicas().at(ref);
    const auto known = replica.fields.find(static_cast<model::FieldIndex>(field));
    if (replica.gone || !replica.leader.empty() || ref.connection == "hub" || known == replica.fields.end() ||
        known->second.base.presence == model::Presence::absent)
      return true;
    return edit_of(text_of(known->second.base)) == value;
  });
}

// Section 3 again, written once more and on its own.
void Truth::check_choice(const sync::Golden& golden, int field, const sync::GoldenField& of) {
  std::vector<Voice> all, front;
  for (const auto& ref : repository_.members(golden.id)) {
    const sync::Replica& replica = repository_.replicas().at(ref);
    const auto known = replica.fields.find(static_cast<model::FieldIndex>(field));
    if (known != replica.fields.end() && known->second.claim)
      all.push_back({&replica, &*known->second.claim});
  }
  for (const auto& voice : all) {
    const bool beaten = std::any_of(all.begin(), all.end(), [&](const Voice& other) {
      return knows(*other.claim, *voice.claim) && !knows(*voice.claim, *other.claim);
    });
    if (!beaten)
      front.push_back(voice);
    else if (is_free_text(field) && !voice.claim->unexplained)
      check_covered(golden, field, of, *voice.claim);
  }
  // What a record in approval shows at first sight does not vote while others do.
  const auto waits = [](const Voice& voice) {
    return voice.replica->pending_approval && voice.claim->initial && !voice.replica->made_by_hub;
  };
  if (!std::all_of(front.begin(), front.end(), waits)) std::erase_if(front, waits);
  if (front.empty()) return;
  const bool agreed = std::all_of(front.begin(), front.end(), [&](const Voice& v) {
    return same_value(v.claim->value, front[0].claim->value);
  });
  // Perhaps nobody's edit: it becomes golden only where all records show it, and otherwise nothing is chosen
  // until a person has said so.
  bool unexplained = false, agreed_by_all = false;
  for (const auto& voice : front) {
    if (!voice.claim->unexplained) continue;
    unexplained = true;
    const std::string value = edit_of(text_of(voice.claim->value));
    if (of.parked || !is_free_text(field)) continue;
    if (value != edit_of(text_of(of.value)))
      fail("P",
           std::string(names[field]) + " is " + text_of(of.value) + ", though nobody can explain " + value);
    agreed_by_all = agreed_by_all || is_shown_by_all(golden.id, field, value);
  }
  if (of.parked != (of.parked && unexplained))
    fail("P", std::string(names[field]) + " is parked for nothing");
  if (of.parked || agreed_by_all) return;
  const auto& policy = rules_.policy("customer", static_cast<model::FieldIndex>(field));
  if (!agreed && policy.policy == sync::Policy::manual) {
    if (!of.held) fail("P", "an open question was decided in " + std::string(names[field]));
    return;
  }
  const auto better = [&](const Voice& x, const Voice& y) {
    return std::tuple(strength(policy, rules_, x.replica->ref.connection), x.replica->ref) <
           std::tuple(strength(policy, rules_, y.replica->ref.connection), y.replica->ref);
  };
  const auto score = [&](const Voice& voice) -> std::int64_t {
    if (agreed) return 0;
    if (policy.policy == sync::Policy::longest)
      return static_cast<std::int64_t>(text_of(voice.claim->value).size());
    if (policy.policy == sync::Policy::fill) return voice.claim->value.has_value() ? 1 : 0;
    if (policy.policy == sync::Policy::most_frequent) {
      std::set<std::string> systems;
      for (const auto& other : front) {
        if (same_value(other.claim->value, voice.claim->value)) systems.insert(other.replica->ref.connection);
      }
      return static_cast<std::int64_t>(systems.size());
    }
    std::vector<Voice> rivals = front;
    if (policy.policy == sync::Policy::authority) {
      const auto best = std::min_element(front.begin(), front.end(), better)->replica->ref.connection;
      if (voice.replica->ref.connection != best) return 0;
      std::erase_if(rivals, [&](const Voice& v) { return v.replica->ref.connection != best; });
    }
    Micros last = model::unknown_time;
    for (const auto& rival : rivals) last = std::max(last, rival.claim->changed.from);
    return voice.claim->changed.to >= last ? 1 : 0;
  };
  const auto winner = *std::min_element(front.begin(), front.end(), [&](const Voice& x, const Voice& y) {
    const auto sx = score(x), sy = score(y);
    return sx != sy ? sx > sy : better(x, y);
  });
  if (!same_value(winner.claim->value, of.value))
    fail("P", std::string(names[field]) + " is " + text_of(of.value) + ", but the claims say " +
                  text_of(winner.claim->value) + claims_of(golden.id, field));
}

// An element that somebody added, and that nobody removed anywhere, is there; nothing else is.
void Truth::check_list(const sync::Golden& golden) {
  const auto field = golden.fields.find(f_tags);
  const auto list =
      field == golden.fields.end() ? std::vector<std::string>{} : split_list(text_of(field->second.value));
  const std::set<std::string> there(list.begin(), list.end());
  std::set<std::string> claimed;
  for (const auto& ref : repository_.members(golden.id)) {
    const sync::Replica& replica = repository_.replicas().at(ref);
    const auto known = replica.fields.find(f_tags);
    if (known == replica.fields.end()) continue;
    for (const auto& [key, claim] : known->second.elements) {
      if (claim.value.has_value()) claimed.insert(claim.value.value.to_text());
    }
  }
  for (const auto& element : there) {
    if (!claimed.contains(element)) fail("U", element + " is in golden, and nobody claims it");
  }
  for (const auto& element : claimed) {
    const bool gone = std::any_of(removed_.begin(), removed_.end(),
                                  [&](const auto& each) { return each.second == element; });
    if (!gone && !there.contains(element))
      fail("U", element + " was added, never removed, and is not in golden");
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

// Its customer, which may be another one now, says something else: what was taken back may be sent again,
// should it ever come back.
void Truth::forget_taken_back(const sync::Replica& replica) {
  const auto golden = repository_.goldens().find(replica.golden);
  std::erase_if(taken_back_, [&](const auto& each) {
    if (each.first.first != replica.ref || golden == repository_.goldens().end()) return false;
    const auto of = golden->second.fields.find(static_cast<model::FieldIndex>(each.first.second));
    return of == golden->second.fields.end() || text_of(of->second.value) != each.second.golden;
  });
}

void Truth::check_golden(const sync::Golden& golden) {
  if (!golden.redirect.empty()) {
    for (int field = 0; field < field_count; ++field) last_golden_.erase({golden.id, field});
    return;
  }
  for (const auto& [field, of] : golden.fields) {
    if (!is_free_text(field) && field != f_code) continue;
    auto& last = last_golden_[{golden.id, field}];
    const std::string now = edit_of(text_of(of.value));
    // Golden says something else: what was taken back may be sent again, should it ever come back.
    if (now != last.edit)
      std::erase_if(taken_back_, [&](const auto& each) {
        const auto replica = repository_.replicas().find(each.first.first);
        return each.first.second == field &&
               (replica == repository_.replicas().end() || replica->second.golden == golden.id);
      });
    if (now != last.edit && !last.edit.empty() && is_free_text(field))
      check_golden_change(golden, field, last.edit, now);
    check_choice(golden, field, of);
    check_recorded(golden, field, of);
    last = {now, text_of(of.value), of.held};
  }
  check_list(golden);
}

void Truth::check_state() {
  read_history();
  auto touched = repository_.take_touched();
  for (const auto& ref : touched.replicas) {
    const auto replica = repository_.replicas().find(ref);
    if (replica == repository_.replicas().end() || ref.connection == "hub") continue;
    touched.goldens.insert(replica->second.golden);
    for (const auto& [field, known] : replica->second.fields) {
      if (known.claim && field != f_name && field != f_job) check_claim(replica->second, field, *known.claim);
    }
    check_elements(replica->second);
    forget_taken_back(replica->second);
    if (replica->second.intents.empty())
      writing_.erase(ref);
    else
      writing_.insert(ref);
  }
  for (const auto& id : touched.goldens) {
    const auto golden = repository_.goldens().find(id);
    if (golden != repository_.goldens().end()) check_golden(golden->second);
  }
}

}  // namespace huiliu::simulation
