// How a generated world looks in WeCom.
#include <algorithm>

#include "plugins/wecom/twin/dice.hpp"
#include "plugins/wecom/twin/wecom_twin.hpp"

namespace wecom::twin {
namespace {

using huiliu::twin::ChatPerson;
using huiliu::twin::ChatRelation;
using huiliu::twin::Employee;
using huiliu::twin::RecordName;
using huiliu::twin::SystemContact;

constexpr std::uint64_t kContactSalt = 21, kTagSalt = 22, kUnionSalt = 23, kChatSalt = 24;
constexpr std::int64_t kRoot = 1;

json::object department_body(std::int64_t id, std::string_view name, std::int64_t parent) {
  return {{"id", id},           {"name", name},
          {"name_en", ""},      {"department_leader", json::array{}},
          {"parentid", parent}, {"order", 100'000'000 - id}};
}

json::object user_body(const Employee& employee, std::int64_t department) {
  const bool leads = employee.role == huiliu::twin::EmployeeRole::sales_manager;
  return {{"userid", user_id(employee.number)},
          {"name", employee.name},
          {"department", json::array{department}},
          {"order", json::array{0}},
          {"position", leads ? "销售主管" : ""},
          {"mobile", employee.mobile},
          {"gender", "0"},
          {"email", employee.email},
          {"biz_mail", employee.email},
          {"is_leader_in_dept", json::array{leads ? 1 : 0}},
          {"alias", ""},
          {"main_department", department},
          {"status", 1}};
}

std::string tag_id(std::string_view name) {
  std::uint64_t number = 7;
  for (const char c : name) number = mixed(number ^ static_cast<unsigned char>(c));
  return "et" + id_text(kTagSalt, number, 30);
}

json::object relation_body(const World& world, const ChatRelation& relation) {
  json::array mobiles, tags;
  for (const std::string& mobile : relation.mobiles) mobiles.emplace_back(mobile);
  for (const std::string_view tag : relation.tags)
    tags.push_back(json::object{{"tag_id", tag_id(tag)}, {"type", 1}});
  const std::string userid = user_id(world.employees[relation.employee].number);
  return {{"userid", userid},
          {"remark", relation.remark},
          {"description", relation.description},
          {"createtime", relation.created_ms / 1000},
          {"tags", std::move(tags)},
          {"remark_corp_name", relation.company},
          {"remark_mobiles", std::move(mobiles)},
          {"add_way", relation.way},
          {"oper_userid", userid},
          {"state", relation.channel}};
}

json::object contact_body(const World& world, const ChatPerson& chat) {
  json::object contact{{"external_userid", contact_key(chat.ordinal)},
                       {"name", chat.nickname},
                       {"type", chat.has_firm_account ? 2 : 1},
                       {"gender", chat.gender}};
  if (chat.has_firm_account) {
    contact["corp_name"] = chat.company;
    contact["corp_full_name"] = chat.full_company;
    contact["position"] = chat.position;
  } else {
    contact["unionid"] = "o" + id_text(kUnionSalt, chat.ordinal, 27);
  }
  json::array followers;
  for (const ChatRelation& relation : chat.relations) followers.push_back(relation_body(world, relation));
  return {{"external_contact", std::move(contact)}, {"follow_user", std::move(followers)}};
}

}  // namespace

std::string contact_key(std::uint32_t ordinal) { return "wm" + id_text(kContactSalt, ordinal, 30); }
std::string user_id(std::string_view employee_number) { return std::string(employee_number); }

void WeComTwin::populate(const World& world) {
  const auto put = [&](std::string_view stream, json::object body) {
    const std::string key = key_of(stream, body);
    store().create(stream, key, std::move(body), Origin::load);
  };
  put(kDepartments, department_body(kRoot, world.organisations.front().name, 0));
  std::map<std::string, std::int64_t> departments;
  const auto department = [&](const std::string& path, std::string_view name, std::int64_t parent) {
    const auto [found, fresh] =
        departments.emplace(path, kRoot + 1 + static_cast<std::int64_t>(departments.size()));
    if (fresh) put(kDepartments, department_body(found->second, name, parent));
    return found->second;
  };
  for (const Employee& employee : world.employees) {
    if (!employee.active) continue;  // who has left is gone from the directory
    const auto organisation =
        std::find_if(world.organisations.begin(), world.organisations.end(),
                     [&](const auto& candidate) { return candidate.number == employee.organisation; });
    const std::string number(employee.organisation);
    const std::int64_t above = department(
        number, organisation == world.organisations.end() ? employee.organisation : organisation->short_name,
        kRoot);
    put(kEmployees,
        user_body(employee, department(number + "/" + employee.department, employee.department, above)));
  }
  std::map<std::string_view, std::string> groups{{"等级A", "等级"}, {"等级B", "等级"}};
  for (const ChatPerson& chat : world.chat_persons)
    for (const ChatRelation& relation : chat.relations)
      for (const std::string_view tag : relation.tags) {
        const std::string group = groups.contains(tag) ? groups.at(tag) : "标记";
        if (!store().find(kTags, tag_id(tag)))
          put(kTags, {{"id", tag_id(tag)},
                      {"name", tag},
                      {"group_id", "eg" + tag_id(group).substr(2)},
                      {"group_name", group},
                      {"create_time", world.options.now_ms / 1000 - 86'400 * 900},
                      {"order", 0}});
      }
  for (const ChatPerson& chat : world.chat_persons) put(kContacts, contact_body(world, chat));
  if (world.chat_persons.empty()) return;
  const ChatPerson& first = world.chat_persons.front();
  const std::string owner = user_id(world.employees[first.relations.front().employee].number);
  put(kChats,
      {{"chat_id", "wr" + id_text(kChatSalt, 1, 30)},
       {"name", "售后服务群"},
       {"owner", owner},
       {"create_time", world.options.now_ms / 1000 - 86'400 * 100},
       {"notice", ""},
       {"member_list", json::array{json::object{{"userid", owner},
                                                {"type", 1},
                                                {"join_time", world.options.now_ms / 1000 - 86'400 * 100},
                                                {"join_scene", 1}},
                                   json::object{{"userid", contact_key(first.ordinal)},
                                                {"type", 2},
                                                {"join_time", world.options.now_ms / 1000 - 86'400 * 99},
                                                {"join_scene", 1},
                                                {"name", first.nickname}}}},
       {"admin_list", json::array{}},
       {"member_version", id_text(kChatSalt, 2, 16)}});
}

}  // namespace wecom::twin

namespace huiliu::twin::vendors {

// Chat persons are contacts; WeCom has no customers.
VendorEntry wecom() {
  return {
      "wecom", "wecom",
      [](const TwinOptions& options) -> std::unique_ptr<Twin> {
        return std::make_unique<::wecom::twin::WeComTwin>(options);
      },
      nullptr,
      [](const SystemContact& contact) {
        return std::vector<RecordName>{{"external_contacts", ::wecom::twin::contact_key(contact.ordinal)}};
      }};
}

}  // namespace huiliu::twin::vendors
