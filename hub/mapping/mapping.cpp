#include "hub/mapping/mapping.hpp"

#include <algorithm>
#include <array>

#include "hub/expr/expr.hpp"
#include "hub/mapping/codec.hpp"
#include "hub/model/id.hpp"
#include "hub/normalize/normalize.hpp"

namespace huiliu::mapping {

using model::Error;
using model::ErrorClass;
using model::make_error;
using model::Presence;
using model::Result;
using model::Value;

// One field's lens.
class Lens {
 public:
  FieldIndex field = model::no_field;
  const model::Field* definition = nullptr;
  std::string path, write_path;
  Direction direction = Direction::both;
  std::unique_ptr<Codec> codec;
  bool required = false;      // decode: a record without it is parked
  bool create_needs = false;  // the system wants it on create
  bool natural_key = false;
  std::size_t max_length = 0;        // characters; 0: none
  std::vector<std::string> empties;  // texts that mean empty here ("0", "1900-01-01T00:00:00")
  std::optional<expr::Program> in, out, when;

  bool reads() const { return direction != Direction::out; }
  bool writes() const { return direction != Direction::in; }
};

struct PartLens {
  std::string field, path;
  std::unique_ptr<Codec> codec;
};

struct Parts {
  std::string path, organisation, key;  // the array in the record; paths inside one element
  std::vector<PartLens> lenses;
};

struct StreamMapping::Impl {
  std::vector<Lens> lenses;
  std::optional<Parts> parts;
  std::optional<expr::Program> filter, pending;
  std::string leader;
  std::vector<std::pair<std::string, Value>> constants;

