// An installation for one test: a temporary directory with configuration and store, twins as processes, and
// the huiliu program. Everything ends and disappears with it.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hub/cli/twin_process.hpp"
#include "hub/model/value.hpp"

namespace huiliu::e2e {

struct Finished {
  int exit_code = -1;
  std::string out, err;
  // The whole output as one JSON value, or its last line.
  model::Value json() const;
  std::vector<model::Value> lines() const;
};

// The text at a path of a record; "" when there is none.
std::string value_text(const model::Value& record, const std::string& path);

// A process of the huiliu program.
class Process {
 public:
  Process(const std::vector<std::string>& arguments, const std::filesystem::path& directory);
  ~Process();  // kills it when it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  void kill_hard();
  void terminate();
  Finished wait();
  const std::filesystem::path& output() const { return out_; }  // what it has printed so far
  std::string text_after(
      const std::string& start) const;  // `start` and what follows it up to a blank or comma
  bool wait_for_text(const std::string& text, int seconds);  // in its output of either kind
  // Ends its child processes of this name as the kernel would that is out of memory; how many there were.
  int kill_children(const std::string& name) const;

 private:
  int pid_ = -1;
  std::filesystem::path out_, err_;
};

class Installation {
 public:
  // Twins of the demo's systems with a generated world; connections as the demo has them, with schedules left
  // out.
  explicit Installation(int customers, int seed = 1,
                        const std::vector<std::string>& systems = {"kingdee", "dingtalk", "site"});
  ~Installation();

  // huiliu ARGUMENTS --json with this store and configuration.
  Finished huiliu(const std::vector<std::string>& arguments) const;
  std::vector<std::string> command(std::vector<std::string> arguments) const;
  // Runs cycles until one applies nothing; fails the test when that takes more than `most`.
  model::Value settle(int most = 5) const;

  // The twin's control surface.
  model::Value get(const std::string& system, const std::string& path) const;
  model::Value post(const std::string& system, const std::string& path, const model::Value& body) const;
  model::Value edit(const std::string& system, const std::string& stream, const std::string& key,
                    const model::Object& fields) const;
  model::Value record(const std::string& system, const std::string& stream, const std::string& key) const;
  // creates + updates + deletes that came in through the vendor's API.
  std::int64_t writes(const std::string& system) const;
  void reset_counters() const;

  model::Value customer(const std::string& id) const;
  // Golden records of the entity that have a record in every one of these connections.
  std::vector<model::Value> shared(const std::string& entity,
                                   const std::vector<std::string>& connections) const;
  // The record's key of a golden record (as `customer show` or `list` returns it) in a connection; "" when
  // there is none.
  static std::string key_in(const model::Value& golden, const std::string& connection);

  std::filesystem::path directory, config, store;

 private:
  std::map<std::string, std::unique_ptr<cli::TwinProcess>> twins_;
};

}  // namespace huiliu::e2e
