// Reads a mapping's document. Every mistake is reported with its place, and loading goes on behind it.
#include <algorithm>

#include "hub/mapping/functions.hpp"
#include "hub/mapping/keys.hpp"
#include "hub/mapping/lens.hpp"
#include "hub/model/hint.hpp"
#include "hub/model/id.hpp"
#include "hub/normalize/normalize.hpp"

namespace huiliu::mapping {

using model::Error;
using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Value;

namespace {

Error at(const std::string& pointer, std::string message) {
  return make_error(ErrorClass::config, std::move(message), pointer);
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

std::string no_field(const model::Entity& entity, const std::string& name, bool of_part) {
  std::vector<std::string_view> names;
  for (const model::Field& field : of_part ? entity.part_fields : entity.fields) names.push_back(field.name);
  return "the model's " + entity.name + " has no " + (of_part ? "part field" : "field") + " \"" + name +
         "\"" + model::did_you_mean(name, names);
}

Result<std::unique_ptr<Codec>> load_codec(const Value& node, const std::string& otherwise,
                                          const model::Field& field, const std::string& pointer) {
  auto codec = make_codec(node.is_null() ? Value(otherwise) : node, field);
  if (codec.ok()) return codec;
  Error error = codec.error();
  error.where = pointer + "/codec" + error.where;
  return error;
}

model::Status load_conditions(const Value& node, const std::string& pointer, Lens& lens) {
  lens.required = flag(node["required"]);
  lens.create_needs = flag(node["create_needs"]);
  lens.natural_key = flag(node["natural_key"]);
  if (const Value* longest = node.find("max_length")) {
    const model::Number* number = longest->if_number();
    const auto characters = number == nullptr ? std::nullopt : number->to_int64();
    if (!characters || *characters < 1)
      return at(pointer + "/max_length", "a number of characters is wanted");
    lens.max_length = static_cast<std::size_t>(*characters);
  }
  if (const model::Array* empties = node["empty"].if_array())
    for (const Value& empty : *empties) lens.empties.push_back(empty.to_text());
  const std::string null = node["nulls"].to_text();
  if (!null.empty() && null != "empty" && null != "absent")
    return at(pointer + "/nulls", "nulls is empty or absent, not \"" + null + "\"");
  lens.null_is_absent = null == "absent";
  if (const Value* clear = node.find("clear")) lens.clear = *clear;
  if (const Value* otherwise = node.find("default")) {
    auto value = field_value(*lens.definition, *otherwise);
    if (!value.ok()) return at(pointer + "/default", value.error().message);
    lens.otherwise = std::move(*value);
  }
  HUILIU_ASSIGN(lens.in, expression(node["in"], pointer + "/in"));
  HUILIU_ASSIGN(lens.out, expression(node["out"], pointer + "/out"));
  HUILIU_ASSIGN(lens.when, expression(node["when"], pointer + "/when"));
  return {};
}

Result<Lens> load_lens(const Value& node, const model::Entity& entity, const std::string& pointer) {
  HUILIU_TRY(check_keys(node, pointer, lens_keys()));
  Lens lens;
  const std::string name = node["field"].to_text();
  lens.field = entity.index_of(name);
  if (lens.field == model::no_field) return at(pointer + "/field", no_field(entity, name, false));
  lens.definition = &entity.fields[lens.field];
  lens.path = node["path"].to_text();
  lens.write_path = node.find("write_path") != nullptr ? node["write_path"].to_text() : lens.path;
  HUILIU_ASSIGN(lens.direction, direction_from(node["direction"], pointer + "/direction"));
  HUILIU_ASSIGN(lens.codec, load_codec(node["codec"], lens.definition->type, *lens.definition, pointer));
  const Value& codec = node["codec"];
  lens.codec_name = codec.is_null()     ? lens.definition->type
                    : codec.is_object() ? codec.as_object().begin()->key
                                        : codec.to_text();
  HUILIU_TRY(load_conditions(node, pointer, lens));
  const bool takes_record = lens.codec->takes_record();
  if (takes_record && (!lens.path.empty() || !lens.write_path.empty()))
    return at(pointer + "/path", "the codec names its own paths: this lens has none");
  if (lens.path.empty() && !takes_record && !lens.in && lens.reads())
    return at(pointer, "a lens that reads needs path or in");
  if (lens.writes() && lens.write_path.empty() && !takes_record)
    return at(pointer, "a lens that writes needs path or write_path");
  return lens;
}

Result<PartLens> load_part_lens(const Value& node, const model::Entity& entity, const std::string& pointer) {
  HUILIU_TRY(check_keys(node, pointer, part_lens_keys()));
  PartLens lens;
  lens.field = node["field"].to_text();
  lens.path = node["path"].to_text();
  const model::Field* field = entity.part_field(lens.field);
  if (field == nullptr) return at(pointer + "/field", no_field(entity, lens.field, true));
  HUILIU_ASSIGN(lens.codec, load_codec(node["codec"], "text", *field, pointer));
  return lens;
}

}  // namespace

class Loader {
 public:
  explicit Loader(const model::Schema& schema) : schema_(schema) {}

