#include "hub/mapping/mapping.hpp"

#include <algorithm>
#include <charconv>

#include "hub/mapping/functions.hpp"
#include "hub/mapping/lens.hpp"

namespace huiliu::mapping {

using model::ErrorClass;
using model::make_error;
using model::Presence;
using model::Result;
using model::Value;

namespace {

Result<bool> holds(const std::optional<expr::Program>& condition, const Value& record, bool otherwise) {
  if (!condition) return otherwise;
  HUILIU_ASSIGN(const std::optional<Value> value, evaluate_with_functions(*condition, &record));
  if (!value) return false;
  const bool* boolean = value->if_bool();
  return boolean != nullptr ? *boolean : !value->to_text().empty();
}

void merge_into(Value& body, const Value& paths) {
  for (const model::Member& member : paths.as_object()) put_path(body, member.key, member.value);
}

// Finds the members that the lenses of a stream ask for, one after the other. Mappings tend to name them in
// the record's own order, so each search begins behind the last find.
class MemberFinder {
 public:
  explicit MemberFinder(const Value& record) : record_(record), object_(record.if_object()) {}

  const Value* at_path(std::string_view path) {
    if (object_ == nullptr) return record_.at_path(path);
    const std::size_t dot = path.find('.');
    const std::string_view step = path.substr(0, dot);
    const std::size_t size = object_->size();
    for (std::size_t looked = 0; looked < size; ++looked) {
      const model::Member& member = object_->begin()[next_];
      next_ = next_ + 1 == size ? 0 : next_ + 1;
      if (member.key == step)
        return dot == std::string_view::npos ? &member.value : member.value.at_path(path.substr(dot + 1));
    }
    return nullptr;
  }

