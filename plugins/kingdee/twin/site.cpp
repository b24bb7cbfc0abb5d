#include "plugins/kingdee/twin/site.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace kingdee_twin {
namespace {

namespace json = boost::json;

constexpr std::int64_t site_offset_ms = 8 * 3600 * 1000;
constexpr std::int64_t first_free_id = 9'000'000;  // above what populate and load give

constexpr std::string_view indexed_texts[] = {"FNumber",          "FName",   "FSOCIALCRECODE",
                                              "FTAXREGISTERCODE", "FMobile", "F_HLU_EXTID"};
constexpr std::string_view indexed_times[] = {"FModifyDate", "FCreateDate", "FApproveDate", "FForbidDate"};

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string plain(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  return value.is_null() ? std::string() : json::serialize(value);
}

/// An id for what the twin keeps no table of: stable, never 0.
std::int64_t made_up_id(std::string_view number) {
  std::uint32_t hash = 2166136261U;
  for (const char c : number) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return 100'000 + hash % 900'000;
}

bool is_true(const json::value& value) {
  const std::string text = plain(value);
  return text == "1" || text == "true" || text == "True";
}

}  // namespace

std::string text_of(const json::object& row, std::string_view key) {
  const json::value* value = row.if_contains(key);
  return value == nullptr || value->is_object() || value->is_array() ? std::string() : plain(*value);
}

std::string number_of(const json::object& row, std::string_view reference) {
  const json::value* value = row.if_contains(reference);
  if (value == nullptr) return {};
  if (const json::object* object = value->if_object()) return text_of(*object, "FNumber");
  return plain(*value);
}

std::int64_t id_of(const json::object& row, std::string_view key) {
  return whole(text_of(row, key)).value_or(0);
}

Site::Site(RecordStore& store, const huiliu::twin::TwinClock& clock) : store_(store), clock_(clock) {
  for (const FormDef& form : twin_forms()) {
    store_.declare(form.stream);
    indexes_[std::string(form.stream)].last_id = first_free_id;
  }
}

std::string Site::local_text(std::int64_t unix_ms) {
  const std::chrono::sys_seconds local{std::chrono::seconds((unix_ms + site_offset_ms) / 1000)};
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const auto rest = (local - day).count();
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(rest / 3600), static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  return text;
}

std::string Site::now() const { return local_text(clock_.now_ms()); }

void Site::add(const FormDef& form, Index& index, const json::object& row) const {
  const std::int64_t id = id_of(row, form.id);
  for (const std::string_view field : indexed_times) {
    std::string when = text_of(row, field);
    if (!when.empty()) index.times[std::string(field)].emplace(std::move(when), id);
  }
  for (const std::string_view field : indexed_texts) {
    const std::string text = folded(text_of(row, field));
    if (!text.empty()) index.texts[std::string(field)][text].insert(id);
  }
  if (form.allocated) index.masters.emplace(id_of(row, "FMasterId"), id);
  for (const auto& member : row)
    if (member.key().starts_with(custom_field().key) &&
        !index.customs.contains(std::string_view(member.key())))
      index.customs.emplace(member.key());
  index.last_id = std::max(index.last_id, id);
  const std::string number = text_of(row, "FNumber");
  if (!form.prefix.empty() && number.starts_with(form.prefix))
    if (const auto counted = whole(std::string_view(number).substr(form.prefix.size())))
      index.last_number = std::max(index.last_number, *counted);
}

void Site::drop(const FormDef& form, Index& index, const json::object& row) const {
  const std::int64_t id = id_of(row, form.id);
  for (auto& [field, times] : index.times) times.erase({text_of(row, field), id});
  for (auto& [field, texts] : index.texts) {
    const auto at = texts.find(folded(text_of(row, field)));
    if (at == texts.end()) continue;
    at->second.erase(id);
    if (at->second.empty()) texts.erase(at);
  }
  index.masters.erase({id_of(row, "FMasterId"), id});
}

void Site::follow(const Change& change, const Record& now) {
  const FormDef* form = form_by_stream(change.stream);
  if (form == nullptr) return;
  const auto has_id = [&](const Record& row) { return row && id_of(*row, form->id) != 0; };
  Index& index = indexes_[std::string(change.stream)];
  if (has_id(change.before)) drop(*form, index, *change.before);
  if (has_id(now)) add(*form, index, *now);  // a row being made has none yet
}

Record Site::row(const FormDef& form, std::int64_t id) const {
  return store_.find(form.stream, std::to_string(id));
}

std::vector<std::int64_t> Site::ids_of_text(const FormDef& form, std::string_view field,
                                            std::string_view value) const {
  const auto index = indexes_.find(form.stream);
  if (index == indexes_.end()) return {};
  const auto texts = index->second.texts.find(field);
  if (texts == index->second.texts.end()) return {};
  const auto at = texts->second.find(folded(value));
  if (at == texts->second.end()) return {};
  return {at->second.begin(), at->second.end()};
}

std::vector<Record> Site::rows_of_number(const FormDef& form, std::string_view number) const {
  std::vector<Record> rows;
  if (number.empty()) return rows;
  for (const std::int64_t id : ids_of_text(form, "FNumber", number)) rows.push_back(row(form, id));
  return rows;
}

std::vector<Record> Site::rows_of_master(const FormDef& form, std::int64_t master) const {
  std::vector<Record> rows;
  const Masters& all = masters(form);
  for (auto at = all.lower_bound({master, 0}); at != all.end() && at->first == master; ++at)
    rows.push_back(row(form, at->second));
  return rows;
}

