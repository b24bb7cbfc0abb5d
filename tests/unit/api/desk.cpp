#include "tests/unit/api/desk.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

#include "hub/model/id.hpp"

namespace huiliu::api {

namespace fs = std::filesystem;
using model::Object;
using model::Value;

namespace {

model::SeededRandom& dice() {
  static model::SeededRandom random(7);
  return random;
}

}  // namespace

Value json_of(const HttpResponse& response) {
  auto value = model::parse_json(response.body);
  if (!value.ok()) ADD_FAILURE() << value.error().text() << ": " << response.body;
  return value.ok() ? std::move(*value) : Value();
}

Desk::Desk(ApiOptions options) {
  std::string name = (fs::temp_directory_path() / "huiliu-desk-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
  directory_ = name;
  fs::create_directories(directory_ / "config");
  std::ofstream(directory_ / "config/hub.yaml") << "listen: {port: 0}\n";
  run::HubOptions hub;
  hub.store = "sqlite:" + (directory_ / "hub.db").string();
  hub.config = (directory_ / "config").string();
  hub.shipped = std::string(HUILIU_SOURCE_DIR) + "/config";
  auto opened = run::Hub::open(hub);
  if (!opened.ok()) ADD_FAILURE() << opened.error().text();
  hub_ = std::move(*opened);
  api_ = std::make_unique<Api>(*hub_, options);
  plant();
}

Desk::~Desk() {
  api_.reset();
  hub_.reset();
  std::error_code ignored;  // a left-over temporary directory is no failure
  fs::remove_all(directory_, ignored);
}

std::string Desk::save(const std::string& entity_name, const std::map<std::string, Value>& fields) {
  const model::Entity* entity = hub_->config().schema.find(entity_name);
  sync::Golden golden;
  golden.id = model::make_id(entity->id_prefix, now(), dice());
  golden.entity = entity_name;
  golden.created = golden.changed = now();
  for (const auto& [field_name, value] : fields) {
    const model::FieldIndex index = entity->index_of(field_name);
    if (index == model::no_field) ADD_FAILURE() << field_name;
    golden.fields[index].value = {model::Presence::value, value, value.to_text()};
    golden.fields[index].from = {"erp", "customers", "C1"};
    golden.fields[index].rule = "authority";
  }
  const model::Status saved = hub_->store().write([&](store::Transaction& transaction) -> model::Status {
    transaction.save(golden);
    for (const auto& [index, field] : golden.fields) {
      sync::HistoryEntry entry;
      entry.golden = golden.id;
      entry.entity = entity_name;
      entry.field = entity->fields[index].name;
      entry.version = 1;
      entry.value = field.value;
      entry.from = field.from;
      entry.recorded = now();
      transaction.add_history(entry);
    }
    return {};
  });
  if (!saved.ok()) ADD_FAILURE() << saved.error().text();
  return golden.id;
}

void Desk::plant() {
  my_canary = {"苏晓岚", "13800137654", "xiaolan.su@canary-mine.com", "91330106MA27XH4T0A",
               "6222021202041701234"};
  others_canary = {"冯致远", "13911239876", "zhiyuan.feng@canary-other.com", "91310115MA1K4C7B3X",
                   "6217001180009876543"};
  me = save("employee", {{"name", "王敏"}, {"job_number", "E1001"}, {"department", "华东一部"}});
  colleague = save("employee", {{"name", "李强"}, {"job_number", "E1002"}, {"department", "华东一部"}});
  stranger = save("employee", {{"name", "赵云"}, {"job_number", "E2001"}, {"department", "华南部"}});
  const auto customer = [&](const std::string& title, const std::string& owner, const std::string& department,
                            const Canary& canary) {
    return save("customer", {{"names.legal", title},
                             {"owner", owner},
                             {"sales_department", department},
                             {"phones[switchboard]", canary.phone},
                             {"emails[general]", canary.email},
                             {"identifiers.tax", canary.tax},
                             {"legal_person", canary.name},
                             {"invoice", Object{{"title", title}, {"account", canary.bank}}}});
  };
  mine = customer("上海汇流机械有限公司", me, "华东一部", my_canary);
  Canary third{"韩立", "13700131111", "han.li@canary-third.com", "91440300MA5DQ2Y34P", "6228480402564890018"};
  colleagues = customer("苏州蓝海阀门有限公司", colleague, "华东一部", third);
  others = customer("深圳南山精密仪器有限公司", stranger, "华南部", others_canary);
  my_contact =
      save("contact", {{"name", my_canary.name}, {"phones[mobile]", my_canary.phone}, {"employer", mine}});
  others_contact =
      save("contact",
           {{"name", others_canary.name}, {"phones[mobile]", others_canary.phone}, {"employer", others}});
  review = model::make_id("rev", now(), dice());
  conflict = model::make_id("rev", now(), dice());
  letter = model::make_id("dlt", now(), dice());
  const model::Status saved = hub_->store().write([&](store::Transaction& transaction) -> model::Status {
    sync::Review asked;
    asked.id = review;
    asked.kind = sync::ReviewKind::change;
    asked.golden = others;
    asked.field = "phones[switchboard]";
    asked.connection = "crm";
    asked.subject = "深圳南山精密仪器有限公司: phones[switchboard]";
    asked.choices = {"approve", "refuse"};
    asked.evidence =
        Object{{"from", others_canary.phone}, {"to", "13911230000"}, {"note", "请打 " + others_canary.phone}};
    asked.opened = now();
    transaction.save(asked);
    asked.id = conflict;
    asked.kind = sync::ReviewKind::conflict;
    asked.evidence =
        Object{{"base", others_canary.phone},
               {"values", model::Array{Object{{"connection", "crm"}, {"value", others_canary.phone}}}},
               {"rule", "latest"},
               {"winner", others_canary.phone}};
    transaction.save(asked);
    store::Parked parked;
    parked.id = letter;
    parked.connection = "crm";
    parked.stream = "customers";
    parked.key = "77";
    parked.cause = "bad_record";
    parked.message = "the phone " + others_canary.phone + " does not fit";
    parked.raw = model::to_json(Object{{"name", others_canary.name}, {"tel", others_canary.phone}});
    parked.state = store::ParkedState::dead;
    parked.opened = parked.tried = now();
    transaction.park(parked);
    return {};
  });
  if (!saved.ok()) ADD_FAILURE() << saved.error().text();
}

void Desk::add_user(const std::string& name, const std::set<std::string>& roles, const std::string& password,
                    const std::string& employee) {
  const auto code = hub_->accounts().add({name, name, employee, roles}, "test", now());
  ASSERT_TRUE(code.ok()) << code.error().text();
  if (password.empty()) return;
  const auto set = hub_->accounts().use_setup_code(name, *code, password, "10.0.0.1", now());
  ASSERT_TRUE(set.ok()) << set.error().text();
}

const std::string& Desk::token(const std::string& role) {
  const auto [found, fresh] = tokens_.try_emplace(role);
  if (!fresh) return found->second;
  add_user("u-" + role, {role}, "", role == "sales" || role == "sales_manager" ? "E1001" : "");
  std::set<std::string> functions;
  for (const std::string_view function : config::functions()) functions.emplace(function);
  const auto issued =
      hub_->accounts().issue({"test", "u-" + role, functions, now() + 3600 * model::second}, "test", now());
  if (!issued.ok()) ADD_FAILURE() << issued.error().text();
  return found->second = issued->secret;
}

std::string Desk::log_in(const std::string& user, const std::string& password, const std::string& code) {
  const HttpResponse response =
      call("POST", "/api/v1/session", "",
           model::to_json(Object{{"user", user}, {"password", password}, {"code", code}}));
  EXPECT_EQ(response.status, 200) << response.body;
  const std::string cookie = header(response, "Set-Cookie");
  const std::size_t equals = cookie.find('=');
  return cookie.substr(equals + 1, cookie.find(';') - equals - 1);
}

HttpResponse Desk::call(const std::string& method, const std::string& target, const std::string& token,
                        const std::string& body, std::vector<std::pair<std::string, std::string>> headers,
                        const std::string& peer) {
  HttpRequest request{method, target, std::move(headers), body, peer, false};
  request.headers.emplace_back("Host", "hub.example");
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  if (!body.empty() && request.header("Content-Type").empty())
    request.headers.emplace_back("Content-Type", "application/json");
  return api_->handle(request);
}

HttpResponse Desk::browse(const std::string& method, const std::string& target, const std::string& session,
                          const std::string& body, const std::string& origin) {
  std::vector<std::pair<std::string, std::string>> headers = {{"Cookie", "__Host-huiliu=" + session},
                                                              {"X-Huiliu-Request", "1"}};
  if (!origin.empty()) headers.emplace_back("Origin", origin);
  return call(method, target, "", body, std::move(headers));
}

std::string Desk::header(const HttpResponse& response, const std::string& name) {
  for (const auto& [found, value] : response.headers)
    if (found == name) return value;
  return {};
}

}  // namespace huiliu::api
