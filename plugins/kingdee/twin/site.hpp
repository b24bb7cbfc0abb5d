// site.hpp - the rows of the twin's site and the indexes over them.
//
// Rows stand in the framework's record store, sparse (an empty field is absent), references as {"FNumber":
// …}. The indexes follow every write through the store's hook, so that a page of a query costs what the page
// holds, however many rows there are. Not synchronised: the twin's server lets one thread in. Keys and
// references resolve here; what may be written is decided in saving.hpp.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plugins/kingdee/twin/filter.hpp"
#include "plugins/kingdee/twin/schema.hpp"
#include "sdk/twin/record_store.hpp"
#include "sdk/twin/twin.hpp"

namespace kingdee_twin {

using huiliu::twin::Change;
using huiliu::twin::Origin;
using huiliu::twin::Record;
using huiliu::twin::RecordStore;

/// The form lacks this field.
struct UnknownField : std::runtime_error {
  explicit UnknownField(std::string_view key) : std::runtime_error(std::string(key)) {}
};

/// A key of a query, resolved: a field, and for a reference the property that was asked ("" = the id).
struct Asked {
  const FieldDef* field = nullptr;
  std::string property;
  std::string custom;  ///< the key itself, of a custom field
  std::string_view key() const { return custom.empty() ? field->key : std::string_view(custom); }
};

/// The text member of a row; "" when absent.
std::string text_of(const boost::json::object& row, std::string_view key);
/// The FNumber of a reference; "" when empty.
std::string number_of(const boost::json::object& row, std::string_view reference);
std::int64_t id_of(const boost::json::object& row, std::string_view key);

class Site {
 public:
  Site(RecordStore& store, const huiliu::twin::TwinClock& clock);

  /// Installed as the store's "after" hook.
  void follow(const Change& change, const Record& now);

  Record row(const FormDef& form, std::int64_t id) const;
  /// Rows with this number, in the order of their ids: one, or one per organisation.
  std::vector<Record> rows_of_number(const FormDef& form, std::string_view number) const;
  /// Rows in which the indexed text field has this value, compared as the database does.
  std::vector<std::int64_t> ids_of_text(const FormDef& form, std::string_view field,
                                        std::string_view value) const;
  /// All rows of one master, by id.
  std::vector<Record> rows_of_master(const FormDef& form, std::int64_t master) const;
  /// What a reference of `row` points to; null: nothing.
  Record target(const FieldDef& field, const boost::json::object& row, std::string_view number) const;

  Asked resolve(const FormDef& form, std::string_view key) const;
  /// The value as the database holds it. `entry`: the element of the row's entry, null when it has none.
  std::optional<Held> held(const Asked& asked, const boost::json::object& row,
                           const boost::json::object* entry) const;
  /// The value as the API prints it: " " for empty text, 0 for no reference.
  boost::json::value shown(const Asked& asked, const boost::json::object& row,
                           const boost::json::object* entry) const;

  std::int64_t next_id(const FormDef& form);
  std::string next_number(const FormDef& form);
  std::int64_t next_entry_id() { return ++last_entry_id_; }
  void saw_entry_id(std::int64_t id) { last_entry_id_ = std::max(last_entry_id_, id); }
  /// Now in the site's local time, to the second.
  std::string now() const;
  static std::string local_text(std::int64_t unix_ms);

  RecordStore& store() const { return store_; }

  // Indexes, for the query planner.
  using Times = std::set<std::pair<std::string, std::int64_t>>;
  using Masters = std::set<std::pair<std::int64_t, std::int64_t>>;
  const Times* times(const FormDef& form, std::string_view field) const;
  const Masters& masters(const FormDef& form) const;
  bool has_text_index(std::string_view field) const;

 private:
  struct Index {
    std::map<std::string, Times, std::less<>> times;
    std::map<std::string, std::unordered_map<std::string, std::set<std::int64_t>>, std::less<>> texts;
    Masters masters;
    std::set<std::string, std::less<>> customs;  // fields of the site's own that some row has had
    std::int64_t last_id = 0;
    std::int64_t last_number = 0;
  };
  void add(const FormDef& form, Index& index, const boost::json::object& row) const;
  void drop(const FormDef& form, Index& index, const boost::json::object& row) const;

  RecordStore& store_;
  const huiliu::twin::TwinClock& clock_;
  std::map<std::string, Index, std::less<>> indexes_;
  std::int64_t last_entry_id_ = 700'000;
};

}  // namespace kingdee_twin
