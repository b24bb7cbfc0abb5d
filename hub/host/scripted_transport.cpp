// Transports that need no network: script, replay; and the recorder that wraps the network.
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <fstream>
#include <mutex>
#include <set>

#include "hub/host/http.hpp"
#include "hub/host/redactor.hpp"
#include "hub/model/value.hpp"

namespace huiliu::host {
namespace {

using model::ErrorClass;
using model::Value;

struct ScriptLine {
  std::string method, url;  // of a recording
  HttpAnswer answer;
  bool used = false;
};

model::Error line_error(const std::string& path, std::size_t line, std::string message) {
  return model::make_error(ErrorClass::config, std::move(message), path + ":" + std::to_string(line));
}

model::Status read_body(const Value& line, HttpAnswer& answer) {
  if (const Value* encoded = line.find("body_base64")) {
    if (!encoded->is_string() || !base64_decode(encoded->as_string(), answer.body))
      return model::make_error(ErrorClass::config, "body_base64 is not base64");
    return {};
  }
  const Value& body = line["body"];
  if (!body.is_null()) answer.body = body.is_string() ? body.as_string() : model::to_json(body);
  return {};
}

model::Result<ScriptLine> read_line(const Value& line) {
  const auto wrong = [](const char* message) { return model::make_error(ErrorClass::config, message); };
  if (!line.is_object()) return wrong("want an object");
  ScriptLine out = {line["method"].to_text(), line["url"].to_text(), {}};
  if (const Value* error = line.find("error")) {
    out.answer =
        HttpAnswer::none(ErrorClass::retry, error->to_text(), line["maybe_delivered"] == Value(true));
    return out;
  }
  const Value* status = line.find("status");
  const auto code = status == nullptr     ? std::optional<std::int64_t>(200)
                    : status->is_number() ? status->as_number().to_int64()
                                          : std::nullopt;
  if (!code || *code < 100 || *code > 599) return wrong("want a status of 100 to 599");
  out.answer.code = static_cast<int>(*code);
  if (const Value* headers = line.find("headers"); headers != nullptr && !headers->is_null()) {
    if (!headers->is_object()) return wrong("want headers as an object");
    for (const auto& [name, value] : headers->as_object()) {
      if (const auto* several = value.if_array()) {
        for (const Value& one : *several) out.answer.headers.emplace_back(name, one.to_text());
      } else {
        out.answer.headers.emplace_back(name, value.to_text());
      }
    }
  }
  HUILIU_TRY(read_body(line, out.answer));
  return out;
}

model::Result<std::vector<ScriptLine>> read_script(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return model::make_error(ErrorClass::config, "cannot be read", path);
  std::vector<ScriptLine> out;
  std::string text;
  for (std::size_t number = 1; std::getline(stream, text); ++number) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto parsed = model::parse_json(text);
    if (!parsed) return line_error(path, number, parsed.error().message);
    auto line = read_line(*parsed);
    if (!line) return line_error(path, number, line.error().message);
    out.push_back(std::move(*line));
  }
  return out;
}

HttpAnswer unanswered(std::string reason) { return HttpAnswer::none(ErrorClass::retry, std::move(reason)); }

// Redirects, retries and so on are judged above, exactly as with live answers.
class ScriptTransport final : public Transport {
 public:
  explicit ScriptTransport(std::vector<ScriptLine> lines) : lines_(std::move(lines)) {}

  HttpAnswer exchange(const HttpRequest&, const std::stop_token& stop) override {
    if (stop.stop_requested()) return HttpAnswer::none(ErrorClass::cancelled, "stopped");
    const std::lock_guard lock(mutex_);
    if (next_ >= lines_.size())
      return unanswered("the script has no answer left for request " + std::to_string(next_ + 1));
    return lines_[next_++].answer;
  }
  bool exhausted() const override {
    const std::lock_guard lock(mutex_);
    return next_ >= lines_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<ScriptLine> lines_;
  std::size_t next_ = 0;
};

// Method, path and parameter names: what stays the same when time stamps and signatures change.
std::string shape_of(const std::string& method, const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) return method + " " + url;
  std::set<std::string> names;
  for (const auto& parameter : parsed->params()) names.insert(std::string(parameter.key));
  std::string out = method + " " + std::string(std::string_view(parsed->encoded_origin())) +
                    std::string(std::string_view(parsed->encoded_path()));
  for (const std::string& name : names) out += "\n" + name;
  return out;
}

class ReplayTransport final : public Transport {
 public:
  ReplayTransport(std::vector<ScriptLine> lines, const Redactor& redactor)
      : lines_(std::move(lines)), redactor_(redactor) {}

