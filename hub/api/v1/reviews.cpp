// Questions for people: reviews of every kind, creation requests, conflicts; dead letters.
#include "hub/access/masking.hpp"
#include "hub/api/api.hpp"
#include "hub/run/customers.hpp"
#include "hub/run/decisions.hpp"
#include "hub/run/views.hpp"

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

std::optional<sync::ReviewKind> kind_of(const std::string& name) {
  for (const auto kind : {sync::ReviewKind::duplicate, sync::ReviewKind::conflict, sync::ReviewKind::create,
                          sync::ReviewKind::change, sync::ReviewKind::brake})
    if (name == sync::to_string(kind)) return kind;
  return std::nullopt;
}

// A question is seen by who sees the record that it is about; one about no record, by who sees every record.
bool sees(Call& call, store::Snapshot& snapshot, const sync::Review& review) {
  const access::Policy& policy = call.api.policy();
  if (!policy.scopes(call.who)) return true;
  if (review.golden.empty()) return false;
  const auto golden = snapshot.load_golden(snapshot.resolve(review.golden));
  return golden && policy.sees(call.who, snapshot, *golden);
}

std::string entity_of(store::Snapshot& snapshot, const sync::Review& review) {
  const auto golden = snapshot.load_golden(snapshot.resolve(review.golden));
  return golden ? golden->entity : "customer";
}

Value filtered(Call& call, store::Snapshot& snapshot, const sync::Review& review, Value view) {
  Value out = call.api.policy().filtered_document(call.who, entity_of(snapshot, review), view, review.field);
  // Ids, times and words of the hub hold nothing personal.
  for (const char* plain :
       {"id", "kind", "subject", "choices", "opened", "state", "customer", "connection", "field", "decided"})
    if (const Value* value = view.find(plain)) out.as_object().set(plain, *value);
  out.as_object().set("may_decide", review.state == "open" &&
                                        call.api.policy().may(call.who, "reviews.decide") &&
                                        run::may_decide(call.hub.config(), call.who.user(), review).ok());
  return out;
}

Result<sync::Review> visible(Call& call, store::Snapshot& snapshot, const std::string& id) {
  auto review = snapshot.load_review(id);
  if (!review || !sees(call, snapshot, *review)) return not_there(id);
  return std::move(*review);
}

// A page of the reviews that the caller sees, each as `view` shows it.
Result<Answer> list_of(Call& call, std::optional<sync::ReviewKind> kind, Value (*view)(const sync::Review&)) {
  HUILIU_ASSIGN(const store::Page page, page_wanted(call));
  const std::string state = call.text("state");
  const store::ReviewQuery query{kind,
                                 state.empty()    ? "open"
                                 : state == "all" ? ""
                                                  : state,
                                 call.text("connection")};
  Array items;
  std::string after = page.after, next;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    while (true) {
      const auto reviews = snapshot.list_reviews(query, {after, 200});
      for (const sync::Review& review : reviews) {
        if (items.size() == page.limit) {
          next = after;
          return {};
        }
        after = review.id;
        if (sees(call, snapshot, review)) items.push_back(filtered(call, snapshot, review, view(review)));
      }
      if (reviews.size() < 200) return {};
    }
  }));
  return page_of(std::move(items), next);
}

Result<Answer> one_of(Call& call, std::optional<sync::ReviewKind> kind, Value (*view)(const sync::Review&)) {
  Answer answer;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    HUILIU_ASSIGN(const sync::Review review, visible(call, snapshot, call.at("id")));
    if (kind && review.kind != *kind) return not_there(call.at("id"));
    answer.body = filtered(call, snapshot, review, view(review));
    return {};
  }));
  return answer;
}

Result<Answer> list_reviews(Call& call) {
  return list_of(call, kind_of(call.text("kind")), run::review_view);
}
Result<Answer> show_review(Call& call) { return one_of(call, std::nullopt, run::review_view); }
Result<Answer> list_requests(Call& call) { return list_of(call, sync::ReviewKind::create, run::review_view); }
Result<Answer> show_request(Call& call) { return one_of(call, sync::ReviewKind::create, run::review_view); }
Result<Answer> list_conflicts(Call& call) {
  return list_of(call, sync::ReviewKind::conflict, run::conflict_view);
}
Result<Answer> show_conflict(Call& call) {
  return one_of(call, sync::ReviewKind::conflict, run::conflict_view);
}

