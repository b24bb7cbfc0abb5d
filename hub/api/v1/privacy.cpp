// What the law gives a person: purposes, where his data went, consent, retention, a copy, erasure.
#include "hub/run/privacy.hpp"
#include "hub/access/masking.hpp"
#include "hub/api/api.hpp"
#include "hub/run/audit.hpp"
#include "hub/run/retention.hpp"
#include "hub/run/views.hpp"

namespace huiliu::api {
namespace {

using model::Array;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

Result<Answer> list_purposes(Call& call) { return page_of(run::purposes(call.hub), {}); }

Result<Answer> list_deliveries(Call& call) {
  HUILIU_ASSIGN(const store::Page page, page_wanted(call));
  Array items;
  std::string next;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    items = run::deliveries(snapshot, call.text("person"), call.text("connection"), page, next);
    return {};
  }));
  return page_of(std::move(items), next);
}

Result<Answer> export_person(Call& call) {
  Answer answer;
  HUILIU_TRY(call.hub.store().write([&](store::Transaction& transaction) -> Status {
    auto document = run::person_export(transaction, call.hub.config().schema, call.at("id"));
    if (!document || (*document)["kind"].to_text() != "contact") return not_there(call.at("id"));
    answer.body = std::move(*document);
    run::audit(transaction, call.who.actor(), "export", answer.body["id"].to_text(),
               Object{{"what", "one person"}, {"reason", access::masked_text(call.body["reason"].to_text())}},
               call.now);
    return {};
  }));
  return answer;
}

Result<Answer> erase_person(Call& call) {
  HUILIU_ASSIGN(const run::Erased erased,
                run::erase_person(call.hub, call.at("id"), call.body["reason"].to_text(), call.who.actor()));
  return Answer{200,
                Object{{"id", erased.id},
                       {"erased", true},
                       {"records", erased.records},
                       {"identifiers", erased.identifiers},
                       {"scrubbed", erased.scrubbed},
                       {"backups", erased.backups}},
                {},
                {},
                {}};
}

// --- consent

// Consents of the person that the id leads to.
Status consents_of(Call& call, Array& items) {
  return call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    const std::string person = snapshot.resolve(call.at("id"));
    if (person.empty()) return not_there(call.at("id"));
    for (const run::Consent& consent : run::ConsentBook::of_person(snapshot, person))
      items.push_back(run::consent_view(consent));
    return {};
  });
}

Result<Answer> list_consents(Call& call) {
  Array items;
  HUILIU_TRY(consents_of(call, items));
  return page_of(std::move(items), {});
}

Result<Answer> set_consent(Call& call) {
  HUILIU_TRY(call.hub.change_consent({call.at("id"), call.at("purpose"), call.body["given"].as_bool(),
                                      access::masked_text(call.body["note"].to_text()), call.who.actor(),
                                      call.now}));
  return list_consents(call);
}

Result<Answer> list_retention(Call& call) {
  Array items;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    items = run::retention_preview(snapshot, call.hub.config(), call.now);
    return {};
  }));
  return page_of(std::move(items), {});
}

constexpr const char* reason_body =
    R"({"type":"object","additionalProperties":false,"required":["reason"],"properties":{
        "reason":{"type":"string","minLength":4,"maxLength":300}}})";

constexpr const char* consent_body =
    R"({"type":"object","additionalProperties":false,"required":["given"],"properties":{
        "given":{"type":"boolean"},"note":{"type":"string","maxLength":300}}})";

}  // namespace

std::vector<Route> privacy_routes() {
  std::vector<Route> list = {
      {"GET", "/privacy/purposes", "listPurposes", "Personal fields: purpose, basis, who receives them",
       with("privacy.read"), list_purposes, 200, "[]Purpose"},
      {"GET", "/privacy/deliveries", "listDeliveries", "Where personal data went, newest first",
       with("privacy.read"), list_deliveries, 200, "[]Delivery", "",
       R"({"person":{"schema":{"type":"string","maxLength":100}},"connection":{"schema":{"type":"string","maxLength":100}}})",
       true},
      {"POST", "/privacy/persons/{id}/export", "exportPerson", "Everything that is kept of one person",
       with("privacy.operate"), export_person, 200, "Document", reason_body},
      {"POST", "/privacy/persons/{id}/erasure", "erasePerson", "Forget a person, here and for the future",
       with("privacy.operate"), erase_person, 200, "Erasure", reason_body},
      {"GET", "/privacy/persons/{id}/consents", "listConsents", "What a person agreed to, by purpose",
       with("privacy.read"), list_consents, 200, "[]Consent"},
      {"PUT", "/privacy/persons/{id}/consents/{purpose}", "setConsent",
       "Given or withdrawn; holds from the next write on", with("privacy.operate"), set_consent, 200,
       "[]Consent", consent_body},
      {"GET", "/privacy/retention", "listRetention", "Whom the retention jobs would forget now",
       with("privacy.read"), list_retention, 200, "[]Retention"},
  };
  for (Route& route : list) route.secret = std::string_view(route.answer) == "Document";
  return list;
}

}  // namespace huiliu::api
