// The description, the routes and the behaviour are one: nothing undeclared is answered, and nothing fails.
#include <gtest/gtest.h>

#include <set>
#include <type_traits>

#include "hub/api/json_schema.hpp"
#include "hub/api/schemas.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/unit/api/desk.hpp"

namespace huiliu::api {
namespace {

using model::Array;
using model::Object;
using model::Value;

// A route that does not declare who may call it does not compile.
static_assert(!std::is_default_constructible_v<Caller> && !std::is_default_constructible_v<Route>);

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

TEST(OpenApi, DescribesEveryRouteAndNoOther) {
  std::set<std::string> declared, routed, ids;
  for (const model::Member& path : openapi()["paths"].as_object())
    for (const model::Member& method : path.value.as_object()) declared.insert(method.key + " " + path.key);
  for (const Route& route : routes()) {
    EXPECT_TRUE(routed.insert(lower(route.method) + " /api/v1" + route.path).second)
        << route.path << " twice";
    EXPECT_TRUE(ids.insert(route.id).second) << route.id;
    const bool by_function = route.caller.kind == Caller::Kind::function;
    EXPECT_TRUE(!by_function || config::is_function(route.caller.function)) << route.id;
  }
  EXPECT_EQ(declared, routed);
}

TEST(OpenApi, EveryCollectionIsPaged) {
  for (const Route& route : routes()) {
    if (std::string(route.method) != "GET" || !std::string(route.answer).starts_with("[]")) continue;
    std::set<std::string> names;
    for (const Value& parameter :
         openapi()["paths"][std::string("/api/v1") + route.path]["get"]["parameters"].as_array())
      names.insert(parameter["name"].to_text());
    EXPECT_TRUE(names.contains("limit")) << route.id;
    EXPECT_TRUE(names.contains("cursor") || std::string(route.id) == "search") << route.id;
  }
}

TEST(OpenApi, EveryFunctionOfTheRolesIsUsedByARoute) {
  std::set<std::string> used;
  for (const Route& route : routes())
    if (route.caller.kind == Caller::Kind::function) used.insert(route.caller.function);
  for (const std::string_view function : config::functions())
    EXPECT_TRUE(function == "config.read" || used.contains(std::string(function))) << function;
}

// Only these are open to strangers.
TEST(OpenApi, StrangersReachOnlyTheDoor) {
  std::set<std::string> open;
  for (const Route& route : routes())
    if (route.caller.kind == Caller::Kind::anybody) open.insert(route.id);
  EXPECT_EQ(open, (std::set<std::string>{"logIn", "setUp", "describe", "beginOidc", "finishOidc"}));
  Desk desk;
  for (const Route& route : routes())
    if (route.caller.kind != Caller::Kind::anybody) {
      EXPECT_EQ(desk.call(route.method, std::string("/api/v1") + route.path, "").status, 401) << route.id;
    }
}

void find_invalid(const Value& value, const std::string& where) {
  EXPECT_EQ(value.find("invalid"), nullptr) << where << ": a schema's text is not JSON";
  if (const Object* members = value.if_object())
    for (const model::Member& member : *members) find_invalid(member.value, where + "/" + member.key);
  if (const Array* list = value.if_array())
    for (const Value& element : *list) find_invalid(element, where + "/…");
}

TEST(OpenApi, EverySchemaIsJsonAndEveryReferenceHasATarget) {
  find_invalid(openapi(), "");
  EXPECT_TRUE(component_schemas().is_object());
  const std::string text = model::to_json(openapi());
  for (std::size_t at = text.find("#/components/schemas/"); at != std::string::npos;
       at = text.find("#/components/schemas/", at + 1)) {
    const std::string name = text.substr(at + 21, text.find('"', at) - at - 21);
    EXPECT_NE(component_schemas().find(name), nullptr) << name;
  }
}

// --- the fuzzer: requests made from the description, with one thing wrong in most of them

class Fuzzer {
 public:
  Fuzzer(Desk& desk, std::uint64_t seed) : desk_(desk), dice_(seed) {}

  std::uint64_t roll(std::uint64_t below) { return dice_.next() % below; }

