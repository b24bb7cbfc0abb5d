// Time zones as a mapping names them, by rule and without a zone database: the core reads no files. Zones
// with a fixed offset, and those with today's summer time of the European Union (since 1996) or the United
// States (since 2007); older rules of these are not known here. China's zone ignores its summer time of
// 1986–1991.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "hub/model/time.hpp"

namespace huiliu::mapping {

class Zone {
 public:
  // "Asia/Shanghai", "+08:00", "UTC". nullopt: not known here.
  static std::optional<Zone> find(std::string_view name);
  static Zone fixed(int offset_minutes) { return Zone{offset_minutes, Summer::none}; }
  // The names that find knows, for messages.
  static std::span<const std::string_view> names();

  // Minutes east of UTC at that moment.
  int offset_at(model::Micros moment) const;
  // The moment that a local clock shows as `local` (the clock's time taken as if it were UTC). An hour that
  // comes twice is its first one; one that is skipped is read by the offset before the gap.
  model::Micros to_utc(model::Micros local) const;

 private:
  enum class Summer { none, european, american };
  struct Known;
  static std::span<const Known> known();
  Zone(int offset_minutes, Summer summer) : offset_(offset_minutes), summer_(summer) {}
  bool is_summer(model::Micros moment) const;

  int offset_;
  Summer summer_;
};

}  // namespace huiliu::mapping
