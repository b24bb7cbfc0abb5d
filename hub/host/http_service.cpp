#include "hub/host/http_service.hpp"

#include <algorithm>
#include <array>

namespace huiliu::host {
namespace {

HttpAnswer not_sent(const model::Error& error) {
  HttpAnswer out = HttpAnswer::none(error.error_class, error.message);
  out.retry_after_ms = error.retry_after_ms;
  out.unsent = error;
  return out;
}

}  // namespace

bool is_idempotent_method(std::string_view method) noexcept {
  constexpr std::array<std::string_view, 6> idempotent = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};
  return std::find(idempotent.begin(), idempotent.end(), method) != idempotent.end();
}

HttpAnswer HttpService::attempt(const Outgoing& outgoing, const std::stop_token& stop) {
  // First the credential, for fetching it may take its own share of the quota; then the quota.
  HttpRequest request = outgoing.request;
  if (outgoing.place)
    if (const model::Status placed = outgoing.place(request); !placed) return not_sent(placed.error());
  QuotaLease lease;
  if (!outgoing.quota.empty()) {
    auto acquired = quotas_.acquire(outgoing.quota, outgoing.limits, outgoing.cost, stop, outgoing.priority);
    if (!acquired) return not_sent(acquired.error());
    lease = std::move(*acquired);
  }
  if (outgoing.watch) outgoing.watch(request);
  HttpAnswer answer = transport_.exchange(request, stop);
  answer.retry_after_ms = retry_after_of(answer, environment_.now());
  if (!outgoing.quota.empty()) {
    if (answer.code == 429 || (answer.code == 503 && answer.retry_after_ms >= 0))
      quotas_.refused(outgoing.quota, answer.retry_after_ms);
    else if (const std::int64_t rest = exhausted_for_ms(answer, environment_.now()); rest > 0)
      quotas_.hold(outgoing.quota, rest);
  }
  return answer;
}

HttpAnswer HttpService::send(const Outgoing& outgoing, const std::stop_token& stop) {
  bool maybe_delivered = false;
  for (std::uint32_t tried = 0;; ++tried) {
    HttpAnswer answer = attempt(outgoing, stop);
    maybe_delivered = maybe_delivered || answer.maybe_delivered;
    answer.attempts = tried + 1;
    answer.maybe_delivered = maybe_delivered;

    const bool safe = outgoing.request.repeatable || (!answer.answered() && !answer.maybe_delivered);
    const model::Micros asked = std::max<std::int64_t>(answer.retry_after_ms, 0) * 1000;
    // What was not sent has been retried where it failed: in the token's own requests.
    if (answer.unsent || !outgoing.may_retry || !safe || !is_transient(answer) ||
        tried + 1 >= policy_.max_attempts || asked > policy_.longest_wait || transport_.exhausted() ||
        stop.stop_requested())
      return answer;
    if (!environment_.sleep(std::max(asked, backoff(policy_, tried, environment_)), stop))
      return HttpAnswer::none(model::ErrorClass::cancelled, "stopped", maybe_delivered);
  }
}

}  // namespace huiliu::host
