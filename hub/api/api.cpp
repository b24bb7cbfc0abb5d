#include "hub/api/api.hpp"

#include <algorithm>
#include <cstring>

#include "hub/api/json_schema.hpp"
#include "hub/api/schemas.hpp"
#include "hub/crypt/hash.hpp"

namespace huiliu::api {
namespace {

using model::Array;
using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

constexpr std::string_view base = "/api/v1";
constexpr std::string_view cookie_name = "__Host-huiliu";
constexpr std::size_t target_most = 4096, depth_most = 32;
constexpr std::int64_t list_most =
    500;  // the largest page; of short lists also the one that nobody asked for
constexpr std::int64_t key_lasts = 24LL * 3600 * model::second;
constexpr const char* keys_space = "idempotency";

const char* title_of(int status) {
  switch (status) {
    case 400:
      return "Bad request";
    case 401:
      return "Not logged in";
    case 403:
      return "Not allowed";
    case 404:
      return "Not found";
    case 405:
      return "Method not allowed";
    case 409:
      return "Not possible now";
    case 412:
      return "Changed meanwhile";
    case 413:
      return "Too large";
    case 415:
      return "JSON wanted";
    case 422:
      return "Values do not fit";
    case 428:
      return "If-Match wanted";
    case 429:
      return "Too many requests";
    case 503:
      return "Busy";
    default:
      return "Failed";
  }
}

void secure(HttpResponse& response) {
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

// Segments of a path; nullopt: an empty one, or not percent-encoded UTF-8.
std::optional<std::vector<std::string>> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t slash = path.find('/');
    auto segment = percent_decoded(path.substr(0, slash));
    if (!segment || segment->empty()) return std::nullopt;
    segments.push_back(std::move(*segment));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash);
  }
  return segments;
}

// Do the segments fit the template? Fills in what its parameters stand for.
bool fits(std::string_view form, const std::vector<std::string>& segments,
          std::map<std::string, std::string>& found) {
  found.clear();
  std::size_t at = 0;
  while (!form.empty()) {
    form.remove_prefix(1);
    const std::string_view piece = form.substr(0, form.find('/'));
    form.remove_prefix(piece.size());
    if (at == segments.size()) return false;
    if (piece.starts_with('{'))
      found[std::string(piece.substr(1, piece.size() - 2))] = segments[at];
    else if (piece != segments[at])
      return false;
    ++at;
  }
  return at == segments.size();
}

// A query parameter's text as the value that its schema speaks of.
Result<Value> typed(const std::string& name, const std::string& text, const Value& schema) {
  const std::string type = schema["type"].to_text();
  if (type == "string") return Value(text);
  auto value = model::parse_json(text);
  if (!value.ok() || value->is_string())
    return make_error(ErrorClass::data, "must be of type " + type, "?" + name);
  return std::move(*value);
}

// What the route's description says of its query.
Status check_parameters(const Route& route, const std::map<std::string, std::string>& query) {
  const Value& operation = [&]() -> const Value& {
    std::string method;
    for (const char* c = route.method; *c != '\0'; ++c) method += static_cast<char>(*c + 32);
    return openapi()["paths"][std::string(base) + route.path][method];
  }();
  std::set<std::string> known;
  for (const Value& parameter : operation["parameters"].as_array()) {
    if (parameter["in"].to_text() != "query") continue;
    const std::string name = parameter["name"].to_text();
    known.insert(name);
    const auto given = query.find(name);
    if (given == query.end()) {
      if (parameter["required"].as_bool())
        return make_error(ErrorClass::data, "the query parameter \"" + name + "\" is missing", "?" + name);
      continue;
    }
    HUILIU_ASSIGN(const Value value, typed(name, given->second, parameter["schema"]));
    HUILIU_TRY(check_json(parameter["schema"], value, component_schemas(), "?" + name));
  }
  for (const auto& [name, text] : query)
    if (!known.contains(name))
      return make_error(ErrorClass::data, "there is no query parameter \"" + name + "\"", "?" + name);
  return {};
}

bool is_loopback(const std::string& peer) {
  return peer.empty() || peer.starts_with("127.") || peer == "::1" || peer == "::ffff:127.0.0.1";
}

bool changes(const HttpRequest& request) { return request.method != "GET" && request.method != "HEAD"; }

// What tells an element of a collection from the others: its own name, or all of it.
std::string identity_of(const Value& item) {
  for (const char* name : {"id", "sequence", "revision", "path", "name"})
    if (const Value* value = item.find(name)) return value->to_text();
  return model::to_json(item);
}

