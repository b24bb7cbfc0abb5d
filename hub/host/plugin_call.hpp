// The engine of `huiliu plugin call`: one operation of one connector, told as lines of JSON. With a fixed
// clock and seed, and scripted HTTP, the same call prints the same bytes.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

#include "hub/host/http.hpp"
#include "hub/model/time.hpp"
#include "hub/model/value.hpp"

namespace huiliu::host {

struct PluginCallOptions {
  std::string library;    // path
  std::string connector;  // id; may be empty when the library has only one
  std::string operation;  // check discover read find lookup write handle_request authenticate
  model::Value settings;  // secrets in clear or as references
  std::string stream = {};
  std::string cursor = {};    // read: the bytes of a cursor; with one the mode is `changes`
  std::string mode = {};      // read: full, changes or keys instead
  std::uint64_t limit = 0;    // read, find
  std::string records = {};   // lines; write: {"stream","key","version","operation_id","body","base","kind"};
                              // lookup: {"key"}; find: {"body": {path: value, …}}, one find for each line
  std::string request = {};   // handle_request: {"method","target","headers","body"|"body_base64"}
  std::string http = "live";  // see make_transport
  std::optional<model::Micros> clock = {};
  std::optional<std::uint64_t> seed = {};
  bool show_secrets = false;  // also over a real network
  double quota_factor = 1;
  HttpLimits limits = {};
  bool isolated = false;  // in a child process
};

// Writes one object per line to `out`: request, record, bad_record, checkpoint, result, reply, streams,
// token, and last end; what cannot be run at all goes to `diagnostics` as text. Returns the exit code: 0 the
// operation ended well (what became of each record is in its line), 1 it failed, 2 usage. Requests are
// printed as they leave; with live or recorded HTTP "***" stands for secrets and tokens, unless they are asked for.
int plugin_call(const PluginCallOptions& options, std::ostream& out, std::ostream& diagnostics);

}  // namespace huiliu::host
