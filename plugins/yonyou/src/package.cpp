#include "plugins/yonyou/src/package.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "huiliu/plugin.hpp"

namespace yonyou {
namespace {

constexpr std::size_t key_characters = 32;

/// Members of a read that are never sent back.
constexpr std::string_view not_written[] = {"id",          "pubts",         "createTime",
                                            "modifyTime",  "createOrgId",   "createOrgCode",
                                            "belongOrgId", "belongOrgCode", "verifyState"};
constexpr std::string_view nature_names[] = {"enterpriseName", "personName", "orgName"};

std::string hex_of_hash(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  std::string hex;
  for (const unsigned char byte : digest)
    hex.append({"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]});
  return hex;
}

[[noreturn]] void refuse(std::string_view member, const std::string& why) {
  throw huiliu::DataError(why, "not_writable", "/" + std::string(member));
}

/// What goes out for a value: no nulls anywhere, mobiles in the vendor's form.
json::value outgoing(std::string_view name, const json::value& value) {
  if (value.is_null()) return "";
  if (name == "areaCodeMobile" && value.is_string())
    return json::string(area_code_mobile(value.get_string()));
  if (const json::object* object = value.if_object()) {
    json::object out;
    for (const auto& member : *object) out[member.key()] = outgoing(member.key(), member.value());
    return out;
  }
  return value;
}

bool same(const json::value* shown, const json::value& wanted) {
  if (wanted.is_object()) {
    const json::object* object = shown == nullptr ? nullptr : shown->if_object();
    return std::all_of(wanted.get_object().begin(), wanted.get_object().end(), [&](const auto& member) {
      return same(object == nullptr ? nullptr : object->if_contains(member.key()), member.value());
    });
  }
  if (wanted.is_array()) return shown != nullptr && *shown == wanted;
  return (shown == nullptr ? std::string() : scalar_text(*shown)) == scalar_text(wanted);
}

/// A multi-language object goes out whole: what is left out of it would be lost.
json::value merged(const json::value* shown, json::value wanted) {
  const json::object* before = shown == nullptr ? nullptr : shown->if_object();
  if (before == nullptr || !wanted.is_object()) return wanted;
  json::object all = outgoing("", *before).as_object();
  for (const auto& member : wanted.get_object()) all[member.key()] = member.value();
  return all;
}

void note_cleared(std::string path, const json::value& wanted, std::vector<std::string>& cleared) {
  if (const json::object* object = wanted.if_object()) {
    for (const auto& member : *object)
      note_cleared(path + "." + std::string(member.key()), member.value(), cleared);
  } else if (wanted.is_string() && wanted.get_string().empty()) {
    cleared.push_back(std::move(path));
  }
}

/// What every update must repeat. The id is what finds the customer: a number may have been changed
/// meanwhile, and an unknown one would create a customer.
json::object update_head(const Merchant& current) {
  json::object head{{"id", current.head.at("id")}, {"code", text_at(current.head, "code")}};
  for (const std::string_view name : {"createOrgCode", "enterpriseNature", "name"})
    if (const json::value* value = current.head.if_contains(name)) head[name] = outgoing(name, *value);
  if (!head.contains("enterpriseNature")) head["enterpriseNature"] = 0;
  head["belongOrgCode"] = text_at(current.head, "createOrgCode");
  return head;
}

void name_by_nature(json::object& package) {
  const json::value* name = package.if_contains("name");
  if (name == nullptr) return;
  const std::string nature = text_at(package, "enterpriseNature");
  const std::size_t index = nature == "1" ? 1 : nature == "2" ? 2 : 0;
  package[nature_names[index]] = chinese_of(*name);
}

const json::object* default_in(const json::array* list) {
  if (list == nullptr) return nullptr;
  for (const json::value& element : *list)
    if (element.is_object() && flag_at(element.get_object(), "isDefault")) return &element.get_object();
  return nullptr;
}

/// The default child of a list, changed or new. Empty: nothing differs.
json::array default_child(const Merchant& current, std::string_view list_name, const json::object& wanted,
                          const std::string& path, std::vector<std::string>& cleared) {
  const json::array* list = array_at(current.head, list_name);
  const json::object* before = default_in(list);
  json::object child;
  for (const auto& member : wanted) {
    json::value value = outgoing(member.key(), member.value());
    const json::value* shown = before == nullptr ? nullptr : before->if_contains(member.key());
    if (same(shown, value)) continue;
    note_cleared(path + "." + std::string(member.key()), value, cleared);
    child[member.key()] = merged(shown, std::move(value));
  }
  if (child.empty()) return {};
  child["isDefault"] = true;
  if (before != nullptr) {
    child["id"] = before->at("id");
    child["entityStatus"] = "Update";
  } else {
    child["entityStatus"] = "Insert";
  }
  if (list_name == "merchantAgentInvoiceInfos" && !child.contains("title"))
    child["title"] = before != nullptr ? text_at(*before, "title") : chinese_of(current.head.at("name"));
  if (list_name == "merchantAddressInfos") {
    if (!child.contains("address") && before != nullptr) child["address"] = text_at(*before, "address");
    if (before != nullptr)
      child["addressCode"] = text_at(*before, "addressCode");
    else if (!child.contains("addressCode"))
      child["addressCode"] = "HL" + hex_of_hash(json::serialize(wanted)).substr(0, 8);
  }
  return json::array{std::move(child)};
}

void put_defaults(const Merchant& current, const json::object& wanted, UpdatePackage& package) {
  for (const auto& member : wanted) {
    const std::string_view list = member.key() == "invoice"   ? "merchantAgentInvoiceInfos"
                                  : member.key() == "address" ? "merchantAddressInfos"
                                                              : "";
    if (list.empty() || !member.value().is_object())
      refuse("defaults/" + std::string(member.key()),
             "银行账户、专管业务员等由 ERP 维护，不从外部写入 (bank accounts and the like belong to the ERP "
             "and are not written)");
    json::array child = default_child(current, list, member.value().get_object(),
                                      "defaults." + std::string(member.key()), package.cleared);
    if (!child.empty()) package.request[list] = std::move(child);
  }
}

const json::object* part_in(const Merchant& current, const std::string& org) {
  if (org.empty() || org == text_at(current.head, "createOrgId")) return &current.head;
  for (const json::object& user : current.users)
    if (text_at(user, "belongOrgId") == org) return &user;
  return nullptr;
}

void put_parts(const Merchant& current, const json::array& parts, UpdatePackage& package) {
  for (const json::value& element : parts) {
    const json::object* wanted = element.if_object();
    const json::object* detail = wanted == nullptr ? nullptr : object_at(*wanted, "merchantAppliedDetail");
    if (wanted == nullptr) refuse("organisations", "an organisation part is an object");
    const std::string org = text_at(*wanted, "belongOrgId");
    const json::object* before = part_in(current, org);
    if (before == nullptr) package.allocate.push_back(org);
    if (detail == nullptr) continue;
    const json::value value = outgoing("", *detail);
    if (before != nullptr && same(before->if_contains("merchantAppliedDetail"), value)) continue;
    json::object request = update_head(current);
    request["merchantAppliedDetail"] = value;
    if (before != &current.head) {
      request.erase("belongOrgCode");
      if (const std::string code = text_at(*wanted, "belongOrgCode"); !code.empty())
        request["belongOrgCode"] = code;
      else if (before != nullptr)
        request["belongOrgCode"] = text_at(*before, "belongOrgCode");
      else
        request["belongOrgId"] = org;
    }
    package.parts.push_back(std::move(request));
  }
}

std::string member_text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? std::string() : chinese_of(*value);
}

}  // namespace

std::string resubmit_key(std::string_view operation_id) {
  return hex_of_hash(operation_id).substr(0, key_characters);
}

std::string hub_code(const Settings& settings, std::string_view operation_id) {
  std::string code = settings.code_prefix;
  for (const char c : hex_of_hash("code " + std::string(operation_id)).substr(0, 10))
    code += c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  return code;
}

json::object create_package(const Settings& settings, const json::object& body,
                            std::string_view operation_id) {
  json::object data{{"resubmitCheckKey", resubmit_key(operation_id)}};
  for (const auto& member : body) {
    const std::string_view name = member.key();
    if (name == "defaults" || name == "organisations" || name == "stopStatus" || name == "id") continue;
    if (member.value().is_null()) continue;
    data[name] = outgoing(name, member.value());
  }
  if (member_text(data, "name").empty()) refuse("name", "客户名称不能为空 (a customer needs a name)");
  if (text_at(data, "code").empty() && !settings.auto_code) data["code"] = hub_code(settings, operation_id);
  if (text_at(data, "createOrgCode").empty()) data["createOrgCode"] = settings.create_org;
  if (!data.contains("enterpriseNature")) data["enterpriseNature"] = 0;
  if (!text_at(data, "creditCode").empty() && !data.contains("licenseType")) data["licenseType"] = 0;
  name_by_nature(data);
  const json::object* defaults = object_at(body, "defaults");
  const Merchant blank{data, {}, {}};
  if (defaults != nullptr) {
    UpdatePackage children;
    put_defaults(blank, *defaults, children);
    for (auto& member : children.request) data[member.key()] = std::move(member.value());
  }
  return data;
}

UpdatePackage update_package(const Merchant& current, const json::object& body) {
  UpdatePackage package;
  bool renamed = false;
  for (const auto& member : body) {
    const std::string_view name = member.key();
    if (name == "stopStatus") {
      const bool wanted = flag_at(body, name);
      if (wanted != flag_at(current.head, name)) package.stop = wanted;
      continue;
    }
    if (name == "defaults") {
      if (member.value().is_object()) put_defaults(current, member.value().get_object(), package);
      continue;
    }
    if (name == "organisations") {
      if (member.value().is_array()) put_parts(current, member.value().get_array(), package);
      continue;
    }
    if (std::find(std::begin(not_written), std::end(not_written), name) != std::end(not_written)) continue;
    json::value value = outgoing(name, member.value());
    const json::value* shown = current.head.if_contains(name);
    if (same(shown, value)) continue;
    note_cleared(std::string(name), value, package.cleared);
    renamed = renamed || name == "name" || name == "enterpriseNature";
    package.request[name] = merged(shown, std::move(value));
  }
  if (package.request.empty()) return package;
  json::object request = update_head(current);
  for (auto& member : package.request) request[member.key()] = std::move(member.value());
  if (!text_at(request, "creditCode").empty() && text_at(current.head, "licenseType").empty())
    request["licenseType"] = 0;
  if (renamed) name_by_nature(request);
  package.request = std::move(request);
  return package;
}

UpdatePackage contact_package(const Merchant& current, std::string_view contact_id,
                              const json::object& body) {
  UpdatePackage package;
  const json::array* list = array_at(current.head, "merchantContactInfos");
  const json::object* before = nullptr;
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i)
    if (const json::object* one = (*list)[i].if_object(); one != nullptr && text_at(*one, "id") == contact_id)
      before = one;
  const bool is_new = contact_id.empty();
  json::object child;
  for (const auto& member : body) {
    const std::string_view name = member.key();
    if (name == "merchantId" || name == "merchantCode" || name == "contactKey" || name == "id") continue;
    json::value value = outgoing(name, member.value());
    const json::value* shown = before == nullptr ? nullptr : before->if_contains(name);
    if (same(shown, value)) continue;
    note_cleared(std::string(name), value, package.cleared);
    child[name] = merged(shown, std::move(value));
  }
  if (child.empty()) return package;
  if (is_new && member_text(child, "fullName").empty())
    refuse("fullName", "联系人姓名不能为空 (a contact needs a name)");
  // Exactly one default in the list: the first contact is it, and who takes the flag takes it from another.
  const json::object* other_default = default_in(list);
  if (other_default == before) other_default = nullptr;
  const bool wants = child.contains("isDefault") ? flag_at(child, "isDefault")
                     : before != nullptr         ? flag_at(*before, "isDefault")
                                                 : other_default == nullptr;
  child["isDefault"] = wants || other_default == nullptr;
  if (before != nullptr) {
    child["id"] = before->at("id");
    if (!child.contains("fullName")) child["fullName"] = outgoing("fullName", before->at("fullName"));
  }
  child["entityStatus"] = is_new ? "Insert" : "Update";
  json::array children{child};
  if (flag_at(child, "isDefault") && other_default != nullptr)
    children.push_back(json::object{{"id", other_default->at("id")},
                                    {"entityStatus", "Update"},
                                    {"fullName", outgoing("fullName", other_default->at("fullName"))},
                                    {"isDefault", false}});
  package.request = update_head(current);
  package.request["merchantContactInfos"] = std::move(children);
  return package;
}

std::string same_contact(const Merchant& current, const json::object& body) {
  const json::array* list = array_at(current.head, "merchantContactInfos");
  const std::string name = member_text(body, "fullName"),
                    mobile = area_code_mobile(text_at(body, "areaCodeMobile"));
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const json::object* one = (*list)[i].if_object();
    if (one != nullptr && member_text(*one, "fullName") == name &&
        area_code_mobile(text_at(*one, "areaCodeMobile")) == mobile)
      return text_at(*one, "id");
  }
  return {};
}

bool moved_under(const json::object& base, const json::object& now, const json::object& body) {
  return std::any_of(body.begin(), body.end(), [&](const auto& member) {
    const json::value* before = base.if_contains(member.key());
    const json::value* after = now.if_contains(member.key());
    if (before == nullptr || after == nullptr) return before != after;
    return !same(before, *after) || !same(after, *before);
  });
}

bool is_empty_at(const json::object& body, std::string_view path) {
  const std::size_t dot = path.find('.');
  const json::value* value = body.if_contains(path.substr(0, dot));
  if (value == nullptr || value->is_null()) return true;
  if (dot == std::string_view::npos) return value->is_string() && value->get_string().empty();
  const json::object* inner = value->if_object();
  return inner == nullptr || is_empty_at(*inner, path.substr(dot + 1));
}

}  // namespace yonyou
