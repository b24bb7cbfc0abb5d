// The reader's other half: records by key, by master, or by a condition, each read whole.
#include <algorithm>
#include <set>

#include "plugins/kingdee/src/reader.hpp"
#include "plugins/kingdee/src/reader_rows.hpp"

namespace kingdee {
namespace {

namespace json = boost::json;

/// Those of the keys that are ids; any other text is no key of such a form.
std::vector<std::int64_t> ids_of(const std::set<std::string, std::less<>>& keys) {
  std::vector<std::int64_t> ids;
  for (const std::string& key : keys)
    if (const auto id = as_id(key)) ids.push_back(*id);
  return ids;
}

void sort_by(Rows& rows, std::string_view key) {
  const auto column =
      std::find_if(rows.columns.begin(), rows.columns.end(), [&](const Column& c) { return c.key == key; });
  if (column == rows.columns.end()) return;
  const auto at = static_cast<std::size_t>(column - rows.columns.begin());
  const auto id = [at](const json::value& row) {
    const json::value value = decode(Kind::id, row.get_array()[at]);
    return value.is_int64() ? value.get_int64() : 0;
  };
  std::stable_sort(rows.rows.begin(), rows.rows.end(),
                   [&](const json::value& a, const json::value& b) { return id(a) < id(b); });
}

}  // namespace

std::string Reader::page_order() const {
  const std::string id = std::string(table_.form().id) + " ASC";
  return table_.form().is_grouped_by_reference() ? std::string(table_.master()) + " ASC," + id : id;
}

std::string Reader::behind(const Rows& page) const {
  const std::string id(table_.form().id), master(table_.master());
  const std::string last = std::to_string(page.id(page.size() - 1, id));
  if (!table_.form().is_grouped_by_reference()) return id + ">" + last;
  const std::string group = std::to_string(page.id(page.size() - 1, master));
  return "(" + master + ">" + group + " or (" + master + "=" + group + " and " + id + ">" + last + "))";
}

std::vector<RecordOut> Reader::whole_rows(huiliu::Call& call, const std::function<std::string()>& filter) {
  Rows all;
  std::string after;
  while (true) {
    Rows rows = query(call, [&] {
      std::string whole = filter();
      if (!after.empty()) whole = "(" + whole + ") and " + after;
      return Query{table_.columns(), std::move(whole), page_order(), settings_.page_size};
    });
    if (!after.empty() && all.columns.size() != rows.columns.size())
      throw huiliu::RetryLater("a field of the form vanished in the middle of a read");
    all.columns = rows.columns;
    for (json::value& row : rows.rows) all.rows.push_back(std::move(row));
    if (rows.rows.size() < static_cast<std::size_t>(settings_.page_size)) break;
    after = behind(all);
  }
  sort_by(all, table_.master());
  return assemble_all(call, all, groups_of(all, table_.master()));
}

std::vector<RecordOut> Reader::by_master(huiliu::Call& call, const std::vector<std::int64_t>& masters) {
  std::vector<RecordOut> records;
  for (std::size_t begin = 0; begin < masters.size(); begin += ids_per_query) {
    const std::size_t count = std::min(ids_per_query, masters.size() - begin);
    const std::span<const std::int64_t> chunk(masters.data() + begin, count);
    for (RecordOut& record : whole_rows(call, [&] { return in_list(table_.master(), chunk); }))
      records.push_back(std::move(record));
  }
  return records;
}

std::vector<RecordOut> Reader::matching(huiliu::Call& call, const std::string& filter, std::uint64_t limit) {
  const int page =
      limit > 0 ? static_cast<int>(std::min<std::uint64_t>(limit * 4 + 16, 2000)) : settings_.page_size;
  const int most = std::min(page, settings_.page_size);
  std::set<std::int64_t> masters;
  std::string after;
  while (true) {
    const Rows rows = query(call, [&] {
      std::string whole = after.empty() ? filter : "(" + filter + ") and " + after;
      return Query{table_.columns_of({table_.form().id, table_.form().master}), std::move(whole),
                   page_order(), most};
    });
    const std::string master(table_.master());
    for (std::size_t row = 0; row < rows.size(); ++row) masters.insert(rows.id(row, master));
    if (rows.size() > 0) after = behind(rows);
    if (rows.size() < static_cast<std::size_t>(most) || (limit > 0 && masters.size() >= limit)) break;
  }
  std::vector<RecordOut> records = by_master(call, {masters.begin(), masters.end()});
  if (limit > 0 && records.size() > limit) records.resize(limit);
  return records;
}

std::vector<RecordOut> Reader::by_key(huiliu::Call& call, std::span<const std::string> keys) {
  const Form& form = table_.form();
  std::vector<RecordOut> found;
  std::set<std::string, std::less<>> missing(keys.begin(), keys.end());
  const auto take = [&](std::vector<RecordOut> records) {
    for (RecordOut& record : records)
      if (missing.erase(record.key) > 0) found.push_back(std::move(record));
  };
  if (form.is_grouped_by_reference()) {
    take(by_master(call, ids_of(missing)));
    return found;
  }
  if (form.key != form.id) {
    for (std::size_t begin = 0; begin < keys.size(); begin += ids_per_query) {
      std::string list;
      for (const std::string& key : keys.subspan(begin, std::min(ids_per_query, keys.size() - begin)))
        list += (list.empty() ? "" : ",") + literal(key);
      take(matching(call, std::string(form.key) + " in (" + list + ")", 0));
    }
    return found;
  }
  // The head's id is nearly always the master's own: ask for that, and only what is missing by the row's id.
  take(by_master(call, ids_of(missing)));
  if (table_.master() == form.id) return found;
  const std::vector<std::int64_t> rest = ids_of(missing);
  for (std::size_t begin = 0; begin < rest.size(); begin += ids_per_query)
    take(matching(call, in_list(form.id, {rest.data() + begin, std::min(ids_per_query, rest.size() - begin)}),
                  0));
  return found;
}

}  // namespace kingdee
