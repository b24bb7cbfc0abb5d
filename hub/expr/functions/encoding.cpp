// Base 64 and URL encoding.
#include <array>
#include <optional>

#include "hub/expr/builtins.hpp"
#include "hub/expr/failure.hpp"
#include "hub/expr/utf8.hpp"

namespace huiliu::expr {
namespace {

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
// What encodeURIComponent leaves as it is, besides letters and digits; and what encodeURI leaves in addition.
constexpr std::string_view component_marks = "-_.!~*'()";
constexpr std::string_view url_marks = ";/?:@&=+$,#";

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

unsigned byte_of(char c) { return static_cast<unsigned char>(c); }

// Each character is one byte of data, as JSONata has it; text with characters beyond U+00FF is encoded as
// UTF-8, so that nothing is lost.
std::string bytes_of(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t character = next_character(text, at);
    if (character > 0xFF) return std::string(text);
    bytes += static_cast<char>(static_cast<unsigned char>(character));
  }
  return bytes;
}

Item base64_encode(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined()) return {};
  const std::string bytes = bytes_of(arguments[0].as_string());
  std::string& out = evaluator.text_buffer();
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const unsigned group = byte_of(bytes[i]) << 16 | (left > 1 ? byte_of(bytes[i + 1]) << 8 : 0) |
                           (left > 2 ? byte_of(bytes[i + 2]) : 0);
    out += base64_digits[group >> 18];
    out += base64_digits[group >> 12 & 63];
    out += left > 1 ? base64_digits[group >> 6 & 63] : '=';
    out += left > 2 ? base64_digits[group & 63] : '=';
  }
  return evaluator.keep_text(out);
}

Item base64_decode(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined()) return {};
  std::string bytes;
  unsigned group = 0;
  int bits = 0;
  for (char c : arguments[0].as_string()) {
    if (c == '=') break;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
    const std::size_t digit = base64_digits.find(c);
    if (digit == std::string_view::npos) continue;  // blanks and the like
    group = group << 6 | static_cast<unsigned>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(static_cast<unsigned char>(group >> bits & 0xFF));
    }
  }
  bool is_beyond_ascii = false;
  for (const char c : bytes) is_beyond_ascii = is_beyond_ascii || byte_of(c) >= 0x80;
  if (!is_beyond_ascii || model::is_utf8(bytes)) return evaluator.keep_text(bytes);
  std::string& out = evaluator.text_buffer();
  for (const char c : bytes) append_character(out, byte_of(c));
  return evaluator.keep_text(out);
}

[[noreturn]] void fail_malformed(std::string_view function, std::string_view url) {
  fail("D3140", "$" + std::string(function) + "(): \"" + std::string(url) + "\"");
}

Item encoded(Evaluator& evaluator, const Item& source, std::string_view function,
             std::string_view more_marks) {
  if (source.is_undefined()) return source;
  constexpr std::string_view hex = "0123456789ABCDEF";
  const std::string_view text = source.as_string();
  for (std::size_t at = 0; at < text.size();) {
    if (is_surrogate(next_character(text, at))) fail_malformed(function, without_surrogates(text));
  }
  std::string& out = evaluator.text_buffer();
  for (const char c : text) {
    if (is_alphanumeric(c) || component_marks.find(c) != std::string_view::npos ||
        more_marks.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += hex[byte_of(c) >> 4];
      out += hex[byte_of(c) & 15];
    }
  }
  return evaluator.keep_text(out);
}

std::optional<unsigned> hexadecimal_byte(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  unsigned value = 0;
  for (const char c : text.substr(0, 2)) {
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9')
      value = value * 16 + static_cast<unsigned>(c - '0');
    else if (lower >= 'a' && lower <= 'f')
      value = value * 16 + static_cast<unsigned>(lower - 'a' + 10);
    else
      return std::nullopt;
  }
  return value;
}

// `kept`: escapes of these characters stay escapes.
Item decoded(Evaluator& evaluator, const Item& source, std::string_view function, std::string_view kept) {
  if (source.is_undefined()) return source;
  const std::string_view text = source.as_string();
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const std::optional<unsigned> byte = hexadecimal_byte(text.substr(at + 1));
    if (!byte) fail_malformed(function, text);
    const char c = static_cast<char>(static_cast<unsigned char>(*byte));
    if (kept.find(c) != std::string_view::npos)
      out += text.substr(at, 3);
    else
      out += c;
    at += 2;
  }
  if (!model::is_utf8(out)) fail_malformed(function, text);
  return evaluator.keep_text(out);
}

Item encode_url_component(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  return encoded(evaluator, arguments[0], "encodeUrlComponent", "");
}
Item encode_url(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  return encoded(evaluator, arguments[0], "encodeUrl", url_marks);
}
Item decode_url_component(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  return decoded(evaluator, arguments[0], "decodeUrlComponent", "");
}
Item decode_url(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  return decoded(evaluator, arguments[0], "decodeUrl", url_marks);
}

constexpr BuiltinEntry encoding_entries[] = {
    {"base64encode", "<s-:s>", 1, base64_encode},
    {"base64decode", "<s-:s>", 1, base64_decode},
    {"encodeUrlComponent", "<s-:s>", 1, encode_url_component},
    {"encodeUrl", "<s-:s>", 1, encode_url},
    {"decodeUrlComponent", "<s-:s>", 1, decode_url_component},
    {"decodeUrl", "<s-:s>", 1, decode_url},
};

}  // namespace

std::span<const BuiltinEntry> encoding_builtins() { return encoding_entries; }

}  // namespace huiliu::expr
