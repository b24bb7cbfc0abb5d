#include "hub/sync/review.hpp"

#include <algorithm>

#include "hub/sync/approve.hpp"
#include "hub/sync/create.hpp"
#include "hub/sync/link.hpp"
#include "hub/sync/observe.hpp"
#include "hub/sync/plan.hpp"
#include "hub/sync/removal.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::sync {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Status;
using model::Value;

std::string conflict_question(const GoldenId& golden, const std::string& field) {
  return "conflict/" + golden + "/" + field;
}

// What a person needs to choose between values; `key` brings the value back exactly.
Value offered_value(const FieldValue& value, const RecordRef& from, const Interval& changed) {
  return model::Object{{"connection", from.connection},
                       {"stream", from.stream},
                       {"key", from.key},
                       {"value", plain(value)},
                       {"at", model::to_rfc3339(changed.to)},
                       {"comparison", value.key}};
}

std::string choice_text(const Value& offered) {
  const Value& value = offered["value"];
  return value.is_object() || value.is_array() ? model::to_json(value) : value.to_text();
}

FieldValue value_offered(const Value& offered) {
  if (offered["value"].is_null()) return {Presence::cleared, {}, {}};
  return {Presence::value, offered["value"], offered["comparison"].to_text()};
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

// The conflict review is about edits; what differed at first link is told by the match report.
bool asks_a_person(const Context& context, const Work& work, FieldIndex field, const GoldenField& golden) {
  if (golden.held) return true;
  const Policy policy = context.rules.policy(work.entity.name, field).policy;
  if (policy == Policy::authority) return false;  // the rule decides; losers stand in the history
  return std::any_of(golden.losers.begin(), golden.losers.end(),
                     [](const Loser& loser) { return !loser.initial; });
}

void open_or_merge(Context& context, const Review& review, const std::string& actor) {
  GoldenId a = context.repository.resolve(review.golden);
  GoldenId b = context.repository.resolve(review.evidence["other"].to_text());
  const auto left = context.repository.load_golden(a);
  const auto right = context.repository.load_golden(b);
  if (!left || !right || a == b) return;
  if (std::tuple(right->created, b) < std::tuple(left->created, a)) std::swap(a, b);  // the older id stays
  static_cast<void>(merge_goldens(context, a, b, actor));  // both exist and are of one entity
}

// A person's word on two goldens is kept on both, so that nothing is asked twice.
void remember_judgement(Context& context, const Review& review, const std::string& judgement) {
  const GoldenId a = context.repository.resolve(review.golden);
  const GoldenId b = context.repository.resolve(review.evidence["other"].to_text());
  if (a.empty() || b.empty() || a == b) return;
  for (const auto& [id, other] : {std::pair(a, b), std::pair(b, a)}) {
    auto work = open_work(context, id);
    if (!work) continue;
    work->golden().judged[other] = judgement;
    finish(context, *work);
  }
}

void decide_duplicate(Context& context, const Review& review) {
  if (review.choice == "same")
    open_or_merge(context, review, review.actor);
  else
    remember_judgement(context, review, review.choice);
}

// Approved only when nothing is missing, or the note says why it may be.
Status decide_create(Context& context, const Review& review, const Decision& decision) {
  auto work = open_work(context, review.golden);
  if (!work) return {};
  Golden& golden = work->golden();
  for (const auto& [word, value] : decision.with) golden.create_with[review.connection][word] = value;
  const ConnectionRules* const connection = context.rules.connection(review.connection);
  if (connection == nullptr)
    return make_error(ErrorClass::config, "there is no connection " + review.connection + " any more",
                      review.id);
  if (review.choice == "approve") {
    const auto missing = missing_to_create(context, work->cluster, work->entity, *connection);
    std::string list;
    for (const auto& each : missing) list += (list.empty() ? "" : ", ") + each.field;
    if (!missing.empty() && decision.note.empty())
      return make_error(ErrorClass::data,
                        "not complete, missing: " + list +
                            "; complete the record and approve it then, send it back with the choice "
                            "\"return\", or state in a note why it may be missing",
                        review.id);
    golden.creates[review.connection] = "approved";
  } else if (review.choice == "return") {
    golden.creates[review.connection] =
        "returned:" + request_fingerprint(context, work->cluster, work->entity, *connection);
  } else {
    golden.creates[review.connection] = "refused";
  }
  finish(context, *work);
  return {};
}

void decide_for(Context& context, const Review& review, const FieldValue& value, bool authority_first) {
  auto work = open_work(context, review.golden);
  if (!work) return;
  const FieldIndex field = work->entity.index_of(review.field);
  if (field == model::no_field) return;
  work->actor = review.actor;
  if (authority_first)
    decide_value(context, *work, field, value, review.id, review.note);
  else
    claim_as_console(context, *work, field, value);
  finish(context, *work);
}

void refresh_golden(Context& context, const GoldenId& golden) {
  if (const auto work = open_work(context, golden)) mark_due(context, work->cluster, work->entity);
}

void decide_change(Context& context, const Review& review) {
  if (asks_for_removal(review))
    return decide_removal(context, review.golden, review.connection, review.choice == "approve");

  if (const auto policy = delete_policy_from(review.choice)) return decide_deletion(context, review, *policy);
  if (review.choice == "recreate") {
    decide_recreation(context, review);
  } else if (review.choice == "approve") {
    decide_for(context, review, value_offered(review.evidence["after"]), true);
  } else {
    refresh_golden(context, review.golden);  // no longer waited for: put back
  }
}

// Which of the offered values a choice means: its text, its connection, or its record.
const Value* offered_by(const Review& review, const std::string& choice) {
  const auto* values = review.evidence["values"].if_array();
  if (values == nullptr) return nullptr;
  const auto found = std::find_if(values->begin(), values->end(), [&](const Value& offered) {
    return choice_text(offered) == choice || offered["connection"].to_text() == choice;
  });
  return found == values->end() ? nullptr : &*found;
}

}  // namespace

