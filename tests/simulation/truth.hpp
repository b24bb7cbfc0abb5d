// What really happened, and the checkers that compare it with what the hub did. The hub never sees any of
// this.
//
// Every value that a person types is new ("e17"), so a value names its edit; a respelling differs in case
// only. An edit's parents are what its author had in front of him. Checked after every committed transaction
// and at every write:
//   S1  no accepted edit is lost: what golden or a record gives up is superseded, kept in the history, or
//   carried elsewhere S2  no revert, and no invented edit: every claim is something that a person typed in
//   that record, in order S4  one customer, one record    S8  rights    S9  deleted stays deleted    S12
//   intent first, plan rechecked W   an edit on top of the current golden value wins, under every policy P
//   golden is a pure function of the claims (an independent choice agrees) U   lists: nothing appears or
//   disappears that nobody added or removed; slots are sticky
// The end of a run checks S3 (quiet) and L1 (all agree); see world.cpp.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hub/sync/rules.hpp"
#include "tests/simulation/remote.hpp"
#include "tests/support/memory_repository.hpp"

namespace huiliu::simulation {

using model::RecordRef;
using tests::MemoryRepository;

// The name of the edit that a text shows: spelling aside.
std::string edit_of(const std::string& text);
// The text of a canonical value; lists joined by ','.
std::string text_of(const model::FieldValue& value);
std::vector<std::string> split_list(const std::string& text);

class Truth {
 public:
  Truth(const sync::Rules& rules, MemoryRepository& repository) : rules_(rules), repository_(repository) {}

  struct Violation {
    std::string invariant, message;
  };
  const std::optional<Violation>& violation() const { return violation_; }
  void fail(const std::string& invariant, const std::string& message);

  // A person typed it there; `before` is what the record showed.
  void typed(const RecordRef& ref, int field, const std::string& before, const std::string& after, Micros at);
  // The system itself changed it.
  void changed_by_system(const RecordRef& ref, const std::string& before, const std::string& after) {
    side_effects_.insert({ref, edit_of(after)});
    if (!before.empty()) parents_[edit_of(after)].insert(edit_of(before));  // the empty text names no edit
  }
  bool is_side_effect(const RecordRef& ref, const std::string& shown) const {
    return side_effects_.contains({ref, edit_of(shown)});
  }
  // A person added or removed one element of a list.
  void added(const RecordRef& ref, const std::string& element) { added_.insert({ref, element}); }
  void removed(const RecordRef& ref, const std::string& element) { removed_.insert({ref, element}); }
  // A person in the console set the value, or decided for it: he had golden and its losers in front of him.
  void decided(const sync::GoldenId& golden, int field, const std::string& value);
  // A system was set back: what its records showed is gone, and nobody is to blame.
  void set_back(const RecordRef& ref, const Values& now);
  bool was_set_back(const RecordRef& ref) const { return set_back_.contains(ref); }
  // A create of the hub arrived and its answer did not. What people make of it before anybody looks, the hub
  // may take for theirs as a whole.
  // `unnamed`: what was sent, where the answer came but did not name the record.
  void created_unheard(const RecordRef& ref, const Values& values, std::optional<Values> unnamed) {
    unheard_[ref] = {values, std::move(unnamed)};
  }

  // A person took the element out of a slot; or left it empty, or filled it.
  // (As far as the hub has seen what was there.)
  void declined(const RecordRef& ref, const std::string& element);
  void slot_is_open(const RecordRef& ref, bool open);
  void check_slot(const RecordRef& ref, const std::string& sent);
  // The system did not take this value: it said so (loudly), or ignored it.
  void refused(const RecordRef& ref, int field, const std::string& value, bool loudly);
  bool was_refused(const RecordRef& ref, int field, const std::string& value) const;

  void check_overwrite(const RecordRef& ref, int field, const std::string& old, const std::string& now);
  void check_create(const std::string& system, const sync::GoldenId& golden, const std::string& job,
                    const std::map<std::string, RemoteRecord>& records);
  void check_arrival(const std::string& system, const std::string& job,
                     const std::map<std::string, RemoteRecord>& records);
  // Customers were taken apart: what was typed there and not seen yet may have been typed since.
  void taken_apart();
  // From now on people have mixed customers up: only the hub's own idea of a customer can be held against it.
  void mixed_up() { mixed_up_ = true; }
  // The hub's memory is an older one: what it cannot know any more is not held against it. First for
  // itself, then for the records of each system.
  void start_again();
  void hub_was_put_back(Remote& remote, Micros at);
  // The hub was told which version its write made: what shows in that version is no riddle any more.
  void acknowledged(const RecordRef& ref, const std::string& token) { made_[ref] = token; }
  // A person wants the deleted record made again.
  void recreated(const RecordRef& ref) { recreated_.insert(ref); }
  void check_begun(const sync::Replica& carrier, const sync::Intent& intent);

