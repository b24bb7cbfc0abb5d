#include "plugins/kingdee/src/cursor.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace kingdee {
namespace {

constexpr int cursor_version = 1;

std::optional<std::int64_t> whole_number(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
  return value->get_int64();
}

}  // namespace

std::string Cursor::text() const {
  return boost::json::serialize(boost::json::object{{"v", cursor_version},
                                                    {"phase", phase == Phase::full ? "full" : "changes"},
                                                    {"from", from},
                                                    {"next", next},
                                                    {"after", after}});
}

std::optional<Cursor> Cursor::parse(std::string_view text) {
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse(text, error);
  if (error || !parsed.is_object()) return std::nullopt;
  const boost::json::object& object = parsed.get_object();
  const auto version = whole_number(object, "v"), from = whole_number(object, "from"),
             next = whole_number(object, "next"), after = whole_number(object, "after");
  const boost::json::value* phase = object.if_contains("phase");
  if (version != cursor_version || !from || !next || !after || phase == nullptr) return std::nullopt;
  if (*phase != "full" && *phase != "changes") return std::nullopt;
  return Cursor{*phase == "full" ? Phase::full : Phase::changes, *from, *next, *after};
}

}  // namespace kingdee
