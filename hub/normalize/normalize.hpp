// Standardizers: what a person typed, turned into a canonical spelling, a comparison key and parts.
//
// The idea. A source's bytes are never changed here: the caller keeps them. Beside them stands a Normalized
// value:
//   value     the canonical spelling for people (keeps the source's script and legal wording),
//   key       what matching and change detection compare. Two spellings that a person calls equal have equal
//   keys
//             (brackets, spaces, full width, 有限责任公司/有限公司, phone punctuation, traditional script);
//             different things have different keys (another city, ordinal or branch),
//   parts     the meaning, by name (below),
//   findings  what is wrong or was peeled off. A finding is never a reason to drop the value: authorities
//   have issued
//             numbers that fail their own check (warnings), and only an error makes `valid` false.
// Every kind is a pure function and idempotent: normalize(k, normalize(k, x).value) has the same value and
// key.
//
// Key versions. A key starts with the version of the rules that made it ("1:深圳迈瑞…"), so that keys of two
// versions never meet by accident, and an index of stored keys finds the old ones by their prefix and
// rebuilds them from the raw values. Any change of a rule or of a data table that changes some key raises
// rules_version(); stored keys of another version are not compared, they are rebuilt. Empty input, and values
// that must never become keys (masked numbers such as 138****5678), have the empty key: it equals nothing,
// not even itself, when records are matched.
//
// Input is UTF-8 of any length. Broken UTF-8 is repaired by U+FFFD with the finding `encoding`. Time is
// linear in the input. Functions throw nothing but std::bad_alloc. All are safe to call from many threads:
// tables are built once, on first use, and then only read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/value.hpp"

namespace huiliu::normalize {

enum class Severity {
  info,     // something was recognised or peeled off; nothing is wrong
  warning,  // unusual, to be looked at; the value stands
  error,    // the value is not what its kind promises; `valid` is false
};

// "info", "warning", "error".
const char* to_string(Severity severity) noexcept;

struct Finding {
  std::string code;  // stable, lower snake case: check_digit, encoding, empty, placeholder, noise …
  Severity severity = Severity::info;
  std::string message;                   // for a person; carries no personal data
  std::vector<std::string> repair = {};  // candidate values, most likely first; offered, never applied
};

struct Normalized {
  std::string value;
  std::string key;
  // By kind. A part that is not present is absent from the object (never null).
  //   text          (none)
  //   company_name  division, division_code (GB/T 2260 string), brand, trade, form, form_class, branch, group
  //   (bool),
  //                 noise (list), short_name, pinyin, initials; `alternatives` where a second reading is
  //                 plausible
  //   person_name   surname, given, title, noise (list), pinyin, initials
  //   uscc          department, kind, division_code, organisation_code
  //   tax_no        type (uscc, tax15, registration, organisation_code, sole_trader), division_code,
  //   organisation_code resident_id   division_code, birth_date, sex, masked phone         country, area,
  //   number, extension, kind (mobile, landline, service, machine, satellite,
  //                 international, unknown), e164; each a list where the field holds more than one number
  //   email         local, domain, registrable_domain, free (bool), display_name
  //   url           host, registrable_domain, path, shared (bool)
  //   address       province, city, county, code (6 digits), street, detail, zone, postcode, road, number,
  //   building,
  //                 unit, floor, room
  //   date          precision (year month day second …), calendar date fields
  //   money         amount (string, plain decimal), currency (ISO 4217), precision
  model::Object parts;
  bool valid = false;  // not empty and without a finding of severity error
  std::vector<Finding> findings;
};

enum class Kind {
  text,
  company_name,
  person_name,
  uscc,    // 统一社会信用代码, GB 32100-2015
  tax_no,  // 纳税人识别号 and its relatives: USCC, 15 digits, organisation code, registration number
  resident_id,  // 居民身份证号, GB 11643; personal data: key is the value itself, so callers hash it
  phone,
  email,
  url,
  address,
  date,
  money,
};

// "company_name" …; as in the command line and in mappings (codec names).
const char* to_string(Kind kind) noexcept;
std::optional<Kind> kind_from(std::string_view name) noexcept;

// Everything about one value. Empty or blank input: value "", key "", valid false, finding `empty`.
Normalized normalize(Kind kind, std::string_view raw);

// normalize(kind, raw).key without the rest: the fast path for comparing.
std::string comparison_key(Kind kind, std::string_view raw);

// What a field keeps of a value: normalize(kind, raw).value and .key, without the rest. Nothing when the
// value is not valid or has no key.
struct Spelling {
  std::string value;
  std::string key;
};
std::optional<Spelling> canonical_spelling(Kind kind, std::string_view raw);

// The version in every key.
int rules_version() noexcept;

}  // namespace huiliu::normalize
