// What may differ from site to site, or go wrong, and other things that a person can do at the control
// surface.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <iterator>
#include <type_traits>

#include "plugins/kingdee/twin/kingdee_twin.hpp"

namespace kingdee_twin {
namespace {

namespace json = boost::json;
using huiliu::twin::HttpRequest;
using huiliu::twin::HttpResponse;
using huiliu::twin::TwinError;

constexpr std::string_view number_rules[] = {"manual_allowed", "manual_refused",
                                             "renumbered"};  // as the enum has them

json::object object_of(const HttpRequest& request) {
  boost::system::error_code error;
  json::value body = json::parse(request.body.empty() ? "{}" : request.body, error);
  if (error || !body.is_object()) throw TwinError(400, "bad_json", "the body is not a JSON object");
  return std::move(body.get_object());
}

}  // namespace

std::optional<HttpResponse> KingdeeTwin::control(const HttpRequest& request) {
  const auto done = [](const json::object& body) {
    return huiliu::twin::json_response(json::serialize(body));
  };
  if (request.method == "GET" && request.path == "/approval") {
    json::array names;
    for (const std::string& name : product_.leftovers()) names.emplace_back(name);
    return done({{"unapproved_leftovers", names.size()},
                 {"records", names},
                 {"creates_approved_by_api", product_.approved_creates()}});
  }
  if (request.path == "/rules" || request.path == "/switches") {
    if (request.method == "POST") switch_all(object_of(request));
    return done(switches());
  }
  if (request.path == "/lock" && request.method == "POST") {
    const json::object body = object_of(request);
    product_.lock(form_for(text_of(body, "stream")), id_of(body, "key"),
                  static_cast<int>(std::max<std::int64_t>(id_of(body, "times"), 1)));
    return done({});
  }
  return std::nullopt;
}

std::vector<KingdeeTwin::Switch> KingdeeTwin::switch_table() {
  SiteRules& rules = product_.rules();
  Sessions::Rules& sessions = sessions_.rules();
  return {{"unique_names", &rules.unique_names},
          {"firewall", &rules.firewall},
          {"audit_moves_modify_date", &rules.audit_moves_modify_date},
          {"forget_msg_code", &rules.forget_msg_code},
          {"audit_failures", &rules.audit_failures},
          {"submit_failures", &rules.submit_failures},
          {"groups_need_ids", &rules.groups_need_ids},
          {"denied_forms", &rules.denied_forms},
          {"calls_per_minute", &calls_per_minute_},
          {"check_gateway", &sessions.check_gateway},
          {"idle_ms", &sessions.idle_ms},
          {"clock_window_ms", &sessions.clock_window_ms},
          {"fresh_session_refusals", &sessions.fresh_session_refusals},
          {"locked_user", &sessions.locked},
          {"user_allowed", &sessions.user_allowed}};
}

json::object KingdeeTwin::switches() {
  json::object all{{"numbers", number_rules[static_cast<std::size_t>(product_.rules().numbers)]},
                   {"limit", limits_.ceiling}};
  for (const Switch& one : switch_table())
    std::visit(
        [&](const auto* place) {
          if constexpr (std::is_same_v<std::decay_t<decltype(*place)>, std::set<std::string, std::less<>>>)
            all[one.name] = json::array(place->begin(), place->end());
          else
            all[one.name] = *place;
        },
        one.place);
  return all;
}

void KingdeeTwin::switch_all(const json::object& wanted) {
  for (const auto& member : wanted) {
    const std::string_view name = member.key();
    const json::value& value = member.value();
    bool known = false;
    if (name == "numbers" && value.is_string()) {
      const auto found = std::find(std::begin(number_rules), std::end(number_rules), value.get_string());
      known = found != std::end(number_rules);
      if (known) product_.rules().numbers = static_cast<SiteRules::Numbers>(found - std::begin(number_rules));
    } else if (name == "limit" && value.is_int64()) {
      known = true;
      limits_ = {value.get_int64(), std::min<std::int64_t>(value.get_int64(), 2'000)};
    }
    for (const Switch& one : switch_table()) {
      if (one.name != name) continue;
      if (bool* const* flag = std::get_if<bool*>(&one.place); flag != nullptr && value.is_bool())
        **flag = value.get_bool(), known = true;
      else if (int* const* few = std::get_if<int*>(&one.place); few != nullptr && value.is_int64())
        **few = static_cast<int>(value.get_int64()), known = true;
      else if (auto* const* many = std::get_if<std::int64_t*>(&one.place);
               many != nullptr && value.is_int64())
        **many = value.get_int64(), known = true;
      else if (auto* const* names = std::get_if<std::set<std::string, std::less<>>*>(&one.place);
               names != nullptr && value.is_array()) {
        (*names)->clear();
        for (const json::value& text : value.get_array())
          if (text.is_string()) (*names)->emplace(text.get_string());
        known = true;
      }
    }
    if (!known) throw TwinError(400, "no_rule", "no rule " + std::string(name) + " of that value");
  }
}

}  // namespace kingdee_twin
