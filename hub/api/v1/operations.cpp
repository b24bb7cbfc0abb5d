// Connections, streams, runs, plans, mappings, the model, events: what an administrator watches
// and moves.
#include "hub/access/masking.hpp"
#include "hub/api/v1/events.hpp"
#include "hub/api/v1/files.hpp"
#include "hub/run/audit.hpp"
#include "hub/run/connection_list.hpp"
#include "hub/run/connection_view.hpp"
#include "hub/run/views.hpp"

namespace huiliu::api {
namespace {

using model::Array;
using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

Status must_exist(Call& call, const std::string& connection) {
  return call.hub.connection(connection) == nullptr ? Status(not_there(connection)) : Status();
}

// Notes what an operator did; the action itself keeps its own record.
Status note(Call& call, const char* action, const std::string& object, Value detail) {
  return call.hub.store().write([&](store::Transaction& transaction) -> Status {
    run::audit(transaction, call.who.actor(), action, object, std::move(detail), call.now);
    return {};
  });
}

// --- connections

Result<Answer> list_connections(Call& call) {
  Array items;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    items = run::connection_list(snapshot, call.hub);
    return {};
  }));
  return page_of(std::move(items), {});
}

Result<Answer> show_connection(Call& call) {
  HUILIU_TRY(must_exist(call, call.at("name")));
  Answer answer;
  if (auto view = run::connection_view(call.hub, call.at("name"), call.text("language") == "zh"); view.ok())
    answer.body = std::move(*view);
  else
    answer.body = Object{};
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    for (const Value& row : run::connection_list(snapshot, call.hub))
      if (row["name"].to_text() == call.at("name"))
        for (const model::Member& member : row.as_object())
          if (answer.body.find(member.key) == nullptr) answer.body.as_object().set(member.key, member.value);
    answer.body.as_object().set(
        "pause_reason", access::masked_text(snapshot.load_value("pause", call.at("name")).value_or("")));
    return {};
  }));
  return answer;
}

Result<Answer> pause(Call& call) {
  HUILIU_TRY(must_exist(call, call.at("name")));
  HUILIU_TRY(call.hub.pause(call.at("name"), call.body["reason"].to_text()));
  HUILIU_TRY(note(call, "connection", call.at("name"), Object{{"what", "paused"}}));
  return done();
}

Result<Answer> resume(Call& call) {
  HUILIU_TRY(must_exist(call, call.at("name")));
  HUILIU_TRY(call.hub.resume(call.at("name")));
  HUILIU_TRY(note(call, "connection", call.at("name"), Object{{"what", "resumed"}}));
  return done();
}

Result<Answer> check(Call& call) {
  HUILIU_TRY(must_exist(call, call.at("name")));
  const auto system = call.hub.system(call.at("name"));
  const Status works = system.ok() ? (*system)->check() : Status(system.error());
  Object body{{"name", call.at("name")}, {"ok", works.ok()}};
  if (!works.ok()) {
    body.set("class", model::to_string(works.error().error_class));
    body.set("message", access::masked_text(works.error().text()));
  }
  return Answer{200, std::move(body), {}, {}, {}};
}

Result<Answer> list_streams(Call& call) {
  const std::string wanted = call.text("connection");
  Array items;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    for (const store::RecordCount& count : snapshot.count_records()) {
      if ((!wanted.empty() && count.connection != wanted) || count.connection == "hub") continue;
      Object row{{"connection", count.connection},
                 {"stream", count.stream},
                 {"entity", count.entity},
                 {"records", count.records},
                 {"linked", count.linked},
                 {"created", count.created},
                 {"gone", count.gone}};
      if (const auto cursor = snapshot.load_cursor(count.connection, count.stream)) {
        row.set("mode", store::to_string(cursor->mode));
        row.set("last_complete", run::time_text(cursor->last_complete));
        row.set("lag_seconds", cursor->last_complete == 0
                                   ? Value()
                                   : Value((call.now - cursor->last_complete) / model::second));
        row.set("complete", cursor->complete);
        row.set("read", cursor->read);
        row.set("last_read", cursor->last_read);
      }
      items.push_back(std::move(row));
    }
    return {};
  }));
  return page_of(std::move(items), {});
}

// --- runs

Result<Answer> list_runs(Call& call) {
  HUILIU_ASSIGN(const store::Page page, page_wanted(call));
  const std::string state = call.text("state");
  Array items;
  std::string after = page.after, next;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    while (true) {
      const auto runs = snapshot.list_runs(call.text("job"), {after, 200});
      for (const store::Run& run : runs) {
        if (items.size() == page.limit) {
          next = after;
          return {};
        }
        after = run.id;
        if (state.empty() || state == store::to_string(run.state)) items.push_back(run_shown(snapshot, run));
      }
      if (runs.size() < 200) return {};
    }
  }));
  return page_of(std::move(items), next);
}

