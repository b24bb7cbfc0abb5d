// Golden records that changed since a rule looked at them last.
#pragma once

#include <algorithm>
#include <string>

#include "hub/store/store.hpp"

namespace huiliu::run {

// Visits every golden record of the entity that changed since the last call under this name (the first time:
// all of them), and remembers up to when. `visit`: Status(const Golden&, bool first_time); what it changes
// itself is visited again the next time.
template <class Visit>
model::Status each_changed(store::Transaction& transaction, const std::string& name,
                           const std::string& entity, Visit visit) {
  constexpr const char* up_to_space = "changed_up_to";
  constexpr std::size_t page_of_goldens = 500;
  const auto kept = transaction.load_value(up_to_space, name);
  const model::Micros since = kept ? model::Number{*kept}.to_int64().value_or(0) : model::unknown_time;
  model::Micros newest = kept ? since : 0;
  std::string after;
  while (true) {
    const auto page = transaction.list_goldens({entity, {}, {}, since}, {after, page_of_goldens});
    for (const sync::Golden& golden : page) {
      newest = std::max(newest, golden.changed);
      HUILIU_TRY(visit(golden, !kept));
    }
    if (page.size() < page_of_goldens) break;
    after = page.back().id;
  }
  transaction.save_value(up_to_space, name, std::to_string(newest));
  return {};
}

}  // namespace huiliu::run
