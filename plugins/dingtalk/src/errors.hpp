// What DingTalk's refusals mean: one table from the vendor's codes to what a caller does next.
//
// Idea: the vendor refuses in three ways. The old API answers HTTP 200 with `errcode`; the new one 4xx or 5xx
// with `code`; a batch answers 200 with a code for each item. All codes stand in one table (errors.cpp); the
// kind found there decides the status of an operation and the outcome of a record. Texts are never matched,
// except where the vendor puts a code or a time nowhere else (`subcode=`, the end of a penalty). Pure
// functions over values, safe on any thread. Source of the codes: the vendor's documents, read in 2026-08.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "huiliu/plugin.h"

namespace dingtalk {

enum class ErrorKind {
  busy,           // refused before anything was done: again soon
  fault,          // failed on their side, perhaps half way: again, but look first after a write
  token,          // the access token is not good any more: fetch another, once
  throttled_api,  // too fast for this one API: about a second
  throttled_all,  // barred from all APIs for minutes
  quota_day,      // used up until midnight, Beijing time
  quota_month,    // used up until the first of next month, Beijing time
  credentials,    // app key or secret refused
  access,         // something must be granted or installed in the vendor's console
  settings,       // our settings name something that does not exist there
  forbidden,      // the acting user may not do this to this record
  invalid,        // this record or parameter can never be accepted as it is
  not_found,
  duplicate,
  unchanged,  // the record already is as asked
};

struct Refusal {
  ErrorKind kind = ErrorKind::fault;
  std::string code;     // the vendor's own, verbatim
  std::string message;  // for a person, in Chinese and English; no secrets, no content of records
  std::int64_t retry_after_ms = -1;
};

// The status that an operation ends with, and the outcome of a record that was to be written.
huiliu_status status_of(ErrorKind kind);
huiliu_outcome outcome_of(ErrorKind kind);

// The refusal in an answer of the old API (oapi.dingtalk.com); nothing when the call succeeded. `body` is
// null when the answer was no JSON. `now_s`: seconds since 1970, for penalties that the vendor states as a
// point in time.
std::optional<Refusal> oapi_refusal(int http_code, const boost::json::value* body, std::int64_t now_s);
// The same for the new API (api.dingtalk.com).
std::optional<Refusal> api_refusal(int http_code, const boost::json::value* body, std::int64_t now_s);
// The refusal of one item of a batch. `text`: the vendor's, used only when the code is unknown.
Refusal item_refusal(std::string_view code, std::string_view text, std::int64_t now_s);

}  // namespace dingtalk