  HttpAnswer exchange(const HttpRequest& request, const std::stop_token& stop) override {
    if (stop.stop_requested()) return HttpAnswer::none(ErrorClass::cancelled, "stopped");
    const std::string url = redactor_.redact(request.url);
    const std::string shape = shape_of(request.method, url);
    const std::lock_guard lock(mutex_);
    const auto take = [&](auto matches) -> const ScriptLine* {
      const auto found = std::find_if(lines_.begin(), lines_.end(),
                                      [&](const ScriptLine& line) { return !line.used && matches(line); });
      if (found == lines_.end()) return nullptr;
      found->used = true;
      return &*found;
    };
    const ScriptLine* line =
        take([&](const ScriptLine& l) { return l.method == request.method && l.url == url; });
    if (line == nullptr) line = take([&](const ScriptLine& l) { return shape_of(l.method, l.url) == shape; });
    if (line == nullptr)
      return unanswered("the recording has no answer left for " + request.method + " " + url);
    return line->answer;
  }
  bool exhausted() const override {
    const std::lock_guard lock(mutex_);
    return std::all_of(lines_.begin(), lines_.end(), [](const ScriptLine& line) { return line.used; });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<ScriptLine> lines_;
  const Redactor& redactor_;
};

// Keeps everything until its end: only then are all tokens known that must not be written.
class RecordTransport final : public Transport {
 public:
  RecordTransport(std::string path, std::ofstream stream, std::unique_ptr<Transport> inner,
                  const Redactor& redactor)
      : path_(std::move(path)), stream_(std::move(stream)), inner_(std::move(inner)), redactor_(redactor) {}
  RecordTransport(const RecordTransport&) = delete;
  RecordTransport& operator=(const RecordTransport&) = delete;
  ~RecordTransport() override {
    for (const auto& [request, answer] : taken_) stream_ << line_of(request, answer) << '\n';
    stream_.flush();
  }

  HttpAnswer exchange(const HttpRequest& request, const std::stop_token& stop) override {
    HttpAnswer answer = inner_->exchange(request, stop);
    const std::lock_guard lock(mutex_);
    taken_.push_back({{request.method, request.url}, answer});
    return answer;
  }

 private:
  std::string line_of(const std::pair<std::string, std::string>& request, const HttpAnswer& answer) const {
    model::Object line = {{"method", request.first}, {"url", redactor_.redact(request.second)}};
    if (!answer.answered()) {
      line.append("error", redactor_.redact(answer.reason));
      line.append("maybe_delivered", answer.maybe_delivered);
      return model::to_json(line);
    }
    line.append("status", answer.code);
    model::Object headers;
    for (const auto& [name, value] : answer.headers) {
      const std::string clean = redactor_.redact(value);
      if (Value* before = headers.find(name)) {
        if (!before->is_array()) *before = model::Array{*before};
        before->as_array().emplace_back(clean);
      } else {
        headers.append(name, clean);
      }
    }
    line.append("headers", std::move(headers));
    const std::string body = redactor_.redact(answer.body);
    if (model::is_utf8(body))
      line.append("body", body);
    else
      line.append("body_base64", base64_encode(body));
    return model::to_json(line);
  }

  std::string path_;
  std::ofstream stream_;
  std::unique_ptr<Transport> inner_;
  const Redactor& redactor_;
  std::mutex mutex_;
  std::vector<std::pair<std::pair<std::string, std::string>, HttpAnswer>> taken_;
};

}  // namespace

model::Result<std::unique_ptr<Transport>> make_transport(std::string_view how, HttpLimits limits,
                                                         const Redactor& redactor) {
  if (how == "live" || how.empty()) return make_live_transport(std::move(limits));
  const std::size_t colon = how.find(':');
  const std::string kind(how.substr(0, colon));
  const std::string path(colon == std::string_view::npos ? std::string_view() : how.substr(colon + 1));
  if ((kind != "script" && kind != "record" && kind != "replay") || path.empty())
    return model::make_error(ErrorClass::config, "found " + std::string(how) +
                                                     ", want live, script:FILE, record:FILE or replay:FILE");
  if (kind == "record") {
    std::ofstream stream(path, std::ios::binary | std::ios::trunc);
    if (!stream) return model::make_error(ErrorClass::config, "cannot be written", path);
    return std::unique_ptr<Transport>(std::make_unique<RecordTransport>(
        path, std::move(stream), make_live_transport(std::move(limits)), redactor));
  }
  HUILIU_ASSIGN(std::vector<ScriptLine> lines, read_script(path));
  if (kind == "script")
    return std::unique_ptr<Transport>(std::make_unique<ScriptTransport>(std::move(lines)));
  return std::unique_ptr<Transport>(std::make_unique<ReplayTransport>(std::move(lines), redactor));
}

}  // namespace huiliu::host
