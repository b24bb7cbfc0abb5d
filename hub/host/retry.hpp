// When to try again: reading what a remote says about it, and the host's own backoff. Pure but for the dice.
#pragma once

#include <cstdint>
#include <string_view>

#include "hub/host/environment.hpp"
#include "hub/host/http.hpp"

namespace huiliu::host {

// Retry-After (RFC 9110 §10.2.3) in milliseconds: seconds, also with decimals, or an HTTP date in any of its
// three forms, measured from `now`; a date in the past is 0. What is neither, or negative: -1. At most
// max_retry_after_ms.
inline constexpr std::int64_t max_retry_after_ms = 15 * 60 * 1000;
std::int64_t parse_retry_after(std::string_view text, model::Micros now);

// The same of an answer; a date is measured from the answer's own Date when it has one, for clocks differ.
std::int64_t retry_after_of(const HttpAnswer& answer, model::Micros now);

// How long the remote's own count has nothing left, by X-RateLimit-Remaining and -Reset or
// RateLimit-Remaining and -Reset; 0: it does not say so. A reset is seconds from now or, told by its size, a
// Unix time in seconds or milliseconds. At most max_retry_after_ms.
std::int64_t exhausted_for_ms(const HttpAnswer& answer, model::Micros now);

// An HTTP date (RFC 9110 §5.6.7: fixed form, RFC 850, asctime); unknown_time when it is none. A two-digit
// year is the one within 50 years of `now`.
model::Micros parse_http_date(std::string_view text, model::Micros now);

struct RetryPolicy {
  std::uint32_t max_attempts = 4;
  model::Micros base = 500'000;
  model::Micros cap = 20 * model::second;
  model::Micros longest_wait = 30 * model::second;  // a longer Retry-After is handed to the caller, not slept
};

// Full jitter: between 0 and min(cap, base · 2^attempt), attempt counting from 0.
model::Micros backoff(const RetryPolicy& policy, std::uint32_t attempt, Environment& environment);

// May this outcome become another one by sending again: no answer, 408, 425, 429, 500, 502, 503, 504?
bool is_transient(const HttpAnswer& answer) noexcept;

}  // namespace huiliu::host