  std::string text() {
    static const std::vector<std::string> texts = {"",
                                                   "a",
                                                   "公司",
                                                   "0",
                                                   "-1",
                                                   "null",
                                                   "../../etc/passwd",
                                                   "%",
                                                   "'; DROP--",
                                                   "\"",
                                                   "\\u0000",
                                                   "𝄞",
                                                   "١٢٣",
                                                   "{{7*7}}",
                                                   "=1+1",
                                                   "erp",
                                                   "phones[switchboard]",
                                                   "names.legal",
                                                   "E1001",
                                                   "2026-11-28T00:00:00Z",
                                                   "* * * * *",
                                                   "$",
                                                   "((((",
                                                   "steward",
                                                   "customers.read",
                                                   "\xe2\x80\xae",
                                                   "true"};
    if (roll(12) == 0) return std::string(roll(3000), 'x');
    if (roll(4) == 0) {
      const std::vector<std::string> ids = {desk_.mine,   desk_.others,   desk_.my_contact,
                                            desk_.review, desk_.conflict, desk_.letter};
      return ids[roll(ids.size())];
    }
    return texts[roll(texts.size())];
  }

  // A value that fits the schema, mostly.
  Value value(const Value& schema, int depth = 0) {
    if (roll(10) == 0 || depth > 4) return anything(depth);
    if (const Array* allowed = schema["enum"].if_array()) return (*allowed)[roll(allowed->size())];
    const std::string type = schema["type"].to_text();
    if (type == "integer") return static_cast<std::int64_t>(roll(200));
    if (type == "boolean") return roll(2) == 0;
    if (type == "array") {
      Array list;
      for (std::uint64_t i = roll(3) + 1; i > 0; --i) list.push_back(value(schema["items"], depth + 1));
      return list;
    }
    if (type == "object") {
      Object object;
      if (const Object* members = schema["properties"].if_object())
        for (const model::Member& member : *members)
          if (roll(8) != 0) object.set(member.key, value(member.value, depth + 1));
      if (schema["properties"].is_null() || roll(12) == 0) object.set(text(), anything(depth + 1));
      return object;
    }
    return text();
  }

  Value anything(int depth) {
    switch (roll(depth > 3 ? 5 : 7)) {
      case 0:
        return {};
      case 1:
        return true;
      case 2:
        return model::Number{"1e400"};
      case 3:
        return static_cast<std::int64_t>(roll(1000)) - 500;
      case 4:
        return text();
      case 5:
        return Array{anything(depth + 1), anything(depth + 1)};
      default: {
        Object object;
        object.set(text(), anything(depth + 1));
        return object;
      }
    }
  }

  static std::string encoded(const std::string& raw) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : raw) {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
        out += c;
        continue;
      }
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4U];
      out += digits[static_cast<unsigned char>(c) & 15U];
    }
    return out;
  }

  // Sends one request of the route and checks the answer against the description.
  void shoot(const Route& route, const std::string& token) {
    std::string path = std::string("/api/v1") + route.path;
    for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
      std::string piece = encoded(text());
      path.replace(open, path.find('}', open) - open + 1, piece.empty() ? "x" : piece);
    }
    const Value& operation = openapi()["paths"][std::string("/api/v1") + route.path][lower(route.method)];
    std::string query;
    for (const Value& parameter : operation["parameters"].as_array())
      if (parameter["in"].to_text() == "query" && (parameter["required"].as_bool() || roll(2) == 0)) {
        const Value given = value(parameter["schema"]);
        query += (query.empty() ? "?" : "&") + parameter["name"].to_text() + "=" +
                 encoded(given.is_string() ? given.as_string() : model::to_json(given));
      }
    if (roll(15) == 0) query += (query.empty() ? "?" : "&") + std::string("unknown=1");
    std::vector<std::pair<std::string, std::string>> headers;
    if (roll(3) != 0) headers.emplace_back("If-Match", roll(2) == 0 ? "*" : "\"x\"");
    if (roll(6) == 0) headers.emplace_back("Idempotency-Key", "k" + std::to_string(roll(5)));
    std::string body;
    if (*route.body != '\0' || roll(20) == 0) {
      body = model::to_json(value(operation["requestBody"]["content"]["application/json"]["schema"]));
      if (roll(25) == 0) body = body.substr(0, body.size() / 2);
    }
    const HttpResponse response = desk_.call(route.method, path + query, token, body, headers);
    const std::string what = std::string(route.method) + " " + path + query + " " + body.substr(0, 500) +
                             " → " + std::to_string(response.status) + " " + response.body.substr(0, 500);
    ++answers[response.status];
    // A path made of odd texts may name another route, or none.
    const Value* declared = operation["responses"].find(std::to_string(response.status));
    ASSERT_TRUE(declared != nullptr || response.status == 405) << what;
    ASSERT_LT(response.status, 500) << what;
    if (response.events != nullptr || response.body.empty()) return;
    const auto json = model::parse_json(response.body);
    ASSERT_TRUE(json.ok()) << what;
    if (response.status >= 400) {
      ASSERT_TRUE(check_json(component_schemas()["Problem"], *json, component_schemas()).ok()) << what;
      ASSERT_EQ(Desk::header(response, "Content-Type"), "application/problem+json") << what;
    } else if (Desk::header(response, "Idempotent-Replay").empty()) {
      const Value& schema = (*declared)["content"]["application/json"]["schema"];
      const model::Status fits = check_json(schema, *json, component_schemas());
      ASSERT_TRUE(fits.ok()) << fits.error().text() << "\n" << what;
    }
  }

  std::map<int, int> answers;

 private:
  Desk& desk_;
  model::SeededRandom dice_;
};

