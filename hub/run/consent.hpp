// What persons agreed to: per person and purpose, given or withdrawn. The book keeps a copy of it for the
// engine, which asks while it plans, so that a withdrawal stops the next write.
//
// Small values of the store, space "consent", key "GOLDEN PURPOSE"; each change is a line of the audit.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "hub/config/config.hpp"
#include "hub/store/store.hpp"
#include "hub/sync/rules.hpp"

namespace huiliu::run {

struct Consent {
  sync::GoldenId person;
  std::string purpose;
  bool given = false;  // false: withdrawn
  std::string note;    // where it is proved: a contract, a form; carries no personal value
  std::string by;
  model::Micros at = 0;
};

// Any thread.
class ConsentBook {
 public:
  // Takes over what the store says now; of merged persons: who withdrew once has withdrawn.
  model::Status load(store::Snapshot& snapshot);

  // Why a value of the field may not be given to the system; "": it may.
  std::string why_withheld(const config::RecipientConfig& recipient, const model::Entity& entity,
                           model::FieldIndex field, const sync::GoldenId& golden) const;

  // Has every system of the rules ask this book before a personal value is given to it. The book and the
  // configuration must outlive the rules.
  void guard(sync::Rules& rules, const config::Config& config) const;

  static void record(store::Transaction& transaction, const Consent& consent);
  static std::vector<Consent> of_person(store::Snapshot& snapshot, const sync::GoldenId& person);
  static void forget(store::Transaction& transaction, const sync::GoldenId& person);

 private:
  std::optional<bool> said(const sync::GoldenId& golden, const std::string& purpose) const;
  using Said = std::map<std::pair<sync::GoldenId, std::string>, bool>;
  mutable std::mutex mutex_;
  std::shared_ptr<const Said> said_ = std::make_shared<Said>();
};

// {"purpose","given","at","by","note"}
model::Value consent_view(const Consent& consent);

}  // namespace huiliu::run
