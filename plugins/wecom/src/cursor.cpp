#include "plugins/wecom/src/cursor.hpp"

#include <huiliu/plugin.hpp>

#include "plugins/wecom/src/json_read.hpp"

namespace wecom {
namespace {
constexpr std::int64_t kVersion = 1;
}

std::string Cursor::encode() const {
  return json::serialize(
      json::object{{"v", kVersion}, {"phase", done ? "done" : "walk"}, {"after", done ? "" : after}});
}

Cursor Cursor::decode(std::string_view text) {
  if (text.empty()) return {};
  const std::optional<json::value> parsed = parse_json(text);
  const std::string phase = parsed ? text_at(*parsed, "phase") : std::string();
  if (!parsed || number_at(*parsed, "v") != kVersion || (phase != "walk" && phase != "done"))
    throw huiliu::ResyncNeeded("the cursor is not one of this connector's version");
  Cursor cursor;
  if (phase == "walk") cursor.after = text_at(*parsed, "after");
  return cursor;
}

}  // namespace wecom
