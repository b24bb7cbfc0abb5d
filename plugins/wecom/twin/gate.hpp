// What stands before every call of the twin's API: tokens per secret, the trusted addresses, granted APIs,
// the call limits of API and address with the vendor's penalties.
//
// Threads: none of its own, see sdk/twin/twin.hpp. Errors: a refusal is returned, not thrown.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/twin/http_server.hpp"

namespace wecom::twin {

using huiliu::twin::HttpRequest;
using huiliu::twin::HttpResponse;

// One app of the invented corporation. Fixed, so that settings can be printed.
struct App {
  std::string_view secret;
  std::int64_t agent_id;
  bool contact_sync;  // the directory's own secret: writes departments, may not read details any more
};
struct Account {
  std::string_view corp_id = "wwtwincorp000000001";
  App app{"twinAppSecret0000000000000000000000000000001", 1000002, false};
  App other_app{"twinAppSecret0000000000000000000000000000002", 1000003, false};
  App contact_sync{"twinSyncSecret000000000000000000000000000003", 0, true};
  std::string_view callback_token = "twinCallbackToken";
  // Its last character sets the two surplus bits, as real keys do.
  std::string_view callback_aes_key = "twinAesKey0123456789abcdefghijklmnopqrstuvx";
};
const Account& account();

// {"errcode","errmsg"} with the fields that the vendor shows besides, empty. The text ends with hint and
// address.
HttpResponse refusal(std::int64_t code, std::string_view text, boost::json::object besides = {});
HttpResponse success(boost::json::object fields = {});

class Gate {
 public:
  using Clock = std::function<std::int64_t()>;  // milliseconds
  Gate(Clock clock, double quota_factor, std::uint64_t seed);

  // What the corporation's administrator and the vendor may set; see Switches in gate.cpp. Throws TwinError
  // 400 for others.
  void configure(const boost::json::object& switches);
  boost::json::object to_json() const;

  HttpResponse token(const HttpRequest& request);
  void expire_tokens();
  // The app that calls `api` ("externalcontact/get"), or why it may not.
  std::optional<HttpResponse> refuse(const HttpRequest& request, std::string_view api, const App*& app);
  HttpResponse too_many() const;

 private:
  struct Token {
    const App* app;
    std::int64_t until_ms;
  };
  struct Window {
    std::int64_t length_ms;
    double most;
    std::deque<std::int64_t> calls;
    std::int64_t barred_until = 0;
  };
  const App* app_of(std::string_view secret) const;
  bool over_limit(const std::string& what, double per_minute, double per_hour);

  Clock clock_;
  double quota_factor_;
  std::uint64_t dice_;
  std::map<std::string, Token, std::less<>> tokens_;
  std::map<const App*, std::string> current_;
  std::set<std::string, std::less<>> dead_;  // were good once: 42001, not 40014
  std::map<std::string, std::vector<Window>> windows_;
  std::deque<std::int64_t> wrong_secrets_;
  bool deny_ip_ = false;
  std::set<std::string, std::less<>> denied_apis_;
  double api_per_minute_ = 10'000, api_per_hour_ = 150'000;
  std::int64_t concurrent_refusals_ = 0, busy_refusals_ = 0, dead_token_code_ = 42001, token_life_s_ = 7200;
};

}  // namespace wecom::twin
