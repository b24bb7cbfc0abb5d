#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <exception>

#include "sdk/twin/twin.hpp"

namespace huiliu::twin {
namespace {

HttpResponse json_answer(const boost::json::value& value, int status = 200) {
  return json_response(boost::json::serialize(value), status);
}

HttpResponse error_answer(int status, std::string_view code, std::string_view message) {
  return json_answer(boost::json::object{{"error", {{"code", code}, {"message", message}}}}, status);
}

// The object in a control request's body; an empty body is an empty object.
boost::json::object object_in(const HttpRequest& request) {
  if (request.body.empty()) return {};
  boost::system::error_code error;
  boost::json::value body = boost::json::parse(request.body, error);
  if (error) throw TwinError(400, "bad_json", "the body is not JSON: " + error.message());
  if (!body.is_object()) throw TwinError(400, "bad_json", "the body is not a JSON object");
  return std::move(body.get_object());
}

// Keys may be given as a string or, as some vendors show them, as a whole number.
std::string text_in(const boost::json::object& body, std::string_view name) {
  const boost::json::value* value = body.if_contains(name);
  if (value && value->is_string()) return std::string(value->get_string());
  if (value && (value->is_int64() || value->is_uint64())) return boost::json::serialize(*value);
  throw TwinError(400, "bad_request", "\"" + std::string(name) + "\" is missing or no text");
}

std::string optional_text_in(const boost::json::object& body, std::string_view name) {
  return body.contains(name) ? text_in(body, name) : std::string();
}

boost::json::object fields_in(boost::json::object& body) {
  boost::json::value* value = body.if_contains("fields");
  if (!value || !value->is_object())
    throw TwinError(400, "bad_request", "\"fields\" is missing or no object");
  return std::move(value->get_object());
}

boost::json::array records_of(const RecordStore& store, std::string_view stream) {
  boost::json::array records;
  store.for_each(stream, [&](const std::string&, const Record& record) {
    records.emplace_back(*record);
    return true;
  });
  return records;
}

std::size_t limit_in(const HttpRequest& request) {
  const std::string text(request.parameter("limit"));
  std::size_t limit = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || limit == 0)
    throw TwinError(400, "bad_request", "\"limit\" is no positive whole number");
  return limit;
}

// A stream page by page, since a large one fits into no answer.
boost::json::object page_of(const RecordStore& store, const HttpRequest& request) {
  const std::size_t limit = limit_in(request);
  const auto page = store.page(request.parameter("stream"), request.parameter("after"), limit);
  boost::json::array records;
  for (const auto& [key, record] : page) records.emplace_back(*record);
  boost::json::object answer{{"records", std::move(records)}};
  if (page.size() == limit) answer["after"] = page.back().first;
  return answer;
}

HttpResponse state_answer(const RecordStore& store, const HttpRequest& request) {
  if (request.has_parameter("key"))
    return json_answer(*store.get(request.parameter("stream"), request.parameter("key")));
  if (request.has_parameter("limit")) return json_answer(page_of(store, request));
  if (request.has_parameter("stream")) return json_answer(records_of(store, request.parameter("stream")));
  boost::json::object state;
  for (const std::string& stream : store.streams()) state[stream] = records_of(store, stream);
  return json_answer(state);
}

HttpResponse html_page() {
  HttpResponse response;
  response.headers.emplace_back("Content-Type", "text/html; charset=utf-8");
  response.body = "<!DOCTYPE html><html><head><title>Login</title></head><body>Please sign in.</body></html>";
  return response;
}

HttpResponse bad_gateway() {
  HttpResponse response;
  response.status = 502;
  response.headers.emplace_back("Content-Type", "text/html");
  response.body = "<html><body><h1>502 Bad Gateway</h1></body></html>";
  return response;
}

HttpResponse no_answer(std::chrono::milliseconds after) {
  HttpResponse response;
  response.delivery = HttpResponse::Delivery::close;
  response.delay = after;
  return response;
}

// What a fault makes of the answer to a request that was handled.
HttpResponse spoiled(HttpResponse response, const Faults::Strike& strike) {
  switch (strike.fault) {
    case Fault::timeout_after_commit:
      return no_answer(strike.duration);
    case Fault::slow:
      response.delay = strike.duration;
      break;
    case Fault::truncated:
      response.delivery = HttpResponse::Delivery::cut_json;
      break;
    case Fault::partial_body:
      response.delivery = HttpResponse::Delivery::truncate;
      break;
    default:
      break;
  }
  return response;
}

}  // namespace

TwinServer::TwinServer(Twin& twin, std::string vendor, Truth truth, std::uint16_t port)
    : twin_(twin), vendor_(std::move(vendor)), truth_(std::move(truth)) {
  for (const std::string& host : twin_.hosts()) {
    ServerOptions options;
    options.port = hosts_.empty() ? port : std::uint16_t{0};
    options.upgrade = [this, host](const HttpRequest& request, std::shared_ptr<WebSocketPeer> peer) {
      HttpRequest asked = request;
      asked.host = host;
      const std::lock_guard<std::mutex> guard(mutex_);
      twin_.store().counters().call(twin_.endpoint_of(asked));
      return twin_.upgrade(asked, std::move(peer));
    };
    auto handler = [this, host](const HttpRequest& request) { return serve(host, request); };
    hosts_.emplace_back(host, std::make_unique<HttpServer>(std::move(handler), options));
  }
  ServerOptions options;
  options.threads = 1;
  control_server_ =
      std::make_unique<HttpServer>([this](const HttpRequest& request) { return control(request); }, options);
}

