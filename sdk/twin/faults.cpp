#include "sdk/twin/faults.hpp"

#include <array>
#include <optional>

#include "sdk/twin/record_store.hpp"

namespace huiliu::twin {
namespace {

constexpr std::array<std::pair<Fault, std::string_view>, 9> kFaultNames{{
    {Fault::drop, "drop"},
    {Fault::http_502, "http_502"},
    {Fault::html, "html"},
    {Fault::rate_limit, "rate_limit"},
    {Fault::timeout_after_commit, "timeout_after_commit"},
    {Fault::slow, "slow"},
    {Fault::truncated, "truncated"},
    {Fault::partial_body, "partial_body"},
    {Fault::empty_list, "empty_list"},
}};

std::optional<Fault> fault_of(std::string_view name) {
  for (const auto& [fault, fault_text] : kFaultNames)
    if (fault_text == name) return fault;
  return std::nullopt;
}

TwinError bad_fault(const std::string& message) { return {400, "bad_fault", message}; }

double probability_of(const boost::json::value& value, std::string_view name) {
  const double probability = value.is_number() ? value.to_number<double>() : -1;
  if (!(probability >= 0 && probability <= 1))
    throw bad_fault(std::string(name) + ": a probability from 0 to 1 is wanted");
  return probability;
}

std::uint64_t count_of(const boost::json::value& value, std::string_view name) {
  boost::system::error_code error;
  const auto count = value.to_number<std::uint64_t>(error);
  if (error) throw bad_fault(std::string(name) + ": a whole number is wanted");
  return count;
}

// The uniform real in [0, 1) from one draw, the same with every standard library.
double uniform(std::mt19937_64& dice) { return static_cast<double>(dice() >> 11U) * 0x1.0p-53; }

}  // namespace

std::string_view fault_name(Fault fault) {
  for (const auto& [known, name] : kFaultNames)
    if (known == fault) return name;
  return "";
}

void Faults::configure(const boost::json::object& settings) {
  std::map<Fault, Setting> parsed;
  std::uint64_t seed = 1;
  for (const auto& member : settings) {
    const std::string name(member.key());
    if (name == "seed") {
      seed = count_of(member.value(), name);
      continue;
    }
    const std::optional<Fault> fault = fault_of(name);
    if (!fault) throw bad_fault("unknown fault " + name);
    Setting setting;
    if (*fault == Fault::slow) setting.duration = std::chrono::seconds(2);
    if (!member.value().is_object()) {
      setting.probability = probability_of(member.value(), name);
    } else {
      for (const auto& part : member.value().get_object()) {
        const std::string where = name + "." + std::string(part.key());
        if (part.key() == "probability")
          setting.probability = probability_of(part.value(), where);
        else if (part.key() == "next")
          setting.next = count_of(part.value(), where);
        else if (part.key() == "ms")
          setting.duration = std::chrono::milliseconds(count_of(part.value(), where));
        else if (part.key() == "match" && part.value().is_string())
          setting.match = std::string(part.value().get_string());
        else
          throw bad_fault("unknown member " + where);
      }
    }
    parsed[*fault] = std::move(setting);
  }
  const std::lock_guard<std::mutex> guard(mutex_);
  settings_ = std::move(parsed);
  struck_.clear();
  seed_ = seed;
  dice_.seed(seed);
}

boost::json::object Faults::to_json() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  boost::json::object json{{"seed", seed_}};
  for (const auto& [fault, setting] : settings_)
    json[fault_name(fault)] = boost::json::object{{"probability", setting.probability},
                                                  {"next", setting.next},
                                                  {"ms", setting.duration.count()},
                                                  {"match", setting.match}};
  boost::json::object struck;
  for (const auto& [fault, count] : struck_) struck[fault_name(fault)] = count;
  json["struck"] = std::move(struck);
  return json;
}

Faults::Strike Faults::roll(const HttpRequest& request) {
  const std::lock_guard<std::mutex> guard(mutex_);
  for (auto& [fault, setting] : settings_) {
    if (request.target.find(setting.match) == std::string::npos) continue;
    const bool counted = setting.next > 0;
    if (counted) --setting.next;
    if (!counted && !(setting.probability > 0 && uniform(dice_) < setting.probability)) continue;
    ++struck_[fault];
    return {true, fault, setting.duration};
  }
  return {};
}

}  // namespace huiliu::twin
