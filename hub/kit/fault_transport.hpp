// The network between host and remote, with faults made to measure: each exchange is numbered, a plan says
// what happens to it.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>

#include "hub/host/http.hpp"

namespace huiliu::kit {

enum class Fault {
  none,
  refused,      // the connection fails before anything is sent
  lost_answer,  // the remote acts, the answer never arrives
  error_500,
  throttled,  // 429, Retry-After: 1
  html,       // 200 with a page of HTML
  truncated,  // half of the body
  empty,      // 200 with an empty body
  hang,       // nothing, until a stop
};
const char* to_string(Fault fault) noexcept;

// What happens to exchange `number` (from 1). May act itself first: a person's edit, the end of all tokens.
using Plan = std::function<Fault(std::size_t number, const host::HttpRequest& request)>;

class FaultTransport final : public host::Transport {
 public:
  explicit FaultTransport(Plan plan);
  host::HttpAnswer exchange(const host::HttpRequest& request, const std::stop_token& stop) override;
  std::size_t exchanges() const noexcept { return count_; }

 private:
  Plan plan_;
  std::unique_ptr<host::Transport> network_;
  std::atomic<std::size_t> count_{0};
};

}  // namespace huiliu::kit
