#include "plugins/dingtalk/src/cursor.hpp"

#include <algorithm>
#include <huiliu/plugin.hpp>

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

constexpr std::int64_t kVersion = 1;

std::int64_t number_at(const json::value& from, std::string_view name) {
  const json::value* found = field(from, name);
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

}  // namespace

Cursor Cursor::finished(std::int64_t overlap_s) const {
  Cursor next;
  next.phase = Phase::changes;
  next.seen_s = seen_s;
  next.from_s = std::max<std::int64_t>(0, started_s - overlap_s);
  if (seen_s > 0) next.from_s = std::min(next.from_s, seen_s);
  return next;
}

std::string Cursor::encode() const {
  return json::serialize(json::object{{"v", kVersion},
                                      {"phase", phase == Phase::walk ? "walk" : "changes"},
                                      {"type", object_type},
                                      {"token", token},
                                      {"started", started_s},
                                      {"from", from_s},
                                      {"seen", seen_s}});
}

Cursor Cursor::decode(std::string_view text) {
  if (text.empty()) return {};
  const std::optional<json::value> parsed = parse_json(text);
  const std::string phase = parsed ? text_at(*parsed, "phase") : std::string();
  if (!parsed || number_at(*parsed, "v") != kVersion || (phase != "walk" && phase != "changes"))
    throw huiliu::ResyncNeeded("the cursor is not one of this connector's version");
  Cursor cursor;
  cursor.phase = phase == "walk" ? Phase::walk : Phase::changes;
  cursor.object_type = text_at(*parsed, "type");
  cursor.token = text_at(*parsed, "token");
  cursor.started_s = number_at(*parsed, "started");
  cursor.from_s = number_at(*parsed, "from");
  cursor.seen_s = number_at(*parsed, "seen");
  return cursor;
}

}  // namespace dingtalk
