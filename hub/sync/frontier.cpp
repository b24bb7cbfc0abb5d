#include "hub/sync/frontier.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "hub/sync/mutant.hpp"
#include "hub/sync/work.hpp"

namespace huiliu::sync {
namespace {

// Claims of a record in approval do not vote while they only tell what was there at first sight; but the
// number that a record got which the hub made is known to be that customer's.
bool votes(const Candidate& candidate) {
  return !(candidate.replica->pending_approval && candidate.claim->initial &&
           !candidate.replica->made_by_hub);
}

bool same_value(const Candidate& a, const Candidate& b) { return a.claim->value.shows_same(b.claim->value); }

std::size_t characters(const FieldValue& value) {
  const std::string text = value.value.to_text();
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// The order that breaks every tie: authority, then the record's address.
class Order {
 public:
  Order(const Rules& rules, const FieldPolicy& policy, const std::string& home)
      : rules_(rules), policy_(policy), home_(home.empty() ? rules.default_home : home) {}

  auto place(const Candidate& candidate) const {
    return std::tuple(authority_rank(rules_, policy_, standing(candidate.replica->ref.connection)),
                      candidate.replica->ref);
  }
  const Candidate& first(const std::vector<Candidate>& of) const {
    return *std::min_element(of.begin(), of.end(),
                             [&](const auto& a, const auto& b) { return place(a) < place(b); });
  }

 private:
  // The customer's own home ERP and the one that is home by default change places.
  const std::string& standing(const std::string& connection) const {
    if (connection == home_) return rules_.default_home;
    return connection == rules_.default_home ? home_ : connection;
  }

  const Rules& rules_;
  const FieldPolicy& policy_;
  const std::string& home_;
};

// latest: the claim that surely began last stands, together with all whose interval overlaps it (those are
// concurrent, and the order decides among them).
Candidate choose_latest(const Order& order, const std::vector<Candidate>& of) {
  Micros last_from = model::unknown_time;
  for (const auto& candidate : of) last_from = std::max(last_from, candidate.claim->changed.from);
  std::vector<Candidate> overlapping;
  for (const auto& candidate : of) {
    const Interval& changed = candidate.claim->changed;
    if (std::max(changed.from, changed.to) >= last_from) overlapping.push_back(candidate);
  }
  return order.first(overlapping);
}

// authority: only claims of the strongest system stand; two records of that system are settled by time.
Candidate choose_authority(const Order& order, const std::vector<Candidate>& of) {
  const std::string& strongest = order.first(of).replica->ref.connection;
  std::vector<Candidate> own;
  for (const auto& candidate : of) {
    if (candidate.replica->ref.connection == strongest) own.push_back(candidate);
  }
  return choose_latest(order, own);
}

Candidate choose_longest(const Order& order, const std::vector<Candidate>& of) {
  std::size_t longest = 0;
  for (const auto& candidate : of) longest = std::max(longest, characters(candidate.claim->value));
  std::vector<Candidate> longest_ones;
  for (const auto& candidate : of) {
    if (characters(candidate.claim->value) == longest) longest_ones.push_back(candidate);
  }
  return order.first(longest_ones);
}

// most_frequent: the value that most systems have. A system counts once; a record that the hub made does not
// vote by what it was given, since it makes no claim of that.
Candidate choose_most_frequent(const Order& order, const std::vector<Candidate>& of) {
  const auto support = [&](const Candidate& value) {
    std::set<std::string> systems;
    for (const auto& other : of) {
      if (same_value(value, other)) systems.insert(other.replica->ref.connection);
    }
    return systems.size();
  };
  std::size_t most = 0;
  for (const auto& candidate : of) most = std::max(most, support(candidate));
  std::vector<Candidate> frequent;
  for (const auto& candidate : of) {
    if (support(candidate) == most) frequent.push_back(candidate);
  }
  return order.first(frequent);
}

// fill: the first that is not empty.
Candidate choose_fill(const Order& order, const std::vector<Candidate>& of) {
  std::vector<Candidate> filled;
  for (const auto& candidate : of) {
    if (candidate.claim->value.has_value()) filled.push_back(candidate);
  }
  return order.first(filled.empty() ? of : filled);
}

Candidate choose_by(Policy policy, const Order& order, const std::vector<Candidate>& of) {
  switch (policy) {
    case Policy::authority:
      return choose_authority(order, of);
    case Policy::longest:
      return choose_longest(order, of);
    case Policy::most_frequent:
      return choose_most_frequent(order, of);
    case Policy::fill:
      return choose_fill(order, of);
    case Policy::latest:
    case Policy::union_of_elements:
    case Policy::manual:
      break;
  }
  return choose_latest(order, of);
}

// Planted error: the claims in their order of arrival, two at a time, the loser forgotten.
Candidate choose_pairwise(Policy policy, const Order& order, std::vector<Candidate> of) {
  const auto arrival = [](const Candidate& c) {
    return c.claim->arrived.empty() ? 0 : c.claim->arrived.begin()->second;
  };
  std::stable_sort(of.begin(), of.end(),
                   [&](const auto& a, const auto& b) { return arrival(a) < arrival(b); });
  Candidate best = of.front();
  for (const auto& next : of) best = choose_by(policy, order, {best, next});
  return best;
}

const char* name_of_policy(Policy policy) {
  switch (policy) {
    case Policy::authority:
      return "authority";
    case Policy::latest:
      return "latest";
    case Policy::longest:
      return "longest";
    case Policy::most_frequent:
      return "most_frequent";
    case Policy::fill:
      return "fill";
    case Policy::union_of_elements:
      return "union";
    case Policy::manual:
      return "manual";
  }
  return "";
}

}  // namespace

int authority_rank(const Rules& rules, const FieldPolicy& policy, const std::string& connection) {
  const auto listed = std::find(policy.authority.begin(), policy.authority.end(), connection);
  if (listed != policy.authority.end()) return static_cast<int>(listed - policy.authority.begin());
  if (connection == console) return -1;
  const ConnectionRules* const stated = rules.connection(connection);
  return static_cast<int>(policy.authority.size()) +
         (stated == nullptr ? 1'000'000 : std::max(0, stated->rank));
}

// Section 2: c covers d when c.seen includes d.arr, on any version line that both know.
bool covers(const Claim& c, const Claim& d) {
  if (planted(Mutant::one_version_line) && !c.seen.empty() && !d.arrived.empty())
    return c.seen.rbegin()->second >= d.arrived.begin()->second;
  for (const auto& [line, version] : d.arrived) {
    const auto seen = c.seen.find(line);
    if (seen != c.seen.end() && seen->second >= version) return true;
  }
  return false;
}

bool dominates(const Claim& c, const Claim& d) { return covers(c, d) && !covers(d, c); }

std::vector<Candidate> frontier(const Cluster& cluster, FieldIndex field) {
  std::vector<Candidate> all;
  for (const auto& replica : cluster.replicas) {
    const auto found = replica.fields.find(field);
    if (found != replica.fields.end() && found->second.claim)
      all.push_back({&replica, &*found->second.claim});
  }
  if (planted(Mutant::causality_ignored)) return all;
  std::vector<Candidate> out;
  for (const auto& candidate : all) {
    const bool dominated = std::any_of(all.begin(), all.end(), [&](const Candidate& other) {
      return other.claim != candidate.claim && dominates(*other.claim, *candidate.claim);
    });
    if (!dominated) out.push_back(candidate);
  }
  return out;
}

// Section 3: one claim, or equal values: that value. Several different ones: the policy, among all of them at
// once.
Choice choose(const Rules& rules, const std::string& entity, FieldIndex field,
              const std::vector<Candidate>& frontier, const std::string& home) {
  std::vector<Candidate> voters;
  std::copy_if(frontier.begin(), frontier.end(), std::back_inserter(voters),
               [](const Candidate& each) { return votes(each) || planted(Mutant::approval_votes); });
  if (voters.empty()) voters = frontier;
  if (voters.empty()) return {};
  const FieldPolicy& policy = rules.policy(entity, field);
  const Order order(rules, policy, home);
  const bool agreed =
      std::all_of(voters.begin(), voters.end(), [&](const auto& c) { return same_value(c, voters.front()); });
  if (agreed) return {order.first(voters), false, voters.size() == 1 ? "only" : "agreed"};
  if (policy.policy == Policy::manual && !planted(Mutant::manual_decides))
    return {std::nullopt, true, "manual"};
  if (planted(Mutant::last_writer_wins)) return {choose_latest(order, voters), false, "latest"};
  if (planted(Mutant::pairwise_choice))
    return {choose_pairwise(policy.policy, order, voters), false, "pairwise"};
  return {choose_by(policy.policy, order, voters), false, name_of_policy(policy.policy)};
}

}  // namespace huiliu::sync
