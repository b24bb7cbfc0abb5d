// Our own people across systems: who has which account, who is named twice, who left and still has customers;
// and the handover of customers (离职交接) with an effective date.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hub/run/hub.hpp"

namespace huiliu::run {

// One line per employee:
// {"id","name","job_number","state","accounts":[{connection,key}],"missing":[connection],
// "same_name":[id],"customers":n,"problems":[text]}.
model::Result<model::Array> employee_view(Hub& hub);

// The employee whom a person means: id, job number, or a name that only one has. Errors: not_found; config,
// naming all who have that name.
model::Result<std::string> find_employee(const config::Config& config, store::Snapshot& snapshot,
                                         const std::string& spec);

// Says that an account is this employee: linked at once and kept in tables/employees.csv. Errors: not_found,
// config.
model::Status map_employee(Hub& hub, const model::RecordRef& account, const std::string& employee,
                           const std::string& actor);

struct Handover {
  std::string id, from, to;    // golden ids of employees
  std::string effective;       // YYYY-MM-DD, in the time zone of the hub's messages
  std::string actor, state;    // state: planned, done
  std::int64_t customers = 0;  // at planning, or handed over
};
model::Value handover_view(const Handover& handover);
std::vector<Handover> list_handovers(store::Snapshot& snapshot);

// All customers of `from` get the owner `to` on that day ("": the next one). Errors: config (no date, the
// same person, an unknown one).
model::Result<Handover> plan_handover(Hub& hub, const std::string& from, const std::string& to,
                                      const std::string& effective, const std::string& actor);
// Performs what is due: each customer's owner is decided as at the console, so the authority is written
// first.
model::Status perform_handovers(Workspace& workspace);

// The manager of everybody who left and still has customers hears of it, with the list of them, once.
model::Status tell_leavers(Workspace& workspace);

// The day that it is in a time zone.
model::Result<std::string> local_day(const std::string& time_zone, model::Micros now, int days_later);

}  // namespace huiliu::run
