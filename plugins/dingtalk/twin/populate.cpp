// How a generated world looks in DingTalk.
#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "plugins/dingtalk/src/beijing_time.hpp"
#include "plugins/dingtalk/twin/dice.hpp"
#include "plugins/dingtalk/twin/dingtalk_twin.hpp"

namespace dingtalk::twin {
namespace {

using huiliu::twin::Employee;
using huiliu::twin::kNone;
using huiliu::twin::Lifecycle;
using huiliu::twin::RecordName;
using huiliu::twin::SystemContact;
using huiliu::twin::SystemCustomer;
using huiliu::twin::SystemData;

constexpr std::uint64_t kCustomerSalt = 11;
constexpr std::uint64_t kContactSalt = 12;
constexpr std::uint64_t kPersonSalt = 13;
constexpr std::uint32_t kInAddressBook = 12;  // every such contact of the CRM
constexpr std::int64_t kFirstLabel = 7001;
constexpr std::int64_t kFirstDepartment = 50'001;

const char* status_of(Lifecycle lifecycle) {
  switch (lifecycle) {
    case Lifecycle::lead:
      return "线索";
    case Lifecycle::prospect:
      return "潜在客户";
    case Lifecycle::customer:
      return "正式客户";
  }
  return "";
}

std::string owner_of(const World& world, std::uint32_t employee) {
  return employee == kNone ? std::string() : user_id(world.employees[employee].number);
}

// "省,市,区,街道,详细": the levels as far as they were entered.
std::string address_of(const SystemCustomer& customer) {
  if (customer.province.empty() && customer.address.empty()) return {};
  std::string text;
  text.append(customer.province).append(",").append(customer.city).append(",").append(customer.county);
  return text.append(",,").append(customer.address);
}

json::object data_of(const SystemCustomer& customer) {
  json::object data{{"customer_name", customer.name},
                    {"customer_follow_up_status", status_of(customer.lifecycle)}};
  const auto put = [&](const std::string& key, std::string_view text) {
    if (!text.empty()) data[key] = text;  // a field never entered is not shown
  };
  put("address", address_of(customer));
  const json::object keys = customer_field_keys();
  const auto custom = [&](std::string_view name, std::string_view text) {
    put(std::string(keys.at(name).as_string()), text);
  };
  custom("number", customer.number);
  custom("uscc", customer.credit_code);
  custom("tax_no", customer.tax_number);
  custom("short_name", customer.short_name);
  custom("phone", customer.phone);
  custom("fax", customer.fax);
  custom("email", customer.email);
  custom("website", customer.website);
  custom("industry", customer.industry);
  custom("level", customer.level);
  custom("source", customer.source);
  custom("remark", customer.remark);
  return data;
}

json::object customer_body(const World& world, const SystemCustomer& customer) {
  const std::string owner = owner_of(world, customer.owner);
  json::array owners;
  if (!owner.empty()) owners.emplace_back(owner);
  return {{"instanceId", customer_key(customer.ordinal)},
          {"objectType", "crm_customer"},
          {"creatorUserId", owner.empty() ? user_id("E1002") : owner},
          {"creatorNick", ""},
          {"data", data_of(customer)},
          {"extendData", json::object{}},
          {"permission", {{"ownerStaffIds", owners}, {"participantStaffIds", json::array{}}}},
          {"appUuid", "SWAPP-TWIN"},
          {"formCode", "PROC-TWIN-CUSTOMER"},
          {"procOutResult", "agree"},
          {"procInstStatus", "COMPLETED"},
          {"gmtCreate", beijing_text(customer.created_ms / 1000)},
          {"gmtModified", beijing_text(customer.modified_ms / 1000)}};
}

json::object relation_of(const SystemData& data, const SystemContact& contact) {
  json::array names;
  json::array list;
  for (const std::uint32_t index : contact.customers) {
    const SystemCustomer& customer = data.customers[index];
    names.emplace_back(customer.name);
    list.push_back(json::object{{"instanceId", customer_key(customer.ordinal)}});
  }
  return {{"value", json::serialize(names)}, {"extendValue", json::serialize(json::object{{"list", list}})}};
}

json::object contact_body(const World& world, const SystemData& data, const SystemContact& contact) {
  json::object fields{{"contact_name", contact.name}};
  const auto put = [&](const std::string& key, std::string_view text) {
    if (!text.empty()) fields[key] = text;
  };
  put("contact_phone", contact.mobile);
  if (!contact.position.empty())
    fields["contact_position"] =
        json::serialize(json::array{json::string(std::string_view(contact.position))});
  if (!contact.customers.empty()) fields["contact_related_customer"] = relation_of(data, contact);
  const json::object keys = contact_field_keys();
  put(std::string(keys.at("email").as_string()), contact.email);
  put(std::string(keys.at("department").as_string()), contact.department);
  put(std::string(keys.at("decision_role").as_string()), contact.decision_role);
  put(std::string(keys.at("phone").as_string()), contact.phone);
  std::string owner;
  if (!contact.customers.empty()) owner = owner_of(world, data.customers[contact.customers.front()].owner);
  json::array owners;
  if (!owner.empty()) owners.emplace_back(owner);
  return {{"instanceId", contact_key(contact.ordinal)},
          {"objectType", "crm_contact"},
          {"creatorUserId", owner.empty() ? user_id("E1002") : owner},
          {"data", std::move(fields)},
          {"extendData", json::object{}},
          {"permission", {{"ownerUserIds", owners}, {"participantUserIds", json::array{}}}},
          {"formCode", "PROC-TWIN-CONTACT"},
          {"procOutResult", "agree"},
          {"procInstStatus", "COMPLETED"},
          {"gmtCreate", beijing_text(contact.created_ms / 1000)},
          {"gmtModified", beijing_text(contact.modified_ms / 1000)}};
}

json::object person_body(const World& world, const SystemData& data, const SystemContact& contact) {
  const SystemCustomer& customer = data.customers[contact.customers.front()];
  const bool owned = customer.owner != kNone && world.employees[customer.owner].active;
  return {{"userid", person_key(contact)},
          {"name", contact.name},
          {"mobile", contact.mobile},
          {"state_code", "86"},
          {"company_name", customer.name},
          {"title", contact.position},
          {"email", contact.email},
          {"address", ""},
          {"remark", ""},
          {"follower_user_id", owned ? owner_of(world, customer.owner) : user_id("E1002")},
          {"label_ids", json::array{kFirstLabel}},
          {"share_dept_ids", json::array{}},
          {"share_user_ids", json::array{}}};
}

json::object department_body(std::int64_t id, const std::string& name, std::int64_t parent) {
  return {{"dept_id", id},
          {"name", name},
          {"parent_id", parent},
          {"create_dept_group", false},
          {"auto_add_user", false}};
}

json::object user_body(const Employee& employee, std::int64_t department, std::size_t place) {
  return {{"userid", user_id(employee.number)},
          {"unionid", "union" + hex_of(mixed(place))},
          {"name", employee.name},
          {"avatar", ""},
          {"state_code", "86"},
          {"mobile", employee.mobile},
          {"hide_mobile", false},
          {"telephone", ""},
          {"job_number", employee.number},
          {"title", ""},
          {"email", employee.email},
          {"org_email", employee.email},
          {"dept_id_list", json::array{department}},
          {"extension", R"({"爱好":"羽毛球"})"},
          {"active", true},
          {"admin", false},
          {"boss", false},
          {"leader", employee.role == huiliu::twin::EmployeeRole::sales_manager}};
}

}  // namespace

std::string customer_key(std::uint32_t ordinal) { return instance_id(kCustomerSalt, ordinal); }
std::string contact_key(std::uint32_t ordinal) { return instance_id(kContactSalt, ordinal); }
std::string person_key(const SystemContact& contact) {
  const bool listed =
      contact.ordinal % kInAddressBook == 0 && !contact.mobile.empty() && !contact.customers.empty();
  return listed ? "ext" + instance_id(kPersonSalt, contact.ordinal).substr(0, 13) : std::string();
}
std::string user_id(std::string_view employee_number) { return "dt" + std::string(employee_number); }

void DingTalkTwin::populate(const World& world) {
  const auto load_record = [&](std::string_view stream, json::object body) {
    const std::string key = key_of(stream, body);
    store().create(stream, key, std::move(body), Origin::load);
  };
  // Two levels: organisation, then department. Who has left is gone from the directory, though not from the
  // customers that were his.
  std::map<std::string, std::int64_t> departments;
  std::int64_t next = kFirstDepartment;
  const auto department = [&](const std::string& path, const std::string& name, std::int64_t parent) {
    const auto [found, fresh] = departments.emplace(path, next);
    if (fresh) load_record(kDepartments, department_body(next++, name, parent));
    return found->second;
  };
  for (std::size_t place = 0; place < world.employees.size(); ++place) {
    const Employee& employee = world.employees[place];
    if (!employee.active) continue;
    const auto organisation =
        std::find_if(world.organisations.begin(), world.organisations.end(),
                     [&](const auto& candidate) { return candidate.number == employee.organisation; });
    const std::string number(employee.organisation);
    const std::string name(organisation == world.organisations.end() ? employee.organisation
                                                                     : organisation->short_name);
    const std::int64_t above = department(number, name, 1);
    const std::int64_t own =
        department(number + "/" + std::string(employee.department), std::string(employee.department), above);
    load_record(kEmployees, user_body(employee, own, place));
  }
  for (json::object& label : usual_labels()) load_record(kLabels, std::move(label));
  const SystemData& data = world.system("dingtalk");
  for (const SystemCustomer& customer : data.customers)
    load_record(kCustomers, customer_body(world, customer));
  for (const SystemContact& contact : data.contacts) {
    load_record(kContacts, contact_body(world, data, contact));
    if (!person_key(contact).empty()) load_record(kPeople, person_body(world, data, contact));
  }
}

}  // namespace dingtalk::twin

namespace huiliu::twin::vendors {

VendorEntry dingtalk() {
  return {"dingtalk", "dingtalk",
          [](const TwinOptions& options) -> std::unique_ptr<Twin> {
            return std::make_unique<::dingtalk::twin::DingTalkTwin>(options);
          },
          [](const SystemCustomer& customer) {
            return std::vector<RecordName>{{"customers", ::dingtalk::twin::customer_key(customer.ordinal)}};
          },
          [](const SystemContact& contact) {
            std::vector<RecordName> names{{"contacts", ::dingtalk::twin::contact_key(contact.ordinal)}};
            if (std::string key = ::dingtalk::twin::person_key(contact); !key.empty())
              names.push_back({"external_contacts", std::move(key)});
            return names;
          }};
}

}  // namespace huiliu::twin::vendors
