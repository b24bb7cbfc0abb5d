// The host's only door to time, waiting and dice. Everything in hub/host that needs one of them takes an
// Environment&, so that tests and `plugin call --clock --seed` decide what they say.
//
// Threads: every member of every Environment may be called from any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>

#include "hub/model/id.hpp"
#include "hub/model/time.hpp"

namespace huiliu::host {

class Environment {
 public:
  virtual ~Environment() = default;
  // Wall clock, µs since 1970 UTC. May jump.
  virtual model::Micros now() = 0;
  // Monotonic clock, µs since some fixed moment: for waits and quotas.
  virtual model::Micros steady() = 0;
  // Waits that long. False: a stop was asked for meanwhile (or before).
  virtual bool sleep(model::Micros duration, const std::stop_token& stop) = 0;
  virtual void random(std::span<std::uint8_t> out) = 0;
};

// A number in [0, bound); 0 when bound is 0.
std::uint64_t random_below(Environment& environment, std::uint64_t bound);

// The machine's clocks and the kernel's randomness.
class SystemEnvironment final : public Environment {
 public:
  model::Micros now() override;
  model::Micros steady() override;
  bool sleep(model::Micros duration, const std::stop_token& stop) override;
  void random(std::span<std::uint8_t> out) override;
};

// A clock that stands still and is moved only by sleeping (which returns at once), and dice with a seed. What
// is not given comes from the system.
class SteeredEnvironment final : public Environment {
 public:
  SteeredEnvironment(std::optional<model::Micros> clock, std::optional<std::uint64_t> seed);

  model::Micros now() override;
  model::Micros steady() override;
  bool sleep(model::Micros duration, const std::stop_token& stop) override;
  void random(std::span<std::uint8_t> out) override;

  // Moves the clock, when it is steered.
  void advance(model::Micros duration);

 private:
  SystemEnvironment system_;
  std::mutex mutex_;
  std::optional<model::Micros> clock_;
  std::optional<model::SeededRandom> dice_;
};

}  // namespace huiliu::host