Status decidable(Call& call, std::optional<sync::ReviewKind> kind) {
  return call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    HUILIU_ASSIGN(const sync::Review review, visible(call, snapshot, call.at("id")));
    if (kind && review.kind != *kind) return not_there(call.at("id"));
    const Status allowed = run::may_decide(call.hub.config(), call.who.user(), review);
    if (!allowed.ok()) return Error{ErrorClass::auth, allowed.error().message, "forbidden"};
    return {};
  });
}

Result<Answer> decide(Call& call, std::optional<sync::ReviewKind> kind) {
  HUILIU_TRY(decidable(call, kind));
  run::PersonsDecision decision;
  decision.choice = call.body["choice"].to_text();
  decision.note = call.body["note"].to_text();
  decision.user = call.who.user();
  if (const Object* words = call.body["with"].if_object())
    for (const model::Member& word : *words) decision.with[word.key] = word.value.to_text();
  HUILIU_TRY(run::decide_review(call.hub, call.at("id"), decision));
  return one_of(call, kind, run::review_view);
}

Result<Answer> decide_review(Call& call) { return decide(call, std::nullopt); }
Result<Answer> decide_request(Call& call) { return decide(call, sync::ReviewKind::create); }

Result<Answer> resolve_conflict(Call& call) {
  HUILIU_TRY(decidable(call, sync::ReviewKind::conflict));
  HUILIU_TRY(run::resolve_conflict(call.hub, call.at("id"), call.body["value"].to_text(),
                                   call.body["note"].to_text(), call.who.user()));
  return one_of(call, sync::ReviewKind::conflict, run::conflict_view);
}

// --- dead letters

// The raw record is the vendor's, so nobody knows which of its members are personal: in clear only for who
// sees every class; else its shape.
Value letter(Call& call, const store::Parked& parked) {
  Value view = run::dead_letter_view(parked);
  Object& members = view.as_object();
  if (call.api.policy().sees_everything(call.who)) return view;
  members.set("message", access::masked_text(parked.message));
  members.set("key", access::masked_text(parked.key));
  const auto raw = model::parse_json(parked.raw);
  members.set("raw", raw.ok() ? model::to_json(access::masked_shape(*raw)) : std::string("***"));
  members.set("masked", true);
  return view;
}

Result<Answer> list_letters(Call& call) {
  HUILIU_ASSIGN(const store::Page page, page_wanted(call));
  store::ParkedQuery query;
  query.connection = call.text("connection");
  query.stream = call.text("stream");
  query.cause = call.text("cause");
  Array items;
  std::string next;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    const auto letters = snapshot.list_parked(query, {page.after, page.limit + 1});
    for (const store::Parked& parked : letters)
      if (items.size() < page.limit) items.push_back(letter(call, parked));
    if (letters.size() > page.limit) next = letters[page.limit - 1].id;
    return {};
  }));
  return page_of(std::move(items), next);
}

Result<Answer> show_letter(Call& call) {
  Answer answer;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    const auto parked = snapshot.load_parked(call.at("id"));
    if (!parked) return not_there(call.at("id"));
    answer.body = letter(call, *parked);
    return {};
  }));
  return answer;
}

Result<Answer> letter_causes(Call& call) {
  store::ParkedQuery query;
  query.connection = call.text("connection");
  Array items;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    for (const store::ParkedCause& cause : snapshot.parked_causes(query))
      items.push_back(Object{{"connection", cause.connection},
                             {"stream", cause.stream},
                             {"cause", cause.cause},
                             {"message", access::masked_text(cause.message)},
                             {"count", cause.count},
                             {"oldest", run::time_text(cause.oldest)},
                             {"newest", run::time_text(cause.newest)}});
    return {};
  }));
  return page_of(std::move(items), {});
}

