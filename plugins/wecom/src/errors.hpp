// What WeCom's refusals mean: one table from the vendor's codes to what a caller does next.
//
// Idea: the vendor answers HTTP 200 to everything and refuses by `errcode` alone; `errmsg` is free text with
// hint ids in it and is never matched, but for one thing that stands nowhere else: the caller's address. The
// kind found in the table decides the status of an operation and the outcome of a record. Pure functions over
// values, safe on any thread. Source of the codes: the vendor's documents, read in 2026.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "huiliu/plugin.h"

namespace wecom {

enum class ErrorKind {
  busy,         // the system is busy: again soon, a few times
  conflict,     // somebody edits the same thing, or it changed meanwhile: read again, then again
  token,        // the access token is not good any more: fetch another, once
  throttled,    // too many calls: the window that was exceeded must pass
  concurrent,   // too many calls at once: a second or two
  credentials,  // corp id or secret refused
  access,       // something must be granted in the vendor's console
  address,      // the caller's address is not trusted: the message names it
  settings,     // our settings name something that does not exist there
  forbidden,    // outside the app's visible range, or not ours to change
  invalid,      // this request can never be accepted as it is
  capacity,     // a limit of the corporation is reached: a person must make room
  not_found,
  no_relation,  // nobody (visible) follows this external contact; an empty list where one was asked for
  duplicate,
  cursor  // the cursor is dead: from page one
};

struct ErrorRow {
  std::int64_t code;
  ErrorKind kind;
  std::string_view zh, en;
};
// The whole table, for documentation and tests.
std::span<const ErrorRow> error_rows();

struct Refusal {
  ErrorKind kind = ErrorKind::busy;
  std::int64_t code = 0;
  std::string message;  // for a person, in Chinese and English; no secrets, no content of records
  std::int64_t retry_after_ms = -1;
};

// The status that an operation ends with, and the outcome of a record that was to be written.
huiliu_status status_of(ErrorKind kind);
huiliu_outcome outcome_of(ErrorKind kind);

// The record asked for is not there: unknown, deleted, or nobody's relation any more.
constexpr bool is_absence(ErrorKind kind) {
  return kind == ErrorKind::not_found || kind == ErrorKind::no_relation;
}

// The refusal in an answer; nothing when it succeeded (errcode absent or 0). `body`: null when the answer was
// no JSON.
std::optional<Refusal> refusal_in(int http_code, const boost::json::value* body);
// A code that stands elsewhere, e.g. in one element of a list.
Refusal refusal_of(std::int64_t code, std::string_view vendor_text);

}  // namespace wecom
