// Merge and un-merge: replicas move with their claims, golden values follow from the claims. Section 7 of the
// rules.
#include <algorithm>
#include <map>

#include "hub/sync/frontier.hpp"
#include "hub/sync/link.hpp"
#include "hub/sync/merge.hpp"
#include "hub/sync/review.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::sync {
namespace {

using model::ErrorClass;
using model::make_error;

struct MovedClaim {
  Version before = 0;
  FieldIndex field = model::no_field;
  Claim* claim = nullptr;
};

// The claims of a replica that moves, in the order of their arrival where it comes from.
void collect_claims(Replica& replica, const GoldenId& line, std::vector<MovedClaim>& out) {
  const auto add = [&](FieldIndex field, Claim& claim) {
    const auto arrived = claim.arrived.find(line);
    out.push_back({arrived == claim.arrived.end() ? 0 : arrived->second, field, &claim});
  };
  for (auto& [field, known] : replica.fields) {
    if (known.claim) add(field, *known.claim);
    for (auto& [key, claim] : known.elements) add(field, claim);
  }
}

// Claims that join a golden arrive there now: nobody on that line has seen them. What is known of their order
// among themselves stays on the line they come from. Claims that come home keep the number they had there.
void renumber_claims(Work& work, const std::vector<RecordRef>& moved, const GoldenId& from,
                     bool coming_home) {
  std::vector<MovedClaim> claims;
  for (const auto& ref : moved) collect_claims(*work.cluster.find(ref), from, claims);
  std::stable_sort(claims.begin(), claims.end(),
                   [](const auto& a, const auto& b) { return a.before < b.before; });
  for (const auto& each : claims) {
    work.claimed.insert(each.field);
    if (coming_home && each.claim->arrived.contains(work.golden().id)) continue;
    each.claim->arrived[work.golden().id] = work.next_version(each.field);
  }
}

// Claims of one field (and one list element) among those that leave.
using ClaimsOfOne = std::map<std::pair<FieldIndex, std::string>, std::vector<Claim*>>;

ClaimsOfOne claims_by_field(Work& work) {
  ClaimsOfOne out;
  for (auto& replica : work.cluster.replicas) {
    for (auto& [field, known] : replica.fields) {
      if (known.claim) out[{field, {}}].push_back(&*known.claim);
      for (auto& [key, claim] : known.elements) out[{field, key}].push_back(&claim);
    }
  }
  return out;
}

// Claims that leave a golden record lose their number there: what stays behind is settled on that line
// without them. What they had seen of each other is told on the home line instead, as far as it can be (the
// longest run of numbers that one covers): rather a conflict too many than an edit overruled unseen.
void leave_line(Work& home, const GoldenId& line) {
  const GoldenId& own = home.golden().id;
  auto all = claims_by_field(home);
  for (auto& [of, claims] : all) {
    std::sort(claims.begin(), claims.end(),
              [&](const Claim* a, const Claim* b) { return a->arrived.at(own) < b->arrived.at(own); });
    std::vector<Version> reach;
    for (const Claim* claim : claims) {
      Version last = 0;
      for (const Claim* other : claims) {
        if (other != claim && !covers(*claim, *other)) break;
        last = other->arrived.at(own);
      }
      reach.push_back(last);
    }
    for (std::size_t i = 0; i < claims.size(); ++i) {
      if (reach[i] > 0) merge_versions(claims[i]->seen, {{own, reach[i]}});
      claims[i]->arrived.erase(line);
    }
  }
}

// Who leaves a golden record does not show it any more: should the two ever be merged again, nothing of it
// was seen.
void forget_line(Replica& replica, const GoldenId& line) {
  for (auto& [field, known] : replica.fields) known.seen.erase(line);
}

// What an un-merge makes golden again need not be what a record shows: then nobody who edits there has it in
// front of him, whatever the record had shown in between.
void forget_unseen(Context& context, Work& work) {
  for (const auto& [field, of] : work.golden().fields) {
    if (is_union(context.rules, work.entity, field)) continue;
    choose_golden(context, work, field);
    const auto front = frontier(work.cluster, field);
    for (auto& replica : work.cluster.replicas) {
      const auto found = replica.fields.find(field);
      if (found == replica.fields.end() || found->second.stands.shows_same(of.value)) continue;
      const auto seen = found->second.seen.find(work.golden().id);
      for (const auto& candidate : front) {
        if (candidate.replica == &replica || seen == found->second.seen.end()) continue;
        const auto arrived = candidate.claim->arrived.find(work.golden().id);
        if (arrived != candidate.claim->arrived.end())
          seen->second = std::min(seen->second, arrived->second - 1);
      }
    }
  }
}

void move_replica(Work& to, Replica replica) {
  replica.golden = to.golden().id;
  replica.link_order = to.golden().next_link_order++;
  to.rekeyed.insert(replica.ref);
  to.cluster.replicas.push_back(std::move(replica));
}

// Fields that only the old members had are chosen again too.
void choose_all(Work& work) {
  for (const auto& [field, golden] : work.golden().fields) work.claimed.insert(field);
}

void withdraw_all(Context& context, const GoldenId& golden) {
  for (auto& review : context.repository.open_reviews_of(golden)) withdraw(context, review.dedupe);
}

void leave_redirect(Context& context, Work& from, const GoldenId& into) {
  from.golden().redirect = into;
  from.golden().changed = context.now;
  from.cluster.replicas.clear();
  context.repository.save(from.golden());
  mark_due(context, from.cluster, from.entity);
}

// The golden records that a record went through before it came here: its first one, and what that was merged
// into.
std::vector<GoldenId> way_here(Context& context, const Work& work, const RecordRef& ref) {
  std::vector<GoldenId> way;
  GoldenId at = work.cluster.find(ref)->origin;
  while (!at.empty() && at != work.cluster.golden.id) {
    const auto golden = context.repository.load_golden(at);
    if (!golden || golden->redirect.empty()) return {};
    way.push_back(at);
    at = golden->redirect;
  }
  return way;
}

// Open questions about a golden record that is merged are questions about the one it becomes part of.
void carry_questions(Context& context, Work& into, const Golden& from) {
  for (const auto& [about, verdict] : from.judged) {
    const GoldenId other = context.repository.resolve(about);
    if (verdict != judged_asked) {
      into.golden().judged.emplace(about, verdict);
      continue;
    }
    const auto question = context.repository.open_review(same_question(from.id, about));
    withdraw(context, same_question(from.id, about));
    if (!question || other == into.golden().id || other == from.id || was_judged(into.golden(), other))
      continue;
    std::vector<std::string> reasons;
    if (const auto* listed = question->evidence["reasons"].if_array())
      for (const auto& reason : *listed) reasons.push_back(reason.to_text());
    if (const auto golden = context.repository.load_golden(other))
      ask_whether_same(context, into, *golden, reasons);
  }
  into.golden().judged.erase(from.id);
  into.golden().judged.erase(into.golden().id);
}

// An un-merge goes home: to the first sleeping golden record that all who leave have been in. Empty: there is
// none.
GoldenId home_of(Context& context, const Work& work, const std::vector<RecordRef>& refs) {
  std::vector<GoldenId> common = way_here(context, work, refs.front());
  for (const auto& ref : refs) {
    const auto way = way_here(context, work, ref);
    std::erase_if(common,
                  [&](const GoldenId& id) { return std::find(way.begin(), way.end(), id) == way.end(); });
  }
  return common.empty() ? GoldenId() : common.front();
}

// Planted error: the part that leaves takes its values from what its records show.
void claim_shown_values(Work& work) {
  for (auto& replica : work.cluster.replicas) {
    for (auto& [field, known] : replica.fields) {
      if (known.claim && known.base.has_value()) known.claim->value = known.base;
    }
  }
}

}  // namespace

