#include "hub/expr/item_text.hpp"

#include <cmath>
#include <string_view>

#include "hub/expr/failure.hpp"
#include "hub/expr/number_text.hpp"
#include "hub/expr/object.hpp"
#include "hub/expr/utf8.hpp"

namespace huiliu::expr {
namespace {

// Values of documents are far flatter; deeper ones come from runaway recursion.
constexpr std::size_t deepest_text = 1000;

void check_text_nesting(std::size_t depth) {
  if (depth > deepest_text) fail_with("U1001", "a value is nested too deeply");
}

void append_unicode_escape(std::string& out, char32_t unit) {
  constexpr char hex[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += hex[(unit >> shift) & 0xF];
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          append_unicode_escape(out, static_cast<unsigned char>(c));
        } else if (static_cast<unsigned char>(c) == 0xED) {
          const std::size_t start = at;
          const char32_t character = next_character(text, at);
          if (is_surrogate(character))
            append_unicode_escape(out, character);
          else
            out.append(text.substr(start, at - start));
          continue;
        } else {
          out += c;
        }
    }
    ++at;
  }
  out += '"';
}

class TextWriter {
 public:
  TextWriter(std::string& out, bool pretty) : out_(out), pretty_(pretty) {}

  void write(const Item& item, std::size_t depth) {
    switch (item.tag) {
      case Tag::boolean:
        out_ += item.boolean ? "true" : "false";
        break;
      case Tag::number:
      case Tag::number_text:
        write_number(item.as_number());
        break;
      case Tag::string:
        append_quoted(out_, item.as_string());
        break;
      case Tag::function:
        out_ += "\"\"";
        break;
      case Tag::array:
      case Tag::doc_array:
      case Tag::range:
        write_array(item, depth);
        break;
      case Tag::object:
      case Tag::doc_object:
        write_object(item, depth);
        break;
      default:
        out_ += "null";
    }
  }

 private:
  void write_number(double number) {
    if (std::isinf(number)) fail("D1001", number > 0 ? "Infinity" : "-Infinity");
    if (std::isnan(number))
      out_ += "null";
    else
      append_number_15(out_, number);
  }
  void new_line(std::size_t depth) {
    if (pretty_) out_.append("\n").append(depth * 2, ' ');
  }
  void write_array(const Item& item, std::size_t depth) {
    check_text_nesting(depth);
    out_ += '[';
    for (std::uint32_t i = 0; i < item.size; ++i) {
      if (i > 0) out_ += ',';
      new_line(depth + 1);
      write(item.element(i), depth + 1);
    }
    if (item.size > 0) new_line(depth);
    out_ += ']';
  }
  void write_object(const Item& item, std::size_t depth) {
    check_text_nesting(depth);
    out_ += '{';
    bool is_first = true;
    const Members members(item);
    for (std::uint32_t i = 0; i < members.size(); ++i) {
      const Item value = members.value(i);
      if (value.is_undefined()) continue;
      if (!std::exchange(is_first, false)) out_ += ',';
      new_line(depth + 1);
      append_quoted(out_, members.key(i));
      out_ += pretty_ ? ": " : ":";
      write(value, depth + 1);
    }
    if (!is_first) new_line(depth);
    out_ += '}';
  }

  std::string& out_;
  bool pretty_;
};

// Only literals with an unpaired surrogate hold ED A0..BF.
bool has_surrogates(std::string_view text) {
  for (std::size_t at = text.find('\xED'); at != std::string_view::npos; at = text.find('\xED', at + 1)) {
    if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xA0) return true;
  }
  return false;
}

std::string text_for_model(std::string_view text) {
  return has_surrogates(text) ? without_surrogates(text) : std::string(text);
}

void append_text_json(std::string& out, std::string_view text) {
  if (has_surrogates(text))
    model::append_json_string(out, without_surrogates(text));
  else
    model::append_json_string(out, text);
}

model::Value to_value(const Item& item, std::size_t depth) {
  check_text_nesting(depth);
  switch (item.tag) {
    case Tag::boolean:
      return item.boolean;
    case Tag::number:
      return std::isfinite(item.number) ? model::Value(item.number) : model::Value();
    case Tag::number_text:
      return *item.number_text;
    case Tag::string:
      return text_for_model(item.as_string());
    case Tag::doc_array:
    case Tag::array:
    case Tag::range: {
      if (item.tag == Tag::doc_array) return *item.doc_array;
      model::Array array;
      array.reserve(item.size);
      for (std::uint32_t i = 0; i < item.size; ++i) array.push_back(to_value(item.element(i), depth + 1));
      return array;
    }
    case Tag::doc_object:
      return *item.doc_object;
    case Tag::object: {
      model::Object object;
      const Members members(item);
      for (std::uint32_t i = 0; i < members.size(); ++i) {
        const Item value = members.value(i);
        if (value.is_undefined() || value.is_function()) continue;
        object.append(text_for_model(members.key(i)), to_value(value, depth + 1));
      }
      return object;
    }
    default:
      return nullptr;
  }
}

void append_json_of(std::string& out, const Item& item, std::size_t depth) {
  check_text_nesting(depth);
  switch (item.tag) {
    case Tag::boolean:
      out += item.boolean ? "true" : "false";
      break;
    case Tag::number:
      if (std::isfinite(item.number))
        append_number(out, item.number);
      else
        out += "null";
      break;
    case Tag::number_text:
      out += item.number_text->text;
      break;
    case Tag::string:
      append_text_json(out, item.as_string());
      break;
    case Tag::array:
    case Tag::doc_array:
    case Tag::range:
      out += '[';
      for (std::uint32_t i = 0; i < item.size; ++i) {
        if (i > 0) out += ',';
        append_json_of(out, item.element(i), depth + 1);
      }
      out += ']';
      break;
    case Tag::object:
    case Tag::doc_object: {
      out += '{';
      bool is_first = true;
      const Members members(item);
      for (std::uint32_t i = 0; i < members.size(); ++i) {
        const Item value = members.value(i);
        if (value.is_undefined() || value.is_function()) continue;
        if (!std::exchange(is_first, false)) out += ',';
        append_text_json(out, members.key(i));
        out += ':';
        append_json_of(out, value, depth + 1);
      }
      out += '}';
      break;
    }
    default:
      out += "null";
  }
}

}  // namespace

bool append_result_json(std::string& out, const Item& item) {
  if (item.is_undefined() || item.is_function() || item.tag == Tag::unbound) return false;
  append_json_of(out, item, 0);
  return true;
}

void append_string_of(std::string& out, const Item& item, bool pretty) {
  if (item.is_undefined() || item.is_function()) return;
  if (item.is_string()) {
    out += item.as_string();
  } else if (item.is_number()) {
    const double number = item.as_number();
    if (!std::isfinite(number)) fail("D3001");
    append_number_15(out, number);
  } else {
    TextWriter(out, pretty).write(item, 0);
  }
}

std::optional<model::Value> to_model(const Item& item) {
  if (item.is_undefined() || item.is_function() || item.tag == Tag::unbound) return std::nullopt;
  return to_value(item, 0);
}

}  // namespace huiliu::expr
