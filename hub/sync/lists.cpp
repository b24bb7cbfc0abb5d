#include "hub/sync/lists.hpp"

#include <algorithm>

#include "hub/mapping/mapping.hpp"
#include "hub/sync/frontier.hpp"

namespace huiliu::sync {
namespace {

struct ElementClaims {
  std::vector<const Claim*> plus, minus;
};

using Elements = std::vector<std::pair<std::string, model::Value>>;

// Section 6: an element is in golden iff some + claim is not dominated by a - claim.
bool is_alive(const ElementClaims& claims) {
  return std::any_of(claims.plus.begin(), claims.plus.end(), [&](const Claim* plus) {
    return std::none_of(claims.minus.begin(), claims.minus.end(),
                        [&](const Claim* minus) { return dominates(*minus, *plus); });
  });
}

bool list_contains(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// The arrival of an element in the line of this golden: what orders a list.
Version arrival_of(const ElementClaims& claims, const Line& line) {
  Version first = 0;
  for (const Claim* plus : claims.plus) {
    const auto here = plus->arrived.find(line);
    if (here != plus->arrived.end() && (first == 0 || here->second < first)) first = here->second;
  }
  return first;
}

// Section 6, one slot: it keeps the element that it shows while that is alive (sticky), and takes another
// only when its own died. What a person replaced there is declined; a slot that a person emptied stays
// closed.
FieldValue slot_target(const model::Field& field, const FieldValue& golden, const ReplicaField& known) {
  if (list_contains(known.declined, slot_closed)) return list_of({});
  const auto alive = elements_of(field, golden);
  const auto shown = elements_of(field, known.base);
  if (!shown.empty() && alive.contains(shown.begin()->first) && !planted(Mutant::slot_not_sticky))
    return list_of({*shown.begin()});
  for (const auto& [key, element] : alive) {
    if (!list_contains(known.declined, key) || planted(Mutant::declined_ignored))
      return list_of({{key, element}});
  }
  return list_of({});
}

FieldValue appended(const model::Field& field, const FieldValue& golden, const FieldValue& base) {
  auto all = elements_of(field, base);
  for (const auto& [key, element] : elements_of(field, golden)) all.emplace(key, element);
  return list_of(Elements(all.begin(), all.end()));
}

}  // namespace

std::map<std::string, model::Value> elements_of(const model::Field& field, const FieldValue& list) {
  std::map<std::string, model::Value> out;
  if (!list.has_value()) return out;
  const auto add = [&](const model::Value& element) {
    std::string key = mapping::field_key(field, model::Value(model::Array{element}));
    if (!key.empty() && key.back() == '\x1f') key.pop_back();
    out.emplace(std::move(key), element);
  };
  if (const auto* elements = list.value.if_array()) {
    for (const auto& element : *elements) add(element);
  } else {
    add(list.value);
  }
  return out;
}

FieldValue list_of(const Elements& elements) {
  if (elements.empty()) return {Presence::cleared, {}, {}};
  model::Array values;
  std::vector<std::string> keys;
  for (const auto& [key, element] : elements) {
    values.push_back(element);
    keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  std::string joined;
  for (const auto& key : keys) joined += key + '\x1f';
  return {Presence::value, model::Value(std::move(values)), std::move(joined)};
}

FieldValue choose_elements(const Work& work, FieldIndex field) {
  std::map<std::string, ElementClaims> claims;
  for (const auto& replica : work.cluster.replicas) {
    const auto found = replica.fields.find(field);
    if (found == replica.fields.end()) continue;
    for (const auto& [key, claim] : found->second.elements) {
      auto& of = claims[key];
      (claim.value.has_value() ? of.plus : of.minus).push_back(&claim);
    }
  }
  std::vector<std::pair<Version, std::string>> alive;
  for (const auto& [key, of] : claims) {
    if (is_alive(of)) alive.emplace_back(arrival_of(of, work.cluster.golden.line()), key);
  }
  if (alive.empty()) return claims.empty() ? FieldValue{} : list_of({});
  std::sort(alive.begin(), alive.end());
  Elements elements;
  for (const auto& [arrival, key] : alive) elements.emplace_back(key, claims[key].plus.front()->value.value);
  return list_of(elements);
}

FieldValue list_target(const model::Field& field, const FieldValue& golden, const ReplicaField& known,
                       Right right, const StreamRules::Slot* slot) {
  if (slot != nullptr) return slot_target(field, golden, known);
  if (right == Right::append) return appended(field, golden, known.base);
  return golden;
}

}  // namespace huiliu::sync
