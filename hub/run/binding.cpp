#include "hub/run/binding.hpp"

#include <algorithm>
#include <set>

#include "hub/model/id.hpp"
#include "hub/normalize/normalize.hpp"
#include "hub/run/audit.hpp"
#include "hub/run/changed.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Status;
using model::Value;

constexpr const char* binding_space = "binding";
constexpr std::size_t shared_by_too_many = 5;

const model::FieldValue* value_of(const model::Entity& entity, const sync::Golden& golden, const char* name) {
  const auto found = golden.fields.find(entity.index_of(name));
  return found == golden.fields.end() || !found->second.value.has_value() ? nullptr : &found->second.value;
}

bool is_of_persons(const std::string& role) { return role == "chat" || role == "address_book"; }

// An address book may stand inside a system of another role: its stream says so.
bool is_chat(const sync::Rules& rules, const model::RecordRef& ref) {
  const sync::ConnectionRules* of = rules.connection(ref.connection);
  const sync::StreamRules* stream = rules.stream(ref);
  if (of == nullptr) return false;
  return is_of_persons(stream == nullptr || stream->role.empty() ? of->role : stream->role);
}

// What is agreed of a person; of what nobody may claim, what a chat tool shows.
const model::FieldValue* said_or_shown(const model::Entity& entity, const sync::Cluster& cluster,
                                       const char* name) {
  if (const auto* agreed = value_of(entity, cluster.golden, name)) return agreed;
  const model::FieldIndex field = entity.index_of(name);
  for (const sync::Replica& replica : cluster.replicas)
    if (const auto shown = replica.fields.find(field);
        !replica.gone && shown != replica.fields.end() && shown->second.base.has_value())
      return &shown->second.base;
  return nullptr;
}

// Known from chat tools only, and nobody said yet whom he works for.
bool is_unbound(const sync::Rules& rules, const model::Entity& entity, const sync::Cluster& cluster) {
  bool chat = false;
  for (const sync::Replica& replica : cluster.replicas) {
    if (replica.gone || replica.ref.connection == "hub") continue;
    if (!is_chat(rules, replica.ref)) return false;
    chat = true;
  }
  return chat && value_of(entity, cluster.golden, "employer") == nullptr;
}

struct ChatPerson {
  const sync::Cluster& cluster;
  std::string mobile_key, company, company_key;
};

class Binder {
 public:
  Binder(Workspace& workspace, store::Transaction& transaction)
      : workspace_(workspace),
        transaction_(transaction),
        contact_(*workspace.config->schema.find("contact")),
        customer_(*workspace.config->schema.find("customer")) {}

  void look_at(const sync::Golden& golden) {
    const auto cluster = transaction_.load_cluster(golden.id);
    if (!cluster || !is_unbound(*workspace_.rules, contact_, *cluster)) return;
    ChatPerson person{*cluster, {}, {}, {}};
    if (const auto* mobile = said_or_shown(contact_, *cluster, "phones[mobile]"))
      person.mobile_key = mobile->key;
    if (const auto* company = said_or_shown(contact_, *cluster, "company_name")) {
      person.company = company->value.to_text();
      person.company_key = normalize::comparison_key(normalize::Kind::company_name, person.company);
    }
    const auto contacts = contacts_with(person);
    if (contacts.size() == 1 && company_agrees(person, contacts.front()))
      return link(person, contacts.front());
    for (const std::string& contact : contacts) propose_same(person, contact);
    if (contacts.empty()) propose_company(person);
  }

 private:
  // Contacts of customers with the same mobile; a mobile that too many share is no evidence.
  std::vector<std::string> contacts_with(const ChatPerson& person) {
    std::set<std::string> found;
    if (person.mobile_key.empty() || person.mobile_key.front() == '=') return {};
    for (const model::RecordRef& ref :
         transaction_.find_by_key("contact", {"phone", person.mobile_key}, 50)) {
      const std::string id = transaction_.golden_of(ref);
      if (id.empty() || id == person.cluster.golden.id) continue;
      const auto golden = transaction_.load_golden(id);
      if (golden && value_of(contact_, *golden, "employer") != nullptr && !judged(person, id))
        found.insert(id);
    }
    if (found.size() > shared_by_too_many) return {};
    return {found.begin(), found.end()};
  }

