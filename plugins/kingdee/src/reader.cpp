#include "plugins/kingdee/src/reader.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <set>

#include "plugins/kingdee/src/errors.hpp"
#include "plugins/kingdee/src/reader_rows.hpp"

namespace kingdee {
namespace {

namespace json = boost::json;

constexpr std::int64_t no_date_margin_seconds =
    300;  // a site without Date header: how far to mistrust our clock

std::string join_keys(const std::vector<Column>& columns) {
  std::string keys;
  for (const Column& column : columns) {
    if (!keys.empty()) keys += ',';
    keys += column.key;
  }
  return keys;
}

void emit_records(huiliu::RecordSink& out, std::string_view stream, const std::vector<RecordOut>& records,
                  bool with_body) {
  huiliu::Batch batch(stream);
  for (const RecordOut& record : records) {
    batch.upsert(record.key, with_body ? json::serialize(record.body) : "{}", record.version,
                 record.changed_at_us);
    if (!batch.full()) continue;
    out.emit(batch);
    batch.clear();
  }
  if (!batch.empty()) out.emit(batch);
}

/// Does the site's word for a field that it lacks mean this key: the key, its reference, or its property?
bool names_field(std::string_view key, std::string_view name) {
  const std::size_t dot = key.rfind('.');
  return huiliu::same_name(key, name) || huiliu::same_name(key.substr(0, key.find('.')), name) ||
         (dot != std::string_view::npos && huiliu::same_name(key.substr(dot + 1), name));
}

}  // namespace

std::string in_list(std::string_view key, std::span<const std::int64_t> ids) {
  std::string filter = std::string(key) + " in (";
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) filter += ',';
    filter += std::to_string(ids[i]);
  }
  return filter += ')';
}

void Reader::remember_dropped(huiliu::Call& call) {
  call.set_state("dropped." + std::string(table_.form().form_id), table_.dropped());
}

Answer Reader::ask(huiliu::Call& call, const json::object& body) {
  try {
    return client_.read(call, "ExecuteBillQuery", body);
  } catch (huiliu::Failure& failure) {
    // A form beside the customers that this site or user lacks is no reason to pause the whole connection.
    const bool lacks = failure.remote_code == verdict_of(Cause::unknown_form).code ||
                       failure.remote_code == verdict_of(Cause::no_permission).code;
    if (lacks && !table_.form().writable) failure.status = HUILIU_UNSUPPORTED;
    throw;
  }
}

Rows Reader::query(huiliu::Call& call, const std::function<Query()>& make,
                   const std::function<bool(const std::string&)>& do_without) {
  while (true) {
    Query query = make();
    const json::object body{{"data", json::object{{"FormId", table_.form().form_id},
                                                  {"FieldKeys", join_keys(query.columns)},
                                                  {"FilterString", query.filter},
                                                  {"OrderString", query.order},
                                                  {"TopRowCount", 0},  // an absolute ceiling otherwise
                                                  {"StartRow", query.start},
                                                  {"Limit", query.limit},
                                                  {"SubSystemId", ""}}}};
    Answer answer = ask(call, body);
    if (answer.ok) {
      if (answer.shape != Shape::rows) throw huiliu::DataError("the query's answer has no rows");
      return Table::rows_of(std::move(query.columns), std::move(answer.body.get_array()));
    }
    // Catalogues vary from site to site: do without the column instead of failing the whole pull.
    const auto name = unknown_field(answer.text());
    const bool is_entry = name && do_without && do_without(*name);
    if (!name || (!is_entry && !table_.drop(*name))) throw failure_of(answer);
    call.warn("the site does not know a field; it is left out",
              {{"form", table_.form().form_id}, {"field", *name}});
    if (!is_entry) remember_dropped(call);
  }
}

void Reader::scan(huiliu::Call& call, std::int64_t after, const std::function<std::vector<Column>()>& columns,
                  const std::function<bool(const Rows&, const Groups&, std::int64_t)>& page) {
  const std::string id(table_.form().id);
  Rows held;                 // the rows of the last, perhaps incomplete master of the page before
  std::int64_t held_id = 0;  // its last row's id
  std::int64_t held_master = 0;
  while (true) {
    call.stop_if_cancelled();
    Rows rows = query(call, [&] {
      const std::string master(table_.master());
      std::string filter;
      if (held.size() > 0 && master != id)
        filter = master + ">=" + std::to_string(held_master) + " and (" + master + ">" +
                 std::to_string(held_master) + " or " + id + ">" + std::to_string(held_id) + ")";
      else if (after > 0)
        filter = master + ">" + std::to_string(after);
      const std::string order = master == id ? id + " ASC" : master + " ASC," + id + " ASC";
      return Query{columns(), filter, order, settings_.page_size};
    });
    const bool last_page = rows.size() < static_cast<std::size_t>(settings_.page_size);
    if (held.size() > 0) {
      if (held.columns.size() != rows.columns.size())
        throw huiliu::RetryLater("a field of the form vanished in the middle of a scan");
      for (json::value& row : rows.rows) held.rows.push_back(std::move(row));
      rows = std::exchange(held, {});
    }
    const std::string master(table_.master());
    Groups groups = groups_of(rows, master);
    if (!last_page && master != id) {  // the last master may go on in the next page
      const auto [first, last] = groups.back();
      groups.pop_back();
      held.columns = rows.columns;
      for (std::size_t row = first; row < last; ++row) held.rows.push_back(rows.rows[row]);
      held_master = rows.id(first, master);
      held_id = rows.id(last - 1, id);
    }
    if (!groups.empty()) after = std::max(after, rows.id(groups.back().first, master));
    if (!page(rows, groups, after) || last_page) return;
  }
}

