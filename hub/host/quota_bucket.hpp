// Inside of hub/host/quota: one bucket. The clock comes in with every call.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>

#include "hub/host/quota.hpp"

namespace huiliu::host {

// Counts uses in the last period: a ring of slots, each with the number of its slot on the time line.
class QuotaWindow {
 public:
  static constexpr std::size_t slots = 64;
  explicit QuotaWindow(model::Micros period);

  model::Micros period() const { return slot_length_ * static_cast<model::Micros>(slots); }
  double used(model::Micros now) const;
  // The earliest moment, not before `from`, at which `cost` more units fit under `limit`.
  model::Micros earliest(model::Micros from, double limit, double cost) const;
  void use(model::Micros at, double cost);

 private:
  struct Slot {
    std::int64_t number = -1;
    double units = 0;
  };
  static std::size_t index(std::int64_t number);
  static bool counts(const Slot& slot, std::int64_t now_slot);

  model::Micros slot_length_;
  std::array<Slot, slots + 1> ring_ = {};
};

class QuotaBucket {
 public:
  // A caller of acquire, from its arrival to its turn.
  class Visit {
   public:
    Visit(QuotaBucket& bucket, Priority priority) : bucket_(bucket), priority_(priority) {}
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit();
    // Takes the units and a place, when it is this caller's turn: nullopt. Else the moment to ask again; when
    // a stop was asked for, now.
    std::optional<model::Micros> try_take(Environment& environment, const QuotaLimits& limits,
                                          std::uint32_t cost, const std::stop_token& stop);

   private:
    QuotaBucket& bucket_;
    const Priority priority_;
    bool waits_ = false;
  };

  void leave();
  void refused(model::Micros now, model::Micros retry_after);
  void hold(model::Micros until);
  QuotaBook::Learned learned();

 private:
  using Limits = std::array<double, 5>;

  // What holds now: the caller's, or what was learned below it.
  Limits effective(const QuotaLimits& limits, model::Micros now);
  void raise(std::size_t period, double wanted, model::Micros now);
  model::Micros earliest(const Limits& limits, Priority priority, std::uint32_t cost,
                         model::Micros now) const;
  std::size_t exceeded_period(model::Micros now, model::Micros retry_after) const;

  std::mutex mutex_;
  std::condition_variable_any left_;
  std::uint32_t inside_ = 0;
  std::array<std::uint32_t, 3> waiting_ = {};  // by priority: those who were told to come back
  std::array<QuotaWindow, 5> windows_ = {
      QuotaWindow(model::second), QuotaWindow(60 * model::second), QuotaWindow(3'600 * model::second),
      QuotaWindow(86'400 * model::second), QuotaWindow(31 * 86'400 * model::second)};
  Limits wanted_ = {}, learned_ = {};
  Limits met_ = {};                            // where each was last refused
  std::array<int, 5> sightings_ = {};          // in a row at that place
  std::array<int, 5> raises_ = {};             // since then
  std::array<model::Micros, 5> changed_ = {};  // when each was last learned or raised
  std::array<model::Micros, 2> paced_ = {};    // the back-fill's next moment, by second and by minute
  model::Micros blocked_until_ = 0;
  model::Micros interactive_at_ = -3600 * model::second;  // the last interactive use; long ago: none
  double used_ = 0;
  std::uint64_t refusals_ = 0;
};

}  // namespace huiliu::host