void ask(Context& context, Review review) {
  if (auto open = context.repository.open_review(review.dedupe)) {
    if (open->evidence == review.evidence && open->choices == review.choices && open->golden == review.golden)
      return;
    open->evidence = std::move(review.evidence);
    open->choices = std::move(review.choices);
    open->subject = std::move(review.subject);
    open->golden = std::move(review.golden);
    context.repository.save(*open);
    return;
  }
  review.id = model::make_id("rev", context.now, context.random);
  review.opened = context.now;
  review.state = "open";
  context.repository.save(review);
}

void withdraw(Context& context, const std::string& dedupe) {
  auto open = context.repository.open_review(dedupe);
  if (!open) return;
  open->state = "withdrawn";
  open->decided = context.now;
  context.repository.save(*open);
}

void update_conflict_review(Context& context, const Work& work, FieldIndex field) {
  const GoldenField& golden = work.cluster.golden.fields.at(field);
  const std::string& name = work.name_of(field);
  const std::string question = conflict_question(work.cluster.golden.id, name);
  if (!asks_a_person(context, work, field, golden)) {
    const auto before = work.before.golden.fields.find(field);
    const bool had =
        before != work.before.golden.fields.end() && (before->second.held || !before->second.losers.empty());
    if (had) withdraw(context, question);
    return;
  }
  model::Array values;
  std::vector<std::string> choices;
  const auto offer = [&](const FieldValue& value, const RecordRef& from, const Interval& changed) {
    values.push_back(offered_value(value, from, changed));
    choices.push_back(choice_text(values.back()));
  };
  if (!golden.held || golden.parked) offer(golden.value, golden.from, golden.changed);
  for (const auto& loser : golden.losers) offer(loser.value, loser.from, loser.changed);
  Review review;
  review.kind = ReviewKind::conflict;
  review.golden = work.cluster.golden.id;
  review.field = name;
  review.subject = title_of(work.entity, work.cluster.golden) + ": " + name;
  review.choices = std::move(choices);
  review.evidence = model::Object{{"customer", work.cluster.golden.id},
                                  {"field", name},
                                  {"base", plain(golden.value)},
                                  {"values", std::move(values)},
                                  {"rule", golden.parked ? "unexplained"
                                           : golden.held ? "manual"
                                                         : golden.rule},
                                  {"winner", golden.held ? Value() : Value(golden.from.connection)}};
  review.dedupe = question;
  ask(context, std::move(review));
}

