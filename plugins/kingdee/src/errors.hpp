// errors.hpp - the one table from the vendor's signals to what the host does next.
//
// A signal is a MsgCode or a piece of text. Old sites leave MsgCode at 0 for real errors, so the text decides
// where it is more exact, and the code where no text is known. Nothing else in this plugin reads error texts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "huiliu/plugin.hpp"
#include "plugins/kingdee/src/answer.hpp"

namespace kingdee {

enum class Cause {
  session_lost,      ///< log in again, once
  bad_signature,     ///< login or gateway: the secret or the clock is wrong
  clock_skew,        ///< the gateway's window for timestamps
  account_locked,    ///< too many failed logins: about 30 minutes
  user_not_allowed,  ///< the user is not on the application's list
  login_refused,
  no_permission,
  licence,
  call_limit,
  locked,            ///< 网控: somebody has the record open
  changed_by_other,  ///< the vendor's own optimistic check
  duplicate,         ///< number or name is taken
  approved_record,   ///< must be un-approved before an edit
  in_approval,       ///< submitted, waits for its approver
  wrong_state,       ///< the operation does not fit the record's state
  unknown_field,     ///< this form lacks the field
  unknown_form,
  no_api,            ///< the gateway does not know this service
  suspicious_input,  ///< the input firewall saw '<', "--" or the like
  caller_bug,
  missing_reference,  ///< a reference names nothing that the site has
  not_found,          ///< the record itself is not there
  validation,
  site_down,  ///< HTML, 502, 503, 504, database failure
  exception,  ///< "response_error:"
  unknown,
};

struct Verdict {
  Cause cause;
  huiliu_status status;    ///< when it ends an operation
  huiliu_outcome outcome;  ///< when it is about one record of a write, whose request did reach the product
  std::string_view code;   ///< stable name of the cause: the failure's remote_code where the vendor has none
  std::string_view zh, en;
  std::int64_t retry_after_ms;
};

/// The verdict on one complaint. `field`: FieldName, which tells a missing reference from a missing record.
Verdict judge(int msg_code, std::string_view field, std::string_view text);

/// The verdict on a whole answer that is not ok.
Verdict judge(const Answer& answer);

/// The row of a known cause.
Verdict verdict_of(Cause cause);

/// The failure for a person: what it is in two languages, then the vendor's own words.
huiliu::Failure failure_of(const Verdict& verdict, std::string_view vendor_text);
huiliu::Failure failure_of(const Answer& answer);

/// The field that an "unknown field" message names; nullopt when it names none.
std::optional<std::string> unknown_field(std::string_view text);

}  // namespace kingdee
