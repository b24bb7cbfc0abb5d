#include "hub/access/policy.hpp"

#include <algorithm>

#include "hub/access/masking.hpp"
#include "hub/store/search_text.hpp"

namespace huiliu::access {
namespace {

using config::FieldRight;
using config::RolePolicy;
using config::Rows;
using config::Sees;
using model::Object;
using model::Value;

FieldRight right_of(const RolePolicy& role, const model::Field& field, bool part) {
  if (const auto named = role.fields.find(part ? "parts." + field.name : field.name);
      named != role.fields.end())
    return named->second;
  if (const auto named = role.classes.find(field.pii); !field.pii.empty() && named != role.classes.end())
    return named->second;
  return role.otherwise;
}

// Members of a field's own view that hold its values.
bool holds_value(std::string_view member) {
  static constexpr std::string_view names[] = {"value",  "from",   "to",       "base",    "before",
                                               "after",  "winner", "proposed", "current", "golden",
                                               "stands", "old",    "new",      "present", "approved"};
  return std::find(std::begin(names), std::end(names), member) != std::end(names);
}

}  // namespace

bool Policy::may(const Principal& who, const std::string& function) const {
  if (who.functions && !who.functions->contains(function)) return false;
  return std::any_of(who.roles.begin(), who.roles.end(), [&](const std::string& name) {
    const auto role = config_.roles.find(name);
    return role != config_.roles.end() && role->second.functions.contains(function) &&
           (!role->second.second_factor || who.second_factor || who.via.starts_with("token "));
  });
}

bool Policy::needs_second_factor(const std::set<std::string>& roles) const {
  return std::any_of(roles.begin(), roles.end(), [&](const std::string& name) {
    const auto role = config_.roles.find(name);
    return role != config_.roles.end() && role->second.second_factor;
  });
}

store::Scopes Policy::scopes(const Principal& who) const {
  std::vector<std::string> scopes;
  for (const std::string& name : who.roles) {
    const auto role = config_.roles.find(name);
    if (role == config_.roles.end()) continue;
    if (role->second.rows == Rows::all) return std::nullopt;
    if (role->second.rows != Rows::none && !who.employee.empty()) scopes.push_back("owner:" + who.employee);
    if (role->second.rows != Rows::department || who.department.empty()) continue;
    scopes.push_back("department:" + who.department);
    for (const std::string& colleague : who.colleagues) scopes.push_back("owner:" + colleague);
  }
  std::sort(scopes.begin(), scopes.end());
  scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
  return scopes;
}

bool Policy::sees(const Principal& who, store::Snapshot& snapshot, const sync::Golden& golden) const {
  const store::Scopes mine = scopes(who);
  if (!mine) return true;
  const auto in_mine = [&](const std::string& scope) {
    return std::find(mine->begin(), mine->end(), scope) != mine->end();
  };
  const model::Entity* entity = config_.schema.find(golden.entity);
  if (entity == nullptr) return false;
  if (entity->reference_data) return true;
  for (const std::string& scope : store::scopes_in(store::golden_scopes(*entity, golden))) {
    if (in_mine(scope)) return true;
    if (!scope.starts_with("parent:")) continue;
    const auto parent = snapshot.load_golden(snapshot.resolve(scope.substr(7)));
    if (!parent) continue;
    for (const std::string& its :
         store::scopes_in(store::golden_scopes(*config_.schema.find(parent->entity), *parent)))
      if (in_mine(its)) return true;
  }
  return false;
}

FieldRight Policy::right(const Principal& who, const model::Field& field, bool part) const {
  FieldRight best;
  for (const std::string& name : who.roles) {
    const auto role = config_.roles.find(name);
    if (role == config_.roles.end()) continue;
    const FieldRight one = right_of(role->second, field, part);
    best.sees = std::max(best.sees, one.sees);
    best.writes = best.writes || one.writes;
  }
  return best;
}

Value Policy::shown(const Principal& who, const model::Field& field, const Value& value, bool part) const {
  const FieldRight mine = right(who, field, part);
  // People write numbers into remarks.
  if (mine.sees == Sees::plain && field.type == "text" && value.is_string() && !sees_everything(who))
    return masked_text(value.as_string());
  if (mine.sees == Sees::plain) return value;
  if (mine.sees == Sees::nothing || value.is_null()) return {};
  return masked(field.pii.empty() ? "id" : field.pii, value);
}

bool Policy::sees_everything(const Principal& who) const {
  model::Field field;
  for (const char* pii : {"name", "phone", "email", "id", "address"}) {
    field.pii = pii;
    if (right(who, field).sees != Sees::plain) return false;
  }
  return true;
}

Value Policy::filtered_document(const Principal& who, const std::string& entity_name, const Value& document,
                                const std::string& field_name) const {
  const model::Entity* entity = config_.schema.find(entity_name);
  const auto field_named = [&](const std::string& name) -> const model::Field* {
    const model::FieldIndex index = entity == nullptr ? model::no_field : entity->index_of(name);
    return index == model::no_field ? nullptr : &entity->fields[index];
  };
  if (const model::Array* list = document.if_array()) {
    model::Array out;
    for (const Value& element : *list)
      out.push_back(filtered_document(who, entity_name, element, field_name));
    return out;
  }
  if (const Object* members = document.if_object()) {
    const std::string named = document["field"].to_text();
    const std::string about = field_named(named) != nullptr ? named : field_name;
    Object out;
    for (const model::Member& member : *members) {
      const model::Field* field = field_named(member.key);
      const bool view = member.value.is_object() &&
                        (member.value.find("from") != nullptr || member.value.find("value") != nullptr);
      if (field != nullptr && !view)
        out.append(member.key, shown(who, *field, member.value));
      else if (field != nullptr)
        out.append(member.key, filtered_document(who, entity_name, member.value, member.key));
      else if (holds_value(member.key) && field_named(about) != nullptr && !member.value.is_object())
        out.append(member.key, shown(who, *field_named(about), member.value));
      else
        out.append(member.key, filtered_document(who, entity_name, member.value, about));
    }
    return out;
  }
  if (!document.is_string() || sees_everything(who)) return document;
  return masked_text(document.as_string());
}

namespace {

// The view of one golden record, member by member, as somebody sees it.
class RecordFilter {
 public:
  RecordFilter(const Policy& policy, const Principal& who, const model::Entity& entity)
      : policy_(policy), who_(who), entity_(entity) {}