Result<store::Run> run_of(store::Snapshot& snapshot, const std::string& id) {
  auto run = snapshot.load_run(id);
  if (!run) return not_there(id);
  return std::move(*run);
}

Result<Answer> show_run(Call& call) {
  Answer answer;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    HUILIU_ASSIGN(const store::Run run, run_of(snapshot, call.at("id")));
    answer.body = run_shown(snapshot, run);
    return {};
  }));
  return answer;
}

Result<Answer> run_log(Call& call) {
  HUILIU_ASSIGN(const store::Page page, page_wanted(call));
  const std::int64_t after = page.after.empty() ? 0 : model::Number{page.after}.to_int64().value_or(0);
  Array items;
  std::string next;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    const auto run = run_of(snapshot, call.at("id"));
    if (!run.ok()) return run.error();
    const auto lines = snapshot.run_log(call.at("id"), after, page.limit);
    for (const store::LogLine& line : lines)
      items.push_back(Object{{"at", run::time_text(line.at)},
                             {"level", line.level},
                             {"message", access::masked_text(line.message)}});
    if (lines.size() == page.limit) next = std::to_string(lines.back().sequence);
    return {};
  }));
  return page_of(std::move(items), next);
}

Answer accepted(const char* look_at) {
  return {200, Object{{"accepted", true}, {"look_at", look_at}}, {{"Location", look_at}}, {}, {}};
}

Result<Answer> start_run(Call& call) {
  run::CycleOptions options;
  options.job = "sync";
  options.trigger = "api";
  if (const Array* names = call.body["connections"].if_array())
    for (const Value& name : *names) {
      if (call.hub.connection(name.to_text()) == nullptr)
        return make_error(ErrorClass::data, "there is no connection \"" + name.to_text() + "\"",
                          "/connections");
      options.connections.push_back(name.to_text());
    }
  if (call.hub.config().connections.empty())
    return make_error(ErrorClass::stale, "there is no connection to synchronise yet");
  options.full = call.body["full"].if_bool() != nullptr && call.body["full"].as_bool();
  HUILIU_TRY(
      note(call, "run", "sync", Object{{"what", "started"}, {"connections", call.body["connections"]}}));
  run::Hub& hub = call.hub;
  HUILIU_TRY(call.api.begin([&hub, options](const std::atomic<bool>& stop) {
    // What went wrong stands in the run itself.
    static_cast<void>(hub.sync(options, nullptr, stop).ok());
  }));
  return accepted("/api/v1/runs");
}

Result<Answer> stop_run(Call& call) {
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    const auto run = run_of(snapshot, call.at("id"));
    return run.ok() ? Status() : Status(run.error());
  }));
  HUILIU_TRY(call.hub.stop_run(call.at("id")));
  HUILIU_TRY(note(call, "run", call.at("id"), Object{{"what", "stopped"}}));
  return done();
}

Result<Answer> later(Call& call, const char* what,
                     Result<run::CycleReport> (run::Hub::*work)(const std::string&,
                                                                const std::atomic<bool>&)) {
  const std::string id = call.at("id");
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    HUILIU_ASSIGN(const store::Run run, run_of(snapshot, id));
    if (run.state == store::RunState::running) return make_error(ErrorClass::stale, "the run is under way");
    return {};
  }));
  HUILIU_TRY(note(call, "run", id, Object{{"what", what}}));
  run::Hub& hub = call.hub;
  HUILIU_TRY(call.api.begin([&hub, id, work](const std::atomic<bool>& stop) {
    static_cast<void>((hub.*work)(id, stop).ok());  // what went wrong stands in the run itself
  }));
  return accepted("/api/v1/runs");
}

Result<Answer> retry_run(Call& call) { return later(call, "retried", &run::Hub::retry); }
Result<Answer> undo_run(Call& call) { return later(call, "taken back", &run::Hub::undo); }

// --- plans

Result<Answer> plan(Call& call) {
  std::vector<std::string> connections;
  if (const Array* names = call.body["connections"].if_array())
    for (const Value& name : *names) connections.push_back(name.to_text());
  for (const std::string& name : connections) HUILIU_TRY(must_exist(call, name));
  if (call.hub.config().connections.empty())
    return make_error(ErrorClass::stale, "there is no connection yet");
  HUILIU_ASSIGN(const run::Hub::Planned planned, call.hub.plan(connections));
  Array lines;
  for (const sync::PlannedWrite& write : planned.writes)
    if (lines.size() < plan_lines_most) {
      Value line = run::planned_write_view(call.hub.config().schema, write);
      line.as_object().set("fields",
                           call.api.policy().filtered_document(call.who, write.entity, line["fields"]));
      lines.push_back(std::move(line));
    }
  Object calls;
  for (const auto& [quota, count] : planned.calls) calls.set(quota, count);
  return Answer{200,
                Object{{"hash", planned.hash},
                       {"revision", planned.revision},
                       {"writes", static_cast<std::int64_t>(planned.writes.size())},
                       {"held", static_cast<std::int64_t>(planned.held.size())},
                       {"calls", std::move(calls)},
                       {"days", planned.days},
                       {"complete", planned.writes.size() <= plan_lines_most},
                       {"lines", std::move(lines)}},
                {},
                {},
                {}};
}

