#include "hub/mapping/quality.hpp"

namespace huiliu::mapping {
namespace {

using model::Value;

// Kinds with rules that a value can break; names and free text have none.
std::optional<normalize::Kind> judged_kind(const std::string& type) {
  for (const char* name : {"uscc", "tax_no", "resident_id", "phone", "email", "url", "date", "money"})
    if (type == name) return normalize::kind_from(name);
  return std::nullopt;
}

Value share(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return {};
  return Value(static_cast<double>(part * 10'000 / whole) / 10'000);
}

}  // namespace

QualityTally::QualityTally(const StreamMapping& stream) : stream_(stream) {
  for (const FieldIndex index : stream.fields()) {
    Field field;
    field.index = index;
    field.kind = judged_kind(stream.entity_model().fields[index].type);
    fields_.push_back(std::move(field));
  }
}

void QualityTally::add(const Decoded& decoded, const std::map<FieldIndex, FieldValue>* golden) {
  ++records_;
  for (Field& field : fields_) {
    const std::string& name = stream_.entity_model().fields[field.index].name;
    std::int64_t problems = 0;
    for (const Problem& problem : decoded.problems) problems += problem.field == name ? 1 : 0;
    field.problems += problems;
    const auto found = decoded.image.fields.find(field.index);
    const bool filled = found != decoded.image.fields.end() && found->second.has_value();
    if (filled || problems > 0) ++field.checked;
    if (!filled) continue;
    ++field.filled;
    const FieldValue& value = found->second;
    const bool good = !field.kind || normalize::normalize(*field.kind, value.value.to_text()).valid;
    if (good && problems == 0) ++field.valid;
    field.keys.insert(value.key);
    const auto agreed =
        golden == nullptr ? std::map<FieldIndex, FieldValue>::const_iterator{} : golden->find(field.index);
    if (golden == nullptr || agreed == golden->end() || !agreed->second.has_value()) continue;
    ++field.compared;
    if (agreed->second.shows_same(value)) ++field.agreeing;
  }
}

model::Object QualityTally::scores() const {
  model::Array rows;
  double sum = 0;
  int parts = 0;
  for (const Field& field : fields_) {
    const Value completeness = share(field.filled, records_);
    const Value validity = share(field.valid, field.checked);
    const Value agreement = share(field.agreeing, field.compared);
    if (field.filled > 0)
      for (const Value* part : {&completeness, &validity, &agreement})
        if (const model::Number* number = part->if_number()) sum += number->to_double(), ++parts;
    rows.push_back(
        model::Object{{"field", stream_.entity_model().fields[field.index].name},
                      {"completeness", completeness},
                      {"validity", validity},
                      {"uniqueness", share(static_cast<std::int64_t>(field.keys.size()), field.filled)},
                      {"agreement", agreement},
                      {"problems", field.problems}});
  }
  return {{"records", records_},
          {"parked", parked_},
          {"score",
           parts == 0 ? Value()
                      : Value(static_cast<double>(static_cast<std::int64_t>(sum / parts * 10'000)) / 10'000)},
          {"fields", std::move(rows)}};
}

}  // namespace huiliu::mapping
