// settings.hpp - what an administrator says about one tenant, read once when the connector opens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace yonyou {

struct Settings {
  enum class Auth { self_app, suite };             ///< self-built application, or a suite of a software house
  enum class Lookup { automatic, always, never };  ///< ask the vendor for the tenant's addresses?
  enum class Reply { plain, encrypted };           ///< how an event is acknowledged

  std::string base_url = "https://apigateway.yonyoucloud.com";  ///< without '/' at its end
  std::string gateway_url, token_url;  ///< both set by hand: neither look-up nor the usual folders
  std::string app_key, tenant_id;
  Auth auth = Auth::self_app;
  Lookup lookup = Lookup::automatic;
  bool old_token_path = false;  ///< without "base/v1"
  bool old_finance = false;     ///< receivables and receipts of the older module
  bool has_app_secret = false, has_event_token = false, has_event_aes_key = false;
  Reply event_reply = Reply::plain;
  std::int64_t event_window_hours =
      25;                     ///< older or younger events are refused; the vendor resends for 24 hours
  int page_size = 500;        ///< of customer lists: the gateway gives up after 10 s
  int overlap_seconds = 300;  ///< how far a window of changes reaches back behind the last scan's start
  std::string create_org = "global00";  ///< managing organisation of what the hub creates
  bool auto_code = false;               ///< the tenant numbers customers itself
  std::string code_prefix = "HL";       ///< else: of the numbers that the hub makes

  /// Throws huiliu::ConfigError with a pointer to the wrong setting.
  static Settings parse(std::string_view json);

  /// Must the tenant's addresses be asked for?
  bool looks_up() const;
};

}  // namespace yonyou
