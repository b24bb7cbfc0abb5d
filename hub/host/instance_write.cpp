// The two operations of an Instance that answer with more than records: write and handle_request.
#include <algorithm>
#include <cstring>

#include "hub/host/operation.hpp"

namespace huiliu::host {
namespace {

using model::Error;
using model::ErrorClass;
using model::Status;
using model::Value;

constexpr std::size_t max_reply_headers = 100;
constexpr std::size_t max_reply_bytes = std::size_t{16} << 20;

// The records of a write in the ABI's form, with the texts that they point at.
class WriteBatch {
 public:
  WriteBatch(const std::string& stream, const std::vector<WriteRecord>& records) : stream_(stream) {
    texts_.reserve(records.size());
    for (const WriteRecord& record : records) {
      // A deletion has no body; base says what was last seen.
      texts_.push_back({record.body.is_null() ? std::string() : model::to_json(record.body),
                        record.base.is_null() ? std::string() : model::to_json(record.base)});
      huiliu_record raw = {};
      raw.key = abi_str(record.key);
      raw.version = abi_str(record.version);
      raw.operation_id = abi_str(record.operation_id);
      raw.body = abi_bytes(texts_.back().body);
      raw.base = abi_bytes(texts_.back().base);
      raw.changed_at_us = HUILIU_TIME_UNKNOWN;
      raw.kind = record.deleted ? HUILIU_DELETE : HUILIU_UPSERT;
      raw_.push_back(raw);
    }
  }

  huiliu_batch abi() const noexcept {
    return {sizeof(huiliu_batch), sizeof(huiliu_record), abi_str(stream_), raw_.data(), raw_.size()};
  }

 private:
  struct Texts {
    std::string body, base;
  };
  const std::string& stream_;
  std::vector<Texts> texts_;  // reserved: never moves what raw_ points at
  std::vector<huiliu_record> raw_;
};

// The result sink of one write: judges each result; what is never reported stays in doubt.
class ResultReceiver {
 public:
  ResultReceiver(Operation& operation, const std::vector<WriteRecord>& records)
      : operation_(operation), records_(records), results_(records.size()), reported_(records.size(), false) {
    for (std::size_t i = 0; i < results_.size(); ++i)
      results_[i].error = explained(i, ErrorClass::in_doubt, "the plugin reported no result");
    const auto report = [](void* ctx, std::size_t index, const huiliu_result* result) noexcept {
      static_cast<ResultReceiver*>(ctx)->take(index, result);
    };
    sink_ = {sizeof sink_, 0, this, report};
  }
  ResultReceiver(const ResultReceiver&) = delete;
  ResultReceiver& operator=(const ResultReceiver&) = delete;

  huiliu_result_sink* sink() noexcept { return &sink_; }
  std::vector<WriteResult> take_results() { return std::move(results_); }

 private:
  Error explained(std::size_t index, ErrorClass error_class, std::string message) const {
    const std::string& key = records_[index].key;
    const std::string name = !key.empty() ? key : "#" + std::to_string(index);
    return model::make_error(error_class, std::move(message), operation_.where() + "/" + name);
  }

  // A result that breaks the contract may hide a write that happened.
  WriteResult doubtful(std::size_t index, std::string message) const {
    WriteResult out;
    out.error = explained(index, ErrorClass::bug, "the plugin " + std::move(message));
    return out;
  }

  void take(std::size_t index, const huiliu_result* result) noexcept {
    huiliu_call& call = *operation_.call();
    try {
      if (index >= results_.size())
        return call.break_with(model::make_error(ErrorClass::bug, "the plugin reports a result for record " +
                                                                      std::to_string(index) + " of " +
                                                                      std::to_string(results_.size())));
      if (reported_[index]) {
        results_[index] = doubtful(index, "reported two results for one record");
        return;
      }
      reported_[index] = true;
      results_[index] = judged(index, result);
    } catch (const std::exception& error) {
      call.break_with(
          model::make_error(ErrorClass::bug, std::string("taking a result failed: ") + error.what()));
    }
  }

  WriteResult judged(std::size_t index, const huiliu_result* in) const {
    huiliu_result raw = {};
    if (!copy_sized(in, HUILIU_FIELD_END(huiliu_result, failure), raw))
      return doubtful(index, "reported a result that is null or too short");
    if (raw.outcome < HUILIU_APPLIED || raw.outcome > HUILIU_IN_DOUBT)
      return doubtful(index, "reported the unknown outcome " + std::to_string(raw.outcome));
    WriteResult out;
    std::string body;
    if (!take_text(raw.remote_key, out.remote_key) || !take_text(raw.remote_version, out.remote_version) ||
        !take_bytes(raw.remote_body, body) || !model::is_utf8(out.remote_key) ||
        !model::is_utf8(out.remote_version) || out.remote_key.size() > max_key_bytes)
      return doubtful(index, "reported a result whose key or version is not usable");
    out.outcome = static_cast<WriteOutcome>(raw.outcome);
    const bool created = records_[index].key.empty() && !records_[index].deleted;
    if (created && (out.outcome == WriteOutcome::applied || out.outcome == WriteOutcome::unchanged) &&
        out.remote_key.empty())
      return doubtful(index, "created the record but does not tell its key");
    if (!body.empty()) {
      auto parsed = model::parse_json(body);
      if (parsed.ok() && parsed->is_object())
        out.remote_body = std::move(*parsed);
      else
        out.error = explained(index, ErrorClass::data,
                              "the remote's new body is not a JSON object; it must be read back");
    }
    const bool done = out.outcome == WriteOutcome::applied || out.outcome == WriteOutcome::unchanged;
    const bool in_part = out.outcome == WriteOutcome::applied && raw.failure != nullptr;
    if (!done || in_part) out.error = reason(index, out.outcome, raw.failure);
    return out;
  }

