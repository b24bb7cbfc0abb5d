#include "hub/identity/match.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "hub/normalize/domain.hpp"
#include "hub/normalize/normalize.hpp"

namespace huiliu::identity {
namespace {

using model::Entity;
using model::FieldValue;
using model::Image;

constexpr std::size_t uscc_length = 18;
constexpr std::size_t old_tax_length = 15;
constexpr std::size_t organisation_code_length = 9;

// ---- reading an image
// ---------------------------------------------------------------------------------------------

// Values without a matching key (masked numbers, unreadable text) have a key that starts with '='.
bool is_evidence(const FieldValue& value) {
  return value.has_value() && !value.key.empty() && value.key.front() != '=';
}

// The key without the version of the rules in front ("1:").
std::string_view bare_key(const FieldValue& value) {
  const std::string_view key = value.key;
  const std::size_t colon = key.find(':');
  return colon == std::string_view::npos || colon > 4 ? key : key.substr(colon + 1);
}

// The values of all fields of a type, in the order of the model.
std::vector<const FieldValue*> values_of_type(const Entity& entity, const Image& image,
                                              std::string_view type) {
  std::vector<const FieldValue*> out;
  for (const auto& [index, value] : image.fields) {
    if (index < entity.fields.size() && entity.fields[index].type == type && is_evidence(value))
      out.push_back(&value);
  }
  return out;
}

const FieldValue* first_of_type(const Entity& entity, const Image& image, std::string_view type) {
  const auto values = values_of_type(entity, image, type);
  return values.empty() ? nullptr : values.front();
}

const FieldValue* value_named(const Entity& entity, const Image& image, std::string_view name) {
  const auto index = entity.index_of(name);
  const auto found = index == model::no_field ? image.fields.end() : image.fields.find(index);
  return found == image.fields.end() || !is_evidence(found->second) ? nullptr : &found->second;
}

bool has_type(const Entity& entity, std::string_view type) {
  return std::any_of(entity.fields.begin(), entity.fields.end(),
                     [&](const model::Field& f) { return f.type == type; });
}

bool is_organisation(const Entity& entity) { return has_type(entity, "company_name"); }
bool is_person(const Entity& entity) { return !is_organisation(entity) && has_type(entity, "person_name"); }

std::set<std::string> keys_of_type(const Entity& entity, const Image& image, std::string_view type) {
  std::set<std::string> keys;
  for (const auto* value : values_of_type(entity, image, type)) keys.insert(value->key);
  return keys;
}

// ---- identifiers
// --------------------------------------------------------------------------------------------------

// Credit codes (18) and the organisation codes inside credit codes, 15-digit tax numbers, and standing alone.
struct Codes {
  std::set<std::string> credit, organisation;
};

void add_code(std::string_view code, Codes& out) {
  if (code.size() == uscc_length) {
    out.credit.emplace(code);
    out.organisation.emplace(code.substr(8, organisation_code_length));
  } else if (code.size() == old_tax_length) {
    out.organisation.emplace(code.substr(6, organisation_code_length));
  } else if (code.size() == organisation_code_length) {
    out.organisation.emplace(code);
  }
}

Codes codes_of(const Entity& entity, const Image& image) {
  Codes codes;
  for (const auto* value : values_of_type(entity, image, "uscc")) add_code(bare_key(*value), codes);
  for (const auto* value : values_of_type(entity, image, "tax_no")) add_code(bare_key(*value), codes);
  return codes;
}

bool has_valid_credit_code(const Codes& codes) {
  return std::any_of(codes.credit.begin(), codes.credit.end(), [](const std::string& code) {
    return normalize::normalize(normalize::Kind::uscc, code).valid;
  });
}

bool intersect(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& each) { return b.contains(each); });
}

// ---- company names
// ------------------------------------------------------------------------------------------------

struct NameParts {
  std::string division, brand, trade, form, branch;
  bool is_branch() const { return !branch.empty(); }
};

NameParts parts_of_name(const FieldValue& name) {
  const auto parts = normalize::normalize(normalize::Kind::company_name, name.value.to_text()).parts;
  const auto text = [&](std::string_view part) {
    const model::Value* const value = parts.find(part);
    return value == nullptr ? std::string() : value->to_text();
  };
  return {text("division"), text("brand"), text("trade"),
          text("form_class").empty() ? text("form") : text("form_class"), text("branch")};
}

bool one_missing_or_nested(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() || a.find(b) != std::string::npos || b.find(a) != std::string::npos;
}

// Different spellings of what may be one name: 深圳市迈瑞医疗 and 迈瑞医疗.
bool names_alike(const NameParts& a, const NameParts& b) {
  return !a.brand.empty() && a.brand == b.brand && a.branch == b.branch &&
         one_missing_or_nested(a.division, b.division) && one_missing_or_nested(a.trade, b.trade) &&
         (a.form == b.form || a.form.empty() || b.form.empty());
}

