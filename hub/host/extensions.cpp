// The host's extensions by their ids.
#include "hub/host/core.hpp"
#include "huiliu/quota.h"

namespace huiliu::host {
namespace {

void quota_refused(huiliu_call* call, huiliu_str name, std::int64_t retry_after_ms) noexcept {
  try {
    std::string wanted;
    if (!take_text(name, wanted)) return;
    const auto found = call->core.quotas.find(wanted);
    if (found != call->core.quotas.end())
      call->core.host.quotas().refused(found->second.name, retry_after_ms);
  } catch (const std::exception& error) {
    call->break_with(
        model::make_error(model::ErrorClass::bug, std::string("a host service failed: ") + error.what()));
  }
}

constexpr huiliu_quota_1 quota_table = {sizeof quota_table, 0, &quota_refused};

}  // namespace

const void* quota_extension() noexcept { return &quota_table; }

const void* host_extension(std::string_view id) noexcept {
  if (id == "websocket/1") return websocket_extension();
  if (id == "quota/1") return quota_extension();
  return nullptr;
}

}  // namespace huiliu::host
