// Free text: a readable spelling, and a key under which spacing, width, case, script and quotes do not
// matter.
#include "hub/normalize/standardizers.hpp"
#include "hub/normalize/utf8.hpp"

namespace huiliu::normalize {
namespace {

bool brackets_balance(std::u32string_view text) {
  std::u32string key;
  fold(text, key);
  long depth = 0;
  for (const char32_t c : key) {
    if (c == U'(') ++depth;
    if (c == U')' && --depth < 0) return false;
  }
  return depth == 0;
}

}  // namespace

Normalized normalize_text(std::string_view raw) {
  Cleaned cleaned = clean(raw);
  if (cleaned.text.empty()) return empty_value();
  Normalized result;
  report_cleaning(result, cleaned);
  join_han(cleaned.text);
  if (!brackets_balance(cleaned.text)) {
    add_finding(result, "unbalanced_bracket", Severity::info, "a bracket has no partner");
  }
  std::u32string key;
  fold(cleaned.text, key);
  result.value = to_utf8(cleaned.text);
  result.key = to_utf8(key);
  return finished(std::move(result));
}

}  // namespace huiliu::normalize
