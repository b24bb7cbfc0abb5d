// The demo: the twins of config/demo/demo.yaml, a hub over them with the demo configuration, the first
// two-way sync, and then a hub that goes on serving.
#pragma once

#include <cstdint>
#include <string>

#include "hub/cli/session.hpp"

namespace huiliu::cli {

struct DemoOptions {
  bool once = false;
  std::int64_t customers = 600;
  std::uint64_t seed = 1;
  int port = 0;
  std::string data;
  double quota_factor = 1000;
  std::string state;
};

int run_demo(Session& session, const DemoOptions& options);

}  // namespace huiliu::cli
