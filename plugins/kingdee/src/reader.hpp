// reader.hpp - reading one stream: everything, what changed, only the keys, or records by key.
//
// Idea: pages follow an id (never an offset, which skips rows when others are deleted), and a record is
// emitted only when all rows of its master are in hand. A window of changes is scanned by id too, so any
// number of rows may share one second; then the touched records are read whole. The window has no upper end:
// a row changed during the scan is also inside the next window, which starts `overlap` before this scan
// began, by the site's own clock. Ownership: borrows client, table and settings. Errors: huiliu::Failure.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "huiliu/plugin.hpp"
#include "plugins/kingdee/src/client.hpp"
#include "plugins/kingdee/src/cursor.hpp"
#include "plugins/kingdee/src/table.hpp"

namespace kingdee {

struct Query {
  std::vector<Column> columns;
  std::string filter, order;
  int limit = 0;
  std::int64_t start = 0;  ///< rows left out at the beginning
};

/// Keys above `after` and up to `upto` (0: no bound), without the first `skip`, at most `limit` (0: all).
struct KeyRange {
  std::int64_t after = 0, upto = 0, skip = 0;
  std::uint64_t limit = 0;
};

class Reader {
 public:
  Reader(Client& client, const Settings& settings, Table& table)
      : client_(client), settings_(settings), table_(table) {}

  /// Every record, from where `cursor` stands; ends with the cursor at which changes begin.
  void full(huiliu::Call& call, std::optional<Cursor> cursor, std::uint64_t limit, huiliu::RecordSink& out);
  void changes(huiliu::Call& call, Cursor cursor, std::uint64_t limit, huiliu::RecordSink& out);
  /// Keys and versions of every record, bodies "{}". Checkpoints are barriers: the cursor stays as it is.
  void keys(huiliu::Call& call, huiliu::RecordSink& out);

  /// The keys in a range, ascending, bodies "{}". A site that refuses the question: huiliu::Unsupported.
  void keys_between(huiliu::Call& call, const KeyRange& range, huiliu::RecordSink& out);

  /// The records with these keys, as they are now; a key without a record is missing in the answer.
  std::vector<RecordOut> by_key(huiliu::Call& call, std::span<const std::string> keys);
  /// The records of which some row matches the filter.
  std::vector<RecordOut> matching(huiliu::Call& call, const std::string& filter, std::uint64_t limit);

  /// One query. `make` is asked again whenever the site turned out not to know a column: `do_without` drops
  /// it and says true, or the table drops it.
  Rows query(huiliu::Call& call, const std::function<Query()>& make,
             const std::function<bool(const std::string&)>& do_without = {});

 private:
  /// Pages of rows in the order of the masters. `visit` gets complete masters only: [first, last) of each.
  void scan(huiliu::Call& call, std::int64_t after, const std::function<std::vector<Column>()>& columns,
            const std::function<bool(const Rows&, const std::vector<std::pair<std::size_t, std::size_t>>&,
                                     std::int64_t passed)>& page);
  std::vector<RecordOut> by_master(huiliu::Call& call, const std::vector<std::int64_t>& masters);
  /// The records made of all rows that match; the filter must take whole masters.
  std::vector<RecordOut> whole_rows(huiliu::Call& call, const std::function<std::string()>& filter);
  std::vector<RecordOut> assemble_all(huiliu::Call& call, const Rows& rows,
                                      const std::vector<std::pair<std::size_t, std::size_t>>& groups);
  void add_entry(huiliu::Call& call, const Entry& entry, std::vector<RecordOut>& records);
  Answer ask(huiliu::Call& call, const boost::json::object& body);
  /// The order in which a form's rows are paged, and the condition for those behind the last row of a page.
  std::string page_order() const;
  std::string behind(const Rows& page) const;
  void remember_dropped(huiliu::Call& call);
  std::string window_filter(std::int64_t from) const;
  std::int64_t scan_start(huiliu::Call& call, std::int64_t began_us) const;

  Client& client_;
  const Settings& settings_;
  Table& table_;
};

/// "FCUSTID in (1,2,3)"
std::string in_list(std::string_view key, std::span<const std::int64_t> ids);

}  // namespace kingdee
