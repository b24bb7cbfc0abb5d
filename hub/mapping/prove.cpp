#include "hub/mapping/prove.hpp"

#include <algorithm>

namespace huiliu::mapping {
namespace {

using model::Presence;
using model::Value;

constexpr std::size_t parked_listed = 10;

class Prover {
 public:
  Prover(const StreamMapping& stream, const Sample& sample, References& references, Proof& proof)
      : stream_(stream),
        sample_(sample),
        references_(references),
        proof_(proof),
        counts_(proof.streams[sample.stream]) {}

  void run() {
    ++counts_.records;
    auto decoded = stream_.decode(sample_.record, references_);
    if (!decoded.ok()) {
      ++counts_.parked;
      model::Error error = decoded.error();
      error.where = sample_.stream + "/" + sample_.key;
      if (proof_.parked.size() < parked_listed) proof_.parked.push_back(std::move(error));
      return;
    }
    if (decoded->filtered) {
      ++counts_.filtered;
      return;
    }
    for (const Problem& problem : decoded->problems) {
      ++counts_.problems[problem.field + " " + problem.code];
      const FieldIndex field = stream_.entity_model().index_of(problem.field);
      if (field != model::no_field) ++counts_.lenses[field].problems;
    }
    for (const LensView& lens : stream_.lenses()) {
      const auto found = decoded->image.fields.find(lens.field);
      if (found == decoded->image.fields.end() || !found->second.has_value()) continue;
      ++counts_.lenses[lens.field].values;
      if (lens.direction == Direction::both) round_trip(lens, found->second);
    }
  }

 private:
  void round_trip(const LensView& lens, const FieldValue& value) {
    LensProof& count = counts_.lenses[lens.field];
    Value once = sample_.record;
    const Encoded encoded = stream_.encode(lens.field, value, references_, once);
    if (encoded.kind == Encoded::Kind::waiting) {
      ++count.waiting;
      return;
    }
    if (encoded.kind == Encoded::Kind::impossible)
      return breaks(lens, "cannot be written", value.value, Value(encoded.reason));
    // A reference that is written by another member than it is read by comes back only through the system.
    const bool other_member = lens.write_path != lens.path;
    if (other_member && stream_.entity_model().fields[lens.field].type == "reference") {
      ++count.proved;
      return;
    }
    auto back = stream_.reread(lens.field, once, references_);
    if (!back.ok()) return breaks(lens, "reads back differently", value.value, Value(back.error().message));
    if (!back->shows_same(value))
      return breaks(lens, "reads back differently", value.value, back->has_value() ? back->value : Value());
    Value twice = sample_.record;
    if (stream_.encode(lens.field, *back, references_, twice).kind != Encoded::Kind::written ||
        !(once == twice))
      return breaks(lens, "is written differently again", shown_at(once, lens), shown_at(twice, lens));
    ++count.proved;
    if (!(once == sample_.record)) ++count.respelled;
  }

  static Value shown_at(const Value& record, const LensView& lens) {
    const Value* shown = lens.write_path.empty() ? &record : record.at_path(lens.write_path);
    return shown == nullptr ? Value() : *shown;
  }

  void breaks(const LensView& lens, const char* law, Value before, Value after) {
    LensProof& count = counts_.lenses[lens.field];
    if (static_cast<std::size_t>(++count.broken) > broken_listed) return;
    proof_.broken.push_back({sample_.stream, sample_.key, stream_.entity_model().fields[lens.field].name,
                             lens.path.empty() ? lens.write_path : lens.path, law, std::move(before),
                             std::move(after)});
  }