std::vector<RecordOut> Reader::assemble_all(huiliu::Call& call, const Rows& rows, const Groups& groups) {
  std::vector<RecordOut> records;
  records.reserve(groups.size());
  for (const auto& [first, last] : groups) records.push_back(table_.assemble(rows, first, last));
  const Form& form = table_.form();
  if (!form.customer.empty()) {
    // The customer's id may be that of a copy; the stream of customers knows the record by its master.
    for (RecordOut& record : records) {
      const json::value* customer = record.body.if_contains(form.customer);
      const json::value* master = customer != nullptr && customer->is_object()
                                      ? customer->get_object().if_contains("FMasterId")
                                      : nullptr;
      const json::value id = master != nullptr ? decode(Kind::id, *master) : json::value();
      if (!id.is_null()) put(record.body, std::string(form.customer_shown) + ".Id", id);
    }
  }
  const bool wanted = form.writable ? settings_.read_addresses : settings_.read_lines;
  if (wanted && form.entry != nullptr) add_entry(call, *form.entry, records);
  return records;
}

void Reader::add_entry(huiliu::Call& call, const Entry& wanted, std::vector<RecordOut>& records) {
  const auto row_of = [](const RecordOut& record) { return as_id(record.key).value_or(0); };
  std::map<std::int64_t, json::array> entries;
  std::set<std::string, std::less<>> lacking;  // fields of the entry that this site does not know
  for (std::size_t begin = 0; begin < records.size(); begin += ids_per_query) {
    std::vector<std::int64_t> ids;
    for (std::size_t i = begin; i < std::min(begin + ids_per_query, records.size()); ++i)
      ids.push_back(row_of(records[i]));
    std::int64_t after_record = 0, after_entry = 0;
    while (true) {  // one row per element: a record without any still has one row
      const std::string id(table_.form().id), entry(wanted.id);
      std::string filter = in_list(id, ids);
      if (after_record > 0)
        filter += " and (" + id + ">" + std::to_string(after_record) + " or (" + id + "=" +
                  std::to_string(after_record) + " and " + entry + ">" + std::to_string(after_entry) + "))";
      const Rows rows = query(
          call,
          [&] {
            std::vector<Column> columns = {{id, Kind::id}, {entry, Kind::id}};
            for (const Field& field : wanted.fields)
              if (!lacking.contains(field.key)) columns.push_back({std::string(field.key), field.kind});
            return Query{std::move(columns), filter, id + " ASC," + entry + " ASC", settings_.page_size};
          },
          [&](const std::string& name) {
            const std::size_t before = lacking.size();
            for (const Field& field : wanted.fields)
              if (names_field(field.key, name)) lacking.emplace(field.key);
            return lacking.size() > before;
          });
      for (std::size_t row = 0; row < rows.size(); ++row) {
        after_record = rows.id(row, id);
        after_entry = rows.id(row, entry);
        if (after_entry == 0) continue;
        json::object element{{"FEntryID", after_entry}};
        for (std::size_t i = 2; i < rows.columns.size(); ++i)
          put(element, rows.columns[i].key, decode(rows.columns[i].kind, rows.rows[row].get_array()[i]));
        entries[after_record].push_back(std::move(element));
      }
      if (rows.size() < static_cast<std::size_t>(settings_.page_size)) break;
    }
  }
  for (RecordOut& record : records) {
    const auto found = entries.find(row_of(record));
    record.body[wanted.name] = found == entries.end() ? json::array() : std::move(found->second);
  }
}

std::int64_t Reader::scan_start(huiliu::Call& call, std::int64_t began_us) const {
  const std::int64_t elapsed = (call.now_us() - began_us) / 1'000'000 + 1;
  const auto site = client_.site_time(call);
  const std::int64_t start = site ? *site - elapsed : began_us / 1'000'000 - no_date_margin_seconds;
  return std::max<std::int64_t>(start - settings_.overlap_seconds, 1);
}