model::Status merge_goldens(Context& context, const GoldenId& into_id, const GoldenId& from_id,
                            const std::string& actor) {
  auto into = open_work(context, into_id);
  auto from = open_work(context, from_id);
  if (!into || !from) return make_error(ErrorClass::not_found, "no such customer", into ? from_id : into_id);
  if (into->golden().id == from->golden().id) return {};
  if (&into->entity != &from->entity)
    return make_error(ErrorClass::config, "records of different kinds cannot be merged", from_id);
  into->actor = actor;
  std::vector<RecordRef> moved;
  for (auto& replica : from->cluster.replicas) {
    moved.push_back(replica.ref);
    move_replica(*into, std::move(replica));
  }
  renumber_claims(*into, moved, from->golden().id, false);
  carry_questions(context, *into, from->golden());
  for (const auto& [connection, decision] : from->golden().creates)
    into->golden().creates.emplace(connection, decision);
  withdraw_all(context, from->golden().id);
  withdraw(context, same_question(into->golden().id, from->golden().id));
  leave_redirect(context, *from, into->golden().id);
  choose_all(*into);
  finish(context, *into);
  return {};
}

model::Result<GoldenId> split_golden(Context& context, const GoldenId& golden,
                                     const std::vector<RecordRef>& refs, const std::string& actor) {
  auto stays = open_work(context, golden);
  if (!stays) return make_error(ErrorClass::not_found, "no such customer", golden);
  std::vector<RecordRef> leaving = refs;
  for (const auto& ref : refs) {
    if (stays->cluster.find(ref) == nullptr)
      return make_error(ErrorClass::not_found, "not a record of this customer", ref.text());
  }
  const GoldenId home = leaving.empty() ? GoldenId() : home_of(context, *stays, leaving);
  const RecordRef console_there{std::string(console), stays->entity.name, home};
  if (!home.empty() && stays->cluster.find(console_there) != nullptr) leaving.push_back(console_there);
  const auto real = std::count_if(
      stays->cluster.replicas.begin(), stays->cluster.replicas.end(), [&](const Replica& replica) {
        return replica.ref.connection != console &&
               std::find(leaving.begin(), leaving.end(), replica.ref) == leaving.end();
      });
  if (leaving.empty() || real == 0)
    return make_error(ErrorClass::config, "some, but not all, records must leave", golden);

  Work goes = new_work(context, stays->entity);
  if (!home.empty()) {
    goes.cluster.golden = *context.repository.load_golden(home);
    goes.golden().redirect.clear();
  }
  goes.actor = stays->actor = actor;
  for (const auto& ref : leaving) {
    forget_line(*stays->cluster.find(ref), stays->golden().id);
    move_replica(goes, *stays->cluster.find(ref));
    std::erase_if(stays->cluster.replicas, [&](const Replica& replica) { return replica.ref == ref; });
  }
  if (planted(Mutant::unmerge_from_shown_values)) claim_shown_values(goes);
  renumber_claims(goes, leaving, stays->golden().id, true);
  leave_line(goes, stays->golden().id);
  goes.golden().judged[stays->golden().id] = "different";
  stays->golden().judged[goes.golden().id] = "different";
  choose_all(goes);
  choose_all(*stays);
  forget_unseen(context, goes);
  forget_unseen(context, *stays);
  context.repository.save(goes.golden());  // so that questions can name it
  for (Work* const part : {&goes, &*stays}) {
    for (const auto& replica : part->cluster.replicas) {
      if (replica.ref.connection != console && !is_provisional(replica.ref))
        ask_about_new_matches(context, *part, replica.ref);
    }
  }
  finish(context, goes);
  finish(context, *stays);
  return goes.golden().id;
}

}  // namespace huiliu::sync