TEST(OpenApi, AFuzzerFindsNoFailureAndNoUndeclaredAnswer) {
  Desk desk;
  Fuzzer fuzzer(desk, 20261128);
  // What ends the fuzzer's own rights, or makes it wait for argon2 each time, stays out.
  const std::set<std::string> left_out = {"removeUser", "changeUser", "logIn", "setUp", "changePassword"};
  for (int round = 0; round < tests::worlds(15); ++round)
    for (const Route& route : routes())
      if (!left_out.contains(route.id))
        for (const char* role : {"admin", "steward", "sales", "auditor"}) {
          fuzzer.shoot(route, desk.token(role));
          if (testing::Test::HasFatalFailure()) return;
        }
  for (const Route& route : routes())
    if (left_out.contains(route.id)) {
      fuzzer.shoot(route, desk.token("integrator"));
      if (testing::Test::HasFatalFailure()) return;
    }
  EXPECT_GT(fuzzer.answers[200], tests::worlds(200)) << "the fuzzer gets through";
  EXPECT_GT(fuzzer.answers[422] + fuzzer.answers[400], tests::worlds(200)) << "and is refused";
  EXPECT_TRUE(desk.hub().store().verify_audit()->findings.empty());
}

// The hub serves no page: whatever somebody typed into a record, a browser takes every answer for data, and
// would run and frame nothing of it.
TEST(OpenApi, NoAnswerIsAPageThatABrowserWouldRun) {
  Desk desk;
  const std::string script = "<script>alert(1)</script><img src=x onerror=alert(2)>";
  const std::string id = desk.save("customer", {{"names.legal", script + "有限公司"}, {"note", script}});
  int shown = 0;
  for (const Route& route : routes())
    for (const std::string& token : {desk.token("steward"), desk.token("admin"), std::string()}) {
      std::string path = std::string("/api/v1") + route.path;
      for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{'))
        path.replace(open, path.find('}', open) - open + 1, id);
      if (std::string(route.method) != "GET") path += "?x=" + Fuzzer::encoded(script);
      const HttpResponse response = desk.call(route.method, path, token);
      const std::string type = Desk::header(response, "Content-Type");
      EXPECT_TRUE(type == "application/json" || type == "application/problem+json" ||
                  response.events != nullptr)
          << route.id << ": " << type;
      EXPECT_EQ(Desk::header(response, "Content-Security-Policy"),
                "default-src 'none'; frame-ancestors 'none'");
      EXPECT_EQ(Desk::header(response, "Cache-Control"), "no-store");
      shown += response.body.find("onerror") != std::string::npos ? 1 : 0;
    }
  EXPECT_GT(shown, 2) << "the text is there, as data";
}

TEST(OpenApi, ReadingChangesNothing) {
  Desk desk;
  const std::string token = desk.token("admin"), steward = desk.token("steward");
  for (const std::string& each : {token, steward})
    desk.call("GET", "/api/v1/customers", each);  // their first use
  const auto head = [&] { return desk.hub().store().verify_audit()->head; };
  const auto before = head();
  Fuzzer fuzzer(desk, 4);
  for (int round = 0; round < 5; ++round)
    for (const Route& route : routes())
      if (std::string(route.method) == "GET") fuzzer.shoot(route, round % 2 == 0 ? token : steward);
  EXPECT_EQ(head(), before);
}

}  // namespace
}  // namespace huiliu::api
