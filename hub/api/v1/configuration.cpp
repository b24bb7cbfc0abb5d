// Configuration as text, alerts. The files of the configuration directory are
// the objects: what is edited here is what an editor and the command line see, and it counts once it is put
// in force, by the plan that was looked at.
#include "hub/access/masking.hpp"
#include "hub/api/v1/files.hpp"
#include "hub/run/config_change.hpp"
#include "hub/run/views.hpp"
#include "hub/run/watchman.hpp"

namespace huiliu::api {
namespace {

using model::Array;
using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

Answer answer_of(Value body) { return {200, std::move(body), {}, {}, {}}; }

// The directory's texts, and those in force.
struct Both {
  config::Texts there, in_force;
};
Result<Both> texts(Call& call) {
  Both both;
  HUILIU_ASSIGN(both.there, config::read_texts(call.hub.options().config));
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    if (const auto current = run::current_revision(snapshot)) {
      HUILIU_ASSIGN(both.in_force, run::texts_of(snapshot, *current));
    }
    return {};
  }));
  return both;
}

bool same(const Both& both, const std::string& path) {
  const auto there = both.there.find(path), in_force = both.in_force.find(path);
  return there != both.there.end() && in_force != both.in_force.end() && there->second == in_force->second;
}

// --- files

Result<Answer> list_files(Call& call) {
  HUILIU_ASSIGN(const Both both, texts(call));
  Array items;
  for (const auto& [path, text] : both.there)
    items.push_back(Object{
        {"path", path}, {"bytes", static_cast<std::int64_t>(text.size())}, {"in_force", same(both, path)}});
  return page_of(std::move(items), {});
}

Result<Answer> show_file(Call& call) {
  HUILIU_ASSIGN(Answer answer, file_shown(call, call.at("path")));
  answer.headers.clear();  // reading adds its own
  return answer;
}

Result<Answer> put_file(Call& call) {
  HUILIU_TRY(may_change_file(call, call.at("path")));
  HUILIU_TRY(run::write_file(call.hub, call.at("path"), call.body["text"].to_text(), file_expected(call),
                             call.who.actor()));
  return file_shown(call, call.at("path"));
}

Result<Answer> delete_file(Call& call) {
  HUILIU_TRY(may_change_file(call, call.at("path")));
  HUILIU_TRY(run::remove_file(call.hub, call.at("path"), file_expected(call), call.who.actor()));
  return done();
}

// --- plan, apply, history

Result<Answer> validation(Call& call) {
  const auto errors = run::validate(call.hub.options());
  Array items;
  for (const model::Error& error : errors)
    items.push_back(Object{{"where", error.where}, {"message", error.message}});
  return answer_of(Object{{"valid", errors.empty()}, {"errors", std::move(items)}});
}

std::string entity_of(const Call& call, const Value& write) {
  const mapping::Mapping* mapping = call.hub.mapping(write["connection"].to_text());
  const auto* stream = mapping == nullptr ? nullptr : mapping->stream(write["stream"].to_text());
  return stream == nullptr ? "customer" : stream->entity();
}

// The writes as the caller may see them, and not more of them than anybody reads.
Array shown_writes(Call& call, const std::vector<Value>& writes) {
  Array lines;
  for (const Value& write : writes) {
    if (lines.size() == plan_lines_most) break;
    Value line = write;
    line.as_object().set(
        "fields", call.api.policy().filtered_document(call.who, entity_of(call, write), write["fields"]));
    lines.push_back(std::move(line));
  }
  return lines;
}

Result<std::int64_t> number_of(const std::string& text) {
  const auto number = model::Number{text}.to_int64();
  if (!number || *number < 1 || std::to_string(*number) != text) return not_there("revision " + text);
  return *number;
}

Result<Answer> plan(Call& call) {
  std::int64_t revision = 0;
  if (const Value* wanted = call.body.find("revision")) {
    HUILIU_ASSIGN(revision, number_of(wanted->to_text()));
  }
  HUILIU_ASSIGN(const run::ConfigPlan plan, run::plan_change(call.hub, revision));
  Value view = run::config_plan_view(plan);
  view.as_object().set("writes", shown_writes(call, plan.writes));
  view.as_object().set("withdrawn", shown_writes(call, plan.withdrawn));
  return answer_of(std::move(view));
}

run::Signature signature(const Call& call) { return {call.who.actor(), call.body["reason"].to_text()}; }

Result<Answer> apply(Call& call) {
  HUILIU_ASSIGN(const run::Revision revision,
                run::put_in_force(call.hub, call.body["plan"].to_text(), signature(call)));
  return answer_of(run::revision_view(revision, true));
}

Result<Answer> rollback(Call& call) {
  HUILIU_ASSIGN(const std::int64_t number, number_of(call.at("revision")));
  HUILIU_ASSIGN(const run::ConfigPlan plan, run::plan_change(call.hub, number));
  for (const config::FileDifference& file : plan.files) HUILIU_TRY(may_change_file(call, file.file));
  HUILIU_ASSIGN(const run::Revision revision,
                run::roll_back(call.hub, number, call.body["plan"].to_text(), signature(call)));
  return answer_of(run::revision_view(revision, true));
}

