#include "tests/simulation/mutants.hpp"

namespace huiliu {
namespace {

sync::Mutant active_mutant = sync::Mutant::none;

}  // namespace

namespace sync {

bool planted(Mutant mutant) noexcept { return active_mutant == mutant; }

}  // namespace sync

namespace simulation {

const std::vector<NamedMutant>& mutants() {
  using sync::Mutant;
  static const std::vector<NamedMutant> all = {
      {Mutant::due_by_base, "due_by_base", "due compares golden with what base stands for"},
      {Mutant::no_intents, "no_intents", "values of open writes are our own"},
      {Mutant::pairwise_choice, "pairwise_choice", "the policy chooses among the whole frontier at once"},
      {Mutant::causality_ignored, "causality_ignored", "dominated claims do not take part"},
      {Mutant::delete_drops_claims, "delete_drops_claims", "a delete keeps the claims of its record"},
      {Mutant::create_although_deleted, "create_although_deleted",
       "what was deleted there is not made again"},
      {Mutant::read_start_ignored, "read_start_ignored", "reads count by when they began"},
      {Mutant::lagging_list_as_evidence, "lagging_list_as_evidence", "a list that may lag is only a hint"},
      {Mutant::side_effect_as_edit, "side_effect_as_edit", "side effects of our own write are no edits"},
      {Mutant::vendor_default_as_edit, "vendor_default_as_edit",
       "defaults of a record that we made are no edits"},
      {Mutant::ignored_write_as_revert, "ignored_write_as_revert", "a write that did not stick is no revert"},
      {Mutant::in_doubt_unseen, "in_doubt_unseen", "who edits over a write in doubt may have seen it"},
      {Mutant::unmerge_from_shown_values, "unmerge_from_shown_values", "un-merge goes by claims"},
      {Mutant::one_version_line, "one_version_line", "versions of different goldens never compare"},
      {Mutant::slot_removes_everywhere, "slot_removes_everywhere",
       "a replacement in a slot removes only there"},
      {Mutant::slot_not_sticky, "slot_not_sticky", "a slot keeps the element that it shows"},
      {Mutant::non_permitted_accepted, "non_permitted_accepted", "edits without a right are no claims"},
      {Mutant::lossy_decoded, "lossy_decoded", "a lossy code stands for what was sent"},
      {Mutant::only_author_settled, "only_author_settled", "all who show the golden value are settled"},
      {Mutant::undecided_written, "undecided_written", "an undecided record is not written"},
      {Mutant::create_while_review_open, "create_while_review_open",
       "nothing is created while identity is in question"},
      {Mutant::hub_made_votes, "hub_made_votes",
       "records made by the hub make no claim of what they were given"},
      {Mutant::acknowledged_as_base, "acknowledged_as_base", "acknowledged is not seen"},
      {Mutant::token_regression_as_edit, "token_regression_as_edit", "an older version is no edit"},
      {Mutant::plan_not_rechecked, "plan_not_rechecked", "the plan is checked again when it is sent"},
      {Mutant::copy_as_edit, "copy_as_edit", "copies inside one system are no edits"},
      {Mutant::guessed_base_not_recorded, "guessed_base_not_recorded", "what is covered by a guess is kept"},
      {Mutant::unmerge_keeps_seen,
       "unmerge_keeps_seen",
       "an un-merge begins a new version line",
       {Point::wrong_merge, Point::unmerge, Point::merged_again}},
      {Mutant::unclaimed_overwritten, "unclaimed_overwritten", "nothing is overwritten that no history has"},
      {Mutant::last_writer_wins, "last_writer_wins", "the policy of the field chooses, not the clock"},
      {Mutant::no_base, "no_base", "an edit is a difference from base"},
      {Mutant::marked_before_sent, "marked_before_sent", "base follows what was seen, not what was sent"},
      {Mutant::doubt_as_success, "doubt_as_success", "a write in doubt is not done", {Point::lost_request}},
      {Mutant::doubt_as_failure,
       "doubt_as_failure",
       "a write in doubt is not undone either",
       {Point::lost_answer}},
      {Mutant::create_retried,
       "create_retried",
       "a create in doubt is looked for before it is repeated",
       {Point::lost_answer}},
      {Mutant::blind_write, "blind_write", "a conditional write names the version that it changes"},
      {Mutant::answer_ignored, "answer_ignored", "the record in an answer is read, not only its version"},
      {Mutant::version_survives_restore,
       "version_survives_restore",
       "a read from before a restore is old news",
       {Point::restored_system, Point::late_read}},
      {Mutant::doubt_over_acknowledged,
       "doubt_over_acknowledged",
       "what is known stays known",
       {Point::doubt_after_answer, Point::side_effect, Point::ignored_field, Point::answer_without_body},
       {Point::restored_hub, Point::merged_again, Point::wrong_merge, Point::brake, Point::lost_answer,
        Point::late_answer, Point::lost_request, Point::late_request, Point::busy_system,
        Point::rejected_write, Point::delete_policy, Point::deleted_record, Point::approval}},
      {Mutant::equal_times_count, "equal_times_count", "a read counts when it began after our write ended"},
      {Mutant::first_seen_adopted,
       "first_seen_adopted",
       "a person's record does not stand in for the one that we made",
       {Point::same_customer_again, Point::lost_answer, Point::create_without_key}},
      {Mutant::refused_sent_again,
       "refused_sent_again",
       "what a system ignored is not sent again",
       {Point::ignored_field, Point::rejected_write}},
      {Mutant::not_put_back, "not_put_back", "an edit without a right is put back"},
      {Mutant::empty_claims, "empty_claims", "empty at first sight is no claim"},
      {Mutant::gone_written,
       "gone_written",
       "what was deleted there is not written",
       {Point::deleted_record}},
      {Mutant::declined_ignored,
       "declined_ignored",
       "what a person took out of a slot stays out",
       {Point::tags, Point::replaced_tag, Point::removed_tag}},
      {Mutant::manual_decides, "manual_decides", "under manual a person decides"},
      {Mutant::losers_forgotten, "losers_forgotten", "a claim that was not chosen is kept"},
      {Mutant::due_index_forgotten, "due_index_forgotten", "the due index follows every operation"},
      {Mutant::two_writes_at_once,
       "two_writes_at_once",
       "one write at a time to a record",
       {Point::second_worker, Point::late_answer}},
      {Mutant::approval_votes, "approval_votes", "what is in approval does not vote yet", {Point::approval}},
      {Mutant::copy_does_not_wait,
       "copy_does_not_wait",
       "a copy waits for the record that it copies",
       {Point::copied_record, Point::shuffled_list, Point::new_customer, Point::same_customer_again}},
      {Mutant::decision_covers_nothing, "decision_covers_nothing", "a decision covers all that was in front"},
      {Mutant::delete_beats_edit,
       "delete_beats_edit",
       "an edit that a deletion did not see wins",
       {Point::delete_policy, Point::deleted_record}},
      {Mutant::own_removal_as_deletion,
       "own_removal_as_deletion",
       "what the hub deleted is no person's deletion",
       {Point::delete_policy, Point::deleted_record, Point::undeleted_record}},
      {Mutant::undelete_forgotten,
       "undelete_forgotten",
       "a record that is back ends its deletion",
       {Point::delete_policy, Point::deleted_record, Point::undeleted_record}},
      {Mutant::removal_without_policy,
       "removal_without_policy",
       "nothing is removed but where the policy says so",
       {Point::deleted_record}},
      {Mutant::resting_written,
       "resting_written",
       "a customer that rests is not written",
       {Point::delete_policy, Point::deleted_record}},
      {Mutant::stale_base_trusted,
       "stale_base_trusted",
       "after a restore of the hub a difference from its memory is no edit",
       {Point::restored_hub}},
      {Mutant::unexplained_wins,
       "unexplained_wins",
       "what nobody can explain waits for a person",
       {Point::restored_hub, Point::side_effect, Point::lost_answer}},
      {Mutant::change_not_recorded, "change_not_recorded",
       "each change of a golden record stands in its history"},
      {Mutant::brake_blind, "brake_blind", "what would be written is counted first", {Point::brake}},
      {Mutant::undo_sent_again,
       "undo_sent_again",
       "what was taken back is not sent again",
       {Point::undone_write}},
      {Mutant::revival_ignored,
       "revival_ignored",
       "who takes back what the hub removed decides",
       {Point::delete_policy, Point::deleted_record, Point::undeleted_record, Point::switched_record},
       {Point::removal_asked, Point::restored_hub, Point::merged_again, Point::restored_system, Point::brake,
        Point::wrong_merge}},
  };
  return all;
}

const NamedMutant* find_mutant(const std::string& name) {
  for (const auto& mutant : mutants()) {
    if (name == mutant.name) return &mutant;
  }
  return nullptr;
}

void plant(sync::Mutant mutant) { active_mutant = mutant; }

}  // namespace simulation
}  // namespace huiliu
