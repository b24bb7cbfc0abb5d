#include "hub/host/records.hpp"

#include <cstring>
#include <unordered_set>

namespace huiliu::host {
namespace {

using model::Error;
using model::ErrorClass;

constexpr std::size_t record_floor = HUILIU_FIELD_END(huiliu_record, reserved);  // of minor 0

Error batch_error(const std::string& connection, std::string message) {
  return model::make_error(ErrorClass::bug, "the plugin handed over " + std::move(message), connection);
}

Error record_error(std::string code, std::string message, const std::string& where) {
  Error out = model::make_error(ErrorClass::data, std::move(message), where);
  out.code = std::move(code);
  return out;
}

// One record of a batch, judged: into page.records or page.bad.
class RecordJudge {
 public:
  RecordJudge(Page& page, std::string where) : page_(page), where_(std::move(where)) {}

  void take(const huiliu_record& raw, std::size_t index) {
    RemoteRecord record;
    const std::string at = where_ + "/#" + std::to_string(index);
    const bool readable = take_text(raw.key, record.key) && take_text(raw.version, record.version);
    if (!take_bytes(raw.body, record.raw) || !readable)
      return refuse(record, record_error("bad_body", "a null text with a length", at));
    if (record.key.empty()) return refuse(record, record_error("no_key", "the record has no key", at));
    if (record.key.size() > max_key_bytes || !model::is_utf8(record.key) || !model::is_utf8(record.version))
      return refuse(record, record_error("bad_key", "the key or version is not UTF-8, or too long", at));
    const std::string named = where_ + "/" + record.key;
    if (!seen_.insert(record.key).second)
      return refuse(record, record_error("duplicate_key", "the key occurs twice in one page", named));
    if (raw.kind != HUILIU_UPSERT && raw.kind != HUILIU_DELETE)
      return refuse(record, record_error("bad_kind", "the record is neither upsert nor delete", named));
    record.deleted = raw.kind == HUILIU_DELETE;
    record.changed_at = raw.changed_at_us;
    if (!record.deleted)
      if (model::Status parsed = parse_body(record, named); !parsed) return refuse(record, parsed.error());
    page_.records.push_back(std::move(record));
  }

 private:
  static model::Status parse_body(RemoteRecord& record, const std::string& where) {
    if (record.raw.size() > max_record_bytes)
      return record_error(
          "too_large", "the record is larger than " + std::to_string(max_record_bytes >> 20) + " MiB", where);
    auto body = model::parse_json(record.raw);
    if (!body) return record_error("bad_body", "the record is not JSON: " + body.error().message, where);
    if (!body->is_object()) return record_error("bad_body", "the record is not a JSON object", where);
    record.body = std::move(*body);
    return {};
  }

  void refuse(RemoteRecord& record, Error error) {
    page_.bad.push_back(
        {std::move(record.key), std::move(record.version), std::move(record.raw), std::move(error)});
  }

  Page& page_;
  std::string where_;
  std::unordered_set<std::string> seen_;
};

}  // namespace

bool take_text(huiliu_str text, std::string& out) {
  if (text.data == nullptr) return text.size == 0;
  out.assign(text.data, text.size);
  return true;
}

bool take_bytes(huiliu_bytes bytes, std::string& out) {
  if (bytes.data == nullptr) return bytes.size == 0;
  out.assign(reinterpret_cast<const char*>(bytes.data), bytes.size);
  return true;
}

model::Result<Page> read_batch(const huiliu_batch* in, const std::string& connection) {
  huiliu_batch batch = {};
  if (!copy_sized(in, HUILIU_FIELD_END(huiliu_batch, record_count), batch))
    return batch_error(connection, "a batch that is null or too short");
  Page page;
  if (!take_text(batch.stream, page.stream) || page.stream.empty() || !model::is_utf8(page.stream))
    return batch_error(connection, "a batch without a stream");
  const std::string where = connection + "/" + page.stream;
  if (batch.record_count > max_page_records)
    return batch_error(where, "a page of " + std::to_string(batch.record_count) + " records, want at most " +
                                  std::to_string(max_page_records));
  if (batch.record_count > 0 && batch.records == nullptr)
    return batch_error(where, "a batch without records");
  if (batch.record_count > 0 && batch.record_stride < record_floor)
    return batch_error(where, "records with a stride of " + std::to_string(batch.record_stride) +
                                  " bytes, want at least " + std::to_string(record_floor));
  RecordJudge judge(page, where);
  const auto* base = reinterpret_cast<const unsigned char*>(batch.records);
  const std::size_t known = std::min<std::size_t>(batch.record_stride, sizeof(huiliu_record));
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < batch.record_count; ++i) {
    huiliu_record record = {};
    std::memcpy(&record, base + i * batch.record_stride, known);
    bytes += record.body.size;
    if (bytes > max_page_bytes)
      return batch_error(where, "a page larger than " + std::to_string(max_page_bytes >> 20) + " MiB");
    judge.take(record, i);
  }
  return page;
}

model::Error error_of(huiliu_status status, const huiliu_failure* in) {
  huiliu_failure failure = {};
  Error out;
  if (copy_sized(in, HUILIU_FIELD_END(huiliu_failure, retry_after_ms), failure)) {
    if (!take_text(failure.message, out.message) || !model::is_utf8(out.message)) out.message.clear();
    if (!take_text(failure.remote_code, out.code) || !model::is_utf8(out.code)) out.code.clear();
    if (!take_text(failure.pointer, out.where) || !model::is_utf8(out.where)) out.where.clear();
    out.retry_after_ms = failure.retry_after_ms < 0 ? -1 : failure.retry_after_ms;
  }
  const bool known = status >= HUILIU_CANCELLED && status <= HUILIU_BUG;
  out.error_class = known ? static_cast<ErrorClass>(status) : ErrorClass::bug;
  if (!known)
    out.message = "the plugin returned the unknown status " + std::to_string(status) + "; " + out.message;
  if (out.message.empty()) out.message = "the plugin gave no reason";
  return out;
}

huiliu_status status_of(const Error& error) noexcept {
  switch (error.error_class) {
    case ErrorClass::not_found:
      return HUILIU_DATA;
    case ErrorClass::stale:
      return HUILIU_RETRY;
    case ErrorClass::in_doubt:
      return HUILIU_RETRY;
    default:
      return static_cast<huiliu_status>(error.error_class);
  }
}

}  // namespace huiliu::host
