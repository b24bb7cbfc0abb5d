#include "hub/sync/rekey.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "hub/mapping/mapping.hpp"
#include "hub/normalize/normalize.hpp"
#include "hub/sync/lists.hpp"

namespace huiliu::sync {
namespace {

using ElementKeys =
    std::map<std::string, std::string>;  // of one list field: the old key of an element, the new one

void renew(FieldValue& value, const model::Field& field) {
  if (value.has_value()) value.key = mapping::field_key(field, value.value);
}

// The element of a claim is gone where it was taken away, so its key cannot be made again from a value.
// Another system's claim may still show it; otherwise the key is taken over with the new version: what the
// new rules would have made of nearly every value.
std::string element_key(const std::string& old, const ElementKeys& known) {
  const auto found = known.find(old);
  if (found != known.end()) return found->second;
  const std::size_t colon = old.find(':');
  const bool versioned = colon != std::string::npos && colon > 0 &&
                         std::all_of(old.begin(), old.begin() + static_cast<std::ptrdiff_t>(colon),
                                     [](unsigned char c) { return std::isdigit(c) != 0; });
  return versioned ? std::to_string(normalize::rules_version()) + old.substr(colon) : old;
}

ElementKeys element_keys(const Cluster& cluster, FieldIndex field, const model::Field& definition) {
  ElementKeys keys;
  for (const Replica& replica : cluster.replicas) {
    const auto found = replica.fields.find(field);
    if (found == replica.fields.end()) continue;
    for (const auto& [old, claim] : found->second.elements) {
      const auto elements = elements_of(definition, claim.value);
      if (elements.size() == 1) keys.emplace(old, elements.begin()->first);
    }
  }
  return keys;
}

void renew(ReplicaField& known, const model::Field& field, const ElementKeys& keys) {
  renew(known.base, field);
  renew(known.stands, field);
  if (known.refused) renew(*known.refused, field);
  if (known.claim) renew(known.claim->value, field);
  std::map<std::string, Claim> elements;
  for (auto& [old, claim] : known.elements) {
    renew(claim.value, field);
    elements.emplace(element_key(old, keys), std::move(claim));  // two that are one now: the first stays
  }
  known.elements = std::move(elements);
  for (std::string& declined : known.declined) declined = element_key(declined, keys);
}

}  // namespace

bool rekey(Cluster& cluster, const model::Entity& entity) {
  const Cluster before = cluster;
  const auto is_known = [&](FieldIndex field) { return field < entity.fields.size(); };
  std::map<FieldIndex, ElementKeys> keys;
  for (const Replica& replica : before.replicas)
    for (const auto& [field, known] : replica.fields)
      if (is_known(field) && !known.elements.empty() && !keys.contains(field))
        keys.emplace(field, element_keys(before, field, entity.fields[field]));
  for (Replica& replica : cluster.replicas) {
    for (auto& [field, known] : replica.fields)
      if (is_known(field)) renew(known, entity.fields[field], keys[field]);
    for (Intent& intent : replica.intents)
      for (IntentField& sent : intent.fields) {
        if (!is_known(sent.field)) continue;
        renew(sent.value, entity.fields[sent.field]);
        renew(sent.before, entity.fields[sent.field]);
      }
  }
  for (auto& [field, golden] : cluster.golden.fields) {
    if (!is_known(field)) continue;
    renew(golden.value, entity.fields[field]);
    for (Loser& loser : golden.losers) renew(loser.value, entity.fields[field]);
  }
  for (auto& [field, approved] : cluster.golden.approved)
    if (is_known(field)) renew(approved.value, entity.fields[field]);
  return !(cluster.golden == before.golden) || cluster.replicas != before.replicas;
}

}  // namespace huiliu::sync
