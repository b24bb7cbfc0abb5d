// What may go wrong, by name. A run draws a subset of the points (a swarm: leaving features out finds more
// errors than having them all), and each active point strikes by dice. Every strike is counted, over all runs
// of the process: a point that never strikes tests nothing (see coverage()).
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "hub/model/id.hpp"

namespace huiliu::simulation {

// Dice with the few throws that everybody needs.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::uint64_t next() { return random_.next(); }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
  void throw_from(std::uint64_t seed) { random_ = model::SeededRandom(seed); }

 private:
  model::SeededRandom random_;
};

enum class Point : std::uint8_t {
  // the hub
  crash,
  lost_ingest,
  lost_begin,
  lost_settle,
  old_plan,
  second_worker,
  restored_hub,
  // the network
  lost_request,
  late_request,
  expired_request,
  lost_answer,
  late_answer,
  doubt_after_answer,
  answer_without_body,
  stale_without_body,
  create_without_key,
  late_read,
  double_read,
  cut_list,
  lagging_list,
  shuffled_list,
  // the systems
  ignored_field,
  side_effect,
  vendor_default,
  restored_system,
  busy_system,
  rejected_write,
  unchanged_answer,
  unique_key,
  touched_record,
  copied_record,
  copies_follow,
  respelling_system,
  // people in the systems
  race_before_write,
  cleared_field,
  typed_code,
  tags,
  removed_tag,
  replaced_tag,
  deleted_record,
  undeleted_record,
  delete_policy,
  removal_asked,
  switched_record,
  new_customer,
  same_customer_again,
  approval,
  // people in the console
  console_edit,
  decision,
  asked_create,
  recreated_record,
  chosen_policy,
  wrong_merge,
  unmerge,
  merged_again,
  brake,
  undone_write,
  // ring D2 only: the disk
  power_cut,
  failed_write,
  failed_sync,
  full_disk,
  count
};
inline constexpr std::size_t point_count = static_cast<std::size_t>(Point::count);
inline constexpr Point first_of_disk = Point::power_cut;

std::string_view name_of(Point point);
Point point_named(std::string_view name);  // Point::count: none

class Faults {
 public:
  // `on` are active in any case, `off` never.
  Faults(Dice& dice, const std::set<Point>& on, const std::set<Point>& off);

  bool active(Point point) const { return active_[static_cast<std::size_t>(point)]; }
  // Strikes when active, in that many of a hundred cases.
  bool at(Point point, int percent);
  void stop(Point point) { active_[static_cast<std::size_t>(point)] = false; }

 private:
  Dice& dice_;
  std::array<bool, point_count> active_{};
};

// How often each point struck in this process.
const std::array<std::uint64_t, point_count>& coverage();
void count_strike(Point point);

}  // namespace huiliu::simulation
