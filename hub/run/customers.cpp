#include "hub/run/customers.hpp"

#include "hub/expr/expr.hpp"
#include "hub/mapping/functions.hpp"
#include "hub/run/audit.hpp"
#include "hub/run/clock.hpp"
#include "hub/run/decisions.hpp"
#include "hub/run/rules_builder.hpp"
#include "hub/run/views.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

Result<bool> passes(const expr::Program& filter, const Value& document, const expr::FunctionTable& functions,
                    model::Micros now) {
  expr::Context context;
  context.functions = &functions;
  context.now_ms = now / 1000;
  HUILIU_ASSIGN(const std::optional<Value> result, expr::evaluate(filter, &document, context));
  if (!result) return false;
  const bool* boolean = result->if_bool();
  return boolean == nullptr ? !result->is_null() : *boolean;
}

Result<sync::Golden> surviving(store::Transaction& transaction, const std::string& id) {
  const std::string found = transaction.resolve(id);
  auto golden = found.empty() ? std::nullopt : transaction.load_golden(found);
  if (!golden) return make_error(ErrorClass::not_found, "there is no golden record " + id);
  return std::move(*golden);
}

Result<model::FieldValue> value_of(const model::Field& field, const Value& entered) {
  if (entered.is_null()) return mapping::field_value(field, Value(""));
  // Typed on the command line, where everything is text.
  if (entered.is_string() && (field.type == "group" || field.type == "number" || field.type == "bool"))
    if (const auto parsed = model::parse_json(entered.as_string()); parsed.ok())
      return mapping::field_value(field, *parsed);
  return mapping::field_value(field, entered);
}

}  // namespace

Result<CustomerPage> list_customers(store::Snapshot& snapshot, const model::Schema& schema,
                                    const CustomerList& list) {
  const model::Entity* entity = schema.find(list.query.entity);
  if (entity == nullptr)
    return make_error(ErrorClass::config, "the model has no entity \"" + list.query.entity + "\"");
  std::optional<expr::Program> filter;
  if (!list.filter.empty()) {
    HUILIU_ASSIGN(filter, expr::compile(list.filter));
  }
  const model::Micros now = SystemClock().now();
  const auto functions = mapping::functions_at([now] { return now / 1000; });
  CustomerPage page;
  std::string after = list.after;
  std::size_t looked = 0;
  while (page.rows.size() < list.limit) {
    const std::size_t wanted = filter ? 500 : std::min<std::size_t>(500, list.limit - page.rows.size());
    const auto goldens = snapshot.list_goldens(list.query, {after, wanted});
    for (const sync::Golden& golden : goldens) {
      if (page.rows.size() >= list.limit || looked >= list.look_at) {
        page.next = after;
        return page;
      }
      ++looked;
      after = golden.id;
      if (filter) {
        HUILIU_ASSIGN(const bool fits, passes(*filter, golden_document(*entity, golden), *functions, now));
        if (!fits) continue;
      }
      page.rows.push_back(golden_row(snapshot, schema, golden));
    }
    if (goldens.size() < wanted) return page;
  }
  page.next = after;
  return page;
}

model::Array search_customers(store::Snapshot& snapshot, const model::Schema& schema,
                              const std::string& entity, const std::string& text, std::size_t limit,
                              const store::Scopes& scopes) {
  model::Array rows;
  for (const std::string& id : snapshot.search(entity, text, limit, scopes))
    if (const auto golden = snapshot.load_golden(id)) rows.push_back(golden_row(snapshot, schema, *golden));
  return rows;
}

Status edit_customer(Hub& hub, const std::string& id, const std::vector<FieldEdit>& edits,
                     const config::User& user, const LookAt& look) {
  for (const FieldEdit& edit : edits) HUILIU_TRY(may_edit(hub.config(), user, edit.field));
  return hub.store().write([&](store::Transaction& transaction) -> Status {
    HUILIU_ASSIGN(const sync::Golden golden, surviving(transaction, id));
    if (look) HUILIU_TRY(look(transaction, golden));
    const model::Entity* entity = hub.config().schema.find(golden.entity);
    const model::Micros now = hub.clock().now();
    model::Array changed;
    for (const FieldEdit& edit : edits) {
      const model::FieldIndex index = entity->index_of(edit.field);
      if (index == model::no_field)
        return make_error(ErrorClass::config,
                          "the model's " + entity->name + " has no field \"" + edit.field + "\"");
      HUILIU_ASSIGN(const model::FieldValue value, value_of(entity->fields[index], edit.value));
      HUILIU_TRY(hub.engine().edit(transaction, golden.id, edit.field, value, user.name, now));
      changed.emplace_back(edit.field);
    }
    audit(transaction, user.name, "edit", golden.id, Object{{"fields", std::move(changed)}}, now);
    return {};
  });
}

