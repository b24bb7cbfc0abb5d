// errors.hpp - the one table from the vendor's codes and texts to what the host does next.
//
// Nothing else in this plugin reads error codes or texts. docs/connectors/yonyou.md shows the same table to
// people.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "huiliu/plugin.hpp"
#include "plugins/yonyou/src/answer.hpp"

namespace yonyou {

enum class Cause {
  token,         ///< bad, missing or expired: another one, once
  clock_skew,    ///< the time of a signature is outside the window
  flow_control,  ///< system, application, product or API
  circuit_open,
  backend_timeout,  ///< behind the gateway; a write is in doubt
  running,          ///< an idempotent call with this key is at work
  duplicate_key,    ///< an idempotent call with this key is done: success by data.id
  not_granted,      ///< the administrator has not granted this API
  application,      ///< missing or stopped, or its signature is refused
  address_refused,  ///< this IP is not allowed
  no_path,          ///< path not on this gateway
  gateway_plugin,
  caller_bug,
  gateway_unknown,
  too_many,          ///< the batch is too large
  changed_by_other,  ///< optimistic lock
  locked,            ///< somebody is writing it
  duplicate,         ///< number or name is taken
  in_approval,
  approved_record,
  missing_reference,  ///< a code names nothing in this tenant
  not_found,
  validation,
  exception,  ///< the service failed by itself
  site_down,  ///< 5xx, a page, no answer
  unknown,
};

struct Verdict {
  Cause cause;
  huiliu_status status;    ///< when it ends an operation
  huiliu_outcome outcome;  ///< when it is about one record of a write
  std::string_view name;   ///< stable name of the cause: the failure's remote_code where the vendor has none
  std::string_view zh, en;
  std::int64_t retry_after_ms;
};

/// The verdict on an answer that is not ok.
Verdict judge(const Answer& answer);
/// The verdict on one message of a batch.
Verdict judge_message(std::string_view message);
/// The row of a known cause.
Verdict verdict_of(Cause cause);
/// Codes and texts of the table, in order, for the document and its test: {code or text, name}.
struct Listed {
  std::string_view signal, name;
};
std::span<const Listed> listed_signals();

/// The failure for a person: what it is in two languages, then the vendor's own words.
huiliu::Failure failure_of(const Verdict& verdict, std::string_view code, std::string_view vendor_text);
huiliu::Failure failure_of(const Answer& answer);

}  // namespace yonyou