Result<Answer> apply(Call& call) {
  const std::string hash = call.at("hash");
  HUILIU_TRY(note(call, "run", "apply", Object{{"what", "started"}, {"plan", hash}}));
  run::Hub& hub = call.hub;
  HUILIU_TRY(call.api.begin([&hub, hash](const std::atomic<bool>& stop) {
    static_cast<void>(hub.apply(hash, stop).ok());  // what went wrong stands in the run itself
  }));
  return accepted("/api/v1/runs");
}

// --- mappings, model

Value mapping_view(const std::string& connection, const mapping::Mapping& mapping) {
  Array streams;
  for (const mapping::StreamMapping& stream : mapping.streams()) {
    Array fields;
    for (const mapping::LensView& lens : stream.lenses())
      fields.push_back(Object{{"field", stream.entity_model().fields[lens.field].name},
                              {"path", lens.path},
                              {"write_path", lens.write_path},
                              {"codec", lens.codec},
                              {"direction", lens.direction == mapping::Direction::both ? "both"
                                            : lens.direction == mapping::Direction::in ? "in"
                                                                                       : "out"},
                              {"computed", lens.computed}});
    streams.push_back(Object{{"stream", stream.stream()},
                             {"entity", stream.entity()},
                             {"key", stream.key_path()},
                             {"fields", std::move(fields)}});
  }
  return Object{{"connection", connection}, {"version", mapping.version()}, {"streams", std::move(streams)}};
}

Result<Answer> list_mappings(Call& call) {
  Array items;
  for (const config::ConnectionConfig& connection : call.hub.config().connections)
    if (const mapping::Mapping* mapping = call.hub.mapping(connection.name))
      items.push_back(mapping_view(connection.name, *mapping));
  return page_of(std::move(items), {});
}

Result<Answer> show_mapping(Call& call) {
  const mapping::Mapping* mapping = call.hub.mapping(call.at("connection"));
  if (mapping == nullptr) return not_there(call.at("connection"));
  return Answer{200, mapping_view(call.at("connection"), *mapping), {}, {}, {}};
}

Value field_view(Call& call, const model::Field& field, bool part) {
  const config::FieldRight right = call.api.policy().right(call.who, field, part);
  return Object{{"name", field.name},
                {"type", field.type},
                {"multiplicity", field.multiplicity == model::Multiplicity::one    ? "one"
                                 : field.multiplicity == model::Multiplicity::list ? "list"
                                                                                   : "group"},
                {"reference_to", field.reference_to},
                {"label", Object{{"zh", field.zh}, {"en", field.en}}},
                {"personal", field.pii},
                {"purpose", field.purpose},
                {"sees", right.sees == config::Sees::plain    ? "plain"
                         : right.sees == config::Sees::masked ? "masked"
                                                              : "hidden"},
                {"writes", right.writes}};
}

Result<Answer> show_model(Call& call) {
  Array entities, functions;
  for (const model::Entity& entity : call.hub.config().schema.entities()) {
    Array fields, parts;
    for (const model::Field& field : entity.fields) fields.push_back(field_view(call, field, false));
    for (const model::Field& field : entity.part_fields) parts.push_back(field_view(call, field, true));
    entities.push_back(Object{{"name", entity.name},
                              {"label", Object{{"zh", entity.zh}, {"en", entity.en}}},
                              {"reference_data", entity.reference_data},
                              {"fields", std::move(fields)},
                              {"part_fields", std::move(parts)}});
  }
  for (const std::string_view function : config::functions()) functions.emplace_back(function);
  return Answer{
      200, Object{{"entities", std::move(entities)}, {"functions", std::move(functions)}}, {}, {}, {}};
}