Status merge_customers(Hub& hub, const std::string& into, const std::string& from, const config::User& user,
                       const LookAt& look) {
  HUILIU_TRY(may_match(hub.config(), user));
  const Status merged = hub.store().write([&](store::Transaction& transaction) -> Status {
    const model::Micros now = hub.clock().now();
    for (const std::string& id : {into, from}) {
      HUILIU_ASSIGN(const sync::Golden golden, surviving(transaction, id));
      if (look) HUILIU_TRY(look(transaction, golden));
    }
    HUILIU_TRY(hub.engine().merge(transaction, into, from, user.name, now));
    audit(transaction, user.name, "merge", into, Object{{"from", from}}, now);
    return {};
  });
  return merged.ok() ? hub.reload_consents() : merged;
}

Result<model::RecordRef> record_named(const std::string& text) {
  const std::size_t first = text.find('/');
  const std::size_t second = first == std::string::npos ? first : text.find('/', first + 1);
  if (second == std::string::npos || first == 0 || second == first + 1 || second + 1 == text.size())
    return make_error(ErrorClass::config, "a record is named connection/stream/key, not \"" + text + "\"");
  return model::RecordRef{text.substr(0, first), text.substr(first + 1, second - first - 1),
                          text.substr(second + 1)};
}

Result<std::string> split_customer(Hub& hub, const std::string& id, const std::vector<model::RecordRef>& refs,
                                   const config::User& user, const LookAt& look) {
  std::string fresh;
  HUILIU_TRY(may_match(hub.config(), user));
  HUILIU_TRY(hub.store().write([&](store::Transaction& transaction) -> Status {
    const model::Micros now = hub.clock().now();
    HUILIU_ASSIGN(const sync::Golden golden, surviving(transaction, id));
    if (const Status fine = look ? look(transaction, golden) : Status(); !fine.ok()) return fine;
    HUILIU_ASSIGN(fresh, hub.engine().split(transaction, id, refs, user.name, now));
    model::Array records;
    for (const model::RecordRef& ref : refs) records.emplace_back(ref.text());
    audit(transaction, user.name, "split", golden.id,
          Object{{"records", std::move(records)}, {"into", fresh}}, now);
    return {};
  }));
  return fresh;
}

Status set_home(Hub& hub, const std::string& id, const std::string& connection, const config::User& user,
                const LookAt& look) {
  return hub.store().write([&](store::Transaction& transaction) -> Status {
    const model::Micros now = hub.clock().now();
    HUILIU_ASSIGN(const sync::Golden golden, surviving(transaction, id));
    if (look) HUILIU_TRY(look(transaction, golden));
    HUILIU_TRY(hub.engine().set_home(transaction, id, connection, user.name, now));
    audit(transaction, user.name, "home", golden.id, Object{{"connection", connection}}, now);
    return {};
  });
}

Status resolve_conflict(Hub& hub, const std::string& id, const std::string& text, const std::string& note,
                        const config::User& user) {
  return hub.store().write([&](store::Transaction& transaction) -> Status {
    const auto review = transaction.load_review(id);
    if (!review || review->kind != sync::ReviewKind::conflict)
      return make_error(ErrorClass::not_found, id + " is no conflict; see huiliu review show");
    if (review->state != "open") return make_error(ErrorClass::stale, id + " is not an open conflict");
    HUILIU_ASSIGN(const sync::Golden golden, surviving(transaction, review->golden));
    const model::Entity* entity = hub.config().schema.find(golden.entity);
    const model::FieldIndex index = entity->index_of(review->field);
    if (index == model::no_field)
      return make_error(ErrorClass::config, "the model no longer has the field " + review->field);
    HUILIU_ASSIGN(const model::FieldValue value, mapping::field_value(entity->fields[index], Value(text)));
    const model::Micros now = hub.clock().now();
    HUILIU_TRY(may_decide(hub.config(), user, *review));
    HUILIU_TRY(hub.engine().edit(transaction, golden.id, review->field, value, user.name, now));
    // The edit covers every claim of the conflict, so the engine usually has closed the question already.
    auto current = transaction.load_review(id);
    if (current && current->state == "open") {
      current->state = "decided";
      current->choice = text;
      current->note = note;
      current->actor = user.name;
      current->decided = now;
      transaction.save(*current);
    }
    audit(transaction, user.name, "decision", id,
          Object{{"kind", "conflict"}, {"customer", golden.id}, {"field", review->field}}, now);
    return {};
  });
}

}  // namespace huiliu::run
