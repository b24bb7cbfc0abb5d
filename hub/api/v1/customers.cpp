// Customers, contacts and the other golden records: lists, search, one record, corrections, merging,
// revealing, export. Everything that leaves goes through the access policy.
#include "hub/run/customers.hpp"
#include "hub/access/masking.hpp"
#include "hub/api/api.hpp"
#include "hub/crypt/hash.hpp"
#include "hub/run/audit.hpp"
#include "hub/run/decisions.hpp"
#include "hub/run/views.hpp"
#include "hub/sync/codec.hpp"

namespace huiliu::api {
namespace {

using model::Array;
using model::Error;
using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

constexpr std::size_t filter_looks_at = 20'000;  // records for one page
constexpr std::size_t export_most = 10'000;

const char* const entity_names[] = {"customer", "contact", "employee", "department", "organisation"};

// "/customers/…" → customer.
std::string entity_of(const Call& call) {
  const std::string path = call.request.path();
  for (const char* name : entity_names)
    if (path.starts_with("/api/v1/" + std::string(name) + "s")) return name;
  return "customer";
}

std::string etag_of(const model::Schema& schema, const sync::Golden& golden) {
  return crypt::to_hex(crypt::sha256(sync::encode(golden, schema))).substr(0, 24);
}

// The record, when there is one and the caller may see it.
Result<sync::Golden> visible(Call& call, store::Snapshot& snapshot, const std::string& id,
                             const std::string& entity) {
  const std::string surviving = snapshot.resolve(id);
  auto golden = surviving.empty() ? std::nullopt : snapshot.load_golden(surviving);
  if (!golden || golden->entity != entity || !call.api.policy().sees(call.who, snapshot, *golden))
    return not_there(id);
  return std::move(*golden);
}

Result<Answer> list(Call& call) {
  HUILIU_ASSIGN(const store::Page page, page_wanted(call));
  run::CustomerList wanted;
  wanted.query.entity = entity_of(call);
  wanted.query.connection = call.text("connection");
  wanted.query.scopes = call.hub.config().schema.find(wanted.query.entity) != nullptr &&
                                call.hub.config().schema.find(wanted.query.entity)->reference_data
                            ? store::Scopes()
                            : call.api.policy().scopes(call.who);
  if (const std::string since = call.text("changed_since"); !since.empty()) {
    const auto time = model::parse_rfc3339(since);
    if (!time.ok())
      return make_error(ErrorClass::data, "changed_since is a time as RFC 3339 writes it", "?changed_since");
    wanted.query.changed_since = *time;
  }
  // A filter over values that the caller sees masked would tell them one by one.
  wanted.filter = call.text("filter");
  if (!wanted.filter.empty() && !call.api.policy().sees_everything(call.who))
    for (const char* hidden :
         {"phone", "email", "tax", "invoice", "bank", "address", "legal_person", "mobile", "$"})
      if (wanted.filter.find(hidden) != std::string::npos)
        return Error{ErrorClass::auth,
                     "a filter names only fields that you see in clear, and calls no functions", "forbidden"};
  wanted.after = page.after;
  wanted.limit = page.limit;
  wanted.look_at = filter_looks_at;
  run::CustomerPage found;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    HUILIU_ASSIGN(found, run::list_customers(snapshot, call.hub.config().schema, wanted));
    return {};
  }));
  for (Value& row : found.rows) row = call.api.policy().filtered_record(call.who, row);
  return page_of(std::move(found.rows), found.next);
}

Result<Answer> search(Call& call) {
  std::string entity = call.text("entity");
  if (entity.empty()) entity = "customer";
  const auto limit = static_cast<std::size_t>(call.number("limit", 20));
  const model::Entity* known = call.hub.config().schema.find(entity);
  Array rows;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    rows = run::search_customers(
        snapshot, call.hub.config().schema, entity, call.text("q"), limit,
        known != nullptr && known->reference_data ? store::Scopes() : call.api.policy().scopes(call.who));
    return {};
  }));
  for (Value& row : rows) row = call.api.policy().filtered_record(call.who, row);
  return page_of(std::move(rows), {});
}

