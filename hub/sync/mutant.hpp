// Planted errors: each names one rule that the simulation can switch off, to prove that its checkers would
// notice. In the hub itself planted() is constant false and the alternatives are compiled away; only
// tests/simulation, which compiles these sources once more with HUILIU_SIMULATION, defines it.
#pragma once

namespace huiliu::sync {

enum class Mutant {
  none,
  due_by_base,
  no_intents,
  pairwise_choice,
  causality_ignored,
  delete_drops_claims,
  create_although_deleted,
  read_start_ignored,
  lagging_list_as_evidence,
  side_effect_as_edit,
  vendor_default_as_edit,
  ignored_write_as_revert,
  in_doubt_unseen,
  unmerge_from_shown_values,
  one_version_line,
  slot_removes_everywhere,
  slot_not_sticky,
  non_permitted_accepted,
  lossy_decoded,
  only_author_settled,
  undecided_written,
  create_while_review_open,
  hub_made_votes,
  acknowledged_as_base,
  token_regression_as_edit,
  plan_not_rechecked,
  copy_as_edit,
  guessed_base_not_recorded,
  unclaimed_overwritten,
  unmerge_keeps_seen,
  last_writer_wins,
  no_base,
  marked_before_sent,
  doubt_as_success,
  doubt_as_failure,
  create_retried,
  blind_write,
  answer_ignored,
  version_survives_restore,
  doubt_over_acknowledged,
  equal_times_count,
  first_seen_adopted,
  refused_sent_again,
  not_put_back,
  empty_claims,
  gone_written,
  declined_ignored,
  manual_decides,
  losers_forgotten,
  due_index_forgotten,
  two_writes_at_once,
  approval_votes,
  copy_does_not_wait,
  decision_covers_nothing,
  delete_beats_edit,
  own_removal_as_deletion,
  undelete_forgotten,
  removal_without_policy,
  resting_written,
  revival_ignored,
  stale_base_trusted,
  unexplained_wins,
  change_not_recorded,
  brake_blind,
  undo_sent_again,
};

#ifdef HUILIU_SIMULATION
bool planted(Mutant mutant) noexcept;
#else
constexpr bool planted(Mutant) noexcept { return false; }
#endif

}  // namespace huiliu::sync
