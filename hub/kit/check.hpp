// One check of the kit: a name, what it proves, and a function that judges a stream or the whole connector.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hub/kit/lab.hpp"

namespace huiliu::kit {

// Takes a check's findings; without any the check has passed.
class Judge {
 public:
  Judge(std::string check, std::string stream) : check_(std::move(check)), stream_(std::move(stream)) {}
  void fail(std::string message, std::string fix) {
    findings_.push_back({check_, stream_, Verdict::failed, std::move(message), std::move(fix)});
  }
  void skip(std::string why) { findings_.push_back({check_, stream_, Verdict::skipped, std::move(why), {}}); }
  // How much was tried: what a passed check says.
  void note(std::string text) { note_ = std::move(text); }
  bool failed() const { return !findings_.empty(); }
  std::vector<Finding> take() {
    if (findings_.empty()) findings_.push_back({check_, stream_, Verdict::passed, note_, {}});
    return std::move(findings_);
  }

 private:
  std::string check_, stream_, note_;
  std::vector<Finding> findings_;
};

struct Check {
  enum class Per { connector, readable_stream, writable_stream };
  const char* name;
  const char* proves;
  Per per;
  void (*judge)(Lab& lab, const host::StreamSpec* stream, Judge& judge);
};

// One table for each file of checks.
const std::vector<Check>& contract_checks();
const std::vector<Check>& read_checks();
const std::vector<Check>& fault_checks();
const std::vector<Check>& write_checks();
const std::vector<Check>& isolation_checks();

}  // namespace huiliu::kit
