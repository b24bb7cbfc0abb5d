// Inside of hub/host: what a child process asks for and tells during one operation, carried out by the same
// services and sinks that a plugin in the process would call. Everything that comes in is outside input.
#pragma once

#include <huiliu/plugin.h>
#include <huiliu/websocket.h>

#include <cstdint>
#include <map>
#include <string_view>

#include "hub/host/wire.hpp"

namespace huiliu::host {

// Where the results of an operation go; what it does not have is null.
struct ChildSinks {
  huiliu_record_sink* records = nullptr;
  huiliu_result_sink* results = nullptr;
  huiliu_text_sink* text = nullptr;
  huiliu_token_sink* token = nullptr;
  huiliu_web_reply* reply = nullptr;
};

class ChildCall {
 public:
  ChildCall(huiliu_call* call, const ChildSinks& sinks) : call_(call), sinks_(sinks) {}
  ~ChildCall();  // closes the connections that the child left open
  ChildCall(const ChildCall&) = delete;
  ChildCall& operator=(const ChildCall&) = delete;

  huiliu_call* raw() const noexcept { return call_; }

  // idle: well-formed, but no sign of progress (a log line, a look at the clock).
  enum class Taken { progress, idle, garbage };
  Taken serve(std::string_view request, wire::Writer& reply);
  // status: what a sink answered that could refuse.
  Taken note(wire::Service service, std::string_view payload, huiliu_status& status);

 private:
  Taken send(wire::Reader& in, wire::Writer& reply);
  Taken text_of(wire::Service service, wire::Reader& in, wire::Writer& reply);
  Taken emit(wire::Reader& in, huiliu_status& status);
  Taken report(wire::Reader& in);
  Taken token(wire::Reader& in);
  Taken answer(wire::Reader& in);
  Taken log(wire::Reader& in);
  Taken web_open(wire::Reader& in, wire::Writer& reply);
  Taken web_receive(wire::Reader& in, wire::Writer& reply);
  Taken web_send(wire::Reader& in, wire::Writer& reply);

  huiliu_call* call_;
  ChildSinks sinks_;
  std::uint32_t log_lines_ = 0;
  std::map<std::uint32_t, huiliu_websocket*> webs_;  // by the number that the child knows
  std::uint32_t last_web_ = 0;
};

}  // namespace huiliu::host
