#include "hub/run/translation.hpp"

namespace huiliu::run {

using model::Value;

std::string StoredReferences::golden_of(std::string_view stream, std::string_view key) {
  return repository_.golden_of({connection_, std::string(stream), std::string(key)});
}

std::optional<mapping::References::Target> StoredReferences::record_of(std::string_view golden,
                                                                       std::string_view stream) {
  const std::string id = repository_.resolve(std::string(golden));
  if (id.empty()) return std::nullopt;
  const auto replica = repository_.primary_of(id, connection_, std::string(stream));
  if (!replica || replica->ref.key.starts_with("new:")) return std::nullopt;
  auto record = model::parse_json(replica->raw.empty() ? "{}" : replica->raw);
  return Target{replica->ref.key, record.ok() ? std::move(*record) : Value(model::Object{})};
}

sync::Projection::Result MappingProjection::project(const std::string& connection, const std::string& stream,
                                                    model::FieldIndex field, const model::FieldValue& golden,
                                                    sync::Repository& repository) const {
  const auto found = mappings_.find(connection);
  const mapping::StreamMapping* mapped = found == mappings_.end() ? nullptr : found->second->stream(stream);
  if (mapped == nullptr) return {Result::Kind::impossible, {}, "not mapped"};
  StoredReferences references(repository, connection);
  model::FieldValue shown;
  mapping::Encoded encoded = mapped->project(field, golden, references, shown);
  switch (encoded.kind) {
    case mapping::Encoded::Kind::written:
      return {Result::Kind::shows, std::move(shown), {}};
    case mapping::Encoded::Kind::waiting:
      return {Result::Kind::waiting, {}, std::move(encoded.reason)};
    case mapping::Encoded::Kind::impossible:
      break;
  }
  return {Result::Kind::impossible, {}, std::move(encoded.reason)};
}

std::optional<model::Image> MappingProjection::remap(const model::RecordRef& ref, const std::string& raw,
                                                     sync::Repository& repository) const {
  const auto found = mappings_.find(ref.connection);
  const mapping::StreamMapping* mapped =
      found == mappings_.end() ? nullptr : found->second->stream(ref.stream);
  auto record = model::parse_json(raw);
  if (mapped == nullptr || !record.ok()) return std::nullopt;
  StoredReferences references(repository, ref.connection);
  auto decoded = mapped->decode(*record, references);
  if (!decoded.ok() || decoded->filtered) return std::nullopt;
  return std::move(decoded->image);
}

namespace {

class NoReferences final : public mapping::References {
 public:
  std::string golden_of(std::string_view, std::string_view) override {
    asked = true;
    return {};
  }
  std::optional<Target> record_of(std::string_view, std::string_view) override {
    asked = true;
    return std::nullopt;
  }
  bool asked = false;
};

Translated translate_with(const ReceivedRecord& record, const mapping::Mapping& mapping,
                          const ReadContext& context, mapping::References& references) {
  Translated translated;
  const mapping::StreamMapping* mapped = mapping.stream(context.stream);
  if (mapped == nullptr) {
    translated.kind = Translated::Kind::filtered;
    return translated;
  }
  sync::Observation& observation = translated.observation;
  observation.ref = {context.connection, context.stream, record.key};
  observation.entity = mapped->entity();
  observation.deleted = record.deleted;
  observation.token = record.token;
  observation.changed_at = record.changed_at;
  observation.read_started = context.read_started;
  observation.unchanged_until = context.unchanged_until;
  observation.strong = context.strong;
  observation.mapping_version = mapping.version();
  observation.run = context.run;
  if (record.deleted) return translated;
  observation.raw = record.raw;
  auto decoded = mapped->decode(record.body, references);
  if (!decoded.ok()) {
    translated.kind = Translated::Kind::parked;
    translated.cause = decoded.error().code.empty() ? "mapping" : decoded.error().code;
    translated.message =
        observation.ref.text() + ": " + decoded.error().text() + "; correct the record or the mapping";
    return translated;
  }
  if (decoded->filtered) translated.kind = Translated::Kind::filtered;
  observation.image = std::move(decoded->image);
  translated.problems = std::move(decoded->problems);
  return translated;
}

}  // namespace

Translated translate(const ReceivedRecord& record, const mapping::Mapping& mapping,
                     const ReadContext& context, sync::Repository& repository) {
  StoredReferences references(repository, context.connection);
  return translate_with(record, mapping, context, references);
}

std::optional<Translated> translate_ahead(const ReceivedRecord& record, const mapping::Mapping& mapping,
                                          const ReadContext& context) {
  NoReferences references;
  Translated translated = translate_with(record, mapping, context, references);
  if (references.asked) return std::nullopt;
  return translated;
}

std::optional<ReceivedRecord> stored_record(const model::RecordRef& ref, sync::Repository& repository) {
  const auto replica = repository.load_replica(ref);
  if (!replica || replica->raw.empty()) return std::nullopt;
  auto body = model::parse_json(replica->raw);
  if (!body.ok()) return std::nullopt;
  ReceivedRecord record;
  record.key = ref.key;
  record.token = replica->token;
  record.raw = replica->raw;
  record.body = std::move(*body);
  return record;
}

}  // namespace huiliu::run
