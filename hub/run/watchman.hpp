// Notices what a person must know (a paused system, failing runs, brakes, dead letters, lag, an unsound
// store) and tells it by mail, webhook and the office suites' messages. What it knows survives a restart.
//
// Threads: any. Delivering happens on a thread of its own, so that a slow mail server holds up no run.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "hub/run/alert_book.hpp"
#include "hub/run/hub.hpp"

namespace huiliu::run {

class Watchman {
 public:
  // `complain`: told what could not be delivered, and why. The hub outlives it.
  Watchman(Hub& hub, std::function<void(const std::string&)> complain);
  ~Watchman();

  void saw(const CycleReport& report);
  // A backup or a check of the store.
  void saw_house(const std::string& job, const model::Status& ended);
  std::vector<AlertEntry> open() const;

 private:
  void loop();
  void look_around();
  void deliver();
  model::Status send(const std::vector<AlertEntry>& entries);
  void keep();

  Hub& hub_;
  const config::AlertSettings settings_;
  std::function<void(const std::string&)> complain_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  AlertBook book_;
  bool changed_ = false, stop_ = false;
  std::thread thread_;
};

// What the store keeps of the book. A book that cannot be read is an empty one.
void load_book(store::Snapshot& snapshot, AlertBook& book);

// What a group of alerts says: a subject and a text, both languages.
struct AlertWords {
  std::string subject, text;
};
AlertWords words_of(const std::vector<AlertEntry>& entries);

}  // namespace huiliu::run