Result<Answer> replay(Call& call) {
  std::vector<std::string> ids;
  for (const Value& id : call.body["ids"].as_array()) ids.push_back(id.to_text());
  HUILIU_ASSIGN(const run::Hub::Replayed replayed, call.hub.replay({ids, {}, {}, {}}));
  return Answer{200, Object{{"replayed", replayed.replayed}, {"failed", replayed.failed}}, {}, {}, {}};
}

constexpr const char* review_query =
    R"({"state":{"schema":{"type":"string","enum":["open","decided","withdrawn","all"]}},
  "connection":{"schema":{"type":"string","maxLength":100}}})";
constexpr const char* decide_body =
    R"({"type":"object","additionalProperties":false,"required":["choice"],"properties":{
  "choice":{"type":"string","minLength":1,"maxLength":300},"note":{"type":"string","maxLength":1000},
  "with":{"type":"object","additionalProperties":{"type":"string","maxLength":300}}}})";

}  // namespace

std::vector<Route> review_routes() {
  return {
      {"GET", "/reviews", "listReviews", "Questions for a person", with("reviews.read"), list_reviews, 200,
       "[]Review", "",
       R"({"kind":{"schema":{"type":"string","enum":["duplicate","conflict","create","change","brake"]}},
           "state":{"schema":{"type":"string","enum":["open","decided","withdrawn","all"]}},
           "connection":{"schema":{"type":"string","maxLength":100}}})",
       true},
      {"GET", "/reviews/{id}", "showReview", "One, with its evidence", with("reviews.read"), show_review, 200,
       "Review"},
      {"POST", "/reviews/{id}/decision", "decideReview", "Choose", with("reviews.decide"), decide_review, 200,
       "Review", decide_body},
      {"GET", "/creation-requests", "listCreationRequests", "Records that wait for approval",
       with("reviews.read"), list_requests, 200, "[]Review", "", review_query, true},
      {"GET", "/creation-requests/{id}", "showCreationRequest", "One of them", with("reviews.read"),
       show_request, 200, "Review"},
      {"POST", "/creation-requests/{id}/decision", "decideCreationRequest", "Approve, refuse or return it",
       with("reviews.decide"), decide_request, 200, "Review", decide_body},
      {"GET", "/conflicts", "listConflicts", "Concurrent edits of a shared field", with("reviews.read"),
       list_conflicts, 200, "[]Conflict", "", review_query, true},
      {"GET", "/conflicts/{id}", "showConflict", "Both sides", with("reviews.read"), show_conflict, 200,
       "Conflict"},
      {"POST", "/conflicts/{id}/resolution", "resolveConflict", "Decide by a value", with("reviews.decide"),
       resolve_conflict, 200, "Conflict",
       R"({"type":"object","additionalProperties":false,"required":["value"],"properties":{
           "value":{"type":"string","maxLength":2000},"note":{"type":"string","maxLength":1000}}})"},
      {"GET", "/dead-letters", "listDeadLetters", "Records that need a person", with("dead-letters.read"),
       list_letters, 200, "[]DeadLetter", "",
       R"({"connection":{"schema":{"type":"string","maxLength":100}},"stream":{"schema":{"type":"string","maxLength":100}},
           "cause":{"schema":{"type":"string","maxLength":200}}})",
       true},
      {"GET", "/dead-letters/causes", "deadLetterCauses", "How many by cause", with("dead-letters.read"),
       letter_causes, 200, "[]DeadLetterCause", "",
       R"({"connection":{"schema":{"type":"string","maxLength":100}}})"},
      {"GET", "/dead-letters/{id}", "showDeadLetter", "One of them", with("dead-letters.read"), show_letter,
       200, "DeadLetter"},
      {"POST", "/dead-letters/replay", "replayDeadLetters", "Process them again",
       with("dead-letters.operate"), replay, 200, "Replayed",
       R"({"type":"object","additionalProperties":false,"required":["ids"],"properties":{
           "ids":{"type":"array","minItems":1,"maxItems":1000,"items":{"type":"string","minLength":1,"maxLength":100}}}})"},
  };
}

}  // namespace huiliu::api
