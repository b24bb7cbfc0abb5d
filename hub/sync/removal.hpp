// Deletions, and what follows from them.
//
// The idea. That a customer exists is one more thing that people say, and a deletion by a person is a claim
// that it does not. It stands as long as its record is gone. What it means is the policy of the stream where
// it was made, or a person's word. Under every policy but `unlink` the customer then *rests*: nothing is
// written or made for it. And as with any claim, whoever did not see an edit does not overrule it: an edit
// elsewhere that the deletion had not in view, or that came after it, wins, and a person is asked.
//
// Whether a customer rests is a pure function of its cluster. So it follows by itself when the record comes
// back, when somebody edits elsewhere, when customers are merged and taken apart. What was disabled for its
// sake is enabled again, what was deleted may be made again.
#pragma once

#include <string>

#include "hub/sync/plan.hpp"
#include "hub/sync/review.hpp"
#include "hub/sync/work.hpp"

namespace huiliu::sync {

// unlink: it lives. Otherwise the strongest deletion that stands.
DeletePolicy resting(const Cluster& cluster);

// Still trading? `leave` it deleted, `recreate` it, or one of the policies.
void ask_about_delete(Context& context, const Work& work, const RecordRef& ref);
std::string delete_question(const RecordRef& ref);
// Open questions follow deleted records to the customer that they are moved to.
void ask_there_about_deletes(Context& context, const Work& work);

// The record was seen to be deleted, some time after `seen_alive`: by us, or by a person, which is a deletion
// in the sense above.
void take_removal(Context& context, Work& work, Replica& replica, Micros seen_alive);
// Gone by a write of ours. What we had disabled and people deleted is gone by them.
bool was_deleted_by_us(const Replica& replica);
// A record that was gone, or disabled, is there and in use again; `before` is what was known of it. When we
// had removed it, that is a person's word that its customer lives (`by_person`: not that of a backup): every
// deletion that may have been made before it counts as `unlink`.
void take_return(Context& context, Work& work, const Replica& before, Replica& replica, bool by_person);
// Does the record show what this write of ours does to it as a whole?
bool shows_effect(const Intent& intent, bool shows_disabled);
// The system said that the write was done, and a look tells: it was, or it was ignored.
void settle_removal(Work& work, Replica& replica, const Intent& intent, bool shows_disabled);
// It did not take it.
void reject_removal(Work& work, Replica& replica, const Intent& intent);
// A merge with a living customer is a person's word that this one lives.
void forget_deletions(Work& work);

// What a resting customer's records in this connection need, or a living one's that we had disabled. True:
// nothing else is to be planned for it there.
bool plan_removal(Context& context, const Cluster& cluster, const model::Entity& entity,
                  const ConnectionRules& connection, Due& due);

// Part of finish(): questions follow when a customer comes to rest or lives again.
void follow_resting(Context& context, Work& work);

// Opens or refreshes the question whether records of a resting customer may be disabled or deleted there.
void ask_for_removal(Context& context, const Cluster& cluster, const model::Entity& entity,
                     const ConnectionRules& connection);
std::string removal_question(const std::string& connection, const GoldenId& golden);
bool asks_for_removal(const Review& review);
// A person's word on it. Refused after the fact: what was disabled is enabled again.
void decide_removal(Context& context, const GoldenId& golden, const std::string& connection, bool approved);
// A person's word on a deletion: one of the policies.
void decide_deletion(Context& context, const Review& review, DeletePolicy policy);
// Or that a record is to be made there again, whatever was decided about making one before.
void decide_recreation(Context& context, const Review& review);

}  // namespace huiliu::sync
