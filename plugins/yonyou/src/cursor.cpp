#include "plugins/yonyou/src/cursor.hpp"

#include "plugins/yonyou/src/json_read.hpp"

namespace yonyou {
namespace {

constexpr std::int64_t cursor_version = 1;

std::optional<std::int64_t> whole_number(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
  return value->get_int64();
}

}  // namespace

std::string Cursor::text() const {
  return json::serialize(json::object{{"v", cursor_version},
                                      {"phase", phase == Phase::full ? "full" : "changes"},
                                      {"from", from},
                                      {"next", next},
                                      {"after", after}});
}

std::optional<Cursor> Cursor::parse(std::string_view text) {
  json::error_code error;
  const json::value parsed = json::parse(text, error);
  if (error || !parsed.is_object()) return std::nullopt;
  const json::object& object = parsed.get_object();
  const auto version = whole_number(object, "v"), from = whole_number(object, "from"),
             next = whole_number(object, "next");
  const std::string phase = text_at(object, "phase");
  const json::value* after = object.if_contains("after");
  if (version != cursor_version || !from || !next || after == nullptr || !after->is_string())
    return std::nullopt;
  if (phase != "full" && phase != "changes") return std::nullopt;
  return Cursor{phase == "full" ? Phase::full : Phase::changes, *from, *next, scalar_text(*after)};
}

}  // namespace yonyou
