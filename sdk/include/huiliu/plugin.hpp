// huiliu/plugin.hpp - the C++20 face of huiliu/plugin.h. Header only: nothing to link, no base class.
//
// A connector is a plain class. It has its manifest (sdk/manifest.md) as
//     static constexpr std::string_view manifest = ...;
// and a constructor from its settings, T(std::string_view settings_json) or T(Call&, std::string_view). A
// capability is a member function; what is absent becomes a null slot, and the manifest's "capabilities" must
// say the same. A member of the right name and the wrong signature does not compile.
//
//     void        check(Call&)
//     std::string discover(Call&)                                     JSON {"streams": [...]}
//     void        read(Call&, const ReadRequest&, RecordSink&)
//     void        lookup(Call&, const LookupRequest&, RecordSink&)
//     void        find(Call&, const FindRequest&, RecordSink&)
//     void        write(Call&, const Records&, ResultSink&)           or, one record at a time:
//     Outcome     write_one(Call&, std::string_view stream, const Record&)
//     void        handle_request(Call&, const WebRequest&, RecordSink&)
//     Token       authenticate(Call&, std::string_view credential) const
//     void        listen(Call&, RecordSink&)                          (huiliu/websocket.hpp)
//     void        interrupt() noexcept
//
// Errors: throw a Failure (AuthError, ConfigError, DataError, ...), or let anything else escape; no exception
// passes the C boundary. Threads: the host calls one instance from one thread at a time (authenticate and
// interrupt excepted, see plugin.h). A Call is good until the operation returns; no string_view outlives the
// call that gave it.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <deque>
#include <exception>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "huiliu/plugin.h"
#include "huiliu/quota.h"

namespace huiliu {

inline huiliu_str to_str(std::string_view text) noexcept { return {text.data(), text.size()}; }
inline huiliu_bytes to_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view view(huiliu_str text) noexcept { return {text.data, text.size}; }
inline std::string_view view(huiliu_bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}
inline std::string copy(std::string_view text) { return std::string(text); }
inline std::string copy(huiliu_str text) { return std::string(view(text)); }
inline std::string copy(huiliu_bytes bytes) { return std::string(view(bytes)); }

// ---- Errors ----------------------------------------------------------------------------------------------

// Why an operation ended. The status tells the host what to do next, the rest tells a person why.
struct Failure : std::exception {
  Failure(huiliu_status status_, std::string message_, std::string remote_code_ = {},
          std::string pointer_ = {}, std::int64_t retry_after_ms_ = -1)
      : status(status_),
        message(std::move(message_)),
        remote_code(std::move(remote_code_)),
        pointer(std::move(pointer_)),
        retry_after_ms(retry_after_ms_) {}
  const char* what() const noexcept override { return message.c_str(); }