// ---- domains
// ------------------------------------------------------------------------------------------------------

// The company's own internet domains; a free mail provider is nobody's.
std::set<std::string> domains_of(const Entity& entity, const Image& image) {
  std::set<std::string> domains;
  for (const auto* value : values_of_type(entity, image, "email")) {
    const auto parts = normalize::normalize(normalize::Kind::email, value->value.to_text()).parts;
    const model::Value* const free = parts.find("free");
    const model::Value* const domain = parts.find("registrable_domain");
    const bool is_free = free != nullptr && free->if_bool() != nullptr && *free->if_bool();
    if (domain != nullptr && !is_free) domains.insert(domain->to_text());
  }
  for (const auto* value : values_of_type(entity, image, "url"))
    domains.insert(normalize::own_domain_of_url(value->value.to_text()));
  domains.erase(std::string());
  return domains;
}

// ---- agreements
// ---------------------------------------------------------------------------------------------------

class Shared {
 public:
  Shared(const Entity& entity, const Image& a, const Image& b, const std::vector<Key>& hot)
      : entity_(entity), a_(a), b_(b), hot_(hot) {}

  // Do both carry a value of this type that is not shared by too many others?
  bool of_type(std::string_view type) const {
    auto ours = keys_of_type(entity_, a_, type);
    for (const auto& key : hot_) {
      if (key.kind == type) ours.erase(key.value);
    }
    return intersect(ours, keys_of_type(entity_, b_, type));
  }
  bool domain() const {
    auto ours = domains_of(entity_, a_);
    for (const auto& key : hot_) {
      if (key.kind == "domain") ours.erase(key.value);
    }
    return !ours.empty() && intersect(ours, domains_of(entity_, b_));
  }

 private:
  const Entity& entity_;
  const Image& a_;
  const Image& b_;
  const std::vector<Key>& hot_;
};

Evidence evidence_of(Verdict verdict, std::vector<std::string> reasons) {
  return {verdict, false, std::move(reasons)};
}

Evidence vetoed(std::string reason) { return {Verdict::different, true, {"veto: " + std::move(reason)}}; }

// ---- organisations
// ------------------------------------------------------------------------------------------------

std::vector<std::string> company_agreements(const Entity& entity, const Image& a, const Image& b,
                                            const std::vector<Key>& hot) {
  const Shared shared(entity, a, b, hot);
  std::vector<std::string> reasons;
  if (shared.of_type("tax_no")) reasons.emplace_back("tax number equal");
  if (shared.of_type("phone")) reasons.emplace_back("phone equal");
  if (shared.of_type("address")) reasons.emplace_back("address equal");
  if (shared.of_type("email"))
    reasons.emplace_back("e-mail equal");
  else if (shared.domain())
    reasons.emplace_back("domain equal");
  return reasons;
}

Evidence compare_names(const Entity& entity, const Image& a, const Image& b, const NameParts& ours,
                       const NameParts& theirs, bool equal, const std::vector<Key>& hot) {
  auto reasons = company_agreements(entity, a, b, hot);
  const bool more = !reasons.empty();
  if (equal) {
    reasons.insert(reasons.begin(), "legal name equal");
    return evidence_of(more || entity.reference_data ? Verdict::same : Verdict::possible, std::move(reasons));
  }
  if (!more || !names_alike(ours, theirs)) return {};
  reasons.insert(reasons.begin(), "names alike");
  return evidence_of(Verdict::possible, std::move(reasons));
}

Evidence compare_organisations(const Entity& entity, const Image& a, const Image& b,
                               const std::vector<Key>& hot) {
  const Codes ours = codes_of(entity, a);
  const Codes theirs = codes_of(entity, b);
  const bool same_code = intersect(ours.organisation, theirs.organisation);
  if (!same_code && has_valid_credit_code(ours) && has_valid_credit_code(theirs))
    return vetoed("two valid credit codes");
  const FieldValue* const name_a = first_of_type(entity, a, "company_name");
  const FieldValue* const name_b = first_of_type(entity, b, "company_name");
  const bool equal_names = name_a != nullptr && name_b != nullptr && name_a->key == name_b->key;
  NameParts parts_a, parts_b;
  if (name_a != nullptr && name_b != nullptr && !equal_names) {
    parts_a = parts_of_name(*name_a);
    parts_b = parts_of_name(*name_b);
    if (parts_a.is_branch() != parts_b.is_branch() && parts_a.brand == parts_b.brand)
      return vetoed("a branch and its parent");
    if (parts_a.is_branch() && parts_b.is_branch() && parts_a.branch != parts_b.branch)
      return vetoed("two branches");
  }
  if (intersect(ours.credit, theirs.credit)) return evidence_of(Verdict::same, {"uscc equal"});
  if (same_code) return evidence_of(Verdict::same, {"organisation code equal"});
  if (name_a == nullptr || name_b == nullptr) return {};
  return compare_names(entity, a, b, parts_a, parts_b, equal_names, hot);
}

