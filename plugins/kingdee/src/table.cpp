#include "plugins/kingdee/src/table.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "huiliu/plugin.hpp"

namespace kingdee {
namespace {

namespace json = boost::json;

const json::value no_value;

/// What tells another version apart where no date does: states that bills have beside the document's own,
/// limits of credit.
constexpr std::string_view bill_states[] = {"FCloseStatus", "FCancelStatus", "FWRITTENOFFSTATUS",
                                            "FCREDITAMOUNT", "FOVERDAYS"};

bool is_blank(std::string_view text) { return text.find_first_not_of(' ') == std::string_view::npos; }

bool is_empty(const json::value& value) {
  return value.is_null() || (value.is_string() && value.get_string().empty());
}

bool same_key(std::string_view a, std::string_view b) { return huiliu::same_name(a, b); }

std::string plain_text(const json::value& raw) {
  if (raw.is_string()) return is_blank(raw.get_string()) ? std::string() : std::string(raw.get_string());
  return raw.is_null() ? std::string() : json::serialize(raw);
}

json::value id_value(const json::value& raw) {
  const std::string text = plain_text(raw);
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error == std::errc() && end == text.data() + text.size())
    return id == 0 ? json::value() : json::value(id);
  return text.empty() ? json::value() : json::value(text);
}

json::value flag_value(const json::value& raw) {
  if (raw.is_bool()) return raw;
  const std::string text = plain_text(raw);
  if (text.empty()) return nullptr;
  return text == "1" || text == "true" || text == "True";
}

/// 64 bits of FNV-1a: tells versions apart, no security.
class Fingerprint {
 public:
  void add(std::string_view text) {
    for (const char c : text) step(static_cast<unsigned char>(c));
    step(0x1F);
  }
  std::string hex() const {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(state_));
    return text;
  }

 private:
  void step(unsigned char byte) { state_ = (state_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

}  // namespace

const json::value& Rows::at(std::size_t row, std::string_view key) const {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].key == key) return rows[row].get_array()[i];
  return no_value;
}

std::int64_t Rows::id(std::size_t row, std::string_view key) const {
  const json::value id = id_value(at(row, key));
  if (id.is_int64()) return id.get_int64();
  if (id.is_null()) return 0;
  throw huiliu::DataError("an id that is no number in column " + std::string(key));
}

std::string Rows::text(std::size_t row, std::string_view key) const { return plain_text(at(row, key)); }

json::value decode(Kind kind, const json::value& raw) {
  switch (kind) {
    case Kind::flag:
      return flag_value(raw);
    case Kind::id:
    case Kind::reference_id:
      return id_value(raw);
    case Kind::date: {
      const std::string text = plain_text(raw);
      return text.empty() || is_unset_date(text) ? json::value() : json::value(text);
    }
    case Kind::number:
      return raw.is_string() && is_blank(raw.get_string()) ? json::value() : raw;
    case Kind::text:
    case Kind::reference:
      break;
  }
  return json::value(plain_text(raw));
}

void put(json::object& body, std::string_view path, json::value value) {
  json::object* at = &body;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    json::value& next = (*at)[path.substr(0, dot)];
    if (!next.is_object()) next = json::object();
    at = &next.get_object();
    path.remove_prefix(dot + 1);
  }
  (*at)[path] = std::move(value);
}

std::string literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted += '\'';
}

Table::Table(const Form& form, const Settings& settings) : form_(&form), zone_(settings.zone) {
  for (const Field& field : form.fields) all_.push_back({std::string(field.key), field.kind, field.scope});
  if (form.writable && !settings.external_id_field.empty()) all_.push_back({settings.external_id_field});
  if (form.form_id == "BD_Customer")
    for (const std::string& key : settings.extra_fields) all_.push_back({key, Kind::number});
  columns_ = all_;
}

std::vector<Column> Table::columns_of(std::initializer_list<std::string_view> keys) const {
  std::vector<Column> chosen;
  const auto has = [&](std::string_view key) {
    return std::any_of(chosen.begin(), chosen.end(), [&](const Column& c) { return c.key == key; });
  };
  for (const std::string_view key : keys)
    for (const Column& column : columns_)
      if (column.key == key && !key.empty() && !has(key)) chosen.push_back(column);
  return chosen;
}

std::vector<Column> Table::state_columns() const {
  std::vector<Column> chosen =
      columns_of({form_->id, form_->key != form_->id ? form_->key : std::string_view(), form_->master,
                  "FCreateOrgId.FNumber", "FUseOrgId.FNumber", "FDocumentStatus", "FForbidStatus",
                  "FCreateDate", "FModifyDate", "FApproveDate", "FForbidDate"});
  for (const std::string_view key : bill_states)
    for (Column& column : columns_of({key})) chosen.push_back(std::move(column));
  return chosen;
}

bool Table::has(std::string_view key) const {
  return std::any_of(columns_.begin(), columns_.end(), [&](const Column& c) { return c.key == key; });
}

bool Table::drop(std::string_view name) {
  const auto meant = [&](const Column& column) {
    const std::string_view key = column.key;
    const std::size_t dot = key.rfind('.');
    return same_key(key, name) || same_key(key.substr(0, key.find('.')), name) ||
           (dot != std::string_view::npos && same_key(key.substr(dot + 1), name) &&
            // A bare property name is only meant when no column is called so.
            std::none_of(columns_.begin(), columns_.end(),
                         [&](const Column& c) { return same_key(c.key, name); }));
  };
  std::vector<Column> kept;
  for (Column& column : columns_) {
    if (column.key != form_->id && meant(column))
      dropped_.insert(column.key);
    else
      kept.push_back(column);
  }
  const bool any = kept.size() != columns_.size();
  columns_ = std::move(kept);
  return any;
}