 private:
  const Value& record_;
  const model::Object* object_;
  std::size_t next_ = 0;
};

// What one lens sees in a record, into an `in` that is still empty. Absent: the system hides it, never a
// claim.
model::Status read(const Lens& lens, const Value& record, MemberFinder& members, References& references,
                   Codec::In& in) {
  if (lens.when) {
    HUILIU_ASSIGN(const bool applies, holds(lens.when, record, true));
    if (!applies) return {};
  }
  std::optional<Value> computed;
  const Value* shown = lens.path.empty() ? &record : members.at_path(lens.path);
  if (lens.in) {
    HUILIU_ASSIGN(computed, evaluate_with_functions(*lens.in, &record));
    shown = computed ? &*computed : nullptr;
  }
  if (shown != nullptr && lens.null_is_absent && shown->is_null()) shown = nullptr;
  if (shown != nullptr) {
    const bool is_empty = !lens.empties.empty() && std::find(lens.empties.begin(), lens.empties.end(),
                                                             shown->to_text()) != lens.empties.end();
    if (is_empty)
      in.value.presence = Presence::empty;
    else
      in = lens.codec->decode(*shown, references);
  }
  const bool says_nothing = !in.value.has_value() && !in.problem && !in.pending;
  if (lens.otherwise && says_nothing) in.value = *lens.otherwise;
  return {};
}

// What is written for a value, before it is put into a body.
Codec::Out write(const Lens& lens, const FieldValue& value, References& references) {
  Codec::Out out;
  if (lens.clear && !value.has_value()) {
    out.value = *lens.clear;
    return out;
  }
  out = lens.codec->encode(value, references);
  if (out.kind != Encoded::Kind::written) return out;
  if (lens.out) {
    auto computed = evaluate_with_functions(*lens.out, &out.value);
    if (!computed.ok()) return {Encoded::Kind::impossible, {}, computed.error().text()};
    out.value = *computed ? std::move(**computed) : Value();
  }
  if (lens.max_length > 0 && characters(out.value.to_text()) > lens.max_length)
    return {Encoded::Kind::impossible,
            {},
            "longer than the " + std::to_string(lens.max_length) + " characters the system holds"};
  return out;
}

void put(const Lens& lens, Value written, Value& body) {
  if (lens.write_path.empty() && written.is_object())
    merge_into(body, written);
  else if (!lens.write_path.empty())
    put_path(body, lens.write_path, std::move(written));
}

void decode_parts(const Parts& parts, const Value& record, References& references, Decoded& decoded) {
  const Value* list = record.at_path(parts.path);
  const model::Array* elements = list == nullptr ? nullptr : list->if_array();
  if (elements == nullptr) return;
  for (const Value& element : *elements) {
    model::Part part;
    if (const Value* organisation = element.at_path(parts.organisation))
      part.organisation = organisation->to_text();
    if (const Value* key = parts.key.empty() ? nullptr : element.at_path(parts.key))
      part.key = key->to_text();
    for (const PartLens& lens : parts.lenses) {
      const Value* shown = element.at_path(lens.path);
      if (shown == nullptr) continue;
      Codec::In in = lens.codec->decode(*shown, references);
      if (in.problem) decoded.problems.push_back(std::move(*in.problem));
      if (in.value.has_value()) part.fields.set(lens.field, std::move(in.value.value));
    }
    decoded.image.parts.push_back(std::move(part));
  }
}

}  // namespace

void put_path(Value& body, std::string_view path, Value value) {
  constexpr std::size_t most_elements = 1000;
  Value* here = &body;
  for (;;) {
    const std::size_t dot = path.find('.');
    const std::string_view step = path.substr(0, dot);
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
    const bool is_index = error == std::errc{} && end == step.data() + step.size() && index < most_elements;
    if (is_index && !here->is_object()) {
      if (!here->is_array()) *here = model::Array{};
      model::Array& array = here->as_array();
      if (array.size() <= index) array.resize(index + 1);
      here = &array[index];
    } else {
      if (!here->is_object()) *here = model::Object{};
      here = &here->as_object()[step];
    }
    if (dot == std::string_view::npos) break;
    path = path.substr(dot + 1);
  }
  *here = std::move(value);
}

StreamMapping::StreamMapping() : impl_(std::make_unique<Impl>()) {}
StreamMapping::StreamMapping(StreamMapping&&) noexcept = default;
StreamMapping& StreamMapping::operator=(StreamMapping&&) noexcept = default;
StreamMapping::~StreamMapping() = default;

Result<Decoded> StreamMapping::decode(const Value& record, References& references) const {
  Decoded decoded;
  decoded.image.entity = entity_->name;
  HUILIU_ASSIGN(const bool wanted, holds(impl_->filter, record, true));
  decoded.filtered = !wanted;
  if (decoded.filtered) return decoded;
  MemberFinder members(record);
  for (const Lens& lens : impl_->lenses) {
    if (!lens.reads()) continue;
    Codec::In in;
    HUILIU_TRY(read(lens, record, members, references, in));
    if (in.problem) decoded.problems.push_back(std::move(*in.problem));
    if (in.pending) {
      in.pending->field = lens.field;
      decoded.image.pending.push_back(std::move(*in.pending));
    } else if (in.value.presence != Presence::absent) {
      decoded.image.fields[lens.field] = std::move(in.value);
    }
  }
  HUILIU_TRY(impl_->rules.apply(*entity_, decoded.image, decoded.problems));
  for (const Lens& lens : impl_->lenses) {
    if (!lens.required) continue;
    const auto found = decoded.image.fields.find(lens.field);
    if (found == decoded.image.fields.end() || !found->second.has_value())
      return make_error(ErrorClass::data,
                        "the required field " + lens.definition->name + " (" + lens.path + ") is empty");
  }
  if (impl_->parts) decode_parts(*impl_->parts, record, references, decoded);
  HUILIU_ASSIGN(decoded.image.pending_approval, holds(impl_->pending, record, false));
  if (impl_->disabled) {
    const Value* shown = record.at_path(impl_->disabled->path);
    decoded.image.disabled = shown != nullptr && shown->to_text() == impl_->disabled->value.to_text();
  }
  if (const Value* leader = impl_->leader.empty() ? nullptr : record.at_path(impl_->leader))
    decoded.image.leader = leader->to_text();
  return decoded;
}

Encoded StreamMapping::encode(FieldIndex field, const FieldValue& value, References& references,
                              Value& body) const {
  const Lens* lens = impl_->writer(field);
  if (lens == nullptr) return {Encoded::Kind::impossible, "not written by this mapping"};
  Codec::Out out = write(*lens, value, references);
  if (out.kind != Encoded::Kind::written) return {out.kind, std::move(out.reason)};
  put(*lens, std::move(out.value), body);
  return {};
}

Result<FieldValue> StreamMapping::reread(FieldIndex field, const Value& record,
                                         References& references) const {
  const Lens* lens = impl_->writer(field);
  if (lens == nullptr || !lens->reads())
    return make_error(ErrorClass::data, "the field is not read by the lens that writes it");
  MemberFinder members(record);
  Codec::In in;
  HUILIU_TRY(read(*lens, record, members, references, in));
  if (in.problem) return make_error(ErrorClass::data, in.problem->message);
  return std::move(in.value);
}

Encoded StreamMapping::project(FieldIndex field, const FieldValue& value, References& references,
                               FieldValue& shown) const {
  const Lens* lens = impl_->writer(field);
  if (lens == nullptr) return {Encoded::Kind::impossible, "not written by this mapping"};
  Codec::Out out = write(*lens, value, references);
  if (out.kind != Encoded::Kind::written) return {out.kind, std::move(out.reason)};
  // A reference written by number reads back as the same golden record; a computed lens is taken at its word.
  if (lens->definition->type == "reference" || lens->in || lens->out) {
    shown = value;
    return {};
  }
  Value record = std::move(out.value);
  if (lens->write_path.empty() && record.is_object()) {
    Value body;
    merge_into(body, record);
    record = std::move(body);
  }
  if (!lens->empties.empty() &&
      std::find(lens->empties.begin(), lens->empties.end(), record.to_text()) != lens->empties.end()) {
    shown = {Presence::empty, {}, {}};
  } else {
    Codec::In in = lens->codec->decode(record, references);
    if (in.problem) return {Encoded::Kind::impossible, in.problem->message};
    shown = std::move(in.value);
  }
  if (lens->otherwise && !shown.has_value()) shown = *lens->otherwise;
  return {};
}

bool StreamMapping::has_switch() const noexcept { return impl_->disabled.has_value(); }

void StreamMapping::encode_switch(bool disabled, Value& body) const {
  if (impl_->disabled)
    put_path(body, impl_->disabled->path, disabled ? impl_->disabled->value : impl_->disabled->otherwise);
}

void StreamMapping::add_constants(Value& body) const {
  for (const auto& [path, value] : impl_->constants)
    if (body.at_path(path) == nullptr) put_path(body, path, value);
}

std::vector<std::pair<std::string, std::string>> StreamMapping::natural_keys(
    const std::map<FieldIndex, FieldValue>& golden, References& references) const {
  std::vector<std::pair<std::string, std::string>> keys;
  for (const Lens& lens : impl_->lenses) {
    if (!lens.natural_key || !lens.writes()) continue;
    const auto found = golden.find(lens.field);
    if (found == golden.end() || !found->second.has_value()) continue;
    const Codec::Out out = lens.codec->encode(found->second, references);
    if (out.kind == Encoded::Kind::written && !out.value.to_text().empty())
      keys.emplace_back(lens.write_path, out.value.to_text());
  }
  return keys;
}

std::vector<LensView> StreamMapping::lenses() const {
  std::vector<LensView> views;
  for (const Lens& lens : impl_->lenses)
    views.push_back({lens.field, lens.path, lens.write_path, lens.codec_name, lens.direction,
                     lens.in.has_value() || lens.out.has_value()});
  return views;
}

bool StreamMapping::maps(FieldIndex field) const noexcept {
  return std::any_of(impl_->lenses.begin(), impl_->lenses.end(),
                     [&](const Lens& lens) { return lens.field == field; });
}

Direction StreamMapping::direction(FieldIndex field) const noexcept {
  bool reads = false;
  bool writes = false;
  for (const Lens& lens : impl_->lenses)
    if (lens.field == field) reads |= lens.reads(), writes |= lens.writes();
  return reads && writes ? Direction::both : writes ? Direction::out : Direction::in;
}

bool StreamMapping::required(FieldIndex field) const noexcept {
  const Lens* lens = impl_->writer(field);
  return lens != nullptr && lens->create_needs;
}

std::string StreamMapping::write_path(FieldIndex field) const {
  const Lens* lens = impl_->writer(field);
  return lens == nullptr ? std::string{} : lens->write_path;
}

std::vector<std::string> StreamMapping::write_paths(FieldIndex field) const {
  struct NoReferences final : References {
    std::string golden_of(std::string_view, std::string_view) override { return {}; }
    std::optional<Target> record_of(std::string_view, std::string_view) override { return std::nullopt; }
  } none;
  const Lens* lens = impl_->writer(field);
  if (lens == nullptr) return {};
  if (!lens->write_path.empty()) return {lens->write_path};
  std::vector<std::string> paths;  // its codec names them: what is written when there is no value
  const Codec::Out blank = lens->codec->encode({Presence::cleared, {}, {}}, none);
  if (const model::Object* body = blank.value.if_object())
    for (const model::Member& member : *body) paths.push_back(member.key);
  return paths;
}

std::vector<FieldIndex> StreamMapping::fields() const {
  std::vector<FieldIndex> fields;
  for (const Lens& lens : impl_->lenses) fields.push_back(lens.field);
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  return fields;
}

const StreamMapping* Mapping::stream(std::string_view name) const noexcept {
  for (const StreamMapping& stream : streams_)
    if (stream.stream() == name) return &stream;
  return nullptr;
}

}  // namespace huiliu::mapping
