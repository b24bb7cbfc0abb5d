#include "hub/store/search_text.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "hub/normalize/normalize.hpp"

namespace huiliu::store {
namespace {

constexpr std::size_t most_search_bytes = 2048;  // of one golden record

constexpr std::array<std::string_view, 9> searched_types = {
    "name", "company_name", "person_name", "uscc", "tax_no", "phone", "email", "url", "code"};

bool is_searched(const model::Field& field) {
  return std::find(searched_types.begin(), searched_types.end(), field.type) != searched_types.end() ||
         field.name.starts_with("names.");
}

// Is this a blank or a mark that people type differently? Marks beyond ASCII that folding leaves:
// 。、·（）「」【】《》—…
bool is_noise(std::string_view character) {
  if (character.size() == 1) {
    const auto c = static_cast<unsigned char>(character[0]);
    return c <= ' ' || c == 0x7f || std::strchr("-_.,:;'\"`()[]{}<>/\\|+*&#!?~^=", character[0]) != nullptr;
  }
  static constexpr std::string_view marks = "。、·（）「」『』【】《》〈〉—…“”‘’，．：；！？－～　";
  return marks.find(character) != std::string_view::npos;
}

std::size_t character_size(unsigned char lead) {
  if (lead < 0x80) return 1;
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

std::string folded(std::string_view raw) {
  auto key = normalize::comparison_key(normalize::Kind::text, raw);
  // The key begins with the version of its rules: "1:…".
  const auto colon = key.find(':');
  std::string_view rest = key;
  if (colon != std::string::npos) rest.remove_prefix(colon + 1);
  std::string out;
  out.reserve(rest.size());
  while (!rest.empty()) {
    const auto size = std::min(character_size(static_cast<unsigned char>(rest[0])), rest.size());
    if (!is_noise(rest.substr(0, size))) out.append(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  return out;
}

void add_lines(std::string& out, const model::Value& value) {
  if (const auto* list = value.if_array()) {
    for (const auto& element : *list) add_lines(out, element);
    return;
  }
  const auto line = folded(value.to_text());
  if (line.empty() || out.size() + line.size() + 1 > most_search_bytes) return;
  if (!out.empty()) out += '\n';
  out += line;
}

}  // namespace

std::string search_text(const model::Entity& entity, const sync::Golden& golden) {
  std::string out;
  for (const auto& [index, field] : golden.fields)
    if (field.value.has_value() && index < entity.fields.size() && is_searched(entity.fields[index]))
      add_lines(out, field.value.value);
  return out;
}

std::string search_needle(std::string_view typed) { return folded(typed); }

std::optional<int> match_rank(std::string_view text, std::string_view needle) {
  if (needle.empty()) return std::nullopt;
  bool inside = false;
  for (std::size_t at = 0;; ++at) {
    const void* hit = ::memmem(text.data() + at, text.size() - at, needle.data(), needle.size());
    if (hit == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
    if (at == 0 || text[at - 1] == '\n') return 0;
    inside = true;
  }
  return inside ? std::optional<int>(1) : std::nullopt;
}

}  // namespace huiliu::store