  const Lens* writer(FieldIndex field) const {
    for (const Lens& lens : lenses)
      if (lens.field == field && lens.writes()) return &lens;
    return nullptr;
  }
};

namespace {

Error at(const std::string& pointer, std::string message) {
  return make_error(ErrorClass::config, std::move(message), pointer);
}

// Expressions in mappings see the record only: no bindings, no clock.
Result<std::optional<Value>> run(const expr::Program& program, const Value& record) {
  expr::Context context;
  return expr::evaluate(program, &record, context);
}

Result<bool> holds(const std::optional<expr::Program>& condition, const Value& record, bool otherwise) {
  if (!condition) return otherwise;
  HUILIU_ASSIGN(const std::optional<Value> value, run(*condition, record));
  if (!value) return false;
  const bool* boolean = value->if_bool();
  return boolean != nullptr ? *boolean : !value->to_text().empty();
}

Result<std::optional<expr::Program>> expression(const Value& node, const std::string& pointer) {
  if (node.is_null()) return std::optional<expr::Program>{};
  if (!node.is_string()) return at(pointer, "an expression is text");
  auto program = expr::compile(node.as_string());
  if (!program.ok()) return at(pointer, "expression: " + program.error().text());
  return std::optional<expr::Program>(std::move(*program));
}

Result<Direction> direction_from(const Value& node, const std::string& pointer) {
  const std::string text = node.to_text();
  if (text.empty() || text == "both") return Direction::both;
  if (text == "in") return Direction::in;
  if (text == "out") return Direction::out;
  return at(pointer, "direction is both, in or out, not \"" + text + "\"");
}

bool flag(const Value& node) {
  const bool* boolean = node.if_bool();
  return boolean != nullptr && *boolean;
}

model::Status check_known(const Value& node, const std::string& pointer,
                          std::initializer_list<std::string_view> known) {
  const model::Object* object = node.if_object();
  if (object == nullptr) return at(pointer, "an object is wanted");
  for (const model::Member& member : *object)
    if (std::find(known.begin(), known.end(), member.key) == known.end()) {
      std::string names;
      for (const std::string_view name : known) names += " " + std::string(name);
      return at(pointer + "/" + member.key, "unknown key \"" + member.key + "\"; known:" + names);
    }
  return {};
}

Result<Lens> load_lens(const Value& node, const model::Entity& entity, const std::string& pointer) {
  HUILIU_TRY(check_known(node, pointer,
                         {"field", "path", "write_path", "codec", "direction", "required", "create_needs",
                          "natural_key", "max_length", "empty", "in", "out", "when"}));
  Lens lens;
  const std::string name = node["field"].to_text();
  lens.field = entity.index_of(name);
  if (lens.field == model::no_field)
    return at(pointer + "/field", "the model's " + entity.name + " has no field \"" + name + "\"");
  lens.definition = &entity.fields[lens.field];
  lens.path = node["path"].to_text();
  lens.write_path = node.find("write_path") != nullptr ? node["write_path"].to_text() : lens.path;
  HUILIU_ASSIGN(lens.direction, direction_from(node["direction"], pointer + "/direction"));
  auto codec = make_codec(node.find("codec") != nullptr ? node["codec"] : Value(lens.definition->type),
                          *lens.definition);
  if (!codec.ok()) return at(pointer + "/codec", codec.error().message);
  lens.codec = std::move(*codec);
  lens.required = flag(node["required"]);
  lens.create_needs = flag(node["create_needs"]);
  lens.natural_key = flag(node["natural_key"]);
  if (const model::Number* number = node["max_length"].if_number())
    lens.max_length = static_cast<std::size_t>(number->to_int64().value_or(0));
  if (const model::Array* empties = node["empty"].if_array())
    for (const Value& empty : *empties) lens.empties.push_back(empty.to_text());
  HUILIU_ASSIGN(lens.in, expression(node["in"], pointer + "/in"));
  HUILIU_ASSIGN(lens.out, expression(node["out"], pointer + "/out"));
  HUILIU_ASSIGN(lens.when, expression(node["when"], pointer + "/when"));
  const bool whole_record = node["codec"].find("group") != nullptr;
  if (lens.path.empty() && !whole_record && !lens.in && lens.reads())
    return at(pointer, "a lens that reads needs path or in");
  if (lens.writes() && lens.write_path.empty() && !whole_record)
    return at(pointer, "a lens that writes needs path or write_path");
  return lens;
}

Result<Parts> load_parts(const Value& node, const model::Entity& entity, const std::string& pointer) {
  HUILIU_TRY(check_known(node, pointer, {"path", "organisation", "key", "lenses"}));
  Parts parts;
  parts.path = node["path"].to_text();
  parts.organisation = node["organisation"].to_text();
  parts.key = node["key"].to_text();
  if (parts.path.empty() || parts.organisation.empty())
    return at(pointer, "parts need path and organisation");
  const model::Array* lenses = node["lenses"].if_array();
  for (std::size_t i = 0; lenses != nullptr && i < lenses->size(); ++i) {
    const std::string here = pointer + "/lenses/" + std::to_string(i);
    const Value& item = (*lenses)[i];
    HUILIU_TRY(check_known(item, here, {"field", "path", "codec"}));
    PartLens lens;
    lens.field = item["field"].to_text();
    lens.path = item["path"].to_text();
    const model::Field* field = entity.part_field(lens.field);
    if (field == nullptr)
      return at(here + "/field", "the model's " + entity.name + " has no part field \"" + lens.field + "\"");
    auto codec = make_codec(item.find("codec") != nullptr ? item["codec"] : Value("text"), *field);
    if (!codec.ok()) return at(here + "/codec", codec.error().message);
    lens.codec = std::move(*codec);
    parts.lenses.push_back(std::move(lens));
  }
  return parts;
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(
      utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

void merge_into(Value& body, const Value& paths) {
  for (const model::Member& member : paths.as_object()) body.make_path(member.key) = member.value;
}

model::Status decode_field(const Lens& lens, const Value& record, References& references, Decoded& decoded) {
  HUILIU_ASSIGN(const bool applies, holds(lens.when, record, true));
  if (!applies) return {};
  std::optional<Value> computed;
  const Value* shown = lens.path.empty() ? &record : record.at_path(lens.path);
  if (lens.in) {
    HUILIU_ASSIGN(computed, run(*lens.in, record));
    shown = computed ? &*computed : nullptr;
  }
  if (shown == nullptr) return {};  // hidden or not offered: absent, never a claim
  const std::string text = shown->to_text();
  if (std::find(lens.empties.begin(), lens.empties.end(), text) != lens.empties.end() &&
      !lens.empties.empty()) {
    decoded.image.fields[lens.field] = {Presence::empty, {}, {}};
    return {};
  }
  Codec::In in = lens.codec->decode(*shown, references);
  if (in.problem) decoded.problems.push_back(std::move(*in.problem));
  if (in.pending) {
    in.pending->field = lens.field;
    decoded.image.pending.push_back(std::move(*in.pending));
    return {};
  }
  if (in.value.presence != Presence::absent) decoded.image.fields[lens.field] = std::move(in.value);
  return {};
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
      if (in.value.has_value()) part.fields.set(lens.field, std::move(in.value.value));
    }
    decoded.image.parts.push_back(std::move(part));
  }
}

}  // namespace

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
  for (const Lens& lens : impl_->lenses)
    if (lens.reads()) HUILIU_TRY(decode_field(lens, record, references, decoded));
  for (const Lens& lens : impl_->lenses) {
    if (!lens.required) continue;
    const auto found = decoded.image.fields.find(lens.field);
    if (found == decoded.image.fields.end() || !found->second.has_value())
      return make_error(ErrorClass::data,
                        "the required field " + lens.definition->name + " (" + lens.path + ") is empty");
  }
  if (impl_->parts) decode_parts(*impl_->parts, record, references, decoded);
  HUILIU_ASSIGN(decoded.image.pending_approval, holds(impl_->pending, record, false));
  if (const Value* leader = impl_->leader.empty() ? nullptr : record.at_path(impl_->leader))
    decoded.image.leader = leader->to_text();
  return decoded;
}

