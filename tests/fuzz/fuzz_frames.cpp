// What a plugin's process may send: any bytes are a message that is carried out, or garbage; nothing reads
// beyond them. And packages: any bytes are a package or an error.
#include <functional>

#include "hub/host/child_requests.hpp"
#include "hub/host/core.hpp"
#include "hub/host/package.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace huiliu::host;

class NoNetwork final : public Transport {
 public:
  HttpAnswer exchange(const HttpRequest&, const std::stop_token&) override {
    return HttpAnswer::none(huiliu::model::ErrorClass::retry, "no network here");
  }
};

std::size_t touched = 0;
void touch(huiliu_str text) {
  std::string copy;
  if (take_text(text, copy))
    for (const char c : copy) touched += static_cast<unsigned char>(c);
}
void touch(huiliu_bytes bytes) { touch(huiliu_str{reinterpret_cast<const char*>(bytes.data), bytes.size}); }

// Sinks that read whatever they are given, as the host's own do.
huiliu_status emit(void*, const huiliu_batch* batch) noexcept {
  const auto page = read_batch(batch, "fuzz");
  return page.ok() ? HUILIU_OK : HUILIU_BUG;
}
huiliu_status checkpoint(void*, huiliu_bytes cursor) noexcept { return touch(cursor), HUILIU_OK; }
void report(void*, std::size_t, const huiliu_result* result) noexcept {
  if (result == nullptr) return;
  touch(result->remote_key);
  touch(result->remote_version);
  touch(result->remote_body);
  if (result->failure != nullptr) static_cast<void>(error_of(result->failure->status, result->failure));
}
void put_text(void*, huiliu_str text) noexcept { touch(text); }
void put_token(void*, const huiliu_token* token) noexcept {
  if (token == nullptr) return;
  touch(token->text);
  if (token->placements == nullptr || token->placement_stride < sizeof(huiliu_placement)) return;
  for (std::size_t i = 0; i < token->placement_count; ++i) touch(token->placements[i].value);
}
void answer(void*, std::int32_t, const huiliu_pair* headers, std::size_t count, huiliu_bytes body) noexcept {
  touch(body);
  for (std::size_t i = 0; headers != nullptr && count <= 100 && i < count; ++i) touch(headers[i].value);
}

struct Place {
  SteeredEnvironment environment{0, 1};
  Host host{environment, {}, std::make_shared<Redactor>(), std::make_unique<NoNetwork>()};
  InstanceCore core{host, std::make_shared<Connector>()};
  std::unique_ptr<StateStore> state;
  CallOptions options;
  huiliu_record_sink records = {sizeof records, 0, nullptr, &emit, &checkpoint};
  huiliu_result_sink results = {sizeof results, 0, nullptr, &report};
  huiliu_text_sink text = {sizeof text, 0, nullptr, &put_text};
  huiliu_token_sink token = {sizeof token, 0, nullptr, &put_token};
  huiliu_web_reply reply = {sizeof reply, 0, nullptr, &answer};
};

class Notes final : public StateStore {
 public:
  huiliu::model::Result<std::optional<std::string>> get(const std::string&) override {
    return std::optional<std::string>("note");
  }
  huiliu::model::Status commit(const StateChanges&) override { return {}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = huiliu::fuzz::text_of(data, size);
  static Place place;
  static Notes notes;
  place.core.state = &notes;
  huiliu_call raw(place.core, place.options);
  ChildCall call(&raw, {&place.records, &place.results, &place.text, &place.token, &place.reply});
  // From a copy of exactly this size, so that a step beyond it is seen.
  const std::vector<char> exact(input.begin(), input.end());
  const std::string_view bytes(exact.data(), exact.size());
  huiliu_status status = HUILIU_OK;
  for (const auto service : {wire::Service::emit, wire::Service::fail, wire::Service::log,
                             wire::Service::progress, wire::Service::metric, wire::Service::report,
                             wire::Service::put_text, wire::Service::put_token, wire::Service::answer})
    call.note(service, bytes, status);
  wire::Writer answered;
  call.serve(bytes, answered);
  const auto package = read_package(bytes);
  huiliu::fuzz::require(!package.ok() || !package->id.empty(), "a package has an id", input);
  return 0;
}

namespace huiliu::fuzz {

std::vector<std::string> seeds() {
  using wire::Service;
  using wire::Writer;
  std::vector<std::string> out;
  const auto service = [&](Service which, const std::function<void(Writer&)>& fill) {
    Writer payload;
    payload.u32(static_cast<std::uint32_t>(which));
    fill(payload);
    out.push_back(payload.take());
  };
  const auto note = [&](const std::function<void(Writer&)>& fill) {
    Writer payload;
    fill(payload);
    out.push_back(payload.take());
  };
  service(Service::unix_us, [](Writer&) {});
  service(Service::random, [](Writer& w) { w.u64(16); });
  service(Service::sleep_ms, [](Writer& w) { w.u64(5); });
  service(Service::state_get, [](Writer& w) { w.text(std::string_view("key")), w.u32(1); });
  service(Service::checkpoint, [](Writer& w) { w.text(std::string_view("cursor")); });
  service(Service::hmac,
          [](Writer& w) { w.text(std::string_view("secret")), w.text(std::string_view("data")), w.u32(1); });
  service(Service::send, [](Writer& w) {
    w.u32(1), w.u32(0), w.text(std::string_view("GET")), w.text(std::string_view("https://a.example/"));
    const huiliu_pair header = {{"A", 1}, {"b", 1}};
    w.u64(1), w.u32(1), wire::put_pairs(w, &header, 1);
    for (int i = 0; i < 4; ++i) w.text(std::string_view());
    w.u32(0), w.u32(0);
  });
  note([](Writer& w) {
    huiliu_record record = {};
    record.key = {"1", 1};
    record.body = {reinterpret_cast<const std::uint8_t*>("{}"), 2};
    record.kind = HUILIU_UPSERT;
    const huiliu_batch batch = {sizeof batch, sizeof record, {"items", 5}, &record, 1};
    w.u32(1), w.u32(sizeof batch), w.u32(sizeof record), w.u64(1), w.u32(1), w.u64(3);
    wire::put_batch(w, batch);
  });
  note([](Writer& w) {
    w.u64(0), w.u32(1), w.u32(1);
    for (int i = 0; i < 3; ++i) w.text(std::string_view("x"));
    w.u32(1), wire::put_failure(w, {sizeof(huiliu_failure), HUILIU_DATA, {"m", 1}, {"c", 1}, {"/p", 2}, 5});
  });
  note([](Writer& w) {
    w.u32(1), w.text(std::string_view("token")), w.i64(7), w.u64(1), w.u32(56), w.u32(1);
    for (int i = 0; i < 3; ++i) w.text(std::string_view("h"));
    w.u32(1);
  });
  note([](Writer& w) { w.u32(200), w.u64(0), w.u32(0), w.u64(0), w.text(std::string_view("body")); });
  note([](Writer& w) { w.u32(2), w.text(std::string_view("log line")), w.u64(0); });
  return out;
}

std::vector<std::string> long_units() {
  return {std::string(8, '\xff'), std::string(8, '\0'), std::string("\x01\0\0\0\0\0\0\0x", 9)};
}

}  // namespace huiliu::fuzz