Result<Answer> list_revisions(Call& call) {
  Array items;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    const auto current = run::current_revision(snapshot);
    const auto all = run::list_revisions(snapshot);
    for (auto revision = all.rbegin(); revision != all.rend(); ++revision)
      items.push_back(run::revision_view(*revision, current && current->number == revision->number));
    return {};
  }));
  return page_of(std::move(items), {});
}

// A revision with its texts: an export.
Result<Answer> show_revision(Call& call) {
  Answer answer;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    const auto current = run::current_revision(snapshot);
    auto wanted = current;
    if (call.at("revision") != "current") {
      HUILIU_ASSIGN(const std::int64_t number, number_of(call.at("revision")));
      wanted = run::find_revision(snapshot, number);
    }
    if (!wanted) return not_there("revision " + call.at("revision"));
    HUILIU_ASSIGN(const config::Texts texts, run::texts_of(snapshot, *wanted));
    Object files;
    for (const auto& [path, text] : texts) files.set(path, text);
    answer.body = run::revision_view(*wanted, current && current->number == wanted->number);
    answer.body.as_object().set("texts", std::move(files));
    return {};
  }));
  return answer;
}

// --- alerts

Result<Answer> list_alerts(Call& call) {
  run::AlertBook book(call.hub.config().hub.alerts);
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    run::load_book(snapshot, book);
    return {};
  }));
  Array items;
  for (const run::AlertEntry& entry : book.open())
    items.push_back(Object{{"kind", entry.alert.kind},
                           {"about", entry.alert.about},
                           {"zh", access::masked_text(entry.alert.zh)},
                           {"en", access::masked_text(entry.alert.en)},
                           {"since", run::time_text(entry.first)},
                           {"last", run::time_text(entry.last)},
                           {"told", run::time_text(entry.told)},
                           {"count", entry.count}});
  return page_of(std::move(items), {});
}

constexpr const char* file_body =
    R"({"type":"object","additionalProperties":false,"required":["text"],"properties":{
  "text":{"type":"string","maxLength":1000000}}})";
constexpr const char* plan_body = R"({"type":"object","additionalProperties":false,"properties":{
  "revision":{"type":"string","minLength":1,"maxLength":12}}})";
constexpr const char* apply_body =
    R"({"type":"object","additionalProperties":false,"required":["plan","reason"],"properties":{
  "plan":{"type":"string","minLength":1,"maxLength":40},"reason":{"type":"string","minLength":4,"maxLength":300}}})";
}  // namespace

Status may_change_file(const Call& call, const std::string& path) {
  const bool rights = path == "hub.yaml" || path.starts_with("roles/") || path.starts_with("trust/");
  if (!rights || call.api.policy().may(call.who, "users.write")) return {};
  return model::Error{ErrorClass::auth,
                      path + " decides who may do what: it takes the function users.write too", "forbidden"};
}

std::string file_expected(const Call& call) {
  std::string tag = call.request.header("If-Match");
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') tag = tag.substr(1, tag.size() - 2);
  return tag;
}

Result<Answer> file_shown(Call& call, const std::string& path) {
  HUILIU_ASSIGN(const Both both, texts(call));
  const auto found = both.there.find(path);
  if (found == both.there.end()) return not_there(path);
  Answer answer = answer_of(Object{{"path", path}, {"text", found->second}, {"in_force", same(both, path)}});
  answer.etag = run::file_fingerprint(found->second);
  answer.headers.emplace_back("ETag", "\"" + answer.etag + "\"");
  return answer;
}

std::vector<Route> configuration_routes() {
  std::vector<Route> list = {
      {"GET", "/config/files", "listConfigFiles", "Files of the configuration directory", with("config.read"),
       list_files, 200, "[]ConfigFile"},
      {"GET", "/config/files/{path}", "showConfigFile", "One, with its text; path as connections%2Ferp.yaml",
       with("config.read"), show_file, 200, "ConfigFile"},
      {"PUT", "/config/files/{path}", "writeConfigFile", "Write one; it counts once it is put in force",
       with("config.write"), put_file, 200, "ConfigFile", file_body},
      {"DELETE", "/config/files/{path}", "removeConfigFile",
       "Remove one; it counts until that is put in force", with("config.write"), delete_file, 200, "Done"},
      {"GET", "/config/validation", "validateConfig", "Everything that is wrong with the files",
       with("config.read"), validation, 200, "Validation"},
      {"POST", "/config/plans", "planConfig",
       "What the files, or an earlier revision, would change, in which data", with("config.write"), plan, 200,
       "ConfigPlan", plan_body},
      {"POST", "/config/revisions", "applyConfig", "Put the files in force, as planned", with("config.write"),
       apply, 200, "Revision", apply_body},
      {"GET", "/config/revisions", "listConfigRevisions", "What was in force, newest first",
       with("config.read"), list_revisions, 200, "[]Revision"},
      {"GET", "/config/revisions/{revision}", "showConfigRevision",
       "One with its texts; current: the one in force", with("config.read"), show_revision, 200, "Revision"},
      {"POST", "/config/revisions/{revision}/rollback", "rollBackConfig", "Back to it, as planned",
       with("config.write"), rollback, 200, "Revision", apply_body},
      {"GET", "/alerts", "listAlerts", "What needs a person now", with("connections.read"), list_alerts, 200,
       "[]Alert"},
  };
  for (Route& route : list) {
    const std::string method = route.method;
    route.matched = method == "PUT" || method == "DELETE";
  }
  return list;
}

}  // namespace huiliu::api
