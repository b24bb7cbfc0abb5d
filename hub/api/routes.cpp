#include "hub/api/routes.hpp"

#include <algorithm>
#include <sstream>

namespace huiliu::api {
namespace {

HttpResponse text(int status, std::string body) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body), {}};
}

HttpResponse ready(run::Hub& hub) {
  const model::Status answers = hub.store().read([](store::Snapshot& snapshot) -> model::Status {
    snapshot.count_goldens();
    return {};
  });
  return answers.ok() ? text(200, "ready\n") : text(503, "the store does not answer\n");
}

class Metrics {
 public:
  void family(const char* name, const char* type, const char* help) {
    out_ << "# HELP " << name << ' ' << help << "\n# TYPE " << name << ' ' << type << '\n';
  }
  template <class Number>
  void sample(const char* name, const std::string& labels, Number value) {
    out_ << name;
    if (!labels.empty()) out_ << '{' << labels << '}';
    out_ << ' ' << value << '\n';
  }
  std::string text() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

// Connection and stream names come from configuration; quotes and backslashes are escaped all the same.
std::string label(const char* name, const std::string& value) {
  std::string out = std::string(name) + "=\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + '"';
}

HttpResponse metrics(run::Hub& hub, const model::Value& build) {
  Metrics out;
  out.family("huiliu_build_info", "gauge", "Which program this is.");
  out.sample("huiliu_build_info",
             label("version", build["version"].to_text()) + "," + label("commit", build["commit"].to_text()),
             1);
  const model::Status read = hub.store().read([&](store::Snapshot& snapshot) -> model::Status {
    out.family("huiliu_records", "gauge", "Records known, by connection and stream.");
    for (const store::RecordCount& count : snapshot.count_records())
      out.sample("huiliu_records",
                 label("connection", count.connection) + "," + label("stream", count.stream), count.records);
    out.family("huiliu_golden", "gauge", "Golden records, by entity.");
    for (const store::GoldenCount& count : snapshot.count_goldens())
      out.sample("huiliu_golden", label("entity", count.entity), count.live);
    out.family("huiliu_due", "gauge", "Golden records that may need a write, by connection.");
    for (const auto& [connection, count] : snapshot.count_due())
      out.sample("huiliu_due", label("connection", connection), count);
    out.family("huiliu_reviews_open", "gauge", "Open questions for a person, by kind.");
    for (const auto& [kind, count] : snapshot.count_reviews("open"))
      out.sample("huiliu_reviews_open", label("kind", sync::to_string(kind)), count);
    out.family("huiliu_dead_letters", "gauge", "Records that need a person, by connection and cause.");
    for (const store::ParkedCause& cause : snapshot.parked_causes({}))
      out.sample("huiliu_dead_letters",
                 label("connection", cause.connection) + "," + label("cause", cause.cause), cause.count);
    out.family("huiliu_lag_seconds", "gauge",
               "Seconds since the last complete pass, by connection and stream.");
    for (const store::Cursor& cursor : snapshot.list_cursors())
      if (cursor.last_complete > 0)
        out.sample("huiliu_lag_seconds",
                   label("connection", cursor.connection) + "," + label("stream", cursor.stream),
                   (hub.clock().now() - cursor.last_complete) / model::second);
    out.family("huiliu_deliveries_pending", "gauge", "Webhook deliveries stored and not yet applied.");
    out.sample("huiliu_deliveries_pending", "", snapshot.count_pending_deliveries(""));
    return {};
  });
  if (!read.ok()) return text(503, "the store does not answer\n");
  return {200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, out.text()};
}

HttpResponse hook(run::Hub& hub, const HttpRequest& request) {
  const std::string path = request.path().substr(std::string_view("/hooks/").size());
  const std::string connection = path.substr(0, path.find('/'));
  if (request.method != "GET" && request.method != "POST" && request.method != "OPTIONS")
    return {405, {{"Allow", "GET, POST, OPTIONS"}}, ""};
  run::Hub::WebAnswer answer =
      hub.handle_request(connection, request.method, request.target, request.headers, request.body);
  return {answer.status, std::move(answer.headers), std::move(answer.body)};
}

}  // namespace

HttpResponse handle(run::Hub& hub, Api& api, const HttpRequest& request) {
  const std::string path = request.path();
  if (path.starts_with("/api/")) return api.handle(request);
  if (path.starts_with("/hooks/")) return hook(hub, request);
  const bool known = path == "/healthz" || path == "/readyz" || path == "/metrics";
  if (!known) return text(404, "not found\n");
  if (request.method != "GET" && request.method != "HEAD") return {405, {{"Allow", "GET, HEAD"}}, ""};
  HttpResponse response = path == "/healthz"  ? text(200, "ok\n")
                          : path == "/readyz" ? ready(hub)
                                              : metrics(hub, api.build());
  if (request.method == "HEAD") response.body.clear();
  return response;
}

}  // namespace huiliu::api
