// Faults that a twin injects into its vendor API, so that a hub can be seen to survive them.
//
// Each fault strikes with a probability, or the next N matching requests, or both. The dice are seeded:
// the same requests in the same order meet the same faults.
// Threads: guarded inside.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>

#include "sdk/twin/http_server.hpp"

namespace huiliu::twin {

enum class Fault {
  drop,                  // the connection ends, the request was not handled
  http_502,              // a gateway's 502, not handled
  html,                  // 200 with an HTML page, not handled
  rate_limit,            // the vendor's own "too many requests", not handled
  timeout_after_commit,  // handled; the answer never comes: held for "ms" (default 0), then closed
  slow,                  // handled; answered after "ms" (default 2000)
  truncated,             // handled; half of the JSON under an honest length
  partial_body,          // handled; half of the body, then the connection ends
  empty_list,            // a list endpoint answers as if it had no records (HttpRequest::empty_list)
};

std::string_view fault_name(Fault fault);  // as in the JSON: "drop", "http_502", …

class Faults {
 public:
  // What strikes one request; at most one fault each. `ms` only where the fault has a duration.
  struct Strike {
    bool any = false;
    Fault fault = Fault::drop;
    std::chrono::milliseconds duration{0};
  };

  // Replaces all settings:
  // {"seed":7,"http_502":{"probability":0.1,"match":"/save"},"drop":{"next":3},"slow":0.2}. A bare number is
  // a probability; "match" limits a fault to targets that contain that text; {} clears everything. Throws
  // TwinError 400 for an unknown name or a number out of range, and then changes nothing.
  void configure(const boost::json::object& settings);
  boost::json::object to_json() const;  // the settings, with what is left of "next", and "struck": {name: n}

  Strike roll(const HttpRequest& request);

 private:
  struct Setting {
    double probability = 0;
    std::uint64_t next = 0;
    std::chrono::milliseconds duration{0};
    std::string match;
  };

  mutable std::mutex mutex_;
  std::map<Fault, Setting> settings_;
  std::map<Fault, std::uint64_t> struck_;
  std::uint64_t seed_ = 1;
  std::mt19937_64 dice_{1};
};

}  // namespace huiliu::twin
