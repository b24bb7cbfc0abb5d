#include "hub/store/history_codec.hpp"

#include <charconv>
#include <tuple>
#include <utility>

namespace huiliu::store {
namespace {

// The positions in the arrays. New ones are added at the end.
struct HistoryCommon {
  enum : std::size_t {
    entity,
    connection,
    stream,
    key,
    changed_from,
    changed_to,
    recorded,
    rule,
    run,
    actor,
    count
  };
};
struct HistoryField {
  enum : std::size_t { name, version, presence, value, key, lost, count };
};

bool shares_all_but_field(const sync::HistoryEntry& a, const sync::HistoryEntry& b) {
  return std::tie(a.entity, a.from, a.changed.from, a.changed.to, a.recorded, a.rule, a.run, a.actor) ==
         std::tie(b.entity, b.from, b.changed.from, b.changed.to, b.recorded, b.rule, b.run, b.actor);
}

void append_text(std::string& out, std::string_view text) {
  model::append_json_string(out, text);
  out += ',';
}

void append_number(std::string& out, std::int64_t number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  out += ',';
}

void append_common(std::string& out, const sync::HistoryEntry& e) {
  out += '[';
  for (const auto* text : {&e.entity, &e.from.connection, &e.from.stream, &e.from.key})
    append_text(out, *text);
  for (const auto number : {e.changed.from, e.changed.to, e.recorded}) append_number(out, number);
  append_text(out, e.rule);
  append_text(out, e.run);
  model::append_json_string(out, e.actor);
  out += ']';
}

void append_field(std::string& out, const sync::HistoryEntry& e) {
  out += '[';
  append_text(out, e.field);
  append_number(out, e.version);
  append_number(out, static_cast<int>(e.value.presence));
  model::append_json(out, e.value.value);
  out += ',';
  append_text(out, e.value.key);
  out += e.lost ? "true]" : "false]";
}

std::int64_t integer_at(const model::Array& array, std::size_t at) {
  const auto* number = array[at].if_number();
  return number != nullptr ? number->to_int64().value_or(0) : 0;
}

sync::HistoryEntry decode_common(const model::Array& a) {
  using At = HistoryCommon;
  sync::HistoryEntry e;
  e.entity = a[At::entity].to_text();
  e.from = {a[At::connection].to_text(), a[At::stream].to_text(), a[At::key].to_text()};
  e.changed = {integer_at(a, At::changed_from), integer_at(a, At::changed_to)};
  e.recorded = integer_at(a, At::recorded);
  e.rule = a[At::rule].to_text();
  e.run = a[At::run].to_text();
  e.actor = a[At::actor].to_text();
  return e;
}

void decode_field(const model::Array& a, sync::HistoryEntry& e) {
  using At = HistoryField;
  e.field = a[At::name].to_text();
  e.version = integer_at(a, At::version);
  e.value = {static_cast<model::Presence>(integer_at(a, At::presence)), a[At::value], a[At::key].to_text()};
  e.lost = a[At::lost].is_bool() && a[At::lost].as_bool();
}

// The array of at least `count` members at a position; null when there is none.
const model::Array* array_at(const model::Value& value, std::size_t count) {
  const auto* array = value.if_array();
  return array != nullptr && array->size() >= count ? array : nullptr;
}

}  // namespace

void HistoryText::add(const sync::HistoryEntry& entry) {
  if (text_.empty()) first_recorded_ = entry.recorded;
  if (!text_.empty() && shares_all_but_field(last_, entry)) {
    text_ += ',';
  } else {
    text_ += text_.empty() ? "[[" : "]],[";
    append_common(text_, entry);
    text_ += ",[";
    last_ = entry;
  }
  append_field(text_, entry);
}

std::string HistoryText::take() {
  text_ += text_.empty() ? "[]" : "]]]";
  return std::exchange(text_, {});
}

std::string encode_history(const std::vector<sync::HistoryEntry>& entries) {
  HistoryText text;
  for (const auto& entry : entries) text.add(entry);
  return text.take();
}

model::Status decode_history(std::string_view text, const sync::GoldenId& golden,
                             std::vector<sync::HistoryEntry>& entries) {
  const auto malformed = [] {
    return model::make_error(model::ErrorClass::data, "history is not of its form");
  };
  HUILIU_ASSIGN(const model::Value document, model::parse_json(text));
  const auto* groups = array_at(document, 0);
  if (groups == nullptr) return malformed();
  for (const auto& group : *groups) {
    const auto* both = array_at(group, 2);
    const auto* common = both == nullptr ? nullptr : array_at((*both)[0], HistoryCommon::count);
    const auto* fields = both == nullptr ? nullptr : array_at((*both)[1], 0);
    if (common == nullptr || fields == nullptr) return malformed();
    for (const auto& field : *fields) {
      const auto* members = array_at(field, HistoryField::count);
      if (members == nullptr) return malformed();
      entries.push_back(decode_common(*common));
      entries.back().golden = golden;
      decode_field(*members, entries.back());
    }
  }
  return {};
}

}  // namespace huiliu::store
