#include "hub/normalize/fold.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>

#include "hub/normalize/data/tables.hpp"
#include "hub/normalize/utf8.hpp"
#include "hub/normalize/words.hpp"

namespace huiliu::normalize {
namespace {

enum FoldFlag : std::uint16_t {
  kHan = 1,        // Han character
  kInvisible = 2,  // deleted wherever it stands
  kSpace = 4,
  kNotNfc = 8,        // may change under NFC, alone or after its neighbour
  kExpands = 16,      // NFKC gives several code points: in expansions
  kWide = 32,         // CJK punctuation: a space beside it means nothing
  kPhraseStart = 64,  // a script phrase begins with it
  kMojibake = 128,    // frequent when UTF-8 was read as GBK, rare otherwise
  kUnclean = 256,     // clean() may change it, or say something about it
};

struct FoldEntry {
  char16_t folded = 0;  // 0: deleted
  char16_t plain = 0;   // NFKC only
  std::uint16_t flags = 0;
};

struct FoldTable {
  std::array<FoldEntry, 0x10000> entries;
  std::unordered_map<char32_t, std::u32string> expansions;  // NFKC of the kExpands characters
  WordTree phrases;                                         // payload: index of replacements
  std::vector<std::u32string> replacements;

  FoldTable();

 private:
  void add_compatibility();
  void add_marks();
  void add_script();
  void mark_unclean();
};

const icu::Normalizer2& nfc() {
  UErrorCode status = U_ZERO_ERROR;
  return *icu::Normalizer2::getNFCInstance(status);  // built into ICU: cannot fail
}

const icu::Normalizer2& nfkc() {
  UErrorCode status = U_ZERO_ERROR;
  return *icu::Normalizer2::getNFKCInstance(status);
}

std::u32string normalized_by(const icu::Normalizer2& normalizer, std::u32string_view text) {
  icu::UnicodeString source;
  for (const char32_t c : text) source.append(static_cast<UChar32>(c));
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString result = normalizer.normalize(source, status);
  if (U_FAILURE(status)) return std::u32string(text);
  std::u32string out;
  for (std::int32_t at = 0; at < result.length(); at = result.moveIndex32(at, 1)) {
    out.push_back(static_cast<char32_t>(result.char32At(at)));
  }
  return out;
}

constexpr bool in_range(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

bool plain_block(
    char32_t c) {  // blocks without compatibility forms: skipped, to build the table in a millisecond or two
  return in_range(c, 0x3400, 0x4DBF) || in_range(c, 0x4E00, 0xA4CF) || in_range(c, 0xAC00, 0xD7A3) ||
         in_range(c, 0xD800, 0xF8FF);
}

bool is_invisible_character(char32_t c) {
  return c < 0x20 || in_range(c, 0x7F, 0x9F) || c == 0xAD || c == 0x34F || c == 0x61C || c == 0x180E ||
         in_range(c, 0x200B, 0x200F) || in_range(c, 0x202A, 0x202E) || in_range(c, 0x2060, 0x206F) ||
         in_range(c, 0xFE00, 0xFE0F) || c == 0xFEFF || in_range(c, 0xFFF9, 0xFFFB);
}

bool is_space_character(char32_t c) {
  return in_range(c, 0x09, 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         in_range(c, 0x2000, 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

// Full-width letters and digits, and spaces: readable text has one spelling of them.
char32_t display_character(char32_t c) {
  if (in_range(c, 0xFF10, 0xFF19) || in_range(c, 0xFF21, 0xFF3A) || in_range(c, 0xFF41, 0xFF5A))
    return c - 0xFEE0;
  return c;
}

FoldTable::FoldTable() {
  add_compatibility();
  add_marks();
  add_script();
  mark_unclean();
}

void FoldTable::add_compatibility() {
  for (char32_t c = 0; c < entries.size(); ++c) {
    FoldEntry& entry = entries[c];
    entry.folded = entry.plain = static_cast<char16_t>(c);
    if (is_space_character(c))
      entry.flags |= kSpace;
    else if (is_invisible_character(c))
      entry.flags |= kInvisible;
    if (in_range(c, 0x3400, 0x4DBF) || in_range(c, 0x4E00, 0x9FFF) || c == 0x3007 || c == 0x3005 ||
        in_range(c, 0xF900, 0xFAFF)) {
      entry.flags |= kHan;
    }
    if (in_range(c, 0x3001, 0x3030) || in_range(c, 0xFF01, 0xFF0F) || in_range(c, 0xFF1A, 0xFF20) ||
        in_range(c, 0xFF3B, 0xFF40) || in_range(c, 0xFF5B, 0xFF65)) {
      entry.flags |= kWide;
    }
    if (c < 0x80) {
      if (in_range(c, 'A', 'Z')) entry.folded = static_cast<char16_t>(c + 0x20);
      continue;
    }
    if (plain_block(c)) continue;
    const icu::UnicodeString one(static_cast<UChar32>(c));
    UErrorCode status = U_ZERO_ERROR;
    if (nfc().quickCheck(one, status) != UNORM_YES || !nfc().hasBoundaryBefore(static_cast<UChar32>(c))) {
      entry.flags |= kNotNfc;
    }
    const std::u32string compatible = normalized_by(nfkc(), std::u32string(1, c));
    if (compatible.size() == 1 && compatible[0] < 0x10000) {
      entry.plain = static_cast<char16_t>(compatible[0]);
      const UChar32 lower = u_foldCase(static_cast<UChar32>(compatible[0]), U_FOLD_CASE_DEFAULT);
      entry.folded = static_cast<char16_t>(lower < 0x10000 ? static_cast<char32_t>(lower) : compatible[0]);
    } else {
      entry.flags |= kExpands;
      expansions.emplace(c, compatible);
    }
  }
}

void FoldTable::add_marks() {
  const auto map = [this](std::u32string_view from, char16_t to) {
    for (const char32_t c : from) {
      entries[c].folded = to;
      entries[c].flags &= static_cast<std::uint16_t>(~kExpands);
    }
  };
  map(U"（〔【［｛〈《[{⟨❨﹙", u'(');
  map(U"）〕】］｝〉》]}⟩❩﹚", u')');
  map(U"－—–―‐‑‒﹣−─﹘", u'-');
  map(U"·・•‧∙⋅●", u'·');
  map(U"“”„‟‘’‚‛＂＇\"'`´「」『』〝〞″′", 0);
  map(U"，、﹐", u',');
  map(U"。", u'.');
  entries[U'·'].plain = u'·';
  for (const char32_t c : std::u32string_view(U"鐨鍏徃锛绉鏈闄鍙涓浜鍥鎶鏄鍦娴夊寳绾鍒闃叉妧鐢佃娣卞湷")) {
    entries[c].flags |= kMojibake;
  }
}

void FoldTable::add_script() {
  for_each_token(data::kScriptPairs, [this](std::string_view token) {
    std::u32string pair;
    decode_utf8(token, pair);
    entries[pair[0]].folded = static_cast<char16_t>(pair[1]);
  });
  for_each_token(data::kScriptPhrases, [this](std::string_view token) {
    const std::size_t equals = token.find('=');
    std::u32string from;
    std::u32string to;
    decode_utf8(token.substr(0, equals), from);
    decode_utf8(token.substr(equals + 1), to);
    entries[from[0]].flags |= kPhraseStart;
    phrases.add(from, static_cast<std::uint32_t>(replacements.size()));
    replacements.push_back(std::move(to));
  });
}

void FoldTable::mark_unclean() {
  for (char32_t c = 0; c < entries.size(); ++c) {
    const bool damage = in_range(c, 0xE4, 0xE9) || c == kReplacement || c == U'锟';
    if ((entries[c].flags & (kInvisible | kSpace | kNotNfc | kMojibake)) != 0 || damage || c == U'&' ||
        display_character(c) != c)
      entries[c].flags |= kUnclean;
  }
}

const FoldTable& fold_table() {
  static const auto table = std::make_unique<const FoldTable>();
  return *table;
}

std::uint16_t flags_of(const FoldTable& table, char32_t c) {
  if (c < 0x10000) return table.entries[c].flags;
  if (in_range(c, 0x20000, 0x323AF)) return kHan | kUnclean;
  if (in_range(c, 0xE0000, 0xE0FFF)) return kInvisible | kUnclean;  // tags, variation selectors
  return in_range(c, 0x2F800, 0x2FA1F) ? kNotNfc | kUnclean : kUnclean;
}

// Decodes the entity at text[at] == '&' into `out` and returns the index after it; `at` when there is none.
// Repeated escaping (&amp;amp;) is undone at once, so that cleaning twice changes nothing.
std::size_t decode_entity(std::u32string_view text, std::size_t at, char32_t& out) {
  const auto starts = [&](std::size_t from, std::u32string_view word) {
    return text.substr(from, word.size()) == word;
  };
  std::size_t next = at + 1;
  while (starts(next, U"amp;")) next += 4;
  static constexpr std::pair<std::u32string_view, char32_t> kEntities[] = {
      {U"nbsp;", U' '},    {U"lt;", U'<'},      {U"gt;", U'>'},      {U"quot;", U'"'},
      {U"apos;", U'\''},   {U"#39;", U'\''},    {U"#160;", U' '},    {U"middot;", 0xB7},
      {U"lsquo;", 0x2018}, {U"rsquo;", 0x2019}, {U"ldquo;", 0x201C}, {U"rdquo;", 0x201D}};
  for (const auto& [name, character] : kEntities) {
    if (starts(next, name)) {
      out = character;
      return next + name.size();
    }
  }
  out = U'&';
  return next > at + 1 ? next : at;
}

void decode_entities(Cleaned& cleaned) {
  std::u32string& text = cleaned.text;
  if (text.find(U'&') == std::u32string::npos) return;
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    char32_t character = text[at];
    std::size_t next = at;
    if (character == U'&') next = decode_entity(text, at, character);
    if (next > at) cleaned.entity = true;
    out.push_back(character);
    at = next > at ? next : at + 1;
  }
  text = std::move(out);
}

bool looks_like_latin_mojibake(std::u32string_view text) {  // UTF-8 read as Latin-1: Ã¥Â·Â¥, æ·±åœ³
  std::size_t leads = 0;
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    if (in_range(text[at], 0xE4, 0xE9) &&
        (in_range(text[at + 1], 0x80, 0xBF) || in_range(text[at + 1], 0x152, 0x2122))) {
      ++leads;
    }
  }
  return leads >= 2;
}

void look_for_damage(const FoldTable& table, Cleaned& cleaned) {
  std::size_t suspects = 0;
  std::size_t han = 0;
  bool latin_high = false;
  for (const char32_t c : cleaned.text) {
    const std::uint16_t flags = flags_of(table, c);
    if ((flags & kMojibake) != 0) ++suspects;
    if ((flags & kHan) != 0) ++han;
    if (in_range(c, 0xE4, 0xE9)) latin_high = true;
    if (c == kReplacement) cleaned.bad_utf8 = true;
  }
  if (suspects >= 3 && suspects * 3 >= han) cleaned.mojibake = true;
  if (latin_high && looks_like_latin_mojibake(cleaned.text)) cleaned.mojibake = true;
  if (han >= 3 && cleaned.text.find(U"锟斤拷") != std::u32string::npos) cleaned.mojibake = true;
}

}  // namespace

bool is_han(char32_t c) noexcept {
  return in_range(c, 0x4E00, 0x9FFF) || in_range(c, 0x3400, 0x4DBF) || in_range(c, 0x20000, 0x323AF) ||
         in_range(c, 0xF900, 0xFAFF) || c == 0x3007 || c == 0x3005;
}

bool has_han(std::u32string_view text) noexcept { return std::any_of(text.begin(), text.end(), is_han); }

namespace {

// Takes out what cannot be seen, makes spaces single and letters narrow. True when something changed.
bool tidy(const FoldTable& table, Cleaned& cleaned, bool& not_nfc) {
  std::u32string& text = cleaned.text;
  std::size_t kept = 0;
  bool space_due = false;
  bool changed = false;
  for (const char32_t c : text) {
    const std::uint16_t flags = flags_of(table, c);
    if ((flags & kSpace) != 0) {
      space_due = kept > 0;
      continue;
    }
    if ((flags & kInvisible) != 0) {
      cleaned.invisible = true;
      continue;
    }
    not_nfc = not_nfc || (flags & kNotNfc) != 0;
    if (space_due) text[kept++] = U' ';  // never overtakes the reading position: the space itself was skipped
    space_due = false;
    const char32_t shown = display_character(c);
    changed = changed || shown != c;
    text[kept++] = shown;
  }
  changed = changed || kept != text.size();
  text.resize(kept);
  return changed;
}

}  // namespace

Cleaned clean(std::string_view raw) {
  const FoldTable& table = fold_table();
  Cleaned cleaned;
  cleaned.bad_utf8 = !decode_utf8(raw, cleaned.text);
  std::u32string& text = cleaned.text;
  std::uint16_t met = 0;
  for (const char32_t c : text) met |= flags_of(table, c);
  if ((met & kUnclean) == 0) return cleaned;  // nearly every value
  bool not_nfc = false;
  for (bool again = true; again;) {  // an invisible character or a wide letter may have hidden an entity
    decode_entities(cleaned);
    again = tidy(table, cleaned, not_nfc) && text.find(U'&') != std::u32string::npos;
  }
  if (not_nfc) text = normalized_by(nfc(), text);
  look_for_damage(table, cleaned);
  return cleaned;
}

void join_han(std::u32string& text) {
  if (text.find(U' ') == std::u32string::npos) return;
  const FoldTable& table = fold_table();
  const auto joins = [&table](char32_t c) { return (flags_of(table, c) & (kHan | kWide)) != 0; };
  std::size_t kept = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool drop = text[at] == U' ' &&
                      ((kept > 0 && joins(text[kept - 1])) || (at + 1 < text.size() && joins(text[at + 1])));
    if (!drop) text[kept++] = text[at];
  }
  text.resize(kept);
}

namespace {

// Calls put(folded character, index of the one it came from).
template <class Put>
void fold_each(std::u32string_view text, Put put) {
  const FoldTable& table = fold_table();
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char32_t c = text[at];
    if (c >= 0x10000) {
      put(c, at);
      continue;
    }
    const FoldEntry& entry = table.entries[c];
    if ((entry.flags & (kExpands | kPhraseStart)) == 0) {
      if (entry.folded != 0) put(entry.folded, at);
      continue;
    }
    if ((entry.flags & kExpands) != 0) {
      for (const char32_t expanded : table.expansions.at(c)) {
        const char32_t lower = expanded < 0x10000 ? table.entries[expanded].folded : expanded;
        if (lower != 0) put(lower, at);
      }
      continue;
    }
    const WordTree::Match phrase = table.phrases.longest(text, at);
    if (phrase.length == 0) {
      if (entry.folded != 0) put(entry.folded, at);
      continue;
    }
    const std::u32string& to = table.replacements[phrase.value];
    for (std::size_t offset = 0; offset < to.size(); ++offset) put(to[offset], at + offset);
    at += phrase.length - 1;
  }
}

// Letters, digits and marks that stay as they are, with single spaces inside.
bool is_plain_ascii(std::string_view raw) {
  constexpr std::string_view kMarks = " ()+,-./:=@_";
  char before = ' ';
  for (const char c : raw) {
    const bool known = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                       kMarks.find(c) != std::string_view::npos;
    if (!known || (c == ' ' && before == ' ')) return false;
    before = c;
  }
  return before != ' ';
}

}  // namespace

void fold(std::u32string_view text, std::u32string& out, std::vector<std::uint32_t>* origin) {
  if (origin == nullptr) return fold_each(text, [&](char32_t c, std::size_t) { out.push_back(c); });
  fold_each(text, [&](char32_t c, std::size_t from) {
    out.push_back(c);
    origin->push_back(static_cast<std::uint32_t>(from));
  });
}

void append_folded(std::string_view raw, std::string& out) {
  out.reserve(out.size() + raw.size());
  if (is_plain_ascii(raw)) {
    for (const char c : raw) out.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c + 0x20 : c));
    return;
  }
  Cleaned cleaned = clean(raw);
  join_han(cleaned.text);
  fold_each(cleaned.text, [&out](char32_t c, std::size_t) { append_utf8(out, c); });
}

