#include "hub/sync/codec.hpp"

#include <algorithm>
#include <map>

#include "hub/sync/message.hpp"

namespace huiliu::sync {
namespace {

using model::Entity;
using model::ErrorClass;
using model::Schema;

constexpr std::size_t usual_size = 1500;  // of what is written; raw records aside

// What stands around a member: the entity that names its fields, and the golden record on whose line versions
// count that name no other.
struct Scope {
  const Schema* schema = nullptr;
  const GoldenId* own = nullptr;
  const Entity* entity = nullptr;
};

// ---- forms that several things share
// -------------------------------------------------------------------------------------------------

void entity(Writer& io, char member, const std::string& name, Scope& scope) {
  io.always(member, name);
  scope.entity = scope.schema->find(name);
}
void entity(Reader& io, char member, std::string& name, Scope& scope) {
  if (!io.is(member)) return;
  name = io.payload();
  scope.entity = scope.schema->find(name);
  io.require(scope.entity != nullptr);
}

// A field by its name: schemas gain, lose and reorder fields.
void name(Writer& io, char member, FieldIndex field, const Scope& scope) {
  if (field < scope.entity->fields.size()) io.always(member, scope.entity->fields[field].name);
}
void name(Reader& io, char member, FieldIndex& field, const Scope& scope) {
  if (io.is(member)) field = scope.entity->index_of(io.payload());
}

// Things by field, each a message that begins with the field's name. What the schema does not have is
// dropped.
template <class T, class Describe>
void by_field(Writer& io, char member, const std::map<FieldIndex, T>& things, const Scope& scope,
              const Describe& describe) {
  if (scope.entity == nullptr) return;
  for (const auto& [field, thing] : things) {
    if (field >= scope.entity->fields.size()) continue;
    io.nested(member, [&, index = field, &of = thing](Writer& inside) {
      name(inside, 'n', index, scope);
      describe(inside, of);
    });
  }
}
template <class T, class Describe>
void by_field(Reader& io, char member, std::map<FieldIndex, T>& things, const Scope& scope,
              const Describe& describe) {
  if (!io.is(member)) return;
  io.require(scope.entity != nullptr);
  if (!io.ok()) return;
  FieldIndex field = model::no_field;
  T thing;
  io.nested(member, [&](Reader& inside) {
    name(inside, 'n', field, scope);
    describe(inside, thing);
  });
  if (io.ok() && field != model::no_field) things.insert_or_assign(field, std::move(thing));
}

// The same for lists whose elements name a field themselves.
template <class T, class Describe>
void list_of_fields(Writer& io, char member, const std::vector<T>& things, const Scope& scope,
                    const Describe& describe) {
  for (const auto& thing : things)
    if (thing.field < scope.entity->fields.size())
      io.nested(member, [&](Writer& inside) { describe(inside, thing); });
}
template <class T, class Describe>
void list_of_fields(Reader& io, char member, std::vector<T>& things, const Scope&, const Describe& describe) {
  io.list(member, things, describe);
  if (io.is(member) && things.back().field == model::no_field) things.pop_back();
}

// Texts by text, or things by text: a message with 'key' and 'thing'.
template <class T, class Describe>
void by_text(Writer& io, char member, const std::map<std::string, T>& things, char key,
             const Describe& describe) {
  for (const auto& [text, thing] : things) {
    io.nested(member, [&, &of = text, &it = thing](Writer& inside) {
      inside.always(key, of);
      describe(inside, it);
    });
  }
}
template <class T, class Describe>
void by_text(Reader& io, char member, std::map<std::string, T>& things, char key, const Describe& describe) {
  if (!io.is(member)) return;
  std::string text;
  T thing;
  io.nested(member, [&](Reader& inside) {
    inside.always(key, text);
    describe(inside, thing);
  });
  things.insert_or_assign(std::move(text), std::move(thing));
}

// "7" on the record's own golden, "7@cus_…" on another line.
void versions(Writer& io, char member, const Versions& versions, const Scope& scope) {
  for (const auto& [line, version] : versions) {
    if (line == *scope.own)
      io.always_number(member, version);
    else
      io.always(member, std::to_string(version) + '@' + line);
  }
}
void versions(Reader& io, char member, Versions& versions, const Scope& scope) {
  if (!io.is(member)) return;
  const std::size_t at = io.payload().find('@');
  const Line line = at == std::string_view::npos ? *scope.own : Line(io.payload().substr(at + 1));
  io.require(Reader::to_number(io.payload().substr(0, at), versions[line]));
}

template <class Io>
void describe(Io& io, typename Io::template Of<FieldValue>& value) {
  io.choice('p', value.presence, Presence::value);
  if (Io::reads || !value.value.is_null()) io.value('v', value.value);
  io.text('k', value.key);
}

template <class Io>
void field_value(Io& io, char member, typename Io::template Of<FieldValue>& value) {
  io.nested(member, [&](Io& inside) { describe(inside, value); });
}

// Left out where it is `usual`, which a reader begins with.
void value_unless(Writer& io, char member, const FieldValue& value, const FieldValue& usual) {
  if (!(value == usual)) field_value(io, member, value);
}
void value_unless(Reader& io, char member, FieldValue& value, const FieldValue&) {
  if (io.is(member)) field_value(io, member, value = FieldValue{});
}

template <class Io>
void describe(Io& io, typename Io::template Of<Interval>& changed) {
  io.number('f', changed.from, model::unknown_time);
  io.number('t', changed.to, model::unknown_time);
}

template <class Io>
void ref(Io& io, char member, typename Io::template Of<RecordRef>& of) {
  io.nested(member, [&](Io& inside) {
    inside.text('c', of.connection);
    inside.text('s', of.stream);
    inside.text('k', of.key);
  });
}

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
void claim(Writer& io, char member, const std::optional<Claim>& claim, const FieldValue& base,
           const Scope& scope) {
  if (claim) io.nested(member, [&](Writer& inside) { describe(inside, *claim, base, scope); });
}
void claim(Reader& io, char member, std::optional<Claim>& claim, const FieldValue& base, const Scope& scope) {
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
void describe(Writer& io, const Removal& removal, const Scope& scope) {
  io.choice('p', removal.policy, DeletePolicy::propagate);
  for (const auto& [field, seen] : removal.seen) {
    name(io, 'n', field, scope);
    if (field < scope.entity->fields.size()) versions(io, 'v', seen, scope);
  }
}
void describe(Reader& io, Removal& removal, FieldIndex& field, const Scope& scope) {
  io.choice('p', removal.policy, DeletePolicy::propagate);
  name(io, 'n', field, scope);
  if (field != model::no_field) versions(io, 'v', removal.seen[field], scope);
}
void removal(Writer& io, char member, const std::optional<Removal>& removal, const Scope& scope) {
  if (removal && scope.entity != nullptr)
    io.nested(member, [&](Writer& inside) { describe(inside, *removal, scope); });
}
void removal(Reader& io, char member, std::optional<Removal>& removal, const Scope& scope) {
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
void words(Writer& io, const std::map<std::string, std::string>& words, std::string&) {
  for (const auto& [word, value] : words) {
    io.always('k', word);
    io.always('v', value);
  }
}
void words(Reader& io, std::map<std::string, std::string>& words, std::string& word) {
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

model::Error malformed(const char* what) {
  return model::make_error(ErrorClass::data, std::string("stored ") + what + " is malformed");
}

}  // namespace

std::string encode(const Replica& replica, const Schema& schema) {
  Writer out(replica.raw.size() + usual_size);
  Scope scope{&schema, &replica.golden};
  describe(out, replica, scope);
  return out.take();
}

model::Result<Replica> decode_replica(std::string_view text, const Schema& schema) {
  Reader in(text);
  Replica replica;
  Scope scope{&schema, &replica.golden};
  while (in.next()) describe(in, replica, scope);
  if (!in.ok() || scope.entity == nullptr) return malformed("replica");
  return replica;
}

std::string encode(const Golden& golden, const Schema& schema) {
  Writer out(usual_size);
  Scope scope{&schema};
  describe(out, golden, scope);
  return out.take();
}

model::Result<Golden> decode_golden(std::string_view text, const Schema& schema) {
  Reader in(text);
  Golden golden;
  Scope scope{&schema};
  while (in.next()) describe(in, golden, scope);
  if (!in.ok() || scope.entity == nullptr) return malformed("golden record");
  return golden;
}

std::string encode(const Review& review) {
  Writer out(usual_size);
  describe(out, review);
  return out.take();
}

model::Result<Review> decode_review(std::string_view text) {
  Reader in(text);
  Review review;
  while (in.next()) describe(in, review);
  if (!in.ok() || review.id.empty()) return malformed("review");
  return review;
}

}  // namespace huiliu::sync
