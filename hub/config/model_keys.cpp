#include "hub/config/model_keys.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

#include "hub/config/yaml.hpp"
#include "hub/mapping/keys.hpp"

namespace huiliu::config {
namespace {

using model::Error;
using model::Value;

class ModelKeys {
 public:
  std::vector<Error> errors;

  void entity(const Value& document) {
    check(document, "", {"entity", "id_prefix", "label", "reference_data", "fields", "part_fields", "rules"});
    label(document, "");
    fields(document["fields"], "/fields");
    fields(document["part_fields"], "/part_fields");
    const model::Array* rules = document["rules"].if_array();
    for (std::size_t i = 0; rules != nullptr && i < rules->size(); ++i)
      keep(mapping::check_keys((*rules)[i], "/rules/" + std::to_string(i), mapping::rule_keys()));
  }

 private:
  void keep(const model::Status& status) {
    if (!status.ok()) errors.push_back(status.error());
  }
  void check(const Value& node, const std::string& pointer, std::initializer_list<std::string_view> known) {
    keep(check_keys(node, pointer, known));
  }
  void label(const Value& node, const std::string& pointer) {
    if (node.find("label") != nullptr) check(node["label"], pointer + "/label", {"zh", "en"});
  }
  void fields(const Value& node, const std::string& pointer) {
    const model::Object* members = node.if_object();
    if (members == nullptr) return;
    for (const model::Member& member : *members) {
      const std::string here = pointer + "/" + member.key;
      check(member.value, here,
            {"type", "multiplicity", "to", "parts", "label", "pii", "purpose", "basis", "access", "derived"});
      label(member.value, here);
      if (member.value.find("derived") != nullptr)
        check(member.value["derived"], here + "/derived", {"former", "every_part", "is", "then", "else"});
    }
  }
};

}  // namespace

std::vector<Error> unknown_keys_in_model(const Value& document) {
  ModelKeys keys;
  keys.entity(document);
  return std::move(keys.errors);
}

}  // namespace huiliu::config
