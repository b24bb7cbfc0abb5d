// Which golden record a record belongs to: asking identity, linking, and moving replicas between goldens.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hub/sync/work.hpp"

namespace huiliu::sync {

// One other golden record that may be the same.
struct Match {
  GoldenId golden;
  bool same = false;  // else possible
  std::vector<std::string> reasons;
};
// The goldens that an image may belong to, the likeliest and oldest first. The cluster decides: one veto by
// any member of a golden takes it out.
std::vector<Match> find_matches(Context& context, const model::Entity& entity, const model::Image& image,
                                const GoldenId& self);

// Where a record that is not linked goes: the golden record to join (empty: a new one) and the questions to
// ask. First of all to the one that it was made for, when it looks like a record that we are making.
struct Placement {
  GoldenId golden;
  std::optional<Cluster> cluster;  // of golden, where it was looked at
  std::vector<Match> ask;
  std::vector<MatchKey> keys;  // of the image
};
Placement place(Context& context, const model::Entity& entity, const RecordRef& ref,
                const model::Image& image);

// Did a person compare the two? Then nothing is asked again.
bool was_judged(const Golden& golden, const GoldenId& other);

// Identity changed for a linked record: asks about goldens that are the same now. Never merges by itself.
void ask_about_new_matches(Context& context, Work& work, const RecordRef& ref);

// Evidence for a creation request: goldens that look alike.
model::Value similar_to(Context& context, const Cluster& cluster, const model::Entity& entity);

// Merge is a link: replicas and claims of `from` move into `into`, `from` redirects. Both are saved.
model::Status merge_goldens(Context& context, const GoldenId& into, const GoldenId& from,
                            const std::string& actor);
// Takes replicas out, back into the golden record they came from when that is asleep, else into a new one.
model::Result<GoldenId> split_golden(Context& context, const GoldenId& golden,
                                     const std::vector<RecordRef>& refs, const std::string& actor);

}  // namespace huiliu::sync
