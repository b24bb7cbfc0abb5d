#include "hub/mapping/keys.hpp"

#include <algorithm>
#include <cassert>
#include <vector>

#include "hub/mapping/codec.hpp"
#include "hub/model/hint.hpp"

namespace huiliu::mapping {
namespace {

using model::Value;

constexpr std::string_view text_schema = R"({"type": "string"})";
constexpr std::string_view boolean_schema = R"({"type": "boolean"})";
constexpr std::string_view expression_schema = R"({"type": "string", "description": "JSONata"})";
constexpr std::string_view scalar_schema = R"({"type": ["string", "number", "boolean", "null"]})";
constexpr std::string_view any_schema = "{}";

constexpr Key of_document[] = {
    {"streams",
     R"({"type": "object", "minProperties": 1, "additionalProperties": {"$ref": "#/$defs/stream"}})",
     "各数据对象的映射", "the mapping of each stream", true},
    {"version", R"({"type": ["string", "integer"]})", "说明用的版本", "a version, for people"},
    {"description", text_schema, "说明", "for people"}};

constexpr Key of_stream[] = {
    {"entity", text_schema, "模型中的实体", "the entity of the model", true},
    {"key", text_schema, "记录主键所在路径", "where the record's key stands"},
    {"filter", expression_schema, "只取满足它的记录", "other records are counted as filtered"},
    {"pending", expression_schema, "满足时暂不作为来源", "known, but no source for others while it holds"},
    {"leader", text_schema, "所复制的记录的主键所在路径",
     "path: key of the record of this stream that this one copies"},
    {"constants", R"({"type": "object"})", "新建时总是写入的成员：{路径: 值}",
     "members that every create carries: {path: value}"},
    {"lenses", R"({"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/lens"}})", "字段映射",
     "the lenses", true},
    {"parts", R"({"$ref": "#/$defs/parts"})", "组织级资料", "organisation parts"},
    {"disabled", R"({"$ref": "#/$defs/disabled"})", "停用（禁用）开关",
     "the system's own switch: out of use"},
    {"rules", R"({"type": "array", "items": {"$ref": "#/$defs/rule"}})", "校验规则", "validation rules"},
    {"description", text_schema, "说明", "for people"}};

constexpr Key of_disabled[] = {
    {"path", text_schema, "开关所在路径", "where the switch stands", true},
    {"value", scalar_schema, "停用时的值", "what stands there when the record is out of use", true},
    {"otherwise", scalar_schema, "启用时的值", "what stands there when it is in use", true}};

constexpr Key of_lens[] = {
    {"field", text_schema, "模型中的字段", "the field of the model", true},
    {"path", text_schema, "值所在路径：点号逐级，数字取数组元素",
     "where the value stands; dots walk objects, digits index arrays"},
    {"write_path", text_schema, "写入的路径，默认同 path", "where it is written; default: path"},
    {"codec", R"({"$ref": "#/$defs/codec"})", "编解码；默认按字段类型",
     "how it is read and written; default: the field's type"},
    {"direction", R"({"enum": ["both", "in", "out"]})", "双向、只读、只写",
     "both ways, read only, written only"},
    {"required", boolean_schema, "缺少时整条记录进入异常数据", "a record without it becomes a dead letter"},
    {"create_needs", boolean_schema, "系统新建时必需",
     "the system wants it on creation: without it the creation waits"},
    {"natural_key", boolean_schema, "新建前用它查找已有记录",
     "used to look for an existing record before a create"},
    {"max_length", R"({"type": "integer", "minimum": 1})", "字符数上限；更长的值不写，绝不截断",
     "characters; longer values are not written, and never cut"},
    {"empty", R"({"type": "array", "items": {"type": ["string", "number"]}})", "表示“空”的文本",
     "texts that mean empty there"},
    {"nulls", R"({"enum": ["empty", "absent"]})", "JSON null 是空（默认），还是未提供",
     "is JSON null empty (default), or not said at all?"},
    {"default", any_schema, "空缺时代表的值", "what a record without a value stands for"},
    {"clear", scalar_schema, "清空时写入的内容", "what is written to clear it"},
    {"in", expression_schema, "读：对整条记录求值，再交给 codec",
     "reading: over the whole record, before the codec"},
    {"out", expression_schema, "写：对 codec 的结果求值", "writing: over what the codec gives"},
    {"when", expression_schema, "只对满足它的记录读取", "read only from records for which it holds"},
    {"description", text_schema, "说明", "for people"}};

constexpr Key of_parts[] = {
    {"path", text_schema, "数组所在路径", "the array in the record", true},
    {"organisation", text_schema, "元素内组织编码的路径", "path of the organisation inside one element",
     true},
    {"key", text_schema, "元素内主键的路径", "path of the key inside one element"},
    {"lenses", R"({"type": "array", "items": {"$ref": "#/$defs/part_lens"}})", "字段映射", "the lenses"}};

constexpr Key of_part_lens[] = {{"field", text_schema, "组织级字段", "the part field of the model", true},
                                {"path", text_schema, "元素内的路径", "path inside one element", true},
                                {"codec", R"({"$ref": "#/$defs/codec"})", "编解码", "how it is read"}};

constexpr Key of_rule[] = {
    {"name", text_schema, "名称，出现在提示和质量分中", "its name, in messages and quality scores"},
    {"field", text_schema, "所校验的字段", "the field that is checked"},
    {"required", boolean_schema, "必须有值", "there must be a value"},
    {"format", text_schema, "必须是有效的某种值：uscc、phone、email …",
     "a valid value of this kind: uscc, phone, email …"},
    {"pattern", text_schema, "须匹配的正则表达式", "a regular expression that it matches"},
    {"min", R"({"type": ["number", "string"]})", "最小值（数字或日期）",
     "the least value, a number or a date"},
    {"max", R"({"type": ["number", "string"]})", "最大值", "the greatest value"},
    {"min_length", R"({"type": "integer", "minimum": 0})", "最少字符数", "characters at least"},
    {"max_length", R"({"type": "integer", "minimum": 0})", "最多字符数", "characters at most"},
    {"one_of", R"({"type": "array", "minItems": 1})", "取值范围", "the values that are allowed"},
    {"check", expression_schema, "跨字段条件：{字段: 值} 上的 JSONata，结果为假即违反",
     "a condition over {field: value}; false is a violation"},
    {"when", expression_schema, "只在满足它时校验", "checked only where it holds"},
    {"severity", R"({"enum": ["reject", "warn", "fix"]})", "拒收（异常数据）、提示、修正；默认提示",
     "reject (a dead letter), warn (default), fix"},
    {"to", any_schema, "修正为此值；null 为不取", "fix: this value instead; null: none"},
    {"set", expression_schema, "修正为表达式的结果；$value 是原值",
     "fix: what the expression gives; $value is the value"},
    {"message", R"({"type": ["string", "object"]})", "给人看的说明，文本或 {zh, en}",
     "for people: text, or {zh, en}"}};

Value parsed(std::string_view fragment) {
  auto value = model::parse_json(fragment);
  assert(value.ok());  // a constant of the tables
  return value.ok() ? std::move(*value) : Value();
}

Value described(std::string_view fragment, std::string_view zh, std::string_view en) {
  Value schema = parsed(fragment);
  schema.as_object().set("description", Value(std::string(zh) + " · " + std::string(en)));
  return schema;
}

Value object_schema(std::span<const Key> keys) {
  model::Object properties;
  model::Array required;
  for (const Key& key : keys) {
    properties.set(std::string(key.name), described(key.schema, key.zh, key.en));
    if (key.required) required.emplace_back(key.name);
  }
  model::Object schema{
      {"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
  if (!required.empty()) schema.set("required", std::move(required));
  return schema;
}

Value codec_schema() {
  model::Array names;
  model::Object with_parameters;
  for (const CodecInfo* codec : codecs()) {
    names.emplace_back(codec->name);
    model::Array forms;
    if (!codec->shorthand.empty()) forms.push_back(parsed(codec->shorthand));
    if (!codec->parameters.empty()) {
      model::Object properties;
      for (const CodecParameter& parameter : codec->parameters)
        properties.set(std::string(parameter.name), described(parameter.schema, parameter.zh, parameter.en));
      forms.push_back(model::Object{
          {"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}});
    }
    if (forms.empty()) continue;
    Value schema = forms.size() == 1 ? forms.front() : Value(model::Object{{"anyOf", std::move(forms)}});
    schema.as_object().set("description", Value(std::string(codec->zh) + " · " + std::string(codec->en)));
    with_parameters.set(std::string(codec->name), std::move(schema));
  }
  return model::Object{{"anyOf", model::Array{model::Object{{"enum", std::move(names)}},
                                              model::Object{{"type", "object"},
                                                            {"minProperties", 1},
                                                            {"maxProperties", 1},
                                                            {"additionalProperties", false},
                                                            {"properties", std::move(with_parameters)}}}}};
}

}  // namespace

std::span<const Key> document_keys() { return of_document; }
std::span<const Key> stream_keys() { return of_stream; }
std::span<const Key> disabled_keys() { return of_disabled; }
std::span<const Key> lens_keys() { return of_lens; }
std::span<const Key> parts_keys() { return of_parts; }
std::span<const Key> part_lens_keys() { return of_part_lens; }
std::span<const Key> rule_keys() { return of_rule; }

model::Status check_keys(const Value& node, const std::string& pointer, std::span<const Key> keys) {
  const model::Object* object = node.if_object();
  if (object == nullptr)
    return model::make_error(model::ErrorClass::config, "an object is wanted here", pointer);
  std::vector<std::string_view> names;
  for (const Key& key : keys) names.push_back(key.name);
  for (const model::Member& member : *object) {
    if (std::find(names.begin(), names.end(), member.key) != names.end()) continue;
    std::string known;
    for (const std::string_view name : names) known += " " + std::string(name);
    return model::make_error(
        model::ErrorClass::config,
        "unknown key \"" + member.key + "\"; known:" + known + model::did_you_mean(member.key, names),
        pointer + "/" + member.key);
  }
  for (const Key& key : keys)
    if (key.required && !object->contains(key.name))
      return model::make_error(model::ErrorClass::config, std::string(key.name) + " is missing", pointer);
  return {};
}

Value mapping_schema() {
  Value schema = object_schema(of_document);
  schema.as_object().set("$schema", "https://json-schema.org/draft/2020-12/schema");
  schema.as_object().set("title", "Huiliu mapping");
  schema.as_object().set("$defs", model::Object{{"stream", object_schema(of_stream)},
                                                {"lens", object_schema(of_lens)},
                                                {"parts", object_schema(of_parts)},
                                                {"disabled", object_schema(of_disabled)},
                                                {"part_lens", object_schema(of_part_lens)},
                                                {"rule", object_schema(of_rule)},
                                                {"codec", codec_schema()}});
  return schema;
}

}  // namespace huiliu::mapping
