#include "hub/run/reconcile.hpp"

#include <algorithm>

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::FieldIndex;
using model::make_error;
using model::Result;
using model::Status;
using sync::Right;

constexpr std::size_t reconcile_page = 500;

bool is_reconciled(Right right) { return right != Right::missing && right != Right::none; }

// The record that stands for the customer in a system: the first live one, copies aside.
const sync::Replica* standing_record(const sync::Cluster& cluster, const std::string& connection) {
  for (const sync::Replica& replica : cluster.replicas)
    if (replica.ref.connection == connection && !replica.gone && replica.leader.empty() &&
        !replica.ref.key.starts_with("new:"))
      return &replica;
  return nullptr;
}

// Equal, or each is how its system spells the same golden value.
bool same_value(const sync::ReplicaField& a, const sync::ReplicaField& b) {
  return a.base.shows_same(b.base) || a.stands.shows_same(b.stands);
}

std::string display_name(const model::Entity& entity, const sync::Golden& golden) {
  for (const char* field : {"names.legal", "name"}) {
    const auto found = golden.fields.find(entity.index_of(field));
    if (found != golden.fields.end() && found->second.value.has_value())
      return found->second.value.value.to_text();
  }
  return golden.id;
}

// One pair of systems and one entity.
class Pair {
 public:
  Pair(const sync::Rules& rules, const model::Entity& entity, std::string a, std::string b)
      : rules_(rules), entity_(entity), records_{std::move(a), std::move(b), entity.name} {
    balances_.resize(entity.fields.size());
    for (std::size_t i = 0; i < entity.fields.size(); ++i) {
      const sync::FieldPolicy& policy = rules.policy(entity.name, static_cast<FieldIndex>(i));
      balances_[i] = {records_.a, records_.b, entity.name, entity.fields[i].name,
                      policy.policy == sync::Policy::authority && !policy.authority.empty()
                          ? policy.authority.front()
                          : std::string()};
    }
  }

  const model::Entity& entity() const { return entity_; }

  Status compare(const sync::Cluster& cluster, const std::function<Status(const Difference&)>& take) {
    const sync::Replica* const a = standing_record(cluster, records_.a);
    const sync::Replica* const b = standing_record(cluster, records_.b);
    if (a == nullptr && b == nullptr) return {};
    ++(a == nullptr ? records_.only_b : b == nullptr ? records_.only_a : records_.both);
    if (a == nullptr || b == nullptr) return {};
    const sync::StreamRules* const rules_a = rules_.stream(a->ref);
    const sync::StreamRules* const rules_b = rules_.stream(b->ref);
    if (rules_a == nullptr || rules_b == nullptr) return {};
    for (const auto& [field, known_a] : a->fields) {
      const auto known_b = b->fields.find(field);
      if (known_b == b->fields.end() || !compares(*rules_a, field) || !compares(*rules_b, field)) continue;
      HUILIU_TRY(compare_field(cluster, *a, *b, field, known_a, known_b->second, take));
    }
    return {};
  }

  void add_to(Reconciliation& out) const {
    for (const FieldBalance& balance : balances_)
      if (balance.equal + balance.different + balance.only_a + balance.only_b > 0)
        out.fields.push_back(balance);
    if (records_.both + records_.only_a + records_.only_b > 0) out.records.push_back(records_);
  }

 private:
  static bool compares(const sync::StreamRules& stream, FieldIndex field) {
    const auto right = stream.rights.find(field);
    return right != stream.rights.end() && is_reconciled(right->second);
  }

  Status compare_field(const sync::Cluster& cluster, const sync::Replica& a, const sync::Replica& b,
                       FieldIndex field, const sync::ReplicaField& known_a, const sync::ReplicaField& known_b,
                       const std::function<Status(const Difference&)>& take) {
    using model::Presence;
    if (known_a.base.presence == Presence::absent || known_b.base.presence == Presence::absent) return {};
    const bool has_a = known_a.base.has_value();
    const bool has_b = known_b.base.has_value();
    if (!has_a && !has_b) return {};
    FieldBalance& balance = balances_[field];
    if (has_a && has_b && same_value(known_a, known_b)) {
      ++balance.equal;
      return {};
    }
    ++(!has_b ? balance.only_a : !has_a ? balance.only_b : balance.different);
    if (take == nullptr) return {};
    return take({entity_.name, cluster.golden.id, display_name(entity_, cluster.golden),
                 entity_.fields[field].name, a.ref, b.ref, known_a.base, known_b.base, balance.authority});
  }

  const sync::Rules& rules_;
  const model::Entity& entity_;
  RecordBalance records_;
  std::vector<FieldBalance> balances_;
};

Result<std::vector<std::pair<std::string, std::string>>> pairs_of(const sync::Rules& rules,
                                                                  const std::string& a,
                                                                  const std::string& b) {
  for (const std::string& name : {a, b})
    if (!name.empty() && (name == "hub" || rules.connection(name) == nullptr))
      return make_error(ErrorClass::not_found,
                        "there is no connection \"" + name + "\"; see huiliu connection list");
  std::vector<std::pair<std::string, std::string>> pairs;
  if (!a.empty() && !b.empty()) return std::vector{std::pair(a, b)};
  for (const auto& [first, rules_a] : rules.connections)
    for (const auto& [second, rules_b] : rules.connections) {
      if (first >= second || first == "hub" || second == "hub") continue;
      if (!a.empty() && a != first && a != second) continue;
      pairs.emplace_back(first == a || second != a ? first : second, second != a ? second : first);
    }
  return pairs;
}

}  // namespace

Result<Reconciliation> reconcile(store::Snapshot& snapshot, const sync::Rules& rules, const std::string& a,
                                 const std::string& b, const std::function<Status(const Difference&)>& take) {
  HUILIU_ASSIGN(const auto pairs, pairs_of(rules, a, b));
  std::vector<Pair> work;
  for (const auto& [first, second] : pairs)
    for (const model::Entity& entity : rules.schema->entities())
      if (!entity.reference_data && rules.connection(first)->for_entity(entity.name) != nullptr &&
          rules.connection(second)->for_entity(entity.name) != nullptr)
        work.emplace_back(rules, entity, first, second);
  for (const model::Entity& entity : rules.schema->entities()) {
    const bool wanted = std::any_of(work.begin(), work.end(),
                                    [&](const Pair& pair) { return pair.entity().name == entity.name; });
    std::string after;
    for (bool more = wanted; more;) {
      const auto page =
          snapshot.list_goldens({entity.name, {}, {}, model::unknown_time}, {after, reconcile_page});
      for (const sync::Golden& golden : page) {
        const auto cluster = snapshot.load_cluster(golden.id);
        if (!cluster) continue;
        for (Pair& pair : work)
          if (pair.entity().name == entity.name) HUILIU_TRY(pair.compare(*cluster, take));
      }
      more = page.size() == reconcile_page;
      if (more) after = page.back().id;
    }
  }
  Reconciliation result;
  for (const Pair& pair : work) pair.add_to(result);
  return result;
}

}  // namespace huiliu::run
