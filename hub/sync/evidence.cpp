#include "hub/sync/evidence.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

#include "hub/sync/merge.hpp"
#include "hub/sync/removal.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::sync {
namespace {

// Did the system say that this write was done?
bool was_done(const Intent& intent, const Answer& answer) {
  return intent.state == IntentState::acknowledged || (answer.to_write && answer.intent == intent.id);
}

// Does it seem so? One of its values is there now that was not there before.
bool seems_done(Context& context, const Replica& replica, const Intent& intent,
                const Observation& observation) {
  if (shows_effect(intent, observation.image.disabled)) return true;
  return std::any_of(intent.fields.begin(), intent.fields.end(), [&](const IntentField& sent) {
    const auto shown = observation.image.fields.find(sent.field);
    if (shown == observation.image.fields.end() || shown->second.shows_same(sent.before)) return false;
    return stands_for(context, replica.ref, sent.field, shown->second, sent.value) ||
           is_respelling(sent.value, shown->second);
  });
}

// The version right after: where a system counts its versions, nobody else came between.
bool follows(const std::string& next, const std::string& token) {
  const auto number = [](const std::string& text) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    return read.ec == std::errc{} && read.ptr == end ? std::optional(value) : std::nullopt;
  };
  const auto a = number(token), b = number(next);
  return a && b && *b == *a + 1;
}

// Rule 3d once more, where the record did not come with the answer to our write: is what changed beside its
// fields its own doing? Surely, when the write is there and this is the very version that it made. Otherwise
// perhaps: it may have happened and not shown, or somebody may have edited before, after or instead of it.
// Then it is neither claimed nor put back, a person decides.
Beside beside_our_write(const Context& context, const Replica& replica, const std::set<std::string>& done,
                        const std::set<std::string>& shown, const Observation& observation) {
  if (planted(Mutant::side_effect_as_edit)) return Beside::no;
  const ConnectionRules* const connection = context.rules.connection(replica.ref.connection);
  const bool conditional = connection != nullptr && connection->grade == WriteGrade::conditional;
  for (const auto& intent : replica.intents) {
    if (intent.op == Op::create) continue;
    if (!conditional) return Beside::perhaps;
    if (intent.expected_token.empty() || intent.expected_token == observation.token) continue;
    const bool there = done.contains(intent.id) || shown.contains(intent.id);
    return there && follows(observation.token, intent.expected_token) ? Beside::surely : Beside::perhaps;
  }
  return Beside::no;
}

// Can a write in doubt that this read does not show still happen? Not when the version moved past the one it
// was conditional on, nor long after its end.
bool may_still_land(const Context& context, const Replica& replica, const Intent& intent,
                    const Observation& observation, const Answer& answer) {
  if (intent.state != IntentState::in_doubt || answer.to_write) return true;
  if (observation.read_started <= replica.wend) return true;
  const ConnectionRules* const connection = context.rules.connection(replica.ref.connection);
  if (connection == nullptr) return true;
  const bool conditional = connection->grade == WriteGrade::conditional && !intent.expected_token.empty();
  if (conditional && token_older(intent.expected_token, observation.token)) return false;
  return observation.read_started < replica.wend + connection->doubt_lasts;
}

}  // namespace

Evidence weigh(const Known& known, const StreamRules& stream, const Look& look) {
  const bool began_last = look.read_started > std::max(known.evid, known.wend);
  if (stream.has_tokens && !look.token.empty() && !known.token.empty()) {
    if (token_older(look.token, known.token)) {
      if (planted(Mutant::token_regression_as_edit)) return Evidence::news;
      return look.strong && began_last ? Evidence::restored : Evidence::old_news;
    }
    // A version counts on from what was seen last, so a read must also have begun after that: what began
    // before a restore shows a newer version that is no more.
    if (token_older(known.token, look.token) &&
        (look.read_started >= known.evid || planted(Mutant::version_survives_restore)))
      return Evidence::news;
  }
  if (stream.list_may_lag && !look.strong && !planted(Mutant::lagging_list_as_evidence))
    return Evidence::hint;
  if (planted(Mutant::read_start_ignored)) return Evidence::news;
  if (look.read_started < known.evid) return Evidence::old_news;
  const Micros after = known.wend + (planted(Mutant::equal_times_count) ? 0 : 1);
  if (!stream.has_tokens && look.read_started < after) return Evidence::old_news;
  return Evidence::news;
}

Likeness likeness(Context& context, const RecordRef& ref, const Intent& create, const model::Image& image) {
  Likeness alike;
  for (const auto& sent : create.fields) {
    const auto shown = image.fields.find(sent.field);
    if (shown == image.fields.end() || shown->second.presence == Presence::absent) continue;
    const bool ours = stands_for(context, ref, sent.field, shown->second, sent.value) ||
                      is_respelling(sent.value, shown->second);
    ++(ours ? alike.equal : alike.different);
  }
  return alike;
}

bool may_be_touched(const Context& context, const RecordRef& ref, FieldIndex field) {
  const StreamRules* const stream = context.rules.stream(ref);
  const ConnectionRules* const connection = context.rules.connection(ref.connection);
  if (stream == nullptr || connection == nullptr) return false;
  if (stream->touched_by_writes) return stream->touched_by_writes->contains(field);
  return connection->grade == WriteGrade::conditional;
}

OwnWrites judge_own_writes(Context& context, const Replica& replica, const Observation& observation,
                           const Answer& answer) {
  OwnWrites writes;
  std::set<std::string> shown;
  for (const auto& intent : replica.intents) {
    if (seems_done(context, replica, intent, observation)) shown.insert(intent.id);
    const bool read_after = answer.to_write || observation.read_started > replica.wend;
    if (read_after && was_done(intent, answer))
      writes.done.insert(intent.id);
    else if (intent.state == IntentState::in_doubt && shown.contains(intent.id))
      writes.seeming.insert(intent.id);
    else if (!may_still_land(context, replica, intent, observation, answer))
      writes.over.insert(intent.id);
  }
  writes.beside = beside_our_write(context, replica, writes.done, shown, observation);
  return writes;
}

}  // namespace huiliu::sync
