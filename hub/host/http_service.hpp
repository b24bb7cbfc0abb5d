// All outbound HTTP of all plugins goes through here: quota, retries, credential, recording of what happened.
//
// What is retried: only what is safe to repeat (a method that is idempotent by RFC 9110, a request flagged so
// or with an idempotency key; otherwise only when surely nothing reached the remote), and only what another
// attempt may change. Waits: the larger of the remote's Retry-After and a jittered backoff; a long
// Retry-After is handed to the caller instead of slept.
//
// Threads: send may be called from any thread.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "hub/host/environment.hpp"
#include "hub/host/http.hpp"
#include "hub/host/quota.hpp"
#include "hub/host/retry.hpp"

namespace huiliu::host {

// A request on its way out, with the policy that its plugin and manifest give it.
struct Outgoing {
  HttpRequest request;
  bool may_retry = true;
  std::string quota;  // name in the QuotaBook; empty: none
  QuotaLimits limits;
  std::uint32_t cost = 1;
  Priority priority = Priority::normal;
  // Puts the credential into a request, for each attempt anew. Empty: none.
  std::function<model::Status(HttpRequest&)> place;
  // Called with every request as it leaves. Empty: nobody looks.
  std::function<void(const HttpRequest&)> watch;
};

bool is_idempotent_method(std::string_view method) noexcept;

class HttpService {
 public:
  // All must outlive the service.
  HttpService(Environment& environment, Transport& transport, QuotaBook& quotas, RetryPolicy policy = {})
      : environment_(environment), transport_(transport), quotas_(quotas), policy_(policy) {}

  // An answer of any code, or none with its reason. attempts, retry_after_ms and maybe_delivered (of any
  // attempt) are filled in.
  HttpAnswer send(const Outgoing& outgoing, const std::stop_token& stop);

 private:
  HttpAnswer attempt(const Outgoing& outgoing, const std::stop_token& stop);

  Environment& environment_;
  Transport& transport_;
  QuotaBook& quotas_;
  const RetryPolicy policy_;
};

}  // namespace huiliu::host
