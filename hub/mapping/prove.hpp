// Proves a mapping on records: does what is read survive being written and read again, field by field; what
// do two mappings make of one record; do the tests that stand beside a mapping hold?
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hub/mapping/mapping.hpp"

namespace huiliu::mapping {

// A record of some stream, as the system shows it.
struct Sample {
  std::string stream, key;  // key: for messages; may be empty
  model::Value record;
};

// References among samples: a record is known when a sample has its key. Others stay unknown unless
// `trusting`, when every key is taken for a record that would be there.
class SampleReferences final : public References {
 public:
  SampleReferences(const Mapping& mapping, const std::vector<Sample>& samples, bool trusting);
  std::string golden_of(std::string_view stream, std::string_view key) override;
  std::optional<Target> record_of(std::string_view golden, std::string_view stream) override;

 private:
  std::map<std::string, const model::Value*, std::less<>> records_;  // "stream/key"
  bool trusting_;
};

// A lens that breaks on a record.
struct Broken {
  std::string stream, key, field, path;
  std::string law;  // "cannot be written", "reads back differently", "is written differently again"
  model::Value before, after;  // of the field, or of what is written
};

// What became of one lens over all samples.
struct LensProof {
  std::int64_t values = 0;  // records with a value
  std::int64_t proved = 0;  // of them: round trips that hold
  std::int64_t broken = 0;
  std::int64_t respelled = 0;  // proved, but the system's own spelling would change
  std::int64_t waiting = 0;    // references whose target is not among the samples
  std::int64_t problems = 0;   // records whose value there could not be read
};

struct StreamProof {
  std::int64_t records = 0, filtered = 0, parked = 0;
  std::map<FieldIndex, LensProof> lenses;
  std::map<std::string, std::int64_t> problems;  // "field code" → records
};

struct Proof {
  std::map<std::string, StreamProof> streams;
  std::vector<Broken> broken;        // the first of each lens, at most `broken_listed` of each
  std::vector<model::Error> parked;  // the first few; `where`: stream/key
};
inline constexpr std::size_t broken_listed = 3;

Proof prove(const Mapping& mapping, const std::vector<Sample>& samples, References& references);

// What the new mapping would make different of a record. Empty value: none.
struct Change {
  std::string stream, key, field;
  model::Value before, after;
};
struct Difference {
  std::int64_t records = 0, changed = 0;       // records
  std::map<std::string, std::int64_t> fields;  // "stream field" → records that change there
  std::vector<Change> examples;                // at most `changes_listed`
};
inline constexpr std::size_t changes_listed = 50;

Difference compare(const Mapping& old_one, const Mapping& new_one, const std::vector<Sample>& samples,
                   References& references);

// The fields of an image by name; "" stands for empty.
model::Object fields_of(const StreamMapping& stream, const model::Image& image);

// One test beside a mapping: see docs/mapping.md. The result: what does not hold, empty when all does. Error
// (class config): the test itself is wrong.
model::Result<std::vector<std::string>> run_test(const Mapping& mapping, const model::Value& test);

}  // namespace huiliu::mapping
