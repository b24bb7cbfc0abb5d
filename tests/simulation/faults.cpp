#include "tests/simulation/faults.hpp"

namespace huiliu::simulation {
namespace {

constexpr std::array<std::string_view, point_count> point_names = {"crash",
                                                                   "lost_ingest",
                                                                   "lost_begin",
                                                                   "lost_settle",
                                                                   "old_plan",
                                                                   "second_worker",
                                                                   "restored_hub",
                                                                   "lost_request",
                                                                   "late_request",
                                                                   "expired_request",
                                                                   "lost_answer",
                                                                   "late_answer",
                                                                   "doubt_after_answer",
                                                                   "answer_without_body",
                                                                   "stale_without_body",
                                                                   "create_without_key",
                                                                   "late_read",
                                                                   "double_read",
                                                                   "cut_list",
                                                                   "lagging_list",
                                                                   "shuffled_list",
                                                                   "ignored_field",
                                                                   "side_effect",
                                                                   "vendor_default",
                                                                   "restored_system",
                                                                   "busy_system",
                                                                   "rejected_write",
                                                                   "unchanged_answer",
                                                                   "unique_key",
                                                                   "touched_record",
                                                                   "copied_record",
                                                                   "copies_follow",
                                                                   "respelling_system",
                                                                   "race_before_write",
                                                                   "cleared_field",
                                                                   "typed_code",
                                                                   "tags",
                                                                   "removed_tag",
                                                                   "replaced_tag",
                                                                   "deleted_record",
                                                                   "undeleted_record",
                                                                   "delete_policy",
                                                                   "removal_asked",
                                                                   "switched_record",
                                                                   "new_customer",
                                                                   "same_customer_again",
                                                                   "approval",
                                                                   "console_edit",
                                                                   "decision",
                                                                   "asked_create",
                                                                   "recreated_record",
                                                                   "chosen_policy",
                                                                   "wrong_merge",
                                                                   "unmerge",
                                                                   "merged_again",
                                                                   "brake",
                                                                   "undone_write",
                                                                   "power_cut",
                                                                   "failed_write",
                                                                   "failed_sync",
                                                                   "full_disk"};
static_assert(!point_names.back().empty());

std::array<std::uint64_t, point_count> strikes{};

}  // namespace

std::string_view name_of(Point point) { return point_names[static_cast<std::size_t>(point)]; }

Point point_named(std::string_view name) {
  for (std::size_t i = 0; i < point_count; ++i) {
    if (point_names[i] == name) return static_cast<Point>(i);
  }
  return Point::count;
}

Faults::Faults(Dice& dice, const std::set<Point>& on, const std::set<Point>& off) : dice_(dice) {
  for (std::size_t i = 0; i < point_count; ++i) {
    const auto point = static_cast<Point>(i);
    const bool drawn = dice.chance(50);
    active_[i] = !off.contains(point) && (drawn || on.contains(point));
  }
}

bool Faults::at(Point point, int percent) {
  if (!active(point) || !dice_.chance(percent)) return false;
  count_strike(point);
  return true;
}

const std::array<std::uint64_t, point_count>& coverage() { return strikes; }

void count_strike(Point point) { ++strikes[static_cast<std::size_t>(point)]; }

}  // namespace huiliu::simulation
