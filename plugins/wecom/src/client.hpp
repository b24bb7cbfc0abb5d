// One exchange with WeCom's API: address, token, envelope, refusals, patience.
//
// Threads: as the Call it is given; one operation of an instance at a time. `authenticate` may run inside
// another operation's send and touches nothing that changes. Errors: Refused (with the kind from errors.hpp)
// for what the vendor refuses, huiliu::NoAnswer when no answer came.
#pragma once

#include <boost/json/value.hpp>
#include <huiliu/plugin.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/wecom/src/errors.hpp"
#include "plugins/wecom/src/settings.hpp"

namespace wecom {

// Names of the manifest.
inline constexpr std::string_view kCredential = "app";

// A Failure that remembers what the vendor meant.
struct Refused : huiliu::Failure {
  explicit Refused(const Refusal& refusal)
      : Failure(status_of(refusal.kind), refusal.message, std::to_string(refusal.code), {},
                refusal.retry_after_ms),
        kind(refusal.kind) {}
  ErrorKind kind;
};

using Query = std::vector<std::pair<std::string, std::string>>;

std::string percent_encoded(std::string_view text);

class Client {
 public:
  enum class Repeat { safe, once };  // safe: sending twice does no more than sending once

  explicit Client(const Settings& settings) : settings_(settings) {}

  // `api`: "externalcontact/get"; the vendor counts by it, so it is also the name of a bucket in the
  // manifest. The answers are whole envelopes; a refused token is replaced and the call repeated once, a busy
  // system asked again, a barred API waited for once.
  boost::json::value get(huiliu::Call& call, std::string_view api, const Query& query = {}) const;
  boost::json::value post(huiliu::Call& call, std::string_view api, const boost::json::object& body,
                          Repeat repeat = Repeat::safe) const;

  huiliu::Token authenticate(huiliu::Call& call, std::string_view credential) const;

 private:
  boost::json::value patiently(huiliu::Call& call, std::string_view api,
                               const huiliu::Request& request) const;
  boost::json::value exchange(huiliu::Call& call, const huiliu::Request& request) const;

  const Settings& settings_;
};

}  // namespace wecom