  static bool judged(const ChatPerson& person, const std::string& other) {
    const auto verdict = person.cluster.golden.judged.find(other);
    return verdict != person.cluster.golden.judged.end() && verdict->second != "asked";
  }

  bool company_agrees(const ChatPerson& person, const std::string& contact) {
    if (person.company.empty()) return false;
    const auto golden = transaction_.load_golden(contact);
    const auto* employer = golden ? value_of(contact_, *golden, "employer") : nullptr;
    const auto customer = employer == nullptr
                              ? std::nullopt
                              : transaction_.load_golden(transaction_.resolve(employer->value.to_text()));
    if (!customer) return false;
    const auto* legal = value_of(customer_, *customer, "names.legal");
    const auto* brief = value_of(customer_, *customer, "names.short");
    const auto folded = [](const std::string& text) {
      return normalize::comparison_key(normalize::Kind::text, text);
    };
    return (legal != nullptr && legal->key == person.company_key) ||
           (brief != nullptr && folded(brief->value.to_text()) == folded(person.company));
  }

  void link(const ChatPerson& person, const std::string& contact) {
    const Status merged = workspace_.engine->merge(transaction_, contact, person.cluster.golden.id, "rule",
                                                   workspace_.clock->now());
    if (!merged.ok()) throw sync::StorageFailure(merged.error().text());  // both were just loaded
  }

  void save_once(sync::Review review) {
    if (transaction_.open_review(review.dedupe) || transaction_.load_value(binding_space, review.dedupe))
      return;
    const model::Micros now = workspace_.clock->now();
    review.id = model::make_id("rev", now, *workspace_.random);
    review.golden = person_id_;
    review.opened = now;
    transaction_.save(review);
    transaction_.save_value(binding_space, review.dedupe, review.id);
  }

  void propose_same(const ChatPerson& person, const std::string& contact) {
    person_id_ = person.cluster.golden.id;
    sync::Review review;
    review.kind = sync::ReviewKind::duplicate;
    review.subject = title(contact_, person_id_) + " = " + title(contact_, contact) + "?";
    review.choices = {"same", "different", "unsure"};
    review.evidence =
        Object{{"other", contact}, {"person", person_id_}, {"reasons", model::Array{Value("phone equal")}}};
    review.dedupe = "same/" + std::min(person_id_, contact) + "/" + std::max(person_id_, contact);
    save_once(std::move(review));
  }

  void propose_company(const ChatPerson& person) {
    if (person.company.empty()) return;
    std::set<std::string> named;
    for (const model::RecordRef& ref :
         transaction_.find_by_key("customer", {"company_name", person.company_key}, 20))
      if (std::string id = transaction_.golden_of(ref); !id.empty()) named.insert(std::move(id));
    std::string reason = "legal name equal";
    if (named.empty()) {
      const auto similar = transaction_.search("customer", person.company, 2);
      named.insert(similar.begin(), similar.end());
      reason = "company similar";
    }
    if (named.size() != 1) return;
    const std::string& customer = *named.begin();
    person_id_ = person.cluster.golden.id;
    sync::Review review;
    review.kind = sync::ReviewKind::change;
    review.field = "employer";
    review.connection = person.cluster.replicas.front().ref.connection;
    review.subject = title(contact_, person_id_) + " → " + title(customer_, customer) + "?";
    review.choices = {"approve", "refuse"};
    review.evidence = Object{
        {"customer", customer},        {"authority", "hub"},
        {"author", review.connection}, {"reasons", model::Array{Value(reason)}},
        {"golden", Value()},           {"after", Object{{"value", customer}, {"comparison", customer}}}};
    review.dedupe = "bind/" + person_id_ + "/" + customer;
    save_once(std::move(review));
  }

  // Of a person of whom nothing may be agreed yet, what the chat tool calls him.
  std::string title(const model::Entity& entity, const std::string& id) {
    const auto cluster = transaction_.load_cluster(id);
    if (!cluster) return id;
    const model::FieldIndex name = entity.index_of("name");
    const auto* shown = name == model::no_field ? nullptr : said_or_shown(entity, *cluster, "name");
    return shown == nullptr ? sync::title_of(entity, cluster->golden)
                            : sync::masked(entity.fields[name], *shown);
  }

  Workspace& workspace_;
  store::Transaction& transaction_;
  const model::Entity& contact_;
  const model::Entity& customer_;
  std::string person_id_;
};

