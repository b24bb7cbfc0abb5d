// The child's end of the socket: a thread that takes frames from the host, and the plugin's threads, which
// send theirs and wait for answers. A thread that waits also runs operations that the host asks for meanwhile
// (authenticate comes from inside a send). When the host is gone, the process ends.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "hub/host/wire.hpp"

namespace huiliu::host::child {

class Link {
 public:
  using Run = void (*)(wire::Frame frame);    // an operation; sends its result itself
  using Wake = void (*)(std::uint32_t call);  // the host asks the call to stop
  // Owns nothing; lives as long as the process.
  Link(int socket, Run run, Wake wake) : socket_(socket), run_(run), wake_(wake) {}

  // From here on frames are taken in a thread of their own.
  void start();
  // Runs operations until the process ends.
  [[noreturn]] void serve();
  // Before start: the next frame. No value: the host is gone.
  std::optional<wire::Frame> take();

  void send(wire::Kind kind, std::uint32_t call, std::uint32_t request, const std::string& payload);
  // A note, when the host's credit allows.
  void note(std::uint32_t call, wire::Service service, const wire::Writer& payload);
  // Asks and waits; runs operations meanwhile.
  wire::Frame ask(std::uint32_t call, wire::Service service, const wire::Writer& payload);
  void set_credit(std::uint64_t bytes) { credit_ = static_cast<std::int64_t>(bytes); }

 private:
  void receive();
  // With the lock: waits until `ready`, and runs what the host asks for.
  template <class Ready>
  void wait(std::unique_lock<std::mutex>& lock, Ready ready);

  const int socket_;
  const Run run_;
  const Wake wake_;
  std::mutex sending_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<wire::Frame> calls_;
  std::map<std::uint32_t, wire::Frame> replies_;
  std::int64_t credit_ = 0;
  std::uint32_t last_request_ = 0;
};

}  // namespace huiliu::host::child
