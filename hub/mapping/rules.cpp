#include "hub/mapping/rules.hpp"

#include <algorithm>

#include "hub/mapping/decimal.hpp"
#include "hub/mapping/functions.hpp"
#include "hub/mapping/keys.hpp"
#include "hub/model/hint.hpp"
#include "hub/normalize/normalize.hpp"

namespace huiliu::mapping {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

model::Error wrong_rule(const std::string& pointer, std::string message) {
  return make_error(ErrorClass::config, std::move(message), pointer);
}

Result<std::optional<expr::Program>> program_of(const Value& node, const std::string& pointer) {
  if (node.is_null()) return std::optional<expr::Program>{};
  auto program = expr::compile(node.to_text());
  if (!program.ok()) return wrong_rule(pointer, "expression: " + program.error().text());
  return std::optional<expr::Program>(std::move(*program));
}

// A pattern is checked by the expressions' own engine, whose time is proportional to the text.
Result<std::optional<expr::Program>> pattern_of(const Value& node, const std::string& pointer) {
  if (node.is_null()) return std::optional<expr::Program>{};
  std::string source = "$contains($, /";
  bool escaped = false;
  for (const char c : node.to_text()) {
    if (c == '/' && !escaped) source += '\\';
    escaped = c == '\\' && !escaped;
    source += c;
  }
  auto program = expr::compile(source + "/)");
  if (!program.ok()) return wrong_rule(pointer, "pattern: " + program.error().text());
  return std::optional<expr::Program>(std::move(*program));
}

std::optional<std::size_t> size_of(const Value& node) {
  const model::Number* number = node.if_number();
  const auto size = number == nullptr ? std::nullopt : number->to_int64();
  return size && *size >= 0 ? std::optional(static_cast<std::size_t>(*size)) : std::nullopt;
}

Result<Rule> load_rule(const Value& node, const model::Entity& entity, const std::string& pointer) {
  HUILIU_TRY(check_keys(node, pointer, rule_keys()));
  Rule rule;
  if (const Value* field = node.find("field")) {
    rule.field = entity.index_of(field->to_text());
    if (rule.field == model::no_field) {
      std::vector<std::string_view> names;
      for (const model::Field& known : entity.fields) names.push_back(known.name);
      return wrong_rule(pointer + "/field", "the model's " + entity.name + " has no field \"" +
                                                field->to_text() + "\"" +
                                                model::did_you_mean(field->to_text(), names));
    }
  }
  const std::string severity = node["severity"].to_text();
  if (severity == "reject")
    rule.severity = Severity::reject;
  else if (severity == "fix")
    rule.severity = Severity::fix;
  else if (!severity.empty() && severity != "warn")
    return wrong_rule(pointer + "/severity", "severity is reject, warn or fix, not \"" + severity + "\"");
  rule.required = node["required"].is_bool() && node["required"].as_bool();
  if (const Value* format = node.find("format")) {
    rule.format = normalize::kind_from(format->to_text());
    if (!rule.format) return wrong_rule(pointer + "/format", "\"" + format->to_text() + "\" is no format");
  }
  HUILIU_ASSIGN(rule.pattern, pattern_of(node["pattern"], pointer + "/pattern"));
  HUILIU_ASSIGN(rule.check, program_of(node["check"], pointer + "/check"));
  HUILIU_ASSIGN(rule.when, program_of(node["when"], pointer + "/when"));
  HUILIU_ASSIGN(rule.set, program_of(node["set"], pointer + "/set"));
  if (const Value* least = node.find("min")) rule.least = *least;
  if (const Value* greatest = node.find("max")) rule.greatest = *greatest;
  if (const Value* to = node.find("to")) rule.to = *to;
  rule.min_length = size_of(node["min_length"]);
  rule.max_length = size_of(node["max_length"]);
  if (const model::Array* list = node["one_of"].if_array())
    for (const Value& one : *list) rule.one_of.push_back(one.to_text());
  const bool of_field = rule.required || rule.format || rule.pattern || rule.least || rule.greatest ||
                        rule.min_length || rule.max_length || !rule.one_of.empty();
  if (of_field && rule.field == model::no_field) return wrong_rule(pointer, "this rule needs its field");
  if (!of_field && !rule.check)
    return wrong_rule(pointer,
                      "a rule checks something: required, format, pattern, min, max, min_length, "
                      "max_length, one_of or check");
  if ((rule.to || rule.set) && rule.severity != Severity::fix)
    return wrong_rule(pointer, "to and set belong to severity fix");
  if (rule.severity == Severity::fix && rule.field == model::no_field)
    return wrong_rule(pointer, "what shall be fixed? a fix needs its field");
  if (rule.severity == Severity::fix && !rule.to && !rule.set && !rule.format)
    return wrong_rule(pointer, "a fix needs to, set, or a format whose canonical spelling is taken");
  rule.name = node["name"].to_text();
  if (rule.name.empty()) rule.name = rule.field == model::no_field ? "check" : entity.fields[rule.field].name;
  const Value& message = node["message"];
  rule.message = message.is_object() ? message["en"].to_text() : message.to_text();
  return rule;
}

// Numbers by value, everything else (dates) by text. <0, 0, >0
int compare(const std::string& a, const std::string& b) {
  const auto left = Decimal::parse(a);
  const auto right = Decimal::parse(b);
  if (!left || !right) return a.compare(b);
  const double difference =
      model::Number{left->text()}.to_double() - model::Number{right->text()}.to_double();
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

bool is_true(const Value& value) {
  const bool* boolean = value.if_bool();
  return boolean != nullptr ? *boolean : !value.is_null() && value.to_text() != "0" && value != Value("");
}

// Why this one field breaks the rule; "" when it does not.
Result<std::string> violation(const Rule& rule, const FieldValue* value) {
  const bool there = value != nullptr && value->has_value();
  if (!there) return std::string(rule.required ? "it is missing" : "");
  const Value& content = value->value;
  const std::string text = content.to_text();
  if (rule.format && !normalize::normalize(*rule.format, text).valid)
    return "it is no valid " + std::string(normalize::to_string(*rule.format));
  if (rule.least && compare(text, rule.least->to_text()) < 0)
    return "it is less than " + rule.least->to_text();
  if (rule.greatest && compare(text, rule.greatest->to_text()) > 0)
    return "it is more than " + rule.greatest->to_text();
  if (rule.min_length && characters(text) < *rule.min_length)
    return "it has fewer than " + std::to_string(*rule.min_length) + " characters";
  if (rule.max_length && characters(text) > *rule.max_length)
    return "it has more than " + std::to_string(*rule.max_length) + " characters";
  if (!rule.one_of.empty() && std::find(rule.one_of.begin(), rule.one_of.end(), text) == rule.one_of.end())
    return std::string("it is none of the allowed values");
  if (rule.pattern) {
    const Value subject(text);
    HUILIU_ASSIGN(const auto matches, evaluate_with_functions(*rule.pattern, &subject));
    if (!matches || !is_true(*matches)) return std::string("it does not match the pattern");
  }
  return std::string{};
}

class Checker {
 public:
  Checker(const model::Entity& entity, model::Image& image, std::vector<Problem>& problems)
      : entity_(entity), image_(image), problems_(problems) {}

  Status apply(const Rule& rule) {
    if (rule.when) {
      HUILIU_ASSIGN(const auto applies, over_fields(*rule.when, rule));
      if (!applies || !is_true(*applies)) return {};
    }
    const auto found = rule.field == model::no_field ? image_.fields.end() : image_.fields.find(rule.field);
    HUILIU_ASSIGN(std::string why, violation(rule, found == image_.fields.end() ? nullptr : &found->second));
    if (why.empty() && rule.check) {
      HUILIU_ASSIGN(const auto holds, over_fields(*rule.check, rule));
      if (holds && !is_true(*holds)) why = "its condition does not hold";
    }
    if (why.empty()) return {};
    const std::string field = rule.field == model::no_field ? std::string{} : entity_.fields[rule.field].name;
    const std::string message =
        (field.empty() ? "" : field + ": ") + (rule.message.empty() ? why : rule.message);
    if (rule.severity == Severity::reject) {
      model::Error error = make_error(ErrorClass::data, "rule " + rule.name + ": " + message);
      error.code = "rule";
      return error;
    }
    if (rule.severity == Severity::fix) HUILIU_TRY(fix(rule));
    problems_.push_back({field, rule.name, message, {}});
    return {};
  }

 private:
  Status fix(const Rule& rule) {
    const model::Field& definition = entity_.fields[rule.field];
    std::optional<Value> better;
    if (rule.to) {
      better = *rule.to;
    } else if (rule.set) {
      HUILIU_ASSIGN(better, over_fields(*rule.set, rule));
    } else {
      const auto found = image_.fields.find(rule.field);
      if (found == image_.fields.end()) return {};
      normalize::Normalized clean = normalize::normalize(*rule.format, found->second.value.to_text());
      // One proposal is as good as certain; of several none is taken.
      for (const normalize::Finding& finding : clean.findings)
        if (finding.repair.size() == 1) clean.value = finding.repair.front();
      if (!normalize::normalize(*rule.format, clean.value).valid) return {};
      better = clean.value;
    }
    document_.reset();
    if (!better || better->is_null()) {
      image_.fields.erase(rule.field);
      return {};
    }
    std::string key = field_key(definition, *better);
    image_.fields[rule.field] = {model::Presence::value, std::move(*better), std::move(key)};
    return {};
  }

  // {field: value} of what the record has.
  Result<std::optional<Value>> over_fields(const expr::Program& program, const Rule& rule) {
    if (!document_) {
      model::Object fields;
      for (const auto& [index, value] : image_.fields)
        if (value.has_value()) fields.append(entity_.fields[index].name, value.value);
      document_ = Value(std::move(fields));
    }
    model::Object bindings;
    if (rule.field != model::no_field)
      if (const Value* own = document_->find(entity_.fields[rule.field].name)) bindings.append("value", *own);
    expr::Context context;
    context.bindings = &bindings;
    context.functions = &record_functions();
    auto result = expr::evaluate(program, &*document_, context);
    if (!result.ok()) return make_error(ErrorClass::data, "rule " + rule.name + ": " + result.error().text());
    return result;
  }

  const model::Entity& entity_;
  model::Image& image_;
  std::vector<Problem>& problems_;
  std::optional<Value> document_;
};

}  // namespace

std::size_t characters(std::string_view utf8) noexcept {
  return static_cast<std::size_t>(std::count_if(
      utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

Status RuleSet::add(const Value& list, const model::Entity& entity, const std::string& pointer) {
  if (list.is_null()) return {};
  const model::Array* rules = list.if_array();
  if (rules == nullptr) return wrong_rule(pointer, "rules are a list");
  for (std::size_t i = 0; i < rules->size(); ++i) {
    HUILIU_ASSIGN(Rule rule, load_rule((*rules)[i], entity, pointer + "/" + std::to_string(i)));
    rules_.push_back(std::move(rule));
  }
  return {};
}

Status RuleSet::apply(const model::Entity& entity, model::Image& image,
                      std::vector<Problem>& problems) const {
  if (rules_.empty()) return {};
  Checker checker(entity, image, problems);
  for (const Rule& rule : rules_) HUILIU_TRY(checker.apply(rule));
  return {};
}

}  // namespace huiliu::mapping
