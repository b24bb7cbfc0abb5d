// client.hpp - one request to the tenant's gateway, with its token, and its answer judged.
//
// The client finds the tenant's addresses, fetches tokens, learns how far the vendor's clock is from ours,
// and repeats what may be repeated. It knows no object. Threads: as the connector: one call at a time, except
// `authenticate`, which is const and shares only the guarded addresses. Errors: a read that fails throws
// huiliu::Failure; a write returns what is known about its fate.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "huiliu/plugin.hpp"
#include "plugins/yonyou/src/answer.hpp"
#include "plugins/yonyou/src/errors.hpp"
#include "plugins/yonyou/src/settings.hpp"

namespace yonyou {

inline constexpr std::string_view api_credential = "api";
inline constexpr std::string_view api_quota = "api", order_quota = "orders", finance_quota = "finance";

struct Hosts {
  std::string gateway, token;  ///< without '/' at the end
};

/// What is known about a write after its last request.
struct WriteAnswer {
  enum class Fate {
    answered,  ///< `answer` holds an envelope, good or bad
    refused,   ///< surely not applied: see `why`
    unknown,   ///< it may have been applied: see `why`
  } fate = Fate::answered;
  Answer answer = {};
  huiliu::Failure why{HUILIU_OK, {}};
  Cause cause = Cause::unknown;  ///< of `why`, or of an answer that is not ok
};

class Client {
 public:
  explicit Client(const Settings& settings) : settings_(settings) {}

  /// A read. Throws unless the answer is ok. Tries again what passes by itself.
  Answer read(huiliu::Call& call, std::string_view path, const json::value& body,
              std::string_view quota = api_quota);

  /// A write. `repeatable`: with the same content it can do no harm a second time (a resubmitCheckKey, a
  /// stop); then it is sent again after 5 s while its fate is open.
  WriteAnswer write(huiliu::Call& call, std::string_view path, const json::value& body, bool repeatable);

  huiliu::Token authenticate(huiliu::Call& call) const;

  /// The vendor's time in Unix seconds by its Date header, rounded down; ours before the first answer that
  /// had one.
  std::int64_t vendor_time(const huiliu::Call& call) const;
  bool knows_time() const { return skew_seconds_.has_value(); }

 private:
  Hosts hosts(huiliu::Call& call) const;
  Hosts ask_hosts(huiliu::Call& call) const;
  void forget_hosts(huiliu::Call& call) const;
  huiliu::Response send(huiliu::Call& call, std::string_view path, const std::string& body,
                        std::uint32_t flags, std::string_view quota);

  const Settings& settings_;
  std::optional<std::int64_t> skew_seconds_;  // the vendor's clock minus ours
  mutable std::mutex mutex_;                  // authenticate may run beside an operation
  mutable std::optional<Hosts> hosts_;
  mutable std::int64_t hosts_until_us_ = 0;
  mutable std::atomic<bool> hosts_moved_{false};  // the kept addresses did not answer
};

}  // namespace yonyou