  using Remotes = std::map<std::string, std::unique_ptr<Remote>>;
  // A person took back what the hub had written there: its value was decided against, for this record.
  void undone(const RecordRef& ref, int field, const std::string& shown, const std::string& now,
              const std::string& golden) {
    undone_.insert({ref, field});
    if (edit_of(now) == edit_of(golden)) return;  // golden says so as well
    for (const std::string& value : {shown, golden}) {
      lost_.insert({field, edit_of(value)});
      decided_against_.insert({field, edit_of(value)});
    }
    taken_back_[{ref, field}] = {golden, typed_[{ref, field}].edits.size()};
  }
  bool was_undone(const RecordRef& ref, int field) const { return undone_.contains({ref, field}); }
  // S3: what was taken back is not sent there again while golden says the same.
  void check_not_sent_again(const RecordRef& ref, const sync::Intent& intent);

  // A person deleted the record; or said what that means for its customer, with everything in front of him.
  // `unclear`: the hub was put back and cannot know that it was not itself who did it.
  void deleted(const RecordRef& ref, Micros at, bool unclear) { deleted_[ref] = {at, std::nullopt, unclear}; }
  void said(const RecordRef& ref, sync::DeletePolicy policy, Micros at) { deleted_[ref] = {at, policy}; }
  // A person put a record that the hub had removed back into use: as soon as the hub has seen that, its
  // customer lives.
  void revived(const RecordRef& ref, Micros at) { revived_[ref] = at; }
  // D: the hub disables and deletes only because of a person's deletion under a policy that says so, and
  // never where somebody's edit was not in view of who deleted.
  void check_removal(const sync::Replica& carrier, const sync::Intent& intent, const Remotes& remotes);
  // At the end: who must rest does, and is removed where that is possible; who lives is in use.
  void check_resting(const sync::Cluster& cluster, const Remotes& remotes);
  // After a committed transaction.
  void check_state();

 private:
  struct Edit {
    std::string text;
    std::string before;
    Micros at = 0;
    bool vanished = false;  // when its system was set back
  };
  struct Typed {
    std::vector<Edit> edits;
    std::size_t accepted = 0;  // how many of them are claimed or overtaken
  };
  struct LastGolden {
    std::string edit, text;
    bool held = false;
  };

  void read_history();
  void check_claim(const sync::Replica& replica, int field, const sync::Claim& claim);
  bool was_agreed(const sync::Replica& replica, int field, const sync::Claim& claim);
  void check_unexplained(const sync::Replica& replica, int field, const sync::Claim& claim);
  void check_covered(const sync::Golden& golden, int field, const sync::GoldenField& of,
                     const sync::Claim& claim);
  void check_recorded(const sync::Golden& golden, int field, const sync::GoldenField& of);
  bool is_shown_by_all(const sync::GoldenId& golden, int field, const std::string& value) const;
  void check_winner(const sync::Replica& replica, int field, const Typed& typed, const sync::Claim& claim);
  void check_elements(const sync::Replica& replica);
  bool was_edited(const RecordRef& ref) const;
  bool seems_removed(const RecordRef& ref) const;
  bool came_unheard(const sync::Replica& replica, int field, const std::string& text) const;
  // Another record showed all that was sent to make this one, and the hub took it for the one that it made:
  // nobody who has not seen both arrive could know better.
  bool is_taken_for(const sync::Replica& replica, const Values& sent) const;
  void forget_taken_back(const sync::Replica& replica);
  void reopen(const RecordRef& ref, int field);
  void sees_first(const RecordRef& ref, const RecordState& state, const std::vector<std::string>& last,
                  Micros at);
  void was_overwritten_unknown(const RecordRef& ref, const RemoteRecord& record);
  bool is_overwritten_unknown(const sync::GoldenId& golden, int field, const std::string& old) const;
  void check_golden(const sync::Golden& golden);
  void check_golden_change(const sync::Golden& golden, int field, const std::string& old,
                           const std::string& now);
  void check_choice(const sync::Golden& golden, int field, const sync::GoldenField& of);
  void check_list(const sync::Golden& golden);
  // `surely`: not by way of what a wrong merge had put there.
  bool is_ancestor(const std::string& of, const std::string& ancestor, bool surely = false) const;
  bool is_anothers(const RecordRef& ref, int field, const std::string& edit) const;
  // Did somebody type over it, and does the hub know that edit?
  bool is_superseded(const std::string& edit, int field) const;
  // Was it decided against, or typed over by what was?
  bool is_cleared(const std::string& edit, int field) const;
  bool is_given_up(const std::string& edit, int field) const;
  // Does `now` bring back what the author of `old` had replaced? Not when a person decided for it since.
  bool is_revert(int field, const std::string& old, const std::string& now) const;
  // Was it typed in a record that is this customer's now?
  bool was_typed_in(const sync::GoldenId& golden, int field, const std::string& edit) const;
  bool is_carried_elsewhere(const std::string& edit, int field, const sync::GoldenId& except) const;
  std::string base_of(const RecordRef& ref, int field) const;
  std::string describe(const RecordRef& ref, int field) const;
  std::string claims_of(const sync::GoldenId& golden, int field) const;
  std::string claims_at(const RecordRef& ref, int field) const;

