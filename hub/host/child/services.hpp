// The host services and sinks as a plugin in a child process sees them: each becomes a frame.
#pragma once

#include <huiliu/plugin.h>

#include <atomic>
#include <cstdint>
#include <string_view>

#include "hub/host/child/link.hpp"

// One running operation, on this side.
struct huiliu_call {
  explicit huiliu_call(std::uint32_t number) : id(number) {}
  const std::uint32_t id;
  std::atomic<bool> cancelled{false};
  // The host took no more records: why.
  std::atomic<huiliu_status> refused{HUILIU_OK};
};

namespace huiliu::host::child {

// The link must be set before any service is used.
void use_link(Link& link) noexcept;
Link& used_link() noexcept;
// A host extension by its id ("websocket/1"); null: none of that name.
const void* extension(std::string_view id) noexcept;
const huiliu_host& host_table() noexcept;

huiliu_record_sink record_sink(huiliu_call& call) noexcept;
huiliu_result_sink result_sink(huiliu_call& call) noexcept;
huiliu_text_sink text_sink(huiliu_call& call) noexcept;
huiliu_token_sink token_sink(huiliu_call& call) noexcept;
huiliu_web_reply web_reply(huiliu_call& call) noexcept;

}  // namespace huiliu::host::child
