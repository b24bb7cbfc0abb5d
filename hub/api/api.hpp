// The HTTP API, version 1, under /api/v1. Requests are authenticated (session cookie or bearer token),
// limited, checked against the route's description, then handled by the functions that the command line uses
// too. Errors are RFC 9457 problem details.
//
// Threads: handle from any.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "hub/access/accounts.hpp"
#include "hub/access/policy.hpp"
#include "hub/api/http_server.hpp"
#include "hub/api/route.hpp"

namespace huiliu::api {

struct ApiOptions {
  double requests_per_second = 200;  // of one user or token; 0: no limit
  double strangers_per_second = 20;  // of one address that is not logged in; 0: no limit
  bool plain_http_everywhere =
      false;  // log-ins over plain HTTP from other machines too: behind a proxy with TLS
  bool secure_cookies = true;
  model::Value build = model::Object{};  // which program this is: {"version","commit",…}
};

class Api {
 public:
  // The hub must outlive the API.
  Api(run::Hub& hub, const ApiOptions& options);
  // Ends the work that requests began (a sync) and waits for it.
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  HttpResponse handle(const HttpRequest& request);

  access::Accounts& accounts() { return hub_.accounts(); }
  const access::Policy& policy() const { return hub_.policy(); }
  const model::Value& build() const { return options_.build; }

  // Work that outlives its request: at most four at once, `busy` otherwise.
  model::Status begin(std::function<void(const std::atomic<bool>& stop)> work);

 private:
  HttpResponse dispatch(const HttpRequest& request);
  HttpResponse perform(const Route& route, const HttpRequest& request, Call& call);
  model::Result<access::Principal> identify(const HttpRequest& request, std::string& session,
                                            model::Micros now);
  model::Status check_origin(const HttpRequest& request) const;
  bool within_limit(const std::string& who, double per_second, model::Micros now);
  bool as_it_was_read(const Route& route, const HttpRequest& request, const Call& call);
  HttpResponse answer(const Route& route, const HttpRequest& request, Call& call);
  HttpResponse once(const Route& route, const HttpRequest& request, Call& call, const std::string& key);

  run::Hub& hub_;
  const ApiOptions options_;
  std::mutex limits_mutex_;
  struct Bucket {
    double tokens = 0;
    model::Micros at = 0;
  };
  std::map<std::string, Bucket> buckets_;
  std::mutex keys_mutex_;
  std::set<std::string> keys_in_work_;
  std::mutex work_mutex_;
  struct Work {
    std::thread thread;
    std::atomic<bool> done{false};
  };
  std::deque<std::unique_ptr<Work>> work_;
  std::atomic<bool> stop_{false};
};

// The description that is served as /api/v1/openapi.json (OpenAPI 3.1), from the table of routes.
const model::Value& openapi();
// RFC 9457. `where`: the JSON Pointer of what is wrong in the request, "" when it is not one member.
HttpResponse problem(int status, const std::string& type, const std::string& detail,
                     const std::string& where = {});
HttpResponse problem(const model::Error& error);
// {name: value} of a query string. Errors: data: not percent-encoded UTF-8, a name twice.
model::Result<std::map<std::string, std::string>> parse_query(std::string_view text);
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace huiliu::api
