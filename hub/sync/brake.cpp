#include "hub/sync/brake.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hub/sync/mutant.hpp"
#include "hub/sync/values.hpp"
#include "hub/sync/work.hpp"

namespace huiliu::sync {
namespace {

constexpr std::size_t samples_kept = 20;
constexpr std::int64_t handful = 10;       // of a small stream, always allowed
constexpr std::size_t learned_after = 10;  // passes
constexpr std::int64_t learned_factor = 4;
constexpr std::int64_t damaged_texts_known = 2;  // replacement characters that make a text unreadable

constexpr std::pair<BrakeRule, const char*> rule_names[] = {
    {BrakeRule::changed, "changed"}, {BrakeRule::emptied, "emptied"}, {BrakeRule::vanished, "vanished"},
    {BrakeRule::damaged, "damaged"}, {BrakeRule::added, "added"},     {BrakeRule::removed, "removed"},
    {BrakeRule::missing, "missing"}, {BrakeRule::doubled, "doubled"}, {BrakeRule::unreadable, "unreadable"},
    {BrakeRule::updates, "updates"}, {BrakeRule::creates, "creates"}, {BrakeRule::disables, "disables"}};

// A field that is read for others: what happens to it spreads, as a claim or as a request.
bool matters(const StreamRules& stream, FieldIndex field) {
  const auto right = stream.rights.find(field);
  return right != stream.rights.end() && right->second != Right::ignore && right->second != Right::none &&
         right->second != Right::missing;
}

model::Value change_sample(const RecordRef& ref, const model::Field& field, const FieldValue& from,
                           const FieldValue& to) {
  return model::Object{
      {"key", ref.key}, {"field", field.name}, {"from", masked(field, from)}, {"to", masked(field, to)}};
}

// Characters of a text, by what they say about its character set.
struct Letters {
  std::int64_t all = 0, latin1 = 0, control = 0, replaced = 0, questions = 0;
};

Letters letters_of(std::string_view text) {
  Letters letters;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
      code = (code << 6U) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    i += length;
    ++letters.all;
    letters.latin1 += code >= 0xA0 && code <= 0xFF ? 1 : 0;
    letters.control += code >= 0x80 && code < 0xA0 ? 1 : 0;
    letters.replaced += code == 0xFFFD ? 1 : 0;
    letters.questions += code == '?' ? 1 : 0;
  }
  return letters;
}

bool looks_unreadable(std::string_view text) {
  // What GBK programs show for unknown bytes and for memory that was never written.
  for (const std::string_view nonsense : {"锟斤拷", "烫烫", "屯屯"})
    if (text.find(nonsense) != std::string_view::npos) return true;
  const Letters letters = letters_of(text);
  return letters.replaced > 0 || letters.control > 0 ||
         (letters.latin1 >= 3 && letters.latin1 * 2 >= letters.all) ||
         (letters.questions > damaged_texts_known && letters.questions * 2 >= letters.all);
}

}  // namespace

const char* to_string(BrakeRule rule) noexcept {
  for (const auto& [known, name] : rule_names)
    if (known == rule) return name;
  return "";
}

const std::vector<BrakeRule>& brake_rules() {
  static const std::vector<BrakeRule> all = [] {
    std::vector<BrakeRule> rules;
    for (const auto& [rule, name] : rule_names) rules.push_back(rule);
    return rules;
  }();
  return all;
}

BrakeLimits::BrakeLimits()
    : of{{BrakeRule::changed, {50, 0.05}},    {BrakeRule::emptied, {20, 0.02}},
         {BrakeRule::vanished, {10, 0.02}},   {BrakeRule::damaged, {5, 0.001}},
         {BrakeRule::added, {200, 0.20}},     {BrakeRule::removed, {20, 0.01}},
         {BrakeRule::missing, {20, 0.05}},    {BrakeRule::doubled, {5, 0.001}},
         {BrakeRule::unreadable, {20, 0.02}}, {BrakeRule::updates, {50, 0.05}},
         {BrakeRule::creates, {200, 0.20}},   {BrakeRule::disables, {10, 0.01}}} {}

std::int64_t allowance(BrakeRule rule, const BrakeLimit& limit, std::int64_t known,
                       const std::vector<std::int64_t>& history) {
  if (limit.off) return std::numeric_limits<std::int64_t>::max() / 2;
  const auto by_share = static_cast<std::int64_t>(std::floor(limit.share * static_cast<double>(known)));
  std::int64_t absolute = limit.records;
  // New records are no part of those known, so half of these says nothing about them.
  if (rule != BrakeRule::added && rule != BrakeRule::creates)
    absolute = std::min(absolute, std::max(std::min(handful, limit.records), known / 2));
  std::int64_t allowed = std::max(absolute, by_share);
  if (history.size() >= learned_after)
    allowed =
        std::clamp(learned_factor * *std::max_element(history.begin(), history.end()), absolute, allowed);
  return std::min(allowed, brake_ceiling);
}

void Passed::forget_before(model::Micros time) {
  for (auto& [rule, hours] : hours_)
    std::erase_if(hours, [&](const auto& each) { return (each.first + 1) * hour <= time; });
}

std::int64_t Passed::of(BrakeRule rule) const {
  const auto found = hours_.find(rule);
  if (found == hours_.end()) return 0;
  std::int64_t sum = 0;
  for (const auto& [at, count] : found->second) sum += count;
  return sum;
}

