// When messages leave: digests, quiet hours.
#include <date/tz.h>

#include <chrono>

#include "hub/run/messages.hpp"

namespace huiliu::run {
namespace {

constexpr int minutes_per_day = 24 * 60;

bool is_quiet(const config::MessageSettings& settings, int minute) {
  const int from = settings.quiet_from;
  const int to = settings.quiet_to;
  if (from == to) return false;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

// Minutes from `minute` of a day until the next allowed one.
int minutes_to_wait(const config::MessageSettings& settings, bool at_once, int minute) {
  if (at_once || settings.digest.empty()) {
    int waited = 0;
    while (waited < minutes_per_day && is_quiet(settings, (minute + waited) % minutes_per_day)) ++waited;
    return waited;
  }
  for (int day = 0; day < 2; ++day)
    for (const int digest : settings.digest) {
      const int wait = day * minutes_per_day + digest - minute;
      if (wait > 0 && !is_quiet(settings, digest)) return wait;
    }
  return minutes_to_wait(settings, true, minute);  // every digest lies in the quiet hours
}

}  // namespace

model::Result<model::Micros> due_time(const config::MessageSettings& settings, const std::string& kind,
                                      model::Micros now) {
  const date::time_zone* zone = nullptr;
  try {
    zone = date::locate_zone(settings.time_zone);
  } catch (const std::runtime_error&) {
    return model::make_error(model::ErrorClass::config,
                             "messages: there is no time zone \"" + settings.time_zone + "\"");
  }
  const date::sys_time<std::chrono::microseconds> moment{std::chrono::microseconds{now}};
  const auto local = date::zoned_time<std::chrono::microseconds>(zone, moment).get_local_time();
  const auto day = date::floor<date::days>(local);
  const int minute = static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(local - day).count());
  const bool at_once = settings.at_once.contains(kind) || settings.at_once.contains("*");
  const int wait = minutes_to_wait(settings, at_once, minute);
  if (wait == 0) return now;
  const auto then = date::make_zoned(
      zone, date::local_time<std::chrono::microseconds>(day + std::chrono::minutes{minute + wait}),
      date::choose::earliest);
  return then.get_sys_time().time_since_epoch().count();
}

}  // namespace huiliu::run