// Related records that are not the caller's to see keep their ids only.
void hide_names_of_others(Call& call, store::Snapshot& snapshot, Value& view) {
  model::Value* relations = view.as_object().find("relations");
  if (relations == nullptr || !relations->is_array()) return;
  for (Value& relation : relations->as_array()) {
    const auto other = snapshot.load_golden(snapshot.resolve(relation["to"].to_text()));
    if (!other || !call.api.policy().sees(call.who, snapshot, *other)) relation.as_object().set("name", "");
  }
}

Result<Answer> customer_shown(Call& call, const std::string& id) {
  Answer answer;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    HUILIU_ASSIGN(const sync::Golden golden, visible(call, snapshot, id, entity_of(call)));
    const auto view = run::golden_view(snapshot, call.hub.config().schema, golden.id);
    if (!view) return not_there(id);
    answer.body = call.api.policy().filtered_record(call.who, *view);
    hide_names_of_others(call, snapshot, answer.body);
    answer.etag = etag_of(call.hub.config().schema, golden);
    return {};
  }));
  return answer;
}

Result<Answer> show(Call& call) { return customer_shown(call, call.at("id")); }

Result<Answer> history(Call& call) {
  Answer answer;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    HUILIU_ASSIGN(const sync::Golden golden, visible(call, snapshot, call.at("id"), entity_of(call)));
    const auto view = run::golden_view(snapshot, call.hub.config().schema, golden.id);
    if (!view) return not_there(call.at("id"));
    answer = page_of(call.api.policy().filtered_record(call.who, *view)["history"].as_array(), {});
    return {};
  }));
  return answer;
}

// Inside the writing transaction: still visible, and (with If-Match) still as it was read.
run::LookAt guard(Call& call) {
  return [&call](store::Transaction& transaction, const sync::Golden& golden) -> Status {
    if (!call.api.policy().sees(call.who, transaction, golden)) return not_there(golden.id);
    const std::string wanted = call.request.header("If-Match");
    if (!wanted.empty() && wanted != "*" && wanted != "\"" + etag_of(call.hub.config().schema, golden) + "\"")
      return Error{ErrorClass::stale, "the record changed since it was read; read it again", "changed"};
    return {};
  };
}

Status exists(Call& call, const std::string& id, const std::string& entity) {
  return call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    const auto golden = visible(call, snapshot, id, entity);
    return golden.ok() ? Status() : Status(golden.error());
  });
}

Result<Answer> edit(Call& call) {
  const std::string entity_name = entity_of(call);
  const model::Entity* entity = call.hub.config().schema.find(entity_name);
  HUILIU_TRY(exists(call, call.at("id"), entity_name));
  std::vector<run::FieldEdit> edits;
  for (const model::Member& member : call.body["fields"].as_object()) {
    const model::FieldIndex index = entity == nullptr ? model::no_field : entity->index_of(member.key);
    if (index == model::no_field)
      return make_error(ErrorClass::data, "there is no field \"" + member.key + "\"",
                        "/fields/" + member.key);
    if (!call.api.policy().right(call.who, entity->fields[index]).writes)
      return Error{ErrorClass::auth, "you may not change the field " + member.key, "forbidden", {}};
    if (const Status allowed = run::may_edit(call.hub.config(), call.who.user(), member.key); !allowed.ok())
      return Error{ErrorClass::auth, allowed.error().message, "forbidden"};
    edits.push_back({member.key, member.value});
  }
  if (edits.empty()) return make_error(ErrorClass::data, "no field is named", "/fields");
  HUILIU_TRY(run::edit_customer(call.hub, call.at("id"), edits, call.who.user(), guard(call)));
  return customer_shown(call, call.at("id"));
}

Status may_match(const Call& call) {
  const Status allowed = run::may_match(call.hub.config(), call.who.user());
  return allowed.ok() ? Status() : Status(Error{ErrorClass::auth, allowed.error().message, "forbidden"});
}

Result<Answer> merge(Call& call) {
  HUILIU_TRY(may_match(call));
  const std::string other = call.body["from"].to_text();
  HUILIU_TRY(exists(call, call.at("id"), entity_of(call)));
  HUILIU_TRY(exists(call, other, entity_of(call)));
  HUILIU_TRY(run::merge_customers(call.hub, call.at("id"), other, call.who.user(), guard(call)));
  return customer_shown(call, call.at("id"));
}

