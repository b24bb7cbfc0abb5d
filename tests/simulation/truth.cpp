// What people did, what the history says, and which edit descends from which.
#include <algorithm>

#include "tests/simulation/truth_inside.hpp"

namespace huiliu::simulation {

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

std::string Truth::describe(const RecordRef& ref, int field) const {
  return ref.text() + "." + field_names[field];
}

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
  if (after.empty() || parent.empty()) return;
  parents_[edit_of(after)].insert(edit_of(parent));
  if (is_anothers(ref, field, edit_of(parent))) over_anothers_.insert({edit_of(after), edit_of(parent)});
}

void Truth::taken_apart() {
  for (const auto& [at, typed] : typed_) {
    for (std::size_t i = typed.accepted; i < typed.edits.size(); ++i) {
      const std::string before = edit_of(typed.edits[i].before);
      if (!before.empty() && is_anothers(at.first, at.second, before))
        over_anothers_.insert({edit_of(typed.edits[i].text), before});
    }
  }
}

// Is it an edit of another customer, which a wrong merge had put there? Who types over it says nothing of
// that one: should the two be merged again, both values stand, and the policy chooses.
bool Truth::is_anothers(const RecordRef& ref, int field, const std::string& edit) const {
  const auto replica = repository_.replicas().find(ref);
  if (!mixed_up_ || replica == repository_.replicas().end() ||
      was_typed_in(replica->second.golden, field, edit))
    return false;
  return std::any_of(repository_.goldens().begin(), repository_.goldens().end(), [&](const auto& golden) {
    return golden.second.redirect.empty() && was_typed_in(golden.first, field, edit);
  });
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

bool Truth::is_ancestor(const std::string& of, const std::string& ancestor, bool surely) const {
  std::set<std::string> visited;
  std::vector<std::string> open = {of};
  while (!open.empty()) {
    const std::string at = open.back();
    open.pop_back();
    if (!visited.insert(at).second) continue;
    const auto parents = parents_.find(at);
    if (parents == parents_.end()) continue;
    for (const std::string& parent : parents->second) {
      if (surely && over_anothers_.contains({at, parent})) continue;
      if (parent == ancestor) return true;
      open.push_back(parent);
    }
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
  if (!is_ancestor(old, now, true) || lost_.contains({field, old})) return false;
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

void Truth::read_history() {
  const auto& history = repository_.all_history();
  for (; history_read_ < history.size(); ++history_read_) {
    const auto& entry = history[history_read_];
    const auto name = std::find(std::begin(field_names), std::end(field_names), entry.field);
    const std::pair key(static_cast<int>(name - std::begin(field_names)), edit_of(text_of(entry.value)));
    known_.insert(key);
    if (entry.lost) lost_.insert(key);
    if (!entry.lost) recorded_[{entry.golden, key.first}] = text_of(entry.value);
  }
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
