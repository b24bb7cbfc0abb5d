#include "tests/kit/desk_twin.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace huiliu::kit {

namespace json = boost::json;
using twin::HttpRequest;
using twin::HttpResponse;
using twin::json_response;

namespace {

std::int64_t number_in(std::string_view text, std::int64_t otherwise) {
  return text.empty() ? otherwise : std::stoll(std::string(text));
}

std::int64_t moment_of(const json::object& card) { return card.at("changed").as_int64(); }

}  // namespace

DeskTwin::DeskTwin(twin::TwinOptions options) : Twin(std::move(options)) {
  // Every write gets a moment and a version of its own.
  store().set_hooks([this](const twin::Change& change, json::object& next) {
    if (change.kind == twin::Change::Kind::remove) return;
    next["changed"] = ++moment_;
    next["version"] = change.before == nullptr ? 1 : change.before->at("version").as_int64() + 1;
  });
  store().declare("cards");
  for (std::size_t i = 1; i <= cards; ++i) {
    const std::string key = std::to_string(i + 1000);
    store().create("cards", key,
                   {{"id", key}, {"name", "名片" + key}, {"number", "N" + key}, {"note", nullptr}},
                   twin::Origin::load);
  }
}

std::string DeskTwin::key_of(std::string_view, const json::object& body) const {
  return std::string(body.at("id").as_string());
}

HttpResponse DeskTwin::handle(const HttpRequest& request) {
  if (request.path == "/token") {
    if (request.body != secret) return json_response(R"({"error":"wrong secret"})", 401);
    return json_response(R"({"token":"t)" + std::to_string(generation_) + R"("})");
  }
  if (request.header("Authorization") != "Bearer t" + std::to_string(generation_))
    return json_response(R"({"error":"token"})", 401);
  if (request.path == "/cards" && request.method == "GET") return list(request);
  if (request.path == "/batch") return batch(request.body);
  if (request.path.starts_with("/cards/")) {
    const std::string key = request.path.substr(7);
    if (request.method == "PUT") return put(key, request.header("If-Match"), request.body);
    const twin::Record card = store().find("cards", key);
    return card == nullptr ? json_response("{}", 404) : json_response(json::serialize(*card));
  }
  return json_response("{}", 404);
}

// ?order=id&after=KEY, ?order=changed&after=MOMENT, ?order=changed&offset=N, ?number=N
HttpResponse DeskTwin::list(const HttpRequest& request) const {
  std::vector<twin::Record> all;
  store().for_each("cards", [&](const std::string&, const twin::Record& card) {
    all.push_back(card);
    return true;
  });
  const bool by_change = request.parameter("order") == "changed";
  if (by_change)
    std::sort(all.begin(), all.end(),
              [](const twin::Record& a, const twin::Record& b) { return moment_of(*a) < moment_of(*b); });
  const std::string_view after = request.parameter("after"), wanted = request.parameter("number");
  auto skip = static_cast<std::size_t>(number_in(request.parameter("offset"), 0));
  json::array items;
  bool more = false;
  for (const twin::Record& card : all) {
    if (request.has_parameter("number") && card->at("number").as_string() != wanted) continue;
    if (!after.empty() && (by_change ? moment_of(*card) <= number_in(after, 0)
                                     : !twin::KeyLess()(after, std::string_view(card->at("id").as_string()))))
      continue;
    if (skip > 0) {
      --skip;
      continue;
    }
    if (items.size() == page) {
      more = true;
      break;
    }
    items.push_back(*card);
  }
  return json_response(
      json::serialize(json::object{{"items", std::move(items)}, {"more", more}, {"now", moment_}}));
}

HttpResponse DeskTwin::put(std::string_view key, std::string_view if_match, const std::string& body) {
  const twin::Record card = store().find("cards", key);
  if (card == nullptr) return json_response("{}", 404);
  if (!if_match.empty() && if_match != std::to_string(card->at("version").as_int64()))
    return json_response("{}", 412);
  return json_response(
      json::serialize(*store().update("cards", key, json::parse(body).as_object(), twin::Origin::api)));
}

// Answers in an order of its own: the last first.
HttpResponse DeskTwin::batch(const std::string& body) {
  const json::value wanted = json::parse(body);
  const json::array& writes = wanted.as_array();
  json::array results;
  for (std::size_t i = writes.size(); i-- > 0;) {
    const json::object& write = writes[i].as_object();
    const HttpResponse one =
        put(write.at("id").as_string(), write.at("if_match").as_string(), json::serialize(write.at("set")));
    results.push_back(json::object{{"index", i}, {"code", one.status}, {"card", json::parse(one.body)}});
  }
  return json_response(json::serialize(results));
}

}  // namespace huiliu::kit