// One page of a collection that its handler gives whole. The cursor names the last element that was shown:
// the next page begins after it, or where it stood when it is gone.
Status cut_to_page(const Call& call, Value& body) {
  HUILIU_ASSIGN(const store::Page page, page_wanted(call));
  const std::size_t limit = static_cast<std::size_t>(call.number("limit", list_most));
  Array& items = body.as_object().find("items")->as_array();
  std::size_t first = 0;
  if (!page.after.empty()) {
    const std::size_t blank = page.after.find(' ');
    const auto position = model::Number{page.after.substr(0, blank)}.to_int64();
    if (blank == std::string::npos || !position || *position < 0)
      return make_error(ErrorClass::data, "not a cursor that an earlier page gave", "?cursor");
    first = std::min(items.size(), static_cast<std::size_t>(*position));
    for (std::size_t i = 0; i < items.size(); ++i)
      if (crypt::to_hex(crypt::sha256(identity_of(items[i]))) == page.after.substr(blank + 1)) first = i + 1;
  }
  const std::size_t last = std::min(items.size(), first + limit);
  std::string next;
  if (last < items.size())
    next = std::to_string(last) + " " + crypt::to_hex(crypt::sha256(identity_of(items[last - 1])));
  Array shown(std::make_move_iterator(items.begin() + static_cast<std::ptrdiff_t>(first)),
              std::make_move_iterator(items.begin() + static_cast<std::ptrdiff_t>(last)));
  body = page_of(std::move(shown), next).body;
  return {};
}

std::string etag_of(const Answer& answer, const std::string& body) {
  return "\"" + (answer.etag.empty() ? crypt::to_hex(crypt::sha256(body)).substr(0, 24) : answer.etag) + "\"";
}

}  // namespace

HttpResponse problem(int status, const std::string& type, const std::string& detail,
                     const std::string& where) {
  Object body{{"type", "urn:huiliu:problem:" + type},
              {"title", title_of(status)},
              {"status", status},
              {"detail", detail}};
  if (!where.empty()) body.set("where", where);
  return {status, {{"Content-Type", "application/problem+json"}}, model::to_json(body)};
}

HttpResponse problem(const model::Error& error) {
  const std::string type = error.code.empty() ? model::to_string(error.error_class) : error.code;
  switch (error.error_class) {
    case ErrorClass::not_found:
      return problem(404, "not-found", error.message);
    case ErrorClass::stale:
      return problem(409, "not-now", error.message, error.where);
    case ErrorClass::auth:
      return problem(401, type == "auth" ? "credentials" : type, error.message);
    case ErrorClass::data:
    case ErrorClass::config:
    case ErrorClass::unsupported:
    case ErrorClass::resync:
      return problem(422, "values", error.message, error.where);
    case ErrorClass::retry:
    case ErrorClass::cancelled:
    case ErrorClass::in_doubt: {
      HttpResponse busy = problem(503, "busy", error.message);
      busy.headers.emplace_back("Retry-After", "2");
      return busy;
    }
    case ErrorClass::throttled: {
      HttpResponse wait = problem(429, "throttled", error.message);
      wait.headers.emplace_back("Retry-After",
                                std::to_string(std::max<long long>(1, error.retry_after_ms / 1000)));
      return wait;
    }
    case ErrorClass::bug:
      break;
  }
  return problem(500, "bug", "this is a fault of the hub; see its log");
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto digit = [&](std::size_t at) -> int {
      if (at >= text.size()) return -1;
      const char c = text[at];
      if (c >= '0' && c <= '9') return c - '0';
      if (c >= 'a' && c <= 'f') return c - 'a' + 10;
      return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    };
    const int high = digit(i + 1), low = digit(i + 2);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (!model::is_utf8(out) || out.find('\0') != std::string::npos) return std::nullopt;
  return out;
}

Result<std::map<std::string, std::string>> parse_query(std::string_view text) {
  std::map<std::string, std::string> query;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    std::string spaced(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    const auto name = percent_decoded(pair.substr(0, equals));
    auto value = percent_decoded(spaced);
    if (!name || !value || name->empty())
      return make_error(ErrorClass::data, "the query is not percent-encoded UTF-8");
    if (!query.emplace(*name, std::move(*value)).second)
      return make_error(ErrorClass::data, "the query parameter \"" + *name + "\" stands twice");
  }
  return query;
}