  Mapping load(const Value& document) {
    Mapping mapping;
    if (!good(check_keys(document, "", document_keys()))) return mapping;
    const model::Object* streams = document["streams"].if_object();
    if (streams == nullptr || streams->empty()) {
      errors.push_back(at("/streams", "a mapping has at least one stream"));
      return mapping;
    }
    for (const model::Member& member : *streams) load_stream(member, mapping);
    const std::uint64_t hash = model::hash64(model::to_canonical_json(document));
    mapping.version_ = std::to_string(normalize::rules_version()) + "-" + std::to_string(hash);
    return mapping;
  }

  std::vector<Error> errors;

 private:
  bool good(const model::Status& status) {
    if (!status.ok()) errors.push_back(status.error());
    return status.ok();
  }
  template <class T>
  bool take(Result<T> result, T& into) {
    if (!result.ok())
      errors.push_back(result.error());
    else
      into = std::move(*result);
    return result.ok();
  }

  void load_stream(const model::Member& member, Mapping& mapping) {
    const std::string pointer = "/streams/" + member.key;
    const Value& node = member.value;
    if (!good(check_keys(node, pointer, stream_keys()))) return;
    StreamMapping stream;
    stream.stream_ = member.key;
    stream.key_ = node["key"].to_text();
    stream.entity_ = schema_.find(node["entity"].to_text());
    if (stream.entity_ == nullptr) {
      std::vector<std::string_view> names;
      for (const model::Entity& entity : schema_.entities()) names.push_back(entity.name);
      errors.push_back(at(pointer + "/entity", "no entity \"" + node["entity"].to_text() + "\" in the model" +
                                                   model::did_you_mean(node["entity"].to_text(), names)));
      return;
    }
    StreamMapping::Impl& impl = *stream.impl_;
    load_lenses(node["lenses"], pointer + "/lenses", stream);
    if (node.find("parts") != nullptr) load_parts(node["parts"], pointer + "/parts", stream);
    if (const Value* disabled = node.find("disabled"))
      if (good(check_keys(*disabled, pointer + "/disabled", disabled_keys())))
        impl.disabled = Switch{(*disabled)["path"].to_text(), (*disabled)["value"], (*disabled)["otherwise"]};
    take(expression(node["filter"], pointer + "/filter"), impl.filter);
    take(expression(node["pending"], pointer + "/pending"), impl.pending);
    impl.leader = node["leader"].to_text();
    if (const model::Object* constants = node["constants"].if_object())
      for (const model::Member& constant : *constants)
        impl.constants.emplace_back(constant.key, constant.value);
    if (const model::Status model_rules = impl.rules.add(stream.entity_->rules, *stream.entity_, "");
        !model_rules.ok()) {
      Error error = model_rules.error();
      error.message = "model " + stream.entity_->name + " rules" + error.where + ": " + error.message;
      error.where = pointer + "/entity";
      errors.push_back(std::move(error));
    }
    good(impl.rules.add(node["rules"], *stream.entity_, pointer + "/rules"));
    mapping.streams_.push_back(std::move(stream));
  }

  void load_lenses(const Value& node, const std::string& pointer, StreamMapping& stream) {
    const model::Array* lenses = node.if_array();
    if (lenses == nullptr || lenses->empty()) {
      errors.push_back(at(pointer, "a stream has at least one lens"));
      return;
    }
    for (std::size_t i = 0; i < lenses->size(); ++i) {
      Lens lens;
      if (take(load_lens((*lenses)[i], *stream.entity_, pointer + "/" + std::to_string(i)), lens))
        stream.impl_->lenses.push_back(std::move(lens));
    }
  }

  void load_parts(const Value& node, const std::string& pointer, StreamMapping& stream) {
    if (!good(check_keys(node, pointer, parts_keys()))) return;
    Parts parts;
    parts.path = node["path"].to_text();
    parts.organisation = node["organisation"].to_text();
    parts.key = node["key"].to_text();
    const model::Array* lenses = node["lenses"].if_array();
    for (std::size_t i = 0; lenses != nullptr && i < lenses->size(); ++i) {
      PartLens lens;
      if (take(load_part_lens((*lenses)[i], *stream.entity_, pointer + "/lenses/" + std::to_string(i)), lens))
        parts.lenses.push_back(std::move(lens));
    }
    stream.impl_->parts = std::move(parts);
  }

  const model::Schema& schema_;
};

Result<Mapping> Mapping::load(const Value& document, const model::Schema& schema) {
  Loader loader(schema);
  Mapping mapping = loader.load(document);
  if (!loader.errors.empty()) return loader.errors.front();
  return mapping;
}

std::vector<Error> Mapping::errors_in(const Value& document, const model::Schema& schema) {
  Loader loader(schema);
  static_cast<void>(loader.load(document));  // made for its errors only
  return std::move(loader.errors);
}

}  // namespace huiliu::mapping
