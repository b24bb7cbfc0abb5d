#include "hub/run/matching.hpp"

#include <algorithm>

#include "hub/run/audit.hpp"
#include "hub/sync/review.hpp"

namespace huiliu::run {

using model::Result;
using model::Status;
using sync::GoldenId;

namespace {

constexpr std::size_t match_page = 500;

bool is_matched_record(const sync::Replica& replica) {
  return !replica.gone && replica.ref.connection != "hub" && !replica.ref.key.starts_with("new:");
}

std::vector<std::string> reason_texts(const model::Value& array) {
  std::vector<std::string> texts;
  if (const model::Array* items = array.if_array())
    for (const model::Value& item : *items) texts.push_back(item.to_text());
  return texts;
}

}  // namespace

Questions open_questions(store::Snapshot& snapshot) {
  Questions questions;
  std::string after;
  while (true) {
    const auto page = snapshot.list_reviews({sync::ReviewKind::duplicate, "open", {}}, {after, match_page});
    for (const sync::Review& review : page) {
      const GoldenId one = snapshot.resolve(review.golden);
      const GoldenId other = snapshot.resolve(review.evidence["other"].to_text());
      if (one.empty() || other.empty() || one == other) continue;
      const auto reasons = reason_texts(review.evidence["reasons"]);
      questions[one].push_back({other, review.id, reasons});
      questions[other].push_back({one, review.id, reasons});
    }
    if (page.size() < match_page) return questions;
    after = page.back().id;
  }
}

namespace {

MatchClass class_of(const MatchGroup& group) {
  if (group.candidates.size() > 1) return MatchClass::ambiguous;
  if (group.candidates.size() == 1) return MatchClass::probable;
  return group.records.size() > 1 ? MatchClass::exact : MatchClass::unmatched;
}

std::int64_t& count_of(MatchCounts& counts, MatchClass match) {
  switch (match) {
    case MatchClass::ambiguous:
      return counts.ambiguous;
    case MatchClass::probable:
      return counts.probable;
    case MatchClass::exact:
      return counts.exact;
    case MatchClass::unmatched:
      break;
  }
  return counts.unmatched;
}

}  // namespace

const char* to_string(MatchClass match) noexcept {
  static constexpr const char* names[] = {"ambiguous", "probable", "exact", "new"};
  return names[static_cast<std::size_t>(match)];
}

Result<MatchCounts> match_groups(store::Snapshot& snapshot, const std::string& entity,
                                 const std::function<Status(const MatchGroup&)>& take) {
  const auto questions = open_questions(snapshot);
  MatchCounts counts;
  for (const auto& [golden, candidates] : questions)
    counts.questions += static_cast<std::int64_t>(candidates.size());
  counts.questions /= 2;
  std::string after;
  for (bool more = true; more;) {
    auto page = snapshot.list_goldens({entity, {}, {}, model::unknown_time}, {after, match_page});
    more = page.size() == match_page;
    if (more) after = page.back().id;
    for (sync::Golden& golden : page) {
      MatchGroup group;
      if (const auto found = questions.find(golden.id); found != questions.end())
        group.candidates = found->second;
      auto cluster = snapshot.load_cluster(golden.id);
      if (!cluster) continue;
      for (sync::Replica& replica : cluster->replicas)
        if (is_matched_record(replica)) group.records.push_back(std::move(replica));
      if (group.records.empty()) continue;
      group.golden = std::move(golden);
      group.match = class_of(group);
      ++counts.customers;
      count_of(counts, group.match) += static_cast<std::int64_t>(group.records.size());
      if (take != nullptr) HUILIU_TRY(take(group));
    }
  }
  return counts;
}

namespace {

std::string refusal_of_split(store::Snapshot& snapshot, const MatchDecision& decision) {
  const auto cluster = snapshot.load_cluster(decision.golden);
  const bool others =
      cluster &&
      std::any_of(cluster->replicas.begin(), cluster->replicas.end(), [&](const sync::Replica& replica) {
        return is_matched_record(replica) && replica.ref != decision.record;
      });
  return others ? "" : "there is no other record to take it away from";
}

std::string refusal_of_target(store::Snapshot& snapshot, const MatchDecision& decision,
                              const std::string& entity, const GoldenId& id) {
  const auto target = snapshot.load_golden(id);
  if (!target) return "there is no customer " + id;
  if (!target->redirect.empty()) return id + " was merged into " + target->redirect + " meanwhile";
  if (id == decision.golden) return "it cannot be merged with itself";
  if (target->entity != entity) return id + " is a " + target->entity;
  return {};
}

}  // namespace

std::string refusal_of(store::Snapshot& snapshot, const Questions& questions, MatchDecision& decision) {
  const auto record = snapshot.load_replica(decision.record);
  if (!record || record->gone) return "the record is no longer there";
  if (record->golden != decision.golden)
    return "the record moved meanwhile: it belongs to " + record->golden + " now";
  if (decision.kind == MatchDecision::Kind::split) return refusal_of_split(snapshot, decision);
  if (decision.targets.empty()) {
    const auto found = questions.find(decision.golden);
    if (found == questions.end()) return "no question is open for it: name the other customer";
    if (found->second.size() > 1 && decision.kind == MatchDecision::Kind::merge)
      return "several customers may be the same: name the one";
    for (const MatchCandidate& candidate : found->second) decision.targets.push_back(candidate.golden);
  }
  for (const GoldenId& target : decision.targets)
    if (std::string why = refusal_of_target(snapshot, decision, record->entity, target); !why.empty())
      return why;
  return {};
}

Status carry_out(store::Transaction& transaction, sync::Engine& engine, const MatchDecision& decision,
                 const std::string& actor, model::Micros now) {
  if (decision.kind == MatchDecision::Kind::split) {
    auto split =
        engine.split(transaction, transaction.resolve(decision.golden), {decision.record}, actor, now);
    return split.ok() ? Status() : Status(split.error());
  }
  const bool merge = decision.kind == MatchDecision::Kind::merge;
  for (const GoldenId& target : decision.targets) {
    // An earlier row may have answered it, or made the two one.
    const GoldenId one = transaction.resolve(decision.golden);
    const GoldenId other = transaction.resolve(target);
    if (one == other) continue;
    audit(transaction, actor, "decision", one,
          model::Object{{"kind", "match"}, {"choice", merge ? "same" : "different"}, {"other", other}}, now);
    const auto question = transaction.open_review(sync::same_question(decision.golden, target));
    if (question)
      HUILIU_TRY(
          engine.decide(transaction, question->id, merge ? "same" : "different", "match import", actor, now));
    // Without a question a merge is the person's own idea; to keep apart what is apart needs nothing.
    else if (merge)
      HUILIU_TRY(engine.merge(transaction, other, one, actor, now));
  }
  return {};
}

}  // namespace huiliu::run
