// Inside of hub/host: notices at once when the process of an isolated plugin is gone, also while the host
// works for it and reads none of its frames. One thread that waits for the far ends of all their sockets to
// close.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>

namespace huiliu::host {

// Threads: any. The thread of its own begins with the first socket.
class ChildWatch {
 public:
  ChildWatch();
  ~ChildWatch();
  ChildWatch(const ChildWatch&) = delete;
  ChildWatch& operator=(const ChildWatch&) = delete;

  // `gone` is asked to stop, from the watch's thread, when the far end of `socket` has closed. The number is
  // for forget(), before which the socket must stay open; 0: no descriptors are left to watch with.
  std::uint64_t watch(int socket, std::stop_source gone);
  void forget(std::uint64_t number, int socket);

 private:
  void run();

  int epoll_ = -1, end_ = -1;
  std::mutex mutex_;  // protects what follows
  std::map<std::uint64_t, std::stop_source> watched_;
  std::uint64_t last_ = 0;
  std::thread thread_;
};

}  // namespace huiliu::host
