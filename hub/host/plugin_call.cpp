#include "hub/host/plugin_call.hpp"

#include <mutex>
#include <ostream>

#include "hub/host/instance.hpp"

namespace huiliu::host {
namespace {

using model::ErrorClass;
using model::Object;
using model::Status;
using model::Value;

constexpr int exit_done = 0, exit_failed = 1, exit_usage = 2;

// Prints the events; requests may come from a plugin's own threads.
class EventPrinter {
 public:
  EventPrinter(std::ostream& out, const Redactor& redactor) : out_(out), redactor_(redactor) {}

  void request(const HttpRequest& request) {
    Object event = {
        {"event", "request"}, {"method", request.method}, {"url", redactor_.redact_url(request.url)}};
    event.append("headers", headers_of(request.headers));
    append_body(event, redactor_.redact_body(request.body));
    print(event);
  }

  void page(const Page& page) {
    for (const RemoteRecord& record : page.records)
      print(
          {{"event", "record"},
           {"stream", page.stream},
           {"key", record.key},
           {"version", record.version},
           {"changed_at",
            record.changed_at == model::unknown_time ? Value() : Value(model::to_rfc3339(record.changed_at))},
           {"kind", record.deleted ? "delete" : "upsert"},
           {"body", record.body}});
    for (const BadRecord& bad : page.bad) {
      Object event = {{"event", "bad_record"},        {"stream", page.stream},
                      {"key", printable(bad.key)},    {"cause", bad.error.code},
                      {"message", bad.error.message}, {"where", printable(bad.error.where)}};
      append_body(event, bad.raw);
      print(event);
    }
  }

  void checkpoint(std::string_view cursor) {
    Object event = {{"event", "checkpoint"}};
    append_text(event, "cursor", std::string(cursor));
    print(event);
  }

  void result(std::size_t index, const WriteResult& result) {
    Object event = {{"event", "result"},
                    {"index", static_cast<std::int64_t>(index)},
                    {"outcome", to_string(result.outcome)},
                    {"remote_key", result.remote_key},
                    {"remote_version", result.remote_version},
                    {"message", result.error.message}};
    if (!result.error.code.empty()) event.append("remote_code", result.error.code);
    if (result.remote_body) event.append("remote_body", *result.remote_body);
    print(event);
  }

  void reply(const WebReply& reply) {
    Object event = {{"event", "reply"}, {"status", reply.code}};
    event.append("headers", headers_of(reply.headers));
    append_body(event, reply.body);
    print(event);
  }

  void end(const Status& status) {
    Object event = {{"event", "end"},
                    {"status", status.ok() ? "ok" : model::to_string(status.error().error_class)},
                    {"message", status.ok() ? std::string() : status.error().message}};
    if (!status.ok()) {
      if (!status.error().code.empty()) event.append("remote_code", status.error().code);
      if (!status.error().where.empty()) event.append("where", status.error().where);
      if (status.error().retry_after_ms >= 0)
        event.append("retry_after_ms", std::int64_t{status.error().retry_after_ms});
    }
    print(event);
  }

  void print(const Object& event) {
    const std::string line = model::to_json(Value(event));
    const std::lock_guard lock(mutex_);
    out_ << line << '\n';
  }

 private:
  static Value printable(const std::string& text) {
    return model::is_utf8(text) ? Value(text) : Value("base64:" + base64_encode(text));
  }
  static void append_text(Object& event, const std::string& name, const std::string& text) {
    if (model::is_utf8(text))
      event.append(name, text);
    else
      event.append(name + "_base64", base64_encode(text));
  }
  static void append_body(Object& event, const std::string& body) { append_text(event, "body", body); }

  Object headers_of(const HttpHeaders& headers) const {
    Object out;
    for (const auto& [name, value] : headers) {
      const std::string text = redactor_.redact_value(value);
      if (Value* before = out.find(name))
        *before = Value(before->to_text() + ", " + text);
      else
        out.append(name, printable(text));
    }
    return out;
  }

  std::ostream& out_;
  const Redactor& redactor_;
  std::mutex mutex_;
};

model::Error usage(std::string message, std::string where = {}) {
  return model::make_error(ErrorClass::config, std::move(message), std::move(where));
}

model::Result<std::vector<Object>> record_lines(const std::string& text) {
  std::vector<Object> out;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto parsed = model::parse_json(line);
    const std::string where = "records:" + std::to_string(number);
    if (!parsed) return usage(parsed.error().message, where);
    if (!parsed->is_object()) return usage("want an object", where);
    out.push_back(std::move(parsed->as_object()));
  }
  return out;
}

std::string text_member(const Object& object, std::string_view name) {
  const Value* value = object.find(name);
  return value == nullptr ? std::string() : value->to_text();
}

// A body or base: an object, or its text.
model::Result<Value> object_member(const Object& object, std::string_view name) {
  const Value* value = object.find(name);
  if (value == nullptr || value->is_object() || value->is_null()) return value == nullptr ? Value() : *value;
  if (!value->is_string()) return usage(std::string(name) + ": want an object");
  if (value->as_string().empty()) return Value();
  return model::parse_json(value->as_string());
}

class PluginCaller {
 public:
  PluginCaller(const PluginCallOptions& options, Instance& instance, EventPrinter& printer,
               const Transport& transport)
      : options_(options), instance_(instance), printer_(printer), transport_(transport) {
    consumer_.page = [&](const Page& page) {
      printer_.page(page);
      return Status();
    };
    consumer_.checkpoint = [&](std::string_view cursor, const StateChanges&) {
      printer_.checkpoint(cursor);
      return Status();
    };
  }

