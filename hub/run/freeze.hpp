// 月结冻结: which writes wait at a moment, and what a person decided about it.
//
// Three things hold a write back or let it go: the connection's calendar (config/calendars), a stop that a
// person ordered (停写期), and what a person released. The last two are small values of the store (space
// "freeze"); the book keeps a copy of them for the engine, which asks while it plans.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "hub/config/config.hpp"
#include "hub/store/store.hpp"
#include "hub/sync/rules.hpp"

namespace huiliu::run {

struct FreezeWindow {
  model::Micros from = 0, until = 0;
};
// The window of a rule that contains the moment, or the next one after it. Local times that a clock change
// skips or doubles are taken at their first instant. Error (config): the calendar's time zone is unknown.
model::Result<FreezeWindow> month_end_window(const config::Calendar& calendar, const config::FreezeRule& rule,
                                             model::Micros at);

// A stop that a person ordered; `organisation` empty: the whole system.
struct OrderedStop {
  std::string connection, organisation, reason, by;
  model::Micros until = 0;
};

// Any thread. The configuration must outlive it.
class FreezeBook {
 public:
  explicit FreezeBook(const config::Config& config) : config_(config) {}

  // Takes over what the store says now.
  model::Status load(store::Snapshot& snapshot);

  // Why a write of the field to the record waits; "": it does not.
  std::string why(const std::string& connection, const sync::Cluster& cluster, const sync::Replica& replica,
                  const std::string& field, model::Micros now) const;

  // The end of the window of a connection that holds at the moment, the latest of its organisations';
  // nothing: none does.
  std::optional<model::Micros> frozen_until(const std::string& connection, model::Micros now) const;

  static void order_stop(store::Transaction& transaction, const OrderedStop& stop);
  // False: there was none.
  static bool end_stop(store::Transaction& transaction, const std::string& connection,
                       const std::string& organisation);
  // Lets go what waits in the connection until the moment (the end of the window).
  static void release(store::Transaction& transaction, const std::string& connection, model::Micros until,
                      const std::string& by, const std::string& note);
  // Lets one customer pass, by name of a person.
  static void let_pass(store::Transaction& transaction, const std::string& connection,
                       const sync::GoldenId& golden, model::Micros until, const std::string& by,
                       const std::string& note);

 private:
  struct Kept {
    std::vector<OrderedStop> stops;
    std::map<std::string, model::Micros> released;  // by connection, and by "connection golden": until when
  };
  const config::Calendar* calendar_of(const std::string& connection) const;
  std::optional<model::Micros> organisation_until(const std::string& connection,
                                                  const std::string& organisation, const Kept& kept,
                                                  model::Micros now) const;
  std::shared_ptr<const Kept> kept() const;

  const config::Config& config_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Kept> kept_ = std::make_shared<Kept>();
};

}  // namespace huiliu::run
