#include "hub/sync/rules.hpp"

#include "hub/sync/mutant.hpp"
#include "hub/sync/repository.hpp"

namespace huiliu::sync {

std::map<std::string, std::string> ConnectionRules::create_words(const Golden& golden) const {
  std::map<std::string, std::string> words = create_with;
  if (const auto said = golden.create_with.find(name); said != golden.create_with.end())
    for (const auto& [word, value] : said->second) words[word] = value;
  return words;
}

const StreamRules* ConnectionRules::for_entity(const std::string& entity) const {
  const StreamRules* found = nullptr;
  for (const auto& [stream_name, stream] : streams) {
    if (stream.entity != entity) continue;
    const bool better = found == nullptr || (stream.creatable && !found->creatable) ||
                        (stream.creatable == found->creatable && stream.writable && !found->writable);
    if (better) found = &stream;
  }
  return found;
}

const ConnectionRules* Rules::connection(const std::string& name) const {
  const auto found = connections.find(name);
  return found == connections.end() ? nullptr : &found->second;
}

const StreamRules* Rules::stream(const RecordRef& ref) const {
  const ConnectionRules* const of = connection(ref.connection);
  if (of == nullptr) return nullptr;
  const auto found = of->streams.find(ref.stream);
  return found == of->streams.end() ? nullptr : &found->second;
}

bool Rules::is_stale(const Replica& replica) const {
  return (replica.evid < restored_at || replica.stale) && !planted(Mutant::stale_base_trusted);
}

const std::string& Rules::home_of(const Golden& golden) const {
  return golden.home.empty() || !connections.contains(golden.home) ? default_home : golden.home;
}

const FieldPolicy& Rules::policy(const std::string& entity, FieldIndex field) const {
  static const FieldPolicy latest;
  const auto found = policies.find({entity, field});
  return found == policies.end() ? latest : found->second;
}

const char* to_string(DeletePolicy policy) noexcept {
  switch (policy) {
    case DeletePolicy::unlink:
      return "unlink";
    case DeletePolicy::archive:
      return "archive";
    case DeletePolicy::deactivate:
      return "deactivate";
    case DeletePolicy::propagate:
      break;
  }
  return "propagate";
}

std::optional<DeletePolicy> delete_policy_from(std::string_view name) {
  for (const auto policy :
       {DeletePolicy::unlink, DeletePolicy::archive, DeletePolicy::deactivate, DeletePolicy::propagate})
    if (name == to_string(policy)) return policy;
  return std::nullopt;
}

const char* to_string(ReviewKind kind) noexcept {
  switch (kind) {
    case ReviewKind::duplicate:
      return "duplicate";
    case ReviewKind::conflict:
      return "conflict";
    case ReviewKind::create:
      return "create";
    case ReviewKind::change:
      return "change";
    case ReviewKind::brake:
      return "brake";
  }
  return "";
}

Replica* Cluster::find(const RecordRef& ref) {
  for (auto& replica : replicas) {
    if (replica.ref == ref) return &replica;
  }
  return nullptr;
}

const Replica* Cluster::find(const RecordRef& ref) const { return const_cast<Cluster*>(this)->find(ref); }

}  // namespace huiliu::sync
