// Golden records that changed since a rule looked at them last.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

// Visits every golden record of the entity that changed since the last call under this name (the first time:
// all of them), a page at a time, each page in a transaction of its own: others write in between. Only at the
// end is remembered up to when; who is stopped begins again, so a visit twice must do what one visit
// does. `visit`: Status(Transaction&, const std::vector<Golden>& page, bool first_time); what it changes
// itself is visited again the next time.
template <class Visit>
model::Status each_changed(Workspace& workspace, const std::string& name, const std::string& entity,
                           Visit visit) {
  constexpr const char* up_to_space = "changed_up_to";
  constexpr std::size_t page_of_goldens = 500;
  std::optional<std::string> kept;
  const auto read_kept = [&](store::Snapshot& snapshot) -> model::Status {
    kept = snapshot.load_value(up_to_space, name);
    return {};
  };
  HUILIU_TRY(workspace.store->read(read_kept));
  // What others change behind the pass, while it goes on, is later than its beginning: visited the next time.
  const model::Micros began = workspace.clock->now();
  const model::Micros since = kept ? model::Number{*kept}.to_int64().value_or(0) : model::unknown_time;
  model::Micros newest = kept ? since : 0;
  std::string after;
  bool more = true;
  const auto visit_page = [&](store::Transaction& transaction) -> model::Status {
    const auto page = transaction.list_goldens({entity, {}, {}, since}, {after, page_of_goldens});
    for (const sync::Golden& golden : page) newest = std::max(newest, golden.changed);
    HUILIU_TRY(visit(transaction, page, !kept));
    more = page.size() == page_of_goldens;
    if (more)
      after = page.back().id;
    else
      transaction.save_value(up_to_space, name, std::to_string(std::min(newest, began)));
    return {};
  };
  while (more && !(workspace.stopping && workspace.stopping()))
    HUILIU_TRY(workspace.store->write(visit_page));
  return {};
}

}  // namespace huiliu::run
