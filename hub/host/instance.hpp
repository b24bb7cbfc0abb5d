// A connector at work for one connection: the C++ face that the hub uses.
//
//   auto instance = Instance::open(host, connector, {.connection = "crm", .settings = …});
//   (*instance)->read({.stream = "customers"}, {.page = …, .checkpoint = …}, {.stop = …});
//
// Errors are values; `where` names connection, stream and record. Their class says what to do next. What a
// plugin hands over is checked; a plugin that breaks the contract gives class bug, and the instance stays
// usable.
//
// Threads: operations of one instance wait for one another; more speed takes more instances. A stop
// (CallOptions) ends waits in the host at once, and wakes the plugin when it offers interrupt.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "hub/host/generations.hpp"
#include "hub/host/host.hpp"
#include "hub/host/plugin.hpp"
#include "hub/host/records.hpp"
#include "hub/host/settings.hpp"

namespace huiliu::host {

// Notes that a plugin sets; no value: erased.
using StateChanges = std::map<std::string, std::optional<std::string>>;

// Where a connection's notes live. Called from the operation's thread.
class StateStore {
 public:
  virtual ~StateStore() = default;
  virtual model::Result<std::optional<std::string>> get(const std::string& key) = 0;
  // What an operation set since its last checkpoint, when it ended well.
  virtual model::Status commit(const StateChanges& changes) = 0;
};

struct InstanceOptions {
  std::string connection;  // its name, for messages and for what is not shared
  model::Value settings;
  SecretForm secrets = SecretForm::references_only;
  std::map<std::string, QuotaLimits> quotas = {};  // the connection's, over the manifest's
  StateStore* state = nullptr;                     // null: notes live as long as the instance
  std::shared_ptr<Generations> generations = {};   // null: the connector stays what it is
  bool isolated = false;                           // in a child process, however the connector was loaded
  // Where its requests may go (outbound.hpp): {"allow": […], "ca_file", "proxy"}; nullopt: anywhere.
  std::optional<model::Value> network = {};
  // What ${secret:NAME} stands for; empty: such references are errors.
  SecretSource secret_source = {};
};

struct CallOptions {
  std::stop_token stop = {};
  std::function<void(std::uint64_t done, std::uint64_t total)> progress = {};  // total 0: not known
  Priority priority = Priority::normal;  // of its requests, where a quota is short
  // Asked before each thing that the plugin wants of the host and that may fail: requests, records,
  // checkpoints, secrets, notes, pauses. An error refuses it. For tests (hub/kit); from any thread.
  std::function<model::Status(const char* service)> before_service = {};
};

// Where records go. An error from either ends the operation with it.
struct RecordConsumer {
  std::function<model::Status(Page page)> page;
  // Durable when it returns ok: the cursor covers all pages before it, and the state belongs to the same
  // transaction. An empty cursor is only a barrier.
  std::function<model::Status(std::string_view cursor, const StateChanges& state)> checkpoint;
};

enum class ReadMode { full = 1, changes = 2, keys = 3 };
const char* to_string(ReadMode mode) noexcept;

struct ReadRequest {
  std::string stream;
  ReadMode mode = ReadMode::full;
  std::string cursor = {};  // empty: from the start
  std::uint64_t limit = 0;  // about so many records; 0: all
};

struct FindRequest {
  std::string stream;
  std::vector<std::pair<std::string, std::string>> fields;  // natural keys: path and value, all must match
  std::uint64_t limit = 0;
};

struct WriteRecord {
  std::string key;           // empty: create
  std::string version = {};  // apply only over this one; empty: over any
  std::string operation_id = {};
  model::Value body = {};  // the fields to change
  model::Value base = {};  // the record as last observed; null: none
  bool deleted = false;
};

enum class WriteOutcome { applied = 1, unchanged, stale, duplicate, gone, rejected, deferred, in_doubt };
const char* to_string(WriteOutcome outcome) noexcept;

struct WriteResult {
  WriteOutcome outcome = WriteOutcome::in_doubt;
  std::string remote_key, remote_version;   // empty: not told
  std::optional<model::Value> remote_body;  // as the remote now shows it
  model::Error error;                       // why; of an applied write: what was left out of it
};

struct WriteReport {
  std::vector<WriteResult> results;  // one for each record, whatever happened
  model::Status ended;               // how the operation as a whole ended
};

struct WebRequest {
  std::string method, target;  // path and query as sent
  HttpHeaders headers;
  std::string body;
};

struct WebReply {
  int code = 500;
  HttpHeaders headers;
  std::string body;
};

struct InstanceCore;

class Instance {
 public:
  // Validates the settings, resolves references, opens the plugin's instance. `host` outlives it.
  static model::Result<std::unique_ptr<Instance>> open(Host& host, std::shared_ptr<const Connector> connector,
                                                       InstanceOptions options, const CallOptions& call = {});
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance();

  const Connector& connector() const noexcept;
  const std::string& connection() const noexcept;
  // The child process that it works in; -1: none runs, or it works in this one.
  int process() const noexcept;

  model::Status check(const CallOptions& call = {});
  // {"streams": [...]} as the remote has them, in a form that parse_streams accepts.
  model::Result<model::Value> discover(const CallOptions& call = {});
  model::Status read(const ReadRequest& request, const RecordConsumer& consumer,
                     const CallOptions& call = {});
  // A key that the remote no longer has comes as a deleted record.
  model::Status lookup(const std::string& stream, const std::vector<std::string>& keys,
                       const RecordConsumer& consumer, const CallOptions& call = {});
  model::Status find(const FindRequest& request, const RecordConsumer& consumer,
                     const CallOptions& call = {});
  WriteReport write(const std::string& stream, const std::vector<WriteRecord>& records,
                    const CallOptions& call = {});
  // The reply, to be sent once what the consumer was given is durable.
  model::Result<WebReply> handle_request(const WebRequest& request, const RecordConsumer& consumer,
                                         const CallOptions& call = {});
  // Hears what the remote tells until a stop is asked for; the instance does nothing else meanwhile. The
  // consumer's checkpoint (always with an empty cursor) returns ok once what it was given is durable: then it
  // is acknowledged there.
  model::Status listen(const RecordConsumer& consumer, const CallOptions& call = {});
  // Fetches a token of that credential now and keeps it as any other; for checks.
  model::Status authenticate(const std::string& credential, const CallOptions& call = {});

 private:
  struct Drain;
  Instance(Host& host, InstanceOptions options);
  // Takes up the newest generation, if there is one and it opens.
  void follow(const CallOptions& call);
  model::Status read_once(const ReadRequest& request, const RecordConsumer& consumer, const CallOptions& call,
                          Drain& drain);

  Host& host_;
  InstanceOptions options_;
  std::mutex turn_;  // one operation at a time, upgrades between them
  std::uint64_t generation_ = 0;
  std::unique_ptr<InstanceCore> core_;
};

}  // namespace huiliu::host
