// schema.hpp - the forms that the twin's site has: which fields, of what type, in which entry. Independent of
// the connector's own table, so that a mistake there is met here. Static data; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kingdee_twin {

enum class Type { text, date, flag, id, number, reference };
enum class Owner {
  head,
  organisation
};  ///< of an allocated copy, which may change only its organisation's fields

struct FieldDef {
  std::string_view key;
  Type type = Type::text;
  std::string_view target =
      {};  ///< of a reference: the form it points to; empty: a table that the twin does not keep
  std::string_view entry = {};  ///< entry that holds it; empty: the head
  Owner owner = Owner::head;
  bool required = false;
  bool kept = false;           ///< by the product: never from a save package
  std::string_view name = {};  ///< in Chinese, for messages
};

struct FormDef {
  std::string_view form_id;
  std::string_view stream;  ///< where the twin keeps its rows
  std::string_view id;      ///< table key
  std::string_view name;    ///< in Chinese
  std::string_view
      prefix;  ///< of the number rule; empty: the form has none, and its records come from elsewhere
  bool allocated = false;  ///< rows per organisation with a shared FMasterId
  bool approved = false;   ///< has the life-cycle Z A B C D
  std::span<const FieldDef> fields;
  std::span<const std::string_view> entries;

  /// By key, without regard to case, as in queries. Null: no such field.
  const FieldDef* field(std::string_view key) const;
  /// By key, in exactly the form's own case, as in save packages.
  const FieldDef* save_field(std::string_view key) const;
  bool has_entry(std::string_view key) const;
};

const FormDef* form_by_id(std::string_view form_id);
const FormDef* form_by_stream(std::string_view stream);
std::span<const FormDef> twin_forms();
/// Stands for any field that a site has added (F_…): a text of the head.
const FieldDef& custom_field();

bool same_letters(std::string_view a, std::string_view b);  ///< ASCII, without regard to case

}  // namespace kingdee_twin
