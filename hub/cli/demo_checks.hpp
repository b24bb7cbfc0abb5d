// What must be zero after the demo's first sync, counted where it would have happened: in the twins. Which
// counters of which twin are meant stands in config/demo/checks.yaml, so that vendors are named there only.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"
#include "hub/run/hub.hpp"

namespace huiliu::cli {

// One system of the demo as the checks see it.
struct CheckedSystem {
  std::string name, control;  // connection; address of the twin's control surface
  model::Value checks;        // of checks.yaml; null: none of its own
};

class DemoChecks {
 public:
  explicit DemoChecks(std::vector<CheckedSystem> systems) : systems_(std::move(systems)) {}

  // Before the first sync: what the world brought along is nobody's fault.
  model::Status begin();
  // After it: runs one more cycle, which must write nothing, and counts. Name of the check → how often; the
  // names erp_creates_without_approval, spelling_only_writes and quiet_cycle_writes always, others as
  // configured.
  model::Result<std::map<std::string, std::int64_t>> count(run::Hub& hub, const std::atomic<bool>& stop);

 private:
  using Numbers = std::map<std::string, std::int64_t>;
  model::Result<Numbers> numbers_of(const CheckedSystem& system) const;

  std::vector<CheckedSystem> systems_;
  std::map<std::string, Numbers> before_;  // by system
};

// The twin's answer to a control request. Errors name the system's address.
model::Result<model::Value> ask_control(const std::string& control, const std::string& path);

// What a check is called in a sentence.
std::string check_words(const std::string& name);

}  // namespace huiliu::cli