  Error reason(std::size_t index, WriteOutcome outcome, const huiliu_failure* failure) const {
    const huiliu_status status = failure == nullptr ? HUILIU_DATA : failure->status;
    Error out = error_of(status, failure);
    if (failure == nullptr) out.message = std::string("the plugin gave no reason for ") + to_string(outcome);
    if (outcome == WriteOutcome::stale) out.error_class = ErrorClass::stale;
    if (outcome == WriteOutcome::in_doubt) out.error_class = ErrorClass::in_doubt;
    const std::string& key = records_[index].key;
    return located(operation_.call()->core, std::move(out),
                   operation_.where() + "/" + (key.empty() ? "#" + std::to_string(index) : key));
  }

  Operation& operation_;
  const std::vector<WriteRecord>& records_;
  huiliu_result_sink sink_ = {};
  std::vector<WriteResult> results_;
  std::vector<bool> reported_;
};

struct ReplyReceiver {
  std::optional<WebReply> reply;
  std::string problem;
};

bool one_line(const std::string& text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
}

void take_answer(void* ctx, std::int32_t code, const huiliu_pair* headers, std::size_t count,
                 huiliu_bytes body) noexcept {
  auto& out = *static_cast<ReplyReceiver*>(ctx);
  try {
    WebReply reply;
    reply.code = code;
    if (code < 200 || code > 599) out.problem = "a reply with the code " + std::to_string(code);
    if (count > max_reply_headers || (count > 0 && headers == nullptr))
      out.problem = "a reply with unusable headers";
    for (std::size_t i = 0; out.problem.empty() && i < count; ++i) {
      std::string name, value;
      if (!take_text(headers[i].name, name) || !take_text(headers[i].value, value) || name.empty() ||
          !one_line(name) || !one_line(value))
        out.problem = "a reply with unusable headers";
      reply.headers.emplace_back(std::move(name), std::move(value));
    }
    if (!take_bytes(body, reply.body) || reply.body.size() > max_reply_bytes)
      out.problem = "a reply that is too large";
    out.reply = std::move(reply);
  } catch (const std::exception& error) {
    out.problem = std::string("a reply that could not be taken: ") + error.what();
  }
}

}  // namespace

const char* to_string(WriteOutcome outcome) noexcept {
  switch (outcome) {
    case WriteOutcome::applied:
      return "applied";
    case WriteOutcome::unchanged:
      return "unchanged";
    case WriteOutcome::stale:
      return "stale";
    case WriteOutcome::duplicate:
      return "duplicate";
    case WriteOutcome::gone:
      return "gone";
    case WriteOutcome::rejected:
      return "rejected";
    case WriteOutcome::deferred:
      return "deferred";
    case WriteOutcome::in_doubt:
      return "in_doubt";
  }
  return "in_doubt";
}

WriteReport Instance::write(const std::string& stream, const std::vector<WriteRecord>& records,
                            const CallOptions& options) {
  const std::lock_guard lock(turn_);
  follow(options);
  const auto refuse_all = [&](const Error& error) {
    WriteReport out;
    out.ended = error;
    for (std::size_t i = 0; i < records.size(); ++i)
      out.results.push_back({WriteOutcome::deferred, {}, {}, {}, error});
    return out;
  };
  const auto slot = core_->connector->slots.write;
  if (slot == nullptr) return refuse_all(not_offered(*core_, "write"));
  if (const Status known = judge_stream(*core_, stream, nullptr); !known) return refuse_all(known.error());
  if (records.size() > max_page_records)
    return refuse_all(model::make_error(
        ErrorClass::bug, "more than " + std::to_string(max_page_records) + " records in one write",
        core_->connection + "/" + stream));
  Operation operation(*core_, options, core_->connection + "/" + stream);
  if (options.stop.stop_requested())
    return refuse_all(
        model::make_error(ErrorClass::cancelled, "stopped before the write", operation.where()));
  const WriteBatch batch(stream, records);
  const huiliu_batch raw = batch.abi();
  const huiliu_write_request request = {sizeof request, 0, &raw};
  ResultReceiver receiver(operation, records);
  const huiliu_status status = slot(core_->self, operation.call(), &request, receiver.sink());
  WriteReport out;
  out.ended = operation.end(status);
  out.results = receiver.take_results();
  return out;
}

model::Result<WebReply> Instance::handle_request(const WebRequest& request, const RecordConsumer& consumer,
                                                 const CallOptions& options) {
  const std::lock_guard lock(turn_);
  follow(options);
  const auto slot = core_->connector->slots.handle_request;
  if (slot == nullptr) return not_offered(*core_, "handle_request");
  Operation operation(*core_, options, core_->connection);
  RecordReceiver receiver(operation, consumer, "");
  std::vector<huiliu_pair> headers;
  for (const auto& [name, value] : request.headers) headers.push_back({abi_str(name), abi_str(value)});
  const huiliu_web_request raw = {sizeof raw,
                                  static_cast<std::uint32_t>(headers.size()),
                                  abi_str(request.method),
                                  abi_str(request.target),
                                  headers.data(),
                                  abi_bytes(request.body)};
  ReplyReceiver reply;
  huiliu_web_reply sink = {sizeof sink, 0, &reply, &take_answer};
  HUILIU_TRY(operation.end(slot(core_->self, operation.call(), &raw, receiver.sink(), &sink)));
  if (!reply.problem.empty())
    return model::make_error(ErrorClass::bug, "the plugin gives " + reply.problem, core_->connection);
  if (!reply.reply)
    return model::make_error(ErrorClass::bug, "the plugin gives no reply, though it ended well",
                             core_->connection);
  return std::move(*reply.reply);
}

}  // namespace huiliu::host
