#include "hub/run/cycle_guard.hpp"

#include <chrono>

#include "hub/model/id.hpp"

namespace huiliu::run {
namespace {

constexpr int looks_per_tick = 20;  // two seconds

}  // namespace

std::uint64_t movement(const ProgressBoard& board) {
  std::uint64_t sum = 0;
  for (const auto& [name, progress] : board.entries())
    sum += progress->read + progress->written + progress->created + progress->fields + progress->dead +
           progress->expected + model::hash64(progress->phase.load());
  return sum;
}

CycleGuard::CycleGuard(std::vector<System*> systems, const ProgressBoard& board, const Clock& clock,
                       model::Micros no_progress, const std::atomic<bool>& caller,
                       const std::atomic<bool>& person, std::function<void()> tick)
    : systems_(std::move(systems)),
      board_(board),
      clock_(clock),
      no_progress_(no_progress),
      caller_(caller),
      person_(person),
      tick_(std::move(tick)),
      thread_([this] { watch(); }) {}

CycleGuard::~CycleGuard() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void CycleGuard::watch() {
  ProgressWatch watch(no_progress_, clock_.now());
  std::unique_lock lock(mutex_);
  for (int look = 1; !wake_.wait_for(lock, std::chrono::milliseconds(100), [this] { return done_; });
       ++look) {
    if (tick_ && look % looks_per_tick == 0) {
      lock.unlock();
      tick_();
      lock.lock();
    }
    if (watch.stalled(movement(board_), clock_.now())) stalled_ = true;
    if (!caller_ && !person_ && !stalled_) continue;
    flag_ = true;
    for (System* system : systems_) system->stop();
  }
}

}  // namespace huiliu::run
