// Merge and un-merge: replicas move with their claims, golden values follow from the claims. Section 7 of the
// rules.
#include <algorithm>
#include <map>

#include "hub/sync/frontier.hpp"
#include "hub/sync/link.hpp"
#include "hub/sync/merge.hpp"
#include "hub/sync/removal.hpp"
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

// Claims that join a line arrive there now: nobody on it has seen them. What is known of their order among
// themselves stays on the lines that they come from.
void renumber_claims(Work& work, const std::vector<RecordRef>& moved, const Line& from) {
  std::vector<MovedClaim> claims;
  for (const auto& ref : moved) collect_claims(*work.cluster.find(ref), from, claims);
  std::stable_sort(claims.begin(), claims.end(),
                   [](const auto& a, const auto& b) { return a.before < b.before; });
  for (const auto& each : claims) {
    work.claimed.insert(each.field);
    each.claim->arrived[work.golden().line()] = work.next_version(each.field);
  }
}

// An un-merge begins a new line in both parts. The claims keep their numbers on the old one, so what their
// authors had in view then stays known, should the parts ever be merged again. On the new line nobody has
// seen anything but what his record shows now (settle_all): a value that the other part had put there, or had
// overruled, proves nothing any more.
void begin_line(Work& part, const Line& old) {
  ++part.golden().unmerges;
  std::vector<RecordRef> members;
  for (auto& replica : part.cluster.replicas) {
    members.push_back(replica.ref);
    for (auto& [field, known] : replica.fields) {
      if (!planted(Mutant::unmerge_keeps_seen)) known.seen.clear();
    }
    for (auto& intent : replica.intents) intent.line.clear();
  }
  renumber_claims(part, members, old);
}

void move_replica(Work& to, Replica replica) {
  replica.golden = to.golden().id;
  replica.link_order = to.golden().next_link_order++;
  to.rekeyed[replica.ref].reset();
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

using Decisions = std::map<std::string, std::string>;  // by connection

// What was decided for the part that leaves was not decided for the one that stays: a merge had brought it.
// Had both brought the same, a person is asked once more.
void give_back(Decisions& stays, const Decisions& goes) {
  std::erase_if(stays, [&](const auto& decided) {
    const auto own = goes.find(decided.first);
    return own != goes.end() && own->second == decided.second;
  });
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
  if (resting(into->cluster) == DeletePolicy::unlink || resting(from->cluster) == DeletePolicy::unlink) {
    forget_deletions(*into);
    forget_deletions(*from);
  }
  std::vector<RecordRef> moved;
  for (auto& replica : from->cluster.replicas) {
    moved.push_back(replica.ref);
    move_replica(*into, std::move(replica));
  }
  renumber_claims(*into, moved, from->golden().line());
  carry_questions(context, *into, from->golden());
  ask_there_about_deletes(context, *into);
  for (const auto& [connection, decision] : from->golden().creates)
    into->golden().creates.emplace(connection, decision);
  for (const auto& [connection, decision] : from->golden().removes)
    into->golden().removes.emplace(connection, decision);
  into->golden().taken_back = std::max(into->golden().taken_back, from->golden().taken_back);
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
    give_back(stays->golden().creates, goes.golden().creates);
    give_back(stays->golden().removes, goes.golden().removes);
  }
  goes.actor = stays->actor = actor;
  for (const auto& ref : leaving) {
    move_replica(goes, *stays->cluster.find(ref));
    std::erase_if(stays->cluster.replicas, [&](const Replica& replica) { return replica.ref == ref; });
  }
  if (planted(Mutant::unmerge_from_shown_values)) claim_shown_values(goes);
  const Line shared = stays->golden().line();
  begin_line(goes, shared);
  begin_line(*stays, shared);
  goes.golden().judged[stays->golden().id] = "different";
  stays->golden().judged[goes.golden().id] = "different";
  choose_all(goes);
  choose_all(*stays);
  context.repository.save(goes.golden());  // so that questions can name it
  ask_there_about_deletes(context, goes);
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
