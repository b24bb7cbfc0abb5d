// A twin: a local server that behaves like one vendor's API, with a control surface to play the people
// behind it.
//
// Idea: a vendor implements `Twin` (its API, its rules, how a world looks in it). Everything else is
// common: the ports, the control surface, faults, counters, clock, loading and dumping.
// Threads: calls into one twin are serialised by TwinServer (and by nobody else); a vendor needs no lock
// of its own.
// Errors: throw TwinError; in handle() the vendor itself turns refusals into its own answers, elsewhere
// the control surface answers {"error":{"code","message"}} with the status.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/twin/faults.hpp"
#include "sdk/twin/http_server.hpp"
#include "sdk/twin/record_store.hpp"
#include "sdk/twin/world.hpp"

namespace huiliu::twin {

// System time plus an offset that a test moves. Milliseconds since 1970, UTC.
class TwinClock {
 public:
  using Source = std::function<std::int64_t()>;  // milliseconds; empty: the system's clock
  explicit TwinClock(Source source = {});
  std::int64_t now_ms() const { return source_() + offset_ms_; }
  void set_offset_ms(std::int64_t offset) { offset_ms_ = offset; }
  std::int64_t offset_ms() const { return offset_ms_; }

 private:
  Source source_;
  std::int64_t offset_ms_ = 0;
};

struct TwinOptions {
  double quota_factor = 1;  // multiplies every quota of the vendor; 0: no quota at all
  std::uint64_t seed = 1;   // of ids and tokens that the twin makes
  TwinClock::Source clock;  // for tests
};

class Twin {
 public:
  explicit Twin(TwinOptions options);
  virtual ~Twin() = default;
  Twin(const Twin&) = delete;
  Twin& operator=(const Twin&) = delete;

  // ---- what a vendor implements ----

  // The vendor's API. Refusals are the vendor's own answers; an exception becomes a 500.
  virtual HttpResponse handle(const HttpRequest& request) = 0;

  // The records of one system of a world. Keys must be those that the vendor's VendorEntry names for them.
  virtual void populate(const World& world) = 0;

  // The key of a record as the API shows it (for --data). Throws TwinError 400 when it has none.
  virtual std::string key_of(std::string_view stream, const boost::json::object& body) const = 0;

  // ---- what a vendor may refine ----

  // The ready line's name of each API host; each has its own port. First: "url". E.g. {"url", "oapi_url"}.
  virtual std::vector<std::string> hosts() const { return {"url"}; }
  // The settings of a connection to this twin, beside the addresses: account, user, secrets of the invented
  // account. `urls` are the hosts' addresses by name. Default: {"base_url": urls["url"]}.
  virtual boost::json::object settings(const std::map<std::string, std::string>& urls) const;
  // Under which name a request is counted. Default: method and path.
  virtual std::string endpoint_of(const HttpRequest& request) const;
  // The vendor's form of "too many requests". Default: 429 with Retry-After: 1.
  virtual HttpResponse rate_limited(const HttpRequest& request);
  // One record of DIR/<stream>.jsonl. Default: store().create(stream, key_of(…), body, Origin::load).
  virtual void load(std::string_view stream, boost::json::object body);

  // A person in that system. Defaults: the store's update, create and remove with Origin::person, so that the
  // hooks (the vendor's rules) hold. `as` names the person and may be empty. create() returns the new key;
  // its default takes key_of(stream, fields), or next_key(stream) when the fields have none.
  virtual void edit(std::string_view stream, std::string_view key, const boost::json::object& fields,
                    std::string_view as);
  virtual std::string create(std::string_view stream, boost::json::object fields, std::string_view as);
  virtual void remove(std::string_view stream, std::string_view key, std::string_view as);
  // A fresh key for a record that a person creates. Default: throws TwinError 400.
  virtual std::string next_key(std::string_view stream);

  // A client wants a WebSocket of this address. nullopt: there is none; handle() answers. Default: none.
  virtual std::optional<WebSocketHandler> upgrade(const HttpRequest& request,
                                                  std::shared_ptr<WebSocketPeer> peer);

  // Every token and session issued so far ends now. Default: nothing to expire.
  virtual void expire_tokens() {}
  // Further control endpoints of this vendor, e.g. POST /webhook-target. nullopt: not mine (404).
  virtual std::optional<HttpResponse> control(const HttpRequest& request);