  Status run() {
    const std::string& op = options_.operation;
    if (op == "check") return instance_.check();
    if (op == "discover") return discover();
    if (op == "read") return read();
    if (op == "lookup") return lookup();
    if (op == "find") return find();
    if (op == "write") return write();
    if (op == "handle_request") return handle_request();
    return authenticate();
  }

 private:
  Status discover() {
    HUILIU_ASSIGN(const Value answer, instance_.discover());
    printer_.print({{"event", "streams"}, {"streams", answer["streams"]}});
    return {};
  }

  Status read() {
    HUILIU_ASSIGN(const ReadMode mode, read_mode());
    // A file made by hand ends its line; no cursor does.
    std::string cursor = options_.cursor;
    if (cursor.ends_with('\n')) cursor.pop_back();
    return instance_.read({options_.stream, mode, cursor, options_.limit}, consumer_);
  }

  model::Result<ReadMode> read_mode() const {
    if (options_.mode == "full") return ReadMode::full;
    if (options_.mode == "changes") return ReadMode::changes;
    if (options_.mode == "keys") return ReadMode::keys;
    if (!options_.mode.empty()) return usage("mode: want full, changes or keys");
    const ReadMode wanted = options_.cursor.empty() ? ReadMode::full : ReadMode::changes;
    const ReadMode other = options_.cursor.empty() ? ReadMode::changes : ReadMode::full;
    const StreamSpec* stream = instance_.connector().manifest.stream(options_.stream);
    const bool only_other = stream != nullptr && !stream->read.contains(to_string(wanted)) &&
                            stream->read.contains(to_string(other));
    return only_other ? other : wanted;
  }

  Status lookup() {
    HUILIU_ASSIGN(const std::vector<Object> lines, record_lines(options_.records));
    std::vector<std::string> keys;
    for (const Object& line : lines) keys.push_back(text_member(line, "key"));
    return instance_.lookup(options_.stream, keys, consumer_);
  }

  Status find() {
    HUILIU_ASSIGN(const std::vector<Object> lines, record_lines(options_.records));
    for (const Object& line : lines) {
      HUILIU_ASSIGN(const Value body, object_member(line, "body"));
      FindRequest request = {stream_of(line), {}, options_.limit};
      if (const Object* fields = body.if_object())
        for (const auto& [path, value] : *fields) request.fields.emplace_back(path, value.to_text());
      HUILIU_TRY(instance_.find(request, consumer_));
    }
    return {};
  }

  std::string stream_of(const Object& line) const {
    const std::string own = text_member(line, "stream");
    return own.empty() ? options_.stream : own;
  }

  Status write() {
    HUILIU_ASSIGN(const std::vector<Object> lines, record_lines(options_.records));
    for (std::size_t begin = 0; begin < lines.size();) {
      const std::string stream = stream_of(lines[begin]);
      std::vector<WriteRecord> batch;
      std::size_t end = begin;
      for (; end < lines.size() && stream_of(lines[end]) == stream && batch.size() < max_page_records;
           ++end) {
        HUILIU_ASSIGN(WriteRecord record, write_record(lines[end]));
        batch.push_back(std::move(record));
      }
      const WriteReport report = instance_.write(stream, batch);
      for (std::size_t i = 0; i < report.results.size(); ++i) printer_.result(begin + i, report.results[i]);
      HUILIU_TRY(report.ended);
      begin = end;
    }
    return {};
  }

  static model::Result<WriteRecord> write_record(const Object& line) {
    WriteRecord out;
    out.key = text_member(line, "key");
    out.version = text_member(line, "version");
    out.operation_id = text_member(line, "operation_id");
    out.deleted = text_member(line, "kind") == "delete";
    HUILIU_ASSIGN(out.body, object_member(line, "body"));
    HUILIU_ASSIGN(out.base, object_member(line, "base"));
    return out;
  }

