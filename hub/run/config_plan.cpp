#include "hub/run/config_plan.hpp"

#include <cstdlib>
#include <filesystem>
#include <set>

#include "hub/model/id.hpp"
#include "hub/run/views.hpp"

namespace huiliu::run {
namespace {

namespace fs = std::filesystem;
using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

// A directory that only this user may enter, gone with the object: configurations and a copy of the store.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "huiliu-plan-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;  // what cannot be removed is temporary all the same
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  bool good() const { return !path_.empty(); }
  std::string at(const char* name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

Result<std::vector<Value>> writes_under(const HubOptions& options) {
  HUILIU_ASSIGN(const std::unique_ptr<Hub> hub, Hub::open(options));
  HUILIU_ASSIGN(const Hub::Planned planned, hub->plan({}));
  std::vector<Value> views;
  for (const sync::PlannedWrite& write : planned.writes)
    views.push_back(planned_write_view(hub->config().schema, write));
  return views;
}

// A write's identity for comparing two plans: where and what, not why.
std::string identity_of(const Value& write) {
  return model::to_canonical_json(Object{{"connection", write["connection"]},
                                         {"stream", write["stream"]},
                                         {"key", write["key"]},
                                         {"customer", write["customer"]},
                                         {"op", write["op"]},
                                         {"fields", write["fields"]}});
}

std::vector<Value> without(const std::vector<Value>& writes, const std::vector<Value>& others) {
  std::set<std::string> known;
  for (const Value& write : others) known.insert(identity_of(write));
  std::vector<Value> left;
  for (const Value& write : writes)
    if (!known.contains(identity_of(write))) left.push_back(write);
  return left;
}

// What the store says is in force; nothing in both when there is no store.
struct InForce {
  bool store = false;
  std::optional<Revision> revision;
  config::Texts texts;
};
Result<InForce> in_force(const HubOptions& options) {
  InForce found;
  HubOptions look = options;
  look.mode = store::OpenMode::reader;
  look.plugins_needed = false;
  look.config.clear();
  auto hub = Hub::open(look);
  if (!hub.ok() && hub.error().error_class == ErrorClass::not_found) return found;
  if (!hub.ok()) return hub.error();
  found.store = true;
  HUILIU_TRY((*hub)->store().read([&](store::Snapshot& snapshot) -> Status {
    found.revision = current_revision(snapshot);
    if (found.revision) {
      HUILIU_ASSIGN(found.texts, texts_of(snapshot, *found.revision));
    }
    return {};
  }));
  return found;
}

Status copy_store(const HubOptions& options, const std::string& path) {
  HubOptions look = options;
  look.mode = store::OpenMode::reader;
  look.plugins_needed = false;
  look.config.clear();
  HUILIU_ASSIGN(const std::unique_ptr<Hub> hub, Hub::open(look));
  return hub->store().backup(path);
}

Status plan_effects(const HubOptions& options, const InForce& now, const Scratch& scratch, ConfigPlan& plan) {
  HubOptions later = options;
  later.config = scratch.at("config");
  later.mode = store::OpenMode::owner;
  later.store = "sqlite:" + scratch.at("copy.db");
  HUILIU_TRY(copy_store(options, scratch.at("copy.db")));
  std::vector<Value> before;
  if (now.revision) {
    HUILIU_TRY(config::write_texts(scratch.at("before"), now.texts));
    HubOptions earlier = options;
    earlier.config = scratch.at("before");
    earlier.mode = store::OpenMode::reader;
    // A revision that does not load any more (its connector is gone) would write nothing.
    if (auto writes = writes_under(earlier); writes.ok()) before = std::move(*writes);
  }
  HUILIU_ASSIGN(const std::vector<Value> after, writes_under(later));
  plan.writes = without(after, before);
  plan.withdrawn = without(before, after);
  return {};
}

Value counts_of(const std::vector<Value>& writes) {
  std::int64_t fields = 0;
  std::set<std::string> records;
  std::map<std::string, std::int64_t> connections;
  for (const Value& write : writes) {
    fields += static_cast<std::int64_t>(write["fields"].as_object().size());
    records.insert(
        write["connection"].to_text() + "\n" + write["stream"].to_text() + "\n" +
        (write["key"].to_text().empty() ? "+" + write["customer"].to_text() : write["key"].to_text()));
    ++connections[write["connection"].to_text()];
  }
  Object by_connection;
  for (const auto& [name, count] : connections) by_connection.set(name, count);
  return Object{{"writes", static_cast<std::int64_t>(writes.size())},
                {"records", static_cast<std::int64_t>(records.size())},
                {"fields", fields},
                {"connections", std::move(by_connection)}};
}

}  // namespace

Result<ConfigPlan> plan_configuration(const HubOptions& options, const config::Texts& texts) {
  ConfigPlan plan;
  const Scratch scratch;
  if (!scratch.good()) return make_error(ErrorClass::retry, "no temporary directory can be made");
  HUILIU_TRY(config::write_texts(scratch.at("config"), texts));
  std::error_code error;
  fs::create_directories(scratch.at("config"), error);
  HubOptions checked = options;
  checked.config = scratch.at("config");
  if (const auto errors = validate(checked); !errors.empty()) {
    model::Error all = errors.front();
    for (std::size_t i = 1; i < errors.size(); ++i) all.message += "\n" + errors[i].text();
    return all;
  }
  HUILIU_ASSIGN(const InForce now, in_force(options));
  plan.from = now.revision;
  plan.to = config::fingerprint(texts);
  plan.files = config::differences(now.texts, texts);
  plan.effects_known = now.store;
  const bool same = now.revision && now.revision->fingerprint == plan.to;
  if (now.store && !same) HUILIU_TRY(plan_effects(options, now, scratch, plan));
  std::uint64_t hash = model::hash64(plan.to, model::hash64(now.revision ? now.revision->fingerprint : ""));
  for (const auto* writes : {&plan.writes, &plan.withdrawn})
    for (const Value& write : *writes) hash = model::hash64(identity_of(write), hash);
  plan.hash = std::to_string(hash);
  return plan;
}

Value config_plan_view(const ConfigPlan& plan) {
  model::Array files, writes, withdrawn;
  for (const config::FileDifference& file : plan.files) files.push_back(config::difference_view(file));
  for (const Value& write : plan.writes) writes.push_back(write);
  for (const Value& write : plan.withdrawn) withdrawn.push_back(write);
  return Object{{"hash", plan.hash},
                {"revision", plan.from ? std::to_string(plan.from->number) : ""},
                {"files", std::move(files)},
                {"effects", counts_of(plan.writes)},
                {"effects_known", plan.effects_known},
                {"writes", std::move(writes)},
                {"withdrawn", std::move(withdrawn)}};
}

}  // namespace huiliu::run
