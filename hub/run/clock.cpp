#include "hub/run/clock.hpp"

#include <chrono>

namespace huiliu::run {

model::Micros SystemClock::now() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace huiliu::run
