// Where the twin's records come from: a generated world, files, and people at the control surface.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>

#include "plugins/kingdee/twin/kingdee_twin.hpp"

namespace kingdee_twin {
namespace {

namespace json = boost::json;
using huiliu::twin::Approval;
using huiliu::twin::HttpRequest;
using huiliu::twin::HttpResponse;
using huiliu::twin::SystemContact;
using huiliu::twin::SystemCustomer;
using huiliu::twin::TwinError;
using huiliu::twin::World;

constexpr std::int64_t first_customer = 100'000, first_copy = 4'000'000, first_contact = 100'000,
                       first_bill = 300'000, first_credit_file = 400'000;
constexpr std::uint32_t customers_with_bills = 2'000;  // enough to show them; a large world stays light

struct CurrencyRow {
  std::int64_t id;
  std::string_view number, name, code;
};
constexpr CurrencyRow currencies[] = {{1, "PRE001", "人民币", "CNY"},   {2, "PRE002", "香港元", "HKD"},
                                      {3, "PRE003", "欧元", "EUR"},     {4, "PRE004", "日本日圆", "JPY"},
                                      {5, "PRE005", "新台币元", "TWD"}, {6, "PRE006", "英镑", "GBP"},
                                      {7, "PRE007", "美元", "USD"}};

std::string currency_number(std::string_view code) {
  for (const CurrencyRow& row : currencies)
    if (row.code == code) return std::string(row.number);
  return "PRE001";
}

void put(json::object& row, std::string_view key, std::string_view text) {
  if (!text.empty()) row[key] = text;
}
void refer(json::object& row, std::string_view key, std::string_view number) {
  if (!number.empty()) row[key] = json::object{{"FNumber", number}};
}

std::string joined_address(const SystemCustomer& customer) {
  std::string joined;
  for (const std::string_view part : {std::string_view(customer.province), std::string_view(customer.city),
                                      std::string_view(customer.county), std::string_view(customer.address)})
    joined += part;
  return joined;
}

json::object named(std::string_view name) { return {{"FName", name}}; }

void set_life_cycle(json::object& row, Approval approval, std::int64_t created_ms, std::int64_t modified_ms) {
  const std::string created = Site::local_text(created_ms);
  row["FCreateDate"] = created;
  row["FCreatorId"] = named("李会计");
  row["FForbidStatus"] = "A";
  // A record that was never edited has no date of change.
  if (modified_ms > created_ms) {
    row["FModifyDate"] = Site::local_text(modified_ms);
    row["FModifierId"] = named("李会计");
  }
  row["FDocumentStatus"] = approval == Approval::approved ? "C" : approval == Approval::pending ? "B" : "Z";
  if (approval == Approval::approved) {
    row["FApproverId"] = named("李会计");
    row["FApproveDate"] = Site::local_text(created_ms + 3'600'000);
  }
}

json::object customer_row(const World& world, const SystemCustomer& customer, std::size_t part) {
  json::object row;
  row["FCUSTID"] = std::stoll(customer_key(customer, part));
  row["FMasterId"] = std::stoll(customer_key(customer, 0));
  const bool has_parts = !customer.parts.empty();
  refer(row, "FCreateOrgId", has_parts ? std::string_view(customer.parts.front().organisation) : "100");
  refer(row, "FUseOrgId", has_parts ? std::string_view(customer.parts[part].organisation) : "100");
  put(row, "FNumber", customer.number);
  put(row, "FName", customer.name);
  put(row, "FShortName", customer.short_name);
  put(row, "FSOCIALCRECODE", customer.credit_code);
  put(row, "FTAXREGISTERCODE", customer.tax_number);
  put(row, "FTEL", customer.phone);
  put(row, "FFAX", customer.fax);
  put(row, "FWEBSITE", customer.website);
  put(row, "FADDRESS", joined_address(customer));
  put(row, "FDomains", customer.industry);
  put(row, "FPriority", customer.level);
  put(row, "FDescription", customer.remark);
  if (!customer.credit_code.empty()) {  // who gets invoices has an invoice profile
    const std::string ordinal = std::to_string(customer.ordinal);
    put(row, "FINVOICETITLE", customer.name);
    put(row, "FINVOICEADDRESS", joined_address(customer));
    put(row, "FINVOICETEL", customer.phone);
    put(row, "FINVOICEBANKNAME",
        customer.city.empty() ? "" : "云桥银行" + std::string(customer.city) + "分行");
    put(row, "FINVOICEBANKACCOUNT",
        "6200" + std::string(ordinal.size() < 8 ? 8 - ordinal.size() : 0, '0') + ordinal);
  }
  refer(row, "FCOUNTRY", customer.country);
  refer(row, "FCustTypeId", "KHLB001_SYS");
  refer(row, "FTRADINGCURRID", currency_number(customer.currency));
  std::uint32_t owner = customer.owner;
  bool disabled = customer.disabled;
  if (has_parts) {
    const auto& own = customer.parts[part];
    if (own.owner != huiliu::twin::kNone) owner = own.owner;
    disabled = disabled || own.disabled;
    if (!own.terms.empty())
      row["FRECCONDITIONID"] = json::object{{"FNumber", own.terms}, {"FName", own.terms}};
    if (own.credit_limit > 0) row["FISCREDITCHECK"] = true;
  }
  if (owner != huiliu::twin::kNone) refer(row, "FSELLER", world.employees[owner].number);
  if (customer.orders > 0) row["FIsTrade"] = true;
  set_life_cycle(row, customer.approval, customer.created_ms, customer.modified_ms);
  if (disabled) {
    row["FForbidStatus"] = "B";
    row["FForbidDate"] = Site::local_text(customer.modified_ms);
  }
  return row;
}

std::string alias_of(std::string_view stream) {
  if (stream == "organisations") return "organizations";
  return std::string(stream);
}

}  // namespace

std::string customer_key(const SystemCustomer& customer, std::size_t part) {
  if (part == 0) return std::to_string(first_customer + customer.ordinal);
  return std::to_string(first_copy + customer.ordinal * 8 + static_cast<std::int64_t>(part));
}

std::string contact_key(const SystemContact& contact) {
  return std::to_string(first_contact + contact.ordinal);
}

KingdeeTwin::KingdeeTwin(huiliu::twin::TwinOptions options)
    : Twin(std::move(options)),
      site_(store(), clock()),
      sessions_(Account{}),
      product_(site_, sessions_.account().user_name) {
  store().set_hooks({}, [this](const Change& change, const Record& now) { site_.follow(change, now); });
  add_code_tables();
}

void KingdeeTwin::add_code_tables() {
  for (const CurrencyRow& row : currencies)
    store().create(
        "currencies", std::to_string(row.id),
        {{"FCURRENCYID", row.id}, {"FNumber", row.number}, {"FName", row.name}, {"FCODE", row.code}},
        Origin::load);
}

const FormDef& KingdeeTwin::form_for(std::string_view stream) const {
  const FormDef* form = form_by_stream(alias_of(stream));
  if (form == nullptr) throw TwinError(404, "no_stream", "no stream " + std::string(stream));
  return *form;
}

std::string KingdeeTwin::key_of(std::string_view stream, const json::object& body) const {
  const FormDef& form = form_for(stream);
  const std::int64_t id = id_of(body, form.id);
  if (id <= 0)
    throw TwinError(400, "no_key", "a record of " + std::string(stream) + " has no " + std::string(form.id));
  return std::to_string(id);
}

json::object KingdeeTwin::settings(const std::map<std::string, std::string>& urls) const {
  const Account& account = sessions_.account();
  return {{"base_url", urls.at("url") + "/k3cloud/"},
          {"acct_id", account.acct_id},
          {"user_name", account.user_name},
          {"app_id", account.app_id},
          {"app_secret", account.app_secret},
          {"org_num", "100"},
          {"time_zone", "Asia/Shanghai"}};
}

void KingdeeTwin::populate(const World& world) {
  std::int64_t id = 100'010;
  for (const auto& organisation : world.organisations) {
    store().create("organizations", std::to_string(id),
                   {{"FOrgID", id},
                    {"FNumber", organisation.number},
                    {"FName", organisation.name},
                    {"FOrgFormID", "Company"},
                    {"FForbidStatus", "A"},
                    {"FCreateDate", "2015-01-01T09:00:00"}},
                   Origin::load);
    ++id;
  }
  std::map<std::string, std::string> departments;  // name → its organisation
  for (const auto& employee : world.employees)
    if (!employee.department.empty()) departments.emplace(employee.department, employee.organisation);
  std::int64_t department_id = 110'000;
  for (const auto& [name, organisation] : departments) {
    ++department_id;
    store().create("departments", std::to_string(department_id),
                   {{"FDEPTID", department_id},
                    {"FNumber", "BM" + std::to_string(department_id % 1000)},
                    {"FName", name},
                    {"FUseOrgId", json::object{{"FNumber", organisation}}},
                    {"FDocumentStatus", "C"},
                    {"FForbidStatus", "A"},
                    {"FCreateDate", "2016-01-01T09:00:00"}},
                   Origin::load);
  }
  id = 100'000;
  for (const auto& employee : world.employees) {
    json::object row{{"FID", ++id},
                     {"FNumber", employee.number},
                     {"FStaffNumber", employee.number},
                     {"FName", employee.name},
                     {"FForbidStatus", employee.active ? "A" : "B"},
                     {"FDocumentStatus", "C"},
                     {"FCreateDate", "2018-03-01T09:00:00"}};
    put(row, "FMobile", employee.mobile);
    put(row, "FEmail", employee.email);
    if (!employee.department.empty())
      row["FPostDept"] = json::object{{"FNumber", employee.department}, {"FName", employee.department}};
    refer(row, "FUseOrgId", employee.organisation);
    if (!employee.active) row["FForbidDate"] = Site::local_text(employee.left_ms);
    store().create("employees", std::to_string(id), std::move(row), Origin::load);
    // A salesperson sells for an organisation; this firm's sell for all of them.
    const bool sells = employee.role == huiliu::twin::EmployeeRole::sales ||
                       employee.role == huiliu::twin::EmployeeRole::sales_manager;
    std::int64_t part = 0;
    for (const auto& organisation : world.organisations) {
      if (!sells) break;
      const std::int64_t saler = id * 10 + part++;
      store().create("salespersons", std::to_string(saler),
                     {{"FID", saler},
                      {"FNumber", employee.number},
                      {"FName", employee.name},
                      {"FEmpNumber", employee.number},
                      {"FBizOrgId", json::object{{"FNumber", organisation.number}}},
                      {"FForbidStatus", employee.active ? "A" : "B"}},
                     Origin::load);
    }
  }
  const huiliu::twin::SystemData& data = world.system("kingdee");
  // Contacts first: a customer's contacts tab refers to them.
  std::map<std::uint32_t, json::array> people;
  for (const SystemContact& contact : data.contacts) {
    const std::int64_t contact_id = std::stoll(contact_key(contact));
    const std::string digits = std::to_string(contact.ordinal);
    const std::string number = "LXR" + std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
    json::object row{{"FCONTACTID", contact_id}, {"FNumber", number}, {"FName", contact.name}};
    put(row, "FMobile", contact.mobile);
    put(row, "FTel", contact.phone);
    put(row, "FEmail", contact.email);
    put(row, "FPost", contact.position);
    if (!contact.gender.empty())
      row["FSex"] = json::object{{"FNumber", contact.gender == "女" ? "2" : "1"}, {"FName", contact.gender}};
    if (!contact.customers.empty()) {
      const std::string customer = data.customers[contact.customers.front()].number;
      row["FCompanyType"] = "BD_Customer";
      refer(row, "FCompany", customer);
      refer(row, "FCustId", customer);
    }
    set_life_cycle(row, Approval::approved, contact.created_ms, contact.modified_ms);
    store().create("contacts", std::to_string(contact_id), std::move(row), Origin::load);
    for (const std::uint32_t index : contact.customers)
      people[index].push_back(json::object{{"FEntryID", site_.next_entry_id()},
                                           {"FContactId", json::object{{"FNumber", number}}},
                                           {"FIsDefaultConsigneeCT", contact.is_default}});
  }
  std::map<std::string, json::array> credits;  // by organisation
  for (std::uint32_t index = 0; index < data.customers.size(); ++index) {
    const SystemCustomer& customer = data.customers[index];
    for (const auto& part : customer.parts)
      if (part.credit_limit > 0)
        credits[std::string(part.organisation)].push_back(
            json::object{{"FEntryID", site_.next_entry_id()},
                         {"FOBJECTID", json::object{{"FNumber", customer.number}}},
                         {"FCREDITAMOUNT", part.credit_limit},
                         {"FOVERDAYS", 30}});
    for (std::size_t part = 0; part < std::max<std::size_t>(customer.parts.size(), 1); ++part) {
      json::object row = customer_row(world, customer, part);
      const auto found = people.find(index);
      if (part == 0 && found != people.end()) row["FT_BD_CUSTLOCATION"] = found->second;
      store().create("customers", customer_key(customer, part), std::move(row), Origin::load);
    }
    if (customer.orders > 0 && customer.ordinal < customers_with_bills) add_bills(customer);
  }
  std::int64_t file = first_credit_file;
  for (auto& [organisation, lines] : credits) {
    const std::int64_t file_id = ++file;
    store().create("credits", std::to_string(file_id), {{"FID", file_id}, {"FEntity", std::move(lines)}},
                   Origin::load);
  }
}

/// What a trading customer leaves behind: an order, sometimes what it owes for it, sometimes what it has
/// paid.
void KingdeeTwin::add_bills(const SystemCustomer& customer) {
  const std::int64_t id = first_bill + customer.ordinal;
  const std::string organisation(customer.parts.empty() ? "100" : customer.parts.front().organisation);
  const std::string day = Site::local_text(customer.created_ms).substr(0, 10) + "T00:00:00";
  const std::string created = Site::local_text(customer.created_ms);
  const std::int64_t price = 1'250 + static_cast<std::int64_t>(customer.ordinal % 97) * 10;
  const auto head = [&](std::string_view prefix) {
    json::object bill{{"FID", id},
                      {"FBillNo", std::string(prefix) + std::to_string(id)},
                      {"FDocumentStatus", "C"},
                      {"FCancelStatus", "A"},
                      {"FCreateDate", created},
                      {"FModifyDate", created},
                      {"FApproveDate", created}};
    return bill;
  };
  json::object order = head("XSDD");
  order["FDate"] = day;
  order["FCloseStatus"] = customer.ordinal % 3 == 0 ? "B" : "A";
  refer(order, "FCustId", customer.number);
  refer(order, "FSaleOrgId", organisation);
  refer(order, "FSettleCurrId", currency_number(customer.currency));
  refer(order, "FLocalCurrId", "PRE001");
  order["FExchangeRate"] = 1;
  order["FBillAllAmount"] = json::parse(std::to_string(price * 3) + ".50");
  json::array lines;
  for (const auto& [quantity, total] : {std::pair<int, std::string>{2, std::to_string(price * 2) + ".00"},
                                        {1, std::to_string(price) + ".50"}})
    lines.push_back(json::object{{"FEntryID", site_.next_entry_id()},
                                 {"FMaterialId", json::object{{"FNumber", "WL" + std::to_string(quantity)}}},
                                 {"FQty", quantity},
                                 {"FTaxPrice", price},
                                 {"FAllAmount", json::parse(total)}});
  order["FSaleOrderEntry"] = std::move(lines);
  store().create("orders", std::to_string(id), std::move(order), Origin::load);
  if (customer.ordinal % 2 != 0) return;
  json::object receivable = head("AR");
  receivable["FDATE"] = day;
  receivable["FENDDATE_H"] =
      Site::local_text(customer.created_ms + 30LL * 86'400'000).substr(0, 10) + "T00:00:00";
  receivable["FWRITTENOFFSTATUS"] = customer.ordinal % 4 == 0 ? "C" : "A";
  refer(receivable, "FCUSTOMERID", customer.number);
  refer(receivable, "FSETTLEORGID", organisation);
  refer(receivable, "FSALEORGID", organisation);
  refer(receivable, "FCURRENCYID", currency_number(customer.currency));
  receivable["FALLAMOUNTFOR"] = json::parse(std::to_string(price * 3) + ".50");
  store().create("receivables", std::to_string(id), std::move(receivable), Origin::load);
  if (customer.ordinal % 4 != 0) return;
  json::object receipt = head("SKD");
  receipt["FDATE"] = day;
  receipt["FCONTACTUNITTYPE"] = "BD_Customer";
  refer(receipt, "FCONTACTUNIT", customer.number);
  refer(receipt, "FSETTLEORGID", organisation);
  refer(receipt, "FPAYORGID", organisation);
  refer(receipt, "FCURRENCYID", currency_number(customer.currency));
  receipt["FREALRECAMOUNTFOR"] = json::parse(std::to_string(price * 3) + ".50");
  store().create("receipts", std::to_string(id), std::move(receipt), Origin::load);
}

/// A reference of a loaded record needs its target; where no file brought one, it is made from what the
/// record says.
void KingdeeTwin::ensure_number(std::string_view form_id, const std::string& number, const std::string& name,
                                const std::string& organisation) {
  if (number.empty()) return;
  const FormDef& form = *form_by_id(form_id);
  for (const Record& row : site_.rows_of_number(form, number))
    if (organisation.empty() || number_of(*row, "FBizOrgId") == organisation) return;
  const std::int64_t id = site_.next_id(form);
  json::object row{
      {form.id, id}, {"FNumber", number}, {"FName", name.empty() ? number : name}, {"FForbidStatus", "A"}};
  if (!organisation.empty()) refer(row, "FBizOrgId", organisation);
  store().create(form.stream, std::to_string(id), std::move(row), Origin::load);
}

void KingdeeTwin::load(std::string_view stream, json::object body) {
  const FormDef& form = form_for(stream);
  json::object row = nested(body);
  // A reference may also have come as its bare id or number.
  for (const FieldDef& field : form.fields) {
    if (!row.contains(field.key)) continue;
    json::value& value = row[field.key];
    if (field.type == Type::reference && value.is_string())
      value = json::object{{"FNumber", value.get_string()}};
    if (field.type == Type::date && value.is_string()) {
      const auto date = canonical_date(value.get_string());
      if (!date || *date <= "1900-01-01T00:00:00")
        row.erase(field.key);
      else
        value = json::string(*date);
    }
  }
  const std::string key = key_of(form.stream, row);
  row[form.id] = std::stoll(key);
  if (form.allocated) {
    const std::int64_t master = id_of(row, "FMasterId");
    row["FMasterId"] = master > 0 ? master : std::stoll(key);
    if (number_of(row, "FCreateOrgId").empty()) refer(row, "FCreateOrgId", "100");
    if (number_of(row, "FUseOrgId").empty()) row["FUseOrgId"] = row["FCreateOrgId"];
    if (number_of(row, "FTRADINGCURRID").empty()) refer(row, "FTRADINGCURRID", "PRE001");
    for (const std::string_view reference : {"FCreateOrgId", "FUseOrgId"})
      ensure_number("ORG_Organizations", number_of(row, reference),
                    text_of(row[reference].as_object(), "FName"), "");
    if (const std::string seller = number_of(row, "FSELLER"); !seller.empty())
      ensure_number("BD_Saler", seller, text_of(row["FSELLER"].as_object(), "FName"),
                    number_of(row, "FUseOrgId"));
    if (const json::value* copies = row.if_contains("organisations"); copies != nullptr)
      row.erase("organisations");
  }
  if (form.approved && text_of(row, "FDocumentStatus").empty()) row["FDocumentStatus"] = "C";
  if (text_of(row, "FForbidStatus").empty()) row["FForbidStatus"] = "A";
  for (const std::string_view entry : form.entries)
    if (json::value* list = row.if_contains(entry); list != nullptr && list->is_array())
      for (json::value& element : list->get_array())
        if (json::object* object = element.if_object()) {
          if (id_of(*object, "FEntryID") == 0) (*object)["FEntryID"] = site_.next_entry_id();
          site_.saw_entry_id(id_of(*object, "FEntryID"));
        }
  // A record that only a reference had announced gives way to the real one.
  if (form.form_id == "ORG_Organizations")
    for (const Record& announced : site_.rows_of_number(form, text_of(row, "FNumber")))
      store().remove(form.stream, std::to_string(id_of(*announced, form.id)), Origin::load);
  store().create(form.stream, key, std::move(row), Origin::load);
}

void KingdeeTwin::edit(std::string_view stream, std::string_view key, const json::object& fields,
                       std::string_view as) {
  const FormDef& form = form_for(stream);
  product_.edit(form, id_of({{"id", key}}, "id"), fields, as);
}

std::string KingdeeTwin::create(std::string_view stream, json::object fields, std::string_view as) {
  return std::to_string(product_.create(form_for(stream), fields, as));
}

}  // namespace kingdee_twin

namespace huiliu::twin::vendors {

VendorEntry kingdee() {
  return {"kingdee", "kingdee",
          [](const TwinOptions& options) -> std::unique_ptr<Twin> {
            return std::make_unique<kingdee_twin::KingdeeTwin>(options);
          },
          // Copies for other organisations are parts of one record, not records.
          [](const SystemCustomer& customer) -> std::vector<RecordName> {
            return {{"customers", kingdee_twin::customer_key(customer, 0)}};
          },
          [](const SystemContact& contact) -> std::vector<RecordName> {
            return {{"contacts", kingdee_twin::contact_key(contact)}};
          }};
}

}  // namespace huiliu::twin::vendors
