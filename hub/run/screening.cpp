#include "hub/run/screening.hpp"

#include <algorithm>

namespace huiliu::run {

using model::Micros;
using model::Result;
using model::Status;

namespace {

constexpr std::size_t missing_listed = 10'000;  // beyond the allowance, only so many are counted

}  // namespace

Result<Screening> Screening::begin(Workspace& workspace, const ReadContext& context, Gate gate) {
  Screening screening(workspace, context, std::move(gate));
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    screening.active_ = snapshot.observed(context.connection, context.stream) && !restored(snapshot);
    screening.known_ = known_records(snapshot, context.connection, context.stream);
    return {};
  }));
  if (screening.active_) {
    HUILIU_ASSIGN(screening.allowed_, allowances(workspace, screening.gate_, screening.known_));
    // A stream that held next to nothing is being filled, which says nothing about its health.
    constexpr std::int64_t next_to_nothing = 20;
    if (screening.known_ < next_to_nothing) screening.allowed_.erase(sync::BrakeRule::added);
  }
  return screening;
}

bool Screening::withhold(sync::Repository& repository, const ReceivedRecord& record) {
  if (!active_) return false;
  const model::RecordRef ref{context_->connection, context_->stream, record.key};
  const std::uint64_t hash = model::hash64(record.raw);
  const auto head = repository.head(ref);
  const bool known = head && !head->golden.empty();
  if (known && !record.deleted && !head->gone && head->raw_hash == hash) return false;
  const Translated translated =
      translate(record, *workspace_->mappings.at(context_->connection), *context_, repository);
  if (translated.kind == Translated::Kind::filtered) return false;
  if (translated.kind == Translated::Kind::parked) {
    if (known) screen_.unreadable(ref, translated.cause);
    return false;  // it is parked, which changes nothing
  }
  const auto replica = known ? repository.load_replica(ref) : std::nullopt;
  if (!screen_.look_at(replica ? &*replica : nullptr, translated.observation)) return false;
  const auto [waiting, first] = waiting_.emplace(model::hash64(record.key), hash);
  if (!first && waiting->second != hash) screen_.doubled(ref);
  return true;
}

Status Screening::count_missing(Micros since) {
  if (!active_) return {};
  const sync::StreamRules* stream =
      workspace_->rules->stream({context_->connection, context_->stream, std::string()});
  if (stream == nullptr || stream->list_may_lag) return {};  // such a list proves nothing
  return workspace_->store->read([&](store::Snapshot& snapshot) -> Status {
    for (const model::RecordRef& ref : snapshot.not_seen_since(context_->connection, context_->stream, since,
                                                               {{}, waiting_.size() + missing_listed}))
      if (!ref.key.starts_with("new:") && !waiting_.contains(model::hash64(ref.key))) screen_.missing(ref);
    return {};
  });
}

Status Screening::judge() {
  if (!active_) return {};
  if (stopped()) return close_gate(*workspace_, gate_, screen_.tally(), allowed_, known_, context_->run);
  return open_gate(*workspace_, gate_, screen_.tally());
}

}  // namespace huiliu::run