  const StreamMapping& stream_;
  const Sample& sample_;
  References& references_;
  Proof& proof_;
  StreamProof& counts_;
};

// nullopt: the mapping has no such stream, or leaves the record out.
std::optional<model::Object> image_fields(const Mapping& mapping, const Sample& sample,
                                          References& references) {
  const StreamMapping* stream = mapping.stream(sample.stream);
  if (stream == nullptr) return std::nullopt;
  auto decoded = stream->decode(sample.record, references);
  if (!decoded.ok() || decoded->filtered) return std::nullopt;
  return fields_of(*stream, decoded->image);
}

std::string shown(const Value* value) { return value == nullptr ? "nothing" : model::to_json(*value); }

void expect_fields(const model::Object& wanted, const Value& actual, const std::string& what,
                   std::vector<std::string>& failures) {
  for (const model::Member& member : wanted) {
    const Value* found = actual.is_object() && actual.as_object().contains(member.key)
                             ? actual.find(member.key)
                             : actual.at_path(member.key);
    const bool holds = member.value.is_null()
                           ? found == nullptr || found->is_null()
                           : found != nullptr && (*found == member.value ||
                                                  (!found->is_object() && !found->is_array() &&
                                                   found->to_text() == member.value.to_text() &&
                                                   !member.value.is_object() && !member.value.is_array()));
    if (!holds)
      failures.push_back(what + " " + member.key + ": wanted " + model::to_json(member.value) + ", got " +
                         shown(found));
  }
}

}  // namespace

SampleReferences::SampleReferences(const Mapping& mapping, const std::vector<Sample>& samples, bool trusting)
    : trusting_(trusting) {
  for (const Sample& sample : samples) {
    const StreamMapping* stream = mapping.stream(sample.stream);
    const Value* key =
        stream == nullptr || stream->key_path().empty() ? nullptr : sample.record.at_path(stream->key_path());
    const std::string text = key == nullptr ? sample.key : key->to_text();
    if (!text.empty()) records_.emplace(sample.stream + "/" + text, &sample.record);
  }
}

std::string SampleReferences::golden_of(std::string_view stream, std::string_view key) {
  std::string id = std::string(stream) + "/" + std::string(key);
  return trusting_ || records_.contains(id) ? id : std::string{};
}

std::optional<References::Target> SampleReferences::record_of(std::string_view golden,
                                                              std::string_view stream) {
  if (!golden.starts_with(std::string(stream) + "/")) return std::nullopt;
  const auto found = records_.find(golden);
  if (found == records_.end() && !trusting_) return std::nullopt;
  return Target{std::string(golden.substr(stream.size() + 1)),
                found == records_.end() ? Value(model::Object{}) : *found->second};
}

Proof prove(const Mapping& mapping, const std::vector<Sample>& samples, References& references) {
  Proof proof;
  for (const Sample& sample : samples)
    if (const StreamMapping* stream = mapping.stream(sample.stream))
      Prover(*stream, sample, references, proof).run();
  return proof;
}

model::Object fields_of(const StreamMapping& stream, const model::Image& image) {
  model::Object fields;
  for (const auto& [index, value] : image.fields)
    fields.append(stream.entity_model().fields[index].name, value.has_value() ? value.value : Value(""));
  for (const model::PendingReference& pending : image.pending)
    fields.append(stream.entity_model().fields[pending.field].name,
                  Value(pending.stream + "/" + pending.key));
  return fields;
}

Difference compare(const Mapping& old_one, const Mapping& new_one, const std::vector<Sample>& samples,
                   References& references) {
  Difference difference;
  for (const Sample& sample : samples) {
    if (old_one.stream(sample.stream) == nullptr && new_one.stream(sample.stream) == nullptr) continue;
    ++difference.records;
    const auto before = image_fields(old_one, sample, references);
    const auto after = image_fields(new_one, sample, references);
    bool is_changed = false;
    const auto note = [&](const std::string& field, Value was, Value is) {
      is_changed = true;
      ++difference.fields[sample.stream + " " + field];
      if (difference.examples.size() < changes_listed)
        difference.examples.push_back({sample.stream, sample.key, field, std::move(was), std::move(is)});
    };
    if (before.has_value() != after.has_value()) {
      note("(the record)", before ? Value("read") : Value("left out"),
           after ? Value("read") : Value("left out"));
    } else if (before) {
      for (const model::Member& member : *before) {
        const Value* now = after->find(member.key);
        if (now == nullptr || !(*now == member.value))
          note(member.key, member.value, now == nullptr ? Value() : *now);
      }
      for (const model::Member& member : *after)
        if (!before->contains(member.key)) note(member.key, Value(), member.value);
    }
    if (is_changed) ++difference.changed;
  }
  return difference;
}

model::Result<std::vector<std::string>> run_test(const Mapping& mapping, const Value& test) {
  const auto wrong = [](const std::string& why) { return model::make_error(model::ErrorClass::config, why); };
  if (!test.is_object()) return wrong("a test is an object: {name, stream, record, fields}");
  for (const model::Member& member : test.as_object())
    if (const std::string_view known[] = {"name", "stream", "record", "fields", "filtered", "parked",
                                          "problems", "values", "writes"};
        std::find(std::begin(known), std::end(known), member.key) == std::end(known))
      return wrong("a test has no \"" + member.key +
                   "\"; known: name stream record fields filtered parked problems values writes");
  const StreamMapping* stream = mapping.stream(test["stream"].to_text());
  if (stream == nullptr) return wrong("the mapping has no stream \"" + test["stream"].to_text() + "\"");
  std::vector<std::string> failures;
  SampleReferences references(mapping, {}, true);
  if (const Value* record = test.find("record")) {
    auto decoded = stream->decode(*record, references);
    if (const Value* parked = test.find("parked")) {
      if (decoded.ok())
        failures.push_back("it should be parked: " + parked->to_text());
      else if (decoded.error().text().find(parked->to_text()) == std::string::npos)
        failures.push_back("parked, but: " + decoded.error().text());
      return failures;
    }
    if (!decoded.ok()) {
      failures.push_back("parked: " + decoded.error().text());
      return failures;
    }
    const bool wants_filtered = test["filtered"].is_bool() && test["filtered"].as_bool();
    if (decoded->filtered != wants_filtered)
      failures.push_back(decoded->filtered ? "it is filtered" : "it is not filtered");
    if (const model::Object* fields = test["fields"].if_object())
      expect_fields(*fields, Value(fields_of(*stream, decoded->image)), "field", failures);
    if (const model::Array* problems = test["problems"].if_array())
      for (const Value& code : *problems)
        if (std::none_of(decoded->problems.begin(), decoded->problems.end(),
                         [&](const Problem& problem) { return problem.code == code.to_text(); }))
          failures.push_back("no problem " + code.to_text());
  }
  if (const model::Object* values = test["values"].if_object()) {
    Value body = model::Object{};
    for (const model::Member& member : *values) {
      const FieldIndex field = stream->entity_model().index_of(member.key);
      if (field == model::no_field) return wrong("the model has no field \"" + member.key + "\"");
      HUILIU_ASSIGN(const FieldValue value, field_value(stream->entity_model().fields[field], member.value));
      const Encoded encoded = stream->encode(field, value, references, body);
      if (encoded.kind != Encoded::Kind::written)
        failures.push_back(member.key + " is not written: " + encoded.reason);
    }
    if (const model::Object* writes = test["writes"].if_object())
      expect_fields(*writes, body, "write", failures);
  }
  return failures;
}

}  // namespace huiliu::mapping