// ---- persons
// ------------------------------------------------------------------------------------------------------

const FieldValue* employer_of(const Entity& entity, const Image& image) {
  for (const auto& [index, value] : image.fields) {
    if (index < entity.fields.size() && entity.fields[index].type == "reference" &&
        entity.fields[index].name == "employer" && is_evidence(value))
      return &value;
  }
  return nullptr;
}

bool equal_keys(const FieldValue* a, const FieldValue* b) {
  return a != nullptr && b != nullptr && a->key == b->key;
}

bool same_surname(const FieldValue& a, const FieldValue& b) {
  const auto surname = [](const FieldValue& name) {
    const auto parts = normalize::normalize(normalize::Kind::person_name, name.value.to_text()).parts;
    const model::Value* const value = parts.find("surname");
    return value == nullptr ? std::string() : value->to_text();
  };
  const std::string of_a = surname(a);
  return !of_a.empty() && of_a == surname(b);
}

Evidence compare_persons(const Entity& entity, const Image& a, const Image& b, const std::vector<Key>& hot) {
  const Shared shared(entity, a, b, hot);
  const FieldValue* const name_a = first_of_type(entity, a, "person_name");
  const FieldValue* const name_b = first_of_type(entity, b, "person_name");
  const bool name = equal_keys(name_a, name_b);
  const bool phone = shared.of_type("phone");
  const bool email = shared.of_type("email");
  const bool number = equal_keys(value_named(entity, a, "job_number"), value_named(entity, b, "job_number"));
  const bool employer = equal_keys(employer_of(entity, a), employer_of(entity, b));
  if (number && (name || phone || email))
    return evidence_of(Verdict::same, {"job number equal", name ? "name equal" : "channel equal"});
  if (phone && name) return evidence_of(Verdict::same, {"phone equal", "name equal"});
  if (email && name) return evidence_of(Verdict::same, {"e-mail equal", "name equal"});
  if (name && employer) {
    const bool both_have_phones =
        first_of_type(entity, a, "phone") != nullptr && first_of_type(entity, b, "phone") != nullptr;
    return evidence_of(both_have_phones ? Verdict::possible : Verdict::same,
                       {"employer equal", "name equal"});
  }
  if (phone && name_a != nullptr && name_b != nullptr && (employer || same_surname(*name_a, *name_b)))
    return evidence_of(Verdict::possible, {"phone equal", employer ? "employer equal" : "surname equal"});
  if (name && equal_keys(value_named(entity, a, "department"), value_named(entity, b, "department")))
    return evidence_of(Verdict::possible, {"name equal", "department equal"});
  return {};
}

// ---- keys
// ---------------------------------------------------------------------------------------------------------

void add_keys(const Entity& entity, const Image& image, std::string_view type, std::vector<Key>& out) {
  for (auto& key : keys_of_type(entity, image, type)) out.push_back({std::string(type), key});
}

void add_organisation_keys(const Entity& entity, const Image& image, std::vector<Key>& out) {
  for (const auto& code : codes_of(entity, image).organisation) out.push_back({"organisation_code", code});
  if (const auto* name = first_of_type(entity, image, "company_name"))
    out.push_back({"company_name", name->key});
  for (const char* type : {"tax_no", "phone", "email", "address"}) add_keys(entity, image, type, out);
  for (const auto& domain : domains_of(entity, image)) out.push_back({"domain", domain});
}

void add_person_keys(const Entity& entity, const Image& image, std::vector<Key>& out) {
  if (const auto* number = value_named(entity, image, "job_number"))
    out.push_back({"job_number", number->key});
  for (const char* type : {"phone", "email"}) add_keys(entity, image, type, out);
  const auto* name = first_of_type(entity, image, "person_name");
  const auto* employer = employer_of(entity, image);
  const auto* department = value_named(entity, image, "department");
  if (name != nullptr && employer != nullptr)
    out.push_back({"name_at_employer", name->key + '\x1f' + employer->key});
  if (name != nullptr && department != nullptr && employer == nullptr)
    out.push_back({"name_in_department", name->key + '\x1f' + department->key});
}

}  // namespace

std::vector<Key> keys_of(const Entity& entity, const Image& image) {
  std::vector<Key> keys;
  if (is_organisation(entity))
    add_organisation_keys(entity, image, keys);
  else if (is_person(entity))
    add_person_keys(entity, image, keys);
  for (const auto& [index, value] : image.fields)
    if (index < entity.fields.size() && entity.fields[index].type == "reference" && is_evidence(value))
      keys.push_back({std::string(reference_kind), value.key});
  return keys;
}

Evidence compare(const Entity& entity, const Image& a, const Image& b, const std::vector<Key>& hot) {
  if (is_organisation(entity)) return compare_organisations(entity, a, b, hot);
  if (is_person(entity)) return compare_persons(entity, a, b, hot);
  return {};
}

}  // namespace huiliu::identity
