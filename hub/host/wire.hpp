// What host and child process say to one another: frames over a socket pair. Shared by both sides, so it
// knows nothing of either. What arrives is outside input: the other side may be broken or hostile.
//
// A frame is a header and a payload of fixed-width little-endian numbers and texts with a length. Requests
// carry a number that their answer repeats.
#pragma once

#include <huiliu/plugin.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace huiliu::host::wire {

enum class Kind : std::uint32_t {
  // host → child
  load = 1,  // first: library, connector, manifest, limits → result
  call,      // an operation → result
  cancel,    // the call of this number
  credit,    // so many bytes of notes were taken
  reply,     // to a service
  // child → host
  result = 16,
  service,  // wants a reply
  note,     // wants none
};

enum class Op : std::uint32_t {
  open = 1,
  close,
  check,
  discover,
  read,
  lookup,
  find,
  write,
  handle_request,
  authenticate,
  listen
};

enum class Service : std::uint32_t {
  // answered
  send = 1,
  invalidate,
  reveal,
  hmac,
  state_get,
  state_set,
  unix_us,
  sleep_ms,
  random,
  checkpoint,
  // told
  emit,
  fail,
  log,
  progress,
  metric,
  report,
  put_text,
  put_token,
  answer,
  // extensions; the first three answered
  web_open,
  web_receive,
  web_send,
  web_close,
  quota_refused,
};

struct Header {
  std::uint32_t mark = 0x31465248;  // "HRF1"
  std::uint32_t kind = 0;
  std::uint32_t call = 0;     // which operation
  std::uint32_t request = 0;  // which service request
  std::uint64_t size = 0;     // of the payload
};
static_assert(sizeof(Header) == 24);

inline constexpr std::size_t max_frame_bytes = std::size_t{160} << 20;  // two of the largest pages
inline constexpr std::size_t max_names = 200'000;                       // of any list in a frame

struct Frame {
  Header header;
  std::string payload;
  Kind kind() const noexcept { return static_cast<Kind>(header.kind); }
};

class Writer {
 public:
  void u32(std::uint32_t value) { raw(&value, sizeof value); }
  void u64(std::uint64_t value) { raw(&value, sizeof value); }
  void i64(std::int64_t value) { raw(&value, sizeof value); }
  void f64(double value) { raw(&value, sizeof value); }
  void text(std::string_view value) {
    u64(value.size());
    raw(value.data(), value.size());
  }
  // As the other side of the ABI made it: a null pointer, with or without a length, stays one.
  void text(huiliu_str value) { bytes(value.data, value.size); }
  void text(huiliu_bytes value) { bytes(value.data, value.size); }

  void reserve(std::size_t size) { bytes_.reserve(size); }
  const std::string& bytes() const noexcept { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  void raw(const void* data, std::size_t size) {
    if (size > 0) bytes_.append(static_cast<const char*>(data), size);
  }
  void bytes(const void* data, std::size_t size);
  std::string bytes_;
};

// After the first number or text that is not there, ok() is false and everything else empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  std::int64_t i64() { return number<std::int64_t>(); }
  double f64() { return number<double>(); }
  // Borrowed from the payload.
  std::string_view text() {
    const huiliu_str out = str();
    return out.data == nullptr ? std::string_view() : std::string_view(out.data, out.size);
  }
  huiliu_str str();
  huiliu_bytes bytes() {
    const huiliu_str out = str();
    return {reinterpret_cast<const std::uint8_t*>(out.data), out.size};
  }
  // A count of things that each take at least `least` bytes of what is left.
  std::size_t count(std::size_t least);

  bool ok() const noexcept { return ok_; }
  // Everything was there, and nothing is left.
  bool done() const noexcept { return ok_ && rest_.empty(); }

 private:
  template <class T>
  T number() {
    T value{};
    if (!ok_ || rest_.size() < sizeof value) {
      ok_ = false;
      return T{};
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  std::string_view rest_;
  bool ok_ = true;
};

// The forms that travel in both directions or are large.
void put_pairs(Writer& out, const huiliu_pair* pairs, std::size_t count);
std::vector<huiliu_pair> pairs(Reader& in);
void put_batch(Writer& out, const huiliu_batch& batch);
struct Batch {
  huiliu_batch batch = {};
  std::vector<huiliu_record> records;  // what batch points at
};
Batch batch(Reader& in);
void put_failure(Writer& out, const huiliu_failure& failure);
huiliu_failure failure(Reader& in);

}  // namespace huiliu::host::wire
