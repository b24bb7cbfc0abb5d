#include "hub/store/search_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "hub/normalize/normalize.hpp"
#include "hub/normalize/pinyin.hpp"

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

// Of well-formed UTF-8.
char32_t code_point(std::string_view character) {
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(character[i]));
  };
  switch (character.size()) {
    case 1:
      return byte(0);
    case 2:
      return ((byte(0) & 0x1fU) << 6U) | (byte(1) & 0x3fU);
    case 3:
      return ((byte(0) & 0x0fU) << 12U) | ((byte(1) & 0x3fU) << 6U) | (byte(2) & 0x3fU);
    default:
      return ((byte(0) & 0x07U) << 18U) | ((byte(1) & 0x3fU) << 12U) | ((byte(2) & 0x3fU) << 6U) |
             (byte(3) & 0x3fU);
  }
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

void add_line(std::string& out, std::string_view line) {
  if (line.empty() || out.size() + line.size() + 1 > most_search_bytes) return;
  if (!out.empty()) out += '\n';
  out += line;
}

// What nobody types when he types pinyin.
std::string_view without_legal_form(std::string_view name) {
  for (const std::string_view form : {"有限责任公司", "股份有限公司", "有限公司", "公司"})
    if (name.size() > form.size() && name.ends_with(form)) return name.substr(0, name.size() - form.size());
  return name;
}

void add_pinyin(std::string& out, std::string_view name, bool person) {
  if (std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return;
  std::u32string characters;
  std::string_view rest = without_legal_form(name);
  while (!rest.empty()) {
    const auto size = std::min(character_size(static_cast<unsigned char>(rest[0])), rest.size());
    characters += code_point(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  const auto pinyin =
      normalize::short_pinyin(characters, person ? normalize::PinyinOf::person : normalize::PinyinOf::text);
  add_line(out, folded(pinyin.full));
  add_line(out, folded(pinyin.initials));
}

bool is_name(const model::Field& field) {
  return field.type == "company_name" || field.type == "person_name" || field.name.starts_with("names.");
}

void add_lines(std::string& out, const model::Value& value, const model::Field& field) {
  if (const auto* list = value.if_array()) {
    for (const auto& element : *list) add_lines(out, element, field);
    return;
  }
  const auto line = folded(value.to_text());
  add_line(out, line);
  if (is_name(field)) add_pinyin(out, line, field.type == "person_name");
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// The index's words are letters and digits: another mark of ASCII (@, %) becomes one of them, alike on both
// sides.
std::string with_letters_only(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (is_ascii(c) && c != '\n' && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) c = 'q';
  return out;
}

// The piece that stands first in a line: three characters where all are ASCII, two otherwise, or what is
// left.
std::string_view first_gram(std::string_view line) {
  if (line.size() >= 3 && is_ascii(line[0]) && is_ascii(line[1]) && is_ascii(line[2]))
    return line.substr(0, 3);
  std::size_t size = character_size(static_cast<unsigned char>(line[0]));
  if (size < line.size()) size += character_size(static_cast<unsigned char>(line[size]));
  return line.substr(0, size);
}

// Pieces of a text, each of at most two characters beyond ASCII: eight bytes. By open addressing, since most
// records have a hundred of them.
class PieceSet {
 public:
  explicit PieceSet(std::size_t most) : slots_(std::bit_ceil(2 * most + 1)) {}
  // False: it was there.
  bool insert(std::string_view piece) {
    std::uint64_t bytes = 0;  // never of a piece: texts hold no zero
    std::memcpy(&bytes, piece.data(), std::min(piece.size(), sizeof bytes));
    for (std::size_t at = (bytes * 0x9E3779B97F4A7C15ULL) >> 32U;; ++at) {
      std::uint64_t& slot = slots_[at & (slots_.size() - 1)];
      if (slot == bytes) return false;
      if (slot == 0) {
        slot = bytes;
        return true;
      }
    }
  }

 private:
  std::vector<std::uint64_t> slots_;
};

}  // namespace

std::string search_text(const model::Entity& entity, const sync::Golden& golden) {
  std::string out;
  for (const auto& [index, field] : golden.fields)
    if (field.value.has_value() && index < entity.fields.size() && is_searched(entity.fields[index]))
      add_lines(out, field.value.value, entity.fields[index]);
  return out;
}

std::string search_grams(std::string_view prefix, std::string_view text) {
  const std::string letters = with_letters_only(text);
  PieceSet met(letters.size());
  std::string out;
  out.reserve(letters.size() * (prefix.size() + 4));
  for (std::string_view rest = letters; !rest.empty();) {
    const auto end = rest.find('\n');
    for (auto line = rest.substr(0, end); !line.empty();) {
      if (const auto gram = first_gram(line); met.insert(gram)) {
        if (!out.empty()) out += ' ';
        out.append(prefix).append(gram);
      }
      line.remove_prefix(std::min(character_size(static_cast<unsigned char>(line[0])), line.size()));
    }
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return out;
}

std::string search_query(std::string_view prefix, std::string_view needle) {
  const std::string letters = with_letters_only(needle);
  std::vector<std::string_view> from;  // the needle from each of its characters on
  for (std::string_view rest = letters; !rest.empty();) {
    from.push_back(rest);
    rest.remove_prefix(std::min(character_size(static_cast<unsigned char>(rest[0])), rest.size()));
  }
  const std::size_t count = from.size();
  if (count == 0 || (count == 1 && is_ascii(letters[0]))) return {};
  std::string query;
  const auto add = [&](std::size_t at, bool more_may_follow) {
    query += query.empty() ? "\"" : " \"";
    query.append(prefix).append(first_gram(from[at]));
    query += more_may_follow ? "\"*" : "\"";
  };
  if (count == 1) {
    add(0, true);
    return query;
  }
  const auto ascii = [&](std::size_t i) { return is_ascii(from[i][0]); };
  for (std::size_t i = 0; i + 1 < count; ++i) {
    // The last two of a longer run of ASCII stand in the piece before; alone, the text may go on after them.
    const bool open = i + 2 == count && ascii(i) && ascii(i + 1);
    if (open && i > 0 && ascii(i - 1)) break;
    add(i, open);
  }
  return query;
}

std::string golden_scopes(const model::Entity& entity, const sync::Golden& golden) {
  std::string out;
  for (const auto& [index, field] : golden.fields)
    if (field.value.has_value() && index < entity.fields.size() && !entity.fields[index].access.empty())
      out += (out.empty() ? "" : "\n") + entity.fields[index].access + ":" + field.value.value.to_text();
  return out;
}

std::vector<std::string> scopes_in(std::string_view lines) {
  std::vector<std::string> scopes;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    if (end != 0) scopes.emplace_back(lines.substr(0, end));
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
  }
  return scopes;
}

std::string search_needle(std::string_view typed) { return folded(typed); }

std::optional<int> match_rank(std::string_view text, std::string_view needle) {
  if (needle.empty() || text.empty()) return std::nullopt;
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
