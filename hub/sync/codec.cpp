#include "hub/sync/codec.hpp"

#include "hub/sync/message.hpp"

namespace huiliu::sync {
namespace {

using model::Entity;
using model::Error;
using model::ErrorClass;
using model::Result;
using model::Schema;
using model::Value;

// ---- the smaller parts
// --------------------------------------------------------------------------------------------

std::string encode_value(const Value& value) {
  if (const auto* text = value.if_string()) return "s" + *text;
  std::string out = "j";
  model::append_json(out, value);
  return out;
}

bool decode_value(std::string_view text, Value& to) {
  if (text.empty()) return false;
  const std::string_view body = text.substr(1);
  if (text.front() == 's') {
    to = Value(body);
    return true;
  }
  auto parsed = model::parse_json(body);
  if (!parsed.ok()) return false;
  to = std::move(*parsed);
  return text.front() == 'j';
}

std::string encode_field_value(const FieldValue& value) {
  MessageWriter out;
  out.number('p', static_cast<int>(value.presence));
  if (!value.value.is_null()) out.text('v', encode_value(value.value));
  out.some_text('k', value.key);
  return out.take();
}

bool decode_field_value(std::string_view text, FieldValue& to) {
  MessageReader in(text);
  while (in.next()) {
    if (in.member == 'p') in.enumeration(to.presence, Presence::value);
    if (in.member == 'v') in.require(decode_value(in.payload, to.value));
    if (in.member == 'k') to.key = in.payload;
  }
  return in.ok();
}

// "7" on the replica's own golden, "7@cus_…" on another line.
void write_versions(MessageWriter& out, char member, const Versions& versions, const GoldenId& own) {
  for (const auto& [line, version] : versions) {
    out.text(member, line == own ? std::to_string(version) : std::to_string(version) + '@' + line);
  }
}

void read_version(MessageReader& in, Versions& versions, const GoldenId& own) {
  const std::size_t at = in.payload.find('@');
  const GoldenId line = at == std::string_view::npos ? own : GoldenId(in.payload.substr(at + 1));
  in.payload = in.payload.substr(0, at);
  in.number(versions[line]);
}

void write_interval(MessageWriter& out, const Interval& changed) {
  out.some_number('f', changed.from, model::unknown_time);
  out.some_number('t', changed.to, model::unknown_time);
}

bool read_interval(MessageReader& in, Interval& changed) {
  if (in.member == 'f') in.number(changed.from);
  if (in.member == 't') in.number(changed.to);
  return in.ok();
}

std::string encode_ref(const RecordRef& ref) {
  MessageWriter out;
  out.some_text('c', ref.connection);
  out.some_text('s', ref.stream);
  out.some_text('k', ref.key);
  return out.take();
}

bool decode_ref(std::string_view text, RecordRef& to) {
  MessageReader in(text);
  while (in.next()) {
    if (in.member == 'c') to.connection = in.payload;
    if (in.member == 's') to.stream = in.payload;
    if (in.member == 'k') to.key = in.payload;
  }
  return in.ok();
}

const Entity* entity_named(const Schema& schema, std::string_view name) { return schema.find(name); }

Error malformed(const char* what) {
  return model::make_error(ErrorClass::data, std::string("stored ") + what + " is malformed");
}

// ---- replica
// ------------------------------------------------------------------------------------------------------

std::string encode_claim(const Claim& claim, const FieldValue& base, const GoldenId& own) {
  MessageWriter out;
  if (!(claim.value == base)) out.text('v', encode_field_value(claim.value));
  write_interval(out, claim.changed);
  write_versions(out, 'a', claim.arrived, own);
  write_versions(out, 's', claim.seen, own);
  out.some_text('r', claim.run);
  out.some_text('u', claim.actor);
  out.flag('i', claim.initial);
  out.flag('x', claim.unexplained);
  return out.take();
}

bool decode_claim(std::string_view text, const FieldValue& base, const GoldenId& own, Claim& to) {
  MessageReader in(text);
  to.value = base;
  while (in.next()) {
    if (in.member == 'v') in.require(decode_field_value(in.payload, to.value = FieldValue{}));
    read_interval(in, to.changed);
    if (in.member == 'a') read_version(in, to.arrived, own);
    if (in.member == 's') read_version(in, to.seen, own);
    if (in.member == 'r') to.run = in.payload;
    if (in.member == 'u') to.actor = in.payload;
    if (in.member == 'i') to.initial = true;
    if (in.member == 'x') to.unexplained = true;
  }
  return in.ok();
}

// The order of members matters to decode: golden before fields, base before what is written relative to it.
std::string encode_replica_field(const std::string& name, const ReplicaField& field, const GoldenId& own) {
  MessageWriter out;
  out.text('n', name);
  out.text('b', encode_field_value(field.base));
  if (!(field.stands == field.base)) out.text('s', encode_field_value(field.stands));
  write_versions(out, 'v', field.seen, own);
  out.flag('u', field.unverified);
  out.flag('d', field.unclaimed);
  if (field.refused) out.text('r', encode_field_value(*field.refused));
  if (field.claim) out.text('c', encode_claim(*field.claim, field.base, own));
  for (const auto& [key, claim] : field.elements) {
    MessageWriter element;
    element.text('k', key);
    element.text('c', encode_claim(claim, FieldValue{}, own));
    out.text('e', element.take());
  }
  for (const auto& key : field.declined) out.text('x', key);
  return out.take();
}

bool decode_element(std::string_view text, const GoldenId& own, ReplicaField& to) {
  MessageReader in(text);
  std::string key;
  Claim claim;
  while (in.next()) {
    if (in.member == 'k') key = in.payload;
    if (in.member == 'c') in.require(decode_claim(in.payload, FieldValue{}, own, claim));
  }
  to.elements.insert_or_assign(std::move(key), std::move(claim));
  return in.ok();
}

bool decode_replica_field(std::string_view text, const Entity& entity, const GoldenId& own, Replica& to) {
  MessageReader in(text);
  ReplicaField field;
  FieldIndex index = model::no_field;
  bool own_stands = false;
  while (in.next()) {
    switch (in.member) {
      case 'n':
        index = entity.index_of(in.payload);
        break;
      case 'b':
        in.require(decode_field_value(in.payload, field.base));
        break;
      case 's':
        own_stands = true;
        in.require(decode_field_value(in.payload, field.stands));
        break;
      case 'v':
        read_version(in, field.seen, own);
        break;
      case 'u':
        field.unverified = true;
        break;
      case 'd':
        field.unclaimed = true;
        break;
      case 'r':
        in.require(decode_field_value(in.payload, field.refused.emplace()));
        break;
      case 'c':
        in.require(decode_claim(in.payload, field.base, own, field.claim.emplace()));
        break;
      case 'e':
        in.require(decode_element(in.payload, own, field));
        break;
      case 'x':
        field.declined.emplace_back(in.payload);
        break;
      default:
        break;
    }
  }
  if (!own_stands) field.stands = field.base;
  if (in.ok() && index != model::no_field) to.fields.insert_or_assign(index, std::move(field));
  return in.ok();
}

// The policy, then per field 'n' NAME and the versions 'v' that were in view.
std::string encode_removal(const Removal& removal, const Entity& entity, const GoldenId& own) {
  MessageWriter out;
  out.number('p', static_cast<int>(removal.policy));
  for (const auto& [field, seen] : removal.seen) {
    if (field >= entity.fields.size()) continue;
    out.text('n', entity.fields[field].name);
    write_versions(out, 'v', seen, own);
  }
  return out.take();
}

bool decode_removal(std::string_view text, const Entity& entity, const GoldenId& own, Removal& to) {
  MessageReader in(text);
  FieldIndex field = model::no_field;
  while (in.next()) {
    if (in.member == 'p') in.enumeration(to.policy, DeletePolicy::propagate);
    if (in.member == 'n') field = entity.index_of(in.payload);
    if (in.member == 'n' && field != model::no_field) to.seen[field];
    if (in.member == 'v' && field != model::no_field) read_version(in, to.seen[field], own);
  }
  return in.ok();
}

std::string encode_intent(const Intent& intent, const Entity& entity) {
  MessageWriter out;
  out.text('i', intent.id);
  out.some_number('o', static_cast<int>(intent.op), static_cast<int>(Op::update));
  out.some_text('g', intent.golden);
  out.text('l', intent.line);
  out.some_text('t', intent.expected_token);
  out.number('s', intent.started);
  out.number('z', static_cast<int>(intent.state));
  out.some_number('a', intent.attempts, 0);
  out.some_text('r', intent.run);
  out.some_text('w', intent.reason);
  for (const auto& field : intent.fields) {
    if (field.field >= entity.fields.size()) continue;
    MessageWriter nested;
    nested.text('n', entity.fields[field.field].name);
    nested.text('v', encode_field_value(field.value));
    nested.text('b', encode_field_value(field.before));
    nested.number('k', field.version);
    out.text('f', nested.take());
  }
  return out.take();
}

bool decode_intent_field(std::string_view text, const Entity& entity, Intent& to) {
  MessageReader in(text);
  IntentField field;
  while (in.next()) {
    if (in.member == 'n') field.field = entity.index_of(in.payload);
    if (in.member == 'v') in.require(decode_field_value(in.payload, field.value));
    if (in.member == 'b') in.require(decode_field_value(in.payload, field.before));
    if (in.member == 'k') in.number(field.version);
  }
  if (field.field != model::no_field) to.fields.push_back(std::move(field));
  return in.ok();
}

bool decode_intent(std::string_view text, const Entity& entity, Intent& to) {
  MessageReader in(text);
  while (in.next()) {
    switch (in.member) {
      case 'i':
        to.id = in.payload;
        break;
      case 'o':
        in.enumeration(to.op, Op::enable);
        break;
      case 'g':
        to.golden = in.payload;
        break;
      case 'l':
        to.line = in.payload;
        break;
      case 't':
        to.expected_token = in.payload;
        break;
      case 's':
        in.number(to.started);
        break;
      case 'z':
        in.enumeration(to.state, IntentState::in_doubt);
        break;
      case 'a':
        in.number(to.attempts);
        break;
      case 'r':
        to.run = in.payload;
        break;
      case 'w':
        to.reason = in.payload;
        break;
      case 'f':
        in.require(decode_intent_field(in.payload, entity, to));
        break;
      default:
        break;
    }
  }
  return in.ok();
}

std::string encode_part(const Part& part) {
  MessageWriter out;
  out.text('o', part.organisation);
  out.some_text('k', part.key);
  if (!part.fields.empty()) out.text('f', model::to_json(Value(part.fields)));
  return out.take();
}

bool decode_part(std::string_view text, Part& to) {
  MessageReader in(text);
  while (in.next()) {
    if (in.member == 'o') to.organisation = in.payload;
    if (in.member == 'k') to.key = in.payload;
    if (in.member == 'f') {
      auto parsed = model::parse_json(in.payload);
      if (!parsed.ok() || !parsed->is_object()) return false;
      to.fields = std::move(parsed->as_object());
    }
  }
  return in.ok();
}

std::string encode_pending(const PendingReference& pending, const Entity& entity) {
  MessageWriter out;
  if (pending.field < entity.fields.size()) out.text('n', entity.fields[pending.field].name);
  out.text('s', pending.stream);
  out.text('k', pending.key);
  return out.take();
}

bool decode_pending(std::string_view text, const Entity& entity, PendingReference& to) {
  MessageReader in(text);
  while (in.next()) {
    if (in.member == 'n') to.field = entity.index_of(in.payload);
    if (in.member == 's') to.stream = in.payload;
    if (in.member == 'k') to.key = in.payload;
  }
  return in.ok();
}

void decode_replica_member(MessageReader& in, const Entity*& entity, const Schema& schema, Replica& to) {
  switch (in.member) {
    case 'R':
      in.require(decode_ref(in.payload, to.ref));
      break;
    case 'E':
      to.entity = in.payload;
      entity = entity_named(schema, in.payload);
      in.require(entity != nullptr);
      break;
    case 'G':
      to.golden = in.payload;
      break;
    case 'O':
      to.origin = in.payload;
      break;
    case 'B':
      to.raw = in.payload;
      break;
    case 'H': {
      std::int64_t hash = 0;
      in.number(hash);
      to.raw_hash = static_cast<std::uint64_t>(hash);
      break;
    }
    case 'T':
      to.token = in.payload;
      break;
    case 'M':
      to.mapping_version = in.payload;
      break;
    case 'e':
      in.number(to.evid);
      break;
    case 'w':
      in.number(to.wend);
      break;
    case 'g':
      to.gone = true;
      break;
    case 'X':
      in.require(entity != nullptr && decode_removal(in.payload, *entity, to.golden, to.removal.emplace()));
      break;
    case 'S':
      to.stale = true;
      break;
    case 'd':
      to.disabled = true;
      break;
    case 'h':
      to.removed_by_hub = true;
      break;
    case 'm':
      to.made_by_hub = true;
      break;
    case 'a':
      to.pending_approval = true;
      break;
    case 'L':
      to.leader = in.payload;
      break;
    case 'o':
      in.number(to.link_order);
      break;
    case 'F':
      in.require(entity != nullptr && decode_replica_field(in.payload, *entity, to.golden, to));
      break;
    case 'P':
      in.require(decode_part(in.payload, to.parts.emplace_back()));
      break;
    case 'p':
      in.require(entity != nullptr && decode_pending(in.payload, *entity, to.pending.emplace_back()));
      break;
    case 'I':
      in.require(entity != nullptr && decode_intent(in.payload, *entity, to.intents.emplace_back()));
      break;
    default:
      break;
  }
}

// ---- golden
// -------------------------------------------------------------------------------------------------------

std::string encode_golden_field(const std::string& name, const GoldenField& field) {
  MessageWriter out;
  out.text('n', name);
  out.text('b', encode_field_value(field.value));
  out.number('k', field.version);
  out.flag('h', field.held);
  out.flag('x', field.parked);
  out.text('R', encode_ref(field.from));
  write_interval(out, field.changed);
  out.some_text('p', field.rule);
  out.some_text('r', field.run);
  for (const auto& loser : field.losers) {
    MessageWriter nested;
    nested.text('v', encode_field_value(loser.value));
    nested.text('R', encode_ref(loser.from));
    write_interval(nested, loser.changed);
    nested.flag('i', loser.initial);
    out.text('l', nested.take());
  }
  return out.take();
}

bool decode_loser(std::string_view text, Loser& to) {
  MessageReader in(text);
  while (in.next()) {
    if (in.member == 'v') in.require(decode_field_value(in.payload, to.value));
    if (in.member == 'R') in.require(decode_ref(in.payload, to.from));
    read_interval(in, to.changed);
    if (in.member == 'i') to.initial = true;
  }
  return in.ok();
}

bool decode_golden_field(std::string_view text, const Entity& entity, Golden& to) {
  MessageReader in(text);
  GoldenField field;
  FieldIndex index = model::no_field;
  while (in.next()) {
    switch (in.member) {
      case 'n':
        index = entity.index_of(in.payload);
        break;
      case 'b':
        in.require(decode_field_value(in.payload, field.value));
        break;
      case 'k':
        in.number(field.version);
        break;
      case 'h':
        field.held = true;
        break;
      case 'x':
        field.parked = true;
        break;
      case 'R':
        in.require(decode_ref(in.payload, field.from));
        break;
      case 'f':
      case 't':
        read_interval(in, field.changed);
        break;
      case 'p':
        field.rule = in.payload;
        break;
      case 'r':
        field.run = in.payload;
        break;
      case 'l':
        in.require(decode_loser(in.payload, field.losers.emplace_back()));
        break;
      default:
        break;
    }
  }
  if (in.ok() && index != model::no_field) to.fields.insert_or_assign(index, std::move(field));
  return in.ok();
}

bool decode_decision(std::string_view text, std::map<std::string, std::string>& to) {
  MessageReader in(text);
  std::string about, decision;
  while (in.next()) {
    if (in.member == 'c') about = in.payload;
    if (in.member == 'd') decision = in.payload;
  }
  to.insert_or_assign(std::move(about), std::move(decision));
  return in.ok();
}

}  // namespace

std::string encode(const Replica& replica, const Schema& schema) {
  MessageWriter out;
  const Entity* const entity = entity_named(schema, replica.entity);
  out.text('R', encode_ref(replica.ref));
  out.text('E', replica.entity);
  out.some_text('G', replica.golden);
  out.some_text('O', replica.origin);
  out.some_text('B', replica.raw);
  out.some_number('H', static_cast<std::int64_t>(replica.raw_hash), 0);
  out.some_text('T', replica.token);
  out.some_text('M', replica.mapping_version);
  out.some_number('e', replica.evid, model::unknown_time);
  out.some_number('w', replica.wend, model::unknown_time);
  out.flag('g', replica.gone);
  out.flag('S', replica.stale);
  out.flag('d', replica.disabled);
  out.flag('h', replica.removed_by_hub);
  out.flag('m', replica.made_by_hub);
  out.flag('a', replica.pending_approval);
  out.some_text('L', replica.leader);
  out.some_number('o', replica.link_order, 0);
  for (const auto& part : replica.parts) out.text('P', encode_part(part));
  if (entity == nullptr) return out.take();
  if (replica.removal) out.text('X', encode_removal(*replica.removal, *entity, replica.golden));
  for (const auto& [index, field] : replica.fields) {
    if (index < entity->fields.size())
      out.text('F', encode_replica_field(entity->fields[index].name, field, replica.golden));
  }
  for (const auto& pending : replica.pending) out.text('p', encode_pending(pending, *entity));
  for (const auto& intent : replica.intents) out.text('I', encode_intent(intent, *entity));
  return out.take();
}

Result<Replica> decode_replica(std::string_view text, const Schema& schema) {
  MessageReader in(text);
  Replica replica;
  const Entity* entity = nullptr;
  while (in.next()) decode_replica_member(in, entity, schema, replica);
  if (!in.ok() || entity == nullptr) return malformed("replica");
  return replica;
}

std::string encode_approved(const std::string& field, const ApprovedChange& change) {
  MessageWriter out;
  out.text('n', field);
  out.text('v', encode_field_value(change.value));
  out.number('k', change.version);
  out.some_text('r', change.review);
  out.some_text('u', change.actor);
  out.some_text('t', change.note);
  out.number('a', change.approved);
  return out.take();
}

bool decode_approved(std::string_view text, const Entity& entity, Golden& golden) {
  MessageReader in(text);
  ApprovedChange change;
  FieldIndex field = model::no_field;
  while (in.next()) {
    if (in.member == 'n') field = entity.index_of(in.payload);
    if (in.member == 'v') in.require(decode_field_value(in.payload, change.value));
    if (in.member == 'k') in.number(change.version);
    if (in.member == 'r') change.review = in.payload;
    if (in.member == 'u') change.actor = in.payload;
    if (in.member == 't') change.note = in.payload;
    if (in.member == 'a') in.number(change.approved);
  }
  if (field != model::no_field) golden.approved.emplace(field, std::move(change));
  return in.ok();
}

// A connection with the words of its creation request: 'c' NAME, then 'k' WORD 'v' VALUE in turn.
std::string encode_create_with(const std::string& connection,
                               const std::map<std::string, std::string>& with) {
  MessageWriter out;
  out.text('c', connection);
  for (const auto& [word, value] : with) {
    out.text('k', word);
    out.text('v', value);
  }
  return out.take();
}

bool decode_create_with(std::string_view text, Golden& golden) {
  MessageReader in(text);
  std::string connection, word;
  while (in.next()) {
    if (in.member == 'c') connection = in.payload;
    if (in.member == 'k') word = in.payload;
    if (in.member == 'v') golden.create_with[connection][word] = in.payload;
  }
  return in.ok();
}

std::string encode(const Golden& golden, const Schema& schema) {
  MessageWriter out;
  out.text('i', golden.id);
  out.text('E', golden.entity);
  out.some_text('r', golden.redirect);
  out.number('c', golden.created);
  out.number('m', golden.changed);
  out.some_number('o', golden.next_link_order, 1);
  out.some_number('u', golden.unmerges, 0);
  out.some_text('h', golden.home);
  out.flag('H', golden.home_fixed);
  for (const auto& [connection, with] : golden.create_with)
    out.text('W', encode_create_with(connection, with));
  for (const auto& [connection, decision] : golden.creates) {
    MessageWriter nested;
    nested.text('c', connection);
    nested.text('d', decision);
    out.text('D', nested.take());
  }
  for (const auto& [connection, decision] : golden.removes) {
    MessageWriter nested;
    nested.text('c', connection);
    nested.text('d', decision);
    out.text('X', nested.take());
  }
  for (const auto& [other, verdict] : golden.judged) {
    MessageWriter nested;
    nested.text('c', other);
    nested.text('d', verdict);
    out.text('J', nested.take());
  }
  const Entity* const entity = entity_named(schema, golden.entity);
  if (entity == nullptr) return out.take();
  for (const auto& [index, field] : golden.fields) {
    if (index < entity->fields.size()) out.text('F', encode_golden_field(entity->fields[index].name, field));
  }
  for (const auto& [index, change] : golden.approved) {
    if (index < entity->fields.size()) out.text('A', encode_approved(entity->fields[index].name, change));
  }
  return out.take();
}

Result<Golden> decode_golden(std::string_view text, const Schema& schema) {
  MessageReader in(text);
  Golden golden;
  const Entity* entity = nullptr;
  while (in.next()) {
    switch (in.member) {
      case 'i':
        golden.id = in.payload;
        break;
      case 'E':
        golden.entity = in.payload;
        entity = entity_named(schema, in.payload);
        break;
      case 'r':
        golden.redirect = in.payload;
        break;
      case 'c':
        in.number(golden.created);
        break;
      case 'm':
        in.number(golden.changed);
        break;
      case 'o':
        in.number(golden.next_link_order);
        break;
      case 'u':
        in.number(golden.unmerges);
        break;
      case 'D':
        in.require(decode_decision(in.payload, golden.creates));
        break;
      case 'J':
        in.require(decode_decision(in.payload, golden.judged));
        break;
      case 'X':
        in.require(decode_decision(in.payload, golden.removes));
        break;
      case 'F':
        in.require(entity != nullptr && decode_golden_field(in.payload, *entity, golden));
        break;
      case 'A':
        in.require(entity != nullptr && decode_approved(in.payload, *entity, golden));
        break;
      case 'h':
        golden.home = in.payload;
        break;
      case 'H':
        golden.home_fixed = true;
        break;
      case 'W':
        in.require(decode_create_with(in.payload, golden));
        break;
      default:
        break;
    }
  }
  if (!in.ok() || entity == nullptr) return malformed("golden record");
  return golden;
}

std::string encode(const Review& review) {
  MessageWriter out;
  out.text('i', review.id);
  out.number('K', static_cast<int>(review.kind));
  out.some_text('g', review.golden);
  out.some_text('c', review.connection);
  out.some_text('f', review.field);
  out.some_text('s', review.subject);
  for (const auto& choice : review.choices) out.text('C', choice);
  out.text('e', encode_value(review.evidence));
  out.number('o', review.opened);
  out.text('z', review.state);
  out.some_text('h', review.choice);
  out.some_text('n', review.note);
  out.some_text('a', review.actor);
  out.some_number('d', review.decided, 0);
  out.some_text('q', review.dedupe);
  return out.take();
}

Result<Review> decode_review(std::string_view text) {
  MessageReader in(text);
  Review review;
  while (in.next()) {
    switch (in.member) {
      case 'i':
        review.id = in.payload;
        break;
      case 'K':
        in.enumeration(review.kind, ReviewKind::brake);
        break;
      case 'g':
        review.golden = in.payload;
        break;
      case 'c':
        review.connection = in.payload;
        break;
      case 'f':
        review.field = in.payload;
        break;
      case 's':
        review.subject = in.payload;
        break;
      case 'C':
        review.choices.emplace_back(in.payload);
        break;
      case 'e':
        in.require(decode_value(in.payload, review.evidence));
        break;
      case 'o':
        in.number(review.opened);
        break;
      case 'z':
        review.state = in.payload;
        break;
      case 'h':
        review.choice = in.payload;
        break;
      case 'n':
        review.note = in.payload;
        break;
      case 'a':
        review.actor = in.payload;
        break;
      case 'd':
        in.number(review.decided);
        break;
      case 'q':
        review.dedupe = in.payload;
        break;
      default:
        break;
    }
  }
  if (!in.ok() || review.id.empty()) return malformed("review");
  return review;
}

}  // namespace huiliu::sync
