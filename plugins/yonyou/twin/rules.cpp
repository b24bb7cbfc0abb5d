#include "plugins/yonyou/twin/rules.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "sdk/twin/record_store.hpp"

namespace yonyou_twin {
namespace {

namespace json = boost::json;
using huiliu::twin::TwinError;

struct Flag {
  std::string_view name;
  bool Rules::*place;
};
struct Count {
  std::string_view name;
  std::int64_t Rules::*place;
};
struct Choice {
  std::string_view name;
  std::string Rules::*place;
  std::vector<std::string_view> words;
};

constexpr Flag flags[] = {{"text_token_error", &Rules::text_token_error},
                          {"new_token_each_time", &Rules::new_token_each_time},
                          {"shuffled_lists", &Rules::shuffled_lists},
                          {"child_moves_pubts", &Rules::child_moves_pubts},
                          {"allocation_moves_pubts", &Rules::allocation_moves_pubts},
                          {"approval", &Rules::approval},
                          {"auto_code", &Rules::auto_code},
                          {"unique_names", &Rules::unique_names},
                          {"empty_text_clears", &Rules::empty_text_clears},
                          {"missing_fails_batch", &Rules::missing_fails_batch},
                          {"events_twice", &Rules::events_twice},
                          {"events_disordered", &Rules::events_disordered},
                          {"events_wrapped", &Rules::events_wrapped},
                          {"events_old_signature", &Rules::events_old_signature}};
constexpr Count counts[] = {{"slow_page", &Rules::slow_page},
                            {"commit_then_timeout", &Rules::commit_then_timeout},
                            {"still_running", &Rules::still_running},
                            {"service_failures", &Rules::service_failures},
                            {"token_life_seconds", &Rules::token_life_seconds},
                            {"clock_window_ms", &Rules::clock_window_ms},
                            {"calls_per_minute", &Rules::calls_per_minute},
                            {"order_calls_per_minute", &Rules::order_calls_per_minute},
                            {"finance_calls_per_minute", &Rules::finance_calls_per_minute},
                            {"token_calls_per_minute", &Rules::token_calls_per_minute}};

const std::vector<Choice>& choices() {
  static const std::vector<Choice> all{
      {"code_style", &Rules::code_style, {"text", "number", "quoted", "blank"}},
      {"totals", &Rules::totals, {"text", "number", "empty"}},
      {"event_reply", &Rules::event_reply, {"plain", "encrypted", "any"}}};
  return all;
}

bool set_one(Rules& rules, std::string_view name, const json::value& value) {
  for (const Flag& flag : flags)
    if (flag.name == name && value.is_bool()) return rules.*flag.place = value.get_bool(), true;
  for (const Count& count : counts)
    if (count.name == name && value.is_int64() && value.get_int64() >= 0)
      return rules.*count.place = value.get_int64(), true;
  for (const Choice& choice : choices())
    if (choice.name == name && value.is_string() &&
        std::find(choice.words.begin(), choice.words.end(), std::string_view(value.get_string())) !=
            choice.words.end())
      return rules.*choice.place = std::string(value.get_string()), true;
  if (name == "not_granted" && value.is_array()) {
    rules.not_granted.clear();
    for (const json::value& path : value.get_array())
      if (path.is_string()) rules.not_granted.emplace(path.get_string());
    return true;
  }
  if (name == "event_delays_ms" && value.is_array()) {
    rules.event_delays_ms.clear();
    for (const json::value& delay : value.get_array())
      if (delay.is_int64()) rules.event_delays_ms.push_back(delay.get_int64());
    return true;
  }
  return false;
}

}  // namespace

void Rules::configure(const json::object& wanted) {
  Rules next = *this;
  for (const auto& member : wanted)
    if (!set_one(next, member.key(), member.value()))
      throw TwinError(400, "no_rule", "no rule " + std::string(member.key()) + " of that value");
  *this = std::move(next);
}

json::object Rules::to_json() const {
  json::object all;
  for (const Flag& flag : flags) all[flag.name] = this->*flag.place;
  for (const Count& count : counts) all[count.name] = this->*count.place;
  for (const Choice& choice : choices()) all[choice.name] = this->*choice.place;
  all["not_granted"] = json::array(not_granted.begin(), not_granted.end());
  all["event_delays_ms"] = json::array(event_delays_ms.begin(), event_delays_ms.end());
  return all;
}

}  // namespace yonyou_twin