Encoded StreamMapping::encode(FieldIndex field, const FieldValue& value, References& references,
                              Value& body) const {
  const Lens* lens = impl_->writer(field);
  if (lens == nullptr) return {Encoded::Kind::impossible, "not written by this mapping"};
  Codec::Out out = lens->codec->encode(value, references);
  if (out.kind != Encoded::Kind::written) return {out.kind, std::move(out.reason)};
  if (lens->out) {
    auto computed = run(*lens->out, out.value);
    if (!computed.ok()) return {Encoded::Kind::impossible, computed.error().text()};
    out.value = *computed ? std::move(**computed) : Value();
  }
  if (lens->max_length > 0 && characters(out.value.to_text()) > lens->max_length)
    return {Encoded::Kind::impossible,
            "longer than the " + std::to_string(lens->max_length) + " characters the system holds"};
  if (lens->write_path.empty())
    merge_into(body, out.value);
  else
    body.make_path(lens->write_path) = std::move(out.value);
  return {};
}

Encoded StreamMapping::project(FieldIndex field, const FieldValue& value, References& references,
                               FieldValue& shown) const {
  const Lens* lens = impl_->writer(field);
  if (lens == nullptr) return {Encoded::Kind::impossible, "not written by this mapping"};
  Codec::Out out = lens->codec->encode(value, references);
  if (out.kind != Encoded::Kind::written) return {out.kind, std::move(out.reason)};
  if (lens->max_length > 0 && characters(out.value.to_text()) > lens->max_length)
    return {Encoded::Kind::impossible,
            "longer than the " + std::to_string(lens->max_length) + " characters the system holds"};
  // A reference written by number reads back as the same golden record; a computed lens is taken at its word.
  if (lens->definition->type == "reference" || lens->in || lens->out) {
    shown = value;
    return {};
  }
  Value record = out.value;
  if (lens->write_path.empty()) {
    record = Value();
    merge_into(record, out.value);
  }
  Codec::In in = lens->codec->decode(record, references);
  if (in.problem) return {Encoded::Kind::impossible, in.problem->message};
  shown = std::move(in.value);
  return {};
}

void StreamMapping::add_constants(Value& body) const {
  for (const auto& [path, value] : impl_->constants)
    if (body.at_path(path) == nullptr) body.make_path(path) = value;
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

std::vector<FieldIndex> StreamMapping::fields() const {
  std::vector<FieldIndex> fields;
  for (const Lens& lens : impl_->lenses) fields.push_back(lens.field);
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  return fields;
}

Result<Mapping> Mapping::load(const Value& document, const model::Schema& schema) {
  HUILIU_TRY(check_known(document, "", {"version", "streams", "description"}));
  const model::Object* streams = document["streams"].if_object();
  if (streams == nullptr || streams->empty()) return at("/streams", "a mapping has at least one stream");
  Mapping mapping;
  for (const model::Member& member : *streams) {
    const std::string pointer = "/streams/" + member.key;
    HUILIU_TRY(check_known(
        member.value, pointer,
        {"entity", "key", "lenses", "parts", "filter", "pending", "leader", "constants", "description"}));
    StreamMapping stream;
    stream.stream_ = member.key;
    stream.entity_ = schema.find(member.value["entity"].to_text());
    if (stream.entity_ == nullptr)
      return at(pointer + "/entity", "no entity \"" + member.value["entity"].to_text() + "\" in the model");
    const model::Array* lenses = member.value["lenses"].if_array();
    if (lenses == nullptr || lenses->empty())
      return at(pointer + "/lenses", "a stream has at least one lens");
    for (std::size_t i = 0; i < lenses->size(); ++i) {
      HUILIU_ASSIGN(Lens lens,
                    load_lens((*lenses)[i], *stream.entity_, pointer + "/lenses/" + std::to_string(i)));
      stream.impl_->lenses.push_back(std::move(lens));
    }
    if (member.value.find("parts") != nullptr) {
      HUILIU_ASSIGN(Parts parts, load_parts(member.value["parts"], *stream.entity_, pointer + "/parts"));
      stream.impl_->parts = std::move(parts);
    }
    HUILIU_ASSIGN(stream.impl_->filter, expression(member.value["filter"], pointer + "/filter"));
    HUILIU_ASSIGN(stream.impl_->pending, expression(member.value["pending"], pointer + "/pending"));
    stream.impl_->leader = member.value["leader"].to_text();
    if (const model::Object* constants = member.value["constants"].if_object())
      for (const model::Member& constant : *constants)
        stream.impl_->constants.emplace_back(constant.key, constant.value);
    mapping.streams_.push_back(std::move(stream));
  }
  const std::uint64_t hash = model::hash64(model::to_canonical_json(document));
  mapping.version_ = std::to_string(normalize::rules_version()) + "-" + std::to_string(hash);
  return mapping;
}

const StreamMapping* Mapping::stream(std::string_view name) const noexcept {
  for (const StreamMapping& stream : streams_)
    if (stream.stream() == name) return &stream;
  return nullptr;
}

}  // namespace huiliu::mapping
