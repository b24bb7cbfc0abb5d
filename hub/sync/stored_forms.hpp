// The forms that several stored things share (see codec.hpp and message.hpp): fields by name, values,
// versions, addresses, maps. Internal to the codec.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/model/schema.hpp"
#include "hub/sync/message.hpp"
#include "hub/sync/state.hpp"

namespace huiliu::sync::stored {

// What stands around a member: the entity that names its fields, and the golden record on whose line versions
// count that name no other.
struct Scope {
  const model::Schema* schema = nullptr;
  const GoldenId* own = nullptr;
  const model::Entity* entity = nullptr;
};

inline void entity(Writer& io, char member, const std::string& name, Scope& scope) {
  io.always(member, name);
  scope.entity = scope.schema->find(name);
}
inline void entity(Reader& io, char member, std::string& name, Scope& scope) {
  if (!io.is(member)) return;
  name = io.payload();
  scope.entity = scope.schema->find(name);
  io.require(scope.entity != nullptr);
}

// A field by its name: schemas gain, lose and reorder fields.
inline void name(Writer& io, char member, FieldIndex field, const Scope& scope) {
  if (field < scope.entity->fields.size()) io.always(member, scope.entity->fields[field].name);
}
inline void name(Reader& io, char member, FieldIndex& field, const Scope& scope) {
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
inline void versions(Writer& io, char member, const Versions& versions, const Scope& scope) {
  for (const auto& [line, version] : versions) {
    if (line == *scope.own)
      io.always_number(member, version);
    else
      io.always(member, std::to_string(version) + '@' + line);
  }
}
inline void versions(Reader& io, char member, Versions& versions, const Scope& scope) {
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
inline void value_unless(Writer& io, char member, const FieldValue& value, const FieldValue& usual) {
  if (!(value == usual)) field_value(io, member, value);
}
inline void value_unless(Reader& io, char member, FieldValue& value, const FieldValue&) {
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

}  // namespace huiliu::sync::stored