std::int64_t left_of(std::int64_t allowed, BrakeRule rule, const BrakeLimits& limits, const Passed& passed) {
  const auto limit = limits.of.find(rule);
  if (limits.drip_factor == 0 || (limit != limits.of.end() && limit->second.off)) return allowed;
  const bool ordinary = rule == BrakeRule::changed || rule == BrakeRule::added ||
                        rule == BrakeRule::updates || rule == BrakeRule::creates;
  const std::int64_t together = allowed * (ordinary ? limits.drip_factor : 1);
  return std::min(allowed, std::max<std::int64_t>(0, together - passed.of(rule)));
}

void BrakeTally::sample(model::Value value) {
  if (samples.size() < samples_kept) samples.push_back(std::move(value));
}

std::vector<BrakeRule> exceeded(const BrakeTally& tally, const std::map<BrakeRule, std::int64_t>& allowed) {
  std::vector<BrakeRule> rules;
  for (const auto& [rule, count] : tally.counts) {
    const auto limit = allowed.find(rule);
    if (limit != allowed.end() && count > limit->second) rules.push_back(rule);
  }
  return rules;
}

bool IncomingScreen::look_at(const Replica* known, const Observation& observation) {
  if (known == nullptr || known->golden.empty()) {
    if (observation.deleted) return false;
    tally_.count(BrakeRule::added);
    tally_.sample(model::Object{{"key", observation.ref.key}, {"new", true}});
    return true;
  }
  if (observation.deleted) {
    if (known->gone) return false;
    tally_.count(BrakeRule::removed);
    tally_.customers.insert(known->golden);
    tally_.sample(model::Object{{"key", observation.ref.key}, {"deleted", true}});
    return true;
  }
  return compare(*known, observation);
}

bool IncomingScreen::compare(const Replica& known, const Observation& observation) {
  const StreamRules* const stream = rules_.stream(observation.ref);
  const model::Entity* const entity = rules_.schema->find(observation.entity);
  if (stream == nullptr || entity == nullptr || entity->reference_data) return false;
  // Another mapping makes another image: nobody's edit.
  if (known.mapping_version != observation.mapping_version) return false;
  bool differs = false;
  for (const auto& [field, was] : known.fields) {
    if (!matters(*stream, field) || is_being_written(known, field) || was.base.presence == Presence::absent)
      continue;
    const auto found = observation.image.fields.find(field);
    const FieldValue now = found == observation.image.fields.end() ? FieldValue{} : found->second;
    if (now.presence != Presence::absent && now.shows_same(was.base)) continue;
    if (now.presence == Presence::absent) {
      if (!was.base.has_value()) continue;
      tally_.counts[BrakeRule::vanished] = std::max(tally_.counts[BrakeRule::vanished], ++vanished_[field]);
    } else if (was.base.has_value() && !now.has_value()) {
      tally_.counts[BrakeRule::emptied] = std::max(tally_.counts[BrakeRule::emptied], ++emptied_[field]);
    } else if (const std::string* before = was.base.value.if_string(), *after = now.value.if_string();
               before != nullptr && after != nullptr && became_unreadable(*before, *after)) {
      tally_.count(BrakeRule::damaged);
    }
    differs = true;
    ++tally_.fields[entity->fields[field].name];
    tally_.sample(change_sample(observation.ref, entity->fields[field], was.base, now));
  }
  if (!differs) return false;
  tally_.count(BrakeRule::changed);
  if (static_cast<std::int64_t>(tally_.customers.size()) < brake_ceiling)
    tally_.customers.insert(known.golden);
  return true;
}

void IncomingScreen::unreadable(const RecordRef& ref, const std::string& why) {
  tally_.count(BrakeRule::unreadable);
  tally_.sample(model::Object{{"key", ref.key}, {"unreadable", why}});
}

void IncomingScreen::doubled(const RecordRef& ref) {
  tally_.count(BrakeRule::doubled);
  tally_.sample(model::Object{{"key", ref.key}, {"doubled", true}});
}

void IncomingScreen::missing(const RecordRef& ref) {
  tally_.count(BrakeRule::missing);
  tally_.sample(model::Object{{"key", ref.key}, {"missing", true}});
}

void count_outgoing(BrakeTally& tally, const PlannedWrite& write, const Golden& golden,
                    const model::Entity& entity) {
  if (planted(Mutant::brake_blind)) return;
  if (write.op == Op::create) {
    if (write.asked_for) return;  // a person decided on it, one by one
    tally.count(BrakeRule::creates);
    tally.sample(model::Object{{"customer", write.golden}, {"create", true}});
  } else if (write.op == Op::enable) {
    return;  // takes back what was counted once
  } else if (write.op == Op::disable || write.op == Op::remove) {
    tally.count(BrakeRule::disables);
    tally.sample(model::Object{{"key", write.ref.key}, {"customer", write.golden}, {"disable", true}});
  } else {
    bool counted = false;
    for (const PlannedField& planned : write.fields) {
      const auto of = golden.fields.find(planned.field);
      if (of != golden.fields.end() && of->second.from.connection == console) continue;
      counted = true;
      const model::Field& field = entity.fields[planned.field];
      ++tally.fields[field.name];
      tally.sample(change_sample(write.ref, field, planned.from, planned.to));
    }
    if (!counted) return;
    tally.count(BrakeRule::updates);
  }
  if (static_cast<std::int64_t>(tally.customers.size()) < brake_ceiling) tally.customers.insert(write.golden);
}

bool oscillates(const BrakeLimits& limits, std::int64_t writes) {
  return limits.oscillation_writes > 0 && writes >= limits.oscillation_writes;
}

bool became_unreadable(std::string_view before, std::string_view after) {
  return looks_unreadable(after) && !looks_unreadable(before);
}

}  // namespace huiliu::sync
