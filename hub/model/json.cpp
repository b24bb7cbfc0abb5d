// JSON text in and out. Boost.JSON tokenizes and checks; the handler below builds Values and keeps number
// texts.
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>

#include "hub/model/value.hpp"

namespace huiliu::model {
namespace {

namespace bj = boost::json;

class ValueBuilder {
 public:
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code&) { return open(Object{}); }
  bool on_object_end(std::size_t, bj::error_code&) { return close(); }
  bool on_array_begin(bj::error_code&) { return open(Array{}); }
  bool on_array_end(std::size_t, bj::error_code&) { return close(); }
  bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) { return part_of(key_, part); }
  bool on_key(bj::string_view part, std::size_t, bj::error_code& error) {
    part_of(key_, part);
    if (stack_.back()->as_object().contains(key_)) {
      has_duplicate_ = true;
      error = bj::error::syntax;
      return false;
    }
    return true;
  }
  bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) { return part_of(text_, part); }
  bool on_string(bj::string_view part, std::size_t, bj::error_code&) {
    part_of(text_, part);
    return put(std::exchange(text_, {}));
  }
  bool on_number_part(bj::string_view part, bj::error_code&) { return part_of(text_, part); }
  bool on_int64(std::int64_t, bj::string_view part, bj::error_code&) { return number(part); }
  bool on_uint64(std::uint64_t, bj::string_view part, bj::error_code&) { return number(part); }
  bool on_double(double, bj::string_view part, bj::error_code&) { return number(part); }
  bool on_bool(bool boolean, bj::error_code&) { return put(boolean); }
  bool on_null(bj::error_code&) { return put(nullptr); }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

  Value take() { return std::move(root_); }
  // The key that came twice in one object, when that ended the parse.
  const std::string* duplicate() const { return has_duplicate_ ? &key_ : nullptr; }

 private:
  static bool part_of(std::string& text, bj::string_view part) {
    text.append(part.data(), part.size());
    return true;
  }
  bool number(bj::string_view part) {
    part_of(text_, part);
    return put(Number{std::exchange(text_, {})});
  }
  Value* place(Value value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Value& parent = *stack_.back();
    if (Array* array = parent.if_array()) return &array->emplace_back(std::move(value));
    Object& object = parent.as_object();
    object.append(std::exchange(key_, {}), std::move(value));
    return &(object.end() - 1)->value;
  }
  bool put(Value value) {
    place(std::move(value));
    return true;
  }
  // A pointer on the stack stays good: only the innermost container grows.
  bool open(Value container) {
    stack_.push_back(place(std::move(container)));
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  Value root_;
  std::vector<Value*> stack_;
  std::string key_;
  std::string text_;
  bool has_duplicate_ = false;
};

void append_indent(std::string& out, std::size_t level) { out.append(level * 2, ' '); }

void append_pretty(std::string& out, const Value& value, std::size_t level) {
  if (const Array* array = value.if_array(); array != nullptr && !array->empty()) {
    out += "[\n";
    for (std::size_t i = 0; i < array->size(); ++i) {
      append_indent(out, level + 1);
      append_pretty(out, (*array)[i], level + 1);
      out += i + 1 < array->size() ? ",\n" : "\n";
    }
    append_indent(out, level);
    out += ']';
  } else if (const Object* object = value.if_object(); object != nullptr && !object->empty()) {
    out += "{\n";
    std::size_t left = object->size();
    for (const Member& member : *object) {
      append_indent(out, level + 1);
      append_json_string(out, member.key);
      out += ": ";
      append_pretty(out, member.value, level + 1);
      out += --left > 0 ? ",\n" : "\n";
    }
    append_indent(out, level);
    out += '}';
  } else {
    append_json(out, value);
  }
}

Value sorted(const Value& value) {
  if (const Array* array = value.if_array()) {
    Array copy;
    copy.reserve(array->size());
    for (const Value& item : *array) copy.push_back(sorted(item));
    return copy;
  }
  const Object* object = value.if_object();
  if (object == nullptr) return value;
  std::vector<const Member*> members;
  for (const Member& member : *object) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](const Member* a, const Member* b) { return a->key < b->key; });
  Object copy;
  for (const Member* member : members) copy.append(member->key, sorted(member->value));
  return copy;
}

std::string describe(const bj::error_code& code, const ValueBuilder& builder) {
  if (const std::string* key = builder.duplicate()) return "duplicate key \"" + *key + "\"";
  if (code == bj::error::incomplete) return "ends too early";
  if (code == bj::error::too_deep) return "nested too deeply";
  return code.message();
}

}  // namespace

Result<Value> parse_json(std::string_view text, const ParseLimits& limits) {
  if (text.size() > limits.bytes)
    return make_error(ErrorClass::data, "JSON text of " + std::to_string(text.size()) +
                                            " bytes exceeds the limit of " + std::to_string(limits.bytes));
  bj::parse_options options;
  options.max_depth = limits.depth;
  bj::basic_parser<ValueBuilder> parser(options);
  bj::error_code code;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), code);
  if (!code && used < text.size()) code = bj::error::extra_data;
  if (code)
    return make_error(ErrorClass::data,
                      "not JSON: " + describe(code, parser.handler()) + " at byte " + std::to_string(used));
  return parser.handler().take();
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  std::size_t clean = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(clean, i - clean));
    clean = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
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
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        out += "\\u00";
        out += hex[c >> 4U];
        out += hex[c & 15U];
    }
  }
  out.append(text.substr(clean));
  out += '"';
}

void append_json(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      out += "null";
      break;
    case Value::Kind::boolean:
      out += value.as_bool() ? "true" : "false";
      break;
    case Value::Kind::number:
      out += value.as_number().text;
      break;
    case Value::Kind::string:
      append_json_string(out, value.as_string());
      break;
    case Value::Kind::array: {
      char separator = '[';
      for (const Value& item : value.as_array()) {
        out += separator;
        append_json(out, item);
        separator = ',';
      }
      if (separator == '[') out += '[';
      out += ']';
      break;
    }
    case Value::Kind::object: {
      char separator = '{';
      for (const Member& member : value.as_object()) {
        out += separator;
        append_json_string(out, member.key);
        out += ':';
        append_json(out, member.value);
        separator = ',';
      }
      if (separator == '{') out += '{';
      out += '}';
      break;
    }
  }
}

std::string to_json(const Value& value) {
  std::string out;
  append_json(out, value);
  return out;
}

std::string to_canonical_json(const Value& value) { return to_json(sorted(value)); }

std::string to_pretty_json(const Value& value) {
  std::string out;
  append_pretty(out, value, 0);
  return out;
}

bool is_utf8(std::string_view text) noexcept {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  const auto* end = p + text.size();
  const auto tail = [&](int count) {
    for (int i = 1; i <= count; ++i)
      if (p + i >= end || (p[i] & 0xC0U) != 0x80) return false;
    return true;
  };
  while (p < end) {
    if (*p < 0x80) {
      ++p;
    } else if (*p >= 0xC2 && *p <= 0xDF && tail(1)) {
      p += 2;
    } else if (*p >= 0xE0 && *p <= 0xEF && tail(2)) {
      if ((*p == 0xE0 && p[1] < 0xA0) || (*p == 0xED && p[1] > 0x9F)) return false;
      p += 3;
    } else if (*p >= 0xF0 && *p <= 0xF4 && tail(3)) {
      if ((*p == 0xF0 && p[1] < 0x90) || (*p == 0xF4 && p[1] > 0x8F)) return false;
      p += 4;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace huiliu::model
