// The process of one isolated plugin instance (the program huiliu-plugin-host) and the frames to and from it.
// Nothing that it does or sends can harm or block the host beyond the deadlines given here.
//
// Threads: one at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "hub/host/child_watch.hpp"
#include "hub/host/wire.hpp"
#include "hub/model/result.hpp"

namespace huiliu::host {

class ChildProcess {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  enum class Got { frame, timeout, woken, closed, garbage };

  // Errors: config, the program is not there; retry, no process could be made.
  static model::Result<std::unique_ptr<ChildProcess>> start(ChildWatch& watch);
  ~ChildProcess();  // kills it
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int pid() const noexcept { return pid_; }
  // Asked to stop as soon as it has gone, whatever the host is doing then.
  std::stop_token gone() const noexcept { return gone_.get_token(); }
  // False: it is gone, or did not take it in time.
  bool send(wire::Kind kind, std::uint32_t call, std::uint32_t request, std::string_view payload);
  // The next frame; `woken` when wake_fd can be read. A frame that has begun must be whole within seconds.
  Got receive(wire::Frame& frame, Deadline deadline, int wake_fd);
  // Seconds of processor time that it may still use from now on; then the kernel ends it.
  void limit_cpu(std::uint64_t seconds);
  // Ends it, if it did not end by itself, and says how it ended: "was ended by signal 11 (Segmentation
  // fault)".
  std::string end();

 private:
  ChildProcess(int pid, int socket, ChildWatch& watch) : pid_(pid), socket_(socket), watch_(watch) {}
  Got read_all(char* into, std::size_t size);

  int pid_ = -1;
  int socket_ = -1;
  ChildWatch& watch_;
  std::uint64_t watched_ = 0;
  std::stop_source gone_;
};

}  // namespace huiliu::host
