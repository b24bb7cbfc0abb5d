// Between records and the engine: decoding what a system showed, encoding what it shall get, with references
// resolved in the open transaction.
#pragma once

#include <map>
#include <string>

#include "hub/mapping/mapping.hpp"
#include "hub/run/system.hpp"
#include "hub/sync/engine.hpp"

namespace huiliu::run {

// References of one connection over a transaction or snapshot.
class StoredReferences final : public mapping::References {
 public:
  StoredReferences(sync::Repository& repository, std::string connection)
      : repository_(repository), connection_(std::move(connection)) {}
  std::string golden_of(std::string_view stream, std::string_view key) override;
  std::optional<Target> record_of(std::string_view golden, std::string_view stream) override;

 private:
  sync::Repository& repository_;
  std::string connection_;
};

// Every connection's mapping, by connection name. Immutable while rules live.
using Mappings = std::map<std::string, const mapping::Mapping*>;

// decode∘encode of the mappings, for the engine.
class MappingProjection final : public sync::Projection {
 public:
  explicit MappingProjection(const Mappings& mappings) : mappings_(mappings) {}
  Result project(const std::string& connection, const std::string& stream, model::FieldIndex field,
                 const model::FieldValue& golden, sync::Repository& repository) const override;
  std::optional<model::Image> remap(const model::RecordRef& ref, const std::string& raw,
                                    sync::Repository& repository) const override;

 private:
  const Mappings& mappings_;
};

struct Translated {
  enum class Kind { observation, filtered, parked } kind = Kind::observation;
  sync::Observation observation;
  std::string cause, message;  // when parked
  std::vector<mapping::Problem> problems;
};

struct ReadContext {
  std::string connection, stream, run;
  model::Micros read_started = 0;
  model::Micros unchanged_until = model::unknown_time;
  bool strong = false;
};

// What the engine gets to see of a received record.
Translated translate(const ReceivedRecord& record, const mapping::Mapping& mapping,
                     const ReadContext& context, sync::Repository& repository);
// The same outside of a transaction, so that others can use the store meanwhile. nullopt: the record refers
// to others, which are known in a transaction only.
std::optional<Translated> translate_ahead(const ReceivedRecord& record, const mapping::Mapping& mapping,
                                          const ReadContext& context);

// The record as stored, for decoding it again (a reference that waited, a changed mapping). nullopt when it
// is not known.
std::optional<ReceivedRecord> stored_record(const model::RecordRef& ref, sync::Repository& repository);

}  // namespace huiliu::run
