#include "hub/host/child_session.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stop_token>
#include <vector>

#include "hub/host/child_process.hpp"
#include "hub/host/child_requests.hpp"
#include "hub/host/core.hpp"
#include "hub/host/records.hpp"

namespace huiliu::host {
namespace {

using Clock = std::chrono::steady_clock;
using model::Error;
using model::ErrorClass;
using wire::Kind;
using wire::Op;
using wire::Reader;
using wire::Writer;

const char* name_of(Op op) noexcept {
  switch (op) {
    case Op::open:
      return "open";
    case Op::close:
      return "close";
    case Op::check:
      return "check";
    case Op::discover:
      return "discover";
    case Op::read:
      return "read";
    case Op::lookup:
      return "lookup";
    case Op::find:
      return "find";
    case Op::write:
      return "write";
    case Op::handle_request:
      return "handle_request";
    case Op::authenticate:
      return "authenticate";
    case Op::listen:
      return "listen";
  }
  return "?";
}

// One instance. Operations come one at a time; authenticate comes inside another one, in the same thread.
class Session {
 public:
  Session(huiliu_call* call, huiliu_str settings)
      : host_(call->core.host),
        connector_(call->core.connector),
        connection_(call->core.connection),
        settings_(settings.data == nullptr ? "" : std::string(settings.data, settings.size)),
        wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Session() {
    if (wake_fd_ >= 0) ::close(wake_fd_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  int pid() const noexcept { return child_ == nullptr ? -1 : child_->pid(); }

  // Starts the process, loads the library, opens the instance.
  huiliu_status start(huiliu_call* call) {
    if (child_ != nullptr) return HUILIU_OK;
    const std::string cause = host_.deaths().barred(connection_, host_.environment().steady());
    if (!cause.empty())
      return give_up(call, ErrorClass::bug,
                     "the plugin's process died " + std::to_string(DeathBook::limit) +
                         " times within ten minutes and is not started again yet; last: " + cause);
    if (wake_fd_ < 0) return give_up(call, ErrorClass::retry, "no event descriptor: too many open files");
    auto child = ChildProcess::start(host_.child_watch());
    if (!child) return give_up(call, child.error().error_class, child.error().text());
    child_ = std::move(*child);
    credit_ = static_cast<std::int64_t>(limits().window_bytes);
    returned_ = 0;
    Writer load;
    load.text(std::string_view(connector_->library));
    load.u32(connector_->index);
    load.text(std::string_view(connector_->manifest_text));
    load.u64(limits().memory_bytes);
    load.u64(limits().window_bytes);
    if (const huiliu_status loaded = run(Kind::load, Op::open, call, load.bytes(), {}); loaded != HUILIU_OK)
      return loaded;
    Writer open;
    open.text(std::string_view(settings_));
    const huiliu_status opened = run(Kind::call, Op::open, call, open.bytes(), {});
    if (opened != HUILIU_OK) child_.reset();
    return opened;
  }

  huiliu_status operate(Op op, huiliu_call* call, const Writer& payload, const ChildSinks& sinks) {
    if (const huiliu_status started = start(call); started != HUILIU_OK) return started;
    return run(Kind::call, op, call, payload.bytes(), sinks);
  }

 private:
  // An operation under way in the child.
  struct Active {
    std::uint32_t id = 0;
    Op op = Op::open;
    bool loading = false;
    ChildCall call;
    bool told_to_stop = false;
  };

  const IsolationLimits& limits() const { return host_.options().isolation; }

  huiliu_status run(Kind kind, Op op, huiliu_call* call, const std::string& payload,
                    const ChildSinks& sinks) {
    Active active{++last_call_, op, kind == Kind::load, ChildCall(call, sinks), false};
    active_.push_back(&active);
    huiliu_status status = HUILIU_RETRY;
    {
      const std::stop_callback waker(call->options.stop, [this] {
        const std::uint64_t one = 1;
        // A full counter is a wake-up that was not read yet.
        if (::write(wake_fd_, &one, sizeof one) < 0) return;
      });
      // What the host does for the child ends with either.
      std::stop_source either;
      const auto end_services = [&either] { either.request_stop(); };
      const std::stop_callback on_stop(call->options.stop, end_services),
          on_end(child_->gone(), end_services);
      const std::stop_token before = std::exchange(call->stop, either.get_token());
      child_->limit_cpu(limits().cpu_seconds);
      status = child_->send(kind, active.id, static_cast<std::uint32_t>(op), payload)
                   ? attend(active)
                   : died("took nothing any more");
      call->stop = before;
    }
    active_.pop_back();
    return status;
  }

  Clock::time_point after(model::Micros duration) const {
    return Clock::now() + std::chrono::microseconds(duration);
  }

  // Serves the child until the operation ends.
  huiliu_status attend(Active& active) {
    auto quiet_until = after(limits().quiet);
    Clock::time_point kill_at = Clock::time_point::max();
    for (;;) {
      if (active.call.raw()->options.stop.stop_requested() && !active.told_to_stop) {
        active.told_to_stop = true;
        kill_at = after(limits().grace);
        if (!child_->send(Kind::cancel, active.id, HUILIU_CANCELLED, {})) return died("took no stop");
      }
      // Here too, and not only when nothing comes: a flood of frames is no progress either.
      if (Clock::now() >= kill_at) return did_not_stop();
      if (Clock::now() >= quiet_until) return made_no_progress();
      wire::Frame frame;
      switch (child_->receive(frame, std::min(quiet_until, kill_at), wake_fd_)) {
        case ChildProcess::Got::woken: {
          std::uint64_t count = 0;
          if (::read(wake_fd_, &count, sizeof count) < 0) break;  // another loop has taken it
          break;
        }
        case ChildProcess::Got::timeout:
          break;
        case ChildProcess::Got::closed:
          return died("");
        case ChildProcess::Got::garbage:
          return died("sent what is no frame");
        case ChildProcess::Got::frame:
          if (frame.kind() == Kind::result) {
            if (frame.header.call != active.id) return died("ended an operation that does not run");
            return finished(active, frame);
          }
          if (const Step step = take(frame); step != Step::idle) {
            if (step == Step::lost) return HUILIU_RETRY;
            quiet_until = after(limits().quiet);
          }
          break;
      }
    }
  }

  huiliu_status finished(const Active& active, const wire::Frame& frame) {
    Reader in(frame.payload);
    if (!active.loading) {
      const auto status = static_cast<huiliu_status>(in.u32());
      const bool open = in.u32() != 0;
      if (!in.done()) return died("sent a result that is none");
      // In the child's place the host would have been handed a null instance.
      if (active.op == Op::open && status == HUILIU_OK && !open)
        return give_up(active.call.raw(), ErrorClass::bug,
                       "the plugin opened no instance, though it ended well");
      return status;
    }
    const bool loaded = in.u32() != 0;
    const std::string why(in.text());
    const std::uint32_t slots = in.u32();
    if (!in.done()) return died("sent a result that is none");
    if (loaded && slots == wanted_slots()) return HUILIU_OK;
    child_.reset();
    return give_up(
        active.call.raw(), ErrorClass::config,
        connector_->library + ": " +
            (loaded ? "the manifest's capabilities are not the functions that the library offers" : why));
  }

  std::uint32_t wanted_slots() const {
    std::uint32_t bits = 1U << static_cast<unsigned>(Op::open) | 1U << static_cast<unsigned>(Op::close);
    for (Op op = Op::check; op <= Op::listen; op = static_cast<Op>(static_cast<unsigned>(op) + 1))
      if (connector_->manifest.capabilities.contains(name_of(op))) bits |= 1U << static_cast<unsigned>(op);
    return bits;
  }

  enum class Step { idle, progress, lost };

  // A note or a service request of the child.
  Step take(const wire::Frame& frame) {
    const auto found = std::find_if(active_.begin(), active_.end(),
                                    [&](const Active* each) { return each->id == frame.header.call; });
    if (found == active_.end()) return lost("spoke for an operation that does not run");
    Active& active = **found;
    if (frame.kind() == Kind::note) return take_note(active, frame);
    if (frame.kind() != Kind::service) return lost("sent what is no frame");
    Writer reply;
    const ChildCall::Taken taken = active.call.serve(frame.payload, reply);
    if (child_ == nullptr) return Step::lost;  // it died in an operation inside this service
    if (taken == ChildCall::Taken::garbage) return lost("sent a request that is none");
    if (!child_->send(Kind::reply, active.id, frame.header.request, reply.bytes()))
      return lost("took no answer");
    return taken == ChildCall::Taken::progress ? Step::progress : Step::idle;
  }

  Step take_note(Active& active, const wire::Frame& frame) {
    const auto size = static_cast<std::int64_t>(frame.payload.size() + sizeof(wire::Header));
    if (credit_ <= 0) return lost("sent more than it was granted");
    credit_ -= size;
    const auto service = static_cast<wire::Service>(frame.header.request);
    huiliu_status status = HUILIU_OK;
    const ChildCall::Taken taken = active.call.note(service, frame.payload, status);
    if (taken == ChildCall::Taken::garbage) return lost("sent a message that is none");
    // It runs ahead of us by its credit, so it learns of a refusal now.
    if (status != HUILIU_OK && !child_->send(Kind::cancel, active.id, static_cast<std::uint32_t>(status), {}))
      return lost("took no refusal");
    returned_ += size;
    if (returned_ * 4 >= static_cast<std::int64_t>(limits().window_bytes)) {
      Writer credit;
      credit.u64(static_cast<std::uint64_t>(returned_));
      credit_ += std::exchange(returned_, 0);
      if (!child_->send(Kind::credit, 0, 0, credit.bytes())) return lost("took no credit");
    }
    return taken == ChildCall::Taken::progress ? Step::progress : Step::idle;
  }

  Step lost(const char* cause) {
    died(cause);
    return Step::lost;
  }

  huiliu_status give_up(huiliu_call* call, ErrorClass error_class, std::string message) {
    Error error = model::make_error(error_class, std::move(message));
    const huiliu_status status = host::status_of(error);
    call->break_with(std::move(error));
    return status;
  }

  // What it did, when the host saw it; the way it ended, when it did so by itself.
  huiliu_status died(std::string cause) {
    const std::string ended = child_->end();
    if (!ended.empty()) cause = cause.empty() || cause.starts_with("took ") ? ended : cause + " and " + ended;
    if (cause.empty()) cause = "closed its connection to the host";
    child_.reset();
    const Op op = active_.empty() ? Op::open : active_.back()->op;
    const std::string text = "the plugin's process " + cause + " during " + name_of(op);
    host_.deaths().note(connection_, host_.environment().steady(), text);
    host_.log({LogLevel::error, connection_, text, {{"library", connector_->library}}});
    for (Active* active : active_)
      active->call.raw()->break_with(model::make_error(
          ErrorClass::retry, text + "; the next operation starts another one from the last checkpoint"));
    return HUILIU_RETRY;
  }

  huiliu_status made_no_progress() {
    return died("made no progress for " + std::to_string(limits().quiet / 1000) + " ms");
  }

  huiliu_status did_not_stop() {
    child_->end();
    child_.reset();
    host_.log(
        {LogLevel::warning, connection_, "the plugin did not stop when asked; its process was ended", {}});
    return HUILIU_CANCELLED;
  }

  Host& host_;
  const std::shared_ptr<const Connector> connector_;
  const std::string connection_, settings_;
  const int wake_fd_;
  std::unique_ptr<ChildProcess> child_;
  std::vector<Active*> active_;
  std::uint32_t last_call_ = 0;
  std::int64_t credit_ = 0, returned_ = 0;
};

Session& session_of(void* self) noexcept { return *static_cast<Session*>(self); }

// An exception here is the host's own fault; the operation ends with it.
template <class F>
huiliu_status shielded(huiliu_call* call, F&& operation) noexcept {
  try {
    return operation();
  } catch (const std::exception& error) {
    try {
      call->break_with(model::make_error(ErrorClass::bug, std::string("isolation failed: ") + error.what()));
    } catch (...) {  // Not even memory for the message: the status alone must do.
      return HUILIU_BUG;
    }
    return HUILIU_BUG;
  }
}

huiliu_status open_session(const huiliu_host*, huiliu_call* call, huiliu_str settings, void** self) noexcept {
  return shielded(call, [&] {
    auto session = std::make_unique<Session>(call, settings);
    const huiliu_status status = session->start(call);
    if (status == HUILIU_OK) *self = session.release();
    return status;
  });
}

void close_session(void* self) noexcept { delete static_cast<Session*>(self); }

huiliu_status check(void* self, huiliu_call* call) noexcept {
  return shielded(call, [&] { return session_of(self).operate(Op::check, call, {}, {}); });
}

huiliu_status discover(void* self, huiliu_call* call, huiliu_text_sink* text) noexcept {
  return shielded(call, [&] { return session_of(self).operate(Op::discover, call, {}, {.text = text}); });
}

huiliu_status read(void* self, huiliu_call* call, const huiliu_read_request* request,
                   huiliu_record_sink* records) noexcept {
  return shielded(call, [&] {
    Writer out;
    out.u32(static_cast<std::uint32_t>(request->mode));
    out.text(request->stream);
    out.text(request->cursor);
    out.u64(request->limit);
    return session_of(self).operate(Op::read, call, out, {.records = records});
  });
}

huiliu_status lookup(void* self, huiliu_call* call, const huiliu_lookup_request* request,
                     huiliu_record_sink* records) noexcept {
  return shielded(call, [&] {
    Writer out;
    out.text(request->stream);
    out.u64(request->key_count);
    for (std::size_t i = 0; i < request->key_count; ++i) out.text(request->keys[i]);
    return session_of(self).operate(Op::lookup, call, out, {.records = records});
  });
}

huiliu_status find(void* self, huiliu_call* call, const huiliu_find_request* request,
                   huiliu_record_sink* records) noexcept {
  return shielded(call, [&] {
    Writer out;
    out.text(request->stream);
    wire::put_pairs(out, request->fields, request->field_count);
    out.u64(request->limit);
    return session_of(self).operate(Op::find, call, out, {.records = records});
  });
}

huiliu_status write(void* self, huiliu_call* call, const huiliu_write_request* request,
                    huiliu_result_sink* results) noexcept {
  return shielded(call, [&] {
    Writer out;
    wire::put_batch(out, *request->batch);
    return session_of(self).operate(Op::write, call, out, {.results = results});
  });
}

huiliu_status handle_request(void* self, huiliu_call* call, const huiliu_web_request* request,
                             huiliu_record_sink* records, huiliu_web_reply* reply) noexcept {
  return shielded(call, [&] {
    Writer out;
    out.text(request->method);
    out.text(request->target);
    wire::put_pairs(out, request->headers, request->header_count);
    out.text(request->body);
    return session_of(self).operate(Op::handle_request, call, out, {.records = records, .reply = reply});
  });
}

huiliu_status authenticate(void* self, huiliu_call* call, const huiliu_auth_request* request,
                           huiliu_token_sink* token) noexcept {
  return shielded(call, [&] {
    Writer out;
    out.u32(request->pool_index);
    out.text(request->credential);
    return session_of(self).operate(Op::authenticate, call, out, {.token = token});
  });
}

huiliu_status listen(void* self, huiliu_call* call, const huiliu_listen_request*,
                     huiliu_record_sink* records) noexcept {
  return shielded(call, [&] { return session_of(self).operate(Op::listen, call, {}, {.records = records}); });
}

}  // namespace

huiliu_connector child_slots(const std::set<std::string>& capabilities) noexcept {
  huiliu_connector out = {};
  out.struct_size = sizeof out;
  out.open = &open_session;
  out.close = &close_session;
  if (capabilities.contains("check")) out.check = &check;
  if (capabilities.contains("discover")) out.discover = &discover;
  if (capabilities.contains("read")) out.read = &read;
  if (capabilities.contains("lookup")) out.lookup = &lookup;
  if (capabilities.contains("find")) out.find = &find;
  if (capabilities.contains("write")) out.write = &write;
  if (capabilities.contains("handle_request")) out.handle_request = &handle_request;
  if (capabilities.contains("authenticate")) out.authenticate = &authenticate;
  if (capabilities.contains("listen")) out.listen = &listen;
  return out;
}

int child_pid(const void* self) noexcept { return static_cast<const Session*>(self)->pid(); }

}  // namespace huiliu::host
