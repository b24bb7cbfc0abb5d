#include "hub/sync/derive.hpp"

#include <algorithm>
#include <limits>

#include "hub/mapping/mapping.hpp"
#include "hub/sync/claims.hpp"
#include "hub/sync/lists.hpp"
#include "hub/sync/merge.hpp"
#include "hub/sync/observe.hpp"

namespace huiliu::sync {
namespace {

using model::Derivation;
using model::ErrorClass;
using model::make_error;
using model::Value;

constexpr const char* approved_part = "approved_at";
constexpr Micros never = std::numeric_limits<Micros>::max();

bool counts_as_record(const Replica& replica) {
  return !replica.gone && replica.leader.empty() && !is_provisional(replica.ref) &&
         replica.ref.connection != console;
}

// When a record was first approved, by its organisation parts; `never`: not, or the system does not say.
Micros approved_at(const Replica& replica) {
  Micros first = never;
  for (const auto& part : replica.parts) {
    const Value* said = part.fields.find(approved_part);
    const auto at = said == nullptr ? model::parse_rfc3339("") : model::parse_rfc3339(said->to_text());
    if (at.ok()) first = std::min(first, *at);
  }
  return first;
}

bool may_be_home(const Context& context, const Replica& replica) {
  const StreamRules* const stream = context.rules.stream(replica.ref);
  return counts_as_record(replica) && stream != nullptr && !stream->rights_as_home.empty();
}

// The value that a derived field has by its rule. absent: nothing to say.
FieldValue every_part(const Work& work, const model::Field& field) {
  const Derivation& derived = field.derived;
  bool any = false;
  bool all = true;
  for (const auto& replica : work.cluster.replicas) {
    if (!counts_as_record(replica)) continue;
    for (const auto& part : replica.parts) {
      const Value* said = part.fields.find(derived.of);
      if (said == nullptr || said->is_null()) continue;
      any = true;
      all = all && said->to_text() == derived.is;
    }
  }
  if (!any) return {};
  const Value value(all ? derived.then : derived.otherwise);
  return {Presence::value, value, mapping::field_key(field, value)};
}

void claim_derived(Context& context, Work& work, FieldIndex field, const FieldValue& value) {
  const std::string actor = std::exchange(work.actor, "rule");
  claim_as_console(context, work, field, value);
  work.actor = actor;
  choose_golden(context, work, field);
}

// The usual value ("active") is not worth a claim of its own: it is said only after the other one was.
void derive_from_parts(Context& context, Work& work, FieldIndex field) {
  const model::Field& of = work.entity.fields[field];
  const FieldValue said = every_part(work, of);
  const auto golden = work.cluster.golden.fields.find(field);
  const bool known = golden != work.cluster.golden.fields.end() && golden->second.value.has_value();
  if (!said.has_value() || (known && golden->second.value.shows_same(said))) return;
  if (!known && said.value.to_text() == of.derived.otherwise) return;
  claim_derived(context, work, field, said);
}

// The value that the source had before joins the list; a name that is in use again leaves it.
void derive_former(Context& context, Work& work, FieldIndex field) {
  const model::Field& of = work.entity.fields[field];
  const FieldIndex source = work.entity.index_of(of.derived.of);
  const auto before = work.before.golden.fields.find(source);
  const auto now = work.cluster.golden.fields.find(source);
  if (before == work.before.golden.fields.end() || now == work.cluster.golden.fields.end()) return;
  const FieldValue& was = before->second.value;
  const FieldValue& is = now->second.value;
  if (!was.has_value() || !is.has_value() || was.shows_same(is)) return;
  model::Array names;
  if (const auto listed = work.cluster.golden.fields.find(field); listed != work.cluster.golden.fields.end())
    if (const auto* known = listed->second.value.value.if_array())
      for (const auto& name : *known)
        if (mapping::field_key(work.entity.fields[source], name) != is.key) names.push_back(name);
  const bool listed = std::any_of(names.begin(), names.end(), [&](const Value& name) {
    return mapping::field_key(work.entity.fields[source], name) == was.key;
  });
  if (!listed) names.push_back(was.value);
  const Value list(std::move(names));
  claim_derived(context, work, field, {Presence::value, list, mapping::field_key(of, list)});
}

}  // namespace

void find_home(const Context& context, Work& work) {
  Golden& golden = work.golden();
  if (golden.home_fixed) return;
  const Replica* first = nullptr;
  const auto place = [&](const Replica& replica) {
    return std::tuple(approved_at(replica), context.rules.connection(replica.ref.connection)->rank,
                      replica.link_order);
  };
  for (const auto& replica : work.cluster.replicas) {
    if (!may_be_home(context, replica) || replica.pending_approval) continue;
    if (first == nullptr || place(replica) < place(*first)) first = &replica;
  }
  if (first == nullptr) return;  // keeps what it had
  if (first->ref.connection == golden.home) return;
  const bool moves = context.rules.home_of(golden) != first->ref.connection;
  golden.home = first->ref.connection;
  if (!moves) return;
  for (const auto& [field, known] : golden.fields) work.claimed.insert(field);
}

void derive_fields(Context& context, Work& work) {
  for (std::size_t i = 0; i < work.entity.fields.size(); ++i) {
    const auto kind = work.entity.fields[i].derived.kind;
    if (kind == Derivation::Kind::former) derive_former(context, work, static_cast<FieldIndex>(i));
    if (kind == Derivation::Kind::every_part) derive_from_parts(context, work, static_cast<FieldIndex>(i));
  }
}

void tell_new_number(const Context& context, Work& work) {
  for (const auto& [entity, field] : context.rules.link_fields) {
    if (entity != work.entity.name) continue;
    const auto now = work.cluster.golden.fields.find(field);
    if (now == work.cluster.golden.fields.end() || !now->second.value.has_value()) continue;
    const auto before = work.before.golden.fields.find(field);
    const bool new_value =
        before == work.before.golden.fields.end() || !before->second.value.shows_same(now->second.value);
    const Replica* const from = work.cluster.find(now->second.from);
    if (new_value && from != nullptr && from->made_by_hub)
      work.notices.push_back({"new_number",
                              work.cluster.golden.id,
                              from->ref,
                              work.name_of(field),
                              now->second.value,
                              {},
                              from->ref.connection});
  }
}

model::Status move_home(Context& context, const GoldenId& id, const std::string& connection,
                        const std::string& actor) {
  auto work = open_work(context, id);
  if (!work) return make_error(ErrorClass::not_found, "no such customer", id);
  work->actor = actor;
  Golden& golden = work->golden();
  golden.home_fixed = !connection.empty();
  if (!connection.empty()) {
    const bool there = std::any_of(
        work->cluster.replicas.begin(), work->cluster.replicas.end(), [&](const Replica& replica) {
          return replica.ref.connection == connection && may_be_home(context, replica);
        });
    if (!there)
      return make_error(ErrorClass::config,
                        "it has no record in an ERP \"" + connection +
                            "\"; the home is one of the ERPs that have a record of the customer",
                        id);
    golden.home = connection;
  }
  for (const auto& [field, known] : golden.fields) work->claimed.insert(field);
  finish(context, *work);
  return {};
}

}  // namespace huiliu::sync