Result<Answer> split(Call& call) {
  HUILIU_TRY(may_match(call));
  HUILIU_TRY(exists(call, call.at("id"), entity_of(call)));
  std::vector<model::RecordRef> refs;
  for (const Value& text : call.body["records"].as_array()) {
    HUILIU_ASSIGN(model::RecordRef ref, run::record_named(text.to_text()));
    refs.push_back(std::move(ref));
  }
  HUILIU_ASSIGN(const std::string fresh,
                run::split_customer(call.hub, call.at("id"), refs, call.who.user(), guard(call)));
  return customer_shown(call, fresh);
}

Result<Answer> move_home(Call& call) {
  HUILIU_TRY(exists(call, call.at("id"), "customer"));
  HUILIU_TRY(run::set_home(call.hub, call.at("id"), call.body["connection"].to_text(), call.who.user(),
                           guard(call)));
  return customer_shown(call, call.at("id"));
}

// Shows single values in clear, with a reason, and notes who saw what. Hidden fields stay hidden.
Result<Answer> reveal(Call& call) {
  const model::Entity* entity = call.hub.config().schema.find(entity_of(call));
  Object fields;
  std::string id;
  HUILIU_TRY(call.hub.store().write([&](store::Transaction& transaction) -> Status {
    HUILIU_ASSIGN(const sync::Golden golden, visible(call, transaction, call.at("id"), entity->name));
    id = golden.id;
    for (const Value& wanted : call.body["fields"].as_array()) {
      const std::string name = wanted.to_text();
      const model::FieldIndex index = entity->index_of(name);
      if (index == model::no_field)
        return make_error(ErrorClass::data, "there is no field \"" + name + "\"", "/fields");
      if (call.api.policy().right(call.who, entity->fields[index]).sees == config::Sees::nothing)
        return Error{ErrorClass::auth, "you may not see the field " + name, "forbidden"};
      const auto found = golden.fields.find(index);
      fields.set(name, found == golden.fields.end() ? Value() : run::field_value_view(found->second.value));
    }
    run::audit(transaction, call.who.actor(), "reveal", golden.id,
               Object{{"fields", call.body["fields"]},
                      {"reason", access::masked_text(call.body["reason"].to_text())}},
               call.now);
    return {};
  }));
  return Answer{200, Object{{"id", id}, {"fields", std::move(fields)}}, {}, {}, {}};
}

Result<Answer> export_rows(Call& call) {
  std::string entity = call.body["entity"].to_text();
  if (entity.empty()) entity = "customer";
  run::CustomerList wanted;
  wanted.query.entity = entity;
  wanted.query.connection = call.body["connection"].to_text();
  wanted.query.scopes = call.api.policy().scopes(call.who);
  wanted.limit = export_most;
  run::CustomerPage found;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    HUILIU_ASSIGN(found, run::list_customers(snapshot, call.hub.config().schema, wanted));
    return {};
  }));
  const auto count = static_cast<std::int64_t>(found.rows.size());
  // Noted before anything leaves.
  HUILIU_TRY(call.hub.store().write([&](store::Transaction& transaction) -> Status {
    run::audit(transaction, call.who.actor(), "export", entity,
               Object{{"rows", count}, {"reason", access::masked_text(call.body["reason"].to_text())}},
               call.now);
    return {};
  }));
  for (Value& row : found.rows) row = call.api.policy().filtered_record(call.who, row);
  return Answer{200,
                Object{{"rows", std::move(found.rows)}, {"count", count}, {"complete", found.next.empty()}},
                {},
                {},
                {}};
}

constexpr const char* list_query = R"({"connection":{"schema":{"type":"string","maxLength":100}},
  "changed_since":{"schema":{"type":"string","maxLength":40}},"filter":{"schema":{"type":"string","maxLength":500}}})";
constexpr const char* edit_body =
    R"({"type":"object","additionalProperties":false,"required":["fields"],"properties":{
  "fields":{"type":"object"}}})";
constexpr const char* reveal_body =
    R"({"type":"object","additionalProperties":false,"required":["fields","reason"],
  "properties":{"fields":{"type":"array","minItems":1,"maxItems":20,"items":{"type":"string","maxLength":100}},
  "reason":{"type":"string","minLength":4,"maxLength":300}}})";

}  // namespace