Record Site::target(const FieldDef& field, const json::object& row, std::string_view number) const {
  const FormDef* form = form_by_id(field.target);
  if (form == nullptr) return nullptr;
  const std::vector<Record> rows = rows_of_number(*form, number);
  if (rows.empty()) return nullptr;
  if (form->form_id == "BD_Saler") {  // a salesperson sells for one organisation
    std::string organisation = number_of(row, "FUseOrgId");
    for (const std::string_view own : {"FSaleOrgId", "FSALEORGID", "FSETTLEORGID"})  // of a bill
      if (organisation.empty()) organisation = number_of(row, own);
    for (const Record& one : rows)
      if (number_of(*one, "FBizOrgId") == organisation) return one;
    return nullptr;
  }
  for (const Record& one : rows)
    if (!form->allocated || id_of(*one, form->id) == id_of(*one, "FMasterId")) return one;
  return rows.front();
}

Asked Site::resolve(const FormDef& form, std::string_view key) const {
  const std::size_t dot = key.find('.');
  const std::string_view name = key.substr(0, dot);
  const FieldDef* field = form.field(name);
  if (field == nullptr) {
    for (const std::string& custom : indexes_.find(form.stream)->second.customs)
      if (same_letters(custom, key)) return {&custom_field(), {}, custom};
    throw UnknownField(name);
  }
  Asked asked{field, {}, {}};
  if (dot == std::string_view::npos) return asked;
  if (field->type != Type::reference) throw UnknownField(key);
  asked.property = std::string(key.substr(dot + 1));
  const FormDef* target = form_by_id(field->target);
  const bool common = same_letters(asked.property, "FNumber") || same_letters(asked.property, "FName") ||
                      same_letters(asked.property, "FDataValue");
  if (!common && (target == nullptr || target->field(asked.property) == nullptr)) throw UnknownField(key);
  return asked;
}

std::optional<Held> Site::held(const Asked& asked, const json::object& row, const json::object* entry) const {
  const FieldDef& field = *asked.field;
  const json::object* place = field.entry.empty() ? &row : entry;
  if (place == nullptr) return std::nullopt;
  const bool entry_id = !field.entry.empty() && field.type == Type::id;
  const json::value* value = place->if_contains(entry_id ? std::string_view("FEntryID") : asked.key());
  switch (field.type) {
    case Type::id:
      return value == nullptr ? std::optional<Held>() : Held{Held::As::number, plain(*value)};
    case Type::date:
      return value == nullptr || plain(*value).empty() ? std::optional<Held>()
                                                       : Held{Held::As::date, plain(*value)};
    case Type::flag:
      return Held{Held::As::text, value != nullptr && is_true(*value) ? "1" : "0"};
    case Type::number:
      return value == nullptr ? std::optional<Held>() : Held{Held::As::number, plain(*value)};
    case Type::text:
      return Held{Held::As::text, value == nullptr ? std::string() : plain(*value)};
    case Type::reference:
      break;
  }
  const json::object* reference = value != nullptr ? value->if_object() : nullptr;
  const std::string number = reference != nullptr ? text_of(*reference, "FNumber") : std::string();
  if (same_letters(asked.property, "FNumber"))
    return number.empty() ? std::optional<Held>() : Held{Held::As::text, number};
  const Record aim = number.empty() ? nullptr : target(field, row, number);
  const FormDef* form = form_by_id(field.target);
  if (asked.property.empty()) {
    const std::int64_t id = aim ? id_of(*aim, form->id) : number.empty() ? 0 : made_up_id(number);
    return Held{Held::As::number, std::to_string(id)};
  }
  if (aim) {
    const FieldDef* property = form->field(asked.property);
    if (property == nullptr) return std::nullopt;
    return held(Asked{property, {}, {}}, *aim, nullptr);
  }
  // Users, and what the twin keeps no table of, carry their name beside the number.
  const std::string name = reference != nullptr ? text_of(*reference, "FName") : std::string();
  return name.empty() ? std::optional<Held>() : Held{Held::As::text, name};
}

json::value Site::shown(const Asked& asked, const json::object& row, const json::object* entry) const {
  const std::optional<Held> value = held(asked, row, entry);
  if (!value) {
    const bool empty_text = asked.field->type == Type::text;
    return empty_text ? json::value(" ") : json::value();
  }
  if (value->as == Held::As::number && !whole(value->text)) {  // amounts are plain numbers with decimals
    boost::system::error_code error;
    json::value number = json::parse(value->text, error);
    return error || !number.is_number() ? json::value(0) : number;
  }
  if (value->as == Held::As::number) return whole(value->text).value_or(0);
  if (asked.field->type == Type::flag) return value->text == "1";
  return value->text.empty() ? json::value(" ") : json::value(value->text);
}

std::int64_t Site::next_id(const FormDef& form) { return ++indexes_[std::string(form.stream)].last_id; }

std::string Site::next_number(const FormDef& form) {
  const std::string digits = std::to_string(++indexes_[std::string(form.stream)].last_number);
  return std::string(form.prefix) + std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

const Site::Times* Site::times(const FormDef& form, std::string_view field) const {
  static const Times none;
  const bool is_indexed = std::any_of(std::begin(indexed_times), std::end(indexed_times),
                                      [&](std::string_view name) { return same_letters(name, field); });
  if (!is_indexed) return nullptr;
  const auto index = indexes_.find(form.stream);
  for (const auto& [name, times] : index->second.times)
    if (same_letters(name, field)) return &times;
  return &none;
}

const Site::Masters& Site::masters(const FormDef& form) const {
  return indexes_.find(form.stream)->second.masters;
}

bool Site::has_text_index(std::string_view field) const {
  return std::any_of(std::begin(indexed_texts), std::end(indexed_texts),
                     [&](std::string_view name) { return name == field; });
}

}  // namespace kingdee_twin
