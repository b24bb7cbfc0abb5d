// The policy pack (策略包): who owns which field, by business role; what a new record needs; who may decide.
// Text in policies/*.yaml, see config/policies/default.yaml for the letters and columns. Immutable after
// loading.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hub/config/yaml.hpp"
#include "hub/model/schema.hpp"
#include "hub/sync/rules.hpp"

namespace huiliu::config {

// The columns of systems, in the order in which tables show them. The console's column is "hub".
inline constexpr std::string_view policy_columns[] = {"home", "other", "crm", "address_book", "chat", "site"};

// What a record needs before it is made in a system of some role.
struct Requirement {
  std::string field;  // of the customer, or a word that the request asks for ("organisation")
  bool ask = false;   // asked for in the request; what nobody states is left to the system's own default
  std::map<std::string, std::set<std::string>> unless;  // field → values with which it is not needed
};

// What a person's record in a chat tool says of his company.
struct ChatNotes {
  std::vector<std::string> names;  // fields of the customer: the first that fits is the company's name
  std::size_t at_most = 0;         // characters of that name; 0: any number
  std::vector<std::string> tags;   // fields of the customer that become tags
  bool empty() const { return names.empty() && tags.empty(); }
};

struct PolicyPack {
  using Letters = std::map<std::string, sync::Right>;                    // column → right
  using Rights = std::map<std::string, std::map<std::string, Letters>>;  // entity → field → letters
  std::string name, zh, en;
  Rights rights;
  Rights parts;  // of organisation parts; nobody but their own system writes them
  // entity → field → what the console may do: O keeps it itself, d decides (the authority is written first),
  // v views, r requests only, '-' nothing.
  std::map<std::string, std::map<std::string, char>> hub, hub_parts;
  std::map<std::string, std::map<std::string, std::string>>
      policies;  // entity → field → latest, union, first, …
  std::vector<std::string> link_fields;
  std::map<std::string, std::vector<Requirement>> complete;  // by role
  ChatNotes chat_notes;
  std::string inactive_tag;  // of customers whom every organisation disabled; "": none
  // kind of review → what it is about (a role for create, a field for change, "*": anything) → roles of
  // people.
  std::map<std::string, std::map<std::string, std::set<std::string>>> approvals;
  std::shared_ptr<const Document> document;

  // The letter that stands in the pack; Right::none where nothing is said.
  sync::Right right(const std::string& entity, const std::string& field, const std::string& column) const;
  // May the console decide about this field, with the authority written first?
  bool console_decides(const std::string& entity, const std::string& field) const;
  // "policies/default.yaml:23" of a field's line.
  std::string line_of(const std::string& entity, const std::string& field) const;
  // The roles of people who may decide a review of this kind about this field or role. Empty: everybody.
  std::set<std::string> deciders(const std::string& kind, const std::string& about) const;
};

// One letter of the table. Errors: class config.
model::Result<sync::Right> read_right(const model::Value& node, const std::string& pointer);

// Errors: class config, `where` = the JSON Pointer of the wrong place.
model::Result<PolicyPack> read_pack(std::shared_ptr<const Document> document, const model::Schema& schema);

}  // namespace huiliu::config