Result<Answer> summary(Call& call) {
  Object reviews, goldens;
  std::int64_t dead = 0;
  Array connections;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    for (const store::GoldenCount& count : snapshot.count_goldens()) goldens.set(count.entity, count.live);
    for (const auto& [kind, count] : snapshot.count_reviews("open"))
      reviews.set(sync::to_string(kind), count);
    for (const store::ParkedCause& cause : snapshot.parked_causes({})) dead += cause.count;
    connections = run::connection_list(snapshot, call.hub);
    return {};
  }));
  const auto count = [&](const char* entity) {
    const Value* found = goldens.find(entity);
    return found == nullptr ? Value(0) : *found;
  };
  return Answer{200,
                Object{{"customers", count("customer")},
                       {"contacts", count("contact")},
                       {"reviews", std::move(reviews)},
                       {"dead_letters", dead},
                       {"connections", std::move(connections)}},
                {},
                {},
                {}};
}

Result<Answer> version(Call& call) { return Answer{200, call.api.build(), {}, {}, {}}; }

Result<Answer> events(Call& call) {
  Answer answer;
  answer.events = watch(call.hub, call.api.policy(), call.who, call.api.accounts(), call.session);
  return answer;
}

constexpr const char* connections_body = R"({"type":"object","additionalProperties":false,"properties":{
  "connections":{"type":"array","maxItems":100,"items":{"type":"string","minLength":1,"maxLength":100}},
  "full":{"type":"boolean"}}})";

}  // namespace

std::vector<Route> operation_routes() {
  return {
      {"GET", "/summary", "summary", "The numbers of the front page", with("connections.read"), summary, 200,
       "Summary"},
      {"GET", "/version", "showVersion", "Which program answers: version, commit, compiler, libraries",
       logged_in, version, 200, "Document"},
      {"GET", "/connections", "listConnections", "Every connection, and how it stands",
       with("connections.read"), list_connections, 200, "[]Connection"},
      {"GET", "/connections/{name}", "showConnection", "What it can do and may do, field by field",
       with("connections.read"), show_connection, 200, "Connection", "",
       R"({"language":{"schema":{"type":"string","enum":["zh","en"]}}})"},
      {"POST", "/connections/{name}/pause", "pauseConnection", "Stop it, with a reason",
       with("connections.operate"), pause, 200, "Done",
       R"({"type":"object","additionalProperties":false,"required":["reason"],"properties":{
           "reason":{"type":"string","minLength":1,"maxLength":300}}})"},
      {"POST", "/connections/{name}/resume", "resumeConnection", "Let it go on", with("connections.operate"),
       resume, 200, "Done"},
      {"POST", "/connections/{name}/check", "checkConnection",
       "Does the system answer, is the credential good?", with("connections.operate"), check, 200, "Check"},
      {"GET", "/streams", "listStreams", "What each stream holds, and when it was read",
       with("connections.read"), list_streams, 200, "[]Stream", "",
       R"({"connection":{"schema":{"type":"string","maxLength":100}}})"},
      {"GET", "/runs", "listRuns", "Executions, newest first", with("runs.read"), list_runs, 200, "[]Run", "",
       R"({"job":{"schema":{"type":"string","maxLength":100}},"state":{"schema":{"type":"string",
           "enum":["running","succeeded","failed","interrupted","stopped"]}}})",
       true},
      {"POST", "/runs", "startRun", "One cycle now", with("runs.operate"), start_run, 202, "Accepted",
       connections_body},
      {"GET", "/runs/{id}", "showRun", "One, with its ledger", with("runs.read"), show_run, 200, "Run"},
      {"GET", "/runs/{id}/log", "runLog", "What it said", with("runs.read"), run_log, 200, "[]LogLine", "",
       "", true},
      {"POST", "/runs/{id}/stop", "stopRun", "End it at its next batch", with("runs.operate"), stop_run, 200,
       "Done"},
      {"POST", "/runs/{id}/retry", "retryRun", "The same connections once more", with("runs.operate"),
       retry_run, 202, "Accepted"},
      {"POST", "/runs/{id}/undo", "undoRun", "Put back what it wrote", with("runs.operate"), undo_run, 202,
       "Accepted"},
      {"POST", "/plans", "plan", "The exact writes that would happen", with("runs.operate"), plan, 200,
       "Plan", connections_body},
      {"POST", "/plans/{hash}/apply", "applyPlan", "Perform exactly that plan", with("runs.operate"), apply,
       202, "Accepted"},
      {"GET", "/mappings", "listMappings", "Field by field, what each connection's streams become",
       with("mappings.read"), list_mappings, 200, "[]Mapping"},
      {"GET", "/mappings/{connection}", "showMapping", "One connection's", with("mappings.read"),
       show_mapping, 200, "Mapping"},
      {"GET", "/model", "showModel", "Entities and fields, and what the caller sees and writes of them",
       logged_in, show_model, 200, "Model"},
      {"GET", "/events", "watch", "Server-sent events: runs, reviews, dead letters, connections", logged_in,
       events, 200, "Event"},
  };
}

}  // namespace huiliu::api