std::int64_t Call::number(const std::string& name, std::int64_t otherwise) const {
  const auto found = query.find(name);
  if (found == query.end()) return otherwise;
  return model::Number{found->second}.to_int64().value_or(otherwise);
}

Answer page_of(model::Array items, const std::string& after) {
  Answer answer;
  answer.body = Object{{"items", std::move(items)},
                       {"next", after.empty() ? Value() : Value(crypt::to_base64url("1:" + after))}};
  return answer;
}

Result<store::Page> page_wanted(const Call& call) {
  store::Page page;
  page.limit = static_cast<std::size_t>(call.number("limit", 50));
  const std::string cursor = call.text("cursor");
  if (cursor.empty()) return page;
  const auto text = crypt::from_base64url(cursor);
  if (!text || !text->starts_with("1:") || !model::is_utf8(*text) || text->find('\0') != std::string::npos)
    return make_error(ErrorClass::data, "not a cursor that an earlier page gave", "?cursor");
  page.after = text->substr(2);
  return page;
}

Api::Api(run::Hub& hub, const ApiOptions& options) : hub_(hub), options_(options) {}

Api::~Api() {
  stop_ = true;
  const std::lock_guard lock(work_mutex_);
  for (const auto& work : work_) work->thread.join();
}

Status Api::begin(std::function<void(const std::atomic<bool>& stop)> what) {
  const std::lock_guard lock(work_mutex_);
  std::erase_if(work_, [](const std::unique_ptr<Work>& work) {
    if (!work->done) return false;
    work->thread.join();
    return true;
  });
  if (work_.size() >= 4)
    return make_error(ErrorClass::stale, "four pieces of work are under way already; wait");
  work_.push_back(std::make_unique<Work>());
  Work& work = *work_.back();
  work.thread = std::thread([this, &work, what = std::move(what)] {
    what(stop_);
    work.done = true;
  });
  return {};
}

