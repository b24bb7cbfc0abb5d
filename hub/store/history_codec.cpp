#include "hub/store/history_codec.hpp"

namespace huiliu::store {
namespace {

// The positions in an entry's array. New ones are added at the end.
struct HistoryMember {
  enum : std::size_t {
    entity, field, version, presence, value, key, connection, stream, record, from, to, recorded, rule, run, actor,
    lost, count
  };
};

model::Value encode_entry(const sync::HistoryEntry& e) {
  return model::Array{e.entity,
                      e.field,
                      e.version,
                      static_cast<int>(e.value.presence),
                      e.value.value,
                      e.value.key,
                      e.from.connection,
                      e.from.stream,
                      e.from.key,
                      e.changed.from,
                      e.changed.to,
                      e.recorded,
                      e.rule,
                      e.run,
                      e.actor,
                      e.lost};
}

std::int64_t integer_at(const model::Array& array, std::size_t at) {
  const auto* number = array[at].if_number();
  return number != nullptr ? number->to_int64().value_or(0) : 0;
}

sync::HistoryEntry decode_entry(const model::Array& a, const sync::GoldenId& golden) {
  using At = HistoryMember;
  sync::HistoryEntry e;
  e.golden = golden;
  e.entity = a[At::entity].to_text();
  e.field = a[At::field].to_text();
  e.version = integer_at(a, At::version);
  e.value.presence = static_cast<model::Presence>(integer_at(a, At::presence));
  e.value.value = a[At::value];
  e.value.key = a[At::key].to_text();
  e.from = {a[At::connection].to_text(), a[At::stream].to_text(), a[At::record].to_text()};
  e.changed = {integer_at(a, At::from), integer_at(a, At::to)};
  e.recorded = integer_at(a, At::recorded);
  e.rule = a[At::rule].to_text();
  e.run = a[At::run].to_text();
  e.actor = a[At::actor].to_text();
  e.lost = a[At::lost].is_bool() && a[At::lost].as_bool();
  return e;
}

}  // namespace

std::string encode_history(const std::vector<sync::HistoryEntry>& entries) {
  std::string out = "[";
  for (const auto& entry : entries) {
    if (out.size() > 1) out += ',';
    model::append_json(out, encode_entry(entry));
  }
  out += ']';
  return out;
}

model::Status decode_history(std::string_view text, const sync::GoldenId& golden,
                             std::vector<sync::HistoryEntry>& entries) {
  HUILIU_ASSIGN(const model::Value document, model::parse_json(text));
  const auto* rows = document.if_array();
  if (rows == nullptr) return model::make_error(model::ErrorClass::data, "history is not a list");
  for (const auto& row : *rows) {
    if (!row.is_array() || row.as_array().size() < HistoryMember::count)
      return model::make_error(model::ErrorClass::data, "a history entry is too short");
    entries.push_back(decode_entry(row.as_array(), golden));
  }
  return {};
}

}  // namespace huiliu::store