bool has_chat(const sync::Rules& rules) {
  for (const auto& [name, connection] : rules.connections)
    for (const auto& [stream, of] : connection.streams)
      if (of.entity == "contact" && is_chat(rules, {name, stream, {}})) return true;
  return false;
}

std::string follower_name(store::Snapshot& snapshot, const model::Schema& schema, const std::string& id) {
  const auto golden = id.empty() ? std::nullopt : snapshot.load_golden(snapshot.resolve(id));
  const model::Entity* entity = golden ? schema.find(golden->entity) : nullptr;
  return entity == nullptr ? id : sync::title_of(*entity, *golden);
}

}  // namespace

Status bind_chat_persons(Workspace& workspace) {
  const bool known = workspace.config->schema.find("contact") != nullptr &&
                     workspace.config->schema.find("customer") != nullptr;
  if (!known || !has_chat(*workspace.rules)) return {};
  return each_changed(workspace, "binding", "contact",
                      [&](store::Transaction& transaction, const auto& page, bool) -> Status {
                        Binder binder(workspace, transaction);
                        for (const sync::Golden& golden : page) binder.look_at(golden);
                        return {};
                      });
}

namespace {

void add_unbound(const config::Config& config, const sync::Rules& rules, store::Snapshot& snapshot,
                 const model::Entity& entity, const sync::Golden& golden, model::Array& rows) {
  const auto cluster = snapshot.load_cluster(golden.id);
  if (!cluster || !is_unbound(rules, entity, *cluster)) return;
  const auto text = [&](const char* name) {
    const auto* value = said_or_shown(entity, *cluster, name);
    return value == nullptr ? std::string() : value->value.to_text();
  };
  model::Array accounts;
  for (const sync::Replica& replica : cluster->replicas)
    if (replica.ref.connection != "hub") accounts.emplace_back(replica.ref.text());
  rows.push_back(Object{{"id", golden.id},
                        {"name", text("name")},
                        {"company", text("company_name")},
                        {"follower", follower_name(snapshot, config.schema, text("follower"))},
                        {"accounts", std::move(accounts)}});
}

}  // namespace

model::Array unbound_view(const config::Config& config, const sync::Rules& rules, store::Snapshot& snapshot) {
  model::Array rows;
  const model::Entity* entity = config.schema.find("contact");
  if (entity == nullptr) return rows;
  std::vector<sync::Golden> page;
  for (std::string after;
       !(page = snapshot.list_goldens({"contact", {}, {}, model::unknown_time}, {after, 500})).empty();
       after = page.back().id)
    for (const sync::Golden& golden : page) add_unbound(config, rules, snapshot, *entity, golden, rows);
  return rows;
}

Status bind_person(Workspace& workspace, store::Transaction& transaction, const std::string& person,
                   const std::string& to, const std::string& actor) {
  std::string id = transaction.resolve(person);
  if (id.empty()) {
    const std::size_t first = person.find('/');
    const std::size_t second = first == std::string::npos ? first : person.find('/', first + 1);
    if (second != std::string::npos)
      id = transaction.golden_of(
          {person.substr(0, first), person.substr(first + 1, second - first - 1), person.substr(second + 1)});
  }
  const auto golden = id.empty() ? std::nullopt : transaction.load_golden(id);
  if (!golden || golden->entity != "contact")
    return make_error(
        ErrorClass::not_found,
        "there is no person \"" + person + "\": an id, or connection/stream/key; see huiliu contact unbound");
  const std::string target = transaction.resolve(to);
  const auto other = target.empty() ? std::nullopt : transaction.load_golden(target);
  if (!other) return make_error(ErrorClass::not_found, "there is no customer or contact \"" + to + "\"");
  const model::Micros now = workspace.clock->now();
  audit(transaction, actor, "decision", id, model::Object{{"kind", "binding"}, {"to", target}}, now);
  if (other->entity == "contact") return workspace.engine->merge(transaction, target, id, actor, now);
  if (other->entity == "customer")
    return workspace.engine->edit(transaction, id, "employer",
                                  {model::Presence::value, Value(target), target}, actor, now);
  return make_error(ErrorClass::config,
                    "a person is bound to a contact or a customer, not to " + other->entity);
}

}  // namespace huiliu::run
