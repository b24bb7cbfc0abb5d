#include "hub/kit/lab.hpp"

namespace huiliu::kit {

using host::HttpRequest;
using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

void Reading::add(const Reading& later) {
  for (const auto& [key, seen] : later.records) records[key] = seen;
  cursors.insert(cursors.end(), later.cursors.begin(), later.cursors.end());
  bad.insert(bad.end(), later.bad.begin(), later.bad.end());
  status = later.status;
}

Value nested(const std::string& path, const Value& value) {
  const std::size_t dot = path.find('.');
  if (dot == std::string::npos) return model::Object{{path, value}};
  return model::Object{{path.substr(0, dot), nested(path.substr(dot + 1), value)}};
}

std::string some_of(const std::vector<std::string>& keys) {
  constexpr std::size_t shown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(keys.size(), shown); ++i) text += (i > 0 ? ", " : "") + keys[i];
  if (keys.size() > shown) text += " and " + std::to_string(keys.size() - shown) + " more";
  return text;
}

std::vector<std::string> missing(const std::map<std::string, Seen>& all,
                                 const std::map<std::string, Seen>& got) {
  std::vector<std::string> keys;
  for (const auto& [key, seen] : all)
    if (!seen.deleted && !got.contains(key)) keys.push_back(key);
  return keys;
}

Lab::Lab(std::shared_ptr<const host::Connector> connector, const Target& target)
    : connector_(std::move(connector)), target_(target), control_(host::make_live_transport()) {}

void Lab::hear(const std::string& text) {
  const std::lock_guard lock(mutex_);
  said_ += text;
  said_ += '\n';
}

Result<Bench> Lab::open(Plan plan, std::optional<Value> settings, Where where) {
  Bench bench;
  auto network = std::make_unique<FaultTransport>(std::move(plan));
  bench.network = network.get();
  host::HostOptions options;
  options.quota_factor = 1000;  // the kit tests manners elsewhere; here it wants speed
  options.log = [this](const host::LogLine& line) {
    std::string text = line.text;
    for (const auto& [name, value] : line.fields) text += " " + name + "=" + value;
    hear(text);
  };
  bench.host = std::make_unique<host::Host>(environment_, std::move(options),
                                            std::make_shared<host::Redactor>(), std::move(network));
  // A connection of its own each time, so that nothing is shared but what an account shares.
  HUILIU_ASSIGN(bench.instance,
                host::Instance::open(*bench.host, connector_,
                                     {.connection = "kit-" + std::to_string(++opened_),
                                      .settings = settings ? std::move(*settings) : target_.settings,
                                      .secrets = host::SecretForm::clear_allowed,
                                      .isolated = where == Where::child}));
  return bench;
}

host::RecordConsumer Lab::consumer(Reading& into) {
  return {[this, &into](host::Page page) -> Status {
            for (host::RemoteRecord& record : page.records) {
              hear(record.raw);
              into.order.push_back(record.key);
              const auto [known, fresh] =
                  into.records.insert_or_assign(record.key, Seen{record.raw, record.deleted});
              if (!fresh) into.repeated.push_back(known->first);
            }
            for (host::BadRecord& record : page.bad) into.bad.push_back(std::move(record));
            return {};
          },
          [this, &into](std::string_view cursor, const host::StateChanges& state) -> Status {
            hear(std::string(cursor));
            for (const auto& [key, value] : state) hear(key + "=" + value.value_or(""));
            if (!cursor.empty()) {
              into.cursors.emplace_back(cursor);
              into.covered.push_back(into.order.size());
            }
            return {};
          }};
}

Reading Lab::read(Bench& bench, const std::string& stream, const std::string& cursor,
                  const host::CallOptions& call, host::ReadMode mode) {
  Reading reading;
  host::ReadRequest request{.stream = stream, .mode = mode, .cursor = cursor};
  if (!cursor.empty() && mode == host::ReadMode::full) request.mode = host::ReadMode::changes;
  reading.status = bench.instance->read(request, consumer(reading), call);
  if (!reading.status.ok()) hear(reading.status.error().text());
  return reading;
}

Reading Lab::read_until(Bench& bench, const std::string& stream, const std::string& cursor,
                        const Enough& enough, const host::CallOptions& call) {
  if (!enough) return read(bench, stream, cursor, call);
  Reading reading;
  // By a refusal, not by a stop: how a connector takes those is judged elsewhere.
  const auto or_leave = [&](Status taken) -> Status {
    if (!taken.ok() || !enough(reading)) return taken;
    reading.left = true;
    return make_error(ErrorClass::cancelled, "enough has come");
  };
  const host::RecordConsumer take = consumer(reading);
  const host::RecordConsumer watched = {[&](host::Page page) { return or_leave(take.page(std::move(page))); },
                                        [&](std::string_view reached, const host::StateChanges& state) {
                                          return or_leave(take.checkpoint(reached, state));
                                        }};
  reading.status =
      bench.instance->read({.stream = stream,
                            .mode = cursor.empty() ? host::ReadMode::full : host::ReadMode::changes,
                            .cursor = cursor},
                           watched, call);
  if (!reading.status.ok()) hear(reading.status.error().text());
  if (reading.left) reading.status = {};
  return reading;
}

Reading Lab::read_persistently(const std::string& stream, const Plan& plan, const std::string& cursor,
                               const Enough& enough, int tries) {
  Reading all;
  auto bench = open(plan);
  if (!bench.ok()) {
    all.status = bench.error();
    return all;
  }
  std::string from = cursor;
  for (int attempt = 0; attempt < tries; ++attempt) {
    const Reading part = read_until(*bench, stream, from, enough);
    all.add(part);
    if (all.status.ok()) break;
    if (!part.cursors.empty()) from = part.cursors.back();
    const ErrorClass what = all.status.error().error_class;
    if (what == ErrorClass::resync) from.clear();
    if (what != ErrorClass::retry && what != ErrorClass::throttled && what != ErrorClass::resync &&
        what != ErrorClass::data)
      break;
  }
  return all;
}

Reading Lab::lookup(Bench& bench, const std::string& stream, const std::vector<std::string>& keys) {
  Reading reading;
  reading.status = bench.instance->lookup(stream, keys, consumer(reading));
  if (!reading.status.ok()) hear(reading.status.error().text());
  return reading;
}

host::WriteReport Lab::write(Bench& bench, const std::string& stream,
                             const std::vector<host::WriteRecord>& records, const host::CallOptions& call) {
  host::WriteReport report = bench.instance->write(stream, records, call);
  for (const host::WriteResult& result : report.results) hear(result.error.text());
  if (!report.ended.ok()) hear(report.ended.error().text());
  return report;
}

Result<Value> Lab::control(const std::string& method, const std::string& path, const std::string& body) {
  HttpRequest request;
  request.method = method;
  request.url = target_.control + path;
  request.body = body;
  if (!body.empty()) request.headers = {{"Content-Type", "application/json"}};
  const host::HttpAnswer answer = control_->exchange(request, {});
  if (answer.code != 200)
    return make_error(
        ErrorClass::config,
        "the twin answers " + std::to_string(answer.code) + " " + answer.body.substr(0, 200) + answer.reason,
        method + " " + path);
  return model::parse_json(answer.body);
}

Result<Value> Lab::get(const std::string& path) { return control("GET", path, {}); }
Result<Value> Lab::post(const std::string& path, const Value& body) {
  return control("POST", path, model::to_json(body));
}

}  // namespace huiliu::kit
