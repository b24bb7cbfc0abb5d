// Which troubles are told, when, and together with which others. Pure: time comes in as an argument; the book
// is kept as one small value of the store.
//
// A trouble has a key ("failed/erp"). While it lasts it is told once, and again after `repeat`; when it ends
// after it was told, that is told too. What comes within `group` travels together. In the quiet hours only
// urgent ones leave; the others wait for their end.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hub/config/alerts.hpp"
#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::run {

struct Alert {
  std::string kind, about;  // kind of config::is_alert_kind; about: a connection, a stream, a job
  std::string zh, en;       // what happened and what to do, a line each
};

struct AlertEntry {
  Alert alert;
  model::Micros first = 0, last = 0, told = 0;  // told 0: not yet
  std::int64_t count = 0;
  bool over = false;
};

class AlertBook {
 public:
  explicit AlertBook(const config::AlertSettings& settings) : settings_(settings) {}

  void raise(const Alert& alert, model::Micros now);
  void over(const std::string& kind, const std::string& about, model::Micros now);
  // What leaves now, together; it counts as told. `quiet`: the hour is one of the quiet ones.
  std::vector<AlertEntry> due(model::Micros now, bool quiet);
  // It could not be delivered: told again when it is due next.
  void undo(const std::vector<AlertEntry>& entries);
  std::vector<AlertEntry> open() const;

  model::Value stored() const;
  void load(const model::Value& stored);

 private:
  bool wants_out(const AlertEntry& entry, model::Micros now) const;
  const config::AlertSettings& settings_;
  std::map<std::string, AlertEntry> entries_;  // by kind/about
};

// Is the moment within the quiet hours? An unknown zone has none.
bool is_quiet(const config::AlertSettings& settings, model::Micros now);

}  // namespace huiliu::run
