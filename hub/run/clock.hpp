// The hub's clock, as an argument: run and above read time only through it.
#pragma once

#include "hub/model/time.hpp"

namespace huiliu::run {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual model::Micros now() const = 0;
};

class SystemClock final : public Clock {
 public:
  model::Micros now() const override;
};

}  // namespace huiliu::run
