#include <cstring>

#include "hub/api/api.hpp"
#include "hub/api/schemas.hpp"

namespace huiliu::api {
namespace {

using model::Array;
using model::Object;
using model::Value;

Value json(const char* text) {
  auto value = model::parse_json(text);
  // The text is ours: a test reads every one of them.
  return value.ok() ? std::move(*value) : Value(Object{{"invalid", value.error().text()}});
}

Value reference(const std::string& schema) { return Object{{"$ref", "#/components/schemas/" + schema}}; }

Value page_schema(const std::string& of) {
  return Object{
      {"type", "object"},
      {"required", Array{"items", "next"}},
      {"properties",
       Object{{"items", Object{{"type", "array"}, {"items", reference(of)}}},
              {"next", Object{{"type", Array{"string", "null"}},
                              {"description", "cursor of the next page; null: this is the last"}}}}}};
}

Value answer_schema(const Route& route) {
  const std::string name = route.answer;
  return name.starts_with("[]") ? page_schema(name.substr(2)) : reference(name);
}

Array parameters(const Route& route) {
  Array list;
  std::string_view path = route.path;
  for (std::size_t open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1)) {
    const std::size_t close = path.find('}', open);
    list.push_back(Object{{"name", path.substr(open + 1, close - open - 1)},
                          {"in", "path"},
                          {"required", true},
                          {"schema", json(R"({"type":"string","minLength":1,"maxLength":300})")}});
  }
  const Value query = *route.query == '\0' ? Value(Object{}) : json(route.query);
  for (const model::Member& member : query.as_object())
    list.push_back(
        Object{{"name", member.key},
               {"in", "query"},
               {"required", member.value["required"].is_bool() && member.value["required"].as_bool()},
               {"schema", member.value["schema"]}});
  if (is_paged(route)) {
    list.push_back(Object{{"name", "cursor"},
                          {"in", "query"},
                          {"required", false},
                          {"schema", json(R"({"type":"string","maxLength":500})")}});
    list.push_back(Object{{"name", "limit"},
                          {"in", "query"},
                          {"required", false},
                          {"schema", json(R"({"type":"integer","minimum":1,"maximum":500})")}});
  }
  if (route.matched)
    list.push_back(Object{{"name", "If-Match"},
                          {"in", "header"},
                          {"required", true},
                          {"schema", json(R"({"type":"string"})")}});
  if (std::strcmp(route.method, "POST") == 0 && !route.secret)
    list.push_back(Object{{"name", "Idempotency-Key"},
                          {"in", "header"},
                          {"required", false},
                          {"schema", json(R"({"type":"string","minLength":1,"maxLength":100})")}});
  return list;
}

void add_problem(Object& responses, int status, const char* what) {
  responses.set(
      std::to_string(status),
      Object{{"description", what},
             {"content", Object{{"application/problem+json", Object{{"schema", reference("Problem")}}}}}});
}

Value responses(const Route& route) {
  Object out;
  Object good{{"description", "done"}};
  const bool events = std::strcmp(route.answer, "Event") == 0;
  if (*route.answer != '\0')
    good.set("content", Object{{events ? "text/event-stream" : "application/json",
                                Object{{"schema", answer_schema(route)}}}});
  out.set(std::to_string(route.success), std::move(good));
  if (std::strcmp(route.method, "GET") == 0)
    out.set("304", Object{{"description", "not changed since the ETag of If-None-Match"}});
  add_problem(out, 400, "the request is not well-formed: query, header, JSON");
  add_problem(out, 401, "not logged in, or the log-in was refused");
  add_problem(out, 403, "the caller may not do this");
  add_problem(out, 404, "it does not exist, or is not the caller's to see");
  add_problem(out, 409, "the present state does not allow it");
  if (std::strcmp(route.method, "GET") != 0) add_problem(out, 412, "it changed since it was read (If-Match)");
  if (route.matched) add_problem(out, 428, "If-Match is wanted");
  add_problem(out, 413, "too large");
  add_problem(out, 415, "a JSON body is wanted");
  add_problem(out, 422, "the values do not fit");
  add_problem(out, 429, "too many requests; see Retry-After");
  add_problem(out, 503, "busy; see Retry-After");
  return out;
}

Value operation(const Route& route) {
  Object out{{"operationId", route.id}, {"summary", route.summary}, {"parameters", parameters(route)}};
  if (*route.body != '\0')
    out.set("requestBody",
            Object{{"required", true},
                   {"content", Object{{"application/json", Object{{"schema", json(route.body)}}}}}});
  out.set("responses", responses(route));
  if (route.caller.kind == Caller::Kind::anybody)
    out.set("security", Array{});
  else
    out.set("security", Array{Object{{"session", Array{}}}, Object{{"token", Array{}}}});
  out.set("x-huiliu-function", route.caller.kind == Caller::Kind::function    ? Value(route.caller.function)
                               : route.caller.kind == Caller::Kind::logged_in ? Value("logged in")
                                                                              : Value("anybody"));
  return out;
}

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

}  // namespace

const Value& openapi() {
  static const Value document = [] {
    Object paths;
    for (const Route& route : routes()) {
      Value& path = paths[std::string("/api/v1") + route.path];
      if (!path.is_object()) path = Object{};
      path.as_object().set(lower(route.method), operation(route));
    }
    return Value(Object{
        {"openapi", "3.1.0"},
        {"info", Object{{"title", "Huiliu"},
                        {"version", "1"},
                        {"summary", "Customer master data, one true record in every system"}}},
        {"paths", std::move(paths)},
        {"components",
         Object{{"schemas", component_schemas()},
                {"securitySchemes",
                 Object{{"session", Object{{"type", "apiKey"}, {"in", "cookie"}, {"name", "__Host-huiliu"}}},
                        {"token", Object{{"type", "http"}, {"scheme", "bearer"}}}}}}}});
  }();
  return document;
}

bool is_paged(const Route& route) {
  return route.paged ||
         (std::string_view(route.answer).starts_with("[]") && std::strcmp(route.method, "GET") == 0 &&
          std::strstr(route.query, "\"limit\"") == nullptr);
}

const std::vector<Route>& routes() {
  static const std::vector<Route> all = [] {
    std::vector<Route> list;
    for (auto part : {session_routes, customer_routes, review_routes, operation_routes, schedule_routes,
                      configuration_routes, administration_routes, privacy_routes})
      for (Route& route : part()) list.push_back(route);
    return list;
  }();
  return all;
}

}  // namespace huiliu::api