std::vector<Route> customer_routes() {
  std::vector<Route> all = {
      {"GET", "/search", "search", "Find by part of a name, its pinyin, a number, phone, e-mail",
       with("customers.read"), search, 200, "[]Row", "",
       R"({"q":{"required":true,"schema":{"type":"string","minLength":1,"maxLength":200}},
           "entity":{"schema":{"type":"string","enum":["customer","contact","employee","department","organisation"]}},
           "limit":{"schema":{"type":"integer","minimum":1,"maximum":50}}})"},
      {"POST", "/customers/{id}/home", "moveHome", "Move the home ERP; \"\" gives it back to the rule",
       with("customers.merge"), move_home, 200, "Record",
       R"({"type":"object","additionalProperties":false,"required":["connection"],"properties":{
           "connection":{"type":"string","maxLength":100}}})"},
      {"POST", "/exports", "exportRows", "Rows of the records one sees, masked as one sees them",
       with("customers.export"), export_rows, 200, "Export",
       R"({"type":"object","additionalProperties":false,"required":["reason"],"properties":{
           "entity":{"type":"string","enum":["customer","contact"]},"connection":{"type":"string","maxLength":100},
           "reason":{"type":"string","minLength":4,"maxLength":300}}})"},
  };
  all.back().secret = true;
  struct Masters {
    const char *path, *one, *history, *edit, *merge, *split, *reveal;
    const char* ids[7];
  };
  static constexpr Masters masters[] = {{"/customers",
                                         "/customers/{id}",
                                         "/customers/{id}/history",
                                         "/customers/{id}",
                                         "/customers/{id}/merge",
                                         "/customers/{id}/split",
                                         "/customers/{id}/reveal",
                                         {"listCustomers", "showCustomer", "customerHistory", "editCustomer",
                                          "mergeCustomers", "splitCustomer", "revealCustomer"}},
                                        {"/contacts",
                                         "/contacts/{id}",
                                         "/contacts/{id}/history",
                                         "/contacts/{id}",
                                         "/contacts/{id}/merge",
                                         "/contacts/{id}/split",
                                         "/contacts/{id}/reveal",
                                         {"listContacts", "showContact", "contactHistory", "editContact",
                                          "mergeContacts", "splitContact", "revealContact"}}};
  for (const Masters& m : masters) {
    all.push_back({"GET", m.path, m.ids[0], "A page of them, ascending by id", with("customers.read"), list,
                   200, "[]Row", "", list_query, true});
    all.push_back({"GET", m.one, m.ids[1], "Everything about one: each field with where it comes from",
                   with("customers.read"), show, 200, "Record"});
    all.push_back({"GET", m.history, m.ids[2], "Every change of its fields", with("customers.read"), history,
                   200, "[]HistoryEntry"});
    all.push_back({"PATCH", m.edit, m.ids[3], "Set fields, all or none; null clears", with("customers.write"),
                   edit, 200, "Record", edit_body, "", false, true});
    all.push_back({"POST", m.merge, m.ids[4], "The other becomes part of this one", with("customers.merge"),
                   merge, 200, "Record",
                   R"({"type":"object","additionalProperties":false,"required":["from"],"properties":{
                       "from":{"type":"string","minLength":1,"maxLength":100}}})"});
    all.push_back({"POST", m.split, m.ids[5], "Take records out into a golden record of their own",
                   with("customers.merge"), split, 200, "Record",
                   R"({"type":"object","additionalProperties":false,"required":["records"],"properties":{
                       "records":{"type":"array","minItems":1,"maxItems":100,"items":{"type":"string","maxLength":500}}}})"});
    all.push_back({"POST", m.reveal, m.ids[6], "Show masked values, with a reason; it is recorded",
                   with("customers.reveal"), reveal, 200, "Revealed", reveal_body});
    all.back().secret = true;
  }
  struct Reference {
    const char *path, *one, *list_id, *show_id;
  };
  static constexpr Reference references[] = {
      {"/employees", "/employees/{id}", "listEmployees", "showEmployee"},
      {"/departments", "/departments/{id}", "listDepartments", "showDepartment"},
      {"/organisations", "/organisations/{id}", "listOrganisations", "showOrganisation"}};
  for (const Reference& r : references) {
    all.push_back({"GET", r.path, r.list_id, "A page of them", with("customers.read"), list, 200, "[]Row", "",
                   list_query, true});
    all.push_back({"GET", r.one, r.show_id, "One of them", with("customers.read"), show, 200, "Record"});
  }
  return all;
}

}  // namespace huiliu::api
