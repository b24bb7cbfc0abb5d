#include "hub/config/alerts.hpp"

#include <algorithm>
#include <string_view>

#include "hub/config/parts.hpp"
#include "hub/config/people.hpp"
#include "hub/config/yaml.hpp"

namespace huiliu::config {
namespace {

using model::Result;
using model::Value;

constexpr std::string_view alert_kinds[] = {"paused",       "failed", "stalled", "brake",
                                            "dead_letters", "lag",    "store"};

// A secret stands here as a reference only.
Result<std::string> reference(const Value& node, const std::string& pointer) {
  const std::string text = node.to_text();
  if (text.empty() || ((text.starts_with("${env:") || text.starts_with("${file:")) && text.ends_with('}')))
    return text;
  return error_at(pointer, "a secret is written as ${env:NAME} or ${file:PATH}");
}

Result<std::vector<std::string>> words(const Value& node, const std::string& pointer) {
  const model::Array* list = node.if_array();
  if (list == nullptr || list->empty()) return error_at(pointer, "a list is wanted");
  std::vector<std::string> found;
  for (const Value& word : *list) found.push_back(word.to_text());
  return found;
}

Result<MailSettings> read_mail(const Value& node, const std::string& pointer) {
  HUILIU_TRY(check_keys(node, pointer, {"server", "from", "to", "user", "password"}));
  MailSettings mail;
  mail.server = node["server"].to_text();
  if (!mail.server.starts_with("smtp://") && !mail.server.starts_with("smtps://"))
    return error_at(pointer + "/server", "smtp://HOST:PORT or smtps://HOST:PORT is wanted");
  mail.from = node["from"].to_text();
  HUILIU_ASSIGN(mail.to, words(node["to"], pointer + "/to"));
  for (const std::string& address : mail.to)
    if (address.find('@') == std::string::npos || address.find_first_of("\r\n<> ") != std::string::npos)
      return error_at(pointer + "/to", "no address: \"" + address + "\"");
  if (mail.from.find('@') == std::string::npos || mail.from.find_first_of("\r\n<> ") != std::string::npos)
    return error_at(pointer + "/from", "no address: \"" + mail.from + "\"");
  mail.user = node["user"].to_text();
  HUILIU_ASSIGN(mail.password, reference(node["password"], pointer + "/password"));
  return mail;
}

Result<AlertHook> read_hook(const Value& node, const std::string& pointer) {
  HUILIU_TRY(check_keys(node, pointer, {"url", "secret"}));
  AlertHook hook;
  hook.url = node["url"].to_text();
  if (!hook.url.starts_with("https://") && !hook.url.starts_with("http://"))
    return error_at(pointer + "/url", "an http or https address is wanted");
  HUILIU_ASSIGN(hook.secret, reference(node["secret"], pointer + "/secret"));
  return hook;
}

Result<model::Micros> duration(const Value& node, const std::string& pointer) {
  HUILIU_ASSIGN(const std::int64_t seconds, seconds_from(node, pointer));
  return seconds * model::second;
}

}  // namespace

bool is_alert_kind(const std::string& kind) {
  return std::find(std::begin(alert_kinds), std::end(alert_kinds), kind) != std::end(alert_kinds);
}

std::string alert_kind_names() {
  std::string names;
  for (const std::string_view kind : alert_kinds) names += (names.empty() ? "" : " ") + std::string(kind);
  return names;
}

Result<AlertSettings> read_alerts(const Value& node, const std::string& pointer) {
  HUILIU_TRY(check_keys(
      node, pointer,
      {"mail", "webhook", "people", "streams", "group", "repeat", "quiet", "time_zone", "urgent", "lag"}));
  AlertSettings alerts;
  if (const Value* mail = node.find("mail")) {
    HUILIU_ASSIGN(alerts.mail, read_mail(*mail, pointer + "/mail"));
  }
  if (const Value* hook = node.find("webhook")) {
    HUILIU_ASSIGN(alerts.webhook, read_hook(*hook, pointer + "/webhook"));
  }
  if (const Value* people = node.find("people")) {
    HUILIU_ASSIGN(const auto roles, words(*people, pointer + "/people"));
    for (const std::string& role : roles) {
      if (!is_people_role(role))
        return error_at(pointer + "/people",
                        "no role is called \"" + role + "\"; known: " + people_role_names());
      alerts.people.insert(role);
    }
  }
  if (const Value* streams = node.find("streams")) {
    HUILIU_ASSIGN(const auto names, words(*streams, pointer + "/streams"));
    for (const std::string& name : names) {
      const std::size_t slash = name.find('/');
      if (slash == std::string::npos || slash == 0 || slash + 1 == name.size())
        return error_at(pointer + "/streams", "CONNECTION/STREAM is wanted, not \"" + name + "\"");
      alerts.streams.push_back({name.substr(0, slash), name.substr(slash + 1)});
    }
  }
  if (const Value* urgent = node.find("urgent")) {
    alerts.urgent.clear();
    HUILIU_ASSIGN(const auto kinds, words(*urgent, pointer + "/urgent"));
    for (const std::string& kind : kinds) {
      if (!is_alert_kind(kind))
        return error_at(pointer + "/urgent", "alerts are " + alert_kind_names() + "; not \"" + kind + "\"");
      alerts.urgent.insert(kind);
    }
  }
  if (const Value* group = node.find("group")) {
    HUILIU_ASSIGN(alerts.group, duration(*group, pointer + "/group"));
  }
  if (const Value* repeat = node.find("repeat")) {
    HUILIU_ASSIGN(alerts.repeat, duration(*repeat, pointer + "/repeat"));
  }
  if (const Value* lag = node.find("lag")) {
    HUILIU_ASSIGN(alerts.lag, duration(*lag, pointer + "/lag"));
  }
  if (const Value* quiet = node.find("quiet")) {
    HUILIU_TRY(check_keys(*quiet, pointer + "/quiet", {"from", "to"}));
    HUILIU_ASSIGN(alerts.quiet_from, minute_of_day((*quiet)["from"], pointer + "/quiet/from"));
    HUILIU_ASSIGN(alerts.quiet_to, minute_of_day((*quiet)["to"], pointer + "/quiet/to"));
  }
  if (const Value* zone = node.find("time_zone")) alerts.time_zone = zone->to_text();
  return alerts;
}

}  // namespace huiliu::config