std::string folded(std::string_view raw) {
  std::string out;
  append_folded(raw, out);
  return out;
}

std::u32string plain(std::string_view raw) {
  const FoldTable& table = fold_table();
  const Cleaned cleaned = clean(raw);
  std::u32string out;
  out.reserve(cleaned.text.size());
  bool expanded = false;
  for (const char32_t c : cleaned.text) {
    if (c >= 0x10000) {
      out.push_back(c);
    } else if ((table.entries[c].flags & kExpands) != 0 && table.expansions.count(c) != 0) {
      out += table.expansions.at(c);
      expanded = true;
    } else {
      out.push_back(table.entries[c].plain);
    }
  }
  // What came out may begin with a space, or join with its neighbour. It expands no further.
  return expanded ? plain(to_utf8(out)) : out;
}

std::string identifier(std::string_view raw) {
  std::string out;
  for (const char32_t c : plain(raw)) {
    if (c == U' ' || c == U'-' || c == U'.' || c == U'/' || c == U'_' || c == 0xB7 || c == U',') continue;
    if (c < 0x10000 && fold_table().entries[c].folded == u'-') continue;
    append_utf8(out, in_range(c, 'a', 'z') ? c - 0x20 : c);
  }
  return out;
}

}  // namespace huiliu::normalize
