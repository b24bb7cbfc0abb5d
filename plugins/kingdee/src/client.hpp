// client.hpp - one request to the site, authenticated, and its answer classified.
//
// The client signs, or lets the host add the session; renews a lost session, but never in a loop; learns how
// far the site's clock is from ours. It knows no form. Threads: as the connector: one call at a time, except
// `login`, which is const and uses the settings alone. Errors: a read that fails throws huiliu::Failure; a
// write returns what is known about its fate.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "huiliu/plugin.hpp"
#include "plugins/kingdee/src/answer.hpp"
#include "plugins/kingdee/src/errors.hpp"
#include "plugins/kingdee/src/settings.hpp"

namespace kingdee {

inline constexpr std::string_view session_credential = "session";
inline constexpr std::string_view quota_bucket = "api";

/// What is known about a write after its one request.
struct WriteAnswer {
  enum class Fate {
    answered,  ///< `answer` holds a ResponseStatus, good or bad
    refused,   ///< surely not applied, as a whole: see `why`
    unknown,   ///< it may have been applied: see `why`
  } fate = Fate::answered;
  Answer answer = {};
  huiliu::Failure why{HUILIU_OK, {}};
  Cause cause = Cause::unknown;  ///< of `why`
};

class Client {
 public:
  explicit Client(const Settings& settings) : settings_(settings) {}

  /// A read. Retries once after a lost session or a server exception. Throws unless the answer is ok, except
  /// for Cause::unknown_field, which is returned for the caller to drop the field.
  Answer read(huiliu::Call& call, std::string_view operation, const boost::json::object& body);

  /// A write, sent exactly once.
  WriteAnswer write(huiliu::Call& call, std::string_view operation, const boost::json::object& body);

  /// A session for the host to keep. Only LoginResultType 1 is one.
  huiliu::Token login(huiliu::Call& call) const;

  /// The site's time in Unix seconds by its Date header, rounded down; nullopt before the first answer that
  /// had one.
  std::optional<std::int64_t> site_time(huiliu::Call& call) const;

 private:
  huiliu::Response send(huiliu::Call& call, std::string_view operation, const std::string& body,
                        std::uint32_t flags);
  /// The session is gone: forget it, so that the next request starts another. Throws AuthError at the third
  /// loss in a row, which no login will cure.
  void renew(huiliu::Call& call);
  void learn(huiliu::Call& call, const huiliu::Response& response);

  const Settings& settings_;
  std::string session_;                       // signed headers only; else the host keeps it
  std::optional<std::int64_t> skew_seconds_;  // the site's clock minus ours
  int losses_ = 0;                            // sessions lost in a row
};

/// Services of the site.
std::string form_service(std::string_view operation);

}  // namespace kingdee
