#include "hub/host/wire.hpp"

#include <algorithm>

namespace huiliu::host::wire {
namespace {

constexpr std::uint64_t null_with_size = ~std::uint64_t{0}, null_empty = null_with_size - 1;

// How far a sized struct of the other side reaches; what it does not have stays zero.
template <class T>
T sized(const T& from, std::size_t size) {
  T out{};
  std::memcpy(&out, &from, std::min(size, sizeof out));
  return out;
}

}  // namespace

void Writer::bytes(const void* data, std::size_t size) {
  if (data == nullptr) return u64(size > 0 ? null_with_size : null_empty);
  text(std::string_view(static_cast<const char*>(data), size));
}

huiliu_str Reader::str() {
  const std::uint64_t size = u64();
  if (size == null_with_size) return {nullptr, 1};
  if (!ok_ || size == null_empty) return {nullptr, 0};
  if (size > rest_.size()) {
    ok_ = false;
    return {nullptr, 0};
  }
  const huiliu_str out = {rest_.data(), static_cast<std::size_t>(size)};
  rest_.remove_prefix(out.size);
  return out;
}

std::size_t Reader::count(std::size_t least) {
  const std::uint64_t count = u64();
  if (!ok_ || count > max_names || count > rest_.size() / least) {
    ok_ = false;
    return 0;
  }
  return static_cast<std::size_t>(count);
}

void put_pairs(Writer& out, const huiliu_pair* pairs, std::size_t count) {
  if (pairs == nullptr) count = 0;
  out.u64(count);
  for (std::size_t i = 0; i < count; ++i) {
    out.text(pairs[i].name);
    out.text(pairs[i].value);
  }
}

std::vector<huiliu_pair> pairs(Reader& in) {
  std::vector<huiliu_pair> out(in.count(16));
  for (huiliu_pair& pair : out) {
    pair.name = in.str();
    pair.value = in.str();
  }
  return out;
}

void put_batch(Writer& out, const huiliu_batch& batch) {
  out.text(batch.stream);
  out.u64(batch.record_count);
  const auto* base = reinterpret_cast<const unsigned char*>(batch.records);
  for (std::size_t i = 0; i < batch.record_count; ++i) {
    huiliu_record record = {};
    std::memcpy(&record, base + i * batch.record_stride,
                std::min<std::size_t>(batch.record_stride, sizeof record));
    out.text(record.key);
    out.text(record.version);
    out.text(record.operation_id);
    out.text(record.body);
    out.text(record.base);
    out.i64(record.changed_at_us);
    out.u32(static_cast<std::uint32_t>(record.kind));
  }
}

Batch batch(Reader& in) {
  Batch out;
  out.batch.struct_size = sizeof out.batch;
  out.batch.record_stride = sizeof(huiliu_record);
  out.batch.stream = in.str();
  out.records.resize(in.count(52));
  for (huiliu_record& record : out.records) {
    record = {};
    record.key = in.str();
    record.version = in.str();
    record.operation_id = in.str();
    record.body = in.bytes();
    record.base = in.bytes();
    record.changed_at_us = in.i64();
    record.kind = static_cast<std::int32_t>(in.u32());
  }
  out.batch.records = out.records.data();
  out.batch.record_count = out.records.size();
  return out;
}

void put_failure(Writer& out, const huiliu_failure& failure) {
  const huiliu_failure full = sized(failure, failure.struct_size);
  out.u32(static_cast<std::uint32_t>(full.status));
  out.text(full.message);
  out.text(full.remote_code);
  out.text(full.pointer);
  out.i64(full.struct_size >= HUILIU_FIELD_END(huiliu_failure, retry_after_ms) ? full.retry_after_ms : -1);
}

huiliu_failure failure(Reader& in) {
  huiliu_failure out = {};
  out.struct_size = sizeof out;
  out.status = static_cast<std::int32_t>(in.u32());
  out.message = in.str();
  out.remote_code = in.str();
  out.pointer = in.str();
  out.retry_after_ms = in.i64();
  return out;
}

}  // namespace huiliu::host::wire
