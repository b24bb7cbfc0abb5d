#include "hub/config/parts.hpp"

#include <string_view>

#include "hub/sync/brake.hpp"

namespace huiliu::config {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

namespace {

Result<sync::BrakeLimit> read_limit(const Value& node, const std::string& pointer) {
  sync::BrakeLimit limit;
  const bool* on = node.if_bool();
  if (node.to_text() == "off" || (on != nullptr && !*on)) {
    limit.off = true;
    return limit;
  }
  if (!node.is_object())
    return make_error(ErrorClass::config, "a limit is {records: 50, share: 0.05} or off", pointer);
  HUILIU_TRY(check_keys(node, pointer, {"records", "share"}));
  const model::Number* records = node["records"].if_number();
  const model::Number* share = node["share"].if_number();
  if (records == nullptr && share == nullptr)
    return make_error(ErrorClass::config, "a limit is {records: 50, share: 0.05} or off", pointer);
  limit.records = records == nullptr ? 0 : records->to_int64().value_or(-1);
  limit.share = share == nullptr ? 0 : share->to_double();
  if (limit.records < 0 || !(limit.share >= 0 && limit.share <= 1))
    return make_error(ErrorClass::config, "records is a whole number, share is between 0 and 1", pointer);
  return limit;
}

Status read_oscillation(const Value& node, const std::string& pointer, sync::BrakeLimits& limits) {
  const bool* on = node.if_bool();
  if (node.to_text() == "off" || (on != nullptr && !*on)) {
    limits.oscillation_writes = 0;
    return {};
  }
  HUILIU_TRY(check_keys(node, pointer, {"writes", "within"}));
  if (const Value* writes = node.find("writes")) {
    const model::Number* number = writes->if_number();
    limits.oscillation_writes = number == nullptr ? 0 : number->to_int64().value_or(0);
    if (limits.oscillation_writes < 2)
      return make_error(ErrorClass::config, "writes is a whole number from 2", pointer + "/writes");
  }
  if (const Value* within = node.find("within")) {
    HUILIU_ASSIGN(const std::int64_t seconds, seconds_from(*within, pointer + "/within"));
    limits.oscillation_within = seconds * model::second;
  }
  return {};
}

Status read_drip(const Value& node, const std::string& pointer, sync::BrakeLimits& limits) {
  const bool* on = node.if_bool();
  if (node.to_text() == "off" || (on != nullptr && !*on)) {
    limits.drip_factor = 0;
    return {};
  }
  HUILIU_TRY(check_keys(node, pointer, {"factor", "within"}));
  if (const Value* factor = node.find("factor")) {
    const model::Number* number = factor->if_number();
    limits.drip_factor = number == nullptr ? 0 : number->to_int64().value_or(0);
    if (limits.drip_factor < 1)
      return make_error(ErrorClass::config, "factor is a whole number from 1", pointer + "/factor");
  }
  if (const Value* within = node.find("within")) {
    HUILIU_ASSIGN(const std::int64_t seconds, seconds_from(*within, pointer + "/within"));
    limits.drip_within = seconds * model::second;
  }
  return {};
}

}  // namespace

Result<std::int64_t> seconds_from(const Value& node, const std::string& pointer) {
  const std::string text = node.to_text();
  std::int64_t number = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
    number = number * 10 + (text[digits++] - '0');
  const std::string unit = text.substr(digits);
  const std::int64_t scale = unit.empty() || unit == "s" ? 1
                             : unit == "m"               ? 60
                             : unit == "h"               ? 3600
                             : unit == "d"               ? 86400
                                                         : 0;
  if (digits == 0 || digits > 9 || scale == 0 || number == 0)
    return make_error(ErrorClass::config, "a duration such as 30s, 10m, 2h is wanted, not \"" + text + "\"",
                      pointer);
  return number * scale;
}

Result<int> minute_of_day(const Value& node, const std::string& pointer) {
  const std::string text = node.to_text();
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() == 5 && text[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4)) {
    const int hours = (text[0] - '0') * 10 + (text[1] - '0');
    const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
    if (hours < 24 && minutes < 60) return hours * 60 + minutes;
  }
  return error_at(pointer, "a time of day such as \"09:30\" is wanted, not \"" + text + "\"");
}

Result<sync::BrakeLimits> read_brakes(const Value& node, const std::string& pointer) {
  sync::BrakeLimits limits;
  const model::Object* members = node.if_object();
  if (members == nullptr)
    return make_error(ErrorClass::config, "brakes are an object: {rule: limit}", pointer);
  std::string known = "oscillation, drip";
  for (const sync::BrakeRule rule : sync::brake_rules()) known += std::string(", ") + sync::to_string(rule);
  for (const model::Member& member : *members) {
    const std::string here = pointer + "/" + member.key;
    if (member.key == "oscillation") {
      HUILIU_TRY(read_oscillation(member.value, here, limits));
      continue;
    }
    if (member.key == "drip") {
      HUILIU_TRY(read_drip(member.value, here, limits));
      continue;
    }
    bool found = false;
    for (const sync::BrakeRule rule : sync::brake_rules()) {
      if (member.key != sync::to_string(rule)) continue;
      HUILIU_ASSIGN(limits.of[rule], read_limit(member.value, here));
      found = true;
    }
    if (!found)
      return make_error(ErrorClass::config, "there is no brake \"" + member.key + "\"; there are " + known,
                        here);
  }
  return limits;
}

}  // namespace huiliu::config