  Value member(const std::string& name, const Value& value) const {
    if (name == "fields") return fields(value);
    if (name == "parts") return each(value, [&](Value& part) { filter_part(part); });
    if (name == "replicas") return each(value, [&](Value& replica) { filter_replica(replica); });
    if (name == "contacts") return each(value, [&](Value& contact) { filter_contact(contact); });
    if (name == "history") return history(value);
    if (name == "approved") return policy_.filtered_document(who_, entity_.name, value);
    return value;
  }

 private:
  template <class Change>
  static Value each(const Value& list, Change change) {
    model::Array out = list.as_array();
    for (Value& element : out) change(element);
    return out;
  }

  const model::Field* visible(const model::Entity& entity, const std::string& name) const {
    const model::FieldIndex index = entity.index_of(name);
    if (index == model::no_field || policy_.right(who_, entity.fields[index]).sees == Sees::nothing)
      return nullptr;
    return &entity.fields[index];
  }

  // {field: value}
  Object plain_fields(const model::Entity& entity, const Value& fields) const {
    Object out;
    if (const Object* members = fields.if_object())
      for (const model::Member& member : *members)
        if (const model::Field* field = visible(entity, member.key))
          out.append(member.key, policy_.shown(who_, *field, member.value));
    return out;
  }

  // {field: value} of a row, {field: {value, losers, …}} of a whole record.
  Object fields(const Value& fields) const {
    Object out;
    for (const model::Member& member : fields.as_object()) {
      const model::Field* field = visible(entity_, member.key);
      if (field == nullptr) continue;
      const bool whole = member.value.is_object() && member.value.find("losers") != nullptr;
      out.append(member.key,
                 whole ? field_view(*field, member.value) : policy_.shown(who_, *field, member.value));
    }
    return out;
  }

  Value field_view(const model::Field& field, Value view) const {
    Object& members = view.as_object();
    members.set("value", policy_.shown(who_, field, view["value"]));
    for (Value& loser : members["losers"].as_array())
      loser.as_object().set("value", policy_.shown(who_, field, loser["value"]));
    const FieldRight right = policy_.right(who_, field);
    members.set("masked", right.sees == Sees::masked);
    members.set("writable", right.writes);
    return view;
  }

  void filter_part(Value& part) const {
    Object fields;
    for (const model::Member& member : part["fields"].as_object()) {
      const model::Field* field = entity_.part_field(member.key);
      if (field != nullptr && policy_.right(who_, *field, true).sees != Sees::nothing)
        fields.append(member.key, policy_.shown(who_, *field, member.value, true));
    }
    part.as_object().set("fields", std::move(fields));
  }

  void filter_replica(Value& replica) const {
    replica.as_object().set("base", plain_fields(entity_, replica["base"]));
    for (Value& intent : replica.as_object()["intents"].as_array())
      intent.as_object().set("fields", plain_fields(entity_, intent["fields"]));
  }

  void filter_contact(Value& contact) const {
    const std::string id = contact["id"].to_text();
    for (const model::Entity& entity : policy_.schema().entities())
      if (id.starts_with(entity.id_prefix + "_"))
        contact.as_object().set("fields", plain_fields(entity, contact["fields"]));
  }

  Value history(const Value& list) const {
    model::Array out;
    for (const Value& entry : list.as_array())
      if (const model::Field* field = visible(entity_, entry["field"].to_text())) {
        Value shown = entry;
        shown.as_object().set("value", policy_.shown(who_, *field, entry["value"]));
        out.push_back(std::move(shown));
      }
    return out;
  }

  const Policy& policy_;
  const Principal& who_;
  const model::Entity& entity_;
};

}  // namespace

Value Policy::filtered_record(const Principal& who, const Value& view) const {
  const model::Entity* entity = config_.schema.find(view["kind"].to_text());
  if (entity == nullptr) return {};
  const RecordFilter filter(*this, who, *entity);
  Object out;
  for (const model::Member& member : view.as_object())
    out.append(member.key, filter.member(member.key, member.value));
  return out;
}

}  // namespace huiliu::access