std::string Table::dropped() const {
  json::array names;
  for (const std::string& key : dropped_) names.emplace_back(key);
  return json::serialize(names);
}

void Table::restore_dropped(std::string_view text) {
  boost::system::error_code error;
  const json::value names = json::parse(text, error);
  if (error || !names.is_array()) return;  // a note of ours that cannot be read: learn it again from the site
  for (const json::value& name : names.get_array())
    if (name.is_string() && name.get_string() != form_->id) dropped_.emplace(name.get_string());
  std::erase_if(columns_, [&](const Column& c) { return dropped_.contains(c.key); });
}

void Table::forget_dropped() {
  dropped_.clear();
  columns_ = all_;
}

Rows Table::rows_of(std::vector<Column> columns, json::array rows) {
  for (const json::value& row : rows)
    if (!row.is_array() || row.get_array().size() != columns.size())
      throw huiliu::DataError("a row of the query has " +
                              std::to_string(row.is_array() ? row.get_array().size() : 0) + " values where " +
                              std::to_string(columns.size()) + " columns were asked for");
  return {std::move(columns), std::move(rows)};
}

std::size_t Table::head_row(const Rows& rows, std::size_t first, std::size_t last) const {
  std::size_t least = first;
  for (std::size_t row = first; row < last; ++row) {
    const std::string created = rows.text(row, "FCreateOrgId.FNumber");
    if (!created.empty() && created == rows.text(row, "FUseOrgId.FNumber")) return row;
    if (rows.id(row, form_->id) < rows.id(least, form_->id)) least = row;
  }
  // The creating organisation's row is hidden from this user: the original has the master's own id, or the
  // least.
  for (std::size_t row = first; row < last; ++row)
    if (rows.id(row, form_->id) == rows.id(row, form_->master)) return row;
  return least;
}

std::int64_t Table::changed_at(const Rows& rows, std::size_t first, std::size_t last) const {
  std::int64_t latest = HUILIU_TIME_UNKNOWN;
  for (std::size_t row = first; row < last; ++row)
    for (const std::string_view key : form_->changed_by) {
      const std::string text = rows.text(row, key);
      if (text.empty() || is_unset_date(text)) continue;
      if (const auto seconds = zone_.unix_seconds(text)) latest = std::max(latest, *seconds * 1'000'000);
    }
  return latest;
}

std::string Table::version_of(const Rows& rows, std::size_t first, std::size_t last) const {
  std::vector<std::string> states;
  std::string latest;
  for (std::size_t row = first; row < last; ++row) {
    std::string state = std::to_string(rows.id(row, form_->id));
    for (const std::string_view key :
         {"FModifyDate", "FCreateDate", "FApproveDate", "FForbidDate", "FDocumentStatus", "FForbidStatus"})
      (state += '|') += rows.text(row, key);
    for (const std::string_view key : bill_states)
      if (const std::string text = rows.text(row, key); !text.empty()) (state += '|') += text;
    states.push_back(std::move(state));
    for (const std::string_view key : {"FModifyDate", "FCreateDate"}) {
      std::string when = rows.text(row, key).substr(0, 19);
      if (!is_unset_date(when)) latest = std::max(latest, when);
    }
  }
  std::sort(states.begin(), states.end());
  Fingerprint print;
  for (const std::string& state : states) print.add(state);
  return latest + "#" + print.hex();
}

RecordOut Table::identify(const Rows& rows, std::size_t first, std::size_t last) const {
  RecordOut out;
  const std::size_t head = head_row(rows, first, last);
  if (form_->key != form_->id) out.key = rows.text(head, form_->key);
  if (out.key.empty()) out.key = std::to_string(rows.id(head, form_->id));
  out.version = version_of(rows, first, last);
  out.changed_at_us = changed_at(rows, first, last);
  return out;
}

RecordOut Table::assemble(const Rows& rows, std::size_t first, std::size_t last) const {
  RecordOut out = identify(rows, first, last);
  const std::size_t head = head_row(rows, first, last);
  out.body.reserve(rows.columns.size() + 1);
  const json::array& head_values = rows.rows[head].get_array();
  for (std::size_t i = 0; i < rows.columns.size(); ++i) {
    const Column& column = rows.columns[i];
    // A bare reference is its target's id; its place is beside the target's other properties.
    if (column.kind == Kind::reference_id)
      put(out.body, column.key + ".Id", decode(column.kind, head_values[i]));
    else
      put(out.body, column.key, decode(column.kind, head_values[i]));
  }
  if (form_->master.empty()) return out;

  std::vector<std::size_t> order;
  for (std::size_t row = first; row < last; ++row) order.push_back(row);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if ((a == head) != (b == head)) return a == head;
    return rows.id(a, form_->id) < rows.id(b, form_->id);
  });
  json::array organisations;
  for (const std::size_t row : order) {
    json::object part;
    const json::array& values = rows.rows[row].get_array();
    for (std::size_t i = 0; i < rows.columns.size(); ++i) {
      if (rows.columns[i].scope != Scope::part) continue;
      json::value value = decode(rows.columns[i].kind, values[i]);
      // Parts are shown, not compared: what is empty need not be said.
      if (!is_empty(value)) put(part, rows.columns[i].key, std::move(value));
    }
    organisations.push_back(std::move(part));
  }
  out.body["organisations"] = std::move(organisations);
  return out;
}

}  // namespace kingdee