  Status handle_request() {
    auto parsed = model::parse_json(options_.request);
    if (!parsed) return usage(parsed.error().message, "request");
    WebRequest request = {
        (*parsed)["method"].to_text(), (*parsed)["target"].to_text(), {}, (*parsed)["body"].to_text()};
    if (request.method.empty()) request.method = "POST";
    if (const Object* headers = (*parsed)["headers"].if_object())
      for (const auto& [name, value] : *headers) request.headers.emplace_back(name, value.to_text());
    const Value& body = (*parsed)["body"];
    if (body.is_object() || body.is_array()) request.body = model::to_json(body);
    if (const std::string* encoded = (*parsed)["body_base64"].if_string())
      if (!base64_decode(*encoded, request.body)) return usage("body_base64 is not base64", "request");
    HUILIU_ASSIGN(const WebReply reply, instance_.handle_request(request, consumer_));
    printer_.reply(reply);
    return {};
  }

  // Every token of the manifest, in its order; a script may be made for the first ones only.
  Status authenticate() {
    const Manifest& manifest = instance_.connector().manifest;
    const Object* credentials = manifest.json["credentials"].if_object();
    bool any = false;
    for (const auto& [name, json] : credentials == nullptr ? Object() : *credentials) {
      if (manifest.credentials.at(name).kind != CredentialSpec::Kind::token) continue;
      if (any && transport_.exhausted()) break;
      HUILIU_TRY(instance_.authenticate(name));
      printer_.print({{"event", "token"}, {"credential", name}});
      any = true;
    }
    return any ? Status() : Status(model::make_error(ErrorClass::unsupported, "the connector has no tokens"));
  }

  const PluginCallOptions& options_;
  Instance& instance_;
  EventPrinter& printer_;
  const Transport& transport_;
  RecordConsumer consumer_;
};

bool is_plugin_operation(const std::string& name) {
  for (const char* known :
       {"check", "discover", "read", "lookup", "find", "write", "handle_request", "authenticate"})
    if (name == known) return true;
  return false;
}

// Opens the instance, runs the operation, prints its end.
int call_connector(const PluginCallOptions& options, Host& host,
                   const std::shared_ptr<const Connector>& connector, const Transport& transport,
                   EventPrinter& printer) {
  auto instance = Instance::open(host, connector,
                                 {.connection = connector->manifest.id,
                                  .settings = options.settings,
                                  .secrets = SecretForm::clear_allowed});
  const Status ended =
      instance ? PluginCaller(options, **instance, printer, transport).run() : Status(instance.error());
  printer.end(ended);
  return ended.ok() ? exit_done : exit_failed;
}

}  // namespace

int plugin_call(const PluginCallOptions& options, std::ostream& out, std::ostream& diagnostics) {
  const auto stop_with = [&](const model::Error& error, int code) {
    diagnostics << error.text() << '\n';
    return code;
  };
  if (!is_plugin_operation(options.operation))
    return stop_with(
        usage("found the operation " + options.operation +
              ", want check, discover, read, lookup, find, write, handle_request or authenticate"),
        exit_usage);
  auto plugin = options.isolated ? isolate_plugin(options.library) : load_plugin(options.library);
  if (!plugin) return stop_with(plugin.error(), exit_failed);
  const auto connector = (*plugin)->connector(options.connector);
  if (!connector) {
    std::string known;
    for (const auto& each : (*plugin)->connectors) known += (known.empty() ? "" : ", ") + each->manifest.id;
    return stop_with(usage("no connector " + options.connector + "; there are: " + known, options.library),
                     exit_usage);
  }
  SteeredEnvironment environment(options.clock, options.seed);
  const auto redactor = std::make_shared<Redactor>();
  auto transport = make_transport(options.http, options.limits, *redactor);
  if (!transport) return stop_with(transport.error(), exit_usage);

  // What goes to a script goes nowhere: there the exact requests are what one wants to see and compare.
  const bool real_network =
      options.http.empty() || options.http == "live" || options.http.starts_with("record:");
  const Redactor nothing_secret;
  EventPrinter printer(out, options.show_secrets || !real_network ? nothing_secret : *redactor);
  HostOptions host_options;
  host_options.http = options.limits;
  host_options.quota_factor = options.quota_factor;
  host_options.longest_quota_wait = 3600 * model::second;
  host_options.watch_request = [&](const std::string&, const HttpRequest& request) {
    printer.request(request);
  };
  std::mutex log_mutex;
  host_options.log = [&](const LogLine& line) {
    if (line.level < LogLevel::info) return;
    const std::lock_guard lock(log_mutex);
    diagnostics << line.connection << ": " << line.text;
    for (const auto& [name, value] : line.fields) diagnostics << ' ' << name << '=' << value;
    diagnostics << '\n';
  };
  const Transport& wire = **transport;  // which the host owns from here on
  Host host(environment, std::move(host_options), redactor, std::move(*transport));
  return call_connector(options, host, connector, wire, printer);
}

}  // namespace huiliu::host
