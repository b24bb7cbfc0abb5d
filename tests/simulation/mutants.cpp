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
      {Mutant::unclaimed_overwritten, "unclaimed_overwritten", "nothing is overwritten that no history has"},
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
