// Quality scores of one system's records, field by field: how many have a value, how many of the values are
// valid, how many are one of a kind, how many agree with the golden record. Pure tallies; the caller brings
// the records.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "hub/mapping/mapping.hpp"
#include "hub/normalize/normalize.hpp"

namespace huiliu::mapping {

class QualityTally {
 public:
  explicit QualityTally(const StreamMapping& stream);

  // One record: as it was decoded, and what is golden (null: not linked).
  void add(const Decoded& decoded, const std::map<FieldIndex, FieldValue>* golden);
  // One that could not be decoded at all.
  void add_parked() { ++records_, ++parked_; }

  // {"records", "parked", "score", "fields": [{"field", "completeness", "validity", "uniqueness",
  // "agreement", "problems"}]}: shares from 0 to 1, null where there is nothing to judge. score: the mean of
  // completeness, validity and agreement over the fields that any record fills.
  model::Object scores() const;

 private:
  struct Field {
    FieldIndex index = model::no_field;
    std::optional<normalize::Kind> kind;  // whose values can be invalid
    std::int64_t filled = 0, checked = 0, valid = 0, compared = 0, agreeing = 0, problems = 0;
    std::unordered_set<std::string> keys;
  };

  const StreamMapping& stream_;
  std::vector<Field> fields_;
  std::int64_t records_ = 0, parked_ = 0;
};

}  // namespace huiliu::mapping
