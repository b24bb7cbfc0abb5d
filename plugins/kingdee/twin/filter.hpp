// filter.hpp - FilterString: parsing it, and what it says about one row.
//
// The language is a piece of SQL: and, or, not, parentheses, = <> != > >= < <=, like, in, between, is null,
// literals in single quotes with '' for a quote, one field against another. Also the vendor's other form, a
// list of
// {"Left","FieldName","Compare","Value", "Right","Logic"}. Comparison is as in the product's database:
// without regard to case and to blanks at the end; nothing is equal to null. Pure; nesting is limited; a text
// that is no filter is refused with the place.
#pragma once

#include <boost/json/array.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kingdee_twin {

/// A filter that cannot be understood. The text is for a person.
struct BadFilter : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Operand {
  std::string text;
  bool number = false;  ///< written without quotes
};

struct Filter;
using FilterPtr = std::unique_ptr<const Filter>;

struct Filter {
  enum class Kind { all, any, none_of, compare, like, in, null } kind = Kind::all;
  std::vector<FilterPtr> parts;  ///< of all, any (several) and none_of (one: "not")
  std::string field;             ///< of the others: as written
  std::string other;             ///< of compare with another field instead of a value: as written
  std::string op;                ///< of compare: = <> > >= < <=
  std::vector<Operand> values;   ///< compare, like: one; in: any number
};

/// An empty text gives a filter that every row passes.
FilterPtr parse_filter(std::string_view text);
FilterPtr parse_filter_list(const boost::json::array& list);

/// One value of a row as the database holds it. nullopt: null.
struct Held {
  enum class As { text, number, date } as = As::text;
  std::string text;  ///< number: decimal digits; date: "2024-01-01T00:00:00"
};
using Values = std::function<std::optional<Held>(std::string_view field)>;

bool passes(const Filter& filter, const Values& values);

/// -1, 0 or 1 as the database orders a held value and an operand; nullopt: the operand is not of that type.
std::optional<int> compare_held(const Held& held, const Operand& operand);

/// Every field that the filter names, as written.
void fields_of(const Filter& filter, std::vector<std::string>& fields);

/// "2024-06-01 08:00:00", "2024-06-01" or with a T or fraction, as "2024-06-01T08:00:00"; nullopt: no date.
std::optional<std::string> canonical_date(std::string_view text);

/// For comparing: ASCII lower case, no blanks at the end.
std::string folded(std::string_view text);

}  // namespace kingdee_twin
