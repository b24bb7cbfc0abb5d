// The C++ test plugin: a shop whose API is GET /items, PUT /items/KEY, POST /token and so on. The stream's
// cursor, the keys and the settings make it misbehave on demand, so that tests can see what the host does
// with it.
#include <boost/json.hpp>
#include <huiliu/plugin.hpp>
#include <stdexcept>

#include "huiliu_manifests.hpp"

namespace {

namespace json = boost::json;

class Shop {
 public:
  static constexpr std::string_view manifest = huiliu::manifests::manifest;

  explicit Shop(std::string_view settings) {
    const json::value parsed = json::parse(json::string_view(settings.data(), settings.size()));
    base_url_ = std::string(parsed.at("base_url").as_string());
    secret_shown_ =
        parsed.as_object().contains("app_secret") ? std::string(parsed.at("app_secret").as_string()) : "";
  }

  void check(huiliu::Call& call) {
    if (!secret_shown_.empty() && secret_shown_ != "***") throw std::logic_error("the host showed a secret");
    get(call, "/me");
  }

  std::string discover(huiliu::Call&) {
    return R"({"streams":[{"name":"items","label":{"zh":"物","en":"Items"},"key":"id","capabilities":{"read":["full"]}}]})";
  }

  // The cursor can name a misdeed: "do:…".
  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) {
    if (request.cursor.starts_with("do:")) return misbehave(call, request.cursor.substr(3), out);
    std::string path = "/items?since=" + huiliu::copy(request.cursor);
    for (bool more = true; more;) {
      call.stop_if_cancelled();
      const huiliu::Response answer = get(call, path);
      huiliu::Batch batch(request.stream);
      std::string next;
      huiliu::from_remote("page of items", [&] {
        const json::value page = json::parse(json::string_view(answer.body().data(), answer.body().size()));
        for (const json::value& item : page.at("items").as_array())
          batch.upsert(json::value_to<std::string>(item.at("id")), json::serialize(item));
        next = json::value_to<std::string>(page.at("next"));
        more = page.at("more").as_bool();
      });
      out.emit(batch);
      call.set_state("last", next);
      out.checkpoint(next);
      path = "/items?since=" + next;
    }
  }

  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) {
    huiliu::Batch batch(request.stream);
    for (const std::string_view key : request.keys) {
      const huiliu::Response answer = call.send({.url = base_url_ + "/items/" + huiliu::copy(key)});
      if (answer.code() == 404)
        batch.remove(key);
      else
        batch.upsert(key, answer.or_throw("shop").body());
    }
    out.emit(batch);
  }

  void find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out) {
    const huiliu::Response answer = get(call, "/find?name=" + huiliu::copy(request.value("name")));
    huiliu::Batch batch(request.stream);
    batch.upsert("found", answer.body());
    out.emit(batch);
  }

  huiliu::Outcome write_one(huiliu::Call& call, std::string_view stream, const huiliu::Record& record) {
    if (record.key == "throw") throw std::runtime_error("an escaped exception");
    if (record.key == "zero") return {static_cast<huiliu_outcome>(0)};
    if (record.key == "keyless") return huiliu::Outcome::applied();
    const huiliu::Response answer =
        call.send({.method = record.creates() ? "POST" : "PUT",
                   .url = base_url_ + "/" + huiliu::copy(stream) + "/" + huiliu::copy(record.key),
                   .headers = {{"If-Match", huiliu::copy(record.version)}},
                   .body = huiliu::copy(record.body)});
    if (answer.code() == 412) return huiliu::Outcome::stale("another version");
    if (answer.code() == 422) throw huiliu::DataError("refused", "E422");
    answer.or_throw("shop");
    return huiliu::Outcome::applied(record.creates() ? huiliu::copy(answer.body()) : "");
  }

  void handle_request(huiliu::Call& call, const huiliu::WebRequest& request, huiliu::RecordSink& out) {
    const auto mac = call.hmac("app_secret", request.body());
    static constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    for (const std::uint8_t byte : mac) {
      hex += digits[byte >> 4];
      hex += digits[byte & 15];
    }
    if (request.header("x-signature") != hex) return request.answer(401, "text/plain", "bad signature");
    huiliu::Batch batch("items");
    batch.upsert("hook", request.body());
    out.emit(batch);
    out.checkpoint();
    request.answer(200, "text/plain", request.query());
  }

  huiliu::Token authenticate(huiliu::Call& call, std::string_view credential) const {
    if (credential == "loop") {
      call.send({.url = base_url_ + "/me", .credential = "loop"});
      return {};
    }
    const huiliu::Response answer = call.send(
        {.method = "POST", .url = base_url_ + "/token", .body = "secret=" + call.reveal("app_secret")});
    if (answer.code() == 401) throw huiliu::AuthError("wrong password", "E401");
    return {
        .text = huiliu::copy(answer.or_throw("shop").body()),
        .expires_at_us = call.now_us() + std::int64_t{3600} * 1'000'000,
        .placements = {huiliu::Placement::header("Authorization", "Bearer {token}", "${settings.base_url}"),
                       huiliu::Placement::query("token", "{token}", "elsewhere.example.com")}};
  }

 private:
  huiliu::Response get(huiliu::Call& call, const std::string& path) {
    huiliu::Response answer =
        call.send_renewing({.url = base_url_ + path, .credential = "api", .quota = "api"},
                           [](const huiliu::Response& r) { return r.code() == 401; });
    answer.or_throw("shop");
    return answer;
  }

  void misbehave(huiliu::Call& call, std::string_view misdeed, huiliu::RecordSink& out) {
    huiliu::Batch batch("items");
    if (misdeed == "throw-int") throw 42;
    if (misdeed == "throw-logic") throw std::logic_error("broken invariant");
    if (misdeed == "resync") throw huiliu::ResyncNeeded("cursor too old");
    if (misdeed == "wait") return call.sleep(std::chrono::hours(1));
    if (misdeed == "hidden") return static_cast<void>(call.reveal("hidden"));
    if (misdeed == "loop")
      return static_cast<void>(call.send({.url = base_url_ + "/me", .credential = "loop"}));
    if (misdeed == "elsewhere")
      return static_cast<void>(call.send({.url = "https://elsewhere.example.com/"}));
    if (misdeed == "header")
      return static_cast<void>(call.send({.url = base_url_, .headers = {{"X", "a\r\nY: b"}}}));
    if (misdeed == "stream") {
      huiliu::Batch other("others");
      other.upsert("1", "{}");
      return out.emit(other);
    }
    if (misdeed == "records") {
      batch.upsert("1", R"({"id":1})");
      batch.upsert("", R"({"id":"no key"})");
      batch.upsert("2", R"({"id":2)");
      batch.upsert("3", "{\"id\":\"\xff\xfe\"}");
      batch.upsert("1", R"({"id":1,"again":true})");
      batch.upsert("4", R"([4])");
      batch.upsert("5", R"({"a":1,"a":2})");
      batch.upsert("\xff", "{}");
      batch.upsert("6", R"({"id":6})");
      out.emit(batch);
      return out.checkpoint("after");
    }
    if (misdeed == "log-secret") {
      call.warn("the secret is " + call.reveal("app_secret"));
      throw huiliu::RetryLater("and in an error: " + call.reveal("app_secret"));
    }
    throw std::invalid_argument("no such misdeed");
  }

  std::string base_url_, secret_shown_;
};

}  // namespace

HUILIU_PLUGIN("test-shop", "1.0.0", 0, Shop);
