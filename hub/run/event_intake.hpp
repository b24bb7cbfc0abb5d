// What a connector heard (a webhook, an event channel) on its way into the store.
//
// Everything between two checkpoints is one delivery and one transaction: the hints, what of them is
// unusable, the connector's notes. A checkpoint returns when that is durable; only then may the remote be
// told. What no checkpoint follows leaves nothing behind. Threads: one at a time.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "hub/host/instance.hpp"
#include "hub/run/clock.hpp"
#include "hub/store/store.hpp"

namespace huiliu::run {

class EventIntake {
 public:
  // `sample`: what every delivery has in common (connection, method, target, body; an id when its records
  // have none). `park`: a record that cannot be used as a dead letter. All outlive the intake.
  EventIntake(store::Store& store, const Clock& clock, store::Delivery sample,
              std::function<store::Parked(const std::string& stream, host::BadRecord)> park)
      : store_(store), clock_(clock), sample_(std::move(sample)), park_(std::move(park)) {
    begin();
  }

  host::RecordConsumer consumer();
  // Has a new delivery been stored since this was last asked?
  bool take_stored() { return std::exchange(stored_, false); }

 private:
  void begin();
  model::Status take_page(host::Page page);
  model::Status commit(const host::StateChanges& notes);

  store::Store& store_;
  const Clock& clock_;
  const store::Delivery sample_;
  std::function<store::Parked(const std::string&, host::BadRecord)> park_;
  store::Delivery delivery_;
  std::vector<store::Parked> bad_;
  bool stored_ = false;
};

}  // namespace huiliu::run
