#include "plugins/wecom/src/settings.hpp"

#include <huiliu/plugin.hpp>

#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"

namespace wecom {
namespace {

constexpr std::string_view kVendor = "https://qyapi.weixin.qq.com";
constexpr std::string_view kPrefix = "/cgi-bin";
constexpr std::size_t kTagNameMax = 30;

std::string api_root(std::string url) {
  if (url.empty()) url = kVendor;
  while (url.ends_with('/')) url.pop_back();
  return url.ends_with(kPrefix) ? url : url.append(kPrefix);
}

}  // namespace

Settings parse_settings(std::string_view text) {
  const std::optional<json::value> parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) throw huiliu::ConfigError("the settings are no JSON object");
  Settings settings;
  settings.base_url = api_root(text_at(*parsed, "base_url"));
  settings.corp_id = text_at(*parsed, "corp_id");
  const std::string agent = text_at(*parsed, "agent_id");
  settings.agent_id = number_at(*parsed, "agent_id");
  if (!agent.empty() && settings.agent_id <= 0)
    throw huiliu::ConfigError("agent_id 应为应用的数字编号 / agent_id is the app's number", {}, "/agent_id");
  settings.tag_group = text_at(*parsed, "tag_group");
  if (characters(settings.tag_group) > kTagNameMax)
    throw huiliu::ConfigError("标签组名称最多30个字符 / a tag group's name has at most 30 characters", {},
                              "/tag_group");
  settings.receive_ids = texts_of(member(*parsed, "receive_ids"));
  if (settings.receive_ids.empty()) settings.receive_ids.push_back(settings.corp_id);
  settings.callback_window_s = number_at(*parsed, "callback_window_seconds", settings.callback_window_s);
  return settings;
}

}  // namespace wecom