  huiliu_status status;         // HUILIU_RETRY ... HUILIU_BUG
  std::string message;          // a sentence for a person: no secrets, no record content
  std::string remote_code;      // the remote's own code, verbatim
  std::string pointer;          // JSON Pointer into the settings or the record at fault
  std::int64_t retry_after_ms;  // -1: not known
};

// The same by name. Each takes (message, remote_code = {}, pointer = {}).
template <huiliu_status Status>
struct FailureOf : Failure {
  explicit FailureOf(std::string message_, std::string remote_code_ = {}, std::string pointer_ = {})
      : Failure(Status, std::move(message_), std::move(remote_code_), std::move(pointer_)) {}
};
using RetryLater = FailureOf<HUILIU_RETRY>;         // transient
using AuthError = FailureOf<HUILIU_AUTH>;           // credential refused
using ConfigError = FailureOf<HUILIU_CONFIG>;       // settings or rights are wrong
using ResyncNeeded = FailureOf<HUILIU_RESYNC>;      // the remote dropped the cursor
using DataError = FailureOf<HUILIU_DATA>;           // the remote broke its contract
using Unsupported = FailureOf<HUILIU_UNSUPPORTED>;  // not offered
struct Throttled : Failure {                        // come back later; spends no retry budget
  explicit Throttled(std::string message_, std::int64_t retry_after_ms_ = -1, std::string remote_code_ = {})
      : Failure(HUILIU_THROTTLED, std::move(message_), std::move(remote_code_), {}, retry_after_ms_) {}
};
// A request without an answer. maybe_delivered: the remote may have acted on it all the same.
struct NoAnswer : Failure {
  NoAnswer(huiliu_status status_, std::string message_, bool maybe_delivered_)
      : Failure(status_, std::move(message_)), maybe_delivered(maybe_delivered_) {}
  bool maybe_delivered;
};

// A stop was asked for. Not a std::exception, so that a catch of one cannot swallow it.
struct Cancelled {};

inline huiliu_failure to_failure(const Failure& failure) noexcept {
  return {sizeof(huiliu_failure),      failure.status,          to_str(failure.message),
          to_str(failure.remote_code), to_str(failure.pointer), failure.retry_after_ms};
}

inline void throw_unless_ok(huiliu_status status, const std::string& what) {
  if (status == HUILIU_OK) return;
  if (status == HUILIU_CANCELLED) throw Cancelled{};
  throw Failure(status, what);
}

// Runs what interprets a remote's answer: an exception in it is the remote's fault, not ours.
//     const json::value page = from_remote("Acme page", [&] { return json::parse(answer.body()); });
template <class F>
decltype(auto) from_remote(const std::string& what, F&& interpret) {
  try {
    return std::forward<F>(interpret)();
  } catch (const Failure&) {
    throw;
  } catch (const std::exception& error) {
    throw DataError(what + ": " + error.what());
  }
}

// ---- HTTP ------------------------------------------------------------------------------------------------

using Headers = std::vector<std::pair<std::string, std::string>>;

// ASCII letters only, as header names are.
inline bool same_name(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

struct Request {
  std::string method = "GET";
  std::string url = {};  // absolute
  Headers headers = {};
  std::string body = {};
  std::string credential = {};       // name from the manifest; the host adds the token
  std::string quota = {};            // bucket from the manifest
  std::uint32_t quota_cost = 0;      // 0: 1
  std::uint32_t timeout_ms = 0;      // for one attempt; 0: the host's
  std::string idempotency_key = {};  // makes a POST safe to retry
  std::uint32_t flags = 0;           // HUILIU_HTTP_*
};

class Response {
 public:
  Response() noexcept { raw_.struct_size = sizeof raw_; }
  Response(Response&& other) noexcept : raw_(std::exchange(other.raw_, huiliu_http_response{})) {}
  Response& operator=(Response&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  Response(const Response&) = delete;
  Response& operator=(const Response&) = delete;
  ~Response() {
    if (raw_.release != nullptr) raw_.release(&raw_);
  }

  int code() const noexcept { return raw_.code; }
  bool ok() const noexcept { return raw_.code >= 200 && raw_.code < 300; }
  std::string_view body() const noexcept { return view(raw_.body); }
  // The first header of this name, in any case; empty when there is none.
  std::string_view header(std::string_view name) const noexcept {
    for (const huiliu_pair& pair : headers())
      if (same_name(view(pair.name), name)) return view(pair.value);
    return {};
  }
  std::span<const huiliu_pair> headers() const noexcept { return {raw_.headers, raw_.header_count}; }
  bool maybe_delivered() const noexcept { return raw_.maybe_delivered != 0; }
  std::int64_t retry_after_ms() const noexcept { return raw_.retry_after_ms; }  // -1: none given

  // The usual reading of an HTTP code, as a Failure. A remote that reads codes otherwise needs its own.
  const Response& or_throw(const std::string& who) const {
    if (!ok()) throw failure(who);
    return *this;
  }
  Failure failure(const std::string& who) const {
    const int c = code();
    const bool wait = c == 429 || (c == 503 && raw_.retry_after_ms >= 0);
    const huiliu_status status = wait                                         ? HUILIU_THROTTLED
                                 : c == 401                                   ? HUILIU_AUTH
                                 : c == 403 || (c >= 300 && c < 400)          ? HUILIU_CONFIG
                                 : c == 410                                   ? HUILIU_RESYNC
                                 : c == 408 || c == 425 || c >= 500 || c == 0 ? HUILIU_RETRY
                                                                              : HUILIU_DATA;
    return Failure(status, who + " answered HTTP " + std::to_string(c), std::to_string(c), {},
                   raw_.retry_after_ms);
  }

  huiliu_http_response* raw() noexcept { return &raw_; }

 private:
  huiliu_http_response raw_ = {};
};

// Where a token goes in a request; "{token}" in the template becomes the token's text. host: a pattern as in
// the manifest ("oapi.example.com", "*.example.com"); empty: every host.
struct Placement {
  std::int32_t kind;
  std::string name;
  std::string value = "{token}";
  std::string host = {};

  static Placement header(std::string name, std::string value = "{token}", std::string host = {}) {
    return {HUILIU_PLACE_HEADER, std::move(name), std::move(value), std::move(host)};
  }
  static Placement query(std::string name, std::string value = "{token}", std::string host = {}) {
    return {HUILIU_PLACE_QUERY, std::move(name), std::move(value), std::move(host)};
  }
  static Placement cookie(std::string name, std::string value = "{token}", std::string host = {}) {
    return {HUILIU_PLACE_COOKIE, std::move(name), std::move(value), std::move(host)};
  }
};

struct Token {
  std::string text;
  std::int64_t expires_at_us = HUILIU_TIME_UNKNOWN;  // unknown: until the remote refuses it
  std::vector<Placement> placements = {};
};

// ---- One running operation: the door to the host
// -----------------------------------------------------------

using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class Call {
 public:
  Call(const huiliu_host* host, huiliu_call* raw) noexcept : host_(host), raw_(raw) {}

  bool cancelled() const noexcept { return host_->calls->cancelled(raw_) != 0; }
  void stop_if_cancelled() const {
    if (cancelled()) throw Cancelled{};
  }
  void progress(std::uint64_t done, std::uint64_t total = 0) const noexcept {
    host_->calls->progress(raw_, done, total);
  }

  void log(std::int32_t level, std::string_view text, Fields fields = {}) const {
    std::vector<huiliu_pair> pairs;
    for (const auto& [name, value] : fields) pairs.push_back({to_str(name), to_str(value)});
    host_->log->write(raw_, level, to_str(text), pairs.data(), pairs.size());
  }
  void debug(std::string_view text, Fields fields = {}) const { log(HUILIU_LOG_DEBUG, text, fields); }
  void info(std::string_view text, Fields fields = {}) const { log(HUILIU_LOG_INFO, text, fields); }
  void warn(std::string_view text, Fields fields = {}) const { log(HUILIU_LOG_WARNING, text, fields); }

  // Unix time in microseconds, by the host's clock.
  std::int64_t now_us() const noexcept { return host_->env->unix_us(raw_); }
  std::chrono::sys_time<std::chrono::microseconds> now() const noexcept {
    return std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(now_us()));
  }
  void sleep(std::chrono::milliseconds duration) const {
    throw_unless_ok(
        host_->env->sleep_ms(raw_, static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0))),
        "sleep");
  }
  void random(std::span<std::uint8_t> out) const noexcept {
    host_->env->random(raw_, out.data(), out.size());
  }
  // 2 * bytes lower-case hexadecimal digits: for nonces.
  std::string random_hex(std::size_t bytes = 16) const {
    std::vector<std::uint8_t> raw(bytes);
    random(raw);
    std::string out;
    for (const std::uint8_t byte : raw) {
      out += "0123456789abcdef"[byte >> 4];
      out += "0123456789abcdef"[byte & 15];
    }
    return out;
  }

