#include "hub/normalize/normalize.hpp"

#include <algorithm>
#include <iterator>

#include "hub/normalize/company_name.hpp"
#include "hub/normalize/quick.hpp"
#include "hub/normalize/standardizers.hpp"

namespace huiliu::normalize {
namespace {

constexpr int kRulesVersion = 2;

struct KindEntry {
  Kind kind;
  const char* name;
  Normalized (*normalize)(std::string_view);
};

constexpr KindEntry kKinds[] = {
    {Kind::text, "text", normalize_text},
    {Kind::company_name, "company_name", normalize_company_name},
    {Kind::person_name, "person_name", normalize_person_name},
    {Kind::uscc, "uscc", normalize_uscc},
    {Kind::tax_no, "tax_no", normalize_tax_no},
    {Kind::resident_id, "resident_id", normalize_resident_id},
    {Kind::phone, "phone", normalize_phone},
    {Kind::email, "email", normalize_email},
    {Kind::url, "url", normalize_url},
    {Kind::address, "address", normalize_address},
    {Kind::date, "date", normalize_date},
    {Kind::money, "money", normalize_money},
};

const KindEntry& entry_of(Kind kind) {
  return *std::find_if(std::begin(kKinds), std::end(kKinds),
                       [kind](const KindEntry& e) { return e.kind == kind; });
}

std::string behind_version(std::string_view key) {
  std::string out;
  out.reserve(version_prefix().size() + key.size());
  return out.append(version_prefix()).append(key);
}

// Identifiers that are spelled as they should be.
std::optional<Spelling> quick_spelling(Kind kind, std::string_view raw) {
  switch (kind) {
    case Kind::uscc:
      if (is_quick_uscc(raw)) return Spelling{std::string(raw), behind_version(raw)};
      return std::nullopt;
    case Kind::tax_no:
      if (is_quick_tax_no(raw)) return Spelling{std::string(raw), behind_version(raw)};
      return std::nullopt;
    case Kind::email:
      if (std::optional<std::string> address = quick_email(raw)) {
        std::string key = behind_version(*address);
        for (char& c : key) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 0x20 : c);
        return Spelling{std::move(*address), std::move(key)};
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

const char* to_string(Severity severity) noexcept {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "error";
}

const char* to_string(Kind kind) noexcept { return entry_of(kind).name; }

std::optional<Kind> kind_from(std::string_view name) noexcept {
  for (const KindEntry& entry : kKinds) {
    if (name == entry.name) return entry.kind;
  }
  return std::nullopt;
}

int rules_version() noexcept { return kRulesVersion; }

Normalized normalize(Kind kind, std::string_view raw) { return entry_of(kind).normalize(raw); }

std::string comparison_key(Kind kind, std::string_view raw) {
  std::string key = version_prefix();
  switch (kind) {
    case Kind::text:
      append_folded(raw, key);
      return finished_key(std::move(key));
    case Kind::company_name:
      return company_key(raw);
    case Kind::address:
      return address_key(raw);
    case Kind::phone:
      if (append_quick_phone_key(raw, key)) return key;
      break;
    case Kind::person_name:
      if (append_quick_person_key(raw, key)) return key;
      break;
    case Kind::url:
      if (append_quick_url_key(raw, key)) return key;
      break;
    case Kind::uscc:
    case Kind::tax_no:
    case Kind::email:
      if (std::optional<Spelling> spelling = quick_spelling(kind, raw)) return std::move(spelling->key);
      break;
    default:
      break;
  }
  return normalize(kind, raw).key;
}

std::optional<Spelling> canonical_spelling(Kind kind, std::string_view raw) {
  if (std::optional<Spelling> spelling = quick_spelling(kind, raw)) return spelling;
  Normalized whole = normalize(kind, raw);
  if (!whole.valid || whole.key.empty()) return std::nullopt;
  return Spelling{std::move(whole.value), std::move(whole.key)};
}

const std::string& version_prefix() noexcept {
  static const std::string prefix = std::to_string(kRulesVersion) + ':';
  return prefix;
}

std::string finished_key(std::string key) {
  return key.size() == version_prefix().size() ? std::string() : key;
}

std::string versioned(std::string key) { return key.empty() ? key : key.insert(0, version_prefix()); }

Normalized empty_value() {
  Normalized result;
  add_finding(result, "empty", Severity::error, "no value");
  return result;
}

void add_finding(Normalized& result, std::string code, Severity severity, std::string message,
                 std::vector<std::string> repair) {
  result.findings.push_back(Finding{std::move(code), severity, std::move(message), std::move(repair)});
}

void report_cleaning(Normalized& result, const Cleaned& cleaned) {
  if (cleaned.bad_utf8) {
    add_finding(result, "encoding", Severity::warning, "bytes that are no text were replaced by U+FFFD");
  }
  if (cleaned.mojibake) {
    add_finding(result, "encoding", Severity::warning,
                "looks like text decoded with the wrong character set");
  }
  if (cleaned.entity) add_finding(result, "encoding", Severity::info, "HTML entities were decoded");
  if (cleaned.invisible)
    add_finding(result, "invisible", Severity::info, "invisible characters were deleted");
}

Normalized finished(Normalized result) {
  result.valid =
      !result.value.empty() && std::none_of(result.findings.begin(), result.findings.end(),
                                            [](const Finding& f) { return f.severity == Severity::error; });
  result.key = versioned(std::move(result.key));
  return result;
}

void set_part(Normalized& result, const char* name, std::string value) {
  if (!value.empty()) result.parts.append(name, std::move(value));
}

}  // namespace huiliu::normalize
