// Validation rules over the canonical fields of one record: required, format, range, one of, a condition
// across fields. They stand in the model (for every system) and in a mapping (for one stream).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/expr/expr.hpp"
#include "hub/mapping/mapping.hpp"
#include "hub/normalize/normalize.hpp"

namespace huiliu::mapping {

enum class Severity { reject, warn, fix };

struct Rule {
  std::string name, message;
  FieldIndex field = model::no_field;  // no_field: about the whole record
  Severity severity = Severity::warn;
  bool required = false;
  std::optional<normalize::Kind> format;
  std::optional<expr::Program> pattern, check, when, set;
  std::optional<model::Value> least, greatest, to;
  std::optional<std::size_t> min_length, max_length;
  std::vector<std::string> one_of;
};

class RuleSet {
 public:
  // Adds the rules of a list. Errors: `where` is a JSON Pointer below `pointer`.
  model::Status add(const model::Value& list, const model::Entity& entity, const std::string& pointer);

  // Checks and corrects the image; each violation is a problem with the rule's name as its code. Error (class
  // data, code: the rule's name) when a rule rejects the record.
  model::Status apply(const model::Entity& entity, model::Image& image, std::vector<Problem>& problems) const;

  const std::vector<Rule>& rules() const noexcept { return rules_; }

 private:
  std::vector<Rule> rules_;
};

// The length of a text as rules and lenses count it.
std::size_t characters(std::string_view utf8) noexcept;

}  // namespace huiliu::mapping