  // An answer of any code. Throws NoAnswer when there was none.
  Response send(const Request& request) const {
    std::vector<huiliu_pair> headers;
    headers.reserve(request.headers.size());
    for (const auto& [name, value] : request.headers) headers.push_back({to_str(name), to_str(value)});

    huiliu_http_request raw = {};
    raw.struct_size = sizeof raw;
    raw.flags = request.flags;
    raw.method = to_str(request.method);
    raw.url = to_str(request.url);
    raw.headers = headers.data();
    raw.header_count = headers.size();
    raw.body = to_bytes(request.body);
    raw.credential = to_str(request.credential);
    raw.quota = to_str(request.quota);
    raw.idempotency_key = to_str(request.idempotency_key);
    raw.quota_cost = request.quota_cost;
    raw.timeout_ms = request.timeout_ms;

    Response response;
    const huiliu_status status = host_->http->send(raw_, &raw, response.raw());
    if (status == HUILIU_OK) return response;
    if (status == HUILIU_CANCELLED) throw Cancelled{};
    NoAnswer none(status, copy(response.raw()->reason), response.maybe_delivered());
    if (none.message.empty()) none.message = "the host did not send the request";
    none.retry_after_ms = response.raw()->retry_after_ms;
    throw none;
  }
  // As send, and throws unless the code is 2xx.
  Response send_ok(const Request& request, const std::string& who) const {
    Response response = send(request);
    response.or_throw(who);
    return response;
  }
  // As send; when refused(response) says that the token was refused, fetches a new one and sends once more.
  template <std::predicate<const Response&> F>
  Response send_renewing(const Request& request, F&& refused) const {
    Response response = send(request);
    if (!refused(std::as_const(response))) return response;
    invalidate(request.credential);
    return send(request);
  }
  // "The remote refused the token that my last request carried": the next send fetches another one. Throws
  // AuthError when a token renewed a moment ago by this call was refused too.
  void invalidate(std::string_view credential) const {
    throw_unless_ok(host_->http->invalidate(raw_, to_str(credential)),
                    "the remote refuses a new token of " + copy(credential));
  }

