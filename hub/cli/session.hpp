// What a command works with: streams, options, and the hub, opened only as far as the command needs it.
//
// A command runs in its own process, or inside a running `huiliu serve`, which owns the store: then `served`
// is its hub and the command's output travels back over the control socket.
#pragma once

#include <atomic>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "hub/run/hub.hpp"

namespace huiliu::cli {

// Exit codes of every command.
inline constexpr int done = 0, failed = 1, usage = 2;

struct Io {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

struct GlobalOptions {
  std::string store, config;
  bool json = false;
};

// Where the shipped configuration and the plugins stand, found from the executable's own place.
struct Installation {
  std::string shipped;
  std::vector<std::string> plugins;
  std::string executable, twin;
  std::string templates;  // of `plugin new`
  static Installation find();
};

class Session {
 public:
  Session(GlobalOptions options, Io& io, run::Hub* served, const std::atomic<bool>& stop)
      : options_(std::move(options)), io_(io), served_(served), stop_(stop) {}

  Io& io() { return io_; }
  bool json() const { return options_.json; }
  const GlobalOptions& options() const { return options_; }
  const std::atomic<bool>& stop() const { return stop_; }
  bool served() const { return served_ != nullptr; }

  // The whole hub, owning the store.
  model::Result<run::Hub*> hub();
  // Closes the hub that hub() opened here; the next hub() opens it again.
  void release() { own_.reset(); }
  // A look at the store: the served hub's, or a reader's snapshot beside whoever owns it.
  model::Status read(const std::function<model::Status(store::Snapshot&, const model::Schema&)>& look);

  // Prints the error and returns `failed`.
  int fail(const model::Error& error);

 private:
  GlobalOptions options_;
  Io& io_;
  run::Hub* served_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<run::Hub> own_;
};

run::HubOptions hub_options(const GlobalOptions& options, store::OpenMode mode, bool plugins_needed);

// The whole hub beside whoever owns the store; where there is no store yet, it is made.
model::Result<std::unique_ptr<run::Hub>> open_beside(const GlobalOptions& options);

// One JSON value on a line, or pretty for people who did not ask for --json.
void print_json(Session& session, const model::Value& value);
void print_line(Session& session, const model::Value& value);  // compact, for "lines"

// A table for people: columns are paths into the rows; wide characters count two.
struct Column {
  const char* title;
  const char* path;
};
void print_table(Session& session, const std::vector<Column>& columns, const std::vector<model::Value>& rows);
// A list: one JSON array with --json, the table otherwise.
void print_list(Session& session, const std::vector<Column>& columns, model::Array rows);

// Is the message language Chinese (HUILIU_LANG=zh…, default: LANG)?
bool chinese();
const char* say(const char* zh, const char* en);

}  // namespace huiliu::cli
