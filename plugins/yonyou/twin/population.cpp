// Where the twin's records come from: a generated world, files, and people at the control surface.
#include <algorithm>

#include "plugins/yonyou/src/beijing_time.hpp"
#include "plugins/yonyou/src/json_read.hpp"
#include "plugins/yonyou/src/mobile.hpp"
#include "plugins/yonyou/twin/account.hpp"
#include "plugins/yonyou/twin/yonyou_twin.hpp"

namespace yonyou_twin {
namespace {

using huiliu::twin::Origin;
using huiliu::twin::Record;
using huiliu::twin::SystemContact;
using huiliu::twin::SystemCustomer;
using huiliu::twin::TwinError;
using huiliu::twin::VendorEntry;
using huiliu::twin::World;

constexpr std::int64_t first_customer = 1706047321700000000, first_contact = 1706047400000000000,
                       first_employee = 1706047310000000000, first_order = 1706047500000000000;
constexpr std::string_view customer_classes[][2] = {
    {"01", "阀门经销商"}, {"02", "终端用户"}, {"03", "海外客户"}};

struct Currency {
  std::string_view code, name;
};
constexpr Currency currencies[] = {{"CNY", "人民币"}, {"HKD", "港币"}, {"EUR", "欧元"}, {"JPY", "日元"},
                                   {"TWD", "新台币"}, {"GBP", "英镑"}, {"USD", "美元"}};

std::string_view currency_name(std::string_view code) {
  for (const Currency& currency : currencies)
    if (currency.code == code) return currency.name;
  return "人民币";
}

std::string local_text(std::int64_t unix_ms) { return yonyou::beijing_text(unix_ms / 1000); }

void put(json::object& body, std::string_view name, std::string_view text) {
  if (!text.empty()) body[name] = text;
}

json::object named(std::string_view name) { return {{"simplifiedName", name}}; }

std::string joined_address(const SystemCustomer& customer) {
  std::string joined;
  for (const std::string_view part :
       {customer.province, customer.city, customer.county, std::string_view(customer.address)})
    joined += part;
  return joined;
}

std::int64_t organisation_id(std::string_view code) {
  for (const Organisation& organisation : own_organisations)
    if (organisation.code == code) return organisation.id;
  return own_organisations[1].id;
}

json::object principal(const World& world, std::uint32_t owner, std::int64_t id) {
  return {{"id", id},
          {"professSalesmanCode", world.employees[owner].number},
          {"professSalesmanName", world.employees[owner].name},
          {"isDefault", true}};
}

json::object customer_file(const World& world, const SystemCustomer& customer) {
  const std::int64_t id = first_customer + customer.ordinal;
  const std::string_view org =
      customer.parts.empty() ? managing_organisation : customer.parts.front().organisation;
  const std::int64_t org_id = organisation_id(org);
  json::object file{{"id", id}, {"code", customer.number}, {"name", named(customer.name)}};
  if (!customer.short_name.empty()) file["shortname"] = named(customer.short_name);
  file["createOrgId"] = org_id;
  file["createOrgCode"] = org;
  file["enterpriseNature"] = customer.kind == huiliu::twin::CompanyKind::sole_trader ? 2 : 0;
  file[customer.kind == huiliu::twin::CompanyKind::sole_trader ? "orgName" : "enterpriseName"] =
      customer.name;
  file["customerClassCode"] =
      customer.country == "CN" ? customer_classes[customer.ordinal % 2][0] : customer_classes[2][0];
  put(file, "countryCode", customer.country);
  if (!customer.credit_code.empty()) {
    file["licenseType"] = 0;
    file["creditCode"] = customer.credit_code;
  }
  put(file, "contactTel", customer.phone);
  put(file, "fax", customer.fax);
  put(file, "email", customer.email);
  put(file, "website", customer.website);
  if (const std::string address = joined_address(customer); !address.empty())
    file["address"] = named(address);
  // Where the credit code is known, nobody typed it a second time as a tax number.
  if (!customer.tax_number.empty() && customer.credit_code.empty())
    file["merchantAgentInvoiceInfos"] = json::array{json::object{{"id", id + 1'000'000'000},
                                                                 {"title", customer.name},
                                                                 {"taxNo", customer.tax_number},
                                                                 {"isDefault", true}}};
  json::array ranges;
  json::object details;
  bool disabled = customer.disabled;
  for (const auto& part : customer.parts) {
    const std::int64_t part_id = organisation_id(part.organisation);
    ranges.push_back(json::object{{"id", id + 2'000'000'000 + static_cast<std::int64_t>(ranges.size())},
                                  {"orgId", part_id},
                                  {"orgIdCode", part.organisation}});
    json::object detail{{"transactionCurrencyName", currency_name(customer.currency)},
                        {"collectionAgreementName", part.terms},
                        {"stopStatus", disabled || part.disabled}};
    if (&part == &customer.parts.front())
      disabled = disabled || part.disabled;
    else if (part.owner != huiliu::twin::kNone)
      detail["principals"] = json::array{principal(world, part.owner, id + 3'000'000'001)};
    details[std::to_string(part_id)] = std::move(detail);
  }
  if (customer.parts.empty()) {
    ranges.push_back(json::object{{"id", id + 2'000'000'000}, {"orgId", org_id}, {"orgIdCode", org}});
    details[std::to_string(org_id)] = json::object{{"stopStatus", disabled}};
  }
  file["merchantApplyRanges"] = std::move(ranges);
  file["appliedDetails"] = std::move(details);
  if (customer.owner != huiliu::twin::kNone)
    file["principals"] = json::array{principal(world, customer.owner, id + 3'000'000'000)};
  file["stopStatus"] = disabled;
  file["createTime"] = local_text(customer.created_ms);
  file["modifyTime"] = file["pubts"] = local_text(customer.modified_ms);
  return file;
}

json::object contact_body(const SystemContact& contact, std::size_t place, bool is_default) {
  json::object body{
      {"id", first_contact + contact.ordinal * std::int64_t{100} + static_cast<std::int64_t>(place)},
      {"merchantId", first_customer + contact.customers[place] + 1},
      {"fullName", named(contact.name)}};
  put(body, "areaCodeMobile", yonyou::area_code_mobile(contact.mobile));
  put(body, "telePhone", contact.phone);
  put(body, "email", contact.email);
  put(body, "positionName", contact.position);
  put(body, "contactDepartment", contact.department);
  if (!contact.gender.empty()) body["gender"] = contact.gender == "女" ? 2 : 1;
  body["isDefault"] = is_default;
  return body;
}

}  // namespace

std::string customer_key(const SystemCustomer& customer) {
  return std::to_string(first_customer + customer.ordinal);
}

std::string contact_key(const SystemContact& contact, std::size_t place) {
  return std::to_string(first_customer + contact.customers[place] + 1) + "-" +
         std::to_string(first_contact + contact.ordinal * std::int64_t{100} +
                        static_cast<std::int64_t>(place));
}

std::string YonyouTwin::key_of(std::string_view stream, const json::object& body) const {
  if (stream == "contacts") {
    const std::string customer = text_of(body, "merchantId"), contact = text_of(body, "id");
    if (customer.empty() || contact.empty())
      throw TwinError(400, "no_key", "a contact needs id and merchantId");
    return customer + "-" + contact;
  }
  const bool by_code = stream == "employees" || stream == "organizations" || stream == "customer_classes";
  std::string key = text_of(body, by_code ? "code" : "id");
  if (key.empty())
    throw TwinError(400, "no_key", "the record has no " + std::string(by_code ? "code" : "id"));
  return key;
}

void YonyouTwin::add_directory(const World& world) {
  std::map<std::string, std::int64_t> departments;
  std::int64_t next = 1706047305000000001;
  for (const auto& employee : world.employees) departments.try_emplace(employee.department, next++);
  store().create("departments", "1706047305000000000",
                 {{"id", 1706047305000000000}, {"code", "YQFM"}, {"name", "云桥阀门有限公司"}}, Origin::load);
  for (const auto& [name, id] : departments)
    store().create("departments", std::to_string(id),
                   {{"id", id},
                    {"code", "D" + std::to_string(id % 1000)},
                    {"name", name},
                    {"parentId", 1706047305000000000}},
                   Origin::load);
  std::int64_t ordinal = 0;
  for (const auto& employee : world.employees)
    store().create("employees", employee.number,
                   {{"id", first_employee + ++ordinal},
                    {"code", employee.number},
                    {"name", employee.name},
                    {"mobile", employee.mobile},
                    {"email", employee.email},
                    {"deptId", departments.at(employee.department)},
                    {"enable", employee.active ? 1 : 2},
                    {"pubts", local_text(world.options.now_ms - 86'400'000)}},
                   Origin::load);
}

void YonyouTwin::add_bills(const World& world) {
  for (const SystemCustomer& customer : world.system("yonyou").customers) {
    const std::uint32_t orders = std::min<std::uint32_t>(customer.orders, 3);
    for (std::uint32_t i = 0; i < orders; ++i) {
      const std::int64_t id = first_order + customer.ordinal * std::int64_t{10} + i;
      const std::int64_t customer_id = first_customer + customer.ordinal;
      const std::string at = local_text(customer.modified_ms + i * std::int64_t{1000}),
                        day = at.substr(0, 10);
      const std::string suffix = customer.number + "-" + std::to_string(i + 1);
      store().create("orders", std::to_string(id),
                     {{"id", id},
                      {"code", "XSDD-" + suffix},
                      {"vouchdate", day},
                      {"agentId", customer_id},
                      {"agentId_name", customer.name},
                      {"salesOrgId", own_organisations[1].id},
                      {"payMoney", 1000 * (i + 1)},
                      {"nextStatus", i == 0 ? "ENDORDER" : "DELIVERGOODS"},
                      {"pubts", at}},
                     Origin::load);
      store().create("receivables", std::to_string(id + 1'000'000'000),
                     {{"id", id + 1'000'000'000},
                      {"code", "YS-" + suffix},
                      {"billDate", day},
                      {"bodyItemCustomer", customer_id},
                      {"financeOrg", own_organisations[1].id},
                      {"bodyItemOriTaxIncludedAmount", 1000 * (i + 1)},
                      {"writeOffState", i == 0 ? 1 : 2},
                      {"verifyState", 2},
                      {"pubts", at}},
                     Origin::load);
      if (i != 0) continue;
      store().create("receipts", std::to_string(id + 2'000'000'000),
                     {{"id", id + 2'000'000'000},
                      {"code", "SK-" + suffix},
                      {"billDate", day},
                      {"bodyItemCustomer", customer_id},
                      {"financeOrg", own_organisations[1].id},
                      {"bodyItemLocalTaxIncludedAmount", 1000},
                      {"verifyState", 2},
                      {"pubts", at}},
                     Origin::load);
    }
  }
}

void YonyouTwin::populate(const World& world) {
  for (const auto& [code, name] : customer_classes)
    store().create("customer_classes", std::string(code),
                   {{"id", 1706047303000000000 + std::strtoll(std::string(code).c_str(), nullptr, 10)},
                    {"code", code},
                    {"name", named(name)},
                    {"isEnabled", true}},
                   Origin::load);
  add_directory(world);
  const huiliu::twin::SystemData& data = world.system("yonyou");
  for (const SystemCustomer& customer : data.customers)
    store().create("customers", customer_key(customer), customer_file(world, customer), Origin::load);
  for (const SystemContact& contact : data.contacts)
    for (std::size_t place = 0; place < contact.customers.size(); ++place) {
      const std::string customer = customer_key(data.customers[contact.customers[place]]);
      const std::string key = contact_key(contact, place);
      store().create("contacts", key, contact_body(contact, place, files_.contacts_of(customer).empty()),
                     Origin::load);
      files_.index_contact(customer, key);
    }
  add_bills(world);
}

// A file may bring customers as the detail shows them, with their contacts, or contacts apart.
void YonyouTwin::load(std::string_view stream, json::object body) {
  if (const json::value* id = body.if_contains("id"))
    if (const std::int64_t number = std::strtoll(text_of(body, "id").c_str(), nullptr, 10); number > 0) {
      files_.saw_id(number);
      if (id->is_string()) body["id"] = number;
    }
  if (stream == "contacts") {
    if (text_of(body, "merchantId").empty()) {
      const Record customer = files_.find(body, "merchantId", "merchantCode");
      if (customer != nullptr) body["merchantId"] = customer->at("id");
    }
    const std::string key = key_of(stream, body), customer = text_of(body, "merchantId");
    if (!body.contains("isDefault")) body["isDefault"] = files_.contacts_of(customer).empty();
    body.erase("merchantCode");
    store().create("contacts", key, std::move(body), Origin::load);
    return files_.index_contact(customer, key);
  }
  const std::string key = key_of(stream, body);
  if (stream != "customers") {
    if (store().find(stream, key)) store().remove(stream, key, Origin::load);
    store().create(stream, key, std::move(body), Origin::load);
    return;
  }
  std::string org = text_of(body, "createOrgCode");
  std::int64_t org_id = number_of(body, "createOrgId");
  if (org.empty() && org_id > 0) org = files_.org_code(org_id);
  if (org.empty()) org = managing_organisation;
  if (files_.org_id(org) == 0) {  // an organisation that only a record names
    const std::int64_t id = org_id > 0 ? org_id : files_.next_id();
    store().create("organizations", org,
                   {{"id", id},
                    {"code", org},
                    {"name", json::object{{"zh_CN", org}}},
                    {"enable", 1},
                    {"dr", 0},
                    {"pubts", "2020-01-01 00:00:00"}},
                   Origin::load);
  }
  org_id = files_.org_id(org);
  body["createOrgCode"] = org;
  body["createOrgId"] = org_id;
  if (const json::value* name = body.if_contains("name"); name != nullptr && name->is_string())
    body["name"] = named(name->get_string());
  if (!body.contains("enterpriseNature")) body["enterpriseNature"] = 0;
  if (!body.contains("enterpriseName") && text_of(body, "enterpriseNature") == "0")
    body["enterpriseName"] = yonyou::chinese_of(body.at("name"));
  if (!body.contains("stopStatus")) body["stopStatus"] = false;
  for (const std::string_view name : {"pubts", "modifyTime", "createTime"})
    if (text_of(body, name).empty()) {
      std::string other = text_of(body, name == "pubts" ? "modifyTime" : "pubts");
      body[name] = other.empty() ? files_.now_text() : other;
    }
  if (!body.contains("appliedDetails")) {
    json::object details;
    json::object first{{"stopStatus", flag_of(body, "stopStatus")}};
    if (const json::value* given = body.if_contains("merchantAppliedDetail");
        given != nullptr && given->is_object())
      for (const auto& member : given->get_object()) first[member.key()] = member.value();
    details[std::to_string(org_id)] = std::move(first);
    json::array ranges{json::object{{"id", files_.next_id()}, {"orgId", org_id}, {"orgIdCode", org}}};
    if (const json::value* given = body.if_contains("merchantApplyRanges");
        given != nullptr && given->is_array())
      for (const json::value& range : given->get_array()) {
        const std::string code = range.is_object() ? text_of(range.get_object(), "orgIdCode") : "";
        const std::int64_t id = files_.org_id(code);
        if (id == 0 || id == org_id) continue;
        details[std::to_string(id)] = json::object{{"stopStatus", false}};
        ranges.push_back(json::object{{"id", files_.next_id()}, {"orgId", id}, {"orgIdCode", code}});
      }
    body["merchantApplyRanges"] = std::move(ranges);
    body["appliedDetails"] = std::move(details);
  }
  for (const std::string_view name :
       {"merchantAppliedDetail", "belongOrgId", "belongOrgCode", "organisations", "defaults"})
    body.erase(name);
  json::array contacts;
  if (const json::value* list = body.if_contains("merchantContactInfos"); list != nullptr && list->is_array())
    contacts = list->get_array();
  body.erase("merchantContactInfos");
  store().create("customers", key, std::move(body), Origin::load);
  for (json::value& contact : contacts) {
    if (!contact.is_object()) continue;
    contact.as_object()["merchantId"] = std::strtoll(key.c_str(), nullptr, 10);
    if (text_of(contact.get_object(), "id").empty()) contact.as_object()["id"] = files_.next_id();
    load("contacts", std::move(contact.as_object()));
  }
}

// ---- people
// ----------------------------------------------------------------------------------------------------------

namespace {

/// "name.simplifiedName" sets one language; a text for a multi-language member sets the Chinese one.
void type_field(json::object& body, std::string_view path, const json::value& value) {
  const std::size_t dot = path.find('.');
  if (dot != std::string_view::npos) {
    json::value& inner = body[path.substr(0, dot)];
    if (!inner.is_object()) inner = json::object();
    return type_field(inner.as_object(), path.substr(dot + 1), value);
  }
  if (json::value* now = body.if_contains(path); now != nullptr && now->is_object() && value.is_string()) {
    now->as_object()["simplifiedName"] = value;
    return;
  }
  if (value.is_null())
    body.erase(path);
  else
    body[path] = value;
}

}  // namespace

void YonyouTwin::edit(std::string_view stream, std::string_view key, const json::object& fields,
                      std::string_view as) {
  std::vector<std::string> names;
  for (const auto& member : fields) names.emplace_back(member.key());
  const bool dated = stream != "contacts";
  const std::string now = files_.now_text();
  store().update(
      stream, key,
      [&](json::object& body) {
        for (const auto& member : fields) type_field(body, member.key(), member.value());
        if (stream == "customers") {
          if (fields.contains("stopStatus"))
            for (auto& detail : body["appliedDetails"].as_object())
              detail.value().as_object()["stopStatus"] = fields.at("stopStatus");
          if (fields.contains("name") || fields.contains("name.simplifiedName"))
            body[text_of(body, "enterpriseNature") == "0" ? "enterpriseName" : "orgName"] =
                yonyou::chinese_of(body.at("name"));
          body["modifyTime"] = now;
        }
        if (dated) body["pubts"] = now;
      },
      names, Origin::person, as);
  if (stream == "contacts")
    files_.touch(text_of(*store().get(stream, key), "merchantId"), rules_.child_moves_pubts);
}

std::string YonyouTwin::create(std::string_view stream, json::object fields, std::string_view as) {
  json::object body;
  for (const auto& member : fields) type_field(body, member.key(), member.value());
  if (text_of(body, "id").empty()) body["id"] = files_.next_id();
  const std::string now = files_.now_text();
  if (stream == "contacts") {
    const std::string customer = text_of(body, "merchantId");
    store().get("customers", customer);  // throws when it is not there
    if (body.contains("fullName") && body["fullName"].is_string())
      body["fullName"] = named(body["fullName"].get_string());
    body["merchantId"] = std::strtoll(customer.c_str(), nullptr, 10);
    if (!body.contains("isDefault")) body["isDefault"] = files_.contacts_of(customer).empty();
    const std::string key = key_of(stream, body);
    files_.index_contact(customer, key);
    store().create(stream, key, std::move(body), Origin::person, as);
    files_.touch(customer, rules_.child_moves_pubts);
    return key;
  }
  if (stream != "customers") {
    body["pubts"] = now;
    const std::string key = key_of(stream, body);
    store().create(stream, key, std::move(body), Origin::person, as);
    return key;
  }
  const std::string key = text_of(body, "id");
  if (text_of(body, "code").empty()) body["code"] = "V" + std::to_string(files_.next_id() % 1'000'000);
  load("customers", std::move(body));
  // Loaded in silence; a person's creation is counted and announced.
  const Record file = store().get("customers", key);
  json::object whole = *file;
  store().remove("customers", key, Origin::load);
  store().create("customers", key, std::move(whole), Origin::person, as);
  return key;
}

void YonyouTwin::remove(std::string_view stream, std::string_view key, std::string_view as) {
  if (stream == "customers")
    for (const std::string& contact : files_.contacts_of(std::string(key))) {
      store().remove("contacts", contact, Origin::load);
      files_.drop_contact(std::string(key), contact);
    }
  std::string customer;
  if (stream == "contacts") {
    customer = text_of(*store().get(stream, key), "merchantId");
    files_.drop_contact(customer, std::string(key));
  }
  store().remove(stream, key, Origin::person, as);
  if (!customer.empty()) files_.touch(customer, rules_.child_moves_pubts);
}

}  // namespace yonyou_twin

namespace huiliu::twin::vendors {

VendorEntry yonyou() {
  return {"yonyou", "yonyou",
          [](const TwinOptions& options) -> std::unique_ptr<Twin> {
            return std::make_unique<yonyou_twin::YonyouTwin>(options);
          },
          [](const SystemCustomer& customer) -> std::vector<RecordName> {
            return {{"customers", yonyou_twin::customer_key(customer)}};
          },
          // A person who acts for several customers is a contact of each.
          [](const SystemContact& contact) -> std::vector<RecordName> {
            std::vector<RecordName> names;
            for (std::size_t place = 0; place < contact.customers.size(); ++place)
              names.push_back({"contacts", yonyou_twin::contact_key(contact, place)});
            return names;
          }};
}

}  // namespace huiliu::twin::vendors