  // The secret itself; the manifest must list it under a credential's "reveal".
  std::string reveal(std::string_view name) const {
    std::string value;
    huiliu_text_sink sink = {sizeof sink, 0, &value, &take_text};
    throw_unless_ok(host_->secrets->reveal(raw_, to_str(name), &sink), "secret " + copy(name));
    return value;
  }
  // HMAC-SHA256 keyed with the secret.
  std::array<std::uint8_t, 32> hmac(std::string_view name, std::string_view data) const {
    std::array<std::uint8_t, 32> out = {};
    throw_unless_ok(host_->secrets->hmac_sha256(raw_, to_str(name), to_bytes(data), out.data()),
                    "secret " + copy(name));
    return out;
  }

  // Notes of this connection; what is set commits with the next checkpoint or when the operation ends well.
  std::optional<std::string> state(std::string_view key) const {
    std::optional<std::string> value;
    huiliu_text_sink sink = {sizeof sink, 0, &value, &take_optional};
    throw_unless_ok(host_->state->get(raw_, to_str(key), &sink), "state " + copy(key));
    return value;
  }
  void set_state(std::string_view key, std::string_view value) const {
    const huiliu_str text = {value.data() == nullptr ? "" : value.data(), value.size()};
    throw_unless_ok(host_->state->set(raw_, to_str(key), text), "state " + copy(key));
  }
  void erase_state(std::string_view key) const {
    throw_unless_ok(host_->state->set(raw_, to_str(key), {nullptr, 0}), "state " + copy(key));
  }

  // "The remote refused my last request of this quota for its rate": see huiliu/quota.h.
  void quota_refused(std::string_view quota, std::int64_t retry_after_ms = -1) const noexcept {
    const auto* extension = static_cast<const huiliu_quota_1*>(host_->extension(host_, to_str("quota/1")));
    if (extension != nullptr) extension->refused(raw_, to_str(quota), retry_after_ms);
  }

  const huiliu_host* host() const noexcept { return host_; }
  huiliu_call* raw() const noexcept { return raw_; }

