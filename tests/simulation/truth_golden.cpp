// In the hub: golden follows from the claims, and loses nothing.
#include <algorithm>

#include "tests/simulation/truth_inside.hpp"

namespace huiliu::simulation {
namespace {

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

void Truth::check_golden_change(const sync::Golden& golden, int field, const std::string& old,
                                const std::string& now) {
  const std::string where = golden.id.substr(0, 4) + "…." + field_names[field] + " " + old + " → " + now;
  // After the hub was put back, what every record shows is what was agreed.
  const bool agreed = hub_put_back_ && is_shown_by_all(golden.id, field, now);
  const bool excused = agreed || lost_.contains({field, old}) || is_carried_elsewhere(old, field, golden.id);
  if (is_revert(field, old, now) && !excused) return fail("S2", where + " is a revert");
  if (now.empty()) return;  // cleared by a person; check_claim has seen him do it
  // It may have been overruled after the backup; it stands in the history as what was golden then.
  const bool was_backed_up = backed_up_.contains({field, old});
  if (!excused && !was_backed_up && !is_ancestor(now, old) && !is_superseded(old, field) &&
      !is_cleared(old, field) && !is_overwritten_unknown(golden.id, field, old))
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
    return fail("S1", std::string(field_names[field]) + " " + edit +
                          " counts as overruled, but nobody saw it" + claims_of(golden.id, field));
  kept_.insert({field, edit});
}

// S16: what golden says is the last that its history tells.
void Truth::check_recorded(const sync::Golden& golden, int field, const sync::GoldenField& of) {
  const auto recorded = recorded_.find({golden.id, field});
  const std::string last = recorded == recorded_.end() ? std::string() : recorded->second;
  if (edit_of(last) != edit_of(text_of(of.value)))
    fail("S16", std::string(field_names[field]) + " is " + text_of(of.value) + ", the history says " + last);
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
      fail("P", std::string(field_names[field]) + " is " + text_of(of.value) +
                    ", though nobody can explain " + value);
    agreed_by_all = agreed_by_all || is_shown_by_all(golden.id, field, value);
  }
  if (of.parked != (of.parked && unexplained))
    fail("P", std::string(field_names[field]) + " is parked for nothing");
  if (of.parked || agreed_by_all) return;
  const auto& policy = rules_.policy("customer", static_cast<model::FieldIndex>(field));
  if (!agreed && policy.policy == sync::Policy::manual) {
    if (!of.held) fail("P", "an open question was decided in " + std::string(field_names[field]));
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
    fail("P", std::string(field_names[field]) + " is " + text_of(of.value) + ", but the claims say " +
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
      std::erase_if(taken_back_, [&, field = field](const auto& each) {
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

}  // namespace huiliu::simulation
