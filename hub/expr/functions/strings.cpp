// $string, $substring, $uppercase and their like. Positions count characters, not bytes.
#include <unicode/ucasemap.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "hub/expr/builtins.hpp"
#include "hub/expr/failure.hpp"
#include "hub/expr/item_text.hpp"
#include "hub/expr/utf8.hpp"

namespace huiliu::expr {
namespace {

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// A part of a text, without a copy.
Item part_of(const Item& whole, std::string_view part) {
  return whole.is_flagged(is_lasting) ? Item::of_lasting_text(part) : Item::of_text(part);
}

Item string_of(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item value = arguments[0];
  if (value.is_undefined() || value.is_string()) return value;
  std::string& text = evaluator.text_buffer();
  append_string_of(text, value, arguments[1].tag == Tag::boolean && arguments[1].boolean);
  return evaluator.keep_text(text);
}

// As JavaScript's slice(): whole numbers towards zero, negative ones from the end.
std::size_t slice_position(double position, std::size_t size) {
  position = std::trunc(position);
  if (position < 0) position = std::max(position + static_cast<double>(size), 0.0);
  return position >= static_cast<double>(size) ? size : static_cast<std::size_t>(position);
}

Item substring(Evaluator&, const Arguments& arguments, const CallContext&) {
  const Item source = arguments[0];
  if (source.is_undefined()) return source;
  if (arguments[1].is_undefined()) return source;
  const std::string_view text = source.as_string();
  const bool is_simple = is_ascii(text);
  const std::size_t size = is_simple ? text.size() : character_count(text);
  double start = arguments[1].as_number();
  if (static_cast<double>(size) + start < 0) start = 0;
  std::size_t end = size;
  if (!arguments[2].is_undefined()) {
    const double length = arguments[2].as_number();
    if (!(length > 0)) return Item::of_lasting_text("");
    end = slice_position(start >= 0 ? start + length : static_cast<double>(size) + start + length, size);
  }
  const std::size_t begin = slice_position(start, size);
  if (end <= begin) return Item::of_lasting_text("");
  if (is_simple) return part_of(source, text.substr(begin, end - begin));
  const std::size_t first = byte_offset(text, begin);
  return part_of(source, text.substr(first, byte_offset(text.substr(first), end - begin)));
}

Item substring_before(Evaluator&, const Arguments& arguments, const CallContext&) {
  const Item source = arguments[0];
  if (source.is_undefined() || !arguments[1].is_string()) return source;
  const std::size_t found = source.as_string().find(arguments[1].as_string());
  return found == std::string_view::npos ? source : part_of(source, source.as_string().substr(0, found));
}

Item substring_after(Evaluator&, const Arguments& arguments, const CallContext&) {
  const Item source = arguments[0];
  if (source.is_undefined() || !arguments[1].is_string()) return source;
  const std::size_t found = source.as_string().find(arguments[1].as_string());
  if (found == std::string_view::npos) return source;
  return part_of(source, source.as_string().substr(found + arguments[1].size));
}

using CaseMapping = int32_t (*)(const UCaseMap*, char*, int32_t, const char*, int32_t, UErrorCode*);

// Full Unicode mapping without any language's special rules.
std::string case_mapped(std::string_view text, CaseMapping mapping) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UCaseMap, decltype(&ucasemap_close)> map(ucasemap_open("", 0, &status),
                                                                 &ucasemap_close);
  std::string out(text.size() + text.size() / 2 + 16, '\0');
  for (int attempt = 0; attempt < 2; ++attempt) {
    status = U_ZERO_ERROR;
    const int32_t size = mapping(map.get(), out.data(), static_cast<int32_t>(out.size()), text.data(),
                                 static_cast<int32_t>(text.size()), &status);
    out.resize(static_cast<std::size_t>(size));
    if (status != U_BUFFER_OVERFLOW_ERROR) break;
  }
  return U_FAILURE(status) ? std::string(text) : out;
}

template <char first, char last, int distance>
Item in_other_case(Evaluator& evaluator, const Item& source, CaseMapping mapping) {
  if (source.is_undefined()) return source;
  if (!is_ascii(source.as_string())) return evaluator.keep_text(case_mapped(source.as_string(), mapping));
  std::string& text = evaluator.text_buffer();
  text = source.as_string();
  for (char& c : text) {
    if (c >= first && c <= last) c = static_cast<char>(c + distance);
  }
  return evaluator.keep_text(text);
}

Item lowercase(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  return in_other_case<'A', 'Z', 'a' - 'A'>(evaluator, arguments[0], ucasemap_utf8ToLower);
}

Item uppercase(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  return in_other_case<'a', 'z', 'A' - 'a'>(evaluator, arguments[0], ucasemap_utf8ToUpper);
}

Item length(Evaluator&, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined()) return {};
  return Item::of_number(static_cast<double>(character_count(arguments[0].as_string())));
}

// Every run of blanks becomes one blank, none is left at the ends.
Item trim(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined()) return {};
  std::string& text = evaluator.text_buffer();
  bool needs_blank = false;
  for (const char c : arguments[0].as_string()) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      needs_blank = !text.empty();
      continue;
    }
    if (std::exchange(needs_blank, false)) text += ' ';
    text += c;
  }
  return evaluator.keep_text(text);
}

Item pad(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item source = arguments[0];
  if (source.is_undefined() || arguments[1].is_undefined()) return source;
  const double width = arguments[1].as_number();
  const bool has_filler = arguments[2].is_string() && arguments[2].size > 0;
  const std::string_view filler = has_filler ? arguments[2].as_string() : " ";
  const double missing =
      std::trunc(std::fabs(width) - static_cast<double>(character_count(source.as_string())));
  if (!(missing > 0)) return source;
  if (missing * static_cast<double>(filler.size()) >
      static_cast<double>(evaluator.context().limits.bytes) / 4) {
    fail_with("U1001", "the padded text needs too much memory");
  }
  const auto count = static_cast<std::size_t>(missing);
  const std::size_t filler_count = character_count(filler);
  std::string padding;
  for (std::size_t i = 0; i < count / filler_count; ++i) padding += filler;
  padding += filler.substr(0, byte_offset(filler, count % filler_count));
  return evaluator.keep_text(width > 0 ? std::string(source.as_string()) + padding
                                       : padding + std::string(source.as_string()));
}

Item join(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item parts = arguments[0];
  if (parts.is_undefined()) return {};
  const std::string_view separator = arguments[1].is_string() ? arguments[1].as_string() : "";
  std::string& text = evaluator.text_buffer();
  for (std::uint32_t i = 0; i < parts.size; ++i) {
    if (i > 0) text += separator;
    text += parts.element(i).as_string();
  }
  return evaluator.keep_text(text);
}

constexpr BuiltinEntry string_entries[] = {
    {"string", "<x-b?:s>", 1, string_of},
    {"substring", "<s-nn?:s>", 3, substring},
    {"substringBefore", "<s-s:s>", 2, substring_before},
    {"substringAfter", "<s-s:s>", 2, substring_after},
    {"lowercase", "<s-:s>", 1, lowercase},
    {"uppercase", "<s-:s>", 1, uppercase},
    {"length", "<s-:n>", 1, length},
    {"trim", "<s-:s>", 1, trim},
    {"pad", "<s-ns?:s>", 3, pad},
    {"join", "<a<s>s?:s>", 2, join},
};

}  // namespace

std::span<const BuiltinEntry> string_builtins() { return string_entries; }

}  // namespace huiliu::expr