  sync::DeletePolicy policy_of_deletion(const RecordRef& ref) const;
  bool was_in_view(const RemoteRecord& deleted, int field, const std::string& edit) const;
  bool was_emptied_in_view(const sync::Golden& golden, const sync::Replica& gone, const RemoteRecord& record,
                           int field, const std::string& edit) const;
  bool was_taken_back(const sync::Cluster& cluster, Micros deleted) const;
  bool overlooks(const sync::Cluster& cluster, const sync::Replica& gone, const RemoteRecord& record) const;

  const sync::Rules& rules_;
  MemoryRepository& repository_;
  std::optional<Violation> violation_;
  std::map<std::pair<RecordRef, int>, Typed> typed_;
  std::map<std::pair<RecordRef, int>, std::string>
      cleared_;                                    // what stood there when a person emptied it last
  std::set<std::pair<int, std::string>> emptied_;  // edits that ever were
  struct Unheard {
    Values values;
    std::optional<Values> unnamed;
  };
  std::map<RecordRef, Unheard> unheard_;
  std::map<std::string, std::set<std::string>> parents_;         // edit → edits that its author saw
  std::set<std::pair<std::string, std::string>> over_anothers_;  // edit, parent: see is_anothers
  std::set<std::pair<int, std::string>> known_;                  // (field, edit) in the history
  std::set<std::pair<int, std::string>> lost_;                   // … as lost, or decided against
  std::set<std::pair<int, std::string>> decided_against_;        // by a person, whatever the hub remembers
  std::set<std::pair<int, std::string>> backed_up_;              // golden in the backup that was put back
  // By a write that a hub which was put back does not remember, in a record that it did not know.
  std::set<std::tuple<RecordRef, int, std::string>> forgotten_overwrites_;
  std::set<std::pair<int, std::string>> kept_;  // covered, and known to be kept all the same
  std::map<std::pair<sync::GoldenId, int>, std::string> recorded_;  // the last value in the history
  std::map<std::pair<RecordRef, int>, Micros> unexplained_;         // since when
  std::set<std::tuple<RecordRef, int, Micros>> agreed_;             // of these: what golden said
  std::map<RecordRef, std::string> made_;  // the version that our last answered write made
  std::set<RecordRef> writing_;            // had an open write until now
  // Old values that a person decided for, or that a hub which was put back finds where it had written them:
  // new edits under an old name.
  std::set<std::pair<int, std::string>> decided_;
  std::set<std::pair<RecordRef, std::string>> added_, removed_;
  struct LastClaim {
    std::string text;
    model::Interval changed;
  };
  std::map<std::pair<RecordRef, int>, LastClaim> last_claim_;
  std::map<std::pair<sync::GoldenId, int>, LastGolden> last_golden_;
  std::size_t history_read_ = 0;
  bool mixed_up_ = false, hub_put_back_ = false;
  std::set<std::pair<RecordRef, std::string>> declined_, side_effects_;
  std::set<RecordRef> closed_, set_back_;
  struct Refused {
    std::string value, base;  // what was sent, and what the hub knew to be there
    bool loudly = false;
  };
  std::map<std::pair<RecordRef, int>, std::vector<Refused>> refused_;
  std::set<RecordRef> recreated_;
  struct Deletion {
    Micros at = 0;
    std::optional<sync::DeletePolicy> said = {};
    bool unclear = false;
  };
  std::map<RecordRef, Deletion> deleted_;
  std::map<RecordRef, Micros> revived_;
  struct TakenBack {
    std::string golden;     // at that time
    std::size_t edits = 0;  // typed there until then
  };
  std::map<std::pair<RecordRef, int>, TakenBack> taken_back_;
  std::set<std::pair<RecordRef, int>> undone_;
};

}  // namespace huiliu::simulation
