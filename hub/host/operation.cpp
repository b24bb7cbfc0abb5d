#include "hub/host/operation.hpp"

namespace huiliu::host {

using model::Error;
using model::ErrorClass;
using model::Status;

Error located(const InstanceCore& core, Error error, const std::string& where) {
  const Redactor& redactor = core.host.redactor();
  error.message = redactor.redact(error.message);
  error.code = redactor.redact(error.code);
  if (error.where.rfind(core.connection, 0) != 0)
    error.where = error.where.empty() ? where : where + (error.where.front() == '/' ? "" : "/") + error.where;
  return error;
}

Status ended(huiliu_call& call, huiliu_status status, const std::string& where) {
  const std::lock_guard lock(call.mutex);
  if (call.fault) return located(call.core, *call.fault, where);
  if (status == HUILIU_OK) return {};
  if (status == HUILIU_CANCELLED) return model::make_error(ErrorClass::cancelled, "stopped", where);
  Error error = error_of(status, nullptr);
  // A plugin that only passes a service's refusal on says less than the refusal did.
  const bool passed_on = call.refusal && status_of(*call.refusal) == status &&
                         (!call.failure || call.failure->message == call.refusal->message);
  // A rate limit that only the plugin could read from the answer. (The host's own refusals are no news.)
  if (status == HUILIU_THROTTLED && !passed_on && !call.last_quota.empty())
    call.core.host.quotas().refused(call.last_quota, call.failure ? call.failure->retry_after_ms : -1);
  if (call.failure || passed_on) {
    const ErrorClass error_class = error.error_class;
    error = passed_on ? *call.refusal : *call.failure;
    error.error_class = error_class;
  }
  return located(call.core, std::move(error), where);
}

Status Operation::end(huiliu_status status) {
  HUILIU_TRY(ended(call_, status, where_));
  StateChanges changes = take_staged();
  if (changes.empty()) return {};
  if (Status committed = call_.core.state->commit(changes); !committed)
    return located(call_.core, committed.error(), where_);
  return {};
}

StateChanges Operation::take_staged() {
  const std::lock_guard lock(call_.mutex);
  return std::exchange(call_.staged, {});
}

template <class F>
huiliu_status RecordReceiver::guarded(const char* service, F&& take) noexcept {
  huiliu_call& call = *operation_.call();
  try {
    // After a refusal nothing more is taken: a later cursor would cover what was lost.
    if (refused_ != HUILIU_OK) return refused_;
    if (left_ || call.options.stop.stop_requested()) return HUILIU_CANCELLED;
    Status taken = call.options.before_service ? call.options.before_service(service) : Status();
    if (taken.ok()) taken = take();
    if (taken.ok()) return HUILIU_OK;
    refused_ = status_of(taken.error());
    call.break_with(taken.error());
  } catch (const std::exception& error) {
    refused_ = HUILIU_BUG;
    call.break_with(
        model::make_error(ErrorClass::bug, std::string("taking records failed: ") + error.what()));
  }
  return refused_;
}

RecordReceiver::RecordReceiver(Operation& operation, const RecordConsumer& consumer, std::string stream)
    : operation_(operation), consumer_(consumer), stream_(std::move(stream)) {
  const auto emit = [](void* ctx, const huiliu_batch* batch) noexcept {
    auto& me = *static_cast<RecordReceiver*>(ctx);
    return me.guarded("emit", [&] { return me.take_page(batch); });
  };
  const auto checkpoint = [](void* ctx, huiliu_bytes cursor) noexcept {
    auto& me = *static_cast<RecordReceiver*>(ctx);
    return me.guarded("checkpoint", [&] { return me.take_checkpoint(cursor); });
  };
  sink_ = {sizeof sink_, 0, this, emit, checkpoint};
}

Status RecordReceiver::take_page(const huiliu_batch* batch) {
  HUILIU_ASSIGN(Page page, read_batch(batch, operation_.call()->core.connection));
  if (!stream_.empty() && page.stream != stream_)
    return model::make_error(ErrorClass::bug, "the plugin emits records of the stream " + page.stream +
                                                  " while it reads " + stream_);
  if (!consumer_.page || (page.records.empty() && page.bad.empty())) return {};
  return consumer_.page(std::move(page));
}

Status RecordReceiver::take_checkpoint(huiliu_bytes bytes) {
  std::string cursor;
  if (!take_bytes(bytes, cursor) || cursor.size() > max_record_bytes)
    return model::make_error(ErrorClass::bug, "the plugin hands over a cursor that is null or too long");
  const StateChanges changes = operation_.take_staged();
  if (consumer_.checkpoint)
    HUILIU_TRY(consumer_.checkpoint(cursor, changes));
  else if (!changes.empty())
    HUILIU_TRY(operation_.call()->core.state->commit(changes));
  left_ = leave_ && leave_(cursor);
  return {};
}

Error not_offered(const InstanceCore& core, const char* what) {
  return model::make_error(ErrorClass::unsupported,
                           "the connector " + core.connector->manifest.id + " does not offer " + what,
                           core.connection);
}

// A stream that the manifest names must offer the mode; one that only discover knows is the plugin's to
// judge.
Status judge_stream(const InstanceCore& core, const std::string& name, const char* mode) {
  const Manifest& manifest = core.connector->manifest;
  const StreamSpec* stream = manifest.stream(name);
  if (stream == nullptr) {
    if (manifest.streams.empty() || manifest.capabilities.contains("discover")) return {};
    std::string known;
    for (const StreamSpec& each : manifest.streams) known += (known.empty() ? "" : ", ") + each.name;
    return model::make_error(ErrorClass::config, "no such stream; there are: " + known,
                             core.connection + "/" + name);
  }
  if (mode != nullptr && !stream->read.contains(mode))
    return model::make_error(ErrorClass::unsupported,
                             std::string("the stream cannot be read in the mode ") + mode,
                             core.connection + "/" + name);
  return {};
}

}  // namespace huiliu::host
