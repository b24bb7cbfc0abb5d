#include "hub/run/state_tag.hpp"

#include <algorithm>

#include "hub/mapping/mapping.hpp"
#include "hub/run/changed.hpp"
#include "hub/run/messages.hpp"

namespace huiliu::run {
namespace {

bool is_inactive(const model::Entity& customer, const sync::Golden& golden) {
  const auto state = golden.fields.find(customer.index_of("state"));
  return state != golden.fields.end() && state->second.value.value.to_text() == "inactive";
}

// Not told of a customer who was disabled before the hub knew him: a first load would tell of hundreds.
bool was_in_use(store::Snapshot& snapshot, const sync::Golden& golden) {
  const auto history = snapshot.history(golden.id);
  return std::any_of(history.begin(), history.end(), [](const sync::HistoryEntry& entry) {
    return entry.field == "state" && !entry.lost && entry.value.value.to_text() == "active";
  });
}

model::Status set_state_tag(Workspace& workspace, store::Transaction& transaction,
                            const model::Entity& customer, const sync::Golden& golden) {
  const std::string& tag = workspace.config->policies.inactive_tag;
  const model::FieldIndex tags = customer.index_of("tags");
  if (tag.empty() || tags == model::no_field) return {};
  const bool inactive = is_inactive(customer, golden);
  model::Array others;
  bool tagged = false;
  const auto known = golden.fields.find(tags);
  const model::Array* list = known == golden.fields.end() ? nullptr : known->second.value.value.if_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const bool ours = (*list)[i].to_text() == tag;
    tagged = tagged || ours;
    if (!ours) others.push_back((*list)[i]);
  }
  if (tagged == inactive) return {};
  if (inactive) others.emplace_back(tag);
  model::FieldValue said{model::Presence::cleared, {}, {}};
  if (!others.empty()) {
    HUILIU_ASSIGN(said, mapping::field_value(customer.fields[tags], model::Value(std::move(others))));
  }
  return workspace.engine->edit(transaction, golden.id, "tags", said, "rule", workspace.clock->now());
}

}  // namespace

model::Status mark_inactive(Workspace& workspace) {
  const model::Entity* customer = workspace.config->schema.find("customer");
  if (customer == nullptr || customer->index_of("state") == model::no_field) return {};
  return each_changed(workspace, "state_tag", "customer",
                      [&](store::Transaction& transaction, const auto& page, bool) -> model::Status {
                        for (const sync::Golden& golden : page) {
                          if (is_inactive(*customer, golden) && was_in_use(transaction, golden))
                            tell_disabled(workspace, transaction, *customer, golden);
                          HUILIU_TRY(set_state_tag(workspace, transaction, *customer, golden));
                        }
                        return {};
                      });
}

}  // namespace huiliu::run
