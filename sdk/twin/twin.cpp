#include "sdk/twin/twin.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <chrono>
#include <fstream>
#include <set>

namespace huiliu::twin {

TwinClock::TwinClock(Source source) : source_(std::move(source)) {
  if (source_) return;
  source_ = [] {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::int64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  };
}

Twin::Twin(TwinOptions options) : options_(std::move(options)), clock_(options_.clock) {}

boost::json::object Twin::settings(const std::map<std::string, std::string>& urls) const {
  return {{"base_url", urls.at("url")}};
}

std::string Twin::endpoint_of(const HttpRequest& request) const {
  return request.method + " " + request.path;
}

HttpResponse Twin::rate_limited(const HttpRequest&) {
  HttpResponse response = json_response(R"({"error":"too many requests"})", 429);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

void Twin::load(std::string_view stream, boost::json::object body) {
  const std::string key = key_of(stream, body);
  store_.create(stream, key, std::move(body), Origin::load);
}

void Twin::edit(std::string_view stream, std::string_view key, const boost::json::object& fields,
                std::string_view as) {
  store_.update(stream, key, fields, Origin::person, as);
}

std::string Twin::create(std::string_view stream, boost::json::object fields, std::string_view as) {
  if (!store_.has_stream(stream)) throw TwinError(404, "no_stream", "no stream " + std::string(stream));
  std::string key;
  try {
    key = key_of(stream, fields);
  } catch (const TwinError&) {  // a person does not choose keys: the system gives one
    key = next_key(stream);
  }
  store_.create(stream, key, std::move(fields), Origin::person, as);
  return key;
}

void Twin::remove(std::string_view stream, std::string_view key, std::string_view as) {
  store_.remove(stream, key, Origin::person, as);
}

std::string Twin::next_key(std::string_view stream) {
  throw TwinError(400, "no_key",
                  "a record of stream " + std::string(stream) + " needs its key among the fields");
}

std::optional<WebSocketHandler> Twin::upgrade(const HttpRequest&, std::shared_ptr<WebSocketPeer>) {
  return std::nullopt;
}

std::optional<HttpResponse> Twin::control(const HttpRequest&) { return std::nullopt; }

namespace {

using RecordNames = std::set<std::pair<std::string, std::string>>;  // stream, key

RecordNames records_of(const RecordStore& store) {
  RecordNames names;
  for (const std::string& stream : store.streams())
    store.for_each(stream,
                   [&](const std::string& key, const Record&) { return names.emplace(stream, key).second; });
  return names;
}

// `own`: what the twin brought along by itself (code tables, its organisations); a record of the file
// replaces it.
void load_file(Twin& twin, const std::filesystem::path& file, RecordNames& own) {
  const std::string stream = file.stem().string();
  std::ifstream in(file, std::ios::binary);
  if (!in) throw TwinError(400, "no_file", "cannot read " + file.string());
  twin.store().declare(stream);
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto fail = [&](const std::string& why) {
      throw TwinError(400, "bad_record", file.string() + ":" + std::to_string(number) + ": " + why);
    };
    boost::system::error_code error;
    boost::json::value body = boost::json::parse(line, error);
    if (error) fail(error.message());
    if (!body.is_object()) fail("a JSON object is wanted");
    try {
      const std::string key = twin.key_of(stream, body.get_object());
      if (own.erase({stream, key}) != 0 && twin.store().find(stream, key))
        twin.store().remove(stream, key, Origin::load);
      twin.load(stream, std::move(body.get_object()));
    } catch (const TwinError& refused) {
      fail(refused.what());
    }
  }
}

}  // namespace

void load_directory(Twin& twin, const std::filesystem::path& directory) {
  if (!std::filesystem::is_directory(directory))
    throw TwinError(400, "no_directory", "no directory " + directory.string());
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  RecordNames own = records_of(twin.store());
  for (const auto& file : files) load_file(twin, file, own);
}

}  // namespace huiliu::twin
