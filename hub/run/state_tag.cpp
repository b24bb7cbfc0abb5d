#include "hub/run/state_tag.hpp"

#include "hub/mapping/mapping.hpp"
#include "hub/run/changed.hpp"

namespace huiliu::run {
namespace {

model::Status set_state_tag(Workspace& workspace, store::Transaction& transaction,
                            const model::Entity& customer, const sync::Golden& golden) {
  const std::string& tag = workspace.config->policies.inactive_tag;
  const model::FieldIndex tags = customer.index_of("tags");
  const auto state = golden.fields.find(customer.index_of("state"));
  const bool inactive = state != golden.fields.end() && state->second.value.value.to_text() == "inactive";
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

model::Status tag_inactive(Workspace& workspace) {
  const model::Entity* customer = workspace.config->schema.find("customer");
  if (customer == nullptr || workspace.config->policies.inactive_tag.empty() ||
      customer->index_of("tags") == model::no_field || customer->index_of("state") == model::no_field)
    return {};
  return workspace.store->write([&](store::Transaction& transaction) {
    return each_changed(transaction, "state_tag", "customer", [&](const sync::Golden& golden, bool) {
      return set_state_tag(workspace, transaction, *customer, golden);
    });
  });
}

}  // namespace huiliu::run
