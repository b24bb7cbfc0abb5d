#include "hub/sync/codec.hpp"

#include "hub/sync/stored_forms.hpp"

namespace huiliu::sync {
namespace stored {

// ---- replica
// ------------------------------------------------------------------------------------------------------

template <class Io>
void describe(Io& io, typename Io::template Of<Claim>& claim, const FieldValue& base, const Scope& scope) {
  value_unless(io, 'v', claim.value, base);
  describe(io, claim.changed);
  versions(io, 'a', claim.arrived, scope);
  versions(io, 's', claim.seen, scope);
  io.text('r', claim.run);
  io.text('u', claim.actor);
  io.flag('i', claim.initial);
  io.flag('x', claim.unexplained);
}

// A claim mostly says what base says.
static void claim(Writer& io, char member, const std::optional<Claim>& claim, const FieldValue& base,
                  const Scope& scope) {
  if (claim) io.nested(member, [&](Writer& inside) { describe(inside, *claim, base, scope); });
}
static void claim(Reader& io, char member, std::optional<Claim>& claim, const FieldValue& base,
                  const Scope& scope) {
  if (!io.is(member)) return;
  claim.emplace().value = base;
  io.nested(member, [&](Reader& inside) { describe(inside, *claim, base, scope); });
}

// base comes before what is written relative to it.
template <class Io>
void describe(Io& io, typename Io::template Of<ReplicaField>& field, const Scope& scope) {
  static const FieldValue nothing;
  field_value(io, 'b', field.base);
  if constexpr (Io::reads) {
    if (io.is('b')) field.stands = field.base;
  }
  value_unless(io, 's', field.stands, field.base);
  versions(io, 'v', field.seen, scope);
  io.flag('u', field.unverified);
  io.flag('d', field.unclaimed);
  io.optional('r', field.refused, [](Io& inside, auto& value) { describe(inside, value); });
  claim(io, 'c', field.claim, field.base, scope);
  by_text(io, 'e', field.elements, 'k', [&](Io& inside, auto& element) {
    inside.nested('c', [&](Io& in) { describe(in, element, nothing, scope); });
  });
  io.texts('x', field.declined);
}

// The policy, then per field 'n' NAME and the versions 'v' that were in view.
static void describe(Writer& io, const Removal& removal, const Scope& scope) {
  io.choice('p', removal.policy, DeletePolicy::propagate);
  io.flag('a', removal.again);
  for (const auto& [field, seen] : removal.seen) {
    name(io, 'n', field, scope);
    if (field < scope.entity->fields.size()) versions(io, 'v', seen, scope);
  }
}
static void describe(Reader& io, Removal& removal, FieldIndex& field, const Scope& scope) {
  io.choice('p', removal.policy, DeletePolicy::propagate);
  io.flag('a', removal.again);
  name(io, 'n', field, scope);
  if (field != model::no_field) versions(io, 'v', removal.seen[field], scope);
}
static void removal(Writer& io, char member, const std::optional<Removal>& removal, const Scope& scope) {
  if (removal && scope.entity != nullptr)
    io.nested(member, [&](Writer& inside) { describe(inside, *removal, scope); });
}
static void removal(Reader& io, char member, std::optional<Removal>& removal, const Scope& scope) {
  if (!io.is(member)) return;
  io.require(scope.entity != nullptr);
  if (!io.ok()) return;
  FieldIndex field = model::no_field;
  io.nested(member, [&, &made = removal.emplace()](Reader& inside) { describe(inside, made, field, scope); });
}

template <class Io>
void describe(Io& io, typename Io::template Of<Intent>& intent, const Scope& scope) {
  io.always('i', intent.id);
  io.choice('o', intent.op, Op::enable, Op::update);
  io.text('g', intent.golden);
  io.always('l', intent.line);
  io.text('t', intent.expected_token);
  io.always_number('s', intent.started);
  io.choice('z', intent.state, IntentState::in_doubt);
  io.number('a', intent.attempts, 0);
  io.text('r', intent.run);
  io.text('w', intent.reason);
  list_of_fields(io, 'f', intent.fields, scope, [&](Io& inside, auto& field) {
    name(inside, 'n', field.field, scope);
    field_value(inside, 'v', field.value);
    field_value(inside, 'b', field.before);
    inside.always_number('k', field.version);
  });
}

template <class Io>
void describe(Io& io, typename Io::template Of<Replica>& replica, Scope& scope) {
  ref(io, 'R', replica.ref);
  entity(io, 'E', replica.entity, scope);
  io.text('G', replica.golden);
  io.text('O', replica.origin);
  io.text('B', replica.raw);
  io.number('H', replica.raw_hash, std::uint64_t{0});
  io.text('T', replica.token);
  io.text('M', replica.mapping_version);
  io.number('e', replica.evid, model::unknown_time);
  io.number('w', replica.wend, model::unknown_time);
  io.flag('g', replica.gone);
  io.flag('S', replica.stale);
  io.flag('d', replica.disabled);
  io.flag('h', replica.removed_by_hub);
  io.flag('m', replica.made_by_hub);
  io.flag('a', replica.pending_approval);
  io.text('L', replica.leader);
  io.number('o', replica.link_order, std::int64_t{0});
  io.list('P', replica.parts, [](Io& inside, auto& part) {
    inside.always('o', part.organisation);
    inside.text('k', part.key);
    inside.object('f', part.fields);
  });
  removal(io, 'X', replica.removal, scope);
  by_field(io, 'F', replica.fields, scope, [&](Io& inside, auto& field) { describe(inside, field, scope); });
  if (scope.entity == nullptr) return;  // nothing can be named, and a reader has failed
  io.list('p', replica.pending, [&](Io& inside, auto& pending) {
    name(inside, 'n', pending.field, scope);
    inside.always('s', pending.stream);
    inside.always('k', pending.key);
  });
  io.list('I', replica.intents, [&](Io& inside, auto& intent) { describe(inside, intent, scope); });
}

// ---- golden
// -------------------------------------------------------------------------------------------------------

template <class Io>
void describe(Io& io, typename Io::template Of<GoldenField>& field) {
  field_value(io, 'b', field.value);
  io.always_number('k', field.version);
  io.flag('h', field.held);
  io.flag('x', field.parked);
  ref(io, 'R', field.from);
  describe(io, field.changed);
  io.text('p', field.rule);
  io.text('r', field.run);
  io.list('l', field.losers, [](Io& inside, auto& loser) {
    field_value(inside, 'v', loser.value);
    ref(inside, 'R', loser.from);
    describe(inside, loser.changed);
    inside.flag('i', loser.initial);
  });
}

template <class Io>
void describe(Io& io, typename Io::template Of<ApprovedChange>& change) {
  field_value(io, 'v', change.value);
  io.always_number('k', change.version);
  io.text('r', change.review);
  io.text('u', change.actor);
  io.text('t', change.note);
  io.always_number('a', change.approved);
}

// 'k' WORD and 'v' VALUE in turn.
static void words(Writer& io, const std::map<std::string, std::string>& words, std::string&) {
  for (const auto& [word, value] : words) {
    io.always('k', word);
    io.always('v', value);
  }
}
static void words(Reader& io, std::map<std::string, std::string>& words, std::string& word) {
  io.always('k', word);
  if (io.is('v')) words[word] = io.payload();
}

template <class Io>
void describe(Io& io, typename Io::template Of<Golden>& golden, Scope& scope) {
  const auto decision = [](Io& inside, auto& said) { inside.always('d', said); };
  std::string word;
  io.always('i', golden.id);
  entity(io, 'E', golden.entity, scope);
  io.text('r', golden.redirect);
  io.always_number('c', golden.created);
  io.always_number('m', golden.changed);
  io.number('o', golden.next_link_order, std::int64_t{1});
  io.number('u', golden.unmerges, std::int64_t{0});
  io.number('b', golden.taken_back, model::unknown_time);
  io.text('h', golden.home);
  io.flag('H', golden.home_fixed);
  by_text(io, 'W', golden.create_with, 'c', [&](Io& inside, auto& with) { words(inside, with, word); });
  by_text(io, 'D', golden.creates, 'c', decision);
  by_text(io, 'X', golden.removes, 'c', decision);
  by_text(io, 'J', golden.judged, 'c', decision);
  by_field(io, 'F', golden.fields, scope, [](Io& inside, auto& field) { describe(inside, field); });
  by_field(io, 'A', golden.approved, scope, [](Io& inside, auto& change) { describe(inside, change); });
}

template <class Io>
void describe(Io& io, typename Io::template Of<Review>& review) {
  io.always('i', review.id);
  io.choice('K', review.kind, ReviewKind::brake);
  io.text('g', review.golden);
  io.text('c', review.connection);
  io.text('f', review.field);
  io.text('s', review.subject);
  io.texts('C', review.choices);
  io.value('e', review.evidence);
  io.always_number('o', review.opened);
  io.always('z', review.state);
  io.text('h', review.choice);
  io.text('n', review.note);
  io.text('a', review.actor);
  io.number('d', review.decided, Micros{0});
  io.text('q', review.dedupe);
}

}  // namespace stored

namespace {

using model::Schema;
using stored::Scope;

constexpr std::size_t usual_size = 1500;  // of what is written; raw records aside

model::Error malformed(const char* what) {
  return model::make_error(model::ErrorClass::data, std::string("stored ") + what + " is malformed");
}

}  // namespace

std::string encode(const Replica& replica, const Schema& schema) {
  Writer out(replica.raw.size() + usual_size);
  Scope scope{&schema, &replica.golden};
  stored::describe(out, replica, scope);
  return out.take();
}

model::Result<Replica> decode_replica(std::string_view text, const Schema& schema) {
  Reader in(text);
  Replica replica;
  Scope scope{&schema, &replica.golden};
  while (in.next()) stored::describe(in, replica, scope);
  if (!in.ok() || scope.entity == nullptr) return malformed("replica");
  return replica;
}

std::string encode(const Golden& golden, const Schema& schema) {
  Writer out(usual_size);
  Scope scope{&schema};
  stored::describe(out, golden, scope);
  return out.take();
}

model::Result<Golden> decode_golden(std::string_view text, const Schema& schema) {
  Reader in(text);
  Golden golden;
  Scope scope{&schema};
  while (in.next()) stored::describe(in, golden, scope);
  if (!in.ok() || scope.entity == nullptr) return malformed("golden record");
  return golden;
}

std::string encode(const Review& review) {
  Writer out(usual_size);
  stored::describe(out, review);
  return out.take();
}

model::Result<Review> decode_review(std::string_view text) {
  Reader in(text);
  Review review;
  while (in.next()) stored::describe(in, review);
  if (!in.ok() || review.id.empty()) return malformed("review");
  return review;
}

}  // namespace huiliu::sync
