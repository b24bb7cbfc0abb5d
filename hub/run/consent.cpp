#include "hub/run/consent.hpp"

#include "hub/run/audit.hpp"
#include "hub/run/views.hpp"

namespace huiliu::run {
namespace {

using model::Object;
using model::Status;
using model::Value;

constexpr const char* consent_space = "consent";

std::string consent_key(const sync::GoldenId& person, const std::string& purpose) {
  return person + " " + purpose;
}

std::optional<Consent> consent_from(const std::string& key, const std::string& text) {
  const auto value = model::parse_json(text);
  const std::size_t blank = key.find(' ');
  if (!value.ok() || blank == std::string::npos) return std::nullopt;
  Consent consent{key.substr(0, blank),       key.substr(blank + 1),    false,
                  (*value)["note"].to_text(), (*value)["by"].to_text(), 0};
  const bool* given = (*value)["given"].if_bool();
  consent.given = given != nullptr && *given;
  if (const auto at = model::parse_rfc3339((*value)["at"].to_text()); at.ok()) consent.at = *at;
  return consent;
}

}  // namespace

Status ConsentBook::load(store::Snapshot& snapshot) {
  auto fresh = std::make_shared<Said>();
  for (const auto& [key, text] : snapshot.list_values(consent_space)) {
    const auto consent = consent_from(key, text);
    // What cannot be read was no consent.
    const std::size_t blank = key.find(' ');
    const std::string person = key.substr(0, blank);
    const std::string surviving = snapshot.resolve(person);
    const auto [known, is_new] =
        fresh->try_emplace({surviving.empty() ? person : surviving,
                            blank == std::string::npos ? std::string() : key.substr(blank + 1)},
                           consent && consent->given);
    if (!is_new) known->second = known->second && consent && consent->given;
  }
  const std::lock_guard lock(mutex_);
  said_ = std::move(fresh);
  return {};
}

std::optional<bool> ConsentBook::said(const sync::GoldenId& golden, const std::string& purpose) const {
  std::shared_ptr<const Said> book;
  {
    const std::lock_guard lock(mutex_);
    book = said_;
  }
  const auto found = book->find({golden, purpose});
  return found == book->end() ? std::nullopt : std::optional(found->second);
}

std::string ConsentBook::why_withheld(const config::RecipientConfig& recipient, const model::Entity& entity,
                                      model::FieldIndex index, const sync::GoldenId& golden) const {
  const model::Field& field = entity.fields[index];
  if (field.pii.empty()) return {};
  if (field.purpose.empty()) return "no purpose is stated for this personal field; see the model";
  if (recipient.purposes && !recipient.purposes->contains(field.purpose))
    return "the system receives nothing for the purpose " + field.purpose;
  const auto consent = said(golden, field.purpose);
  if (consent && !*consent) return "the person withdrew the consent for " + field.purpose;
  // A company agrees by its contract; persons agree themselves.
  const bool wanted = field.basis == "consent" || (recipient.handler && entity.name != "customer");
  if (wanted && !consent) return "no consent of the person for " + field.purpose;
  return {};
}

void ConsentBook::guard(sync::Rules& rules, const config::Config& config) const {
  for (auto& [name, of] : rules.connections) {
    const config::ConnectionConfig* connection = config.connection(name);
    if (connection == nullptr) continue;  // the console
    const auto* schema = &config.schema;
    of.withheld = [this, schema, connection](const sync::Golden& golden, model::FieldIndex field) {
      return why_withheld(connection->recipient, *schema->find(golden.entity), field, golden.id);
    };
  }
}

void ConsentBook::record(store::Transaction& transaction, const Consent& consent) {
  transaction.save_value(consent_space, consent_key(consent.person, consent.purpose),
                         model::to_json(Object{{"given", consent.given},
                                               {"at", model::to_rfc3339(consent.at)},
                                               {"by", consent.by},
                                               {"note", consent.note}}));
  audit(transaction, consent.by, "consent", consent.person,
        Object{{"purpose", consent.purpose}, {"given", consent.given}, {"note", consent.note}}, consent.at);
}

std::vector<Consent> ConsentBook::of_person(store::Snapshot& snapshot, const sync::GoldenId& person) {
  std::vector<Consent> found;
  for (const auto& [key, text] : snapshot.list_values(consent_space))
    if (key.starts_with(person + " "))
      if (auto consent = consent_from(key, text)) found.push_back(std::move(*consent));
  return found;
}

void ConsentBook::forget(store::Transaction& transaction, const sync::GoldenId& person) {
  for (const Consent& consent : of_person(transaction, person))
    transaction.erase_value(consent_space, consent_key(person, consent.purpose));
}

Value consent_view(const Consent& consent) {
  return Object{{"purpose", consent.purpose},
                {"given", consent.given},
                {"at", time_text(consent.at)},
                {"by", consent.by},
                {"note", consent.note}};
}

}  // namespace huiliu::run
