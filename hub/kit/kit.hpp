// The conformance kit: puts a connector through everything that a hub will do to it, and that remotes,
// networks and people will do to both, and says what to mend. What `huiliu plugin test` runs.
//
//   Report report = test_connector(connector, target);   // report.passed(), to_json(report), to_html(report)
//
// The remote is a twin (a local program with a control surface, sdk/twin) or, without `control`, any system
// that the settings reach; then only what leaves nothing behind is tested. Every operation runs through the
// real host over real HTTP; the kit stands between host and network and makes the faults.
//
// Threads: one test at a time. Takes seconds for a twin with a few dozen records.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hub/host/plugin.hpp"
#include "hub/model/value.hpp"

namespace huiliu::kit {

struct Target {
  model::Value settings;     // of a connection; secrets in clear
  std::string control = {};  // URL of a twin's control surface; empty: a live system, nothing is written
};

enum class Verdict { passed, failed, skipped };
const char* to_string(Verdict verdict) noexcept;

// What came of one check on one stream (or on the connector as a whole).
struct Finding {
  std::string check;   // stable name, "read.resume"
  std::string stream;  // empty: the connector
  Verdict verdict = Verdict::passed;
  std::string message;  // failed: what happened; skipped: why; passed: how much was tried
  std::string fix;      // failed: what to do
};

struct Report {
  std::string connector, version, library;
  std::vector<Finding> findings;
  // Of the checks that were made, the share that passed, 0 to 100.
  int score() const;
  bool passed() const;
  // The names of failed checks, in order, each once.
  std::vector<std::string> failed() const;
};

model::Value to_json(const Report& report);
std::string to_html(const Report& report);  // one self-contained page

struct Options {
  std::vector<std::string> only = {};  // names of checks or their first part ("read"); empty: all
};

Report test_connector(std::shared_ptr<const host::Connector> connector, const Target& target,
                      const Options& options = {});

// All checks with what each proves, for the documentation: [{"name","proves"}].
model::Value describe_checks();

}  // namespace huiliu::kit
