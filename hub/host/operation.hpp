// Inside of hub/host: what all operations of an instance have in common. Used by instance.cpp and
// instance_write.cpp.
#pragma once

#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>

#include "hub/host/core.hpp"

namespace huiliu::host {

// One operation: one at a time, with a way to wake the plugin, and a common end.
class Operation {
 public:
  Operation(InstanceCore& core, const CallOptions& options, std::string where)
      : lock_(core.operating),
        call_(core, options),
        where_(std::move(where)),
        wake_(options.stop, Waker{&core}) {}

  huiliu_call* call() noexcept { return &call_; }
  const std::string& where() const noexcept { return where_; }

  // The status as an error or, when it ended well, the last notes committed.
  model::Status end(huiliu_status status);
  // What the plugin has set since this was last asked.
  StateChanges take_staged();

 private:
  struct Waker {
    InstanceCore* core;
    void operator()() const noexcept {
      if (core->connector->slots.interrupt != nullptr) core->connector->slots.interrupt(core->self);
    }
  };

  std::lock_guard<std::mutex> lock_;
  huiliu_call call_;
  std::string where_;
  std::stop_callback<Waker> wake_;
};

// The record sink of one operation: checks each page and hands it on.
class RecordReceiver {
 public:
  // Asked after each durable checkpoint: true ends the operation there, as a stop would.
  using Leave = std::function<bool(const std::string& cursor)>;
  void leave_when(Leave leave) { leave_ = std::move(leave); }
  // stream: the only one that may come; empty: any. All must outlive the receiver.
  RecordReceiver(Operation& operation, const RecordConsumer& consumer, std::string stream);
  RecordReceiver(const RecordReceiver&) = delete;
  RecordReceiver& operator=(const RecordReceiver&) = delete;

  huiliu_record_sink* sink() noexcept { return &sink_; }

 private:
  template <class F>
  huiliu_status guarded(const char* service, F&& take) noexcept;
  model::Status take_page(const huiliu_batch* batch);
  model::Status take_checkpoint(huiliu_bytes bytes);

  Operation& operation_;
  const RecordConsumer& consumer_;
  std::string stream_;
  huiliu_record_sink sink_ = {};
  huiliu_status refused_ = HUILIU_OK;
  Leave leave_;
  bool left_ = false;
};

model::Error not_offered(const InstanceCore& core, const char* what);

// A stream that the manifest names must offer the mode (null: any); one that only discover knows is the
// plugin's to judge.
model::Status judge_stream(const InstanceCore& core, const std::string& name, const char* mode);

}  // namespace huiliu::host
