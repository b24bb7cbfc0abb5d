// What a route of the API is: one table of them drives the dispatching, the checks and the served
// description, so that none of the three can say something else.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hub/access/accounts.hpp"
#include "hub/access/policy.hpp"
#include "hub/api/http_server.hpp"
#include "hub/run/hub.hpp"

namespace huiliu::api {

class Api;

// One request on its way to its handler, checked already: parameters and body fit the route's description,
// and the caller may use its function.
struct Call {
  Api& api;
  run::Hub& hub;
  const HttpRequest& request;
  access::Principal who;
  std::string session;  // the cookie's value, when he came by one
  model::Micros now = 0;
  std::map<std::string, std::string> path, query;
  model::Value body;

  const std::string& at(const std::string& name) const { return path.at(name); }
  std::string text(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string() : found->second;
  }
  std::int64_t number(const std::string& name, std::int64_t otherwise) const;
};

struct Answer {
  int status = 200;
  model::Value body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string etag = {};  // without quotes; "": made from the body
  std::shared_ptr<EventSource> events = {};
};

using Handler = model::Result<Answer> (*)(Call&);

// Who may call a route: a function of the roles (config::functions), any user who is logged in, or anybody.
// There is no default: a route that does not say it does not compile.
struct Caller {
  enum class Kind { anybody, logged_in, function } kind;
  const char* function;
  constexpr Caller(Kind who, const char* what) : kind(who), function(what) {}
};
inline constexpr Caller anybody{Caller::Kind::anybody, ""};
inline constexpr Caller logged_in{Caller::Kind::logged_in, ""};
constexpr Caller with(const char* function) { return {Caller::Kind::function, function}; }

struct Route {
  const char* method;
  const char* path;  // "/customers/{id}", under /api/v1
  const char* id;    // operationId
  const char* summary;
  Caller caller;
  Handler handler;
  int success = 200;
  const char* answer = "";  // name of the schema of the answer, "" for none; "[]Name": a page of them
  const char* body = "";    // JSON Schema of the request's body; "": none
  const char* query = "";   // JSON: {NAME: schema}; those of pages are added
  bool paged = false;       // its handler pages; other collections ("[]…") are paged as a whole list
  bool matched = false;     // wants If-Match
  bool secret = false;      // its answer is not kept for repetitions (Idempotency-Key)
};

// Every route of the API.
const std::vector<Route>& routes();
// The parts of it, by subject.
std::vector<Route> session_routes();
std::vector<Route> customer_routes();
std::vector<Route> review_routes();
std::vector<Route> operation_routes();
std::vector<Route> schedule_routes();
std::vector<Route> configuration_routes();
std::vector<Route> administration_routes();
std::vector<Route> privacy_routes();

// Takes cursor and limit: every collection does, except the best so many of a search.
bool is_paged(const Route& route);

// --- for handlers

// {"items":[…],"next":…}: `after` is where the next page goes on, "" at the end.
Answer page_of(model::Array items, const std::string& after);
// Where the page begins ("" at the start) and how many it may hold. Errors: config: not a cursor of ours.
model::Result<store::Page> page_wanted(const Call& call);
// What was asked for happened, and there is nothing else to say.
inline Answer done() { return {200, model::Object{{"done", true}}, {}, {}, {}}; }
inline model::Error not_there(const std::string& what) {
  return model::make_error(model::ErrorClass::not_found, what + " does not exist, or is not yours to see");
}

}  // namespace huiliu::api
