// Deletions, as they really were.
#include <algorithm>

#include "hub/sync/removal.hpp"
#include "tests/simulation/truth.hpp"

namespace huiliu::simulation {
namespace {

using sync::DeletePolicy;

const RemoteRecord& record_of(const Truth::Remotes& remotes, const RecordRef& ref) {
  return remotes.at(ref.connection)->records().at(ref.key);
}

bool is_real(const sync::Replica& replica) {
  return replica.ref.connection != "hub" && !replica.ref.key.starts_with("new:") && replica.leader.empty();
}

bool has_sibling(const sync::Cluster& cluster, const sync::Replica& gone) {
  return std::any_of(cluster.replicas.begin(), cluster.replicas.end(), [&](const sync::Replica& other) {
    return other.ref != gone.ref && other.ref.connection == gone.ref.connection && !other.gone &&
           is_real(other);
  });
}

// Any edit but what was there at first sight.
bool is_edited(const sync::Cluster& cluster) {
  return std::any_of(cluster.replicas.begin(), cluster.replicas.end(), [](const sync::Replica& replica) {
    return std::any_of(replica.fields.begin(), replica.fields.end(), [](const auto& field) {
      const auto& known = field.second;
      return (known.claim && !known.claim->initial) ||
             std::any_of(known.elements.begin(), known.elements.end(),
                         [](const auto& element) { return !element.second.initial; });
    });
  });
}

}  // namespace

DeletePolicy Truth::policy_of_deletion(const RecordRef& ref) const {
  const auto found = deleted_.find(ref);
  if (found == deleted_.end()) return DeletePolicy::unlink;
  return found->second.said.value_or(rules_.connections.at(ref.connection).on_delete);
}

// Did the record ever show the edit, or one that was made on top of it?
bool Truth::was_in_view(const RemoteRecord& deleted, int field, const std::string& edit) const {
  const auto shows = [&](const RecordState& state) {
    const auto value = state.values.find(field);
    if (value == state.values.end()) return false;
    const std::string shown = edit_of(value->second);
    return shown == edit || is_ancestor(shown, edit);
  };
  return shows(deleted.now) || std::any_of(deleted.past.begin(), deleted.past.end(), shows);
}

// Emptying is an edit without a name, so nothing that was typed afterwards descends from what it replaced.
// Who had golden in view, be it empty, had in view what it was made on top of.
bool Truth::was_emptied_in_view(const sync::Golden& golden, const sync::Replica& gone,
                                const RemoteRecord& record, int field, const std::string& edit) const {
  const auto of = golden.fields.find(static_cast<model::FieldIndex>(field));
  if (of == golden.fields.end() || !is_cleared(edit, field)) return false;
  const auto says = [&](const auto& each) { return edit_of(text_of(each.value)) == edit; };
  if (says(of->second) || std::any_of(of->second.losers.begin(), of->second.losers.end(), says)) return false;
  if (of->second.value.has_value()) return was_in_view(record, field, edit_of(text_of(of->second.value)));
  const auto known = gone.fields.find(of->first);
  return known != gone.fields.end() && known->second.base.presence != model::Presence::absent &&
         !known->second.base.has_value();
}

bool Truth::overlooks(const sync::Cluster& cluster, const sync::Replica& gone,
                      const RemoteRecord& record) const {
  if (deleted_.at(gone.ref).said) return false;  // he had everything in front of him
  for (const auto& other : cluster.replicas) {
    if (other.gone || other.ref == gone.ref) continue;
    for (const auto& [field, known] : other.fields) {
      if (!is_free_text(field) || !known.claim || known.claim->initial) continue;
      const std::string edit = edit_of(text_of(known.claim->value));
      if (edit.empty() || is_given_up(edit, field) || was_in_view(record, field, edit) ||
          was_emptied_in_view(cluster.golden, gone, record, field, edit))
        continue;
      return true;
    }
  }
  return false;
}

// Has the hub seen that a person put a record back into use, after that deletion?
bool Truth::was_taken_back(const sync::Cluster& cluster, Micros deleted) const {
  return std::any_of(cluster.replicas.begin(), cluster.replicas.end(), [&](const sync::Replica& replica) {
    const auto revived = revived_.find(replica.ref);
    return revived != revived_.end() && revived->second > deleted && !replica.gone && !replica.disabled &&
           replica.evid > revived->second;
  });
}

void Truth::check_not_sent_again(const RecordRef& ref, const sync::Intent& intent) {
  for (const auto& sent : intent.fields) {
    const auto taken = taken_back_.find({ref, sent.field});
    if (taken == taken_back_.end()) continue;
    // Another edit there makes it another question.
    const bool edited = typed_[{ref, sent.field}].edits.size() > taken->second.edits;
    if (taken->second.golden == text_of(sent.value) && !edited && !set_back_.contains(ref))
      fail("S3", "sent " + taken->second.golden + " to " + describe(ref, sent.field) +
                     " again, which was taken back");
    taken_back_.erase(taken);
  }
}

void Truth::check_removal(const sync::Replica& carrier, const sync::Intent& intent, const Remotes& remotes) {
  if (intent.op != sync::Op::disable && intent.op != sync::Op::remove) return;
  const Profile& profile = remotes.at(carrier.ref.connection)->profile();
  if (intent.op == sync::Op::remove ? !profile.deletes : !profile.disables)
    return fail("D", "cannot be done in " + carrier.ref.text());
  const DeletePolicy needed =
      intent.op == sync::Op::remove ? DeletePolicy::propagate : DeletePolicy::deactivate;
  const auto cluster = repository_.load_cluster(intent.golden);
  for (const auto& replica : cluster->replicas) {
    if (!replica.gone || !is_real(replica) || policy_of_deletion(replica.ref) < needed) continue;
    const RemoteRecord& record = record_of(remotes, replica.ref);
    // Whoever deleted it, a person's word on it counts.
    const bool ours = record.now.deleted_by_hub && !deleted_.at(replica.ref).said;
    if (ours || has_sibling(*cluster, replica)) continue;
    if (was_taken_back(*cluster, deleted_.at(replica.ref).at)) continue;
    if (!overlooks(*cluster, replica, record)) return;
  }
  fail("D", "removed " + carrier.ref.text() + ", though no deletion says so");
}

void Truth::check_resting(const sync::Cluster& cluster, const Remotes& remotes) {
  const DeletePolicy rests = sync::resting(cluster);
  // A merge with a customer that lives is a person's word that this one lives.
  const bool was_merged =
      std::any_of(repository_.goldens().begin(), repository_.goldens().end(),
                  [&](const auto& golden) { return golden.second.redirect == cluster.golden.id; });
  // A system that was put back may show a record of it in use again, as it was then.
  const bool was_set_back =
      std::any_of(cluster.replicas.begin(), cluster.replicas.end(),
                  [&](const sync::Replica& replica) { return set_back_.contains(replica.ref); });
  for (const auto& replica : cluster.replicas) {
    if (!replica.gone || !is_real(replica) || mixed_up_ || !revived_.empty() || was_merged || was_set_back)
      continue;
    const RemoteRecord& record = record_of(remotes, replica.ref);
    if (!record.now.deleted || record.now.deleted_by_hub || has_sibling(cluster, replica)) continue;
    const auto deletion = deleted_.find(replica.ref);
    if (deletion != deleted_.end() && deletion->second.unclear) continue;
    // A hub that was put back, and saw it only in a list that lags, may have deleted it itself.
    if (hub_put_back_ && replica.stale && rules_.stream(replica.ref)->list_may_lag) continue;
    if (!is_edited(cluster) && rests < policy_of_deletion(replica.ref))
      fail("L1", cluster.golden.id + " does not rest, though " + replica.ref.text() + " was deleted");
  }
  for (const auto& replica : cluster.replicas) {
    if (replica.gone || !is_real(replica) || set_back_.contains(replica.ref)) continue;
    const RecordState& now = record_of(remotes, replica.ref).now;
    const Profile& profile = remotes.at(replica.ref.connection)->profile();
    if (rests == DeletePolicy::unlink && now.disabled && now.disabled_by_hub)
      fail("L1", replica.ref.text() + " was not enabled again");
    const auto decided = cluster.golden.removes.find(replica.ref.connection);
    if (decided != cluster.golden.removes.end() && decided->second != "approved") continue;
    const bool removable = profile.disables || (profile.deletes && rests == DeletePolicy::propagate);
    if (rests >= DeletePolicy::deactivate && removable && !now.disabled)
      fail("L1", replica.ref.text() + " is in use, though its customer rests");
  }
}

}  // namespace huiliu::simulation
