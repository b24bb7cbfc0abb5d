// 对账: how far two systems show the same customers and the same values. Pure functions over a snapshot; one
// pass, whatever the number of customers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hub/store/store.hpp"
#include "hub/sync/rules.hpp"

namespace huiliu::run {

// Of customers that both systems have: records with equal values (but for spelling), with different ones, and
// with a value on one side only. Where both are empty, or one has no such field, nothing is counted.
struct FieldBalance {
  std::string a, b, entity, field;
  std::string authority;  // the connection whose value counts; "" when the latest edit does
  std::int64_t equal = 0, different = 0, only_a = 0, only_b = 0;
};

// Golden records that both have, or one of them.
struct RecordBalance {
  std::string a, b, entity;
  std::int64_t both = 0, only_a = 0, only_b = 0;
};

struct Difference {
  std::string entity, golden, name, field;
  model::RecordRef a, b;
  model::FieldValue value_a, value_b;
  std::string authority;
};

struct Reconciliation {
  std::vector<FieldBalance>
      fields;  // by pair, then in the model's order; without the fields that neither fills
  std::vector<RecordBalance> records;
};

// `a` and `b`: connections; both empty: every pair. `take` gets each difference, by golden id; may be null.
// Errors: not_found for a connection that the rules do not have; what `take` returns.
model::Result<Reconciliation> reconcile(store::Snapshot& snapshot, const sync::Rules& rules,
                                        const std::string& a, const std::string& b,
                                        const std::function<model::Status(const Difference&)>& take);

}  // namespace huiliu::run
