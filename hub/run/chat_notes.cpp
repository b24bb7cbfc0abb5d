#include "hub/run/chat_notes.hpp"

#include <algorithm>
#include <set>

#include "hub/mapping/mapping.hpp"
#include "hub/run/changed.hpp"

namespace huiliu::run {
namespace {

using model::Array;
using model::FieldIndex;
using model::FieldValue;
using model::Status;
using model::Value;

constexpr std::size_t contacts_of_one = 1000;
constexpr const char* by_rule = "rule";

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(
      utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

const FieldValue* value_of(const sync::Golden& golden, FieldIndex field) {
  const auto found = golden.fields.find(field);
  return found == golden.fields.end() || !found->second.value.has_value() ? nullptr : &found->second.value;
}

bool may_receive(const sync::Rules& rules, const std::string& connection, FieldIndex field) {
  const sync::ConnectionRules* of = rules.connection(connection);
  if (of == nullptr || of->role != "chat") return false;
  const sync::StreamRules* stream = of->for_entity("contact");
  if (stream == nullptr) return false;
  const auto right = stream->rights.find(field);
  return right != stream->rights.end() && sync::may_receive(right->second);
}

// May a chat tool show either of the two in its contacts?
bool anybody_listens(const Workspace& workspace) {
  const model::Entity& contact = *workspace.config->schema.find("contact");
  return std::any_of(workspace.rules->connections.begin(), workspace.rules->connections.end(),
                     [&](const auto& each) {
                       for (const char* name : {"company_name", "tags"})
                         if (const FieldIndex field = contact.index_of(name);
                             field != model::no_field && may_receive(*workspace.rules, each.first, field))
                           return true;
                       return false;
                     });
}

class Notes {
 public:
  Notes(Workspace& workspace, store::Transaction& transaction)
      : workspace_(workspace),
        transaction_(transaction),
        policy_(workspace.config->policies.chat_notes),
        contact_(*workspace.config->schema.find("contact")),
        customer_(*workspace.config->schema.find("customer")),
        employer_(contact_.index_of("employer")),
        company_(contact_.index_of("company_name")),
        tags_(contact_.index_of("tags")) {}

  Status contacts_of(const sync::Golden& customer) {
    std::set<std::string> people;
    for (const model::RecordRef& ref :
         transaction_.find_by_key("contact", {"reference", customer.id}, contacts_of_one))
      if (std::string id = transaction_.golden_of(ref); !id.empty()) people.insert(std::move(id));
    for (const std::string& person : people)
      if (const auto contact = transaction_.load_golden(person)) HUILIU_TRY(note(*contact));
    return {};
  }

  Status note(const sync::Golden& contact) {
    const FieldValue* employer = value_of(contact, employer_);
    if (employer == nullptr) return {};
    const auto cluster = transaction_.load_cluster(contact.id);
    if (!cluster) return {};
    bool lacks_company = false;
    bool shows_tags = false;
    for (const sync::Replica& replica : cluster->replicas) {
      if (replica.gone) continue;
      const std::string& connection = replica.ref.connection;
      const auto company = replica.fields.find(company_);
      const auto tags = replica.fields.find(tags_);
      lacks_company |= listens(connection, company_) && company != replica.fields.end() &&
                       company->second.base.presence != model::Presence::absent &&
                       !company->second.base.has_value();
      shows_tags |= listens(connection, tags_) && tags != replica.fields.end();
    }
    if (!lacks_company && !shows_tags) return {};
    const auto customer = transaction_.load_golden(transaction_.resolve(employer->value.to_text()));
    if (!customer) return {};
    if (const std::string name = name_that_fits(*customer); lacks_company && !name.empty())
      HUILIU_TRY(say(contact, company_, Value(name)));
    if (shows_tags) HUILIU_TRY(say(contact, tags_, Value(labelled(contact, *customer))));
    return {};
  }

 private:
  bool listens(const std::string& connection, FieldIndex field) const {
    return field != model::no_field && may_receive(*workspace_.rules, connection, field);
  }

  // The first of the names that is short enough; a name is never cut.
  std::string name_that_fits(const sync::Golden& customer) const {
    for (const std::string& field : policy_.names)
      if (const FieldValue* name = value_of(customer, customer_.index_of(field)))
        if (policy_.at_most == 0 || characters(name->value.to_text()) <= policy_.at_most)
          return name->value.to_text();
    return {};
  }

  std::string label(const std::string& field) const {
    return customer_.fields[customer_.index_of(field)].zh + "：";
  }

  // What the contact is tagged with otherwise, and one tag for each field of the company that says something.
  Array labelled(const sync::Golden& contact, const sync::Golden& customer) const {
    Array tags;
    const auto is_ours = [&](const std::string& tag) {
      return std::any_of(policy_.tags.begin(), policy_.tags.end(),
                         [&](const std::string& field) { return tag.starts_with(label(field)); });
    };
    if (const FieldValue* known = value_of(contact, tags_))
      if (const Array* list = known->value.if_array())
        for (const Value& tag : *list)
          if (!is_ours(tag.to_text())) tags.push_back(tag);
    for (const std::string& field : policy_.tags)
      if (const FieldValue* value = value_of(customer, customer_.index_of(field)))
        tags.emplace_back(label(field) + value->value.to_text());
    return tags;
  }

  Status say(const sync::Golden& contact, FieldIndex field, const Value& value) {
    const bool nothing = value.is_array() ? value.as_array().empty() : value.to_text().empty();
    const FieldValue* known = value_of(contact, field);
    if (nothing && known == nullptr) return {};
    FieldValue said{model::Presence::cleared, {}, {}};
    if (!nothing) {
      HUILIU_ASSIGN(said, mapping::field_value(contact_.fields[field], value));
    }
    if (known != nullptr && known->shows_same(said)) return {};
    return workspace_.engine->edit(transaction_, contact.id, contact_.fields[field].name, said, by_rule,
                                   workspace_.clock->now());
  }

  Workspace& workspace_;
  store::Transaction& transaction_;
  const config::ChatNotes& policy_;
  const model::Entity& contact_;
  const model::Entity& customer_;
  FieldIndex employer_, company_, tags_;
};

}  // namespace

Status note_employers(Workspace& workspace) {
  const model::Schema& schema = workspace.config->schema;
  if (schema.find("contact") == nullptr || schema.find("customer") == nullptr) return {};
  if (workspace.config->policies.chat_notes.empty()) return {};
  if (!anybody_listens(workspace)) return {};
  // Of changed contacts, and of the contacts of changed customers.
  const auto each = [&](const char* name, const char* entity, Status (Notes::*look_at)(const sync::Golden&)) {
    return each_changed(workspace, name, entity,
                        [&](store::Transaction& transaction, const auto& page, bool) -> Status {
                          Notes notes(workspace, transaction);
                          for (const sync::Golden& golden : page) HUILIU_TRY((notes.*look_at)(golden));
                          return {};
                        });
  };
  HUILIU_TRY(each("chat_notes/contact", "contact", &Notes::note));
  return each("chat_notes/customer", "customer", &Notes::contacts_of);
}

}  // namespace huiliu::run
