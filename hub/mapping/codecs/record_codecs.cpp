// Several members of a record as one value, and expressions.
#include "hub/expr/expr.hpp"
#include "hub/mapping/codecs/codec_kit.hpp"
#include "hub/mapping/functions.hpp"

namespace huiliu::mapping {
namespace {

// Members that are one value, chosen whole: part name → path.
class GroupCodec final : public FieldCodec {
 public:
  GroupCodec(const model::Field& field, const model::Object& paths) : FieldCodec(field) {
    for (const model::Member& member : paths) paths_.emplace_back(member.key, member.value.to_text());
  }
  bool takes_record() const override { return true; }
  In decode(const Value& record, References&) const override {
    model::Object parts;
    for (const auto& [name, path] : paths_) {
      const Value* shown = record.at_path(path);
      if (shown == nullptr) continue;
      const ShownText text(*shown);
      if (!text.trimmed_text().empty()) parts.append(name, Value(text.trimmed_text()));
    }
    if (parts.empty()) return empty();
    return keyed(Value(std::move(parts)));
  }
  Out encode(const FieldValue& value, References&) const override {
    model::Object body;
    for (const auto& [name, path] : paths_) body.append(path, Value(value.value[name].to_text()));
    return written(Value(std::move(body)));
  }

 private:
  std::vector<std::pair<std::string, std::string>> paths_;
};

CodecResult make_group(const CodecInfo&, const model::Field& field, const Value& parameters) {
  const model::Object* paths = parameters.if_object();
  if (paths == nullptr || paths->empty()) return make_error(ErrorClass::config, "group needs {part: path}");
  return CodecResult(std::make_unique<GroupCodec>(field, *paths));
}

// What no other codec says: one expression over the value that stands there, one over the canonical value.
class ExpressionCodec final : public FieldCodec {
 public:
  ExpressionCodec(const model::Field& field, expr::Program in, expr::Program out)
      : FieldCodec(field), in_(std::move(in)), out_(std::move(out)) {}
  In decode(const Value& shown, References&) const override {
    auto result = evaluate_with_functions(in_, &shown);
    if (!result.ok()) return problem("expression", result.error().text());
    if (!*result || (*result)->is_null()) return empty();
    if ((*result)->is_string() && trimmed((*result)->as_string()).empty()) return empty();
    return keyed(std::move(**result));
  }
  Out encode(const FieldValue& value, References&) const override {
    auto result = evaluate_with_functions(out_, value.has_value() ? &value.value : nullptr);
    if (!result.ok()) return impossible(result.error().text());
    return written(*result ? std::move(**result) : Value());
  }

 private:
  expr::Program in_, out_;
};

CodecResult make_expression(const CodecInfo&, const model::Field& field, const Value& parameters) {
  expr::Program programs[2];
  const char* names[] = {"in", "out"};
  for (int i = 0; i < 2; ++i) {
    const Value* source = parameters.find(names[i]);
    auto program = expr::compile(source == nullptr ? std::string_view("$") : source->to_text());
    if (!program.ok())
      return make_error(ErrorClass::config, "expression: " + program.error().text(),
                        std::string("/jsonata/") + names[i]);
    programs[i] = std::move(*program);
  }
  return CodecResult(std::make_unique<ExpressionCodec>(field, programs[0], programs[1]));
}

constexpr CodecParameter expression_parameters[] = {
    {"in", R"({"type": "string"})", "读：$ 是记录中的值", "reading: $ is the value that stands there"},
    {"out", R"({"type": "string"})", "写：$ 是字段的值", "writing: $ is the field's value"}};

constexpr CodecInfo record_entries[] = {
    {"group",
     {},
     R"({"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}})",
     "{group: {title: FINVOICETITLE, tax: FTAXREGISTERCODE}}",
     "几个成员整体作为一个值：{部分: 路径}",
     "several members that are one value, chosen whole: {part: path}",
     "各部分两端空白",
     "blanks around the parts",
     make_group},
    {"jsonata", expression_parameters, "", "{jsonata: {in: \"$substring($, 1)\", out: \"'C' & $\"}}",
     "其他编解码表达不了的，用表达式", "what no other codec says, by expressions",
     "表达式丢弃的内容；mapping check 逐条检验",
     "whatever the expressions drop; mapping check proves it record by record", make_expression},
};

}  // namespace

std::span<const CodecInfo> record_codecs() { return record_entries; }

}  // namespace huiliu::mapping
