// The live display of a cycle: a bar per connection, drawn again and again on a terminal; a line now and then
// elsewhere.
#pragma once

#include <chrono>
#include <condition_variable>
#include <iosfwd>
#include <mutex>
#include <string>
#include <thread>

#include "hub/run/cycle.hpp"

namespace huiliu::cli {

class ProgressDisplay {
 public:
  // Draws until it is destroyed. `board` and `out` must outlive it.
  ProgressDisplay(run::ProgressBoard& board, std::ostream& out, bool terminal);
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

 private:
  void loop();
  void draw();
  void line(const std::string& name, const run::Progress& progress, double seconds);

  run::ProgressBoard& board_;
  std::ostream& out_;
  bool terminal_;
  bool drawn_ = false, done_ = false;
  std::chrono::steady_clock::time_point started_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace huiliu::cli