  // ---- what a twin stands on ----

  RecordStore& store() { return store_; }
  const RecordStore& store() const { return store_; }
  Faults& faults() { return faults_; }
  TwinClock& clock() { return clock_; }
  const TwinClock& clock() const { return clock_; }
  const TwinOptions& options() const { return options_; }

 private:
  TwinOptions options_;
  TwinClock clock_;
  RecordStore store_;
  Faults faults_;
};

// Loads DIR/<stream>.jsonl for every such file. Throws TwinError 400 naming file and line.
void load_directory(Twin& twin, const std::filesystem::path& directory);

// One row of the table of vendors. Each vendor's twin library defines VendorEntry
// huiliu::twin::vendors::VENDOR() (e.g. vendors::kingdee); plugins/CMakeLists.txt puts those that exist into
// huiliu-twin. The naming functions make keys a pure function of the world, so that any twin process can
// print the truth with the keys of all systems.
struct VendorEntry {
  std::string_view vendor;  // "kingdee"; what --vendor takes
  std::string_view system;  // the world's name of the system that it renders, usually the same
  std::unique_ptr<Twin> (*make)(const TwinOptions& options);
  // The records that a SystemCustomer or SystemContact becomes: the head first, then e.g. organisation
  // copies. Null: this vendor does not keep such records.
  std::vector<RecordName> (*names_of_customer)(const SystemCustomer& customer);
  std::vector<RecordName> (*names_of_contact)(const SystemContact& contact);
};

// Runs one twin: a port per API host and one for control. The control surface, all JSON:
//   GET  /state[?stream=S[&key=K]]   {stream: [record, …]}, or one stream's list, or one record
//   GET  /state?stream=S&limit=N[&after=K]   {"records":[…],"after"?}: N records in key order, after K; "after"
//                                    is the K of the next page and missing on a page that is not full
//   GET  /truth                      see truth_of
//   POST /edit   {"stream","key","fields","as"?}     a person changes a record   → {"key"}
//   POST /create {"stream","fields","as"?}           a person creates one        → {"key"}
//   POST /delete {"stream","key","as"?}              a person deletes one        → {"key"}
//   GET  /counters, POST /counters/reset             see Counters::to_json
//   GET  /faults, POST /faults {…}                   see Faults::configure       → the settings
//   POST /expire-tokens                              → {}
//   GET  /clock, POST /clock {"offset_ms"}           → {"offset_ms","now_ms"}
// Refusals: 400, 404 or 409 with {"error":{"code","message"}}.
class TwinServer {
 public:
  // JSON text for GET /truth, made when asked for: a world's truth is large and seldom wanted.
  using Truth = std::function<std::string()>;

  // `truth` empty: the truth is not known. `port`: of the first host, 0 = any. The twin must outlive the
  // server.
  TwinServer(Twin& twin, std::string vendor, Truth truth = {}, std::uint16_t port = 0);
  ~TwinServer();

  std::string url(std::string_view host = "url") const;  // "http://127.0.0.1:PORT"
  std::string control_url() const;
  // {"vendor","url","control", further hosts…,"settings":{…}}
  boost::json::object ready_line() const;
  void stop();  // closes all ports; safe to call twice

  // Runs `action` with the lock under which the twin is called: for tests in the same process.
  template <class Action>
  auto locked(Action&& action) {
    const std::lock_guard<std::mutex> guard(mutex_);
    return std::forward<Action>(action)();
  }

 private:
  HttpResponse serve(const std::string& host, HttpRequest request);
  HttpResponse control(const HttpRequest& request);
  std::optional<HttpResponse> common_control(const HttpRequest& request);

  Twin& twin_;
  std::string vendor_;
  Truth truth_;
  std::mutex mutex_;
  std::vector<std::pair<std::string, std::unique_ptr<HttpServer>>> hosts_;
  std::unique_ptr<HttpServer> control_server_;
};

// The program huiliu-twin: --vendor V [--port P] [--data DIR | --generate N --seed S] [--quota-factor X]
// [--until-stdin-closes]. Prints the ready line, serves until SIGINT, SIGTERM or (if asked) the end of stdin.
// Returns the exit status: 0 done, 1 failed, 2 usage.
int twin_main(int argc, char** argv, const std::vector<VendorEntry>& vendors);

}  // namespace huiliu::twin
