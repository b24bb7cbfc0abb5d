// sessions.hpp - who may speak to the twin: logins, sessions, signed headers. Strict: everything that the
// product or its gateway checks is checked, and the refusals have their words. Not synchronised.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sdk/twin/http_server.hpp"

namespace kingdee_twin {

struct Account {
  std::string acct_id = "6571f0c2a9d3e1";
  std::string user_name = "huiliu";
  std::string password = "Huiliu@2025";
  std::string app_id = "231784_WEVcWA9GFEQCWFZRW0saWw5ZXA0VGlQC";
  std::string app_secret = "8f2c1d6b4a7e4d0f9b3a5c7e1f2d4b6a";
};

class Sessions {
 public:
  struct Rules {
    bool check_gateway = true;                  ///< verify X-Api-*; a customer's own site does not
    std::int64_t idle_ms = 20 * 60 * 1000;      ///< a session sleeps in after this
    std::int64_t clock_window_ms = 600 * 1000;  ///< how far a signed timestamp may be off
    bool locked = false;                        ///< the user failed too often
    bool user_allowed = true;                   ///< is on the application's list
    int fresh_session_refusals = 0;  ///< so many calls with a new signed session are refused, once each
  };

  explicit Sessions(Account account) : account_(std::move(account)) {}

  const Account& account() const { return account_; }
  Rules& rules() { return rules_; }

  /// A login of AuthService. `method` without the service. The answer's body; sets `cookies` for the
  /// response.
  boost::json::object login(std::string_view method, std::string_view body, std::int64_t now_ms,
                            huiliu::twin::Fields& headers);
  void logout(const huiliu::twin::HttpRequest& request);

  /// May this request pass? nullopt: yes, and `headers` may have gained a session's cookie. Else the refusal.
  struct Refusal {
    enum class Kind { session_lost, gateway, signature } kind;
    int gateway_code = 0;
    std::string message;
  };
  std::optional<Refusal> admit(const huiliu::twin::HttpRequest& request, std::int64_t now_ms,
                               huiliu::twin::Fields& headers);

  void expire_all() { live_.clear(); }

 private:
  std::optional<Refusal> check_signature(const huiliu::twin::HttpRequest& request, std::int64_t now_ms) const;
  std::string open_session(std::int64_t now_ms, huiliu::twin::Fields& headers);

  Account account_;
  Rules rules_;
  std::map<std::string, std::int64_t, std::less<>> live_;  // session → last use
  std::uint64_t opened_ = 0;
};

}  // namespace kingdee_twin
