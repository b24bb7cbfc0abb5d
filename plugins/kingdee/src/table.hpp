// table.hpp - a form as one site has it, and what its positional rows mean.
//
// Idea: a query names columns and gets rows without names, so the columns that were asked and the decoder of
// their values live in one object. Sites differ (versions, industry packs): a column that a site does not
// know is dropped from here and nowhere else. Rows that share a master id are copies of one customer for
// several organisations; `assemble` makes them one record. No I/O. Errors: DataError when a site breaks its
// own contract.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/kingdee/src/forms.hpp"
#include "plugins/kingdee/src/settings.hpp"

namespace kingdee {

struct Column {
  std::string key;
  Kind kind = Kind::text;
  Scope scope = Scope::head;
};

/// Rows of one query, with the columns that were asked for.
struct Rows {
  std::vector<Column> columns;
  boost::json::array rows;

  std::size_t size() const { return rows.size(); }
  /// The raw value; null when that column was not asked for.
  const boost::json::value& at(std::size_t row, std::string_view key) const;
  /// As an id: 0 when empty. Ids are numbers, but some sites write them as text.
  std::int64_t id(std::size_t row, std::string_view key) const;
  std::string text(std::size_t row, std::string_view key) const;
};

/// One record of a stream.
struct RecordOut {
  std::string key, version;
  std::int64_t changed_at_us = 0;
  boost::json::object body;
};

class Table {
 public:
  Table(const Form& form, const Settings& settings);

  const Form& form() const { return *form_; }
  const std::vector<Column>& columns() const { return columns_; }
  /// Those of `columns()` with these keys, in that order.
  std::vector<Column> columns_of(std::initializer_list<std::string_view> keys) const;
  /// The columns that tell a record's identity and state: enough for `version_of`.
  std::vector<Column> state_columns() const;
  bool has(std::string_view key) const;
  /// The master id's column; where the site has none, the row's own id.
  std::string_view master() const { return has(form_->master) ? form_->master : form_->id; }

  /// Drops every column that is `name`, or a property of the reference `name`, or ends in it. False: there is
  /// none.
  bool drop(std::string_view name);
  /// What was dropped, as one text to remember; and back.
  std::string dropped() const;
  void restore_dropped(std::string_view text);
  void forget_dropped();

  /// Takes an answer's rows; checks that each has as many values as columns were asked for.
  static Rows rows_of(std::vector<Column> columns, boost::json::array rows);

  /// The record made of rows [first, last) of one master, in any order. With `entries`, a value per row id,
  /// added to the body under `address_entry`.
  RecordOut assemble(const Rows& rows, std::size_t first, std::size_t last) const;

  /// Key and version of the same record from its state columns only.
  RecordOut identify(const Rows& rows, std::size_t first, std::size_t last) const;

 private:
  std::size_t head_row(const Rows& rows, std::size_t first, std::size_t last) const;
  std::string version_of(const Rows& rows, std::size_t first, std::size_t last) const;
  std::int64_t changed_at(const Rows& rows, std::size_t first, std::size_t last) const;

  const Form* form_;
  SiteZone zone_;
  std::vector<Column> all_;
  std::vector<Column> columns_;
  std::set<std::string> dropped_;
};

/// A value as the record's body shows it: " " is empty, 1900-01-01 is no date, "0"/"1" are flags.
boost::json::value decode(Kind kind, const boost::json::value& raw);

/// Puts `value` at a dotted path of nested objects.
void put(boost::json::object& body, std::string_view path, boost::json::value value);

/// "FNumber='O''Brien'": a literal with its quotes doubled.
std::string literal(std::string_view text);

}  // namespace kingdee
