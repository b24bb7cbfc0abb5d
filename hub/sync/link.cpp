#include "hub/sync/link.hpp"

#include <algorithm>
#include <map>

#include "hub/identity/match.hpp"
#include "hub/sync/observe.hpp"
#include "hub/sync/review.hpp"

namespace huiliu::sync {
namespace {

constexpr std::size_t key_limit = 50;    // records fetched for one key
constexpr std::size_t hot_goldens = 10;  // a value that more customers share is no evidence
constexpr std::size_t most_candidates = 64;
constexpr std::size_t most_questions = 3;  // possible duplicates asked about for one new record

// The records that carry a key of an image.
struct Carriers {
  identity::Key key;
  std::vector<RecordRef> refs;
};

std::vector<Carriers> look_up(Context& context, const model::Entity& entity,
                              const std::vector<identity::Key>& keys) {
  std::vector<Carriers> found;
  for (const auto& key : keys) {
    auto refs = context.repository.find_by_key(entity.name, key, key_limit);
    if (!refs.empty()) found.push_back({key, std::move(refs)});
  }
  return found;
}

struct Candidates {
  std::set<GoldenId> goldens;
  std::vector<identity::Key> hot;
};

Candidates candidates_among(Context& context, const std::vector<Carriers>& carriers, const GoldenId& self) {
  Candidates out;
  for (const auto& [key, refs] : carriers) {
    if (key.kind == identity::reference_kind) continue;  // many people work for one customer: no likeness
    std::set<GoldenId> sharing;
    for (const auto& ref : refs) {
      GoldenId golden = context.repository.golden_of(ref);
      if (!golden.empty()) sharing.insert(std::move(golden));
    }
    if (refs.size() >= key_limit || sharing.size() > hot_goldens) {
      out.hot.push_back(key);
    } else if (out.goldens.size() < most_candidates) {
      out.goldens.insert(sharing.begin(), sharing.end());
    }
  }
  out.goldens.erase(self);
  return out;
}

// The cluster decides: the best that any member says, unless one of them forbids it.
std::optional<Match> compare_with(const model::Entity& entity, const model::Image& image,
                                  const Cluster& cluster, const std::vector<identity::Key>& hot) {
  Match best{cluster.golden.id, false, {}};
  for (const auto& replica : cluster.replicas) {
    if (replica.ref.connection == console || is_provisional(replica.ref)) continue;
    auto evidence = identity::compare(entity, image, image_of(replica), hot);
    if (evidence.veto) return std::nullopt;
    if (evidence.verdict == identity::Verdict::different) continue;
    const bool same = evidence.verdict == identity::Verdict::same;
    if (best.reasons.empty() || (same && !best.same))
      best = {cluster.golden.id, same, std::move(evidence.reasons)};
  }
  if (best.reasons.empty() && !best.same) return std::nullopt;
  return best;
}

// Does the connection have a live record of its own in this golden, which is no copy?
bool has_own_record(const Cluster& cluster, const RecordRef& ref) {
  return std::any_of(cluster.replicas.begin(), cluster.replicas.end(), [&](const Replica& replica) {
    return replica.ref.connection == ref.connection && replica.ref.stream == ref.stream &&
           replica.ref != ref && !replica.gone && replica.leader.empty() && !is_provisional(replica.ref);
  });
}

// The golden record of a create of ours that is still open, or in doubt, in the same stream, when the new
// record shows most of what we sent: it is probably the record that we made, whatever identity says. Empty:
// none.
GoldenId golden_of_own_create(Context& context, const RecordRef& ref, const model::Image& image,
                              const std::vector<Carriers>& carriers) {
  for (const auto& [key, refs] : carriers) {
    for (const auto& candidate : refs) {
      if (!is_provisional(candidate) || candidate.connection != ref.connection ||
          candidate.stream != ref.stream)
        continue;
      const auto replica = context.repository.load_replica(candidate);
      if (!replica || replica->intents.empty()) continue;
      const Likeness alike = likeness(context, ref, replica->intents.front(), image);
      if (alike.equal > alike.different) return replica->golden;
    }
  }
  return {};
}

struct Alike {
  Match match;
  Cluster cluster;
};

// The likeliest and oldest first.
std::vector<Alike> those_alike(Context& context, const model::Entity& entity, const model::Image& image,
                               const GoldenId& self, const std::vector<Carriers>& carriers) {
  const Candidates candidates = candidates_among(context, carriers, self);
  std::vector<Alike> found;
  for (const auto& id : candidates.goldens) {
    auto cluster = context.repository.load_cluster(id);
    if (!cluster || cluster->golden.entity != entity.name) continue;
    if (auto match = compare_with(entity, image, *cluster, candidates.hot))
      found.push_back({std::move(*match), std::move(*cluster)});
  }
  std::sort(found.begin(), found.end(), [](const Alike& a, const Alike& b) {
    return std::tuple(!a.match.same, a.cluster.golden.created, a.match.golden) <
           std::tuple(!b.match.same, b.cluster.golden.created, b.match.golden);
  });
  return found;
}

// What a person's table says: the golden record of another account of the same person, or of the record that
// has his number. "": nothing is said, or none of them is known yet.
GoldenId said_to_be(Context& context, const model::Entity& entity, const RecordRef& ref,
                    const std::vector<identity::Key>& keys) {
  const auto known = [&](const std::vector<RecordRef>& refs) -> GoldenId {
    for (const auto& other : refs) {
      if (other == ref) continue;
      if (GoldenId golden = context.repository.golden_of(other); !golden.empty()) return golden;
    }
    return {};
  };
  std::string number;
  if (const auto row = context.rules.said_numbers.find(ref); row != context.rules.said_numbers.end()) {
    number = row->second;
    if (GoldenId golden =
            known(context.repository.find_by_key(entity.name, {"job_number", number}, key_limit));
        !golden.empty())
      return golden;
  } else if (!context.rules.said_numbers.empty()) {
    for (const auto& key : keys)
      if (key.kind == "job_number") number = key.value;
  }
  const auto accounts = context.rules.said_accounts.find(number);
  return number.empty() || accounts == context.rules.said_accounts.end() ? GoldenId()
                                                                         : known(accounts->second);
}

}  // namespace

bool was_judged(const Golden& golden, const GoldenId& other) {
  const auto found = golden.judged.find(other);
  return found != golden.judged.end() && found->second != judged_asked;
}

std::vector<Match> find_matches(Context& context, const model::Entity& entity, const model::Image& image,
                                const GoldenId& self) {
  std::vector<Match> matches;
  const auto carriers = look_up(context, entity, identity::keys_of(entity, image));
  for (auto& each : those_alike(context, entity, image, self, carriers))
    matches.push_back(std::move(each.match));
  return matches;
}

// One golden is the same: join it, unless this system has a record of it already (一户多码 needs a person).
// Several are the same: join the oldest, and ask whether the others are one with it. Only possible ones: a
// new golden, and ask.
Placement place(Context& context, const model::Entity& entity, const RecordRef& ref,
                const model::Image& image) {
  Placement placement;
  placement.keys = identity::keys_of(entity, image);
  const auto carriers = look_up(context, entity, placement.keys);
  placement.golden = golden_of_own_create(context, ref, image, carriers);
  if (!placement.golden.empty()) return placement;
  if (!image.leader.empty()) {
    placement.golden = context.repository.golden_of({ref.connection, ref.stream, image.leader});
    return placement;
  }
  placement.golden = said_to_be(context, entity, ref, placement.keys);
  if (!placement.golden.empty()) return placement;
  std::vector<Match> possible;
  for (auto& [match, cluster] : those_alike(context, entity, image, {}, carriers)) {
    if (!match.same) {
      if (possible.size() < most_questions) possible.push_back(std::move(match));
      continue;
    }
    if (placement.golden.empty() && !has_own_record(cluster, ref)) {
      placement.golden = match.golden;
      placement.cluster = std::move(cluster);
    } else {
      placement.ask.push_back(std::move(match));
    }
  }
  if (placement.golden.empty() && placement.ask.empty()) placement.ask = std::move(possible);
  return placement;
}

void ask_about_new_matches(Context& context, Work& work, const RecordRef& ref) {
  const Replica& replica = *work.cluster.find(ref);
  for (const auto& match : find_matches(context, work.entity, image_of(replica), work.golden().id)) {
    if (!match.same || was_judged(work.golden(), match.golden)) continue;
    if (const auto other = context.repository.load_golden(match.golden))
      ask_whether_same(context, work, *other, match.reasons);
  }
}

model::Value similar_to(Context& context, const Cluster& cluster, const model::Entity& entity) {
  model::Image image;
  image.entity = entity.name;
  for (const auto& [field, golden] : cluster.golden.fields) {
    if (golden.value.has_value()) image.fields.emplace(field, golden.value);
  }
  model::Array similar;
  for (const auto& match : find_matches(context, entity, image, cluster.golden.id)) {
    if (was_judged(cluster.golden, match.golden)) continue;
    model::Array reasons;
    for (const auto& reason : match.reasons) reasons.emplace_back(reason);
    similar.emplace_back(model::Object{{"golden", match.golden}, {"reasons", std::move(reasons)}});
  }
  return similar;
}

}  // namespace huiliu::sync
