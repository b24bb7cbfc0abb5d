// The settings of one connection, read once when an instance opens. Immutable afterwards, safe on any thread.
// Secrets are not here: they stay in the host (Call::reveal, Call::hmac). Errors: ConfigError with a pointer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dingtalk {

// Fields that a corporation added to its forms: our name ("uscc") and the vendor's key
// ("TextField-K2U5DHAA").
class CustomFields {
 public:
  void add(std::string name, std::string key) { fields_.emplace_back(std::move(name), std::move(key)); }
  // "" when there is none.
  std::string_view key_of(std::string_view name) const;
  std::string_view name_of(std::string_view key) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Which of the vendor's calls gives the token of the new API.
enum class Auth {
  app,         // accessToken, of an internal app
  corp_token,  // {corpId}/token, the newest form
  suite,       // corpAccessToken, of a vendor's suite for one corporation
};

struct Settings {
  Auth auth = Auth::app;
  std::string base_url;       // of the new API, without a slash at the end
  std::string oapi_base_url;  // of the old API
  std::string app_key;
  std::string corp_id;
  std::string agent_id;
  std::string operator_user_id;  // who acts in the CRM; may be empty
  std::string relation_type;     // crm_customer or crm_customer_personal
  std::string robot_webhook;
  std::string approval_process_code;  // the template whose approvals are read and started; may be empty
  std::int64_t approval_days = 30;    // how far back a full reading of approvals goes
  bool robot_signs = false;           // robot_secret is configured
  bool stream = false;                // hear events over a WebSocket (Stream mode)
  bool include_pool = false;          // the full walk also takes the pool (公海)
  std::int64_t overlap_s =
      300;  // how far a reading of changes reaches back behind the start of the one before
  CustomFields customer_fields, contact_fields;
  std::vector<std::string> callback_owners;  // accepted owner keys of callbacks
  std::int64_t callback_window_s = 3'600;    // how far an event's time stamp may be from now; 0: any
  std::int64_t missed_events_minutes = 0;    // how often the list of missed events is asked for; 0: never

  const CustomFields& fields_of(bool of_contacts) const {
    return of_contacts ? contact_fields : customer_fields;
  }
};

// `text`: the JSON object that `open` gives, valid by the manifest's schema, defaults filled in.
Settings parse_settings(std::string_view text);

}  // namespace dingtalk