 private:
  static void take_text(void* ctx, huiliu_str text) noexcept {
    static_cast<std::string*>(ctx)->append(view(text));
  }
  static void take_optional(void* ctx, huiliu_str text) noexcept {
    auto& value = *static_cast<std::optional<std::string>*>(ctx);
    if (!value) value.emplace();
    value->append(view(text));
  }

  const huiliu_host* host_;
  huiliu_call* raw_;
};

// ---- Records going out
// ---------------------------------------------------------------------------------------

// A page of records: owns what it is given until it is emitted. At most 1,000 records.
class Batch {
 public:
  static constexpr std::size_t max_records = 1000;

  explicit Batch(std::string_view stream) : stream_(stream) {}

  // body: one JSON object, as the remote shows it. changed_at_us: by the remote's clock.
  void upsert(std::string_view key, std::string_view body, std::string_view version = {},
              std::int64_t changed_at_us = HUILIU_TIME_UNKNOWN) {
    add(HUILIU_UPSERT, key, body, version, changed_at_us);
  }
  void remove(std::string_view key, std::string_view version = {},
              std::int64_t changed_at_us = HUILIU_TIME_UNKNOWN) {
    add(HUILIU_DELETE, key, {}, version, changed_at_us);
  }

  std::size_t size() const noexcept { return records_.size(); }
  bool empty() const noexcept { return records_.empty(); }
  bool full() const noexcept { return records_.size() >= max_records; }
  void clear() noexcept {
    records_.clear();
    text_.clear();
  }

  std::string_view stream() const noexcept { return stream_; }
  std::span<const huiliu_record> records() const noexcept { return records_; }

 private:
  void add(std::int32_t kind, std::string_view key, std::string_view body, std::string_view version,
           std::int64_t changed_at_us) {
    huiliu_record record = {};
    record.key = to_str(keep(key));
    record.version = to_str(keep(version));
    record.body = to_bytes(keep(body));
    record.changed_at_us = changed_at_us;
    record.kind = kind;
    records_.push_back(record);
  }
  std::string_view keep(std::string_view text) { return text_.emplace_back(text); }

  std::string stream_;
  std::deque<std::string> text_;  // A deque: growth never moves what the records point at.
  std::vector<huiliu_record> records_;
};

class RecordSink {
 public:
  explicit RecordSink(huiliu_record_sink* raw) noexcept : raw_(raw) {}

  // Waits while the host is behind. Any size: what is larger than a page goes out in pages.
  void emit(const Batch& batch) const {
    for (std::span<const huiliu_record> rest = batch.records(); !rest.empty();) {
      const auto page = rest.first(std::min(rest.size(), Batch::max_records));
      const huiliu_batch raw = {sizeof(huiliu_batch), sizeof(huiliu_record), to_str(batch.stream()),
                                page.data(), page.size()};
      throw_unless_ok(raw_->emit(raw_->ctx, &raw), "the host refused a page of " + copy(batch.stream()));
      rest = rest.subspan(page.size());
    }
  }
  // "This cursor covers all that was emitted before." Durable when it returns. Empty: only a barrier.
  void checkpoint(std::string_view cursor = {}) const {
    throw_unless_ok(raw_->checkpoint(raw_->ctx, to_bytes(cursor)), "the host refused a checkpoint");
  }

 private:
  huiliu_record_sink* raw_;
};

// ---- What the host asks for
// ----------------------------------------------------------------------------------

struct ReadRequest {
  std::int32_t mode;  // HUILIU_READ_FULL, _CHANGES, _KEYS
  std::string_view stream;
  std::string_view cursor;  // empty: from the start
  std::uint64_t limit;      // 0: none
};

struct LookupRequest {
  std::string_view stream;
  std::vector<std::string_view> keys;
};

struct FindRequest {
  std::string_view stream;
  std::vector<std::pair<std::string_view, std::string_view>> fields;  // all must match
  std::uint64_t limit;                                                // 0: none