bool Api::within_limit(const std::string& who, double per_second, model::Micros now) {
  if (per_second <= 0) return true;
  const std::lock_guard lock(limits_mutex_);
  if (buckets_.size() > 10'000)
    std::erase_if(buckets_, [&](const auto& one) { return one.second.at + 60 * model::second < now; });
  const double most = per_second * 2;
  const auto [found, fresh] = buckets_.try_emplace(who, Bucket{most, now});
  Bucket& bucket = found->second;
  const double passed =
      std::max(0.0, static_cast<double>(now - bucket.at) / static_cast<double>(model::second));
  bucket.tokens = std::min(most, bucket.tokens + passed * per_second);
  bucket.at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

// A browser sends the cookie along with whatever page asks it to: writes must come from our own pages.
Status Api::check_origin(const HttpRequest& request) const {
  const auto refuse = [](const char* why) { return make_error(ErrorClass::auth, why); };
  const std::string site = request.header("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin" && site != "none")
    return refuse("the request came from another site's page");
  const std::string origin = request.header("Origin");
  const std::string host = request.header("Host");
  if (!origin.empty() && origin != "https://" + host && origin != "http://" + host)
    return refuse("the request came from another site's page");
  if (!changes(request)) return {};
  if (origin.empty() && site.empty()) return refuse("a browser's write names its Origin");
  if (request.header("X-Huiliu-Request").empty())
    return refuse("a write with a session carries the header X-Huiliu-Request");
  return {};
}

Result<access::Principal> Api::identify(const HttpRequest& request, std::string& session, model::Micros now) {
  const std::string authorization = request.header("Authorization");
  if (!authorization.empty()) {
    if (!authorization.starts_with("Bearer "))
      return make_error(ErrorClass::auth, "a bearer token is wanted");
    return accounts().by_token(authorization.substr(7), request.peer, now);
  }
  session = request.cookie(cookie_name);
  if (session.empty()) return make_error(ErrorClass::auth, "log in, or send a token");
  return accounts().by_session(session, now);
}

HttpResponse Api::handle(const HttpRequest& request) {
  HttpResponse response = dispatch(request);
  secure(response);
  return response;
}

HttpResponse Api::dispatch(const HttpRequest& request) {
  const model::Micros now = hub_.clock().now();
  if (request.target.size() > target_most) return problem(413, "too-large", "the address is too long");
  const std::string path = request.path();
  const auto segments = segments_of(std::string_view(path).substr(std::min(base.size(), path.size())));
  if (!path.starts_with(base) || !segments)
    return problem(404, "not-found", "there is nothing at this address");
  std::map<std::string, std::string> found;
  const Route* route = nullptr;
  std::string allowed;
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  // A path that is written out goes before one with a parameter.
  for (const bool literal : {true, false})
    for (const Route& candidate : routes()) {
      std::map<std::string, std::string> here;
      if (route != nullptr || (std::strchr(candidate.path, '{') == nullptr) != literal ||
          !fits(candidate.path, *segments, here))
        continue;
      if (candidate.method == method) {
        route = &candidate;
        found = std::move(here);
      } else {
        allowed += (allowed.empty() ? "" : ", ") + std::string(candidate.method);
      }
    }
  if (route == nullptr) {
    if (allowed.empty()) return problem(404, "not-found", "there is nothing at this address");
    HttpResponse response = problem(405, "method", "this address takes " + allowed);
    response.headers.emplace_back("Allow", allowed);
    return response;
  }
  Call call{*this, hub_, request, {}, {}, now, std::move(found), {}, {}};
  if (route->caller.kind == Caller::Kind::anybody) {
    if (!within_limit("address " + request.peer, options_.strangers_per_second, now))
      return problem({ErrorClass::throttled, "too many requests from this address", {}, {}, 1000});
    // A log-in must not be made by another site's page either.
    if (changes(request) && !request.header("Origin").empty())
      if (const Status origin = check_origin(request); !origin.ok())
        return problem(403, "origin", origin.error().message);
    if (changes(request) && !request.secure && !is_loopback(request.peer) && !options_.plain_http_everywhere)
      return problem(403, "plain-http", "secrets travel over HTTPS only");
    return perform(*route, request, call);
  }
  auto who = identify(request, call.session, now);
  if (!who.ok()) {
    if (!within_limit("address " + request.peer, options_.strangers_per_second, now))
      return problem({ErrorClass::throttled, "too many requests from this address", {}, {}, 1000});
    HttpResponse response = problem(who.error());
    if (response.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
  }
  call.who = std::move(*who);
  if (!call.session.empty())
    if (const Status origin = check_origin(request); !origin.ok())
      return problem(403, "origin", origin.error().message);
  if (!within_limit("user " + call.who.actor(), options_.requests_per_second, now))
    return problem({ErrorClass::throttled, "too many requests", {}, {}, 1000});
  if (route->caller.kind == Caller::Kind::function && !policy().may(call.who, route->caller.function)) {
    const bool second =
        policy().needs_second_factor(call.who.roles) && !call.who.second_factor && !call.session.empty();
    return second
               ? problem(403, "second-factor-enrolment",
                         "enrol an authenticator app first: POST /api/v1/session/second-factor")
               : problem(403, "function", std::string("this takes the function ") + route->caller.function);
  }
  return perform(*route, request, call);
}

HttpResponse Api::perform(const Route& route, const HttpRequest& request, Call& call) {
  const std::size_t mark = request.target.find('?');
  auto query = parse_query(mark == std::string::npos ? std::string_view()
                                                     : std::string_view(request.target).substr(mark + 1));
  if (!query.ok()) return problem(400, "query", query.error().message);
  call.query = std::move(*query);
  if (const Status good = check_parameters(route, call.query); !good.ok())
    return problem(400, "query", good.error().message, good.error().where);
  const bool wants_body = *route.body != '\0';
  if (!wants_body && !request.body.empty()) return problem(400, "body", "this request takes no body");
  if (wants_body) {
    const std::string type = request.header("Content-Type");
    if (type != "application/json" && !type.starts_with("application/json;"))
      return problem(415, "content-type", "the body must be application/json");
    auto body = model::parse_json(request.body, {.depth = depth_most, .bytes = std::size_t{1} << 20});
    if (!body.ok()) return problem(400, "json", body.error().message);
    const auto schema = model::parse_json(route.body);
    if (const Status good = check_json(*schema, *body, component_schemas()); !good.ok())
      return problem(422, "values", good.error().message, good.error().where);
    call.body = std::move(*body);
  }
  if (route.matched && request.header("If-Match").empty())
    return problem(428, "if-match", "read it first, and send its ETag as If-Match");
  const std::string key = request.header("Idempotency-Key");
  if (std::strcmp(route.method, "POST") == 0 && !key.empty() && !route.secret)
    return once(route, request, call, key);
  return answer(route, request, call);
}

// If-Match of a change whose handler does not look at it itself: is it the tag of what a GET of this address
// shows now?
bool Api::as_it_was_read(const Route& route, const HttpRequest& request, const Call& call) {
  const std::string wanted = request.header("If-Match");
  if (route.matched || wanted.empty() || wanted == "*") return true;
  for (const Route& read : routes()) {
    if (std::strcmp(read.path, route.path) != 0 || std::strcmp(read.method, "GET") != 0) continue;
    if (read.caller.kind == Caller::Kind::function && !policy().may(call.who, read.caller.function))
      return false;
    Call look = call;
    look.query.clear();
    const auto shown = read.handler(look);
    return shown.ok() && etag_of(*shown, model::to_json(shown->body)) == wanted;
  }
  return true;
}

HttpResponse Api::answer(const Route& route, const HttpRequest& request, Call& call) {
  const std::string method = route.method;
  if ((method == "PUT" || method == "PATCH" || method == "DELETE") && !as_it_was_read(route, request, call))
    return problem(412, "changed", "it changed since it was read; read it again");
  auto answer = route.handler(call);
  if (!answer.ok()) {
    if (answer.error().code == "changed") return problem(412, "changed", answer.error().message);
    if (answer.error().code == "forbidden") return problem(403, "not-allowed", answer.error().message);
    return problem(answer.error());
  }
  if (is_paged(route) && !route.paged)
    if (const Status cut = cut_to_page(call, answer->body); !cut.ok()) return problem(cut.error());
  HttpResponse response{
      answer->status == 200 ? route.success : answer->status, std::move(answer->headers), {}};
  if (answer->events) {
    response.events = std::move(answer->events);
    return response;
  }
  if (response.status == 204) return response;
  response.body = model::to_json(answer->body);
  response.headers.emplace_back("Content-Type", "application/json");
  if (!changes(request)) {
    const std::string etag = etag_of(*answer, response.body);
    response.headers.emplace_back("ETag", etag);
    if (const std::string known = request.header("If-None-Match"); known == etag || known == "*") {
      response.status = 304;
      response.body.clear();
    }
  }
  return response;
}

// The same request with the same key again: the same answer, and nothing happens a second time.
HttpResponse Api::once(const Route& route, const HttpRequest& request, Call& call, const std::string& key) {
  if (key.size() > 100) return problem(400, "idempotency-key", "a key has at most 100 bytes");
  const std::string name = crypt::to_hex(crypt::sha256(call.who.name + "\n" + key));
  const std::string fingerprint =
      crypt::to_hex(crypt::sha256(request.method + "\n" + request.target + "\n" + request.body));
  {
    const std::lock_guard lock(keys_mutex_);
    if (!keys_in_work_.insert(name).second)
      return problem(409, "in-work", "a request with this key is under way");
  }
  struct Release {
    Api& api;
    const std::string& name;
    ~Release() {
      const std::lock_guard lock(api.keys_mutex_);
      api.keys_in_work_.erase(name);
    }
  } release{*this, name};
  std::optional<std::string> kept;
  const Status read = hub_.store().read([&](store::Snapshot& snapshot) -> Status {
    kept = snapshot.load_value(keys_space, name);
    return {};
  });
  if (!read.ok()) return problem(read.error());
  if (kept) {
    const auto known = model::parse_json(*kept);
    const model::Number* at = known.ok() ? (*known)["at"].if_number() : nullptr;
    if (at != nullptr && at->to_int64().value_or(0) + key_lasts > call.now) {
      if ((*known)["request"].to_text() != fingerprint)
        return problem(422, "idempotency-key", "this key was used for another request");
      const auto status = (*known)["status"].as_number().to_int64().value_or(200);
      HttpResponse again{static_cast<int>(status), {}, (*known)["body"].to_text()};
      again.headers.emplace_back("Content-Type",
                                 status >= 400 ? "application/problem+json" : "application/json");
      again.headers.emplace_back("Idempotent-Replay", "true");
      return again;
    }
  }
  HttpResponse response = answer(route, request, call);
  if (response.status >= 500 || response.status == 429) return response;
  const Status saved = hub_.store().write([&](store::Transaction& transaction) -> Status {
    for (const auto& [old, text] : transaction.list_values(keys_space)) {
      const auto value = model::parse_json(text);
      const model::Number* at = value.ok() ? (*value)["at"].if_number() : nullptr;
      if (at == nullptr || at->to_int64().value_or(0) + key_lasts <= call.now)
        transaction.erase_value(keys_space, old);
    }
    transaction.save_value(keys_space, name,
                           model::to_json(Object{{"at", call.now},
                                                 {"request", fingerprint},
                                                 {"status", response.status},
                                                 {"body", response.body}}));
    return {};
  });
  return saved.ok() ? response : problem(saved.error());
}

}  // namespace huiliu::api