std::string change_question(const RecordRef& ref, const std::string& field) {
  return "change/" + ref.text() + "/" + field;
}

void ask_for_change(Context& context, const Work& work, const RecordRef& ref, FieldIndex field,
                    const FieldValue& before, const FieldValue& after) {
  const auto& golden = work.cluster.golden.fields.at(field);
  const auto& of = work.entity.fields[field];
  if (after.shows_same(golden.value)) return withdraw(context, change_question(ref, of.name));
  Review review;
  review.kind = ReviewKind::change;
  review.golden = work.cluster.golden.id;
  review.connection = ref.connection;
  review.field = of.name;
  review.subject = title_of(work.entity, work.cluster.golden) + ": " + of.name + " " +
                   masked(of, golden.value) + " → " + masked(of, after);
  review.choices = {"approve", "refuse"};
  review.evidence = model::Object{{"customer", work.cluster.golden.id},
                                  {"field", of.name},
                                  {"authority", authority_of(context, work.cluster, field)},
                                  {"author", ref.connection},
                                  {"golden", plain(golden.value)},
                                  {"before", plain(before)},
                                  {"after", offered_value(after, ref, {context.now, context.now})}};
  review.dedupe = change_question(ref, of.name);
  ask(context, std::move(review));
}

std::string same_question(const GoldenId& a, const GoldenId& b) {
  return "same/" + std::min(a, b) + "/" + std::max(a, b);
}

void ask_whether_same(Context& context, Work& work, const Golden& other,
                      const std::vector<std::string>& reasons) {
  work.golden().judged[other.id] = judged_asked;
  Golden noted = other;
  noted.judged[work.golden().id] = judged_asked;
  if (!(noted == other)) context.repository.save(noted);
  model::Array why;
  for (const auto& reason : reasons) why.emplace_back(reason);
  Review review;
  review.kind = ReviewKind::duplicate;
  review.golden = work.cluster.golden.id;
  review.subject = title_of(work.entity, work.cluster.golden) + " = " + title_of(work.entity, other) + "?";
  review.choices = {"same", "different", "unsure"};
  review.evidence = model::Object{{"other", other.id}, {"reasons", std::move(why)}};
  review.dedupe = same_question(work.cluster.golden.id, other.id);
  ask(context, std::move(review));
}

Status decide(Context& context, const std::string& id, const Decision& decision) {
  auto review = context.repository.load_review(id);
  if (!review) return make_error(ErrorClass::not_found, "no such review", id);
  if (review->state != "open")
    return make_error(ErrorClass::stale, "decided already: " + review->state + " " + review->choice, id);
  // Both words mean the same, and each kind of review once listed the other.
  const bool no = decision.choice == "reject" || decision.choice == "refuse";
  const auto has = [&](const char* word) {
    return std::find(review->choices.begin(), review->choices.end(), word) != review->choices.end();
  };
  const std::string choice = no && has("refuse")   ? "refuse"
                             : no && has("reject") ? "reject"
                                                   : decision.choice;
  const Value* const offered = review->kind == ReviewKind::conflict ? offered_by(*review, choice) : nullptr;
  const bool listed =
      std::find(review->choices.begin(), review->choices.end(), choice) != review->choices.end();
  if (!listed && offered == nullptr)
    return make_error(ErrorClass::config,
                      "\"" + decision.choice + "\" is not one of its choices: " + joined(review->choices),
                      id);
  review->state = "decided";
  review->choice = choice;
  review->note = decision.note;
  review->actor = decision.actor;
  review->decided = context.now;
  if (review->kind == ReviewKind::create) HUILIU_TRY(decide_create(context, *review, decision));
  context.repository.save(*review);
  switch (review->kind) {
    case ReviewKind::duplicate:
      decide_duplicate(context, *review);
      break;
    case ReviewKind::conflict:
      decide_for(context, *review, value_offered(*offered), false);
      break;
    case ReviewKind::create:
      break;  // above: it may be refused
    case ReviewKind::change:
      decide_change(context, *review);
      break;
    case ReviewKind::brake:
      break;  // the run that asked reads the answer
  }
  return {};
}

}  // namespace huiliu::sync