  // The value asked for in this field; empty when it is not asked for.
  std::string_view value(std::string_view field) const noexcept {
    for (const auto& [name, wanted] : fields)
      if (name == field) return wanted;
    return {};
  }
};

// One record of a write.
struct Record {
  std::string_view key;           // empty: create
  std::string_view version;       // apply only over this one; empty: over any
  std::string_view operation_id;  // the same at every retry
  std::string_view body;          // JSON object of the fields to change
  std::string_view base;          // the body as last observed; empty: none
  std::int32_t kind;

  bool creates() const noexcept { return key.empty() && kind == HUILIU_UPSERT; }
  bool deletes() const noexcept { return kind == HUILIU_DELETE; }
};

// The records of a write. Honours the stride, so that a newer host's longer record still reads right.
class Records {
 public:
  explicit Records(const huiliu_batch* raw) noexcept : raw_(raw) {}

  std::string_view stream() const noexcept { return view(raw_->stream); }
  std::size_t size() const noexcept { return raw_->record_count; }
  Record operator[](std::size_t index) const noexcept {
    huiliu_record record = {};
    const auto* base = reinterpret_cast<const unsigned char*>(raw_->records);
    const std::size_t known = std::min<std::size_t>(raw_->record_stride, sizeof record);
    std::memcpy(&record, base + index * raw_->record_stride, known);
    return {view(record.key),  view(record.version), view(record.operation_id),
            view(record.body), view(record.base),    record.kind};
  }

 private:
  const huiliu_batch* raw_;
};

// What became of one record, for a write_one. By name: Outcome::applied("10086"), Outcome::rejected("...").
struct Outcome {
  huiliu_outcome outcome;
  std::string key = {};      // the remote's identity: of what was created, or of the duplicate
  std::string version = {};  // after the write
  std::string body = {};     // as the remote now shows it, when it said so
  std::optional<Failure> why = {};

  static Outcome applied(std::string key = {}, std::string version = {}, std::string body = {}) {
    return {HUILIU_APPLIED, std::move(key), std::move(version), std::move(body), {}};
  }
  static Outcome unchanged(std::string key = {}, std::string version = {}, std::string body = {}) {
    return {HUILIU_UNCHANGED, std::move(key), std::move(version), std::move(body), {}};
  }
  static Outcome stale(std::string why, std::string code = {}) {
    return failed(HUILIU_STALE, HUILIU_DATA, std::move(why), std::move(code));
  }
  static Outcome duplicate(std::string key, std::string why, std::string code = {}) {
    Outcome out = failed(HUILIU_DUPLICATE, HUILIU_DATA, std::move(why), std::move(code));
    out.key = std::move(key);
    return out;
  }
  static Outcome gone(std::string why, std::string code = {}) {
    return failed(HUILIU_GONE, HUILIU_DATA, std::move(why), std::move(code));
  }
  static Outcome rejected(std::string why, std::string code = {}) {
    return failed(HUILIU_REJECTED, HUILIU_DATA, std::move(why), std::move(code));
  }
  static Outcome deferred(std::string why, std::string code = {}) {
    return failed(HUILIU_DEFERRED, HUILIU_RETRY, std::move(why), std::move(code));
  }
  static Outcome in_doubt(std::string why, std::string code = {}) {
    return failed(HUILIU_IN_DOUBT, HUILIU_RETRY, std::move(why), std::move(code));
  }
  static Outcome failed(huiliu_outcome outcome, huiliu_status status, std::string why,
                        std::string code = {}) {
    return {outcome, {}, {}, {}, Failure(status, std::move(why), std::move(code))};
  }
};

class ResultSink {
 public:
  explicit ResultSink(huiliu_result_sink* raw) noexcept : raw_(raw) {}

