// Questions for a person: opening them, keeping them up to date, withdrawing them when they went away.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hub/sync/work.hpp"

namespace huiliu::sync {

// Opens the review unless the same question (dedupe) is open already; then only its evidence is brought up to
// date. Fills id, opened and state.
void ask(Context& context, Review review);
void withdraw(Context& context, const std::string& dedupe);

// A conflict review stands open exactly while a field has losers that were edits, or is held.
void update_conflict_review(Context& context, const Work& work, FieldIndex field);

// An edit by a system that may only propose.
void ask_for_change(Context& context, const Work& work, const RecordRef& ref, FieldIndex field,
                    const FieldValue& before, const FieldValue& after);
std::string change_question(const RecordRef& ref, const std::string& field);

inline constexpr const char* judged_asked = "asked";  // in Golden::judged: the question is, or was, open
// Asks, and notes it on both goldens: neither is created anywhere while the question is open.
void ask_whether_same(Context& context, Work& work, const Golden& other,
                      const std::vector<std::string>& reasons);
std::string same_question(const GoldenId& a, const GoldenId& b);

// What a person says to a review.
struct Decision {
  std::string choice, note, actor;
  std::map<std::string, std::string> with;  // creation requests: what the new record shall have besides
};
// A person's decision takes effect. Errors as Engine::decide.
model::Status decide(Context& context, const std::string& review, const Decision& decision);

}  // namespace huiliu::sync
