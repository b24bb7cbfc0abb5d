#include "hub/host/environment.hpp"

#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <system_error>

namespace huiliu::host {
namespace {

template <class Clock>
model::Micros micros_of(std::chrono::time_point<Clock> time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

}  // namespace

std::uint64_t random_below(Environment& environment, std::uint64_t bound) {
  if (bound == 0) return 0;
  std::uint64_t drawn = 0;
  environment.random({reinterpret_cast<std::uint8_t*>(&drawn), sizeof drawn});
  return drawn % bound;  // The bias is below 2^-30 for every bound that a wait can have.
}

model::Micros SystemEnvironment::now() { return micros_of(std::chrono::system_clock::now()); }
model::Micros SystemEnvironment::steady() { return micros_of(std::chrono::steady_clock::now()); }

bool SystemEnvironment::sleep(model::Micros duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, std::chrono::microseconds(std::max<model::Micros>(duration, 0)),
                [] { return false; });
  return !stop.stop_requested();
}

void SystemEnvironment::random(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

SteeredEnvironment::SteeredEnvironment(std::optional<model::Micros> clock, std::optional<std::uint64_t> seed)
    : clock_(clock) {
  if (seed) dice_.emplace(*seed);
}

model::Micros SteeredEnvironment::now() {
  const std::lock_guard lock(mutex_);
  return clock_ ? *clock_ : system_.now();
}

model::Micros SteeredEnvironment::steady() {
  const std::lock_guard lock(mutex_);
  return clock_ ? *clock_ : system_.steady();
}

bool SteeredEnvironment::sleep(model::Micros duration, const std::stop_token& stop) {
  if (stop.stop_requested()) return false;
  {
    const std::lock_guard lock(mutex_);
    if (clock_) {
      *clock_ += std::max<model::Micros>(duration, 0);
      return true;
    }
  }
  return system_.sleep(duration, stop);
}

void SteeredEnvironment::random(std::span<std::uint8_t> out) {
  const std::lock_guard lock(mutex_);
  if (!dice_) return system_.random(out);
  while (!out.empty()) {
    const std::uint64_t drawn = dice_->next();
    const std::size_t size = std::min(out.size(), sizeof drawn);
    std::memcpy(out.data(), &drawn, size);
    out = out.subspan(size);
  }
}

void SteeredEnvironment::advance(model::Micros duration) {
  const std::lock_guard lock(mutex_);
  if (clock_) *clock_ += duration;
}

}  // namespace huiliu::host