  void report(std::size_t index, const Outcome& outcome) const noexcept {
    huiliu_result result = {};
    result.struct_size = sizeof result;
    result.outcome = outcome.outcome;
    result.remote_key = to_str(outcome.key);
    result.remote_version = to_str(outcome.version);
    result.remote_body = to_bytes(outcome.body);
    const huiliu_failure failure = outcome.why ? to_failure(*outcome.why) : huiliu_failure{};
    result.failure = outcome.why ? &failure : nullptr;
    raw_->report(raw_->ctx, index, &result);
  }
  void done(std::size_t index, huiliu_outcome outcome, std::string_view key = {},
            std::string_view version = {}, std::string_view body = {}) const {
    report(index, Outcome{outcome, copy(key), copy(version), copy(body), {}});
  }
  void failed(std::size_t index, huiliu_outcome outcome, const Failure& why) const {
    report(index, Outcome{outcome, {}, {}, {}, why});
  }

 private:
  huiliu_result_sink* raw_;
};

// One inbound HTTP request and the answer to it. Verify, emit and checkpoint first, then answer.
class WebRequest {
 public:
  WebRequest(const huiliu_web_request* request, huiliu_web_reply* reply) noexcept
      : request_(request), reply_(reply) {}

  std::string_view method() const noexcept { return view(request_->method); }
  std::string_view target() const noexcept { return view(request_->target); }
  std::string_view path() const noexcept { return target().substr(0, target().find('?')); }
  // After the question mark, still encoded.
  std::string_view query() const noexcept {
    const std::size_t mark = target().find('?');
    return mark == std::string_view::npos ? std::string_view() : target().substr(mark + 1);
  }
  std::string_view body() const noexcept { return view(request_->body); }
  std::span<const huiliu_pair> headers() const noexcept {
    return {request_->headers, request_->header_count};
  }
  // The first header of this name, in any case; empty when there is none.
  std::string_view header(std::string_view name) const noexcept {
    for (const huiliu_pair& pair : headers())
      if (same_name(view(pair.name), name)) return view(pair.value);
    return {};
  }

  void answer(int code, std::string_view content_type = {}, std::string_view body = {}) const {
    if (content_type.empty())
      answer(code, Headers{}, body);
    else
      answer(code, Headers{{"Content-Type", copy(content_type)}}, body);
  }
  void answer(int code, const Headers& headers, std::string_view body) const {
    std::vector<huiliu_pair> pairs;
    for (const auto& [name, value] : headers) pairs.push_back({to_str(name), to_str(value)});
    reply_->answer(reply_->ctx, code, pairs.data(), pairs.size(), to_bytes(body));
  }

 private:
  const huiliu_web_request* request_;
  huiliu_web_reply* reply_;
};

}  // namespace huiliu

#include "huiliu/detail/connector_table.hpp"

// Once in a plugin, at file scope: HUILIU_PLUGIN("acme", "1.0.0", 0, AcmeCrm, AcmeShop). name and version are
// string literals; needed: the lowest HUILIU_ABI_MINOR of a host that this plugin can work with; then the
// connector classes. Exports the entry, and puts note and manifests where they can be read without loading
// the library.
#define HUILIU_PLUGIN(name, version, needed, ...)                                               \
  HUILIU_NOTE(needed);                                                                          \
  __attribute__((section(".huiliu.manifest"), used)) static constexpr auto huiliu_manifest_v1 = \
      huiliu::detail::joined_manifests<__VA_ARGS__>();                                          \
  extern "C" HUILIU_EXPORT const huiliu_plugin* huiliu_plugin_entry_v1(void) noexcept {         \
    static constexpr huiliu_plugin plugin = {HUILIU_MAGIC,                                      \
                                             sizeof(huiliu_plugin),                             \
                                             HUILIU_ABI_MINOR,                                  \
                                             (needed),                                          \
                                             {name, sizeof(name) - 1},                          \
                                             {version, sizeof(version) - 1},                    \
                                             huiliu::detail::count_of<__VA_ARGS__>,             \
                                             0,                                                 \
                                             &huiliu::detail::connector_at<__VA_ARGS__>};       \
    return &plugin;                                                                             \
  }                                                                                             \
  static_assert(true, "swallows the semicolon")