void Reader::full(huiliu::Call& call, std::optional<Cursor> cursor, std::uint64_t limit,
                  huiliu::RecordSink& out) {
  Cursor at = cursor.value_or(Cursor{});
  if (at.phase != Cursor::Phase::full) at = Cursor{};
  if (at.after == 0) {
    // A fresh scan asks for every field again: the site may have learned one since.
    table_.forget_dropped();
    remember_dropped(call);
  }
  const std::int64_t began = call.now_us();
  std::uint64_t emitted = 0;
  bool stopped = false;
  scan(
      call, at.after, [&] { return table_.columns(); },
      [&](const Rows& rows, const Groups& groups, std::int64_t passed) {
        if (at.from == 0) at.from = scan_start(call, began);
        const std::vector<RecordOut> records = assemble_all(call, rows, groups);
        emit_records(out, table_.form().stream, records, true);
        emitted += records.size();
        at.after = passed;
        out.checkpoint(at.text());
        call.progress(emitted);
        stopped = limit > 0 && emitted >= limit;
        return !stopped;
      });
  if (stopped) return;
  out.checkpoint(Cursor{Cursor::Phase::changes, at.from, 0, 0}.text());
}

std::string Reader::window_filter(std::int64_t from) const {
  const std::string when = literal(settings_.zone.local_text(from));
  std::string filter;
  int conditions = 0;
  for (const std::string_view key : table_.form().changed_by) {
    if (!table_.has(key)) continue;
    if (conditions++ > 0) filter += " or ";
    filter += std::string(key) + ">=" + when;
  }
  return conditions > 1 ? "(" + filter + ")" : filter;
}

void Reader::changes(huiliu::Call& call, Cursor at, std::uint64_t limit, huiliu::RecordSink& out) {
  if (window_filter(at.from).empty()) {  // a form without times: what changed is found by reading all
    full(call, std::nullopt, limit, out);
    return;
  }
  const std::int64_t began = call.now_us();
  const std::string id(table_.form().id);
  std::uint64_t emitted = 0;
  while (true) {
    call.stop_if_cancelled();
    const Rows rows = query(call, [&] {
      std::string filter = window_filter(at.from);
      if (at.after > 0) filter += " and " + id + ">" + std::to_string(at.after);
      return Query{table_.columns_of({id, table_.form().master}), filter, id + " ASC", settings_.page_size};
    });
    if (at.next == 0) at.next = scan_start(call, began);
    std::set<std::int64_t> touched;
    const std::string master(table_.master());
    for (std::size_t row = 0; row < rows.size(); ++row) {
      touched.insert(rows.id(row, master));
      at.after = std::max(at.after, rows.id(row, id));
    }
    const std::vector<RecordOut> records = by_master(call, {touched.begin(), touched.end()});
    emit_records(out, table_.form().stream, records, true);
    emitted += records.size();
    call.progress(emitted);
    if (rows.size() < static_cast<std::size_t>(settings_.page_size)) break;
    out.checkpoint(at.text());
    if (limit > 0 && emitted >= limit) return;
  }
  out.checkpoint(Cursor{Cursor::Phase::changes, std::max(at.next, at.from), 0, 0}.text());
}

void Reader::keys(huiliu::Call& call, huiliu::RecordSink& out) {
  std::uint64_t emitted = 0;
  scan(
      call, 0, [&] { return table_.state_columns(); },
      [&](const Rows& rows, const Groups& groups, std::int64_t) {
        std::vector<RecordOut> records;
        for (const auto& [first, last] : groups) records.push_back(table_.identify(rows, first, last));
        emit_records(out, table_.form().stream, records, false);
        out.checkpoint();
        emitted += records.size();
        call.progress(emitted);
        return true;
      });
}

void Reader::keys_between(huiliu::Call& call, const KeyRange& range, huiliu::RecordSink& out) {
  const std::string id(table_.form().id), master(table_.master());
  if (table_.form().key != table_.form().id)
    throw huiliu::Unsupported("the keys of this stream are no numbers");
  const std::string own_row =
      master == id ? "" : " and " + id + "=" + master;  // not those of other organisations
  const std::string upto = range.upto > 0 ? " and " + id + "<=" + std::to_string(range.upto) : "";
  std::int64_t after = range.after, start = range.skip;
  std::uint64_t left = range.limit > 0 ? range.limit : std::numeric_limits<std::uint64_t>::max();
  while (true) {
    const auto page =
        static_cast<int>(std::min<std::uint64_t>(left, static_cast<std::uint64_t>(settings_.page_size)));
    Rows rows;
    try {
      rows = query(call, [&] {
        return Query{table_.columns_of({id}), id + ">" + std::to_string(after) + upto + own_row, id + " ASC",
                     page, start};
      });
    } catch (const huiliu::Failure& failure) {
      if (failure.status != HUILIU_DATA || own_row.empty()) throw;
      throw huiliu::Unsupported("the site does not compare two fields in a filter");
    }
    huiliu::Batch batch(table_.form().stream);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      after = rows.id(row, id);
      batch.upsert(std::to_string(after), "{}");
      if (!batch.full()) continue;
      out.emit(batch);
      batch.clear();
    }
    if (!batch.empty()) out.emit(batch);
    out.checkpoint();
    left -= rows.size();
    start = 0;
    if (rows.size() < static_cast<std::size_t>(page) || left == 0) return;
  }
}

}  // namespace kingdee
