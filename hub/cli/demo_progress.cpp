#include "hub/cli/demo_progress.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <ostream>

#include "hub/cli/session.hpp"

namespace huiliu::cli {
namespace {

const char* phase_word(std::string_view phase) {
  if (phase == "waiting") return say("等待", "waiting");
  if (phase == "reading") return say("读取", "reading");
  if (phase == "looking") return say("核实", "looking");
  if (phase == "writing") return say("写入", "writing");
  return phase == "done" ? say("完成", "done") : say("失败", "failed");
}

}  // namespace

ProgressDisplay::ProgressDisplay(run::ProgressBoard& board, std::ostream& out, bool terminal)
    : board_(board),
      out_(out),
      terminal_(terminal),
      started_(std::chrono::steady_clock::now()),
      thread_([this] { loop(); }) {}

ProgressDisplay::~ProgressDisplay() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  wake_.notify_all();
  thread_.join();
  draw();
}

void ProgressDisplay::loop() {
  std::unique_lock lock(mutex_);
  const auto pause = terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(5000);
  while (!wake_.wait_for(lock, pause, [this] { return done_; })) draw();
}

void ProgressDisplay::draw() {
  if (terminal_ && drawn_) out_ << "\x1b[" << board_.entries().size() << 'A';
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  for (const auto& [name, progress] : board_.entries()) line(name, *progress, seconds);
  out_ << std::flush;
  drawn_ = true;
}

void ProgressDisplay::line(const std::string& name, const run::Progress& progress, double seconds) {
  const std::uint64_t read = progress.read;
  const std::uint64_t expected = std::max(progress.expected.load(), read);
  const double share = expected == 0 ? 0 : static_cast<double>(read) / static_cast<double>(expected);
  const double rate = seconds > 0 ? static_cast<double>(read) / seconds : 0;
  const std::string_view phase = progress.phase.load();
  std::string bar(20, '.');
  for (std::size_t i = 0; i < bar.size(); ++i)
    if (static_cast<double>(i) < share * static_cast<double>(bar.size())) bar[i] = '#';
  out_ << (terminal_ ? "\x1b[2K" : "") << "  " << std::left << std::setw(10) << name << ' '
       << phase_word(phase) << " [" << bar << "] " << say("读取 ", "read ") << read
       << (progress.expected > 0 ? "/" + std::to_string(expected) : std::string()) << "  "
       << std::lround(rate) << say("条/秒", "/s");
  if (expected > read && rate > 1 && phase == "reading")
    out_ << say("  剩余 ", "  ETA ") << std::lround(static_cast<double>(expected - read) / rate)
         << say("秒", "s");
  out_ << say("  写入 ", "  written ") << progress.written.load() << '\n';
}

}  // namespace huiliu::cli
