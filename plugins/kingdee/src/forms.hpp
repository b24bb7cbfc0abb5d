// forms.hpp - the forms this connector works with: one table of field keys, used for asking, for decoding the
// positional rows, and for judging what may be written. catalogue.json shows the same table to people; a test
// keeps the two equal.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kingdee {

enum class Kind : std::uint8_t {
  text,
  number,
  flag,
  date,          ///< site's local time, as the site writes it
  id,            ///< internal id
  reference,     ///< a dotted key: a property of the referenced record
  reference_id,  ///< a reference asked for by its bare key: the referenced record's id, shown as "KEY.Id"
};

/// Whose value it is: of the customer (asked from the head row), or of each using organisation.
enum class Scope : std::uint8_t { head, part };

/// When the hub may write it.
enum class Edit : std::uint8_t {
  never,       ///< kept by the product
  on_create,   ///< only in the package that creates the record
  unapproved,  ///< while the record is not approved
  listed,      ///< also on an approved record, by un-approve, save, submit, approve (edit_approved: listed)
};

struct Field {
  std::string_view key;  ///< as written in a query; its first part is the key in a save package
  Kind kind = Kind::text;
  Scope scope = Scope::head;
  Edit edit = Edit::never;

  constexpr std::string_view save_key() const { return key.substr(0, key.find('.')); }
};

/// A list inside a record. Asking any of its keys turns one record into one row per element, so it is asked
/// for in a query of its own.
struct Entry {
  std::string_view name;
  std::string_view id;  ///< of an element, as a query names it
  std::span<const Field> fields;
};

struct Form {
  std::string_view stream;
  std::string_view form_id;
  std::string_view id;      ///< internal id: unique, grows, orders the pages
  std::string_view key;     ///< the record's key in the stream
  std::string_view master;  ///< id shared by the rows of one record; empty: every row is a record
  std::span<const Field> fields;
  std::span<const std::string_view> natural_keys;
  std::span<const std::string_view> changed_by;  ///< date fields, each of which may tell of a change
  bool writable = false;
  /// A reference to a customer, whose record's key is shown as its Id (under the second name).
  std::string_view customer = {}, customer_shown = {};
  /// The list that is read with the record when the settings ask for it; null: none.
  const Entry* entry = nullptr;

  const Field* field(std::string_view key_asked) const;
  /// Where the record's key stands in its body: under "KEY.Id" when it is a reference.
  std::string key_path() const;
  /// Is a record made of all rows that name one other record? Their own ids then need not be unique.
  bool is_grouped_by_reference() const { return !master.empty() && key == master; }
  /// The first field of this save key that may be written; null: none.
  const Field* writable_field(std::string_view save_key) const;
};

/// Null when this connector has no such stream.
const Form* form_of(std::string_view stream);
std::span<const Form> all_forms();

/// Entries of BD_Customer. Their names are the reverse of what they say: CUSTCONTACT holds addresses.
inline constexpr std::string_view address_entry = "FT_BD_CUSTCONTACT";
inline constexpr std::string_view contact_entry = "FT_BD_CUSTLOCATION";

/// May a whole entry be edited on an approved record? Addresses and contacts: yes.
bool is_listed_entry(std::string_view save_key);

}  // namespace kingdee