TwinServer::~TwinServer() { stop(); }

void TwinServer::stop() {
  for (auto& [name, server] : hosts_) server->stop();
  control_server_->stop();
}

std::string TwinServer::url(std::string_view host) const {
  for (const auto& [name, server] : hosts_)
    if (name == host) return server->url();
  throw TwinError(404, "no_host", "no host " + std::string(host));
}

std::string TwinServer::control_url() const { return control_server_->url(); }

boost::json::object TwinServer::ready_line() const {
  std::map<std::string, std::string> urls;
  boost::json::object line{{"vendor", vendor_}};
  for (const auto& [name, server] : hosts_) {
    urls[name] = server->url();
    line[name] = server->url();
  }
  line["control"] = control_url();
  line["settings"] = twin_.settings(urls);
  return line;
}

HttpResponse TwinServer::serve(const std::string& host, HttpRequest request) {
  request.host = host;
  const std::lock_guard<std::mutex> guard(mutex_);
  twin_.store().counters().call(twin_.endpoint_of(request));
  const Faults::Strike strike = twin_.faults().roll(request);
  if (!strike.any) return twin_.handle(request);
  switch (strike.fault) {
    case Fault::drop:
      return no_answer(strike.duration);
    case Fault::http_502:
      return bad_gateway();
    case Fault::html:
      return html_page();
    case Fault::rate_limit:
      return twin_.rate_limited(request);
    default:
      break;
  }
  request.empty_list = strike.fault == Fault::empty_list;
  return spoiled(twin_.handle(request), strike);
}

HttpResponse TwinServer::control(const HttpRequest& request) {
  if (request.method == "GET" && request.path == "/truth") return json_response(truth_ ? truth_() : "{}");
  const std::lock_guard<std::mutex> guard(mutex_);
  try {
    if (auto response = common_control(request)) return std::move(*response);
    if (auto response = twin_.control(request)) return std::move(*response);
    return error_answer(404, "no_endpoint", "no control endpoint " + request.method + " " + request.path);
  } catch (const TwinError& refused) {
    return error_answer(refused.status(), refused.code(), refused.what());
  }
}

std::optional<HttpResponse> TwinServer::common_control(const HttpRequest& request) {
  const std::string endpoint = request.method + " " + request.path;
  const auto clock_answer = [this] {
    return json_answer(
        boost::json::object{{"offset_ms", twin_.clock().offset_ms()}, {"now_ms", twin_.clock().now_ms()}});
  };
  if (endpoint == "GET /state") return state_answer(twin_.store(), request);
  if (endpoint == "GET /counters") return json_answer(twin_.store().counters().to_json());
  if (endpoint == "GET /faults") return json_answer(twin_.faults().to_json());
  if (endpoint == "GET /clock") return clock_answer();
  if (request.method != "POST") return std::nullopt;

  if (endpoint == "POST /edit") {
    boost::json::object body = object_in(request);
    const std::string key = text_in(body, "key");
    twin_.edit(text_in(body, "stream"), key, fields_in(body), optional_text_in(body, "as"));
    return json_answer(boost::json::object{{"key", key}});
  }
  if (endpoint == "POST /create") {
    boost::json::object body = object_in(request);
    const std::string stream = text_in(body, "stream");
    const std::string as = optional_text_in(body, "as");
    return json_answer(boost::json::object{{"key", twin_.create(stream, fields_in(body), as)}});
  }
  if (endpoint == "POST /delete") {
    const boost::json::object body = object_in(request);
    const std::string key = text_in(body, "key");
    twin_.remove(text_in(body, "stream"), key, optional_text_in(body, "as"));
    return json_answer(boost::json::object{{"key", key}});
  }
  if (endpoint == "POST /counters/reset") {
    twin_.store().counters().reset();
    return json_answer(boost::json::object{});
  }
  if (endpoint == "POST /faults") {
    twin_.faults().configure(object_in(request));
    return json_answer(twin_.faults().to_json());
  }
  if (endpoint == "POST /expire-tokens") {
    twin_.expire_tokens();
    return json_answer(boost::json::object{});
  }
  if (endpoint == "POST /clock") {
    const boost::json::object body = object_in(request);
    const boost::json::value* offset = body.if_contains("offset_ms");
    if (!offset || !offset->is_int64())
      throw TwinError(400, "bad_request", "\"offset_ms\" is missing or no whole number");
    twin_.clock().set_offset_ms(offset->get_int64());
    return clock_answer();
  }
  return std::nullopt;
}

}  // namespace huiliu::twin
