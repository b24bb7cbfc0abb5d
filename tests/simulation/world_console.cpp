// What people decide in the console.
#include "tests/simulation/world_inside.hpp"

#include <algorithm>
#include <cstdio>

namespace huiliu::simulation {

std::vector<sync::GoldenId> World::living_goldens() const {
  std::vector<sync::GoldenId> ids;
  for (const auto& [id, golden] : repository_.goldens()) {
    if (golden.redirect.empty()) ids.push_back(id);
  }
  return ids;
}

void World::console_edits() {
  if (!faults_.at(Point::console_edit, 100)) return;
  const auto ids = living_goldens();
  if (ids.empty()) return;
  const auto& id = ids[dice_.below(ids.size())];
  const int field = std::vector<int>{f_a, f_b, f_c}[dice_.below(3)];
  const std::string text = "h" + std::to_string(1000 + ++edits_);
  truth_.decided(id, field, text);
  const std::string& name = simulated_schema().find("customer")->fields[static_cast<std::size_t>(field)].name;
  transact([&](sync::Repository& hub) {
    static_cast<void>(engine_.edit(hub, id, name, value_of(field, text), "li", now_));
  });
  note("console", text);
  truth_.check_state();
}

std::string World::job_of(const sync::GoldenId& id) {
  const auto golden = repository_.goldens().find(repository_.resolve(id));
  if (golden == repository_.goldens().end() || !golden->second.fields.contains(f_job)) return {};
  return text_of(golden->second.fields.at(f_job).value);
}

void World::decide_something() {
  if (repository_.open_reviews().empty() || !faults_.at(Point::decision, 100)) return;
  auto at = repository_.open_reviews().begin();
  std::advance(at, static_cast<std::ptrdiff_t>(dice_.below(repository_.open_reviews().size())));
  decide(repository_.reviews().at(at->second));
}

void World::decide(const sync::Review& review) {
  std::string choice = review.choices[dice_.below(review.choices.size())];
  if (review.kind == sync::ReviewKind::duplicate)
    choice = one_customer(review.golden, review.evidence["other"].to_text()) ? "same" : "different";
  const auto& of = review.evidence["record"];
  if (choice == "recreate") {
    if (faults_.at(Point::recreated_record, draining_ ? 0 : 500))
      truth_.recreated(ref_of(of["connection"].to_text(), of["key"].to_text()));
    else
      choice = "leave";
  }
  if (review.dedupe.starts_with("deleted/")) {
    const auto& record = remotes_.at(of["connection"].to_text())->records().at(of["key"].to_text());
    if (record.now.deleted && record.now.deleted_by_hub && told_.contains(record.key))
      truth_.fail("S3", "asked about its own deletion of " + record.key);
  }
  if (const auto policy = sync::delete_policy_from(choice)) {
    if (faults_.at(Point::chosen_policy, draining_ ? 30 : 80))
      truth_.said(ref_of(of["connection"].to_text(), of["key"].to_text()), *policy, now_);
    else
      choice = "leave";
  }
  if (review.dedupe.starts_with("remove/")) count_strike(Point::removal_asked);
  if (review.kind == sync::ReviewKind::create) count_strike(Point::asked_create);
  const FieldIndex field = simulated_schema().find("customer")->index_of(review.field);
  if (field != model::no_field && choice != "reject" && choice != "refuse")
    truth_.decided(
        repository_.resolve(review.golden), field,
        review.kind == sync::ReviewKind::conflict ? choice : review.evidence["after"]["value"].to_text());
  model::Status status;
  transact([&](sync::Repository& hub) {
    status = engine_.decide(hub, review.id, choice, "as played", "li", now_);
  });
  if (!status.ok()) truth_.fail("L1", "decision refused: " + status.error().text());
  note("decide", review.dedupe + choice);
  truth_.check_state();
}

// A person links two customers by mistake, and later takes them apart again.
void World::merge_or_split() {
  for (const auto& [from, job] : wrong_merges_) {
    if (faults_.at(Point::unmerge, 50)) return take_apart(from, job);
  }
  if (!faults_.active(Point::wrong_merge)) return;
  const auto ids = living_goldens();
  if (ids.size() < 2) return;
  auto into = ids[dice_.below(ids.size())];
  auto from = ids[dice_.below(ids.size())];
  if (!apart_.empty() && faults_.at(Point::merged_again, 50)) std::tie(into, from) = apart_.back();
  if (repository_.resolve(into) != into || repository_.resolve(from) != from) return;
  if (into == from || one_customer(into, from) || wrong_merges_.contains(into)) return;
  const std::string job = job_of(from);
  count_strike(Point::wrong_merge);
  if (!transact(
          [&](sync::Repository& hub) { static_cast<void>(engine_.merge(hub, into, from, "li", now_)); }))
    return;
  truth_.mixed_up();
  wrong_merges_[from] = job;
  ++result_.merges;
  note("merge", into + from);
  truth_.check_state();
}

void World::take_apart(const sync::GoldenId& from, const std::string& job) {
  const sync::GoldenId into = repository_.resolve(from);
  std::vector<model::RecordRef> leaving;
  bool all_from_there = true, others = false;
  for (const auto& [ref, replica] : repository_.replicas()) {
    if (replica.golden != into || ref.connection == "hub") continue;
    if (ref.key.starts_with("new:")) return;
    if (remotes_.at(ref.connection)->records().at(ref.key).now.values.at(f_job) != job) {
      others = true;
      continue;
    }
    leaving.push_back(ref);
    all_from_there = all_from_there && replica.origin == from;
  }
  if (leaving.empty() || !others) return;
  std::string home;
  const bool kept = transact([&](sync::Repository& hub) {
    if (const auto split = engine_.split(hub, into, leaving, "li", now_); split.ok()) home = *split;
  });
  if (!kept) return;
  if (home.empty() || (all_from_there && home != from))
    return truth_.fail("S10", "un-merge did not give back " + from);
  note("split", from);
  truth_.taken_apart();
  apart_.emplace_back(into, from);
  wrong_merges_.erase(from);
  truth_.check_state();
}

}  // namespace huiliu::simulation
